//! RFC 6618 section 5.2: lines of a message that strain a reader: white space, folding, odd names, hexadecimal.

use wire::param::Name;
use wire::value::hex;

use crate::bench::Bench;
use crate::case::Check::{HacAccepts, HacRefuses, Script};
use crate::case::{Case, Fault, Role, Stage};
use crate::finding::{Failure, Finding, Outcome, Pass};
use crate::judge::{answer_to_done, granted, play, refused, refuses_done, twin_is_accepted};
use crate::player::{Answer, AuthForge, MessageForge};

/// Cases of section 5.2 about lines.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.2/space-around-mn-id",
        "spaces and tabs around mn-id are allowed",
        &["rfc6618#5.2/white-space"],
        HacAccepts(Fault::init(|m| pad(m, Name::MnId))),
    )
    .by(&["TV-01"]),
    Case::must(
        "rfc6618/5.2/space-around-mn-rand",
        "spaces and tabs around mn-rand are allowed",
        &["rfc6618#5.2/white-space"],
        HacAccepts(Fault::init(|m| pad(m, Name::MnRand))),
    )
    .by(&["TV-01"]),
    Case::must(
        "rfc6618/5.2/space-around-hac-rand",
        "spaces and tabs around hac-rand are allowed",
        &["rfc6618#5.2/white-space"],
        HacAccepts(Fault::done(|m| pad(m, Name::HacRand))),
    )
    .by(&["TV-01"]),
    Case::must(
        "rfc6618/5.2/space-around-auth",
        "a space before the value of auth and one behind it are allowed",
        &["rfc6618#5.2/white-space"],
        Script(Role::Hac, space_around_auth),
    )
    .by(&["TV-01"]),
    Case::must(
        "rfc6618/5.2/space-in-braces",
        "white space inside the braces of a suite, around its comma, is allowed",
        &["rfc6618#5.2/white-space"],
        HacAccepts(Fault::done(|m| m.set(Name::Suitelist, "{ 00 , 2F },{ 00,3C\t}"))),
    )
    .by(&["TV-01"]),
    Case::must(
        "rfc6618/5.2/white-space-is-signed",
        "auth over the octets as sent, white space included, is right",
        &["rfc6618#5.8/msg-octets", "rfc6618#5.5.5/auth-covers-message"],
        HacAccepts(Fault::done(|m| {
            pad(m, Name::MnRand);
            pad(m, Name::Suitelist);
        })),
    )
    .by(&["AU-04"]),
    Case::must(
        "rfc6618/5.2/white-space-not-signed",
        "auth over the octets without their white space is refused",
        &["rfc6618#5.8/msg-octets"],
        Script(Role::Hac, |bench| {
            refuses_done(bench, |mn, done| {
                let stripped = mn.signer().sign(&done.draft.unsigned_octets());
                pad(done, Name::Suitelist);
                done.auth = AuthForge::Text(hex::encode(&stripped).into_bytes());
            })
        }),
    )
    .by(&["AU-04"]),
    Case::should(
        "rfc6618/5.2/folded-in-init",
        "a folded header is unfolded or refused, and in either case answered",
        &["rfc6618#5.2/folding"],
        Script(Role::Hac, |bench| {
            let fault = Fault::init(|m| m.line(b"x-unknown:a\r\n b\r\n"));
            taken_or_refused(bench, fault, "TV-03")
        }),
    )
    .by(&["TV-03"]),
    Case::should(
        "rfc6618/5.2/folded-in-done",
        "a folded mip6-suitelist is unfolded, with auth over the octets as sent, or refused",
        &["rfc6618#5.2/folding", "rfc6618#5.8/msg-octets"],
        Script(Role::Hac, |bench| {
            let fault = Fault::done(|m| m.set(Name::Suitelist, "{00,2F},\r\n {00,3C}"));
            taken_or_refused(bench, fault, "TV-03")
        }),
    )
    .by(&["TV-03", "AU-04"]),
    Case::must(
        "rfc6618/5.2/colons-in-value",
        "a value of an unknown header may hold colons: the first one ends the name",
        &["rfc6618#5.2/header-syntax", "rfc6618#5.2/unknown-headers-ignored"],
        HacAccepts(Fault::init(|m| m.line(b"x-unknown:mn-id:nobody@conform.example\r\n"))),
    )
    .by(&["TV-07"]),
    Case::must(
        "rfc6618/5.2/longer-name",
        "a header whose name begins with a known one is unknown",
        &["rfc6618#5.2/unknown-headers-ignored"],
        HacAccepts(Fault::init(|m| m.line(b"mn-id-of-somebody:no value that fits mn-id\r\n"))),
    )
    .by(&["TV-07"]),
    Case::must(
        "rfc6618/5.2/shorter-name",
        "a header whose name is the beginning of a known one is unknown",
        &["rfc6618#5.2/unknown-headers-ignored"],
        HacAccepts(Fault::done(|m| m.line(b"mip6-sa:7\r\nauth-:ff\r\n"))),
    )
    .by(&["TV-07"]),
    Case::must(
        "rfc6618/5.2/unknown-header-first",
        "a header of unknown name is skipped as the first line too",
        &["rfc6618#5.2/unknown-headers-ignored", "rfc6618#5.2/header-order"],
        HacAccepts(Fault::done(|m| m.draft.insert(0, b"x-unknown", b"value"))),
    )
    .by(&["TV-07", "TV-08"]),
    Case::should(
        "rfc6618/5.2/unknown-header-twice",
        "a header of unknown name may stand twice",
        &["rfc6618#5.2/unknown-headers-ignored"],
        HacAccepts(Fault::init(|m| m.line(b"x-unknown:1\r\nx-unknown:2\r\n"))),
    )
    .by(&["TV-07"]),
    Case::should(
        "rfc6618/5.2/many-unknown-headers",
        "two hundred unknown headers are skipped",
        &["rfc6618#5.2/unknown-headers-ignored"],
        HacAccepts(Fault::init(|m| {
            for number in 0..200 {
                m.line(format!("x-unknown-{number}:{number}\r\n").as_bytes());
            }
        })),
    )
    .by(&["TV-07"]),
    Case::must(
        "rfc6618/5.2/delete-in-value",
        "a DEL octet in a value is refused",
        &["rfc6618#5.2/header-syntax"],
        HacRefuses(Fault::init(|m| m.line(b"x-unknown:a\x7fb\r\n"))),
    )
    .by(&["TV-13"]),
    Case::must(
        "rfc6618/5.2/nul-in-name",
        "a NUL octet in a header name is refused",
        &["rfc6618#5.2/header-syntax"],
        HacRefuses(Fault::init(|m| m.line(b"x-unkn\0wn:value\r\n"))),
    )
    .by(&["TV-13"]),
    Case::must(
        "rfc6618/5.2/high-octet-in-name",
        "an octet above 0x7f in a header name is refused",
        &["rfc6618#5.2/header-syntax"],
        HacRefuses(Fault::init(|m| m.line(b"x-\xc3\xbcnknown:value\r\n"))),
    )
    .by(&["TV-13"]),
    Case::should(
        "rfc6618/5.2/space-in-name",
        "a space within a header name is refused",
        &["rfc6618#5.2/header-syntax"],
        HacRefuses(Fault::init(|m| m.line(b"x unknown:value\r\n"))),
    )
    .by(&["TV-02"]),
    Case::must(
        "rfc6618/5.2/value-of-spaces",
        "a value of white space alone is empty, and refused",
        &["rfc6618#5.2/header-syntax"],
        HacRefuses(Fault::done(|m| m.set(Name::Sas, " \t "))),
    )
    .by(&["TV-13", "TV-01"]),
    Case::must(
        "rfc6618/5.2/no-headers",
        "a request that is an end-of-message and nothing else is refused",
        &["rfc6618#5.3/request-init-mn-id"],
        HacRefuses(Fault::init(|m| m.draft.lines.clear())),
    )
    .by(&["TV-09"]),
    Case::should(
        "rfc6618/5.2/empty-line-first",
        "an empty line before the headers ends the message, so that it is refused",
        &["rfc6618#5.5.7/end-of-message-grammar"],
        HacRefuses(Fault::init(|m| {
            m.draft.lines.insert(0, wire::header::Line::Verbatim(b"\r\n".to_vec()));
        })),
    )
    .by(&["CT-09"]),
    Case::must(
        "rfc6618/5.2/mn-rand-upper-case-in-done",
        "mn-rand in upper case in the last request is the same value",
        &["rfc6618#5.2/hex-network-order", "rfc6618#5.8/hac-verifies-nonces"],
        HacAccepts(Fault::done(|m| shout(m, Name::MnRand))),
    )
    .by(&["TV-10"]),
    Case::must(
        "rfc6618/5.2/hac-rand-upper-case",
        "hac-rand in upper case is the same value",
        &["rfc6618#5.2/hex-network-order", "rfc6618#5.8/hac-verifies-nonces"],
        HacAccepts(Fault::done(|m| shout(m, Name::HacRand))),
    )
    .by(&["TV-10"]),
    Case::must(
        "rfc6618/5.2/mn-rand-odd-in-done",
        "an mn-rand with one digit more in the last request is refused",
        &["rfc6618#5.5.8/mn-rand-grammar"],
        HacRefuses(Fault::done(|m| edit(m, Name::MnRand, |value| value.push(b'0')))),
    )
    .by(&["TV-12", "VA-11"]),
    Case::must(
        "rfc6618/5.2/hac-rand-odd",
        "a hac-rand without its last digit is refused",
        &["rfc6618#5.5.8/hac-rand-grammar"],
        HacRefuses(Fault::done(|m| {
            edit(m, Name::HacRand, |value| {
                value.pop();
            });
        })),
    )
    .by(&["TV-12", "VA-11"]),
    Case::must(
        "rfc6618/5.2/hac-rand-short",
        "the first 31 octets of the right hac-rand are refused",
        &["rfc6618#5.5.8/random-length", "rfc6618#5.5.8/hac-rand-grammar"],
        HacRefuses(Fault::done(|m| edit(m, Name::HacRand, |value| value.truncate(62)))),
    )
    .by(&["VA-11"]),
    Case::must(
        "rfc6618/5.2/hac-rand-long",
        "the right hac-rand with an octet behind it is refused",
        &["rfc6618#5.5.8/random-length", "rfc6618#5.5.8/hac-rand-grammar"],
        HacRefuses(Fault::done(|m| edit(m, Name::HacRand, |value| value.extend_from_slice(b"00")))),
    )
    .by(&["VA-11"]),
    Case::should(
        "rfc6618/5.2/hac-rand-with-space",
        "the right hac-rand with a space within its digits is refused",
        &["rfc6618#5.5.8/hac-rand-grammar"],
        HacRefuses(Fault::done(|m| edit(m, Name::HacRand, |value| value.insert(32, b' ')))),
    )
    .by(&["TV-11"]),
];

/// Gives the line of that header another value, made of the one it has.
pub(super) fn edit(message: &mut MessageForge, name: Name, change: impl FnOnce(&mut Vec<u8>)) {
    if let Some(wire::header::Line::Header { value, .. }) =
        message.draft.position(name).and_then(|at| message.draft.lines.get_mut(at))
    {
        change(value);
    }
}

fn pad(message: &mut MessageForge, name: Name) {
    edit(message, name, |value| *value = [b" \t ", value.as_slice(), b" \t"].concat());
}

fn shout(message: &mut MessageForge, name: Name) {
    edit(message, name, |value| value.make_ascii_uppercase());
}

fn space_around_auth(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let (_, answer) = answer_to_done(bench, |mn, done| {
        let mac = mn.signer().sign(&done.draft.unsigned_octets());
        done.auth = AuthForge::Text(format!(" {} ", hex::encode(&mac)).into_bytes());
    })?;
    bench.check(granted(answer))
}

/// Both are fine, and only no answer is not.
fn taken_or_refused(bench: &mut Bench<'_>, fault: Fault, reading: &'static str) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let answer = play(&mut mn, fault)?;
    let goes_on = fault.at == Stage::Init
        && matches!(&answer, Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none());
    let answer = if goes_on {
        mn.send(&mn.done())?;
        mn.answer()
    } else {
        answer
    };
    bench.check(match answer {
        Answer::Reply(reply) if reply.grants() => Ok(Pass::Lenient(reading)),
        Answer::Silence(_) => {
            Err(Finding::Hangs(Box::new(Failure::new("an acceptance or a refusal", answer.describe()))))
        }
        answer => refused(&mut mn, answer).map(|_| Pass::Lenient(reading)),
    })
}
