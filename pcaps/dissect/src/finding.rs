//! What is wrong with a packet, and which requirement it breaks. The sender is at fault unless the text says otherwise.

use core::fmt;
use std::net::SocketAddr;

use crypto::open::OpenError;
use wire::DecodeError;
use wire::mobility::{BINDING_ACK, BINDING_UPDATE};
use wire::packet::PType;

use crate::clue::Clue;
use crate::conversation::{self, Breach};
use crate::over::Overdue;
use crate::requirement as id;

/// A fault and where it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Number of the frame, from 1.
    pub frame: u64,
    /// What is wrong.
    pub fault: Fault,
}

/// What can be wrong with a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A datagram too short for PType, SPI and Sequence Number, and no keepalive either.
    NoHeader {
        /// Its octets.
        have: usize,
    },
    /// SPI 0 with a PType other than 0.
    SpiZero {
        /// The PType.
        ptype: PType,
    },
    /// PType 0 with an SPI or a Sequence Number other than 0.
    PlainNotZero {
        /// The SPI.
        spi: u32,
        /// The Sequence Number.
        sequence: u32,
    },
    /// A PType that no RFC defines.
    UnknownPType {
        /// The PType.
        ptype: PType,
    },
    /// A Sequence Number for the second time under one SA in one direction.
    Repeated {
        /// The number.
        sequence: u32,
        /// What kind of repetition it is.
        repeat: Repeat,
    },
    /// A packet that its keys do not open.
    Closed {
        /// Its PType.
        ptype: PType,
        /// Why.
        error: OpenError,
        /// What explains a wrong ICV.
        clues: Vec<Clue>,
    },
    /// Padding octets that are not 1, 2, 3 and so on.
    Padding {
        /// The first wrong one.
        offset: usize,
    },
    /// PType 8 around something that is no Mobility Header.
    NoMobilityHeader {
        /// The header that is there instead.
        protocol: u8,
    },
    /// Extension headers before a Mobility Header that cannot be read.
    ExtensionHeaders(DecodeError),
    /// A Mobility Header that cannot be read.
    Mobility {
        /// Its MH Type.
        mh_type: u8,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// A Mobility Header with the wrong checksum.
    Checksum {
        /// Its MH Type.
        mh_type: u8,
        /// The right one.
        need: u16,
        /// The one it has.
        have: u16,
    },
    /// A registration without a Home Address option.
    NoHomeAddress,
    /// A registration over IPv6 without an Alternate Care-of Address option.
    NoAlternateCareOf,
    /// A Next Header that does not name the version of the inner packet.
    InnerVersion {
        /// The Next Header.
        next_header: u8,
        /// The version field of the inner packet; nothing if there is no octet of it.
        version: Option<u8>,
    },
    /// PType 0 around something that is no IP packet.
    NoIpPacket,
    /// A message about a binding in a PType 0 packet.
    BindingInTheClear {
        /// Its MH Type.
        mh_type: u8,
    },
    /// User data in a PType 0 packet, under an SA that has to protect them.
    DataInTheClear {
        /// The SA.
        spi: u32,
    },
    /// An IV that came before under the same key.
    IvReused {
        /// The PType of the packet.
        ptype: PType,
        /// The frame that had it first.
        first: u64,
    },
    /// IVs that can be foretold: each is a little more than the one before.
    IvCounts {
        /// The PType of the packet.
        ptype: PType,
    },
    /// A registration under an SA, though the HA asked for another and the HAC was not contacted.
    RegistersOn {
        /// The frame in which it asked.
        asked: u64,
    },
    /// UDP without a checksum over IPv6.
    NoUdpChecksum,
    /// UDP with wrong checksums, in one flow.
    UdpChecksums {
        /// Its source.
        from: SocketAddr,
        /// Its destination.
        to: SocketAddr,
        /// Packets with a wrong sum.
        wrong: u64,
        /// Packets with the right one, behind the first wrong one.
        right: u64,
    },
    /// Use of something that is over.
    Over(Overdue),
    /// An inner packet whose headers do not hold together.
    InnerHeaders(DecodeError),
    /// Something that an MN and a HAC did wrong in their exchange.
    Exchange(Breach),
    /// Link, IP or transport headers that do not hold together.
    Headers(DecodeError),
    /// A record of the capture that breaks its format.
    Record {
        /// Octets from the start of the capture.
        at: u64,
        /// What is wrong.
        what: &'static str,
    },
}

/// What a fault is a fault against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A requirement, by its id in `conformance/requirements`.
    Requirement(&'static str),
    /// A requirement that nobody is seen to break: a recommendation, or the guard against packets that the network or
    /// an attacker sends again.
    Warning(&'static str),
    /// The format of a lower layer, or of the capture: nobody's conformance is judged.
    Format(&'static str),
}

/// How a Sequence Number came twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// The same octets: the network or an attacker sent a copy.
    SameOctets {
        /// The frame that had them first.
        first: u64,
    },
    /// Other octets: the sender used the number twice.
    OtherOctets {
        /// The frame that had the number first.
        first: u64,
    },
    /// So long ago that the octets are not remembered.
    LongAgo,
}

impl Fault {
    /// The rule that is broken.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        match self {
            Self::Headers(_) => Rule::Format("headers"),
            Self::InnerHeaders(_) => Rule::Format("inner headers"),
            Self::Record { .. } => Rule::Format("capture"),
            Self::RegistersOn { .. }
            | Self::UdpChecksums { .. }
            | Self::Over(Overdue::Sa { .. } | Overdue::Renewed { .. })
            | Self::Repeated { repeat: Repeat::SameOctets { .. }, .. } => Rule::Warning(self.requirement()),
            _ => Rule::Requirement(self.requirement()),
        }
    }

    /// The id of the requirement that is broken; of a format, its name.
    #[must_use]
    pub const fn requirement(&self) -> &'static str {
        match self {
            Self::BindingInTheClear { .. } => id::MOBILITY_PROTECTED,
            Self::DataInTheClear { .. } => id::SCOPE_ONE_PROTECTS,
            Self::IvReused { ptype, .. } | Self::IvCounts { ptype } if ptype.0 == PType::MOBILITY.0 => {
                id::BINDING_CONFIDENTIALITY
            }
            Self::IvReused { .. } | Self::IvCounts { .. } => id::PROTECTED_CONFIDENTIALITY,
            Self::RegistersOn { .. } => conversation::MN_OBEYS_REINIT,
            Self::NoUdpChecksum | Self::UdpChecksums { .. } => id::UDP_ENCAPSULATED,
            Self::Over(overdue) => overdue.requirement(),
            Self::Headers(_) => "headers",
            Self::InnerHeaders(_) => "inner headers",
            Self::Record { .. } => "capture",
            Self::Exchange(breach) => breach.requirement,
            Self::NoHeader { .. } => id::PTYPE_FOLLOWS_UDP,
            Self::SpiZero { .. } => id::SPI_ZERO_NEEDS_PTYPE_ZERO,
            Self::PlainNotZero { .. } => id::PLAIN_SPI_AND_SEQUENCE_ZERO,
            Self::UnknownPType { .. } => id::PTYPE_VALUES,
            Self::Repeated { .. } => id::SEQUENCE_DETECTS_REPEATS,
            Self::Closed { ptype, error, .. } => closed(*ptype, error),
            Self::Padding { .. } => id::PADDING_COUNTS_FROM_ONE,
            Self::NoMobilityHeader { .. } => id::PTYPE_8_IS_MOBILITY,
            Self::ExtensionHeaders(_) => id::NEXT_HEADER_IS_FIRST,
            Self::Mobility { mh_type: BINDING_UPDATE, .. } => id::UPDATE_LAYOUT,
            Self::Mobility { mh_type: BINDING_ACK, .. } => id::ACK_LAYOUT,
            Self::Mobility { .. } => id::MOBILITY_LAYOUT,
            Self::Checksum { mh_type: BINDING_UPDATE, .. } => id::CHECKSUM_USES_HOME_ADDRESS,
            Self::Checksum { .. } => id::CHECKSUM_OVER_HEADER,
            Self::NoHomeAddress => id::HOME_ADDRESS_OPTION,
            Self::NoAlternateCareOf => id::ALTERNATE_CARE_OF_ADDRESS,
            Self::InnerVersion { .. } => id::NEXT_HEADER_IS_INNER_VERSION,
            Self::NoIpPacket => id::PLAIN_LAYOUT,
        }
    }
}

const fn closed(ptype: PType, error: &OpenError) -> &'static str {
    let is_mobility = ptype.0 == PType::MOBILITY.0;
    match error {
        OpenError::SpiZero => id::SPI_ZERO_NEEDS_PTYPE_ZERO,
        OpenError::Misaligned { block: 4, .. } => id::FOUR_OCTET_ALIGNMENT,
        OpenError::Misaligned { .. } => id::BLOCK_MULTIPLE,
        OpenError::Short { .. } if is_mobility => id::BINDING_LAYOUT,
        OpenError::Short { .. } => id::PROTECTED_LAYOUT,
        OpenError::Icv if is_mobility => id::BINDING_INTEGRITY,
        OpenError::Icv => id::PROTECTED_INTEGRITY,
        OpenError::PadLength { .. } if is_mobility => id::BINDING_TRAILER,
        OpenError::PadLength { .. } => id::PROTECTED_TRAILER,
        OpenError::Padding { .. } => id::PADDING_COUNTS_FROM_ONE,
    }
}

impl Repeat {
    fn describe(self, sequence: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameOctets { first } => write!(
                f,
                "a copy of frame {first} (Sequence Number {sequence}), by the network or an attacker"
            ),
            Self::OtherOctets { first } => {
                write!(f, "Sequence Number {sequence} was used in frame {first} for other octets")
            }
            Self::LongAgo => write!(f, "Sequence Number {sequence} was used long before"),
        }
    }
}

impl Finding {
    /// All that is wrong in one frame.
    pub(crate) fn all(frame: u64, faults: Vec<Fault>) -> Vec<Self> {
        faults.into_iter().map(|fault| Self { frame, fault }).collect()
    }

    /// What stands before it in text: `!`, or `~` where it is a warning.
    #[must_use]
    pub const fn mark(&self) -> char {
        match self.fault.rule() {
            Rule::Warning(_) => '~',
            Rule::Requirement(_) | Rule::Format(_) => '!',
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "frame {}: {}: {}", self.frame, self.fault.requirement(), self.fault)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exchange(breach) => breach.fmt(f),
            Self::NoHeader { have } => write!(f, "need 8 octets of header, have {have}"),
            Self::SpiZero { ptype } => write!(f, "SPI 0 with {ptype}"),
            Self::PlainNotZero { spi, sequence } => {
                write!(f, "PType 0 with SPI {spi} and Sequence Number {sequence}, need 0 and 0")
            }
            Self::UnknownPType { ptype } => write!(f, "{ptype}, need 0, 1 or 8"),
            Self::Repeated { sequence, repeat } => repeat.describe(*sequence, f),
            Self::Closed { error: OpenError::Icv, clues, .. } => {
                f.write_str("the ICV is not the one that the key given makes of these octets")?;
                clues.iter().try_for_each(|clue| write!(f, "; {clue}"))
            }
            Self::Closed { error, .. } => write!(f, "{error}"),
            Self::Padding { offset } => write!(f, "the octet at {offset} of the padding does not count on"),
            Self::NoMobilityHeader { protocol } => {
                write!(f, "PType 8 leads to header {protocol}, need 135")
            }
            Self::BindingInTheClear { mh_type } => {
                write!(f, "a binding message (MH Type {mh_type}) in the clear")
            }
            Self::DataInTheClear { spi } => {
                write!(f, "user data in the clear, while SA {spi} between these two has to protect them")
            }
            Self::IvCounts { .. } => {
                f.write_str("the IVs of this sender count up, where each has to be random")
            }
            Self::RegistersOn { asked } => {
                write!(
                    f,
                    "it registers on, though frame {asked} asked for another SA and no HAC was contacted"
                )
            }
            Self::NoUdpChecksum => f.write_str("no UDP checksum, which IPv6 demands"),
            Self::UdpChecksums { from, to, wrong, right } => write!(
                f,
                "wrong UDP checksum {wrong} times from {from} to {to}, the right one {right} times: captured on the \
                 host that sends, it is one that the card has yet to make; anywhere else the receiver drops the packet"
            ),
            Self::Over(overdue) => overdue.fmt(f),
            Self::IvReused { first, .. } => write!(f, "the IV was used in frame {first} under the same key"),
            Self::ExtensionHeaders(error)
            | Self::Headers(error)
            | Self::InnerHeaders(error)
            | Self::Mobility { error, .. } => write!(f, "{error}"),
            Self::Record { at, what } => write!(f, "the record at octet {at} of the capture: {what}"),
            Self::Checksum { need, have, .. } => write!(f, "checksum: need {need:#06x}, have {have:#06x}"),
            Self::NoHomeAddress => f.write_str("a registration without a Home Address option"),
            Self::NoAlternateCareOf => {
                f.write_str("a registration over IPv6 without an Alternate Care-of Address option")
            }
            Self::InnerVersion { next_header, version: Some(version) } => {
                write!(f, "Next Header {next_header} before an inner packet of version {version}")
            }
            Self::InnerVersion { next_header, version: None } => {
                write!(f, "Next Header {next_header} before no inner packet")
            }
            Self::NoIpPacket => f.write_str("PType 0 around something that is no IP packet"),
        }
    }
}
