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
    // Some tests have others read what we write, and can only skip without them; later steps report such a lack.
    if let Err(lack) = find_tshark(tree) {
        println!("without tshark: {lack}");
    }
    if let Err(lack) = for_labs(tree) {
        println!("without labs: {lack}");
    }
    if let Err(lack) = python(tree, &tree.root.join("vectors/requirements.txt")) {
        println!("without Python's packages: {lack}");
    }
    tree.show(cargo(), ["test", "--workspace", "--no-fail-fast"])
}

pub(crate) fn labs(tree: &Tree) -> Outcome {
    if let Err(lack) = for_labs(tree) {
        return Outcome::Skipped(lack.to_string());
    }
    let stories = tree.tests(|package, name| package == "mip6-lab" && name == "stories");
    show_tests(tree, &stories, "mip6-lab has no stories")
}

pub(crate) fn suite(tree: &Tree) -> Outcome {
    tree.show(cargo(), ["run", "--release", "--package", "mip6-conform", "--", "demo"])
}

pub(crate) fn sim(tree: &Tree) -> Outcome {
    tree.show(cargo(), ["run", "--release", "--package", "mip6-sim", "--", "--seeds", "10000"])
}

pub(crate) fn mutants(tree: &Tree) -> Outcome {
    let matrix = tree.tests(|package, _| package == "mip6-mutants");
    show_tests(tree, &matrix, "mip6-mutants has no test")
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
    if let Err(lack) = find_tshark(tree) {
        return Outcome::Skipped(lack.to_string());
    }
    let readers = tree.tests(|_, name| name.starts_with("tshark"));
    show_tests(tree, &readers, "no test is named tshark")
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
