//! `mip6-conform coverage`: what a run says of every requirement, as text, JSON or HTML.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anstyle::Style;
use askama::Template;
use suite::coverage::{Coverage, Executed, Row, State};
use suite::report::{Report, SCHEMA};

use crate::Ended;
use crate::args::CoverageArgs;
use crate::output::{Channel, print};
use crate::report::console::Talk;
use crate::report::page::{BAD, BOLD, DIM, DOUBT, GOOD, Page};
use crate::run::judge;
use crate::usage::UsageError;

pub(crate) fn command(args: &CoverageArgs) -> Ended {
    let machine_reads = args.run.output.report.iter().any(|report| report.file.is_none());
    if machine_reads && (args.json || args.html.is_none()) {
        return Err(UsageError::TwoOnStandardOutput);
    }
    // A file that cannot be written is told before the run, not after it.
    let html = match &args.html {
        Some(path) => Some((path, create(path)?)),
        None => None,
    };
    let report = match &args.from {
        Some(file) => read(file)?,
        None => judge(&args.run, talk(args), Channel::Err)?,
    };
    let coverage = Coverage::of(&report);
    let to_file = html.is_some();
    if let Some((path, mut file)) = html {
        let text = HtmlTable { coverage: &coverage }.render().map_err(UsageError::own)?;
        file.write_all(text.as_bytes()).map_err(|error| UsageError::file(path, &error))?;
    }
    if args.json {
        print(&(serde_json::to_string_pretty(&coverage).map_err(UsageError::own)? + "\n"));
    } else if !to_file {
        print(&table(&coverage));
    }
    Ok(report.exit)
}

fn create(path: &Path) -> Result<File, UsageError> {
    File::create(path).map_err(|error| UsageError::file(path, &error))
}

/// The run is a means here: its own report is told where it is asked for.
const fn talk(args: &CoverageArgs) -> Talk {
    if args.run.output.verbose { Talk::Verbose } else { Talk::Quiet }
}

fn read(file: &Path) -> Result<Report, UsageError> {
    let text = std::fs::read_to_string(file).map_err(|error| UsageError::file(file, &error))?;
    let refused = |why: String| UsageError::Report { file: file.to_owned(), why };
    let report: Report =
        serde_json::from_str(&text).map_err(|error| refused(format!("no report of a run: {error}")))?;
    if report.schema == SCHEMA {
        Ok(report)
    } else {
        Err(refused(format!("its schema is {}; this version reads {SCHEMA}", report.schema)))
    }
}

/// One self-contained page.
#[derive(Template)]
#[template(path = "coverage.html")]
struct HtmlTable<'a> {
    coverage: &'a Coverage,
}

/// A number and the rows under it.
type Section<'a> = (&'a str, &'a [Row]);

impl HtmlTable<'_> {
    fn roles(&self, row: &Row) -> String {
        roles(row)
    }

    /// Documents with their sections, in the order of the texts.
    fn documents(&self) -> Vec<(&str, Vec<Section<'_>>)> {
        self.coverage
            .requirements
            .chunk_by(|a, b| a.document == b.document)
            .map(|rows| {
                let sections = rows.chunk_by(|a, b| a.section == b.section);
                let titled = |rows| (first(rows, |row: &Row| row.section.as_str()), rows);
                (first(rows, |row| row.document.as_str()), sections.map(titled).collect())
            })
            .collect()
    }
}

fn first<'a>(rows: &'a [Row], name: impl Fn(&'a Row) -> &'a str) -> &'a str {
    rows.first().map(name).unwrap_or_default()
}

fn table(coverage: &Coverage) -> String {
    let mut page = Page::new();
    let mut document = "";
    for row in &coverage.requirements {
        if row.document != document {
            document = &row.document;
            page.blank();
            page.line(&[(BOLD, document)]);
        }
        tell(&mut page, row);
    }
    page.blank();
    for count in &coverage.counts {
        let number = format!("{:>5}  ", count.requirements);
        page.line(&[(Style::new(), &number), (style_of(count.state), count.state.as_str())]);
    }
    page.into_text()
}

fn tell(page: &mut Page, row: &Row) {
    let about = format!("  {} {}", row.level, roles(row));
    let state = format!("  {:<13}", row.state);
    page.line(&[(style_of(row.state), &state), (BOLD, &row.id), (DIM, &about)]);
    page.paragraph(15, &row.text);
    if let Some(reason) = &row.reason {
        page.term(15, "because", reason);
    }
    if let Some(draft) = &row.draft01 {
        page.term(15, "draft-01", draft);
    }
    if !row.cases.is_empty() {
        page.term(15, "cases", &row.cases.iter().map(named).collect::<Vec<_>>().join(", "));
    }
}

/// A green case is only named, any other with its verdict.
fn named(case: &Executed) -> String {
    if case.verdict.is_green() { case.id.clone() } else { format!("{} {}", case.verdict, case.id) }
}

fn roles(row: &Row) -> String {
    let roles: Vec<&str> = row.roles.iter().map(|role| role.as_str()).collect();
    roles.join(" ")
}

const fn style_of(state: State) -> Style {
    match state {
        State::Kept => GOOD,
        State::Broken => BAD,
        State::Warned | State::NotExecuted => DOUBT,
        State::Untestable | State::OutOfScope | State::Ambiguous => DIM,
    }
}

#[cfg(test)]
mod tests {
    use suite::runner::Readings;
    use suite::verdict::Exit;

    use super::*;

    fn nothing_judged() -> Coverage {
        Coverage::of(&Report {
            schema: SCHEMA.to_owned(),
            version: "0".to_owned(),
            target: "<hac> & co".to_owned(),
            profile: "rfc6618".to_owned(),
            profile_by: "pinned".to_owned(),
            readings: Readings::AsDecided.as_str().to_owned(),
            seed: 7,
            planned: 0,
            cases: Vec::new(),
            trouble: None,
            exit: Exit::Incomplete,
            duration_ms: 0,
        })
    }

    #[test]
    fn the_page_is_self_contained_and_names_every_requirement() {
        let coverage = nothing_judged();
        let html = HtmlTable { coverage: &coverage }.render().expect("the template fits");
        for row in &coverage.requirements {
            assert!(html.contains(&format!("id=\"{}\"", row.id)), "{}", row.id);
        }
        assert!(!html.contains("<hac>"), "the target is not escaped");
        for from_elsewhere in ["<script", "<link", "src=", "@import", "url("] {
            assert!(!html.contains(from_elsewhere), "{from_elsewhere}");
        }
    }

    #[test]
    fn the_text_names_every_requirement() {
        let coverage = nothing_judged();
        let text = anstream::adapter::strip_str(&table(&coverage)).to_string();
        for row in &coverage.requirements {
            assert!(text.contains(&row.id), "{}", row.id);
        }
    }
}
