//! RFC 6618 section 5.2: header lines, and what lies about headers share.

use suite::player::MessageForge;
use wire::header::Line;
use wire::param::Name;

use super::ZEROS;
use crate::liar::incoming::Incoming;
use crate::liar::session::Session;
use crate::mutant::Lie::{HacRequest, HacResponse};
use crate::mutant::{Mutant, SANITY};

/// Lies about header lines.
pub(super) const LIES: &[Mutant] = &[
    Mutant::hac(
        "hac/names-case-sensitive",
        "knows header names in lower case only",
        HacRequest(|request, _| {
            refuse_if(request, |name, _| name.iter().any(u8::is_ascii_uppercase));
        }),
        &["rfc6618/5.2/name-upper-case", "rfc6618/5.2/name-mixed-case-in-done"],
    ),
    Mutant::hac(
        "hac/refuses-white-space",
        "refuses white space in and around values",
        HacRequest(|request, _| refuse_if(request, |_, value| value.iter().any(|o| b" \t".contains(o)))),
        &[
            "rfc6618/5.2/space-after-colon",
            "rfc6618/5.2/tab-at-value-end",
            "rfc6618/5.2/space-around-list-comma",
            "rfc6618/5.2/space-around-mn-id",
            "rfc6618/5.2/space-around-mn-rand",
            "rfc6618/5.2/space-around-hac-rand",
            "rfc6618/5.2/space-around-auth",
            "rfc6618/5.2/space-in-braces",
            "rfc6618/5.2/white-space-is-signed",
        ],
    ),
    Mutant::hac(
        "hac/fixed-order",
        "wants mip6-suitelist behind all other headers",
        HacRequest(|request, _| {
            let mut suitelist_came = false;
            refuse_if(request, |name, _| {
                let known = Name::from_octets(name);
                let late = suitelist_came && known.is_some() && known != Some(Name::Auth);
                suitelist_came |= known == Some(Name::Suitelist);
                late && known != Some(Name::Suitelist)
            });
        }),
        &["rfc6618/5.2/order-of-headers"],
    ),
    Mutant::hac(
        "hac/refuses-unknown-headers",
        "refuses a header that it does not know",
        HacRequest(|request, _| refuse_if(request, |name, _| Name::from_octets(name).is_none())),
        &[
            "rfc6618/5.2/unknown-header",
            "rfc6618/5.2/unknown-header-is-signed",
            "rfc6618/5.2/colons-in-value",
            "rfc6618/5.2/longer-name",
            "rfc6618/5.2/shorter-name",
            "rfc6618/5.2/unknown-header-first",
        ],
    ),
    Mutant::hac(
        "hac/lines-without-colon",
        "skips lines without a colon",
        HacRequest(|request, _| request.drop_lines(|line| !line.is_empty() && !line.contains(&b':'))),
        &["rfc6618/5.2/no-colon"],
    ),
    Mutant::hac(
        "hac/empty-names",
        "skips lines that begin with the colon",
        HacRequest(|request, _| request.drop_lines(|line| line.starts_with(b":"))),
        &["rfc6618/5.2/empty-name"],
    ),
    Mutant::hac(
        "hac/empty-values",
        "takes an empty mn-rand for zeros, and an empty mip6-sas for 1",
        HacRequest(|request, session| {
            let blank = |line: &[u8]| {
                let colon = line.iter().position(|octet| *octet == b':');
                colon.is_some_and(|at| line.get(at + 1..).unwrap_or_default().trim_ascii().is_empty())
            };
            let as_it_came = request.content.clone();
            request.drop_lines(blank);
            if request.content != as_it_came && session.is_first() {
                add(request, Name::MnRand, ZEROS);
            } else if request.content != as_it_came {
                add(request, Name::Sas, b"1");
            }
            echo(request, session);
        }),
        &["rfc6618/5.2/empty-value", "rfc6618/5.2/value-of-spaces"],
    ),
    Mutant::hac(
        "hac/any-octet-in-values",
        "skips lines with octets that no header may hold",
        HacRequest(|request, _| {
            request.drop_lines(|line| line.iter().any(|octet| !matches!(octet, b'\t' | b' '..=b'~')));
        }),
        &[
            "rfc6618/5.2/nul-in-value",
            "rfc6618/5.2/escape-in-value",
            "rfc6618/5.2/high-octet-in-value",
            "rfc6618/5.2/bare-cr",
            "rfc6618/5.2/delete-in-value",
            "rfc6618/5.2/nul-in-name",
            "rfc6618/5.2/high-octet-in-name",
        ],
    ),
    Mutant::hac(
        "hac/bare-lf",
        "takes LF alone for a line end",
        HacRequest(|request, _| {
            request.replace(b"\r\n", b"\n");
            request.replace(b"\n", b"\r\n");
        }),
        &["rfc6618/5.2/bare-lf"],
    ),
    Mutant::hac(
        "hac/space-before-colon",
        "takes white space before the colon",
        HacRequest(|request, _| request.replace(b" :", b":")),
        &["rfc6618/5.2/space-before-colon"],
    ),
    Mutant::hac(
        "hac/first-of-repeated",
        "takes the first of headers that stand twice",
        HacRequest(|request, _| {
            for name in [Name::MnId, Name::MnRand, Name::HacRand, Name::Sas] {
                request.keep_first(name);
            }
        }),
        &[
            "rfc6618/5.2/repeated-mn-id",
            "rfc6618/5.2/repeated-mn-rand",
            "rfc6618/5.2/repeated-hac-rand",
            "rfc6618/5.2/repeated-sas",
            "rfc6618/5.2/other-mn-id-behind",
            "rfc6618/5.2/repeated-mn-id-upper-case",
            "rfc6618/5.2/other-mn-rand-behind",
            "rfc6618/5.2/repeated-mn-rand-in-done",
            "rfc6618/5.2/other-mn-rand-behind-in-done",
            "rfc6618/5.2/other-hac-rand-behind",
        ],
    ),
    Mutant::hac(
        "hac/last-of-repeated",
        "takes the last of headers that stand twice",
        HacRequest(|request, _| {
            for name in [Name::MnId, Name::MnRand, Name::HacRand, Name::Sas] {
                request.keep_last(name);
            }
        }),
        &["rfc6618/5.2/other-mn-id-before", "rfc6618/5.2/other-hac-rand-before"],
    ),
    Mutant::hac(
        "hac/refuses-two-suitelists",
        "refuses mip6-suitelist in two lines",
        HacRequest(|request, _| {
            let mut seen = 0;
            refuse_if(request, |name, _| {
                seen += u8::from(Name::from_octets(name) == Some(Name::Suitelist));
                seen > 1
            });
        }),
        &["rfc6618/5.2/repeated-suitelist-joins"],
    ),
    Mutant::hac(
        "hac/says-bare-lf",
        "ends the lines of its answers in LF alone",
        HacResponse(|response, _| {
            let octets = response.draft.unsigned_octets();
            response.draft.lines.clear();
            response.draft.line(&octets.into_iter().filter(|octet| *octet != b'\r').collect::<Vec<_>>());
        }),
        &[SANITY],
    ),
    Mutant::hac(
        "hac/says-padded-values",
        "puts a space after the colon",
        HacResponse(|response, _| {
            for line in &mut response.draft.lines {
                if let Line::Header { value, .. } = line {
                    value.insert(0, b' ');
                }
            }
        }),
        &["rfc6618/5.2/responses-plain"],
    ),
    Mutant::hac(
        "hac/says-upper-case-names",
        "sends header names in upper case",
        HacResponse(|response, _| {
            for line in &mut response.draft.lines {
                if let Line::Header { name, .. } = line {
                    name.make_ascii_uppercase();
                }
            }
        }),
        &["rfc6618/5.2/responses-lower-case"],
    ),
    Mutant::hac(
        "hac/says-mn-rand-twice",
        "repeats mn-rand twice over",
        HacResponse(|response, session| {
            if let Some(mn_rand) = &session.mn_rand {
                response.draft.push_raw(b"mn-rand", mn_rand);
            }
        }),
        &["rfc6618/5.2/responses-no-repeats"],
    ),
];

/// Refuses the request if one of its headers is as said.
fn refuse_if(request: &mut Incoming, mut bad: impl FnMut(&[u8], &[u8]) -> bool) {
    let mut any = false;
    request.edit(|draft| {
        any = draft.lines.iter().any(|line| match line {
            Line::Header { name, value } => bad(name, value),
            Line::Verbatim(_) => false,
        });
    });
    if any {
        request.spoil();
    }
}

/// Gives the request a header that it lacks.
pub(super) fn add(request: &mut Incoming, name: Name, value: &[u8]) {
    if !request.has(name) {
        request.set(name, value);
    }
}

/// Where the first request was given an mn-rand, takes whatever the last one repeats for it.
pub(super) fn echo(request: &mut Incoming, session: &Session) {
    if !session.is_first() && session.mn_rand.as_deref() == Some(ZEROS) {
        request.set(Name::MnRand, ZEROS);
    }
}

pub(super) fn is_grant(response: &MessageForge) -> bool {
    response.draft.value(Name::StatusCode) == Some(b"200")
}

pub(super) fn is_error(response: &MessageForge) -> bool {
    response.draft.value(Name::StatusCode).is_some_and(|status| status != b"200")
}

/// Gives a header that is there another value.
pub(super) fn change(response: &mut MessageForge, name: Name, value: &[u8]) {
    if response.draft.position(name).is_some() {
        response.set(name, value);
    }
}
