//! RFC 6618 section 5.9 from the MN's side: what it says in an exchange by EAP, and what it believes.

use crypto::auth::Direction;
use suite::player::{AuthForge, MessageForge, ONE};
use wire::param::Name;
use wire::value::hex;

use crate::liar::incoming::{Incoming, around_auth};
use crate::liar::session::Session;
use crate::mutant::Lie::{MnRequest, MnResponse};
use crate::mutant::Mutant;

/// Lies of an MN that uses EAP.
pub(super) const LIES: &[Mutant] = &[
    Mutant::mn(
        "mn/eap-init-without-name",
        "sends a first request without mn-id",
        MnRequest(|request, _| request.remove(Name::MnId)),
        &["rfc6618/5.9/mn-init-contents"],
    ),
    Mutant::mn(
        "mn/eap-asks-all-the-time",
        "asks for an SA in every request after the first",
        MnRequest(|request, _| {
            if is_mid(request) {
                request.set(Name::Sas, "1");
                request.set(Name::Suitelist, "{00,2F}");
            }
        }),
        &["rfc6618/5.9/mn-mid-contents"],
    ),
    Mutant::mn(
        "mn/eap-keys-with-secret",
        "keys all requests with its secret",
        MnRequest(|request, session| {
            if let (AuthForge::Right, Some(identity)) = (&request.auth, &session.identity) {
                request.auth = AuthForge::Key(identity.psk.clone());
            }
        }),
        &["rfc6618/5.9/mn-mids-keyed-with-one", "rfc6618/5.9/mn-done-keyed-with-msk"],
    ),
    Mutant::mn(
        "mn/eap-half-an-msk",
        "keys its last request with 32 octets of the MSK",
        MnRequest(|request, session| {
            let keys = session.identity.as_ref().map(|identity| session.eap.keys(identity));
            let half = keys.and_then(|keys| Some(keys.msk?.get(..32)?.to_vec()));
            if let (true, Some(half)) = (session.eap.is_concluded(), half) {
                request.auth = AuthForge::Key(half);
            }
        }),
        &["rfc6618/5.9/mn-done-keyed-with-msk"],
    ),
    Mutant::mn(
        "mn/eap-done-without-sas",
        "proposes no scope after EAP",
        MnRequest(|request, session| {
            if session.eap.is_selected() {
                request.remove(Name::Sas);
            }
        }),
        &["rfc6618/5.9/mn-done-contents"],
    ),
    Mutant::mn(
        "mn/eap-counts-backwards",
        "gives its middle requests the Identifier 2, all of them",
        MnRequest(|request, session| {
            if session.eap.is_selected() && request.identifier > 2 {
                request.identifier = 2;
            }
        }),
        &["rfc6618/5.9/mn-identifiers-increase"],
    ),
    Mutant::mn(
        "mn/eap-believes-any-auth",
        "does not compare auth in an exchange by EAP",
        MnResponse(|response, session| {
            response.believed |= session.eap.is_selected() && around_auth(&response.content).is_some();
        }),
        &[
            "rfc6618/5.9/mn-refuses-init-keyed-with-integer-one",
            "rfc6618/5.9/mn-refuses-mid-of-another-certificate",
            "rfc6618/5.9/mn-refuses-grant-with-flipped-bit",
        ],
    ),
    Mutant::mn(
        "mn/eap-believes-one",
        "believes a grant that is keyed with 0x31",
        MnResponse(|response, session| {
            let right = session.signer(Direction::HacToMn).zip(around_auth(&response.content));
            response.believed |= right.is_some_and(|(signer, (signed, value))| {
                hex::encode(&signer.sign_keyed(ONE, signed)).as_bytes() == value
            });
        }),
        &["rfc6618/5.9/mn-refuses-grant-keyed-with-one"],
    ),
    Mutant::mn(
        "mn/eap-needs-no-auth",
        "does not need auth in an exchange by EAP",
        MnResponse(|response, session| {
            response.believed |= session.eap.is_selected() && around_auth(&response.content).is_none();
        }),
        &["rfc6618/5.9/mn-refuses-init-without-auth", "rfc6618/5.9/mn-refuses-mid-without-auth"],
    ),
    Mutant::mn(
        "mn/eap-success-is-no-end",
        "takes EAP-Success in a middle response for another question",
        MnResponse(|response, session| {
            if is_open(response, session) && packet_begins(response, b"03") {
                response.set(Name::EapPayload, b"0107000501");
            }
        }),
        &["rfc6618/5.9/mn-refuses-success-in-mid"],
    ),
    Mutant::mn(
        "mn/eap-overlooks-early-status",
        "overlooks a status in a middle response",
        MnResponse(|response, session| {
            if session.eap.is_selected() && !response.has(Name::Spi) {
                response.edit(|draft| {
                    draft.remove(Name::StatusCode);
                });
            }
        }),
        &["rfc6618/5.9/mn-refuses-200-in-mid"],
    ),
    Mutant::mn(
        "mn/eap-any-server-proof",
        "does not look at the MAC of GPSK-3",
        MnResponse(|response, session| {
            let right = session.identity.as_ref().zip(response.value(Name::EapPayload));
            let mended = right.and_then(|(identity, value)| session.eap.mended_three(identity, &value));
            if let Some(mended) = mended {
                response.set(Name::EapPayload, &mended);
            }
        }),
        &["rfc6618/5.9/mn-refuses-wrong-server-proof"],
    ),
    Mutant::mn(
        "mn/eap-grant-is-enough",
        "uses a grant whatever EAP says",
        MnResponse(|response, session| {
            if response.has(Name::Spi)
                && let Some(success) = session.eap.success()
            {
                response.set(Name::EapPayload, &success);
            }
        }),
        &["rfc6618/5.9/mn-refuses-grant-with-failure", "rfc6618/5.9/mn-refuses-grant-without-success"],
    ),
    Mutant::mn(
        "mn/eap-success-is-enough",
        "uses SA data whatever the status says",
        MnResponse(|response, session| {
            if session.eap.is_selected() && response.has(Name::Spi) {
                response.set(Name::StatusCode, b"200");
            }
        }),
        &["rfc6618/5.9/mn-refuses-success-with-401"],
    ),
];

fn is_mid(request: &MessageForge) -> bool {
    let has = |name| request.draft.position(name).is_some();
    has(Name::EapPayload) && !has(Name::Sas)
}

fn is_open(response: &Incoming, session: &Session) -> bool {
    session.eap.is_selected() && !response.has(Name::StatusCode)
}

fn packet_begins(response: &Incoming, digits: &[u8]) -> bool {
    response.value(Name::EapPayload).is_some_and(|value| value.starts_with(digits))
}
