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
        // What a method made is not in the capture.
        eap: eap.as_ref(),
    };
    let is_right = |profile, key| message(profile, key).right_mac() == mac;
    let (candidates, fallback) = profiles(exchange, channel);
    let right = candidates.iter().find(|&&profile| is_right(profile, key.octets));
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

struct Key<'a> {
    octets: &'a [u8],
    sureness: Sureness,
}

/// Whether a MAC that the key does not give is a wrong one.
enum Sureness {
    Known,
    /// Another key may be the right one.
    Guess(Why),
}

fn key<'a>(exchange: &Exchange, kind: Kind, credentials: &'a Credentials) -> Result<Key<'a>, Why> {
    let known = |octets| Ok(Key { octets, sureness: Sureness::Known });
    let mn_id = exchange.mn_id.as_deref().unwrap_or_default();
    match exchange.method {
        Some(Method::Psk) => known(credentials.psk(mn_id).ok_or(Why::NoKey)?),
        // Refused before a method was selected.
        None => {
            let octets = credentials.psk(mn_id).ok_or(Why::NoKey)?;
            Ok(Key { octets, sureness: Sureness::Guess(Why::NoKey) })
        }
        Some(Method::Eap) => match (kind, credentials.msk(mn_id)) {
            (Kind::DoneRequest | Kind::Final(Some(Status::OK)), Some(msk)) => known(msk),
            (Kind::DoneRequest | Kind::Final(_), _) => {
                Ok(Key { octets: ONE, sureness: Sureness::Guess(Why::NoMsk) })
            }
            _ => known(ONE),
        },
    }
}

/// What EAP made, for the dictionary. The secret of its method is not known here.
fn made(exchange: &Exchange, credentials: &Credentials) -> EapKeys {
    let msk = credentials.msk(exchange.mn_id.as_deref().unwrap_or_default());
    EapKeys { secret: Vec::new(), msk: msk.map(<[u8]>::to_vec), emsk: None }
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
