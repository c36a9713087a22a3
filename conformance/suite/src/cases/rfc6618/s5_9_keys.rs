//! RFC 6618 section 5.9: what keys `auth`: "1" until an EAP method has made an MSK, the MSK in the last messages.

use wire::param::Name;
use wire::value::hex;

use super::s5_9_rounds::ended_in_mid;
use crate::bench::Bench;
use crate::case::Check::{EapRefuses, EapSays, Script};
use crate::case::{Case, EapFault, Role};
use crate::diagnose::wrong_auth;
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::judge::{by_eap, granted};
use crate::player::{Answer, AuthForge, EapExchange, EapKeys, EapMethod, ONE, Reply, Signer};

const GPSK: EapMethod = EapMethod::Gpsk;
const MD5: EapMethod = EapMethod::Md5Challenge;

const MID_OF_MN: &[&str] = &["rfc6618#5.9/key-one-before-done", "rfc6618#5.9/auth-mn-to-hac"];
const DONE_OF_MN: &[&str] = &["rfc6618#5.9/msk-in-done", "rfc6618#5.9/auth-mn-to-hac"];

/// Cases of section 5.9 about `auth`.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.9/init-keyed-with-one",
        "auth of the first response is right: keyed with the one octet 0x31, over label, octets, channel binding",
        &[
            "rfc6618#5.9/key-one-before-done",
            "rfc6618#5.9/response-init-contents",
            "rfc6618#5.9/auth-hac-to-mn",
            "rfc6618#5.9/labels-without-terminator",
            "rfc6618#5.9/msg-octets",
            "rfc6618#5.9/cb-octets",
        ],
        EapSays(GPSK, |exchange| signed_by(exchange.init(), &exchange.signer_before_done())),
    )
    .by(&["EA-01", "AU-01", "AU-02", "AU-03", "CB-01"]),
    Case::must(
        "rfc6618/5.9/mids-keyed-with-one",
        "auth of each middle response is right: keyed with 0x31, though keys of the method may be known by then",
        &["rfc6618#5.9/key-one-before-done", "rfc6618#5.9/response-mid-contents", "rfc6618#5.9/auth-hac-to-mn"],
        EapSays(GPSK, mids_keyed_with_one),
    )
    .by(&["EA-01"]),
    Case::must(
        "rfc6618/5.9/done-keyed-with-msk",
        "auth of the final response is right: keyed with all octets of the MSK",
        &[
            "rfc6618#5.9/msk-in-done",
            "rfc6618#5.9/response-done-contents",
            "rfc6618#5.9/auth-hac-to-mn",
            "rfc6618#5.9/msg-octets",
            "rfc6618#5.9/cb-octets",
        ],
        EapSays(GPSK, |exchange| signed_by(exchange.done(), &exchange.signer_of_done())),
    )
    .by(&["EA-02", "AU-01", "AU-02", "AU-03", "CB-01"]),
    Case::must(
        "rfc6618/5.9/done-keyed-with-one-without-msk",
        "auth of the final response is keyed with 0x31 when the method makes no MSK",
        &["rfc6618#5.9/no-msk-key-one", "rfc6618#5.9/response-done-contents"],
        EapSays(MD5, |exchange| signed_by(exchange.done(), &exchange.signer_of_done())),
    )
    .by(&["EA-01", "EA-08"]),
    Case::must(
        "rfc6618/5.9/error-keyed-with-msk",
        "an error after the method has ended well is keyed with the MSK too",
        &["rfc6618#5.9/msk-in-done"],
        Script(Role::Hac, error_keyed_with_msk),
    )
    .by(&["EA-02", "EA-05"]),
    refuses_mid("rfc6618/5.9/mid-flipped-bit", "a middle request whose auth has its last bit turned", |m| {
        m.auth = AuthForge::FlippedBit;
    }),
    refuses_mid("rfc6618/5.9/mid-keyed-with-integer-one", "a middle request keyed with the octet 0x01", |m| {
        m.auth = AuthForge::Key(vec![1]);
    }),
    refuses_mid("rfc6618/5.9/mid-keyed-with-nothing", "a middle request keyed with no octets", |m| {
        m.auth = AuthForge::Key(Vec::new());
    }),
    refuses_mid("rfc6618/5.9/mid-of-another-certificate", "a middle request bound to another certificate", |m| {
        m.auth = AuthForge::Binding(|binding| binding.as_octets().iter().map(|octet| octet ^ 0xff).collect());
    }),
    refuses_mid("rfc6618/5.9/mid-with-label-of-hac", "a middle request signed with the label HAC", |m| {
        m.auth = AuthForge::Label(b"HAC");
    }),
    Case::must(
        "rfc6618/5.9/mid-keyed-with-psk",
        "a middle request keyed with the secret of the MN is refused",
        MID_OF_MN,
        Script(Role::Hac, mid_keyed_with_psk),
    )
    .by(&["EA-01"]),
    refuses_done("rfc6618/5.9/done-keyed-with-one", "a last request keyed with 0x31, though there is an MSK", |bench| {
        done_keyed(bench, |_| Some(ONE.to_vec()))
    })
    .by(&["EA-02", "EA-07"]),
    refuses_done("rfc6618/5.9/done-keyed-with-half-an-msk", "a last request keyed with 32 octets of the MSK", |bench| {
        done_keyed(bench, |keys| keys.msk.as_deref().and_then(|msk| msk.get(..32)).map(<[u8]>::to_vec))
    })
    .by(&["EA-02"]),
    refuses_done("rfc6618/5.9/done-keyed-with-emsk", "a last request keyed with the EMSK", |bench| {
        done_keyed(bench, |keys| keys.emsk.clone())
    })
    .by(&["EA-02"]),
    refuses_done("rfc6618/5.9/done-keyed-with-msk-in-hex", "a last request keyed with the MSK as hex text", |bench| {
        done_keyed(bench, |keys| keys.msk.as_deref().map(|msk| hex::encode(msk).into_bytes()))
    })
    .by(&["EA-02"]),
    refuses_done("rfc6618/5.9/done-keyed-with-psk", "a last request keyed with the secret of the MN", |bench| {
        done_keyed(bench, |keys| Some(keys.secret.clone()))
    })
    .by(&["EA-02"]),
    Case::must(
        "rfc6618/5.9/done-keyed-with-psk-without-msk",
        "a last request keyed with the secret of the MN is refused when the method makes no MSK",
        &["rfc6618#5.9/no-msk-key-one", "rfc6618#5.9/auth-mn-to-hac"],
        Script(Role::Hac, |bench| {
            by_eap::refuses_done(bench, MD5, |mn, done| done.auth = AuthForge::Key(mn.peer.keys().secret))
        }),
    )
    .by(&["EA-01", "EA-08"]),
    Case::must(
        "rfc6618/5.9/done-flipped-bit",
        "a last request whose auth has its last bit turned is refused, though EAP ends well",
        DONE_OF_MN,
        EapRefuses(EapFault::done(|m| m.auth = AuthForge::FlippedBit)),
    )
    .by(&["EA-06", "EA-07", "AU-09"]),
    Case::must(
        "rfc6618/5.9/done-of-another-certificate",
        "a last request bound to another certificate is refused: so a man in the middle of EAP fails",
        &["rfc6618#5.9/cb-octets", "rfc6618#5.9/auth-mn-to-hac"],
        EapRefuses(EapFault::done(|m| {
            m.auth =
                AuthForge::Binding(|binding| binding.as_octets().iter().map(|octet| octet ^ 0xff).collect());
        })),
    )
    .by(&["CB-04"]),
    Case::must(
        "rfc6618/5.9/done-with-label-of-hac",
        "a last request signed with the label HAC is refused: a reflection",
        &["rfc6618#5.9/labels-without-terminator", "rfc6618#5.9/auth-mn-to-hac"],
        EapRefuses(EapFault::done(|m| m.auth = AuthForge::Label(b"HAC"))),
    )
    .by(&["AU-01"]),
    Case::must(
        "rfc6618/5.9/done-covers-container",
        "a last request whose auth covers the container header is refused",
        &["rfc6618#5.9/msg-octets"],
        EapRefuses(EapFault::done(|m| m.auth = AuthForge::CoversContainer)),
    )
    .by(&["AU-02"]),
    Case::must(
        "rfc6618/5.9/done-keyed-with-one-after-mid",
        "after a method that ended in a middle request, a last request keyed with 0x31 is refused",
        DONE_OF_MN,
        Script(Role::Hac, done_keyed_with_one_after_mid),
    )
    .by(&["EA-02", "EA-03"]),
];

const fn refuses_mid(
    id: &'static str,
    story: &'static str,
    apply: fn(&mut crate::player::MessageForge),
) -> Case {
    Case::must(id, story, MID_OF_MN, EapRefuses(EapFault::mid(apply))).by(&["EA-01"])
}

const fn refuses_done(id: &'static str, story: &'static str, script: fn(&mut Bench<'_>) -> Outcome) -> Case {
    Case::must(id, story, DONE_OF_MN, Script(Role::Hac, script))
}

fn signed_by(reply: &Reply, signer: &Signer) -> Outcome {
    if reply.is_signed_by(signer) { Ok(Pass::Clean) } else { Err(wrong_auth(reply, signer)) }
}

fn mids_keyed_with_one(exchange: &EapExchange) -> Outcome {
    let signer = exchange.signer_before_done();
    exchange.mids().iter().try_for_each(|reply| signed_by(reply, &signer).map(drop))?;
    Ok(Pass::Clean)
}

fn mid_keyed_with_psk(bench: &mut Bench<'_>) -> Outcome {
    by_eap::twin_is_granted(bench, GPSK)?;
    let mut mn = by_eap::mn(bench, GPSK)?;
    let mut request = mn.as_far_as(crate::player::EapStage::Mid).map_err(by_eap::earlier)?;
    request.auth = AuthForge::Key(mn.peer.keys().secret);
    mn.send(&request)?;
    let answer = mn.answer();
    bench.check(by_eap::refused_in_the_end(&mut mn, answer))
}

fn done_keyed(bench: &mut Bench<'_>, key: fn(&EapKeys) -> Option<Vec<u8>>) -> Outcome {
    let mut made = true;
    let outcome = by_eap::refuses_done(bench, GPSK, |mn, done| match key(&mn.peer.keys()) {
        Some(key) => done.auth = AuthForge::Key(key),
        None => made = false,
    });
    if made { outcome } else { Err(Finding::Harness("the method has made no such key".to_owned())) }
}

/// A fault that is found when EAP is over: the answer cannot be but an error.
fn error_keyed_with_msk(bench: &mut Bench<'_>) -> Outcome {
    by_eap::twin_is_granted(bench, GPSK)?;
    let (mn, answer) = by_eap::answer_to_done(bench, GPSK, |_, done| done.set(Name::Suitelist, "{13,01}"))?;
    let reply = match answer {
        Answer::Reply(reply) if reply.refuses() => reply,
        other => return Err(Finding::Inconclusive(Because::Prerequisite(other.describe()))),
    };
    let signer = Signer { eap: Some(mn.peer.keys()), ..mn.mn.hac_signer() };
    bench.check(signed_by(&reply, &signer))
}

fn done_keyed_with_one_after_mid(bench: &mut Bench<'_>) -> Outcome {
    let (mut mn, answer) = ended_in_mid(bench)?;
    if !by_eap::goes_on(&answer) {
        // A HAC that refuses the end of the method in a middle request has no such state (EA-03).
        return bench.check(by_eap::refused_in_the_end(&mut mn, answer));
    }
    mn.send(&mn.done(None))?;
    let twin = mn.answer();
    if let Err(finding) = granted(twin) {
        return Err(by_eap::earlier(finding));
    }
    let (mut mn, _) = ended_in_mid(bench)?;
    let mut done = mn.done(None);
    done.auth = AuthForge::Key(ONE.to_vec());
    mn.send(&done)?;
    let answer = mn.answer();
    bench.check(by_eap::refused_in_the_end(&mut mn, answer))
}
