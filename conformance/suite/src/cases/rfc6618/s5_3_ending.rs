//! RFC 6618 section 5.3: what ends an exchange, what an error answer holds, and what stays out of the first response.

use wire::message::{BOOTSTRAPPING, SA_DATA};
use wire::param::Name;

use crate::bench::Bench;
use crate::case::Check::{HacSays, Script};
use crate::case::{Case, Fault, Role};
use crate::diagnose::wrong_auth;
use crate::finding::{Failure, Finding, Outcome, Pass};
use crate::judge::{greet, play, refused, twin_is_accepted};
use crate::player::{Answer, AuthForge, MnPlayer, Reply};

/// Cases of section 5.3 about errors and ends.
pub(super) const CASES: &[Case] = &[
    Case::should(
        "rfc6618/5.3/mid-in-psk",
        "a middle request in psk is refused",
        &["rfc6618#5.8/psk-exchange-shape"],
        Script(Role::Hac, mid_in_psk),
    )
    .by(&["MS-08"]),
    Case::must(
        "rfc6618/5.3/right-done-after-wrong-one",
        "after a wrong auth the right one gets nothing on the same connection",
        &["rfc6618#5.3/error-then-close"],
        Script(Role::Hac, |bench| nothing_after(bench, Fault::done(|m| m.auth = AuthForge::FlippedBit))),
    )
    .by(&["EX-07", "AU-09"]),
    Case::must(
        "rfc6618/5.3/right-done-after-wrong-suitelist",
        "after a list without a common suite a better one gets nothing on the same connection",
        &["rfc6618#5.3/error-then-close"],
        Script(Role::Hac, |bench| nothing_after(bench, Fault::done(|m| m.set(Name::Suitelist, "{13,01}")))),
    )
    .by(&["EX-07", "MS-12"]),
    Case::must(
        "rfc6618/5.3/init-after-refused-init",
        "after a refused first request another one gets nothing on the same connection",
        &["rfc6618#5.3/error-then-close", "rfc6618#5.5.2/no-method-is-error"],
        Script(Role::Hac, init_after_refused_init),
    )
    .by(&["EX-07", "VA-22"]),
    Case::must(
        "rfc6618/5.3/init-error-has-status",
        "an error in the first request is answered with a status code",
        &["rfc6618#5.3/error-gets-response"],
        Script(Role::Hac, |bench| {
            refusal_says(bench, NO_METHOD, |reply, _| {
                let status = "a final response with a status code";
                if reply.refuses() { Ok(()) } else { Err(Finding::fails(status, reply.describe())) }
            })
        }),
    )
    .by(&["EX-08", "MS-04"]),
    Case::should(
        "rfc6618/5.3/init-error-is-authenticated",
        "the answer to an error in the first request of a known MN carries a right auth",
        &["rfc6618#5.3/response-done-auth", "rfc6618#5.8/hac-auth-over-all"],
        Script(Role::Hac, |bench| {
            refusal_says(bench, NO_METHOD, |reply, mn| {
                let signer = mn.hac_signer();
                if reply.is_signed_by(&signer) { Ok(()) } else { Err(wrong_auth(reply, &signer)) }
            })
        }),
    )
    .by(&["MS-05"]),
    Case::should(
        "rfc6618/5.3/init-error-repeats-mn-rand",
        "the answer to an error in the first request repeats mn-rand",
        &["rfc6618#5.8/response-done-contents"],
        Script(Role::Hac, |bench| {
            refusal_says(bench, NO_METHOD, |reply, _| reply.required(Name::MnRand).map(|_| ()))
        }),
    )
    .by(&["MS-05"]),
    Case::must(
        "rfc6618/5.3/error-without-suite-and-scope",
        "a refusal names no suite and no scope",
        &["rfc6618#5.8/response-done-failure", "rfc6618#5.3/failure-no-sa-data"],
        Script(Role::Hac, |bench| {
            refusal_says(bench, BAD_AUTH, |reply, _| lacks(reply, &[Name::Ciphersuite, Name::Sas]))
        }),
    )
    .by(&["MS-05"]),
    Case::must(
        "rfc6618/5.3/error-without-bootstrapping",
        "a refusal holds no bootstrapping data",
        &["rfc6618#5.8/response-done-failure"],
        Script(Role::Hac, |bench| refusal_says(bench, BAD_AUTH, |reply, _| lacks(reply, &BOOTSTRAPPING))),
    )
    .by(&["MS-05"]),
    Case::must(
        "rfc6618/5.3/init-response-without-sa-data",
        "before the MN has proved its key no SA data are sent",
        &["rfc6618#5.8/hac-verifies-auth", "rfc6618#5.8/response-init-contents"],
        HacSays(|exchange| {
            lacks(&exchange.init, &SA_DATA)?;
            Ok(Pass::Clean)
        }),
    )
    .by(&["MS-03"]),
    Case::must(
        "rfc6618/5.3/init-response-without-bootstrapping",
        "before the MN has proved its key no bootstrapping data are sent",
        &["rfc6618#5.8/hac-verifies-auth", "rfc6618#5.8/response-init-contents"],
        HacSays(|exchange| {
            lacks(&exchange.init, &BOOTSTRAPPING)?;
            Ok(Pass::Clean)
        }),
    )
    .by(&["MS-03"]),
    Case::should(
        "rfc6618/5.3/stream-ends-behind-done",
        "when our stream ends behind a whole last request, the HAC answers or closes",
        &["rfc6618#5.1/ends-by-close"],
        Script(Role::Hac, stream_ends_behind_done),
    )
    .by(&["EX-07"]),
    Case::should(
        "rfc6618/5.3/stream-ends-behind-init",
        "when our stream ends after the first response, the HAC closes",
        &["rfc6618#5.1/ends-by-close"],
        Script(Role::Hac, stream_ends_behind_init),
    )
    .by(&["EX-07", "EX-09"]),
];

const NO_METHOD: Fault = Fault::init(|m| m.set(Name::AuthMethod, "x-none"));
const BAD_AUTH: Fault = Fault::done(|m| m.auth = AuthForge::FlippedBit);

fn lacks(reply: &Reply, names: &[Name]) -> Result<(), Finding> {
    reply.headers()?;
    match names.iter().find(|name| reply.raw(**name).is_some()) {
        None => Ok(()),
        Some(name) => Err(Finding::fails(format!("no {name} in this message"), reply.describe())
            .with_octets("Content received", reply.content())),
    }
}

/// One thing about the answer that refuses a faulty request.
fn refusal_says(
    bench: &mut Bench<'_>,
    fault: Fault,
    judge: fn(&Reply, &MnPlayer) -> Result<(), Finding>,
) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let reply = play(&mut mn, fault)?.reply("a final response that refuses")?;
    bench.check(judge(&reply, &mn))?;
    Ok(Pass::Clean)
}

fn mid_in_psk(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    greet(&mut mn)?;
    let mut mid = mn.done();
    mid.remove(Name::Sas);
    mid.remove(Name::Suitelist);
    mn.send(&mid)?;
    let answer = mn.answer();
    bench.check(refused(&mut mn, answer))
}

/// Whatever comes after a refusal is not served: the connection is over.
fn nothing_after(bench: &mut Bench<'_>, fault: Fault) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    play(&mut mn, fault)?.reply("a final response that refuses")?;
    let mut right = mn.done();
    right.identifier = 3;
    mn.send(&right)?;
    bench.check(closed(mn.answer()))
}

fn init_after_refused_init(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    play(&mut mn, NO_METHOD)?.reply("a final response that refuses")?;
    let mut right = mn.init();
    right.identifier = 2;
    mn.send(&right)?;
    bench.check(closed(mn.answer()))
}

fn closed(answer: Answer) -> Outcome {
    match answer {
        Answer::Closed(_, rest) if rest.is_empty() => Ok(Pass::Clean),
        other => Err(Finding::fails("the connection closed after the refusal", other.describe())),
    }
}

fn stream_ends_behind_done(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    greet(&mut mn)?;
    mn.send(&mn.done())?;
    mn.close();
    bench.check(match mn.answer() {
        Answer::Reply(reply) if reply.grants() => Ok(Pass::Clean),
        // TLS lets a peer drop what it still wanted to say to somebody who has closed; which of the two comes is
        // often a matter of time.
        Answer::Closed(..) => Ok(Pass::Clean),
        other => Err(hangs("the final response or a close", &other)),
    })
}

fn stream_ends_behind_init(bench: &mut Bench<'_>) -> Outcome {
    let mut mn = bench.mn()?;
    greet(&mut mn)?;
    mn.close();
    bench.check(match mn.answer() {
        Answer::Closed(_, rest) if rest.is_empty() => Ok(Pass::Clean),
        other => Err(hangs("a close, since no request can come any more", &other)),
    })
}

fn hangs(expected: &str, answer: &Answer) -> Finding {
    match answer {
        Answer::Silence(_) => Finding::Hangs(Box::new(Failure::new(expected, answer.describe()))),
        answer => Finding::fails(expected, answer.describe()),
    }
}
