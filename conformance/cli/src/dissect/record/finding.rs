//! What is wrong, what cannot be judged, and what is worth a word, as records.

use dissect::conversation::{Remark, Unseen};
use dissect::{Finding, Note, Rule};
use schemars::JsonSchema;
use serde::Serialize;

/// A finding, or a rule that cannot be judged.
#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct Found {
    /// Number of the frame, from 1.
    pub(crate) frame: u64,
    /// Seconds since the first frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<f64>,
    /// The id of the requirement; of a lower layer's format, its name.
    pub(crate) requirement: String,
    /// `FAIL`; `WARN` where the sender is not seen to break a duty. Nothing where no implementation is judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) verdict: Option<&'static str>,
    /// Who sent the message or packet: `mn`, `hac` or `ha`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sender: Option<&'static str>,
    /// Its conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) conversation: Option<u64>,
    /// The MN, where the conversation or the SA tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mn_id: Option<String>,
    /// The SPI of the packet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) spi: Option<u32>,
    /// In words.
    pub(crate) says: String,
}

/// Something to know that is nobody's fault.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Noted {
    /// Number of the frame, from 1; 0 before the first.
    pub(crate) frame: u64,
    /// In words.
    pub(crate) says: String,
}

impl Found {
    pub(super) fn of(finding: &Finding) -> Self {
        let Finding { frame, fault } = finding;
        let verdict = match fault.rule() {
            Rule::Requirement(_) => Some("FAIL"),
            Rule::Warning(_) => Some("WARN"),
            Rule::Format(_) => None,
        };
        Self { verdict, ..Self::new(*frame, fault.requirement(), fault.to_string()) }
    }

    pub(super) fn of_unseen(frame: u64, unseen: &Unseen) -> Self {
        Self::new(frame, unseen.requirement, unseen.why.to_string())
    }

    pub(super) fn of_remark(remark: &Remark) -> Self {
        Self::of_unseen(remark.frame, &remark.unseen)
    }

    fn new(frame: u64, requirement: &str, says: String) -> Self {
        let requirement = requirement.to_owned();
        Self {
            frame,
            time: None,
            requirement,
            verdict: None,
            sender: None,
            conversation: None,
            mn_id: None,
            spi: None,
            says,
        }
    }
}

impl Noted {
    pub(super) fn of(note: &Note) -> Self {
        Self { frame: note.frame, says: note.what.to_string() }
    }
}
