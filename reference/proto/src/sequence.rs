//! RFC 6618 sections 4.3, 6.1 and 9.3: sequence numbers, one counter and one window per association and direction.

use std::num::NonZeroU64;

/// The sending side: counts 0, 1, 2, … and stops for good after 2^32-1.
///
/// RFC 6618 4.3 would let numbers cycle, RFC 4303 forbids it; a counter that stops satisfies both.
#[derive(Clone, Debug, Default)]
pub struct Counter {
    /// The number of the next packet; 2^32 once all are used up.
    next: u64,
}

impl Counter {
    /// A counter whose first number is 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// A counter whose first number is `first`: for tests of the end of the sequence space.
    pub fn starting_at(first: u32) -> Self {
        Self { next: u64::from(first) }
    }

    /// Takes the next number, or `None` when all 2^32 were used.
    #[allow(
        clippy::should_implement_trait,
        reason = "a counter that hands out numbers is no collection to iterate"
    )]
    pub fn next(&mut self) -> Option<u32> {
        let number = u32::try_from(self.next).ok()?;
        self.next += 1;
        Some(number)
    }

    /// How many numbers are left, 0 to 2^32.
    pub fn remaining(&self) -> u64 {
        (1 << 32) - self.next
    }
}

/// The receiving side: the sliding window of RFC 4303 section 3.4.3, 64 numbers wide.
#[derive(Clone, Debug, Default)]
pub struct ReplayWindow {
    seen: Option<Seen>,
}

/// What was received so far. That nothing was received is the absence of this value, never a number.
#[derive(Clone, Debug)]
struct Seen {
    highest: u32,
    /// Bit n stands for the number `highest - n`; bit 0 is always set.
    bitmap: NonZeroU64,
}

/// Proof that a number was neither seen nor too old; only [`ReplayWindow::accept`] takes it.
#[derive(Debug, PartialEq, Eq)]
pub struct Fresh(u32);

/// Why a number is not fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// The number was already accepted.
    Seen,
    /// The number lies left of the window, so that nobody can tell.
    Old,
}

impl ReplayWindow {
    /// How many numbers the window remembers, the highest included.
    pub const SIZE: u32 = 64;

    /// A window that has seen nothing: any number is fresh, 0 as well as 1.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether `number` may be used, without any change to the window: that must wait for a good ICV.
    pub fn check(&self, number: u32) -> Result<Fresh, Replay> {
        let Some(seen) = &self.seen else {
            return Ok(Fresh(number));
        };
        match seen.highest.checked_sub(number) {
            None => Ok(Fresh(number)),
            Some(behind) if behind >= Self::SIZE => Err(Replay::Old),
            Some(behind) if seen.bitmap.get() >> behind & 1 == 1 => Err(Replay::Seen),
            Some(_) => Ok(Fresh(number)),
        }
    }

    /// Records a number after its packet proved to be authentic.
    pub fn accept(&mut self, Fresh(number): Fresh) {
        let Some(seen) = &mut self.seen else {
            self.seen = Some(Seen { highest: number, bitmap: NonZeroU64::MIN });
            return;
        };
        match number.checked_sub(seen.highest) {
            Some(ahead) => {
                seen.bitmap = NonZeroU64::MIN | seen.bitmap.get().checked_shl(ahead).unwrap_or(0);
                seen.highest = number;
            }
            None => {
                let behind = seen.highest - number;
                seen.bitmap |= 1u64.checked_shl(behind).unwrap_or(0);
            }
        }
    }

    /// The highest number accepted so far; `None` when there was none.
    pub fn highest(&self) -> Option<u32> {
        self.seen.as_ref().map(|seen| seen.highest)
    }
}

#[cfg(test)]
mod tests {
    use super::{Counter, Replay, ReplayWindow};

    fn window(numbers: &[u32]) -> ReplayWindow {
        let mut window = ReplayWindow::new();
        for &number in numbers {
            let fresh = window.check(number).expect("fresh");
            window.accept(fresh);
        }
        window
    }

    fn verdict(received: &[u32], number: u32) -> Result<(), Replay> {
        window(received).check(number).map(|_| ())
    }

    #[test]
    fn nothing_received_differs_from_zero_received() {
        assert_eq!(verdict(&[], 0), Ok(()));
        assert_eq!(verdict(&[0], 0), Err(Replay::Seen));
        assert_eq!(ReplayWindow::new().highest(), None);
        assert_eq!(window(&[0]).highest(), Some(0));
    }

    #[test]
    fn the_first_number_may_be_zero_one_or_any() {
        assert_eq!(verdict(&[], 1), Ok(()));
        assert_eq!(verdict(&[1], 0), Ok(()), "0 may come late after 1");
        assert_eq!(verdict(&[1, 0], 0), Err(Replay::Seen));
        assert_eq!(verdict(&[], u32::MAX), Ok(()));
    }

    #[test]
    fn the_edges_of_the_window() {
        for behind in [0, 1, 31, 32, 33, 62, 63] {
            let expected = if behind == 0 { Err(Replay::Seen) } else { Ok(()) };
            assert_eq!(verdict(&[1000], 1000 - behind), expected, "{behind} behind");
        }
        assert_eq!(verdict(&[1000], 1000 - 64), Err(Replay::Old));
        assert_eq!(verdict(&[63], 0), Ok(()));
        assert_eq!(verdict(&[64], 0), Err(Replay::Old));
    }

    #[test]
    fn a_late_number_is_taken_once() {
        for behind in [1, 31, 32, 63] {
            assert_eq!(verdict(&[1000, 1000 - behind], 1000 - behind), Err(Replay::Seen));
            assert_eq!(window(&[1000, 1000 - behind]).highest(), Some(1000));
        }
    }

    #[test]
    fn a_step_keeps_what_stays_inside_and_forgets_the_rest() {
        for ahead in [1, 31, 32, 63] {
            assert_eq!(verdict(&[7, 7 + ahead], 7), Err(Replay::Seen), "{ahead} ahead");
        }
        assert_eq!(verdict(&[7, 7 + 64], 7), Err(Replay::Old));
        assert_eq!(verdict(&[7, 7 + 64], 8), Ok(()), "never seen, still inside");
    }

    #[test]
    fn a_jump_makes_the_old_ones_old() {
        assert_eq!(verdict(&[5, 4_000_000_000], 5), Err(Replay::Old));
        assert_eq!(verdict(&[5, 4_000_000_000], 3_999_999_937), Ok(()));
        assert_eq!(verdict(&[5, 4_000_000_000], 3_999_999_936), Err(Replay::Old));
    }

    #[test]
    fn the_last_number_does_not_wrap() {
        assert_eq!(verdict(&[u32::MAX - 1], u32::MAX), Ok(()));
        assert_eq!(verdict(&[u32::MAX], u32::MAX), Err(Replay::Seen));
        assert_eq!(verdict(&[u32::MAX], 0), Err(Replay::Old));
        assert_eq!(verdict(&[u32::MAX], u32::MAX - 63), Ok(()));
    }

    #[test]
    fn the_counter_starts_at_zero_and_stops_at_the_end() {
        let mut counter = Counter::new();
        assert_eq!((counter.next(), counter.next()), (Some(0), Some(1)));
        assert_eq!(counter.remaining(), (1 << 32) - 2);
        let mut last = Counter::starting_at(u32::MAX);
        assert_eq!(last.remaining(), 1);
        assert_eq!((last.next(), last.next(), last.next()), (Some(u32::MAX), None, None));
        assert_eq!(last.remaining(), 0);
    }
}
