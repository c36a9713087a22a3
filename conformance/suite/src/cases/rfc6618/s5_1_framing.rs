//! RFC 6618 section 5.1: containers in the stream: glued, cut, unfinished; and the header fields of answers.

use wire::param::Name;

use crate::bench::Bench;
use crate::case::Check::{HacAccepts, HacRefuses, Script};
use crate::case::{Case, Fault, Role};
use crate::finding::{Failure, Finding, Outcome, Pass};
use crate::judge::{answer_to_done, granted, greet, play, refused, twin_is_accepted};
use crate::player::{Answer, Delivery, MessageForge, MnPlayer, Reply};

/// Cases of section 5.1 about streams and answers.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.1/second-request-too-early",
        "a second request in the record of the first is refused or served in its turn, and grants nothing",
        &["rfc6618#5.1/lockstep", "rfc6618#5.1/length-counts-content"],
        Script(Role::Hac, second_request_too_early),
    )
    .by(&["CT-07", "CT-08"]),
    Case::must(
        "rfc6618/5.1/request-behind-the-last",
        "a third request in the record of the last one gets no second SA",
        &["rfc6618#5.1/lockstep", "rfc6618#5.3/close-after-exchange"],
        Script(Role::Hac, request_behind_the_last),
    )
    .by(&["CT-08", "EX-06"]),
    Case::must(
        "rfc6618/5.1/one-octet-records-in-done",
        "a last request in TLS records of one octet each is accepted",
        &["rfc6618#5.1/length-counts-content", "rfc6618#5.1/container-layout"],
        HacAccepts(Fault::done(|m| m.delivery = Delivery::Pieces(1))),
    )
    .by(&["CT-07"]),
    Case::must(
        "rfc6618/5.1/content-65535-in-done",
        "a last request with 65535 octets of Content is accepted, and auth covers them all",
        &["rfc6618#5.1/length-at-most-65535", "rfc6618#5.5.5/auth-covers-message"],
        HacAccepts(Fault::done(|m| {
            let auth = "auth:".len() + 64 + 2;
            let len = m.draft.unsigned_octets().len() + auth + m.draft.end.len();
            let name = b"x-filler:";
            let filler = vec![b'a'; 65535 - len - name.len() - 2];
            m.line(&[&name[..], &filler, b"\r\n"].concat());
        })),
    )
    .by(&["CT-04", "TV-07"]),
    Case::must(
        "rfc6618/5.1/length-one",
        "a request whose Length is 1 is refused: its Content is one letter",
        &["rfc6618#5.1/length-counts-content", "rfc6618#5.2/header-syntax"],
        Script(Role::Hac, length_one),
    )
    .by(&["CT-06"]),
    Case::must(
        "rfc6618/5.1/length-shorter-in-done",
        "a last request whose Length leaves out auth is refused",
        &["rfc6618#5.1/length-counts-content", "rfc6618#5.3/request-done-auth"],
        HacRefuses(Fault::done(|m| m.length = u16::try_from(m.draft.unsigned_octets().len()).ok())),
    )
    .by(&["CT-06"]),
    Case::must(
        "rfc6618/5.1/one-octet-missing-then-close",
        "a last request cut before its last octet, then the end of the stream: nothing is granted",
        &["rfc6618#5.1/length-counts-content", "rfc6618#5.1/ends-by-close"],
        Script(Role::Hac, one_octet_missing),
    )
    .by(&["CT-05"]),
    Case::must(
        "rfc6618/5.1/length-counts-header-then-close",
        "a last request whose Length counts the header too waits for four more octets: nothing is granted",
        &["rfc6618#5.1/length-counts-content"],
        Script(Role::Hac, length_counts_header),
    )
    .by(&["CT-05", "CT-06"]),
    Case::must(
        "rfc6618/5.1/half-a-header-then-close",
        "three octets, then the end of the stream: no answer grants anything, and the HAC closes",
        &["rfc6618#5.1/ends-by-close"],
        Script(Role::Hac, half_a_header),
    )
    .by(&["CT-05"]),
    Case::should(
        "rfc6618/5.1/reserved-ignored-in-done",
        "a last request whose reserved bits are set is accepted",
        &["rfc6618#5.1/reserved-zero"],
        HacAccepts(Fault::done(|m| m.reserved = 0x15)),
    )
    .by(&["CT-02"]),
    Case::should(
        "rfc6618/5.1/identifier-128",
        "a second request with Identifier 128 is accepted: the octet has no sign",
        &["rfc6618#5.1/identifier-range", "rfc6618#5.3/identifier-increases"],
        HacAccepts(Fault::done(|m| m.identifier = 128)),
    )
    .by(&["EX-03"]),
    Case::should(
        "rfc6618/5.1/identifier-255-in-done",
        "a last request with Identifier 255 is accepted: its answer is the final one",
        &["rfc6618#5.1/identifier-range", "rfc6618#5.3/at-most-255-exchanges"],
        HacAccepts(Fault::done(|m| m.identifier = 255)),
    )
    .by(&["EX-03", "EX-05"]),
    Case::must(
        "rfc6618/5.1/answer-to-version-one",
        "the answer to a request of version 1 is of version 0",
        &["rfc6618#5.1/version-zero"],
        Script(Role::Hac, |bench| {
            let fault = Fault::init(|m| m.version = 1);
            answer_says(bench, fault, "a container of Ver 0", |reply| reply.container().version() == 0)
        }),
    )
    .by(&["CT-01"]),
    Case::must(
        "rfc6618/5.1/answer-to-reserved",
        "the reserved bits of an answer are 0, also when those of its request are not",
        &["rfc6618#5.1/reserved-zero"],
        Script(Role::Hac, |bench| {
            let fault = Fault::init(|m| m.reserved = 0x1f);
            answer_says(bench, fault, "Rsrvd 0", |reply| reply.container().reserved() == 0)
        }),
    )
    .by(&["CT-02"]),
    Case::should(
        "rfc6618/5.1/answer-to-identifier-zero",
        "the answer to a request with Identifier 0 carries the one that was due",
        &["rfc6618#5.1/identifier-not-zero"],
        Script(Role::Hac, |bench| {
            let fault = Fault::init(|m| m.identifier = 0);
            answer_says(bench, fault, "Identifier 1", |reply| reply.container().identifier() == 1)
        }),
    )
    .by(&["EX-01"]),
    Case::should(
        "rfc6618/5.1/answer-to-first-identifier-two",
        "the answer to a first request with Identifier 2 carries it",
        &["rfc6618#5.3/response-copies-identifier"],
        Script(Role::Hac, |bench| {
            let fault = Fault::init(|m| m.identifier = 2);
            answer_says(bench, fault, "Identifier 2", |reply| reply.container().identifier() == 2)
        }),
    )
    .by(&["EX-02"]),
    Case::must(
        "rfc6618/5.1/answer-to-gap",
        "the answer to a request with Identifier 9, be it a refusal, carries it",
        &["rfc6618#5.3/response-copies-identifier", "rfc6618#5.1/identifier-matches"],
        Script(Role::Hac, |bench| {
            let fault = Fault::done(|m| m.identifier = 9);
            answer_says(bench, fault, "Identifier 9", |reply| reply.container().identifier() == 9)
        }),
    )
    .by(&["EX-03", "EX-04"]),
    Case::must(
        "rfc6618/5.1/refusal-in-one-container",
        "a refusal is one container, which holds its status and its auth, and nothing follows",
        &["rfc6618#5.1/message-fits-container"],
        Script(Role::Hac, refusal_in_one_container),
    )
    .by(&["CT-04"]),
    Case::must(
        "rfc6618/5.1/refusal-copies-identifier",
        "a refusal carries the Identifier of the request that it refuses",
        &["rfc6618#5.3/response-copies-identifier", "rfc6618#5.1/identifier-matches"],
        Script(Role::Hac, |bench| {
            let fault = Fault::done(|m| m.set(Name::Sas, "7"));
            answer_says(bench, fault, "Identifier 2", |reply| reply.container().identifier() == 2)
        }),
    )
    .by(&["EX-04"]),
];

/// Nothing grants; whatever the answer, something must come of it.
fn grants_nothing(answer: &Answer) -> Outcome {
    match answer {
        Answer::Reply(reply) if reply.raw(Name::StatusCode).is_some() && !reply.refuses() => {
            Err(Finding::fails("nothing granted", reply.describe()).with_octets("response", reply.octets()))
        }
        Answer::Reply(reply) if reply.has_sa_data() => {
            Err(Finding::fails("no SA data", reply.describe()).with_octets("response", reply.octets()))
        }
        _ => Ok(Pass::Clean),
    }
}

fn second_request_too_early(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let mut both = mn.init();
    // Before the response its hac-rand is not known, so that this one cannot be right.
    both.behind = mn.done().octets(&mn.signer());
    mn.send(&both)?;
    let first = mn.init_answer().reply("a response to the first of two requests")?;
    bench.check(grants_nothing(&Answer::Reply(first.clone())))?;
    if first.raw(Name::StatusCode).is_some() {
        return Ok(Pass::Lenient("CT-08"));
    }
    let second = mn.answer();
    bench.check(match second {
        Answer::Closed(..) => Ok(Pass::Lenient("CT-08")),
        second => refused(&mut mn, second),
    })
}

fn request_behind_the_last(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let (mut mn, first) = answer_to_done(bench, |mn, done| {
        let mut third = mn.done();
        third.identifier = 3;
        done.behind = third.octets(&mn.signer());
    })?;
    match &first {
        Answer::Reply(reply) if reply.grants() => {}
        // The whole of it was a breach of the lock step.
        Answer::Reply(reply) if reply.refuses() => {
            bench.check(refused(&mut mn, first))?;
            return Ok(Pass::Lenient("CT-08"));
        }
        _ => return bench.check(granted(first)),
    }
    let second = mn.answer();
    bench.check(match second {
        Answer::Reply(reply) if reply.refuses() => Ok(Pass::Lenient("CT-08")),
        Answer::Closed(_, rest) if rest.is_empty() => Ok(Pass::Clean),
        other => Err(Finding::fails("the connection closed after one SA", other.describe())),
    })
}

fn refusal_in_one_container(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let wrong_scope = Fault::done(|m| m.set(Name::Sas, "7"));
    let reply = play(&mut mn, wrong_scope)?.reply("a final response that refuses")?;
    bench.expect(reply.raw(Name::StatusCode).is_some() && reply.raw(Name::Auth).is_some(), || {
        Finding::fails("status-code and auth in one container", reply.describe())
            .with_octets("container received", reply.octets())
    })?;
    bench.check(match mn.closing() {
        Ok(_) => Ok(Pass::Clean),
        Err(more) => Err(Finding::fails("nothing behind the one container of a message", more.describe())),
    })
}

fn length_one(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let mut init = mn.init();
    init.length = Some(1);
    mn.send(&init)?;
    let answer = mn.answer();
    bench.check(refused(&mut mn, answer))
}

/// Sends what `forge` makes of an honest last request, ends the stream, and sees that nothing comes of it.
fn unfinished(bench: &mut Bench<'_>, forge: impl FnOnce(&MnPlayer, &mut MessageForge)) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    greet(&mut mn)?;
    let mut done = mn.done();
    forge(&mn, &mut done);
    mn.send(&done)?;
    mn.close();
    let answer = mn.answer();
    bench.check(grants_nothing(&answer))
}

fn one_octet_missing(bench: &mut Bench<'_>) -> Outcome {
    unfinished(bench, |mn, done| {
        let whole = done.octets(&mn.signer()).len();
        done.delivery = Delivery::CutAfter(whole - 1);
    })
}

fn length_counts_header(bench: &mut Bench<'_>) -> Outcome {
    unfinished(bench, |mn, done| {
        done.length = u16::try_from(done.octets(&mn.signer()).len()).ok();
    })
}

fn half_a_header(bench: &mut Bench<'_>) -> Outcome {
    let mut mn = bench.mn()?;
    mn.send_octets(&[0, 1, 0])?;
    mn.close();
    let answer = mn.answer();
    bench.check(match &answer {
        Answer::Silence(_) => Err(Finding::Hangs(Box::new(Failure::new(
            "the connection closed when its stream has ended",
            answer.describe(),
        )))),
        answer => grants_nothing(answer),
    })
}

/// One thing about the answer to a changed request. That it is refused or not is for other cases.
fn answer_says(bench: &mut Bench<'_>, fault: Fault, need: &str, holds: fn(&Reply) -> bool) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let reply = match play(&mut mn, fault)? {
        // Whether a close alone will do is the matter of another case.
        Answer::Closed(..) => return bench.check(Err(Finding::warns(need, "closed without an answer"))),
        answer => answer.reply(need)?,
    };
    let header = reply.octets().get(..4).unwrap_or_default().to_vec();
    bench.expect(holds(&reply), || {
        Finding::fails(format!("{need} in the answer"), reply.describe())
            .with_octets("container header received", &header)
    })?;
    Ok(Pass::Clean)
}
