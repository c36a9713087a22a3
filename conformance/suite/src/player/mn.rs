//! RFC 6618 section 5.8: the scripted MN, one TLS session with the HAC.

use core::time::Duration;

use crypto::auth::{Direction, Profile};
use wire::header::Draft;
use wire::param::Name;
use wire::value::{Ciphersuite, Scope, hex};

use super::answer::{Answer, Reply};
use super::conversation::Conversation;
use super::exchange::Exchange;
use super::hac::now;
use super::message_forge::{AuthForge, Delivery, MessageForge, Signer};
use crate::finding::Finding;
use crate::identity::Identity;
use crate::link::{Ending, Session};

/// A scripted MN. It remembers what an honest next request needs and nothing more.
pub struct MnPlayer {
    conversation: Conversation,
    sent: Vec<Vec<u8>>,
    /// Whose exchange.
    pub identity: Identity,
    /// What keys `auth`: the pre-shared key, unless the exchange is by EAP.
    pub key: Vec<u8>,
    /// Whose `auth`.
    pub profile: Profile,
    /// The nonce of this session.
    pub mn_rand: [u8; 32],
    /// `hac-rand` as received, to be echoed.
    pub hac_rand: Option<Vec<u8>>,
    /// What Done offers.
    pub suites: Vec<Ciphersuite>,
    /// What Done proposes.
    pub scope: Scope,
}

impl MnPlayer {
    /// An MN on a fresh session; every wait for the HAC lasts at most `wait`.
    #[must_use]
    pub fn new(
        session: Box<dyn Session>,
        identity: Identity,
        profile: Profile,
        mn_rand: [u8; 32],
        wait: Duration,
    ) -> Self {
        Self {
            conversation: Conversation::new(session, wait),
            sent: Vec::new(),
            key: identity.psk.clone(),
            identity,
            profile,
            mn_rand,
            hac_rand: None,
            suites: Ciphersuite::ALL.to_vec(),
            scope: Scope::AllTraffic,
        }
    }

    /// Signs as an MN on this session.
    #[must_use]
    pub fn signer(&self) -> Signer {
        Signer {
            profile: self.profile,
            direction: Direction::MnToHac,
            key: self.key.clone(),
            binding: self.conversation.session.channel_binding().clone(),
            certificate: self.conversation.session.certificate().map(<[u8]>::to_vec),
            eap: None,
        }
    }

    /// Signs as the HAC would on this session.
    #[must_use]
    pub fn hac_signer(&self) -> Signer {
        Signer { direction: Direction::HacToMn, ..self.signer() }
    }

    /// The honest request Init.
    #[must_use]
    pub fn init(&self) -> MessageForge {
        let mut draft = Draft::new();
        draft.push(Name::MnId, &self.identity.mn_id);
        draft.push(Name::AuthMethod, "psk");
        draft.push(Name::MnRand, hex::encode(&self.mn_rand));
        MessageForge::new(1, draft, AuthForge::Absent)
    }

    /// The honest request Done, which echoes what response Init brought.
    #[must_use]
    pub fn done(&self) -> MessageForge {
        let suites: Vec<String> = self.suites.iter().map(|suite| suite.code().to_string()).collect();
        let mut draft = Draft::new();
        draft.push(Name::MnRand, hex::encode(&self.mn_rand));
        draft.push(Name::HacRand, hex::encode(self.hac_rand.as_deref().unwrap_or(&[0; 32])));
        draft.push(Name::Sas, self.scope);
        draft.push(Name::Suitelist, suites.join(","));
        MessageForge::new(2, draft, AuthForge::Right)
    }

    /// Sends a request as it is forged.
    ///
    /// # Errors
    /// A finding when the HAC is gone before it is sent: a close while we send is left to [`Self::answer`].
    pub fn send(&mut self, request: &MessageForge) -> Result<(), Finding> {
        let octets = request.octets(&self.signer());
        self.sent.push(octets.clone());
        self.conversation.deliver(&octets, request.delivery)
    }

    /// Sends octets that are no message at all.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub fn send_octets(&mut self, octets: &[u8]) -> Result<(), Finding> {
        self.conversation.deliver(octets, Delivery::Whole)
    }

    /// Closes our end with close_notify.
    pub fn close(&mut self) {
        self.conversation.session.close();
    }

    /// Waits for the next container.
    pub fn answer(&mut self) -> Answer {
        self.conversation.next()
    }

    /// Waits for the close that ends every exchange.
    ///
    /// # Errors
    /// What came instead.
    pub fn closing(&mut self) -> Result<Ending, Answer> {
        self.conversation.closing()
    }

    /// Reads response Init and remembers its `hac-rand`.
    pub fn init_answer(&mut self) -> Answer {
        let answer = self.answer();
        if let Answer::Reply(reply) = &answer {
            self.hac_rand = reply.raw(Name::HacRand).and_then(|value| hex::decode(value).ok());
        }
        answer
    }

    /// Sends honest requests and keeps everything. The responses are not judged here, only that they come.
    ///
    /// # Errors
    /// A finding when an answer is missing, or response Init already ends the exchange.
    pub fn exchange(mut self) -> Result<Exchange, Finding> {
        let (init, done) = self.both_answers()?;
        let at = now();
        let ending = self.closing().ok();
        let mut sent = self.sent.into_iter();
        Ok(Exchange {
            binding: self.conversation.session.channel_binding().clone(),
            certificate: self.conversation.session.certificate().map(<[u8]>::to_vec),
            identity: self.identity,
            profile: self.profile,
            mn_rand: self.mn_rand,
            scope: self.scope,
            suites: self.suites,
            init_request: sent.next().unwrap_or_default(),
            done_request: sent.next().unwrap_or_default(),
            init,
            done,
            ending,
            at,
        })
    }

    /// The requests as they were sent.
    pub(super) fn into_sent(self) -> Vec<Vec<u8>> {
        self.sent
    }

    fn both_answers(&mut self) -> Result<(Reply, Reply), Finding> {
        self.send(&self.init())?;
        let init = self.init_answer().reply("a response to an honest MHAuth-Init")?;
        if init.raw(Name::StatusCode).is_some() {
            return Err(Finding::fails("response MHAuth-Init to an honest request", init.describe()));
        }
        self.send(&self.done())?;
        let done = self.answer().reply("a response to an honest MHAuth-Done")?;
        Ok((init, done))
    }
}
