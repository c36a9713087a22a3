//! `cargo xtask captures`: the stories of `pcaps/captures` are played, and what their MNs said becomes traces.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::Complaint;
use crate::check::Outcome;
use crate::tree::{Tree, cargo};

const CAPTURES: &str = "pcaps/captures";
const TRACES: &str = "pcaps/traces";

/// Names of stories; there are no options.
pub(crate) fn parse(words: &[String]) -> Result<Vec<String>, Complaint> {
    match words.iter().find(|word| word.starts_with('-')) {
        Some(option) => Err(Complaint::UnknownOption(option.clone())),
        None => Ok(words.to_vec()),
    }
}

/// Writes these stories, or all.
pub(crate) fn write(stories: &[String]) -> ExitCode {
    let written = Tree::find().map_err(|error| error.to_string()).and_then(|tree| {
        passed(tree.show(cargo(), ["build", "--workspace", "--bins"]))?;
        passed(tree.show(tree.program("mip6-stories"), stories))?;
        let names = if stories.is_empty() { all(&tree.root.join(CAPTURES))? } else { stories.to_vec() };
        names.iter().try_for_each(|name| trace(&tree, name))
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}

fn all(captures: &Path) -> Result<Vec<String>, String> {
    let entries = std::fs::read_dir(captures).map_err(|error| format!("{}: {error}", captures.display()))?;
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

fn trace(tree: &Tree, name: &str) -> Result<(), String> {
    let file = |file: &str| format!("{CAPTURES}/{name}/{file}");
    let mut command = Command::new(tree.program("mip6-conform"));
    command.args(["dissect", &file("capture.pcapng")]);
    command.args(["--psk", &file("identities.json"), "--trace", &format!("{TRACES}/{name}.json")]);
    if tree.root.join(file("msk.txt")).is_file() {
        command.args(["--msk", &file("msk.txt")]);
    }
    let output = command.current_dir(&tree.root).output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        // Findings are what some stories are about, and some cannot be judged to their end.
        Some(0 | 1 | 6) => {
            println!("{name}: {}", said.trim());
            Ok(())
        }
        _ => Err(format!("{name}: {said}")),
    }
}

fn passed(outcome: Outcome) -> Result<(), String> {
    match outcome {
        Outcome::Passed => Ok(()),
        Outcome::Failed(why) | Outcome::Skipped(why) => Err(why),
    }
}
