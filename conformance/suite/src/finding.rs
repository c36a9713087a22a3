//! What a check found: the expectation in protocol words, what was seen instead, and clues to the cause.

use core::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::error::DecodeError;
use wire::escape::Escaped;

use crate::verdict::Verdict;

/// How a check ends.
pub type Outcome = Result<Pass, Finding>;

/// A check that the target passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// As the requirement and our reading of it say.
    Clean,
    /// By another reading (its id) that we accept.
    Lenient(&'static str),
}

/// Why a case is not a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The target is wrong. A SHOULD makes it a warning.
    Fails(Box<Failure>),
    /// The target does something that `readings/` weighs as a warning, whatever the level.
    Warns(Box<Failure>),
    /// The target owed an answer or a close, and neither came in time.
    Hangs(Box<Failure>),
    /// The target vanished.
    Crashes(Box<Failure>),
    /// Nothing is proved, because something else did not work.
    Inconclusive(Because),
    /// The target says that it lacks the feature, or the run cannot put the question.
    Unsupported(Because),
    /// Our own fault.
    Harness(String),
}

impl Finding {
    /// The verdict, before the level is considered.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Fails(_) => Verdict::Fail,
            Self::Warns(_) => Verdict::Warn,
            Self::Hangs(_) => Verdict::Hang,
            Self::Crashes(_) => Verdict::Crash,
            Self::Inconclusive(_) => Verdict::Inconclusive,
            Self::Unsupported(_) => Verdict::Unsupported,
            Self::Harness(_) => Verdict::HarnessError,
        }
    }

    /// Expected one thing, saw another: the target is wrong.
    #[must_use]
    pub fn fails(expected: impl Into<String>, observed: impl Into<String>) -> Self {
        Self::Fails(Box::new(Failure::new(expected, observed)))
    }

    /// Expected one thing, saw another, and it is a matter of a warning.
    #[must_use]
    pub fn warns(expected: impl Into<String>, observed: impl Into<String>) -> Self {
        Self::Warns(Box::new(Failure::new(expected, observed)))
    }

    /// Octets from the target do not follow the grammar.
    #[must_use]
    pub fn malformed(expected: impl Into<String>, error: &DecodeError) -> Self {
        let failure = Failure::new(expected, error.to_string()).with_field(error.field, error.offset);
        Self::Fails(Box::new(failure))
    }

    /// Adds a clue to a finding that carries a failure.
    #[must_use]
    pub fn with_clue(mut self, clue: Clue) -> Self {
        if let Self::Fails(f) | Self::Warns(f) | Self::Hangs(f) | Self::Crashes(f) = &mut self {
            f.clues.push(clue);
        }
        self
    }

    /// Adds several clues.
    #[must_use]
    pub fn with_clues(self, clues: &[Clue]) -> Self {
        clues.iter().cloned().fold(self, Self::with_clue)
    }

    /// Attaches the octets that show it, with a label that says whose and what they are.
    #[must_use]
    pub fn with_octets(mut self, label: impl Into<String>, octets: &[u8]) -> Self {
        if let Self::Fails(f) | Self::Warns(f) | Self::Hangs(f) | Self::Crashes(f) = &mut self {
            f.exhibits.push(Exhibit { label: label.into(), octets: octets.to_vec() });
        }
        self
    }
}

/// Need against have, with everything that helps the person who reads it at midnight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What had to happen, in protocol words.
    pub expected: String,
    /// What happened. Peer octets in it are escaped.
    pub observed: String,
    /// The field at fault and its offset in octets, where there is one.
    pub field: Option<(&'static str, usize)>,
    /// Causes that fit.
    pub clues: Vec<Clue>,
    /// Octets as sent or received.
    pub exhibits: Vec<Exhibit>,
}

impl Failure {
    /// A failure without clues.
    #[must_use]
    pub fn new(expected: impl Into<String>, observed: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            observed: observed.into(),
            field: None,
            clues: Vec::new(),
            exhibits: Vec::new(),
        }
    }

    /// Names the field at fault; `offset` in octets from the start of the Content or packet.
    #[must_use]
    pub const fn with_field(mut self, name: &'static str, offset: usize) -> Self {
        self.field = Some((name, offset));
        self
    }
}

/// A cause that fits what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Clue {
    /// What the target seems to do.
    pub says: String,
    /// The reading it follows, if it is a known one (`AU-02`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reading: Option<String>,
    /// What to change.
    pub fix: String,
}

/// Octets that show a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exhibit {
    /// Whose octets, and what they are.
    pub label: String,
    /// As on the wire.
    pub octets: Vec<u8>,
}

/// Why nothing was proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// The same message without the fault was not accepted either.
    TwinRefused(String),
    /// The good packet after the bad one was not answered.
    ControlUnanswered(String),
    /// A step before the one that is judged did not work.
    Prerequisite(String),
    /// The run lacks something that only its caller can give.
    Needs(&'static str),
    /// The target stopped working earlier in the run.
    TargetLost,
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TwinRefused(what) => {
                write!(f, "the same message without the fault was not accepted: {what}")
            }
            Self::ControlUnanswered(what) => write!(f, "the control was not answered: {what}"),
            Self::Prerequisite(what) => write!(f, "an earlier step did not work: {what}"),
            Self::Needs(what) => write!(f, "needs {what}"),
            Self::TargetLost => f.write_str("the target stopped working earlier in this run"),
        }
    }
}

/// Octets of a peer as text that is safe for a terminal, cut at `max` octets.
#[must_use]
pub fn shown(octets: &[u8], max: usize) -> String {
    match octets.get(..max) {
        Some(front) if octets.len() > max => {
            format!("{}… ({} octets)", Escaped(front), octets.len())
        }
        _ => Escaped(octets).to_string(),
    }
}
