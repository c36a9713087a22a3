//! Where the programs of the reference are.

use std::path::PathBuf;

/// The programs that a lab runs.
const PROGRAMS: [&str; 2] = ["mip6-hac", "mip6-mn"];

/// The folder with `mip6-hac` and `mip6-mn`: MIP6_BIN, or the folder that cargo builds programs into.
///
/// # Errors
/// Which program is missing, and how to get it.
pub fn reference_programs() -> Result<PathBuf, String> {
    let folder = match std::env::var_os("MIP6_BIN") {
        Some(folder) => PathBuf::from(folder),
        // A test is in `deps`, below the programs.
        None => std::env::current_exe()
            .ok()
            .and_then(|test| Some(test.parent()?.parent()?.to_owned()))
            .ok_or("MIP6_BIN is not set, and nobody knows where this program is")?,
    };
    match PROGRAMS.iter().find(|program| !folder.join(program).is_file()) {
        Some(program) => Err(format!(
            "no {program} in {}: `cargo build -p mip6-node` makes it, MIP6_BIN names another folder",
            folder.display()
        )),
        None => Ok(folder),
    }
}
