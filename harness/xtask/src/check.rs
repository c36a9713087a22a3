//! `cargo xtask check`: a table of steps, run in order, each shown as it goes, and a summary.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::commands;
use crate::tree::Tree;

/// The whole check. A step stands after the steps whose products it uses, so that nothing is built twice.
pub(crate) const STEPS: &[Step] = &[
    Step { name: "fmt", does: "rustfmt finds nothing to change", run: commands::fmt },
    Step { name: "clippy", does: "clippy, warnings denied, all targets", run: commands::clippy },
    Step {
        name: "test",
        does: "the tests that no step below runs, those in documentation too",
        run: commands::test,
    },
    Step { name: "labs", does: "real traffic between network namespaces", run: commands::labs },
    Step { name: "suite", does: "the suite against the reference: mip6-conform demo", run: commands::suite },
    Step {
        name: "sim",
        does: "10,000 seeds in virtual worlds, no promise broken: mip6-sim",
        run: commands::sim,
    },
    Step { name: "mutants", does: "every lie is caught: the kill matrix", run: commands::mutants },
    Step {
        name: "vectors",
        does: "the vectors: generated again, and read in four languages",
        run: commands::vectors,
    },
    Step { name: "tshark", does: "our packets, read by tshark", run: commands::tshark },
];

/// One row of the check.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) does: &'static str,
    pub(crate) run: fn(&Tree) -> Outcome,
}

/// How a step ended; the text says why.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
}

/// Runs these steps, or all when none is named.
pub(crate) fn run(only: &[String]) -> ExitCode {
    let tree = match Tree::find() {
        Ok(tree) => tree,
        Err(error) => {
            eprintln!("xtask: {error}");
            return ExitCode::FAILURE;
        }
    };
    let wanted = |step: &&Step| only.is_empty() || only.iter().any(|name| name == step.name);
    let results: Vec<_> = STEPS.iter().filter(wanted).map(|step| attempt(step, &tree)).collect();
    println!("\n== summary");
    for result in &results {
        println!("{result}");
    }
    let outcomes: Vec<_> = results.into_iter().map(|result| result.outcome).collect();
    println!("\n{}", tally(&outcomes));
    if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed(_))) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

struct Ended {
    step: &'static str,
    outcome: Outcome,
    took: Duration,
}

fn attempt(step: &Step, tree: &Tree) -> Ended {
    println!("\n== {}: {}", step.name, step.does);
    let begin = Instant::now();
    let outcome = judge((step.run)(tree), tree.in_ci);
    let ended = Ended { step: step.name, outcome, took: begin.elapsed() };
    println!("{ended}");
    ended
}

/// A machine that checks changes has to have all tools: there, skipping is failing.
fn judge(outcome: Outcome, in_ci: bool) -> Outcome {
    match outcome {
        Outcome::Skipped(reason) if in_ci => Outcome::Failed(format!("skipped, but CI is set: {reason}")),
        other => other,
    }
}

fn tally(outcomes: &[Outcome]) -> String {
    let count = |wanted: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| wanted(outcome)).count();
    format!(
        "{} passed, {} failed, {} skipped",
        count(|outcome| matches!(outcome, Outcome::Passed)),
        count(|outcome| matches!(outcome, Outcome::Failed(_))),
        count(|outcome| matches!(outcome, Outcome::Skipped(_))),
    )
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (word, reason) = match &self.outcome {
            Outcome::Passed => ("passed", ""),
            Outcome::Failed(reason) => ("FAILED", reason.as_str()),
            Outcome::Skipped(reason) => ("skipped", reason.as_str()),
        };
        let seconds = self.took.as_secs_f64();
        let line = format!("{word:<8} {:<8} {seconds:>6.1} s  {reason}", self.step);
        f.write_str(line.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tally_is_one_plain_line() {
        let outcomes =
            [Outcome::Passed, Outcome::Failed("x".into()), Outcome::Passed, Outcome::Skipped("y".into())];
        assert_eq!(tally(&outcomes), "2 passed, 1 failed, 1 skipped");
    }

    #[test]
    fn only_ci_turns_a_skip_into_a_failure() {
        let skipped = Outcome::Skipped("no tshark".into());
        assert_eq!(judge(skipped.clone(), false), skipped);
        assert!(matches!(judge(skipped, true), Outcome::Failed(reason) if reason.contains("no tshark")));
        assert_eq!(judge(Outcome::Passed, true), Outcome::Passed);
    }

    #[test]
    fn step_names_are_unique() {
        let mut names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }
}
