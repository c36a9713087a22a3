//! RFC 6618 section 5.8: a HAC that signs in good faith, but read the text otherwise.

use crypto::auth::{Direction, hmac_sha256};
use sha2::{Digest, Sha256};
use suite::player::{AuthForge, MessageForge};
use wire::value::hex;

use crate::liar::session::Session;
use crate::mutant::Lie::HacResponse;
use crate::mutant::Mutant;
use crate::subject::CERTIFICATE;

const CAUGHT_BY: &[&str] = &["rfc6618/5.8/init-auth-right", "rfc6618/5.8/done-auth-right"];

/// Lies that each make one mistake of the dictionary `crypto::misreading::DICTIONARY`; `signing.rs` has the plainest ones.
pub(super) const LIES: &[Mutant] = &[
    misreads(
        "hac/key-in-upper-case-hex",
        "uses the pre-shared key as hexadecimal text in upper case",
        HacResponse(|response, session| {
            keyed(response, session, |key| key.iter().map(|octet| format!("{octet:02X}")).collect());
        }),
    ),
    misreads(
        "hac/key-with-line-end",
        "uses the line that holds the pre-shared key, line end included",
        HacResponse(|response, session| keyed(response, session, |key| hex::encode(key) + "\n")),
    ),
    misreads(
        "hac/label-in-lower-case",
        "signs with the label hac",
        HacResponse(|response, session| over(response, session, |s| vec![b"hac", s.message, s.binding])),
    ),
    misreads(
        "hac/label-with-nul",
        "signs with a NUL behind the label",
        HacResponse(|response, session| over(response, session, |s| vec![b"HAC\0", s.message, s.binding])),
    ),
    misreads(
        "hac/label-last",
        "signs with the label behind everything else",
        HacResponse(|response, session| over(response, session, |s| vec![s.message, s.binding, b"HAC"])),
    ),
    misreads(
        "hac/signs-to-the-last-octet",
        "signs the line end of auth and the end-of-message too",
        HacResponse(|response, session| {
            over(response, session, |s| vec![b"HAC", s.message, b"\r\n", s.end, s.binding]);
        }),
    ),
    misreads(
        "hac/signs-emptied-auth",
        "signs the whole message with an empty auth in it",
        HacResponse(|response, session| {
            over(response, session, |s| vec![b"HAC", s.message, b"auth:\r\n", s.end, s.binding]);
        }),
    ),
    misreads(
        "hac/signs-zeroed-auth",
        "signs the whole message with zeros in place of auth",
        HacResponse(|response, session| {
            over(response, session, |s| {
                vec![b"HAC", s.message, b"auth:", super::ZEROS, b"\r\n", s.end, s.binding]
            });
        }),
    ),
    misreads(
        "hac/signs-without-last-line-end",
        "does not sign the line end before auth",
        HacResponse(|response, session| {
            over(response, session, |s| {
                vec![b"HAC", s.message.strip_suffix(b"\r\n").unwrap_or(s.message), s.binding]
            });
        }),
    ),
    misreads(
        "hac/signs-lines-with-lf",
        "signs lines that end in LF where it sends CR LF",
        HacResponse(|response, session| {
            over(response, session, |s| {
                let mut parts: Vec<&[u8]> = vec![b"HAC"];
                parts.extend(s.message.split(|&octet| octet == b'\r'));
                parts.push(s.binding);
                parts
            });
        }),
    ),
    misreads(
        "hac/binding-always-sha256",
        "hashes its certificate with SHA-256, though it is signed with SHA-384",
        HacResponse(|response, _| {
            instead(response, AuthForge::Binding(|_| Sha256::digest(CERTIFICATE).to_vec()))
        }),
    ),
    misreads(
        "hac/binding-is-certificate",
        "takes its certificate itself for the channel binding",
        HacResponse(|response, _| instead(response, AuthForge::Binding(|_| CERTIFICATE.to_vec()))),
    ),
    misreads(
        "hac/binding-in-upper-case-hex",
        "signs the channel binding as hexadecimal text in upper case",
        HacResponse(|response, _| {
            instead(
                response,
                AuthForge::Binding(|hash| {
                    hash.as_octets().iter().flat_map(|octet| format!("{octet:02X}").into_bytes()).collect()
                }),
            );
        }),
    ),
    misreads(
        "hac/binding-as-fingerprint",
        "signs the channel binding as hexadecimal text with colons",
        HacResponse(|response, _| {
            instead(
                response,
                AuthForge::Binding(|hash| {
                    let text: String = hash.as_octets().iter().map(|octet| format!(":{octet:02X}")).collect();
                    text.trim_start_matches(':').as_bytes().to_vec()
                }),
            );
        }),
    ),
    misreads(
        "hac/binding-first",
        "signs the channel binding before the message",
        HacResponse(|response, session| over(response, session, |s| vec![b"HAC", s.binding, s.message])),
    ),
];

const fn misreads(id: &'static str, story: &'static str, lie: crate::mutant::Lie) -> Mutant {
    Mutant::hac(id, story, lie, CAUGHT_BY)
}

/// What there is to sign.
struct Signed<'a> {
    message: &'a [u8],
    end: &'a [u8],
    binding: &'a [u8],
}

/// Signs these octets instead of the right ones, where there is an `auth`.
fn over(response: &mut MessageForge, session: &Session, parts: for<'a> fn(&Signed<'a>) -> Vec<&'a [u8]>) {
    let Some(signer) = session.signer(Direction::HacToMn) else { return };
    let message = response.draft.unsigned_octets();
    let signed = Signed { message: &message, end: &response.draft.end, binding: signer.binding.as_octets() };
    let mac = hmac_sha256(&signer.key, &parts(&signed)).0;
    instead(response, AuthForge::Text(hex::encode(&mac).into_bytes()));
}

/// Signs with what becomes of the key as text, where there is an `auth`.
fn keyed(response: &mut MessageForge, session: &Session, text: fn(&[u8]) -> String) {
    if let Some(identity) = &session.identity {
        instead(response, AuthForge::Key(text(&identity.psk).into_bytes()));
    }
}

/// Makes `auth` otherwise, where there is one.
fn instead(response: &mut MessageForge, auth: AuthForge) {
    if matches!(response.auth, AuthForge::Right) {
        response.auth = auth;
    }
}
