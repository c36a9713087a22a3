//! `--annotate`: the capture is read a second time, since a finding may be about a frame that came long before.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use dissect::{Annotations, Copied, Source};

use crate::output::{Channel, plain};
use crate::usage::UsageError;

/// Where the capture can be read again.
pub(super) struct Again {
    from: From,
    to: PathBuf,
}

enum From {
    /// A file, that nobody changes meanwhile.
    File(PathBuf),
    /// What came through a pipe or from an interface, kept beside the output.
    Kept(PathBuf),
}

impl Again {
    /// With the source that has to be read first.
    ///
    /// # Errors
    /// Of the file system.
    pub(super) fn new(
        file: &Path,
        source: Box<dyn Read + Send>,
        to: &Path,
    ) -> Result<(Box<dyn Read + Send>, Self), UsageError> {
        let is_file = fs::metadata(file).is_ok_and(|metadata| metadata.is_file());
        if is_file {
            return Ok((source, Self { from: From::File(file.to_owned()), to: to.to_owned() }));
        }
        let mut kept = to.as_os_str().to_owned();
        kept.push(".part");
        let kept = PathBuf::from(kept);
        let copy = File::create_new(&kept).map_err(|error| UsageError::file(&kept, &error))?;
        Ok((Box::new(Copied::new(source, copy)), Self { from: From::Kept(kept), to: to.to_owned() }))
    }

    /// Writes the capture with what was found in it.
    ///
    /// # Errors
    /// Of the file system.
    pub(super) fn annotate(&self, annotations: &Annotations) -> Result<(), UsageError> {
        let (From::File(from) | From::Kept(from)) = &self.from;
        let source = Source::open(from).map_err(|error| UsageError::file(from, &error))?;
        let written = File::create(&self.to).and_then(|out| annotations.write(source, out));
        let annotated = written.map_err(|error| UsageError::file(&self.to, &error))?;
        if annotated.left_out > 0 {
            let file = plain(&self.to.display().to_string());
            let note = format!("note: {file}: {} findings have no frame there\n", annotated.left_out);
            Channel::Err.print(&note);
        }
        Ok(())
    }
}

impl Drop for From {
    fn drop(&mut self) {
        if let Self::Kept(kept) = self {
            // It is of no use to anybody else; whoever cannot write there has been told.
            let _ = fs::remove_file(kept);
        }
    }
}
