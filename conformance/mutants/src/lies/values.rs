//! RFC 6618 sections 5.5 and 5.6, incoming values: what a HAC must not take for what it is not.

use wire::param::{Name, check};
use wire::value::Nai;

use super::ZEROS;
use super::headers::{change, echo, is_error};
use crate::liar::incoming::Incoming;
use crate::liar::session::Session;
use crate::mutant::Lie::{HacRequest, HacResponse};
use crate::mutant::Mutant;

/// Lies about values.
pub(super) const LIES: &[Mutant] = &[
    Mutant::hac(
        "hac/any-text-as-mn-id",
        "takes an mn-id that is no NAI for the MN before",
        HacRequest(|request, session| {
            if request.value(Name::MnId).is_some_and(|mn_id| Nai::parse(&mn_id).is_err()) {
                as_previous(request, session);
            }
        }),
        &[
            "rfc6618/5.5.1/mn-id-with-space",
            "rfc6618/5.5.1/mn-id-two-at-signs",
            "rfc6618/5.5.1/mn-id-one-label-realm",
            "rfc6618/5.5.1/mn-id-backslash-last",
            "rfc6618/5.5.1/mn-id-dot-first",
            "rfc6618/5.5.1/mn-id-dot-before-at",
            "rfc6618/5.5.1/mn-id-two-dots",
            "rfc6618/5.5.1/mn-id-quoted",
            "rfc6618/5.5.1/mn-id-in-angles",
            "rfc6618/5.5.1/mn-id-comment",
            "rfc6618/5.5.1/mn-id-comma-behind",
            "rfc6618/5.5.1/mn-id-not-utf-8",
            "rfc6618/5.5.1/mn-id-overlong-utf-8",
            "rfc6618/5.5.1/mn-id-at-sign-behind",
            "rfc6618/5.5.1/mn-id-empty-realm",
            "rfc6618/5.5.1/mn-id-realm-dot-last",
            "rfc6618/5.5.1/mn-id-realm-empty-label",
            "rfc6618/5.5.1/mn-id-label-hyphen-first",
            "rfc6618/5.5.1/mn-id-label-hyphen-last",
        ],
    ),
    Mutant::hac(
        "hac/any-octet-in-mn-id",
        "takes an mn-id with NUL, CR or LF in it for the MN before",
        HacRequest(|request, session| {
            const BEHIND: &[u8] = b"\r\nauth-method:";
            let end = request.content.windows(BEHIND.len()).position(|window| window == BEHIND);
            let (Some(end), Some(previous)) = (end, &session.previous) else { return };
            let (mn_id, rest) = request.content.split_at(end);
            if mn_id.starts_with(b"mn-id:") && mn_id.iter().any(|octet| b"\0\r\n".contains(octet)) {
                request.content = [b"mn-id:", previous.mn_id.as_bytes(), rest].concat();
            }
        }),
        &[
            "rfc6618/5.5.1/mn-id-nul-behind",
            "rfc6618/5.5.1/mn-id-escaped-nul",
            "rfc6618/5.5.1/mn-id-escaped-cr",
            "rfc6618/5.5.1/mn-id-escaped-lf",
        ],
    ),
    Mutant::hac(
        "hac/short-names-only",
        "refuses an mn-id of more than 64 octets",
        HacRequest(|request, _| refuse_mn_id(request, |mn_id| mn_id.len() > 64)),
        &["rfc6618/5.5.1/mn-id-of-72-octets"],
    ),
    Mutant::hac(
        "hac/letters-and-digits-only",
        "refuses a user name with anything but letters and digits",
        HacRequest(|request, _| {
            refuse_mn_id(request, |mn_id| {
                let user = mn_id.iter().rposition(|octet| *octet == b'@').unwrap_or(mn_id.len());
                !mn_id.iter().take(user).all(u8::is_ascii_alphanumeric)
            });
        }),
        &[
            "rfc6618/5.5.1/mn-id-with-dots",
            "rfc6618/5.5.1/mn-id-utf-8",
            "rfc6618/5.5.1/mn-id-escape",
            "rfc6618/5.5.1/mn-id-punctuation",
        ],
    ),
    Mutant::hac(
        "hac/user-and-realm-only",
        "refuses an mn-id without user name or without realm",
        HacRequest(|request, _| {
            refuse_mn_id(request, |mn_id| mn_id.starts_with(b"@") || !mn_id.contains(&b'@'));
        }),
        &["rfc6618/5.5.1/mn-id-without-realm", "rfc6618/5.5.1/mn-id-realm-only"],
    ),
    Mutant::hac(
        "hac/letters-first-in-realm",
        "refuses a realm that begins with a digit",
        HacRequest(|request, _| {
            refuse_mn_id(request, |mn_id| {
                mn_id.windows(2).any(|pair| matches!(pair, [b'@', digit] if digit.is_ascii_digit()))
            });
        }),
        &["rfc6618/5.5.1/mn-id-digits-in-realm"],
    ),
    Mutant::hac(
        "hac/grants-to-strangers",
        "takes an mn-id that it does not know for the MN before",
        HacRequest(|request, session| {
            let known = |mn_id: &[u8]| session.identities.iter().any(|one| one.mn_id.as_bytes() == mn_id);
            if session.is_first() && request.value(Name::MnId).is_some_and(|mn_id| !known(&mn_id)) {
                as_previous(request, session);
            }
        }),
        &["rfc6618/5.5.1/unknown-identity"],
    ),
    Mutant::hac(
        "hac/any-method-is-psk",
        "takes methods that do not exist for psk",
        HacRequest(|request, _| {
            if request.has(Name::AuthMethod) {
                request.set(Name::AuthMethod, b"psk");
            }
        }),
        &[
            "rfc6618/5.5.2/no-known-method",
            "rfc6618/5.5.2/empty-list-element",
            "rfc6618/5.5.2/method-longer",
            "rfc6618/5.5.2/method-shorter",
        ],
    ),
    Mutant::hac(
        "hac/one-method-only",
        "refuses a list of methods",
        HacRequest(|request, _| {
            if request.value(Name::AuthMethod).is_some_and(|methods| methods.contains(&b',')) {
                request.spoil();
            }
        }),
        &["rfc6618/5.5.2/unknown-method-among-known"],
    ),
    Mutant::hac(
        "hac/mn-rand-any-length",
        "takes an mn-rand of any length",
        HacRequest(|request, session| mend_mn_rand(request, session, |value| value.len() != 64)),
        &["rfc6618/5.5.8/mn-rand-short", "rfc6618/5.5.8/mn-rand-long", "rfc6618/5.5.8/mn-rand-odd"],
    ),
    Mutant::hac(
        "hac/mn-rand-any-digits",
        "takes an mn-rand that is no hexadecimal",
        HacRequest(|request, session| {
            mend_mn_rand(request, session, |value| !value.iter().all(u8::is_ascii_hexdigit));
        }),
        &["rfc6618/5.5.8/mn-rand-not-hex", "rfc6618/5.5.8/mn-rand-with-space"],
    ),
    Mutant::hac(
        "hac/hex-lower-case-only",
        "refuses hexadecimal in upper case",
        HacRequest(|request, _| {
            let upper = |value: Vec<u8>| value.iter().any(u8::is_ascii_uppercase);
            if [Name::MnRand, Name::HacRand, Name::Auth]
                .into_iter()
                .any(|name| request.value(name).is_some_and(upper))
            {
                request.spoil();
            }
        }),
        &[
            "rfc6618/5.2/hex-upper-case",
            "rfc6618/5.5.5/auth-upper-case",
            "rfc6618/5.2/mn-rand-upper-case-in-done",
            "rfc6618/5.2/hac-rand-upper-case",
        ],
    ),
    Mutant::hac(
        "hac/any-sas-is-one",
        "takes every mip6-sas but 0 for 1",
        HacRequest(|request, _| {
            if request.value(Name::Sas).is_some_and(|sas| sas != b"0") {
                request.set(Name::Sas, b"1");
            }
        }),
        &[
            "rfc6618/5.6.4/sas-two",
            "rfc6618/5.6.4/sas-letter-o",
            "rfc6618/5.6.4/sas-two-digits",
            "rfc6618/5.6.4/sas-nine",
            "rfc6618/5.6.4/sas-with-sign",
            "rfc6618/5.6.4/sas-word",
            "rfc6618/5.6.4/sas-one-and-more",
        ],
    ),
    Mutant::hac(
        "hac/refuses-sas-zero",
        "refuses a proposal of mip6-sas 0",
        HacRequest(|request, _| {
            if request.value(Name::Sas).as_deref() == Some(b"0") {
                request.spoil();
            }
        }),
        &["rfc6618/5.6.4/sas-zero-answered"],
    ),
    Mutant::hac(
        "hac/psk-of-32-octets-only",
        "serves MNs with a key of 32 octets only",
        HacRequest(|request, session| {
            if session.identity.as_ref().is_some_and(|identity| identity.psk.len() != 32) {
                request.spoil();
            }
        }),
        &[
            "rfc6618/5.8/psk-of-16-octets",
            "rfc6618/5.8/psk-of-64-octets",
            "rfc6618/5.8/psk-of-65-octets",
            "rfc6618/5.8/psk-of-200-octets",
        ],
    ),
    Mutant::hac(
        "hac/error-status-100",
        "refuses with status-code 100",
        HacResponse(|response, _| {
            if is_error(response) {
                change(response, Name::StatusCode, b"100");
            }
        }),
        &["rfc6618/5.5.4/error-status-listed", "rfc6618/5.5.4/first-refusal-listed"],
    ),
    Mutant::hac(
        "hac/error-status-404",
        "refuses with a status-code that does not exist",
        HacResponse(|response, _| {
            if is_error(response) {
                change(response, Name::StatusCode, b"404");
            }
        }),
        &["rfc6618/5.5.4/error-status-listed"],
    ),
    Mutant::hac(
        "hac/error-status-always-400",
        "refuses with status-code 400 whatever is wrong",
        HacResponse(|response, _| {
            if is_error(response) {
                change(response, Name::StatusCode, b"400");
            }
        }),
        &["rfc6618/5.3/error-status-fits"],
    ),
    Mutant::hac(
        "hac/retry-after-in-words",
        "puts words into retry-after",
        HacResponse(|response, _| {
            if is_error(response) {
                response.set(Name::RetryAfter, "tomorrow");
            }
        }),
        &["rfc6618/5.5.6/retry-after-is-date"],
    ),
    Mutant::hac(
        "hac/error-status-200",
        "refuses with status-code 200",
        HacResponse(|response, _| {
            if is_error(response) {
                change(response, Name::StatusCode, b"200");
            }
        }),
        &["rfc6618/5.3/error-has-status"],
    ),
];

/// Refuses a first request that names such an MN.
fn refuse_mn_id(request: &mut Incoming, such: fn(&[u8]) -> bool) {
    if request.value(Name::MnId).is_some_and(|mn_id| such(&mn_id)) {
        request.spoil();
    }
}

fn as_previous(request: &mut Incoming, session: &Session) {
    if let Some(previous) = &session.previous {
        request.set(Name::MnId, previous.mn_id.as_bytes());
    }
}

/// Takes a faulty mn-rand for another one, and believes the MN that repeats it.
fn mend_mn_rand(request: &mut Incoming, session: &Session, is_fault: fn(&[u8]) -> bool) {
    let faulty = request
        .value(Name::MnRand)
        .is_some_and(|value| is_fault(&value) && check(Name::MnRand, &value).is_err());
    if session.is_first() && faulty {
        request.set(Name::MnRand, ZEROS);
    }
    echo(request, session);
}
