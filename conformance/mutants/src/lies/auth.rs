//! RFC 6618 section 5.8: which proofs of an MN a HAC believes.

use core::time::Duration;

use crypto::auth::{Direction, hmac_sha256, label};
use suite::identity::Identity;
use wire::param::Name;
use wire::value::hex;

use crate::liar::incoming::{Incoming, around_auth};
use crate::liar::session::Session;
use crate::mutant::Lie::HacRequest;
use crate::mutant::Mutant;

/// Lies about proofs.
pub(super) const LIES: &[Mutant] = &[
    Mutant::hac(
        "hac/believes-any-auth",
        "does not compare auth",
        HacRequest(|request, _| request.believed |= has_mac(request)),
        &[
            "rfc6618/5.8/wrong-key",
            "rfc6618/5.8/flipped-bit",
            "rfc6618/5.8/another-certificate",
            "rfc6618/5.2/white-space-not-signed",
            "rfc6618/5.5.5/sas-after-signing",
            "rfc6618/5.5.5/suitelist-after-signing",
            "rfc6618/5.5.5/unknown-header-after-signing",
            "rfc6618/5.5.5/order-after-signing",
            "rfc6618/5.5.5/name-case-after-signing",
            "rfc6618/5.5.5/hex-case-after-signing",
            "rfc6618/5.5.5/auth-covers-its-name",
            "rfc6618/5.5.5/auth-covers-the-end",
            "rfc6618/5.5.5/auth-without-last-line-end",
            "rfc6618/5.5.5/auth-of-nothing",
            "rfc6618/5.5.5/auth-all-zeros",
            "rfc6618/5.8/key-of-another-mn",
            "rfc6618/5.8/key-as-hex-text",
            "rfc6618/5.8/key-empty",
            "rfc6618/5.8/key-begins-right",
            "rfc6618/5.8/label-in-lower-case",
            "rfc6618/5.8/binding-truncated",
            "rfc6618/5.8/binding-twice",
            "rfc6618/5.8/binding-of-zeros",
        ],
    ),
    Mutant::hac(
        "hac/slow-for-strangers",
        "answers a stranger as if it knew it, and some milliseconds later than those that it knows",
        HacRequest(|request, session| {
            let Some(named) = request.value(Name::MnId).filter(|_| session.is_first()) else { return };
            let is_named = |known: &&Identity| known.mn_id.as_bytes() == named;
            if let (None, Some(other)) = (session.identities.iter().find(is_named), session.identities.last())
            {
                std::thread::sleep(Duration::from_millis(4));
                request.set(Name::MnId, other.mn_id.as_bytes());
            }
        }),
        &["rfc6618/5.8/unknown-identity-in-no-time-order"],
    ),
    Mutant::hac(
        "hac/one-right-auth-is-enough",
        "believes a message if one of several auth is right",
        HacRequest(|request, session| {
            let Some(signer) = session.signer(Direction::MnToHac) else { return };
            let Some((signed, _)) = around_auth(&request.content) else { return };
            let right = hex::encode(&signer.sign(signed)).into_bytes();
            request.drop_lines(|line| line.starts_with(b"auth:") && !line.ends_with(&right));
            request.believed |= request.value(Name::Auth) == Some(right);
        }),
        &["rfc6618/5.2/wrong-auth-before-the-right-one"],
    ),
    Mutant::hac(
        "hac/done-without-auth",
        "does not need auth",
        HacRequest(|request, session| {
            request.believed |= !session.is_first() && around_auth(&request.content).is_none();
        }),
        &["rfc6618/5.3/done-without-auth"],
    ),
    Mutant::hac(
        "hac/auth-prefix-is-enough",
        "compares as many octets of auth as came",
        HacRequest(|request, session| {
            let right = session.signer(Direction::MnToHac).zip(around_auth(&request.content));
            let is_prefix = right.is_some_and(|(signer, (signed, value))| {
                value.len() >= 20 && hex::encode(&signer.sign(signed)).as_bytes().starts_with(value)
            });
            request.believed |= is_prefix;
        }),
        &["rfc6618/5.5.5/auth-truncated"],
    ),
    Mutant::hac(
        "hac/auth-any-length",
        "believes an auth of another length",
        HacRequest(|request, session| {
            let value = around_auth(&request.content).map(|(_, value)| value.to_vec());
            if !session.is_first() && value.is_some_and(|value| value.len() != 64) {
                request.drop_lines(|line| line.trim_ascii() == b"auth:");
                request.believed = true;
            }
        }),
        &["rfc6618/5.5.5/auth-empty", "rfc6618/5.5.5/auth-one-octet", "rfc6618/5.5.5/auth-long"],
    ),
    Mutant::hac(
        "hac/auth-that-is-no-hex",
        "believes an auth that it cannot decode",
        HacRequest(|request, _| {
            let value = around_auth(&request.content).map(|(_, value)| value);
            request.believed |= value.is_some_and(|value| hex::decode(value).is_err());
        }),
        &["rfc6618/5.5.5/auth-odd-hex", "rfc6618/5.5.5/auth-not-hex", "rfc6618/5.5.5/auth-with-prefix"],
    ),
    Mutant::hac(
        "hac/believes-without-label",
        "believes an auth as draft-01 makes it, too",
        HacRequest(|request, session| believe(request, session, |m| vec![m.signed, m.binding])),
        &["rfc6618/5.8/label-of-the-other-profile"],
    ),
    Mutant::hac(
        "hac/believes-own-label",
        "believes an auth with its own label",
        HacRequest(|request, session| believe(request, session, |m| vec![b"HAC", m.signed, m.binding])),
        &["rfc6618/5.8/label-of-the-hac"],
    ),
    Mutant::hac(
        "hac/believes-label-with-nul",
        "believes an auth whose label ends in NUL",
        HacRequest(|request, session| believe(request, session, |m| vec![b"MN\0", m.signed, m.binding])),
        &["rfc6618/5.8/label-with-nul"],
    ),
    Mutant::hac(
        "hac/believes-container-header",
        "believes an auth that covers the container header",
        HacRequest(|request, session| {
            believe(request, session, |m| vec![m.label, m.container, m.signed, m.binding]);
        }),
        &["rfc6618/5.8/container-header-signed"],
    ),
    Mutant::hac(
        "hac/believes-without-binding",
        "believes an auth without channel binding",
        HacRequest(|request, session| believe(request, session, |m| vec![m.label, m.signed])),
        &["rfc6618/5.8/without-channel-binding"],
    ),
    Mutant::hac(
        "hac/believes-prefixed-binding",
        "believes an auth whose channel binding starts with the name of its type",
        HacRequest(|request, session| {
            believe(request, session, |m| vec![m.label, m.signed, b"tls-server-end-point:", m.binding]);
        }),
        &["rfc6618/5.8/binding-with-prefix"],
    ),
    Mutant::hac(
        "hac/believes-binding-in-hex",
        "believes an auth whose channel binding is hexadecimal text",
        HacRequest(|request, session| {
            believe(request, session, |m| vec![m.label, m.signed, m.binding_in_hex]);
        }),
        &["rfc6618/5.8/binding-in-hex"],
    ),
    Mutant::hac(
        "hac/believes-itself",
        "believes its own auth when it is sent back",
        HacRequest(|request, session| {
            let value = around_auth(&request.content).map(|(_, value)| value);
            request.believed |= value.is_some() && value == session.said_auth.as_deref();
        }),
        &["rfc6618/5.8/reflected"],
    ),
    Mutant::hac(
        "hac/no-random-value-checked",
        "does not compare mn-rand and hac-rand of the last request",
        HacRequest(|request, session| {
            known_value(request, session, Name::MnRand);
            known_value(request, session, Name::HacRand);
        }),
        &[
            "rfc6618/5.8/mn-rand-changed",
            "rfc6618/5.8/hac-rand-changed",
            "rfc6618/5.8/replayed-done",
            "rfc6618/5.2/mn-rand-odd-in-done",
            "rfc6618/5.2/hac-rand-odd",
            "rfc6618/5.2/hac-rand-short",
            "rfc6618/5.2/hac-rand-long",
            "rfc6618/5.1/second-request-too-early",
            "rfc6618/5.8/randoms-swapped",
            "rfc6618/5.8/hac-rand-last-octet",
            "rfc6618/5.8/hac-rand-of-another-session",
        ],
    ),
    Mutant::hac(
        "hac/overlooks-other-mn-id",
        "does not compare mn-id of the last request",
        HacRequest(|request, session| {
            if !session.is_first() {
                request.edit(|draft| {
                    draft.remove(Name::MnId);
                });
            }
        }),
        &["rfc6618/5.8/other-mn-id-in-done"],
    ),
    Mutant::hac(
        "hac/anybody-ends",
        "takes the last request of another MN that it knows for one of the first",
        HacRequest(|request, session| {
            let named = request.value(Name::MnId).filter(|_| !session.is_first());
            let other = session.identities.iter().find(|one| named.as_deref() == Some(one.mn_id.as_bytes()));
            let (Some(other), Some(signer)) = (other, session.signer(Direction::MnToHac)) else { return };
            let Some((signed, value)) = around_auth(&request.content) else { return };
            let right = signer.sign_keyed(&other.psk, signed);
            request.believed |= hex::encode(&right).as_bytes() == value;
            request.edit(|draft| {
                draft.remove(Name::MnId);
            });
        }),
        &["rfc6618/5.8/mn-changes-in-done"],
    ),
    Mutant::hac(
        "hac/refuses-auth-in-init",
        "refuses a first request with auth",
        HacRequest(|request, session| {
            if session.is_first() && request.has(Name::AuthMethod) && request.has(Name::Auth) {
                request.spoil();
            }
        }),
        &["rfc6618/5.5.5/auth-in-init-ignored"],
    ),
];

fn has_mac(request: &Incoming) -> bool {
    around_auth(&request.content).is_some_and(|(_, value)| value.len() == 64 && hex::decode(value).is_ok())
}

/// What a misreader feeds to HMAC-SHA256.
struct Material<'a> {
    label: &'a [u8],
    container: &'a [u8],
    signed: &'a [u8],
    binding: &'a [u8],
    binding_in_hex: &'a [u8],
}

/// Believes an `auth` that is right under a misreading.
fn believe(request: &mut Incoming, session: &Session, parts: for<'a> fn(&Material<'a>) -> Vec<&'a [u8]>) {
    let Some(signer) = session.signer(Direction::MnToHac) else { return };
    let Some((signed, value)) = around_auth(&request.content) else { return };
    let container = request.octets();
    let in_hex = hex::encode(signer.binding.as_octets());
    let material = Material {
        label: label(signer.profile, signer.direction),
        container: container.get(..4).unwrap_or_default(),
        signed,
        binding: signer.binding.as_octets(),
        binding_in_hex: in_hex.as_bytes(),
    };
    let fits = hex::encode(&hmac_sha256(&signer.key, &parts(&material)).0).as_bytes() == value;
    request.believed |= fits;
}

/// Takes a random value of the last request for the one that is known.
fn known_value(request: &mut Incoming, session: &Session, name: Name) {
    let known = match name {
        Name::HacRand => &session.hac_rand,
        _ => &session.mn_rand,
    };
    if let (false, true, Some(known)) = (session.is_first(), request.has(name), known) {
        request.set(name, known);
    }
}
