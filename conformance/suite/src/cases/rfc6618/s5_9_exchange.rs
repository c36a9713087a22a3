//! RFC 6618 section 5.9: the exchange by EAP, its messages and their order.

use wire::eap::{Packet, Type};
use wire::param::Name;

use crate::bench::Bench;
use crate::case::Check::{EapAccepts, EapRefuses, EapSays, Script};
use crate::case::{Case, EapFault, Role};
use crate::finding::{Because, Finding, Outcome, Pass, shown};
use crate::judge::by_eap;
use crate::player::{Answer, AuthForge, EapExchange, EapMethod, Reply};

const GPSK: EapMethod = EapMethod::Gpsk;

/// Cases of section 5.9 about what is sent when.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.9/init-names-eap",
        "the first response names eap when nothing else was offered",
        &["rfc6618#5.9/response-init-contents", "rfc6618#5.5.2/hac-selects-one"],
        Script(Role::Hac, init_names_eap),
    )
    .by(&["MS-03", "MS-09"]),
    Case::must(
        "rfc6618/5.9/init-has-eap-request",
        "the first response carries an EAP request",
        &["rfc6618#5.9/response-init-contents", "rfc6618#5.9/figure-5"],
        Script(Role::Hac, init_has_eap_request),
    )
    .by(&["MS-03"]),
    Case::should(
        "rfc6618/5.9/init-asks-for-identity",
        "the first EAP request asks for the identity",
        &["rfc6618#5.9/figure-5"],
        EapSays(GPSK, |exchange| match requested(exchange.init())? {
            Type::IDENTITY => Ok(Pass::Clean),
            kind => Err(Finding::fails("EAP-Request/Identity", format!("an EAP request of type {}", kind.0))),
        }),
    )
    .by(&["EA-09"]),
    Case::must(
        "rfc6618/5.9/mids-have-eap-requests",
        "each middle response carries an EAP request, and no status",
        &["rfc6618#5.9/response-mid-contents", "rfc6618#5.9/figure-5", "rfc6618#5.9/mid-repeats"],
        EapSays(GPSK, |exchange| {
            exchange.mids().iter().try_for_each(|reply| requested(reply).map(drop))?;
            Ok(Pass::Clean)
        }),
    )
    .by(&["EA-03", "EA-12"]),
    Case::must(
        "rfc6618/5.9/success-comes-last",
        "the final response carries EAP-Success beside status-code 200, and no response before it does",
        &["rfc6618#5.9/response-done-contents", "rfc6618#5.9/figure-5"],
        EapSays(GPSK, success_comes_last),
    )
    .by(&["EA-04", "EA-06"]),
    Case::must(
        "rfc6618/5.9/success-comes-last-without-msk",
        "the same after a method that makes no MSK",
        &["rfc6618#5.9/response-done-contents", "rfc6618#5.9/figure-5"],
        EapSays(EapMethod::Md5Challenge, success_comes_last),
    )
    .by(&["EA-04", "EA-06", "EA-08"]),
    Case::must(
        "rfc6618/5.9/done-has-sa-data",
        "the final response after a good method grants: complete SA data as with PSK",
        &["rfc6618#5.9/response-done-contents"],
        EapSays(GPSK, |exchange| exchange.grant().map(|_| Pass::Clean)),
    )
    .by(&["EA-06"]),
    Case::must(
        "rfc6618/5.9/identifiers-copied",
        "each response of the exchange carries the Identifier of its request",
        &["rfc6618#5.3/response-copies-identifier", "rfc6618#5.9/mid-repeats"],
        EapSays(GPSK, identifiers_copied),
    )
    .by(&["EX-04"]),
    Case::should(
        "rfc6618/5.9/eap-identifiers-change",
        "each EAP request has another EAP Identifier than the one before: nothing is sent again over TCP",
        &["rfc6618#5.9/figure-5"],
        EapSays(GPSK, eap_identifiers_change),
    )
    .by(&["EA-11"]),
    Case::should(
        "rfc6618/5.9/success-fits-the-response",
        "EAP-Success has the EAP Identifier of the last EAP response",
        &["rfc6618#5.9/figure-5"],
        EapSays(GPSK, success_fits),
    )
    .by(&["EA-11"]),
    Case::must(
        "rfc6618/5.9/closed-after-success",
        "the HAC closes after the final response of an exchange by EAP",
        &["rfc6618#5.3/close-after-exchange"],
        EapSays(GPSK, |exchange| match exchange.ending {
            Some(_) => Ok(Pass::Clean),
            None => Err(Finding::fails("the connection closed after the final response", "it stays open")),
        }),
    )
    .by(&["EX-07"]),
    Case::should(
        "rfc6618/5.9/init-without-mn-rand",
        "a first request that offers eap alone is accepted without mn-rand",
        &["rfc6618#5.9/request-init-contents"],
        EapAccepts(EapFault::init(|m| m.remove(Name::MnRand))),
    )
    .by(&["MS-02"]),
    Case::should(
        "rfc6618/5.9/hac-rand-ignored",
        "a hac-rand in the last request has no meaning in EAP and is passed over",
        &["rfc6618#5.9/request-done-contents"],
        EapAccepts(EapFault::done(|m| m.set(Name::HacRand, "42".repeat(32)))),
    )
    .by(&["EA-12", "TV-16"]),
    Case::must(
        "rfc6618/5.9/mid-without-eap",
        "a middle request without eap-payload is refused",
        &["rfc6618#5.9/request-mid-contents"],
        EapRefuses(EapFault::mid(|m| m.remove(Name::EapPayload))),
    ),
    Case::must(
        "rfc6618/5.9/mid-without-auth",
        "a middle request without auth is refused",
        &["rfc6618#5.9/request-mid-contents"],
        EapRefuses(EapFault::mid(|m| m.auth = AuthForge::Absent)),
    ),
    Case::must(
        "rfc6618/5.9/mid-with-another-name",
        "a middle request whose packet stands under the name eap is refused: only the name of the table counts",
        &["rfc6618#5.9/request-mid-contents"],
        EapRefuses(EapFault::mid(|m| super::s5_2_encoding::rename(m, Name::EapPayload, b"eap"))),
    )
    .by(&["TV-17"]),
    Case::should(
        "rfc6618/5.9/mid-with-unknown-header",
        "a middle request with an unknown header, signed, is accepted",
        &["rfc6618#5.9/request-mid-contents"],
        EapAccepts(EapFault::mid(|m| m.line(b"x-unknown:value\r\n"))),
    )
    .by(&["TV-07"]),
    Case::must(
        "rfc6618/5.9/done-without-eap",
        "a last request without eap-payload, while an EAP request is open, is refused",
        &["rfc6618#5.9/request-done-contents"],
        EapRefuses(EapFault::done(|m| m.remove(Name::EapPayload))),
    )
    .by(&["EA-07"]),
    Case::must(
        "rfc6618/5.9/done-without-auth",
        "a last request without auth is refused, though EAP ends well",
        &["rfc6618#5.9/request-done-contents", "rfc6618#5.3/request-done-auth"],
        EapRefuses(EapFault::done(|m| m.auth = AuthForge::Absent)),
    )
    .by(&["EA-07"]),
    Case::must(
        "rfc6618/5.9/done-without-sas",
        "a last request without mip6-sas is refused, though EAP ends well",
        &["rfc6618#5.9/request-done-contents", "rfc6618#5.3/request-done-sas"],
        EapRefuses(EapFault::done(|m| m.remove(Name::Sas))),
    )
    .by(&["TV-17"]),
    Case::must(
        "rfc6618/5.9/done-without-suitelist",
        "a last request without mip6-suitelist is refused, though EAP ends well",
        &["rfc6618#5.9/request-done-contents", "rfc6618#5.3/request-done-suitelist"],
        EapRefuses(EapFault::done(|m| m.remove(Name::Suitelist))),
    )
    .by(&["TV-17"]),
];

fn init_names_eap(bench: &mut Bench<'_>) -> Outcome {
    let mut mn = by_eap::mn(bench, GPSK)?;
    mn.send(&mn.init())?;
    let answer = mn.answer();
    let Answer::Reply(reply) = &answer else { return bench.check(without_eap(&answer)) };
    let Some(method) = reply.raw(Name::AuthMethod) else { return bench.check(without_eap(&answer)) };
    let named = method.eq_ignore_ascii_case(b"eap");
    bench.expect(named, || {
        Finding::fails("auth-method eap, the only one that was offered", shown(method, 64))
            .with_octets("Content received", reply.content())
    })?;
    Ok(Pass::Clean)
}

/// A refusal of EAP as such is no fault; a first response without `auth-method` is.
fn without_eap(answer: &Answer) -> Outcome {
    match answer {
        Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none() => {
            Err(Finding::fails("auth-method eap in the first response", reply.describe()))
        }
        _ => Err(Finding::Unsupported(Because::Needs("EAP, which the HAC does not offer"))),
    }
}

fn init_has_eap_request(bench: &mut Bench<'_>) -> Outcome {
    let mut mn = by_eap::mn(bench, GPSK)?;
    mn.send(&mn.init())?;
    let answer = mn.answer();
    match &answer {
        Answer::Reply(reply)
            if reply.raw(Name::StatusCode).is_none()
                && reply.raw(Name::AuthMethod).is_some_and(|named| named.eq_ignore_ascii_case(b"eap")) =>
        {
            bench.check(requested(reply))?;
            Ok(Pass::Clean)
        }
        _ => Err(Finding::Unsupported(Because::Needs("EAP, which the HAC does not offer"))),
    }
}

/// The type of the EAP request in a response that must have one.
fn requested(reply: &Reply) -> Result<Type, Finding> {
    if reply.raw(Name::StatusCode).is_some() {
        return Err(Finding::fails("a response without status-code", reply.describe()));
    }
    reply.required(Name::EapPayload)?;
    let packet = reply.eap()?.unwrap_or_default();
    match Packet::parse(&packet) {
        Ok(Packet::Request { kind, .. }) => Ok(kind),
        Ok(_) => {
            Err(Finding::fails("an EAP request", "another EAP packet").with_octets("EAP packet", &packet))
        }
        Err(error) => Err(Finding::malformed("an EAP request", &error).with_octets("EAP packet", &packet)),
    }
}

fn success_comes_last(exchange: &EapExchange) -> Outcome {
    for reply in exchange.replies.iter().take(exchange.replies.len() - 1) {
        requested(reply)?;
    }
    let done = exchange.done();
    if !done.grants() {
        return Err(Finding::fails("status-code 200 with SA data after a good method", done.describe()));
    }
    done.required(Name::EapPayload)?;
    let packet = done.eap()?.unwrap_or_default();
    match Packet::parse(&packet) {
        Ok(Packet::Success { .. }) => Ok(Pass::Clean),
        _ => Err(Finding::fails("EAP-Success beside status-code 200", "another EAP packet")
            .with_octets("EAP packet", &packet)),
    }
}

fn identifiers_copied(exchange: &EapExchange) -> Outcome {
    for (request, reply) in exchange.requests.iter().zip(&exchange.replies) {
        let (need, have) = (request.get(1).copied().unwrap_or_default(), reply.container().identifier());
        if need != have {
            return Err(Finding::fails(
                format!("Identifier {need}, as in the request"),
                format!("Identifier {have}"),
            ));
        }
    }
    Ok(Pass::Clean)
}

/// The EAP Identifiers of all requests of the server, in order.
fn eap_identifiers(exchange: &EapExchange) -> Result<Vec<u8>, Finding> {
    let before_done = exchange.replies.iter().take(exchange.replies.len() - 1);
    let identifier = |reply: &Reply| Ok(reply.eap()?.and_then(|packet| packet.get(1).copied()));
    Ok(before_done.map(identifier).collect::<Result<Vec<_>, Finding>>()?.into_iter().flatten().collect())
}

fn eap_identifiers_change(exchange: &EapExchange) -> Outcome {
    let identifiers = eap_identifiers(exchange)?;
    if identifiers.windows(2).all(|pair| pair[0] != pair[1]) {
        return Ok(Pass::Clean);
    }
    Err(Finding::fails("another EAP Identifier in each request", format!("{identifiers:?}")))
}

fn success_fits(exchange: &EapExchange) -> Outcome {
    let need = eap_identifiers(exchange)?.last().copied();
    let have = exchange.done().eap()?.and_then(|packet| packet.get(1).copied());
    if need == have {
        return Ok(Pass::Clean);
    }
    Err(Finding::fails(format!("EAP Identifier {need:?}"), format!("{have:?}")))
}
