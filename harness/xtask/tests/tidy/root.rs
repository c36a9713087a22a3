//! The root of the checkout holds the names of the drawing and nothing else.

use std::fs;

use crate::assert_none;
use crate::files::root;

const KNOWN: &[&str] = &[
    ".cargo",
    ".ci",
    ".clippy.toml",
    ".git",
    ".gitignore",
    ".rustfmt.toml",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "conformance",
    "docs",
    "harness",
    "pcaps",
    "reference",
    "vectors",
];

/// What building leaves; git ignores it.
const BUILT: &[&str] = &["target"];

fn violations(listing: &[String]) -> Vec<String> {
    let strangers =
        listing.iter().filter(|name| !KNOWN.contains(&name.as_str()) && !BUILT.contains(&name.as_str()));
    let missing = KNOWN.iter().filter(|known| !listing.iter().any(|name| name == *known));
    strangers
        .map(|name| format!("{name}: not a name for the root"))
        .chain(missing.map(|name| format!("{name}: missing in the root")))
        .collect()
}

#[test]
fn the_root_holds_the_known_names() {
    let entries = fs::read_dir(root()).expect("the root can be read");
    let listing: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    // An archive of the sources has no .git; everything else has to be there.
    let unpacked = listing.iter().all(|name| name != ".git");
    let found = violations(&listing);
    let counted: Vec<_> = found.into_iter().filter(|line| !(unpacked && line.starts_with(".git:"))).collect();
    assert_none(&counted);
}

#[test]
fn strangers_and_gaps_are_caught() {
    let mut listing: Vec<_> = KNOWN.iter().map(ToString::to_string).collect();
    assert_none(&violations(&listing));
    listing.push("notes.txt".into());
    listing.retain(|name| name != "README.md");
    assert_eq!(
        violations(&listing),
        ["notes.txt: not a name for the root", "README.md: missing in the root"]
    );
}
