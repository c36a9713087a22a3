//! What went wrong for a mobile node: whose fault, which field, what was needed, what was there.

use std::fmt;

use wire::error::{DecodeError, Have, Need};
use wire::value::Date;

/// One failure. The text is made from the value, never stored in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Who has to mend it.
    pub fault: Fault,
    /// The TV-header, container field or condition that failed.
    pub field: &'static str,
    /// What would have been right.
    pub need: Need,
    /// What was there. Never a key or a MAC.
    pub have: Have,
    /// When the HAC would be asked again (`retry-after`, section 5.5.6), if it said so.
    pub again: Option<Date>,
}

/// Who is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The HAC, or whoever plays it.
    Hac,
    /// The home agent.
    Ha,
    /// This mobile node or its configuration.
    Mn,
    /// The way between: no answer, or a lost connection.
    Path,
}

impl Failure {
    /// The HAC sent octets that do not parse.
    pub(super) fn malformed(error: DecodeError) -> Self {
        Self::hac(error.field, error.need, error.have)
    }

    /// This mobile node was about to send what cannot be sent.
    pub(super) fn own(error: DecodeError) -> Self {
        Self { fault: Fault::Mn, ..Self::malformed(error) }
    }

    /// Somebody's failure.
    pub(super) const fn of(fault: Fault, field: &'static str, need: Need, have: Have) -> Self {
        Self { fault, field, need, have, again: None }
    }

    /// The HAC sent something legal that does not fit.
    pub(super) fn hac(field: &'static str, need: Need, have: Have) -> Self {
        Self::of(Fault::Hac, field, need, have)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: need {}, have {}", self.fault, self.field, self.need, self.have)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hac => "the HAC is at fault",
            Self::Ha => "the home agent is at fault",
            Self::Mn => "this mobile node is at fault",
            Self::Path => "the path is at fault",
        })
    }
}

impl std::error::Error for Failure {}
