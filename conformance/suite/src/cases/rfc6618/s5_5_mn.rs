//! RFC 6618 section 5.5, the MN's part: the generic parameters of its requests.

use wire::param::Name;

use crate::bench::Bench;
use crate::case::Check::{MnRefuses, MnSays, Script};
use crate::case::{Case, Fault, Role};
use crate::finding::{Finding, Outcome, Pass, shown};
use crate::player::{AuthForge, Visit};

/// Cases of section 5.5 that judge an MN.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.5.1/mn-id-sent",
        "the MN sends the NAI that it was given",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc6618#5.5.1/mn-id-grammar"],
        MnSays(mn_id_sent),
    )
    .by(&["VA-01"]),
    Case::must(
        "rfc6618/5.5.5/mn-auth-is-last",
        "auth is the last header of the last request, with 64 hexadecimal digits",
        &["rfc6618#5.5.5/auth-last", "rfc6618#5.5.5/auth-grammar"],
        MnSays(auth_is_last),
    )
    .by(&["TV-08", "AU-05"]),
    Case::must(
        "rfc6618/5.5.5/mn-refuses-header-after-auth",
        "the MN gives up on a final response with a header behind auth: nothing signs it",
        &["rfc6618#5.5.5/auth-last", "rfc6618#5.5.5/auth-covers-message"],
        MnRefuses(Fault::done(|m| m.after_auth = b"x-unknown:value\r\n".to_vec())),
    )
    .by(&["TV-08"]),
    Case::must(
        "rfc6618/5.5.5/mn-refuses-truncated-auth",
        "the MN gives up on a final response with only 12 octets of the right auth",
        &["rfc6618#5.5.5/auth-grammar", "rfc6618#5.8/mn-verifies-auth"],
        MnRefuses(Fault::done(|m| m.auth = AuthForge::Truncated(12))),
    )
    .by(&["AU-05"]),
    Case::must(
        "rfc6618/5.5.8/mn-rand-sent",
        "mn-rand has 32 octets in both requests",
        &["rfc6618#5.5.8/random-length", "rfc6618#5.5.8/mn-rand-grammar"],
        MnSays(|visit| {
            visit.init.required(Name::MnRand)?;
            visit.done.required(Name::MnRand).map(|_| Pass::Clean)
        }),
    )
    .by(&["VA-11", "MS-02"]),
    Case::must(
        "rfc6618/5.5.8/mn-rand-fresh",
        "three visits of the MN bring three different mn-rand",
        &["rfc6618#5.5.8/random-values-fresh", "rfc6618#5.8/mn-rand-random"],
        Script(Role::Mn, mn_rand_fresh),
    )
    .by(&["TL-06"]),
    Case::must(
        "rfc6618/5.5.8/mn-refuses-short-hac-rand",
        "the MN gives up on a hac-rand of 31 octets",
        &["rfc6618#5.5.8/random-length", "rfc6618#5.5.8/hac-rand-grammar"],
        MnRefuses(Fault::init(|m| m.set(Name::HacRand, "ab".repeat(31)))),
    )
    .by(&["VA-11"]),
];

fn mn_id_sent(visit: &Visit) -> Outcome {
    visit.init.required(Name::MnId)?;
    match visit.init.raw(Name::MnId) {
        Some(value) if value == visit.identity.mn_id.as_bytes() => Ok(Pass::Clean),
        other => Err(Finding::fails(
            format!("mn-id {}", visit.identity.mn_id),
            shown(other.unwrap_or_default(), 64),
        )),
    }
}

fn auth_is_last(visit: &Visit) -> Outcome {
    visit.done.required(Name::Auth)?;
    let headers = visit.done.headers()?;
    let last = headers.headers.last().and_then(wire::header::Header::known);
    if last == Some(Name::Auth) {
        return Ok(Pass::Clean);
    }
    Err(Finding::fails("auth as the last header", format!("{last:?} is the last known one"))
        .with_octets("Content received", visit.done.content()))
}

fn mn_rand_fresh(bench: &mut Bench<'_>) -> Outcome {
    let mut seen = std::collections::BTreeSet::new();
    for number in 1..=3 {
        let visit = crate::visit::honest(bench)?;
        let rand = visit.init.raw(Name::MnRand).unwrap_or_default().to_ascii_lowercase();
        bench.expect(!rand.is_empty() && seen.insert(rand.clone()), || {
            Finding::fails("an mn-rand that no visit before had", format!("a repeated one in visit {number}"))
                .with_octets("mn-rand", &rand)
        })?;
    }
    Ok(Pass::Clean)
}
