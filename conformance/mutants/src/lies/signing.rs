//! RFC 6618 section 5.8: how a HAC proves itself, by `auth` and by the random values.

use crypto::auth::{Direction, hmac_sha256, label};
use suite::player::{AuthForge, MessageForge, Signer};
use wire::param::Name;
use wire::value::hex;

use super::ZEROS;
use super::headers::{change, is_error, is_grant};
use crate::liar::session::Session;
use crate::mutant::Lie::HacResponse;
use crate::mutant::Mutant;

const INIT_AUTH: &str = "rfc6618/5.8/init-auth-right";
const DONE_AUTH: &str = "rfc6618/5.8/done-auth-right";

/// Lies about the HAC's own proof; `misreadings.rs` has more of them.
pub(super) const LIES: &[Mutant] = &[
    Mutant::hac(
        "hac/errors-unsigned",
        "signs no error answer",
        HacResponse(|response, _| {
            if is_error(response) {
                response.auth = AuthForge::Absent;
            }
        }),
        &["rfc6618/5.8/error-is-authenticated"],
    ),
    Mutant::hac(
        "hac/auth-truncated",
        "sends the first 12 octets of auth",
        HacResponse(|response, _| forge(response, AuthForge::Truncated(12))),
        &["rfc6618/5.5.5/auth-has-32-octets"],
    ),
    Mutant::hac(
        "hac/auth-random",
        "sends an auth that fits nothing",
        HacResponse(|response, _| forge(response, AuthForge::FlippedBit)),
        &[INIT_AUTH, DONE_AUTH],
    ),
    Mutant::hac(
        "hac/signs-without-label",
        "leaves the label out of auth, as draft-01 does",
        HacResponse(|response, _| forge(response, AuthForge::Label(b""))),
        &[INIT_AUTH, DONE_AUTH],
    ),
    Mutant::hac(
        "hac/signs-with-label-mn",
        "signs with the label of the MN",
        HacResponse(|response, _| forge(response, AuthForge::Label(b"MN"))),
        &[INIT_AUTH, DONE_AUTH],
    ),
    Mutant::hac(
        "hac/signs-container-header",
        "signs the container header too",
        HacResponse(|response, _| forge(response, AuthForge::CoversContainer)),
        &[INIT_AUTH, DONE_AUTH],
    ),
    Mutant::hac(
        "hac/signs-end-of-message",
        "signs the end-of-message too",
        HacResponse(|response, session| also_sign(response, session, b"\r\n\r\n")),
        &[INIT_AUTH, DONE_AUTH],
    ),
    Mutant::hac(
        "hac/signs-name-of-auth",
        "signs the name and colon of auth too",
        HacResponse(|response, session| also_sign(response, session, b"auth:")),
        &[INIT_AUTH, DONE_AUTH],
    ),
    Mutant::hac(
        "hac/binding-with-prefix",
        "puts the name of its type before the channel binding",
        HacResponse(|response, _| {
            let prefixed = |binding: &crypto::channel_binding::ChannelBinding| {
                [b"tls-server-end-point:", binding.as_octets()].concat()
            };
            forge(response, AuthForge::Binding(prefixed));
        }),
        &[INIT_AUTH, DONE_AUTH],
    ),
    Mutant::hac(
        "hac/binding-in-hex",
        "signs the channel binding as hexadecimal text",
        HacResponse(|response, _| {
            forge(response, AuthForge::Binding(|binding| hex::encode(binding.as_octets()).into_bytes()));
        }),
        &[INIT_AUTH, DONE_AUTH],
    ),
    Mutant::hac(
        "hac/signs-without-binding",
        "leaves the channel binding out of auth",
        HacResponse(|response, _| forge(response, AuthForge::Binding(|_| Vec::new()))),
        &[INIT_AUTH, DONE_AUTH],
    ),
    Mutant::hac(
        "hac/key-in-hex",
        "uses the pre-shared key as hexadecimal text",
        HacResponse(|response, session| {
            if let Some(identity) = &session.identity {
                forge(response, AuthForge::Key(hex::encode(&identity.psk).into_bytes()));
            }
        }),
        &[INIT_AUTH, DONE_AUTH],
    ),
    Mutant::hac(
        "hac/init-echoes-nothing",
        "sends another mn-rand in its first response",
        HacResponse(|response, _| {
            if response.draft.position(Name::StatusCode).is_none() {
                change(response, Name::MnRand, ZEROS);
            }
        }),
        &["rfc6618/5.8/init-repeats-mn-rand"],
    ),
    Mutant::hac(
        "hac/done-echoes-other-mn-rand",
        "sends another mn-rand in its final response",
        HacResponse(|response, _| {
            if is_grant(response) {
                change(response, Name::MnRand, ZEROS);
            }
        }),
        &["rfc6618/5.8/done-repeats-mn-rand"],
    ),
    Mutant::hac(
        "hac/done-echoes-other-hac-rand",
        "sends another hac-rand in its final response",
        HacResponse(|response, _| {
            if is_grant(response) {
                change(response, Name::HacRand, ZEROS);
            }
        }),
        &["rfc6618/5.8/done-repeats-hac-rand"],
    ),
    Mutant::hac(
        "hac/hac-rand-constant",
        "sends the same hac-rand to everybody",
        HacResponse(|response, _| change(response, Name::HacRand, ZEROS)),
        &[
            "rfc6618/5.5.8/hac-rand-fresh",
            "rfc6618/5.8/hac-rand-not-derived",
            "rfc6618/5.8/hac-rand-varies-throughout",
        ],
    ),
    Mutant::hac(
        "hac/hac-rand-is-mn-rand",
        "sends mn-rand back as hac-rand",
        HacResponse(|response, session| {
            if let Some(mn_rand) = &session.mn_rand {
                change(response, Name::HacRand, mn_rand);
            }
        }),
        &["rfc6618/5.8/hac-rand-not-mn-rand"],
    ),
    Mutant::hac(
        "hac/hac-rand-short",
        "sends a hac-rand of 16 octets",
        HacResponse(|response, session| {
            if let Some(front) = session.hac_rand.as_deref().and_then(|rand| rand.get(..32)) {
                change(response, Name::HacRand, front);
            }
        }),
        &["rfc6618/5.5.8/hac-rand-length"],
    ),
];

/// Makes `auth` otherwise, where there is one.
fn forge(response: &mut MessageForge, auth: AuthForge) {
    if matches!(response.auth, AuthForge::Right) {
        response.auth = auth;
    }
}

/// Signs octets behind the ones that are to be signed.
fn also_sign(response: &mut MessageForge, session: &Session, more: &[u8]) {
    let Some(signer) = session.signer(Direction::HacToMn) else { return };
    let Signer { profile, direction, key, binding, .. } = &signer;
    let signed = response.draft.unsigned_octets();
    let mac = hmac_sha256(key, &[label(*profile, *direction), &signed, more, binding.as_octets()]);
    forge(response, AuthForge::Text(hex::encode(&mac.0).into_bytes()));
}
