//! The second opinion on the grammar: `grammar/rfc6618.abnf`, read by the crate `abnf-oracle`, produces the lines
//! of `grammar/produced.json` and recognises the rows of `headers.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use abnf_oracle::{CheckedGrammar, Generator, Grammar, Recognizer};
use vectors::Outcome;

/// How many lines of each header are produced.
const LINES: usize = 12;
const SEED: u64 = 6618;

/// Flags of valid rows that the printed grammar has no words for: implied white space, and code points that it
/// does not list.
const BEYOND: [&str; 3] = ["ImpliedSpace", "SuiteUnknown", "UnknownMethod"];

fn grammar() -> CheckedGrammar {
    let source = include_str!("../grammar/rfc6618.abnf");
    Grammar::parse(source).expect("ABNF").check().expect("whole ABNF")
}

/// The rule of a header has its name, but for one.
fn rule(name: &str) -> &str {
    if name == "auth" { "msg-auth" } else { name }
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = vectors::headers().tests.into_iter().map(|test| test.row.name).collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn the_produced_lines_are_what_the_grammar_produces() {
    let grammar = grammar();
    let mut generator = Generator::new(&grammar, SEED);
    let mut produced = BTreeMap::new();
    for name in names() {
        let mut lines = Vec::new();
        for _ in 0..50 * LINES {
            let line = generator.generate(rule(&name)).expect("a line");
            if !lines.contains(&line) && lines.len() < LINES {
                lines.push(line);
            }
        }
        produced.insert(name, lines);
    }
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/grammar/produced.json"));
    let text = serde_json::to_string_pretty(&produced).expect("JSON") + "\n";
    if std::env::var_os("PRODUCE").is_some() {
        fs::write(&path, &text).expect("a file that can be written");
    }
    assert_eq!(fs::read_to_string(&path).expect("produced.json"), text, "run this test with PRODUCE=1");
}

#[test]
fn the_grammar_recognises_what_is_legal_and_only_that() {
    let grammar = grammar();
    let (mut accepted, mut refused, mut beyond) = (0, 0, 0);
    for test in vectors::headers().tests {
        let text = String::from_utf8(test.row.input.to_vec());
        let accepts = |text: &str| Recognizer::new(&grammar, text).accepts(rule(&test.row.name));
        let recognised = text.is_ok_and(|text| accepts(&text).expect("it can be decided"));
        if recognised {
            accepted += 1;
        } else if test.result == Outcome::Valid {
            let excused = test.flags.iter().any(|flag| BEYOND.contains(&flag.as_str()));
            assert!(excused, "{}: legal, but not recognised", test.id);
            beyond += 1;
        } else {
            refused += 1;
        }
        let wrong_form =
            test.comment.contains("not ") && test.flags.iter().any(|flag| GRAMMAR.contains(&flag.as_str()));
        assert!(!(recognised && wrong_form), "{}: against the grammar, but recognised", test.id);
    }
    println!("{accepted} recognised, {refused} not, {beyond} legal by the text around the grammar");
    assert!(accepted > 300 && refused > 200 && beyond < 12, "{accepted} {refused} {beyond}");
}

/// Flags of rows that break the printed grammar itself, not only a range that the text adds.
const GRAMMAR: [&str; 8] = [
    "OddHex",
    "NotHex",
    "DateForm",
    "EmptyValue",
    "InnerSpace",
    "EmptyListElement",
    "SuiteSpace",
    "ScopeLetterO",
];
