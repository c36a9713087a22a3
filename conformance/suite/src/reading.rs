//! Every place of RFC 6618 that can be read in two ways: our reading, and the others that we accept.

use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The `schema` line of every readings file that this loader understands.
pub const SCHEMA: &str = "mip6-conform/readings/1";

/// Every reading, in the order of the specification: exchange first, packets after.
///
/// # Panics
///
/// When a file under `conformance/readings` cannot be read as one: our own mistake, caught by our tests.
pub fn all() -> &'static [Reading] {
    static ALL: OnceLock<Vec<Reading>> = OnceLock::new();
    ALL.get_or_init(|| FILES.iter().flat_map(|(name, text)| load(name, text).readings).collect())
}

/// The reading with this id, for instance `AU-02`.
pub fn find(id: &str) -> Option<&'static Reading> {
    all().iter().find(|reading| reading.id == id)
}

/// One question that the text leaves open.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Two letters for the subject and a number, for instance `AU-02`.
    pub id: String,
    /// Sections of RFC 6618 that it concerns; `-` when none says anything.
    pub section: String,
    /// What is open.
    pub question: String,
    /// How we read it.
    pub ours: String,
    /// Why.
    pub reason: String,
    /// What follows for a target that does otherwise and does not do one of `accepted`.
    pub weight: Weight,
    /// What else is accepted, and at which price.
    #[serde(default)]
    pub accepted: Vec<Accepted>,
    /// The clarifications (C1 to C17 of our notes on the text) that settled it.
    #[serde(default)]
    pub clarified_by: Vec<String>,
}

/// Another reading that does not fail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// What the target does.
    pub reading: String,
    /// What it gets for it.
    pub verdict: Leniency,
}

/// How firm our reading is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Otherwise fails.
    Hard,
    /// Otherwise is worth a warning.
    Warn,
    /// Every end decides for itself.
    Policy,
}

impl Weight {
    /// The word used in the files and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Warn => "warn",
            Self::Policy => "policy",
        }
    }
}

impl core::fmt::Display for Weight {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.as_str())
    }
}

/// The verdict for an accepted other reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Leniency {
    /// As good as ours.
    PassLenient,
    /// Worth a warning.
    Warn,
}

impl Leniency {
    /// The word used in the files and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PassLenient => "PASS_LENIENT",
            Self::Warn => "WARN",
        }
    }
}

impl core::fmt::Display for Leniency {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.as_str())
    }
}

const FILES: [(&str, &str); 9] = [
    ("container.toml", include_str!("../../readings/container.toml")),
    ("tv_header.toml", include_str!("../../readings/tv_header.toml")),
    ("value.toml", include_str!("../../readings/value.toml")),
    ("message.toml", include_str!("../../readings/message.toml")),
    ("auth.toml", include_str!("../../readings/auth.toml")),
    ("eap.toml", include_str!("../../readings/eap.toml")),
    ("sa.toml", include_str!("../../readings/sa.toml")),
    ("packet.toml", include_str!("../../readings/packet.toml")),
    ("sequence.toml", include_str!("../../readings/sequence.toml")),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    schema: String,
    #[expect(dead_code, reason = "a title for whoever opens the file")]
    group: String,
    #[serde(rename = "reading")]
    readings: Vec<Reading>,
}

fn load(name: &str, text: &str) -> Group {
    let group: Group =
        toml::from_str(text).unwrap_or_else(|error| panic!("conformance/readings/{name}: {error}"));
    assert_eq!(group.schema, SCHEMA, "conformance/readings/{name}: unknown schema");
    group
}
