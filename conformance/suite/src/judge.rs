//! How each family of checks comes to its outcome. Twins and controls live here, once for all cases.

pub mod by_eap;

use crate::bench::Bench;
use crate::case::{Carrier, Check, Fault, PacketFault, Stage};
use crate::finding::{Because, Clue, Failure, Finding, Outcome, Pass};
use crate::link::Arrived;
use crate::player::{Answer, MessageForge, MnPlayer, Reply, Tunnel, TunnelAnswer};

/// Carries a check out.
///
/// # Errors
/// Whatever keeps the case from passing.
pub fn run(check: &Check, bench: &mut Bench<'_>) -> Outcome {
    match check {
        Check::HacRefuses(fault) => hac_refuses(bench, *fault),
        Check::HacAccepts(fault) => hac_accepts(bench, *fault),
        Check::HacSays(judge) => {
            let exchange = bench.exchange()?;
            bench.check(judge(&exchange))
        }
        Check::EapRefuses(fault) => by_eap::refuses(bench, *fault),
        Check::EapAccepts(fault) => by_eap::accepts(bench, *fault),
        Check::EapSays(method, judge) => {
            let exchange = by_eap::honest(bench, *method)?;
            bench.check(judge(&exchange))
        }
        Check::HaDiscards(fault) => ha_discards(bench, *fault),
        Check::HaAccepts(fault) => ha_accepts(bench, *fault),
        Check::HaRejects(fault) => ha_rejects(bench, *fault),
        Check::HaSays(judge) => {
            let stay = bench.stay()?;
            bench.check(judge(&stay))
        }
        Check::MnSays(judge) => {
            let visit = crate::visit::honest(bench)?;
            bench.check(judge(&visit))
        }
        Check::MnRefuses(fault) => mn_refuses(bench, *fault),
        Check::MnEapSays(judge) => {
            let visit = crate::visit::by_eap::honest(bench)?;
            bench.check(judge(&visit))
        }
        Check::MnEapRefuses(fault) => {
            mn_went_on(crate::visit::by_eap::honest(bench).map(drop))?;
            let tempted = crate::visit::by_eap::tempt(bench, *fault)?;
            bench.check(untempted(tempted))
        }
        Check::Script(_, script) => script(bench),
    }
}

/// Sends an honest exchange but for one change and gives the answer to the changed request.
///
/// # Errors
/// A finding when the exchange does not get as far as the change.
pub fn play(mn: &mut MnPlayer, fault: Fault) -> Result<Answer, Finding> {
    let mut init = mn.init();
    if fault.at == Stage::Init {
        (fault.apply)(&mut init);
        mn.send(&init)?;
        return Ok(mn.init_answer());
    }
    mn.send(&init)?;
    let earlier = |finding| match finding {
        Finding::Fails(failure) => Finding::Inconclusive(Because::Prerequisite(failure.observed)),
        other => other,
    };
    mn.init_answer().reply("a response to an honest MHAuth-Init").map_err(earlier)?;
    let mut done = mn.done();
    (fault.apply)(&mut done);
    mn.send(&done)?;
    Ok(mn.answer())
}

/// Sends the rest of the exchange after a changed Init and says whether the HAC grants in the end.
fn goes_on(mn: &mut MnPlayer, at: Stage, answer: Answer) -> Result<Answer, Finding> {
    match (at, &answer) {
        (Stage::Init, Answer::Reply(reply)) if reply.raw(wire::param::Name::StatusCode).is_none() => {
            let mut done = mn.done();
            done.identifier = reply.container().identifier().saturating_add(1).max(2);
            mn.send(&done)?;
            Ok(mn.answer())
        }
        _ => Ok(answer),
    }
}

/// The same exchange without the fault must be accepted in the same run.
///
/// # Errors
/// Inconclusive when it is not.
pub fn twin_is_accepted(bench: &mut Bench<'_>) -> Result<(), Finding> {
    let mut mn = bench.mn()?;
    let honest = Fault { at: Stage::Done, apply: |_| {} };
    match play(&mut mn, honest)? {
        Answer::Reply(reply) if reply.grants() => Ok(()),
        other => Err(Finding::Inconclusive(Because::TwinRefused(other.describe()))),
    }
}

fn hac_refuses(bench: &mut Bench<'_>, fault: Fault) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let answer = play(&mut mn, fault)?;
    let late = matches!(&answer, Answer::Reply(reply) if reply.raw(wire::param::Name::StatusCode).is_none());
    let answer = goes_on(&mut mn, fault.at, answer)?;
    bench.check(refused(&mut mn, answer))?;
    if late && fault.at == Stage::Init {
        return Err(Finding::warns(
            "a refusal of the faulty MHAuth-Init",
            "a refusal only after MHAuth-Done",
        ));
    }
    Ok(Pass::Clean)
}

/// Judges a refusal by its effect: no 200, no SA data, closed. A missing status is a warning here; the case
/// `rfc6618/5.3/error-has-status` decides it.
///
/// # Errors
/// What the HAC did instead.
pub fn refused(mn: &mut MnPlayer, answer: Answer) -> Outcome {
    const EXPECTED: &str = "a refusal: a final status other than 200, no SA data, then the connection closed";
    let reply = match answer {
        Answer::Reply(reply) => reply,
        Answer::Closed(..) => {
            return Err(Finding::warns(EXPECTED, format!("{} without a status", answer.describe())));
        }
        Answer::Silence(_) => {
            return Err(Finding::Hangs(Box::new(Failure::new(EXPECTED, answer.describe()))));
        }
    };
    reply.headers()?;
    if !reply.refuses() {
        return Err(Finding::fails(EXPECTED, reply.describe()).with_octets("response", reply.octets()));
    }
    match mn.closing() {
        Ok(_) => Ok(Pass::Clean),
        Err(instead) => {
            Err(Finding::fails(EXPECTED, format!("{}, then {}", reply.describe(), instead.describe())))
        }
    }
}

fn hac_accepts(bench: &mut Bench<'_>, fault: Fault) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let answer = play(&mut mn, fault)?;
    let answer = goes_on(&mut mn, fault.at, answer)?;
    bench.check(granted(answer))
}

/// Judges an acceptance: a final response, status-code 200, SA data.
///
/// # Errors
/// What the HAC did instead.
pub fn granted(answer: Answer) -> Outcome {
    let expected = "the request accepted: a final response, status-code 200, with SA data";
    match answer {
        Answer::Reply(reply) if reply.grants() => Ok(Pass::Clean),
        Answer::Silence(_) => Err(Finding::Hangs(Box::new(Failure::new(expected, answer.describe())))),
        other => Err(Finding::fails(expected, other.describe())),
    }
}

/// The answer to a last request that `forge` makes of an honest one, on a session of its own; the MN is given back to
/// wait for the close.
///
/// # Errors
/// Inconclusive when the honest first request is not answered.
pub fn answer_to_done(
    bench: &mut Bench<'_>,
    forge: impl FnOnce(&MnPlayer, &mut MessageForge),
) -> Result<(MnPlayer, Answer), Finding> {
    let mut mn = bench.mn()?;
    greet(&mut mn)?;
    let mut done = mn.done();
    forge(&mn, &mut done);
    mn.send(&done)?;
    let answer = mn.answer();
    Ok((mn, answer))
}

/// A last request that `forge` makes of an honest one must be refused; the honest one must be accepted.
///
/// # Errors
/// What the HAC did instead.
pub fn refuses_done(bench: &mut Bench<'_>, forge: impl FnOnce(&MnPlayer, &mut MessageForge)) -> Outcome {
    twin_is_accepted(bench)?;
    let (mut mn, answer) = answer_to_done(bench, forge)?;
    bench.check(refused(&mut mn, answer))
}

/// An honest first request and its response.
///
/// # Errors
/// Inconclusive when there is none, or when it already ends the exchange.
pub fn greet(mn: &mut MnPlayer) -> Result<Reply, Finding> {
    let earlier = |what: String| Finding::Inconclusive(Because::Prerequisite(what));
    mn.send(&mn.init())?;
    match mn.init_answer() {
        Answer::Reply(reply) if reply.raw(wire::param::Name::StatusCode).is_none() => Ok(reply),
        other => Err(earlier(other.describe())),
    }
}

fn ha_discards(bench: &mut Bench<'_>, fault: PacketFault) -> Outcome {
    let mut tunnel = bench.bound_tunnel(fault.carrier)?;
    discards(bench, &mut tunnel, fault)
}

/// The bad packet, a good one, and a second good one: the HA answers the good ones and nothing else, so
/// that its silence is proved without waiting for it, even when answers overtake each other.
///
/// # Errors
/// A failure when the bad packet is answered; inconclusive when a good one is not.
pub fn discards(bench: &mut Bench<'_>, tunnel: &mut Tunnel, fault: PacketFault) -> Outcome {
    let (mut packet, _) = tunnel.next(fault.carrier)?;
    (fault.apply)(&mut packet);
    let sent = tunnel.send(&packet)?;
    bench.check(vanished(tunnel, fault.carrier).map_err(|f| f.with_octets("datagram sent", &sent)))
}

/// Proves by two controls that what was sent before them is not answered.
///
/// # Errors
/// A failure when it is; inconclusive when a control is not.
pub fn vanished(tunnel: &mut Tunnel, control: Carrier) -> Outcome {
    let answer = before_controls(tunnel, control)?
        .into_iter()
        .find(|answer| !matches!(answer, TunnelAnswer::Unsolicited(_)));
    answer.map_or(Ok(Pass::Clean), |answer| {
        Err(Finding::fails(
            "the packet silently discarded",
            format!("it was answered: {}", answer.describe()),
        ))
    })
}

/// Two good packets; everything that comes before their answers.
///
/// # Errors
/// Inconclusive when one of them is not answered.
pub fn before_controls(tunnel: &mut Tunnel, control: Carrier) -> Result<Vec<TunnelAnswer>, Finding> {
    let mut before = Vec::new();
    for _ in 0..2 {
        let answers = tunnel.ask(control)?;
        if answers.answer.is_none() {
            let what = format!("the good packet after the bad one got {}", answers.describe());
            return Err(Finding::Inconclusive(Because::ControlUnanswered(what)));
        }
        before.extend(answers.before);
    }
    Ok(before)
}

fn ha_rejects(bench: &mut Bench<'_>, fault: PacketFault) -> Outcome {
    let mut tunnel = bench.bound_tunnel(fault.carrier)?;
    let (mut packet, _) = tunnel.next(fault.carrier)?;
    (fault.apply)(&mut packet);
    let sent = tunnel.send(&packet)?;
    let accepted = before_controls(&mut tunnel, fault.carrier)?
        .into_iter()
        .find(|answer| matches!(answer, TunnelAnswer::Acknowledgement(ack) if ack.status.accepted()));
    bench.check(accepted.map_or(Ok(Pass::Clean), |answer| {
        Err(Finding::fails("the Binding Update refused or silently discarded", answer.describe())
            .with_octets("datagram sent", &sent))
    }))
}

fn ha_accepts(bench: &mut Bench<'_>, fault: PacketFault) -> Outcome {
    let mut tunnel = bench.bound_tunnel(fault.carrier)?;
    accepts(bench, &mut tunnel, fault)
}

/// The packet is answered, and if it is a Binding Update, the answer accepts it.
///
/// # Errors
/// A failure when it is not.
pub fn accepts(bench: &mut Bench<'_>, tunnel: &mut Tunnel, fault: PacketFault) -> Outcome {
    let (mut packet, mut number) = tunnel.next(fault.carrier)?;
    (fault.apply)(&mut packet);
    packet.binding(|binding| number = binding.update.sequence);
    let sent = tunnel.send(&packet)?;
    let answers = tunnel.answer(fault.carrier, number);
    bench
        .check(match &answers.answer {
            Some(TunnelAnswer::Acknowledgement(ack)) if !ack.status.accepted() => {
                Err(Finding::fails("the Binding Update accepted", answers.describe()))
            }
            Some(_) => Ok(Pass::Clean),
            None => Err(Finding::fails("the packet accepted and answered", answers.describe())),
        })
        .map_err(|finding| finding.with_octets("datagram sent", &sent))
}

fn mn_refuses(bench: &mut Bench<'_>, fault: Fault) -> Outcome {
    mn_went_on(crate::visit::honest(bench).map(drop))?;
    let mut guest = crate::visit::welcome(bench)?;
    let tempted = guest.answer_with(fault)?;
    bench.check(untempted(tempted))
}

/// The twin: the same MN goes on when the answer has no fault.
fn mn_went_on(honest: Result<(), Finding>) -> Result<(), Finding> {
    honest.map_err(|finding| match finding {
        Finding::Fails(failure) | Finding::Hangs(failure) => {
            Finding::Inconclusive(Because::TwinRefused(failure.observed))
        }
        other => other,
    })
}

fn untempted(tempted: Option<String>) -> Outcome {
    tempted.map_or(Ok(Pass::Clean), |observed| {
        Err(Finding::fails(
            "the faulty response refused: nothing of it used, the connection closed",
            observed,
        )
        .with_clue(Clue {
            says: "the MN goes on after a response that it must not believe".to_owned(),
            reading: None,
            fix: "close and discard everything received when a check of the response fails".to_owned(),
        }))
    })
}

/// What a datagram or its absence means for an MN that must stay away from the HA.
#[must_use]
pub fn stayed_away(arrived: &Arrived) -> Option<String> {
    match arrived {
        Arrived::Datagram { octets, .. } => {
            Some(format!("a datagram to the HA: {}", crate::finding::shown(octets, 32)))
        }
        Arrived::Exited(_) | Arrived::Silence => None,
    }
}
