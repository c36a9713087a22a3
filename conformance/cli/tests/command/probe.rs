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

#[test]
fn what_is_declared_is_checked_and_nothing_mandatory_is_declared_away() {
    let reference = Reference::start("declared");
    let (target, identities, ca) = reference.files();
    let found = reference.folder.path("found.toml");
    let own = ["probe", "--target", &target, "--identities", &identities, "--ca", &ca];
    let said = say(&[&own[..], &["--declare", &found]].concat());
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    let all = reference.folder.read("found.toml");

    let cases: [(&str, String, i32, &str); 5] = [
        ("true", all, 0, "nothing contradicts what is declared"),
        ("few", "[suite]\nNULL_SHA = true\n".to_owned(), 0, "there, and not declared: TLS 1.2"),
        ("boast", "[bootstrapping]\nmip6-ip4-hnp = true\n".to_owned(), 1, "declared, and not there"),
        ("stale", "[suite]\nNULL_SHA = false\n".to_owned(), 5, "the declaration is out of date"),
        ("typo", "[suite]\nNULL_SHAA = true\n".to_owned(), 2, "the nearest is NULL_SHA"),
    ];
    for (name, text, exit, told) in cases {
        let file = reference.folder.write(&format!("{name}.toml"), &text);
        let said = say(&[&own[..], &["--capabilities", &file]].concat());
        assert_eq!(said.exit, exit, "{name}: {}{}", said.out, said.err);
        let folded = format!("{}{}", said.out, said.err).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(folded.contains(told), "{name}: {folded}");
    }
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
