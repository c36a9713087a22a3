//! When messages and packets came: a tick each along a line, to see pauses, bursts, and where it went wrong.

/// Both ends of the line, in pixels.
const START: f64 = 20.0;
const END: f64 = 980.0;

/// Ticks between the first and the last time.
pub(super) struct TimeLine {
    pub(super) first: f64,
    pub(super) last: f64,
    pub(super) ticks: Vec<Tick>,
}

/// A message or packet.
pub(super) struct Tick {
    pub(super) frame: u64,
    pub(super) x: f64,
    pub(super) is_wrong: bool,
}

impl TimeLine {
    /// Of frames, their times in seconds, and whether something is wrong with them. Nothing if no time passes.
    pub(super) fn new(seen: impl Iterator<Item = (u64, Option<f64>, bool)>) -> Option<Self> {
        let mut seen: Vec<(u64, f64, bool)> =
            seen.filter_map(|(frame, at, is_wrong)| Some((frame, at?, is_wrong))).collect();
        // What is wrong stands in front.
        seen.sort_by_key(|&(frame, _, is_wrong)| (is_wrong, frame));
        let times = || seen.iter().map(|&(_, at, _)| at);
        let (first, last) = (times().reduce(f64::min)?, times().reduce(f64::max)?);
        if last <= first {
            return None;
        }
        let x = |at: f64| START + (at - first) / (last - first) * (END - START);
        let ticks = seen.iter().map(|&(frame, at, is_wrong)| Tick { frame, x: x(at), is_wrong }).collect();
        Some(Self { first, last, ticks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stand_between_the_first_and_the_last() {
        let seen = [(1, Some(1.0), true), (2, Some(3.0), false), (3, None, false), (4, Some(2.0), false)];
        let line = TimeLine::new(seen.into_iter()).expect("time passes");
        assert_eq!((line.first, line.last), (1.0, 3.0));
        let ticks: Vec<(u64, u32)> = line.ticks.iter().map(|tick| (tick.frame, tick.x as u32)).collect();
        assert_eq!(ticks, [(2, 980), (4, 500), (1, 20)], "what is wrong comes last, to be seen");
    }

    #[test]
    fn without_time_there_is_no_line() {
        assert!(TimeLine::new([(1, Some(1.0), false), (2, Some(1.0), false)].into_iter()).is_none());
        assert!(TimeLine::new(core::iter::empty()).is_none());
    }
}
