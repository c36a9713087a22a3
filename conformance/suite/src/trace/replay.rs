//! Plays a trace to a target and judges what it answers: the stage, the rows, and the order of the parts.

use std::collections::BTreeSet;
use std::time::Instant;

use super::{Act, Trace, Whose, walk};
use crate::bench::Setup;
use crate::case::{Case, Level, Role};
use crate::finding::{Clue, Finding, Outcome, Pass};
use crate::player::{EapExchange, EapMethod, Exchange};
use crate::report::{CaseReport, Trouble, Why};
use crate::runner::{self, verdict_of, withdraw_greens};
use crate::sanity::{self, When};
use crate::verdict::{Exit, Verdict};

/// What a replay gave.
pub struct Replayed {
    /// One result for everything that the target owed, in the order of the trace; then the cases of the suite that judge
    /// an honest exchange, if the trace is one.
    pub cases: Vec<CaseReport>,
    /// What had to be made anew.
    pub renewed: BTreeSet<Renewed>,
    /// Where the target answered otherwise than the peer from which the trace was taken.
    pub differences: Vec<Difference>,
    /// Why the target could not be judged.
    pub trouble: Option<Trouble>,
    /// How the process ends.
    pub exit: Exit,
}

/// A field that could not be sent as it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Renewed {
    /// In which step, from 1.
    pub step: usize,
    /// What, in the words of the field.
    pub what: &'static str,
}

/// Two answers to one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which step of the trace holds the answer, from 1.
    pub step: usize,
    /// What it holds.
    pub then: String,
    /// What was answered now.
    pub now: String,
}

/// Plays a trace that the linter has nothing against. Sanity is asked before and after it, as in every run.
#[must_use]
pub fn replay(setup: &Setup, trace: &Trace) -> Replayed {
    let roles = roles(trace);
    if let Err(trouble) = sanity::check(setup, &roles, When::First) {
        return Replayed::not_played(trouble);
    }
    let mns = trace.mns().len();
    let Some(leases) = setup.identities.lease_each(mns) else {
        return Replayed::not_played(too_few_identities(mns));
    };
    let mut stage = Stage::new(trace);
    let played = walk::play(&mut stage, setup, &leases, trace);
    let Stage { mut rows, renewed, differences, .. } = stage;
    drop(leases);
    let trouble = played.and_then(|()| sanity::check(setup, &roles, When::Last)).err();
    if trouble.is_some() {
        withdraw_greens(&mut rows);
    }
    let exit = runner::exit_of(&rows, trouble.is_some());
    Replayed { cases: rows, renewed, differences, trouble, exit }
}

fn roles(trace: &Trace) -> Vec<Role> {
    let ha = trace.steps.iter().any(|step| matches!(step.act, Act::Packet(_)));
    if ha { vec![Role::Hac, Role::Ha] } else { vec![Role::Hac] }
}

fn too_few_identities(mns: usize) -> Trouble {
    Trouble {
        step: "find an identity for each MN of the trace".to_owned(),
        met: format!("{mns} MNs speak in the trace, and --identities has fewer"),
        clues: vec![Clue {
            says: "each MN of a trace is played by an identity of its own".to_owned(),
            reading: None,
            fix: format!(
                "`mip6-conform provision --count {mns}` makes as many; --mn-id plays one MN of a capture"
            ),
        }],
    }
}

impl Replayed {
    /// The target could not be judged at all.
    #[must_use]
    pub fn not_played(trouble: Trouble) -> Self {
        Self {
            cases: Vec::new(),
            renewed: BTreeSet::new(),
            differences: Vec::new(),
            trouble: Some(trouble),
            exit: Exit::Unreachable,
        }
    }
}

/// What comes of a trace while it is played.
pub(super) struct Stage {
    name: String,
    /// Whether it has to be said whose a row is.
    is_shared: bool,
    /// Whose turn it is.
    whose: Whose,
    rows: Vec<CaseReport>,
    renewed: BTreeSet<Renewed>,
    differences: Vec<Difference>,
}

/// What is judged by a row, apart from the outcome.
pub(super) struct Owed {
    /// Which step asked for it, from 1.
    pub(super) step: usize,
    /// Who owes it.
    pub(super) role: Role,
    /// Of RFC 6618.
    pub(super) section: &'static str,
    /// A requirement.
    pub(super) cites: &'static str,
    /// What is owed, in one line.
    pub(super) story: String,
}

impl Stage {
    fn new(trace: &Trace) -> Self {
        Self {
            name: trace.name.clone(),
            is_shared: trace.conversations().len() > 1,
            whose: Whose::default(),
            rows: Vec::new(),
            renewed: BTreeSet::new(),
            differences: Vec::new(),
        }
    }

    /// What follows is about this conversation.
    pub(super) fn turn_to(&mut self, whose: &Whose) {
        self.whose = whose.clone();
    }

    pub(super) fn renew(&mut self, step: usize, what: &'static str) {
        self.renewed.insert(Renewed { step, what });
    }

    pub(super) fn compare(&mut self, step: usize, then: String, now: String) {
        if then != now {
            self.differences.push(Difference { step, then, now });
        }
    }

    /// Adds a row of our own.
    pub(super) fn owed(&mut self, owed: Owed, started: Instant, outcome: &Outcome) {
        let mut row = CaseReport {
            id: format!("replay/{}/step-{}", self.name, owed.step),
            section: owed.section.to_owned(),
            story: owed.story,
            level: Level::Must,
            role: owed.role,
            cites: vec![owed.cites.to_owned()],
            verdict: Verdict::Inconclusive,
            checks: 1,
            reading: None,
            why: None,
            duration_ms: 0,
        };
        conclude(&mut row, started, outcome);
        self.rows.push(row);
    }

    /// Adds the row of a case of the suite.
    pub(super) fn case(&mut self, case: &Case, outcome: &Outcome) {
        let mut row = CaseReport { checks: 1, ..CaseReport::of(case, Verdict::Inconclusive) };
        if self.is_shared {
            row.story = format!("{} ({})", row.story, self.whose);
        }
        conclude(&mut row, Instant::now(), outcome);
        self.rows.push(row);
    }
}

fn conclude(row: &mut CaseReport, started: Instant, outcome: &Outcome) {
    row.verdict = verdict_of(row.level, outcome);
    row.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match outcome {
        Ok(Pass::Clean) => {}
        Ok(Pass::Lenient(reading)) => row.reading = Some((*reading).to_owned()),
        Err(finding) => row.why = Some(Why::from(finding)),
    }
}

/// The same for an exchange by this EAP method.
pub(super) fn judge_eap_exchange(stage: &mut Stage, method: EapMethod, exchange: &EapExchange) {
    for case in crate::cases::all() {
        if let crate::case::Check::EapSays(of, judge) = case.check
            && of == method
        {
            stage.case(case, &judge(exchange));
        }
    }
}

/// The rows of the suite that judge an honest exchange by what was said in it.
pub(super) fn judge_exchange(stage: &mut Stage, exchange: &Exchange) {
    for case in crate::cases::all() {
        if let crate::case::Check::HacSays(judge) = case.check {
            let outcome = judge(exchange);
            // Some look at an answer to what the trace does not ask for.
            if !matches!(outcome, Err(Finding::Unsupported(_))) {
                stage.case(case, &outcome);
            }
        }
    }
}
