//! ICMPv6 echo (RFC 4443 section 4) inside IPv6, and ICMP echo (RFC 792) inside IPv4: the user data by which tunnels
//! are judged.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use etherparse::{
    Icmpv4Slice, Icmpv4Type, Icmpv6Slice, Icmpv6Type, IpNumber, Ipv4Header, Ipv6Header, PacketBuilder,
};

/// What every echo request carries unless it is told otherwise, and so what its reply must bring back.
pub const ECHO_DATA: &[u8] = b"mip6-conform";
/// The identifier of every echo request; sequence numbers tell them apart.
const ECHO_ID: u16 = 0x6618;
const HOP_LIMIT: u8 = 64;

/// Hosts behind the HA that answer echo requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Correspondents {
    /// Over IPv6.
    pub ip6: Option<Ipv6Addr>,
    /// Over IPv4.
    pub ip4: Option<Ipv4Addr>,
}

impl Correspondents {
    /// Whether `address` is one of them.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        self.ip6.map(IpAddr::V6) == Some(address) || self.ip4.map(IpAddr::V4) == Some(address)
    }
}

/// An echo reply to one of our requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Echo {
    /// Who replies.
    pub from: IpAddr,
    /// To whom.
    pub to: IpAddr,
    /// ICMP sequence number.
    pub sequence: u16,
    /// The data behind it.
    pub data: Vec<u8>,
}

/// An ICMPv6 echo request as an IPv6 packet.
#[must_use]
pub fn echo_request(from: Ipv6Addr, to: Ipv6Addr, sequence: u16, data: &[u8]) -> Vec<u8> {
    let builder =
        PacketBuilder::ipv6(from.octets(), to.octets(), HOP_LIMIT).icmpv6_echo_request(ECHO_ID, sequence);
    let mut packet = Vec::with_capacity(builder.size(data.len()));
    // Writing to a Vec of a small packet cannot fail; an empty packet would be noticed at once.
    if builder.write(&mut packet, data).is_err() {
        packet.clear();
    }
    packet
}

/// An ICMP echo request as an IPv4 packet.
#[must_use]
pub fn echo_request4(from: Ipv4Addr, to: Ipv4Addr, sequence: u16, data: &[u8]) -> Vec<u8> {
    let builder =
        PacketBuilder::ipv4(from.octets(), to.octets(), HOP_LIMIT).icmpv4_echo_request(ECHO_ID, sequence);
    let mut packet = Vec::with_capacity(builder.size(data.len()));
    if builder.write(&mut packet, data).is_err() {
        packet.clear();
    }
    packet
}

/// The echo reply to one of our requests that an IP packet is, if it is one.
#[must_use]
pub fn reply(packet: &[u8]) -> Option<Echo> {
    match packet.first()? >> 4 {
        4 => reply4(packet),
        _ => reply6(packet),
    }
}

fn reply6(packet: &[u8]) -> Option<Echo> {
    let (ip, payload) = Ipv6Header::from_slice(packet).ok()?;
    if ip.next_header != IpNumber::IPV6_ICMP {
        return None;
    }
    let icmp = Icmpv6Slice::from_slice(payload.get(..usize::from(ip.payload_length))?).ok()?;
    match icmp.icmp_type() {
        Icmpv6Type::EchoReply(echo) if echo.id == ECHO_ID => Some(Echo {
            from: ip.source_addr().into(),
            to: ip.destination_addr().into(),
            sequence: echo.seq,
            data: icmp.payload().to_vec(),
        }),
        _ => None,
    }
}

fn reply4(packet: &[u8]) -> Option<Echo> {
    let (ip, _) = Ipv4Header::from_slice(packet).ok()?;
    if ip.protocol != IpNumber::ICMP {
        return None;
    }
    let icmp = Icmpv4Slice::from_slice(packet.get(ip.header_len()..usize::from(ip.total_len))?).ok()?;
    match icmp.icmp_type() {
        Icmpv4Type::EchoReply(echo) if echo.id == ECHO_ID => Some(Echo {
            from: Ipv4Addr::from(ip.source).into(),
            to: Ipv4Addr::from(ip.destination).into(),
            sequence: echo.seq,
            data: icmp.payload().to_vec(),
        }),
        _ => None,
    }
}
