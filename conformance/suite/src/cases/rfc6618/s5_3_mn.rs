//! RFC 6618 section 5.3, the MN's part: what its requests contain, and how it ends the exchange.

use wire::param::{Name, Value};
use wire::value::Method;

use crate::case::Check::{MnRefuses, MnSays};
use crate::case::{Case, Fault};
use crate::finding::{Finding, Outcome, Pass};
use crate::player::{AuthForge, Visit};

/// Cases of section 5.3 that judge an MN.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.3/mn-identifier-increases",
        "the second request of the MN has a larger Identifier than the first",
        &["rfc6618#5.3/identifier-increases", "rfc6618#5.3/identifiers-differ"],
        MnSays(identifier_increases),
    )
    .by(&["EX-03"]),
    Case::must(
        "rfc6618/5.3/mn-init-has-mn-id",
        "the first request names the MN",
        &["rfc6618#5.3/request-init-mn-id", "rfc6618#5.8/mn-sends-identity"],
        MnSays(|visit| visit.init.required(Name::MnId).map(|_| Pass::Clean)),
    ),
    Case::must(
        "rfc6618/5.3/mn-init-has-auth-method",
        "the first request proposes methods, psk among them",
        &["rfc6618#5.3/request-init-auth-method", "rfc6618#5.5.2/mn-proposes-method"],
        MnSays(init_has_auth_method),
    )
    .by(&["VA-22"]),
    Case::must(
        "rfc6618/5.3/mn-done-has-sas",
        "the last request proposes a scope, 0 or 1",
        &["rfc6618#5.3/request-done-sas", "rfc6618#5.6.4/sas-values"],
        MnSays(|visit| visit.done.required(Name::Sas).map(|_| Pass::Clean)),
    )
    .by(&["VA-13"]),
    Case::must(
        "rfc6618/5.3/mn-done-has-suitelist",
        "the last request lists suites as the grammar prints them",
        &["rfc6618#5.3/request-done-suitelist", "rfc6618#5.6.5/suitelist-grammar"],
        MnSays(|visit| visit.done.required(Name::Suitelist).map(|_| Pass::Clean)),
    )
    .by(&["TV-15"]),
    Case::must(
        "rfc6618/5.3/mn-done-has-auth",
        "the last request has auth",
        &["rfc6618#5.3/request-done-auth"],
        MnSays(|visit| visit.done.required(Name::Auth).map(|_| Pass::Clean)),
    ),
    Case::must(
        "rfc6618/5.3/mn-closes",
        "the connection is closed after the final response",
        &["rfc6618#5.3/close-after-exchange", "rfc6618#5.1/ends-by-close"],
        MnSays(|visit| match visit.ending {
            Some(_) => Ok(Pass::Clean),
            None => Err(Finding::fails("the connection closed after the final response", "it stays open")),
        }),
    )
    .by(&["EX-07"]),
    Case::must(
        "rfc6618/5.3/mn-refuses-unknown-method",
        "the MN gives up when the HAC selects a method that was not offered",
        &[
            "rfc6618#5.5.2/hac-selects-one",
            "rfc6618#5.5.2/method-tokens",
            "rfc6618#5.5.2/auth-method-grammar",
        ],
        MnRefuses(Fault::init(|m| m.set(Name::AuthMethod, "x-none"))),
    )
    .by(&["MS-09"]),
    Case::must(
        "rfc6618/5.3/mn-refuses-two-methods",
        "the MN gives up when the HAC selects two methods",
        &["rfc6618#5.5.2/hac-selects-one", "rfc6618#5.5.2/auth-method-grammar"],
        MnRefuses(Fault::init(|m| m.set(Name::AuthMethod, "psk,eap"))),
    )
    .by(&["MS-09"]),
    Case::must(
        "rfc6618/5.3/mn-refuses-early-success",
        "the MN gives up on a first response with status 200",
        &["rfc6618#5.5.4/status-only-in-final"],
        MnRefuses(Fault::init(|m| m.set(Name::StatusCode, "200"))),
    )
    .by(&["MS-04"]),
    Case::must(
        "rfc6618/5.3/mn-refuses-error-with-sa-data",
        "the MN uses nothing of a final response with status 401, though it has SA data and a right auth",
        &["rfc6618#5.3/failure-no-sa-data"],
        MnRefuses(Fault::done(|m| m.set(Name::StatusCode, "401"))),
    )
    .by(&["MS-05"]),
    Case::must(
        "rfc6618/5.3/mn-refuses-done-without-auth",
        "the MN uses nothing of a final response without auth",
        &["rfc6618#5.3/response-done-auth", "rfc6618#5.8/mn-verifies-auth"],
        MnRefuses(Fault::done(|m| m.auth = AuthForge::Absent)),
    ),
    Case::must(
        "rfc6618/5.3/mn-refuses-done-without-status",
        "the MN uses nothing of a last response without status",
        &["rfc6618#5.3/response-done-status"],
        MnRefuses(Fault::done(|m| m.remove(Name::StatusCode))),
    )
    .by(&["MS-01"]),
];

fn identifier_increases(visit: &Visit) -> Outcome {
    let (first, second) = (visit.init.container().identifier(), visit.done.container().identifier());
    if second > first {
        return Ok(Pass::Clean);
    }
    Err(Finding::fails(format!("an Identifier above {first}"), format!("Identifier {second}")))
}

fn init_has_auth_method(visit: &Visit) -> Outcome {
    match visit.init.required(Name::AuthMethod)? {
        Value::Methods(methods) if methods.known.contains(&Method::Psk) => Ok(Pass::Clean),
        _ => Err(Finding::fails("psk among the methods", "other methods")),
    }
}
