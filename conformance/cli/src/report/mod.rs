//! Reports: the console, and files made from the same data.

pub(crate) mod console;
mod hexdump;
mod junit;
pub(crate) mod text;

use std::path::Path;

use suite::report::Report;
use suite::verdict::Exit;

use crate::Ended;
use crate::args::{ReportFormat, ReportTarget};
use crate::usage::UsageError;

/// Writes every report that was asked for.
pub(crate) fn write_files(report: &Report, targets: &[ReportTarget]) -> Result<(), UsageError> {
    targets.iter().try_for_each(|target| write(report, target.format, &target.file))
}

/// Writes one report; `-` is standard output.
pub(crate) fn write(report: &Report, format: ReportFormat, file: &Path) -> Result<(), UsageError> {
    let text = match format {
        ReportFormat::Json => {
            serde_json::to_string_pretty(report).map_err(|error| UsageError::Own(error.to_string()))? + "\n"
        }
        ReportFormat::Junit => junit::render(report)?,
    };
    if file == Path::new("-") {
        anstream::print!("{text}");
        return Ok(());
    }
    std::fs::write(file, text).map_err(|error| UsageError::file(file, &error))
}

/// `mip6-conform schema`.
pub(crate) fn schema() -> Ended {
    let text = serde_json::to_string_pretty(&Report::json_schema()).map_err(|e| UsageError::Own(e.to_string()))?;
    anstream::println!("{text}");
    Ok(Exit::Conformant)
}
