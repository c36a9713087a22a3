//! RFC 6618 from the MN's side: what it says to the HAC, and what it believes of it.

use suite::player::{AuthForge, MessageForge};
use wire::param::{Name, check};
use wire::value::{SuiteCode, hex};

use super::ZEROS;
use crate::liar::incoming::{Incoming, around_auth};
use crate::mutant::Lie::{MnRequest, MnResponse};
use crate::mutant::Mutant;

/// Lies of the MN towards the HAC.
pub(super) const LIES: &[Mutant] = &[
    // What it says.
    Mutant::mn(
        "mn/starts-with-identifier-two",
        "starts with Identifier 2",
        MnRequest(|request, _| request.identifier = request.identifier.saturating_add(1)),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/repeats-identifier",
        "sends both requests with Identifier 1",
        MnRequest(|request, _| request.identifier = 1),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/sets-reserved-bits",
        "sends requests with a reserved bit set",
        MnRequest(|request, _| request.reserved = 1),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/says-version-one",
        "sends requests of version 1",
        MnRequest(|request, _| request.version = 1),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/init-without-mn-rand",
        "sends a first request without mn-rand",
        MnRequest(|request, _| {
            if is_init(request) {
                request.remove(Name::MnRand);
            }
        }),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/mn-rand-constant",
        "sends the same mn-rand every time",
        MnRequest(|request, _| request.set(Name::MnRand, ZEROS)),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/mn-rand-short",
        "sends an mn-rand of 16 octets",
        MnRequest(|request, session| {
            if let Some(front) = session.mn_rand.as_deref().and_then(|rand| rand.get(..32)) {
                request.set(Name::MnRand, front);
            }
        }),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/another-mn-id",
        "sends an mn-id that is not its own",
        MnRequest(|request, _| {
            if is_init(request) {
                request.set(Name::MnId, "somebody-else@conform.example");
            }
        }),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/auth-random",
        "sends an auth that fits nothing",
        MnRequest(|request, _| forge(request, AuthForge::FlippedBit)),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/signs-without-label",
        "leaves the label out of auth, as draft-01 does",
        MnRequest(|request, _| forge(request, AuthForge::Label(b""))),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/signs-with-label-hac",
        "signs with the label of the HAC",
        MnRequest(|request, _| forge(request, AuthForge::Label(b"HAC"))),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/signs-without-binding",
        "leaves the channel binding out of auth",
        MnRequest(|request, _| forge(request, AuthForge::Binding(|_| Vec::new()))),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/done-without-auth",
        "sends a last request without auth",
        MnRequest(|request, _| forge(request, AuthForge::Absent)),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/header-after-auth",
        "puts a header behind auth",
        MnRequest(|request, _| {
            if !is_init(request) {
                request.after_auth = b"x-after:auth\r\n".to_vec();
            }
        }),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/echoes-no-hac-rand",
        "does not repeat hac-rand",
        MnRequest(|request, _| request.remove(Name::HacRand)),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/echoes-other-hac-rand",
        "repeats another hac-rand than the HAC sent",
        MnRequest(|request, _| {
            if !is_init(request) {
                request.set(Name::HacRand, ZEROS);
            }
        }),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/done-with-other-mn-rand",
        "sends another mn-rand in its last request",
        MnRequest(|request, _| {
            if !is_init(request) {
                request.set(Name::MnRand, hex::encode(&[0x77; 32]));
            }
        }),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/done-without-sas",
        "proposes no mip6-sas",
        MnRequest(|request, _| request.remove(Name::Sas)),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/done-without-suitelist",
        "offers no suites",
        MnRequest(|request, _| request.remove(Name::Suitelist)),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/lines-end-in-lf",
        "ends the lines of its requests in LF alone",
        MnRequest(|request, _| {
            let octets = request.draft.unsigned_octets();
            request.draft.lines.clear();
            request.draft.line(&octets.into_iter().filter(|octet| *octet != b'\r').collect::<Vec<_>>());
        }),
        &["CASE"],
    ),
    // What it believes.
    Mutant::mn(
        "mn/believes-any-auth-in-init",
        "does not check auth of the first response",
        MnResponse(|response, session| response.believed |= session.is_first() && has_mac(response)),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/believes-any-auth-at-last",
        "does not check auth of the final response",
        MnResponse(|response, session| response.believed |= !session.is_first() && has_mac(response)),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/needs-no-auth",
        "does not need auth in responses",
        MnResponse(|response, _| response.believed |= around_auth(&response.content).is_none()),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/any-identifier-back",
        "does not compare the Identifier of responses",
        MnResponse(|response, session| {
            response.identifier = u8::try_from(session.received).map_or(u8::MAX, |received| received + 1);
        }),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/any-version-back",
        "takes responses of any version",
        MnResponse(|response, _| response.version = 0),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/no-mn-rand-check",
        "does not compare mn-rand of responses",
        MnResponse(|response, session| known_value(response, Name::MnRand, session.mn_rand.as_deref())),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/no-hac-rand-check",
        "does not compare hac-rand of the final response",
        MnResponse(|response, session| {
            if !session.is_first() {
                known_value(response, Name::HacRand, session.hac_rand.as_deref());
            }
        }),
        &["CASE"],
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
        &["CASE"],
    ),
    Mutant::mn(
        "mn/any-status",
        "uses SA data whatever the status is",
        MnResponse(|response, _| {
            if response.has(Name::Spi) {
                response.set(Name::StatusCode, b"200");
            }
        }),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/any-spi",
        "takes an SPI that cannot be for 7",
        MnResponse(|response, _| mend(response, Name::Spi, b"7")),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/any-date",
        "takes a validity end that it cannot read, or that has passed, for one to come",
        MnResponse(|response, _| {
            if response.has(Name::SaValidityEnd) {
                response.set(Name::SaValidityEnd, b"Sat, 06 Nov 2094 08:49:37 GMT");
            }
        }),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/one-key-both-ways",
        "takes the same keys for both directions",
        MnResponse(|response, _| {
            differ(response, Name::MnToHaIkey, Name::HaToMnIkey);
            differ(response, Name::MnToHaEkey, Name::HaToMnEkey);
        }),
        &["CASE"],
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
        &["CASE"],
    ),
];

fn is_init(request: &MessageForge) -> bool {
    request.draft.position(Name::AuthMethod).is_some()
}

/// Makes `auth` otherwise, where there is one.
fn forge(request: &mut MessageForge, auth: AuthForge) {
    if matches!(request.auth, AuthForge::Right) {
        request.auth = auth;
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
