//! `mip6-conform list`.

use serde::Serialize;
use suite::case::Case;
use suite::select::select;

use crate::Ended;
use crate::args::ListArgs;
use crate::run::selection;
use suite::verdict::Exit;

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    section: &'a str,
    level: suite::case::Level,
    role: suite::case::Role,
    story: &'a str,
    cites: &'a [&'a str],
    readings: &'a [&'a str],
}

pub(crate) fn command(args: &ListArgs) -> Ended {
    let cases = select(suite::cases::all(), &selection(&args.select, &[]))?;
    let rows: Vec<Row<'_>> = cases.iter().map(|case| row(case)).collect();
    if args.json {
        let text = serde_json::to_string_pretty(&rows).map_err(|e| crate::UsageError::Own(e.to_string()))?;
        anstream::println!("{text}");
        return Ok(Exit::Conformant);
    }
    let width = rows.iter().map(|row| row.id.len()).max().unwrap_or_default();
    for row in &rows {
        anstream::println!("{:width$}  {:3}  {:6}  {}", row.id, row.role, row.level, row.story);
    }
    anstream::println!("{} cases", rows.len());
    Ok(Exit::Conformant)
}

fn row(case: &Case) -> Row<'static> {
    Row {
        id: case.id,
        section: case.section(),
        level: case.level,
        role: case.role,
        story: case.story,
        cites: case.cites,
        readings: case.readings,
    }
}
