//! RFC 6618 sections 5.3, 5.5.5 and C2: what an answer can carry by now, and its `auth`.

use std::sync::Arc;

use crypto::auth::{self, Direction, Verified};
use crypto::channel_binding::ChannelBinding;
use wire::Draft;
use wire::container::{Container, Identifier, Repr};
use wire::eap::Packet;
use wire::message::{FinalResponse, Signature};
use wire::value::{Mac, Random as Nonce};

use super::super::Desk;
use super::super::identities::Identity;
use super::Step;
use crate::refuse::Refusal;
use crate::shared_key::SharedKey;

/// Stands where a draft has no `auth` yet.
pub(super) const UNSIGNED: Signature = Signature { mac: Mac([0; 32]), covered: 0 };

/// Answers one request.
pub(super) struct Answerer {
    pub(super) answer_to: Identifier,
    pub(super) binding: ChannelBinding,
    /// Signs and verifies, where a key is known (AU-06).
    pub(super) key: Option<SharedKey>,
    /// For log lines.
    pub(super) identity: Option<Arc<Identity>>,
    pub(super) mn_rand: Option<Nonce>,
    pub(super) hac_rand: Option<Nonce>,
    /// The Identifier of the EAP packet that goes with an error, once EAP has begun (EA-05, EA-06).
    pub(super) eap_failure: Option<u8>,
}

/// C11: the Identifier for an answer is the one that came, if an answer may carry it.
pub(super) fn answerable(container: &[u8], expected: Identifier) -> Identifier {
    Identifier::new(Container::new_unchecked(container).identifier()).unwrap_or(expected)
}

impl Answerer {
    /// Knows nothing but the connection.
    pub(super) fn new(answer_to: Identifier, binding: ChannelBinding) -> Self {
        Self {
            answer_to,
            binding,
            key: None,
            identity: None,
            mn_rand: None,
            hac_rand: None,
            eap_failure: None,
        }
    }

    /// Whether the request was signed with the key of this moment.
    pub(super) fn verify(
        &self,
        desk: &Desk,
        content: &[u8],
        signature: &Signature,
    ) -> Result<Verified, Refusal> {
        let covered = content.get(..signature.covered).ok_or(Refusal::WrongAuth)?;
        let key = self.key.as_ref().ok_or(Refusal::WrongAuth)?.as_octets();
        let profile = desk.policy.profile;
        auth::verify(profile, Direction::MnToHac, key, covered, &self.binding, &signature.mac)
            .map_err(|_| Refusal::WrongAuth)
    }

    /// Sections 5.3, 5.8 and 5.9: the error answer. It never holds SA data (MS-05).
    pub(super) fn refuse(self, desk: &Desk, refusal: Refusal) -> Step {
        let failure = self.eap_failure.map(|identifier| Packet::Failure { identifier });
        let response = FinalResponse {
            mn_rand: self.mn_rand,
            hac_rand: self.hac_rand,
            eap: failure.and_then(|packet| packet.to_vec().ok()),
            ..FinalResponse::error(refusal.status())
        };
        // A status, two nonces, four octets and a MAC always fit into a container; nothing to say is said with nothing.
        let answer = self.seal(desk, response.draft()).unwrap_or_default();
        Step::Refuse { answer, who: self.identity, refusal }
    }

    /// Signs, if there is a key, and frames.
    pub(super) fn seal(&self, desk: &Desk, mut draft: Draft) -> Result<Vec<u8>, Refusal> {
        if let Some(key) = &self.key {
            let signed = draft.unsigned_octets();
            let (profile, key) = (desk.policy.profile, key.as_octets());
            draft.sign(auth::auth(profile, Direction::HacToMn, key, &signed, &self.binding));
        }
        let content = draft.octets();
        let container = Repr { identifier: self.answer_to, content: &content };
        container.to_vec().map_err(|_| Refusal::Internal { what: "size of the response" })
    }
}
