//! RFC 6618 section 5.9: a HAC that keys `auth` otherwise in an exchange by EAP, or believes one that is.

use crypto::auth::Direction;
use suite::player::{AuthForge, EapKeys, MessageForge, ONE};
use wire::param::Name;
use wire::value::hex;

use super::headers::is_error;
use crate::liar::incoming::{Incoming, around_auth};
use crate::liar::session::Session;
use crate::mutant::Lie::{HacRequest, HacResponse};
use crate::mutant::Mutant;

const BEFORE_DONE: &[&str] = &["rfc6618/5.9/init-keyed-with-one", "rfc6618/5.9/mids-keyed-with-one"];
const DONE: &[&str] = &["rfc6618/5.9/done-keyed-with-msk"];

/// Lies about the key.
pub(super) const LIES: &[Mutant] = &[
    Mutant::hac(
        "hac/eap-one-as-integer",
        "keys with the octet 0x01 where the text says 1",
        HacResponse(|response, session| instead_of_one(response, session, |_| Some(vec![1]))),
        BEFORE_DONE,
    ),
    Mutant::hac(
        "hac/eap-one-as-long-integer",
        "keys with the integer 1 in four octets, the most significant first",
        HacResponse(|response, session| instead_of_one(response, session, |_| Some(vec![0, 0, 0, 1]))),
        BEFORE_DONE,
    ),
    Mutant::hac(
        "hac/eap-one-in-quotes",
        "keys with 1 and the quotes around it",
        HacResponse(|response, session| instead_of_one(response, session, |_| Some(b"\"1\"".to_vec()))),
        BEFORE_DONE,
    ),
    Mutant::hac(
        "hac/eap-one-in-hex",
        "keys with the octet 0x31 written in hex",
        HacResponse(|response, session| instead_of_one(response, session, |_| Some(b"31".to_vec()))),
        BEFORE_DONE,
    ),
    Mutant::hac(
        "hac/eap-nothing-as-key",
        "keys with no octets before there is an MSK",
        HacResponse(|response, session| instead_of_one(response, session, |_| Some(Vec::new()))),
        BEFORE_DONE,
    ),
    Mutant::hac(
        "hac/eap-keyed-with-secret",
        "keys with the secret of the MN in every message",
        HacResponse(|response, session| {
            instead_of_one(response, session, |keys| Some(keys.secret));
            instead_of_msk(response, session, |keys| Some(keys.secret));
        }),
        &[
            "rfc6618/5.9/init-keyed-with-one",
            "rfc6618/5.9/mids-keyed-with-one",
            "rfc6618/5.9/done-keyed-with-msk",
            "rfc6618/5.9/done-keyed-with-one-without-msk",
            "rfc6618/5.9/failure-keyed-with-one",
        ],
    ),
    Mutant::hac(
        "hac/eap-msk-too-early",
        "keys with the MSK as soon as it knows it, in the middle of EAP",
        HacResponse(|response, session| instead_of_one(response, session, |keys| keys.msk)),
        &["rfc6618/5.9/mids-keyed-with-one"],
    ),
    Mutant::hac(
        "hac/eap-one-for-ever",
        "keys with 0x31 though there is an MSK",
        HacResponse(|response, session| instead_of_msk(response, session, |_| Some(ONE.to_vec()))),
        &["rfc6618/5.9/done-keyed-with-msk", "rfc6618/5.9/error-keyed-with-msk"],
    ),
    Mutant::hac(
        "hac/eap-half-an-msk",
        "keys with the first 32 octets of the MSK",
        HacResponse(|response, session| instead_of_msk(response, session, first_half)),
        DONE,
    ),
    Mutant::hac(
        "hac/eap-other-half-of-the-msk",
        "keys with the last 32 octets of the MSK",
        HacResponse(|response, session| {
            instead_of_msk(response, session, |keys| Some(keys.msk?.get(32..)?.to_vec()));
        }),
        DONE,
    ),
    Mutant::hac(
        "hac/eap-emsk",
        "keys with the EMSK",
        HacResponse(|response, session| instead_of_msk(response, session, |keys| keys.emsk)),
        DONE,
    ),
    Mutant::hac(
        "hac/eap-msk-and-emsk",
        "keys with MSK and EMSK one behind the other",
        HacResponse(|response, session| {
            instead_of_msk(response, session, |keys| Some([keys.msk?, keys.emsk?].concat()));
        }),
        DONE,
    ),
    Mutant::hac(
        "hac/eap-msk-in-hex",
        "keys with the MSK written in hex",
        HacResponse(|response, session| instead_of_msk(response, session, in_hex)),
        DONE,
    ),
    Mutant::hac(
        "hac/eap-believes-one",
        "believes auth that is keyed with 0x31 where the MSK should be",
        HacRequest(|request, session| believe(request, session, |_| Some(ONE.to_vec()))),
        &["rfc6618/5.9/done-keyed-with-one", "rfc6618/5.9/done-keyed-with-one-after-mid"],
    ),
    Mutant::hac(
        "hac/eap-believes-integer-one",
        "believes auth that is keyed with the octet 0x01",
        HacRequest(|request, session| believe(request, session, |_| Some(vec![1]))),
        &["rfc6618/5.9/mid-keyed-with-integer-one"],
    ),
    Mutant::hac(
        "hac/eap-believes-no-key",
        "believes auth that is keyed with no octets",
        HacRequest(|request, session| believe(request, session, |_| Some(Vec::new()))),
        &["rfc6618/5.9/mid-keyed-with-nothing"],
    ),
    Mutant::hac(
        "hac/eap-believes-secret",
        "believes auth that is keyed with the secret of the MN",
        HacRequest(|request, session| believe(request, session, |keys| Some(keys.secret))),
        &[
            "rfc6618/5.9/mid-keyed-with-psk",
            "rfc6618/5.9/done-keyed-with-psk",
            "rfc6618/5.9/done-keyed-with-psk-without-msk",
        ],
    ),
    Mutant::hac(
        "hac/eap-believes-half-an-msk",
        "believes auth that is keyed with half of the MSK",
        HacRequest(|request, session| believe(request, session, first_half)),
        &["rfc6618/5.9/done-keyed-with-half-an-msk"],
    ),
    Mutant::hac(
        "hac/eap-believes-emsk",
        "believes auth that is keyed with the EMSK",
        HacRequest(|request, session| believe(request, session, |keys| keys.emsk)),
        &["rfc6618/5.9/done-keyed-with-emsk"],
    ),
    Mutant::hac(
        "hac/eap-believes-msk-in-hex",
        "believes auth that is keyed with the MSK written in hex",
        HacRequest(|request, session| believe(request, session, in_hex)),
        &["rfc6618/5.9/done-keyed-with-msk-in-hex"],
    ),
    Mutant::hac(
        "hac/eap-believes-any-auth",
        "does not compare auth in an exchange by EAP",
        HacRequest(|request, session| {
            request.believed |= session.eap.is_selected() && around_auth(&request.content).is_some();
        }),
        &[
            "rfc6618/5.9/mid-flipped-bit",
            "rfc6618/5.9/mid-of-another-certificate",
            "rfc6618/5.9/mid-with-label-of-hac",
            "rfc6618/5.9/done-flipped-bit",
            "rfc6618/5.9/done-of-another-certificate",
            "rfc6618/5.9/done-with-label-of-hac",
            "rfc6618/5.9/done-covers-container",
        ],
    ),
    Mutant::hac(
        "hac/eap-needs-no-auth",
        "does not need auth in an exchange by EAP",
        HacRequest(|request, session| {
            let missing = !session.is_first() && around_auth(&request.content).is_none();
            request.believed |= session.eap.is_selected() && missing;
        }),
        &["rfc6618/5.9/mid-without-auth", "rfc6618/5.9/done-without-auth"],
    ),
];

fn first_half(keys: EapKeys) -> Option<Vec<u8>> {
    Some(keys.msk?.get(..32)?.to_vec())
}

fn in_hex(keys: EapKeys) -> Option<Vec<u8>> {
    Some(hex::encode(&keys.msk?).into_bytes())
}

/// Keys with something else than "1", where "1" would be right.
fn instead_of_one(response: &mut MessageForge, session: &Session, key: fn(EapKeys) -> Option<Vec<u8>>) {
    if !is_keyed_with_msk(response, session) {
        keyed(response, session, key);
    }
}

/// Keys with something else than the MSK, where the MSK would be right.
fn instead_of_msk(response: &mut MessageForge, session: &Session, key: fn(EapKeys) -> Option<Vec<u8>>) {
    if is_keyed_with_msk(response, session) {
        keyed(response, session, key);
    }
}

/// The MSK keys the last response once the method has ended well.
fn is_keyed_with_msk(response: &MessageForge, session: &Session) -> bool {
    let is_last = response.draft.position(Name::StatusCode).is_some();
    let failed = is_error(response) && response.draft.value(Name::StatusCode) == Some(b"401");
    is_last && session.eap.is_concluded() && !failed
}

fn keyed(response: &mut MessageForge, session: &Session, key: fn(EapKeys) -> Option<Vec<u8>>) {
    let Some(identity) = session.identity.as_ref().filter(|_| session.eap.is_selected()) else { return };
    if let (AuthForge::Right, Some(key)) = (&response.auth, key(session.eap.keys(identity))) {
        response.auth = AuthForge::Key(key);
    }
}

/// Takes an auth for right that is keyed with this.
fn believe(request: &mut Incoming, session: &Session, key: fn(EapKeys) -> Option<Vec<u8>>) {
    let Some(identity) = session.identity.as_ref().filter(|_| session.eap.is_selected()) else { return };
    let (Some(key), Some(signer)) = (key(session.eap.keys(identity)), session.signer(Direction::MnToHac))
    else {
        return;
    };
    request.believed |= around_auth(&request.content)
        .is_some_and(|(signed, value)| hex::encode(&signer.sign_keyed(&key, signed)).as_bytes() == value);
}
