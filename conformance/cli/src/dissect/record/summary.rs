//! How many of what were met, as a record.

use dissect::Summary;
use schemars::JsonSchema;
use serde::Serialize;

/// What is known at the end.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Sum {
    /// Frames, whatever is in them.
    pub(crate) frames: u64,
    /// Messages between MN and HAC.
    pub(crate) messages: u64,
    /// Packets between MN and HA.
    pub(crate) packets: u64,
    /// Packets that keys opened.
    pub(crate) opened: u64,
    /// Protected packets without keys.
    pub(crate) without_keys: u64,
    /// Packets between MN and HA that the capture cut.
    pub(crate) cut: u64,
    /// What could not be judged between MN and HAC: records of that type, and what stands in messages.
    pub(crate) not_observable: u64,
    /// Frames of link types that are not read.
    pub(crate) unknown_links: u64,
    /// Frames and records that cannot be read.
    pub(crate) broken: u64,
    /// Findings.
    pub(crate) findings: u64,
    /// Findings that are warnings.
    pub(crate) warnings: u64,
    /// Why the capture could not be read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<String>,
}

impl Sum {
    /// What is known at the end.
    pub(crate) fn of(summary: &Summary) -> Self {
        let counts = summary.counts;
        Self {
            frames: counts.frames,
            messages: summary.talks.messages,
            packets: counts.packets,
            opened: counts.opened,
            without_keys: counts.without_keys,
            cut: counts.cut,
            not_observable: counts.not_observable,
            unknown_links: counts.unknown_links,
            broken: counts.broken,
            findings: counts.findings,
            warnings: counts.warnings,
            fault: summary.fault.map(|fault| fault.to_string()),
        }
    }
}
