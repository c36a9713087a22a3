//! Every crate is under the workspace's lints and edition.

use toml::{Table, Value};

use crate::assert_none;
use crate::files::{File, ours, sample};

const INHERITED: &[&str] = &["version", "edition", "rust-version", "license", "publish"];

fn violations(files: &[File]) -> Vec<String> {
    files.iter().filter(|file| file.is_manifest() && file.path != "Cargo.toml").flat_map(of_one).collect()
}

fn of_one(file: &File) -> Vec<String> {
    let manifest: Table = file.text.parse().expect("cargo has read it, so it is TOML");
    let mut found = Vec::new();
    if !is_inherited(manifest.get("lints")) {
        found.push(format!("{}: lints.workspace = true is missing", file.path));
    }
    for key in INHERITED {
        if !is_inherited(manifest.get("package").and_then(|package| package.get(key))) {
            found.push(format!("{}: package.{key}.workspace = true is missing", file.path));
        }
    }
    found
}

fn is_inherited(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")) == Some(&Value::Boolean(true))
}

#[test]
fn every_crate_inherits() {
    assert_none(&violations(&ours()));
}

#[test]
fn an_own_set_of_lints_is_caught() {
    let own = "[package]\nname = \"x\"\nedition = \"2021\"\n[lints.rust]\nunsafe_code = \"allow\"\n";
    assert_eq!(violations(&[sample("x/Cargo.toml", own)]).len(), 1 + INHERITED.len());
}
