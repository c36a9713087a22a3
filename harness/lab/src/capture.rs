//! A capture at an interface of the home node, by dumpcap, and what stock tshark finds in it.

use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::run::{Trouble, is_there};

/// Packets after which a capture is large enough.
const PACKETS: &str = "1500";

/// Echo inside the tunnel is no error.
const ERROR: &str = "icmp.type == 3 || icmpv6.type < 128";

const FIRST_FRAGMENT: &str = "ipv6.fraghdr.more == 1 || ip.flags.mf == 1";

/// A running capture; it ends with this value.
pub(crate) struct Capture {
    dumpcap: Child,
    file: PathBuf,
}

/// What a capture holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Packets in all.
    pub packets: usize,
    /// UDP datagrams of the port between MN and HA.
    pub tunnelled: usize,
    /// Packets of the inner network outside the tunnel.
    pub naked: usize,
    /// Datagrams whose ICV tshark found good with the HA's keys.
    pub verified: usize,
    /// Datagrams whose ICV it found bad.
    pub forged: usize,
    /// What `mip6-conform dissect` says of all.
    pub dissected: Dissected,
}

/// Whether `mip6-conform dissect` has nothing to object to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dissected {
    /// Nothing.
    Clean,
    /// Something.
    Objected,
    /// It is not beside the programs of the reference.
    #[default]
    NotBuilt,
}

/// What opens the packets between MN and HA.
pub(crate) struct OpenedBy<'a> {
    /// Associations, as `mip6-conform dissect` reads them.
    pub(crate) sa: &'a Path,
    /// The HA's address at the interface.
    pub(crate) ha: &'a str,
    /// The folder of `mip6-conform`.
    pub(crate) programs: &'a Path,
}

impl OpenedBy<'_> {
    /// The lines of tshark's `esp_sa` table: it takes PType and SPI for one SPI, and a direction from the addresses.
    fn lines(&self) -> Option<Vec<String>> {
        let text = std::fs::read_to_string(self.sa).ok()?;
        let known: serde_json::Value = serde_json::from_str(&text).ok()?;
        let (version, any) = (if self.ha.contains(':') { "IPv6" } else { "IPv4" }, "*");
        let mut lines = Vec::new();
        for sa in known["associations"].as_array()? {
            let (spi, suite) = (sa["spi"].as_u64()?, sa["suite"].as_str()?);
            if suite != OPENABLE {
                continue;
            }
            for (from, to, keys) in [(any, self.ha, &sa["mn_to_ha"]), (self.ha, any, &sa["ha_to_mn"])] {
                let (ikey, ekey) = (keys["ikey"].as_str()?, keys["ekey"].as_str()?);
                lines.extend([1, 8].map(|ptype: u64| {
                    let word = ptype << 28 | spi;
                    format!(
                        r#""{version}","{from}","{to}","{word:#010x}","AES-CBC [RFC3602]","0x{ekey}","HMAC-SHA-1-96 [RFC2404]","0x{ikey}""#
                    )
                }));
            }
        }
        Some(lines)
    }
}

/// The suite of the labs: one whose ICV tshark can check.
const OPENABLE: &str = "AES_128_CBC_SHA";

impl Capture {
    /// Begins, and returns when packets are being taken; otherwise tells what is missing.
    pub(crate) fn begin(mut dumpcap: Command, interface: &str, file: &Path) -> Result<Self, String> {
        for program in ["dumpcap", "tshark"] {
            if !is_there(program, "--version") {
                return Err(format!("{program} is missing"));
            }
        }
        dumpcap.args(["-q", "-i", interface, "-c", PACKETS, "-w"]).arg(file);
        let child = dumpcap.stderr(Stdio::piped()).stdout(Stdio::null()).spawn();
        let mut capture =
            Self { dumpcap: child.map_err(|error| format!("dumpcap: {error}"))?, file: file.into() };
        let says = capture.dumpcap.stderr.take().ok_or("dumpcap says nothing")?;
        let mut lines = BufReader::new(says);
        let mut heard = String::new();
        // It names the file when it has opened the interface.
        while !heard.contains("File: ") {
            match lines.read_line(&mut heard) {
                Ok(0) | Err(_) => return Err(format!("dumpcap: {}", heard.trim())),
                Ok(_) => {}
            }
        }
        // Whoever does not read must not stop it.
        std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
        Ok(capture)
    }

    /// Ends, and reads what there is.
    pub(crate) fn end(mut self, keys: &OpenedBy<'_>) -> Result<Seen, Trouble> {
        let pid = self.dumpcap.id();
        let told = Command::new("sh").args(["-c", &format!("kill -TERM {pid} 2>/dev/null")]).status();
        told.and_then(|_| self.dumpcap.wait()).map_err(|error| Trouble::new("dumpcap", "its end", error))?;
        let mut opening = vec!["-d".into(), "udp.port==7872,udpencap".into()];
        for check in ["esp.enable_authentication_check:TRUE", "esp.enable_encryption_decode:TRUE"] {
            opening.extend(["-o".into(), check.into()]);
        }
        for line in keys.lines().unwrap_or_default() {
            opening.extend(["-o".into(), format!("uat:esp_sa:{line}")]);
        }
        let count = |filter: &str| self.count(filter, &[]);
        Ok(Seen {
            packets: count("frame")?,
            tunnelled: count("udp.port == 7872")?,
            verified: self.count("esp.icv_good == 1", &opening)?,
            // The capture may end between two fragments: the first alone has no ICV to judge. Nor has what an ICMP
            // error quotes.
            forged: self
                .count(&format!("esp.icv_bad == 1 && !({FIRST_FRAGMENT}) && !({ERROR})"), &opening)?,
            dissected: self.dissect(keys)?,
            naked: count("!udp && (ipv6.addr == 2001:db8:c0::/48 || ip.addr == 10.192.0.0/16)")?,
        })
    }

    fn dissect(&self, keys: &OpenedBy<'_>) -> Result<Dissected, Trouble> {
        let program = keys.programs.join("mip6-conform");
        if !program.is_file() {
            return Ok(Dissected::NotBuilt);
        }
        let output = Command::new(program).arg("dissect").arg(&self.file).arg("--sa").arg(keys.sa).output();
        let output = output.map_err(|error| Trouble::new("mip6-conform dissect", "to start", error))?;
        if output.status.success() {
            return Ok(Dissected::Clean);
        }
        let said = [output.stdout, output.stderr].concat();
        println!("{}", String::from_utf8_lossy(&said));
        Ok(Dissected::Objected)
    }

    fn count(&self, filter: &str, opening: &[String]) -> Result<usize, Trouble> {
        let mut tshark = Command::new("tshark");
        tshark.arg("-n").arg("-r").arg(&self.file).args(opening).args([
            "-Y",
            filter,
            "-T",
            "fields",
            "-e",
            "frame.number",
        ]);
        let output = tshark.output().map_err(|error| Trouble::new("tshark", "to read the capture", error))?;
        if !output.status.success() {
            let says = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Trouble::new("tshark", "to read the capture", says));
        }
        Ok(output.stdout.split(|octet| *octet == b'\n').filter(|line| !line.is_empty()).count())
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        let _ = self.dumpcap.kill();
        let _ = self.dumpcap.wait();
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { packets, tunnelled, naked, verified, forged, dissected } = self;
        write!(f, "{packets} packets, {tunnelled} in the tunnel, {naked} of the inner network beside it; ")?;
        write!(f, "tshark: {verified} ICVs good, {forged} bad; mip6-conform dissect: {dissected:?}")
    }
}
