//! RFC 6618 section 5.1, the MN's part: containers of requests, and what it does about containers of responses.

use crate::case::Check::{MnRefuses, MnSays};
use crate::case::{Case, Fault};
use crate::finding::{Finding, Outcome, Pass};
use crate::player::{Reply, Visit};

/// Cases of section 5.1 that judge an MN.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.1/mn-first-identifier",
        "the first request of the MN has Identifier 1",
        &["rfc6618#5.1/first-identifier-one", "rfc6618#5.3/session-resets-identifier"],
        MnSays(|visit| match visit.init.container().identifier() {
            1 => Ok(Pass::Clean),
            other => Err(Finding::fails("Identifier 1", format!("Identifier {other}"))),
        }),
    )
    .by(&["EX-02"]),
    Case::must(
        "rfc6618/5.1/mn-version-sent",
        "requests are of protocol version 0",
        &["rfc6618#5.1/version-zero", "rfc6618#5.1/container-layout"],
        MnSays(|visit| zero_in_both(visit, "Ver", |request| request.container().version())),
    )
    .by(&["CT-01"]),
    Case::must(
        "rfc6618/5.1/mn-reserved-sent",
        "the reserved bits of requests are 0",
        &["rfc6618#5.1/reserved-zero"],
        MnSays(|visit| zero_in_both(visit, "Rsrvd", |request| request.container().reserved())),
    )
    .by(&["CT-02"]),
    Case::must(
        "rfc6618/5.1/mn-length-sent",
        "the Length of a request is that of its Content: the message ends where the container does",
        &["rfc6618#5.1/length-counts-content", "rfc6618#5.1/length-network-order"],
        MnSays(length_sent),
    )
    .by(&["CT-06"]),
    Case::must(
        "rfc6618/5.1/mn-refuses-version",
        "the MN gives up on a response of protocol version 1",
        &["rfc6618#5.1/version-zero"],
        MnRefuses(Fault::init(|m| m.version = 1)),
    )
    .by(&["CT-01"]),
    Case::must(
        "rfc6618/5.1/mn-refuses-identifier-in-init",
        "the MN gives up on a first response with another Identifier than its request",
        &["rfc6618#5.1/identifier-matches"],
        MnRefuses(Fault::init(|m| m.identifier = m.identifier.wrapping_add(1))),
    )
    .by(&["EX-04"]),
    Case::must(
        "rfc6618/5.1/mn-refuses-identifier-in-done",
        "the MN gives up on a final response with another Identifier than its request",
        &["rfc6618#5.1/identifier-matches"],
        MnRefuses(Fault::done(|m| m.identifier = m.identifier.wrapping_sub(1))),
    )
    .by(&["EX-04"]),
];

fn zero_in_both(visit: &Visit, field: &str, have: fn(&Reply) -> u8) -> Outcome {
    for request in [&visit.init, &visit.done] {
        if have(request) != 0 {
            return Err(Finding::fails(format!("{field} 0"), format!("{field} {}", have(request)))
                .with_octets("container header received", request.octets().get(..4).unwrap_or_default()));
        }
    }
    Ok(Pass::Clean)
}

fn length_sent(visit: &Visit) -> Outcome {
    for request in [&visit.init, &visit.done] {
        let headers = request.headers()?;
        if headers.end == wire::header::EndOfMessage::Absent || !headers.trailing.is_empty() {
            return Err(Finding::fails(
                "the end of the message at the end of the container",
                format!("{:?}", headers.end),
            )
            .with_octets("Content received", request.content()));
        }
    }
    Ok(Pass::Clean)
}
