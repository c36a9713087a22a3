//! RFC 6618 sections 5.5.2, 5.5.4 and 5.5.6: lists of methods, and the status codes of refusals.

use wire::param::{Name, check};
use wire::value::hex;

use crate::bench::Bench;
use crate::case::Check::{HacAccepts, HacRefuses, Script};
use crate::case::{Case, Fault, Role};
use crate::finding::{Finding, Outcome, Pass, shown};
use crate::judge::{play, twin_is_accepted};
use crate::player::{Answer, AuthForge, Reply};

/// Cases of sections 5.5.2 to 5.5.6.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.5.2/method-longer",
        "a method whose name begins with psk is another one, and refused",
        &["rfc6618#5.5.2/method-tokens", "rfc6618#5.5.2/no-method-is-error"],
        HacRefuses(Fault::init(|m| m.set(Name::AuthMethod, "psk2"))),
    )
    .by(&["VA-22"]),
    Case::must(
        "rfc6618/5.5.2/method-shorter",
        "a method that is the beginning of psk is another one, and refused",
        &["rfc6618#5.5.2/method-tokens", "rfc6618#5.5.2/no-method-is-error"],
        HacRefuses(Fault::init(|m| m.set(Name::AuthMethod, "ps"))),
    )
    .by(&["VA-22"]),
    Case::should(
        "rfc6618/5.5.2/method-upper-case",
        "PSK in upper case is the same method: literals of the grammar have no case",
        &["rfc6618#5.5/http-grammar", "rfc6618#5.5.2/method-tokens"],
        HacAccepts(Fault::init(|m| m.set(Name::AuthMethod, "PSK"))),
    ),
    Case::should(
        "rfc6618/5.5.2/methods-with-spaces",
        "spaces around the comma of a list of methods are allowed",
        &["rfc6618#5.5.2/auth-method-grammar", "rfc6618#5.2/white-space"],
        HacAccepts(Fault::init(|m| m.set(Name::AuthMethod, "psk , x-none"))),
    )
    .by(&["TV-01", "VA-22"]),
    Case::should(
        "rfc6618/5.5.2/methods-without-comma",
        "two methods with only a space between are refused",
        &["rfc6618#5.5.2/auth-method-grammar"],
        HacRefuses(Fault::init(|m| m.set(Name::AuthMethod, "x-none psk"))),
    )
    .by(&["TV-11"]),
    Case::should(
        "rfc6618/5.5.2/comma-last",
        "a list of methods that ends in a comma is refused",
        &["rfc6618#5.5.2/auth-method-grammar"],
        HacRefuses(Fault::init(|m| m.set(Name::AuthMethod, "psk,"))),
    )
    .by(&["TV-14"]),
    Case::should(
        "rfc6618/5.5.2/comma-first",
        "a list of methods that begins with a comma is refused",
        &["rfc6618#5.5.2/auth-method-grammar"],
        HacRefuses(Fault::init(|m| m.set(Name::AuthMethod, ",psk"))),
    )
    .by(&["TV-14"]),
    code("rfc6618/5.5.4/code-for-version", "a request of version 1 is answered with 501", |bench| {
        answered_with(bench, Fault::init(|m| m.version = 1), 501)
    })
    .by(&["CT-01"]),
    code(
        "rfc6618/5.5.4/code-for-identifier",
        "a first request with Identifier 2 is answered with 400",
        |bench| answered_with(bench, Fault::init(|m| m.identifier = 2), 400),
    )
    .by(&["EX-02"]),
    code("rfc6618/5.5.4/code-for-broken-line", "a line without a colon is answered with 400", |bench| {
        answered_with(bench, Fault::init(|m| m.line(b"no colon\r\n")), 400)
    })
    .by(&["TV-13"]),
    code(
        "rfc6618/5.5.4/code-for-missing-header",
        "a last request without mip6-suitelist is answered with 400",
        |bench| answered_with(bench, Fault::done(|m| m.remove(Name::Suitelist)), 400),
    )
    .by(&["MS-02"]),
    code(
        "rfc6618/5.5.4/code-for-repeated-header",
        "two equal mn-id headers are answered with 400",
        |bench| {
            let fault = Fault::init(|m| super::s5_2_encoding::repeat(m, Name::MnId));
            answered_with(bench, fault, 400)
        },
    )
    .by(&["TV-06"]),
    code("rfc6618/5.5.4/code-for-scope", "a proposal of mip6-sas 2 is answered with 400", |bench| {
        answered_with(bench, Fault::done(|m| m.set(Name::Sas, "2")), 400)
    })
    .by(&["VA-13"]),
    code("rfc6618/5.5.4/code-for-no-method", "a list of unknown methods is answered with 501", |bench| {
        answered_with(bench, Fault::init(|m| m.set(Name::AuthMethod, "x-none")), 501)
    })
    .by(&["VA-22"]),
    code("rfc6618/5.5.4/code-for-no-suite", "a list of unknown suites is answered with 501", |bench| {
        answered_with(bench, Fault::done(|m| m.set(Name::Suitelist, "{13,01}")), 501)
    })
    .by(&["MS-12"]),
    code(
        "rfc6618/5.5.4/code-for-nonce",
        "another mn-rand in the last request is answered with 401",
        |bench| {
            let fault = Fault::done(|m| m.set(Name::MnRand, hex::encode(&[0x42; 32])));
            answered_with(bench, fault, 401)
        },
    )
    .by(&["MS-10"]),
    Case::must(
        "rfc6618/5.5.4/first-refusal-listed",
        "the status code of a refused first request is one of the eight that exist, and not 100",
        &["rfc6618#5.5.4/status-values", "rfc6618#5.5.4/status-grammar"],
        Script(Role::Hac, |bench| {
            twin_is_accepted(bench)?;
            let mut mn = bench.mn()?;
            let answer = play(&mut mn, Fault::init(|m| m.set(Name::AuthMethod, "x-none")))?;
            let Answer::Reply(reply) = answer else { return no_answer(bench, &answer) };
            bench.check(match reply.status().map(|status| status.code()) {
                Some(100 | 200) | None => {
                    Err(Finding::fails("one of 400, 401, 500, 501, 503, 504", reply.describe()))
                }
                Some(_) => Ok(Pass::Clean),
            })
        }),
    )
    .by(&["VA-06", "VA-07"]),
    Case::must(
        "rfc6618/5.5.6/retry-after-is-date",
        "a retry-after, where one is sent, holds a fixed-length date",
        &["rfc6618#5.5.6/retry-after-grammar"],
        Script(Role::Hac, retry_after_is_date),
    )
    .by(&["VA-08"]),
];

/// Which code it is never fails a target: neither text maps errors to codes (C1).
const fn code(id: &'static str, story: &'static str, script: fn(&mut Bench<'_>) -> Outcome) -> Case {
    Case::should(id, story, &["rfc6618#5.5.4/status-meanings"], Script(Role::Hac, script))
}

fn answered_with(bench: &mut Bench<'_>, fault: Fault, need: u16) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let answer = play(&mut mn, fault)?;
    let Answer::Reply(reply) = answer else { return no_answer(bench, &answer) };
    let have = reply.raw(Name::StatusCode).map(<[u8]>::to_vec);
    bench.expect(have == Some(need.to_string().into_bytes()), || {
        Finding::fails(format!("status-code {need}"), reply.describe())
    })?;
    Ok(Pass::Clean)
}

/// Whether a refusal may do without an answer is the matter of another case.
fn no_answer(bench: &mut Bench<'_>, answer: &Answer) -> Outcome {
    bench.check(Err(Finding::warns("a final response with a status code", answer.describe())))
}

fn retry_after_is_date(bench: &mut Bench<'_>) -> Outcome {
    let granted = bench.exchange()?;
    bench.check(dated(&granted.done))?;
    for fault in [
        Fault::done(|m| m.auth = AuthForge::FlippedBit),
        Fault::done(|m| m.set(Name::Suitelist, "{13,01}")),
        Fault::init(|m| m.set(Name::AuthMethod, "x-none")),
    ] {
        let mut mn = bench.mn()?;
        if let Answer::Reply(reply) = play(&mut mn, fault)? {
            bench.check(dated(&reply))?;
        }
    }
    Ok(Pass::Clean)
}

fn dated(reply: &Reply) -> Result<(), Finding> {
    let Some(value) = reply.raw(Name::RetryAfter) else { return Ok(()) };
    let expected = "a date such as Sun, 06 Nov 1994 08:49:37 GMT";
    if !value.is_empty() && value.iter().all(u8::is_ascii_digit) {
        return Err(Finding::warns(expected, format!("seconds, as in HTTP: {}", shown(value, 32))));
    }
    check(Name::RetryAfter, value)
        .map(|_| ())
        .map_err(|error| Finding::malformed(expected, &error).with_octets("retry-after received", value))
}
