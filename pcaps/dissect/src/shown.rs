//! RFC 6618 section 6: a packet between MN and HA as it is shown, and the numbers of its header that go together.

use core::fmt;

use wire::packet::{PType, Packet};

use crate::finding::Fault;
use crate::inner::Inner;
use crate::mobile_icmp::MobileIcmp;
use crate::mobility::Mobility;
use crate::named::Named;

/// A packet as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its first eight octets, if it has them.
    pub header: Option<Header>,
    /// What follows.
    pub content: Content,
}

/// PType, SPI and Sequence Number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// PType.
    pub ptype: PType,
    /// SPI.
    pub spi: u32,
    /// Sequence Number.
    pub sequence: u32,
}

/// What follows the header, as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// What was in the clear, or was opened.
    Inner(Inner),
    /// A Mobility Header outside of any RFC 6618 packet: plain Mobile IPv6.
    Plain(Box<Mobility>),
    /// An ICMPv6 message of Mobile IPv6.
    Icmp(MobileIcmp),
    /// A packet of a neighbouring protocol, which is not judged.
    Named(Named),
    /// Protected, and nobody gave the keys: so many octets.
    NoKeys(usize),
    /// Protected, but not by the keys given.
    Closed,
    /// Not looked at: the header is not legal.
    Illegal,
    /// Not looked at: the capture has not all octets.
    Cut,
    /// A keepalive.
    Keepalive,
}

impl Header {
    /// Of a packet that is long enough to have one.
    pub(crate) fn of(octets: &[u8]) -> Option<Self> {
        let packet = Packet::new_checked(octets).ok()?;
        Some(Self { ptype: packet.ptype(), spi: packet.spi(), sequence: packet.sequence() })
    }

    /// Sections 6.2, 6.4 and 8.1: which numbers go together.
    pub(crate) fn judge(self, faults: &mut Vec<Fault>) {
        let Self { ptype, spi, sequence } = self;
        if ptype == PType::PLAIN {
            if (spi, sequence) != (0, 0) {
                faults.push(Fault::PlainNotZero { spi, sequence });
            }
            return;
        }
        if spi == 0 {
            faults.push(Fault::SpiZero { ptype });
        }
        if ptype != PType::PROTECTED && ptype != PType::MOBILITY {
            faults.push(Fault::UnknownPType { ptype });
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Header { ptype, spi, sequence }) = self.header {
            write!(f, "PType {} SPI {spi} seq {sequence}: ", ptype.0)?;
        }
        self.content.fmt(f)
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inner(inner) => inner.fmt(f),
            Self::Plain(mobility) => mobility.fmt(f),
            Self::Icmp(message) => message.fmt(f),
            Self::Named(named) => named.fmt(f),
            Self::NoKeys(octets) => write!(f, "{octets} octets, no keys"),
            Self::Closed => f.write_str("not opened"),
            Self::Illegal => f.write_str("not legal"),
            Self::Cut => f.write_str("cut by the capture, not judged"),
            Self::Keepalive => f.write_str("keepalive"),
        }
    }
}
