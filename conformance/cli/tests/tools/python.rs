//! The Python whose packages are those of `vectors/requirements.txt`.

use std::path::{Path, PathBuf};

/// The one that `cargo xtask` made, or else the system's.
pub(crate) fn python() -> PathBuf {
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../xtask/python/bin/python");
    if made.is_file() { made } else { PathBuf::from("python3") }
}
