//! RFC 6618 sections 5.3 and 5.8: one exchange by PSK. `ExpectInit` becomes `ExpectDone` becomes `Closing`, and any
//! refusal leads to `Closing` too. EAP (5.9) will stand between the first two, with states of its own.

use std::sync::Arc;

use crypto::auth::{self, Direction, Verified};
use crypto::channel_binding::ChannelBinding;
use wire::container::{Container, Identifier, Repr};
use wire::error::Need;
use wire::message::{DoneRequest, FinalResponse, InitRequest, InitResponse, Request, Signature};
use wire::value::{Ciphersuite, Mac, Method, Random as Nonce, Status, SuiteList};
use wire::{Draft, Name, Value};

use super::identities::Identity;
use super::{Desk, provision};
use crate::Timestamp;
use crate::refuse::Refusal;
use crate::sa::SecurityAssociation;

/// Stands where a draft has no `auth` yet.
const UNSIGNED: Signature = Signature { mac: Mac([0; 32]), covered: 0 };

/// What the next container on a connection may be.
pub(super) enum Session {
    ExpectInit(ExpectInit),
    ExpectDone(ExpectDone),
    Closing,
}

/// Nothing came yet.
pub(super) struct ExpectInit {
    binding: ChannelBinding,
}

/// The response Init is out; only a Done that proves the key brings it further.
pub(super) struct ExpectDone {
    binding: ChannelBinding,
    identity: Arc<Identity>,
    mn_rand: Nonce,
    hac_rand: Nonce,
    last: Identifier,
}

/// A mobile node that proved its key on this connection; only such a one is given anything.
pub(super) struct Authenticated {
    pub(super) identity: Arc<Identity>,
    _proof: Verified,
}

/// What comes of one request. All but `Proceed` end the exchange.
pub(super) enum Step {
    Proceed { answer: Vec<u8>, next: ExpectDone },
    Grant { answer: Vec<u8>, sa: Box<SecurityAssociation> },
    Refuse { answer: Vec<u8>, who: Option<Arc<Identity>>, refusal: Refusal },
}

impl Session {
    pub(super) fn new(binding: ChannelBinding) -> Self {
        Self::ExpectInit(ExpectInit { binding })
    }
}

impl ExpectInit {
    pub(super) fn handle(self, desk: &mut Desk, container: &[u8]) -> Step {
        let mut known = Known {
            answer_to: answerable(container, Identifier::FIRST),
            binding: self.binding,
            identity: None,
            mn_rand: None,
            hac_rand: None,
        };
        match begin(desk, container, &mut known) {
            Ok((answer, next)) => Step::Proceed { answer, next },
            Err(refusal) => known.refuse(desk, refusal),
        }
    }
}

/// Request Init: who is it, and do we have a method in common?
fn begin(desk: &mut Desk, container: &[u8], known: &mut Known) -> Result<(Vec<u8>, ExpectDone), Refusal> {
    let Repr { identifier, content } = request(container, None)?;
    known.learn(desk, content);
    let Request::Init(InitRequest { mn_id, methods, mn_rand }) = Request::parse(identifier, content)? else {
        return Err(Refusal::OutOfOrder { need: "MHAuth-Init", have: "a later message" });
    };
    if !methods.known.contains(&Method::Psk) {
        return Err(Refusal::NoCommonMethod);
    }
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
    let answer = known.seal(desk, response.draft())?;
    let binding = known.binding.clone();
    Ok((answer, ExpectDone { binding, identity, mn_rand, hac_rand, last: identifier }))
}

impl ExpectDone {
    pub(super) fn handle(self, desk: &mut Desk, now: Timestamp, container: &[u8]) -> Step {
        let known = Known {
            answer_to: answerable(container, self.last.next().unwrap_or(self.last)),
            binding: self.binding.clone(),
            identity: Some(Arc::clone(&self.identity)),
            mn_rand: Some(self.mn_rand),
            hac_rand: Some(self.hac_rand),
        };
        match self.finish(desk, now, container, &known) {
            Ok((answer, sa)) => Step::Grant { answer, sa },
            Err(refusal) => known.refuse(desk, refusal),
        }
    }

    /// Request Done: does it prove the key on this connection, and what is granted?
    fn finish(
        self,
        desk: &mut Desk,
        now: Timestamp,
        container: &[u8],
        known: &Known,
    ) -> Result<(Vec<u8>, Box<SecurityAssociation>), Refusal> {
        let Repr { identifier, content } = request(container, Some(self.last))?;
        let Request::Done(done) = Request::parse(identifier, content)? else {
            return Err(Refusal::OutOfOrder { need: "MHAuth-Done", have: "MHAuth-Mid" });
        };
        let who = self.authenticate(desk, content, &done)?;
        let suite = choose_suite(&desk.policy.suites, &done.suites)?;
        let scope = desk.policy.scope.decide(done.scope);
        let sa = Box::new(desk.provision(now, &who, suite, scope)?);

        let response = FinalResponse {
            status: Status::OK,
            mn_rand: Some(self.mn_rand),
            hac_rand: Some(self.hac_rand),
            eap: None,
            retry_after: None,
            grant: Some(provision::grant(&sa, &desk.policy.network)),
            auth: None,
        };
        Ok((known.seal(desk, response.draft())?, sa))
    }

    /// The MAC first: nothing else in the message is believed, or reported, before it.
    fn authenticate(
        &self,
        desk: &Desk,
        content: &[u8],
        done: &DoneRequest,
    ) -> Result<Authenticated, Refusal> {
        let covered = content.get(..done.auth.covered).ok_or(Refusal::WrongAuth)?;
        let (profile, key) = (desk.policy.profile, self.identity.psk.as_octets());
        let proof = auth::verify(profile, Direction::MnToHac, key, covered, &self.binding, &done.auth.mac)
            .map_err(|_| Refusal::WrongAuth)?;

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

/// C11: the Identifier for an answer is the one that came, if an answer may carry it.
fn answerable(container: &[u8], expected: Identifier) -> Identifier {
    Identifier::new(Container::new_unchecked(container).identifier()).unwrap_or(expected)
}

/// C2: what an answer can carry by now.
struct Known {
    answer_to: Identifier,
    binding: ChannelBinding,
    identity: Option<Arc<Identity>>,
    mn_rand: Option<Nonce>,
    hac_rand: Option<Nonce>,
}

impl Known {
    /// Even a request Init that will be refused may say who sends it, and `mn-rand`.
    fn learn(&mut self, desk: &Desk, content: &[u8]) {
        let Ok(lexed) = wire::lex(content) else { return };
        let value = |name| lexed.find(name).and_then(|header| wire::param::check(name, header.value).ok());
        if let Some(Value::Nai(mn_id)) = value(Name::MnId) {
            self.identity = desk.identities.find(&mn_id);
        }
        if let Some(Value::Random(mn_rand)) = value(Name::MnRand) {
            self.mn_rand = Some(mn_rand);
        }
    }

    /// Sections 5.3 and 5.8: the error answer. It never holds SA data (MS-05).
    fn refuse(self, desk: &Desk, refusal: Refusal) -> Step {
        let response = FinalResponse {
            status: refusal.status(),
            mn_rand: self.mn_rand,
            hac_rand: self.hac_rand,
            eap: None,
            retry_after: None,
            grant: None,
            auth: None,
        };
        // A status, two nonces and a MAC always fit into a container; nothing to say is said with nothing.
        let answer = self.seal(desk, response.draft()).unwrap_or_default();
        Step::Refuse { answer, who: self.identity, refusal }
    }

    /// Signs, if there is a key, and frames.
    fn seal(&self, desk: &Desk, mut draft: Draft) -> Result<Vec<u8>, Refusal> {
        if let Some(identity) = &self.identity {
            let signed = draft.unsigned_octets();
            let (profile, key) = (desk.policy.profile, identity.psk.as_octets());
            draft.sign(auth::auth(profile, Direction::HacToMn, key, &signed, &self.binding));
        }
        let content = draft.octets();
        let container = Repr { identifier: self.answer_to, content: &content };
        container.to_vec().map_err(|_| Refusal::Internal { what: "size of the response" })
    }
}
