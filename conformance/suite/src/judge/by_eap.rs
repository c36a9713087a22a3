//! RFC 6618 section 5.9: how cases about an exchange by EAP come to their outcome. A HAC that has no EAP, or not the
//! method in question, is found out first: then a case is UNSUPPORTED, neither green nor red.

use wire::param::Name;

use super::{granted, refused};
use crate::bench::Bench;
use crate::case::EapFault;
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::player::{Answer, EapExchange, EapMethod, EapMn, MessageForge};

/// Requests that may follow a fault; no method that we speak needs as many.
const ROUNDS: usize = 16;

/// A scripted MN that authenticates by `method`, on a fresh session.
///
/// # Errors
/// As [`Bench::mn`].
pub fn mn(bench: &mut Bench<'_>, method: EapMethod) -> Result<EapMn, Finding> {
    let mn = bench.mn()?;
    Ok(EapMn::new(mn, method, bench.random()))
}

/// An honest exchange, kept whole. It is judged by whoever asked for it.
///
/// # Errors
/// Unsupported when the HAC does not have the method; a finding when an answer is missing.
pub fn honest(bench: &mut Bench<'_>, method: EapMethod) -> Result<EapExchange, Finding> {
    mn(bench, method)?.exchange()
}

/// An honest exchange must end in a grant in the same run.
///
/// # Errors
/// Unsupported when the HAC does not have the method, inconclusive when it does not grant.
pub fn twin_is_granted(bench: &mut Bench<'_>, method: EapMethod) -> Result<(), Finding> {
    let refused = |finding| match finding {
        Finding::Fails(failure) | Finding::Hangs(failure) => {
            Finding::Inconclusive(Because::TwinRefused(failure.observed))
        }
        other => other,
    };
    let exchange = honest(bench, method).map_err(refused)?;
    if exchange.done().grants() {
        return Ok(());
    }
    Err(Finding::Inconclusive(Because::TwinRefused(exchange.done().describe())))
}

/// What keeps an exchange from getting as far as the fault is the matter of other cases.
#[must_use]
pub fn earlier(finding: Finding) -> Finding {
    match finding {
        Finding::Fails(failure) | Finding::Warns(failure) => {
            Finding::Inconclusive(Because::Prerequisite(failure.observed))
        }
        other => other,
    }
}

/// Sends an honest exchange up to the request with the fault, and gives the MN and the answer to it.
///
/// # Errors
/// A finding when the exchange does not get as far.
pub fn play(bench: &mut Bench<'_>, fault: EapFault) -> Result<(EapMn, Answer), Finding> {
    let mut mn = mn(bench, fault.method)?;
    let mut request = mn.as_far_as(fault.at).map_err(earlier)?;
    (fault.apply)(&mut request);
    mn.send(&request)?;
    let answer = mn.answer();
    Ok((mn, answer))
}

pub(super) fn refuses(bench: &mut Bench<'_>, fault: EapFault) -> Outcome {
    twin_is_granted(bench, fault.method)?;
    let (mut mn, answer) = play(bench, fault)?;
    bench.check(refused_in_the_end(&mut mn, answer))
}

pub(super) fn accepts(bench: &mut Bench<'_>, fault: EapFault) -> Outcome {
    twin_is_granted(bench, fault.method)?;
    let (mut mn, answer) = play(bench, fault)?;
    bench.check(granted_in_the_end(&mut mn, answer))
}

/// Judges a refusal. A HAC that goes on and refuses at the end is warned.
///
/// # Errors
/// What the HAC did instead.
pub fn refused_in_the_end(mn: &mut EapMn, answer: Answer) -> Outcome {
    if !goes_on(&answer) {
        return refused(&mut mn.mn, answer);
    }
    let observed = answer.describe();
    let Ok(last) = finish(mn, answer) else {
        return Err(Finding::fails("a refusal of the faulty request", observed));
    };
    refused(&mut mn.mn, last)?;
    Err(Finding::warns("a refusal of the faulty request", "a refusal only after MHAuth-Done"))
}

/// Judges an acceptance: the exchange goes on to a grant.
///
/// # Errors
/// What the HAC did instead.
pub fn granted_in_the_end(mn: &mut EapMn, answer: Answer) -> Outcome {
    granted(finish(mn, answer)?)
}

/// Goes on honestly; gives the answer that ends the exchange.
///
/// # Errors
/// A failure when there is no EAP request to answer, or no end.
pub fn finish(mn: &mut EapMn, mut answer: Answer) -> Result<Answer, Finding> {
    for _ in 0..ROUNDS {
        if !goes_on(&answer) {
            return Ok(answer);
        }
        let request = mn.next_request()?;
        mn.send(&request)?;
        answer = mn.answer();
    }
    Err(Finding::fails("the end of the exchange", format!("{ROUNDS} requests and no end")))
}

/// Whether another request is wanted.
#[must_use]
pub fn goes_on(answer: &Answer) -> bool {
    matches!(answer, Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none())
}

/// The answer to a request Done that `forge` makes of an honest one; the MN is given back to wait for the close.
///
/// # Errors
/// A finding when the exchange does not get as far.
pub fn answer_to_done(
    bench: &mut Bench<'_>,
    method: EapMethod,
    forge: impl FnOnce(&EapMn, &mut MessageForge),
) -> Result<(EapMn, Answer), Finding> {
    let mut mn = mn(bench, method)?;
    let mut done = mn.as_far_as(crate::player::EapStage::Done).map_err(earlier)?;
    forge(&mn, &mut done);
    mn.send(&done)?;
    let answer = mn.answer();
    Ok((mn, answer))
}

/// A request Done that `forge` makes of an honest one must be refused; the honest one must be accepted.
///
/// # Errors
/// What the HAC did instead.
pub fn refuses_done(
    bench: &mut Bench<'_>,
    method: EapMethod,
    forge: impl FnOnce(&EapMn, &mut MessageForge),
) -> Outcome {
    twin_is_granted(bench, method)?;
    let (mut mn, answer) = answer_to_done(bench, method, forge)?;
    bench.check(refused_in_the_end(&mut mn, answer))
}

/// Judges a failure of EAP: a final response that refuses and carries EAP-Failure.
///
/// # Errors
/// What the HAC said instead.
pub fn failed_by_eap(mn: &mut EapMn, answer: Answer) -> Outcome {
    use wire::eap::Packet;
    let Answer::Reply(reply) = &answer else { return refused(&mut mn.mn, answer) };
    let packet = reply.eap()?;
    let told = packet.as_deref().is_some_and(|p| matches!(Packet::parse(p), Ok(Packet::Failure { .. })));
    let observed = reply.describe();
    refused(&mut mn.mn, answer)?;
    if told {
        return Ok(Pass::Clean);
    }
    Err(Finding::fails("a final response with EAP-Failure in eap-payload", observed))
}
