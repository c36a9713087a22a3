//! Each way to misread a packet is printed for the mutant that makes this mistake, and no other way.

use std::collections::BTreeSet;
use std::sync::Arc;

use crypto::auth::Profile;
use crypto::icv_misreading::DICTIONARY;
use mutants::mutant::{self, Mutant};
use mutants::subject::Subject;
use suite::case::Case;
use suite::diagnose::packet::{SLIPS, Slip, icv_clue};
use suite::finding::Clue;
use suite::report::CaseReport;
use suite::runner::{Observer, Plan, Readings, run};

/// Entry, the mutant that makes this mistake, and where it shows.
const MADE_BY: &[(&str, &str, Shows)] = &[
    ("icv-of-hmac-sha256", "ha/icv-of-hmac-sha256", Shows::InSanity),
    ("icv-of-hmac-sha256-128", "ha/icv-of-hmac-sha256-128", Shows::InSanity),
    ("icv-of-hmac-sha1", "ha/icv-of-hmac-sha1", Shows::InSanity),
    ("icv-not-truncated", "ha/icv-not-truncated", Shows::InSanity),
    ("icv-of-64-bits", "ha/icv-cut-to-64-bits", Shows::InSanity),
    ("icv-from-the-end", "ha/icv-from-the-end", Shows::InSanity),
    ("icv-key-of-the-other-direction", "ha/icv-with-the-other-key", Shows::InSanity),
    ("icv-over-udp", "ha/icv-over-udp", Shows::InSanity),
    ("icv-without-iv", "ha/icv-without-iv", Shows::InSanity),
    ("icv-without-ptype", "ha/icv-without-ptype", Shows::InSanity),
    ("icv-without-spi-word", "ha/icv-without-spi-word", Shows::InSanity),
    ("icv-without-sequence", "ha/icv-without-sequence", Shows::InSanity),
    ("icv-without-header", "ha/icv-without-header", Shows::InSanity),
    ("icv-in-little-endian", "ha/icv-in-little-endian", Shows::InSanity),
    ("icv-with-extended-sequence", "ha/icv-with-extended-sequence", Shows::InSanity),
    ("icv-over-zeroed-icv", "ha/icv-over-zeroed-icv", Shows::InSanity),
    ("icv-before-encryption", "ha/icv-before-encryption", Shows::InSanity),
    ("padding-from-zero", "ha/padding-from-zero", Shows::In("rfc6618/6.3/padding-sent")),
    ("padding-of-zeros", "ha/pads-with-zeros", Shows::In("rfc6618/6.3/padding-sent")),
    ("padding-as-pkcs7", "ha/padding-as-pkcs7", Shows::In("rfc6618/6.3/padding-sent")),
    ("trailer-turned-round", "ha/trailer-turned-round", Shows::InSanity),
    ("ekey-of-the-other-direction", "ha/ekey-of-the-other-direction", Shows::InSanity),
    ("checksum-with-care-of-address", "ha/checksum-to-care-of", Shows::In("rfc6618/6.3/ack-checksum")),
    ("checksum-without-pseudo-header", "ha/checksum-of-header", Shows::In("rfc6618/6.3/ack-checksum")),
    ("checksum-left-out", "ha/checksum-left-out", Shows::In("rfc6618/6.3/ack-checksum")),
    ("checksum-in-little-endian", "ha/checksum-in-little-endian", Shows::In("rfc6618/6.3/ack-checksum")),
    ("number-per-ptype", "ha/numbers-each-ptype", Shows::In("rfc6618/4.3/ha-numbers-increase")),
    ("number-from-one", "ha/numbers-from-one", Shows::In("rfc6618/4.3/ha-starts-at-zero")),
];

/// Where a mistake shows.
#[derive(Clone, Copy)]
enum Shows {
    /// Not even an honest registration can be read.
    InSanity,
    /// In this case.
    In(&'static str),
}

struct Silent;

impl Observer for Silent {
    fn ended(&self, _: &CaseReport) {}
}

#[test]
fn every_entry_has_its_mutant() {
    let entries: BTreeSet<&str> =
        DICTIONARY.iter().map(|entry| entry.id).chain(SLIPS.iter().map(|slip| slip.id)).collect();
    let made: BTreeSet<&str> = MADE_BY.iter().map(|(entry, ..)| *entry).collect();
    assert_eq!(entries, made);
}

#[test]
fn each_mutant_gets_exactly_its_entry() {
    for (entry, id, shows) in MADE_BY {
        let mutant = mutant::find(id).unwrap_or_else(|| panic!("{id} is no mutant"));
        assert_eq!(clues(mutant, *shows), [clue(entry)], "{id}");
    }
}

/// What the suite says of a mutant, where the mistake shows.
fn clues(mutant: &'static Mutant, shows: Shows) -> Vec<Clue> {
    let id = match shows {
        Shows::InSanity => "rfc6618/6.3/ack-status",
        Shows::In(id) => id,
    };
    let case: &Case = suite::cases::find(id).unwrap_or_else(|| panic!("{id} is no case"));
    let setup = Subject::played_by(Arc::new(mutant), Profile::Rfc6618).setup();
    let result = run(&setup, &[case], Plan { jobs: 1, readings: Readings::AsDecided }, &Silent);
    match shows {
        Shows::InSanity => result.trouble.map(|trouble| trouble.clues).unwrap_or_default(),
        Shows::In(_) => {
            assert!(result.trouble.is_none(), "{}: {:?}", mutant.id, result.trouble);
            let why = result.cases.into_iter().next().and_then(|report| report.why);
            why.map(|why| why.clues).unwrap_or_default()
        }
    }
}

fn clue(entry: &str) -> Clue {
    let icv = DICTIONARY.iter().find(|misreading| misreading.id == entry).map(icv_clue);
    icv.or_else(|| SLIPS.iter().find(|slip| slip.id == entry).map(|slip: &&Slip| slip.clue()))
        .expect("an entry")
}
