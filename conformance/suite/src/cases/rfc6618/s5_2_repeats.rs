//! RFC 6618 section 5.2: a header that holds one value stands once.

use wire::param::Name;
use wire::value::hex;

use super::s5_2_encoding::repeat;
use crate::case::Check::{HacAccepts, HacRefuses, Script};
use crate::case::{Case, Fault, Role};
use crate::judge::refuses_done;
use crate::player::{AuthForge, MessageForge};

/// Cases of section 5.2 about headers that stand twice.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.2/other-mn-id-behind",
        "two mn-id headers are refused when the second names somebody else",
        &["rfc6618#5.2/repeated-headers"],
        HacRefuses(Fault::init(|m| m.line(b"mn-id:nobody@conform.example\r\n"))),
    )
    .by(&["TV-06"]),
    Case::must(
        "rfc6618/5.2/other-mn-id-before",
        "two mn-id headers are refused when the first names somebody else",
        &["rfc6618#5.2/repeated-headers"],
        HacRefuses(Fault::init(|m| m.draft.insert(0, b"mn-id", b"nobody@conform.example"))),
    )
    .by(&["TV-06"]),
    Case::must(
        "rfc6618/5.2/repeated-mn-id-upper-case",
        "two mn-id headers are refused when their names differ by letter case",
        &["rfc6618#5.2/repeated-headers", "rfc6618#5.2/header-name-case"],
        HacRefuses(Fault::init(|m| again(m, Name::MnId, b"MN-ID"))),
    )
    .by(&["TV-06", "TV-05"]),
    Case::must(
        "rfc6618/5.2/other-mn-rand-behind",
        "two mn-rand headers in the first request are refused when they differ",
        &["rfc6618#5.2/repeated-headers"],
        HacRefuses(Fault::init(|m| {
            m.line(format!("mn-rand:{}\r\n", hex::encode(&[0x5a; 32])).as_bytes());
        })),
    )
    .by(&["TV-06"]),
    Case::must(
        "rfc6618/5.2/repeated-mn-rand-in-done",
        "two equal mn-rand headers in the last request are refused",
        &["rfc6618#5.2/repeated-headers"],
        HacRefuses(Fault::done(|m| repeat(m, Name::MnRand))),
    )
    .by(&["TV-06"]),
    Case::must(
        "rfc6618/5.2/other-mn-rand-behind-in-done",
        "the right mn-rand and another one behind it are refused",
        &["rfc6618#5.2/repeated-headers", "rfc6618#5.8/hac-verifies-nonces"],
        HacRefuses(Fault::done(|m| {
            m.line(format!("mn-rand:{}\r\n", hex::encode(&[0x5a; 32])).as_bytes());
        })),
    )
    .by(&["TV-06"]),
    Case::must(
        "rfc6618/5.2/other-hac-rand-before",
        "the right hac-rand and another one before it are refused",
        &["rfc6618#5.2/repeated-headers", "rfc6618#5.8/hac-verifies-nonces"],
        HacRefuses(Fault::done(|m| m.draft.insert(0, b"hac-rand", hex::encode(&[0x5a; 32]).as_bytes()))),
    )
    .by(&["TV-06"]),
    Case::must(
        "rfc6618/5.2/other-hac-rand-behind",
        "the right hac-rand and another one behind it are refused",
        &["rfc6618#5.2/repeated-headers", "rfc6618#5.8/hac-verifies-nonces"],
        HacRefuses(Fault::done(|m| {
            m.line(format!("hac-rand:{}\r\n", hex::encode(&[0x5a; 32])).as_bytes());
        })),
    )
    .by(&["TV-06"]),
    Case::must(
        "rfc6618/5.2/repeated-auth",
        "the right auth twice is refused",
        &["rfc6618#5.2/repeated-headers", "rfc6618#5.5.5/auth-last"],
        Script(Role::Hac, |bench| {
            refuses_done(bench, |mn, done| {
                let mac = mn.signer().sign(&done.draft.unsigned_octets());
                done.after_auth = format!("auth:{}\r\n", hex::encode(&mac)).into_bytes();
            })
        }),
    )
    .by(&["TV-06", "TV-08"]),
    Case::must(
        "rfc6618/5.2/wrong-auth-behind-the-right-one",
        "the right auth with a wrong one behind it is refused",
        &["rfc6618#5.2/repeated-headers", "rfc6618#5.5.5/auth-last"],
        HacRefuses(Fault::done(|m| m.after_auth = format!("auth:{}\r\n", "5a".repeat(32)).into_bytes())),
    )
    .by(&["TV-06", "TV-08"]),
    Case::must(
        "rfc6618/5.2/wrong-auth-before-the-right-one",
        "a wrong auth with the right one behind it is refused",
        &["rfc6618#5.2/repeated-headers", "rfc6618#5.5.5/auth-last"],
        Script(Role::Hac, |bench| {
            refuses_done(bench, |mn, done| {
                let mac = mn.signer().sign(&done.draft.unsigned_octets());
                done.auth = AuthForge::Text("5a".repeat(32).into_bytes());
                done.after_auth = format!("auth:{}\r\n", hex::encode(&mac)).into_bytes();
            })
        }),
    )
    .by(&["TV-06", "TV-08"]),
    Case::should(
        "rfc6618/5.2/repeated-auth-method-joins",
        "two auth-method headers are one list",
        &["rfc6618#5.2/repeated-headers"],
        HacAccepts(Fault::init(|m| m.line(b"auth-method:x-none\r\n"))),
    )
    .by(&["TV-06"]),
    Case::should(
        "rfc6618/5.2/other-suitelist-behind-joins",
        "a suite list of unknown suites with one of known suites behind it is one list",
        &["rfc6618#5.2/repeated-headers"],
        HacAccepts(Fault::done(|m| m.draft.insert(0, b"mip6-suitelist", b"{13,01}"))),
    )
    .by(&["TV-06"]),
    Case::should(
        "rfc6618/5.2/other-sas-behind",
        "two mip6-sas headers that differ are refused",
        &["rfc6618#5.2/repeated-headers"],
        HacRefuses(Fault::done(|m| m.line(b"mip6-sas:0\r\n"))),
    )
    .by(&["TV-06"]),
];

/// Lets the header stand twice, the second time under another spelling of its name.
fn again(message: &mut MessageForge, name: Name, spelling: &[u8]) {
    let value = message.draft.value(name).unwrap_or_default().to_vec();
    message.draft.push_raw(spelling, &value);
}
