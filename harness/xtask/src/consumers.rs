//! The consumers of the vectors, each in a language of its own: all have to count the same, and more than nothing.

use std::path::Path;
use std::process::Command;

use crate::check::Outcome;
use crate::tools::{Lack, c_with_json, has_go};
use crate::tree::{Tree, cargo};

/// Runs all of them; Go only where there is one.
pub(crate) fn run(tree: &Tree, python: &Path) -> Outcome {
    let folder = tree.root.join("vectors/consumers");
    let rows = tree.root.join("vectors/rfc6618");
    let mut counts = vec![
        ("Python", count(Command::new(python).arg(folder.join("consumer.py")).arg(&rows))),
        ("Rust", count(&mut rust(tree))),
    ];
    match compiled_c(tree, &folder) {
        Ok(mut program) => counts.push(("C", count(program.arg(&rows)))),
        Err(lack) => return Outcome::Skipped(lack.to_string()),
    }
    if has_go() {
        let mut go = Command::new("go");
        counts.push(("Go", count(go.arg("run").arg(folder.join("consumer.go")).arg(&rows))));
    } else {
        println!("skipped: the consumer in Go, since there is no go on the path");
    }
    for (language, count) in &counts {
        println!(
            "{language}: {}",
            count.as_ref().map_or_else(Clone::clone, |count| format!("{count} asserted"))
        );
    }
    judge(&counts)
}

fn judge(counts: &[(&str, Result<usize, String>)]) -> Outcome {
    let mut seen = Vec::new();
    for (language, count) in counts {
        match count {
            Ok(0) => return Outcome::Failed(format!("the consumer in {language} asserted nothing")),
            Ok(count) => seen.push(*count),
            Err(why) => return Outcome::Failed(format!("the consumer in {language}: {why}")),
        }
    }
    if seen.windows(2).all(|pair| pair[0] == pair[1]) {
        Outcome::Passed
    } else {
        Outcome::Failed(format!("the consumers count differently: {seen:?}"))
    }
}

fn rust(tree: &Tree) -> Command {
    let mut command = Command::new(cargo());
    command.args(["run", "--quiet", "--package", "mip6-vectors", "--example", "consumer"]);
    command.current_dir(&tree.root);
    command
}

fn compiled_c(tree: &Tree, folder: &Path) -> Result<Command, Lack> {
    c_with_json(tree)?;
    let program = tree.scratch.join("consumer-c");
    let _ = std::fs::create_dir_all(&tree.scratch);
    let out = program.to_string_lossy();
    let source = folder.join("consumer.c");
    let source = source.to_string_lossy();
    let arguments = ["-O1", "-Wall", "-Wextra", "-Werror", "-o", &*out, &*source, "-ljansson", "-lcrypto"];
    match tree.show("gcc", arguments) {
        Outcome::Passed => Ok(Command::new(program)),
        Outcome::Failed(why) | Outcome::Skipped(why) => Err(Lack::of("the consumer in C", why)),
    }
}

/// The number before `asserted`, from a program that ends well.
fn count(command: &mut Command) -> Result<usize, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let number = text.trim().strip_suffix(" asserted").and_then(|number| number.parse().ok());
    number.ok_or_else(|| format!("need a count, have {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_count_the_same_and_more_than_nothing() {
        assert_eq!(judge(&[("a", Ok(3)), ("b", Ok(3))]), Outcome::Passed);
        for counts in [
            [("a", Ok(3)), ("b", Ok(4))],
            [("a", Ok(0)), ("b", Ok(0))],
            [("a", Ok(3)), ("b", Err("x".into()))],
        ] {
            assert!(matches!(judge(&counts), Outcome::Failed(_)));
        }
    }

    #[test]
    fn a_count_is_read_from_what_a_program_prints() {
        assert_eq!(count(Command::new("echo").arg("12 asserted")), Ok(12));
        assert!(count(Command::new("echo").arg("twelve asserted")).is_err());
        assert!(count(&mut Command::new("false")).is_err());
    }
}
