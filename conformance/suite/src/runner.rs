//! Runs a selection of cases: sanity first and last, cases in parallel, every planned case in the report.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use crate::bench::{Bench, Setup};
use crate::case::{Case, Level, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::report::{CaseReport, Trouble, Why};
use crate::verdict::{Exit, Verdict};
use crate::{judge, sanity};

/// How a run is carried out.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Cases at the same time, at least 1.
    pub jobs: usize,
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
    if let Err(trouble) = sanity::check(setup, &roles) {
        return not_run(cases, trouble);
    }
    let state =
        State { setup, cases, roles: &roles, next: AtomicUsize::new(0), lost: AtomicBool::new(false) };
    let done: Mutex<Vec<(usize, CaseReport)>> = Mutex::new(Vec::with_capacity(cases.len()));
    thread::scope(|scope| {
        for _ in 0..plan.jobs.clamp(1, cases.len().max(1)) {
            scope.spawn(|| {
                while let Some((at, report)) = state.step() {
                    observer.ended(&report);
                    done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, report));
                }
            });
        }
    });
    let mut reports = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    reports.sort_by_key(|(at, _)| *at);
    let mut cases: Vec<CaseReport> = reports.into_iter().map(|(_, report)| report).collect();
    let trouble = sanity::check(setup, &roles).err();
    if trouble.is_some() {
        withdraw_greens(&mut cases);
    }
    let exit = exit_of(&cases, trouble.is_some());
    Run { cases, trouble, exit }
}

/// The exit status of a run: a harness error outweighs a lost target, which outweighs the cases.
fn exit_of(cases: &[CaseReport], lost: bool) -> Exit {
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
fn withdraw_greens(cases: &mut [CaseReport]) {
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
    next: AtomicUsize,
    lost: AtomicBool,
}

impl State<'_> {
    /// Takes the next case and runs it.
    fn step(&self) -> Option<(usize, CaseReport)> {
        let at = self.next.fetch_add(1, Ordering::Relaxed);
        let case = self.cases.get(at)?;
        if self.lost.load(Ordering::Acquire) {
            let why = Some(Why::from(&Finding::Inconclusive(Because::TargetLost)));
            return Some((at, CaseReport { why, ..CaseReport::of(case, Verdict::Inconclusive) }));
        }
        let mut report = self.one(at, case);
        if matches!(report.verdict, Verdict::Hang | Verdict::Crash)
            && sanity::check(self.setup, self.roles).is_err()
        {
            self.lost.store(true, Ordering::Release);
            report.verdict = Verdict::Crash;
        }
        Some((at, report))
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
            outcome
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
fn verdict_of(level: Level, outcome: &Outcome) -> Verdict {
    match outcome {
        Ok(Pass::Clean) => Verdict::Pass,
        Ok(Pass::Lenient(_)) => Verdict::PassLenient,
        Err(Finding::Fails(_)) if level != Level::Must => Verdict::Warn,
        Err(finding) => finding.verdict(),
    }
}
