//! What a run says of every requirement: which cases put it to the target, and how it stands.

use core::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::{Case, Level, Role};
use crate::report::{CaseReport, Report};
use crate::requirement::{self, Requirement, Status};
use crate::verdict::Verdict;

/// Names the format; changes with every incompatible change of it.
pub const SCHEMA: &str = "mip6-conform/coverage/1";

/// Every requirement beside what one run found of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The target as given.
    pub target: String,
    /// Under which profile `auth` was judged.
    pub profile: String,
    /// What other readings counted for.
    pub readings: String,
    /// The seed of the run.
    pub seed: u64,
    /// How many requirements are in which state; states that none is in are left out.
    pub counts: Vec<Count>,
    /// Every requirement, document by document, in the order of the sections.
    pub requirements: Vec<Row>,
}

/// How many requirements are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The state.
    pub state: State,
    /// At least 1.
    pub requirements: usize,
}

/// One requirement.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// `document#section/slug`.
    pub id: String,
    /// Document, for instance `rfc6618`.
    pub document: String,
    /// Section of the document.
    pub section: String,
    /// How strong it is.
    pub level: Level,
    /// Whose duty it is.
    pub roles: Vec<Role>,
    /// Our paraphrase.
    pub text: String,
    /// Whether it can be judged from outside at all.
    pub status: Status,
    /// Readings that say how we understand it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub readings: Vec<String>,
    /// What draft-01 says instead.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub draft01: Option<String>,
    /// How it stands after the run.
    pub state: State,
    /// Why, where it is not kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The cases of the run that cite it, in the order of the run.
    pub cases: Vec<Executed>,
}

/// A case that cites a requirement, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Executed {
    /// `document/section/slug`.
    pub id: String,
    /// The verdict.
    pub verdict: Verdict,
}

/// How a requirement stands. What cases showed outweighs what its file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// A case is red.
    Broken,
    /// No case is red, and one warns.
    Warned,
    /// Every case that came to a verdict passes.
    Kept,
    /// It can be judged, and was not.
    NotExecuted,
    /// Nothing on the wire tells.
    Untestable,
    /// It concerns an interface or a party that the toolkit does not meet.
    OutOfScope,
    /// The text contradicts itself.
    Ambiguous,
}

impl State {
    /// Every state, worst first, those without a verdict last.
    pub const ALL: [Self; 7] = [
        Self::Broken,
        Self::Warned,
        Self::Kept,
        Self::NotExecuted,
        Self::Untestable,
        Self::OutOfScope,
        Self::Ambiguous,
    ];

    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Warned => "warned",
            Self::Kept => "kept",
            Self::NotExecuted => "not-executed",
            Self::Untestable => "untestable",
            Self::OutOfScope => "out-of-scope",
            Self::Ambiguous => "ambiguous",
        }
    }

    /// Whether cases of the run put the requirement to the target.
    #[must_use]
    pub const fn is_executed(self) -> bool {
        matches!(self, Self::Broken | Self::Warned | Self::Kept)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Coverage {
    /// What `report` says of every requirement that we know.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let requirements: Vec<Row> =
            requirement::all().iter().map(|requirement| Row::of(requirement, &report.cases)).collect();
        let count = |state| Count {
            state,
            requirements: requirements.iter().filter(|row| row.state == state).count(),
        };
        Self {
            schema: SCHEMA.to_owned(),
            target: report.target.clone(),
            profile: report.profile.clone(),
            readings: report.readings.clone(),
            seed: report.seed,
            counts: State::ALL.into_iter().map(count).filter(|count| count.requirements > 0).collect(),
            requirements,
        }
    }

    /// The JSON schema of this format.
    #[must_use]
    pub fn json_schema() -> schemars::Schema {
        schemars::schema_for!(Self)
    }
}

impl Row {
    /// `ran` holds all cases of the run.
    fn of(requirement: &Requirement, ran: &[CaseReport]) -> Self {
        let citing: Vec<&CaseReport> =
            ran.iter().filter(|case| case.cites.contains(&requirement.id)).collect();
        let (state, reason) = standing(requirement, &citing, ran);
        Self {
            id: requirement.id.clone(),
            document: requirement.document().to_owned(),
            section: requirement.section().to_owned(),
            level: requirement.level,
            roles: requirement.roles.clone(),
            text: requirement.text.clone(),
            status: requirement.status,
            readings: requirement.readings.clone(),
            draft01: requirement.draft01.clone(),
            state,
            reason,
            cases: citing
                .into_iter()
                .map(|case| Executed { id: case.id.clone(), verdict: case.verdict })
                .collect(),
        }
    }
}

/// The state and, where it is not simply kept, why.
fn standing(
    requirement: &Requirement,
    citing: &[&CaseReport],
    ran: &[CaseReport],
) -> (State, Option<String>) {
    let first = |wanted: fn(Verdict) -> bool| citing.iter().find(|case| wanted(case.verdict));
    if let Some(case) = first(breaks) {
        return (State::Broken, Some(observed(case)));
    }
    if let Some(case) = first(|verdict| verdict == Verdict::Warn) {
        return (State::Warned, Some(observed(case)));
    }
    // What the file says of an ambiguous duty stays true beside a green case.
    if first(keeps).is_some() {
        return (State::Kept, requirement.reason.clone());
    }
    let state = match requirement.status {
        Status::Tested => return (State::NotExecuted, Some(why_not_executed(requirement, citing, ran))),
        Status::Untestable => State::Untestable,
        Status::OutOfScope => State::OutOfScope,
        Status::Ambiguous => State::Ambiguous,
    };
    (state, requirement.reason.clone())
}

const fn breaks(verdict: Verdict) -> bool {
    verdict.is_red() || matches!(verdict, Verdict::XFail)
}

const fn keeps(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Pass | Verdict::PassLenient | Verdict::XPass)
}

fn observed(case: &CaseReport) -> String {
    let observed = case.why.as_ref().map_or("", |why| why.observed.as_str());
    format!("{}: {observed}", case.id)
}

/// A duty that could be judged and was not: for want of a verdict, of a subject, of a selection, or of a case.
fn why_not_executed(requirement: &Requirement, citing: &[&CaseReport], ran: &[CaseReport]) -> String {
    if let Some(case) = citing.first() {
        return format!("no case came to a verdict: {} {}", case.verdict, observed(case));
    }
    let cites = |case: &&Case| case.cites.contains(&requirement.id.as_str());
    let able: Vec<&Case> = crate::cases::all().filter(cites).collect();
    let Some(nearest) = able.first() else { return "no case of the suite cites it".to_owned() };
    let judged = |role: Role| ran.iter().any(|case| case.role == role);
    match able.iter().find(|case| judged(case.role)) {
        Some(case) => format!("left out by the selection: {}", case.id),
        None => format!("the run judged no {}, as {} does", nearest.role, nearest.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Why;

    fn requirement(status: Status) -> Requirement {
        let mut requirement = requirement::all().first().expect("there are requirements").clone();
        requirement.id = "rfc6618#5.1/made-up".to_owned();
        requirement.status = status;
        requirement.reason = (status != Status::Tested).then(|| "For a reason.".to_owned());
        requirement
    }

    fn case(verdict: Verdict) -> CaseReport {
        let case = crate::cases::all().next().expect("there are cases");
        let why = Some(Why { observed: "this".to_owned(), ..Why::default() });
        let cites = vec!["rfc6618#5.1/made-up".to_owned()];
        CaseReport { cites, why, ..CaseReport::of(case, verdict) }
    }

    fn state(status: Status, verdicts: &[Verdict]) -> State {
        let ran: Vec<CaseReport> = verdicts.iter().copied().map(case).collect();
        Row::of(&requirement(status), &ran).state
    }

    #[test]
    fn the_worst_verdict_decides() {
        use Verdict::{Fail, Hang, Inconclusive, Pass, PassLenient, Unsupported, Warn};
        for (verdicts, expected) in [
            (&[Pass, Warn, Fail] as &[Verdict], State::Broken),
            (&[Pass, Hang], State::Broken),
            (&[Warn, Pass], State::Warned),
            (&[PassLenient, Inconclusive], State::Kept),
            (&[Inconclusive, Unsupported], State::NotExecuted),
            (&[], State::NotExecuted),
        ] {
            assert_eq!(state(Status::Tested, verdicts), expected, "{verdicts:?}");
        }
    }

    #[test]
    fn what_cases_show_outweighs_the_file() {
        assert_eq!(state(Status::Ambiguous, &[Verdict::Pass]), State::Kept);
        assert_eq!(state(Status::Ambiguous, &[Verdict::Fail]), State::Broken);
        assert_eq!(state(Status::Ambiguous, &[Verdict::Inconclusive]), State::Ambiguous);
        assert_eq!(state(Status::Untestable, &[]), State::Untestable);
        assert_eq!(state(Status::OutOfScope, &[]), State::OutOfScope);
    }

    #[test]
    fn whatever_is_not_kept_says_why() {
        for verdict in [Verdict::Fail, Verdict::Warn, Verdict::Inconclusive] {
            let row = Row::of(&requirement(Status::Tested), &[case(verdict)]);
            assert!(row.reason.is_some_and(|reason| reason.contains("this")), "{verdict}");
        }
        assert!(Row::of(&requirement(Status::Tested), &[]).reason.is_some());
    }
}
