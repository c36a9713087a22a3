//! Whether a tool that somebody else made is here.

use std::process::Command;

/// Whether this attempt to run `tool` fails, which is said; where CI=true that is a failure.
pub(crate) fn is_missing(tool: &str, attempt: &mut Command) -> bool {
    let missing = !attempt.output().is_ok_and(|output| output.status.success());
    if missing {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI has to have {tool}");
        println!("skipped: no {tool}; `cargo xtask check` installs it as root");
    }
    missing
}
