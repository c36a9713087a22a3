//! Every module says in its first line what it is.

use crate::assert_none;
use crate::files::{File, ours, sample};

fn violations(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.has_extension("rs") && !has_heading(&file.text))
        .map(|file| format!("{}: its first line is no `//!` line with words", file.path))
        .collect()
}

fn has_heading(text: &str) -> bool {
    let words = text.lines().next().and_then(|line| line.strip_prefix("//!"));
    words.is_some_and(|words| !words.trim().is_empty())
}

#[test]
fn every_module_has_a_heading() {
    assert_none(&violations(&ours()));
}

#[test]
fn a_missing_or_empty_heading_is_caught() {
    for text in ["", "use x;\n//! late\n", "//!\n//! late\n", "/// wrong\n", "// wrong\n"] {
        assert_eq!(violations(&[sample("a/src/b.rs", text)]).len(), 1, "{text:?} passed");
    }
    assert_none(&violations(&[sample("a/src/b.rs", "//! The thing.\n"), sample("a/README.md", "")]));
}
