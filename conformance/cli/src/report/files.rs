//! Reports for machines: where they go, and that they can go there.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use suite::report::Report;

use super::junit;
use crate::args::{Format, WantedReport};
use crate::output::print;
use crate::usage::UsageError;

/// Files that are open and empty, and standard output.
pub(crate) struct Files(Vec<(Format, Option<(PathBuf, File)>)>);

impl Files {
    /// Creates every file.
    pub(crate) fn create(wanted: &[WantedReport]) -> Result<Self, UsageError> {
        if wanted.iter().filter(|report| report.file.is_none()).count() > 1 {
            return Err(UsageError::TwoOnStandardOutput);
        }
        let open = |report: &WantedReport| {
            let create = |path: &PathBuf| match File::create(path) {
                Ok(file) => Ok((path.clone(), file)),
                Err(error) => Err(UsageError::file(path, &error)),
            };
            Ok((report.format, report.file.as_ref().map(create).transpose()?))
        };
        Ok(Self(wanted.iter().map(open).collect::<Result<_, UsageError>>()?))
    }

    /// Writes the report to all of them.
    pub(crate) fn write(self, report: &Report) -> Result<(), UsageError> {
        for (format, place) in self.0 {
            let text = rendered(report, format)?;
            match place {
                None => print(&text),
                Some((path, mut file)) => {
                    file.write_all(text.as_bytes()).map_err(|error| UsageError::file(&path, &error))?;
                }
            }
        }
        Ok(())
    }
}

/// Writes one report to a new file.
pub(crate) fn write(report: &Report, format: Format, path: &Path) -> Result<(), UsageError> {
    Files::create(&[WantedReport { format, file: Some(path.to_owned()) }])?.write(report)
}

fn rendered(report: &Report, format: Format) -> Result<String, UsageError> {
    match format {
        Format::Json => Ok(serde_json::to_string_pretty(report).map_err(UsageError::own)? + "\n"),
        Format::Junit => junit::rendered(report),
    }
}
