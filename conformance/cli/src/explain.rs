//! `mip6-conform explain`: a case, a requirement or a reading in plain words.

use std::path::Path;

use anstyle::{AnsiColor, Style};
use suite::case::Case;
use suite::reading::{self, Reading};
use suite::requirement::{self, Requirement};
use suite::select::nearest_of;
use suite::verdict::Exit;

use crate::Ended;
use crate::args::ExplainArgs;
use crate::report::text::paragraph;
use crate::usage::UsageError;

const HEAD: Style = Style::new().bold();
const TERM: Style = AnsiColor::Cyan.on_default();

pub(crate) fn command(args: &ExplainArgs) -> Ended {
    let rfc_dir = args.rfc_dir.as_deref();
    if let Some(case) = suite::cases::find(&args.id) {
        explain_case(case, rfc_dir);
    } else if let Some(requirement) = requirement::find(&args.id) {
        explain_requirement(requirement, rfc_dir);
    } else if let Some(reading) = reading::find(&args.id.to_ascii_uppercase()) {
        explain_reading(reading);
    } else {
        let all = suite::cases::all()
            .map(|case| case.id)
            .chain(requirement::all().iter().map(|r| r.id.as_str()))
            .chain(reading::all().iter().map(|r| r.id.as_str()));
        return Err(UsageError::UnknownId { id: args.id.clone(), near: nearest_of(&args.id, all) });
    }
    Ok(Exit::Conformant)
}

fn explain_case(case: &Case, rfc_dir: Option<&Path>) {
    anstream::println!("{HEAD}{}{HEAD:#}  ({}, {})", case.id, case.level, case.role);
    print_paragraph(case.story, "  ");
    for id in case.cites {
        if let Some(requirement) = requirement::find(id) {
            anstream::println!();
            explain_requirement(requirement, rfc_dir);
        }
    }
    for id in case.readings {
        if let Some(reading) = reading::find(id) {
            anstream::println!();
            explain_reading(reading);
        }
    }
}

fn explain_requirement(requirement: &Requirement, rfc_dir: Option<&Path>) {
    let roles: Vec<String> = requirement.roles.iter().map(ToString::to_string).collect();
    anstream::println!("{HEAD}{}{HEAD:#}  ({}, {})", requirement.id, requirement.level, roles.join(" "));
    print_paragraph(&requirement.text, "  ");
    if let Some(reason) = &requirement.reason {
        term("not tested", reason);
    }
    if let Some(draft) = &requirement.draft01 {
        term("in draft-01", draft);
    }
    match rfc_dir.map(|dir| (dir, requirement::sentence_of(requirement, dir))) {
        None => {}
        Some((_, Some(sentence))) => term("the text", &sentence),
        Some((dir, None)) => {
            let file = dir.join(requirement.document()).with_extension("txt");
            term("the text", &format!("not found in {}", file.display()));
        }
    }
    let cases: Vec<&str> =
        suite::cases::all().filter(|case| case.cites.contains(&requirement.id.as_str())).map(|case| case.id).collect();
    if !cases.is_empty() {
        term("cases", &cases.join(" "));
    }
}

fn explain_reading(reading: &Reading) {
    anstream::println!("{HEAD}{}{HEAD:#}  (section {}, {})", reading.id, reading.section, reading.weight);
    print_paragraph(&reading.question, "  ");
    term("ours", &reading.ours);
    term("why", &reading.reason);
    for accepted in &reading.accepted {
        term(&format!("accepted as {}", accepted.verdict), &accepted.reading);
    }
}

fn term(word: &str, text: &str) {
    anstream::println!("  {TERM}{word}{TERM:#}");
    print_paragraph(text, "    ");
}

fn print_paragraph(text: &str, indent: &str) {
    for line in paragraph(text, indent) {
        anstream::println!("{line}");
    }
}
