//! RFC 3748 section 4: the EAP peer.

use crypto::keys::{Msk, Psk};
use wire::DecodeError;
use wire::eap::{Packet, Type};
use wire::error::{Have, Need};
use wire::value::Nai;

use super::gpsk::{self, AwaitThree, Opening, Reply};
use super::{Method, md5, misplaced, unexpected};
use crate::Random;

/// The one who proves who it is, by one method.
pub struct Peer {
    identity: Nai,
    secret: Psk,
    method: Method,
    state: State,
}

enum State {
    /// No method was begun.
    Idle,
    Gpsk(Box<AwaitThree>),
    /// Only an EAP-Failure can follow.
    Failing,
}

/// What comes of a request.
pub enum PeerStep {
    /// Send this; another request follows.
    Respond {
        /// An EAP packet.
        response: Vec<u8>,
        /// Who takes the next request.
        next: Peer,
    },
    /// Send this; it is the method's last response.
    Conclude {
        /// An EAP packet.
        response: Vec<u8>,
        /// Who takes the result.
        conclusion: Conclusion,
    },
}

/// The peer's part is done; the server has the last word.
pub struct Conclusion {
    identifier: u8,
    msk: Option<Msk>,
}

impl Peer {
    /// A peer that speaks no other method.
    pub fn new(identity: Nai, secret: Psk, method: Method) -> Self {
        Self { identity, secret, method, state: State::Idle }
    }

    /// Takes a request.
    ///
    /// # Errors
    /// Anything but a legal request that fits. A result has no place before the method has ended (EA-04).
    pub fn handle(mut self, random: &mut dyn Random, packet: &[u8]) -> Result<PeerStep, DecodeError> {
        let (identifier, kind, data) = match Packet::parse(packet)? {
            Packet::Request { identifier, kind, data } => (identifier, kind, data),
            other => return Err(misplaced(&other, "EAP-Request")),
        };
        match (std::mem::replace(&mut self.state, State::Failing), kind) {
            (State::Idle, Type::IDENTITY) => {
                let response = response(identifier, kind, self.identity.as_str().as_bytes())?;
                Ok(self.respond(response, State::Idle))
            }
            (state, Type::NOTIFICATION) => Ok(self.respond(response(identifier, kind, &[])?, state)),
            (State::Idle, Type::NAK) => Err(unexpected(kind)),
            (State::Idle, _) if kind != self.method.kind() => {
                let response = response(identifier, Type::NAK, &[self.method.kind().0])?;
                Ok(self.respond(response, State::Idle))
            }
            (State::Idle, _) => self.begin(random, identifier, data),
            (State::Gpsk(state), Type::GPSK) => match state.handle(data)? {
                Reply::Four { four, msk } => conclude(identifier, kind, &four, Some(msk)),
                Reply::Fail { echo } => Ok(self.respond(response(identifier, kind, &echo)?, State::Failing)),
            },
            (State::Gpsk(_) | State::Failing, _) => Err(unexpected(kind)),
        }
    }

    fn begin(self, random: &mut dyn Random, identifier: u8, data: &[u8]) -> Result<PeerStep, DecodeError> {
        let kind = self.method.kind();
        match self.method {
            Method::Md5Challenge => {
                let hash = md5::answer(identifier, data, &self.secret)?;
                conclude(identifier, kind, &hash, None)
            }
            Method::Gpsk => match gpsk::answer(data, &self.identity, &self.secret, random)? {
                Opening::Answer { two, next } => {
                    Ok(self.respond(response(identifier, kind, &two)?, State::Gpsk(next)))
                }
                Opening::Unacceptable => {
                    Ok(self.respond(response(identifier, Type::NAK, &[0])?, State::Failing))
                }
            },
        }
    }

    fn respond(self, response: Vec<u8>, state: State) -> PeerStep {
        PeerStep::Respond { response, next: Self { state, ..self } }
    }
}

impl Conclusion {
    /// The MSK, if the method derives one. It keys the Done messages, before the server's result is known.
    pub fn msk(&self) -> Option<&Msk> {
        self.msk.as_ref()
    }

    /// Takes the result.
    ///
    /// # Errors
    /// Anything but an EAP-Success that answers the last response.
    pub fn check(&self, packet: &[u8]) -> Result<(), DecodeError> {
        match Packet::parse(packet)? {
            Packet::Success { identifier } if identifier == self.identifier => Ok(()),
            Packet::Success { identifier } => {
                let need = Need::Value(u64::from(self.identifier));
                Err(DecodeError::new("EAP Identifier", need, Have::Value(u64::from(identifier))).shifted(1))
            }
            other => Err(misplaced(&other, "EAP-Success")),
        }
    }
}

fn conclude(identifier: u8, kind: Type, data: &[u8], msk: Option<Msk>) -> Result<PeerStep, DecodeError> {
    let response = response(identifier, kind, data)?;
    Ok(PeerStep::Conclude { response, conclusion: Conclusion { identifier, msk } })
}

fn response(identifier: u8, kind: Type, data: &[u8]) -> Result<Vec<u8>, DecodeError> {
    Packet::Response { identifier, kind, data }.to_vec()
}
