//! RFC 6618 sections 5.1 and 5.3: containers, Identifiers, who speaks when, and how it ends.

use suite::player::AuthForge;
use wire::container::{Container, HEADER_LEN, Identifier, Repr, octets_needed};
use wire::header::Draft;
use wire::param::Name;
use wire::value::hex;

use super::ZEROS;
use super::headers::{echo, is_error, is_grant};
use crate::liar::incoming::Incoming;
use crate::liar::session::Session;
use crate::mutant::Lie::{HacEnding, HacGreeting, HacRequest, HacResponse, HacStream};
use crate::mutant::{Ending, Mutant, SANITY};

/// Lies about framing and order.
pub(super) const LIES: &[Mutant] = &[
    Mutant::hac(
        "hac/any-version",
        "takes every version for version 0",
        HacRequest(|request, _| request.version = 0),
        &["rfc6618/5.1/version-one", "rfc6618/5.1/version-seven-in-done"],
    ),
    Mutant::hac(
        "hac/says-version-one",
        "answers in version 1",
        HacResponse(|response, _| response.version = 1),
        &["rfc6618/5.1/version-sent", "rfc6618/5.1/answer-to-version-one"],
    ),
    Mutant::hac(
        "hac/sets-reserved-bits",
        "answers with a reserved bit set",
        HacResponse(|response, _| response.reserved = 1),
        &["rfc6618/5.1/reserved-sent", "rfc6618/5.1/answer-to-reserved"],
    ),
    Mutant::hac(
        "hac/refuses-reserved-bits",
        "refuses a request whose reserved bits are set",
        HacRequest(|request, _| {
            if request.reserved != 0 {
                request.spoil();
            }
        }),
        &["rfc6618/5.1/reserved-ignored"],
    ),
    Mutant::hac(
        "hac/identifier-zero",
        "takes Identifier 0 for the one that is due",
        HacRequest(|request, session| {
            if request.identifier == 0 {
                request.identifier = due(session);
            }
        }),
        &["rfc6618/5.1/identifier-zero", "rfc6618/5.1/identifier-zero-in-done"],
    ),
    Mutant::hac(
        "hac/any-first-identifier",
        "lets the first Identifier be any but 0",
        HacRequest(|request, session| {
            if session.is_first() && request.identifier != 0 {
                request.identifier = 1;
            }
        }),
        &["rfc6618/5.1/first-identifier-two", "rfc6618/5.1/first-identifier-255"],
    ),
    Mutant::hac(
        "hac/repeated-identifier",
        "takes the same Identifier again",
        HacRequest(|request, session| {
            if !session.is_first() && request.identifier == session.handed_on {
                request.identifier = due(session);
            }
        }),
        &["rfc6618/5.3/identifier-repeated"],
    ),
    Mutant::hac(
        "hac/identifier-steps-by-one",
        "refuses an Identifier that skips some",
        HacRequest(|request, session| {
            if request.identifier > due(session) {
                request.spoil();
            }
        }),
        &["rfc6618/5.3/identifier-gap"],
    ),
    Mutant::hac(
        "hac/wrong-identifier-back",
        "answers with the next Identifier",
        HacResponse(|response, _| response.identifier = response.identifier.wrapping_add(1)),
        &[
            "rfc6618/5.3/identifier-copied",
            "rfc6618/5.1/answer-to-gap",
            "rfc6618/5.1/refusal-copies-identifier",
        ],
    ),
    Mutant::hac(
        "hac/length-zero",
        "takes empty Content for a first request of the MN before",
        HacRequest(|request, session| {
            if request.content.is_empty() {
                begin_for_previous(request, session);
            }
        }),
        &["rfc6618/5.1/length-zero"],
    ),
    Mutant::hac(
        "hac/empty-message",
        "takes a message without headers for a first request of the MN before",
        HacRequest(|request, session| {
            if session.is_first() && request.content == b"\r\n\r\n" {
                begin_for_previous(request, session);
            }
            echo(request, session);
        }),
        &["rfc6618/5.2/no-headers"],
    ),
    Mutant::hac(
        "hac/completes-the-end",
        "does not wait for the last octet of a message",
        HacStream(|octets| {
            if octets_needed(octets) == octets.len() + 1 && octets.ends_with(b"\r") {
                octets.push(b'\n');
            }
        }),
        &["rfc6618/5.1/one-octet-missing-then-close"],
    ),
    Mutant::hac(
        "hac/a-read-is-a-message",
        "takes what comes at once for one message, whatever Length says",
        HacStream(|octets| {
            if octets.len() <= HEADER_LEN {
                *octets = vec![0, 1, 0, 1, b'?'];
            }
            let length = u16::try_from(octets.len() - HEADER_LEN).unwrap_or(u16::MAX);
            Container::new_unchecked(octets).set_length(length);
        }),
        &[
            "rfc6618/5.1/length-shorter",
            "rfc6618/5.1/length-longer-then-close",
            "rfc6618/5.1/one-octet-records",
            "rfc6618/5.1/records-across-header",
            "rfc6618/5.1/one-octet-records-in-done",
            "rfc6618/5.1/length-one",
            "rfc6618/5.1/length-shorter-in-done",
            "rfc6618/5.1/length-counts-header-then-close",
        ],
    ),
    Mutant::hac(
        "hac/length-little-endian",
        "sends Length with its octets swapped",
        HacResponse(|response, _| {
            let content = response.draft.octets().len() + "auth:\r\n".len() + 64;
            response.length = u16::try_from(content).ok().map(u16::swap_bytes);
        }),
        &[SANITY],
    ),
    Mutant::hac(
        "hac/octets-behind",
        "writes octets behind its final response that Length does not count",
        HacResponse(|response, _| {
            if is_grant(response) {
                response.behind = b"\r\n".to_vec();
            }
        }),
        &["rfc6618/5.1/length-sent"],
    ),
    Mutant::hac(
        "hac/splits-refusals",
        "sends a refusal in two containers",
        HacResponse(|response, _| {
            if is_error(response) {
                let rest = response.draft.lines.split_off(1);
                let rest = Draft { lines: rest, end: core::mem::take(&mut response.draft.end) }.octets();
                response.auth = AuthForge::Absent;
                let identifier = Identifier::new(response.identifier).unwrap_or(Identifier::FIRST);
                response.behind = Repr { identifier, content: &rest }.to_vec().unwrap_or_default();
            }
        }),
        &["rfc6618/5.1/refusal-in-one-container", "rfc6618/5.3/closed-after-error"],
    ),
    Mutant::hac(
        "hac/small-requests-only",
        "refuses Content of more than 4096 octets",
        HacRequest(|request, _| {
            if request.content.len() > 4096 {
                request.spoil();
            }
        }),
        &["rfc6618/5.1/content-65535", "rfc6618/5.1/content-65535-in-done"],
    ),
    Mutant::hac(
        "hac/octets-after-end",
        "overlooks octets of the Content behind the end-of-message",
        HacRequest(|request, _| {
            const END: &[u8] = b"\r\n\r\n\r\n";
            if let Some(at) = request.content.windows(END.len()).position(|window| window == END) {
                request.content.truncate(at + END.len());
            }
        }),
        &["rfc6618/5.1/content-after-end"],
    ),
    Mutant::hac(
        "hac/speaks-first",
        "greets every MN with a message of its own",
        HacGreeting(b"\x00\x01\x00\x11status-code:100\r\n"),
        &[SANITY],
    ),
    Mutant::hac(
        "hac/done-first",
        "takes a last request that comes first for a first one of the MN before",
        HacRequest(|request, session| {
            if session.is_first() && !request.has(Name::MnId) && request.has(Name::Suitelist) {
                begin_for_previous(request, session);
            }
        }),
        &["rfc6618/5.3/done-first"],
    ),
    Mutant::hac(
        "hac/init-is-enough",
        "grants when the first request comes twice",
        HacRequest(|request, session| {
            if !session.is_first() && request.has(Name::AuthMethod) {
                ask_for_all(request, session);
            }
        }),
        &["rfc6618/5.3/init-twice"],
    ),
    Mutant::hac(
        "hac/open-after-success",
        "leaves the connection open after a grant",
        HacEnding(Ending::OpenAfterSuccess),
        &[
            "rfc6618/5.3/closed-after-success",
            "rfc6618/5.9/closed-after-success",
            "rfc6618/5.3/one-exchange-a-connection",
            "rfc6618/5.1/request-behind-the-last",
        ],
    ),
    Mutant::hac(
        "hac/open-after-error",
        "leaves the connection open after a refusal",
        HacEnding(Ending::OpenAfterError),
        &[
            "rfc6618/5.3/closed-after-error",
            "rfc6618/5.3/right-done-after-wrong-one",
            "rfc6618/5.3/right-done-after-wrong-suitelist",
            "rfc6618/5.3/init-after-refused-init",
        ],
    ),
    Mutant::hac(
        "hac/closes-without-a-word",
        "closes in place of an error answer",
        HacEnding(Ending::SilentError),
        &["rfc6618/5.3/error-has-status", "rfc6618/5.3/init-error-has-status"],
    ),
];

/// The Identifier that an MN that counts in steps of one sends next.
const fn due(session: &Session) -> u8 {
    session.handed_on.saturating_add(1)
}

/// The request Init that the MN of the connection before might have sent.
fn begin_for_previous(request: &mut Incoming, session: &Session) {
    let Some(previous) = &session.previous else { return };
    request.content =
        [b"mn-id:", previous.mn_id.as_bytes(), b"\r\nauth-method:psk\r\nmn-rand:", ZEROS, b"\r\n\r\n\r\n"]
            .concat();
}

/// The request Done that the MN of this connection might have sent.
fn ask_for_all(request: &mut Incoming, session: &Session) {
    let (Some(mn_rand), Some(hac_rand)) = (&session.mn_rand, &session.hac_rand) else { return };
    request.content = [
        &b"mn-rand:"[..],
        mn_rand,
        b"\r\nhac-rand:",
        hac_rand,
        b"\r\nmip6-sas:1\r\nmip6-suitelist:{00,2F}\r\nauth:",
        hex::encode(&[0; 32]).as_bytes(),
        b"\r\n\r\n\r\n",
    ]
    .concat();
    request.believed = true;
}
