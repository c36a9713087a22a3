//! RFC 6618 section 5.5.1: `mn-id`, with the grammar of RFC 4282. Forged names are made of a known one, so that a HAC
//! that reads them carelessly finds somebody.

use wire::param::Name;

use super::s5_2_lines::edit;
use crate::bench::Bench;
use crate::case::Check::{HacRefuses, Script};
use crate::case::{Case, Fault, Role};
use crate::finding::Outcome;
use crate::judge::granted;
use crate::player::MessageForge;

/// Cases of section 5.5.1.
pub(super) const CASES: &[Case] = &[
    malformed(
        "rfc6618/5.5.1/mn-id-nul-behind",
        "a known mn-id with NUL and more behind it is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/escape"],
        Fault::init(|m| name(m, |nai| nai.extend_from_slice(b"\0x"))),
    )
    .by(&["VA-03", "TV-13"]),
    malformed(
        "rfc6618/5.5.1/mn-id-escaped-nul",
        "a known mn-id with backslash and NUL before it is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/escape"],
        Fault::init(|m| name(m, |nai| front(nai, b"\\\0"))),
    )
    .by(&["VA-03"]),
    malformed(
        "rfc6618/5.5.1/mn-id-escaped-cr",
        "a known mn-id with backslash and CR before it is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/escape"],
        Fault::init(|m| name(m, |nai| front(nai, b"\\\r"))),
    )
    .by(&["VA-03"]),
    malformed(
        "rfc6618/5.5.1/mn-id-escaped-lf",
        "a known mn-id with backslash and LF before it is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/escape"],
        Fault::init(|m| name(m, |nai| front(nai, b"\\\n"))),
    )
    .by(&["VA-03"]),
    malformed(
        "rfc6618/5.5.1/mn-id-backslash-last",
        "a backslash with nothing behind it is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/escape"],
        Fault::init(|m| name(m, |nai| nai.push(b'\\'))),
    )
    .by(&["VA-01"]),
    malformed(
        "rfc6618/5.5.1/mn-id-dot-first",
        "a known mn-id with a dot before it is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/dot-string"],
        Fault::init(|m| name(m, |nai| front(nai, b"."))),
    )
    .by(&["VA-01"]),
    malformed(
        "rfc6618/5.5.1/mn-id-dot-before-at",
        "a user name that ends in a dot is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/dot-string"],
        Fault::init(|m| name(m, |nai| at_sign(nai, b".@"))),
    )
    .by(&["VA-01"]),
    malformed(
        "rfc6618/5.5.1/mn-id-two-dots",
        "a user name with two dots in a row is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/dot-string"],
        Fault::init(|m| name(m, |nai| at_sign(nai, b"..x@"))),
    )
    .by(&["VA-01"]),
    malformed(
        "rfc6618/5.5.1/mn-id-quoted",
        "a user name in quotes, as in mail, is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/user-characters"],
        Fault::init(|m| {
            name(m, |nai| {
                front(nai, b"\"");
                at_sign(nai, b"\"@");
            });
        }),
    )
    .by(&["VA-01"]),
    malformed(
        "rfc6618/5.5.1/mn-id-in-angles",
        "a known mn-id in angle brackets is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/user-characters"],
        Fault::init(|m| {
            name(m, |nai| {
                front(nai, b"<");
                nai.push(b'>');
            });
        }),
    )
    .by(&["VA-01"]),
    malformed(
        "rfc6618/5.5.1/mn-id-comment",
        "a known mn-id with a comment in parentheses before it is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/user-characters"],
        Fault::init(|m| name(m, |nai| front(nai, b"(mn)"))),
    )
    .by(&["VA-01"]),
    malformed(
        "rfc6618/5.5.1/mn-id-comma-behind",
        "a known mn-id with a comma and another one behind it is refused: it is no list",
        &["rfc6618#5.5.1/mn-id-grammar", "rfc4282#2.1/user-characters"],
        Fault::init(|m| name(m, |nai| nai.extend_from_slice(b",nobody@conform.example"))),
    )
    .by(&["VA-01"]),
    Case::should(
        "rfc6618/5.5.1/mn-id-space-before-at",
        "a known mn-id with a space within it is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/user-characters"],
        HacRefuses(Fault::init(|m| name(m, |nai| at_sign(nai, b" @")))),
    )
    .by(&["TV-11"]),
    malformed(
        "rfc6618/5.5.1/mn-id-not-utf-8",
        "a known mn-id with an octet that is no UTF-8 is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/user-characters"],
        Fault::init(|m| name(m, |nai| front(nai, b"\xff"))),
    )
    .by(&["VA-01"]),
    malformed(
        "rfc6618/5.5.1/mn-id-overlong-utf-8",
        "a known mn-id whose at sign is written in two octets of UTF-8 is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/user-characters"],
        Fault::init(|m| name(m, |nai| at_sign(nai, b"\xc1\x80"))),
    )
    .by(&["VA-01"]),
    malformed(
        "rfc6618/5.5.1/mn-id-at-sign-behind",
        "a known mn-id with a second realm behind it is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/nai-forms"],
        Fault::init(|m| name(m, |nai| nai.extend_from_slice(b"@visited.example"))),
    )
    .by(&["VA-01"]),
    malformed(
        "rfc6618/5.5.1/mn-id-empty-realm",
        "a user name with an at sign and no realm is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/nai-forms"],
        Fault::init(|m| {
            name(m, |nai| {
                let at = nai.iter().position(|octet| *octet == b'@').unwrap_or(nai.len());
                nai.truncate(at);
                nai.push(b'@');
            });
        }),
    )
    .by(&["VA-01"]),
    malformed(
        "rfc6618/5.5.1/mn-id-realm-dot-last",
        "a realm that ends in a dot, as names of the DNS may, is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/label"],
        Fault::init(|m| name(m, |nai| nai.push(b'.'))),
    )
    .by(&["VA-01"]),
    malformed(
        "rfc6618/5.5.1/mn-id-realm-empty-label",
        "a realm with an empty label is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/label"],
        Fault::init(|m| name(m, |nai| at_sign(nai, b"@."))),
    )
    .by(&["VA-01"]),
    malformed(
        "rfc6618/5.5.1/mn-id-label-hyphen-first",
        "a realm with a label that begins with a hyphen is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/label"],
        Fault::init(|m| name(m, |nai| at_sign(nai, b"@-"))),
    )
    .by(&["VA-01"]),
    malformed(
        "rfc6618/5.5.1/mn-id-label-hyphen-last",
        "a realm with a label that ends with a hyphen is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/label-end"],
        Fault::init(|m| name(m, |nai| nai.push(b'-'))),
    )
    .by(&["VA-01"]),
    known(
        "rfc6618/5.5.1/mn-id-of-72-octets",
        "an MN with a name of 72 octets is served",
        &["rfc4282#2.2/length-72"],
        |bench| serves(bench, |nai| nai.len() == 72),
    )
    .by(&["VA-04"]),
    Case::should(
        "rfc6618/5.5.1/mn-id-of-253-octets",
        "an MN with a name of 253 octets is served",
        &["rfc4282#2.2/length-253"],
        Script(Role::Hac, |bench| serves(bench, |nai| nai.len() == 253)),
    )
    .by(&["VA-04"]),
    known(
        "rfc6618/5.5.1/mn-id-with-dots",
        "an MN with dots in its user name is served",
        &["rfc6618#5.5.1/mn-id-grammar", "rfc4282#2.1/dot-string"],
        |bench| serves(bench, |nai| nai.starts_with("mn.with.dots@")),
    )
    .by(&["VA-01"]),
    known(
        "rfc6618/5.5.1/mn-id-utf-8",
        "an MN with UTF-8 in its user name is served",
        &["rfc6618#5.5.1/mn-id-grammar", "rfc4282#2.1/user-characters"],
        |bench| serves(bench, |nai| !nai.is_ascii()),
    )
    .by(&["VA-01", "TV-13"]),
    known(
        "rfc6618/5.5.1/mn-id-escape",
        "an MN with a backslash and an at sign in its user name is served",
        &["rfc6618#5.5.1/mn-id-grammar", "rfc4282#2.1/escape"],
        |bench| serves(bench, |nai| nai.contains("\\@")),
    )
    .by(&["VA-01"]),
    known(
        "rfc6618/5.5.1/mn-id-punctuation",
        "an MN with all the punctuation that is allowed in its user name is served",
        &["rfc6618#5.5.1/mn-id-grammar", "rfc4282#2.1/user-characters"],
        |bench| serves(bench, |nai| nai.contains("!#$%&'*+")),
    )
    .by(&["VA-01"]),
    known(
        "rfc6618/5.5.1/mn-id-without-realm",
        "an MN with a user name alone is served",
        &["rfc6618#5.5.1/mn-id-grammar", "rfc4282#2.1/nai-forms"],
        |bench| serves(bench, |nai| !nai.contains('@')),
    )
    .by(&["VA-01"]),
    known(
        "rfc6618/5.5.1/mn-id-realm-only",
        "an MN with a realm alone is served",
        &["rfc6618#5.5.1/mn-id-grammar", "rfc4282#2.1/nai-forms"],
        |bench| serves(bench, |nai| nai.starts_with('@')),
    )
    .by(&["VA-01"]),
    known(
        "rfc6618/5.5.1/mn-id-digits-in-realm",
        "an MN with labels of digits and inner hyphens in its realm is served",
        &["rfc6618#5.5.1/mn-id-grammar", "rfc4282#2.1/label", "rfc4282#2.1/label-end"],
        |bench| serves(bench, |nai| nai.contains("@3.4-5.")),
    )
    .by(&["VA-01"]),
];

const fn malformed(
    id: &'static str,
    story: &'static str,
    cites: &'static [&'static str],
    fault: Fault,
) -> Case {
    Case::must(id, story, cites, HacRefuses(fault))
}

const fn known(
    id: &'static str,
    story: &'static str,
    cites: &'static [&'static str],
    script: fn(&mut Bench<'_>) -> Outcome,
) -> Case {
    Case::must(id, story, cites, Script(Role::Hac, script))
}

/// Changes `mn-id`.
fn name(message: &mut MessageForge, change: impl FnOnce(&mut Vec<u8>)) {
    edit(message, Name::MnId, change);
}

/// Puts octets before all others.
fn front(nai: &mut Vec<u8>, octets: &[u8]) {
    nai.splice(0..0, octets.iter().copied());
}

/// Puts octets in place of the at sign.
fn at_sign(nai: &mut Vec<u8>, octets: &[u8]) {
    if let Some(at) = nai.iter().position(|octet| *octet == b'@') {
        nai.splice(at..=at, octets.iter().copied());
    }
}

/// The spare MN with a name of that form gets its SA.
fn serves(bench: &mut Bench<'_>, form: fn(&str) -> bool) -> Outcome {
    let leases = bench.spare(|identity| form(&identity.mn_id))?;
    for lease in &leases {
        let mut mn = bench.mn_for(lease.identity)?;
        mn.send(&mn.init())?;
        let first = mn.init_answer();
        let answer = match &first {
            crate::player::Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none() => {
                mn.send(&mn.done())?;
                mn.answer()
            }
            _ => first,
        };
        bench.check(granted(answer))?;
    }
    Ok(crate::finding::Pass::Clean)
}
