//! `mip6-conform probe`: the reference lacks nothing.

use serde_json::Value;

use super::place::{Reference, say};

#[test]
fn the_reference_has_all_that_is_mandatory() {
    let reference = Reference::start("probe");
    let (target, identities, ca) = reference.files();
    let words = ["probe", "--target", &target, "--identities", &identities, "--ca", &ca];
    let said = say(&words);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("nothing mandatory is missing"), "{}", said.out);

    let said = say(&[&words[..], &["--json"]].concat());
    let probe: Value = serde_json::from_str(&said.out).expect("JSON and nothing else");
    assert_eq!(probe["profile"], "rfc6618");
    for name in ["TLS 1.2", "psk", "NULL_SHA", "NULL_SHA256", "3DES_EDE_CBC_SHA", "AES_128_CBC_SHA256"] {
        assert_eq!(there(&probe, name), "yes", "{name}: {}", said.out);
    }
    assert_eq!(there(&probe, "mip6-haa-ip6"), "yes", "{}", said.out);
}

fn there<'a>(probe: &'a Value, name: &str) -> &'a Value {
    let capabilities = probe["capabilities"].as_array().expect("a list of capabilities");
    &capabilities.iter().find(|capability| capability["name"] == name).expect("it was asked")["there"]
}

#[test]
fn there_must_be_a_target() {
    let said = say(&["probe"]);
    assert_eq!(said.exit, 2, "{}", said.err);
    assert!(said.err.contains("--target"), "{}", said.err);
}
