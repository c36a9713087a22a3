//! `demo`: the reference is conformant, and its lie is caught.

use crate::place::{Folder, say};

#[test]
fn the_honest_run_is_conformant_and_the_lie_is_named() {
    let folder = Folder::new("demo");
    let keep = folder.path("kept");
    let said = say(&["demo", "--keep", &keep]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    for word in ["hac/signs-container-header", "AU-02", "rfc6618/5.8/init-auth-right", "FAIL"] {
        assert!(said.out.contains(word), "no {word:?} in {}", said.out);
    }
    for file in
        ["ids.json", "ca.pem", "honest.json", "honest.xml", "honest.pcapng", "lying.json", "lying.xml"]
    {
        let octets = std::fs::read(format!("{keep}/{file}")).unwrap_or_default();
        assert!(!octets.is_empty(), "{file} is kept");
    }
    let keys = format!("{keep}/ids.json");
    for capture in ["honest.pcapng", "mn.pcapng", "lying.pcapng"] {
        let said = say(&["dissect", &format!("{keep}/{capture}"), "--psk", &keys]);
        let of_mn = said.out.lines().find(|line| line.contains("request 2 Done"));
        assert!(of_mn.is_some_and(|line| line.ends_with("auth right")), "{capture}: {of_mn:?}");
    }
    // Whatever the suite says to them, honest HAC and HA are not to blame.
    let capture = format!("{keep}/honest.pcapng");
    let said = say(&["dissect", &capture, "--psk", &keys, "--format", "ndjson"]);
    let findings = said.out.lines().filter(|line| line.contains(r#""type":"finding""#));
    assert!(findings.clone().count() > 1000, "the suite forges as much");
    for finding in findings {
        let blamed = [r#""sender":"hac""#, r#""sender":"ha""#, r#""says":"HAC: "#];
        assert!(!blamed.iter().any(|word| finding.contains(word)), "{finding}");
    }
}
