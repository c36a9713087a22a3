//! A packet between MN and HA as records.

use dissect::{Content, Inner, Message, Packet, Sender};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Found, Record, seconds};

/// A packet (RFC 6618 section 6).
#[derive(Serialize, JsonSchema)]
pub(crate) struct Sent {
    /// Number of its frame, from 1.
    pub(crate) frame: u64,
    /// Seconds since the first frame.
    pub(crate) time: Option<f64>,
    /// Address, and port where there is one.
    pub(crate) source: String,
    /// Address, and port where there is one.
    pub(crate) destination: String,
    /// Who sends, by the port of the HA or by the key: `mn` or `ha`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sender: Option<&'static str>,
    /// The MN, where its SA tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mn_id: Option<String>,
    /// PType.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ptype: Option<u8>,
    /// SPI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) spi: Option<u32>,
    /// Sequence Number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sequence: Option<u32>,
    /// What it is.
    pub(crate) kind: &'static str,
    /// In words.
    pub(crate) says: String,
    /// The rules that it breaks; a record of type `finding` follows for each.
    pub(crate) breaks: Vec<String>,
}

impl Sent {
    /// The packet, then what is wrong with it.
    pub(super) fn records(packet: &Packet<'_>) -> Vec<Record> {
        let sent = Self::of(packet);
        let place = |found: Found| Found {
            time: sent.time,
            sender: sent.sender,
            mn_id: sent.mn_id.clone(),
            spi: sent.spi,
            ..found
        };
        let findings = packet.line.findings.iter();
        let behind: Vec<Record> =
            findings.map(|finding| Record::Finding(place(Found::of(finding)))).collect();
        core::iter::once(Record::Packet(sent)).chain(behind).collect()
    }

    fn of(packet: &Packet<'_>) -> Self {
        let line = &packet.line;
        let header = line.packet.header;
        Self {
            frame: line.frame,
            time: line.at.map(seconds),
            source: line.from.to_string(),
            destination: line.to.to_string(),
            sender: match packet.sender {
                Some(Sender::Mn) => Some("mn"),
                Some(Sender::Ha) => Some("ha"),
                Some(Sender::At(_)) | None => None,
            },
            mn_id: packet.association.as_ref().and_then(|known| known.mn_id.as_deref().map(str::to_owned)),
            ptype: header.map(|header| header.ptype.0),
            spi: header.map(|header| header.spi),
            sequence: header.map(|header| header.sequence),
            kind: kind(&line.packet.content),
            says: line.packet.to_string(),
            breaks: line.findings.iter().map(|finding| finding.fault.requirement().to_owned()).collect(),
        }
    }
}

const fn kind(content: &Content) -> &'static str {
    match content {
        Content::Inner(Inner::Mobility(mobility)) => match mobility.message {
            Message::Update(_) => "binding-update",
            Message::Ack(_) => "binding-acknowledgement",
            Message::Error { .. } => "binding-error",
            Message::RefreshRequest => "binding-refresh-request",
            _ => "mobility-header",
        },
        Content::Inner(Inner::Ip { .. }) => "user-data",
        Content::Inner(Inner::Dummy) => "dummy",
        Content::Inner(Inner::Unknown(_)) => "unknown",
        Content::Plain(_) => "plain-mobile-ipv6",
        Content::Icmp(_) => "icmpv6",
        Content::Named(_) => "neighbour",
        Content::NoKeys(_) => "no-keys",
        Content::Closed => "not-opened",
        Content::Illegal => "illegal",
        Content::Cut => "cut",
        Content::Keepalive => "keepalive",
    }
}
