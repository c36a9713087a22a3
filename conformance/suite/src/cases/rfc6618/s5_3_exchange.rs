//! RFC 6618 section 5.3: the lockstep exchange, what its messages contain, and how it ends.

use wire::param::{Name, Value};
use wire::value::Ciphersuite;

use crate::bench::Bench;
use crate::case::Check::{HacAccepts, HacRefuses, HacSays, Script};
use crate::case::{Case, Fault, Role, Stage};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::judge::{play, refused, twin_is_accepted};
use crate::player::{Answer, Exchange};

/// Cases of section 5.3.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.3/identifier-copied",
        "each response carries the Identifier of its request",
        &["rfc6618#5.3/response-copies-identifier", "rfc6618#5.1/identifier-matches"],
        HacSays(identifier_copied),
    )
    .by(&["EX-04"]),
    Case::must(
        "rfc6618/5.3/identifier-repeated",
        "a second request with Identifier 1 again is refused",
        &["rfc6618#5.3/identifiers-differ", "rfc6618#5.3/identifier-increases"],
        HacRefuses(Fault::done(|m| m.identifier = 1)),
    )
    .by(&["EX-03"]),
    Case::should(
        "rfc6618/5.3/identifier-gap",
        "a second request with Identifier 9 is accepted: numbers increase, no step is given",
        &["rfc6618#5.3/identifier-increases"],
        HacAccepts(Fault::done(|m| m.identifier = 9)),
    )
    .by(&["EX-03"]),
    Case::must(
        "rfc6618/5.3/init-without-mn-id",
        "a first request without mn-id is refused",
        &["rfc6618#5.3/request-init-mn-id"],
        HacRefuses(Fault::init(|m| m.remove(Name::MnId))),
    ),
    Case::must(
        "rfc6618/5.3/init-without-auth-method",
        "a first request without auth-method is refused",
        &["rfc6618#5.3/request-init-auth-method"],
        HacRefuses(Fault::init(|m| m.remove(Name::AuthMethod))),
    ),
    Case::must(
        "rfc6618/5.3/init-names-the-method",
        "the first response names the selected method, and only one that was offered",
        &[
            "rfc6618#5.3/response-init-auth-method",
            "rfc6618#5.5.2/hac-selects-one",
            "rfc6618#5.5.2/hac-mandates-method",
            "rfc6618#5.5.2/hac-returns-method",
        ],
        HacSays(names_the_method),
    )
    .by(&["MS-03", "MS-09"]),
    Case::must(
        "rfc6618/5.3/done-without-sas",
        "a last request without mip6-sas is refused",
        &["rfc6618#5.3/request-done-sas"],
        HacRefuses(Fault::done(|m| m.remove(Name::Sas))),
    ),
    Case::must(
        "rfc6618/5.3/done-without-suitelist",
        "a last request without mip6-suitelist is refused",
        &["rfc6618#5.3/request-done-suitelist"],
        HacRefuses(Fault::done(|m| m.remove(Name::Suitelist))),
    ),
    Case::must(
        "rfc6618/5.3/done-without-auth",
        "a last request without auth is refused",
        &["rfc6618#5.3/request-done-auth"],
        HacRefuses(Fault::done(|m| m.auth = crate::player::AuthForge::Absent)),
    ),
    Case::must(
        "rfc6618/5.3/done-has-status",
        "the final response has a status-code",
        &["rfc6618#5.3/response-done-status"],
        HacSays(|exchange| exchange.done.required(Name::StatusCode).map(|_| Pass::Clean)),
    ),
    Case::must(
        "rfc6618/5.3/done-has-auth",
        "the final response has auth",
        &["rfc6618#5.3/response-done-auth"],
        HacSays(|exchange| exchange.done.required(Name::Auth).map(|_| Pass::Clean)),
    ),
    Case::must(
        "rfc6618/5.3/done-has-ciphersuite",
        "a successful final response names the selected suite",
        &["rfc6618#5.3/success-ciphersuite", "rfc6618#4.3/sa-contains-ciphersuite"],
        HacSays(|exchange| exchange.done.required(Name::Ciphersuite).map(|_| Pass::Clean)),
    )
    .by(&["SA-01"]),
    Case::must(
        "rfc6618/5.3/done-has-sas",
        "a successful final response states the scope",
        &["rfc6618#5.3/success-sas", "rfc6618#4.3/sa-contains-scope"],
        HacSays(|exchange| exchange.done.required(Name::Sas).map(|_| Pass::Clean)),
    )
    .by(&["SA-01"]),
    Case::must(
        "rfc6618/5.3/done-has-sa-data",
        "a successful final response carries SPI, keys and validity end, complete for its suite",
        &[
            "rfc6618#5.3/success-sa-data",
            "rfc6618#4.3/sa-contains-spi",
            "rfc6618#4.3/sa-contains-integrity-keys",
        ],
        HacSays(sa_data_complete),
    )
    .by(&["SA-01"]),
    Case::must(
        "rfc6618/5.3/closed-after-success",
        "the HAC closes after the final response",
        &["rfc6618#5.3/close-after-exchange", "rfc6618#5.1/ends-by-close"],
        HacSays(|exchange| match exchange.ending {
            Some(_) => Ok(Pass::Clean),
            None => Err(Finding::fails("the connection closed after the final response", "it stays open")),
        }),
    )
    .by(&["EX-07"]),
    Case::should(
        "rfc6618/5.3/close-notify",
        "the HAC closes with a TLS close_notify",
        &["rfc6618#5.3/close-after-exchange"],
        HacSays(|exchange| match exchange.ending {
            Some(crate::link::Ending::Notified) => Ok(Pass::Clean),
            other => Err(Finding::fails("close_notify", format!("{other:?}"))),
        }),
    )
    .by(&["EX-07"]),
    Case::must(
        "rfc6618/5.3/one-exchange-a-connection",
        "a second exchange on the same connection gets nothing",
        &["rfc6618#5.3/close-after-exchange"],
        Script(Role::Hac, one_exchange_a_connection),
    )
    .by(&["EX-06"]),
    Case::must(
        "rfc6618/5.3/error-has-status",
        "an error is answered with a status code, not by closing alone",
        &["rfc6618#5.3/error-gets-response"],
        Script(Role::Hac, error_has_status),
    )
    .by(&["EX-08"]),
    Case::must(
        "rfc6618/5.3/closed-after-error",
        "the HAC closes after an error",
        &["rfc6618#5.3/error-then-close"],
        HacRefuses(Fault::done(|m| m.set(Name::Sas, "7"))),
    )
    .by(&["EX-07", "VA-13"]),
    Case::must(
        "rfc6618/5.3/error-without-sa-data",
        "an error answer carries no SA data, and is a final response by itself",
        &["rfc6618#5.3/failure-no-sa-data"],
        Script(Role::Hac, error_without_sa_data),
    )
    .by(&["MS-05"]),
    Case::should(
        "rfc6618/5.3/error-status-fits",
        "a wrong auth is answered with 401",
        &["rfc6618#5.3/error-gets-response", "rfc6618#5.5.4/status-meanings"],
        Script(Role::Hac, error_status_fits),
    )
    .by(&["AU-09"]),
    Case::must(
        "rfc6618/5.3/done-first",
        "a last request as the first one is refused",
        &["rfc6618#5.1/lockstep", "rfc6618#5.3/request-init-mn-id"],
        Script(Role::Hac, done_first),
    )
    .by(&["MS-01"]),
    Case::must(
        "rfc6618/5.3/init-twice",
        "the first request again, with the next Identifier, grants nothing",
        &["rfc6618#5.1/lockstep"],
        Script(Role::Hac, init_twice),
    )
    .by(&["MS-01", "MS-08"]),
];

fn identifier_copied(exchange: &Exchange) -> Outcome {
    for (request, reply) in
        [(&exchange.init_request, &exchange.init), (&exchange.done_request, &exchange.done)]
    {
        let (need, have) = (request.get(1).copied().unwrap_or_default(), reply.container().identifier());
        if need != have {
            return Err(Finding::fails(
                format!("Identifier {need}, as in the request"),
                format!("Identifier {have}"),
            )
            .with_octets("container header received", reply.octets().get(..4).unwrap_or_default()));
        }
    }
    Ok(Pass::Clean)
}

fn names_the_method(exchange: &Exchange) -> Outcome {
    exchange.init.required(Name::AuthMethod)?;
    match exchange.init.raw(Name::AuthMethod) {
        Some(method) if method.eq_ignore_ascii_case(b"psk") => Ok(Pass::Clean),
        other => Err(Finding::fails(
            "auth-method psk, the one that was offered",
            crate::finding::shown(other.unwrap_or_default(), 64),
        )),
    }
}

fn one_exchange_a_connection(bench: &mut Bench<'_>) -> Outcome {
    let mut mn = bench.mn()?;
    let honest = Fault { at: Stage::Done, apply: |_| {} };
    match play(&mut mn, honest)? {
        Answer::Reply(reply) if reply.grants() => {}
        other => return Err(Finding::Inconclusive(Because::Prerequisite(other.describe()))),
    }
    let mut again = mn.init();
    again.identifier = 3;
    mn.send(&again)?;
    bench.check(match mn.answer() {
        Answer::Closed(..) => Ok(Pass::Clean),
        Answer::Reply(reply) if reply.refuses() => Ok(Pass::Clean),
        other => Err(Finding::fails("the connection closed after one exchange", other.describe())),
    })
}

/// A fault that leaves the answer easy to frame.
const BAD_SCOPE: Fault = Fault { at: Stage::Done, apply: |m| m.set(Name::Sas, "7") };

fn error_has_status(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let answer = play(&mut mn, BAD_SCOPE)?;
    bench.check(match answer {
        Answer::Reply(reply) if reply.refuses() => Ok(Pass::Clean),
        other => Err(Finding::fails(
            "a final response with a status code that says what is wrong",
            other.describe(),
        )),
    })
}

fn error_without_sa_data(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let reply = match play(&mut mn, BAD_SCOPE)? {
        Answer::Reply(reply) => reply,
        other => return refused(&mut mn, other),
    };
    bench.expect(!reply.has_sa_data(), || {
        Finding::fails("no SA data beside an error status", reply.describe())
            .with_octets("Content received", reply.content())
    })?;
    reply.headers()?;
    bench.check(refused(&mut mn, Answer::Reply(reply)))
}

fn error_status_fits(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let fault = Fault { at: Stage::Done, apply: |m| m.auth = crate::player::AuthForge::FlippedBit };
    let reply = play(&mut mn, fault)?.reply("a final response to a wrong auth")?;
    bench.check(match reply.status().map(|status| status.code()) {
        Some(401) => Ok(Pass::Clean),
        _ => Err(Finding::fails("status-code 401", reply.describe())),
    })
}

fn done_first(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    let mut done = mn.done();
    done.identifier = 1;
    mn.send(&done)?;
    let answer = mn.answer();
    bench.check(refused(&mut mn, answer))
}

fn init_twice(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    mn.send(&mn.init())?;
    mn.init_answer().reply("a response to the first request")?;
    let mut again = mn.init();
    again.identifier = 2;
    mn.send(&again)?;
    let answer = mn.answer();
    bench.check(match answer {
        // In psk this is a middle request, and to go on after one is worth no more than a warning (MS-08).
        Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none() && !reply.has_sa_data() => {
            Err(Finding::warns("a refusal", reply.describe()))
        }
        answer => refused(&mut mn, answer),
    })
}

/// Of the final response only what belongs to the SA: what else is wrong with it is for other cases.
fn sa_data_complete(exchange: &Exchange) -> Outcome {
    let suite = exchange.done.required(Name::Ciphersuite)?;
    for name in [Name::Spi, Name::Sas, Name::SaValidityEnd, Name::MnToHaIkey, Name::HaToMnIkey] {
        exchange.done.required(name)?;
    }
    let encrypts = |known: &Ciphersuite| crypto::ciphersuite::algorithms(*known).ekey_len > 0;
    let selected = |known: &Ciphersuite| suite == Value::Ciphersuite(known.code());
    if Ciphersuite::ALL.iter().any(|known| selected(known) && encrypts(known)) {
        exchange.done.required(Name::MnToHaEkey)?;
        exchange.done.required(Name::HaToMnEkey)?;
    }
    Ok(Pass::Clean)
}
