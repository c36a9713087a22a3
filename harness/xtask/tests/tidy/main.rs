//! The rules of the tree that a machine can check, one file each. Every rule stands beside a small bad sample that it
//! must catch, so that no rule can rot into one that never fails.

mod arrows;
mod borrowed_words;
mod files;
mod headings;
mod manifests;
mod named;
mod panics;
mod purity;
mod root;
mod rust_text;
mod sizes;

/// Fails with everything that breaks a rule, one line each.
#[track_caller]
fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "{} break this rule:\n{}", violations.len(), violations.join("\n"));
}
