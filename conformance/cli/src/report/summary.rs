//! What a run comes to: a line for each section, the counts of all verdicts, and the exit status in words.

use std::cmp::Reverse;

use anstyle::Style;
use suite::report::{CaseReport, Report};
use suite::verdict::{Exit, Verdict};

use super::failures::style_of;
use super::page::{BAD, BOLD, DIM, DOUBT, GOOD, Page};

/// A line for each section, in the order of the text.
pub(super) fn tell_sections(page: &mut Page, report: &Report) {
    let mut sections: Vec<&str> = report.cases.iter().map(|case| case.section.as_str()).collect();
    sections.dedup();
    let mut told = Vec::new();
    for section in sections {
        if told.contains(&section) {
            continue;
        }
        told.push(section);
        let of_section = || report.cases.iter().filter(|case| case.section == section);
        let mut parts = vec![(Style::new(), format!("  {section:<7}"))];
        parts.extend(counts(of_section));
        line(page, &parts);
    }
}

/// The counts and what they mean.
pub(super) fn tell(page: &mut Page, report: &Report) {
    let seconds = report.duration_ms as f64 / 1000.0;
    let mut parts = counts(|| report.cases.iter());
    parts.push((DIM, format!("  in {seconds:.2} s")));
    page.blank();
    line(page, &parts);
    let (style, words) = meaning(report.exit);
    page.line(&[(style, words), (DIM, &format!(" (exit {})", report.exit.code()))]);
}

/// The slowest cases, slowest first.
pub(super) fn tell_slowest(page: &mut Page, report: &Report) {
    let mut cases: Vec<&CaseReport> = report.cases.iter().collect();
    cases.sort_by_key(|case| Reverse(case.duration_ms));
    page.blank();
    page.line(&[(BOLD, "Slowest")]);
    for case in cases.into_iter().take(5) {
        page.line(&[(Style::new(), &format!("{:>8} ms  {}", case.duration_ms, case.id))]);
    }
}

/// Every verdict that was given, best first.
fn counts<'a, I: Iterator<Item = &'a CaseReport>>(cases: impl Fn() -> I) -> Vec<(Style, String)> {
    let count = |verdict| (verdict, cases().filter(|case| case.verdict == verdict).count());
    let given = Verdict::ALL.into_iter().map(count).filter(|(_, count)| *count > 0);
    let mut parts = Vec::new();
    for (verdict, count) in given {
        if !parts.is_empty() {
            parts.push((Style::new(), ", ".to_owned()));
        }
        parts.push((style_of(verdict), format!("{count} {verdict}")));
    }
    parts
}

fn line(page: &mut Page, parts: &[(Style, String)]) {
    let parts: Vec<(Style, &str)> = parts.iter().map(|(style, part)| (*style, part.as_str())).collect();
    page.line(&parts);
}

const fn meaning(exit: Exit) -> (Style, &'static str) {
    match exit {
        Exit::Conformant => (GOOD, "conformant"),
        Exit::Failed => (BAD, "not conformant"),
        Exit::Incomplete => (DOUBT, "incomplete: some case proved nothing"),
        Exit::Unreachable => (BAD, "not judged: the target was not reached, or did not stay sane"),
        Exit::Harness => (BAD, "our own error: this says nothing about the target; please report it"),
        Exit::Expectations => (DOUBT, "the expectations do not fit"),
        Exit::Usage => (BAD, "the command makes no sense"),
    }
}
