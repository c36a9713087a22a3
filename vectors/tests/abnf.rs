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

/// The oracle takes what is legal and refuses what is not, but for the rows whose flag says that the text around the
/// grammar has the last word; and those it does judge otherwise.
#[test]
fn the_grammar_recognises_what_is_legal_and_only_that() {
    let grammar = grammar();
    let (mut recognised, mut refused, mut beyond, mut lacking) = (0, 0, 0, 0);
    for test in vectors::headers().tests {
        let text = String::from_utf8(test.row.input.to_vec());
        let accepts = |text: &str| Recognizer::new(&grammar, text).accepts(rule(&test.row.name));
        let allowed = text.is_ok_and(|text| accepts(&text).expect("it can be decided"));
        let flagged = |flag: &str| test.flags.iter().any(|own| own == flag);
        match test.result {
            Outcome::Valid => {
                assert_eq!(allowed, !flagged("NotInGrammar"), "{} is legal", test.id);
                recognised += usize::from(allowed);
                lacking += usize::from(!allowed);
            }
            Outcome::Invalid => {
                assert_eq!(allowed, flagged("BeyondGrammar"), "{} is wrong", test.id);
                refused += usize::from(!allowed);
                beyond += usize::from(allowed);
            }
            Outcome::Lenient => {}
        }
    }
    println!(
        "{recognised} recognised and {refused} refused; {beyond} wrong and {lacking} legal by the text alone"
    );
    assert!(recognised > 300 && refused > 200 && beyond > 0 && lacking > 0);
}
