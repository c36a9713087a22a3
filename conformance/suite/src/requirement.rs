//! What the specifications ask for: one duty per entry, its source proved by a hash, never quoted.

mod sentence;

use std::path::Path;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use sentence::{Sentence, sentences};

use crate::case::Role;

/// The `schema` line of every requirements file that this loader understands.
pub const SCHEMA: &str = "mip6-conform/requirements/1";

/// Every requirement of every document, in the order of the documents.
///
/// # Panics
///
/// When a file under `conformance/requirements` cannot be read as one: our own mistake, caught by our tests.
pub fn all() -> &'static [Requirement] {
    static ALL: OnceLock<Vec<Requirement>> = OnceLock::new();
    ALL.get_or_init(|| documents().iter().flat_map(|document| document.requirements.clone()).collect())
}

/// The requirement with this id, for instance `rfc6618#5.1/identifier-not-zero`.
pub fn find(id: &str) -> Option<&'static Requirement> {
    all().iter().find(|requirement| requirement.id == id)
}

/// The documents that requirements come from.
///
/// # Panics
///
/// As [`all`].
pub fn documents() -> &'static [Document] {
    static DOCUMENTS: OnceLock<Vec<Document>> = OnceLock::new();
    DOCUMENTS.get_or_init(|| FILES.iter().map(|(name, text)| load(name, text)).collect())
}

/// The sentence, rule, table or figure that `requirement` paraphrases, read from the RFC text in `rfc_dir`.
///
/// `rfc_dir` holds plain texts named as the documents are (`rfc6618.txt`). `None` when the text is not there or does
/// not hold the sentence.
pub fn sentence_of(requirement: &Requirement, rfc_dir: &Path) -> Option<String> {
    let text = std::fs::read_to_string(rfc_dir.join(requirement.document()).with_extension("txt")).ok()?;
    sentences(&text).into_iter().find(|sentence| requirement.is_from(sentence)).map(|sentence| sentence.text)
}

/// One specification and what it asks for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Short name, for instance `rfc6618`.
    #[serde(rename = "document")]
    pub name: String,
    /// Its title.
    pub title: String,
    /// In the order of its sections.
    #[serde(rename = "requirement")]
    pub requirements: Vec<Requirement>,
}

/// One duty.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// `document#section/slug`; stable for ever, never a position.
    pub id: String,
    /// How strong it is.
    pub level: Level,
    /// Whose duty it is.
    pub roles: Vec<Role>,
    /// Our paraphrase.
    pub text: String,
    /// SHA-256, in hexadecimal, of the source with its white space folded (see [`sentences`]).
    pub sha256: String,
    /// The source has no RFC 2119 key word: a grammar rule, a table, a figure or plain prose.
    #[serde(default)]
    pub implied: bool,
    /// Whether a test from outside can judge it.
    pub status: Status,
    /// Why it is not tested; absent when it is.
    pub reason: Option<String>,
    /// Ids of the readings (`crate::reading`) that say how we understand it.
    #[serde(default)]
    pub readings: Vec<String>,
    /// What draft-ietf-mext-mip6-tls-01 says instead.
    pub draft01: Option<String>,
}

impl Requirement {
    /// The document of its id, for instance `rfc6618`.
    pub fn document(&self) -> &str {
        self.id.split_once('#').map_or("", |(document, _)| document)
    }

    /// The section of its id, for instance `5.1`.
    pub fn section(&self) -> &str {
        let rest = self.id.split_once('#').map_or("", |(_, rest)| rest);
        rest.split_once('/').map_or("", |(section, _)| section)
    }

    /// Whether `sentence` is the source of this requirement.
    pub fn is_from(&self, sentence: &Sentence) -> bool {
        sentence.section == self.section() && sentence.hash == self.sha256
    }
}

/// How strong a requirement is, by the key words of RFC 2119.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// MUST, MUST NOT, SHALL, REQUIRED: breaking it fails.
    Must,
    /// SHOULD, SHOULD NOT, RECOMMENDED: breaking it warns.
    Should,
    /// MAY, OPTIONAL: either way is fine.
    May,
}

impl Level {
    /// All levels, strongest first.
    pub const ALL: [Self; 3] = [Self::Must, Self::Should, Self::May];

    /// The key word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        }
    }
}

impl core::fmt::Display for Level {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether a requirement can be judged from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// By TLS messages between MN and HAC, or UDP packets between MN and HA.
    Tested,
    /// Nothing on the wire tells.
    Untestable,
    /// It concerns an interface or a party that the toolkit does not meet.
    OutOfScope,
    /// The text contradicts itself; the readings say what we do.
    Ambiguous,
}

impl Status {
    /// The word used in the files and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tested => "tested",
            Self::Untestable => "untestable",
            Self::OutOfScope => "out-of-scope",
            Self::Ambiguous => "ambiguous",
        }
    }
}

impl core::fmt::Display for Status {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.as_str())
    }
}

const FILES: [(&str, &str); 5] = [
    ("rfc6618.toml", include_str!("../../requirements/rfc6618.toml")),
    ("rfc6275.toml", include_str!("../../requirements/rfc6275.toml")),
    ("rfc4303.toml", include_str!("../../requirements/rfc4303.toml")),
    ("rfc5929.toml", include_str!("../../requirements/rfc5929.toml")),
    ("rfc4282.toml", include_str!("../../requirements/rfc4282.toml")),
];

fn load(name: &str, text: &str) -> Document {
    let document: Document =
        toml::from_str(text).unwrap_or_else(|error| panic!("conformance/requirements/{name}: {error}"));
    assert_eq!(document.schema, SCHEMA, "conformance/requirements/{name}: unknown schema");
    document
}
