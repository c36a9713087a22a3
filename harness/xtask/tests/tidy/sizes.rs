//! A source file has fewer than 400 lines of code; tests, comments and blank lines are not counted.

use std::path::Path;

use crate::assert_none;
use crate::files::{File, ours, sample};
use crate::rust_text::code_without_tests;

const LIMIT: usize = 400;

/// Files that may be longer, each with the reason. An entry that is no longer needed is a violation, too.
const LONGER: &[(&str, &str)] = &[];

fn violations(files: &[File], longer: &[(&str, &str)]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let lines = code_lines(file);
        let listed = longer.iter().any(|(path, _)| *path == file.path);
        match (lines >= LIMIT, listed) {
            (true, false) => {
                found.push(format!("{}: {lines} lines of code, the limit is {LIMIT}", file.path))
            }
            (false, true) => found.push(format!("{}: {lines} lines of code need no exception", file.path)),
            _ => {}
        }
    }
    let gone = longer.iter().filter(|(path, _)| !files.iter().any(|file| file.path == *path));
    found.extend(gone.map(|(path, _)| format!("{path}: an exception for a file that is not there")));
    found
}

fn code_lines(file: &File) -> usize {
    if is_test(&file.path) {
        return 0;
    }
    let not_blank = |line: &&str| !line.trim().is_empty();
    match Path::new(&file.path).extension().and_then(|extension| extension.to_str()) {
        Some("rs") => code_without_tests(&file.text).lines().filter(not_blank).count(),
        Some("py") => {
            file.text.lines().filter(not_blank).filter(|line| !line.trim().starts_with('#')).count()
        }
        Some("lua") => {
            file.text.lines().filter(not_blank).filter(|line| !line.trim().starts_with("--")).count()
        }
        _ => 0,
    }
}

fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs")
}

#[test]
fn files_are_short() {
    assert_none(&violations(&ours(), LONGER));
}

#[test]
fn a_long_file_is_caught_and_its_tests_are_not_counted() {
    let long = "fn a() {}\n".repeat(LIMIT);
    assert_eq!(violations(&[sample("a/src/lib.rs", &long)], &[]).len(), 1);
    assert_eq!(violations(&[sample("a/b.py", &"x = 1\n".repeat(LIMIT))], &[]).len(), 1);
    assert_eq!(violations(&[sample("a/b.lua", &"x = 1\n".repeat(LIMIT))], &[]).len(), 1);
    let tested = format!("//! x\n\nfn a() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
    assert_none(&violations(&[sample("a/src/lib.rs", &tested), sample("a/tests/x.rs", &long)], &[]));
}

#[test]
fn an_exception_is_kept_only_while_it_is_needed() {
    let long = sample("a/src/lib.rs", &"fn a() {}\n".repeat(LIMIT));
    assert_none(&violations(&[long], &[("a/src/lib.rs", "a table")]));
    let short = sample("a/src/lib.rs", "fn a() {}\n");
    assert_eq!(violations(&[short], &[("a/src/lib.rs", "a table"), ("gone.rs", "a table")]).len(), 2);
}
