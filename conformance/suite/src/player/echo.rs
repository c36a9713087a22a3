//! ICMPv6 echo (RFC 4443 section 4) inside IPv6: the user data by which tunnels are judged.

use std::net::Ipv6Addr;

use etherparse::{Icmpv6Slice, Icmpv6Type, IpNumber, Ipv6Header, PacketBuilder};

/// What every echo request carries, and so what its reply must bring back.
pub const ECHO_DATA: &[u8] = b"mip6-conform";
/// The identifier of every echo request; sequence numbers tell them apart.
const ECHO_ID: u16 = 0x6618;

/// An echo reply to one of our requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Echo {
    /// Who replies.
    pub from: Ipv6Addr,
    /// To whom.
    pub to: Ipv6Addr,
    /// ICMPv6 sequence number.
    pub sequence: u16,
    /// The data behind it.
    pub data: Vec<u8>,
}

/// An ICMPv6 echo request as an IPv6 packet.
#[must_use]
pub fn echo_request(from: Ipv6Addr, to: Ipv6Addr, sequence: u16) -> Vec<u8> {
    let builder = PacketBuilder::ipv6(from.octets(), to.octets(), 64).icmpv6_echo_request(ECHO_ID, sequence);
    let mut packet = Vec::with_capacity(builder.size(ECHO_DATA.len()));
    // Writing to a Vec of a small packet cannot fail; an empty packet would be noticed at once.
    if builder.write(&mut packet, ECHO_DATA).is_err() {
        packet.clear();
    }
    packet
}

/// The echo reply to one of our requests that an IPv6 packet is, if it is one.
#[must_use]
pub fn reply(packet: &[u8]) -> Option<Echo> {
    let (ip, payload) = Ipv6Header::from_slice(packet).ok()?;
    if ip.next_header != IpNumber::IPV6_ICMP {
        return None;
    }
    let icmp = Icmpv6Slice::from_slice(payload.get(..usize::from(ip.payload_length))?).ok()?;
    match icmp.icmp_type() {
        Icmpv6Type::EchoReply(echo) if echo.id == ECHO_ID => Some(Echo {
            from: ip.source_addr(),
            to: ip.destination_addr(),
            sequence: echo.seq,
            data: icmp.payload().to_vec(),
        }),
        _ => None,
    }
}
