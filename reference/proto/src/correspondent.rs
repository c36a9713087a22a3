//! A node in the home network that answers ICMP echo, so that traffic through the tunnel can be seen to come back.

use std::net::Ipv6Addr;

use etherparse::{
    Icmpv4Header, Icmpv4Type, Icmpv6Header, Icmpv6Type, IpNumber, Ipv4Header, Ipv4HeaderSlice, Ipv6Header,
    Ipv6HeaderSlice,
};

const HOP_LIMIT: u8 = 64;

/// The answer to an IP packet: an echo reply to a well-formed ICMPv6 (RFC 4443) or ICMP (RFC 792) echo request, and
/// nothing to anything else. Extension headers, fragments and multicast destinations are not answered.
pub fn answer(packet: &[u8]) -> Option<Vec<u8>> {
    match packet.first()? >> 4 {
        4 => answer_ip4(packet),
        6 => answer_ip6(packet),
        _ => None,
    }
}

fn answer_ip6(packet: &[u8]) -> Option<Vec<u8>> {
    let header = Ipv6HeaderSlice::from_slice(packet).ok()?;
    let at = header.slice().len();
    let message = packet.get(at..at.checked_add(usize::from(header.payload_length()))?)?;
    let (from, to) = (header.source_addr(), header.destination_addr());
    if header.next_header() != IpNumber::IPV6_ICMP || to.is_multicast() || !is_intact(message, from, to) {
        return None;
    }
    let (request, data) = Icmpv6Header::from_slice(message).ok()?;
    let Icmpv6Type::EchoRequest(echo) = request.icmp_type else { return None };
    let reply =
        Icmpv6Header::with_checksum(Icmpv6Type::EchoReply(echo), to.octets(), from.octets(), data).ok()?;
    let ip = Ipv6Header {
        payload_length: header.payload_length(),
        next_header: IpNumber::IPV6_ICMP,
        hop_limit: HOP_LIMIT,
        source: to.octets(),
        destination: from.octets(),
        ..Ipv6Header::default()
    };
    Some([ip.to_bytes().as_slice(), reply.to_bytes().as_slice(), data].concat())
}

fn is_intact(message: &[u8], from: Ipv6Addr, to: Ipv6Addr) -> bool {
    etherparse::Icmpv6Slice::from_slice(message)
        .is_ok_and(|icmp| icmp.is_checksum_valid(from.octets(), to.octets()))
}

fn answer_ip4(packet: &[u8]) -> Option<Vec<u8>> {
    let header = Ipv4HeaderSlice::from_slice(packet).ok()?;
    let message = packet.get(header.slice().len()..usize::from(header.total_len()))?;
    let (from, to) = (header.source_addr(), header.destination_addr());
    let skipped = header.protocol() != IpNumber::ICMP
        || header.is_fragmenting_payload()
        || to.is_multicast()
        || to.is_broadcast();
    if skipped {
        return None;
    }
    let (request, data) = Icmpv4Header::from_slice(message).ok()?;
    if request.icmp_type.calc_checksum(data) != request.checksum {
        return None;
    }
    let Icmpv4Type::EchoRequest(echo) = request.icmp_type else { return None };
    let reply = Icmpv4Header::with_checksum(Icmpv4Type::EchoReply(echo), data);
    let length = u16::try_from(message.len()).ok()?;
    let ip = Ipv4Header::new(length, HOP_LIMIT, IpNumber::ICMP, to.octets(), from.octets()).ok()?;
    Some([ip.to_bytes().as_slice(), reply.to_bytes().as_slice(), data].concat())
}
