//! The network between mobile node and home: what happens to a datagram on its way.

use std::time::Duration;

use crate::SeededRandom;

/// The weather. Streams (TLS over TCP) only see [`Link::delay`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Datagrams lost, of 1000.
    pub lost: u16,
    /// Datagrams that arrive twice, of 1000.
    pub doubled: u16,
    /// The least time on the way.
    pub delay: Duration,
    /// What may be added to the least time; datagrams overtake one another within it.
    pub jitter: Duration,
}

impl Link {
    /// 10 ms, in order, and everything arrives.
    pub const fn perfect() -> Self {
        Self { lost: 0, doubled: 0, delay: Duration::from_millis(10), jitter: Duration::ZERO }
    }

    /// A third lost, a fifth doubled, 10 to 200 ms on the way.
    pub const fn stormy() -> Self {
        Self { lost: 333, doubled: 200, delay: Duration::from_millis(10), jitter: Duration::from_millis(190) }
    }

    /// Any weather from fair to worse than [`Self::stormy`].
    pub fn drawn(random: &mut SeededRandom) -> Self {
        let mut below = |bound| random.below(bound);
        Self {
            lost: u16::try_from(below(400)).unwrap_or_default(),
            doubled: u16::try_from(below(300)).unwrap_or_default(),
            delay: Duration::from_millis(1 + below(50)),
            jitter: Duration::from_millis(below(400)),
        }
    }

    /// How long each copy of a datagram takes that arrives at all.
    pub(crate) fn fate(&self, random: &mut SeededRandom) -> Vec<Duration> {
        if happens(self.lost, random) {
            return Vec::new();
        }
        let copies = if happens(self.doubled, random) { 2 } else { 1 };
        (0..copies).map(|_| self.delay + self.extra(random)).collect()
    }

    fn extra(&self, random: &mut SeededRandom) -> Duration {
        let most = u64::try_from(self.jitter.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(random.below(most.saturating_add(1)))
    }
}

fn happens(of_thousand: u16, random: &mut SeededRandom) -> bool {
    random.below(1000) < u64::from(of_thousand)
}
