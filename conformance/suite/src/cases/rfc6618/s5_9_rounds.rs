//! RFC 6618 section 5.9: the rounds of an exchange by EAP: their numbers, and how the method may end in one.

use wire::eap::Packet;
use wire::param::Name;

use crate::bench::Bench;
use crate::case::Check::{EapAccepts, EapRefuses, Script};
use crate::case::{Case, EapFault, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::judge::{by_eap, granted, refused};
use crate::player::{Answer, EapMethod, EapMn, EapStage, EapStep, MessageForge, ONE};

const GPSK: EapMethod = EapMethod::Gpsk;

/// Cases of section 5.9 about rounds.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.9/identifier-repeated",
        "a middle request with Identifier 1 again is refused",
        &["rfc6618#5.3/identifiers-differ", "rfc6618#5.3/identifier-increases"],
        EapRefuses(EapFault::mid(|m| m.identifier = 1)),
    )
    .by(&["EX-03"]),
    Case::must(
        "rfc6618/5.9/identifier-decreasing",
        "a request with a smaller Identifier than the one before is refused",
        &["rfc6618#5.3/identifier-increases"],
        Script(Role::Hac, |bench| second_mid_with(bench, 8)),
    )
    .by(&["EX-03"]),
    Case::must(
        "rfc6618/5.9/identifier-repeated-later",
        "a request with the Identifier of the one before is refused",
        &["rfc6618#5.3/identifiers-differ", "rfc6618#5.3/identifier-increases"],
        Script(Role::Hac, |bench| second_mid_with(bench, JUMP)),
    )
    .by(&["EX-03"]),
    Case::should(
        "rfc6618/5.9/identifier-gap",
        "a middle request with Identifier 9 is accepted",
        &["rfc6618#5.3/identifier-increases"],
        EapAccepts(EapFault::mid(|m| m.identifier = JUMP)),
    )
    .by(&["EX-03"]),
    Case::must(
        "rfc6618/5.9/rounds-end-at-255",
        "a middle request with Identifier 255 gets a final response: no number is left for another round",
        &["rfc6618#5.9/mid-repeats", "rfc6618#5.3/identifiers-differ"],
        Script(Role::Hac, rounds_end_at_255),
    )
    .by(&["EX-05", "EA-13"]),
    Case::should(
        "rfc6618/5.9/done-at-255",
        "a last request with Identifier 255 is accepted: it is the last number, and there is no other request",
        &["rfc6618#5.3/identifier-increases"],
        EapAccepts(EapFault::done(|m| m.identifier = 255)),
    )
    .by(&["EX-05", "EA-13"]),
    Case::should(
        "rfc6618/5.9/method-ends-in-mid",
        "the last EAP response may come in a middle request: the HAC waits for MHAuth-Done and grants then",
        &["rfc6618#5.9/mid-repeats", "rfc6618#5.9/msk-in-done"],
        Script(Role::Hac, method_ends_in_mid),
    )
    .by(&["EA-03", "EA-04"]),
    Case::should(
        "rfc6618/5.9/early-done",
        "MHAuth-Done before the method has ended counts as a middle request: another one follows, and is granted",
        &["rfc6618#5.9/mid-repeats"],
        Script(Role::Hac, early_done),
    )
    .by(&["EA-03"]),
    Case::must(
        "rfc6618/5.9/early-done-grants-nothing",
        "MHAuth-Done before the method has ended gets no SA data",
        &["rfc6618#5.9/request-done-contents", "rfc6618#5.9/figure-5"],
        Script(Role::Hac, early_done_grants_nothing),
    )
    .by(&["EA-03", "EA-06", "EA-07"]),
];

/// A number with room below it.
const JUMP: u8 = 9;

/// The first middle request jumps ahead, the second one has this Identifier.
fn second_mid_with(bench: &mut Bench<'_>, identifier: u8) -> Outcome {
    by_eap::twin_is_granted(bench, GPSK)?;
    let (mut mn, answer) = by_eap::play(bench, EapFault::mid(|m| m.identifier = JUMP))?;
    if !by_eap::goes_on(&answer) {
        // To refuse a gap is a warning elsewhere.
        return Err(Finding::Inconclusive(Because::Prerequisite(answer.describe())));
    }
    let mut request = mn.next_request().map_err(by_eap::earlier)?;
    request.identifier = identifier;
    mn.send(&request)?;
    let answer = mn.answer();
    bench.check(by_eap::refused_in_the_end(&mut mn, answer))
}

fn rounds_end_at_255(bench: &mut Bench<'_>) -> Outcome {
    by_eap::twin_is_granted(bench, GPSK)?;
    let (mut mn, answer) = by_eap::play(bench, EapFault::mid(|m| m.identifier = 255))?;
    bench.check(match answer {
        Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none() => {
            Err(Finding::fails("a final response to request 255", reply.describe()))
        }
        answer => refused(&mut mn.mn, answer),
    })
}

fn method_ends_in_mid(bench: &mut Bench<'_>) -> Outcome {
    by_eap::twin_is_granted(bench, GPSK)?;
    let (mut mn, answer) = ended_in_mid(bench)?;
    let reply = match answer {
        Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none() => reply,
        other => {
            return bench.check(Err(Finding::warns(
                "a response without status-code, and then another request",
                other.describe(),
            )));
        }
    };
    bench.check(match reply.eap()?.as_deref().map(Packet::parse) {
        Some(Ok(Packet::Success { .. } | Packet::Failure { .. })) => {
            Err(Finding::fails("the result of EAP kept for the final response", reply.describe()))
        }
        _ => Ok(()),
    })?;
    mn.send(&mn.done(None))?;
    let answer = mn.answer();
    bench.check(granted(answer))
}

/// The last EAP response in a middle request, and the answer to it.
pub(super) fn ended_in_mid(bench: &mut Bench<'_>) -> Result<(EapMn, Answer), Finding> {
    let mut mn = by_eap::mn(bench, GPSK)?;
    let done = mn.as_far_as(EapStage::Done).map_err(by_eap::earlier)?;
    let packet = done.draft.value(Name::EapPayload).and_then(|value| wire::value::hex::decode(value).ok());
    let mid = mn.mid(&packet.unwrap_or_default());
    // A middle request is keyed with "1", and what comes after the end of the method with the MSK.
    let msk = std::mem::replace(&mut mn.mn.key, ONE.to_vec());
    mn.send(&mid)?;
    mn.mn.key = msk;
    let answer = mn.answer();
    Ok((mn, answer))
}

/// MHAuth-Done with the first EAP response, keyed as long as there is no MSK.
fn make_done(message: &mut MessageForge) {
    message.set(Name::Sas, "1");
    message.set(Name::Suitelist, "{00,2F},{00,02}");
}

fn early_done(bench: &mut Bench<'_>) -> Outcome {
    by_eap::twin_is_granted(bench, GPSK)?;
    let (mut mn, answer) = by_eap::play(bench, EapFault::mid(make_done))?;
    bench.check(by_eap::granted_in_the_end(&mut mn, answer))
}

fn early_done_grants_nothing(bench: &mut Bench<'_>) -> Outcome {
    by_eap::twin_is_granted(bench, GPSK)?;
    let (mut mn, answer) = by_eap::play(bench, EapFault::mid(make_done))?;
    if by_eap::goes_on(&answer) {
        // The conversation has only begun: the peer has an EAP request to answer.
        return bench.check(mn.step().map(|step| match step {
            EapStep::Respond(_) | EapStep::Conclude(_) => Pass::Clean,
        }));
    }
    bench.check(refused(&mut mn.mn, answer))
}
