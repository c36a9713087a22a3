//! RFC 6618 sections 5.1 and 5.2: from a request of a trace to octets for this session.

use core::ops::Range;

use crypto::auth::{self, Direction, Profile};
use wire::container::{Container, HEADER_LEN};
use wire::value::hex;

use super::Request;
use super::text::{AuthForm, Piece, Slot, TextError, parse};
use crate::player::{MnPlayer, Signer};

/// The hash of a certificate that no HAC of ours shows.
const ANOTHER_BINDING: [u8; 32] = [0xa5; 32];

/// Characters of an `auth` value.
const AUTH_LEN: usize = 64;

/// A request that was made for a session.
pub(super) struct Made {
    /// Container header and Content.
    pub(super) octets: Vec<u8>,
    /// What was filled in, in the words of the trace.
    pub(super) renewed: Vec<&'static str>,
    /// The first `auth` that is not what section 5.8 says.
    pub(super) wrong_auth: Option<&'static str>,
    /// Whether it names an MN that no HAC knows.
    pub(super) is_strange: bool,
}

/// What stands for words of a trace.
pub(super) struct Filling<'a> {
    /// Who speaks, on its session.
    pub(super) mn: &'a MnPlayer,
    /// A NAI that no HAC knows.
    pub(super) stranger: &'a str,
    /// The last `auth` of the HAC.
    pub(super) hac_auth: [u8; 32],
    /// What EAP has to say.
    pub(super) eap: Option<&'a [u8]>,
}

/// Codes that no specification has given to a ciphersuite.
const FOREIGN_SUITES: &str = "{FF,FE},{FF,FF}";

/// Fills a request in.
///
/// # Errors
/// Text that means nothing; the linter finds it first.
pub(super) fn make(request: &Request, filling: &Filling<'_>) -> Result<Made, TextError> {
    let mn = filling.mn;
    let mut content = Vec::new();
    let mut signatures = Vec::new();
    let mut renewed = Vec::new();
    let mut is_strange = false;
    for line in &request.headers {
        let before = content.len();
        for piece in parse(line)? {
            let slot = match piece {
                Piece::Octets(octets) => {
                    content.extend_from_slice(&octets);
                    continue;
                }
                Piece::Slot(slot) => slot,
            };
            if let Slot::Auth(form) = slot {
                signatures.push(Signature {
                    form,
                    covered: before,
                    at: content.len()..content.len() + AUTH_LEN,
                });
            }
            content.extend_from_slice(&value(slot, filling));
            renewed.push(name(slot));
            is_strange |= slot == Slot::Stranger;
        }
        content.extend_from_slice(b"\r\n");
    }
    for piece in parse(&request.end)? {
        if let Piece::Octets(octets) = piece {
            content.extend_from_slice(&octets);
        }
    }
    let header = header(request, content.len());
    let mut wrong_auth = None;
    for Signature { form, covered, at } in &signatures {
        let before = content.get(..*covered).unwrap_or_default();
        let mac = mac(*form, filling, &header, before);
        // Without labels, as in the draft, both ends make the same one.
        if mac != mn.signer().sign(before) {
            wrong_auth = wrong_auth.or(fault(*form));
        }
        if let Some(place) = content.get_mut(at.clone()) {
            place.copy_from_slice(hex::encode(&mac).as_bytes());
        }
    }
    Ok(Made { octets: [&header[..], &content].concat(), renewed, wrong_auth, is_strange })
}

/// An `auth` value that waits for everything around it.
struct Signature {
    form: AuthForm,
    /// How many octets of the Content stand before its line.
    covered: usize,
    at: Range<usize>,
}

fn header(request: &Request, content_len: usize) -> [u8; HEADER_LEN] {
    let mut header = Container::new_unchecked([0; HEADER_LEN]);
    header.set_version(request.version);
    header.set_reserved(request.reserved);
    header.set_identifier(request.identifier);
    // The linter refuses most of what no Length can count; a longer name than it reckoned with is left over.
    header.set_length(request.length.unwrap_or(u16::try_from(content_len).unwrap_or(u16::MAX)));
    header.into_inner()
}

fn value(slot: Slot, filling: &Filling<'_>) -> Vec<u8> {
    let Filling { mn, stranger, eap, .. } = filling;
    match slot {
        Slot::MnId => mn.identity.mn_id.clone().into_bytes(),
        Slot::Stranger => stranger.as_bytes().to_vec(),
        Slot::MnRand => hex::encode(&mn.mn_rand).into_bytes(),
        Slot::HacRand => hex::encode(mn.hac_rand.as_deref().unwrap_or(&[0; 32])).into_bytes(),
        Slot::Auth(_) => vec![b'0'; AUTH_LEN],
        Slot::Eap(_) => hex::encode(eap.unwrap_or_default()).into_bytes(),
        Slot::ForeignSuites => FOREIGN_SUITES.as_bytes().to_vec(),
    }
}

const fn name(slot: Slot) -> &'static str {
    match slot {
        Slot::MnId | Slot::Stranger => "mn-id",
        Slot::MnRand => "mn-rand",
        Slot::HacRand => "hac-rand",
        Slot::Auth(_) => "auth",
        Slot::Eap(_) => "eap-payload",
        Slot::ForeignSuites => "mip6-suitelist",
    }
}

fn mac(form: AuthForm, filling: &Filling<'_>, header: &[u8], before: &[u8]) -> [u8; 32] {
    let signer = filling.mn.signer();
    match form {
        AuthForm::Right => signer.sign(before),
        AuthForm::OtherProfile => Signer { profile: other(signer.profile), ..signer }.sign(before),
        AuthForm::OfTheHac => Signer { direction: Direction::HacToMn, ..signer }.sign(before),
        AuthForm::Reflected => filling.hac_auth,
        AuthForm::OtherKey => signer.sign_keyed(b"a key that nobody has", before),
        AuthForm::OverContainer => signer.sign(&[header, before].concat()),
        AuthForm::OtherChannel => {
            let label = auth::label(signer.profile, signer.direction);
            auth::hmac_sha256(&signer.key, &[label, before, &ANOTHER_BINDING]).0
        }
        AuthForm::FlippedBit => {
            let mut mac = signer.sign(before);
            mac[31] ^= 1;
            mac
        }
    }
}

const fn other(profile: Profile) -> Profile {
    match profile {
        Profile::Rfc6618 => Profile::Draft01,
        Profile::Draft01 => Profile::Rfc6618,
    }
}

const fn fault(form: AuthForm) -> Option<&'static str> {
    match form {
        AuthForm::Right => None,
        AuthForm::OtherProfile => Some("auth is made with the label of another profile"),
        AuthForm::OfTheHac => Some("auth is made as the HAC makes it"),
        AuthForm::Reflected => Some("auth is that of the HAC"),
        AuthForm::OtherKey => Some("auth is made with another key"),
        AuthForm::OverContainer => Some("auth covers the container header too"),
        AuthForm::OtherChannel => Some("auth is bound to another channel"),
        AuthForm::FlippedBit => Some("a bit of auth is turned"),
    }
}
