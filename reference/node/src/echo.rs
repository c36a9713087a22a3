//! ICMPv6 echo (RFC 4443) as the MN's host sends it through the tunnel, and the addresses of inner packets.

use std::net::{IpAddr, Ipv6Addr};

use etherparse::{Icmpv6Type, NetSlice, PacketBuilder, SlicedPacket, TransportSlice};

/// One echo request, or the reply to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echo {
    /// Who asks.
    pub source: Ipv6Addr,
    /// Who shall answer.
    pub destination: Ipv6Addr,
    /// Which run of requests.
    pub identifier: u16,
    /// Which request of the run.
    pub sequence: u16,
}

impl Echo {
    /// The request as an IPv6 packet.
    #[must_use]
    pub fn request(&self) -> Vec<u8> {
        let builder = PacketBuilder::ipv6(self.source.octets(), self.destination.octets(), HOP_LIMIT)
            .icmpv6_echo_request(self.identifier, self.sequence);
        let mut packet = Vec::with_capacity(builder.size(PAYLOAD.len()));
        builder.write(&mut packet, PAYLOAD).expect("a short payload into memory");
        packet
    }

    /// Whether `packet` is the whole and good reply to this request.
    #[must_use]
    pub fn is_answered_by(&self, packet: &[u8]) -> bool {
        let Ok(sliced) = SlicedPacket::from_ip(packet) else { return false };
        let (Some(NetSlice::Ipv6(ip)), Some(TransportSlice::Icmpv6(icmp))) = (sliced.net, sliced.transport)
        else {
            return false;
        };
        let (from, to) = (ip.header().source(), ip.header().destination());
        let Icmpv6Type::EchoReply(echo) = icmp.icmp_type() else { return false };
        (from, to) == (self.destination.octets(), self.source.octets())
            && (echo.id, echo.seq) == (self.identifier, self.sequence)
            && icmp.payload() == PAYLOAD
            && icmp.is_checksum_valid(from, to)
    }
}

const HOP_LIMIT: u8 = 64;
const PAYLOAD: &[u8] = b"mip6-mn echo through the tunnel";

/// The destination of an IP packet; `None` if it is none.
#[must_use]
pub fn destination(packet: &[u8]) -> Option<IpAddr> {
    match SlicedPacket::from_ip(packet).ok()?.net? {
        NetSlice::Ipv4(ip) => Some(ip.header().destination_addr().into()),
        NetSlice::Ipv6(ip) => Some(ip.header().destination_addr().into()),
        NetSlice::Arp(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo() -> Echo {
        let [source, destination] = [0x10, 1].map(|last| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last));
        Echo { source, destination, identifier: 7, sequence: 1 }
    }

    #[test]
    fn the_correspondent_answers_a_request_and_only_its_own_reply_counts() {
        let reply = proto::correspondent::answer(&echo().request()).expect("an answer");
        assert!(echo().is_answered_by(&reply));
        assert!(!Echo { sequence: 2, ..echo() }.is_answered_by(&reply));
        assert!(!Echo { identifier: 8, ..echo() }.is_answered_by(&reply));
        assert!(!echo().is_answered_by(&echo().request()), "a request is no reply");
        assert_eq!(destination(&reply), Some(echo().source.into()));
        let mut broken = reply;
        *broken.last_mut().unwrap() ^= 1;
        assert!(!echo().is_answered_by(&broken));
    }

    #[test]
    fn no_octets_are_a_panic() {
        for length in 0..64 {
            assert_eq!(destination(&vec![0x60; length]), None, "its Payload Length says more");
            assert!(!echo().is_answered_by(&vec![0x60; length]));
        }
    }
}
