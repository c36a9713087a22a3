//! RFC 6618 sections 5.5.3 and 5.9: which requests of an exchange by EAP a HAC believes.

use wire::param::Name;
use wire::value::hex;

use super::eap::{last_had, pretend_grant};
use super::headers::is_error;
use crate::liar::incoming::Incoming;
use crate::liar::session::Session;
use crate::mutant::Lie::{HacRequest, HacResponse};
use crate::mutant::Mutant;

/// Lies about packets that a HAC should not take.
pub(super) const LIES: &[Mutant] = &[
    Mutant::hac(
        "hac/eap-any-digits",
        "takes an eap-payload that is no hex for the packet it waits for",
        HacRequest(|request, session| take_for_right(request, session, |value| hex::decode(value).is_err())),
        &["rfc6618/5.5.3/odd-digits", "rfc6618/5.5.3/no-hex-digit", "rfc6618/5.5.3/base64"],
    ),
    Mutant::hac(
        "hac/eap-any-frame",
        "takes an EAP packet without a whole header, or of any Length, for the right one",
        HacRequest(|request, session| {
            take_for_right(request, session, |value| {
                hex::decode(value).is_ok() && wire::value::eap::parse(value).is_err()
            })
        }),
        &[
            "rfc6618/5.5.3/shorter-than-a-header",
            "rfc6618/5.5.3/length-beyond-the-end",
            "rfc6618/5.5.3/length-before-the-end",
        ],
    ),
    Mutant::hac(
        "hac/eap-any-code",
        "takes any EAP packet for a response",
        HacRequest(|request, session| {
            take_for_right(request, session, |value| value.get(..2) != Some(b"02"))
        }),
        &["rfc6618/5.9/success-from-mn", "rfc6618/5.9/request-from-mn", "rfc6618/5.9/no-eap-code"],
    ),
    Mutant::hac(
        "hac/eap-any-identifier",
        "takes an EAP response to another request",
        HacRequest(|request, session| {
            take_for_right(request, session, |value| value.get(..2) == Some(b"02"))
        }),
        &["rfc6618/5.9/response-to-another-request"],
    ),
    Mutant::hac(
        "hac/eap-empty-payload",
        "takes an eap-payload without a value for the packet it waits for",
        HacRequest(|request, session| {
            if let Some(right) = right(session) {
                request.replace(b"eap-payload:\r\n", &[b"eap-payload:", right.as_slice(), b"\r\n"].concat());
            }
        }),
        &["rfc6618/5.5.3/empty"],
    ),
    Mutant::hac(
        "hac/eap-payload-twice",
        "takes the first of two eap-payload headers",
        HacRequest(|request, _| request.keep_first(Name::EapPayload)),
        &["rfc6618/5.5.3/twice"],
    ),
    Mutant::hac(
        "hac/eap-abstract-name",
        "takes a header eap for eap-payload",
        HacRequest(|request, _| request.replace(b"eap:", b"eap-payload:")),
        &["rfc6618/5.9/mid-with-another-name"],
    ),
    Mutant::hac(
        "hac/eap-without-packet",
        "takes a request without eap-payload as if EAP went well",
        HacRequest(|request, session| {
            if !session.is_first()
                && !request.has(Name::EapPayload)
                && session.eap.is_selected()
                && let Some(right) = right(session)
            {
                request.set(Name::EapPayload, &right);
            }
        }),
        &["rfc6618/5.9/mid-without-eap"],
    ),
    Mutant::hac(
        "hac/eap-last-packet-needless",
        "takes MHAuth-Done without eap-payload as if the method had ended well",
        HacResponse(|response, session| {
            let without = last_had(session, Name::Sas) && !last_had(session, Name::EapPayload);
            if session.eap.is_selected() && is_error(response) && without {
                pretend_grant(response);
            }
        }),
        &["rfc6618/5.9/done-without-eap"],
    ),
    Mutant::hac(
        "hac/eap-done-without-sas",
        "takes a last request by EAP without mip6-sas for 1",
        HacRequest(|request, session| {
            if session.eap.is_selected() && request.has(Name::Suitelist) {
                super::headers::add(request, Name::Sas, b"1");
            }
        }),
        &["rfc6618/5.9/done-without-sas"],
    ),
    Mutant::hac(
        "hac/eap-done-without-suitelist",
        "takes a last request by EAP without mip6-suitelist for {00,02}",
        HacRequest(|request, session| {
            if session.eap.is_selected() && request.has(Name::Sas) {
                super::headers::add(request, Name::Suitelist, b"{00,02}");
            }
        }),
        &["rfc6618/5.9/done-without-suitelist"],
    ),
    Mutant::hac(
        "hac/eap-any-last-proof",
        "does not look at the last EAP response",
        HacRequest(|request, session| {
            if request.has(Name::Sas) {
                take_for_right(request, session, |_| true);
            }
        }),
        &["rfc6618/5.9/last-proof-wrong", "rfc6618/5.9/wrong-secret-without-msk"],
    ),
    Mutant::hac(
        "hac/eap-any-proof",
        "lets EAP succeed for whoever mn-id names",
        HacRequest(|request, session| {
            if session.eap.is_selected() && !session.is_first() {
                take_for_right(request, session, |_| true);
            }
        }),
        &["rfc6618/5.9/wrong-secret", "rfc6618/5.9/unknown-to-eap"],
    ),
];

/// What an honest MN would say now, in hex.
fn right(session: &Session) -> Option<Vec<u8>> {
    session.eap.honest_response(session.identity.as_ref()?)
}

/// Puts what an honest MN would say in place of the packet, when its value is like that.
fn take_for_right(request: &mut Incoming, session: &Session, when: impl Fn(&[u8]) -> bool) {
    if let (Some(value), Some(right)) = (request.value(Name::EapPayload), right(session))
        && when(&value)
    {
        request.set(Name::EapPayload, &right);
    }
}
