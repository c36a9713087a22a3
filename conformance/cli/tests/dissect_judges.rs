//! The dissector against the liars: what a bystander sees of each lie, by the id of the requirement that it breaks.

mod dissect_judges {
    pub(crate) mod visits;
}

use crypto::auth::Profile;
use dissect::Fault;
use dissect::conversation::What;
use dissect_judges::visits::{Hac, Manner, dissected};
use suite::player::AuthForge;
use wire::param::Name;
use wire::value::Ciphersuite;

/// What a liar does that any bystander sees: the lie, and the requirement that it breaks.
const SEEN: &[(&str, &str)] = &[
    ("hac/says-version-one", "rfc6618#5.1/version-zero"),
    ("hac/sets-reserved-bits", "rfc6618#5.1/reserved-zero"),
    ("hac/wrong-identifier-back", "rfc6618#5.3/response-copies-identifier"),
    ("hac/no-end-of-message", "rfc6618#5.5.7/end-of-message-grammar"),
    ("hac/speaks-first", "rfc6618#5.5.4/status-values"),
    ("hac/open-after-success", "rfc6618#5.3/close-after-exchange"),
    ("hac/says-bare-lf", "rfc6618#5.2/line-ends"),
    ("hac/says-padded-values", "rfc6618#5.2/white-space"),
    ("hac/says-mn-rand-twice", "rfc6618#5.2/repeated-headers"),
    ("hac/says-header-after-auth", "rfc6618#5.5.5/auth-last"),
    ("hac/selects-eap", "rfc6618#5.5.2/hac-selects-one"),
    ("hac/status-in-init", "rfc6618#5.5.4/status-only-in-final"),
    ("hac/grant-without-status", "rfc6618#5.3/response-done-status"),
    ("hac/grant-without-auth", "rfc6618#5.3/response-done-auth"),
    ("hac/grant-without-suite", "rfc6618#5.3/success-ciphersuite"),
    ("hac/grant-without-sas", "rfc6618#5.3/success-sas"),
    ("hac/grant-without-keys", "rfc6618#5.3/success-sa-data"),
    ("hac/init-with-scope", "rfc6618#5.8/response-init-contents"),
    ("hac/init-with-home", "rfc6618#5.8/response-init-contents"),
    ("hac/init-echoes-nothing", "rfc6618#5.8/hac-repeats-mn-rand"),
    ("hac/done-echoes-other-mn-rand", "rfc6618#5.8/response-done-contents"),
    ("hac/done-echoes-other-hac-rand", "rfc6618#5.8/response-done-contents"),
    ("hac/hac-rand-constant", "rfc6618#5.5.8/random-values-fresh"),
    ("hac/hac-rand-is-mn-rand", "rfc6618#5.5.8/random-values-fresh"),
    ("hac/hac-rand-short", "rfc6618#5.5.8/random-length"),
    ("hac/spi-zero", "rfc6618#5.6.1/spi-range"),
    ("hac/spi-of-29-bits", "rfc6618#5.6.1/spi-range"),
    ("hac/spi-repeated", "rfc6618#4.3/spi-unique"),
    ("hac/validity-past", "rfc6618#4.3/sa-contains-validity-end"),
    ("hac/validity-asctime", "rfc6618#5.6.3/validity-end-is-date"),
    ("hac/validity-wrong-weekday", "rfc6618#5.6.3/validity-end-is-date"),
    ("hac/says-sas-two", "rfc6618#5.6.4/sas-values"),
    ("hac/selects-reserved-suite", "rfc6618#5.6.5/suite-values"),
    ("hac/suite-lower-case", "rfc6618#5.6.5/ciphersuite-grammar"),
    ("hac/ikey-short", "rfc6618#5.6.2/key-length-by-suite"),
    ("hac/same-ikey-both-ways", "rfc6618#4.3/integrity-key-per-direction"),
    ("hac/same-ekey-both-ways", "rfc6618#4.3/cipher-key-per-direction"),
    ("hac/same-keys-every-time", "rfc6618#9.3/fresh-keys"),
    ("hac/ikeys-no-hex", "rfc6618#5.6.2/mn-to-ha-ikey-grammar"),
    ("hac/no-ekeys", "rfc6618#5.3/success-sa-data"),
    ("hac/haa-ip6-abbreviated", "rfc6618#5.7.1/haa-ip6-grammar"),
    ("hac/port-zero", "rfc6618#5.7.2/port-grammar"),
    ("hac/ip6-hoa-abbreviated", "rfc6618#5.7.3/ip6-hoa-grammar"),
    ("hac/ip6-hnp-of-129-bits", "rfc6618#5.7.3/ip6-hnp-grammar"),
    ("hac/dns-ip6-abbreviated", "rfc6618#5.7.4/dns-ip6-grammar"),
    ("hac/auth-truncated", "rfc6618#5.5.5/auth-grammar"),
    ("hac/auth-random", "rfc6618#5.8/auth-hac-to-mn"),
];

/// What a liar does in answer to a wrong `auth`.
const SEEN_IN_A_REFUSAL: &[(&str, &str)] = &[
    ("hac/error-with-sa-data", "rfc6618#5.3/failure-no-sa-data"),
    ("hac/error-with-scope", "rfc6618#5.3/failure-no-sa-data"),
    ("hac/error-with-home", "rfc6618#5.8/response-done-failure"),
    ("hac/error-status-404", "rfc6618#5.5.4/status-values"),
    ("hac/error-status-100", "rfc6618#5.5.4/status-values"),
    ("hac/errors-unsigned", "rfc6618#5.8/response-done-failure"),
    ("hac/open-after-error", "rfc6618#5.3/error-then-close"),
    ("hac/believes-any-auth", "rfc6618#5.8/hac-verifies-auth"),
];

/// How a liar misreads `auth`, and the entry of the dictionary that names it.
const EXPLAINED: &[(&str, &str)] = &[
    ("hac/signs-without-label", "no-label"),
    ("hac/signs-with-label-mn", "label-of-other-side"),
    ("hac/signs-container-header", "container-header"),
    ("hac/signs-end-of-message", "end-of-message"),
    ("hac/binding-with-prefix", "binding-with-prefix"),
    ("hac/binding-in-hex", "binding-in-hex"),
    ("hac/signs-without-binding", "no-binding"),
    ("hac/key-in-hex", "psk-as-hex"),
];

/// What an MN does wrong, and the requirement that it breaks; the HAC is honest.
const OF_THE_MN: &[(Manner, &str)] = &[
    (Manner { init: |m| m.identifier = 2, ..Manner::HONEST }, "rfc6618#5.1/first-identifier-one"),
    (Manner { done: |m| m.identifier = 1, ..Manner::HONEST }, "rfc6618#5.3/identifiers-differ"),
    (Manner { init: |m| m.reserved = 1, ..Manner::HONEST }, "rfc6618#5.1/reserved-zero"),
    (Manner { init: |m| m.remove(Name::MnId), ..Manner::HONEST }, "rfc6618#5.3/request-init-mn-id"),
    (
        Manner { init: |m| m.remove(Name::AuthMethod), ..Manner::HONEST },
        "rfc6618#5.3/request-init-auth-method",
    ),
    (Manner { init: |m| m.remove(Name::MnRand), ..Manner::HONEST }, "rfc6618#5.8/request-init-contents"),
    (Manner { init: |m| m.set(Name::MnRand, "00"), ..Manner::HONEST }, "rfc6618#5.5.8/random-length"),
    (Manner { init: |m| m.line(b"no colon\r\n"), ..Manner::HONEST }, "rfc6618#5.2/header-syntax"),
    (Manner { done: |m| m.remove(Name::Sas), ..Manner::HONEST }, "rfc6618#5.3/request-done-sas"),
    (Manner { done: |m| m.remove(Name::Suitelist), ..Manner::HONEST }, "rfc6618#5.3/request-done-suitelist"),
    (Manner { done: |m| m.auth = AuthForge::Absent, ..Manner::HONEST }, "rfc6618#5.3/request-done-auth"),
    (Manner { done: |m| m.auth = AuthForge::FlippedBit, ..Manner::HONEST }, "rfc6618#5.8/auth-mn-to-hac"),
    (Manner { done: |m| m.remove(Name::HacRand), ..Manner::HONEST }, "rfc6618#5.8/request-done-contents"),
    (Manner { done: |m| m.set(Name::Spi, "7"), ..Manner::HONEST }, "rfc6618#5.6/sa-headers-in-responses"),
    (Manner { done: |m| m.set(Name::Sas, "9"), ..Manner::HONEST }, "rfc6618#5.6.4/sas-values"),
];

fn found(report: &dissect::Report) -> Vec<&'static str> {
    report.findings().map(|finding| finding.fault.requirement()).collect()
}

/// Each lie breaks its requirement, as `manner` brings it out. All that fail are told.
fn check(rows: &[(&'static str, &str)], manner: Manner) {
    let mut missed = Vec::new();
    for &(lie, requirement) in rows {
        let report = dissected(&Hac::Lying(lie), manner, Profile::Rfc6618);
        if !found(&report).contains(&requirement) {
            missed.push(format!("{lie} does not break {requirement}:\n{report}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn of_an_honest_exchange_there_is_nothing_to_say() {
    for profile in [Profile::Rfc6618, Profile::Draft01] {
        for suite in &Ciphersuite::ALL {
            let manner = Manner { suites: core::slice::from_ref(suite), ..Manner::HONEST };
            let report = dissected(&Hac::Honest, manner, profile);
            assert_eq!(found(&report), [""; 0], "{report}");
            assert_eq!((report.talks.messages, report.talks.conversations), (8, 2), "{report}");
            assert!(!report.to_string().contains("not observable"), "{report}");
        }
    }
}

#[test]
fn of_an_honest_refusal_the_hac_is_not_blamed() {
    let manner = Manner { done: |m| m.auth = AuthForge::FlippedBit, ..Manner::HONEST };
    let report = dissected(&Hac::Honest, manner, Profile::Rfc6618);
    assert_eq!(found(&report), ["rfc6618#5.8/auth-mn-to-hac"; 2], "{report}");
}

#[test]
fn lies_are_seen() {
    check(SEEN, Manner::HONEST);
}

#[test]
fn lies_in_a_refusal_are_seen() {
    check(SEEN_IN_A_REFUSAL, Manner { done: |m| m.auth = AuthForge::FlippedBit, ..Manner::HONEST });
}

#[test]
fn a_suite_that_was_not_offered_is_seen() {
    let manner = Manner { suites: &[Ciphersuite::Aes128Sha], ..Manner::HONEST };
    check(&[("hac/selects-unoffered-suite", "rfc6618#5.8/suite-was-offered")], manner);
    let manner = Manner { suites: &[Ciphersuite::TripleDesSha], ..Manner::HONEST };
    check(&[("hac/degenerate-3des", "rfc6618#5.6.2/key-length-by-suite")], manner);
    let manner = Manner { suites: &[Ciphersuite::NullSha], ..Manner::HONEST };
    check(&[("hac/ekey-for-null", "rfc6618#5.6.5/integrity-only-means-null")], manner);
}

#[test]
fn a_misread_auth_is_explained_by_the_entry_of_the_dictionary() {
    for &(lie, entry) in EXPLAINED {
        let report = dissected(&Hac::Lying(lie), Manner::HONEST, Profile::Rfc6618);
        let mut clues = Vec::new();
        for finding in report.findings() {
            if let Fault::Exchange(breach) = &finding.fault
                && let What::Auth(of_this) = &breach.what
            {
                clues.extend(of_this.iter().map(|clue| clue.id));
            }
        }
        assert!(!clues.is_empty() && clues.iter().all(|clue| *clue == entry), "{lie}: {clues:?}\n{report}");
    }
}

#[test]
fn faults_of_an_mn_are_seen_and_an_honest_hac_is_not_blamed() {
    for &(manner, requirement) in OF_THE_MN {
        let report = dissected(&Hac::Honest, manner, Profile::Rfc6618);
        assert!(found(&report).contains(&requirement), "{requirement} is not broken:\n{report}");
        let blames_hac = |finding: &&dissect::Finding| matches!(&finding.fault, Fault::Exchange(breach) if breach.by == crypto::Direction::HacToMn);
        let blamed: Vec<_> = report.findings().filter(blames_hac).collect();
        assert!(blamed.is_empty(), "{requirement}: {blamed:?}\n{report}");
    }
}
