//! Runs a selection of cases: sanity first and last, cases in parallel, every planned case in the report.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use crate::bench::{Bench, Setup};
use crate::case::{Case, Level, Pace, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::reading::{self, Weight};
use crate::report::{CaseReport, Trouble, Why};
use crate::sanity::When;
use crate::verdict::{Exit, Verdict};
use crate::{judge, sanity};

/// How a run is carried out.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Cases at the same time, at least 1.
    pub jobs: usize,
    /// What other readings of the text count for.
    pub readings: Readings,
}

/// What counts where the text can be read in two ways. Says how severe a verdict is, never what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Readings {
    /// As `readings/` decides: another reading that it accepts is a lenient pass.
    #[default]
    AsDecided,
    /// Only our own reading: another one is a failure, however acceptable.
    Strict,
    /// What rests on our judgement alone, on readings of which none is hard, warns instead of failing.
    Lenient,
}

impl Readings {
    /// All, in the order of the help.
    pub const ALL: [Self; 3] = [Self::AsDecided, Self::Strict, Self::Lenient];

    /// The word on the command line and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AsDecided => "as-decided",
            Self::Strict => "strict",
            Self::Lenient => "lenient",
        }
    }

    /// The outcome of a case that rests on `readings`, as these readings weigh it.
    fn weigh(self, readings: &[&str], outcome: Outcome) -> Outcome {
        match (self, outcome) {
            (Self::Strict, Ok(Pass::Lenient(id))) => Err(Finding::fails(
                reading::find(id).map_or("our own reading", |reading| &reading.ours),
                format!("another reading of {id}, which passes unless readings are strict"),
            )),
            (Self::Lenient, Err(Finding::Fails(failure))) if rests_on_judgement(readings) => {
                Err(Finding::Warns(failure))
            }
            (_, outcome) => outcome,
        }
    }
}

fn rests_on_judgement(readings: &[&str]) -> bool {
    let is_hard = |id: &&str| reading::find(id).is_none_or(|reading| reading.weight == Weight::Hard);
    !readings.is_empty() && !readings.iter().any(is_hard)
}

/// Hears of every case as it ends.
pub trait Observer: Sync {
    /// A case ended.
    fn ended(&self, report: &CaseReport);
}

/// What a run gave.
pub struct Run {
    /// One report per selected case, in the order of the selection.
    pub cases: Vec<CaseReport>,
    /// Why the target could not be judged to the end.
    pub trouble: Option<Trouble>,
    /// How the process ends.
    pub exit: Exit,
}

/// Runs the selection.
#[must_use]
pub fn run(setup: &Setup, cases: &[&Case], plan: Plan, observer: &dyn Observer) -> Run {
    let roles = roles_of(cases);
    if let Err(trouble) = sanity::check(setup, &roles, When::First) {
        return not_run(cases, trouble);
    }
    let (aside, queue) = positions(cases, plan.jobs);
    let jobs = plan.jobs.clamp(1, queue.len().max(1));
    let state = State {
        setup,
        cases,
        roles: &roles,
        readings: plan.readings,
        queue,
        next: AtomicUsize::new(0),
        lost: AtomicBool::new(false),
    };
    let done: Mutex<Vec<(usize, CaseReport)>> = Mutex::new(Vec::with_capacity(cases.len()));
    let keep = |at, report| {
        observer.ended(&report);
        done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, report));
    };
    thread::scope(|scope| {
        let (state, keep) = (&state, &keep);
        for at in aside {
            scope.spawn(move || keep(at, state.run(at)));
        }
        for _ in 0..jobs {
            scope.spawn(move || {
                while let Some(at) = state.next() {
                    keep(at, state.run(at));
                }
            });
        }
    });
    let mut reports = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    reports.sort_by_key(|(at, _)| *at);
    let mut cases: Vec<CaseReport> = reports.into_iter().map(|(_, report)| report).collect();
    let trouble = sanity::check(setup, &roles, When::Last).err();
    if trouble.is_some() {
        withdraw_greens(&mut cases);
    }
    let exit = exit_of(&cases, trouble.is_some());
    Run { cases, trouble, exit }
}

/// Cases that wait, each of which is started at once beside the jobs, and the others, for which there are jobs. Who wants
/// one case at a time gets that.
fn positions(cases: &[&Case], jobs: usize) -> (Vec<usize>, Vec<usize>) {
    let waits = |at: &usize| jobs > 1 && cases.get(*at).is_some_and(|case| case.pace == Pace::Waits);
    (0..cases.len()).partition(waits)
}

/// The exit status of a run: a harness error outweighs a lost target, which outweighs the cases.
#[must_use]
pub fn exit_of(cases: &[CaseReport], lost: bool) -> Exit {
    match Exit::of(cases.iter().map(|case| case.verdict)) {
        Exit::Harness => Exit::Harness,
        _ if lost => Exit::Unreachable,
        exit => exit,
    }
}

/// A run in which no case was carried out.
#[must_use]
pub fn not_run(cases: &[&Case], trouble: Trouble) -> Run {
    let because = Finding::Inconclusive(Because::Prerequisite(format!("{}: {}", trouble.step, trouble.met)));
    let cases = cases
        .iter()
        .map(|case| CaseReport {
            why: Some(Why::from(&because)),
            ..CaseReport::of(case, Verdict::Inconclusive)
        })
        .collect();
    Run { cases, trouble: Some(trouble), exit: Exit::Unreachable }
}

/// With no good sanity after them, green verdicts prove nothing.
pub(crate) fn withdraw_greens(cases: &mut [CaseReport]) {
    for case in cases.iter_mut().filter(|case| case.verdict.is_green()) {
        case.verdict = Verdict::Inconclusive;
        case.why = Some(Why::from(&Finding::Inconclusive(Because::TargetLost)));
    }
}

fn roles_of(cases: &[&Case]) -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| cases.iter().any(|case| case.role == *role)).collect()
}

struct State<'a> {
    setup: &'a Setup,
    cases: &'a [&'a Case],
    roles: &'a [Role],
    readings: Readings,
    /// Positions of the cases that the jobs take, one after the other.
    queue: Vec<usize>,
    next: AtomicUsize,
    lost: AtomicBool,
}

impl State<'_> {
    /// The position of the next case for a job.
    fn next(&self) -> Option<usize> {
        self.queue.get(self.next.fetch_add(1, Ordering::Relaxed)).copied()
    }

    fn run(&self, at: usize) -> CaseReport {
        let case = self.cases[at];
        if self.lost.load(Ordering::Acquire) {
            let why = Some(Why::from(&Finding::Inconclusive(Because::TargetLost)));
            return CaseReport { why, ..CaseReport::of(case, Verdict::Inconclusive) };
        }
        let mut report = self.one(at, case);
        if matches!(report.verdict, Verdict::Hang | Verdict::Crash)
            && sanity::check(self.setup, self.roles, When::After(case.id)).is_err()
        {
            self.lost.store(true, Ordering::Release);
            report.verdict = Verdict::Crash;
        }
        report
    }

    fn one(&self, at: usize, case: &Case) -> CaseReport {
        let lease = self.setup.identities.lease(at);
        let started = Instant::now();
        let mut bench = Bench::new(self.setup, lease.identity, case.id);
        let outcome = catch_unwind(AssertUnwindSafe(|| judge::run(&case.check, &mut bench)))
            .unwrap_or_else(|_| Err(Finding::Harness("the case itself panicked".to_owned())));
        let outcome = if bench.checks() == 0 && outcome.is_ok() {
            Err(Finding::Harness("the case checked nothing".to_owned()))
        } else {
            self.readings.weigh(case.readings, outcome)
        };
        let mut report = CaseReport::of(case, verdict_of(case.level, &outcome));
        report.checks = bench.checks();
        report.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &outcome {
            Ok(Pass::Clean) => {}
            Ok(Pass::Lenient(reading)) => report.reading = Some((*reading).to_owned()),
            Err(finding) => report.why = Some(Why::from(finding)),
        }
        report
    }
}

/// A broken SHOULD or MAY warns; everything else is what the finding says.
pub(crate) fn verdict_of(level: Level, outcome: &Outcome) -> Verdict {
    match outcome {
        Ok(Pass::Clean) => Verdict::Pass,
        Ok(Pass::Lenient(_)) => Verdict::PassLenient,
        Err(Finding::Fails(_)) if level != Level::Must => Verdict::Warn,
        Err(finding) => finding.verdict(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of weight `hard`, `warn` and `policy`; see `conformance/readings`.
    const HARD: &str = "AU-02";
    const WARN: &str = "AU-08";
    const POLICY: &str = "SA-07";

    fn verdict(readings: Readings, rests_on: &[&str], level: Level, outcome: Outcome) -> Verdict {
        verdict_of(level, &readings.weigh(rests_on, outcome))
    }

    #[test]
    fn what_waits_is_started_beside_the_jobs_and_every_case_is_run_once() {
        let cases: Vec<&Case> = crate::cases::all().collect();
        let (aside, queue) = positions(&cases, 2);
        assert!(aside.iter().any(|&at| cases[at].id == "rfc6618/6.3/binding-ends"));
        assert!((1..=8).contains(&aside.len()), "each takes a thread");
        let mut all = [aside, queue].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..cases.len()));
        assert!(positions(&cases, 1).0.is_empty());
    }

    #[test]
    fn the_examples_weigh_what_they_are_said_to() {
        let weight = |id| reading::find(id).map(|reading| reading.weight);
        assert_eq!(
            [HARD, WARN, POLICY].map(weight),
            [Some(Weight::Hard), Some(Weight::Warn), Some(Weight::Policy)]
        );
    }

    #[test]
    fn strict_accepts_no_other_reading() {
        let outcome = || Ok(Pass::Lenient(HARD));
        assert_eq!(verdict(Readings::AsDecided, &[HARD], Level::Must, outcome()), Verdict::PassLenient);
        assert_eq!(verdict(Readings::Lenient, &[HARD], Level::Must, outcome()), Verdict::PassLenient);
        assert_eq!(verdict(Readings::Strict, &[HARD], Level::Must, outcome()), Verdict::Fail);
        assert_eq!(verdict(Readings::Strict, &[HARD], Level::Should, outcome()), Verdict::Warn);
        assert_eq!(verdict(Readings::Strict, &[HARD], Level::Must, Ok(Pass::Clean)), Verdict::Pass);
    }

    #[test]
    fn lenient_forgives_what_is_our_judgement_alone() {
        let outcome = || Err(Finding::fails("one thing", "another"));
        for (rests_on, forgiven) in [
            (&[WARN] as &[&str], Verdict::Warn),
            (&[POLICY, WARN], Verdict::Warn),
            (&[WARN, HARD], Verdict::Fail),
            (&[], Verdict::Fail),
        ] {
            assert_eq!(
                verdict(Readings::Lenient, rests_on, Level::Must, outcome()),
                forgiven,
                "{rests_on:?}"
            );
            assert_eq!(verdict(Readings::AsDecided, rests_on, Level::Must, outcome()), Verdict::Fail);
            assert_eq!(verdict(Readings::Strict, rests_on, Level::Must, outcome()), Verdict::Fail);
        }
    }

    #[test]
    fn lenient_forgives_no_hang() {
        let hang = Err(Finding::Hangs(Box::new(crate::finding::Failure::new("an answer", "nothing"))));
        assert_eq!(verdict(Readings::Lenient, &[WARN], Level::Must, hang), Verdict::Hang);
    }
}
