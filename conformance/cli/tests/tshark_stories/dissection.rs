//! What `mip6-conform dissect` says of a story, as lines of JSON.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::plug_in::iv_octets;

/// Messages and packets in the order of the capture.
pub(crate) struct Dissection {
    pub(crate) messages: Vec<Message>,
    pub(crate) packets: Vec<Packet>,
    /// Octets of the IV under the story's SAs.
    pub(crate) iv_octets: usize,
}

#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) frame: u64,
    pub(crate) identifier: u64,
    pub(crate) status: Option<String>,
    pub(crate) headers: Vec<Header>,
}

#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) name: String,
    /// Nothing where it may be a key.
    pub(crate) value: Option<String>,
    pub(crate) offset: usize,
    pub(crate) length: usize,
}

#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) frame: u64,
    pub(crate) ptype: u64,
    pub(crate) spi: u64,
    pub(crate) sequence: u64,
    /// The rules that it breaks.
    pub(crate) requirements: Vec<String>,
}

/// The dissection of a story, with all its keys.
pub(crate) fn dissection(story: &Path) -> Dissection {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mip6-conform"));
    command.arg("dissect").arg(story.join("capture.pcapng")).args(["--format", "ndjson"]);
    command.arg("--psk").arg(story.join("identities.json")).arg("--sa").arg(story.join("sa.json"));
    if story.join("msk.txt").is_file() {
        command.arg("--msk").arg(story.join("msk.txt"));
    }
    let output = command.output().expect("cargo has built the program");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let records: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line is a record")).collect();
    let of = |kind: &'static str| records.iter().filter(move |record| record["type"] == kind);
    Dissection {
        messages: of("message").map(message).collect(),
        packets: of("packet").map(packet).collect(),
        iv_octets: iv_octets(story),
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn message(record: &Value) -> Message {
    let header = |header: &Value| Header {
        name: text(&header["name"]),
        value: header["value"].as_str().map(str::to_owned),
        offset: usize::try_from(number(&header["offset"])).expect("small"),
        length: usize::try_from(number(&header["length"])).expect("small"),
    };
    Message {
        frame: number(&record["frame"]),
        identifier: number(&record["identifier"]),
        status: record["status"].as_u64().map(|status| status.to_string()),
        headers: record["headers"].as_array().expect("a list").iter().map(header).collect(),
    }
}

fn packet(record: &Value) -> Packet {
    let findings = record["breaks"].as_array().expect("a list").iter();
    Packet {
        frame: number(&record["frame"]),
        ptype: number(&record["ptype"]),
        spi: number(&record["spi"]),
        sequence: number(&record["sequence"]),
        requirements: findings.map(text).collect(),
    }
}
