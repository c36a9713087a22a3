//! RFC 6618 sections 5.1 to 5.8 from the MN's side: what it says to the HAC.

use suite::player::{AuthForge, MessageForge};
use wire::param::Name;
use wire::value::hex;

use super::ZEROS;
use crate::mutant::Lie::MnRequest;
use crate::mutant::Mutant;

/// Lies in requests.
pub(super) const LIES: &[Mutant] = &[
    Mutant::mn(
        "mn/starts-with-identifier-two",
        "starts with Identifier 2",
        MnRequest(|request, _| request.identifier = request.identifier.saturating_add(1)),
        &["rfc6618/5.1/mn-first-identifier"],
    ),
    Mutant::mn(
        "mn/repeats-identifier",
        "sends both requests with Identifier 1",
        MnRequest(|request, _| request.identifier = 1),
        &["rfc6618/5.3/mn-identifier-increases"],
    ),
    Mutant::mn(
        "mn/sets-reserved-bits",
        "sends requests with a reserved bit set",
        MnRequest(|request, _| request.reserved = 1),
        &["rfc6618/5.1/mn-reserved-sent"],
    ),
    Mutant::mn(
        "mn/says-version-one",
        "sends requests of version 1",
        MnRequest(|request, _| request.version = 1),
        &["rfc6618/5.1/mn-version-sent"],
    ),
    Mutant::mn(
        "mn/init-without-mn-rand",
        "sends a first request without mn-rand",
        MnRequest(|request, _| {
            if is_init(request) {
                request.remove(Name::MnRand);
            }
        }),
        &["rfc6618/5.5.8/mn-rand-sent"],
    ),
    Mutant::mn(
        "mn/mn-rand-constant",
        "sends the same mn-rand every time",
        MnRequest(|request, _| request.set(Name::MnRand, ZEROS)),
        &["rfc6618/5.5.8/mn-rand-fresh"],
    ),
    Mutant::mn(
        "mn/mn-rand-short",
        "sends an mn-rand of 16 octets",
        MnRequest(|request, session| {
            if let Some(front) = session.mn_rand.as_deref().and_then(|rand| rand.get(..32)) {
                request.set(Name::MnRand, front);
            }
        }),
        &["rfc6618/5.5.8/mn-rand-sent"],
    ),
    Mutant::mn(
        "mn/another-mn-id",
        "sends an mn-id that is not its own",
        MnRequest(|request, _| {
            if is_init(request) {
                request.set(Name::MnId, "somebody-else@conform.example");
            }
        }),
        &["rfc6618/5.5.1/mn-id-sent"],
    ),
    Mutant::mn(
        "mn/auth-random",
        "sends an auth that fits nothing",
        MnRequest(|request, _| forge(request, AuthForge::FlippedBit)),
        &["rfc6618/5.8/mn-auth-right"],
    ),
    Mutant::mn(
        "mn/signs-without-label",
        "leaves the label out of auth, as draft-01 does",
        MnRequest(|request, _| forge(request, AuthForge::Label(b""))),
        &["rfc6618/5.8/mn-auth-right"],
    ),
    Mutant::mn(
        "mn/signs-with-label-hac",
        "signs with the label of the HAC",
        MnRequest(|request, _| forge(request, AuthForge::Label(b"HAC"))),
        &["rfc6618/5.8/mn-auth-right"],
    ),
    Mutant::mn(
        "mn/signs-without-binding",
        "leaves the channel binding out of auth",
        MnRequest(|request, _| forge(request, AuthForge::Binding(|_| Vec::new()))),
        &["rfc6618/5.8/mn-auth-right"],
    ),
    Mutant::mn(
        "mn/done-without-auth",
        "sends a last request without auth",
        MnRequest(|request, _| forge(request, AuthForge::Absent)),
        &["rfc6618/5.3/mn-done-has-auth"],
    ),
    Mutant::mn(
        "mn/header-after-auth",
        "puts a header behind auth",
        MnRequest(|request, _| {
            if !is_init(request) {
                request.after_auth = b"x-after:auth\r\n".to_vec();
            }
        }),
        &["rfc6618/5.5.5/mn-auth-is-last"],
    ),
    Mutant::mn(
        "mn/echoes-no-hac-rand",
        "does not repeat hac-rand",
        MnRequest(|request, _| request.remove(Name::HacRand)),
        &["rfc6618/5.8/mn-repeats-hac-rand"],
    ),
    Mutant::mn(
        "mn/echoes-other-hac-rand",
        "repeats another hac-rand than the HAC sent",
        MnRequest(|request, _| {
            if !is_init(request) {
                request.set(Name::HacRand, ZEROS);
            }
        }),
        &["rfc6618/5.8/mn-repeats-hac-rand"],
    ),
    Mutant::mn(
        "mn/done-with-other-mn-rand",
        "sends another mn-rand in its last request",
        MnRequest(|request, _| {
            if !is_init(request) {
                request.set(Name::MnRand, hex::encode(&[0x77; 32]));
            }
        }),
        &["rfc6618/5.8/mn-repeats-mn-rand"],
    ),
    Mutant::mn(
        "mn/done-without-sas",
        "proposes no mip6-sas",
        MnRequest(|request, _| request.remove(Name::Sas)),
        &["rfc6618/5.3/mn-done-has-sas"],
    ),
    Mutant::mn(
        "mn/done-without-suitelist",
        "offers no suites",
        MnRequest(|request, _| request.remove(Name::Suitelist)),
        &["rfc6618/5.3/mn-done-has-suitelist"],
    ),
    Mutant::mn(
        "mn/lines-end-in-lf",
        "ends the lines of its requests in LF alone",
        MnRequest(|request, _| {
            let octets = request.draft.unsigned_octets();
            request.draft.lines.clear();
            request.draft.line(&octets.into_iter().filter(|octet| *octet != b'\r').collect::<Vec<_>>());
        }),
        &["rfc6618/5.3/mn-init-has-mn-id"],
    ),
    Mutant::mn(
        "mn/init-without-mn-id",
        "sends a first request without mn-id",
        MnRequest(|request, _| request.remove(Name::MnId)),
        &["rfc6618/5.3/mn-init-has-mn-id"],
    ),
    Mutant::mn(
        "mn/init-without-auth-method",
        "sends a first request without auth-method",
        MnRequest(|request, _| request.remove(Name::AuthMethod)),
        &["rfc6618/5.3/mn-init-has-auth-method"],
    ),
    Mutant::mn(
        "mn/no-end-of-message",
        "ends its messages without an empty line",
        MnRequest(|request, _| request.draft.end.clear()),
        &["rfc6618/5.1/mn-length-sent"],
    ),
    Mutant::mn(
        "mn/signs-init",
        "signs its first request",
        MnRequest(|request, _| request.auth = AuthForge::Right),
        &["rfc6618/5.8/mn-signs-no-init"],
    ),
    Mutant::mn(
        "mn/names-an-spi",
        "names the SPI that it would like to have",
        MnRequest(|request, _| {
            if !is_init(request) {
                request.set(Name::Spi, "77");
            }
        }),
        &["rfc6618/5.6/mn-sends-no-sa-data"],
    ),
    Mutant::mn(
        "mn/offers-reserved-suites-only",
        "offers reserved suites only",
        MnRequest(|request, _| {
            if !is_init(request) {
                request.set(Name::Suitelist, "{13,01}");
            }
        }),
        &["rfc6618/5.6.5/mn-offers-known-suites"],
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
