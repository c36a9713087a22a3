//! `mip6-conform dissect`: what captures say about the packets between MN and HA, and who is wrong in them.

mod again;
mod document;
mod filter;
mod form;
mod ladder;
mod outcome;
mod outputs;
mod page;
mod record;
mod time_line;
mod trace;

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use dissect::{Associations, CaptureFault, Copied, EspTable, Live, Options, Source};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use suite::verdict::Exit;

use again::Again;
pub(crate) use form::FormArgs;
use form::Format;
pub(crate) use record::Document;
pub(crate) use trace::{Writer, Written, amount, shown};

use crate::Ended;
use crate::args::DissectArgs;
use crate::output::{Channel, plain, print};
use crate::usage::UsageError;
use crate::watch::Sessions;

/// The name of standard input among the files.
const STANDARD_INPUT: &str = "-";

pub(crate) fn command(args: &DissectArgs) -> Ended {
    outputs::check(args)?;
    let options = options(args)?;
    let cores = args.cores.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    if let Some(interface) = &args.interface {
        let stop = stop_on_signal().map_err(UsageError::own)?;
        let live = Live::open(interface, args.count, stop)
            .map_err(|error| UsageError::File { file: interface.into(), why: error.to_string() })?;
        return Ok(read(Path::new(interface), live, args, options, cores)?.unwrap_or(Exit::Incomplete));
    }
    let mut worst = Exit::Conformant;
    for file in &args.captures {
        if args.captures.len() > 1 && matches!(args.form.format, Format::Text | Format::Ladder) {
            print(&format!("== {}\n", plain(&file.display().to_string())));
        }
        let opened =
            if file == Path::new(STANDARD_INPUT) { Source::new(io::stdin()) } else { Source::open(file) };
        let source = opened.map_err(|error| UsageError::file(file, &error))?;
        let Some(exit) = read(file, source, args, options.clone(), cores)? else {
            // Nobody reads on, so nobody asks for the rest.
            return Ok(Exit::Incomplete);
        };
        worst = outcome::worse(worst, exit);
    }
    Ok(worst)
}

/// What becomes true with the first SIGINT or SIGTERM, so that what was captured is summed up; a second one ends at once.
fn stop_on_signal() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::<AtomicBool>::default();
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stop))?;
        flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

fn options(args: &DissectArgs) -> Result<Options, UsageError> {
    let associations = associations(args.sa.as_deref())?;
    let esp = args.esp_sa.as_deref().map_or_else(|| Ok(EspTable::default()), esp_table)?;
    let is_file = |file: &PathBuf| fs::metadata(file).is_ok_and(|metadata| metadata.is_file());
    let is_over = args.interface.is_none() && args.captures.iter().all(is_file);
    let watch = args.watch.read(if is_over { Sessions::Over } else { Sessions::UnderWay })?;
    let mut options = Options { associations, esp, watch, ..Options::default() };
    if !args.port.is_empty() {
        options.ports.clone_from(&args.port);
    }
    Ok(options)
}

fn esp_table(file: &Path) -> Result<EspTable, UsageError> {
    let text = fs::read_to_string(file).map_err(|error| UsageError::file(file, &error))?;
    let why =
        |error: dissect::EspTableError| UsageError::File { file: file.to_owned(), why: error.to_string() };
    let table = EspTable::read(&text).map_err(why)?;
    for row in table.not_opened() {
        Channel::Err.print(&format!("note: {}: {row}\n", plain(&file.display().to_string())));
    }
    Ok(table)
}

/// The SAs of a file; none without one.
pub(crate) fn associations(file: Option<&Path>) -> Result<Associations, UsageError> {
    let Some(file) = file else { return Ok(Associations::default()) };
    let text = fs::read_to_string(file).map_err(|error| UsageError::file(file, &error))?;
    let why =
        |error: dissect::AssociationError| UsageError::File { file: file.into(), why: error.to_string() };
    Associations::from_json(&text).map_err(why)
}

/// Nothing if the reader of our output has gone.
fn read(
    file: &Path,
    source: impl Read + Send + 'static,
    args: &DissectArgs,
    options: Options,
    cores: NonZeroUsize,
) -> Result<Option<Exit>, UsageError> {
    let mut source: Box<dyn Read + Send> = Box::new(source);
    if let Some(to) = &args.write {
        let copy = File::create(to).map_err(|error| UsageError::file(to, &error))?;
        source = Box::new(Copied::new(source, copy));
    }
    let mut again = None;
    if let Some(to) = &args.form.annotate {
        let (passed, kept) = Again::new(file, source, to)?;
        (source, again) = (passed, Some(kept));
    }
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::BrokenPipe => Ok(None),
        _ => Err(UsageError::own(format_args!("standard output: {error}"))),
    };
    let told = match args.form.tell(file, source, options, cores, &args.watch.text()) {
        Err(error) => return failed(error),
        Ok(told) => told,
    };
    if let Some(fault @ CaptureFault::NotACapture) = told.summary.fault {
        return Err(UsageError::File { file: file.to_owned(), why: fault.to_string() });
    }
    if let Err(error) = told.end(&args.form) {
        return failed(error);
    }
    let exit = outcome::exit(&told.summary);
    if let Some(again) = again {
        again.annotate(&told.annotations)?;
    }
    told.trace(file)?;
    Ok(Some(exit))
}
