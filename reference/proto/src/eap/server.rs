//! RFC 3748 section 4: the EAP server.

use crypto::gpsk::GpskSuite;
use crypto::keys::{Msk, Psk};
use wire::DecodeError;
use wire::eap::{Packet, Type};
use wire::error::{Have, Need};
use wire::value::Nai;

use super::gpsk::{AwaitFour, AwaitTwo, Last, Second};
use super::md5::{AwaitHash, Hash};
use super::{Method, misplaced, unexpected};
use crate::Random;

/// What a server offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Methods that may be used, the best first; the others are refused, whatever a peer wants.
    pub methods: Vec<Method>,
    /// Ciphersuites of EAP-GPSK, the best first.
    pub gpsk_suites: Vec<GpskSuite>,
    /// ID_Server of EAP-GPSK.
    pub name: Vec<u8>,
}

impl Default for Offer {
    /// EAP-GPSK with both ciphersuites; nothing that derives no MSK (EA-08).
    fn default() -> Self {
        Self { methods: vec![Method::Gpsk], gpsk_suites: GpskSuite::ALL.to_vec(), name: b"hac".to_vec() }
    }
}

/// Who has which secret.
pub trait Secrets {
    /// The secret that `identity` shares with the server.
    fn secret(&self, identity: &Nai) -> Option<Psk>;
}

/// The one who asks: a request is out, and a response to it is awaited.
pub struct Server {
    /// That of the request.
    identifier: u8,
    /// What the peer called itself, where that is a NAI.
    claimed: Option<Nai>,
    tried: Vec<Method>,
    state: State,
}

enum State {
    Identity,
    Md5(AwaitHash),
    Gpsk1(AwaitTwo),
    Gpsk3(Box<AwaitFour>),
    GpskFail,
}

/// What comes of a response.
pub enum ServerStep {
    /// Send this request.
    Ask {
        /// An EAP packet.
        request: Vec<u8>,
        /// Who takes the response.
        next: Server,
    },
    /// An EAP-Success is due, in the final response and not before (EA-04).
    Succeed {
        /// The Identifier of the EAP-Success.
        identifier: u8,
        /// Who was authenticated.
        who: Nai,
        /// What the method exported.
        msk: Option<Msk>,
    },
    /// An EAP-Failure is due.
    Fail {
        /// The Identifier of the EAP-Failure.
        identifier: u8,
    },
}

impl Server {
    /// A server and its first request, which asks for the identity (EA-09).
    ///
    /// # Errors
    /// None in practice: the request is short.
    pub fn start(random: &mut dyn Random) -> Result<(Self, Vec<u8>), DecodeError> {
        let mut identifier = [0];
        random.fill(&mut identifier);
        let [identifier] = identifier;
        let request = Packet::Request { identifier, kind: Type::IDENTITY, data: &[] }.to_vec()?;
        Ok((Self { identifier, claimed: None, tried: Vec::new(), state: State::Identity }, request))
    }

    /// The Identifier of the request that is out, and of the EAP-Failure if the conversation is broken off.
    pub fn identifier(&self) -> u8 {
        self.identifier
    }

    /// Takes a response.
    ///
    /// # Errors
    /// Anything but a legal response to the request that is out. A wrong proof is no error but [`ServerStep::Fail`].
    pub fn handle(
        mut self,
        offer: &Offer,
        secrets: &dyn Secrets,
        random: &mut dyn Random,
        packet: &[u8],
    ) -> Result<ServerStep, DecodeError> {
        let (kind, data) = self.response(packet)?;
        match (std::mem::replace(&mut self.state, State::Identity), kind) {
            (State::Identity, Type::IDENTITY) => {
                self.claimed = Nai::parse(data).ok();
                self.try_next(offer, random, |_| true)
            }
            (State::Md5(_) | State::Gpsk1(_), Type::NAK) => {
                self.try_next(offer, random, |method| data.contains(&method.kind().0))
            }
            (State::Md5(state), Type::MD5_CHALLENGE) => {
                let secret = self.claimed.as_ref().and_then(|claimed| secrets.secret(claimed));
                let identifier = self.identifier;
                Ok(match (state.check(identifier, data, secret.as_ref())?, self.claimed) {
                    (Hash::Right, Some(who)) => ServerStep::Succeed { identifier, who, msk: None },
                    _ => ServerStep::Fail { identifier },
                })
            }
            (State::Gpsk1(state), Type::GPSK) => match state.handle(data, secrets)? {
                Second::Three { three, next } => self.ask(Type::GPSK, &three, State::Gpsk3(next)),
                Second::Fail { fail } => self.ask(Type::GPSK, &fail, State::GpskFail),
            },
            (State::Gpsk3(state), Type::GPSK) => {
                let identifier = self.identifier;
                Ok(match state.handle(data)? {
                    Last::Right { who, msk } => ServerStep::Succeed { identifier, who, msk: Some(msk) },
                    Last::Wrong => ServerStep::Fail { identifier },
                })
            }
            (State::GpskFail, _) | (State::Identity, Type::NAK) => {
                Ok(ServerStep::Fail { identifier: self.identifier })
            }
            (State::Identity | State::Md5(_) | State::Gpsk1(_) | State::Gpsk3(_), _) => Err(unexpected(kind)),
        }
    }

    /// A response with the Identifier of the request.
    fn response<'a>(&self, packet: &'a [u8]) -> Result<(Type, &'a [u8]), DecodeError> {
        match Packet::parse(packet)? {
            Packet::Response { identifier, kind, data } if identifier == self.identifier => Ok((kind, data)),
            Packet::Response { identifier, .. } => {
                let need = Need::Value(u64::from(self.identifier));
                Err(DecodeError::new("EAP Identifier", need, Have::Value(u64::from(identifier))).shifted(1))
            }
            other => Err(misplaced(&other, "EAP-Response")),
        }
    }

    /// The best method of the offer that was not tried yet, if the peer would take it.
    fn try_next(
        mut self,
        offer: &Offer,
        random: &mut dyn Random,
        wanted: impl Fn(Method) -> bool,
    ) -> Result<ServerStep, DecodeError> {
        let mut offered = offer.methods.iter().copied();
        let Some(method) = offered.find(|&method| wanted(method) && !self.tried.contains(&method)) else {
            return Ok(ServerStep::Fail { identifier: self.identifier });
        };
        self.tried.push(method);
        match method {
            Method::Md5Challenge => {
                let (challenge, state) = AwaitHash::start(random)?;
                self.ask(method.kind(), &challenge, State::Md5(state))
            }
            Method::Gpsk => {
                let (one, state) = AwaitTwo::start(&offer.name, &offer.gpsk_suites, random)?;
                self.ask(method.kind(), &one, State::Gpsk1(state))
            }
        }
    }

    fn ask(self, kind: Type, data: &[u8], state: State) -> Result<ServerStep, DecodeError> {
        let identifier = self.identifier.wrapping_add(1);
        let request = Packet::Request { identifier, kind, data }.to_vec()?;
        Ok(ServerStep::Ask { request, next: Self { identifier, state, ..self } })
    }
}
