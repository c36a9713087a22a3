//! What each step runs.
//!
//! Every build of the development profile says `--workspace`: with fewer packages cargo would choose fewer features
//! for the dependencies and build them again.

use crate::check::Outcome;
use crate::consumers;
use crate::tools::{for_labs, python, tshark as find_tshark};
use crate::tree::{Tree, cargo};

pub(crate) fn fmt(tree: &Tree) -> Outcome {
    tree.show(cargo(), ["fmt", "--all", "--check"])
}

pub(crate) fn clippy(tree: &Tree) -> Outcome {
    tree.show(cargo(), ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

pub(crate) fn test(tree: &Tree) -> Outcome {
    // Some tests have others read what we write besides; the steps of those names report a lack.
    if let Err(lack) = find_tshark(tree) {
        println!("without tshark: {lack}");
    }
    if let Err(lack) = for_labs(tree) {
        println!("without labs: {lack}");
    }
    if let Err(lack) = python(tree, &tree.root.join("vectors/requirements.txt")) {
        println!("without Python's packages: {lack}");
    }
    let later: Vec<&str> = [IS_LAB, IS_MUTANTS, IS_TSHARK].iter().flat_map(|is| tree.tests(is)).collect();
    let others = tree.tests(|_, name| !later.contains(&name));
    let mut arguments = vec!["test", "--workspace", "--no-fail-fast", "--lib", "--bins"];
    arguments.extend(others.iter().flat_map(|name| ["--test", name]));
    match tree.show(cargo(), arguments) {
        Outcome::Passed => tree.show(cargo(), ["test", "--workspace", "--no-fail-fast", "--doc"]),
        other => other,
    }
}

/// The integration tests of a step, by package and name. The step `test` runs those of no other step.
type Which = fn(&str, &str) -> bool;

const IS_LAB: Which = |package, name| package == "mip6-lab" && name == "stories";
const IS_MUTANTS: Which = |package, _| package == "mip6-mutants";
const IS_TSHARK: Which = |_, name| name.starts_with("tshark");

pub(crate) fn labs(tree: &Tree) -> Outcome {
    match for_labs(tree) {
        Ok(()) => show_tests(tree, &tree.tests(IS_LAB), "mip6-lab has no stories"),
        Err(lack) => Outcome::Skipped(lack.to_string()),
    }
}

pub(crate) fn suite(tree: &Tree) -> Outcome {
    tree.show(cargo(), ["run", "--release", "--package", "mip6-conform", "--", "demo"])
}

pub(crate) fn sim(tree: &Tree) -> Outcome {
    tree.show(cargo(), ["run", "--release", "--package", "mip6-sim", "--", "--seeds", "10000"])
}

pub(crate) fn mutants(tree: &Tree) -> Outcome {
    show_tests(tree, &tree.tests(IS_MUTANTS), "mip6-mutants has no test")
}

pub(crate) fn vectors(tree: &Tree) -> Outcome {
    let folder = tree.root.join("vectors");
    let requirements = folder.join("requirements.txt");
    if !requirements.is_file() {
        return Outcome::Failed(format!("{} is missing", requirements.display()));
    }
    let python = match python(tree, &requirements) {
        Ok(python) => python,
        Err(lack) => return Outcome::Skipped(lack.to_string()),
    };
    match tree.show_in(&folder, &python, ["-m", "generate", "--check"]) {
        Outcome::Passed => consumers::run(tree, &python),
        other => other,
    }
}

pub(crate) fn tshark(tree: &Tree) -> Outcome {
    match find_tshark(tree) {
        Ok(_) => show_tests(tree, &tree.tests(IS_TSHARK), "no test is named tshark"),
        Err(lack) => Outcome::Skipped(lack.to_string()),
    }
}

/// Runs these integration tests with everything that they print.
fn show_tests(tree: &Tree, names: &[&str], none: &str) -> Outcome {
    if names.is_empty() {
        return Outcome::Failed(none.into());
    }
    let mut arguments = vec!["test", "--workspace", "--no-fail-fast"];
    arguments.extend(names.iter().flat_map(|name| ["--test", name]));
    arguments.extend(["--", "--nocapture"]);
    tree.show(cargo(), arguments)
}
