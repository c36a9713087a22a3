//! What a maintainer runs: `cargo xtask check`. Links nothing of the workspace.

mod captures;
mod check;
mod commands;
mod consumers;
mod tools;
mod tree;

use std::process::ExitCode;

use check::STEPS;

const USAGE: &str = "\
What a maintainer runs.

Usage: cargo xtask check [--only STEP]...
       cargo xtask vectors --check
       cargo xtask captures [STORY]...   writes pcaps/captures from their story.toml, and the traces of them
       cargo xtask --help

Steps, in order:
";

const NOTES: &str = "
A step whose tools are missing is skipped with the reason; as root, tools are installed first.
With CI=true in the environment a skipped step is a failure.

Exit status: 0 nothing failed, 1 a step failed, 2 the arguments make no sense.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match parse(&arguments) {
        Ok(Task::Help) => {
            print!("{}", help());
            ExitCode::SUCCESS
        }
        Ok(Task::Check(only)) => check::run(&only),
        Ok(Task::Captures(stories)) => captures::write(&stories),
        Err(complaint) => {
            eprintln!("xtask: {complaint}\n\n{}", help());
            ExitCode::from(2)
        }
    }
}

enum Task {
    Help,
    /// The names of the steps to run; all of them when empty.
    Check(Vec<String>),
    /// The names of the stories to write; all of them when empty.
    Captures(Vec<String>),
}

/// An argument that cannot be understood.
#[derive(Debug, PartialEq)]
enum Complaint {
    UnknownTask(String),
    UnknownOption(String),
    UnknownStep(String),
    NoStepNamed,
    VectorsOnlyChecked,
}

fn parse(arguments: &[String]) -> Result<Task, Complaint> {
    let Some((task, options)) = arguments.split_first() else {
        return Ok(Task::Help);
    };
    match task.as_str() {
        "--help" | "-h" | "help" => return Ok(Task::Help),
        "check" => {}
        "captures" => return captures::parse(options).map(Task::Captures),
        "vectors" if options == ["--check"] => return Ok(Task::Check(vec!["vectors".into()])),
        "vectors" => return Err(Complaint::VectorsOnlyChecked),
        _ => return Err(Complaint::UnknownTask(task.clone())),
    }
    let mut only = Vec::new();
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let name = match option.split_once('=') {
            Some(("--only", name)) => name,
            _ if option == "--only" => options.next().ok_or(Complaint::NoStepNamed)?,
            _ if option == "--help" || option == "-h" => return Ok(Task::Help),
            _ => return Err(Complaint::UnknownOption(option.clone())),
        };
        if !STEPS.iter().any(|step| step.name == name) {
            return Err(Complaint::UnknownStep(name.into()));
        }
        only.push(name.into());
    }
    Ok(Task::Check(only))
}

fn help() -> String {
    let steps: String = STEPS.iter().map(|step| format!("  {:<10}{}\n", step.name, step.does)).collect();
    format!("{USAGE}{steps}{NOTES}")
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownTask(task) => write!(f, "no task {task:?}; there are: check, vectors, captures"),
            Self::UnknownOption(option) => {
                write!(f, "no option {option:?}; check has --only STEP, all have --help")
            }
            Self::UnknownStep(name) => {
                let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
                write!(f, "no step {name:?}; there are: {}", names.join(", "))
            }
            Self::VectorsOnlyChecked => write!(f, "vectors wants --check; python3 -m generate writes them"),
            Self::NoStepNamed => write!(f, "--only wants the name of a step"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_takes_known_steps_in_both_spellings() {
        for arguments in [&["check", "--only", "fmt"][..], &["check", "--only=fmt"]] {
            assert!(matches!(parse_words(arguments), Ok(Task::Check(only)) if only == ["fmt"]));
        }
        assert!(matches!(parse_words(&["check"]), Ok(Task::Check(only)) if only.is_empty()));
    }

    #[test]
    fn nonsense_is_named() {
        for (arguments, complaint) in [
            (&["chekc"][..], Complaint::UnknownTask("chekc".into())),
            (&["check", "--fast"], Complaint::UnknownOption("--fast".into())),
            (&["check", "--only", "fmtt"], Complaint::UnknownStep("fmtt".into())),
            (&["check", "--only"], Complaint::NoStepNamed),
            (&["vectors"], Complaint::VectorsOnlyChecked),
            (&["captures", "--all"], Complaint::UnknownOption("--all".into())),
        ] {
            assert_eq!(parse_words(arguments).err(), Some(complaint));
        }
    }

    #[test]
    fn help_names_every_step() {
        let help = help();
        assert!(STEPS.iter().all(|step| help.contains(step.name) && help.contains(step.does)));
    }

    fn parse_words(words: &[&str]) -> Result<Task, Complaint> {
        parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }
}
