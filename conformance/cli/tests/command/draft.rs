//! A target that speaks draft-01: it passes as that, and is told what RFC 6618 changed.

use node::home::HomeConfig;
use suite::sanity::Profile;

use super::place::Reference;

fn one_that_speaks_the_draft(name: &str) -> Reference {
    let mut config = HomeConfig::loopback();
    config.hac.policy.profile = Profile::Draft01;
    Reference::configured(name, config)
}

#[test]
fn it_is_recognised_passes_and_learns_of_the_differences() {
    let said = one_that_speaks_the_draft("draft").judge(&["--role", "hac"]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    let first = said.out.lines().next().expect("a first line");
    assert!(first.contains("profile draft-01 (found)"), "{first}");
    for told in [
        "RFC 6618 changed since then",
        "incompatible",
        "over the letters HAC",
        "There is no label in front of the octets.",
        "The HAC does not let an MN renegotiate TLS.",
        "No name in the certificate of a HAC has a wildcard.",
    ] {
        assert!(said.out.contains(told), "no {told:?} in {}", said.out);
    }
}

#[test]
fn judged_as_the_rfc_it_cannot_be_judged_and_the_reason_is_named() {
    let said = one_that_speaks_the_draft("draft_as_rfc").judge(&["--profile", "rfc6618", "--role", "hac"]);
    assert_eq!(said.exit, 3, "{}{}", said.out, said.err);
    assert!(said.out.contains("draft-01"), "{}", said.out);
}

#[test]
fn one_that_speaks_the_rfc_hears_nothing_of_the_draft() {
    let said = Reference::start("no_draft").judge(&["--role", "hac", "--section", "5.1"]);
    assert!(!said.out.contains("changed since then"), "{}", said.out);
}
