//! RFC 6618 sections 5.3 and 5.5: which headers must be there, and where.

use suite::player::{AuthForge, MessageForge};
use wire::param::Name;

use super::ZEROS;
use super::headers::{add, change, echo, is_grant};
use crate::mutant::Lie::{HacRequest, HacResponse};
use crate::mutant::{Mutant, SANITY};

/// Lies about what must be there.
pub(super) const LIES: &[Mutant] = &[
    Mutant::hac(
        "hac/init-without-mn-id",
        "takes a first request without mn-id for one of the MN before",
        HacRequest(|request, session| {
            if session.is_first()
                && !request.has(Name::MnId)
                && let Some(previous) = &session.previous
            {
                request.set(Name::MnId, previous.mn_id.as_bytes());
            }
        }),
        &["rfc6618/5.3/init-without-mn-id"],
    ),
    Mutant::hac(
        "hac/init-without-auth-method",
        "takes a first request without auth-method for psk",
        HacRequest(|request, session| {
            if session.is_first() {
                add(request, Name::AuthMethod, b"psk");
            }
        }),
        &["rfc6618/5.3/init-without-auth-method"],
    ),
    Mutant::hac(
        "hac/init-without-mn-rand",
        "takes a first request without mn-rand",
        HacRequest(|request, session| {
            if session.is_first() {
                add(request, Name::MnRand, ZEROS);
            }
            echo(request, session);
        }),
        &["rfc6618/5.5.8/mn-rand-missing"],
    ),
    Mutant::hac(
        "hac/done-without-sas",
        "takes a last request without mip6-sas for 1",
        HacRequest(|request, session| {
            if !session.is_first() {
                add(request, Name::Sas, b"1");
            }
        }),
        &["rfc6618/5.3/done-without-sas"],
    ),
    Mutant::hac(
        "hac/done-without-suitelist",
        "takes a last request without mip6-suitelist for {00,02}",
        HacRequest(|request, session| {
            if !session.is_first() {
                add(request, Name::Suitelist, b"{00,02}");
            }
        }),
        &["rfc6618/5.3/done-without-suitelist"],
    ),
    Mutant::hac(
        "hac/done-without-random",
        "takes a last request without mn-rand or hac-rand",
        HacRequest(|request, session| {
            if let (false, Some(mn_rand), Some(hac_rand)) =
                (session.is_first(), &session.mn_rand, &session.hac_rand)
            {
                add(request, Name::MnRand, mn_rand);
                add(request, Name::HacRand, hac_rand);
            }
        }),
        &["rfc6618/5.8/mn-rand-missing-in-done", "rfc6618/5.8/hac-rand-missing-in-done"],
    ),
    Mutant::hac(
        "hac/header-after-auth",
        "overlooks headers behind auth",
        HacRequest(|request, _| {
            request.edit(|draft| {
                if let Some(auth) = draft.position(Name::Auth) {
                    draft.lines.truncate(auth + 1);
                }
            });
        }),
        &[
            "rfc6618/5.5.5/header-after-auth",
            "rfc6618/5.2/repeated-auth",
            "rfc6618/5.2/wrong-auth-behind-the-right-one",
        ],
    ),
    Mutant::hac(
        "hac/says-header-after-auth",
        "puts a header behind auth",
        HacResponse(|response, _| response.after_auth = b"x-after:auth\r\n".to_vec()),
        &["rfc6618/5.5.5/auth-is-last"],
    ),
    Mutant::hac(
        "hac/wants-two-empty-lines",
        "refuses a message that does not end in two empty lines",
        HacRequest(|request, _| {
            if !request.content.ends_with(b"\r\n\r\n\r\n") {
                request.spoil();
            }
        }),
        &["rfc6618/5.5.7/one-empty-line", "rfc6618/5.5.7/no-empty-line"],
    ),
    Mutant::hac(
        "hac/no-end-of-message",
        "ends its messages without an empty line",
        HacResponse(|response, _| response.draft.end.clear()),
        &["rfc6618/5.5.7/end-of-message-sent"],
    ),
    Mutant::hac(
        "hac/selects-eap",
        "selects eap where psk was offered",
        HacResponse(|response, _| change(response, Name::AuthMethod, b"eap")),
        &["rfc6618/5.3/init-names-the-method"],
    ),
    Mutant::hac(
        "hac/status-in-init",
        "puts status-code 100 into its first response",
        HacResponse(|response, _| {
            if response.draft.value(Name::StatusCode).is_none() {
                response.set(Name::StatusCode, "100");
            }
        }),
        &[SANITY],
    ),
    Mutant::hac(
        "hac/grant-without-status",
        "grants without a status-code",
        HacResponse(|response, _| without(response, Name::StatusCode)),
        &[SANITY],
    ),
    Mutant::hac(
        "hac/grant-without-auth",
        "grants without auth",
        HacResponse(|response, _| {
            if is_grant(response) {
                response.auth = AuthForge::Absent;
            }
        }),
        &["rfc6618/5.3/done-has-auth"],
    ),
    Mutant::hac(
        "hac/grant-without-suite",
        "grants without mip6-ciphersuite",
        HacResponse(|response, _| without(response, Name::Ciphersuite)),
        &["rfc6618/5.3/done-has-ciphersuite"],
    ),
    Mutant::hac(
        "hac/grant-without-sas",
        "grants without mip6-sas",
        HacResponse(|response, _| without(response, Name::Sas)),
        &["rfc6618/5.3/done-has-sas"],
    ),
    Mutant::hac(
        "hac/grant-without-keys",
        "grants without the integrity key from HA to MN",
        HacResponse(|response, _| without(response, Name::HaToMnIkey)),
        &["rfc6618/5.3/done-has-sa-data"],
    ),
];

/// Takes a header out of a grant.
fn without(response: &mut MessageForge, name: Name) {
    if is_grant(response) {
        response.remove(name);
    }
}
