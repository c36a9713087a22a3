//! Every data file of vectors/ and conformance/ is named by something: no orphans that nobody reads.

use crate::assert_none;
use crate::files::{File, ours, sample};

fn violations(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| {
            is_data(file) && !files.iter().any(|other| other.path != file.path && names(other, file))
        })
        .map(|file| format!("{}: nothing names it", file.path))
        .collect()
}

fn is_data(file: &File) -> bool {
    let watched = file.path.starts_with("vectors/") || file.path.starts_with("conformance/");
    watched && !file.is_manifest() && (file.has_extension("json") || file.has_extension("toml"))
}

/// By its file name, or by the quoted name that a program puts the extension behind.
fn names(other: &File, file: &File) -> bool {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    other.text.contains(name) || other.text.contains(&format!("\"{stem}\""))
}

#[test]
fn every_data_file_is_named() {
    assert_none(&violations(&ours()));
}

#[test]
fn an_orphan_is_caught_even_when_it_names_itself() {
    let orphan = || sample("vectors/rfc6618/orphan.json", "{\"about\": \"orphan.json\"}");
    assert_eq!(violations(&[orphan(), sample("vectors/src/lib.rs", "")]).len(), 1);
    for namer in ["include_str!(\"../rfc6618/orphan.json\")", "write(\"orphan\", rows)"] {
        assert_none(&violations(&[orphan(), sample("vectors/src/lib.rs", namer)]));
    }
}
