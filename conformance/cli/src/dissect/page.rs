//! A dissection as one HTML file: what is wrong first, then the ladder of who said what to whom, as inline SVG.

use askama::Template;
use dissect::Event;

use super::record::{Found, Record, Sum};

/// Rungs of the ladder; a capture may hold millions of packets, and nobody looks at that many.
const RUNGS_AT_MOST: usize = 500;
/// Findings that are listed.
const FINDINGS_AT_MOST: usize = 1000;

/// Where the lines of the three parties stand, in pixels.
const MN_AT: u32 = 60;
const HAC_AT: u32 = 520;
const HA_AT: u32 = 760;
/// Pixels from rung to rung.
const STEP: u32 = 26;
const FIRST: u32 = 50;

/// Collects what the page shows.
#[derive(Default)]
pub(crate) struct Page {
    rungs: Vec<Rung>,
    findings: Vec<Found>,
    left_out: u64,
}

/// A message or packet on the ladder.
struct Rung {
    frame: u64,
    time: String,
    from: u32,
    to: u32,
    y: u32,
    says: String,
    /// What is wrong with it; nothing if it is fine.
    wrong: String,
}

#[derive(Template)]
#[template(path = "dissection.html")]
struct Html<'a> {
    source: &'a str,
    sum: &'a Sum,
    page: &'a Page,
    height: u32,
    parties: [(&'static str, u32); 3],
}

impl Page {
    /// Takes the next record.
    pub(crate) fn take(&mut self, record: Record, event: &Event<'_>) {
        let (rung, findings) = match (record, event) {
            (Record::Message(said), Event::Message(message)) => {
                let (from, to) = if said.by == "mn" { (MN_AT, HAC_AT) } else { (HAC_AT, MN_AT) };
                let status = said.status.as_ref().map(|status| format!(", status {status}"));
                let says = format!("{} ({}){}", said.kind, said.identifier, status.unwrap_or_default());
                (Some((message.frame, said.time, from, to, says)), said.findings)
            }
            (Record::Packet(sent), Event::Packet(_)) => {
                let (from, to) = if sent.by == Some("ha") { (HA_AT, MN_AT) } else { (MN_AT, HA_AT) };
                (Some((sent.frame, sent.time, from, to, sent.says)), sent.findings)
            }
            (Record::Finding(found), _) => (None, vec![found]),
            _ => (None, Vec::new()),
        };
        if let Some((frame, time, from, to, says)) = rung {
            let wrong: Vec<&str> = findings.iter().map(|found| found.says.as_str()).collect();
            self.rung(Rung {
                frame,
                time: time.map_or_else(|| "-".to_owned(), |time| format!("{time:.6}")),
                from,
                to,
                y: 0,
                says,
                wrong: wrong.join("; "),
            });
        }
        let room = FINDINGS_AT_MOST.saturating_sub(self.findings.len());
        self.findings.extend(findings.into_iter().take(room));
    }

    fn rung(&mut self, rung: Rung) {
        if self.rungs.len() == RUNGS_AT_MOST {
            self.left_out += 1;
            return;
        }
        let place = u32::try_from(self.rungs.len()).unwrap_or(u32::MAX);
        self.rungs.push(Rung { y: FIRST + STEP.saturating_mul(place), ..rung });
    }

    /// The page.
    ///
    /// # Errors
    /// Those of the template.
    pub(crate) fn render(&self, source: &str, sum: &Sum) -> Result<String, askama::Error> {
        let rungs = u32::try_from(self.rungs.len()).unwrap_or(u32::MAX);
        let height = FIRST + STEP.saturating_mul(rungs.saturating_add(1));
        let parties = [("MN", MN_AT), ("HAC", HAC_AT), ("HA", HA_AT)];
        Html { source, sum, page: self, height, parties }.render()
    }
}

impl Rung {
    /// Where its words start: at the left end of its arrow.
    fn text_at(&self) -> u32 {
        self.from.min(self.to) + 8
    }

    /// The three corners of the head of its arrow.
    fn head(&self) -> String {
        let Self { from, to, y, .. } = *self;
        let back = if from < to { to - 8 } else { to + 8 };
        format!("{to},{y} {back},{} {back},{}", y - 4, y + 4)
    }
}
