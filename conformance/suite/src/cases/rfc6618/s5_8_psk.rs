//! RFC 6618 section 5.8: authentication with a pre-shared key, bound to the TLS session.

use wire::param::Name;
use wire::value::hex;

use crate::bench::Bench;
use crate::case::Check::{HacRefuses, HacSays, Script};
use crate::case::{Case, Fault, Role};
use crate::diagnose::wrong_auth;
use crate::finding::{Finding, Outcome, Pass};
use crate::judge::{refused, twin_is_accepted};
use crate::player::{AuthForge, Exchange, Reply};

/// Cases of section 5.8.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.8/init-auth-right",
        "auth of the first response is right: key, label, octets, channel binding",
        &[
            "rfc6618#5.8/auth-hac-to-mn",
            "rfc6618#5.8/response-init-auth",
            "rfc6618#5.8/msg-octets",
            "rfc6618#5.8/cb-octets",
            "rfc6618#5.8/labels-without-terminator",
            "rfc5929#4.1/hash-of-certificate",
            "rfc5929#4.1/hash-of-signature",
        ],
        HacSays(|exchange| auth_right(exchange, &exchange.init)),
    )
    .by(&["AU-01", "AU-02", "AU-03", "AU-04", "CB-01", "CB-03"]),
    Case::must(
        "rfc6618/5.8/done-auth-right",
        "auth of the final response is right: key, label, octets, channel binding",
        &[
            "rfc6618#5.8/auth-hac-to-mn",
            "rfc6618#5.8/hac-auth-over-all",
            "rfc6618#5.8/certificate-hash-in-auth",
        ],
        HacSays(|exchange| auth_right(exchange, &exchange.done)),
    )
    .by(&["AU-01", "AU-02", "AU-03", "AU-04", "CB-01", "CB-03"]),
    Case::must(
        "rfc6618/5.8/init-repeats-mn-rand",
        "the first response repeats mn-rand",
        &[
            "rfc6618#5.8/hac-repeats-mn-rand",
            "rfc6618#5.8/response-init-contents",
            "rfc6618#5.8/psk-exchange-shape",
        ],
        HacSays(|exchange| repeats(exchange, &exchange.init, Name::MnRand)),
    )
    .by(&["MS-03"]),
    Case::must(
        "rfc6618/5.8/done-repeats-mn-rand",
        "the final response repeats mn-rand",
        &["rfc6618#5.8/response-done-contents"],
        HacSays(|exchange| repeats(exchange, &exchange.done, Name::MnRand)),
    )
    .by(&["MS-05"]),
    Case::must(
        "rfc6618/5.8/done-repeats-hac-rand",
        "the final response repeats the hac-rand of the first",
        &[
            "rfc6618#5.8/response-done-contents",
            "rfc6618#5.8/hac-rand-and-suite",
            "rfc6618#5.8/psk-exchange-shape",
        ],
        HacSays(|exchange| repeats(exchange, &exchange.done, Name::HacRand)),
    )
    .by(&["MS-05", "MS-06"]),
    Case::must(
        "rfc6618/5.8/wrong-key",
        "an auth made with another key is refused",
        &["rfc6618#5.8/hac-verifies-auth", "rfc6618#5.8/psk-exchange-shape"],
        HacRefuses(Fault::done(|m| m.auth = AuthForge::Key(b"not the key of this mobile node!".to_vec()))),
    )
    .by(&["AU-09"]),
    Case::must(
        "rfc6618/5.8/flipped-bit",
        "an auth with its last bit turned is refused",
        &["rfc6618#5.8/hac-verifies-auth"],
        HacRefuses(Fault::done(|m| m.auth = AuthForge::FlippedBit)),
    )
    .by(&["AU-09"]),
    Case::must(
        "rfc6618/5.8/label-of-the-hac",
        "an auth made with the label of the other direction is refused",
        &["rfc6618#5.8/auth-mn-to-hac"],
        Script(Role::Hac, label_of_the_hac),
    )
    .by(&["AU-01"]),
    Case::must(
        "rfc6618/5.8/label-of-the-other-profile",
        "an auth as the other profile makes it is refused: no HAC takes both",
        &["rfc6618#5.8/auth-mn-to-hac"],
        Script(Role::Hac, label_of_the_other_profile),
    )
    .by(&["AU-01"]),
    Case::must(
        "rfc6618/5.8/label-with-nul",
        "an auth whose label ends in NUL is refused",
        &["rfc6618#5.8/labels-without-terminator"],
        HacRefuses(Fault::done(|m| m.auth = AuthForge::Label(b"MN\0"))),
    )
    .by(&["AU-01"]),
    Case::must(
        "rfc6618/5.8/container-header-signed",
        "an auth that covers the container header too is refused",
        &["rfc6618#5.8/msg-octets"],
        HacRefuses(Fault::done(|m| m.auth = AuthForge::CoversContainer)),
    )
    .by(&["AU-02"]),
    Case::must(
        "rfc6618/5.8/without-channel-binding",
        "an auth without channel binding is refused",
        &["rfc6618#9.2/channel-binding-type", "rfc6618#5.8/certificate-hash-in-auth"],
        HacRefuses(Fault::done(|m| m.auth = AuthForge::Binding(|_| Vec::new()))),
    )
    .by(&["CB-03"]),
    Case::must(
        "rfc6618/5.8/another-certificate",
        "an auth bound to another certificate is refused: so a man in the middle fails",
        &["rfc6618#5.8/certificate-hash-in-auth", "rfc6618#9.2/channel-binding-type"],
        HacRefuses(Fault::done(|m| {
            m.auth =
                AuthForge::Binding(|binding| binding.as_octets().iter().map(|octet| octet ^ 0xff).collect());
        })),
    )
    .by(&["CB-04"]),
    Case::must(
        "rfc6618/5.8/binding-with-prefix",
        "an auth whose channel binding starts with the name of its type is refused",
        &["rfc6618#5.8/cb-as-rfc5929"],
        HacRefuses(Fault::done(|m| {
            m.auth = AuthForge::Binding(|binding| [b"tls-server-end-point:", binding.as_octets()].concat());
        })),
    )
    .by(&["CB-01"]),
    Case::must(
        "rfc6618/5.8/binding-in-hex",
        "an auth whose channel binding is hexadecimal text is refused",
        &["rfc6618#5.8/cb-as-rfc5929"],
        HacRefuses(Fault::done(|m| {
            m.auth = AuthForge::Binding(|binding| hex::encode(binding.as_octets()).into_bytes());
        })),
    )
    .by(&["CB-01"]),
    Case::must(
        "rfc6618/5.8/reflected",
        "the auth of the HAC sent back to it is refused",
        &["rfc6618#5.8/hac-verifies-auth", "rfc6618#5.8/auth-mn-to-hac"],
        Script(Role::Hac, reflected),
    )
    .by(&["AU-01"]),
    Case::must(
        "rfc6618/5.8/mn-rand-changed",
        "another mn-rand in the last request is refused, though auth is right",
        &["rfc6618#5.8/hac-verifies-nonces"],
        HacRefuses(Fault::done(|m| m.set(Name::MnRand, hex::encode(&[0x42; 32])))),
    )
    .by(&["MS-10"]),
    Case::must(
        "rfc6618/5.8/hac-rand-changed",
        "another hac-rand in the last request is refused, though auth is right",
        &["rfc6618#5.8/hac-verifies-nonces"],
        HacRefuses(Fault::done(|m| m.set(Name::HacRand, hex::encode(&[0x42; 32])))),
    )
    .by(&["MS-10"]),
    Case::must(
        "rfc6618/5.8/mn-rand-missing-in-done",
        "a last request without mn-rand is refused",
        &["rfc6618#5.8/request-done-contents"],
        HacRefuses(Fault::done(|m| m.remove(Name::MnRand))),
    ),
    Case::must(
        "rfc6618/5.8/hac-rand-missing-in-done",
        "a last request without hac-rand is refused",
        &["rfc6618#5.8/request-done-contents"],
        HacRefuses(Fault::done(|m| m.remove(Name::HacRand))),
    ),
    Case::must(
        "rfc6618/5.8/replayed-done",
        "the last request of an earlier session is refused in a new one",
        &["rfc6618#5.8/hac-verifies-nonces"],
        Script(Role::Hac, replayed_done),
    )
    .by(&["MS-10"]),
    Case::should(
        "rfc6618/5.8/other-mn-id-in-done",
        "another mn-id in the last request is refused",
        &["rfc6618#5.8/hac-verifies-identity"],
        HacRefuses(Fault::done(|m| m.line(b"mn-id:somebody-else@conform.example\r\n"))),
    )
    .by(&["MS-07"]),
    Case::should(
        "rfc6618/5.8/error-is-authenticated",
        "the answer to a wrong auth carries a right auth of the HAC, and both random values",
        &["rfc6618#5.8/response-done-failure", "rfc6618#5.8/done-reports-errors"],
        Script(Role::Hac, error_is_authenticated),
    )
    .by(&["MS-05", "AU-07"]),
];

fn auth_right(exchange: &Exchange, reply: &Reply) -> Outcome {
    let signer = exchange.hac_signer();
    if reply.is_signed_by(&signer) { Ok(Pass::Clean) } else { Err(wrong_auth(reply, &signer)) }
}

fn repeats(exchange: &Exchange, reply: &Reply, name: Name) -> Outcome {
    reply.required(name)?;
    let need = match name {
        Name::MnRand => Some(hex::encode(&exchange.mn_rand).into_bytes()),
        _ => exchange.init.raw(name).map(<[u8]>::to_ascii_lowercase),
    };
    let have = reply.raw(name).map(<[u8]>::to_ascii_lowercase);
    if have == need {
        return Ok(Pass::Clean);
    }
    Err(Finding::fails(format!("the {name} of this session"), "another value")
        .with_octets("expected", &need.unwrap_or_default())
        .with_octets("received", &have.unwrap_or_default()))
}

fn label_of_the_hac(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    mn.send(&mn.init())?;
    mn.init_answer().reply("a response to an honest MHAuth-Init")?;
    let mut done = mn.done();
    done.auth = AuthForge::Label(b"HAC");
    mn.send(&done)?;
    let answer = mn.answer();
    bench.check(refused(&mut mn, answer))
}

fn label_of_the_other_profile(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    mn.send(&mn.init())?;
    mn.init_answer().reply("a response to an honest MHAuth-Init")?;
    let mut done = mn.done();
    done.auth = match mn.profile {
        crypto::auth::Profile::Rfc6618 => AuthForge::Label(b""),
        crypto::auth::Profile::Draft01 => AuthForge::Label(b"MN"),
    };
    mn.send(&done)?;
    let answer = mn.answer();
    bench.check(refused(&mut mn, answer))
}

fn reflected(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    mn.send(&mn.init())?;
    let init = mn.init_answer().reply("a response to an honest MHAuth-Init")?;
    let mut done = mn.done();
    done.auth = AuthForge::Text(init.raw(Name::Auth).unwrap_or_default().to_vec());
    mn.send(&done)?;
    let answer = mn.answer();
    bench.check(refused(&mut mn, answer))
}

fn replayed_done(bench: &mut Bench<'_>) -> Outcome {
    let earlier = bench.exchange()?;
    if !earlier.done.grants() {
        return Err(Finding::Inconclusive(crate::finding::Because::TwinRefused(earlier.done.describe())));
    }
    let mut mn = bench.mn()?;
    mn.send(&mn.init())?;
    mn.init_answer().reply("a response to an honest MHAuth-Init")?;
    mn.send_octets(&earlier.done_request)?;
    let answer = mn.answer();
    bench.check(refused(&mut mn, answer))
}

fn error_is_authenticated(bench: &mut Bench<'_>) -> Outcome {
    twin_is_accepted(bench)?;
    let mut mn = bench.mn()?;
    mn.send(&mn.init())?;
    mn.init_answer().reply("a response to an honest MHAuth-Init")?;
    let mut done = mn.done();
    done.auth = AuthForge::FlippedBit;
    mn.send(&done)?;
    let reply = mn.answer().reply("a final response that refuses")?;
    for name in [Name::MnRand, Name::HacRand] {
        bench.check(reply.required(name))?;
    }
    let signer = mn.hac_signer();
    bench.check(if reply.is_signed_by(&signer) { Ok(Pass::Clean) } else { Err(wrong_auth(&reply, &signer)) })
}
