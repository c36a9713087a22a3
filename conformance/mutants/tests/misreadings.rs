//! Each entry of the dictionary of misreadings is printed for the mutant that makes this mistake, and no other entry.

use std::collections::BTreeSet;
use std::sync::Arc;

use crypto::auth::Profile;
use crypto::misreading::DICTIONARY;
use mutants::mutant::{self, Mutant};
use mutants::subject::{self, Subject};
use suite::case::Case;
use suite::finding::Clue;
use suite::report::CaseReport;
use suite::runner::{Observer, Plan, Readings, run};
use suite::verdict::Verdict;

/// Entry of the dictionary, and the mutant that makes this mistake.
const MADE_BY: &[(&str, &str)] = &[
    ("psk-as-hex", "hac/key-in-hex"),
    ("psk-as-upper-case-hex", "hac/key-in-upper-case-hex"),
    ("psk-as-text-line", "hac/key-with-line-end"),
    ("no-label", "hac/signs-without-label"),
    ("label-of-other-side", "hac/signs-with-label-mn"),
    ("label-in-lower-case", "hac/label-in-lower-case"),
    ("label-with-nul", "hac/label-with-nul"),
    ("label-last", "hac/label-last"),
    ("container-header", "hac/signs-container-header"),
    ("end-of-message", "hac/signs-end-of-message"),
    ("two-line-ends", "hac/signs-to-the-last-octet"),
    ("name-of-auth", "hac/signs-name-of-auth"),
    ("auth-emptied", "hac/signs-emptied-auth"),
    ("auth-zeroed", "hac/signs-zeroed-auth"),
    ("last-line-end-missing", "hac/signs-without-last-line-end"),
    ("bare-lf", "hac/signs-lines-with-lf"),
    ("sha256-of-any-certificate", "hac/binding-always-sha256"),
    ("certificate-not-hashed", "hac/binding-is-certificate"),
    ("binding-in-hex", "hac/binding-in-hex"),
    ("binding-in-upper-case-hex", "hac/binding-in-upper-case-hex"),
    ("binding-as-fingerprint", "hac/binding-as-fingerprint"),
    ("binding-with-prefix", "hac/binding-with-prefix"),
    ("binding-before-message", "hac/binding-first"),
    ("no-binding", "hac/signs-without-binding"),
];

const INIT: &str = "rfc6618/5.9/init-keyed-with-one";
const MIDS: &str = "rfc6618/5.9/mids-keyed-with-one";
const DONE: &str = "rfc6618/5.9/done-keyed-with-msk";

/// The same for an exchange by EAP, with the cases that show the mistake.
const MADE_IN_EAP_BY: &[(&str, &str, &[&str])] = &[
    ("one-as-integer", "hac/eap-one-as-integer", &[INIT, MIDS]),
    ("one-as-long-integer", "hac/eap-one-as-long-integer", &[INIT, MIDS]),
    ("one-in-quotes", "hac/eap-one-in-quotes", &[INIT, MIDS]),
    ("one-in-hex", "hac/eap-one-in-hex", &[INIT, MIDS]),
    ("one-left-out", "hac/eap-nothing-as-key", &[INIT, MIDS]),
    ("eap-secret", "hac/eap-keyed-with-secret", &[INIT, MIDS, DONE]),
    ("msk-too-early", "hac/eap-msk-too-early", &[MIDS]),
    ("msk-not-used", "hac/eap-one-for-ever", &[DONE]),
    ("msk-first-half", "hac/eap-half-an-msk", &[DONE]),
    ("msk-last-half", "hac/eap-other-half-of-the-msk", &[DONE]),
    ("emsk", "hac/eap-emsk", &[DONE]),
    ("msk-and-emsk", "hac/eap-msk-and-emsk", &[DONE]),
    ("msk-in-hex", "hac/eap-msk-in-hex", &[DONE]),
];

/// The entry that a HAC of RFC 6618 makes when it is judged by draft-01; no lie is needed.
const BY_PROFILE: &str = "label-in-draft-01";

const AUTH_CASES: [&str; 2] = ["rfc6618/5.8/init-auth-right", "rfc6618/5.8/done-auth-right"];
const PLAN: Plan = Plan { jobs: 1, readings: Readings::AsDecided };

struct Silent;

impl Observer for Silent {
    fn ended(&self, _: &CaseReport) {}
}

#[test]
fn every_entry_has_its_mutant() {
    let entries: BTreeSet<&str> = DICTIONARY.iter().map(|misreading| misreading.id).collect();
    let in_eap = MADE_IN_EAP_BY.iter().map(|(entry, ..)| *entry);
    let made: BTreeSet<&str> =
        MADE_BY.iter().map(|(entry, _)| *entry).chain(in_eap).chain([BY_PROFILE]).collect();
    assert_eq!(entries, made);
    let in_eap = MADE_IN_EAP_BY.iter().map(|(_, mutant, _)| *mutant);
    let mutants: BTreeSet<&str> = MADE_BY.iter().map(|(_, mutant)| *mutant).chain(in_eap).collect();
    assert_eq!(mutants.len(), MADE_BY.len() + MADE_IN_EAP_BY.len(), "a mutant makes two mistakes");
}

#[test]
fn each_mutant_gets_exactly_its_entry() {
    let by_psk = MADE_BY.iter().map(|&(entry, id)| (entry, id, AUTH_CASES.as_slice()));
    for (entry, id, shown_by) in by_psk.chain(MADE_IN_EAP_BY.iter().copied()) {
        let mutant = mutant::find(id).unwrap_or_else(|| panic!("{id} is no mutant"));
        for report in judged(mutant, shown_by) {
            assert_eq!(report.verdict, Verdict::Fail, "{id} in {}: {:?}", report.id, report.why);
            let clues = report.why.map(|why| why.clues).unwrap_or_default();
            assert_eq!(clues, [clue(entry)], "{id} in {}", report.id);
        }
    }
}

#[test]
fn a_random_auth_gets_no_entry() {
    let mutant = mutant::find("hac/auth-random").expect("it is in the catalogue");
    for report in judged(mutant, &AUTH_CASES) {
        assert_eq!(report.why.map(|why| why.clues), Some(Vec::new()), "{}", report.id);
    }
}

#[test]
fn a_hac_of_the_rfc_that_is_judged_by_the_draft_is_told_of_the_label() {
    let mut setup = subject::honest(Profile::Rfc6618).setup();
    setup.profile = Profile::Draft01;
    let trouble =
        run(&setup, &cases(&AUTH_CASES), PLAN, &Silent).trouble.expect("not even an honest exchange works");
    assert_eq!(trouble.clues, [clue(BY_PROFILE)], "{trouble:?}");
}

fn judged(mutant: &'static Mutant, ids: &[&str]) -> Vec<CaseReport> {
    let setup = Subject::played_by(Arc::new(mutant), Profile::Rfc6618).setup();
    let result = run(&setup, &cases(ids), PLAN, &Silent);
    assert!(result.trouble.is_none(), "{}: {:?}", mutant.id, result.trouble);
    result.cases
}

fn cases(ids: &[&str]) -> Vec<&'static Case> {
    ids.iter().map(|id| suite::cases::find(id).unwrap_or_else(|| panic!("{id} is no case"))).collect()
}

fn clue(entry: &str) -> Clue {
    DICTIONARY.iter().find(|misreading| misreading.id == entry).map(suite::diagnose::clue).expect("an entry")
}
