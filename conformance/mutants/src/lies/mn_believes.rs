//! RFC 6618 sections 5.1 to 5.8 from the MN's side: what it believes of the HAC.

use wire::param::{Name, check};
use wire::value::{SuiteCode, hex};

use super::ZEROS;
use crate::liar::incoming::{Incoming, around_auth};
use crate::liar::session::Session;
use crate::mutant::Lie::MnResponse;
use crate::mutant::Mutant;

/// Lies about responses.
pub(super) const LIES: &[Mutant] = &[
    Mutant::mn(
        "mn/any-method-back",
        "takes whatever method the HAC selects for psk",
        MnResponse(|response, _| {
            if response.has(Name::AuthMethod) {
                response.set(Name::AuthMethod, b"psk");
            }
        }),
        &["rfc6618/5.3/mn-refuses-unknown-method", "rfc6618/5.3/mn-refuses-two-methods"],
    ),
    Mutant::mn(
        "mn/overlooks-early-status",
        "overlooks a status in the first response",
        MnResponse(|response, session| {
            if session.is_first() {
                response.edit(|draft| {
                    draft.remove(Name::StatusCode);
                });
            }
        }),
        &["rfc6618/5.3/mn-refuses-early-success"],
    ),
    Mutant::mn(
        "mn/short-auth-back",
        "believes an auth that is too short",
        MnResponse(|response, _| {
            let value = around_auth(&response.content).map(|(_, value)| value);
            response.believed |= value.is_some_and(|value| value.len() < 64);
        }),
        &["rfc6618/5.5.5/mn-refuses-truncated-auth"],
    ),
    Mutant::mn(
        "mn/hac-rand-any-length",
        "takes a hac-rand of another length, or none, for zeros",
        MnResponse(|response, session| {
            let right = response.value(Name::HacRand).is_some_and(|value| value.len() == ZEROS.len());
            if session.is_first() && !right {
                response.set(Name::HacRand, ZEROS);
            }
        }),
        &["rfc6618/5.5.8/mn-refuses-short-hac-rand", "rfc6618/5.8/mn-refuses-missing-hac-rand-in-init"],
    ),
    Mutant::mn(
        "mn/needs-no-mn-rand-back",
        "does not need mn-rand in the first response",
        MnResponse(|response, session| {
            if let (true, false, Some(known)) =
                (session.is_first(), response.has(Name::MnRand), &session.mn_rand)
            {
                response.set(Name::MnRand, known);
            }
        }),
        &["rfc6618/5.8/mn-refuses-missing-mn-rand-in-init"],
    ),
    Mutant::mn(
        "mn/makes-up-sa-data",
        "makes up what is missing of the SA data",
        MnResponse(make_up),
        &[
            "rfc6618/5.6.1/mn-refuses-missing-spi",
            "rfc6618/5.6.2/mn-refuses-missing-ikey",
            "rfc6618/5.6.2/mn-refuses-missing-ekey",
            "rfc6618/5.6.3/mn-refuses-missing-validity-end",
            "rfc6618/5.6.4/mn-refuses-missing-scope",
            "rfc6618/5.6.5/mn-refuses-missing-suite",
        ],
    ),
    Mutant::mn(
        "mn/fills-up-keys",
        "fills short keys up with zeros",
        MnResponse(|response, _| {
            for (name, digits) in KEYS {
                if let Some(mut key) = response.value(name).filter(|key| key.len() < digits) {
                    key.resize(digits, b'0');
                    response.set(name, &key);
                }
            }
        }),
        &["rfc6618/5.6.2/mn-refuses-short-ikey", "rfc6618/5.6.2/mn-refuses-short-ekey"],
    ),
    Mutant::mn(
        "mn/any-3des-key",
        "uses TripleDES keys whose parts are equal",
        MnResponse(|response, _| {
            for name in [Name::MnToHaEkey, Name::HaToMnEkey] {
                // Single DES with the third part: whoever holds the keys cannot tell.
                if let Some(mut key) = response.value(name).filter(|key| key.len() == 48) {
                    key.rotate_left(8);
                    response.set(name, &key);
                }
            }
        }),
        &["rfc6618/5.6.2/mn-refuses-degenerate-3des-key"],
    ),
    Mutant::mn(
        "mn/any-scope",
        "takes every mip6-sas for 1",
        MnResponse(|response, _| mend(response, Name::Sas, b"1")),
        &["rfc6618/5.6.4/mn-refuses-scope-2"],
    ),
    Mutant::mn(
        "mn/believes-any-auth-in-init",
        "does not check auth of the first response",
        MnResponse(|response, session| response.believed |= session.is_first() && has_mac(response)),
        &[
            "rfc6618/5.8/mn-refuses-flipped-bit-in-init",
            "rfc6618/5.8/mn-refuses-wrong-key-in-init",
            "rfc6618/5.8/mn-refuses-another-certificate",
        ],
    ),
    Mutant::mn(
        "mn/believes-any-auth-at-last",
        "does not check auth of the final response",
        MnResponse(|response, session| response.believed |= !session.is_first() && has_mac(response)),
        &[
            "rfc6618/5.8/mn-refuses-flipped-bit-in-done",
            "rfc6618/5.8/mn-refuses-wrong-key-in-done",
            "rfc6618/5.8/mn-refuses-own-label",
            "rfc6618/5.8/mn-refuses-without-channel-binding",
        ],
    ),
    Mutant::mn(
        "mn/needs-no-auth",
        "does not need auth in responses",
        MnResponse(|response, _| response.believed |= around_auth(&response.content).is_none()),
        &["rfc6618/5.3/mn-refuses-done-without-auth", "rfc6618/5.8/mn-refuses-init-without-auth"],
    ),
    Mutant::mn(
        "mn/any-identifier-back",
        "does not compare the Identifier of responses",
        MnResponse(|response, session| {
            response.identifier = u8::try_from(session.received).map_or(u8::MAX, |received| received + 1);
        }),
        &["rfc6618/5.1/mn-refuses-identifier-in-init", "rfc6618/5.1/mn-refuses-identifier-in-done"],
    ),
    Mutant::mn(
        "mn/any-version-back",
        "takes responses of any version",
        MnResponse(|response, _| response.version = 0),
        &["rfc6618/5.1/mn-refuses-version"],
    ),
    Mutant::mn(
        "mn/no-mn-rand-check",
        "does not compare mn-rand of responses",
        MnResponse(|response, session| known_value(response, Name::MnRand, session.mn_rand.as_deref())),
        &["rfc6618/5.8/mn-refuses-changed-mn-rand-in-init", "rfc6618/5.8/mn-refuses-changed-mn-rand-in-done"],
    ),
    Mutant::mn(
        "mn/no-hac-rand-check",
        "does not compare hac-rand of the final response",
        MnResponse(|response, session| {
            if !session.is_first() {
                known_value(response, Name::HacRand, session.hac_rand.as_deref());
            }
        }),
        &["rfc6618/5.8/mn-refuses-changed-hac-rand-in-done"],
    ),
    Mutant::mn(
        "mn/any-suite",
        "takes a suite that it did not offer for {00,2F}",
        MnResponse(|response, _| {
            let suite = response.value(Name::Ciphersuite).and_then(|suite| SuiteCode::parse(&suite).ok());
            if suite.is_some_and(|suite| wire::value::Ciphersuite::from_code(suite).is_none()) {
                response.set(Name::Ciphersuite, b"{00,2F}");
            }
        }),
        &["rfc6618/5.6.5/mn-refuses-reserved-suite"],
    ),
    Mutant::mn(
        "mn/any-status",
        "uses SA data whatever the status is",
        MnResponse(|response, _| {
            if response.has(Name::Spi) {
                response.set(Name::StatusCode, b"200");
            }
        }),
        &["rfc6618/5.3/mn-refuses-error-with-sa-data", "rfc6618/5.3/mn-refuses-done-without-status"],
    ),
    Mutant::mn(
        "mn/any-spi",
        "takes an SPI that cannot be for 7",
        MnResponse(|response, _| mend(response, Name::Spi, b"7")),
        &["rfc6618/5.6.1/mn-refuses-spi-zero", "rfc6618/5.6.1/mn-refuses-spi-of-29-bits"],
    ),
    Mutant::mn(
        "mn/any-date",
        "takes a validity end that it cannot read, or that has passed, for one to come",
        MnResponse(|response, _| {
            if response.has(Name::SaValidityEnd) {
                response.set(Name::SaValidityEnd, b"Sat, 06 Nov 2094 08:49:37 GMT");
            }
        }),
        &[
            "rfc6618/5.6.3/mn-refuses-ended-sa",
            "rfc6618/5.6.3/mn-refuses-other-date-form",
            "rfc6618/4.3/mn-renews-before-the-end",
        ],
    ),
    Mutant::mn(
        "mn/one-key-both-ways",
        "takes the same keys for both directions",
        MnResponse(|response, _| {
            differ(response, Name::MnToHaIkey, Name::HaToMnIkey);
            differ(response, Name::MnToHaEkey, Name::HaToMnEkey);
        }),
        &["rfc6618/5.6.2/mn-refuses-equal-keys"],
    ),
    Mutant::mn(
        "mn/header-after-auth-back",
        "uses headers behind auth",
        MnResponse(|response, _| {
            response.edit(|draft| {
                if let Some(auth) = draft.position(Name::Auth) {
                    draft.lines.truncate(auth + 1);
                }
            });
        }),
        &["rfc6618/5.5.5/mn-refuses-header-after-auth"],
    ),
];

/// The keys of the suite that the players prefer, and their digits.
const KEYS: [(Name, usize); 4] =
    [(Name::MnToHaIkey, 40), (Name::HaToMnIkey, 40), (Name::MnToHaEkey, 32), (Name::HaToMnEkey, 32)];

/// Gives a final response with status 200 what it lacks.
fn make_up(response: &mut Incoming, _: &Session) {
    if response.value(Name::StatusCode).as_deref() != Some(b"200") {
        return;
    }
    let others: [(Name, &[u8]); 4] = [
        (Name::Spi, b"7"),
        (Name::Sas, b"1"),
        (Name::Ciphersuite, b"{00,2F}"),
        (Name::SaValidityEnd, b"Sat, 06 Nov 2094 08:49:37 GMT"),
    ];
    for (name, value) in others {
        if !response.has(name) {
            response.set(name, value);
        }
    }
    for (number, (name, digits)) in (1_u8..).zip(KEYS) {
        if !response.has(name) {
            response.set(name, hex::encode(&vec![number; digits / 2]).as_bytes());
        }
    }
}

fn has_mac(response: &Incoming) -> bool {
    around_auth(&response.content).is_some_and(|(_, value)| hex::decode(value).is_ok())
}

/// Takes a random value for the one that is known.
fn known_value(response: &mut Incoming, name: Name, known: Option<&[u8]>) {
    if let (true, Some(known)) = (response.has(name), known) {
        response.set(name, known);
    }
}

/// Takes a value that cannot be read for another one.
fn mend(response: &mut Incoming, name: Name, other: &[u8]) {
    if response.value(name).is_some_and(|value| check(name, &value).is_err()) {
        response.set(name, other);
    }
}

/// Makes a key another one where it is the same as the key of the other direction.
fn differ(response: &mut Incoming, one: Name, other: Name) {
    let (Some(key), Some(same)) = (response.value(one), response.value(other)) else { return };
    if key == same {
        let turned: Vec<u8> = same.iter().rev().copied().collect();
        response.set(other, &turned);
    }
}
