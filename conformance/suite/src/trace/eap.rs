//! RFC 6618 section 5.9 in a trace: EAP is said anew, since what a peer says depends on what it is asked.

use crypto::auth::ONE;
use wire::eap::{Gpsk, Packet, Type};
use wire::message::Response;
use wire::param::Name;
use wire::value::Method;

use super::text::{Piece, Slot, parse};
use super::{Act, Request};
use crate::bench::Bench;
use crate::diagnose;
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::judge;
use crate::player::{Answer, EapExchange, EapMethod, EapPeer, EapStep, MnPlayer, Reply, Signer};

/// How the MN of a trace speaks EAP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Voice {
    /// By which method.
    pub(super) method: EapMethod,
    /// And with which secret.
    pub(super) secret: Secret,
}

/// What an EAP peer proves to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secret {
    /// What the HAC has too.
    Shared,
    /// What nobody else has.
    Another,
}

/// What becomes of a request of the trace: another HAC may take other rounds.
pub(super) enum Turn {
    /// It says this.
    Say(Vec<u8>),
    /// A request that the trace does not have says this first.
    SayBefore(Vec<u8>),
    /// It is not said: the method has ended already.
    Skip,
}

/// The EAP conversation inside a session.
pub(super) struct Inside {
    voice: Voice,
    peer: EapPeer,
    /// The EAP request that waits for its response.
    asked: Option<Vec<u8>>,
    /// The last EAP response of the method, until Done says it.
    conclusion: Option<Vec<u8>>,
    /// Requests of the trace that are still to speak EAP.
    left: usize,
    has_ended: bool,
    /// Its last EAP response was said before Done.
    ended_early: bool,
    has_failed: bool,
    requests: Vec<Vec<u8>>,
    replies: Vec<Reply>,
}

/// How a conversation speaks EAP, if it does.
pub(super) fn voice<'a>(acts: impl IntoIterator<Item = &'a Act>) -> Option<Voice> {
    acts.into_iter().find_map(|act| match act {
        Act::Request(request) => voice_of(request),
        _ => None,
    })
}

/// How a request speaks EAP, if it does.
pub(super) fn voice_of(request: &Request) -> Option<Voice> {
    request.headers.iter().flat_map(|line| parse(line).unwrap_or_default()).find_map(|piece| match piece {
        Piece::Slot(Slot::Eap(voice)) => Some(voice),
        _ => None,
    })
}

/// Done is the request that asks for the SA.
pub(super) fn is_done(request: &Request) -> bool {
    let names = [Name::Sas, Name::Suitelist].map(Name::as_str);
    request.headers.iter().any(|line| {
        let name = line.split(':').next().unwrap_or_default();
        names.iter().any(|known| known.eq_ignore_ascii_case(name))
    })
}

impl Inside {
    /// A peer on a fresh session, whose `auth` is keyed as before any MSK.
    pub(super) fn new<'a>(
        acts: impl Iterator<Item = &'a Act> + Clone,
        mn: &mut MnPlayer,
        bench: &mut Bench<'_>,
    ) -> Option<Self> {
        let voice = voice(acts.clone())?;
        mn.key = ONE.to_vec();
        let peer = EapPeer::new(&mn.identity, voice.method, bench.random());
        let peer = match voice.secret {
            Secret::Shared => peer,
            Secret::Another => peer.pretending(mn.identity.mn_id.as_bytes(), &ANOTHER_SECRET),
        };
        let speaks = |act: &&Act| matches!(act, Act::Request(request) if voice_of(request).is_some());
        Some(Self {
            voice,
            peer,
            asked: None,
            conclusion: None,
            left: acts.filter(speaks).count(),
            has_ended: false,
            ended_early: false,
            has_failed: false,
            requests: Vec::new(),
            replies: Vec::new(),
        })
    }

    /// A request of the trace speaks EAP next.
    pub(super) const fn begin(&mut self) {
        self.left = self.left.saturating_sub(1);
    }

    /// What the peer says in this request.
    ///
    /// # Errors
    /// The HAC's EAP is wrong, or it asks nothing.
    pub(super) fn respond(&mut self, request: &Request) -> Result<Turn, Finding> {
        let step = match (self.conclusion.take(), self.asked.take()) {
            (Some(packet), _) => EapStep::Conclude(packet),
            (None, Some(packet)) => self.peer.answer(&packet)?,
            (None, None) => {
                let what = "there is no EAP request to answer".to_owned();
                return Err(Finding::Inconclusive(Because::Prerequisite(what)));
            }
        };
        Ok(match (step, is_done(request)) {
            (EapStep::Respond(packet), false) => Turn::Say(packet),
            (EapStep::Respond(packet), true) => Turn::SayBefore(packet),
            (EapStep::Conclude(packet), false) if self.left > 0 => {
                self.conclusion = Some(packet);
                Turn::Skip
            }
            // Where Done of the trace has no EAP packet, what comes before it has the last one.
            (EapStep::Conclude(packet), is_done) => {
                self.has_ended = true;
                self.ended_early = !is_done;
                Turn::Say(packet)
            }
        })
    }

    /// Keys `auth` of Done with the MSK, if the method has made one.
    pub(super) fn rekey(&self, mn: &mut MnPlayer) {
        if let Some(msk) = self.peer.keys().msk.filter(|_| self.has_ended) {
            mn.key = msk;
        }
    }

    /// Whether the peer has nothing more to say.
    pub(super) const fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Why the HAC cannot believe what was proved, once something was.
    pub(super) fn disproof(&self) -> Option<&'static str> {
        let has_proved = self.has_ended || self.peer.keys().msk.is_some();
        (self.voice.secret == Secret::Another && has_proved).then_some("EAP proves another secret")
    }

    /// Whether the HAC has said inside EAP that it does not believe the MN.
    pub(super) const fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Whether Done carried the last EAP response, as in the exchanges that cases know.
    pub(super) const fn ended_in_done(&self) -> bool {
        !self.ended_early
    }

    /// Keeps what was said.
    pub(super) fn sent(&mut self, octets: &[u8]) {
        self.requests.push(octets.to_vec());
    }

    /// Keeps what was answered.
    pub(super) fn heard(&mut self, reply: &Reply) {
        self.asked = reply.eap().ok().flatten();
        self.has_failed |= says_no(reply);
        self.replies.push(reply.clone());
    }

    /// Judges an answer that has to ask for more.
    pub(super) fn goes_on(&self, answer: Answer, mn: &MnPlayer) -> Outcome {
        let expected = "a response without status-code that goes on with EAP, with a right auth";
        let is_first = self.requests.len() == 1;
        match &answer {
            Answer::Closed(..) if is_first => return Err(WITHOUT_EAP),
            Answer::Reply(reply) if reply.refuses() && is_first => return Err(WITHOUT_EAP),
            Answer::Reply(reply) if reply.refuses() && self.peer.was_never_begun() => {
                return Err(self.peer.unsupported());
            }
            _ => {}
        }
        let reply = answer.reply(expected)?;
        match Response::parse(reply.content()) {
            Ok(Response::Init(response)) if response.method == Method::Eap => {}
            Ok(Response::Mid(_)) => {}
            Ok(_) => return Err(Finding::fails(expected, reply.describe())),
            Err(error) => {
                return Err(Finding::malformed(expected, &error).with_octets("response", reply.octets()));
            }
        }
        self.signed(&reply, mn)
    }

    /// Judges `auth` of the HAC under the key of this moment.
    pub(super) fn signed(&self, reply: &Reply, mn: &MnPlayer) -> Outcome {
        let signer = Signer { eap: Some(self.peer.keys()), ..mn.hac_signer() };
        if reply.is_signed_by(&signer) { Ok(Pass::Clean) } else { Err(diagnose::wrong_auth(reply, &signer)) }
    }

    /// Judges an answer to a proof that cannot be right: a refusal, or first the one inside EAP.
    pub(super) fn fails(&self, answer: Answer, mn: &mut MnPlayer) -> Outcome {
        let expected = "a refusal, or GPSK-Fail before it";
        let reply = match answer {
            Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none() => reply,
            answer => return judge::refused(mn, answer),
        };
        if !says_no(&reply) {
            return Err(Finding::fails(expected, reply.describe()).with_octets("response", reply.octets()));
        }
        self.signed(&reply, mn)
    }

    /// The whole of an exchange that was granted.
    pub(super) fn exchange(self, mut mn: MnPlayer) -> Option<(EapMethod, EapExchange)> {
        if !self.replies.last()?.grants() {
            return None;
        }
        let signer = mn.hac_signer();
        let exchange = EapExchange {
            ending: mn.closing().ok(),
            identity: mn.identity,
            profile: mn.profile,
            binding: signer.binding,
            certificate: signer.certificate,
            requests: self.requests,
            replies: self.replies,
            keys: self.peer.keys(),
        };
        Some((self.voice.method, exchange))
    }
}

/// Whether EAP-GPSK in a response says that it has failed (RFC 5433 section 10).
fn says_no(reply: &Reply) -> bool {
    let Ok(Some(packet)) = reply.eap() else { return false };
    let Ok(Packet::Request { kind: Type::GPSK, data, .. }) = Packet::parse(&packet) else { return false };
    matches!(Gpsk::parse(data), Ok(Gpsk::Fail(_) | Gpsk::ProtectedFail(_)))
}

/// A secret that nobody has.
const ANOTHER_SECRET: [u8; 32] = [0x5a; 32];

/// A HAC may do without EAP.
const WITHOUT_EAP: Finding = Finding::Unsupported(Because::Needs("EAP, which the HAC does not offer"));
