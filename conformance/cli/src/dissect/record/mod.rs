//! What a dissection tells, as data: records for each message, packet, finding and remark, and those of the end.
//!
//! The fields lie flat, so that a table can be made of them. Secrets are never in a record.

mod finding;
mod ledger;
mod message;
mod packet;
mod summary;

use dissect::{Event, Moment, Packet, Since};
use schemars::JsonSchema;
use serde::Serialize;

pub(crate) use finding::{Found, Noted};
pub(crate) use ledger::{ExchangeSum, FlowSum, SaSum, of_ledger};
pub(crate) use message::Said;
pub(crate) use packet::Sent;
pub(crate) use summary::Sum;

/// Names the format; changes with every incompatible change of it.
pub(crate) const SCHEMA: &str = "mip6-conform/dissection/2";

/// A dissection as one JSON document. In NDJSON each record is a line of its own.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Document {
    /// Always `mip6-conform/dissection/2`.
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
        /// Always `mip6-conform/dissection/2`.
        schema: String,
        /// The file as it was named.
        file: String,
    },
    /// A container between MN and HAC.
    Message(Said),
    /// A datagram between MN and HA, or a packet of Mobile IPv6 or of a neighbour.
    Packet(Sent),
    /// Something wrong; it follows the message or packet that it is about.
    Finding(Found),
    /// Something that cannot be judged from this capture.
    NotObservable(Found),
    /// Something to know that is nobody's fault.
    Note(Noted),
    /// At the end: an exchange between MN and HAC.
    Exchange(ExchangeSum),
    /// At the end: an SA.
    Sa(SaSum),
    /// At the end: one direction of an SA.
    Flow(FlowSum),
    /// The end of the capture.
    Summary(Sum),
}

impl Record {
    /// What an event tells: a message, packet or remark, then what is wrong with it.
    pub(crate) fn of(event: &Event<'_>) -> Vec<Self> {
        match event {
            Event::Message(message) => Said::records(message),
            Event::Packet(packet) => Self::of_packet(packet),
            Event::Finding(finding) => vec![Self::Finding(Found::of(finding))],
            Event::Unseen(remark) => vec![Self::NotObservable(Found::of_remark(remark))],
            Event::Note(note) => vec![Self::Note(Noted::of(note))],
        }
    }

    /// A packet, then what is wrong with it.
    pub(crate) fn of_packet(packet: &Packet<'_>) -> Vec<Self> {
        Sent::records(packet)
    }

    /// The rules that are broken according to it.
    pub(crate) fn broken(&self) -> &[String] {
        match self {
            Self::Message(said) => &said.breaks,
            Self::Packet(sent) => &sent.breaks,
            Self::Finding(found) => core::slice::from_ref(&found.requirement),
            _ => &[],
        }
    }
}

fn seconds(since: Since) -> f64 {
    match since {
        Since::After(time) => time.as_secs_f64(),
        Since::Before(time) => -time.as_secs_f64(),
    }
}

fn time(moment: Moment) -> Option<f64> {
    moment.at.map(seconds)
}
