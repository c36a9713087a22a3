//! The console: one line of head, failures that explain themselves, one line of verdict.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use suite::finding::Clue;
use suite::report::{CaseReport, ExhibitReport, Report, Trouble, Why};
use suite::requirement;
use suite::runner::Observer;
use suite::verdict::{Exit, Verdict};
use wire::value::hex;

use super::hexdump;
use super::text::{counted, paragraph};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBT: Style = AnsiColor::Yellow.on_default();

/// Octets of an exhibit that are shown.
const MOST_OCTETS: usize = 192;

/// How much to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Talk {
    Summary,
    Failures,
    Everything,
}

/// How a reader can run one case again.
#[derive(Debug, Clone)]
pub(crate) enum Repro {
    /// This command, with the case and the seed added.
    Command(String),
    /// The target is gone with the process.
    Never,
}

/// A run on the console.
pub(crate) struct Console {
    talk: Talk,
    bar: ProgressBar,
}

impl Console {
    /// With a progress bar where standard error is a terminal.
    pub(crate) fn new(talk: Talk, planned: usize) -> Self {
        let bar = ProgressBar::new(planned as u64);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}");
        Self { talk, bar: bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())) }
    }

    /// The first line of a run.
    pub(crate) fn head(&self, target: &str, profile: &str, by: &str, seed: u64) {
        let planned = self.bar.length().unwrap_or_default();
        anstream::println!(
            "{BOLD}{target}{BOLD:#}  profile {profile} ({by}), {}, seed {seed}",
            counted(usize::try_from(planned).unwrap_or_default(), "case")
        );
    }

    /// Everything after the run.
    pub(crate) fn tell(&self, report: &Report, repro: &Repro) {
        self.bar.finish_and_clear();
        if let Some(trouble) = &report.trouble {
            tell_trouble(trouble);
        }
        if self.talk != Talk::Summary {
            tell_cases(report, repro, self.talk);
        }
        if self.talk == Talk::Everything {
            tell_slowest(report);
        }
        tell_summary(report);
    }
}

impl Observer for Console {
    fn ended(&self, report: &CaseReport) {
        self.bar.set_message(report.id.clone());
        self.bar.inc(1);
    }
}

fn tell_trouble(trouble: &Trouble) {
    anstream::println!("{BAD}The target cannot be judged.{BAD:#} Could not {}:", trouble.step);
    print(&trouble.met, "  ");
    for clue in &trouble.clues {
        tell_clue(clue);
    }
}

fn tell_cases(report: &Report, repro: &Repro, talk: Talk) {
    let mut section = String::new();
    for case in &report.cases {
        let loud = matches!(case.verdict, Verdict::Fail | Verdict::Hang | Verdict::Crash | Verdict::HarnessError);
        let short = matches!(case.verdict, Verdict::Warn | Verdict::PassLenient | Verdict::Unsupported);
        if !(loud || short || talk == Talk::Everything && case.verdict == Verdict::Pass) {
            continue;
        }
        if section != case.section {
            section.clone_from(&case.section);
            anstream::println!("\n{BOLD}Section {section}{BOLD:#}");
        }
        tell_case(case, loud, report, repro);
    }
    tell_inconclusive(report);
}

fn tell_case(case: &CaseReport, loud: bool, report: &Report, repro: &Repro) {
    let style = style_of(case.verdict);
    anstream::println!("{style}{}{style:#} {}  {DIM}{} {}{DIM:#}", case.verdict, case.id, case.level, case.role);
    if let Some(reading) = &case.reading {
        anstream::println!("  follows another reading that is accepted: {reading}");
    }
    let Some(why) = &case.why else { return };
    if loud {
        print(&case.story, "  ");
    }
    tell_why(why, loud);
    if !loud {
        return;
    }
    for id in &case.cites {
        if let Some(requirement) = requirement::find(id) {
            anstream::println!("  {DIM}requirement{DIM:#} {id}");
            print(&requirement.text, "    ");
        }
    }
    if let Repro::Command(command) = repro {
        anstream::println!("  {DIM}again{DIM:#} {command} --seed {} --id {}", report.seed, case.id);
    }
}

fn tell_why(why: &Why, loud: bool) {
    if let Some(expected) = &why.expected {
        labelled("expected", expected);
    }
    labelled("observed", &why.observed);
    if let (Some(field), Some(offset)) = (&why.field, why.offset) {
        labelled("field", &format!("{field}, octet {offset}"));
    }
    for clue in &why.clues {
        tell_clue(clue);
    }
    if loud {
        why.exhibits.iter().for_each(tell_exhibit);
    }
}

fn tell_clue(clue: &Clue) {
    let reading = clue.reading.as_ref().map(|id| format!(" (known misreading, see `explain {id}`)"));
    labelled("looks like", &format!("{}{}", clue.says.trim_end(), reading.unwrap_or_default()));
    labelled("fix", &clue.fix);
}

fn tell_exhibit(exhibit: &ExhibitReport) {
    anstream::println!("  {DIM}{}{DIM:#}", exhibit.label);
    for line in hexdump::lines(&hex::decode(exhibit.hex.as_bytes()).unwrap_or_default(), MOST_OCTETS) {
        anstream::println!("    {line}");
    }
}

/// Equal reasons are told once.
fn tell_inconclusive(report: &Report) {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for case in report.cases.iter().filter(|case| case.verdict == Verdict::Inconclusive) {
        let reason = case.why.as_ref().map_or("", |why| why.observed.as_str());
        reasons.entry(reason).or_default().push(&case.id);
    }
    for (reason, ids) in reasons {
        let n = ids.len();
        anstream::println!("\n{DOUBT}INCONCLUSIVE{DOUBT:#} {}: {reason}", counted(n, "case"));
        let few: Vec<&str> = ids.iter().copied().take(6).collect();
        let more = if n > few.len() { format!(" and {} more", n - few.len()) } else { String::new() };
        print(&format!("{}{more}", few.join(" ")), "  ");
    }
}

fn tell_slowest(report: &Report) {
    let mut cases: Vec<&CaseReport> = report.cases.iter().collect();
    cases.sort_by_key(|case| core::cmp::Reverse(case.duration_ms));
    anstream::println!("\n{BOLD}Slowest{BOLD:#}");
    for case in cases.into_iter().take(10) {
        anstream::println!("  {:>6} ms  {}", case.duration_ms, case.id);
    }
}

fn tell_summary(report: &Report) {
    let counts: Vec<String> = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict, report.count(verdict)))
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    let (style, word) = match report.exit {
        Exit::Conformant => (GOOD, "conformant"),
        Exit::Failed => (BAD, "not conformant"),
        Exit::Incomplete => (DOUBT, "incomplete: not every case reached a verdict"),
        Exit::Unreachable => (BAD, "not judged: the target was not reached, or did not stay sane"),
        Exit::Harness => (BAD, "our own error: this says nothing about the target; please report it"),
        Exit::Expectations => (DOUBT, "expectations are stale"),
        Exit::Usage => (BAD, "usage"),
    };
    let seconds = report.duration_ms as f64 / 1000.0;
    anstream::println!("\n{}  in {seconds:.2} s", counts.join(", "));
    anstream::println!("{style}{word}{style:#} (exit {})", report.exit.code());
}

fn style_of(verdict: Verdict) -> Style {
    if verdict.is_red() || verdict == Verdict::HarnessError {
        BAD
    } else if verdict == Verdict::Pass {
        GOOD
    } else {
        DOUBT
    }
}

fn labelled(label: &str, text: &str) {
    let indent = " ".repeat(13);
    let lines = paragraph(text, &indent);
    for (at, line) in lines.iter().enumerate() {
        let rest = line.get(indent.len()..).unwrap_or_default();
        if at == 0 {
            anstream::println!("  {DIM}{label:<10}{DIM:#} {rest}");
        } else {
            anstream::println!("{line}");
        }
    }
}

fn print(text: &str, indent: &str) {
    for line in paragraph(text, indent) {
        anstream::println!("{line}");
    }
}
