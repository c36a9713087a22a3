//! A node in the home network that answers ICMP echo, so that traffic through the tunnel can be seen to come back.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use etherparse::{
    IcmpEchoHeader, Icmpv4Header, Icmpv4Type, Icmpv6Header, Icmpv6Slice, Icmpv6Type, IpNumber, Ipv4Header,
    Ipv4HeaderSlice, Ipv6Header, Ipv6HeaderSlice,
};

const HOP_LIMIT: u8 = 64;

/// The answer to an IP packet: an echo reply to an intact ICMPv6 (RFC 4443) or ICMP (RFC 792) echo request, and nothing
/// to anything else. Packets with extension headers, fragments and packets to groups are not answered.
pub fn answer(packet: &[u8]) -> Option<Vec<u8>> {
    match packet.first()? >> 4 {
        4 => answer_ip4(packet),
        6 => answer_ip6(packet),
        _ => None,
    }
}

/// Where an IP packet goes; `None` if it is none.
pub fn destination(packet: &[u8]) -> Option<IpAddr> {
    match packet.first()? >> 4 {
        4 => Some(Ipv4HeaderSlice::from_slice(packet).ok()?.destination_addr().into()),
        6 => Some(Ipv6HeaderSlice::from_slice(packet).ok()?.destination_addr().into()),
        _ => None,
    }
}

/// A whole packet with an echo request, for [`answer`] to answer. `None` if the addresses are of two families, or
/// `data` does not fit into one packet.
pub fn echo_request(from: IpAddr, to: IpAddr, identifier: u16, number: u16, data: &[u8]) -> Option<Vec<u8>> {
    let echo = IcmpEchoHeader { id: identifier, seq: number };
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => icmp4(from, to, Icmpv4Type::EchoRequest(echo), data),
        (IpAddr::V6(from), IpAddr::V6(to)) => icmp6(from, to, Icmpv6Type::EchoRequest(echo), data),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => None,
    }
}

fn answer_ip6(packet: &[u8]) -> Option<Vec<u8>> {
    let header = Ipv6HeaderSlice::from_slice(packet).ok()?;
    let message = packet.get(header.slice().len()..)?.get(..usize::from(header.payload_length()))?;
    let (from, to) = (header.source_addr(), header.destination_addr());
    if header.next_header() != IpNumber::IPV6_ICMP || to.is_multicast() {
        return None;
    }
    let intact = Icmpv6Slice::from_slice(message).ok()?.is_checksum_valid(from.octets(), to.octets());
    let (request, data) = Icmpv6Header::from_slice(message).ok()?;
    match request.icmp_type {
        Icmpv6Type::EchoRequest(echo) if intact => icmp6(to, from, Icmpv6Type::EchoReply(echo), data),
        _ => None,
    }
}

fn answer_ip4(packet: &[u8]) -> Option<Vec<u8>> {
    let header = Ipv4HeaderSlice::from_slice(packet).ok()?;
    let message = packet.get(header.slice().len()..usize::from(header.total_len()))?;
    let (from, to) = (header.source_addr(), header.destination_addr());
    let to_group = to.is_multicast() || to.is_broadcast();
    if header.protocol() != IpNumber::ICMP || header.is_fragmenting_payload() || to_group {
        return None;
    }
    let (request, data) = Icmpv4Header::from_slice(message).ok()?;
    let intact = request.icmp_type.calc_checksum(data) == request.checksum;
    match request.icmp_type {
        Icmpv4Type::EchoRequest(echo) if intact => icmp4(to, from, Icmpv4Type::EchoReply(echo), data),
        _ => None,
    }
}

fn icmp6(from: Ipv6Addr, to: Ipv6Addr, kind: Icmpv6Type, data: &[u8]) -> Option<Vec<u8>> {
    let icmp = Icmpv6Header::with_checksum(kind, from.octets(), to.octets(), data).ok()?;
    let ip = Ipv6Header {
        payload_length: u16::try_from(icmp.header_len() + data.len()).ok()?,
        next_header: IpNumber::IPV6_ICMP,
        hop_limit: HOP_LIMIT,
        source: from.octets(),
        destination: to.octets(),
        ..Ipv6Header::default()
    };
    Some([ip.to_bytes().as_slice(), icmp.to_bytes().as_slice(), data].concat())
}

fn icmp4(from: Ipv4Addr, to: Ipv4Addr, kind: Icmpv4Type, data: &[u8]) -> Option<Vec<u8>> {
    let icmp = Icmpv4Header::with_checksum(kind, data);
    let length = u16::try_from(icmp.header_len() + data.len()).ok()?;
    let mut ip = Ipv4Header::new(length, HOP_LIMIT, IpNumber::ICMP, from.octets(), to.octets()).ok()?;
    ip.header_checksum = ip.calc_header_checksum();
    Some([ip.to_bytes().as_slice(), icmp.to_bytes().as_slice(), data].concat())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{answer, destination, echo_request};

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn ping(from: &str, to: &str) -> Vec<u8> {
        echo_request(ip(from), ip(to), 0x1234, 7, b"abc").expect("one family")
    }

    /// The one's complement sum of all words, which is 0xFFFF over a message with a right checksum.
    fn sum(parts: &[&[u8]]) -> u16 {
        let octets = parts.concat();
        let words =
            octets.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
        let total: u32 = words.sum();
        ((total & 0xffff) + (total >> 16)) as u16
    }

    #[test]
    fn an_ip6_echo_comes_back_with_a_right_checksum() {
        let reply = answer(&ping("2001:db8::1", "2001:db8::2")).expect("a reply");
        assert_eq!(&reply[4..8], &[0, 11, 58, 64], "payload length, ICMPv6, hop limit");
        assert_eq!(&reply[8..24], &ping("2001:db8::1", "2001:db8::2")[24..40], "from whom it was asked");
        assert_eq!(destination(&reply), Some(ip("2001:db8::1")));
        assert_eq!((reply[40], reply[41]), (129, 0));
        assert_eq!(&reply[44..], b"\x12\x34\x00\x07abc");
        assert_eq!(sum(&[&reply[8..40], &[0, 0, 0, 11, 0, 0, 0, 58], &reply[40..]]), 0xffff);
    }

    #[test]
    fn an_ip4_echo_comes_back_with_right_checksums() {
        let reply = answer(&ping("192.0.2.1", "192.0.2.2")).expect("a reply");
        assert_eq!(&reply[12..20], &[192, 0, 2, 2, 192, 0, 2, 1]);
        assert_eq!((reply[20], reply[21]), (0, 0));
        assert_eq!(&reply[24..], b"\x12\x34\x00\x07abc");
        assert_eq!((sum(&[&reply[..20]]), sum(&[&reply[20..]])), (0xffff, 0xffff));
    }

    #[test]
    fn whatever_is_not_an_intact_request_is_not_answered() {
        for (from, to) in [("2001:db8::1", "2001:db8::2"), ("192.0.2.1", "192.0.2.2")] {
            let request = ping(from, to);
            let reply = answer(&request).expect("the control is answered");
            assert_eq!(answer(&reply), None, "a reply");
            for cut in 0..request.len() {
                assert_eq!(answer(&request[..cut]), None, "{cut} octets");
            }
            let mut damaged = request.clone();
            if let Some(last) = damaged.last_mut() {
                *last ^= 1;
            }
            assert_eq!(answer(&damaged), None, "a wrong checksum");
        }
        assert_eq!(answer(&ping("2001:db8::1", "ff02::1")), None);
        assert_eq!(answer(&ping("192.0.2.1", "224.0.0.1")), None);
        assert_eq!(echo_request(ip("192.0.2.1"), ip("2001:db8::2"), 1, 1, b""), None);
    }
}
