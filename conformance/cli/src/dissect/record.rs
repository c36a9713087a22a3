//! What a dissection tells, as data: one record for each message, packet, finding and remark, and one at the end.
//!
//! The fields lie flat, so that a table can be made of them. Secrets are never in a record.

use crypto::auth::Direction;
use dissect::conversation::{self, Remark, Unseen};
use dissect::{Content, Endpoint, Event, Finding, Inner, Message, Packet, Sender, Since, Summary};
use schemars::JsonSchema;
use serde::Serialize;
use wire::container::{Container, HEADER_LEN};
use wire::escape::Escaped;
use wire::header::Header;
use wire::param::Name;

/// Names the format; changes with every incompatible change of it.
pub(crate) const SCHEMA: &str = "mip6-conform/dissection/1";

/// A dissection as one JSON document. In NDJSON each record is a line of its own.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    /// Always `mip6-conform/dissection/1`.
    pub(crate) schema: String,
    /// In the order of the capture; the summary is the last.
    pub(crate) records: Vec<Record>,
}

impl Document {
    /// The JSON schema of this format; that of a line of NDJSON is `Record` in it.
    pub(crate) fn json_schema() -> schemars::Schema {
        schemars::schema_for!(Self)
    }
}

/// Something that a capture tells.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(crate) enum Record {
    /// What is read; always the first.
    Capture {
        /// Always `mip6-conform/dissection/1`.
        schema: String,
        /// The file as it was named.
        file: String,
    },
    /// A container between MN and HAC.
    Message(Said),
    /// A datagram between MN and HA, or a packet of Mobile IPv6 or of a neighbour.
    Packet(Sent),
    /// Something wrong that belongs to no message and no packet.
    Finding(Found),
    /// Something that cannot be judged from this capture.
    NotObservable(Found),
    /// The end of the capture.
    Summary(Sum),
}

/// A message (RFC 6618 section 5).
#[derive(Serialize, JsonSchema)]
pub(crate) struct Said {
    /// Number of the frame that completed it, from 1.
    pub(crate) frame: u64,
    /// Seconds since the first frame.
    pub(crate) time: Option<f64>,
    /// Address and port.
    pub(crate) from: String,
    /// Address and port.
    pub(crate) to: String,
    /// Who speaks: `mn` or `hac`.
    pub(crate) by: &'static str,
    /// Which conversation, from 1 in the order of the capture.
    pub(crate) conversation: u64,
    /// Identifier of the container.
    pub(crate) identifier: u8,
    /// What it is.
    pub(crate) kind: String,
    /// NAI, where the message names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mn_id: Option<String>,
    /// `status-code`, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    /// `mip6-spi`, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) spi: Option<u32>,
    /// What is known of its `auth`.
    pub(crate) auth: String,
    /// The TV-headers, in order.
    pub(crate) headers: Vec<Field>,
    /// What is wrong with it.
    pub(crate) findings: Vec<Found>,
    /// What cannot be judged of it.
    pub(crate) not_observable: Vec<Found>,
}

/// A TV-header.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Field {
    /// As written, escaped.
    pub(crate) name: String,
    /// As written, escaped; left out where it may be a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    /// Where its line starts: octets from the start of the container.
    pub(crate) offset: usize,
    /// Octets of its line, its end included.
    pub(crate) length: usize,
}

/// A packet (RFC 6618 section 6).
#[derive(Serialize, JsonSchema)]
pub(crate) struct Sent {
    /// Number of its frame, from 1.
    pub(crate) frame: u64,
    /// Seconds since the first frame.
    pub(crate) time: Option<f64>,
    /// Address, and port where there is one.
    pub(crate) from: String,
    /// Address, and port where there is one.
    pub(crate) to: String,
    /// Who sends, by the port of the HA: `mn` or `ha`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<&'static str>,
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
    /// What is wrong with it.
    pub(crate) findings: Vec<Found>,
}

/// A finding, or a rule that cannot be judged.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Found {
    /// Number of the frame, from 1.
    pub(crate) frame: u64,
    /// The id of the requirement; of a lower layer's format, its name.
    pub(crate) requirement: String,
    /// In words.
    pub(crate) says: String,
}

/// What is known at the end.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Sum {
    /// Frames, whatever is in them.
    pub(crate) frames: u64,
    /// Messages between MN and HAC.
    pub(crate) messages: u64,
    /// Packets between MN and HA.
    pub(crate) packets: u64,
    /// Packets that keys opened.
    pub(crate) opened: u64,
    /// Protected packets without keys.
    pub(crate) without_keys: u64,
    /// Frames and records that cannot be read.
    pub(crate) broken: u64,
    /// Findings.
    pub(crate) findings: u64,
    /// Each direction of each SA.
    pub(crate) flows: Vec<FlowSum>,
    /// Why the capture could not be read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<String>,
}

/// The Sequence Numbers of one direction of an SA.
#[derive(Serialize, JsonSchema)]
pub(crate) struct FlowSum {
    /// The SA.
    pub(crate) spi: u32,
    /// Who counts: `mn`, `ha`, or an address.
    pub(crate) by: String,
    /// Packets, copies included.
    pub(crate) packets: u64,
    /// Packets whose number had come before.
    pub(crate) repeats: u64,
    /// The lowest number.
    pub(crate) lowest: u32,
    /// The highest number.
    pub(crate) highest: u32,
}

impl Record {
    /// What an event tells.
    /// The service ports of HAs tell who sends a packet.
    pub(crate) fn of(event: &Event<'_>, ports: &[u16]) -> Self {
        match event {
            Event::Message(message) => Self::Message(Said::of(message)),
            Event::Packet(packet) => Self::Packet(Sent::of(packet, ports)),
            Event::Finding(finding) => Self::Finding(Found::of(finding)),
            Event::Unseen(remark) => Self::NotObservable(Found::of_remark(remark)),
        }
    }
}

impl Record {
    /// What is wrong according to it.
    pub(crate) fn findings(&self) -> &[Found] {
        match self {
            Self::Message(said) => &said.findings,
            Self::Packet(sent) => &sent.findings,
            Self::Finding(found) => core::slice::from_ref(found),
            Self::Capture { .. } | Self::NotObservable(_) | Self::Summary(_) => &[],
        }
    }
}

impl Said {
    fn of(message: &conversation::Message<'_>) -> Self {
        let headers = || message.lexed.iter().flat_map(|lexed| &lexed.headers);
        let value = |name| headers().find(|header| header.known() == Some(name)).map(|header| header.value);
        let text = |name| value(name).map(|value| Escaped(value).to_string());
        Self {
            frame: message.frame,
            time: message.at.map(seconds),
            from: message.from.to_string(),
            to: message.to.to_string(),
            by: match message.by {
                Direction::MnToHac => "mn",
                Direction::HacToMn => "hac",
            },
            conversation: message.conversation,
            identifier: Container::new_unchecked(message.octets).identifier(),
            kind: message.kind.to_string(),
            mn_id: text(Name::MnId),
            status: text(Name::StatusCode),
            spi: text(Name::Spi).and_then(|spi| spi.parse().ok()),
            auth: message.proof.to_string(),
            headers: headers().map(Field::of).collect(),
            findings: message.findings.iter().map(Found::of).collect(),
            not_observable: message
                .unseen
                .iter()
                .map(|unseen| Found::of_unseen(message.frame, unseen))
                .collect(),
        }
    }
}

impl Field {
    fn of(header: &Header<'_>) -> Self {
        // An unknown header may hold a key, too.
        let may_be_key = header.known().is_none_or(Name::is_secret);
        Self {
            name: Escaped(header.name).to_string(),
            value: (!may_be_key).then(|| Escaped(header.value).to_string()),
            offset: HEADER_LEN + header.at,
            length: header.end - header.at,
        }
    }
}

impl Sent {
    fn of(packet: &Packet<'_>, ports: &[u16]) -> Self {
        let line = &packet.line;
        let is_ha = |end: Endpoint| matches!(end, Endpoint::Socket(socket) if ports.contains(&socket.port()));
        let header = line.packet.header;
        Self {
            frame: line.frame,
            time: line.at.map(seconds),
            from: line.from.to_string(),
            to: line.to.to_string(),
            by: match (is_ha(line.from), is_ha(line.to)) {
                (true, false) => Some("ha"),
                (false, true) => Some("mn"),
                _ => None,
            },
            ptype: header.map(|header| header.ptype.0),
            spi: header.map(|header| header.spi),
            sequence: header.map(|header| header.sequence),
            kind: kind(&line.packet.content),
            says: line.packet.to_string(),
            findings: line.findings.iter().map(Found::of).collect(),
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

impl Found {
    fn of(finding: &Finding) -> Self {
        let Finding { frame, fault } = finding;
        Self { frame: *frame, requirement: fault.requirement().to_owned(), says: fault.to_string() }
    }

    fn of_unseen(frame: u64, unseen: &Unseen) -> Self {
        Self { frame, requirement: unseen.requirement.to_owned(), says: unseen.why.to_string() }
    }

    fn of_remark(remark: &Remark) -> Self {
        Self::of_unseen(remark.frame, &remark.unseen)
    }
}

impl Sum {
    /// What is known at the end.
    pub(crate) fn of(summary: &Summary) -> Self {
        let counts = summary.counts;
        let flow = |(id, flow): &(dissect::FlowId, dissect::Flow)| FlowSum {
            spi: id.spi,
            by: match id.sender {
                Sender::Mn => "mn".to_owned(),
                Sender::Ha => "ha".to_owned(),
                Sender::At(address) => address.to_string(),
            },
            packets: flow.packets,
            repeats: flow.repeats,
            lowest: flow.lowest,
            highest: flow.highest,
        };
        Self {
            frames: counts.frames,
            messages: summary.talks.messages,
            packets: counts.packets,
            opened: counts.opened,
            without_keys: counts.without_keys,
            broken: counts.broken,
            findings: counts.findings,
            flows: summary.flows.iter().map(flow).collect(),
            fault: summary.fault.map(|fault| fault.to_string()),
        }
    }
}

fn seconds(since: Since) -> f64 {
    match since {
        Since::After(time) => time.as_secs_f64(),
        Since::Before(time) => -time.as_secs_f64(),
    }
}
