//! RFC 6618 sections 4.3, 5.6 and 5.7: what an authenticated mobile node is given.

use std::collections::{HashSet, VecDeque};

use crypto::ciphersuite::algorithms;
use crypto::keys::{DirectionKeys, SaKeys};
use wire::message::{Bootstrap, Grant, KeyOctets, SaData};
use wire::value::{Ciphersuite, Spi};

use super::HomeNetwork;
use crate::refuse::Refusal;
use crate::sa::{HomeAddresses, SecurityAssociation};
use crate::{Random, Timestamp};

/// How often a draw is repeated before the random source counts as broken.
const DRAWS: usize = 64;

/// The SPIs that are in use. Section 4.3: unique across all mobile nodes of this HAC.
#[derive(Debug, Default)]
pub(super) struct Issued {
    spis: HashSet<u32>,
    /// The same SPIs by the end of their associations.
    ends: VecDeque<(Timestamp, u32)>,
}

impl Issued {
    /// A new SPI, in use until `end`.
    pub(super) fn issue(
        &mut self,
        now: Timestamp,
        end: Timestamp,
        random: &mut dyn Random,
    ) -> Result<Spi, Refusal> {
        self.forget_ended(now);
        for _ in 0..DRAWS {
            let Some(spi) = Spi::new(u32::from_be_bytes(draw(random)) >> 4) else { continue };
            if self.spis.insert(spi.get()) {
                self.ends.push_back((end, spi.get()));
                return Ok(spi);
            }
        }
        Err(Refusal::Exhausted { what: "mip6-spi" })
    }

    fn forget_ended(&mut self, now: Timestamp) {
        while let Some(&(end, spi)) = self.ends.front() {
            if end >= now {
                return;
            }
            self.ends.pop_front();
            self.spis.remove(&spi);
        }
    }
}

/// Keys from nothing but the random source: two directions that share nothing (SA-05), none degenerate (SA-04).
pub(super) fn keys(suite: Ciphersuite, random: &mut dyn Random) -> Result<SaKeys, Refusal> {
    for _ in 0..DRAWS {
        let (Some(mn_to_ha), Some(ha_to_mn)) = (one_direction(suite, random), one_direction(suite, random))
        else {
            continue;
        };
        let keys = SaKeys { mn_to_ha, ha_to_mn };
        if !keys.directions_share_a_key() {
            return Ok(keys);
        }
    }
    Err(Refusal::Internal { what: "random source" })
}

fn one_direction(suite: Ciphersuite, random: &mut dyn Random) -> Option<DirectionKeys> {
    let lengths = algorithms(suite);
    let mut ikey = vec![0; lengths.ikey_len];
    let mut ekey = vec![0; lengths.ekey_len];
    random.fill(&mut ikey);
    random.fill(&mut ekey);
    DirectionKeys::new(suite, &ikey, Some(ekey.as_slice()).filter(|ekey| !ekey.is_empty())).ok()
}

/// Octets from the random source.
pub(super) fn draw<const N: usize>(random: &mut dyn Random) -> [u8; N] {
    let mut octets = [0; N];
    random.fill(&mut octets);
    octets
}

/// The association as the final response says it.
pub(super) fn grant(sa: &SecurityAssociation, network: &HomeNetwork) -> Grant {
    Grant {
        sa: SaData {
            suite: sa.suite,
            scope: sa.scope,
            spi: sa.spi,
            mn_to_ha: key_octets(&sa.keys.mn_to_ha),
            ha_to_mn: key_octets(&sa.keys.ha_to_mn),
            validity_end: sa.validity_end,
        },
        bootstrap: bootstrap(&sa.home, network),
    }
}

fn key_octets(keys: &DirectionKeys) -> KeyOctets {
    KeyOctets { ikey: keys.ikey().to_vec(), ekey: keys.ekey().map(<[u8]>::to_vec) }
}

fn bootstrap(home: &HomeAddresses, network: &HomeNetwork) -> Bootstrap {
    Bootstrap {
        haa_ip6: network.haa_ip6,
        haa_ip4: network.haa_ip4,
        port: network.port,
        ip6_hoa: home.ip6,
        ip4_hoa: home.ip4,
        ip6_hnp: home.ip6.map(|_| network.prefix6),
        ip4_hnp: home.ip4.and(network.prefix4),
        dns: network.dns.clone(),
    }
}
