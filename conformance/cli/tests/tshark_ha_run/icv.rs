//! What tshark says of each ICV, asked so that the contents cannot keep it from answering.
//!
//! It forgets its verdict where the contents make a dissector break off, as any octets may that a wrong key gave. So
//! it is asked several times, each time with other keys for the cipher: the ICV does not depend on them.

use std::fs;
use std::path::Path;

use suite::evidence::Tape;

use crate::outsiders::{text_of, tshark};

/// Names of ciphers in the table of tshark, and keys; none stands for what the SA has.
const CIPHERS: [Option<(&str, &str)>; 5] = [
    None,
    Some(("NULL", "")),
    Some(("AES-CBC [RFC3602]", "0x000102030405060708090a0b0c0d0e0f")),
    Some(("AES-CBC [RFC3602]", "0x101112131415161718191a1b1c1d1e1f")),
    Some(("AES-CBC [RFC3602]", "0x202122232425262728292a2b2c2d2e2f")),
];

/// `1`, `0`, or nothing where no key fits, for everything that tshark takes for ESP in UDP, in order.
pub(crate) fn verdicts(folder: &Path, tape: &Tape) -> Vec<String> {
    let answers = CIPHERS.map(|cipher| {
        let mut command = tshark(folder, tape);
        if let Some((name, key)) = cipher {
            replace_cipher(&folder.join("esp_sa"), name, key);
        }
        command.args(["-T", "fields", "-e", "esp.icv_good"]);
        text_of(command).lines().map(str::to_owned).collect::<Vec<_>>()
    });
    let mut verdicts = vec![String::new(); answers[0].len()];
    for answers in answers {
        assert_eq!(verdicts.len(), answers.len());
        for (verdict, answer) in verdicts.iter_mut().zip(answers) {
            assert!(verdict.is_empty() || answer.is_empty() || *verdict == answer, "{verdict} or {answer}");
            if verdict.is_empty() {
                *verdict = answer;
            }
        }
    }
    verdicts
}

fn replace_cipher(table: &Path, name: &str, key: &str) {
    let lines = fs::read_to_string(table).expect("it was just written");
    let replaced = lines.lines().map(|line| {
        let mut fields: Vec<&str> = line.split(',').collect();
        let (name, key) = (format!("\"{name}\""), format!("\"{key}\""));
        fields.splice(4..6, [name.as_str(), key.as_str()]);
        fields.join(",") + "\n"
    });
    fs::write(table, replaced.collect::<String>()).expect("cargo's folder can be written");
}
