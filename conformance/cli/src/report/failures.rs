//! Cases that are not a plain pass: red ones explain themselves at length, others in a few lines.

use std::collections::BTreeMap;

use anstyle::Style;
use suite::finding::Clue;
use suite::report::{CaseReport, Report, Why};
use suite::requirement;
use suite::verdict::Verdict;

use super::console::Talk;
use super::hexdump;
use super::page::{BAD, BOLD, DIM, DOUBT, GOOD, Page, counted};
use super::repro::Repro;

/// Columns before what belongs to a case.
const INDENT: usize = 2;

/// How a case is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Voice {
    /// With octets, citations and the command that shows it again.
    AtLength,
    /// What was expected and observed.
    Shortly,
    /// Its id.
    InALine,
}

/// Puts every case on the page that `talk` wants told, by section.
pub(super) fn tell(page: &mut Page, report: &Report, repro: &Repro, talk: Talk) {
    let mut section = "";
    let mut explained: Vec<&CaseReport> = Vec::new();
    for case in &report.cases {
        let Some(voice) = voice(case.verdict, talk) else { continue };
        if section != case.section && talk != Talk::Quiet {
            section = &case.section;
            page.blank();
            page.line(&[(BOLD, &format!("Section {section}"))]);
        }
        if voice != Voice::AtLength {
            tell_case(page, case, voice);
            continue;
        }
        page.blank();
        let known = explained.iter().find(|earlier| talk == Talk::Normal && have_one_cause(earlier, case));
        match known {
            Some(earlier) => tell_same_cause(page, case, earlier),
            None => {
                tell_case(page, case, voice);
                tell_octets(page, case, if talk == Talk::Verbose { MANY_OCTETS } else { FEW_OCTETS });
                tell_sources(page, case);
                explained.push(case);
            }
        }
        let again = repro.line(report.seed, &case.id);
        // Never wrapped: it is there to be copied.
        again.iter().for_each(|again| page.line(&[(DIM, "  again    "), (Style::new(), again)]));
    }
    // Where nothing was judged the trouble has said it all.
    let judged = report.cases.iter().any(|case| case.verdict != Verdict::Inconclusive);
    if talk != Talk::Quiet && (judged || report.trouble.is_none()) {
        tell_inconclusive(page, report);
    }
}

fn voice(verdict: Verdict, talk: Talk) -> Option<Voice> {
    let is_loud = verdict.is_red() || matches!(verdict, Verdict::HarnessError | Verdict::XPass);
    match (talk, verdict) {
        (Talk::Quiet, _) => is_loud.then_some(Voice::InALine),
        _ if is_loud => Some(Voice::AtLength),
        (_, Verdict::Inconclusive | Verdict::Skipped) => None,
        (Talk::Normal, Verdict::Pass) => None,
        (Talk::Verbose, Verdict::Pass) => Some(Voice::InALine),
        _ => Some(Voice::Shortly),
    }
}

/// Whether something is known of the cause, and it is the same.
fn have_one_cause(one: &CaseReport, other: &CaseReport) -> bool {
    let clues = |case: &CaseReport| case.why.as_ref().map(|why| why.clues.clone()).unwrap_or_default();
    !clues(one).is_empty() && clues(one) == clues(other)
}

/// What was told of another case is not told again.
fn tell_same_cause(page: &mut Page, case: &CaseReport, earlier: &CaseReport) {
    tell_head(page, case, BOLD);
    page.paragraph(INDENT, &case.story);
    if let Some(why) = &case.why {
        page.term(INDENT, "observed", &why.observed);
    }
    page.term(INDENT, "clue", &format!("the same as in {}", earlier.id));
}

fn tell_head(page: &mut Page, case: &CaseReport, id: Style) {
    page.line(&[
        (style_of(case.verdict), case.verdict.as_str()),
        (Style::new(), " "),
        (id, &case.id),
        (DIM, &format!("  {} {}", case.level, case.role)),
    ]);
}

fn tell_case(page: &mut Page, case: &CaseReport, voice: Voice) {
    tell_head(page, case, if voice == Voice::InALine { Style::new() } else { BOLD });
    if voice == Voice::InALine {
        return;
    }
    page.paragraph(INDENT, &case.story);
    if let Some(reading) = &case.reading {
        page.term(INDENT, "follows", &format!("another reading that is accepted: `explain {reading}`"));
    }
    if let Some(why) = &case.why {
        tell_why(page, why);
    }
}

fn tell_why(page: &mut Page, why: &Why) {
    if let Some(expected) = &why.expected {
        page.term(INDENT, "expected", expected);
    }
    page.term(INDENT, "observed", &why.observed);
    if let (Some(field), Some(offset)) = (&why.field, why.offset) {
        page.term(INDENT, "field", &format!("{field}, at octet {offset}"));
    }
    for clue in &why.clues {
        tell_clue(page, INDENT, clue);
    }
}

/// A cause that fits, and what to change.
pub(super) fn tell_clue(page: &mut Page, indent: usize, clue: &Clue) {
    let says = match &clue.reading {
        Some(reading) => format!("known misreading {reading}: {}", clue.says.trim()),
        None => clue.says.trim().to_owned(),
    };
    page.term(indent, "clue", &says);
    page.term(indent, "fix", &clue.fix);
}

/// Octets of an exhibit that are shown.
const FEW_OCTETS: usize = 256;
/// The same where more is wanted: a datagram or two.
const MANY_OCTETS: usize = 4096;

fn tell_octets(page: &mut Page, case: &CaseReport, most: usize) {
    let indent = INDENT + 2;
    for exhibit in case.why.iter().flat_map(|why| &why.exhibits) {
        let octets = counted(exhibit.hex.len() / 2, "octet");
        page.line(&[(DIM, &format!("{:INDENT$}{}, {octets}", "", exhibit.label))]);
        for line in hexdump::lines(&exhibit.hex, most, page.width() - indent) {
            page.line(&[(Style::new(), &format!("{:indent$}{line}", ""))]);
        }
    }
}

fn tell_sources(page: &mut Page, case: &CaseReport) {
    for id in &case.cites {
        let text = requirement::find(id).map(|requirement| format!(": {}", requirement.text));
        page.term(INDENT, "cites", &format!("{id}{}", text.unwrap_or_default()));
    }
}

/// Equal reasons are told once.
fn tell_inconclusive(page: &mut Page, report: &Report) {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in report.cases.iter().filter(|case| case.verdict == Verdict::Inconclusive) {
        let reason = case.why.as_ref().map_or("no reason was given", |why| why.observed.as_str());
        reasons.entry(reason).or_default().push(&case.id);
    }
    for (reason, ids) in reasons {
        page.blank();
        page.line(&[
            (DOUBT, Verdict::Inconclusive.as_str()),
            (Style::new(), &format!(" {}", counted(ids.len(), "case"))),
        ]);
        page.term(INDENT, "reason", reason);
        page.term(INDENT, "cases", &ids.join(" "));
    }
}

pub(super) fn style_of(verdict: Verdict) -> Style {
    if verdict.is_red() || verdict == Verdict::HarnessError {
        BAD
    } else if verdict == Verdict::Pass {
        GOOD
    } else {
        DOUBT
    }
}
