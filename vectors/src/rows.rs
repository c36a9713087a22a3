//! The rows of each file, as its schema has them.

pub mod exchange;
pub mod tunnel;

use std::net::Ipv6Addr;

use serde::Deserialize;

use crate::Octets;

pub use exchange::{CodePoint, EapAuth, Exchange, KeyPair, Kind, Message, Method, Sent, Suite};
pub use tunnel::{Checksum, Decision, Trailer, TrailerOctets, TrailerValue, Words};

/// `container.json`: RFC 6618 section 5.1.
#[derive(Clone, Debug, Deserialize)]
pub struct Container {
    /// The octets by field.
    pub octets: ContainerOctets,
    /// What the header says.
    pub value: Option<ContainerValue>,
}

/// A container field by field; what had not arrived is empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContainerOctets {
    /// Version and reserved bits.
    pub ver_rsrvd: Octets,
    /// Identifier.
    pub identifier: Octets,
    /// Length.
    pub length: Octets,
    /// Content.
    pub content: Octets,
    /// How often `content` stands there, unless once.
    pub content_repeat: Option<usize>,
    /// What follows and belongs to the next container.
    pub trailing: Octets,
}

impl ContainerOctets {
    /// All octets in wire order, those that follow included.
    #[must_use]
    pub fn joined(&self) -> Vec<u8> {
        let content = self.whole_content();
        [&self.ver_rsrvd[..], &self.identifier, &self.length, &content, &self.trailing].concat()
    }

    /// The content, as often as it stands there.
    #[must_use]
    pub fn whole_content(&self) -> Vec<u8> {
        self.content.repeat(self.content_repeat.unwrap_or(1))
    }
}

/// What the header of a container says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerValue {
    /// Version, 3 bits.
    pub version: u8,
    /// Reserved, 5 bits.
    pub reserved: u8,
    /// Identifier, 1 to 255.
    pub identifier: u8,
    /// Octets of content.
    pub length: u16,
}

/// `lexing.json`: sections 5.2 and 5.5.7.
#[derive(Clone, Debug, Deserialize)]
pub struct Content {
    /// Who sends the message, and which.
    pub side: Side,
    /// The whole Content.
    pub input: Octets,
    /// What a receiver sees in it.
    pub headers: Option<Vec<Line>>,
    /// Whether a sender of these headers writes these octets.
    #[serde(default)]
    pub canonical: bool,
}

/// Who sends a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The MN, with its first request.
    RequestInit,
    /// The MN, later.
    Request,
    /// The HAC.
    Response,
}

/// A header as a receiver sees it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// In lower case.
    pub name: String,
    /// Without white space around it.
    pub value: String,
}

/// `headers.json`: sections 5.5 to 5.7.
#[derive(Clone, Debug, Deserialize)]
pub struct Header {
    /// The wire name.
    pub name: String,
    /// The rule that the value follows.
    pub kind: String,
    /// The header with its CRLF, as Latin-1 text.
    pub text: String,
    /// The header with its CRLF.
    pub input: Octets,
    /// What it means.
    pub value: Option<HeaderValue>,
    /// Whether a sender who means the value writes these octets.
    #[serde(default)]
    pub canonical: bool,
}

/// The meaning of a header in plain JSON; which one depends on the kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum HeaderValue {
    /// Statuses, SPIs, scopes, ports, and dates in seconds of Unix time.
    Number(u64),
    /// Methods and suites.
    List(Vec<String>),
    /// Everything else: octets in hex, addresses and prefixes in their shortest form.
    Text(String),
}

/// `auth_psk.json`, and most of `auth_eap.json`: sections 5.8 and 5.9.
#[derive(Clone, Debug, Deserialize)]
pub struct Auth {
    /// `rfc6618` or `draft-01`.
    pub profile: String,
    /// `mn-to-hac` or `hac-to-mn`.
    pub direction: String,
    /// The Identifier of the container.
    pub identifier: u8,
    /// The key of the MAC: in `auth_psk.json` the pre-shared key.
    #[serde(alias = "psk")]
    pub key: Octets,
    /// CB-octets.
    pub certificate_hash: Octets,
    /// The whole Content with the auth that was sent.
    pub content: Octets,
    /// How many octets of it are msg-octets.
    pub covered: usize,
    /// What the MAC has to be.
    pub auth: Octets,
}

/// `channel_binding.json`: RFC 5929 section 4.1.
#[derive(Clone, Debug, Deserialize)]
pub struct ChannelBinding {
    /// The server certificate in DER, or what is taken for one.
    pub certificate: Octets,
    /// The name of the hash.
    pub hash: Option<String>,
    /// CB-octets.
    pub binding: Option<Octets>,
}

/// `packet.json`: sections 6.2 to 6.4.
#[derive(Clone, Debug, Deserialize)]
pub struct Packet {
    /// The suite as section 5.6.5 names it; none for PType 0.
    pub suite: Option<String>,
    /// The integrity key.
    pub ikey: Option<Octets>,
    /// The encryption key; none under the NULL cipher.
    pub ekey: Option<Octets>,
    /// The octets by field.
    pub octets: PacketOctets,
    /// What it means.
    pub value: Option<PacketValue>,
    /// Whether a sender with this IV and the least padding writes these octets.
    #[serde(default)]
    pub canonical: bool,
    /// Where a careful receiver stops at the latest.
    pub stage: Option<Stage>,
}

/// A packet field by field; what had not arrived is empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PacketOctets {
    /// PType and SPI.
    pub ptype_spi: Octets,
    /// Sequence Number.
    pub sequence_number: Octets,
    /// IV of a suite that has one.
    pub iv: Octets,
    /// Payload, padding and trailer, encrypted where the suite encrypts.
    pub data: Octets,
    /// Integrity Check Value.
    pub icv: Octets,
    /// The inner packet of PType 0.
    pub payload: Octets,
}

impl PacketOctets {
    /// The UDP payload.
    #[must_use]
    pub fn joined(&self) -> Vec<u8> {
        let fields = [&self.ptype_spi, &self.sequence_number, &self.iv, &self.data, &self.icv, &self.payload];
        fields.map(|field| &field[..]).concat()
    }
}

/// The meaning of a packet.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PacketValue {
    /// PType, 4 bits.
    pub ptype: u8,
    /// SPI, 28 bits.
    pub spi: u32,
    /// Sequence Number.
    pub sequence_number: u32,
    /// The inner packet or header chain.
    pub payload: Octets,
    /// Octets of padding; none for PType 0.
    pub pad_length: Option<u8>,
    /// Next Header; none for PType 0.
    pub next_header: Option<u8>,
}

/// Where a careful receiver stops at the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Splitting the packet into fields.
    Frame,
    /// Taking the keys.
    Key,
    /// Comparing the ICV.
    Integrity,
    /// Reading the trailer.
    Padding,
    /// Delivering what was protected.
    Content,
}

/// `mobility.json`: RFC 6275 section 6.
#[derive(Clone, Debug, Deserialize)]
pub struct Mobility {
    /// Next Header of the packet: 43, 60 or 135.
    pub first_header: u8,
    /// Source of the checksum; the home address where the MN sends.
    pub source: Ipv6Addr,
    /// Destination of the checksum; the home address where the HA sends.
    pub destination: Ipv6Addr,
    /// From the first header on.
    pub input: Octets,
    /// What it means.
    pub value: Option<MobilityValue>,
    /// Whether a sender who means the value writes these octets.
    #[serde(default)]
    pub canonical: bool,
}

/// The meaning of a Mobility Header and of the extension headers before it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MobilityValue {
    /// Which message.
    pub message: MobilityMessage,
    /// Status of an acknowledgement or an error.
    pub status: Option<u8>,
    /// Sequence number of the binding, in an update or acknowledgement.
    pub sequence: Option<u16>,
    /// Flags that are set: `A`, `H`, `L`, `K`.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Units of four seconds, in an update or acknowledgement.
    pub lifetime: Option<u16>,
    /// The home address that an error is about.
    pub about: Option<Ipv6Addr>,
    /// Options without padding.
    pub options: Vec<MobilityOption>,
    /// The Home Address option before the header.
    pub home_address: Option<Ipv6Addr>,
    /// The type 2 Routing header before the header.
    pub routing_home_address: Option<Ipv6Addr>,
}

/// The messages between MN and HA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MobilityMessage {
    /// Type 0.
    BindingRefreshRequest,
    /// Type 5.
    BindingUpdate,
    /// Type 6.
    BindingAcknowledgement,
    /// Type 7.
    BindingError,
}

/// A mobility option.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "option", rename_all = "kebab-case", deny_unknown_fields)]
pub enum MobilityOption {
    /// Type 3.
    AlternateCareOfAddress {
        /// The care-of address.
        address: Ipv6Addr,
    },
    /// Type 2.
    BindingRefreshAdvice {
        /// Units of four seconds.
        interval: u16,
    },
    /// Any other type.
    Unknown {
        /// The type.
        r#type: u8,
        /// What follows the length.
        data: Octets,
    },
}

/// `sequence.json`: sections 4.3, 6.1 and 9.3.
#[derive(Clone, Debug, Deserialize)]
pub struct Window {
    /// How many numbers the window has.
    pub window: u32,
    /// Packets with a good ICV, in the order of arrival.
    pub steps: Vec<Step>,
}

/// One packet and what becomes of it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its packet type, where that matters.
    pub ptype: Option<u8>,
    /// Its Sequence Number.
    pub sequence_number: u32,
    /// What the receiver does.
    pub verdict: Verdict,
}

/// What a receiver does with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Takes it.
    Accept,
    /// Drops it in silence.
    Drop,
}

/// `hmac_sha1_96.json`, `hmac_sha256.json`, `aes_xcbc_mac_96.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Mac {
    /// Where the values are printed.
    pub source: String,
    /// The key.
    pub key: Octets,
    /// The message.
    pub message: Octets,
    /// The MAC as printed, before it is cut to the tag.
    pub mac: Option<Octets>,
    /// What stands on the wire.
    pub tag: Octets,
}

/// `aes_cbc.json`, `tdes_cbc.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Cbc {
    /// Where the values are printed.
    pub source: String,
    /// The key.
    pub key: Octets,
    /// The IV.
    pub iv: Octets,
    /// Whole blocks.
    pub plaintext: Octets,
    /// Whole blocks.
    pub ciphertext: Octets,
}
