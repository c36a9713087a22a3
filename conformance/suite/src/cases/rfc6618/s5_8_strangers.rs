//! RFC 6618 section 5.8: whom a HAC knows must not be told by how long it takes, where its answers do not tell it.

use core::time::Duration;
use std::time::Instant;

use wire::param::Name;
use wire::value::hex;

use crate::bench::Bench;
use crate::case::Check::Script;
use crate::case::{Case, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::player::{Answer, MnPlayer};

/// Cases about strangers.
pub(super) const CASES: &[Case] = &[Case::should(
    "rfc6618/5.8/unknown-identity-in-no-time-order",
    "a HAC that hides whom it knows answers a stranger neither sooner nor later than an MN that it knows",
    &["rfc6618#5.8/hac-verifies-identity"],
    Script(Role::Hac, no_time_order),
)
.by(&["AU-06"])];

/// Visits of each kind, in turn, so that a busy moment slows both.
const VISITS: usize = 24;

/// In how many of all pairs, [`VISITS`] squared, the times may be the other way round: one busy moment makes as many.
/// With no order in them, times come as far apart as this by chance once in ten million runs.
const RARELY: usize = VISITS;

fn no_time_order(bench: &mut Bench<'_>) -> Outcome {
    let (mut known, mut strangers) = (Vec::new(), Vec::new());
    for _ in 0..VISITS {
        let mn = bench.mn()?;
        let Some(time) = time_of_first_answer(mn)? else {
            let what = "an honest first request was refused".to_owned();
            return Err(Finding::Inconclusive(Because::Prerequisite(what)));
        };
        known.push(time);
        let mut stranger = bench.mn()?;
        let nobody: [u8; 8] = bench.random();
        stranger.identity.mn_id = format!("nobody-{}@conform.example", hex::encode(&nobody));
        let Some(time) = time_of_first_answer(stranger)? else {
            // It tells at once, as it may: nothing is hidden.
            bench.check(Ok(()))?;
            return Ok(Pass::Clean);
        };
        strangers.push(time);
    }
    bench.expect(!is_order(&known, &strangers), || {
        let (known, strangers) = (median(&known), median(&strangers));
        Finding::fails(
            "first answers to strangers and to known MNs that cannot be told apart by their time",
            format!("known MNs wait for {known:?}, strangers for {strangers:?}, and hardly ever otherwise"),
        )
    })?;
    Ok(Pass::Lenient("AU-06"))
}

/// `None` when the answer refuses.
fn time_of_first_answer(mut mn: MnPlayer) -> Result<Option<Duration>, Finding> {
    let init = mn.init();
    let sent = Instant::now();
    mn.send(&init)?;
    let answer = mn.init_answer();
    let time = sent.elapsed();
    match answer {
        Answer::Reply(reply) => Ok(reply.raw(Name::StatusCode).is_none().then_some(time)),
        Answer::Closed(..) => Ok(None),
        Answer::Silence(_) => Err(Finding::Inconclusive(Because::Prerequisite(answer.describe()))),
    }
}

/// Whether nearly every time of one kind is below nearly every one of the other, and the difference is no trifle.
fn is_order(known: &[Duration], strangers: &[Duration]) -> bool {
    let below = |one: &[Duration], other: &[Duration]| {
        one.iter().flat_map(|a| other.iter().map(move |b| a < b)).filter(|below| *below).count()
    };
    let (one, other) = (median(known), median(strangers));
    let is_wide = one.max(other) >= one.min(other) * 3 / 2;
    is_wide && below(known, strangers).min(below(strangers, known)) <= RARELY
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(from: u64, step: u64) -> Vec<Duration> {
        (0..VISITS as u64).map(|at| Duration::from_micros(from + at * step)).collect()
    }

    #[test]
    fn only_times_that_lie_apart_are_in_order() {
        let usual = times(100, 10);
        assert!(!is_order(&usual, &usual), "the same times");
        assert!(!is_order(&usual, &times(130, 10)), "times that overlap");
        assert!(!is_order(&times(1000, 1), &times(1020, 1)), "apart by a trifle");
        assert!(is_order(&usual, &times(1000, 10)) && is_order(&times(1000, 10), &usual));
    }

    #[test]
    fn a_busy_moment_hides_no_order_and_makes_none() {
        let mut disturbed = times(100, 1);
        disturbed[7] = Duration::from_millis(50);
        assert!(is_order(&disturbed, &times(1000, 1)));
        assert!(!is_order(&disturbed, &times(100, 1)));
    }
}
