//! RFC 6618 section 5.8: the exchange by PSK after the response Init.

use std::sync::Arc;

use crypto::channel_binding::ChannelBinding;
use wire::Name;
use wire::container::{Identifier, Repr};
use wire::message::{DoneRequest, FinalResponse, Request};
use wire::value::{Random as Nonce, Status};

use super::super::Desk;
use super::super::identities::Identity;
use super::answer::{Answerer, answerable};
use super::{Authenticated, Step, grant, request};
use crate::Timestamp;
use crate::refuse::Refusal;
use crate::shared_key::SharedKey;

/// The response Init is out; only a Done that proves the key brings it further.
pub(in super::super) struct ExpectDone {
    pub(super) binding: ChannelBinding,
    pub(super) identity: Arc<Identity>,
    pub(super) mn_rand: Nonce,
    pub(super) hac_rand: Nonce,
    pub(super) last: Identifier,
}

impl ExpectDone {
    pub(super) fn handle(self, desk: &mut Desk, now: Timestamp, container: &[u8]) -> Step {
        let answer_to = answerable(container, self.last.next().unwrap_or(self.last));
        let answerer = Answerer {
            key: Some(SharedKey::Psk(self.identity.psk.clone())),
            identity: Some(Arc::clone(&self.identity)),
            mn_rand: Some(self.mn_rand),
            hac_rand: Some(self.hac_rand),
            ..Answerer::new(answer_to, self.binding.clone())
        };
        self.finish(desk, now, container, &answerer).unwrap_or_else(|refusal| answerer.refuse(desk, refusal))
    }

    /// Request Done: does it prove the key on this connection, and what is granted?
    fn finish(
        self,
        desk: &mut Desk,
        now: Timestamp,
        container: &[u8],
        answerer: &Answerer,
    ) -> Result<Step, Refusal> {
        let Repr { identifier, content } = request(container, Some(self.last))?;
        let Request::Done(done) = Request::parse(identifier, content)? else {
            return Err(Refusal::OutOfOrder { need: "MHAuth-Done", have: "MHAuth-Mid" });
        };
        let who = self.authenticate(desk, answerer, content, &done)?;
        let echo = FinalResponse {
            mn_rand: Some(self.mn_rand),
            hac_rand: Some(self.hac_rand),
            ..FinalResponse::error(Status::OK)
        };
        grant(desk, now, answerer, &who, &done, echo)
    }

    /// The MAC first: nothing else in the message is believed, or reported, before it.
    fn authenticate(
        &self,
        desk: &Desk,
        answerer: &Answerer,
        content: &[u8],
        done: &DoneRequest,
    ) -> Result<Authenticated, Refusal> {
        let proof = answerer.verify(desk, content, &done.auth)?;
        echoes(Name::MnRand, self.mn_rand, done.mn_rand)?;
        echoes(Name::HacRand, self.hac_rand, done.hac_rand)?;
        match &done.mn_id {
            Some(mn_id) if *mn_id != self.identity.mn_id => Err(Refusal::IdentityChanged),
            _ => Ok(Authenticated { identity: Arc::clone(&self.identity), _proof: proof }),
        }
    }
}

fn echoes(name: Name, sent: Nonce, came: Option<Nonce>) -> Result<(), Refusal> {
    let header = name.as_str();
    match came {
        None => Err(Refusal::Missing { header }),
        Some(came) if came != sent => Err(Refusal::WrongEcho { header }),
        Some(_) => Ok(()),
    }
}
