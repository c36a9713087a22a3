//! RFC 6618 section 5.5.5: what `auth` covers, octet by octet, and its form.

use wire::param::Name;
use wire::value::hex;

use super::s5_2_encoding::rename;
use crate::bench::Bench;
use crate::case::Check::{HacRefuses, Script};
use crate::case::{Case, Fault, Role};
use crate::finding::Outcome;
use crate::judge::refuses_done;
use crate::player::{AuthForge, MessageForge};

/// Cases of section 5.5.5 about the cover and the form of `auth`.
pub(super) const CASES: &[Case] = &[
    tampered(
        "rfc6618/5.5.5/sas-after-signing",
        "another mip6-sas than the one that was signed is refused",
        |bench| changed_after_signing(bench, |m| m.set(Name::Sas, "0")),
    ),
    tampered(
        "rfc6618/5.5.5/suitelist-after-signing",
        "another mip6-suitelist than the one that was signed is refused",
        |bench| changed_after_signing(bench, |m| m.set(Name::Suitelist, "{00,02}")),
    ),
    tampered(
        "rfc6618/5.5.5/unknown-header-after-signing",
        "an unknown header that was put before auth after signing is refused",
        |bench| changed_after_signing(bench, |m| m.line(b"x-unknown:value\r\n")),
    ),
    tampered(
        "rfc6618/5.5.5/order-after-signing",
        "headers in another order than the one that was signed are refused",
        |bench| changed_after_signing(bench, |m| m.draft.lines.reverse()),
    ),
    tampered(
        "rfc6618/5.5.5/name-case-after-signing",
        "a header name in another letter case than the one that was signed is refused",
        |bench| changed_after_signing(bench, |m| rename(m, Name::Sas, b"MIP6-SAS")),
    ),
    tampered(
        "rfc6618/5.5.5/hex-case-after-signing",
        "a random value in another letter case than the one that was signed is refused",
        |bench| {
            changed_after_signing(bench, |m| {
                super::s5_2_lines::edit(m, Name::HacRand, |value| value.make_ascii_uppercase());
            })
        },
    ),
    Case::must(
        "rfc6618/5.5.5/auth-covers-its-name",
        "an auth that covers its own name too is refused",
        &["rfc6618#5.5.5/auth-covers-message", "rfc6618#5.8/msg-octets"],
        Script(Role::Hac, |bench| {
            signed_over(bench, |m| [m.draft.unsigned_octets(), b"auth:".to_vec()].concat())
        }),
    )
    .by(&["AU-03"]),
    Case::must(
        "rfc6618/5.5.5/auth-covers-the-end",
        "an auth that covers the end-of-message too is refused",
        &["rfc6618#5.5.5/auth-covers-message", "rfc6618#5.8/msg-octets"],
        Script(Role::Hac, |bench| {
            signed_over(bench, |m| [m.draft.unsigned_octets(), m.draft.end.clone()].concat())
        }),
    )
    .by(&["AU-03"]),
    Case::must(
        "rfc6618/5.5.5/auth-without-last-line-end",
        "an auth that stops before the line end of the header before it is refused",
        &["rfc6618#5.5.5/auth-covers-message", "rfc6618#5.8/msg-octets"],
        Script(Role::Hac, |bench| {
            signed_over(bench, |m| {
                let mut octets = m.draft.unsigned_octets();
                octets.truncate(octets.len() - 2);
                octets
            })
        }),
    )
    .by(&["AU-03", "AU-04"]),
    Case::must(
        "rfc6618/5.5.5/auth-of-nothing",
        "an auth that covers no message at all is refused",
        &["rfc6618#5.5.5/auth-covers-message"],
        Script(Role::Hac, |bench| signed_over(bench, |_| Vec::new())),
    )
    .by(&["AU-02"]),
    Case::must(
        "rfc6618/5.5.5/auth-empty",
        "an auth without a value is refused",
        &["rfc6618#5.5.5/auth-grammar"],
        HacRefuses(Fault::done(|m| m.auth = AuthForge::Text(Vec::new()))),
    )
    .by(&["TV-13"]),
    Case::must(
        "rfc6618/5.5.5/auth-one-octet",
        "the first octet of the right auth is refused",
        &["rfc6618#5.5.5/auth-grammar", "rfc6618#5.8/hac-verifies-auth"],
        HacRefuses(Fault::done(|m| m.auth = AuthForge::Truncated(1))),
    )
    .by(&["AU-05"]),
    Case::must(
        "rfc6618/5.5.5/auth-long",
        "the right auth with an octet behind it is refused",
        &["rfc6618#5.5.5/auth-grammar", "rfc6618#5.8/hac-verifies-auth"],
        Script(Role::Hac, |bench| written(bench, |right| format!("{right}00"))),
    )
    .by(&["AU-05"]),
    Case::must(
        "rfc6618/5.5.5/auth-all-zeros",
        "an auth of zeros is refused",
        &["rfc6618#5.8/hac-verifies-auth"],
        HacRefuses(Fault::done(|m| m.auth = AuthForge::Text(vec![b'0'; 64]))),
    )
    .by(&["AU-09"]),
    Case::should(
        "rfc6618/5.5.5/auth-with-space",
        "the right auth with a space within its digits is refused",
        &["rfc6618#5.5.5/auth-grammar"],
        Script(Role::Hac, |bench| {
            written(bench, |right| {
                let (front, rest) = right.split_at(32);
                format!("{front} {rest}")
            })
        }),
    )
    .by(&["TV-11"]),
    Case::must(
        "rfc6618/5.5.5/auth-with-prefix",
        "the right auth behind 0x is refused",
        &["rfc6618#5.5.5/auth-grammar"],
        Script(Role::Hac, |bench| written(bench, |right| format!("0x{right}"))),
    )
    .by(&["AU-05"]),
];

const fn tampered(id: &'static str, story: &'static str, script: fn(&mut Bench<'_>) -> Outcome) -> Case {
    const CITES: &[&str] = &["rfc6618#5.5.5/auth-covers-message", "rfc6618#5.8/hac-verifies-auth"];
    Case::must(id, story, CITES, Script(Role::Hac, script)).by(&["AU-03", "AU-04"])
}

/// The last request says something else than what was signed.
fn changed_after_signing(bench: &mut Bench<'_>, change: fn(&mut MessageForge)) -> Outcome {
    refuses_done(bench, |mn, done| {
        let mac = mn.signer().sign(&done.draft.unsigned_octets());
        change(done);
        done.auth = AuthForge::Text(hex::encode(&mac).into_bytes());
    })
}

/// The last request is signed over other octets than its headers.
fn signed_over(bench: &mut Bench<'_>, octets: fn(&MessageForge) -> Vec<u8>) -> Outcome {
    refuses_done(bench, |mn, done| {
        let mac = mn.signer().sign(&octets(done));
        done.auth = AuthForge::Text(hex::encode(&mac).into_bytes());
    })
}

/// The right value is written in another way.
fn written(bench: &mut Bench<'_>, text: fn(&str) -> String) -> Outcome {
    refuses_done(bench, |mn, done| {
        let right = hex::encode(&mn.signer().sign(&done.draft.unsigned_octets()));
        done.auth = AuthForge::Text(text(&right).into_bytes());
    })
}
