//! A home agent with many mobile nodes, all of them registered under an association of their own.

use std::net::{Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use crypto::seal::{Outgoing, Sealer};
use crypto::{DirectionKeys, KeyError, SaKeys, algorithms};
use proto::ha::{Config, Datagram, Ha, Input, Output};
use proto::sa::{HomeAddresses, SecurityAssociation};
use proto::{Machine, Random, Timestamp, correspondent};
use wire::ext_header::home_address_option;
use wire::mobility::{BindingUpdate, Flags, Lifetime};
use wire::packet::PType;
use wire::trailer;
use wire::value::{Ciphersuite, Date, Nai, Scope, Spi};

const NOW: Timestamp = Timestamp(Duration::from_secs(1_800_000_000));
const VALIDITY_END: Date = Date::from_unix_seconds(1_800_086_400);
const LINK: u128 = 0x2001_0db8_6618 << 80;
const AGENT: Ipv6Addr = Ipv6Addr::from_bits(LINK + 1);
const CORRESPONDENT: Ipv6Addr = Ipv6Addr::from_bits(LINK + 0xffff_ffff);

/// Coprime to every size of a population that is not a multiple of it: a walk that caches cannot foresee.
const STRIDE: u64 = 7_368_787;

/// Odd, so that different mobile nodes get different SPIs all over the 28 bits, as a HAC issues them.
const SPREAD: u32 = 0x9E37_79B1;

/// The mobile nodes are numbers, so that all memory is the home agent's.
pub struct Population {
    ha: Ha,
    count: u32,
    suite: Ciphersuite,
    mn_to_ha: DirectionKeys,
    visited: u64,
}

impl Population {
    /// `count` mobile nodes with associations of `suite` over all traffic, registered by Binding Updates.
    ///
    /// # Errors
    /// Never in practice; the keys have the lengths that the suite's table says.
    ///
    /// # Panics
    /// The home agent did not register all of them.
    pub fn new(count: u32, suite: Ciphersuite) -> Result<Self, KeyError> {
        let (mn_to_ha, ha_to_mn) = (keys(suite, 1)?, keys(suite, 101)?);
        let ha = Ha::new(Config::new(AGENT), Box::new(Counting(0)));
        let mut population = Self { ha, count, suite, mn_to_ha: mn_to_ha.clone(), visited: 0 };
        for mn in 0..count {
            let keys = SaKeys { mn_to_ha: mn_to_ha.clone(), ha_to_mn: ha_to_mn.clone() };
            population.ha.handle(NOW, Input::Install(Box::new(association(mn, suite, keys))));
            let update = Datagram { from: care_of(mn), octets: population.binding_update(mn) };
            population.ha.handle(NOW, Input::Datagrams(vec![update]));
            while population.ha.poll_output().is_some() {}
        }
        assert_eq!(population.ha.bindings(NOW).count(), count as usize);
        Ok(population)
    }

    /// One protected packet with `payload` octets of data from each of the next `many` mobile nodes.
    pub fn datagrams(&mut self, many: usize, payload: usize) -> Vec<Datagram> {
        let sealer = Sealer::new(&self.mn_to_ha);
        let data = vec![0xA5; payload];
        let one = |(mn, sequence): (u32, u32)| {
            let packet = correspondent::echo_request(home(mn).into(), CORRESPONDENT.into(), 1, 1, &data);
            let octets = seal(&sealer, spi(mn), sequence, PType::PROTECTED, &packet.unwrap_or_default());
            Datagram { from: care_of(mn), octets }
        };
        (0..many).map(|_| one(self.next())).collect()
    }

    /// One packet from the home network to each of the next `many` mobile nodes.
    pub fn packets(&mut self, many: usize, payload: usize) -> Vec<Vec<u8>> {
        let data = vec![0xA5; payload];
        let to_next = |(mn, _): (u32, u32)| {
            let packet = correspondent::echo_request(CORRESPONDENT.into(), home(mn).into(), 1, 1, &data);
            packet.unwrap_or_default()
        };
        (0..many).map(|_| to_next(self.next())).collect()
    }

    /// Takes datagrams in batches of `batch`, by the drain rule. The time of each batch.
    ///
    /// # Panics
    /// One of them was not delivered.
    pub fn take_in(&mut self, mut datagrams: Vec<Datagram>, batch: usize) -> Vec<Duration> {
        let mut delivered = 0;
        let many = datagrams.len();
        let mut batches = Vec::with_capacity(many / batch.max(1) + 1);
        while !datagrams.is_empty() {
            batches.push(datagrams.split_off(datagrams.len().saturating_sub(batch.max(1))));
        }
        let mut took = Vec::with_capacity(batches.len());
        for batch in batches {
            let start = Instant::now();
            self.ha.handle(NOW, Input::Datagrams(batch));
            while let Some(output) = self.ha.poll_output() {
                delivered += usize::from(matches!(output, Output::Deliver(_)));
            }
            std::hint::black_box(self.ha.poll_timeout());
            took.push(start.elapsed());
        }
        assert_eq!(delivered, many, "{:?}", self.ha.discards());
        took
    }

    /// Tunnels packets to their mobile nodes in batches of `batch`, by the drain rule. The time of each batch.
    ///
    /// # Panics
    /// One of them was not sent.
    pub fn send_out(&mut self, packets: &[Vec<u8>], batch: usize) -> Vec<Duration> {
        let mut sent = 0;
        let batches: Vec<_> = packets.chunks(batch.max(1)).map(<[_]>::to_vec).collect();
        let mut took = Vec::with_capacity(batches.len());
        for batch in batches {
            let start = Instant::now();
            self.ha.handle(NOW, Input::FromHome(batch));
            while let Some(output) = self.ha.poll_output() {
                sent += usize::from(matches!(output, Output::Transmit { .. }));
            }
            std::hint::black_box(self.ha.poll_timeout());
            took.push(start.elapsed());
        }
        assert_eq!(sent, packets.len(), "{:?}", self.ha.discards());
        took
    }

    /// Its suite.
    #[must_use]
    pub const fn suite(&self) -> Ciphersuite {
        self.suite
    }

    /// The next mobile node of the walk, and a Sequence Number that it has not used.
    fn next(&mut self) -> (u32, u32) {
        self.visited += 1;
        let mn = self.visited * STRIDE % u64::from(self.count);
        // The Binding Update had number 0, and one number for the whole walk only grows for each.
        (u32::try_from(mn).unwrap_or_default(), u32::try_from(self.visited).unwrap_or(u32::MAX))
    }

    fn binding_update(&self, mn: u32) -> Vec<u8> {
        let update = BindingUpdate {
            sequence: 1,
            flags: Flags::REGISTRATION,
            lifetime: Lifetime::from_seconds(3600),
            alternate_coa: None,
        };
        let option = home_address_option(home(mn), trailer::MOBILITY);
        let payload = [option, update.emit(home(mn), AGENT)].concat();
        seal(&Sealer::new(&self.mn_to_ha), spi(mn), 0, PType::MOBILITY, &payload)
    }
}

fn association(mn: u32, suite: Ciphersuite, keys: SaKeys) -> SecurityAssociation {
    SecurityAssociation {
        spi: spi(mn),
        suite,
        scope: Scope::AllTraffic,
        keys,
        validity_end: VALIDITY_END,
        home: HomeAddresses { ip6: Some(home(mn)), ip4: None, prefix6: None },
        ha: Some(AGENT),
        mn_id: name(mn),
    }
}

fn seal(sealer: &Sealer, spi: Spi, sequence: u32, ptype: PType, payload: &[u8]) -> Vec<u8> {
    let next_header = if ptype == PType::MOBILITY { trailer::DEST_OPTIONS } else { trailer::IPV6 };
    let iv = [0x5A; 16];
    let outgoing = Outgoing { ptype, spi, sequence, next_header, payload, iv, extra_padding: 0 };
    sealer.seal(&[outgoing]).concat()
}

fn keys(suite: Ciphersuite, first: u8) -> Result<DirectionKeys, KeyError> {
    let row = algorithms(suite);
    let ikey: Vec<u8> = (first..).take(row.ikey_len).collect();
    let ekey: Vec<u8> = (first + 50..).take(row.ekey_len).collect();
    DirectionKeys::new(suite, &ikey, (row.ekey_len > 0).then_some(&ekey))
}

fn spi(mn: u32) -> Spi {
    let Some(spi) = Spi::new((mn + 1).wrapping_mul(SPREAD) >> 4 | 1 << 27) else {
        unreachable!("bit 27 is set")
    };
    spi
}

fn home(mn: u32) -> Ipv6Addr {
    Ipv6Addr::from_bits(LINK + 2 + u128::from(mn))
}

fn care_of(mn: u32) -> SocketAddr {
    (Ipv6Addr::from_bits(0x2001_0db8_00c0_u128 << 80 | u128::from(mn)), 40_000).into()
}

fn name(mn: u32) -> Nai {
    let text = format!("mn{mn}@example.com");
    let Ok(name) = Nai::parse(text.as_bytes()) else { unreachable!("letters, digits and a realm") };
    name
}

/// IVs need not be good ones here.
struct Counting(u8);

impl Random for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        self.0 = self.0.wrapping_add(1);
        out.fill(self.0);
    }
}
