//! RFC 6618 section 5.9: which key EAP leads to, as far as it can be told by who looks on and knows the MN's PSK.
//!
//! EAP-GPSK (RFC 5433) shows all that its keys are made of, but for the PSK, in GPSK-2. MD5-Challenge makes no key
//! (reading EA-08). Of other methods nothing is known.

use crypto::gpsk::{GpskKeys, GpskSuite, Session};
use crypto::keys::Psk;
use wire::eap::{Gpsk, Gpsk2, Packet, Type};

use super::credentials::Credentials;

/// What was said so far.
#[derive(Default)]
pub(super) struct Eap {
    pub(super) method: Method,
    /// How far it came.
    pub(super) stage: Stage,
}

/// The method, by what it leads to.
#[derive(Default)]
pub(super) enum Method {
    /// None yet, or one that is not known here.
    #[default]
    Unknown,
    /// It makes no key.
    Keyless,
    /// EAP-GPSK, whose GPSK-2 was made with the PSK that was given.
    Gpsk(Box<GpskKeys>),
    /// EAP-GPSK, whose GPSK-2 was made with another PSK than the one that was given.
    OtherPsk,
}

/// How far a method came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    #[default]
    UnderWay,
    /// The MN has said all that it has to say.
    Finished,
    /// EAP-Failure.
    Failed,
}

impl Eap {
    /// Takes the next EAP packet, whoever sent it. What cannot be read tells nothing.
    pub(super) fn take(&mut self, packet: &[u8], mn_id: &[u8], credentials: &Credentials) {
        match Packet::parse(packet) {
            Ok(Packet::Failure { .. }) => self.stage = Stage::Failed,
            Ok(Packet::Success { .. }) => self.stage = Stage::Finished,
            Ok(Packet::Request { kind: Type::MD5_CHALLENGE, .. }) => self.method = Method::Keyless,
            Ok(Packet::Response { kind: Type::MD5_CHALLENGE, .. }) => self.stage = Stage::Finished,
            Ok(
                Packet::Request { kind: Type::GPSK, data, .. }
                | Packet::Response { kind: Type::GPSK, data, .. },
            ) => {
                self.gpsk(data, mn_id, credentials);
            }
            Ok(
                Packet::Request { kind: Type::IDENTITY | Type::NOTIFICATION, .. } | Packet::Response { .. },
            )
            | Err(_) => {}
            Ok(Packet::Request { .. }) => *self = Self::default(),
        }
    }

    /// The keys that EAP-GPSK made.
    pub(super) fn keys(&self) -> Option<&GpskKeys> {
        match &self.method {
            Method::Gpsk(keys) => Some(keys),
            Method::Unknown | Method::Keyless | Method::OtherPsk => None,
        }
    }

    fn gpsk(&mut self, data: &[u8], mn_id: &[u8], credentials: &Credentials) {
        match Gpsk::parse(data) {
            Ok(Gpsk::One(_)) => *self = Self::default(),
            Ok(Gpsk::Two(two)) => {
                let psk = credentials.psk(mn_id).or_else(|| credentials.psk(&two.id_peer));
                self.method = match psk {
                    None => Method::Unknown,
                    Some(psk) => {
                        derived(&two, psk).map_or(Method::OtherPsk, |keys| Method::Gpsk(Box::new(keys)))
                    }
                };
            }
            Ok(Gpsk::Four(_)) => self.stage = Stage::Finished,
            Ok(Gpsk::Three(_) | Gpsk::Fail(_) | Gpsk::ProtectedFail(_)) | Err(_) => {}
        }
    }
}

/// The keys that a PSK makes; nothing where the MAC says that the MN has another.
fn derived(two: &Gpsk2, psk: &[u8]) -> Option<GpskKeys> {
    let suite = GpskSuite::from_code(two.selected)?;
    let session = Session {
        rand_peer: &two.rand_peer,
        id_peer: &two.id_peer,
        rand_server: &two.rand_server,
        id_server: &two.id_server,
    };
    let keys = GpskKeys::derive(suite, &Psk::new(psk.to_vec()).ok()?, &session).ok()?;
    keys.verify(&two.unsigned().ok()?, &two.mac).ok()?;
    Some(keys)
}
