//! RFC 6618 section 5.8: what a liar remembers of one connection between MN and HAC, whichever side it is on.

use std::sync::Arc;

use crypto::auth::{Direction, Profile};
use crypto::channel_binding::ChannelBinding;
use suite::identity::Identity;
use suite::player::{AuthForge, MessageForge, ONE, Signer};
use wire::header::lex;
use wire::param::Name;
use wire::value::hex;

use super::incoming::{Incoming, around_auth};
use super::overheard::Overheard;

/// One connection.
pub struct Session {
    profile: Profile,
    binding: ChannelBinding,
    /// All MNs that the liar knows.
    pub identities: Arc<[Identity]>,
    /// Whose connection the one before this was.
    pub previous: Option<Identity>,
    /// Whose connection this is, once it is known.
    pub identity: Option<Identity>,
    /// The conversation by EAP, where there is one.
    pub eap: Overheard,
    /// What signs the present message instead of the pre-shared key, in an exchange by EAP.
    eap_key: Option<Vec<u8>>,
    /// `mn-rand` of this exchange as the honest machine knows it, in hex.
    pub mn_rand: Option<Vec<u8>>,
    /// `hac-rand` of this exchange as the honest machine knows it, in hex.
    pub hac_rand: Option<Vec<u8>>,
    /// `hac-rand` as a lying HAC told it, where that is another one.
    pub(super) told_hac_rand: Option<Vec<u8>>,
    /// `mn-rand` as a lying MN told it, empty if it told none, where that is another one.
    pub(super) told_mn_rand: Option<Vec<u8>>,
    /// Identifier of our own last message, as the honest machine gave it and as it was told.
    pub(super) said_identifier: (u8, u8),
    /// The last message of the peer, as it came.
    pub last: Option<Incoming>,
    /// The value of `auth` in our own last message.
    pub said_auth: Option<Vec<u8>>,
    /// Messages of the peer before the present one.
    pub received: usize,
    /// Identifier of the last message of the peer, as it came.
    pub came: u8,
    /// The same as it was handed on.
    pub handed_on: u8,
}

impl Session {
    /// A connection on which nothing was said yet.
    pub(super) fn new(
        profile: Profile,
        binding: ChannelBinding,
        identities: Arc<[Identity]>,
        previous: Option<Identity>,
    ) -> Self {
        Self {
            profile,
            binding,
            identities,
            previous,
            identity: None,
            eap: Overheard::default(),
            eap_key: None,
            mn_rand: None,
            hac_rand: None,
            told_hac_rand: None,
            told_mn_rand: None,
            said_identifier: (0, 0),
            last: None,
            said_auth: None,
            received: 0,
            came: 0,
            handed_on: 0,
        }
    }

    /// Signs in that direction, once it is known with whose key.
    #[must_use]
    pub fn signer(&self, direction: Direction) -> Option<Signer> {
        let psk = || self.identity.as_ref().map(|identity| identity.psk.clone());
        let (key, binding) = (self.eap_key.clone().or_else(psk)?, self.binding.clone());
        Some(Signer { profile: self.profile, direction, key, binding, certificate: None, eap: None })
    }

    /// The octets of a message of the honest machine, signed as it signs; without a key there is no `auth`.
    pub(super) fn octets(&self, direction: Direction, mut message: MessageForge) -> Vec<u8> {
        let signer = self.signer(direction).unwrap_or_else(|| {
            message.auth = AuthForge::Absent;
            let (key, binding) = (Vec::new(), self.binding.clone());
            Signer { profile: self.profile, direction, key, binding, certificate: None, eap: None }
        });
        message.octets(&signer)
    }

    /// Looks at a message of the peer, so that the right key judges it.
    pub(super) fn expect(&mut self, content: &[u8]) {
        self.eap.hear(content);
        self.eap_key = self.eap.key(content, self.identity.as_ref());
    }

    /// Looks at a message of the honest machine, so that a changed one is signed with the same key.
    pub(super) fn said(&mut self, direction: Direction, content: &[u8]) {
        self.eap.hear(content);
        if !self.eap.is_selected() {
            return;
        }
        let msk = self.identity.as_ref().and_then(|identity| self.eap.keys(identity).msk);
        let psk = self.identity.as_ref().map(|identity| identity.psk.clone());
        for key in [Some(ONE.to_vec()), msk, psk].into_iter().flatten() {
            self.eap_key = Some(key);
            let right = self.signer(direction).zip(around_auth(content));
            if right.is_some_and(|(signer, (signed, value))| {
                hex::encode(&signer.sign(signed)).as_bytes() == value
            }) {
                return;
            }
        }
    }

    /// Whether the message that is looked at is the first of the peer.
    #[must_use]
    pub const fn is_first(&self) -> bool {
        self.received == 0
    }

    /// A request that repeats the `hac-rand` that a lie put out repeats the one that the honest HAC knows.
    pub(super) fn translate(&self, request: &mut Incoming) {
        if let (Some(told), Some(known)) = (&self.told_hac_rand, &self.hac_rand)
            && told != known
            && request.value(Name::HacRand).as_ref() == Some(told)
        {
            request.set(Name::HacRand, known);
        }
    }

    /// A response that repeats what a lie told repeats what the honest MN said.
    pub(super) fn translate_back(&self, response: &mut Incoming) {
        let (said, told) = self.said_identifier;
        if response.identifier == told {
            response.identifier = said;
        }
        let (Some(told), Some(known)) = (&self.told_mn_rand, &self.mn_rand) else { return };
        if told == known {
            return;
        }
        // Without mn-rand in the request, that of the response is empty, and no header; or there is none.
        response.replace(b"mn-rand:\r\n", &[b"mn-rand:", known.as_slice(), b"\r\n"].concat());
        if response.value(Name::MnRand).is_none_or(|value| value == *told) {
            response.set(Name::MnRand, known);
        }
    }

    /// Remembers what the honest machine is told in a message of the peer.
    pub(super) fn heard(&mut self, message: &Incoming) {
        self.received += 1;
        self.handed_on = message.identifier;
        self.learn(&message.content);
    }

    /// Remembers who speaks, and the random values, from either side's first message.
    pub(super) fn learn(&mut self, content: &[u8]) {
        let Ok(lexed) = lex(content) else { return };
        let value = |name| lexed.find(name).map(|header| header.value.to_vec());
        if self.identity.is_none() {
            let named = value(Name::MnId);
            let is_named = |known: &&Identity| named.as_deref() == Some(known.mn_id.as_bytes());
            self.identity = self.identities.iter().find(is_named).cloned();
        }
        self.mn_rand = self.mn_rand.take().or_else(|| value(Name::MnRand));
        self.hac_rand = self.hac_rand.take().or_else(|| value(Name::HacRand));
    }
}
