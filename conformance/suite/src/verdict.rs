//! Verdicts and the exit status of a run: what a result is called and what it counts for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What became of one case. Only [`Verdict::is_green`] ones speak for the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// The target does what the requirement says.
    Pass,
    /// The target follows another reading that we accept.
    PassLenient,
    /// A SHOULD is not kept, or a matter that `readings/` weighs as a warning.
    Warn,
    /// The target does what it must not, or does not do what it must.
    Fail,
    /// Nothing was proved: the accepted twin or the control did not behave.
    Inconclusive,
    /// The target declares that it lacks the feature, and it was checked that it does; or the run has no means to put
    /// the question: no TLS under its sessions, or no identity of the form that is needed. Says nothing about the
    /// target, so it is neither green nor red and does not change the exit status.
    Unsupported,
    /// Left out by the selection.
    Skipped,
    /// Failed as the expectations say.
    #[serde(rename = "XFAIL")]
    XFail,
    /// Passed although the expectations say otherwise.
    #[serde(rename = "XPASS")]
    XPass,
    /// Repeats of the case disagree.
    Flaky,
    /// The target was gone during or after the case.
    Crash,
    /// The target owed an answer or a close and did neither in time.
    Hang,
    /// Our own fault; says nothing about the target.
    HarnessError,
}

impl Verdict {
    /// Every verdict, best first.
    pub const ALL: [Self; 13] = [
        Self::Pass,
        Self::PassLenient,
        Self::Warn,
        Self::XFail,
        Self::Unsupported,
        Self::Skipped,
        Self::XPass,
        Self::Flaky,
        Self::Inconclusive,
        Self::Hang,
        Self::Crash,
        Self::Fail,
        Self::HarnessError,
    ];

    /// The word that reports print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::PassLenient => "PASS_LENIENT",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::Unsupported => "UNSUPPORTED",
            Self::Skipped => "SKIPPED",
            Self::XFail => "XFAIL",
            Self::XPass => "XPASS",
            Self::Flaky => "FLAKY",
            Self::Crash => "CRASH",
            Self::Hang => "HANG",
            Self::HarnessError => "HARNESS_ERROR",
        }
    }

    /// Whether the verdict says that the target conforms.
    #[must_use]
    pub const fn is_green(self) -> bool {
        matches!(self, Self::Pass | Self::PassLenient | Self::Warn)
    }

    /// Whether the verdict says that the target does not conform.
    #[must_use]
    pub const fn is_red(self) -> bool {
        matches!(self, Self::Fail | Self::Crash | Self::Hang | Self::Flaky)
    }
}

impl core::fmt::Display for Verdict {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.as_str())
    }
}

/// How the process ends; never a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// 0: every planned case ran and none was red.
    Conformant,
    /// 1: at least one case is red.
    Failed,
    /// 2: the command line, a file or a selection makes no sense.
    Usage,
    /// 3: the target cannot be reached, or not even an honest exchange works.
    Unreachable,
    /// 4: our own error.
    Harness,
    /// 5: the expectations are stale, or a case passed by surprise.
    Expectations,
    /// 6: fewer cases reached a verdict than were planned.
    Incomplete,
}

impl Exit {
    /// The number that the process returns.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Conformant => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::Harness => 4,
            Self::Expectations => 5,
            Self::Incomplete => 6,
        }
    }

    /// The exit that a set of verdicts earns, by the precedence 4, 6, 1, 5; an empty set is incomplete.
    /// (2 and 3 are decided before and beside the cases.)
    pub fn of(verdicts: impl IntoIterator<Item = Verdict>) -> Self {
        let mut any = false;
        let mut worst = Self::Conformant;
        for verdict in verdicts {
            let this = match verdict {
                Verdict::Pass
                | Verdict::PassLenient
                | Verdict::Warn
                | Verdict::XFail
                | Verdict::Unsupported => Self::Conformant,
                Verdict::Skipped => continue,
                Verdict::XPass => Self::Expectations,
                Verdict::Fail | Verdict::Crash | Verdict::Hang | Verdict::Flaky => Self::Failed,
                Verdict::Inconclusive => Self::Incomplete,
                Verdict::HarnessError => Self::Harness,
            };
            any = true;
            if this.precedence() > worst.precedence() {
                worst = this;
            }
        }
        if any { worst } else { Self::Incomplete }
    }

    const fn precedence(self) -> u8 {
        match self {
            Self::Conformant => 0,
            Self::Expectations => 1,
            Self::Failed => 2,
            Self::Incomplete => 3,
            Self::Unreachable => 4,
            Self::Harness => 5,
            Self::Usage => 6,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_executed_is_not_conformant() {
        assert_eq!(Exit::of([]), Exit::Incomplete);
        assert_eq!(Exit::of([Verdict::Skipped]), Exit::Incomplete);
    }

    #[test]
    fn precedence_is_4_6_1_5() {
        use Verdict::{Fail, HarnessError, Inconclusive, Pass, XPass};
        for (verdicts, exit) in [
            (vec![Pass, Pass], Exit::Conformant),
            (vec![Pass, XPass], Exit::Expectations),
            (vec![XPass, Fail], Exit::Failed),
            (vec![Fail, Inconclusive, XPass], Exit::Incomplete),
            (vec![Inconclusive, HarnessError, Fail], Exit::Harness),
        ] {
            assert_eq!(Exit::of(verdicts.clone()), exit, "{verdicts:?}");
        }
    }

    #[test]
    fn only_green_verdicts_reach_zero() {
        for verdict in Verdict::ALL {
            let zero = Exit::of([verdict]) == Exit::Conformant;
            let may = verdict.is_green() || matches!(verdict, Verdict::XFail | Verdict::Unsupported);
            assert_eq!(zero, may, "{verdict}");
        }
    }
}
