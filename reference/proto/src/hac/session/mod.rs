//! RFC 6618 sections 5.3, 5.8 and 5.9: one exchange. What the next container may be is a type:
//!
//! ```text
//!  ExpectInit --psk--> by_psk::ExpectDone ----------------------------------> Closing
//!             --eap--> by_eap::ExpectMid --+--------------------------------> Closing
//!                          ^---------------+--> by_eap::ExpectDone (C12) ---> Closing
//! ```
//!
//! and any refusal leads to `Closing` too.

mod answer;
mod by_eap;
mod by_psk;

use std::sync::Arc;

use crypto::auth::Verified;
use crypto::channel_binding::ChannelBinding;
use wire::container::{Container, Identifier, Repr};
use wire::error::Need;
use wire::message::{DoneRequest, FinalResponse, InitRequest, InitResponse, Request};
use wire::value::{Ciphersuite, Method, Methods, Random as Nonce, Status, SuiteList};
use wire::{Name, Value};

use self::answer::{Answerer, UNSIGNED, answerable};
use super::identities::Identity;
use super::{Desk, provision};
use crate::refuse::Refusal;
use crate::sa::SecurityAssociation;
use crate::shared_key::SharedKey;
use crate::{Timestamp, eap};

/// What the next container on a connection may be.
pub(super) enum Session {
    ExpectInit(ExpectInit),
    ByPsk(Box<by_psk::ExpectDone>),
    ByEap(Box<by_eap::ExpectMid>),
    ByEapDone(Box<by_eap::ExpectDone>),
    /// An AAA server owes an answer; nothing is heard meanwhile.
    AwaitAaa(Box<by_eap::AwaitAaa>),
    Closing,
}

/// Nothing came yet.
pub(super) struct ExpectInit {
    binding: ChannelBinding,
}

/// A mobile node that proved who it is on this connection; only such a one is given anything.
pub(super) struct Authenticated {
    pub(super) identity: Arc<Identity>,
    _proof: Verified,
}

/// What comes of one request. Grants and refusals end the exchange.
pub(super) enum Step {
    Proceed { answer: Vec<u8>, next: Session },
    Grant { answer: Vec<u8>, sa: Box<SecurityAssociation> },
    Refuse { answer: Vec<u8>, who: Option<Arc<Identity>>, refusal: Refusal },
    Wait { until: Timestamp, next: Session },
}

impl Session {
    pub(super) fn new(binding: ChannelBinding) -> Self {
        Self::ExpectInit(ExpectInit { binding })
    }

    /// Takes a container; `None` if nothing more is heard.
    pub(super) fn handle(self, desk: &mut Desk, now: Timestamp, container: &[u8]) -> Option<Step> {
        match self {
            Self::ExpectInit(state) => Some(state.handle(desk, container)),
            Self::ByPsk(state) => Some(state.handle(desk, now, container)),
            Self::ByEap(state) => Some(state.handle(desk, now, container)),
            Self::ByEapDone(state) => Some(state.handle(desk, now, container)),
            Self::AwaitAaa(_) | Self::Closing => None,
        }
    }
}

impl ExpectInit {
    fn handle(self, desk: &mut Desk, container: &[u8]) -> Step {
        let mut answerer = Answerer::new(answerable(container, Identifier::FIRST), self.binding);
        begin(desk, container, &mut answerer).unwrap_or_else(|refusal| answerer.refuse(desk, refusal))
    }
}

/// Request Init: who is it, and do we have a method in common?
fn begin(desk: &mut Desk, container: &[u8], answerer: &mut Answerer) -> Result<Step, Refusal> {
    let Repr { identifier, content } = request(container, None)?;
    learn(desk, content, answerer);
    let Request::Init(InitRequest { mn_id, methods, mn_rand }) = Request::parse(identifier, content)? else {
        return Err(Refusal::OutOfOrder { need: "MHAuth-Init", have: "a later message" });
    };
    let mut preferred = desk.policy.methods.iter().copied();
    match preferred.find(|method| methods.known.contains(method)).ok_or(Refusal::NoCommonMethod)? {
        Method::Psk => {
            let mn_rand = mn_rand.ok_or(Refusal::Missing { header: Name::MnRand.as_str() })?;
            let identity = desk.identities.find(&mn_id).ok_or(Refusal::UnknownIdentity)?;
            let hac_rand = Nonce(provision::draw(desk.random.as_mut()));
            let response = InitResponse {
                method: Method::Psk,
                mn_rand: Some(mn_rand),
                hac_rand: Some(hac_rand),
                eap: None,
                auth: UNSIGNED,
            };
            let answer = answerer.seal(desk, response.draft())?;
            let binding = answerer.binding.clone();
            let next = by_psk::ExpectDone { binding, identity, mn_rand, hac_rand, last: identifier };
            Ok(Step::Proceed { answer, next: Session::ByPsk(Box::new(next)) })
        }
        // Who is unknown is found out by the EAP method, as late as a wrong key is.
        Method::Eap => {
            answerer.key = Some(SharedKey::One);
            let (server, packet) = eap::Server::start(desk.random.as_mut())?;
            let response = InitResponse {
                method: Method::Eap,
                mn_rand: None,
                hac_rand: None,
                eap: Some(packet),
                auth: UNSIGNED,
            };
            let answer = answerer.seal(desk, response.draft())?;
            let binding = answerer.binding.clone();
            let next = by_eap::ExpectMid::new(binding, mn_id, mn_rand, identifier, server);
            Ok(Step::Proceed { answer, next: Session::ByEap(Box::new(next)) })
        }
    }
}

/// Even a request Init that will be refused may say who sends it, how it would authenticate, and `mn-rand`.
fn learn(desk: &Desk, content: &[u8], answerer: &mut Answerer) {
    let Ok(lexed) = wire::lex(content) else { return };
    let value = |name| lexed.find(name).and_then(|header| wire::param::check(name, header.value).ok());
    if let Some(Value::Nai(mn_id)) = value(Name::MnId) {
        answerer.identity = desk.identities.find(&mn_id);
        answerer.key = answerer.identity.as_ref().map(|identity| SharedKey::Psk(identity.psk.clone()));
    }
    if let Some(Value::Methods(Methods { known, .. })) = value(Name::AuthMethod)
        && known == [Method::Eap]
    {
        answerer.key = Some(SharedKey::One);
    }
    if let Some(Value::Random(mn_rand)) = value(Name::MnRand) {
        answerer.mn_rand = Some(mn_rand);
    }
}

/// Request Done of somebody authenticated: what is granted? `echo` holds what the method wants repeated.
fn grant(
    desk: &mut Desk,
    now: Timestamp,
    answerer: &Answerer,
    who: &Authenticated,
    done: &DoneRequest,
    echo: FinalResponse,
) -> Result<Step, Refusal> {
    let suite = choose_suite(&desk.policy.suites, &done.suites)?;
    let scope = desk.policy.scope.decide(done.scope);
    let sa = Box::new(desk.provision(now, who, suite, scope)?);
    let grant = Some(provision::grant(&sa, &desk.policy.network));
    let response = FinalResponse { status: Status::OK, grant, ..echo };
    Ok(Step::Grant { answer: answerer.seal(desk, response.draft())?, sa })
}

/// Section 4.3: the HAC's order decides (MS-15); codes that nobody assigned are passed over (VA-21).
fn choose_suite(allowed: &[Ciphersuite], offered: &SuiteList) -> Result<Ciphersuite, Refusal> {
    let mut allowed = allowed.iter().copied();
    allowed.find(|suite| offered.0.contains(&suite.code())).ok_or(Refusal::NoCommonSuite)
}

/// The container of a request, if it may follow the Identifier `last`.
fn request(container: &[u8], last: Option<Identifier>) -> Result<Repr<'_>, Refusal> {
    let view = Container::new_unchecked(container);
    if view.version() != 0 {
        return Err(Refusal::Version { have: view.version() });
    }
    let need = match last {
        None => Need::Value(1),
        Some(last) => Need::Range { min: u64::from(last.get()) + 1, max: 255 },
    };
    let have = view.identifier();
    // A step of more than one is not forbidden (EX-03).
    let fits = last.map_or(have == 1, |last| have > last.get());
    if !fits {
        return Err(Refusal::Identifier { need, have });
    }
    Ok(Repr::parse(&Container::new_checked(container)?)?)
}
