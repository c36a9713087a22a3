//! RFC 6618 section 5.8, the MN's part: it proves its key, and believes nobody who does not.

use wire::param::Name;
use wire::value::hex;

use crate::case::Check::{MnRefuses, MnSays};
use crate::case::{Case, Fault};
use crate::diagnose::wrong_auth;
use crate::finding::{Finding, Outcome, Pass};
use crate::player::{AuthForge, Visit};

/// Cases of section 5.8 that judge an MN.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.8/mn-auth-right",
        "auth of the last request is right: key, label, octets, channel binding",
        &[
            "rfc6618#5.8/auth-mn-to-hac",
            "rfc6618#5.8/mn-answers-with-auth",
            "rfc6618#5.8/msg-octets",
            "rfc6618#5.8/cb-octets",
            "rfc6618#5.8/labels-without-terminator",
            "rfc6618#5.8/certificate-hash-in-auth",
        ],
        MnSays(|visit| {
            let signer = visit.mn_signer();
            if visit.done.is_signed_by(&signer) {
                Ok(Pass::Clean)
            } else {
                Err(wrong_auth(&visit.done, &signer))
            }
        }),
    )
    .by(&["AU-01", "AU-02", "AU-03", "AU-04", "CB-01", "CB-03"]),
    Case::must(
        "rfc6618/5.8/mn-repeats-mn-rand",
        "the last request repeats the mn-rand of the first",
        &["rfc6618#5.8/request-done-contents"],
        MnSays(|visit| {
            let first = visit.init.raw(Name::MnRand).map(<[u8]>::to_ascii_lowercase);
            repeats(visit, Name::MnRand, &first.unwrap_or_default())
        }),
    )
    .by(&["MS-10"]),
    Case::must(
        "rfc6618/5.8/mn-repeats-hac-rand",
        "the last request repeats the hac-rand of the HAC",
        &["rfc6618#5.8/request-done-contents"],
        MnSays(|visit| repeats(visit, Name::HacRand, hex::encode(&visit.hac_rand).as_bytes())),
    )
    .by(&["MS-10"]),
    Case::should(
        "rfc6618/5.8/mn-signs-no-init",
        "the first request has no auth",
        &["rfc6618#5.8/request-init-contents"],
        MnSays(|visit| match visit.init.raw(Name::Auth) {
            None => Ok(Pass::Clean),
            Some(_) => Err(Finding::fails("no auth in the first request", "auth")),
        }),
    )
    .by(&["AU-08"]),
    refuses(
        "rfc6618/5.8/mn-refuses-flipped-bit-in-init",
        "a first response whose auth has its last bit turned",
        Fault::init(|m| m.auth = AuthForge::FlippedBit),
    ),
    refuses(
        "rfc6618/5.8/mn-refuses-init-without-auth",
        "a first response without auth",
        Fault::init(|m| m.auth = AuthForge::Absent),
    ),
    refuses(
        "rfc6618/5.8/mn-refuses-wrong-key-in-init",
        "a first response signed with another key: that HAC does not know the MN",
        Fault::init(|m| m.auth = AuthForge::Key(OTHER_KEY.to_vec())),
    ),
    refuses(
        "rfc6618/5.8/mn-refuses-flipped-bit-in-done",
        "a final response whose auth has its last bit turned",
        Fault::done(|m| m.auth = AuthForge::FlippedBit),
    ),
    refuses(
        "rfc6618/5.8/mn-refuses-wrong-key-in-done",
        "a final response signed with another key",
        Fault::done(|m| m.auth = AuthForge::Key(OTHER_KEY.to_vec())),
    ),
    refuses(
        "rfc6618/5.8/mn-refuses-own-label",
        "a final response signed with the MN's own label: a reflection",
        Fault::done(|m| m.auth = AuthForge::Label(b"MN")),
    )
    .by(&["AU-01"]),
    refuses(
        "rfc6618/5.8/mn-refuses-without-channel-binding",
        "a final response whose auth has no channel binding",
        Fault::done(|m| m.auth = AuthForge::Binding(|_| Vec::new())),
    )
    .by(&["CB-03"]),
    refuses(
        "rfc6618/5.8/mn-refuses-another-certificate",
        "a first response bound to another certificate: so a man in the middle fails",
        Fault::init(|m| {
            m.auth =
                AuthForge::Binding(|binding| binding.as_octets().iter().map(|octet| octet ^ 0xff).collect());
        }),
    )
    .by(&["CB-04"]),
    Case::must(
        "rfc6618/5.8/mn-refuses-changed-mn-rand-in-init",
        "the MN gives up on a first response with another mn-rand, though auth is right",
        &["rfc6618#5.8/mn-verifies-nonces"],
        MnRefuses(Fault::init(|m| m.set(Name::MnRand, OTHER_RAND))),
    )
    .by(&["MS-10"]),
    Case::must(
        "rfc6618/5.8/mn-refuses-missing-mn-rand-in-init",
        "the MN gives up on a first response without mn-rand",
        &["rfc6618#5.8/mn-verifies-nonces"],
        MnRefuses(Fault::init(|m| m.remove(Name::MnRand))),
    )
    .by(&["MS-03"]),
    Case::must(
        "rfc6618/5.8/mn-refuses-missing-hac-rand-in-init",
        "the MN gives up on a first response without hac-rand",
        &["rfc6618#5.8/mn-verifies-nonces", "rfc6618#5.8/random-length"],
        MnRefuses(Fault::init(|m| m.remove(Name::HacRand))),
    )
    .by(&["MS-03"]),
    Case::must(
        "rfc6618/5.8/mn-refuses-changed-mn-rand-in-done",
        "the MN gives up on a final response with another mn-rand, though auth is right",
        &["rfc6618#5.8/mn-verifies-nonces"],
        MnRefuses(Fault::done(|m| m.set(Name::MnRand, OTHER_RAND))),
    )
    .by(&["MS-10"]),
    Case::must(
        "rfc6618/5.8/mn-refuses-changed-hac-rand-in-done",
        "the MN gives up on a final response with another hac-rand, though auth is right",
        &["rfc6618#5.8/mn-verifies-nonces"],
        MnRefuses(Fault::done(|m| m.set(Name::HacRand, OTHER_RAND))),
    )
    .by(&["MS-10"]),
];

const OTHER_KEY: &[u8] = b"not the key of this mobile node!";
const OTHER_RAND: &str = "4242424242424242424242424242424242424242424242424242424242424242";

const fn refuses(id: &'static str, story: &'static str, fault: Fault) -> Case {
    Case::must(id, story, &["rfc6618#5.8/mn-verifies-auth"], MnRefuses(fault))
}

fn repeats(visit: &Visit, name: Name, need: &[u8]) -> Outcome {
    visit.done.required(name)?;
    let have = visit.done.raw(name).map(<[u8]>::to_ascii_lowercase).unwrap_or_default();
    if have == need {
        return Ok(Pass::Clean);
    }
    Err(Finding::fails(format!("the {name} of this session"), "another value")
        .with_octets("expected", need)
        .with_octets("received", &have))
}
