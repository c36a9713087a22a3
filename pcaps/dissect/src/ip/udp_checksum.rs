//! RFC 768 and RFC 8200 section 8.1: the checksum of a UDP datagram.

use std::net::IpAddr;

use super::transport::{Datagram, number};

/// What becomes of a sum over octets that hold their own checksum.
const RIGHT: u16 = 0xffff;

/// What is known of a checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UdpChecksum {
    /// The sender made none.
    Absent,
    Right,
    Wrong,
    /// Octets or addresses that it covers are not at hand.
    NotChecked,
}

impl Datagram<'_> {
    /// Looks at every octet.
    pub(crate) fn checksum(&self) -> UdpChecksum {
        let Some(checksum) = self.checksum.filter(|_| self.is_whole) else { return UdpChecksum::NotChecked };
        if checksum == 0 {
            return UdpChecksum::Absent;
        }
        let Ok(len) = u16::try_from(self.payload.len() + 8) else { return UdpChecksum::NotChecked };
        // One order of octets is as good as the other: only the carry moves.
        let half = |number: u16| u64::from(number.to_be());
        // The length stands in the header and in the pseudo-header.
        let header = half(self.from.port()) + half(self.to.port()) + 2 * half(len) + half(checksum);
        let covered = sum_of_address(self.from.ip())
            + sum_of_address(self.to.ip())
            + half(number::UDP.into())
            + header
            + sum(self.payload);
        if fold(covered) == RIGHT { UdpChecksum::Right } else { UdpChecksum::Wrong }
    }
}

fn sum_of_address(address: IpAddr) -> u64 {
    match address {
        IpAddr::V4(address) => sum(&address.octets()),
        IpAddr::V6(address) => sum(&address.octets()),
    }
}

/// Four octets at a time, in the order of this machine; compilers make wide instructions of it.
fn sum(octets: &[u8]) -> u64 {
    let (words, rest) = octets.as_chunks::<4>();
    let mut last = [0; 4];
    last.iter_mut().zip(rest).for_each(|(last, octet)| *last = *octet);
    words.iter().map(|word| u64::from(u32::from_ne_bytes(*word))).sum::<u64>()
        + u64::from(u32::from_ne_bytes(last))
}

#[expect(clippy::cast_possible_truncation, reason = "what is above is added first")]
const fn fold(sum: u64) -> u16 {
    let sum = (sum >> 32) + (sum & 0xffff_ffff);
    let sum = (sum >> 16) + (sum & 0xffff);
    let sum = (sum >> 16) + (sum & 0xffff);
    ((sum >> 16) + (sum & 0xffff)) as u16
}

#[cfg(test)]
mod tests {
    use etherparse::UdpHeader;
    use proptest::prelude::*;

    use super::*;

    fn datagram<'a>(from: &str, to: &str, payload: &'a [u8]) -> Datagram<'a> {
        let (from, to) = (from.parse().expect("an address"), to.parse().expect("an address"));
        Datagram { from, to, payload, at: 28, is_whole: true, checksum: Some(0) }
    }

    proptest! {
        #[test]
        fn the_sum_is_the_one_that_another_makes(payload in proptest::collection::vec(any::<u8>(), 0..200), flip in 0_u16..) {
            let ip4 = datagram("192.0.2.1:40000", "198.51.100.1:7872", &payload);
            let ip6 = datagram("[2001:db8::1]:40000", "[2001:db8:ffff::1]:7872", &payload);
            for datagram in [ip4, ip6] {
                prop_assert_eq!(datagram.checksum(), UdpChecksum::Absent);
                let (from, to) = (datagram.from.port(), datagram.to.port());
                let len = u16::try_from(payload.len() + 8).expect("short");
                let header = UdpHeader { source_port: from, destination_port: to, length: len, checksum: 0 };
                let checksum = match (datagram.from.ip(), datagram.to.ip()) {
                    (IpAddr::V4(from), IpAddr::V4(to)) => {
                        header.calc_checksum_ipv4_raw(from.octets(), to.octets(), &payload)
                    }
                    (IpAddr::V6(from), IpAddr::V6(to)) => {
                        header.calc_checksum_ipv6_raw(from.octets(), to.octets(), &payload)
                    }
                    _ => unreachable!("both are of one version"),
                };
                let checksum = checksum.expect("short");
                let judged = |checksum| Datagram { checksum, ..datagram }.checksum();
                prop_assert_eq!(judged(Some(checksum)), UdpChecksum::Right);
                prop_assert_eq!(judged(None), UdpChecksum::NotChecked);
                let other = checksum ^ flip;
                // Both zeros are one.
                if flip != 0 && other != 0 && (checksum, other) != (0xffff, 0) {
                    prop_assert_eq!(judged(Some(other)), UdpChecksum::Wrong);
                }
            }
        }
    }
}
