//! RFC 6618 section 6: why a home agent or a mobile node dropped a packet without a word (PK-32).

use std::collections::BTreeMap;
use std::fmt;

/// The reason of one silent discard, in the order in which the checks are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Discard {
    /// One octet 0xFF: keeps a NAT binding open and says nothing (PK-11).
    Keepalive,
    /// Shorter than PType, SPI and Sequence Number (PK-10).
    Short,
    /// A PType that 8.1 does not assign (PK-04).
    PacketType,
    /// PType 0 with an SPI (PK-02).
    PlainSpi,
    /// PType 0 with a Sequence Number (PK-02).
    PlainSequence,
    /// PType 1 or 8 without an SPI (PK-01).
    ProtectedWithoutSpi,
    /// No association has this SPI (PK-09).
    SpiUnknown,
    /// The association is past its end (SA-10), or was replaced by a newer one (SA-11).
    Expired,
    /// PType 1 though the association covers signalling only (PK-06).
    ProtectedOutOfScope,
    /// The Sequence Number was taken before (9.3).
    ReplaySeen,
    /// The Sequence Number lies left of the window (9.3).
    ReplayOld,
    /// Too short for trailer and ICV, or no whole number of cipher blocks (PK-10).
    Misaligned,
    /// The ICV is wrong (PK-13, PK-14).
    Icv,
    /// Pad Length exceeds the data, or the padding is not 1, 2, 3, … (PK-15, PK-18).
    Padding,
    /// A dummy packet: Next Header 59 (PK-22).
    Dummy,
    /// A Next Header that the PType does not allow (PK-20, PK-21).
    NextHeader,
    /// The extension headers before the Mobility Header are malformed or lead elsewhere (PK-21).
    ExtensionHeader,
    /// The Mobility Header is malformed (RFC 6275 6.1.1).
    MobilityHeader,
    /// The Mobility Header's checksum is wrong (PK-26).
    Checksum,
    /// The Mobility Header's Payload Proto is not 59 (RFC 6275 9.2).
    PayloadProto,
    /// A mobility message that a home agent does not take, or not in PType 8 (PK-24).
    MobilityType,
    /// A registration without the Home Address option (PK-25).
    HomeAddressMissing,
    /// The Home Address option names an address that is not the association's (PK-25).
    HomeAddressForeign,
    /// The care-of address is not a unicast routable one (RFC 6275 6.1.7).
    CareOfAddress,
    /// The H flag is clear: a correspondent's business (RFC 6275 9.5.1).
    NotHomeRegistration,
    /// The inner packet is malformed, or its version differs from the Next Header (PK-20).
    InnerPacket,
    /// The inner source is not the mobile node's (PK-30).
    InnerSource,
    /// The inner destination is not the mobile node's own: a mobile node's check.
    InnerDestination,
    /// A Binding Acknowledgement that answers no outstanding Binding Update (RFC 6275 11.7.3).
    Unsolicited,
    /// No registered mobile node has this address (PK-07).
    NoBinding,
    /// PType 0 though the mobile node's association covers all traffic (PK-05).
    PlainOutOfScope,
    /// PType 0 from elsewhere than the registered address and port (PK-07).
    PlainFromElsewhere,
    /// All Sequence Numbers of the association are used up (SQ-05): nothing more can be sent.
    SequenceExhausted,
}

impl Discard {
    /// The reason in lower case words with hyphens, for logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keepalive => "keepalive",
            Self::Short => "short",
            Self::PacketType => "packet-type",
            Self::PlainSpi => "plain-spi",
            Self::PlainSequence => "plain-sequence",
            Self::ProtectedWithoutSpi => "protected-without-spi",
            Self::SpiUnknown => "spi-unknown",
            Self::Expired => "expired",
            Self::ProtectedOutOfScope => "protected-out-of-scope",
            Self::ReplaySeen => "replay-seen",
            Self::ReplayOld => "replay-old",
            Self::Misaligned => "misaligned",
            Self::Icv => "icv",
            Self::Padding => "padding",
            Self::Dummy => "dummy",
            Self::NextHeader => "next-header",
            Self::ExtensionHeader => "extension-header",
            Self::MobilityHeader => "mobility-header",
            Self::Checksum => "checksum",
            Self::PayloadProto => "payload-proto",
            Self::MobilityType => "mobility-type",
            Self::HomeAddressMissing => "home-address-missing",
            Self::HomeAddressForeign => "home-address-foreign",
            Self::CareOfAddress => "care-of-address",
            Self::NotHomeRegistration => "not-home-registration",
            Self::InnerPacket => "inner-packet",
            Self::InnerSource => "inner-source",
            Self::InnerDestination => "inner-destination",
            Self::Unsolicited => "unsolicited",
            Self::NoBinding => "no-binding",
            Self::PlainOutOfScope => "plain-out-of-scope",
            Self::PlainFromElsewhere => "plain-from-elsewhere",
            Self::SequenceExhausted => "sequence-exhausted",
        }
    }
}

impl fmt::Display for Discard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How often each reason struck.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discards {
    counts: BTreeMap<Discard, u64>,
}

impl Discards {
    /// How many packets were dropped for `reason`.
    pub fn count(&self, reason: Discard) -> u64 {
        self.counts.get(&reason).copied().unwrap_or(0)
    }

    /// How many packets were dropped in all.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The reasons that struck at least once, in the order of the checks.
    pub fn iter(&self) -> impl Iterator<Item = (Discard, u64)> + '_ {
        self.counts.iter().map(|(&reason, &count)| (reason, count))
    }

    pub(crate) fn add(&mut self, reason: Discard) {
        *self.counts.entry(reason).or_default() += 1;
    }
}
