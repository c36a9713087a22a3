//! RFC 6275 section 6.2: the options of a Mobility Header.

use core::fmt;
use std::net::Ipv6Addr;

use wire::DecodeError;
use wire::error::{Have, Need};
use wire::mobility::option::{ALTERNATE_COA, BINDING_REFRESH_ADVICE, Options};
use wire::mobility::{HEADER_LEN, MobilityHeader};

use super::Message;
use crate::finding::Fault;

const NONCE_INDICES: u8 = 4;
const AUTHORIZATION_DATA: u8 = 5;

/// Options beyond RFC 6275, by their registry.
const OTHERS: [(u8, &str); 14] = [
    (6, "mobile network prefix"),
    (7, "mobility header link-layer address"),
    (8, "mobile node identifier"),
    (9, "authentication"),
    (10, "replay protection"),
    (11, "cga parameters request"),
    (12, "cga parameters"),
    (22, "home network prefix"),
    (23, "handoff indicator"),
    (24, "access technology"),
    (25, "link-layer identifier"),
    (26, "link-local address"),
    (27, "timestamp"),
    (29, "IPv4 home address"),
];

/// An option and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MobilityOption {
    /// Option type.
    pub kind: u8,
    /// Octets from the start of the Mobility Header.
    pub at: usize,
    /// What it says.
    pub value: OptionValue,
}

/// What an option says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionValue {
    /// Binding Refresh Advice (6.2.4), in units of 4 seconds.
    RefreshAdvice(u16),
    /// Alternate Care-of Address (6.2.5).
    AlternateCareOf(Ipv6Addr),
    /// Nonce Indices (6.2.6).
    NonceIndices {
        /// Home Nonce Index.
        home: u16,
        /// Care-of Nonce Index.
        care_of: u16,
    },
    /// Binding Authorization Data (6.2.7), of so many octets.
    Authorization(usize),
    /// Another option of so many octets.
    Other(usize),
}

/// The options of a message, up to the first that cannot be read.
pub(super) fn read(message: &Message, octets: &[u8], faults: &mut Vec<Fault>) -> Vec<MobilityOption> {
    let view = MobilityHeader::new_unchecked(octets);
    let Some(fixed) = message.fixed_len() else { return Vec::new() };
    let data = view.data().get(fixed..).unwrap_or_default();
    let before = HEADER_LEN + fixed;
    let mut found = Vec::new();
    for option in Options::new(data) {
        let read = option.and_then(|option| {
            let value = value(option.kind, option.data).map_err(|error| error.shifted(option.at + 2))?;
            Ok(MobilityOption { kind: option.kind, at: before + option.at, value })
        });
        match read {
            Ok(option) => found.push(option),
            Err(error) => {
                let mh_type = view.mh_type();
                let fault = Fault::Mobility { mh_type, error: error.shifted(before) };
                // An update and an acknowledgement have been judged as a whole.
                if !faults.contains(&fault) && !matches!(message, Message::Update(_) | Message::Ack(_)) {
                    faults.push(fault);
                }
                break;
            }
        }
    }
    found
}

fn value(kind: u8, data: &[u8]) -> Result<OptionValue, DecodeError> {
    Ok(match kind {
        BINDING_REFRESH_ADVICE => {
            OptionValue::RefreshAdvice(u16::from_be_bytes(exact("Binding Refresh Advice", data)?))
        }
        ALTERNATE_COA => {
            OptionValue::AlternateCareOf(Ipv6Addr::from(exact::<16>("Alternate Care-of Address", data)?))
        }
        NONCE_INDICES => {
            let [h0, h1, c0, c1] = exact("Nonce Indices", data)?;
            let (home, care_of) = (u16::from_be_bytes([h0, h1]), u16::from_be_bytes([c0, c1]));
            OptionValue::NonceIndices { home, care_of }
        }
        AUTHORIZATION_DATA => OptionValue::Authorization(data.len()),
        _ => OptionValue::Other(data.len()),
    })
}

fn exact<const N: usize>(field: &'static str, data: &[u8]) -> Result<[u8; N], DecodeError> {
    data.try_into().map_err(|_| DecodeError::new(field, Need::Octets(N), Have::Octets(data.len())))
}

impl fmt::Display for MobilityOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            OptionValue::RefreshAdvice(units) => write!(f, "refresh after {} s", u32::from(units) * 4),
            OptionValue::AlternateCareOf(care_of) => write!(f, "care-of {care_of}"),
            OptionValue::NonceIndices { home, care_of } => write!(f, "nonce indices {home} and {care_of}"),
            OptionValue::Authorization(octets) => write!(f, "authorization data of {octets} octets"),
            OptionValue::Other(octets) => match OTHERS.iter().find(|(kind, _)| *kind == self.kind) {
                Some((_, name)) => write!(f, "{name} option of {octets} octets"),
                None => write!(f, "option {} of {octets} octets", self.kind),
            },
        }
    }
}
