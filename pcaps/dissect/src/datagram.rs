//! Link and IP headers: from a frame to the UDP datagram in it.

use std::net::{IpAddr, SocketAddr};

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, LenSource, TransportSlice, ip_number};

/// Link types that are read, as numbered by tcpdump.org.
mod link {
    pub(super) const NULL: u32 = 0;
    pub(super) const ETHERNET: u32 = 1;
    /// Raw IP as some systems number it in their files.
    pub(super) const RAW_BSD: [u32; 2] = [12, 14];
    pub(super) const RAW: u32 = 101;
    pub(super) const LOOP: u32 = 108;
    pub(super) const LINUX_COOKED: u32 = 113;
    pub(super) const IP4: u32 = 228;
    pub(super) const IP6: u32 = 229;
}

/// Octets of the address family before IP on NULL and loopback links.
const FAMILY_LEN: usize = 4;
/// Octets of the Linux cooked header; its last two are an EtherType.
const COOKED_LEN: usize = 16;

/// A UDP datagram.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Datagram<'a> {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) payload: &'a [u8],
    /// Whether the payload is all of it.
    pub(crate) is_whole: bool,
}

/// What a frame holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found<'a> {
    /// A datagram.
    Datagram(Datagram<'a>),
    /// A piece of an IP packet.
    Fragment,
    /// Something that is no UDP, or below a link type that is not read.
    Other,
    /// Headers that do not hold together.
    Broken,
}

/// Looks for a datagram in a frame.
pub(crate) fn find(link: u32, octets: &[u8]) -> Found<'_> {
    let packet = match link {
        link::ETHERNET => LaxSlicedPacket::from_ethernet(octets).ok(),
        link::LINUX_COOKED => cooked(octets),
        link::NULL | link::LOOP => octets.get(FAMILY_LEN..).and_then(ip),
        link::RAW | link::IP4 | link::IP6 => ip(octets),
        _ if link::RAW_BSD.contains(&link) => ip(octets),
        _ => return Found::Other,
    };
    packet.map_or(Found::Broken, |packet| inside(&packet))
}

fn ip(octets: &[u8]) -> Option<LaxSlicedPacket<'_>> {
    LaxSlicedPacket::from_ip(octets).ok()
}

fn cooked(octets: &[u8]) -> Option<LaxSlicedPacket<'_>> {
    let (header, rest) = octets.split_at_checked(COOKED_LEN)?;
    let &[.., high, low] = header else { return None };
    Some(LaxSlicedPacket::from_ether_type(EtherType(u16::from_be_bytes([high, low])), rest))
}

fn inside<'a>(packet: &LaxSlicedPacket<'a>) -> Found<'a> {
    let (from, to, payload): (IpAddr, IpAddr, _) = match &packet.net {
        Some(LaxNetSlice::Ipv4(ip)) => {
            let header = ip.header();
            (header.source_addr().into(), header.destination_addr().into(), ip.payload())
        }
        Some(LaxNetSlice::Ipv6(ip)) => {
            let header = ip.header();
            (header.source_addr().into(), header.destination_addr().into(), ip.payload())
        }
        _ => return if packet.stop_err.is_some() { Found::Broken } else { Found::Other },
    };
    if payload.fragmented {
        return Found::Fragment;
    }
    match &packet.transport {
        Some(TransportSlice::Udp(udp)) => Found::Datagram(Datagram {
            from: SocketAddr::new(from, udp.source_port()),
            to: SocketAddr::new(to, udp.destination_port()),
            payload: udp.payload(),
            is_whole: !payload.incomplete && udp.payload_len_source() == LenSource::UdpHeaderLen,
        }),
        _ if payload.ip_number == ip_number::UDP => Found::Broken,
        _ => Found::Other,
    }
}
