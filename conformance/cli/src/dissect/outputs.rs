//! The files that are written beside the telling: none of them may be a file that is read, or be written twice.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, absolute};

use super::form::Format;
use crate::args::DissectArgs;
use crate::usage::UsageError;

/// Refuses what would destroy a file, before any is opened.
///
/// # Errors
/// An output that takes the place of an input or of another output; one that holds one capture where there are several.
pub(super) fn check(args: &DissectArgs) -> Result<(), UsageError> {
    let (annotate, trace) = (args.form.annotate.as_deref(), args.form.trace.as_deref());
    let outputs = [("--write", args.write.as_deref()), ("--annotate", annotate), ("--trace", trace)];
    let asked = outputs.into_iter().filter_map(|(with, file)| Some((with, file?)));
    let inputs = args.captures.iter().chain(&args.sa).chain(&args.esp_sa).chain(args.watch.files());
    let mut taken: Vec<&Path> = inputs.map(AsRef::as_ref).collect();
    let is_several = args.captures.len() > 1;
    match args.form.format {
        Format::Json | Format::Html if is_several => {
            let needs = "a single FILE; ndjson takes several";
            return Err(UsageError::Needs { with: "a --format that is one document", needs });
        }
        _ => {}
    }
    for (with, file) in asked {
        if is_several {
            return Err(UsageError::Needs { with, needs: "a single FILE" });
        }
        if taken.iter().any(|other| is_same(file, other)) {
            let why = format!("{with} would overwrite it; name another file");
            return Err(UsageError::File { file: file.to_owned(), why });
        }
        taken.push(file);
    }
    Ok(())
}

/// Whether both names lead to one regular file, or will once it is there.
fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => one.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino()),
        (Err(_), Err(_)) => {
            absolute(one).ok().is_some_and(|one| absolute(other).is_ok_and(|other| one == other))
        }
        _ => false,
    }
}
