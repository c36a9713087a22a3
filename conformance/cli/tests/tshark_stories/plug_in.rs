//! Stock tshark with `pcaps/wireshark/mip6tls.lua`.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::missing;

/// The name of a field that is there when something is wrong.
pub(crate) type Fault = &'static str;

const FAULTS: [Fault; 13] = [
    "mip6tls.fault.short",
    "mip6tls.fault.ptype",
    "mip6tls.fault.plain_spi",
    "mip6tls.fault.plain_seq",
    "mip6tls.fault.no_spi",
    "mip6tls.fault.inner",
    "mip6hac.fault.ver",
    "mip6hac.fault.rsrvd",
    "mip6hac.fault.identifier",
    "mip6hac.fault.empty",
    "mip6hac.fault.line",
    "mip6hac.fault.after_end",
    "mip6hac.fault.after_auth",
];

const FIELDS: [&str; 13] = [
    "frame.number",
    "mip6tls.ptype",
    "mip6tls.spi",
    "mip6tls.seq",
    "mip6tls.iv",
    "mip6tls.ciphertext",
    "mip6tls.icv",
    "udp.length",
    "mip6hac.identifier",
    "mip6hac.length",
    "mip6hac.status",
    "mip6hac.name",
    "mip6hac.value",
];

/// Between the values of a field; no value in our captures has it.
const SEPARATOR: char = '|';

/// Octets of a UDP header.
const UDP_HEADER: usize = 8;

/// What the plug-in says of one frame.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) frame: u64,
    pub(crate) ptype: String,
    pub(crate) spi: String,
    pub(crate) sequence: String,
    pub(crate) iv: String,
    pub(crate) ciphertext: String,
    pub(crate) icv: String,
    /// Octets of the datagram.
    pub(crate) datagram: usize,
    pub(crate) identifier: String,
    pub(crate) length: String,
    pub(crate) status: String,
    pub(crate) names: Vec<String>,
    pub(crate) values: Vec<String>,
    pub(crate) faults: Vec<Fault>,
}

/// Whether there is no tshark.
pub(crate) fn is_missing() -> bool {
    missing::is_missing("tshark", Command::new("tshark").arg("--version"))
}

/// The octets of the IV in a story's packets: its SAs have one suite.
pub(crate) fn iv_octets(story: &Path) -> usize {
    let text = fs::read_to_string(story.join("sa.json")).expect("every story has its SAs");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    let suites = file["associations"].as_array().expect("a list").iter();
    let octets = suites.map(|sa| match sa["suite"].as_str().expect("a suite") {
        "NULL_SHA" | "NULL_SHA256" => 0,
        "3DES_EDE_CBC_SHA" => 8,
        "AES_128_CBC_SHA" | "AES_128_CBC_SHA256" => 16,
        other => panic!("the suite {other}"),
    });
    octets.max().unwrap_or_default()
}

/// All frames of a story.
pub(crate) fn rows(story: &Path) -> Vec<Row> {
    let dissector = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps/wireshark/mip6tls.lua");
    let iv = match iv_octets(story) {
        0 => "none (NULL)",
        8 => "8 (3DES)",
        _ => "16 (AES)",
    };
    let mut tshark = Command::new("tshark");
    tshark.args(["-X", &format!("lua_script:{}", dissector.display())]);
    tshark.arg("-r").arg(story.join("capture.pcapng"));
    tshark.args(["-o", "mip6hac.port:4433", "-o", &format!("mip6tls.iv:{iv}")]);
    tshark.args(["-T", "fields", "-E", &format!("aggregator={SEPARATOR}")]);
    tshark.args(FIELDS.iter().chain(&FAULTS).flat_map(|field| ["-e", field]));
    let output = tshark.output().expect("tshark is there");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !complaints.contains("Lua"), "{complaints}");
    String::from_utf8_lossy(&output.stdout).lines().map(row).collect()
}

fn row(line: &str) -> Row {
    let mut cells = line.split('\t');
    let mut cell = || cells.next().unwrap_or_default().to_owned();
    let list = |cell: String| cell.split(SEPARATOR).map(str::to_owned).collect();
    Row {
        frame: cell().parse().expect("a number"),
        ptype: cell(),
        spi: cell(),
        sequence: cell(),
        iv: cell(),
        ciphertext: cell(),
        icv: cell(),
        datagram: cell().parse().map_or(0, |length: usize| length - UDP_HEADER),
        identifier: cell(),
        length: cell(),
        status: cell(),
        names: list(cell()),
        values: list(cell()),
        faults: FAULTS.into_iter().filter(|_| !cell().is_empty()).collect(),
    }
}
