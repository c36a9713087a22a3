//! `mip6-conform schema`: the schema of the JSON report.

use suite::report::Report;
use suite::verdict::Exit;

use crate::Ended;
use crate::output::print;
use crate::usage::UsageError;

pub(crate) fn command() -> Ended {
    let text = serde_json::to_string_pretty(&Report::json_schema()).map_err(UsageError::own)?;
    print(&format!("{text}\n"));
    Ok(Exit::Conformant)
}
