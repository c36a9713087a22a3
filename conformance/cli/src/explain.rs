//! `mip6-conform explain`: a case, a requirement or a reading in plain words.

use std::path::Path;

use anstyle::Style;
use suite::case::Case;
use suite::reading::{self, Reading};
use suite::requirement::{self, Requirement};
use suite::verdict::Exit;

use crate::Ended;
use crate::args::ExplainArgs;
use crate::nearest::hint;
use crate::output::print;
use crate::report::page::{BOLD, DIM, Page};
use crate::usage::UsageError;

pub(crate) fn command(args: &ExplainArgs) -> Ended {
    let mut page = Page::new();
    if !tell(&mut page, &args.id, args.rfc_dir.as_deref()) {
        return Err(UsageError::UnknownId { id: args.id.clone(), near: hint(&args.id, ids()) });
    }
    print(&page.into_text());
    Ok(Exit::Conformant)
}

/// Every id that can be explained.
fn ids() -> impl Iterator<Item = &'static str> {
    let cases = suite::cases::all().map(|case| case.id);
    let requirements = requirement::all().iter().map(|requirement| requirement.id.as_str());
    let readings = reading::all().iter().map(|reading| reading.id.as_str());
    cases.chain(requirements).chain(readings)
}

/// Whether there was anything to tell of that id.
fn tell(page: &mut Page, id: &str, rfc_dir: Option<&Path>) -> bool {
    if let Some(case) = suite::cases::find(id) {
        tell_case(page, case, rfc_dir);
    } else if let Some(requirement) = requirement::find(id) {
        tell_requirement(page, requirement, rfc_dir);
        page.cases("cases", |case| case.cites.contains(&requirement.id.as_str()));
    } else if let Some(reading) = reading::find(&id.to_ascii_uppercase()) {
        tell_reading(page, reading);
        page.cases("cases", |case| case.readings.contains(&reading.id.as_str()));
    } else {
        return false;
    }
    true
}

fn tell_case(page: &mut Page, case: &Case, rfc_dir: Option<&Path>) {
    page.line(&[(BOLD, case.id), (DIM, &format!("  case, {} {}", case.level, case.role))]);
    page.paragraph(2, case.story);
    for requirement in case.cites.iter().filter_map(|id| requirement::find(id)) {
        page.blank();
        tell_requirement(page, requirement, rfc_dir);
    }
    for reading in case.readings.iter().filter_map(|id| reading::find(id)) {
        page.blank();
        tell_reading(page, reading);
    }
}

fn tell_requirement(page: &mut Page, requirement: &Requirement, rfc_dir: Option<&Path>) {
    let roles: Vec<&str> = requirement.roles.iter().map(|role| role.as_str()).collect();
    let about = format!("  requirement, {} {}", requirement.level, roles.join(" "));
    page.line(&[(BOLD, &requirement.id), (DIM, &about)]);
    page.paragraph(2, &requirement.text);
    if requirement.implied {
        page.term(2, "basis", "no key word of RFC 2119 stands in the text");
    }
    if let Some(reason) = &requirement.reason {
        page.term(2, "status", &format!("{}: {reason}", requirement.status));
    }
    if let Some(draft) = &requirement.draft01 {
        page.term(2, "draft-01", draft);
    }
    if let Some(folder) = rfc_dir {
        match requirement::sentence_of(requirement, folder) {
            Some(sentence) => page.term(2, "the text", &sentence),
            None => {
                let file = folder.join(requirement.document()).with_extension("txt");
                page.term(2, "the text", &format!("not found in {}", file.display()));
            }
        }
    }
    if !requirement.readings.is_empty() {
        page.term(2, "readings", &requirement.readings.join(" "));
    }
}

fn tell_reading(page: &mut Page, reading: &Reading) {
    let about = format!("  reading, section {}, {}", reading.section, reading.weight);
    page.line(&[(BOLD, &reading.id), (DIM, &about)]);
    page.paragraph(2, &reading.question);
    page.term(2, "ours", &reading.ours);
    page.term(2, "why", &reading.reason);
    for accepted in &reading.accepted {
        page.term(2, "accepted", &format!("{} ({})", accepted.reading, accepted.verdict));
    }
}

impl Page {
    /// The cases that are concerned, a line each, so that an id can be copied.
    fn cases(&mut self, word: &str, concerned: impl Fn(&Case) -> bool) {
        for (at, case) in suite::cases::all().filter(|case| concerned(case)).enumerate() {
            let word = if at == 0 { word } else { "" };
            self.line(&[(DIM, &format!("  {word:<9}")), (Style::new(), case.id)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(id: &str) -> String {
        let mut page = Page::of_width(80);
        assert!(tell(&mut page, id, None), "nothing to tell of {id}");
        anstream::adapter::strip_str(&page.into_text()).to_string()
    }

    #[test]
    fn there_is_something_to_tell_of_every_id() {
        for id in ids() {
            let text = told(id);
            assert!(text.starts_with(id), "{id} is told as something else: {text}");
            assert!(text.lines().count() >= 2, "no more than a title: {text}");
        }
    }

    #[test]
    fn a_case_tells_each_requirement_and_reading_that_it_names() {
        for case in suite::cases::all() {
            let text = told(case.id);
            let untold = case.cites.iter().chain(case.readings).find(|named| !text.contains(**named));
            assert_eq!(untold, None, "{}", case.id);
        }
    }
}
