//! Where the traces come from: a file of one, or a capture in which MNs speak.

use std::fs;
use std::io::{self, Cursor, Read};
use std::path::Path;

use dissect::{Options, Source};
use suite::trace::{Trace, lint};

use crate::args::ReplayArgs;
use crate::dissect::{Writer, Written, associations, shown};
use crate::output::{Channel, plain};
use crate::usage::UsageError;

/// The traces to play, in order; at least one.
///
/// # Errors
/// A file that is neither, or from which nothing can be played.
pub(super) fn traces(args: &ReplayArgs) -> Result<Vec<Trace>, UsageError> {
    let octets = read(&args.trace).map_err(|error| UsageError::file(&args.trace, &error))?;
    let unusable = |why: String| UsageError::File { file: args.trace.clone(), why };
    if octets.trim_ascii_start().first() != Some(&b'{') {
        return said_in(args, octets);
    }
    let text = String::from_utf8(octets).map_err(|error| unusable(error.to_string()))?;
    let trace = Trace::from_json(&text).map_err(|error| unusable(error.to_string()))?;
    Ok(vec![trace])
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
fn said_in(args: &ReplayArgs, octets: Vec<u8>) -> Result<Vec<Trace>, UsageError> {
    let unusable = |why: &str| UsageError::File { file: args.trace.clone(), why: why.to_owned() };
    let source = Source::new(Cursor::new(octets)).map_err(|error| UsageError::file(&args.trace, &error))?;
    let associations = associations(args.capture_sa.as_deref())?;
    // The MNs of the capture are often the ones whom the target knows.
    let watch = args.keys.read_or(args.subject.identities.as_deref())?;
    let mut writer = Writer::default();
    let options = Options { associations, watch, ..Options::default() };
    let summary = dissect::run(source, options, &mut |event| writer.take(&event));
    if let Some(fault @ dissect::CaptureFault::NotACapture) = summary.fault {
        return Err(unusable(&format!("neither a trace (JSON) nor a capture: {fault}")));
    }
    let name = args.trace.file_stem().unwrap_or_default().to_string_lossy();
    let source = shown(&args.trace);
    let is_wanted = |written: &Written| {
        args.mn_id.as_ref().is_none_or(|wanted| written.mn_id.as_deref() == Some(wanted.as_bytes()))
    };
    let written: Vec<Written> = writer.finish(&name, &source).into_iter().filter(is_wanted).collect();
    let traces: Vec<Trace> = written.into_iter().filter_map(playable).collect();
    if traces.is_empty() {
        return Err(unusable("no MN speaks in this capture, or nothing of it can be read or played"));
    }
    Ok(traces)
}

/// Says what a trace cannot hold; nothing is left of one that cannot be played.
fn playable(written: Written) -> Option<Trace> {
    let Written { trace, remarks, .. } = written;
    let complaints = lint(&trace);
    let complaints_told = complaints.iter().map(|complaint| format!("not played: {complaint}"));
    for remark in remarks.into_iter().chain(complaints_told) {
        Channel::Err.print(&format!("note: {}: {}\n", trace.name, plain(&remark)));
    }
    complaints.is_empty().then_some(trace)
}
