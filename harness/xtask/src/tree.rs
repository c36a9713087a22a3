//! The checkout at hand: where it is, where it builds, which test targets it has, and running commands in it.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::check::Outcome;

/// The checkout.
pub(crate) struct Tree {
    pub(crate) root: PathBuf,
    /// Where what a step leaves behind may go: below cargo's target directory.
    pub(crate) scratch: PathBuf,
    pub(crate) in_ci: bool,
    tests: Vec<TestTarget>,
}

/// One integration test of one package.
struct TestTarget {
    package: String,
    name: String,
}

/// `cargo metadata` did not say what it should.
#[derive(Debug)]
pub(crate) struct NoTree {
    need: &'static str,
    have: String,
}

impl Tree {
    pub(crate) fn find() -> Result<Self, NoTree> {
        let output = Command::new(cargo())
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .map_err(|error| NoTree { need: "cargo metadata to run", have: error.to_string() })?;
        if !output.status.success() {
            let have = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(NoTree { need: "cargo metadata to succeed", have });
        }
        let metadata: Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| NoTree { need: "JSON from cargo metadata", have: error.to_string() })?;
        let path = |key: &'static str| {
            metadata[key].as_str().map(PathBuf::from).ok_or(NoTree { need: key, have: "nothing".into() })
        };
        let in_ci = std::env::var("CI").is_ok_and(|value| value == "true");
        let scratch = path("target_directory")?.join("xtask");
        Ok(Self { root: path("workspace_root")?, scratch, in_ci, tests: test_targets(&metadata) })
    }

    /// The integration tests that `wanted(package, name)` chooses, each once.
    pub(crate) fn tests(&self, wanted: impl Fn(&str, &str) -> bool) -> Vec<&str> {
        let mut names: Vec<_> = self
            .tests
            .iter()
            .filter(|test| wanted(&test.package, &test.name))
            .map(|test| test.name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Where a build of the development profile puts this program.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let profile = Path::new("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        self.scratch.with_file_name(profile)
    }

    /// Runs a command at the root, its output shown.
    pub(crate) fn show<A: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl AsRef<[A]>,
    ) -> Outcome {
        self.show_in(&self.root, program, arguments)
    }

    /// Runs a command in this folder, its output shown.
    pub(crate) fn show_in<A: AsRef<OsStr>>(
        &self,
        folder: &Path,
        program: impl AsRef<OsStr>,
        arguments: impl AsRef<[A]>,
    ) -> Outcome {
        let mut command = Command::new(program);
        command.args(arguments.as_ref()).current_dir(folder);
        let words: Vec<_> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
        let line = words.join(OsStr::new(" ")).to_string_lossy().into_owned();
        println!("$ {line}");
        match command.status() {
            Ok(status) if status.success() => Outcome::Passed,
            Ok(status) => Outcome::Failed(format!("{line}: {status}")),
            Err(error) => Outcome::Failed(format!("{line}: {error}")),
        }
    }
}

fn test_targets(metadata: &Value) -> Vec<TestTarget> {
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        for target in package["targets"].as_array().into_iter().flatten() {
            let is_test =
                target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "test"));
            if let (true, Some(package), Some(name)) =
                (is_test, package["name"].as_str(), target["name"].as_str())
            {
                found.push(TestTarget { package: package.into(), name: name.into() });
            }
        }
    }
    found
}

/// The cargo that runs us, so that a chosen toolchain stays chosen.
pub(crate) fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}

impl fmt::Display for NoTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no checkout to work on: need {}, have {}", self.need, self.have)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_checkout_is_found_with_this_package_in_it() {
        let tree = Tree::find().unwrap();
        assert!(tree.root.join("harness/xtask/src/tree.rs").is_file());
        assert_eq!(tree.tests(|package, name| package == "xtask" && name == "tidy"), ["tidy"]);
    }

    #[test]
    fn a_failing_command_is_a_failure_with_its_words() {
        let tree = Tree::find().unwrap();
        assert!(matches!(tree.show("false", ["now"]), Outcome::Failed(why) if why.contains("false now")));
        assert!(matches!(tree.show("/nowhere/at-all", ["x"]), Outcome::Failed(_)));
        assert_eq!(tree.show("true", [""; 0]), Outcome::Passed);
    }
}
