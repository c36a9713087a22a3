//! A folder of ours alone, for what other processes must read; gone with the value.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::usage::UsageError;

/// Readable by this user only, since keys of test identities lie in it.
pub(crate) struct PrivateFolder(PathBuf);

impl PrivateFolder {
    pub(crate) fn new() -> Result<Self, UsageError> {
        let unique = getrandom::u64().map_err(UsageError::own)?;
        let path = std::env::temp_dir().join(format!("mip6-conform-{unique:016x}"));
        DirBuilder::new().mode(0o700).create(&path).map_err(|error| UsageError::file(&path, &error))?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        // What cannot be removed is left to whoever cleans the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
