//! Speed as ratios: two ways to do one thing, measured in one run on one machine.
//!
//! ```text
//! cargo bench -p mip6-bench --bench ratios     sealing and opening: 8 packets side by side against one by one
//! cargo bench -p mip6-bench --bench packets    the same in absolute numbers, by criterion, with its history
//! cargo bench -p mip6-bench --bench home_agent a home agent with 1,000 mobile nodes against one with 100,000
//! ```
//!
//! Absolute times on a shared machine mean little the next day; a ratio of two things that took turns means
//! more. `ratios` prints, for every suite, how many times faster the batch is: the median of the rounds, and the
//! lowest and highest round beside it, so that noise can be seen. Nothing is asserted, here or
//! in any test.
//!
//! What to expect, from the construction: sealing with AES or AES-XCBC gains several times (chains of different
//! packets fill the AES unit), HMAC-SHA1 gains nothing (the same work in the same order), opening gains where the
//! ICV is AES-XCBC; CBC decryption is parallel within a packet already; triple DES has no unit to fill. Measured
//! once, on two busy cores with VAES: seal 5.9 (`NULL_SHA256`), 2.1 (`AES_128_CBC_SHA`), 5.5 to 6.6
//! (`AES_128_CBC_SHA256`); open 4.8 and 3.7 for the two with AES-XCBC; all others 1.0 to 1.1.

mod population;

pub use population::Population;

use std::fmt;
use std::time::{Duration, Instant};

use crypto::{DirectionKeys, KeyError, Opener, Outgoing, Sealer, algorithms};
use wire::packet::PType;
use wire::trailer;
use wire::value::{Ciphersuite, Spi};

/// Packets of a batch.
pub const BATCH: usize = 8;

/// Octets of payload of each packet: what fits an Ethernet frame after all headers.
pub const PAYLOAD: usize = 1400;

const SPI: Spi = match Spi::new(1) {
    Some(spi) => spi,
    None => unreachable!(),
};

/// Both ends of one direction, with a batch to send and the same batch as received.
#[derive(Debug)]
pub struct Setup {
    /// The suite of both.
    pub suite: Ciphersuite,
    /// Seals.
    pub sealer: Sealer,
    /// Opens what [`Self::sealer`] sealed.
    pub opener: Opener,
    /// [`BATCH`] packets, sealed.
    pub sealed: Vec<Vec<u8>>,
    payload: Vec<u8>,
}

/// How many times faster the second way is than the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// Half of the rounds were below.
    pub median: f64,
    /// The round worst for the second way.
    pub low: f64,
    /// The round best for the second way.
    pub high: f64,
}

impl Setup {
    /// Fixed keys and payloads: only the time is to vary.
    ///
    /// # Errors
    /// Never in practice; the keys have the lengths that the suite's table says.
    pub fn new(suite: Ciphersuite) -> Result<Self, KeyError> {
        let row = algorithms(suite);
        let ikey: Vec<u8> = (1..).take(row.ikey_len).collect();
        let ekey: Vec<u8> = (101..).take(row.ekey_len).collect();
        let keys = DirectionKeys::new(suite, &ikey, (row.ekey_len > 0).then_some(&ekey))?;
        let (sealer, opener) = (Sealer::new(&keys), Opener::new(&keys));
        let mut setup = Self { suite, sealer, opener, sealed: Vec::new(), payload: vec![0xA5; PAYLOAD] };
        setup.sealed = setup.sealer.seal(&setup.batch());
        Ok(setup)
    }

    /// [`BATCH`] packets to seal.
    #[must_use]
    pub fn batch(&self) -> Vec<Outgoing<'_>> {
        (0..BATCH as u32).map(|sequence| self.packet(sequence)).collect()
    }

    /// The batch as received.
    #[must_use]
    pub fn received(&self) -> Vec<&[u8]> {
        self.sealed.iter().map(Vec::as_slice).collect()
    }

    fn packet(&self, sequence: u32) -> Outgoing<'_> {
        Outgoing {
            ptype: PType::PROTECTED,
            spi: SPI,
            sequence,
            next_header: trailer::IPV6,
            payload: &self.payload,
            iv: [0x5A; 16],
            extra_padding: 0,
        }
    }
}

/// Compares two ways, `rounds` times over. In a round they take turns, call by call, and their median times of
/// `calls` calls are compared: a call that another process interrupted does not count.
pub fn ratio(rounds: usize, calls: usize, mut first: impl FnMut(), mut second: impl FnMut()) -> Ratio {
    let mut round = || {
        let turns = (0..calls.max(1)).map(|_| (time_of(&mut first), time_of(&mut second)));
        let (first, second): (Vec<_>, Vec<_>) = turns.unzip();
        median(first).as_secs_f64() / median(second).as_secs_f64().max(f64::MIN_POSITIVE)
    };
    let mut ratios: Vec<f64> = (0..rounds.max(1)).map(|_| round()).collect();
    ratios.sort_by(f64::total_cmp);
    Ratio { median: ratios[ratios.len() / 2], low: ratios[0], high: ratios[ratios.len() - 1] }
}

fn time_of(way: &mut impl FnMut()) -> Duration {
    let start = Instant::now();
    way();
    start.elapsed()
}

/// Of at least one time.
#[must_use]
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:5.2}  ({:.2} to {:.2})", self.median, self.low, self.high)
    }
}
