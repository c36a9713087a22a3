//! A message between MN and HAC as records.

use crypto::auth::Direction;
use dissect::conversation::{Kind, Message};
use schemars::JsonSchema;
use serde::Serialize;
use wire::container::{Container, HEADER_LEN};
use wire::escape::Escaped;
use wire::header::Header;
use wire::param::Name;

use super::{Found, Record, seconds};

/// A message (RFC 6618 section 5).
#[derive(Serialize, JsonSchema)]
pub(crate) struct Said {
    /// Number of the frame that completed it, from 1.
    pub(crate) frame: u64,
    /// Seconds since the first frame.
    pub(crate) time: Option<f64>,
    /// Address and port.
    pub(crate) source: String,
    /// Address and port.
    pub(crate) destination: String,
    /// Who speaks: `mn` or `hac`.
    pub(crate) sender: &'static str,
    /// Which conversation, from 1 in the order of the capture.
    pub(crate) conversation: u64,
    /// Identifier of the container.
    pub(crate) identifier: u8,
    /// What it is: `init-request`, `init-response`, `mid-request`, `mid-response`, `done-request`, `final`,
    /// `unreadable`.
    pub(crate) kind: &'static str,
    /// NAI of the MN, escaped, once it was said in this conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mn_id: Option<String>,
    /// `auth-method`, once it was agreed: `psk` or `eap`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<String>,
    /// `status-code`, where there is a legal one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    /// `mip6-spi`, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) spi: Option<u32>,
    /// What is known of its `auth`.
    pub(crate) auth: String,
    /// The TV-headers, in order.
    pub(crate) headers: Vec<Field>,
    /// The rules that it breaks; a record of type `finding` follows for each.
    pub(crate) breaks: Vec<String>,
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

impl Said {
    /// The message, then what is wrong and what cannot be judged.
    pub(super) fn records(message: &Message<'_>) -> Vec<Record> {
        let said = Self::of(message);
        let place = |found: Found| Found {
            time: said.time,
            sender: Some(said.sender),
            conversation: Some(said.conversation),
            mn_id: said.mn_id.clone(),
            ..found
        };
        let findings = message.findings.iter().map(|finding| Record::Finding(place(Found::of(finding))));
        let unseen = message
            .unseen
            .iter()
            .map(|unseen| Record::NotObservable(place(Found::of_unseen(message.frame, unseen))));
        let behind: Vec<Record> = findings.chain(unseen).collect();
        core::iter::once(Record::Message(said)).chain(behind).collect()
    }

    fn of(message: &Message<'_>) -> Self {
        let headers = || message.lexed.iter().flat_map(|lexed| &lexed.headers);
        let spi = headers().find(|header| header.known() == Some(Name::Spi));
        Self {
            frame: message.frame,
            time: message.at.map(seconds),
            source: message.from.to_string(),
            destination: message.to.to_string(),
            sender: match message.by {
                Direction::MnToHac => "mn",
                Direction::HacToMn => "hac",
            },
            conversation: message.conversation,
            identifier: Container::new_unchecked(message.octets).identifier(),
            kind: kind(message.kind),
            mn_id: message.mn_id.as_deref().map(str::to_owned),
            method: message.method.map(|method| method.to_string()),
            status: match message.kind {
                Kind::Final(status) => status.map(|status| status.code()),
                _ => None,
            },
            spi: spi.and_then(|header| Escaped(header.value).to_string().parse().ok()),
            auth: message.proof.to_string(),
            headers: headers().map(Field::of).collect(),
            breaks: message.findings.iter().map(|finding| finding.fault.requirement().to_owned()).collect(),
        }
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::InitRequest => "init-request",
        Kind::MidRequest => "mid-request",
        Kind::DoneRequest => "done-request",
        Kind::InitResponse => "init-response",
        Kind::MidResponse => "mid-response",
        Kind::Final(_) => "final",
        Kind::Unreadable => "unreadable",
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
