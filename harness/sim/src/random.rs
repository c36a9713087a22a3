//! Random octets that are the same in every run with the same seed.

use proto::Random;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// ChaCha20 under a seed. Roles take different streams of one seed, so that what one of them draws does not change
/// what another one gets.
#[derive(Clone, Debug)]
pub struct SeededRandom {
    chacha: ChaCha20Rng,
}

impl SeededRandom {
    /// Stream number `stream` of `seed`.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut chacha = ChaCha20Rng::seed_from_u64(seed);
        chacha.set_stream(stream);
        Self { chacha }
    }

    /// A number from 0 to `bound - 1`, or 0 for a bound of 0. Not quite uniform: good enough for weather.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.chacha.next_u64().checked_rem(bound).unwrap_or(0)
    }
}

impl Random for SeededRandom {
    fn fill(&mut self, out: &mut [u8]) {
        self.chacha.fill_bytes(out);
    }
}
