//! RFC 6618 section 5.9, the MN's part: what it says in an exchange by EAP, and what it believes.

use wire::param::Name;

use crate::case::Check::{MnEapRefuses, MnEapSays};
use crate::case::{Case, EapFault};
use crate::diagnose::wrong_auth;
use crate::finding::{Finding, Outcome, Pass};
use crate::player::{AuthForge, ONE, Reply};
use crate::visit::by_eap::EapVisit;

/// Cases of section 5.9 that judge an MN.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.9/mn-init-contents",
        "the first request of an MN that uses EAP names it, and offers eap",
        &["rfc6618#5.9/request-init-contents", "rfc6618#5.3/request-init-mn-id"],
        MnEapSays(|visit| {
            visit.init().required(Name::MnId)?;
            visit.init().required(Name::AuthMethod)?;
            Ok(Pass::Clean)
        }),
    )
    .by(&["MS-02"]),
    Case::must(
        "rfc6618/5.9/mn-mid-contents",
        "each middle request has an EAP packet in hex and auth, and does not ask for an SA",
        &[
            "rfc6618#5.9/request-mid-contents",
            "rfc6618#5.9/mid-repeats",
            "rfc6618#5.5.3/eap-payload-hex",
            "rfc6618#5.5.3/eap-payload-grammar",
        ],
        MnEapSays(mid_contents),
    )
    .by(&["EA-03", "VA-20"]),
    Case::must(
        "rfc6618/5.9/mn-mids-keyed-with-one",
        "auth of each middle request is right: keyed with the one octet 0x31",
        &["rfc6618#5.9/key-one-before-done", "rfc6618#5.9/auth-mn-to-hac", "rfc6618#5.9/cb-octets"],
        MnEapSays(|visit| {
            visit.mids().iter().try_for_each(|request| signed_by(visit, request, ONE))?;
            Ok(Pass::Clean)
        }),
    )
    .by(&["EA-01", "AU-01", "CB-01"]),
    Case::must(
        "rfc6618/5.9/mn-done-contents",
        "the last request has scope, suites and auth",
        &["rfc6618#5.9/request-done-contents"],
        MnEapSays(|visit| {
            visit.done().required(Name::Sas)?;
            visit.done().required(Name::Suitelist)?;
            visit.done().required(Name::Auth)?;
            Ok(Pass::Clean)
        }),
    )
    .by(&["TV-17"]),
    Case::should(
        "rfc6618/5.9/mn-done-has-last-packet",
        "the last EAP response comes with the last request",
        &["rfc6618#5.9/request-done-contents", "rfc6618#5.9/figure-5"],
        MnEapSays(|visit| visit.done().required(Name::EapPayload).map(|_| Pass::Clean)),
    )
    .by(&["EA-03"]),
    Case::must(
        "rfc6618/5.9/mn-done-keyed-with-msk",
        "auth of the last request is right: keyed with all octets of the MSK",
        &["rfc6618#5.9/msk-in-done", "rfc6618#5.9/auth-mn-to-hac", "rfc6618#5.9/msg-octets"],
        MnEapSays(|visit| {
            let msk = visit.keys.msk.clone().unwrap_or_default();
            signed_by(visit, visit.done(), &msk).map(|()| Pass::Clean)
        }),
    )
    .by(&["EA-02", "AU-01", "AU-02", "CB-01"]),
    Case::must(
        "rfc6618/5.9/mn-identifiers-increase",
        "each request of the exchange has a larger Identifier than the one before",
        &["rfc6618#5.3/identifier-increases", "rfc6618#5.9/mid-repeats"],
        MnEapSays(identifiers_increase),
    )
    .by(&["EX-03"]),
    refuses(
        "rfc6618/5.9/mn-refuses-init-keyed-with-integer-one",
        "a first response keyed with the octet 0x01",
        EapFault::init(|m| m.auth = AuthForge::Key(vec![1])),
    )
    .by(&["EA-01"]),
    refuses(
        "rfc6618/5.9/mn-refuses-init-without-auth",
        "a first response by EAP without auth",
        EapFault::init(|m| m.auth = AuthForge::Absent),
    ),
    refuses(
        "rfc6618/5.9/mn-refuses-mid-without-auth",
        "a middle response without auth",
        EapFault::mid(|m| m.auth = AuthForge::Absent),
    ),
    refuses(
        "rfc6618/5.9/mn-refuses-mid-of-another-certificate",
        "a middle response bound to another certificate",
        EapFault::mid(|m| {
            m.auth =
                AuthForge::Binding(|binding| binding.as_octets().iter().map(|octet| octet ^ 0xff).collect());
        }),
    )
    .by(&["CB-04"]),
    refuses(
        "rfc6618/5.9/mn-refuses-success-in-mid",
        "EAP-Success in a middle response",
        EapFault::mid(|m| m.set(Name::EapPayload, "03000004")),
    )
    .by(&["EA-04"]),
    refuses(
        "rfc6618/5.9/mn-refuses-200-in-mid",
        "a middle response with status-code 200",
        EapFault::mid(|m| m.set(Name::StatusCode, "200")),
    )
    .by(&["MS-04"]),
    refuses(
        "rfc6618/5.9/mn-refuses-wrong-server-proof",
        "a HAC that does not know the secret: another MAC in GPSK-3",
        EapFault::proof(|m| {
            m.change_packet(|packet| {
                if let Some(octet) = packet.last_mut() {
                    *octet ^= 1;
                }
            });
        }),
    )
    .by(&["EA-06"]),
    refuses(
        "rfc6618/5.9/mn-refuses-grant-keyed-with-one",
        "a grant keyed with 0x31, though there is an MSK",
        EapFault::done(|m| m.auth = AuthForge::Key(ONE.to_vec())),
    )
    .by(&["EA-02", "EA-06"]),
    refuses(
        "rfc6618/5.9/mn-refuses-grant-with-flipped-bit",
        "a grant whose auth has its last bit turned",
        EapFault::done(|m| m.auth = AuthForge::FlippedBit),
    )
    .by(&["EA-06"]),
    refuses(
        "rfc6618/5.9/mn-refuses-grant-with-failure",
        "a grant with EAP-Failure in it",
        EapFault::done(|m| m.change_packet(|packet| packet.splice(..1, [4]).for_each(drop))),
    )
    .by(&["EA-06"]),
    refuses(
        "rfc6618/5.9/mn-refuses-grant-without-success",
        "a grant without an EAP packet",
        EapFault::done(|m| m.remove(Name::EapPayload)),
    )
    .by(&["EA-04", "EA-06"]),
    refuses(
        "rfc6618/5.9/mn-refuses-success-with-401",
        "EAP-Success and SA data beside status-code 401",
        EapFault::done(|m| m.set(Name::StatusCode, "401")),
    )
    .by(&["EA-06"]),
];

const fn refuses(id: &'static str, story: &'static str, fault: EapFault) -> Case {
    Case::must(id, story, &["rfc6618#5.9/figure-5", "rfc6618#5.9/auth-hac-to-mn"], MnEapRefuses(fault))
}

fn signed_by(visit: &EapVisit, request: &Reply, key: &[u8]) -> Result<(), Finding> {
    let signer = visit.signer(key);
    if request.is_signed_by(&signer) { Ok(()) } else { Err(wrong_auth(request, &signer)) }
}

fn mid_contents(visit: &EapVisit) -> Outcome {
    for request in visit.mids() {
        request.required(Name::EapPayload)?;
        request.required(Name::Auth)?;
        for name in [Name::Sas, Name::Suitelist] {
            if request.raw(name).is_some() {
                return Err(Finding::fails(format!("no {name} before the last request"), request.describe()));
            }
        }
    }
    Ok(Pass::Clean)
}

fn identifiers_increase(visit: &EapVisit) -> Outcome {
    let numbers: Vec<u8> = visit.requests.iter().map(|request| request.container().identifier()).collect();
    if numbers.is_sorted_by(|before, after| before < after) {
        return Ok(Pass::Clean);
    }
    Err(Finding::fails("increasing Identifiers", format!("{numbers:?}")))
}
