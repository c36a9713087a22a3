//! The part of a trace that is said to the HAC.

use std::collections::VecDeque;
use std::time::Instant;

use wire::message::{Grant, Request as Message, Response as ResponseMessage};
use wire::param::Name;
use wire::value::{Mac, hex};

use super::datagram::octets_of;
use super::demand::{Demand, Said};
use super::eap::{self, Inside, Turn};
use super::replay::{Owed, Stage, judge_eap_exchange, judge_exchange};
use super::request::{self, Filling, Made};
use super::{Act, Request, Response};
use crate::bench::Bench;
use crate::case::Role;
use crate::diagnose;
use crate::finding::{Because, Failure, Finding, Outcome, Pass};
use crate::judge;
use crate::player::{Answer, Exchange, MnPlayer, Reply, now};

/// A session in which a trace is played.
pub(super) struct Play {
    mn: MnPlayer,
    /// Where the trace speaks EAP.
    inside: Option<Inside>,
    said: Said,
    asked: VecDeque<Asked>,
    init: Option<(Vec<u8>, Reply)>,
    done: Option<(Vec<u8>, Reply)>,
    closed: bool,
    /// The exchange cannot go on as in the trace.
    is_stuck: bool,
    /// The HAC has said its last.
    has_ended: bool,
    /// Requests that EAP has taken and the trace does not have.
    inserted: u8,
    /// Requests of the trace that are not sent yet.
    left: usize,
    /// A NAI that no HAC knows.
    stranger: String,
    /// The last `auth` of the HAC.
    hac_auth: [u8; 32],
}

/// Rounds of EAP that one request of a trace may take; no method that we speak needs as many.
const ROUNDS: usize = 16;

/// A request that waits for its answer.
struct Asked {
    step: usize,
    demand: Demand,
    octets: Vec<u8>,
}

impl Play {
    /// A fresh session for what an MN says in one conversation.
    ///
    /// # Errors
    /// The HAC takes no session.
    pub(super) fn new<'a>(
        bench: &mut Bench<'_>,
        acts: impl Iterator<Item = &'a Act> + Clone,
    ) -> Result<Self, Finding> {
        let mut mn = bench.mn()?;
        let inside = Inside::new(acts.clone(), &mut mn, bench);
        let nobody: [u8; 8] = bench.random();
        Ok(Self {
            mn,
            inside,
            said: Said::default(),
            asked: VecDeque::new(),
            init: None,
            done: None,
            closed: false,
            is_stuck: false,
            has_ended: false,
            inserted: 0,
            hac_auth: [0; 32],
            left: acts.filter(|act| act.asks_hac()).count(),
            stranger: format!("nobody-{}@conform.example", hex::encode(&nobody)),
        })
    }

    /// Ends our end of the session.
    pub(super) fn close(&mut self) {
        self.mn.close();
        self.closed = true;
    }

    /// Waits for what is still owed. Gives what was granted, if the exchange was honest.
    ///
    /// # Errors
    /// The grant is none that can be used.
    pub(super) fn end(mut self, stage: &mut Stage) -> Result<Option<Grant>, Finding> {
        while !self.asked.is_empty() {
            // Half a request is never answered before we close.
            if self.asked.iter().all(|asked| asked.demand == Demand::NoGrant) {
                self.close();
                self.asked.truncate(1);
            }
            self.settle(stage, None);
        }
        self.granted(stage)
    }

    /// Sends a request; by EAP not before everything is answered that was sent.
    ///
    /// # Errors
    /// The session does not take it.
    pub(super) fn request(
        &mut self,
        stage: &mut Stage,
        step: usize,
        request: &Request,
    ) -> Result<(), Finding> {
        self.left = self.left.saturating_sub(1);
        if self.is_stuck {
            return Ok(());
        }
        if eap::voice_of(request).is_some() {
            return self.by_eap(stage, step, request);
        }
        if eap::is_done(request) {
            self.rekey(stage);
        }
        self.say(stage, step, request, None)
    }

    /// Keys Done as its method of EAP wants it; what came before it is judged first.
    fn rekey(&mut self, stage: &mut Stage) {
        while self.inside.is_some() && !self.asked.is_empty() {
            self.settle(stage, None);
        }
        self.inside.iter().for_each(|inside| inside.rekey(&mut self.mn));
    }

    fn say(
        &mut self,
        stage: &mut Stage,
        step: usize,
        request: &Request,
        eap: Option<&[u8]>,
    ) -> Result<(), Finding> {
        let mut request = request.clone();
        if self.inserted > 0 {
            request.identifier = request.identifier.saturating_add(self.inserted);
            stage.renew(step, "identifier");
        }
        let filling = Filling { mn: &self.mn, stranger: &self.stranger, hac_auth: self.hac_auth, eap };
        let made: Made =
            request::make(&request, &filling).map_err(|error| Finding::Harness(error.to_string()))?;
        made.renewed.iter().for_each(|what| stage.renew(step, what));
        let demand = self.said.demand(&made, &self.mn, self.inside.as_ref());
        let demand = if self.has_ended { Demand::Over } else { demand };
        if let Some(inside) = &mut self.inside {
            inside.sent(&made.octets);
        }
        self.mn.send_octets(&made.octets)?;
        self.asked.push_back(Asked { step, demand, octets: made.octets });
        Ok(())
    }

    /// Says a request that answers what the HAC has just asked by EAP, in as many requests as this HAC takes.
    fn by_eap(&mut self, stage: &mut Stage, step: usize, request: &Request) -> Result<(), Finding> {
        self.inside.iter_mut().for_each(Inside::begin);
        for _ in 0..ROUNDS {
            while !self.asked.is_empty() {
                self.settle(stage, None);
            }
            let is_over = self.is_stuck || self.has_ended;
            let Some(inside) = self.inside.as_mut().filter(|_| !is_over) else { return Ok(()) };
            let started = Instant::now();
            match inside.respond(request) {
                Ok(Turn::Say(packet)) => {
                    if eap::is_done(request) {
                        self.rekey(stage);
                    }
                    return self.say(stage, step, request, Some(&packet));
                }
                Ok(Turn::SayBefore(packet)) => {
                    let payload = format!("{}:{}", Name::EapPayload.as_str(), hex::encode(&packet));
                    let between = Request::new(request.identifier, vec![payload, "auth:<auth>".to_owned()]);
                    self.say(stage, step, &between, None)?;
                    self.inserted = self.inserted.saturating_add(1);
                }
                Ok(Turn::Skip) => {
                    stage.compare(step, "another round of EAP".to_owned(), "fewer".to_owned());
                    return Ok(());
                }
                Err(finding) => {
                    self.is_stuck = true;
                    let (story, cites) = promise(&Demand::GoesOn);
                    let owed = Owed { step, role: Role::Hac, section: "5.9", cites, story };
                    stage.owed(owed, started, &Err(finding));
                }
            }
        }
        Ok(())
    }

    /// Sends octets, in hex, that are no request.
    ///
    /// # Errors
    /// The session does not take them.
    pub(super) fn octets(&mut self, step: usize, octets: &str) -> Result<(), Finding> {
        let octets = octets_of(octets);
        self.mn.send_octets(&octets)?;
        self.asked.push_back(Asked { step, demand: Demand::NoGrant, octets });
        Ok(())
    }

    /// Waits for what the oldest request is owed, and judges it.
    pub(super) fn settle(&mut self, stage: &mut Stage, then: Option<(usize, &Response)>) {
        let Some(Asked { step, demand, octets }) = self.asked.pop_front() else { return };
        let (story, cites) = promise(&demand);
        let started = Instant::now();
        let answer = self.mn.answer();
        if let Some((at, then)) = then {
            stage.compare(at, in_words(then), seen(&answer));
        }
        if let Answer::Reply(reply) = &answer {
            self.remember(&demand, octets, reply);
        }
        let is_over = matches!(demand, Demand::Grant | Demand::Refusal(_));
        let may_end = matches!(demand, Demand::RefusalByEap(_) | Demand::RefusalInTheEnd(_));
        self.has_ended |= !matches!(&answer, Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none());
        let outcome = self.judge(demand, answer);
        stage.owed(Owed { step, role: Role::Hac, section: "5.3", cites, story }, started, &outcome);
        self.is_stuck |= self.inside.is_some() && outcome.is_err() || may_end && self.has_ended;
        if is_over || outcome.is_err() {
            // What was said after the end of an exchange is owed nothing.
            self.asked.clear();
        }
    }

    fn remember(&mut self, demand: &Demand, octets: Vec<u8>, reply: &Reply) {
        if let Some(mac) = reply.raw(Name::Auth).and_then(|value| Mac::parse(value).ok()) {
            self.hac_auth = mac.0;
        }
        if let Some(inside) = &mut self.inside {
            return inside.heard(reply);
        }
        match demand {
            Demand::InitResponse | Demand::RefusalInTheEnd(_) => {
                self.mn.hac_rand = reply.raw(Name::HacRand).and_then(|value| hex::decode(value).ok());
                self.init = Some((octets, reply.clone()));
            }
            Demand::Grant => self.done = Some((octets, reply.clone())),
            _ => {}
        }
    }

    fn judge(&mut self, demand: Demand, answer: Answer) -> Outcome {
        match demand {
            Demand::InitResponse => init_response(answer, &self.mn),
            Demand::GoesOn => match &self.inside {
                Some(inside) => inside.goes_on(answer, &self.mn),
                None => Err(Finding::Harness("EAP without a peer".to_owned())),
            },
            Demand::Grant => match (&answer, &self.inside) {
                // No case looks at such an exchange.
                (Answer::Reply(reply), Some(inside)) if reply.grants() && !inside.ended_in_done() => {
                    inside.signed(reply, &self.mn)
                }
                _ => judge::granted(answer),
            },
            Demand::Refusal(_) => judge::refused(&mut self.mn, answer),
            Demand::RefusalByEap(_) => match &self.inside {
                Some(inside) => inside.fails(answer, &mut self.mn),
                None => judge::refused(&mut self.mn, answer),
            },
            Demand::RefusalInTheEnd(_) => self.refused_in_the_end(answer),
            Demand::NoGrant | Demand::Over => no_grant(answer),
            Demand::Unknown(why) => Err(Finding::Inconclusive(Because::Prerequisite(why.to_owned()))),
        }
    }

    /// A stranger may learn at its last request only that it is one; that request is ours, where the trace has none.
    fn refused_in_the_end(&mut self, answer: Answer) -> Outcome {
        match &answer {
            Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none() => {}
            _ => return judge::refused(&mut self.mn, answer),
        }
        if self.left == 0 && self.inside.is_none() {
            self.mn.send(&self.mn.done())?;
            let last = self.mn.answer();
            judge::refused(&mut self.mn, last)?;
        }
        Ok(Pass::Lenient("AU-06"))
    }

    /// Judges an honest exchange as every run does, and gives what was granted in it.
    fn granted(mut self, stage: &mut Stage) -> Result<Option<Grant>, Finding> {
        if let Some(inside) = self.inside.take() {
            let is_usual = inside.ended_in_done();
            let Some((method, exchange)) = inside.exchange(self.mn) else { return Ok(None) };
            if is_usual {
                judge_eap_exchange(stage, method, &exchange);
            }
            return exchange.grant().map(Some);
        }
        let Some(exchange) = self.exchange() else { return Ok(None) };
        judge_exchange(stage, &exchange);
        exchange.grant().map(Some)
    }

    fn exchange(mut self) -> Option<Exchange> {
        let (init_request, init) = self.init?;
        let (done_request, done) = self.done.filter(|(_, done)| done.grants())?;
        let container = wire::container::Container::new_unchecked(done_request.as_slice());
        let identifier = wire::container::Identifier::new(container.identifier())?;
        let Ok(Message::Done(offer)) = Message::parse(identifier, container.content()) else { return None };
        let at = now();
        let ending = if self.closed { None } else { self.mn.closing().ok() };
        let signer = self.mn.hac_signer();
        let known = wire::value::Ciphersuite::ALL.into_iter();
        Some(Exchange {
            suites: known.filter(|suite| offer.suites.0.contains(&suite.code())).collect(),
            scope: offer.scope,
            identity: self.mn.identity,
            profile: self.mn.profile,
            binding: signer.binding,
            certificate: signer.certificate,
            mn_rand: self.mn.mn_rand,
            init_request,
            done_request,
            init,
            done,
            ending,
            at,
        })
    }
}

/// What is promised to whoever asked so, and the requirement behind it.
fn promise(demand: &Demand) -> (String, &'static str) {
    match demand {
        Demand::InitResponse => {
            ("MHAuth-Init is answered by a signed response".to_owned(), "rfc6618#5.8/response-init-contents")
        }
        Demand::GoesOn => (
            "the request is answered, signed, and EAP goes on".to_owned(),
            "rfc6618#5.9/response-mid-contents",
        ),
        Demand::Grant => {
            ("MHAuth-Done is answered by 200 with SA data".to_owned(), "rfc6618#5.8/hac-confirms")
        }
        Demand::Refusal(why) => (format!("the request is refused: {why}"), "rfc6618#5.3/error-gets-response"),
        Demand::RefusalByEap(why) => {
            (format!("the MN is refused: {why}"), "rfc6618#5.9/response-done-contents")
        }
        Demand::RefusalInTheEnd(why) => {
            (format!("the MN is refused: {why}"), "rfc6618#5.8/hac-verifies-identity")
        }
        Demand::Over => (
            "a request behind the end of the exchange gets no grant".to_owned(),
            "rfc6618#5.3/failure-no-sa-data",
        ),
        Demand::NoGrant => {
            ("octets that are no request get no grant".to_owned(), "rfc6618#5.3/failure-no-sa-data")
        }
        Demand::Unknown(_) => ("an answer".to_owned(), "rfc6618#5.1/client-asks-server-answers"),
    }
}

fn init_response(answer: Answer, mn: &MnPlayer) -> Outcome {
    let expected = "response MHAuth-Init: our mn-rand, a hac-rand, auth-method psk and a right auth";
    let reply = answer.reply(expected)?;
    match ResponseMessage::parse(reply.content()) {
        Ok(ResponseMessage::Init(response)) => {
            if response.mn_rand.is_none_or(|nonce| nonce.0 != mn.mn_rand) || response.hac_rand.is_none() {
                return Err(Finding::fails(expected, "other nonces").with_octets("response", reply.octets()));
            }
        }
        Ok(_) => return Err(Finding::fails(expected, reply.describe())),
        Err(error) => {
            return Err(Finding::malformed(expected, &error).with_octets("response", reply.octets()));
        }
    }
    if reply.is_signed_by(&mn.hac_signer()) {
        return Ok(Pass::Clean);
    }
    Err(diagnose::wrong_auth(&reply, &mn.hac_signer()))
}

fn no_grant(answer: Answer) -> Outcome {
    let expected = "no SA data: a refusal, or the connection closed";
    match answer {
        Answer::Reply(reply) if reply.refuses() => Ok(Pass::Clean),
        Answer::Reply(reply) => {
            Err(Finding::fails(expected, reply.describe()).with_octets("response", reply.octets()))
        }
        Answer::Closed(..) => Ok(Pass::Clean),
        Answer::Silence(_) => Err(Finding::Hangs(Box::new(Failure::new(expected, answer.describe())))),
    }
}

fn in_words(then: &Response) -> String {
    words(then.status.as_deref(), then.sa_data)
}

fn seen(answer: &Answer) -> String {
    match answer {
        Answer::Reply(reply) => {
            let status = reply.raw(Name::StatusCode).map(super::literal);
            words(status.as_deref(), reply.has_sa_data())
        }
        Answer::Closed(..) | Answer::Silence(_) => answer.describe(),
    }
}

fn words(status: Option<&str>, sa_data: bool) -> String {
    match (status, sa_data) {
        (None, _) => "a response without status-code".to_owned(),
        (Some(status), true) => format!("status-code {status} with SA data"),
        (Some(status), false) => format!("status-code {status}"),
    }
}
