//! RFC 6618 section 5.9: how an exchange by EAP fails, and who is granted what when it does not.

use wire::eap::Packet;
use wire::param::Name;

use crate::bench::Bench;
use crate::case::Check::{EapAccepts, EapRefuses, Script};
use crate::case::{Case, EapFault, Role};
use crate::diagnose::wrong_auth;
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::identity::SILENT_AAA;
use crate::judge::{by_eap, granted, greet, refused};
use crate::player::{Answer, AuthForge, EapMethod, EapMn, EapStage, MessageForge, ONE, Reply, Signer};

const GPSK: EapMethod = EapMethod::Gpsk;
const MD5: EapMethod = EapMethod::Md5Challenge;

const RESULT: &[&str] = &["rfc6618#5.9/response-done-contents", "rfc6618#5.9/figure-5"];

/// Cases of section 5.9 about success, failure and the choice of EAP.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.9/wrong-secret",
        "an MN with another EAP secret is refused: EAP-Failure, another status than 200, no SA data",
        RESULT,
        Script(Role::Hac, |bench| wrong_proof(bench, GPSK)),
    )
    .by(&["EA-05", "EA-06"]),
    Case::must(
        "rfc6618/5.9/wrong-secret-without-msk",
        "the same with a method that makes no MSK, where auth is right whoever speaks",
        RESULT,
        Script(Role::Hac, |bench| wrong_proof(bench, MD5)),
    )
    .by(&["EA-05", "EA-06", "EA-08"]),
    Case::must(
        "rfc6618/5.9/unknown-to-eap",
        "an MN that the EAP server does not know is refused",
        RESULT,
        Script(Role::Hac, unknown_to_eap),
    )
    .by(&["EA-05", "EA-06"]),
    Case::should(
        "rfc6618/5.9/failure-has-eap-failure",
        "the final response after a failed method carries EAP-Failure",
        RESULT,
        Script(Role::Hac, failure_has_eap_failure),
    )
    .by(&["EA-05"]),
    Case::should(
        "rfc6618/5.9/failure-is-401",
        "the final response after a failed method has status-code 401",
        RESULT,
        Script(Role::Hac, failure_is_401),
    )
    .by(&["EA-05"]),
    Case::must(
        "rfc6618/5.9/failure-keyed-with-one",
        "the final response after a failed method is keyed with 0x31: there is no MSK",
        &["rfc6618#5.9/no-msk-key-one", "rfc6618#5.9/response-done-contents"],
        Script(Role::Hac, failure_keyed_with_one),
    )
    .by(&["EA-01", "EA-05"]),
    Case::must(
        "rfc6618/5.9/last-proof-wrong",
        "a last request whose EAP response has a wrong proof is refused, though auth is keyed with the MSK",
        RESULT,
        EapRefuses(EapFault::done(|m| {
            m.change_packet(|packet| {
                if let Some(octet) = packet.last_mut() {
                    *octet ^= 1;
                }
            });
        })),
    )
    .by(&["EA-06", "EA-07"]),
    Case::must(
        "rfc6618/5.9/success-from-mn",
        "an MN that says EAP-Success itself is refused",
        &["rfc6618#5.9/figure-5"],
        EapRefuses(EapFault::mid(|m| m.set(Name::EapPayload, "03010004"))),
    )
    .by(&["EA-06"]),
    Case::must(
        "rfc6618/5.9/request-from-mn",
        "an EAP request where the MN owes an EAP response is refused",
        &["rfc6618#5.9/figure-5"],
        EapRefuses(EapFault::mid(|m| {
            m.change_packet(|packet| {
                if let Some(code) = packet.first_mut() {
                    *code = 1;
                }
            });
        })),
    )
    .by(&["VA-20"]),
    Case::must(
        "rfc6618/5.9/no-eap-code",
        "an EAP packet of a code that does not exist is refused",
        &["rfc6618#5.9/figure-5"],
        EapRefuses(EapFault::mid(|m| {
            m.change_packet(|packet| {
                if let Some(code) = packet.first_mut() {
                    *code = 9;
                }
            });
        })),
    )
    .by(&["VA-20"]),
    Case::should(
        "rfc6618/5.9/response-to-another-request",
        "an EAP response with another EAP Identifier than the request is refused: nothing is sent again over TCP",
        &["rfc6618#5.9/figure-5"],
        EapRefuses(EapFault::mid(|m| {
            m.change_packet(|packet| {
                if let Some(identifier) = packet.get_mut(1) {
                    *identifier ^= 0x40;
                }
            });
        })),
    )
    .by(&["EA-11"]),
    Case::should(
        "rfc6618/5.9/sa-of-the-authenticated",
        "with another mn-id than EAP proves, the SA belongs to whom EAP proves, or there is none",
        &["rfc6618#5.9/request-init-contents", "rfc6618#5.9/response-done-contents"],
        Script(Role::Hac, sa_of_the_authenticated),
    )
    .by(&["EA-10"]),
    Case::should(
        "rfc6618/5.9/silent-aaa",
        "when the AAA server behind the HAC says nothing, the HAC ends the exchange in time, with 504",
        &["rfc6618#5.5.4/status-meanings"],
        Script(Role::Hac, silent_aaa),
    )
    .by(&["EA-05", "EX-11"]),
    Case::should(
        "rfc6618/5.9/eap-in-upper-case",
        "EAP in upper case is the same method: literals of the grammar have no case",
        &["rfc6618#5.9/request-init-contents", "rfc6618#5.5.2/method-tokens"],
        EapAccepts(EapFault::init(|m| m.set(Name::AuthMethod, "EAP"))),
    ),
    Case::should(
        "rfc6618/5.9/unknown-method-beside-eap",
        "eap is selected from a list that has an unknown method before it",
        &["rfc6618#5.9/request-init-contents", "rfc6618#5.5.2/method-tokens"],
        EapAccepts(EapFault::init(|m| m.set(Name::AuthMethod, "x-none,eap"))),
    )
    .by(&["VA-22"]),
    Case::must(
        "rfc6618/5.9/psk-or-eap",
        "from the list psk,eap the HAC selects exactly one, and grants by it",
        &["rfc6618#5.5.2/hac-selects-one", "rfc6618#5.9/response-init-contents"],
        Script(Role::Hac, |bench| either(bench, "psk,eap")),
    )
    .by(&["MS-03", "MS-09"]),
    Case::must(
        "rfc6618/5.9/eap-or-psk",
        "from the list eap,psk the HAC selects exactly one, and grants by it",
        &["rfc6618#5.5.2/hac-selects-one", "rfc6618#5.9/response-init-contents"],
        Script(Role::Hac, |bench| either(bench, "eap,psk")),
    )
    .by(&["MS-03", "MS-09"]),
    Case::must(
        "rfc6618/5.9/psk-done-in-eap",
        "the last request of a PSK exchange, rightly signed, grants nothing after eap was selected",
        &["rfc6618#5.9/request-done-contents", "rfc6618#5.1/lockstep"],
        Script(Role::Hac, psk_done_in_eap),
    )
    .by(&["EA-06"]),
    Case::must(
        "rfc6618/5.9/eap-mid-in-psk",
        "a middle request of EAP, keyed with 0x31, is refused after psk was selected",
        &["rfc6618#5.9/request-mid-contents", "rfc6618#5.1/lockstep"],
        Script(Role::Hac, |bench| eap_in_psk(bench, |_| {})),
    )
    .by(&["MS-08"]),
    Case::must(
        "rfc6618/5.9/eap-done-in-psk",
        "a last request keyed with 0x31 is refused after psk was selected",
        &["rfc6618#5.9/no-msk-key-one", "rfc6618#5.1/lockstep"],
        Script(Role::Hac, |bench| {
            eap_in_psk(bench, |message| {
                message.set(Name::Sas, "1");
                message.set(Name::Suitelist, "{00,2F},{00,02}");
            })
        }),
    )
    .by(&["EA-01"]),
    Case::must(
        "rfc6618/5.9/init-twice",
        "the first request again in the middle of EAP grants nothing",
        &["rfc6618#5.1/lockstep"],
        Script(Role::Hac, init_twice),
    )
    .by(&["MS-01"]),
];

/// A secret that nobody has.
const WRONG: [u8; 32] = [0x5a; 32];

/// An honest MN but for its EAP secret; the answer that ends the exchange.
fn fail(bench: &mut Bench<'_>, method: EapMethod) -> Result<(EapMn, Answer), Finding> {
    by_eap::twin_is_granted(bench, method)?;
    let mut mn = by_eap::mn(bench, method)?;
    let name = mn.mn.identity.mn_id.clone();
    mn.peer = mn.peer.pretending(name.as_bytes(), &WRONG);
    conclude(mn)
}

/// Goes on to the end. A HAC that lets a wrong peer end the method well is found out by its grant.
fn conclude(mut mn: EapMn) -> Result<(EapMn, Answer), Finding> {
    mn.send(&mn.init())?;
    let answer = mn.answer();
    let last = by_eap::finish(&mut mn, answer)?;
    Ok((mn, last))
}

fn wrong_proof(bench: &mut Bench<'_>, method: EapMethod) -> Outcome {
    let (mut mn, answer) = fail(bench, method)?;
    bench.check(refused(&mut mn.mn, answer))
}

fn unknown_to_eap(bench: &mut Bench<'_>) -> Outcome {
    by_eap::twin_is_granted(bench, GPSK)?;
    let mut mn = by_eap::mn(bench, GPSK)?;
    mn.peer = mn.peer.pretending(b"nobody-knows-me@conform.example", &WRONG);
    let (mut mn, answer) = conclude(mn)?;
    bench.check(refused(&mut mn.mn, answer))
}

fn failure_has_eap_failure(bench: &mut Bench<'_>) -> Outcome {
    let (mut mn, answer) = fail(bench, GPSK)?;
    bench.check(by_eap::failed_by_eap(&mut mn, answer))
}

fn failure_is_401(bench: &mut Bench<'_>) -> Outcome {
    let (_, answer) = fail(bench, GPSK)?;
    let reply = answer.reply("a final response after a failed method")?;
    bench.check(match reply.status().map(|status| status.code()) {
        Some(401) => Ok(Pass::Clean),
        _ => Err(Finding::fails("status-code 401", reply.describe())),
    })
}

fn failure_keyed_with_one(bench: &mut Bench<'_>) -> Outcome {
    let (mn, answer) = fail(bench, GPSK)?;
    let reply = match answer {
        Answer::Reply(reply) if reply.refuses() => reply,
        other => return Err(Finding::Inconclusive(Because::Prerequisite(other.describe()))),
    };
    let signer = Signer { key: ONE.to_vec(), eap: Some(mn.peer.keys()), ..mn.mn.hac_signer() };
    bench.check(if reply.is_signed_by(&signer) { Ok(Pass::Clean) } else { Err(wrong_auth(&reply, &signer)) })
}

/// Home addresses tell whose an SA is, where a HAC hands them out by name.
fn sa_of_the_authenticated(bench: &mut Bench<'_>) -> Outcome {
    let ours = bench.identity().clone();
    let lease = bench.setup().identities.lease_other(&ours);
    let other = lease.ok_or(Finding::Inconclusive(Because::Needs("a second identity in --identities")))?;
    let home = |reply: &Reply| reply.raw(Name::Ip6Hoa).map(<[u8]>::to_ascii_lowercase);
    let own = by_eap::honest(bench, GPSK)?;
    let own_home = home(own.done());
    let mut theirs = EapMn::new(bench.mn_for(other.identity)?, GPSK, bench.random());
    theirs.send(&theirs.init())?;
    let answer = theirs.answer();
    let their_home = match by_eap::finish(&mut theirs, answer)? {
        Answer::Reply(reply) if reply.grants() => home(&reply),
        answer => return Err(Finding::Inconclusive(Because::TwinRefused(answer.describe()))),
    };
    if own_home.is_none() || own_home == their_home {
        let what = "the HAC does not tell its MNs apart by mip6-ip6-hoa".to_owned();
        return Err(Finding::Inconclusive(Because::Prerequisite(what)));
    }
    let mut mn = by_eap::mn(bench, GPSK)?;
    mn.peer = mn.peer.pretending(other.identity.mn_id.as_bytes(), &other.identity.psk);
    let (mut mn, answer) = conclude(mn)?;
    bench.check(match &answer {
        Answer::Reply(reply) if reply.grants() && home(reply) == own_home => Err(Finding::fails(
            "the SA of whom EAP proves, or a refusal",
            "the home address of whom mn-id names, whose secret was not shown",
        )),
        Answer::Reply(reply) if reply.grants() => Ok(Pass::Clean),
        _ => refused(&mut mn.mn, answer),
    })
}

fn silent_aaa(bench: &mut Bench<'_>) -> Outcome {
    let spare = bench.spare(|identity| identity.mn_id.ends_with(SILENT_AAA))?;
    by_eap::twin_is_granted(bench, GPSK)?;
    let mut mn = EapMn::new(bench.mn_for(spare[0].identity)?, GPSK, bench.random());
    mn.send(&mn.init())?;
    let answer = mn.answer();
    let last = by_eap::finish(&mut mn, answer)?;
    let reply = match last {
        Answer::Reply(reply) if reply.grants() => {
            let what = "an AAA server that is silent about @silent-aaa.conform.example";
            return Err(Finding::Unsupported(Because::Needs(what)));
        }
        Answer::Reply(reply) => reply,
        other => return bench.check(Err(Finding::warns("status-code 504 in time", other.describe()))),
    };
    let told = reply.raw(Name::StatusCode) == Some(b"504");
    let observed = reply.describe();
    bench.check(refused(&mut mn.mn, Answer::Reply(reply)))?;
    bench.expect(told, || Finding::fails("status-code 504", observed))?;
    Ok(Pass::Clean)
}

fn either(bench: &mut Bench<'_>, list: &'static str) -> Outcome {
    by_eap::twin_is_granted(bench, GPSK)?;
    let mut mn = by_eap::mn(bench, GPSK)?;
    let mut init = mn.init();
    init.set(Name::AuthMethod, list);
    mn.send(&init)?;
    let answer = mn.answer();
    let selected = match &answer {
        Answer::Reply(reply) => reply.raw(Name::AuthMethod).map(<[u8]>::to_ascii_lowercase),
        _ => None,
    };
    match selected.as_deref() {
        Some(b"eap") => bench.check(by_eap::granted_in_the_end(&mut mn, answer)),
        Some(b"psk") => {
            let answer = by_psk(bench, list)?;
            bench.check(granted(answer))
        }
        _ => bench.check(Err(Finding::fails("psk or eap selected, and only one", answer.describe()))),
    }
}

/// The PSK exchange after the same first request, on a session of its own.
fn by_psk(bench: &mut Bench<'_>, list: &str) -> Result<Answer, Finding> {
    let mut mn = bench.mn()?;
    let mut init = mn.init();
    init.set(Name::AuthMethod, list);
    mn.send(&init)?;
    mn.init_answer().reply("a response to the same first request")?;
    mn.send(&mn.done())?;
    Ok(mn.answer())
}

fn psk_done_in_eap(bench: &mut Bench<'_>) -> Outcome {
    by_eap::twin_is_granted(bench, GPSK)?;
    let mut mn = by_eap::mn(bench, GPSK)?;
    mn.as_far_as(EapStage::Mid).map_err(by_eap::earlier)?;
    let mut done = mn.mn.done();
    done.auth = AuthForge::Key(mn.mn.identity.psk.clone());
    mn.send(&done)?;
    let answer = mn.answer();
    bench.check(by_eap::refused_in_the_end(&mut mn, answer))
}

/// A message of EAP after psk was selected.
fn eap_in_psk(bench: &mut Bench<'_>, change: fn(&mut MessageForge)) -> Outcome {
    by_eap::twin_is_granted(bench, GPSK)?;
    let mut mn = bench.mn()?;
    greet(&mut mn)?;
    let identity = mn.identity.mn_id.clone();
    let mut mn = EapMn::new(mn, GPSK, bench.random());
    mn.identifier = 1;
    let data = identity.as_bytes();
    let packet = Packet::Response { identifier: 1, kind: wire::eap::Type::IDENTITY, data }.to_vec();
    let packet = packet.map_err(|error| Finding::Harness(error.to_string()))?;
    let mut request = mn.mid(&packet);
    change(&mut request);
    mn.send(&request)?;
    let answer = mn.answer();
    bench.check(match answer {
        // To go on is worth no more than a warning, as long as nothing is granted (MS-08).
        Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none() && !reply.has_sa_data() => {
            Err(Finding::warns("a refusal", reply.describe()))
        }
        answer => refused(&mut mn.mn, answer),
    })
}

fn init_twice(bench: &mut Bench<'_>) -> Outcome {
    by_eap::twin_is_granted(bench, GPSK)?;
    let mut mn = by_eap::mn(bench, GPSK)?;
    mn.as_far_as(EapStage::Mid).map_err(by_eap::earlier)?;
    let mut again = mn.init();
    again.identifier = 2;
    mn.send(&again)?;
    let answer = mn.answer();
    bench.check(by_eap::refused_in_the_end(&mut mn, answer))
}
