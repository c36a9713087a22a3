//! `mip6-conform dissect`: what a capture says about the packets between MN and HA, and who is wrong in it.

use std::fs;

use dissect::{Associations, CaptureFault, Options, Report};
use suite::verdict::Exit;

use crate::Ended;
use crate::args::DissectArgs;
use crate::output::print;
use crate::usage::UsageError;

pub(crate) fn command(args: &DissectArgs) -> Ended {
    let capture = fs::read(&args.capture).map_err(|error| UsageError::file(&args.capture, &error))?;
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
    let report = dissect::report(&capture, &options);
    if report.fault == Some(CaptureFault::NotACapture) {
        return Err(UsageError::File {
            file: args.capture.clone(),
            why: "neither pcap nor pcapng".to_owned(),
        });
    }
    print(&report.to_string());
    Ok(exit_of(&report))
}

/// A finding is a failure; a capture that cannot be read to its end, or holds no packet of ours, proves nothing.
fn exit_of(report: &Report) -> Exit {
    if report.fault.is_some() {
        Exit::Incomplete
    } else if report.findings().next().is_some() {
        Exit::Failed
    } else if report.lines.is_empty() {
        Exit::Incomplete
    } else {
        Exit::Conformant
    }
}
