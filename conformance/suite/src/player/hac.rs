//! RFC 6618 section 5.8: the scripted HAC, which judges or tempts an MN under test.

use core::time::Duration;
use std::net::SocketAddr;
use std::time::SystemTime;

use crypto::auth::{Direction, Profile};
use crypto::channel_binding::ChannelBinding;
use wire::message::{FinalResponse, Grant};
use wire::param::Name;
use wire::value::{Random, Status, hex};

use super::answer::{Answer, Reply};
use super::conversation::Conversation;
use super::message_forge::{AuthForge, MessageForge, Signer};
use crate::finding::{Because, Finding};
use crate::identity::Identity;
use crate::link::{Ending, Session};

/// A scripted HAC on one session that an MN opened.
pub struct HacPlayer {
    conversation: Conversation,
    key: Vec<u8>,
    profile: Profile,
    hac_rand: [u8; 32],
    mn_rand: Vec<u8>,
    identifier: u8,
}

/// A visit of the MN as the players saw it: the material that MN cases judge.
#[derive(Clone)]
pub struct Visit {
    /// Whose.
    pub identity: Identity,
    /// Under which profile `auth` is judged.
    pub profile: Profile,
    /// Of the TLS session.
    pub binding: ChannelBinding,
    /// The nonce we sent.
    pub hac_rand: [u8; 32],
    /// Request Init.
    pub init: Reply,
    /// Request Done.
    pub done: Reply,
    /// How the MN closed after the final response; `None` if it did not in time.
    pub ending: Option<Ending>,
    /// What we granted.
    pub grant: Grant,
    /// The first datagram to the HA.
    pub registration: Vec<u8>,
    /// Where it came from.
    pub registered_from: SocketAddr,
}

impl Visit {
    /// The signer whose `auth` request Done must carry.
    #[must_use]
    pub fn mn_signer(&self) -> Signer {
        Signer {
            profile: self.profile,
            direction: Direction::MnToHac,
            key: self.identity.psk.clone(),
            binding: self.binding.clone(),
            certificate: None,
            eap: None,
        }
    }
}

impl HacPlayer {
    /// A HAC for an MN that just connected.
    #[must_use]
    pub fn new(
        session: Box<dyn Session>,
        identity: Identity,
        profile: Profile,
        hac_rand: [u8; 32],
        wait: Duration,
    ) -> Self {
        let conversation = Conversation::new(session, wait);
        let key = identity.psk;
        Self { conversation, key, profile, hac_rand, mn_rand: Vec::new(), identifier: 0 }
    }

    /// The nonce of this session.
    #[must_use]
    pub const fn hac_rand(&self) -> [u8; 32] {
        self.hac_rand
    }

    /// Identifier of the newest request, which its response copies.
    #[must_use]
    pub const fn identifier(&self) -> u8 {
        self.identifier
    }

    /// Keys `auth` with something else than the pre-shared key from now on.
    pub fn set_key(&mut self, key: &[u8]) {
        self.key = key.to_vec();
    }

    /// tls-server-end-point of the session.
    #[must_use]
    pub fn binding(&self) -> ChannelBinding {
        self.conversation.session.channel_binding().clone()
    }

    /// Waits for the next request and remembers what an honest response repeats.
    pub fn request(&mut self) -> Answer {
        let answer = self.conversation.next();
        if let Answer::Reply(request) = &answer {
            self.identifier = request.container().identifier();
            // The nonce of the session is the one that came first, whatever the MN says later.
            if self.mn_rand.is_empty() {
                let rand = request.raw(Name::MnRand).and_then(|value| hex::decode(value).ok());
                self.mn_rand = rand.unwrap_or_default();
            }
        }
        answer
    }

    /// The honest response Init.
    #[must_use]
    pub fn init_response(&self) -> MessageForge {
        let mut draft = wire::header::Draft::new();
        draft.push(Name::AuthMethod, "psk");
        draft.push(Name::MnRand, hex::encode(&self.mn_rand));
        draft.push(Name::HacRand, hex::encode(&self.hac_rand));
        MessageForge::new(self.identifier, draft, AuthForge::Right)
    }

    /// The honest final response that grants.
    #[must_use]
    pub fn final_response(&self, grant: Grant) -> MessageForge {
        let response = FinalResponse {
            status: Status::OK,
            mn_rand: self.mn_rand.as_slice().try_into().ok().map(Random),
            hac_rand: Some(Random(self.hac_rand)),
            eap: None,
            retry_after: None,
            grant: Some(grant),
            auth: None,
        };
        MessageForge::new(self.identifier, response.draft(), AuthForge::Right)
    }

    /// Signs as the HAC on this session.
    #[must_use]
    pub fn signer(&self) -> Signer {
        Signer {
            profile: self.profile,
            direction: Direction::HacToMn,
            key: self.key.clone(),
            binding: self.binding(),
            certificate: None,
            eap: None,
        }
    }

    /// Sends a response as it is forged.
    ///
    /// # Errors
    /// Our own end failed.
    pub fn send(&mut self, response: &MessageForge) -> Result<(), Finding> {
        self.conversation.deliver(&response.octets(&self.signer()), response.delivery)
    }

    /// Sends a response with a fault. A fault that leaves the octets as they are is none.
    ///
    /// # Errors
    /// Inconclusive when the fault changes nothing; our own end failed.
    pub fn send_faulty(&mut self, honest: MessageForge, apply: fn(&mut MessageForge)) -> Result<(), Finding> {
        let mut faulty = honest.clone();
        apply(&mut faulty);
        if faulty.octets(&self.signer()) == honest.octets(&self.signer()) {
            let what = "the fault does not apply to what this MN asks for".to_owned();
            return Err(Finding::Inconclusive(Because::Prerequisite(what)));
        }
        self.send(&faulty)
    }

    /// Closes our end, as a HAC does after its final response.
    pub fn close(&mut self) {
        self.conversation.session.close();
    }

    /// Waits for the MN's close.
    ///
    /// # Errors
    /// What came instead.
    pub fn closing(&mut self) -> Result<Ending, Answer> {
        self.conversation.closing()
    }
}

/// The time now, since the Unix epoch.
#[must_use]
pub fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}
