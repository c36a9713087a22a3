//! `mip6-conform trace`: traces that nobody has recorded, for `replay`: from a seed, from the vectors, or by hand.

use std::fs;
use std::path::{Path, PathBuf};

use suite::trace::{Trace, faults, from_vectors, generate};
use suite::verdict::Exit;

use crate::Ended;
use crate::args::TraceArgs;
use crate::dissect::amount;
use crate::nearest::hint;
use crate::output::{Channel, plain, print};
use crate::usage::UsageError;

pub(crate) fn command(args: &TraceArgs) -> Ended {
    if args.faults {
        faults().for_each(|fault| print(&format!("{fault}\n")));
        return Ok(Exit::Conformant);
    }
    if !args.check.is_empty() {
        return check(&args.check);
    }
    let traces = match &args.vectors {
        Some(file) => of_vectors(file)?,
        None => (args.seed..)
            .take(usize::from(args.count))
            .map(|seed| of_seed(args, seed))
            .collect::<Result<_, _>>()?,
    };
    match (&args.into, traces.as_slice()) {
        (Some(folder), traces) => write(folder, traces)?,
        (None, [trace]) => print(&trace.to_json()),
        (None, _) => return Err(UsageError::Needs { with: "more than one trace", needs: "--into DIR" }),
    }
    Ok(Exit::Conformant)
}

/// Tells of each file what is in it; the last one that cannot be played ends the command.
fn check(files: &[PathBuf]) -> Ended {
    let mut unplayable = None;
    for file in files {
        match read(file) {
            Ok(trace) => print(&format!("{}: {}: {}\n", file.display(), amount(&trace), plain(&trace.story))),
            Err(error) => {
                if let Some(earlier) = unplayable.replace(error) {
                    Channel::Err.print(&format!("{earlier}\n"));
                }
            }
        }
    }
    unplayable.map_or(Ok(Exit::Conformant), Err)
}

fn read(file: &Path) -> Result<Trace, UsageError> {
    let text = fs::read_to_string(file).map_err(|error| UsageError::file(file, &error))?;
    Trace::from_json(&text).map_err(|error| UsageError::File { file: file.into(), why: error.to_string() })
}

fn of_vectors(file: &Path) -> Result<Vec<Trace>, UsageError> {
    let text = fs::read_to_string(file).map_err(|error| UsageError::file(file, &error))?;
    from_vectors(&text).map_err(|error| UsageError::File { file: file.into(), why: error.to_string() })
}

fn of_seed(args: &TraceArgs, seed: u64) -> Result<Trace, UsageError> {
    let fault = args.fault.as_deref();
    generate(seed, fault).ok_or_else(|| {
        let fault = fault.unwrap_or_default().to_owned();
        UsageError::UnknownFault { near: hint(&fault, faults()), fault }
    })
}

fn write(folder: &Path, traces: &[Trace]) -> Result<(), UsageError> {
    fs::create_dir_all(folder).map_err(|error| UsageError::file(folder, &error))?;
    traces.iter().try_for_each(|trace| {
        let file = folder.join(format!("{}.json", trace.name));
        fs::write(&file, trace.to_json()).map_err(|error| UsageError::file(&file, &error))?;
        print(&format!("{}: {}\n", file.display(), trace.story));
        Ok(())
    })
}
