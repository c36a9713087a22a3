//! RFC 6618 sections 6.2 to 6.4: how large an inner packet may be, so that the outer one fits the path.

use std::net::{IpAddr, Ipv6Addr};

use crypto::ciphersuite::algorithms;
use wire::packet::{HEADER_LEN, ICV_LEN};
use wire::value::{Ciphersuite, Scope};

/// What encapsulation depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outside {
    /// Octets of the largest outer packet, IP header included.
    pub mtu: u16,
    /// Where outer packets go: only the family counts.
    pub peer: IpAddr,
}

/// The same for a path on which both families and all suites meet.
#[must_use]
pub fn largest_for_all(mtu: u16) -> u16 {
    let outside = Outside { mtu, peer: IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
    let largest = |suite| largest_inner(outside, suite, Scope::AllTraffic);
    Ciphersuite::ALL.into_iter().map(largest).min().unwrap_or(SMALLEST)
}

/// The octets of the largest inner packet that fits, never less than [`SMALLEST`]: below that, outer packets come in
/// fragments.
#[must_use]
pub fn largest_inner(outside: Outside, suite: Ciphersuite, scope: Scope) -> u16 {
    let ip = if outside.peer.is_ipv4() { IP4_HEADER } else { IP6_HEADER };
    let room = (usize::from(outside.mtu)).saturating_sub(ip + UDP_HEADER + HEADER_LEN);
    let room = match scope {
        Scope::SignalingOnly => room,
        Scope::AllTraffic => {
            let row = algorithms(suite);
            let protected = room.saturating_sub(row.iv_len + ICV_LEN);
            (protected - protected % usize::from(row.align)).saturating_sub(TRAILER)
        }
    };
    u16::try_from(room).unwrap_or(u16::MAX).max(SMALLEST)
}

/// RFC 8200 section 5: every link that carries IPv6 takes packets of 1280 octets.
pub const SMALLEST: u16 = 1280;

const IP4_HEADER: usize = 20;
const IP6_HEADER: usize = 40;
const UDP_HEADER: usize = 8;
/// Pad Length and Next Header.
const TRAILER: usize = 2;

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use crypto::keys::DirectionKeys;
    use crypto::seal::{Outgoing, Sealer};
    use wire::packet::{PType, plain};
    use wire::trailer::IPV6;
    use wire::value::Spi;

    use super::*;

    fn sealed(suite: Ciphersuite, inner: usize) -> usize {
        let row = algorithms(suite);
        let octets: Vec<u8> = (1..=64).collect();
        let ekey = Some(&octets[20..20 + row.ekey_len]).filter(|ekey| !ekey.is_empty());
        let keys = DirectionKeys::new(suite, &octets[..row.ikey_len], ekey).expect("good keys");
        let packet = Outgoing {
            ptype: PType::PROTECTED,
            spi: Spi::new(1).expect("not 0"),
            sequence: 1,
            next_header: IPV6,
            payload: &vec![0; inner],
            iv: [0; 16],
            extra_padding: 0,
        };
        Sealer::new(&keys).seal(&[packet])[0].len()
    }

    #[test]
    fn the_largest_fits_and_one_octet_more_does_not() {
        let peers: [(IpAddr, usize); 2] =
            [(Ipv4Addr::LOCALHOST.into(), 28), (Ipv6Addr::LOCALHOST.into(), 48)];
        for suite in Ciphersuite::ALL {
            for (peer, headers) in peers {
                for mtu in 1400..1520 {
                    let largest = largest_inner(Outside { mtu, peer }, suite, Scope::AllTraffic).into();
                    let mtu = usize::from(mtu);
                    assert!(headers + sealed(suite, largest) <= mtu, "{} {peer} {mtu}", suite.name());
                    assert!(headers + sealed(suite, largest + 1) > mtu, "{} {peer} {mtu}", suite.name());
                }
            }
        }
    }

    #[test]
    fn in_the_clear_only_headers_are_added() {
        let outside = Outside { mtu: 1500, peer: Ipv4Addr::LOCALHOST.into() };
        let largest = largest_inner(outside, Ciphersuite::Aes128Sha, Scope::SignalingOnly);
        assert_eq!(plain(&vec![0; largest.into()]).len() + 28, 1500);
    }

    #[test]
    fn ipv6_keeps_its_smallest_mtu() {
        let outside = Outside { mtu: 1280, peer: Ipv6Addr::LOCALHOST.into() };
        assert_eq!(largest_inner(outside, Ciphersuite::Aes128Sha, Scope::AllTraffic), 1280);
    }

    #[test]
    fn what_fits_for_all_fits_each() {
        for suite in Ciphersuite::ALL {
            for peer in [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()] {
                let outside = Outside { mtu: 1500, peer };
                assert!(largest_for_all(1500) <= largest_inner(outside, suite, Scope::AllTraffic));
            }
        }
    }
}
