//! `mip6-conform list`: the cases of a selection.

use anstyle::Style;
use serde::Serialize;
use suite::case::{Case, Level, Role};
use suite::select::select;
use suite::verdict::Exit;

use crate::Ended;
use crate::args::ListArgs;
use crate::output::print;
use crate::report::page::{BOLD, DIM, Page, counted};
use crate::run::selection;
use crate::usage::UsageError;

/// One case as JSON has it.
#[derive(Serialize)]
struct Row {
    id: &'static str,
    section: &'static str,
    level: Level,
    role: Role,
    story: &'static str,
    cites: &'static [&'static str],
    readings: &'static [&'static str],
}

pub(crate) fn command(args: &ListArgs) -> Ended {
    let cases = select(suite::cases::all(), &selection(&args.select))?;
    let text = if args.json { json(&cases)? } else { table(&cases) };
    print(&text);
    Ok(Exit::Conformant)
}

fn json(cases: &[&'static Case]) -> Result<String, UsageError> {
    let rows: Vec<Row> = cases.iter().map(|case| Row::from(*case)).collect();
    Ok(serde_json::to_string_pretty(&rows).map_err(UsageError::own)? + "\n")
}

fn table(cases: &[&Case]) -> String {
    let mut page = Page::new();
    let widest = cases.iter().map(|case| case.id.len()).max().unwrap_or_default();
    for case in cases {
        let Case { id, role, level, .. } = case;
        page.line(&[(BOLD, &format!("{id:widest$}")), (DIM, &format!("  {role:3}  {level}"))]);
        page.paragraph(4, case.story);
    }
    page.line(&[(Style::new(), &counted(cases.len(), "case"))]);
    page.into_text()
}

impl From<&'static Case> for Row {
    fn from(case: &'static Case) -> Self {
        Self {
            id: case.id,
            section: case.section(),
            level: case.level,
            role: case.role,
            story: case.story,
            cites: case.cites,
            readings: case.readings,
        }
    }
}
