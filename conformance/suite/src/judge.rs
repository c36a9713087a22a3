//! How each family of checks comes to its outcome. Twins and controls live here, once for all cases.

use wire::value::{Scope, Status};

use crate::bench::{Bench, register};
use crate::case::{Carrier, Check, Fault, PacketFault, Stage};
use crate::finding::{Because, Clue, Failure, Finding, Outcome, Pass};
use crate::link::Arrived;
use crate::player::{Answer, MnPlayer, Tunnel};

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
        Check::HaDiscards(fault) => ha_discards(bench, *fault),
        Check::HaAccepts(fault) => ha_accepts(bench, *fault),
        Check::MnSays(judge) => {
            let visit = crate::visit::honest(bench)?;
            bench.check(judge(&visit))
        }
        Check::MnRefuses(fault) => mn_refuses(bench, *fault),
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
    let late = matches!(&answer, Answer::Reply(reply) if reply.status().is_none());
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
    if reply.status().is_none_or(|status| status == Status::OK) || reply.has_sa_data() {
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
    let expected = "the request accepted: a final response, status-code 200, with SA data";
    bench.check(match answer {
        Answer::Reply(reply) if reply.grants() => Ok(Pass::Clean),
        Answer::Silence(_) => Err(Finding::Hangs(Box::new(Failure::new(expected, answer.describe())))),
        other => Err(Finding::fails(expected, other.describe())),
    })
}

/// A tunnel on which packets of that kind are answered when they are honest.
fn tunnel_for(bench: &mut Bench<'_>, carrier: Carrier) -> Result<Tunnel, Finding> {
    let mut tunnel = match carrier {
        Carrier::BindingUpdate | Carrier::ProtectedEcho => bench.tunnel(Scope::AllTraffic)?,
        Carrier::PlainEcho => bench.tunnel(Scope::SignalingOnly)?,
    };
    register(&mut tunnel)?;
    Ok(tunnel)
}

/// The bad packet, a good one, and a second good one: the HA answers the good ones and nothing else, so
/// that its silence is proved without waiting for it, even when answers overtake each other.
fn ha_discards(bench: &mut Bench<'_>, fault: PacketFault) -> Outcome {
    let mut tunnel = tunnel_for(bench, fault.carrier)?;
    let (mut packet, number) = tunnel.next(fault.carrier)?;
    (fault.apply)(&mut packet);
    let sent = tunnel.send(&packet)?;
    bench.check(
        vanished(&mut tunnel, fault.carrier, number).map_err(|f| f.with_octets("datagram sent", &sent)),
    )
}

/// Proves by two controls that the packet with that number is not answered.
///
/// # Errors
/// A failure when it is; inconclusive when a control is not.
pub fn vanished(tunnel: &mut Tunnel, carrier: Carrier, number: u16) -> Outcome {
    for _ in 0..2 {
        let (control, expected) = tunnel.next(carrier)?;
        tunnel.send(&control)?;
        let answers = tunnel.until(carrier, expected);
        if let Some(answer) = answers.before.iter().find(|answer| answer.number(carrier) == Some(number)) {
            return Err(Finding::fails(
                "the packet silently discarded",
                format!("it was answered: {}", answer.describe()),
            ));
        }
        if answers.answer.is_none() {
            let what = format!("the good packet after the bad one got {}", answers.describe());
            return Err(Finding::Inconclusive(Because::ControlUnanswered(what)));
        }
    }
    Ok(Pass::Clean)
}

fn ha_accepts(bench: &mut Bench<'_>, fault: PacketFault) -> Outcome {
    let mut tunnel = tunnel_for(bench, fault.carrier)?;
    let (mut packet, number) = tunnel.next(fault.carrier)?;
    (fault.apply)(&mut packet);
    let sent = tunnel.send(&packet)?;
    let answers = tunnel.until(fault.carrier, number);
    bench.check(if answers.answer.is_some() {
        Ok(Pass::Clean)
    } else {
        Err(Finding::fails("the packet accepted and answered", answers.describe())
            .with_octets("datagram sent", &sent))
    })
}

fn mn_refuses(bench: &mut Bench<'_>, fault: Fault) -> Outcome {
    // The twin: the same MN goes on when the answer has no fault.
    crate::visit::honest(bench)?;
    let mut guest = crate::visit::welcome(bench)?;
    let tempted = guest.answer_with(fault)?;
    bench.check(tempted.map_or(Ok(Pass::Clean), |observed| {
        Err(Finding::fails(
            "the faulty response refused: nothing of it used, the connection closed",
            observed,
        )
        .with_clue(Clue {
            says: "the MN goes on after a response that it must not believe".to_owned(),
            reading: None,
            fix: "close and discard everything received when a check of the response fails".to_owned(),
        }))
    }))
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
