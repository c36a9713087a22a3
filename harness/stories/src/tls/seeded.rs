//! Random octets for rustls that are the same in every run with the same seed.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use proto::Random as _;
use rustls::crypto::{CryptoProvider, GetRandomFailed, SecureRandom, aws_lc_rs};
use sim::SeededRandom;

use super::exchange::SeededX25519;

/// rustls wants a generator that lives for ever: one for each story that is made is left behind.
pub(super) struct Seeded(Mutex<SeededRandom>);

impl Seeded {
    pub(super) fn octets(&self) -> [u8; 32] {
        let mut octets = [0; 32];
        self.draw(&mut octets);
        octets
    }

    fn draw(&self, out: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(out);
    }
}

impl fmt::Debug for Seeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seeded")
    }
}

impl SecureRandom for Seeded {
    fn fill(&self, out: &mut [u8]) -> Result<(), GetRandomFailed> {
        self.draw(out);
        Ok(())
    }
}

/// The ciphers of aws-lc with the randomness of this seed.
pub(crate) fn provider(random: SeededRandom) -> Arc<CryptoProvider> {
    let random: &'static Seeded = Box::leak(Box::new(Seeded(Mutex::new(random))));
    let exchange: &'static SeededX25519 = Box::leak(Box::new(SeededX25519(random)));
    let kx_groups = vec![exchange as _];
    Arc::new(CryptoProvider { kx_groups, secure_random: random, ..aws_lc_rs::default_provider() })
}
