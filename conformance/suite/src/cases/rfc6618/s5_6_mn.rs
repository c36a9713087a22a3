//! RFC 6618 section 5.6, the MN's part: what it asks for, and which SA data it must not use.

use wire::param::{Name, Value};
use wire::value::{Ciphersuite, hex};

use crate::case::Check::{MnRefuses, MnSays};
use crate::case::{Case, Fault};
use crate::finding::{Finding, Outcome, Pass};
use crate::player::{MessageForge, Visit};

/// Cases of section 5.6 that judge an MN.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.6/mn-sends-no-sa-data",
        "the MN sends no SPI, no keys and no validity end: those are the HAC's to give",
        &["rfc6618#5.6/sa-headers-in-responses"],
        MnSays(|visit| match [&visit.init, &visit.done].into_iter().find(|request| request.has_sa_data()) {
            None => Ok(Pass::Clean),
            Some(request) => Err(Finding::fails("a request without SA data", "SA data")
                .with_octets("Content received", request.content())),
        }),
    )
    .by(&["TV-16"]),
    Case::must(
        "rfc6618/5.6.1/mn-refuses-missing-spi",
        "the MN gives up on SA data without SPI",
        &["rfc6618#5.3/success-sa-data", "rfc6618#5.6.1/spi-grammar"],
        MnRefuses(Fault::done(|m| m.remove(Name::Spi))),
    )
    .by(&["SA-01"]),
    Case::must(
        "rfc6618/5.6.1/mn-refuses-spi-zero",
        "the MN gives up on SPI 0",
        &["rfc6618#5.6.1/spi-range"],
        MnRefuses(Fault::done(|m| m.set(Name::Spi, "0"))),
    )
    .by(&["VA-12"]),
    Case::must(
        "rfc6618/5.6.1/mn-refuses-spi-of-29-bits",
        "the MN gives up on an SPI that does not fit 28 bits",
        &["rfc6618#5.6.1/spi-range"],
        MnRefuses(Fault::done(|m| m.set(Name::Spi, "268435456"))),
    )
    .by(&["VA-12"]),
    Case::must(
        "rfc6618/5.6.2/mn-refuses-missing-ikey",
        "the MN gives up on SA data without the integrity key of one direction",
        &["rfc6618#5.3/success-sa-data", "rfc6618#5.6.2/ha-to-mn-ikey-grammar"],
        MnRefuses(Fault::done(|m| m.remove(Name::HaToMnIkey))),
    )
    .by(&["SA-01"]),
    Case::must(
        "rfc6618/5.6.2/mn-refuses-missing-ekey",
        "the MN gives up on SA data of a suite that encrypts without the encryption key of one direction",
        &["rfc6618#5.3/success-sa-data", "rfc6618#5.6.2/mn-to-ha-ekey-grammar"],
        MnRefuses(Fault::done(|m| m.remove(Name::MnToHaEkey))),
    )
    .by(&["SA-01"]),
    Case::must(
        "rfc6618/5.6.2/mn-refuses-short-ikey",
        "the MN gives up on an integrity key that is one octet too short",
        &["rfc6618#5.6.2/key-length-by-suite"],
        MnRefuses(Fault::done(|m| shorten(m, Name::MnToHaIkey))),
    )
    .by(&["SA-03"]),
    Case::must(
        "rfc6618/5.6.2/mn-refuses-short-ekey",
        "the MN gives up on an encryption key that is one octet too short",
        &["rfc6618#5.6.2/key-length-by-suite"],
        MnRefuses(Fault::done(|m| shorten(m, Name::HaToMnEkey))),
    )
    .by(&["SA-03"]),
    Case::must(
        "rfc6618/5.6.2/mn-refuses-degenerate-3des-key",
        "the MN gives up on a TripleDES key whose first two parts are equal",
        &["rfc6618#5.6.2/key-length-by-suite", "rfc6618#5.6.5/supports-3des"],
        MnRefuses(Fault::done(degenerate_3des)),
    )
    .by(&["SA-04"]),
    Case::should(
        "rfc6618/5.6.2/mn-refuses-equal-keys",
        "the MN gives up on SA data that has one integrity key for both directions",
        &["rfc6618#9.3/two-keys"],
        MnRefuses(Fault::done(|m| {
            let key = value(m, Name::MnToHaIkey);
            m.set(Name::HaToMnIkey, key);
        })),
    )
    .by(&["SA-05"]),
    Case::must(
        "rfc6618/5.6.3/mn-refuses-missing-validity-end",
        "the MN gives up on SA data without an end of validity",
        &["rfc6618#5.3/success-sa-data", "rfc6618#5.6.3/validity-end-grammar"],
        MnRefuses(Fault::done(|m| m.remove(Name::SaValidityEnd))),
    )
    .by(&["SA-01"]),
    Case::must(
        "rfc6618/5.6.3/mn-refuses-ended-sa",
        "the MN does not use an SA that has already ended",
        &["rfc6618#5.6.3/validity-end-is-date", "rfc6618#9.3/lifetime-from-validity-end"],
        MnRefuses(Fault::done(|m| m.set(Name::SaValidityEnd, "Sun, 06 Nov 1994 08:49:37 GMT"))),
    )
    .by(&["SA-10"]),
    Case::must(
        "rfc6618/5.6.3/mn-refuses-other-date-form",
        "the MN gives up on an end of validity in the form of RFC 850",
        &["rfc6618#5.6.3/validity-end-is-date", "rfc6618#5.6.3/validity-end-grammar"],
        MnRefuses(Fault::done(|m| m.set(Name::SaValidityEnd, "Sunday, 06-Nov-94 08:49:37 GMT"))),
    )
    .by(&["VA-09"]),
    Case::must(
        "rfc6618/5.6.4/mn-refuses-scope-2",
        "the MN gives up on mip6-sas 2",
        &["rfc6618#5.6.4/sas-values", "rfc6618#5.6.4/sas-grammar"],
        MnRefuses(Fault::done(|m| m.set(Name::Sas, "2"))),
    )
    .by(&["VA-13"]),
    Case::must(
        "rfc6618/5.6.4/mn-refuses-missing-scope",
        "the MN gives up on SA data without mip6-sas",
        &["rfc6618#5.3/success-sas"],
        MnRefuses(Fault::done(|m| m.remove(Name::Sas))),
    )
    .by(&["SA-01"]),
    Case::must(
        "rfc6618/5.6.5/mn-offers-known-suites",
        "the MN lists at least one of the five suites",
        &["rfc6618#5.6.5/suite-values", "rfc6618#5.6.5/suitelist-grammar"],
        MnSays(offers_known_suites),
    )
    .by(&["VA-21"]),
    Case::must(
        "rfc6618/5.6.5/mn-refuses-reserved-suite",
        "the MN gives up on a suite that is none of the five",
        &["rfc6618#5.6.5/other-suites-reserved", "rfc6618#5.8/mn-verifies-suite"],
        MnRefuses(Fault::done(|m| m.set(Name::Ciphersuite, "{00,35}"))),
    )
    .by(&["VA-21"]),
    Case::must(
        "rfc6618/5.6.5/mn-refuses-missing-suite",
        "the MN gives up on SA data without ciphersuite",
        &["rfc6618#5.3/success-ciphersuite"],
        MnRefuses(Fault::done(|m| m.remove(Name::Ciphersuite))),
    )
    .by(&["SA-01"]),
];

fn value(message: &MessageForge, name: Name) -> Vec<u8> {
    message.draft.value(name).unwrap_or_default().to_vec()
}

fn shorten(message: &mut MessageForge, name: Name) {
    let mut key = value(message, name);
    key.truncate(key.len().saturating_sub(2));
    message.set(name, key);
}

/// Two equal parts and a third, both ways, under the suite that they are for.
fn degenerate_3des(message: &mut MessageForge) {
    let key = hex::encode(&[[0x5b; 16].as_slice(), &[0x3d; 8]].concat());
    let ikey = |first: u8| hex::encode(&[first; 20]);
    message.set(Name::Ciphersuite, Ciphersuite::TripleDesSha.code().to_string());
    message.set(Name::MnToHaIkey, ikey(1));
    message.set(Name::HaToMnIkey, ikey(2));
    message.set(Name::MnToHaEkey, &key);
    message.set(Name::HaToMnEkey, key.replace("5b", "9d"));
}

fn offers_known_suites(visit: &Visit) -> Outcome {
    let is_known = |code| Ciphersuite::ALL.iter().any(|suite| suite.code() == code);
    match visit.done.required(Name::Suitelist)? {
        Value::Suites(list) if list.0.iter().any(|code| is_known(*code)) => Ok(Pass::Clean),
        _ => Err(Finding::fails("one of the five suites in mip6-suitelist", "only others")),
    }
}
