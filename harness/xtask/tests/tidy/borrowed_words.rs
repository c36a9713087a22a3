//! No text of RFC 6618 is copied into the tree: no run of twelve of its words stands in ours.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use crate::assert_none;
use crate::files::{File, ours, root, sample};

/// This many words in a row are a quotation.
const RUN: usize = 12;

/// A run with fewer words of prose than this is code (a grammar rule, a list of header names), and code is literal.
const PROSE: usize = 9;

const WRITTEN_BY_US: &[&str] = &["rs", "md", "toml", "py", "lua"];

fn violations(files: &[File], rfc: &str) -> Vec<String> {
    let rfc = without_page_breaks(rfc);
    let rfc_words: Vec<_> = words(&rfc).collect();
    let runs: HashMap<Vec<String>, usize> =
        rfc_words.windows(RUN).filter(|run| is_prose(run)).map(|run| (folded(run), run[0].line)).collect();
    let ours =
        files.iter().filter(|file| WRITTEN_BY_US.iter().any(|extension| file.has_extension(extension)));
    ours.flat_map(|file| borrowed(file, &runs)).collect()
}

/// The first borrowed run of each stretch, so that one copied paragraph is one complaint.
fn borrowed(file: &File, runs: &HashMap<Vec<String>, usize>) -> Vec<String> {
    let words: Vec<_> = words(&file.text).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(run) = words.get(at..at + RUN) {
        let folded = folded(run);
        if runs.contains_key(&folded) {
            found.push(format!("{}:{}: {:?} stands in the RFC", file.path, run[0].line, folded.join(" ")));
            at += RUN;
        } else {
            at += 1;
        }
    }
    found
}

#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    line: usize,
}

impl Word<'_> {
    /// Names with a hyphen or a digit and abbreviations are not prose.
    fn is_prose(&self) -> bool {
        self.text.chars().all(char::is_alphabetic) && self.text.chars().any(char::is_lowercase)
    }
}

fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let is_inside = |c: char| c.is_alphanumeric() || c == '-';
    (1..).zip(text.lines()).flat_map(move |(line, text)| {
        let pieces = text.split(move |c| !is_inside(c)).map(|piece| piece.trim_matches('-'));
        pieces.filter(|piece| !piece.is_empty()).map(move |text| Word { text, line })
    })
}

fn is_prose(run: &[Word<'_>]) -> bool {
    run.iter().filter(|word| word.is_prose()).count() >= PROSE
}

fn folded(run: &[Word<'_>]) -> Vec<String> {
    run.iter().map(|word| word.text.to_lowercase()).collect()
}

/// Sentences go on over the foot of a page and the head of the next one.
fn without_page_breaks(rfc: &str) -> String {
    let is_furniture = |line: &str| {
        (line.starts_with("Korhonen") && line.ends_with(']'))
            || (line.starts_with("RFC 6618") && line.ends_with("2012"))
    };
    rfc.lines().map(|line| if is_furniture(line.trim()) { "\n" } else { line }).collect::<Vec<_>>().join("\n")
}

/// The RFC where somebody put a copy beside the checkout.
fn rfc_at_hand() -> Option<String> {
    let shared = std::env::var_os("MIP6_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    fs::read_to_string(shared.join("spec/rfc6618.txt")).ok()
}

#[test]
fn no_sentence_is_copied() {
    match rfc_at_hand() {
        Some(rfc) => assert_none(&violations(&ours(), &rfc)),
        None => println!("skipped: no copy of the RFC at ../shared/spec/rfc6618.txt (MIP6_SHARED overrides)"),
    }
}

#[test]
fn a_copied_sentence_is_caught_over_lines_comments_and_pages() {
    let rfc = "The lazy heron stands\nbeside the old mill pond and waits\n\nKorhonen, et al.   Experimental   [Page 7]\n\x0c\n\
        RFC 6618    Something    May 2012\n\nuntil a small fish swims by.\n\
        heron = \"heron\" \":\" 1*(HEX HEX) CRLF pond = \"pond\" \":\" 1*(HEX HEX) CRLF\n";
    let copied = "/// the lazy Heron stands beside\n/// the old mill pond, and waits until a small fish.";
    let found = violations(&[sample("a/src/b.rs", copied)], rfc);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("a/src/b.rs:1: "), "{found:?}");
    let ours = "/// A heron waits beside the mill for fish.\n// heron = \"heron\" \":\" 1*(HEX HEX) CRLF \
        pond = \"pond\" \":\" 1*(HEX HEX) CRLF";
    assert_none(&violations(&[sample("a/src/b.rs", ours), sample("a/rfc.bin", copied)], rfc));
}
