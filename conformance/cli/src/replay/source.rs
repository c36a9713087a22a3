//! Where the trace comes from: a file of one, or a capture in which MNs speak.

use std::fs;
use std::io::{self, Cursor, Read};
use std::path::Path;

use dissect::{Options, Source};
use suite::trace::{Complaint, Trace, lint};

use crate::args::ReplayArgs;
use crate::dissect::{Writer, Written, associations, shown};
use crate::output::{Channel, plain};
use crate::usage::UsageError;
use crate::watch::Sessions;

/// The trace to play.
///
/// # Errors
/// A file that is neither, or from which nothing can be played.
pub(super) fn trace(args: &ReplayArgs) -> Result<Trace, UsageError> {
    let octets = read(&args.trace).map_err(|error| UsageError::file(&args.trace, &error))?;
    let unusable = |why: String| UsageError::File { file: args.trace.clone(), why };
    if octets.trim_ascii_start().first() != Some(&b'{') {
        return said_in(args, octets);
    }
    let text = String::from_utf8(octets).map_err(|error| unusable(error.to_string()))?;
    Trace::from_json(&text).map_err(|error| unusable(error.to_string()))
}

/// Standard input when the file is `-`.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    if file != Path::new("-") {
        return fs::read(file);
    }
    let mut octets = Vec::new();
    io::stdin().read_to_end(&mut octets)?;
    Ok(octets)
}

/// What MNs say in a capture.
fn said_in(args: &ReplayArgs, octets: Vec<u8>) -> Result<Trace, UsageError> {
    let unusable = |why: &str| UsageError::File { file: args.trace.clone(), why: why.to_owned() };
    let source = Source::new(Cursor::new(octets)).map_err(|error| UsageError::file(&args.trace, &error))?;
    let associations = associations(args.capture_sa.as_deref())?;
    // The MNs of the capture are often the ones whom the target knows.
    let watch = args.keys.read_or(args.subject.identities.as_deref(), Sessions::Over)?;
    let mut writer = Writer::default();
    let options = Options { associations, watch, ..Options::default() };
    let summary = dissect::run(source, options, &mut |event| writer.take(&event));
    if let Some(fault @ dissect::CaptureFault::NotACapture) = summary.fault {
        return Err(unusable(&format!("neither a trace (JSON) nor a capture: {fault}")));
    }
    let name = args.trace.file_stem().unwrap_or_default().to_string_lossy();
    let source = shown(&args.trace);
    let written = writer.finish(&name, &source, args.mn_id.as_deref());
    let Written { mut trace, remarks } = written
        .ok_or_else(|| unusable("no MN speaks in this capture, or nothing of it can be read or played"))?;
    for remark in remarks {
        Channel::Err.print(&format!("note: {}: {}\n", trace.name, plain(&remark)));
    }
    // A conversation that no trace can hold as it was does not keep the others from being played.
    while let Some(Complaint { step, what }) = lint(&trace).into_iter().next() {
        let whose = step.and_then(|step| Some(trace.steps.get(step - 1)?.whose.clone()));
        let whose = whose.ok_or_else(|| unusable(&what))?;
        Channel::Err.print(&format!("note: {}: {whose} is not played: {}\n", trace.name, plain(&what)));
        trace.steps.retain(|step| step.whose != whose);
    }
    Ok(trace)
}
