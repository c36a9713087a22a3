//! Who depends on whom equals the drawing, and every version comes from the one table.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::assert_none;
use crate::files::{File, ours, sample};

/// The drawing: each crate, by the name of its folder, with every crate of ours that it may and does use.
const DRAWING: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("crypto", &["wire"]),
    ("proto", &["wire", "crypto"]),
    ("node", &["wire", "crypto", "proto"]),
    ("suite", &["wire", "crypto"]),
    ("mutants", &["wire", "crypto", "proto", "sim", "suite"]),
    ("cli", &["suite", "mutants", "dissect", "node", "crypto", "wire"]),
    ("vectors", &[]),
    ("dissect", &["wire", "crypto"]),
    ("sim", &["wire", "crypto", "proto"]),
    ("lab", &[]),
    ("bench", &["wire", "crypto", "proto"]),
    ("canaries", &[]),
    ("xtask", &[]),
    ("fuzz", &["wire", "crypto", "proto", "dissect"]),
    ("stories", &["wire", "crypto", "proto", "sim", "suite", "dissect"]),
];

/// What any test may use: data, and targets that are made to be met.
const FOR_ALL_TESTS: &[&str] = &["vectors", "canaries"];

/// Crates that only these folders may use, in tests or out of them.
const RESERVED: &[(&str, &[&str])] = &[("tokio", &["node", "cli"]), ("tokio-rustls", &["node", "cli"])];

fn violations(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    let manifests: BTreeMap<&str, Table> = files
        .iter()
        .filter(|file| file.is_manifest() && file.path != "Cargo.toml")
        .map(|file| (folder(&file.path), file.text.parse().expect("cargo has read it, so it is TOML")))
        .collect();
    let drawn: BTreeSet<&str> = DRAWING.iter().map(|(name, _)| *name).collect();
    let present: BTreeSet<&str> = manifests.keys().copied().collect();
    for name in drawn.symmetric_difference(&present) {
        found.push(format!("{name}: is in the drawing or in the tree, not in both"));
    }
    for (name, arrows) in DRAWING {
        if let Some(manifest) = manifests.get(name) {
            found.extend(of_one(name, arrows, manifest));
        }
    }
    found
}

fn of_one(name: &str, arrows: &[&str], manifest: &Table) -> Vec<String> {
    let mut found = Vec::new();
    let used = dependencies(manifest, &["dependencies", "build-dependencies"]);
    let used_by_tests = dependencies(manifest, &["dev-dependencies"]);
    let is_ours = |dependency: &&str| DRAWING.iter().any(|(name, _)| name == dependency);
    let drawn: BTreeSet<&str> = arrows.iter().copied().collect();
    let real: BTreeSet<&str> = used.iter().map(|(dependency, _)| *dependency).filter(is_ours).collect();
    found.extend(real.difference(&drawn).map(|to| format!("{name} -> {to}: the drawing has no such arrow")));
    found.extend(drawn.difference(&real).map(|to| format!("{name} -> {to}: drawn, but not there")));
    let below = everything_below(name);
    for to in used_by_tests.iter().map(|(dependency, _)| *dependency).filter(is_ours) {
        if !below.contains(to) && !FOR_ALL_TESTS.contains(&to) {
            found.push(format!("tests of {name} -> {to}: not below it"));
        }
    }
    for (dependency, value) in used.iter().chain(&used_by_tests) {
        if value.get("workspace") != Some(&Value::Boolean(true)) {
            found.push(format!("{name} -> {dependency}: its version is not from the workspace's table"));
        }
        let reserved = RESERVED.iter().find(|(reserved, _)| reserved == dependency);
        if reserved.is_some_and(|(_, owners)| !owners.contains(&name)) {
            found.push(format!("{name} -> {dependency}: not for this crate"));
        }
    }
    found
}

fn dependencies<'a>(manifest: &'a Table, sections: &[&str]) -> Vec<(&'a str, &'a Value)> {
    let by_target = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    let tables = std::iter::once(manifest).chain(by_target.filter_map(|(_, table)| table.as_table()));
    tables
        .flat_map(|table| sections.iter().filter_map(|section| table.get(*section)?.as_table()))
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
        .collect()
}

fn everything_below(name: &str) -> BTreeSet<&'static str> {
    let mut below = BTreeSet::new();
    for (_, arrows) in DRAWING.iter().filter(|(drawn, _)| *drawn == name) {
        for arrow in *arrows {
            if below.insert(*arrow) {
                below.extend(everything_below(arrow));
            }
        }
    }
    below
}

fn folder(path: &str) -> &str {
    path.rsplit('/').nth(1).unwrap_or_default()
}

#[test]
fn the_tree_equals_the_drawing() {
    assert_none(&violations(&ours()));
}

#[test]
fn a_tester_that_leans_on_the_reference_is_caught() {
    let suite = "[dependencies]\nwire.workspace = true\nproto.workspace = true\ntokio.workspace = true\nserde = \"1\"\n\
        [dev-dependencies]\nnode.workspace = true\nvectors.workspace = true\n";
    let found = violations(&[sample("conformance/suite/Cargo.toml", suite)]);
    for violation in [
        "suite -> proto: the drawing has no such arrow",
        "suite -> crypto: drawn, but not there",
        "tests of suite -> node: not below it",
        "suite -> tokio: not for this crate",
        "suite -> serde: its version is not from the workspace's table",
        "wire: is in the drawing or in the tree, not in both",
    ] {
        assert!(found.iter().any(|line| line == violation), "{violation} is not among {found:#?}");
    }
    assert!(!found.iter().any(|line| line.contains("vectors:") && line.contains("tests")));
}

#[test]
fn the_drawing_has_no_circle() {
    for (name, _) in DRAWING {
        assert!(!everything_below(name).contains(name), "{name} is below itself");
    }
}
