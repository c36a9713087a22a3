//! A dissection as one HTML file: what is wrong first, then the ladder of who said what to whom, as inline SVG.

use askama::Template;
use dissect::Summary;

use super::outcome::unjudged;
use super::record::{ExchangeSum, FlowSum, Found, Noted, Record, SaSum, Said, Sent, Sum, of_ledger};
use super::time_line::TimeLine;

/// Rungs of the ladder; a capture may hold millions of packets, and nobody looks at that many.
const RUNGS_AT_MOST: usize = 500;
/// Findings that are listed, and as many rules that could not be judged.
const FINDINGS_AT_MOST: usize = 1000;
/// Notes that are listed.
const NOTES_AT_MOST: usize = 100;
/// Exchanges and SAs that are listed.
const ROWS_AT_MOST: usize = 200;

/// Where the lines of the three parties stand, in pixels.
const MN_AT: u32 = 150;
const HAC_AT: u32 = 560;
const HA_AT: u32 = 860;
/// Pixels from rung to rung.
const STEP: u32 = 26;
const FIRST: u32 = 50;
/// Characters beside an arrow.
const WORDS_AT_MOST: usize = 150;

/// Collects what the page shows.
#[derive(Default)]
pub(crate) struct Page {
    rungs: Vec<Rung>,
    findings: Vec<Found>,
    unseen: Vec<Found>,
    notes: Vec<Noted>,
    left_out: u64,
}

/// A message or packet on the ladder.
struct Rung {
    frame: u64,
    /// Seconds since the first frame of the capture.
    at: Option<f64>,
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
    exchanges: Vec<ExchangeSum>,
    associations: Vec<(SaSum, Vec<FlowSum>)>,
    time_line: Option<TimeLine>,
    unjudged: Vec<String>,
    height: u32,
    parties: [(&'static str, u32); 3],
}

impl Page {
    /// Takes the records of an event.
    pub(crate) fn take(&mut self, told: Vec<Record>) {
        let mut findings = Vec::new();
        let mut rung = None;
        for record in told {
            match record {
                Record::Message(said) => rung = Some(Rung::of_message(&said)),
                Record::Packet(sent) => rung = Some(Rung::of_packet(sent)),
                Record::Finding(found) => findings.push(found),
                Record::NotObservable(found) => {
                    self.unseen.extend((self.unseen.len() < FINDINGS_AT_MOST).then_some(found));
                }
                Record::Note(noted) => self.notes.extend((self.notes.len() < NOTES_AT_MOST).then_some(noted)),
                _ => {}
            }
        }
        if let Some(rung) = rung {
            let wrong: Vec<&str> = findings.iter().map(|found| found.says.as_str()).collect();
            self.rung(Rung { wrong: wrong.join("; "), ..rung });
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
    pub(crate) fn render(&self, source: &str, summary: &Summary) -> Result<String, askama::Error> {
        let rungs = u32::try_from(self.rungs.len()).unwrap_or(u32::MAX);
        let height = FIRST + STEP.saturating_mul(rungs.saturating_add(1));
        let parties = [("MN", MN_AT), ("HAC", HAC_AT), ("HA", HA_AT)];
        let (mut exchanges, mut associations) = (Vec::new(), Vec::new());
        for record in of_ledger(&summary.ledger) {
            match record {
                Record::Exchange(exchange) => exchanges.push(exchange),
                Record::Sa(sa) => associations.push((sa, Vec::new())),
                Record::Flow(flow) => {
                    if let Some((_, flows)) = associations.last_mut() {
                        flows.push(flow);
                    }
                }
                _ => {}
            }
        }
        exchanges.truncate(ROWS_AT_MOST);
        associations.truncate(ROWS_AT_MOST);
        let sum = &Sum::of(summary);
        let ticks = self.rungs.iter().map(|rung| (rung.frame, rung.at, !rung.wrong.is_empty()));
        let time_line = TimeLine::new(ticks);
        let unjudged = unjudged(summary).collect();
        Html { source, sum, page: self, exchanges, associations, time_line, unjudged, height, parties }
            .render()
    }
}

impl Rung {
    fn of_message(said: &Said) -> Self {
        let (from, to) = if said.sender == "mn" { (MN_AT, HAC_AT) } else { (HAC_AT, MN_AT) };
        let status = said.status.map(|status| format!(", status {status}")).unwrap_or_default();
        let says = format!("{} ({}){status}", said.kind, said.identifier);
        Self { frame: said.frame, at: said.time, from, to, y: 0, says, wrong: String::new() }
    }

    fn of_packet(sent: Sent) -> Self {
        let (from, to) = if sent.sender == Some("ha") { (HA_AT, MN_AT) } else { (MN_AT, HA_AT) };
        Self { frame: sent.frame, at: sent.time, from, to, y: 0, says: sent.says, wrong: String::new() }
    }

    /// Its time, as the page shows it.
    fn time(&self) -> String {
        self.at.map_or_else(|| "-".to_owned(), |at| format!("{at:.6}"))
    }

    /// Its words, as many as there is room for.
    fn words(&self) -> String {
        let is_long = self.says.chars().count() > WORDS_AT_MOST;
        let shown = self.says.chars().take(WORDS_AT_MOST).collect::<String>();
        if is_long { shown + "…" } else { shown }
    }

    /// Where its words start: at the left end of its arrow.
    fn text_at(&self) -> u32 {
        self.from.min(self.to) + 8
    }

    /// Where its time ends: left of all arrows.
    const fn time_at(&self) -> u32 {
        MN_AT - 12
    }

    /// The three corners of the head of its arrow.
    fn head(&self) -> String {
        let Self { from, to, y, .. } = *self;
        let back = if from < to { to - 8 } else { to + 8 };
        format!("{to},{y} {back},{} {back},{}", y - 4, y + 4)
    }
}
