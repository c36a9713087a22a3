//! RFC 6618 section 6.4: user data of a trace between other addresses. Checksums are changed by as much as the addresses
//! under them (RFC 1624), so that right ones are right again, wrong ones stay wrong, and fragments need not be whole.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use wire::trailer::{IPV4, IPV6};

/// From what an IP packet goes to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Between<A> {
    pub(super) source: A,
    pub(super) destination: A,
}

/// The Next Header before an IP packet, by its version; nothing for what is none.
pub(super) fn next_header(packet: &[u8]) -> Option<u8> {
    match (packet.first()? >> 4, packet.len()) {
        (4, IP4_LEN..) => Some(IPV4),
        (6, IP6_LEN..) => Some(IPV6),
        _ => None,
    }
}

const IP4_LEN: usize = 20;
const IP4_CHECKSUM_AT: usize = 10;
const IP4_ADDRESSES_AT: usize = 12;
const IP6_LEN: usize = 40;
const IP6_ADDRESSES_AT: usize = 8;

/// The same IPv4 packet between other addresses; as it is where it has no whole header.
pub(super) fn between_ip4(mut packet: Vec<u8>, to: Between<Ipv4Addr>) -> Vec<u8> {
    let new = [to.source.octets(), to.destination.octets()].concat();
    let upper = upper_of_ip4(&packet);
    let Some(old) = replace(&mut packet, IP4_ADDRESSES_AT, &new) else { return packet };
    adjust(&mut packet, IP4_CHECKSUM_AT, Zero::IsAValue, &old, &new);
    adjust_upper(&mut packet, upper, &old, &new);
    packet
}

/// The same IPv6 packet between other addresses; as it is where it has no whole header.
pub(super) fn between_ip6(mut packet: Vec<u8>, to: Between<Ipv6Addr>) -> Vec<u8> {
    let new = [to.source.octets(), to.destination.octets()].concat();
    let upper = upper_of_ip6(&packet);
    let Some(old) = replace(&mut packet, IP6_ADDRESSES_AT, &new) else { return packet };
    adjust_upper(&mut packet, upper, &old, &new);
    packet
}

/// Source and protocol of what comes out of the tunnel, and to whom it goes.
pub(super) fn addresses(packet: &[u8]) -> Option<Between<IpAddr>> {
    let four = |at: usize| Some(IpAddr::from(*packet.get(at..)?.first_chunk::<4>()?));
    let sixteen = |at: usize| Some(IpAddr::from(*packet.get(at..)?.first_chunk::<16>()?));
    match packet.first()? >> 4 {
        4 => Some(Between { source: four(IP4_ADDRESSES_AT)?, destination: four(IP4_ADDRESSES_AT + 4)? }),
        6 => {
            Some(Between { source: sixteen(IP6_ADDRESSES_AT)?, destination: sixteen(IP6_ADDRESSES_AT + 16)? })
        }
        _ => None,
    }
}

/// What an IP packet carries behind extension headers: a protocol number.
pub(super) fn protocol(packet: &[u8]) -> Option<u8> {
    let upper = if packet.first()? >> 4 == 4 { upper_of_ip4(packet) } else { upper_of_ip6(packet) };
    upper.map(|upper| upper.protocol)
}

/// What an IP packet carries, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Upper {
    protocol: u8,
    at: usize,
}

fn upper_of_ip4(packet: &[u8]) -> Option<Upper> {
    let header: &[u8; IP4_LEN] = packet.first_chunk()?;
    let offset = u16::from_be_bytes([header[6], header[7]]) & 0x1fff;
    (offset == 0).then_some(Upper { protocol: header[9], at: usize::from(header[0] & 0xf) * 4 })
}

/// Extension headers that an honest packet may have, several times over.
const EXTENSIONS_AT_MOST: usize = 16;

/// Nothing for a fragment that is not the first.
fn upper_of_ip6(packet: &[u8]) -> Option<Upper> {
    let mut upper = Upper { protocol: *packet.get(6)?, at: IP6_LEN };
    for _ in 0..EXTENSIONS_AT_MOST {
        let header = packet.get(upper.at..)?.first_chunk::<4>();
        let len = match (upper.protocol, header) {
            (HOP_BY_HOP | ROUTING | DEST_OPTIONS, Some(header)) => (usize::from(header[1]) + 1) * 8,
            (FRAGMENT, Some(header)) if u16::from_be_bytes([header[2], header[3]]) >> 3 == 0 => 8,
            (HOP_BY_HOP | ROUTING | DEST_OPTIONS | FRAGMENT, _) => return None,
            _ => return Some(upper),
        };
        upper = Upper { protocol: header?[0], at: upper.at + len };
    }
    None
}

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DEST_OPTIONS: u8 = 60;

/// What a checksum of zero means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zero {
    IsAValue,
    /// UDP: there is none.
    IsNone,
}

/// Protocols whose checksum covers the addresses, where it stands in their header, and what zero means in it.
const CHECKSUMS: [(u8, usize, Zero); 5] = [
    (6, 16, Zero::IsAValue),
    (17, 6, Zero::IsNone),
    (33, 6, Zero::IsAValue),
    (58, 2, Zero::IsAValue),
    (136, 6, Zero::IsNone),
];

fn adjust_upper(packet: &mut [u8], upper: Option<Upper>, old: &[u8], new: &[u8]) {
    let Some(Upper { protocol, at }) = upper else { return };
    if let Some((_, offset, zero)) = CHECKSUMS.iter().find(|(known, ..)| *known == protocol) {
        adjust(packet, at + offset, *zero, old, new);
    }
}

/// Gives what stood there.
fn replace(packet: &mut [u8], at: usize, new: &[u8]) -> Option<Vec<u8>> {
    let place = packet.get_mut(at..at + new.len())?;
    let old = place.to_vec();
    place.copy_from_slice(new);
    Some(old)
}

fn adjust(packet: &mut [u8], at: usize, zero: Zero, old: &[u8], new: &[u8]) {
    let Some(place) = packet.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<2>) else { return };
    let before = u16::from_be_bytes(*place);
    if zero == Zero::IsNone && before == 0 {
        return;
    }
    let words = |octets: &[u8]| -> Vec<u16> {
        octets.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
    };
    let mut sum = u32::from(!before);
    words(old).into_iter().for_each(|word| sum += u32::from(!word));
    words(new).into_iter().for_each(|word| sum += u32::from(word));
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    let after = !(sum as u16);
    let after = if zero == Zero::IsNone && after == 0 { 0xffff } else { after };
    *place = after.to_be_bytes();
}

#[cfg(test)]
mod tests {
    use etherparse::{Icmpv6Type, PacketBuilder, SlicedPacket, TransportSlice};

    use super::*;

    const OLD: [[u8; 16]; 2] = [[0x20; 16], [0x31; 16]];
    const NEW: [[u8; 16]; 2] = [[0xfe; 16], [0x47; 16]];

    fn to6() -> Between<Ipv6Addr> {
        Between { source: NEW[0].into(), destination: NEW[1].into() }
    }

    fn udp6(from: [[u8; 16]; 2], payload: &[u8]) -> Vec<u8> {
        let mut packet = Vec::new();
        PacketBuilder::ipv6(from[0], from[1], 64).udp(5000, 7).write(&mut packet, payload).expect("written");
        packet
    }

    #[test]
    fn a_datagram_is_what_it_would_be_between_those_addresses() {
        for payload in [&b"odd"[..], b"even", b""] {
            assert_eq!(between_ip6(udp6(OLD, payload), to6()), udp6(NEW, payload));
        }
        let echo = |[from, to]: [[u8; 16]; 2]| {
            let mut packet = Vec::new();
            let builder = PacketBuilder::ipv6(from, to, 64).icmpv6_echo_request(1, 2);
            builder.write(&mut packet, b"data").expect("written");
            packet
        };
        assert_eq!(between_ip6(echo(OLD), to6()), echo(NEW));
        let echo = echo(NEW);
        let sliced = SlicedPacket::from_ip(&echo).expect("a packet").transport;
        let Some(TransportSlice::Icmpv6(icmp)) = sliced else { panic!("{sliced:?}") };
        assert!(matches!(icmp.icmp_type(), Icmpv6Type::EchoRequest(_)));
    }

    #[test]
    fn a_segment_inside_ip4_has_both_its_checksums_made_anew() {
        let segment = |source: [u8; 4], destination: [u8; 4]| {
            let mut packet = Vec::new();
            let builder = PacketBuilder::ipv4(source, destination, 64).tcp(4000, 80, 7, 100).syn();
            builder.write(&mut packet, b"").expect("written");
            packet
        };
        let to = Between { source: Ipv4Addr::new(198, 18, 0, 1), destination: Ipv4Addr::new(203, 0, 113, 9) };
        let moved = between_ip4(segment([10, 0, 0, 1], [10, 9, 8, 7]), to);
        assert_eq!(moved, segment(to.source.octets(), to.destination.octets()));
    }

    #[test]
    fn a_wrong_checksum_stays_wrong_by_as_much() {
        let mut wrong = udp6(OLD, b"data");
        wrong[47] ^= 1;
        let mut as_wrong = udp6(NEW, b"data");
        as_wrong[47] ^= 1;
        let moved = between_ip6(wrong, to6());
        assert_ne!(moved, udp6(NEW, b"data"));
        assert_eq!(moved[..46], as_wrong[..46]);
    }

    #[test]
    fn udp_without_a_checksum_stays_without() {
        let mut packet = Vec::new();
        PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
            .udp(1, 2)
            .write(&mut packet, b"x")
            .expect("written");
        packet[26..28].fill(0);
        let to = Between { source: Ipv4Addr::LOCALHOST, destination: Ipv4Addr::BROADCAST };
        assert_eq!(between_ip4(packet, to)[26..28], [0, 0]);
    }

    #[test]
    fn only_a_first_fragment_has_a_checksum_to_change() {
        let mut first = udp6(OLD, b"data");
        first.splice(40..40, [17, 0, 0, 1, 0, 0, 0, 9]);
        first[6] = FRAGMENT;
        let mut second = first.clone();
        second[42] = 1;
        let moved = |packet: &[u8]| between_ip6(packet.to_vec(), to6())[40..].to_vec();
        assert_ne!(moved(&first), first[40..]);
        assert_eq!(moved(&second), second[40..]);
    }

    #[test]
    fn no_octets_make_it_fail() {
        let whole = udp6(OLD, b"data");
        for len in 0..whole.len() {
            drop(between_ip6(whole[..len].to_vec(), to6()));
            drop(between_ip4(
                whole[..len].to_vec(),
                Between { source: Ipv4Addr::LOCALHOST, destination: Ipv4Addr::LOCALHOST },
            ));
            let _ = (next_header(&whole[..len]), protocol(&whole[..len]), addresses(&whole[..len]));
        }
    }
}
