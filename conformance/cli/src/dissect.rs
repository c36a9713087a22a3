//! `mip6-conform dissect`: what captures say about the packets between MN and HA, and who is wrong in them.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread;

use dissect::{Associations, CaptureFault, Options, Source, Summary, Text};
use suite::verdict::Exit;

use crate::Ended;
use crate::args::DissectArgs;
use crate::output::{plain, print};
use crate::usage::UsageError;

/// The name of standard input among the files.
const STANDARD_INPUT: &str = "-";

pub(crate) fn command(args: &DissectArgs) -> Ended {
    let options = options(args)?;
    let cores = args.cores.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let mut worst = Exit::Conformant;
    for file in &args.captures {
        if args.captures.len() > 1 {
            print(&format!("== {}\n", plain(&file.display().to_string())));
        }
        let exit = match read(file, options.clone(), cores)? {
            Some(summary) => exit_of(&summary),
            // Nobody reads on, so nobody asks for the rest.
            None => return Ok(Exit::Incomplete),
        };
        worst = worse(worst, exit);
    }
    Ok(worst)
}

fn options(args: &DissectArgs) -> Result<Options, UsageError> {
    let associations = match &args.sa {
        None => Associations::default(),
        Some(file) => {
            let text = fs::read_to_string(file).map_err(|error| UsageError::file(file, &error))?;
            let why = |error: dissect::AssociationError| UsageError::File {
                file: file.clone(),
                why: error.to_string(),
            };
            Associations::from_json(&text).map_err(why)?
        }
    };
    let mut options = Options { associations, ..Options::default() };
    if !args.port.is_empty() {
        options.ports.clone_from(&args.port);
    }
    Ok(options)
}

/// Nothing if the reader of our output has gone.
fn read(file: &Path, options: Options, cores: NonZeroUsize) -> Result<Option<Summary>, UsageError> {
    let opened =
        if file == Path::new(STANDARD_INPUT) { Source::new(io::stdin()) } else { Source::open(file) };
    let source = opened.map_err(|error| UsageError::file(file, &error))?;
    let summary = match dissect::print(source, options, cores, &Text::default(), io::stdout()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(None),
        Err(error) => return Err(UsageError::own(format_args!("standard output: {error}"))),
        Ok(summary) => summary,
    };
    if summary.fault == Some(CaptureFault::NotACapture) {
        let why = CaptureFault::NotACapture.to_string();
        return Err(UsageError::File { file: file.to_owned(), why });
    }
    match write!(io::stdout(), "{summary}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(None),
        Err(error) => Err(UsageError::own(format_args!("standard output: {error}"))),
        Ok(()) => Ok(Some(summary)),
    }
}

/// A broken requirement is a failure; a capture that cannot be read to its end or everywhere, or that holds no packet
/// of ours, proves nothing.
fn exit_of(summary: &Summary) -> Exit {
    let counts = summary.counts;
    if summary.fault.is_some() {
        Exit::Incomplete
    } else if counts.violations > 0 {
        Exit::Failed
    } else if counts.broken > 0 || counts.packets == 0 {
        Exit::Incomplete
    } else {
        Exit::Conformant
    }
}

/// What is not known weighs more than what is wrong, as in a run of the suite.
fn worse(one: Exit, other: Exit) -> Exit {
    let order = [Exit::Incomplete, Exit::Failed];
    order.into_iter().find(|exit| [one, other].contains(exit)).unwrap_or(Exit::Conformant)
}
