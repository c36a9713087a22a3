//! `mip6-conform schema`: the schema of what the command writes or reads as JSON.

use suite::coverage::Coverage;
use suite::probe::Probe;
use suite::report::Report;
use suite::trace::Trace;
use suite::verdict::Exit;

use crate::Ended;
use crate::args::{SchemaArgs, Written};
use crate::dissect::Document;
use crate::output::print;
use crate::usage::UsageError;

pub(crate) fn command(args: &SchemaArgs) -> Ended {
    let schema = match args.of {
        Written::Report => Report::json_schema(),
        Written::Coverage => Coverage::json_schema(),
        Written::Probe => Probe::json_schema(),
        Written::Dissection => Document::json_schema(),
        Written::Trace => Trace::json_schema(),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(UsageError::own)?;
    print(&format!("{text}\n"));
    Ok(Exit::Conformant)
}
