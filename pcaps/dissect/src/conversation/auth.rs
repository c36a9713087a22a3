//! RFC 6618 sections 5.5.5, 5.8 and 5.9: whether an `auth` is right, and what explains one that is not.

use core::fmt;

use crypto::auth::{Direction, Profile};
use crypto::channel_binding::{BindingError, ChannelBinding};
use crypto::misreading::{EapKeys, Message};
use wire::param::{Name, Value};
use wire::value::{Mac, Method, Status};

use super::breach::{Breach, Unseen, What, Why};
use super::content::Content;
use super::credentials::Credentials;
use super::eap::{self, Eap, Stage};
use super::exchange::{Exchange, Kind, Said};
use super::requirement as id;
use crate::clue::Clue;

/// The key of EAP messages before the MSK exists (reading EA-01).
const ONE: &[u8] = b"1";

/// What an `auth` is tied to, and what it is checked with.
pub(super) struct Channel<'a> {
    pub(super) certificate: Option<&'a [u8]>,
    pub(super) binding: Option<&'a Result<ChannelBinding, BindingError>>,
    pub(super) credentials: &'a Credentials,
    /// The profile, if whoever looks on fixed it.
    pub(super) profile: Option<Profile>,
}

/// What is known of the sender's proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// There is none, and it is no matter of `auth`.
    None,
    /// It is right, under this profile.
    Right(Profile),
    /// It is wrong.
    Wrong,
    /// It could not be judged.
    NotJudged,
}

pub(super) struct Judged {
    pub(super) proof: Proof,
    pub(super) breach: Option<Breach>,
    pub(super) unseen: Option<Unseen>,
}

impl Judged {
    const fn just(proof: Proof) -> Self {
        Self { proof, breach: None, unseen: None }
    }
}

/// Judges the `auth` of a message.
pub(super) fn judge(
    exchange: &Exchange,
    said: Said<'_>,
    kind: Kind,
    content: &Content<'_>,
    channel: &Channel<'_>,
) -> Judged {
    let (Some(&Value::Mac(mac)), Some(signed)) = (content.value(Name::Auth), content.lexed.signed()) else {
        return Judged::just(Proof::None);
    };
    if kind == Kind::InitRequest {
        return Judged::just(Proof::None);
    }
    let requirement = requirement(exchange, said.by);
    let not_judged =
        |why| Judged { unseen: Some(Unseen { requirement, why }), ..Judged::just(Proof::NotJudged) };
    let binding = match channel.binding {
        Some(Ok(binding)) => binding,
        Some(Err(error)) => return not_judged(Why::NoBinding(error.clone())),
        None => return not_judged(Why::NoCertificate),
    };
    let key = match key(exchange, kind, channel.credentials) {
        Ok(key) => key,
        Err(why) => return not_judged(why),
    };
    let eap = (exchange.method == Some(Method::Eap)).then(|| made(exchange, channel.credentials));
    let message = |profile, key| Message {
        container: said.octets,
        covered: signed.len(),
        profile,
        direction: said.by,
        key,
        binding,
        certificate: channel.certificate,
        eap: eap.as_ref(),
    };
    let is_right = |profile, key| message(profile, key).right_mac() == mac;
    let (candidates, fallback) = profiles(exchange, channel);
    let keys = [Some(key.octets), key.or];
    let right =
        candidates.iter().find(|&&profile| keys.iter().flatten().any(|octets| is_right(profile, octets)));
    if let Some(&profile) = right {
        return Judged::just(Proof::Right(profile));
    }
    if let Sureness::Guess(why) = key.sureness {
        return not_judged(why);
    }
    explain(&message(fallback, key.octets), &mac, requirement, said.by)
}

fn explain(message: &Message<'_>, mac: &Mac, requirement: &'static str, by: Direction) -> Judged {
    let clues = message.misreadings(mac).into_iter().map(Clue::of_auth).collect();
    Judged { breach: Some(Breach::new(requirement, by, What::Auth(clues))), ..Judged::just(Proof::Wrong) }
}

/// The profiles that may be meant, and the one by which a wrong `auth` is explained.
fn profiles(exchange: &Exchange, channel: &Channel<'_>) -> (&'static [Profile], Profile) {
    match exchange.profile.or(channel.profile) {
        Some(Profile::Rfc6618) => (&[Profile::Rfc6618], Profile::Rfc6618),
        Some(Profile::Draft01) => (&[Profile::Draft01], Profile::Draft01),
        None => (&[Profile::Rfc6618, Profile::Draft01], Profile::Rfc6618),
    }
}

/// With what an `auth` may be keyed.
struct Key<'a> {
    /// The key by which a wrong one is explained.
    octets: &'a [u8],
    /// Another that is right, too.
    or: Option<&'a [u8]>,
    sureness: Sureness,
}

/// Whether a MAC that the key does not give is a wrong one.
enum Sureness {
    Known,
    /// Another key may be the right one.
    Guess(Why),
}

impl<'a> Key<'a> {
    const fn known(octets: &'a [u8]) -> Self {
        Self { octets, or: None, sureness: Sureness::Known }
    }

    const fn guess(octets: &'a [u8], or: Option<&'a [u8]>, why: Why) -> Self {
        Self { octets, or, sureness: Sureness::Guess(why) }
    }
}

fn key<'a>(exchange: &'a Exchange, kind: Kind, credentials: &'a Credentials) -> Result<Key<'a>, Why> {
    let mn_id = exchange.mn_id.as_deref().unwrap_or_default();
    match exchange.method {
        Some(Method::Psk) => credentials.psk(mn_id).map(Key::known).ok_or(Why::NoKey),
        // Refused before a method was selected.
        None => {
            let octets = credentials.psk(mn_id).ok_or(Why::NoKey)?;
            Ok(Key::guess(octets, None, Why::NoKey))
        }
        Some(Method::Eap) => Ok(eap_key(exchange, kind, credentials.msk(mn_id))),
    }
}

/// The constant until a method has made an MSK, and again when it failed; the MSK behind that, in errors too (readings
/// EA-03 and EA-05). `given` is what whoever looks on says.
fn eap_key<'a>(exchange: &'a Exchange, kind: Kind, given: Option<&'a [u8]>) -> Key<'a> {
    let Eap { method, stage } = &exchange.eap;
    let is_over = matches!(kind, Kind::DoneRequest | Kind::Final(_));
    let is_success = matches!(kind, Kind::DoneRequest | Kind::Final(Some(Status::OK)));
    let derived = exchange.eap.keys().map(|keys| keys.msk().as_octets());
    let why = if matches!(method, eap::Method::OtherPsk) { Why::OtherPsk } else { Why::NoMsk };
    match (derived.or(given), stage) {
        _ if !is_over || matches!(method, eap::Method::Keyless) => Key::known(ONE),
        // Whether the method had made one by then, the HAC alone knows.
        (msk, Stage::Failed) => Key { or: msk, ..Key::known(ONE) },
        (Some(msk), Stage::Finished) if derived.is_some() => Key::known(msk),
        // It may have been given for another exchange, or be no more.
        (Some(msk), _) if is_success => match derived {
            None => Key::known(msk),
            // The MSK is there, though the method has not come to its end.
            Some(_) => Key::guess(msk, Some(ONE), why),
        },
        (msk, _) => Key::guess(ONE, msk, why),
    }
}

/// What EAP made, for the dictionary.
fn made(exchange: &Exchange, credentials: &Credentials) -> EapKeys {
    let mn_id = exchange.mn_id.as_deref().unwrap_or_default();
    let derived = exchange.eap.keys();
    let msk = derived.map(|keys| keys.msk().as_octets()).or_else(|| credentials.msk(mn_id));
    EapKeys {
        secret: credentials.psk(mn_id).unwrap_or_default().to_vec(),
        msk: msk.map(<[u8]>::to_vec),
        emsk: derived.map(|keys| keys.emsk().to_vec()),
    }
}

const fn requirement(exchange: &Exchange, by: Direction) -> &'static str {
    match (by, exchange.method) {
        (Direction::MnToHac, Some(Method::Eap)) => id::EAP_AUTH_MN_TO_HAC,
        (Direction::HacToMn, Some(Method::Eap)) => id::EAP_AUTH_HAC_TO_MN,
        (Direction::MnToHac, _) => id::AUTH_MN_TO_HAC,
        (Direction::HacToMn, _) => id::AUTH_HAC_TO_MN,
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no auth",
            Self::Right(Profile::Rfc6618) => "auth right",
            Self::Right(Profile::Draft01) => "auth right by draft-01",
            Self::Wrong => "auth WRONG",
            Self::NotJudged => "auth not judged",
        })
    }
}
