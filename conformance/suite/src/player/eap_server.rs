//! RFC 3748 and RFC 5433: the conversation by EAP-GPSK from the end of the scripted HAC.

use crypto::gpsk::{GpskKeys, GpskSuite, Session};
use crypto::keys::Psk;
use crypto::misreading::EapKeys;
use wire::eap::{Gpsk, Gpsk1, Gpsk2, Gpsk3, Packet, Type};
use wire::error::DecodeError;

use crate::finding::Finding;
use crate::identity::Identity;

/// How the scripted HAC calls itself.
const NAME: &[u8] = b"hac.conform.example";

/// The server of one conversation. It knows one MN.
pub struct EapServer {
    identity: Identity,
    identifier: u8,
    one: Gpsk1,
    keys: Option<GpskKeys>,
    is_over: bool,
}

/// What the server says to a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EapTurn {
    /// An EAP request; another response follows.
    Ask(Vec<u8>),
    /// EAP-Success, which is due in the final response.
    Succeed(Vec<u8>),
}

impl EapServer {
    /// A server that knows the key of `identity`.
    #[must_use]
    pub fn new(identity: &Identity, rand_server: [u8; 32]) -> Self {
        let suites = GpskSuite::ALL.map(GpskSuite::code).to_vec();
        let one = Gpsk1 { id_server: NAME.to_vec(), rand_server, suites };
        Self { identity: identity.clone(), identifier: rand_server[0], one, keys: None, is_over: false }
    }

    /// Whether the MN has had its last word.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.is_over
    }

    /// What the conversation has made by now.
    #[must_use]
    pub fn keys(&self) -> EapKeys {
        EapKeys {
            secret: self.identity.psk.clone(),
            msk: self.keys.as_ref().map(|keys| keys.msk().as_octets().to_vec()),
            emsk: self.keys.as_ref().map(|keys| keys.emsk().to_vec()),
        }
    }

    /// The first request, which asks for the identity.
    ///
    /// # Errors
    /// Our own.
    pub fn start(&self) -> Result<Vec<u8>, Finding> {
        written(Packet::Request { identifier: self.identifier, kind: Type::IDENTITY, data: &[] }.to_vec())
    }

    /// What to say to a response; after the last one, EAP-Success as often as it is asked for.
    ///
    /// # Errors
    /// A failure that names what is wrong with the response.
    pub fn answer(&mut self, packet: &[u8]) -> Result<EapTurn, Finding> {
        let malformed = |error: DecodeError| Finding::malformed("a well-formed EAP response", &error);
        let (kind, data) = match Packet::parse(packet).map_err(malformed)? {
            Packet::Response { identifier, kind, data } if identifier == self.identifier => (kind, data),
            Packet::Response { identifier, .. } => {
                let need = format!("an EAP response with Identifier {}", self.identifier);
                return Err(Finding::fails(need, format!("Identifier {identifier}")));
            }
            _ => return Err(Finding::fails("an EAP response", "another EAP packet")),
        };
        match kind {
            Type::IDENTITY => self.ask(&Gpsk::One(self.one.clone())),
            Type::GPSK => match Gpsk::parse(data).map_err(malformed)? {
                Gpsk::Two(two) => {
                    let three = self.three(two)?;
                    self.ask(&Gpsk::Three(three))
                }
                Gpsk::Four(four) => {
                    let unsigned = written(four.unsigned())?;
                    let proved =
                        self.keys.as_ref().is_some_and(|keys| keys.verify(&unsigned, &four.mac).is_ok());
                    if !proved {
                        return Err(Finding::fails("GPSK-4 with the MAC of the shared key", "another MAC"));
                    }
                    self.is_over = true;
                    self.success()
                }
                other => Err(Finding::fails("GPSK-2 or GPSK-4", other.name())),
            },
            other => Err(Finding::fails("EAP-GPSK, as the MN was told", format!("EAP type {}", other.0))),
        }
    }

    /// EAP-Success for the last response.
    ///
    /// # Errors
    /// Our own.
    pub fn success(&self) -> Result<EapTurn, Finding> {
        written(Packet::Success { identifier: self.identifier }.to_vec()).map(EapTurn::Succeed)
    }

    fn ask(&mut self, message: &Gpsk) -> Result<EapTurn, Finding> {
        self.identifier = self.identifier.wrapping_add(1);
        let data = written(message.to_vec())?;
        let request = Packet::Request { identifier: self.identifier, kind: Type::GPSK, data: &data };
        written(request.to_vec()).map(EapTurn::Ask)
    }

    fn three(&mut self, two: Gpsk2) -> Result<Gpsk3, Finding> {
        let unsigned = written(two.unsigned())?;
        let Gpsk2 { id_peer, id_server, rand_peer, rand_server, selected, mac, .. } = two;
        let psk = Psk::new(self.identity.psk.clone()).map_err(|error| Finding::Harness(error.to_string()))?;
        let session = Session {
            rand_peer: &rand_peer,
            id_peer: &id_peer,
            rand_server: &rand_server,
            id_server: &id_server,
        };
        let keys = GpskSuite::from_code(selected)
            .and_then(|suite| GpskKeys::derive(suite, &psk, &session).ok())
            .filter(|keys| keys.verify(&unsigned, &mac).is_ok());
        let Some(keys) = keys else {
            return Err(Finding::fails("GPSK-2 with the MAC of the shared key", "another MAC"));
        };
        let (protected, mac) = (Vec::new(), Vec::new());
        let mut three = Gpsk3 { rand_peer, rand_server, id_server, selected, protected, mac };
        three.mac = keys.mac(&written(three.unsigned())?);
        self.keys = Some(keys);
        Ok(three)
    }
}

/// What we write ourselves is short enough.
fn written<T>(octets: Result<T, DecodeError>) -> Result<T, Finding> {
    octets.map_err(|error| Finding::Harness(error.to_string()))
}
