//! When a mobile node tries again what failed (`mip6-mn --retry`). RFC 6618 leaves it open, but for `retry-after`.

use std::time::Duration;

use proto::Timestamp;
use wire::value::Date;

/// The first pause and the longest; each is twice the one before.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// A HAC that asks for more is asked again after this.
const LONGEST_ASKED_FOR: Duration = Duration::from_secs(3600);

/// The pauses between attempts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pauses {
    next: Duration,
}

impl Pauses {
    pub(super) const fn new() -> Self {
        Self { next: FIRST }
    }

    /// How long to wait after one more failure; not before `again`, if the HAC named a time.
    pub(super) fn after_failure(&mut self, now: Timestamp, again: Option<Date>) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(LONGEST);
        let asked_for = again.map_or(Duration::ZERO, |again| Timestamp::of_date(again).since(now));
        pause.max(asked_for.min(LONGEST_ASKED_FOR))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(Duration::from_secs(1_800_000_000));

    fn in_seconds(seconds: u64) -> Option<Date> {
        Some(Date::from_unix_seconds(1_800_000_000 + seconds))
    }

    #[test]
    fn pauses_double_up_to_a_minute() {
        let mut pauses = Pauses::new();
        let seconds: Vec<u64> = (0..8).map(|_| pauses.after_failure(NOW, None).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn a_hac_may_ask_for_more_but_not_for_ever_and_not_for_less() {
        for (again, pause) in [(in_seconds(120), 120), (in_seconds(0), 1), (in_seconds(1_000_000), 3600)] {
            assert_eq!(Pauses::new().after_failure(NOW, again), Duration::from_secs(pause));
        }
    }
}
