//! The probe finds what a HAC can do, and names what it lacks.

use std::sync::Arc;

use crypto::auth::Profile;
use mutants::mutant;
use mutants::subject::{self, Subject};
use suite::declaration::{Contradiction, Declaration};
use suite::probe::{Capability, Probe, There, Topic, probe};

fn missing(probe: &Probe) -> Vec<&str> {
    probe.missing().map(|capability| capability.name.as_str()).collect()
}

fn there(probe: &Probe, topic: Topic) -> Vec<(&str, There)> {
    let of_topic = probe.capabilities.iter().filter(|capability| capability.topic == topic);
    of_topic.map(|capability| (capability.name.as_str(), capability.there)).collect()
}

#[test]
fn the_reference_lacks_nothing() {
    for (profile, name) in [(Profile::Rfc6618, "rfc6618"), (Profile::Draft01, "draft-01")] {
        let found = probe(subject::honest(profile).setup(), None).expect("the reference answers");
        assert_eq!((found.profile.as_str(), found.profile_by.as_str()), (name, "found"));
        assert_eq!(missing(&found), [""; 0]);
        assert!(there(&found, Topic::Suite).iter().all(|(_, there)| *there == There::Yes), "{found:#?}");
        assert!(there(&found, Topic::Scope).iter().all(|(_, there)| *there == There::Yes), "{found:#?}");
        assert_eq!(there(&found, Topic::Method).first(), Some(&("psk", There::Yes)));
        assert!(found.capabilities.iter().all(|capability| !capability.evidence.is_empty()), "{found:#?}");
    }
}

#[test]
fn without_tls_under_the_sessions_its_versions_are_unknown_and_not_missing() {
    let found = probe(subject::honest(Profile::Rfc6618).setup(), None).expect("the reference answers");
    assert_eq!(there(&found, Topic::Tls), [("TLS 1.2", There::Unknown), ("TLS 1.3", There::Unknown)]);
}

#[test]
fn a_hac_of_two_suites_lacks_three() {
    let mutant = mutant::find("hac/aes-only").expect("it is in the catalogue");
    let setup = Subject::played_by(Arc::new(mutant), Profile::Rfc6618).setup();
    let found = probe(setup, None).expect("it answers");
    assert_eq!(missing(&found), ["NULL_SHA", "NULL_SHA256", "3DES_EDE_CBC_SHA"]);
    for capability in found.missing() {
        let cited = capability.mandatory_by.as_deref().and_then(suite::requirement::find);
        assert!(cited.is_some(), "{capability:?} cites no requirement");
    }
}

#[test]
fn a_mandatory_suite_cannot_be_declared_away() {
    let mutant = mutant::find("hac/aes-only").expect("it is in the catalogue");
    let setup = Subject::played_by(Arc::new(mutant), Profile::Rfc6618).setup();
    let mut found = probe(setup, None).expect("it answers");
    let declared = "[suite]\nNULL_SHA = false\n3DES_EDE_CBC_SHA = true\nAES_128_CBC_SHA = false\n[method]\neap = false\n";
    let declaration = Declaration::from_toml(declared).expect("TOML");
    declaration.hold_against(&mut found).expect("names that there are");
    let of =
        |name: &str| found.capabilities.iter().find(|c| c.name == name).and_then(Capability::contradiction);
    assert_eq!(of("NULL_SHA"), Some(Contradiction::DeclaredAway));
    assert_eq!(of("3DES_EDE_CBC_SHA"), Some(Contradiction::NotThere));
    assert_eq!(of("AES_128_CBC_SHA"), Some(Contradiction::ThereAfterAll));
    assert_eq!(of("NULL_SHA256"), None, "what is not declared contradicts nothing");
    assert!(missing(&found).contains(&"NULL_SHA"), "a declaration makes up for nothing");
}
