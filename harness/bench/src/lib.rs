//! Speed as ratios: two ways to do one thing, measured in one run on one machine.
//!
//! ```text
//! cargo bench -p mip6-bench --bench ratios     sealing and opening: 8 packets side by side against one by one
//! cargo bench -p mip6-bench --bench packets    the same in absolute numbers, by criterion, with its history
//! ```
//!
//! Absolute times on a shared machine mean little the next day; a ratio of two things that ran alternately in the
//! same second means more. `ratios` prints, for every suite, how many times faster the batch is: the median of
//! the rounds, and the lowest and highest round beside it, so that noise can be seen. Nothing is asserted, here or
//! in any test.
//!
//! What to expect, from the construction: sealing with AES or AES-XCBC gains several times (chains of different
//! packets fill the AES unit), HMAC-SHA1 gains nothing (the same work in the same order), opening gains where the
//! ICV is AES-XCBC; CBC decryption is parallel within a packet already.

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

/// Runs both ways alternately, `rounds` times, each for about `round` on end.
pub fn ratio(rounds: usize, round: Duration, mut first: impl FnMut(), mut second: impl FnMut()) -> Ratio {
    let mut ratios: Vec<f64> =
        (0..rounds.max(1)).map(|_| seconds(round, &mut first) / seconds(round, &mut second)).collect();
    ratios.sort_by(f64::total_cmp);
    Ratio { median: ratios[ratios.len() / 2], low: ratios[0], high: ratios[ratios.len() - 1] }
}

/// Seconds that one call of `way` takes, over as many calls as fit into `round`.
fn seconds(round: Duration, way: &mut impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut calls = 0_u32;
    while start.elapsed() < round {
        way();
        calls += 1;
    }
    start.elapsed().as_secs_f64() / f64::from(calls.max(1))
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:5.2}  ({:.2} to {:.2})", self.median, self.low, self.high)
    }
}
