//! No way to panic on what a peer sent: wire, crypto and proto do not unwrap.

use crate::assert_none;
use crate::files::{File, ours, sample};
use crate::rust_text::code_without_tests;

const CRATES: &[&str] = &["reference/wire/src/", "reference/crypto/src/", "reference/proto/src/"];

/// `unreachable!` with words is allowed: the words say why it cannot be reached.
const WAYS: &[&str] = &[
    ".unwrap()",
    ".unwrap_err()",
    ".expect(",
    ".expect_err(",
    "panic!",
    "todo!",
    "unimplemented!",
    "unreachable!()",
];

fn violations(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| CRATES.iter().any(|krate| file.path.starts_with(krate))) {
        let code = code_without_tests(&file.text);
        for way in WAYS {
            let times = code.matches(way).count();
            if times > 0 {
                found.push(format!("{}: {way} stands there {times} times", file.path));
            }
        }
    }
    found
}

#[test]
fn nothing_unwraps() {
    assert_none(&violations(&ours()));
}

#[test]
fn every_way_is_caught_and_tests_may_use_all() {
    for way in WAYS {
        let text = format!("fn a() {{ b{way} }}");
        assert_eq!(violations(&[sample("reference/wire/src/a.rs", &text)]).len(), 1, "{way} passed");
        let tested = format!("#[cfg(test)]\nmod tests {{ {text} }}");
        assert_none(&violations(&[
            sample("reference/wire/src/a.rs", &tested),
            sample("reference/node/src/a.rs", &text),
        ]));
    }
    let proved = "fn a() { unreachable!(\"64 is at most 128\") } // never .unwrap()";
    assert_none(&violations(&[sample("reference/wire/src/a.rs", proved)]));
}
