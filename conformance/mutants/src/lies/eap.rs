//! RFC 6618 sections 5.5.3 and 5.9: a HAC that lies about what is in an exchange by EAP.

use suite::player::{AuthForge, MessageForge};
use wire::message::{Bootstrap, FinalResponse, Grant, KeyOctets, SaData};
use wire::param::Name;
use wire::value::{Ciphersuite, Date, Scope, Spi, Status, hex};

use super::headers::{change, is_error, is_grant};
use crate::liar::incoming::around_auth;
use crate::liar::session::Session;
use crate::mutant::Lie::{HacRequest, HacResponse};
use crate::mutant::Mutant;

/// Lies about packets, messages and results.
pub(super) const LIES: &[Mutant] = &[
    Mutant::hac(
        "hac/eap-named-psk",
        "names psk in its first response by EAP",
        HacResponse(|response, session| {
            if session.eap.is_selected() {
                change(response, Name::AuthMethod, b"psk");
            }
        }),
        &["rfc6618/5.9/init-names-eap"],
    ),
    Mutant::hac(
        "hac/eap-begins-without-packet",
        "leaves the EAP request out of its first response",
        HacResponse(|response, _| {
            if response.draft.value(Name::AuthMethod).is_some() {
                response.remove(Name::EapPayload);
            }
        }),
        &["rfc6618/5.9/init-has-eap-request"],
    ),
    Mutant::hac(
        "hac/eap-begins-with-notification",
        "begins with a notification instead of asking who speaks",
        HacResponse(|response, _| {
            if response.draft.value(Name::AuthMethod).is_some() {
                response.change_packet(|packet| packet.splice(4.., [2]).for_each(drop));
            }
        }),
        &["rfc6618/5.9/init-asks-for-identity"],
    ),
    Mutant::hac(
        "hac/eap-goes-on-without-packet",
        "leaves the EAP request out of its middle responses",
        HacResponse(|response, session| {
            if is_mid(response, session) {
                response.remove(Name::EapPayload);
            }
        }),
        &["rfc6618/5.9/mids-have-eap-requests"],
    ),
    Mutant::hac(
        "hac/eap-success-first",
        "tells EAP-Success in place of an EAP request in the middle",
        HacResponse(|response, session| {
            if is_mid(response, session) {
                response.change_packet(|packet| packet.splice(.., [3, 9, 0, 4]).for_each(drop));
            }
        }),
        &["rfc6618/5.9/mids-have-eap-requests", "rfc6618/5.9/success-comes-last"],
    ),
    Mutant::hac(
        "hac/eap-grant-without-success",
        "grants without EAP-Success",
        HacResponse(|response, _| {
            if is_grant(response) {
                response.remove(Name::EapPayload);
            }
        }),
        &["rfc6618/5.9/success-comes-last", "rfc6618/5.9/success-comes-last-without-msk"],
    ),
    Mutant::hac(
        "hac/eap-grant-with-failure",
        "grants with EAP-Failure beside it",
        HacResponse(|response, _| {
            if is_grant(response) {
                response.change_packet(|packet| packet.splice(..1, [4]).for_each(drop));
            }
        }),
        &["rfc6618/5.9/success-comes-last", "rfc6618/5.9/success-comes-last-without-msk"],
    ),
    Mutant::hac(
        "hac/eap-grant-without-keys",
        "grants by EAP without the keys of the SA",
        HacResponse(|response, session| {
            if is_grant(response) && session.eap.is_selected() {
                response.remove(Name::MnToHaIkey);
                response.remove(Name::HaToMnIkey);
            }
        }),
        &["rfc6618/5.9/done-has-sa-data"],
    ),
    Mutant::hac(
        "hac/eap-counts-for-itself",
        "gives its middle responses Identifiers of its own",
        HacResponse(|response, session| {
            if is_mid(response, session) {
                response.identifier = response.identifier.wrapping_add(100);
            }
        }),
        &["rfc6618/5.9/identifiers-copied"],
    ),
    Mutant::hac(
        "hac/eap-success-of-another-request",
        "gives EAP-Success an EAP Identifier of its own",
        HacResponse(|response, _| {
            if is_grant(response) {
                response.change_packet(|packet| packet[1] ^= 0x40);
            }
        }),
        &["rfc6618/5.9/success-fits-the-response"],
    ),
    Mutant::hac(
        "hac/eap-payload-with-odd-digit",
        "writes one hex digit too many",
        HacResponse(|response, _| {
            if let Some(digits) = response.draft.value(Name::EapPayload).map(<[u8]>::to_vec) {
                response.set(Name::EapPayload, [digits.as_slice(), b"0"].concat());
            }
        }),
        &["rfc6618/5.5.3/responses-in-hex"],
    ),
    Mutant::hac(
        "hac/eap-length-too-short",
        "sends EAP packets whose Length stops before the end",
        HacResponse(|response, _| response.change_packet(|packet| packet.push(0))),
        &["rfc6618/5.5.3/responses-in-hex"],
    ),
    Mutant::hac(
        "hac/eap-packets-of-32",
        "has no room for EAP packets of more than 32 octets",
        HacResponse(|response, _| {
            response.change_packet(|packet| {
                packet.truncate(32);
                let length = packet.len() as u16;
                packet[2..4].copy_from_slice(&length.to_be_bytes());
            });
        }),
        &["rfc6618/5.5.3/any-method"],
    ),
    Mutant::hac(
        "hac/selects-both",
        "selects all methods that were offered, if one is eap",
        HacResponse(|response, session| {
            let offered = session.last.as_ref().and_then(|request| request.value(Name::AuthMethod));
            if let Some(list) = offered.filter(|list| list.windows(3).any(|part| part == b"eap")) {
                change(response, Name::AuthMethod, &list);
            }
        }),
        &["rfc6618/5.9/psk-or-eap", "rfc6618/5.9/eap-or-psk"],
    ),
    Mutant::hac(
        "hac/fails-without-failure",
        "leaves EAP-Failure out of an error",
        HacResponse(|response, _| {
            if is_error(response) {
                response.remove(Name::EapPayload);
            }
        }),
        &["rfc6618/5.9/failure-has-eap-failure"],
    ),
    Mutant::hac(
        "hac/fails-with-500",
        "answers EAP-Failure with 500",
        HacResponse(|response, _| {
            if is_error(response) && response.draft.position(Name::EapPayload).is_some() {
                response.set(Name::StatusCode, "500");
            }
        }),
        &["rfc6618/5.9/failure-is-401"],
    ),
    Mutant::hac(
        "hac/goes-on-after-255",
        "takes request 255 for any other",
        HacRequest(|request, session| {
            if request.identifier == 255 {
                request.identifier = session.handed_on.saturating_add(1);
            }
        }),
        &["rfc6618/5.9/rounds-end-at-255"],
    ),
    Mutant::hac(
        "hac/eap-identifier-goes-back",
        "takes any Identifier but 1 in an exchange by EAP",
        HacRequest(|request, session| {
            if session.eap.is_selected() && !session.is_first() && request.identifier > 1 {
                request.identifier = session.handed_on.saturating_add(1);
            }
        }),
        &["rfc6618/5.9/identifier-decreasing", "rfc6618/5.9/identifier-repeated-later"],
    ),
    Mutant::hac(
        "hac/eap-identifier-one-again",
        "takes Identifier 1 again in an exchange by EAP",
        HacRequest(|request, session| {
            if session.eap.is_selected() && !session.is_first() && request.identifier == 1 {
                request.identifier = session.handed_on.saturating_add(1);
            }
        }),
        &["rfc6618/5.9/identifier-repeated"],
    ),
    Mutant::hac(
        "hac/grants-before-the-method-ends",
        "grants to MHAuth-Done, whatever EAP says",
        HacResponse(|response, session| {
            if last_had(session, Name::Sas) && is_mid(response, session) {
                pretend_grant(response);
            }
        }),
        &["rfc6618/5.9/early-done-grants-nothing"],
    ),
    Mutant::hac(
        "hac/psk-will-do",
        "grants by PSK after it has selected eap",
        HacResponse(|response, session| {
            if session.eap.is_selected() && is_error(response) && last_had(session, Name::HacRand) {
                pretend_grant(response);
            }
        }),
        &["rfc6618/5.9/psk-done-in-eap"],
    ),
    Mutant::hac(
        "hac/one-will-do",
        "grants to whoever keys auth with 0x31",
        HacResponse(|response, session| {
            if is_error(response) && was_keyed_with_one(session) {
                pretend_grant(response);
            }
        }),
        &["rfc6618/5.9/eap-mid-in-psk", "rfc6618/5.9/eap-done-in-psk"],
    ),
    Mutant::hac(
        "hac/eap-begins-again",
        "grants when the first request comes again in EAP",
        HacResponse(|response, session| {
            let again = session.received > 1 && last_had(session, Name::AuthMethod);
            if again && session.eap.is_selected() {
                pretend_grant(response);
            }
        }),
        &["rfc6618/5.9/init-twice"],
    ),
];

fn is_mid(response: &MessageForge, session: &Session) -> bool {
    let has = |name| response.draft.position(name).is_some();
    session.eap.is_selected() && !has(Name::StatusCode) && !has(Name::AuthMethod)
}

pub(super) fn last_had(session: &Session, name: Name) -> bool {
    session.last.as_ref().is_some_and(|request| request.has(name))
}

fn was_keyed_with_one(session: &Session) -> bool {
    use crypto::auth::Direction;
    let signer = session.signer(Direction::MnToHac);
    let content = session.last.as_ref().map(|request| request.content.as_slice());
    let around = content.and_then(around_auth);
    signer.zip(around).is_some_and(|(signer, (signed, value))| {
        value == hex::encode(&signer.sign_keyed(suite::player::ONE, signed)).as_bytes()
    })
}

/// What looks like a grant to an MN; no HA has heard of it.
pub(super) fn pretend_grant(response: &mut MessageForge) {
    let Some(spi) = Spi::new(0x0bad_0bad) else { return };
    let keys = |octet| KeyOctets { ikey: vec![octet; 20], ekey: Some(vec![octet ^ 0xff; 16]) };
    let sa = SaData {
        suite: Ciphersuite::Aes128Sha,
        scope: Scope::AllTraffic,
        spi,
        mn_to_ha: keys(1),
        ha_to_mn: keys(2),
        validity_end: Date::from_unix_seconds(4_000_000_000),
    };
    let grant = Some(Grant { sa, bootstrap: Bootstrap::default() });
    response.draft = FinalResponse { status: Status::OK, grant, ..FinalResponse::error(Status::OK) }.draft();
    response.auth = AuthForge::Right;
}
