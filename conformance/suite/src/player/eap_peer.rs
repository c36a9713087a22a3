//! RFC 3748 and RFC 5433: the EAP conversation from the end of the scripted MN.

use crypto::gpsk::{GpskKeys, GpskSuite, Session};
use crypto::keys::Psk;
use crypto::md5_challenge;
use crypto::misreading::EapKeys;
use wire::eap::{Gpsk, Gpsk1, Gpsk2, Gpsk3, Gpsk4, Md5Challenge, Packet, Type};
use wire::error::DecodeError;

use crate::finding::{Because, Clue, Finding};
use crate::identity::Identity;

/// The methods that the suite speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EapMethod {
    /// EAP-GPSK: an MSK comes of it.
    Gpsk,
    /// MD5-Challenge: no MSK.
    Md5Challenge,
}

impl EapMethod {
    /// Both, the one with an MSK first.
    pub const ALL: [Self; 2] = [Self::Gpsk, Self::Md5Challenge];

    /// Its number on the wire.
    #[must_use]
    pub const fn kind(self) -> Type {
        match self {
            Self::Gpsk => Type::GPSK,
            Self::Md5Challenge => Type::MD5_CHALLENGE,
        }
    }

    /// Its name in reports and on command lines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gpsk => "eap-gpsk",
            Self::Md5Challenge => "eap-md5",
        }
    }

    const fn needed(self) -> &'static str {
        match self {
            Self::Gpsk => "EAP-GPSK, which the HAC does not offer",
            Self::Md5Challenge => "EAP-MD5, which the HAC does not offer",
        }
    }
}

/// The peer of one conversation. It speaks one method.
pub struct EapPeer {
    method: EapMethod,
    identity: Vec<u8>,
    secret: Vec<u8>,
    rand_peer: [u8; 32],
    has_refused: bool,
    sent: Option<Gpsk2>,
    keys: Option<GpskKeys>,
}

/// What the peer says to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EapStep {
    /// An EAP response; another request follows.
    Respond(Vec<u8>),
    /// The last EAP response of the method.
    Conclude(Vec<u8>),
}

impl EapPeer {
    /// A peer that proves the key of `identity`.
    #[must_use]
    pub fn new(identity: &Identity, method: EapMethod, rand_peer: [u8; 32]) -> Self {
        Self {
            method,
            identity: identity.mn_id.clone().into_bytes(),
            secret: identity.psk.clone(),
            rand_peer,
            has_refused: false,
            sent: None,
            keys: None,
        }
    }

    /// The same with a name or a secret that is not the identity's.
    #[must_use]
    pub fn pretending(self, identity: &[u8], secret: &[u8]) -> Self {
        Self { identity: identity.to_vec(), secret: secret.to_vec(), ..self }
    }

    /// What the conversation has made by now.
    #[must_use]
    pub fn keys(&self) -> EapKeys {
        EapKeys {
            secret: self.secret.clone(),
            msk: self.keys.as_ref().map(|keys| keys.msk().as_octets().to_vec()),
            emsk: self.keys.as_ref().map(|keys| keys.emsk().to_vec()),
        }
    }

    /// The response to a request of the server.
    ///
    /// # Errors
    /// A failure that names what is wrong with the packet; unsupported when the server has no such method.
    pub fn answer(&mut self, packet: &[u8]) -> Result<EapStep, Finding> {
        let (identifier, kind, data) = match Packet::parse(packet).map_err(|e| malformed("EAP packet", &e))? {
            Packet::Request { identifier, kind, data } => (identifier, kind, data),
            other => return Err(misplaced(&other)),
        };
        let response = |kind, data: &[u8]| written(Packet::Response { identifier, kind, data }.to_vec());
        match kind {
            Type::IDENTITY => Ok(EapStep::Respond(response(kind, &self.identity)?)),
            Type::NOTIFICATION => Ok(EapStep::Respond(response(kind, &[])?)),
            _ if kind != self.method.kind() && self.has_refused => {
                Err(Finding::Unsupported(Because::Needs(self.method.needed())))
            }
            _ if kind != self.method.kind() => {
                self.has_refused = true;
                Ok(EapStep::Respond(response(Type::NAK, &[self.method.kind().0])?))
            }
            Type::MD5_CHALLENGE => {
                let challenge = Md5Challenge::parse(data).map_err(|e| malformed("EAP-MD5 challenge", &e))?;
                let hash = md5_challenge::response(identifier, &self.secret, challenge.value);
                let hash = written(Md5Challenge { value: &hash, name: &[] }.to_vec())?;
                Ok(EapStep::Conclude(response(kind, &hash)?))
            }
            _ => match Gpsk::parse(data).map_err(|e| malformed("EAP-GPSK message", &e))? {
                Gpsk::One(one) => Ok(EapStep::Respond(response(kind, &self.two(one)?)?)),
                Gpsk::Three(three) => Ok(EapStep::Conclude(response(kind, &self.four(&three)?)?)),
                // Section 10 of RFC 5433: a failure is acknowledged by sending it back.
                Gpsk::Fail(_) | Gpsk::ProtectedFail(_) => Ok(EapStep::Respond(response(kind, data)?)),
                other => Err(Finding::fails("GPSK-1 or GPSK-3", other.name())),
            },
        }
    }

    /// Whether the server gave up on a peer that refused its method.
    #[must_use]
    pub const fn was_never_begun(&self) -> bool {
        self.has_refused && self.keys.is_none()
    }

    /// What a server that refuses the only method of this peer comes to.
    #[must_use]
    pub const fn unsupported(&self) -> Finding {
        Finding::Unsupported(Because::Needs(self.method.needed()))
    }

    fn two(&mut self, one: Gpsk1) -> Result<Vec<u8>, Finding> {
        let Gpsk1 { id_server, rand_server, suites } = one;
        let session = Session {
            rand_peer: &self.rand_peer,
            id_peer: &self.identity,
            rand_server: &rand_server,
            id_server: &id_server,
        };
        let psk = Psk::new(self.secret.clone()).map_err(|error| Finding::Harness(error.to_string()))?;
        let usable = suites.iter().find_map(|code| {
            let keys = GpskKeys::derive(GpskSuite::from_code(*code)?, &psk, &session).ok()?;
            Some((*code, keys))
        });
        let Some((selected, keys)) = usable else {
            let suites: Vec<u8> = suites.iter().flat_map(|suite| suite.0).collect();
            return Err(Finding::fails("a ciphersuite of RFC 5433 in GPSK-1", "none")
                .with_octets("CSuite_List", &suites));
        };
        let mut two = Gpsk2 {
            id_peer: self.identity.clone(),
            id_server,
            rand_peer: self.rand_peer,
            rand_server,
            suites,
            selected,
            protected: Vec::new(),
            mac: Vec::new(),
        };
        two.mac = keys.mac(&written(two.unsigned())?);
        self.keys = Some(keys);
        self.sent = Some(two.clone());
        written(Gpsk::Two(two).to_vec())
    }

    fn four(&self, three: &Gpsk3) -> Result<Vec<u8>, Finding> {
        let (Some(keys), Some(sent)) = (&self.keys, &self.sent) else {
            return Err(Finding::fails("GPSK-1 first", "GPSK-3"));
        };
        let repeats = sent.rand_peer == three.rand_peer
            && sent.rand_server == three.rand_server
            && sent.id_server == three.id_server
            && sent.selected == three.selected;
        if !repeats {
            return Err(Finding::fails("in GPSK-3 what was said in GPSK-2", "something else"));
        }
        keys.verify(&written(three.unsigned())?, &three.mac)
            .map_err(|_| Finding::fails("GPSK-3 with the MAC of the shared key", "another MAC"))?;
        let mut four = Gpsk4 { protected: Vec::new(), mac: Vec::new() };
        four.mac = keys.mac(&written(four.unsigned())?);
        written(Gpsk::Four(four).to_vec())
    }
}

fn malformed(what: &str, error: &DecodeError) -> Finding {
    Finding::malformed(format!("a well-formed {what}"), error)
}

/// What we write ourselves is short enough.
fn written<T>(octets: Result<T, DecodeError>) -> Result<T, Finding> {
    octets.map_err(|error| Finding::Harness(error.to_string()))
}

fn misplaced(packet: &Packet<'_>) -> Finding {
    match packet {
        Packet::Success { .. } | Packet::Failure { .. } => {
            Finding::fails("an EAP request", "the result of EAP in a response without status-code").with_clue(
                Clue {
                    says: "the result of EAP is told before MHAuth-Done".to_owned(),
                    reading: Some("EA-04".to_owned()),
                    fix: "keep EAP-Success and EAP-Failure for the final response".to_owned(),
                },
            )
        }
        Packet::Request { .. } | Packet::Response { .. } => {
            Finding::fails("an EAP request, as the server of the conversation", "an EAP response")
        }
    }
}
