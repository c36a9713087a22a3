//! RFC 6618 section 5.5: the generic parameters, their grammar and where they may stand.

use wire::param::Name;
use wire::value::{Scope, hex};

use crate::bench::Bench;
use crate::case::Check::{HacAccepts, HacRefuses, HacSays, Script};
use crate::case::{Case, Fault, Role, Stage};
use crate::finding::{Finding, Outcome, Pass};
use crate::judge::{play, refused, twin_is_accepted};
use crate::player::{AuthForge, Exchange};

/// Cases of section 5.5.
pub(super) const CASES: &[Case] = &[
    // 5.5.1
    Case::must(
        "rfc6618/5.5.1/mn-id-with-space",
        "an mn-id that is no NAI, for a space in it, is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/user-characters"],
        HacRefuses(Fault::init(|m| m.set(Name::MnId, "mn one@conform.example"))),
    )
    .by(&["VA-01"]),
    Case::must(
        "rfc6618/5.5.1/mn-id-two-at-signs",
        "an mn-id with two at signs is refused",
        &["rfc6618#5.5.1/mn-id-is-nai", "rfc4282#2.1/nai-forms"],
        HacRefuses(Fault::init(|m| m.set(Name::MnId, "mn@home@conform.example"))),
    )
    .by(&["VA-01"]),
    Case::should(
        "rfc6618/5.5.1/mn-id-one-label-realm",
        "an mn-id whose realm has one label is refused",
        &["rfc4282#2.1/realm-has-two-labels"],
        HacRefuses(Fault::init(|m| m.set(Name::MnId, "mn1@localhost"))),
    )
    .by(&["VA-02"]),
    Case::must(
        "rfc6618/5.5.1/unknown-identity",
        "an mn-id that the HAC does not know is refused, with or without auth",
        &["rfc6618#5.8/hac-verifies-identity"],
        Script(Role::Hac, unknown_identity),
    )
    .by(&["AU-06"]),
    // 5.5.2
    Case::must(
        "rfc6618/5.5.2/no-known-method",
        "a list of methods of which none exists is refused",
        &["rfc6618#5.5.2/no-method-is-error"],
        HacRefuses(Fault::init(|m| m.set(Name::AuthMethod, "x-none"))),
    )
    .by(&["VA-22"]),
    Case::should(
        "rfc6618/5.5.2/unknown-method-among-known",
        "an unknown method beside psk is ignored",
        &["rfc6618#5.5.2/hac-selects-one"],
        HacAccepts(Fault::init(|m| m.set(Name::AuthMethod, "x-none,psk"))),
    )
    .by(&["VA-22"]),
    Case::should(
        "rfc6618/5.5.2/empty-list-element",
        "a list of methods with an empty element is refused",
        &["rfc6618#5.5.2/auth-method-grammar"],
        HacRefuses(Fault::init(|m| m.set(Name::AuthMethod, "psk,,eap"))),
    )
    .by(&["TV-14"]),
    // 5.5.4
    Case::must(
        "rfc6618/5.5.4/status-only-in-final",
        "the first response of a good exchange has no status-code",
        &["rfc6618#5.5.4/status-only-in-final"],
        HacSays(|exchange| match exchange.init.raw(Name::StatusCode) {
            None => Ok(Pass::Clean),
            Some(_) => Err(Finding::fails("no status-code before the end", exchange.init.describe())),
        }),
    )
    .by(&["MS-04"]),
    Case::must(
        "rfc6618/5.5.4/status-is-200",
        "the final response of a good exchange has status-code 200, three digits",
        &["rfc6618#5.5.4/status-values", "rfc6618#5.5.4/status-grammar", "rfc6618#5.8/hac-confirms"],
        HacSays(|exchange| match exchange.done.raw(Name::StatusCode) {
            Some(b"200") => Ok(Pass::Clean),
            _ => Err(Finding::fails("status-code 200", exchange.done.describe())),
        }),
    )
    .by(&["VA-06", "VA-07"]),
    Case::must(
        "rfc6618/5.5.4/error-status-listed",
        "the status code of a refusal is one of the eight that exist, and not 100",
        &["rfc6618#5.5.4/status-values"],
        Script(Role::Hac, error_status_listed),
    )
    .by(&["VA-06", "VA-07"]),
    // 5.5.5
    Case::must(
        "rfc6618/5.5.5/auth-is-last",
        "auth is the last header of each response",
        &["rfc6618#5.5.5/auth-last"],
        HacSays(auth_is_last),
    )
    .by(&["TV-08"]),
    Case::must(
        "rfc6618/5.5.5/auth-has-32-octets",
        "auth in responses is the whole HMAC-SHA256: 64 hexadecimal digits",
        &["rfc6618#5.5.5/auth-grammar"],
        HacSays(|exchange| {
            exchange.init.required(Name::Auth)?;
            exchange.done.required(Name::Auth).map(|_| Pass::Clean)
        }),
    )
    .by(&["AU-05"]),
    Case::must(
        "rfc6618/5.5.5/header-after-auth",
        "a header behind auth is refused: nothing signs it",
        &["rfc6618#5.5.5/auth-last"],
        HacRefuses(Fault::done(|m| m.after_auth = b"x-unknown:value\r\n".to_vec())),
    )
    .by(&["TV-08"]),
    Case::must(
        "rfc6618/5.5.5/auth-truncated",
        "the first 12 octets of the right auth are refused",
        &["rfc6618#5.5.5/auth-grammar", "rfc6618#5.8/hac-verifies-auth"],
        HacRefuses(Fault::done(|m| m.auth = AuthForge::Truncated(12))),
    )
    .by(&["AU-05"]),
    Case::must(
        "rfc6618/5.5.5/auth-odd-hex",
        "an auth of 63 hexadecimal digits is refused",
        &["rfc6618#5.5.5/auth-grammar"],
        HacRefuses(Fault::done(|m| m.auth = AuthForge::Text(vec![b'a'; 63]))),
    )
    .by(&["TV-12"]),
    Case::must(
        "rfc6618/5.5.5/auth-not-hex",
        "an auth that is no hexadecimal is refused",
        &["rfc6618#5.5.5/auth-grammar"],
        HacRefuses(Fault::done(|m| m.auth = AuthForge::Text(vec![b'g'; 64]))),
    )
    .by(&["TV-12"]),
    Case::must(
        "rfc6618/5.5.5/auth-upper-case",
        "the right auth in upper case is accepted",
        &["rfc6618#5.5.5/auth-grammar", "rfc6618#5.2/hex-network-order"],
        HacAccepts(Fault::done(|m| m.auth = AuthForge::UpperCase)),
    )
    .by(&["TV-10"]),
    Case::should(
        "rfc6618/5.5.5/auth-in-init-ignored",
        "an auth in the first request is ignored",
        &["rfc6618#5.8/request-init-contents"],
        HacAccepts(Fault::init(|m| m.auth = AuthForge::Right)),
    )
    .by(&["AU-08"]),
    // 5.5.7
    Case::must(
        "rfc6618/5.5.7/one-empty-line",
        "one empty line ends a message, as in HTTP",
        &["rfc6618#5.5.7/end-of-message-grammar"],
        HacAccepts(Fault::done(|m| m.draft.end = b"\r\n".to_vec())),
    )
    .by(&["TV-09"]),
    Case::should(
        "rfc6618/5.5.7/no-empty-line",
        "a message without end-of-message is accepted: Length delimits it",
        &["rfc6618#5.5.7/end-of-message-grammar"],
        HacAccepts(Fault::done(|m| m.draft.end.clear())),
    )
    .by(&["TV-09"]),
    Case::should(
        "rfc6618/5.5.7/end-of-message-sent",
        "responses end in one or two empty lines",
        &["rfc6618#5.5.7/end-of-message-grammar"],
        HacSays(end_of_message_sent),
    )
    .by(&["TV-09"]),
    // 5.5.8
    Case::must(
        "rfc6618/5.5.8/mn-rand-missing",
        "a first request that offers psk without mn-rand is refused",
        &["rfc6618#5.8/request-init-contents"],
        HacRefuses(Fault::init(|m| m.remove(Name::MnRand))),
    )
    .by(&["MS-02"]),
    Case::must(
        "rfc6618/5.5.8/mn-rand-short",
        "an mn-rand of 31 octets is refused",
        &["rfc6618#5.5.8/random-length", "rfc6618#5.5.8/mn-rand-grammar", "rfc6618#5.8/random-length"],
        HacRefuses(Fault::init(|m| m.set(Name::MnRand, hex::encode(&[7; 31])))),
    )
    .by(&["VA-11"]),
    Case::must(
        "rfc6618/5.5.8/mn-rand-long",
        "an mn-rand of 33 octets is refused",
        &["rfc6618#5.5.8/random-length", "rfc6618#5.5.8/mn-rand-grammar", "rfc6618#5.8/random-length"],
        HacRefuses(Fault::init(|m| m.set(Name::MnRand, hex::encode(&[7; 33])))),
    )
    .by(&["VA-11"]),
    Case::must(
        "rfc6618/5.5.8/mn-rand-odd",
        "an mn-rand of 63 hexadecimal digits is refused",
        &["rfc6618#5.5.8/mn-rand-grammar"],
        HacRefuses(Fault::init(|m| m.set(Name::MnRand, "a".repeat(63)))),
    )
    .by(&["TV-12", "VA-11"]),
    Case::must(
        "rfc6618/5.5.8/mn-rand-not-hex",
        "an mn-rand with a letter beyond F is refused",
        &["rfc6618#5.5.8/mn-rand-grammar"],
        HacRefuses(Fault::init(|m| m.set(Name::MnRand, format!("{}g", "a".repeat(63))))),
    ),
    Case::should(
        "rfc6618/5.5.8/mn-rand-with-space",
        "an mn-rand with a space within its digits is refused",
        &["rfc6618#5.5.8/mn-rand-grammar"],
        HacRefuses(Fault::init(|m| m.set(Name::MnRand, format!("{} {}", "a".repeat(32), "a".repeat(32))))),
    )
    .by(&["TV-11"]),
    Case::must(
        "rfc6618/5.5.8/hac-rand-length",
        "hac-rand has 32 octets",
        &["rfc6618#5.5.8/random-length", "rfc6618#5.5.8/hac-rand-grammar", "rfc6618#5.8/random-length"],
        HacSays(|exchange| exchange.init.required(Name::HacRand).map(|_| Pass::Clean)),
    )
    .by(&["VA-11"]),
    Case::must(
        "rfc6618/5.5.8/hac-rand-fresh",
        "eight sessions see eight different hac-rand",
        &["rfc6618#5.5.8/random-values-fresh"],
        Script(Role::Hac, hac_rand_fresh),
    )
    .by(&["TL-06"]),
];

fn unknown_identity(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    // Nobody's, and a different one in every run: a HAC cannot know it by chance.
    let nobody: [u8; 8] = bench.random();
    let mut init = mn.init();
    init.set(Name::MnId, format!("nobody-{}@conform.example", hex::encode(&nobody)));
    mn.send(&init)?;
    let first = mn.init_answer();
    // A HAC that hides who exists goes on until the MN has to prove its key.
    let answer = match first {
        crate::player::Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none() => {
            mn.send(&mn.done())?;
            mn.answer()
        }
        other => other,
    };
    bench.check(refused(&mut mn, answer))
}

fn error_status_listed(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let fault = Fault { at: Stage::Done, apply: |m| m.remove(Name::Suitelist) };
    let reply = match play(&mut mn, fault)? {
        crate::player::Answer::Reply(reply) => reply,
        // Whether a close alone will do is the matter of another case.
        other => return bench.check(refused(&mut mn, other)),
    };
    bench.check(match reply.status().map(|status| status.code()) {
        Some(100 | 200) | None => {
            Err(Finding::fails("one of 400, 401, 500, 501, 503, 504", reply.describe()))
        }
        Some(_) => Ok(Pass::Clean),
    })
}

fn auth_is_last(exchange: &Exchange) -> Outcome {
    for reply in [&exchange.init, &exchange.done] {
        let headers = reply.headers()?;
        let last = headers.headers.last().and_then(wire::header::Header::known);
        if last != Some(Name::Auth) {
            return Err(Finding::fails("auth as the last header", format!("{last:?} is the last known one"))
                .with_octets("Content received", reply.content()));
        }
    }
    Ok(Pass::Clean)
}

fn end_of_message_sent(exchange: &Exchange) -> Outcome {
    let mut pass = Pass::Clean;
    for reply in [&exchange.init, &exchange.done] {
        let headers = reply.headers()?;
        let end = headers.end;
        if end == wire::header::EndOfMessage::OneEmptyLine {
            pass = Pass::Lenient("TV-09");
        }
        if end == wire::header::EndOfMessage::Absent || !headers.trailing.is_empty() {
            return Err(Finding::fails(
                "one or two empty lines at the end, nothing behind",
                format!("{end:?}"),
            )
            .with_octets("Content received", reply.content()));
        }
    }
    Ok(pass)
}

fn hac_rand_fresh(bench: &mut Bench<'_>) -> Outcome {
    let mut seen = std::collections::BTreeSet::new();
    for session in 1..=8 {
        let mut mn = bench.mn()?;
        mn.scope = Scope::AllTraffic;
        mn.send(&mn.init())?;
        let reply = mn.init_answer().reply("a response to an honest MHAuth-Init")?;
        let rand = reply.raw(Name::HacRand).unwrap_or_default().to_ascii_lowercase();
        bench.expect(!rand.is_empty() && seen.insert(rand.clone()), || {
            Finding::fails(
                "a hac-rand that no session before had",
                format!("a repeated one in session {session}"),
            )
            .with_octets("hac-rand", &rand)
        })?;
    }
    Ok(Pass::Clean)
}
