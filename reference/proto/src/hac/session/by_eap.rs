//! RFC 6618 section 5.9: the exchange by EAP after the response Init.
//!
//! `auth` is keyed with "1" until a method has derived an MSK, then with the MSK (C12). In a Done, EAP is looked at
//! first, then `auth`, and only then is anything released (EA-07).

use crypto::channel_binding::ChannelBinding;
use crypto::keys::Msk;
use wire::Name;
use wire::container::{Identifier, Repr};
use wire::eap::{Packet, Type};
use wire::message::{DoneRequest, FinalResponse, MidResponse, Request};
use wire::value::{Nai, Random as Nonce, Status};

use super::super::Desk;
use super::answer::{Answerer, UNSIGNED, answerable};
use super::{Authenticated, Session, Step, grant, request};
use crate::Timestamp;
use crate::eap::{Server, ServerStep};
use crate::refuse::Refusal;
use crate::shared_key::SharedKey;

/// An EAP request is out; its response comes in a Mid, or with a Done if it is the last one.
pub(in super::super) struct ExpectMid {
    exchange: Exchange,
    server: Server,
}

/// The method ended well in a Mid; the mobile node still has to ask for its association (C12).
pub(in super::super) struct ExpectDone {
    exchange: Exchange,
    success: Success,
}

/// An AAA server was asked, and the mobile node waits for what comes of it.
pub(in super::super) struct AwaitAaa {
    answerer: Answerer,
}

struct Exchange {
    binding: ChannelBinding,
    mn_id: Nai,
    mn_rand: Option<Nonce>,
    last: Identifier,
}

/// What the EAP method found out.
struct Success {
    /// Of the EAP-Success, which goes with the final response only (EA-04).
    identifier: u8,
    who: Nai,
    msk: Option<Msk>,
}

impl ExpectMid {
    pub(super) fn new(
        binding: ChannelBinding,
        mn_id: Nai,
        mn_rand: Option<Nonce>,
        last: Identifier,
        server: Server,
    ) -> Self {
        Self { exchange: Exchange { binding, mn_id, mn_rand, last }, server }
    }

    pub(super) fn handle(self, desk: &mut Desk, now: Timestamp, container: &[u8]) -> Step {
        let mut answerer = self.exchange.answerer(desk, container, self.server.identifier());
        match self.proceed(desk, now, container, &mut answerer) {
            Ok(step) => step,
            Err(Refusal::AaaSilent) => {
                let next = Session::AwaitAaa(Box::new(AwaitAaa { answerer }));
                Step::Wait { until: now + desk.policy.aaa.patience, next }
            }
            Err(refusal) => answerer.refuse(desk, refusal),
        }
    }

    fn proceed(
        self,
        desk: &mut Desk,
        now: Timestamp,
        container: &[u8],
        answerer: &mut Answerer,
    ) -> Result<Step, Refusal> {
        let Self { mut exchange, server } = self;
        let Repr { identifier, content } = request(container, Some(exchange.last))?;
        exchange.last = identifier;
        match Request::parse(identifier, content)? {
            Request::Init(_) => Err(Refusal::OutOfOrder { need: "MHAuth-Mid", have: "MHAuth-Init" }),
            Request::Mid(mid) => {
                answerer.verify(desk, content, &mid.auth)?;
                match converse(desk, server, &mid.eap)? {
                    ServerStep::Ask { request, next } => exchange.ask(desk, answerer, request, next),
                    ServerStep::Succeed { identifier, who, msk } => {
                        exchange.wait_for_done(desk, answerer, Success { identifier, who, msk })
                    }
                    ServerStep::Fail { .. } => Err(Refusal::EapFailure),
                }
            }
            Request::Done(done) => {
                let packet = done.eap.as_ref();
                let packet = packet.ok_or(Refusal::Missing { header: Name::EapPayload.as_str() })?;
                match converse(desk, server, packet)? {
                    // EA-03: too early. The Done counts as a Mid, and another one follows.
                    ServerStep::Ask { request, next } => {
                        answerer.verify(desk, content, &done.auth)?;
                        exchange.ask(desk, answerer, request, next)
                    }
                    ServerStep::Succeed { identifier, who, msk } => {
                        let success = Success { identifier, who, msk };
                        exchange.finish(desk, now, answerer, content, &done, success)
                    }
                    ServerStep::Fail { .. } => Err(Refusal::EapFailure),
                }
            }
        }
    }
}

impl ExpectDone {
    pub(super) fn handle(self, desk: &mut Desk, now: Timestamp, container: &[u8]) -> Step {
        let mut answerer = self.exchange.answerer(desk, container, self.success.identifier);
        // C12: errors too are keyed with the MSK, once there is one.
        answerer.key = Some(SharedKey::after_eap(self.success.msk.clone()));
        self.proceed(desk, now, container, &mut answerer)
            .unwrap_or_else(|refusal| answerer.refuse(desk, refusal))
    }

    /// EAP is over, so an EAP packet has no place here.
    fn proceed(
        self,
        desk: &mut Desk,
        now: Timestamp,
        container: &[u8],
        answerer: &mut Answerer,
    ) -> Result<Step, Refusal> {
        let Self { exchange, success } = self;
        let Repr { identifier, content } = request(container, Some(exchange.last))?;
        let Request::Done(done) = Request::parse(identifier, content)? else {
            return Err(Refusal::OutOfOrder { need: "MHAuth-Done", have: "MHAuth-Mid" });
        };
        if done.eap.is_some() {
            return Err(Refusal::OutOfOrder { need: "Done without EAP", have: "Done with eap-payload" });
        }
        exchange.finish(desk, now, answerer, content, &done, success)
    }
}

impl AwaitAaa {
    /// The answer did not come in time.
    pub(in super::super) fn give_up(self, desk: &Desk) -> Step {
        self.answerer.refuse(desk, Refusal::AaaSilent)
    }
}

fn converse(desk: &mut Desk, server: Server, packet: &[u8]) -> Result<ServerStep, Refusal> {
    if let Packet::Response { kind: Type::IDENTITY, data, .. } = Packet::parse(packet)?
        && desk.policy.aaa.owns(data)
    {
        return Err(Refusal::AaaSilent);
    }
    let Desk { policy, identities, random, .. } = desk;
    Ok(server.handle(&policy.eap, identities, random.as_mut(), packet)?)
}

impl Exchange {
    fn answerer(&self, desk: &Desk, container: &[u8], eap_identifier: u8) -> Answerer {
        let answer_to = answerable(container, self.last.next().unwrap_or(self.last));
        Answerer {
            key: Some(SharedKey::One),
            identity: desk.identities.find(&self.mn_id),
            mn_rand: self.mn_rand,
            eap_failure: Some(eap_identifier),
            ..Answerer::new(answer_to, self.binding.clone())
        }
    }

    /// EX-05: there is no request after number 255, so what is not over by then never will be.
    fn may_go_on(&self) -> Result<(), Refusal> {
        match self.last.next() {
            Some(_) => Ok(()),
            None => Err(Refusal::TooManyRounds),
        }
    }

    fn ask(
        self,
        desk: &Desk,
        answerer: &Answerer,
        request: Vec<u8>,
        server: Server,
    ) -> Result<Step, Refusal> {
        self.may_go_on()?;
        let response = MidResponse { eap: Some(request), auth: UNSIGNED };
        let answer = answerer.seal(desk, response.draft())?;
        let next = Session::ByEap(Box::new(ExpectMid { exchange: self, server }));
        Ok(Step::Proceed { answer, next })
    }

    fn wait_for_done(self, desk: &Desk, answerer: &Answerer, success: Success) -> Result<Step, Refusal> {
        self.may_go_on()?;
        let answer = answerer.seal(desk, MidResponse { eap: None, auth: UNSIGNED }.draft())?;
        let next = Session::ByEapDone(Box::new(ExpectDone { exchange: self, success }));
        Ok(Step::Proceed { answer, next })
    }

    /// Request Done after a method that ended well. The association belongs to whom EAP has found (EA-10).
    fn finish(
        self,
        desk: &mut Desk,
        now: Timestamp,
        answerer: &mut Answerer,
        content: &[u8],
        done: &DoneRequest,
        Success { identifier, who, msk }: Success,
    ) -> Result<Step, Refusal> {
        answerer.key = Some(SharedKey::after_eap(msk));
        answerer.identity = desk.identities.find(&who);
        answerer.eap_failure = Some(identifier);
        let proof = answerer.verify(desk, content, &done.auth)?;
        if done.mn_id.as_ref().is_some_and(|mn_id| *mn_id != self.mn_id) {
            return Err(Refusal::IdentityChanged);
        }
        let identity = desk.identities.find(&who).ok_or(Refusal::UnknownIdentity)?;
        let echo = FinalResponse {
            eap: Some(Packet::Success { identifier }.to_vec()?),
            ..FinalResponse::error(Status::OK)
        };
        grant(desk, now, answerer, &Authenticated { identity, _proof: proof }, done, echo)
    }
}
