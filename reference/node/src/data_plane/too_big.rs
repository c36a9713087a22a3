//! What the sender of a packet that does not fit through the tunnel is told: Packet Too Big (RFC 4443 section 3.2), or
//! Fragmentation Needed (RFC 792, RFC 1191 section 4).

use etherparse::icmpv4::DestUnreachableHeader::FragmentationNeeded;
use etherparse::{Icmpv4Type, Icmpv6Type, IpNumber, Ipv4HeaderSlice, Ipv6HeaderSlice, PacketBuilder};

/// The answer to `packet` where only `largest` octets fit. `None` if it fits, if it may come in fragments, or if it is one
/// that no error may answer.
///
/// It speaks for the destination: the address of the far end of the tunnel is one that the routes of this side know.
#[must_use]
pub fn too_big(packet: &[u8], largest: u16) -> Option<Vec<u8>> {
    if packet.len() <= usize::from(largest) {
        return None;
    }
    match packet.first()? >> 4 {
        4 => fragmentation_needed(packet, largest),
        6 => packet_too_big(packet, largest),
        _ => None,
    }
}

fn packet_too_big(packet: &[u8], largest: u16) -> Option<Vec<u8>> {
    let header = Ipv6HeaderSlice::from_slice(packet).ok()?;
    let from = header.source_addr();
    let is_icmp = header.next_header() == IpNumber::IPV6_ICMP;
    // Types below 128 are errors.
    let is_error = is_icmp && packet.get(header.slice().len()).is_some_and(|kind| *kind < 128);
    if is_error || from.is_unspecified() || from.is_multicast() {
        return None;
    }
    let quoted = packet.get(..QUOTED_OF_6.min(packet.len()))?;
    let answer = PacketBuilder::ipv6(header.destination(), header.source(), HOP_LIMIT)
        .icmpv6(Icmpv6Type::PacketTooBig { mtu: largest.into() });
    let mut octets = Vec::with_capacity(answer.size(quoted.len()));
    answer.write(&mut octets, quoted).ok()?;
    Some(octets)
}

fn fragmentation_needed(packet: &[u8], largest: u16) -> Option<Vec<u8>> {
    let header = Ipv4HeaderSlice::from_slice(packet).ok()?;
    let from = header.source_addr();
    let kind = packet.get(header.slice().len()).copied();
    let is_error =
        header.protocol() == IpNumber::ICMP && !kind.is_some_and(|kind| ICMP4_QUERIES.contains(&kind));
    let nobody = from.is_unspecified() || from.is_multicast() || from.is_broadcast();
    if !header.dont_fragment() || is_error || nobody || header.fragments_offset().value() > 0 {
        return None;
    }
    let quoted = packet.get(..QUOTED_OF_4.min(packet.len()))?;
    let answer = PacketBuilder::ipv4(header.destination(), header.source(), HOP_LIMIT)
        .icmpv4(Icmpv4Type::DestinationUnreachable(FragmentationNeeded { next_hop_mtu: largest }));
    let mut octets = Vec::with_capacity(answer.size(quoted.len()));
    answer.write(&mut octets, quoted).ok()?;
    Some(octets)
}

/// As much as fits into the smallest MTU of IPv6, behind two headers.
const QUOTED_OF_6: usize = 1280 - 40 - 8;
/// A header with options and eight octets are owed; 576 octets pass everywhere (RFC 1812 section 4.3.2.3).
const QUOTED_OF_4: usize = 576 - 20 - 8;
const HOP_LIMIT: u8 = 64;
/// Echo, timestamp and their replies (RFC 1122 section 3.2.2): all others are errors or obsolete.
const ICMP4_QUERIES: [u8; 4] = [0, 8, 13, 14];

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use etherparse::{NetSlice, SlicedPacket, TransportSlice};

    use super::*;

    const CORRESPONDENT: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const HOME: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0x66, 0x18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

    fn udp6(payload: usize) -> Vec<u8> {
        let mut packet = Vec::new();
        let builder = PacketBuilder::ipv6(CORRESPONDENT, HOME, 64).udp(1, 2);
        builder.write(&mut packet, &vec![7; payload]).expect("into memory");
        packet
    }

    fn udp4(payload: usize, may_be_cut: Cut) -> Vec<u8> {
        let mut packet = Vec::new();
        let builder = PacketBuilder::ipv4([192, 0, 2, 1], [10, 66, 18, 1], 64).udp(1, 2);
        builder.write(&mut packet, &vec![7; payload]).expect("into memory");
        // Flags and their part of the header checksum, which nobody here looks at.
        packet[6] = if may_be_cut == Cut::Forbidden { 0x40 } else { 0 };
        packet
    }

    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Cut {
        Allowed,
        Forbidden,
    }

    #[test]
    fn what_fits_needs_no_answer() {
        let packet = udp6(1302 - 48);
        assert_eq!(packet.len(), 1302);
        assert_eq!(too_big(&packet, 1302), None);
        assert!(too_big(&packet, 1301).is_some());
        assert_eq!(too_big(&[], 1280), None);
    }

    #[test]
    fn the_sender_learns_what_fits() {
        let packet = udp6(1400);
        let answer = too_big(&packet, 1302).expect("an answer");
        assert_eq!(answer.len(), 1280);
        let sliced = SlicedPacket::from_ip(&answer).expect("a packet");
        let Some(NetSlice::Ipv6(ip)) = sliced.net else { panic!("no IPv6") };
        assert_eq!((ip.header().source(), ip.header().destination()), (HOME, CORRESPONDENT));
        let Some(TransportSlice::Icmpv6(icmp)) = sliced.transport else { panic!("no ICMPv6") };
        assert_eq!(icmp.icmp_type(), Icmpv6Type::PacketTooBig { mtu: 1302 });
        assert!(icmp.is_checksum_valid(HOME, CORRESPONDENT));
        assert!(packet.starts_with(icmp.payload()));
        assert_eq!(too_big(&answer, 1000), None, "no error about an error");
    }

    #[test]
    fn an_ip4_packet_is_answered_only_if_it_must_not_be_cut() {
        let packet = udp4(1400, Cut::Forbidden);
        let answer = too_big(&packet, 1302).expect("an answer");
        let sliced = SlicedPacket::from_ip(&answer).expect("a packet");
        let Some(NetSlice::Ipv4(ip)) = sliced.net else { panic!("no IPv4") };
        assert_eq!(ip.header().source_addr(), Ipv4Addr::new(10, 66, 18, 1));
        let Some(TransportSlice::Icmpv4(icmp)) = sliced.transport else { panic!("no ICMP") };
        let told = Icmpv4Type::DestinationUnreachable(FragmentationNeeded { next_hop_mtu: 1302 });
        assert_eq!(icmp.icmp_type(), told);
        assert_eq!(too_big(&udp4(1400, Cut::Allowed), 1302), None);
        assert_eq!(too_big(&answer, 100), None, "no error about an error");
    }
}
