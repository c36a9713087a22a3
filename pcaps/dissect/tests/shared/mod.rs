//! Captures that nobody here wrote, and tshark, where they are at hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The public captures, where they are; otherwise it says that they are not.
pub(crate) fn captures() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("MIP6_SHARED").map_or(beside, PathBuf::from);
    let folder = shared.join("captures");
    let is_there = folder.join("MANIFEST.tsv").is_file();
    if !is_there {
        println!("skipped: no ../shared/captures beside the checkout (MIP6_SHARED overrides)");
    }
    is_there.then_some(folder)
}

/// Packets that tshark counted in each file, where the manifest has a number.
pub(crate) fn manifest(folder: &Path) -> BTreeMap<String, Option<u64>> {
    let text = fs::read_to_string(folder.join("MANIFEST.tsv")).expect("the manifest is text");
    let mut lines = text.lines();
    let heading: Vec<_> = lines.next().unwrap_or_default().split('\t').collect();
    let packets = heading.iter().position(|name| *name == "packets").expect("a column of packet counts");
    let row = |line: &str| {
        let fields: Vec<_> = line.split('\t').collect();
        (fields[0].to_owned(), fields.get(packets).and_then(|count| count.parse().ok()))
    };
    lines.map(row).collect()
}

/// Whether there is no tshark, which is said; where CI=true that is a failure.
pub(crate) fn tshark_is_missing() -> bool {
    let missing = Command::new("tshark").arg("--version").output().is_err();
    if missing {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI has to have tshark");
        println!("skipped: no tshark on the path");
    }
    missing
}
