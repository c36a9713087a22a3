//! RFC 6618 section 5.9 in a trace: EAP is said anew, since what a peer says depends on what it is asked.

use crypto::auth::ONE;
use wire::message::Response;
use wire::param::Name;
use wire::value::Method;

use super::text::{Piece, Slot, parse};
use super::{Request, Step, Trace};
use crate::bench::Bench;
use crate::diagnose;
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::player::{Answer, EapExchange, EapMethod, EapPeer, EapStep, MnPlayer, Reply, Signer};

/// The EAP conversation inside a session.
pub(super) struct Inside {
    method: EapMethod,
    peer: EapPeer,
    /// The EAP request that waits for its response.
    asked: Option<Vec<u8>>,
    has_ended: bool,
    requests: Vec<Vec<u8>>,
    replies: Vec<Reply>,
}

/// The EAP method that the words of a trace stand for, if any do.
pub(super) fn method(trace: &Trace) -> Option<EapMethod> {
    trace.steps.iter().find_map(|step| match step {
        Step::Request(request) => method_of(request),
        _ => None,
    })
}

/// The EAP method that the words of a request stand for.
pub(super) fn method_of(request: &Request) -> Option<EapMethod> {
    request.headers.iter().flat_map(|line| parse(line).unwrap_or_default()).find_map(|piece| match piece {
        Piece::Slot(Slot::Eap(method)) => Some(method),
        _ => None,
    })
}

/// Done is the request that asks for the SA.
fn is_done(request: &Request) -> bool {
    let names = [Name::Sas, Name::Suitelist].map(Name::as_str);
    request.headers.iter().any(|line| {
        let name = line.split(':').next().unwrap_or_default();
        names.iter().any(|known| known.eq_ignore_ascii_case(name))
    })
}

impl Inside {
    /// A peer on a fresh session, whose `auth` is keyed as before any MSK.
    pub(super) fn new(method: EapMethod, mn: &mut MnPlayer, bench: &mut Bench<'_>) -> Self {
        mn.key = ONE.to_vec();
        let peer = EapPeer::new(&mn.identity, method, bench.random());
        Self { method, peer, asked: None, has_ended: false, requests: Vec::new(), replies: Vec::new() }
    }

    /// What the peer says in this request. With Done, `auth` is keyed with the MSK, if there is one.
    ///
    /// # Errors
    /// The HAC's EAP is wrong, or takes other rounds than the one of the trace.
    pub(super) fn respond(&mut self, request: &Request, mn: &mut MnPlayer) -> Result<Vec<u8>, Finding> {
        let other = |what: &str| Finding::Inconclusive(Because::Prerequisite(what.to_owned()));
        let packet = self.asked.take().ok_or_else(|| other("there is no EAP request to answer"))?;
        match (self.peer.answer(&packet)?, is_done(request)) {
            (EapStep::Respond(packet), false) => Ok(packet),
            (EapStep::Respond(_), true) => Err(other("EAP takes more rounds than in the trace")),
            (EapStep::Conclude(_), false) => Err(other("EAP takes fewer rounds than in the trace")),
            (EapStep::Conclude(packet), true) => {
                self.has_ended = true;
                if let Some(msk) = self.peer.keys().msk {
                    mn.key = msk;
                }
                Ok(packet)
            }
        }
    }

    /// Whether the peer has nothing more to say.
    pub(super) const fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Keeps what was said.
    pub(super) fn sent(&mut self, octets: &[u8]) {
        self.requests.push(octets.to_vec());
    }

    /// Keeps what was answered.
    pub(super) fn heard(&mut self, reply: &Reply) {
        self.asked = reply.eap().ok().flatten();
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
        let signer = Signer { eap: Some(self.peer.keys()), ..mn.hac_signer() };
        if reply.is_signed_by(&signer) {
            return Ok(Pass::Clean);
        }
        Err(diagnose::wrong_auth(&reply, &signer))
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
        Some((self.method, exchange))
    }
}

/// A HAC may do without EAP.
const WITHOUT_EAP: Finding = Finding::Unsupported(Because::Needs("EAP, which the HAC does not offer"));
