//! RFC 6618 section 5.1: the request-response container (Figure 3).

use crate::bench::Bench;
use crate::case::Check::{HacAccepts, HacRefuses, HacSays, Script};
use crate::case::{Case, Fault, Role};
use crate::finding::{Finding, Outcome, Pass};
use crate::judge::{refused, twin_is_accepted};
use crate::player::{Answer, Delivery, Exchange, Reply};

/// Cases of section 5.1.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.1/version-one",
        "a request of protocol version 1 is refused",
        &["rfc6618#5.1/version-zero"],
        HacRefuses(Fault::init(|m| m.version = 1)),
    )
    .by(&["CT-01"]),
    Case::must(
        "rfc6618/5.1/version-seven-in-done",
        "a second request of protocol version 7 is refused",
        &["rfc6618#5.1/version-zero"],
        HacRefuses(Fault::done(|m| m.version = 7)),
    )
    .by(&["CT-01"]),
    Case::must(
        "rfc6618/5.1/version-sent",
        "responses are of protocol version 0",
        &["rfc6618#5.1/version-zero", "rfc6618#5.1/container-layout"],
        HacSays(|exchange| each_response(exchange, "Ver 0", |reply| (reply.container().version(), 0))),
    ),
    Case::must(
        "rfc6618/5.1/reserved-sent",
        "the reserved bits of responses are 0",
        &["rfc6618#5.1/reserved-zero"],
        HacSays(|exchange| each_response(exchange, "Rsrvd 0", |reply| (reply.container().reserved(), 0))),
    )
    .by(&["CT-02"]),
    Case::should(
        "rfc6618/5.1/reserved-ignored",
        "a request whose reserved bits are set is accepted: they are room for extensions",
        &["rfc6618#5.1/reserved-zero"],
        HacAccepts(Fault::init(|m| m.reserved = 0x1f)),
    )
    .by(&["CT-02"]),
    Case::must(
        "rfc6618/5.1/identifier-zero",
        "a request with Identifier 0 is refused",
        &["rfc6618#5.1/identifier-not-zero", "rfc6618#5.1/identifier-range"],
        HacRefuses(Fault::init(|m| m.identifier = 0)),
    )
    .by(&["EX-01"]),
    Case::must(
        "rfc6618/5.1/identifier-zero-in-done",
        "a second request with Identifier 0 is refused",
        &["rfc6618#5.1/identifier-not-zero"],
        HacRefuses(Fault::done(|m| m.identifier = 0)),
    )
    .by(&["EX-01"]),
    Case::must(
        "rfc6618/5.1/first-identifier-two",
        "a first request with Identifier 2 is refused",
        &["rfc6618#5.1/first-identifier-one"],
        HacRefuses(Fault::init(|m| m.identifier = 2)),
    )
    .by(&["EX-02"]),
    Case::must(
        "rfc6618/5.1/first-identifier-255",
        "a first request with Identifier 255 is refused",
        &["rfc6618#5.1/first-identifier-one"],
        HacRefuses(Fault::init(|m| m.identifier = 255)),
    )
    .by(&["EX-02"]),
    Case::must(
        "rfc6618/5.1/length-zero",
        "a request with Length 0 and no Content is refused",
        &["rfc6618#5.1/length-at-least-one"],
        Script(Role::Hac, length_zero),
    )
    .by(&["CT-03"]),
    Case::must(
        "rfc6618/5.1/length-shorter",
        "a request whose Length leaves out its last header is refused",
        &["rfc6618#5.1/length-counts-content"],
        Script(Role::Hac, length_shorter),
    )
    .by(&["CT-06"]),
    Case::must(
        "rfc6618/5.1/length-longer-then-close",
        "half a container, then the end of the stream: nothing of it is used",
        &["rfc6618#5.1/length-counts-content", "rfc6618#5.1/ends-by-close"],
        Script(Role::Hac, length_longer_then_close),
    )
    .by(&["CT-05"]),
    Case::must(
        "rfc6618/5.1/length-sent",
        "the Length of a response is that of its Content, most significant octet first",
        &["rfc6618#5.1/length-counts-content", "rfc6618#5.1/length-network-order"],
        HacSays(length_sent),
    )
    .by(&["CT-06"]),
    Case::must(
        "rfc6618/5.1/content-65535",
        "a request with 65535 octets of Content is accepted: unknown headers fill it",
        &["rfc6618#5.1/length-at-most-65535"],
        HacAccepts(Fault::init(|m| {
            let len = m.draft.unsigned_octets().len() + m.draft.end.len();
            let name = b"x-filler:";
            let filler = vec![b'a'; 65535 - len - name.len() - 2];
            m.line(&[&name[..], &filler, b"\r\n"].concat());
        })),
    )
    .by(&["CT-04", "TV-07"]),
    Case::must(
        "rfc6618/5.1/one-octet-records",
        "a request in TLS records of one octet each is accepted: only Length frames",
        &["rfc6618#5.1/length-counts-content", "rfc6618#5.1/container-layout"],
        HacAccepts(Fault::init(|m| m.delivery = Delivery::Pieces(1))),
    )
    .by(&["CT-07"]),
    Case::must(
        "rfc6618/5.1/records-across-header",
        "a request cut into records of three octets, across the container header, is accepted",
        &["rfc6618#5.1/length-counts-content", "rfc6618#5.1/container-layout"],
        HacAccepts(Fault::done(|m| m.delivery = Delivery::Pieces(3))),
    )
    .by(&["CT-07"]),
    Case::should(
        "rfc6618/5.1/content-after-end",
        "octets of the Content behind the end-of-message are refused: nothing signs them",
        &["rfc6618#5.5.7/end-of-message-grammar"],
        HacRefuses(Fault::done(|m| m.trailing = b"trailing".to_vec())),
    )
    .by(&["CT-09"]),
    Case::must(
        "rfc6618/5.1/silent-until-asked",
        "the HAC says nothing before the first request",
        &["rfc6618#5.1/client-asks-server-answers", "rfc6618#5.3/hac-sends-only-responses"],
        Script(Role::Hac, silent_until_asked),
    ),
];

fn each_response(exchange: &Exchange, need: &str, have: fn(&Reply) -> (u8, u8)) -> Outcome {
    for reply in [&exchange.init, &exchange.done] {
        let (have, right) = have(reply);
        if have != right {
            return Err(Finding::fails(need, format!("{have}"))
                .with_octets("container header received", reply.octets().get(..4).unwrap_or_default()));
        }
    }
    Ok(Pass::Clean)
}

fn length_sent(exchange: &Exchange) -> Outcome {
    // A Length that lies makes the rest of the stream unreadable: the exchange ended, so only its end can show it.
    for reply in [&exchange.init, &exchange.done] {
        reply.headers()?;
    }
    match exchange.ending {
        Some(_) => Ok(Pass::Clean),
        None => {
            Err(Finding::fails("the stream at its end after the final response", "more octets, or no close"))
        }
    }
}

fn length_zero(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    mn.send_octets(&[0, 1, 0, 0])?;
    let answer = mn.answer();
    bench.check(refused(&mut mn, answer))
}

fn length_shorter(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let mut init = mn.init();
    let whole = init.draft.octets().len();
    let shorter = whole - "mn-rand:".len() - 64 - 2 - init.draft.end.len();
    // What is left of the message stands where the next container header would be.
    init.length = u16::try_from(shorter).ok();
    mn.send(&init)?;
    let answer = mn.answer();
    bench.check(refused(&mut mn, answer))
}

fn length_longer_then_close(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    mn.send(&mn.init())?;
    let earlier = mn.init_answer();
    let Answer::Reply(_) = earlier else {
        return Err(Finding::Inconclusive(crate::finding::Because::Prerequisite(earlier.describe())));
    };
    let mut done = mn.done();
    done.length = Some(65535);
    mn.send(&done)?;
    mn.close();
    bench.check(match mn.answer() {
        Answer::Reply(reply) if !reply.refuses() => {
            Err(Finding::fails("half a container discarded", reply.describe()))
        }
        _ => Ok(Pass::Clean),
    })
}

fn silent_until_asked(bench: &mut Bench<'_>) -> Outcome {
    let mut mn = bench.mn()?;
    // The control is the answer to our request: the first container to come must be that one, and the only one.
    mn.send(&mn.init())?;
    let first = mn.init_answer().reply("a response to the first request")?;
    bench.expect(first.raw(wire::param::Name::AuthMethod).is_some(), || {
        Finding::fails("response MHAuth-Init as the first octets of the HAC", first.describe())
    })?;
    mn.send(&mn.done())?;
    let second = mn.answer().reply("a response to the second request")?;
    bench.expect(second.raw(wire::param::Name::StatusCode).is_some(), || {
        Finding::fails("the final response as the second message of the HAC", second.describe())
    })?;
    Ok(Pass::Clean)
}
