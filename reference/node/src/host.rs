//! What the machines of `proto` take from outside: this host's clock and random source.

use std::time::{Duration, SystemTime};

use proto::{Random, Timestamp};

/// The moment it is now by the system clock; the epoch itself if the clock stands before it.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default())
}

/// Waits until a machine wants its time-out handled; for ever if it wants none.
pub async fn until(moment: Option<Timestamp>) {
    match moment {
        Some(moment) => tokio::time::sleep(moment.since(now()).min(LONGEST_SLEEP)).await,
        None => std::future::pending().await,
    }
}

// The system clock may be set while we sleep; a machine that is woken too early changes nothing.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// The system's random source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    /// # Panics
    /// When the system has no randomness to give: no key may be made then.
    fn fill(&mut self, out: &mut [u8]) {
        getrandom::fill(out).expect("the system's random source works");
    }
}
