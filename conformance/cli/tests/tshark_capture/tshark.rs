//! Stock tshark over one capture.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::demonstration::Kept;
use crate::missing;

/// Whether there is no tshark.
pub(crate) fn is_missing() -> bool {
    missing::is_missing("tshark", Command::new("tshark").arg("--version"))
}

/// A call that is being put together.
pub(crate) struct Tshark {
    command: Command,
}

/// What tshark says of one packet between MN and HA.
#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) from: String,
    /// PType and SPI in one word, as `0x` and eight hex digits.
    pub(crate) spi: String,
    /// `1`, `0`, or empty where nothing was checked.
    pub(crate) icv_good: String,
    pub(crate) icv_bad: String,
    /// `MH` or `ICMPv6` and the type of the innermost message.
    pub(crate) inside: String,
}

impl Tshark {
    /// Over these octets, without anybody's preferences and plug-ins.
    pub(crate) fn over(name: &str, capture: &[u8]) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let file = folder.join(format!("{name}.pcapng"));
        std::fs::write(&file, capture).expect("cargo's folder for tests can be written");
        Self::new(&file, &folder.join("no_profile"))
    }

    /// Over what a demonstration kept, with its table of SAs.
    pub(crate) fn kept(kept: &Kept) -> Self {
        Self::new(&kept.capture, &kept.profile)
    }

    fn new(file: &Path, profile: &Path) -> Self {
        let mut command = Command::new("tshark");
        command.arg("-n").arg("-r").arg(file).env("WIRESHARK_CONFIG_DIR", profile);
        Self { command }
    }

    pub(crate) fn arguments(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    /// Takes the datagrams of `port` for ESP in UDP, opened with these lines of an `esp_sa` table.
    pub(crate) fn esp(mut self, port: u16, esp_sa: &[String]) -> Self {
        for line in esp_sa {
            self.command.arg("-o").arg(format!("uat:esp_sa:{line}"));
        }
        self.esp_below(&format!("udp.port=={port},udpencap"))
    }

    /// Takes every datagram for ESP in UDP.
    pub(crate) fn esp_in_any_port(self) -> Self {
        self.esp_below("udp.port==1-65535,udpencap")
    }

    fn esp_below(self, decode_as: &str) -> Self {
        let checks = ["esp.enable_authentication_check:TRUE", "esp.enable_encryption_decode:TRUE"];
        self.arguments(&["-d", decode_as, "-o", checks[0], "-o", checks[1]])
    }

    /// What it prints.
    pub(crate) fn text(mut self) -> String {
        let output = self.command.output().expect("tshark was there a moment ago");
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaints}");
        assert!(!complaints.contains("esp_sa"), "tshark does not take our table: {complaints}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The packets between MN and HA, in order.
    pub(crate) fn packets(self) -> Vec<Packet> {
        let fields: Vec<_> = FIELDS.iter().flat_map(|field| ["-e", *field]).collect();
        let text = self.arguments(&["-Y", "esp", "-T", "fields"]).arguments(&fields).text();
        text.lines().map(packet).collect()
    }
}

const FIELDS: [&str; 8] = [
    "ip.src",
    "ipv6.src",
    "esp.icv_good",
    "esp.icv_bad",
    "mip6.mhtype",
    "icmpv6.type",
    "_ws.col.Protocol",
    "esp.spi",
];

fn packet(line: &str) -> Packet {
    let fields: Vec<_> = line.split('\t').collect();
    let field = |at: usize| fields.get(at).copied().unwrap_or_default().to_owned();
    // The outer address comes first; an inner packet has one of its own.
    let outer = |at: usize| field(at).split(',').next().unwrap_or_default().to_owned();
    let from = if outer(0).is_empty() { outer(1) } else { outer(0) };
    let (mobility, icmp) = (field(4), field(5));
    let inside = match (mobility.as_str(), icmp.as_str()) {
        ("", "") => field(6),
        ("", icmp) => format!("ICMPv6 {icmp}"),
        (mobility, _) => format!("MH {mobility}"),
    };
    Packet { from, spi: field(7), icv_good: field(2), icv_bad: field(3), inside }
}
