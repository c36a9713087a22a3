//! A report of a run that never was, with a case of each kind that is told differently.

use suite::case::{Level, Role};
use suite::finding::Clue;
use suite::report::{CaseReport, ExhibitReport, Report, SCHEMA, Trouble, Why};
use suite::verdict::{Exit, Verdict};

/// Judged to the end, with much to say.
pub(crate) fn judged() -> Report {
    let cases = vec![
        case("rfc9999/1.1/fine", Verdict::Pass, None),
        CaseReport {
            reading: Some("XX-01".to_owned()),
            ..case("rfc9999/1.1/read-otherwise", Verdict::PassLenient, None)
        },
        CaseReport {
            level: Level::Should,
            ..case("rfc9999/1.1/not-so-fine", Verdict::Warn, Some(why("Ver 0", "Ver 1")))
        },
        case("rfc9999/1.2/wrong-mac", Verdict::Fail, Some(wrong_mac())),
        case("rfc9999/1.2/wrong-mac-again", Verdict::Fail, Some(wrong_mac())),
        case("rfc9999/1.2/hostile", Verdict::Hang, Some(why("a close", "\u{1b}[2J\u{7} in a header"))),
        case("rfc9999/1.3/no-echo", Verdict::Inconclusive, Some(reason("needs --cn ADDR"))),
        case("rfc9999/1.3/no-echo-either", Verdict::Inconclusive, Some(reason("needs --cn ADDR"))),
        case("rfc9999/1.3/twin", Verdict::Inconclusive, Some(reason("the twin was refused"))),
    ];
    Report { planned: cases.len(), cases, exit: Exit::Incomplete, ..empty() }
}

/// The target was not there.
pub(crate) fn not_judged() -> Report {
    let cases = vec![case("rfc9999/1.1/fine", Verdict::Inconclusive, Some(reason("connect to the HAC: …")))];
    let trouble = Trouble {
        step: "connect to the HAC".to_owned(),
        met: "nothing answers at 192.0.2.1:4433: Connection refused".to_owned(),
        clues: Vec::new(),
    };
    Report { planned: 1, cases, trouble: Some(trouble), exit: Exit::Unreachable, ..empty() }
}

fn empty() -> Report {
    let text = format!(
        r#"{{"schema": "{SCHEMA}", "version": "0.0.0", "target": "192.0.2.1:4433", "profile": "rfc6618",
            "profile_by": "found", "seed": 7, "planned": 0, "cases": [], "exit": "incomplete", "duration_ms": 1250}}"#
    );
    serde_json::from_str(&text).expect("a report as older versions wrote it")
}

fn case(id: &str, verdict: Verdict, why: Option<Why>) -> CaseReport {
    CaseReport {
        id: id.to_owned(),
        section: id.split('/').nth(1).unwrap_or_default().to_owned(),
        story: "a request that nobody sent is answered as nobody expects".to_owned(),
        level: Level::Must,
        role: Role::Hac,
        cites: vec!["rfc9999#1.1/nothing".to_owned()],
        verdict,
        checks: 1,
        reading: None,
        why,
        duration_ms: 12,
    }
}

fn why(expected: &str, observed: &str) -> Why {
    Why { expected: Some(expected.to_owned()), ..reason(observed) }
}

fn reason(observed: &str) -> Why {
    Why { observed: observed.to_owned(), ..Why::default() }
}

fn wrong_mac() -> Why {
    let clue = Clue {
        says: "the four octets of the container header are in the HMAC input".to_owned(),
        reading: Some("AU-02".to_owned()),
        fix: "start at the first octet of the Content".to_owned(),
    };
    let exhibit = |label: &str, octets: &[u8]| ExhibitReport {
        label: label.to_owned(),
        hex: octets.iter().map(|octet| format!("{octet:02x}")).collect(),
    };
    Why {
        field: Some("auth".to_owned()),
        offset: Some(132),
        clues: vec![clue],
        exhibits: vec![
            exhibit("Content received", b"mn-id:a\x1b[31m\r\n\x00\xff"),
            exhibit("all octets", &(0..=255).chain(0..=9).collect::<Vec<u8>>()),
        ],
        ..why("auth = HMAC-SHA256(PSK, label | msg-octets | CB-octets)", &format!("auth {}", "0a".repeat(32)))
    }
}
