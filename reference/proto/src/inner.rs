//! RFC 6618 section 6.4: the IP packet inside the encapsulation.

use std::net::IpAddr;

use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice};
use wire::trailer::{IPV4, IPV6};

/// What both ends of the tunnel look at: the two addresses, and where the packet ends.
pub(crate) struct InnerPacket<'a> {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    /// Next Header in the sense of the ESP trailer: 4 or 41.
    pub(crate) next_header: u8,
    /// The packet without what follows its own length (PK-23).
    pub(crate) octets: &'a [u8],
}

impl<'a> InnerPacket<'a> {
    /// `None` unless `octets` starts with a whole IPv4 or IPv6 packet.
    pub(crate) fn parse(octets: &'a [u8]) -> Option<Self> {
        match octets.first()? >> 4 {
            4 => Self::parse_ip4(octets),
            6 => Self::parse_ip6(octets),
            _ => None,
        }
    }

    fn parse_ip4(octets: &'a [u8]) -> Option<Self> {
        let header = Ipv4HeaderSlice::from_slice(octets).ok()?;
        let length = usize::from(header.total_len());
        if length < header.slice().len() {
            return None;
        }
        Some(Self {
            source: header.source_addr().into(),
            destination: header.destination_addr().into(),
            next_header: IPV4,
            octets: octets.get(..length)?,
        })
    }

    fn parse_ip6(octets: &'a [u8]) -> Option<Self> {
        let header = Ipv6HeaderSlice::from_slice(octets).ok()?;
        let length = header.slice().len() + usize::from(header.payload_length());
        Some(Self {
            source: header.source_addr().into(),
            destination: header.destination_addr().into(),
            next_header: IPV6,
            octets: octets.get(..length)?,
        })
    }
}
