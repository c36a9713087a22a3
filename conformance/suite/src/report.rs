//! The result of a run as data: what every output format is made from, and the published JSON.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::{Case, Level, Role};
use crate::finding::{Clue, Finding};
use crate::runner::Readings;
use crate::verdict::{Exit, Verdict};

/// Names the format; changes with every incompatible change of it.
pub const SCHEMA: &str = "mip6-conform/report/1";

/// A whole run.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Version of the tool.
    pub version: String,
    /// The target as given.
    pub target: String,
    /// Under which profile `auth` was judged (`rfc6618` or `draft-01`).
    pub profile: String,
    /// How the profile was found: `pinned`, `found` or `assumed`.
    pub profile_by: String,
    /// What other readings of the text counted for: `as-decided`, `strict` or `lenient`.
    #[serde(default = "as_decided")]
    pub readings: String,
    /// Drives every random octet.
    pub seed: u64,
    /// Cases in the selection.
    pub planned: usize,
    /// Every planned case, in the order of the suite.
    pub cases: Vec<CaseReport>,
    /// What keeps the run from judging the target, if anything does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trouble: Option<Trouble>,
    /// How the process ends.
    pub exit: Exit,
    /// Wall-clock time of the run in milliseconds.
    pub duration_ms: u64,
}

/// Reports of runs that knew no choice.
fn as_decided() -> String {
    Readings::AsDecided.as_str().to_owned()
}

/// Why the target could not be judged, with what was found out.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trouble {
    /// Which step did not work, in a few words.
    pub step: String,
    /// What was met.
    pub met: String,
    /// Causes that fit.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub clues: Vec<Clue>,
}

/// One case of a run.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseReport {
    /// `document/section/slug`.
    pub id: String,
    /// Section of the document.
    pub section: String,
    /// What is done and what must happen.
    pub story: String,
    /// Strength of the requirement.
    pub level: Level,
    /// Who is judged.
    pub role: Role,
    /// Ids of the requirements.
    pub cites: Vec<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Expectations put to the target.
    pub checks: u32,
    /// The reading that the target follows, for `PASS_LENIENT`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reading: Option<String>,
    /// Why it is not a pass.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<Why>,
    /// Wall-clock time in milliseconds.
    pub duration_ms: u64,
}

/// Why a case is not a pass.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Why {
    /// What had to happen.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected: Option<String>,
    /// What happened, or why nothing was proved; peer octets are escaped.
    pub observed: String,
    /// The field at fault.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// Its offset in octets.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offset: Option<usize>,
    /// Causes that fit.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub clues: Vec<Clue>,
    /// Octets that show it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub exhibits: Vec<ExhibitReport>,
}

/// Octets that show a failure.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExhibitReport {
    /// Whose octets, and what they are.
    pub label: String,
    /// Lower-case hex.
    pub hex: String,
}

impl CaseReport {
    /// A row for `case` without a result yet.
    #[must_use]
    pub fn of(case: &Case, verdict: Verdict) -> Self {
        Self {
            id: case.id.to_owned(),
            section: case.section().to_owned(),
            story: case.story.to_owned(),
            level: case.level,
            role: case.role,
            cites: case.cites.iter().map(|&id| id.to_owned()).collect(),
            verdict,
            checks: 0,
            reading: None,
            why: None,
            duration_ms: 0,
        }
    }
}

impl From<&Finding> for Why {
    fn from(finding: &Finding) -> Self {
        let failure = match finding {
            Finding::Inconclusive(because) | Finding::Unsupported(because) => {
                return Self { observed: because.to_string(), ..Self::default() };
            }
            Finding::Harness(what) => return Self { observed: what.clone(), ..Self::default() },
            Finding::Fails(failure)
            | Finding::Warns(failure)
            | Finding::Hangs(failure)
            | Finding::Crashes(failure) => failure,
        };
        Self {
            expected: Some(failure.expected.clone()),
            observed: failure.observed.clone(),
            field: failure.field.map(|(name, _)| name.to_owned()),
            offset: failure.field.map(|(_, offset)| offset),
            clues: failure.clues.clone(),
            exhibits: failure
                .exhibits
                .iter()
                .map(|e| ExhibitReport { label: e.label.clone(), hex: wire::value::hex::encode(&e.octets) })
                .collect(),
        }
    }
}

impl Report {
    /// The JSON schema of this format.
    #[must_use]
    pub fn json_schema() -> schemars::Schema {
        schemars::schema_for!(Self)
    }

    /// How many cases have that verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.cases.iter().filter(|case| case.verdict == verdict).count()
    }
}
