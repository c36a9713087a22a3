//! Rows about what travels between MN and HA beside whole packets: sections 6.1 to 6.4 and 8.1.

use std::net::Ipv6Addr;

use serde::Deserialize;

use crate::Octets;

/// `trailer.json`: section 6.3.
#[derive(Clone, Debug, Deserialize)]
pub struct Trailer {
    /// The plaintext by field.
    pub octets: TrailerOctets,
    /// What it means.
    pub value: Option<TrailerValue>,
}

/// Plaintext field by field; what is not there is empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrailerOctets {
    /// Payload Data without the IV.
    pub payload: Octets,
    /// Padding.
    pub padding: Octets,
    /// Pad Length.
    pub pad_length: Octets,
    /// Next Header.
    pub next_header: Octets,
}

impl TrailerOctets {
    /// The plaintext.
    #[must_use]
    pub fn joined(&self) -> Vec<u8> {
        [&self.payload, &self.padding, &self.pad_length, &self.next_header].map(|field| &field[..]).concat()
    }
}

/// The meaning of a trailer.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailerValue {
    /// Octets of payload.
    pub payload_len: usize,
    /// Octets of padding.
    pub pad_length: usize,
    /// Next Header.
    pub next_header: u8,
}

/// `decision.json`: what the first two words of a packet lead to.
#[derive(Clone, Debug, Deserialize)]
pub struct Decision {
    /// The two words.
    pub octets: Words,
    /// `none`, `live` or `ended`: what the SPI leads to.
    pub sa: String,
    /// The scope of that SA, or of the SA of the sender of PType 0.
    pub scope: u8,
    /// Numbers taken before.
    pub taken: Vec<u32>,
    /// `plain`, `open` or `discard`.
    pub verdict: String,
}

/// The first two words of a packet.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// PType and SPI.
    pub ptype_spi: Octets,
    /// Sequence Number.
    pub sequence_number: Octets,
}

/// `checksum.json`: RFC 6275 section 6.1.1.
#[derive(Clone, Debug, Deserialize)]
pub struct Checksum {
    /// Of the pseudo-header.
    pub source: Ipv6Addr,
    /// Of the pseudo-header.
    pub destination: Ipv6Addr,
    /// From Payload Proto on, with the checksum that was sent.
    pub message: Octets,
    /// What the checksum has to be.
    pub checksum: Octets,
}
