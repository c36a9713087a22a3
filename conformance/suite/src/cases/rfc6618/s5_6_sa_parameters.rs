//! RFC 6618 section 5.6: the SA parameters that the HAC hands out, and the choice of the ciphersuite.

use std::collections::BTreeSet;

use wire::param::{Name, Value};
use wire::value::{Ciphersuite, Scope};

use crate::bench::Bench;
use crate::case::Check::{HacAccepts, HacRefuses, HacSays, Script};
use crate::case::{Case, Fault, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::player::{Answer, Exchange};

/// Cases of section 5.6.
pub(super) const CASES: &[Case] = &[
    // 5.6.1
    Case::must(
        "rfc6618/5.6.1/spi-range",
        "the SPI is 1 to 268435455",
        &["rfc6618#5.6.1/spi-range", "rfc6618#5.6.1/spi-not-zero", "rfc6618#5.6.1/spi-28-bits"],
        HacSays(|exchange| exchange.done.required(Name::Spi).map(|_| Pass::Clean)),
    )
    .by(&["VA-12"]),
    Case::should(
        "rfc6618/5.6.1/spi-without-leading-zeros",
        "the SPI is sent without leading zeros",
        &["rfc6618#5.6.1/spi-grammar"],
        HacSays(|exchange| match exchange.done.raw(Name::Spi) {
            Some([b'0', _, ..]) => {
                Err(Finding::fails("digits without leading zeros", exchange.done.describe()))
            }
            _ => Ok(Pass::Clean),
        }),
    )
    .by(&["VA-12"]),
    Case::should(
        "rfc6618/5.6.1/spi-unique",
        "sixteen bootstraps of one MN get sixteen different SPIs: the SAs before are still valid",
        &["rfc6618#4.3/spi-unique"],
        Script(Role::Hac, spi_unique),
    )
    .by(&["SA-11"]),
    // 5.6.2
    Case::must(
        "rfc6618/5.6.2/key-lengths",
        "under every suite the keys have exactly the lengths that its algorithms need",
        &["rfc6618#5.6.2/key-length-by-suite", "rfc6618#5.6.5/integrity-only-means-null"],
        Script(Role::Hac, key_lengths),
    )
    .by(&["SA-03"]),
    Case::must(
        "rfc6618/5.6.2/directions-differ",
        "the two directions have different integrity keys and different encryption keys",
        &[
            "rfc6618#4.3/integrity-key-per-direction",
            "rfc6618#4.3/cipher-key-per-direction",
            "rfc6618#9.3/two-keys",
        ],
        HacSays(directions_differ),
    )
    .by(&["SA-05"]),
    Case::must(
        "rfc6618/5.6.2/keys-fresh",
        "eight bootstraps of one MN get eight sets of keys without a repeat",
        &["rfc6618#9.3/fresh-keys"],
        Script(Role::Hac, keys_fresh),
    ),
    // 5.6.3
    Case::must(
        "rfc6618/5.6.3/validity-end-form",
        "mip6-sa-validity-end is a fixed-length date in GMT with a true weekday",
        &["rfc6618#5.6.3/validity-end-is-date", "rfc6618#5.6.3/validity-end-grammar"],
        HacSays(|exchange| exchange.done.required(Name::SaValidityEnd).map(|_| Pass::Clean)),
    )
    .by(&["VA-09"]),
    Case::must(
        "rfc6618/5.6.3/validity-end-ahead",
        "mip6-sa-validity-end lies in the future",
        &["rfc6618#4.3/sa-contains-validity-end"],
        HacSays(validity_end_ahead),
    )
    .by(&["VA-10"]),
    // 5.6.4
    Case::must(
        "rfc6618/5.6.4/sas-values",
        "mip6-sas in the answer is the digit 0 or 1",
        &["rfc6618#5.6.4/sas-grammar", "rfc6618#5.6.4/sas-values"],
        HacSays(|exchange| exchange.done.required(Name::Sas).map(|_| Pass::Clean)),
    )
    .by(&["VA-13"]),
    Case::must(
        "rfc6618/5.6.4/sas-two",
        "a proposal of mip6-sas 2 is refused",
        &["rfc6618#5.6.4/sas-values"],
        HacRefuses(Fault::done(|m| m.set(Name::Sas, "2"))),
    )
    .by(&["VA-13"]),
    Case::must(
        "rfc6618/5.6.4/sas-letter-o",
        "a proposal of the letter O, a misprint in the text, is refused",
        &["rfc6618#5.6.4/sas-grammar"],
        HacRefuses(Fault::done(|m| m.set(Name::Sas, "O"))),
    )
    .by(&["VA-13"]),
    Case::must(
        "rfc6618/5.6.4/sas-two-digits",
        "a proposal of two digits is refused",
        &["rfc6618#5.6.4/sas-grammar"],
        HacRefuses(Fault::done(|m| m.set(Name::Sas, "01"))),
    )
    .by(&["VA-13"]),
    Case::must(
        "rfc6618/5.6.4/sas-zero-answered",
        "a proposal of mip6-sas 0 gets an SA, of whichever scope the HAC mandates",
        &["rfc6618#5.6.4/hac-mandates-scope", "rfc6618#5.6.4/mn-scope-is-proposal"],
        HacAccepts(Fault::done(|m| m.set(Name::Sas, "0"))),
    )
    .by(&["MS-11"]),
    Case::should(
        "rfc6618/5.6.4/sas-one-kept",
        "a proposal of mip6-sas 1 is granted as 1: user data is as well protected as binding messages",
        &["rfc6618#4.5/user-data-protected-alike"],
        HacSays(|exchange| match exchange.grant()?.sa.scope {
            _ if exchange.scope != Scope::AllTraffic => Err(needs("a proposal of mip6-sas 1")),
            Scope::AllTraffic => Ok(Pass::Clean),
            Scope::SignalingOnly => Err(Finding::fails("mip6-sas 1, as proposed", "mip6-sas 0")),
        }),
    )
    .by(&["MS-11"]),
    // 5.6.5
    Case::must(
        "rfc6618/5.6.5/suite-was-offered",
        "the selected suite is the one that was offered, whichever of the five it is",
        &["rfc6618#5.8/suite-was-offered", "rfc6618#5.6.5/suite-values"],
        Script(Role::Hac, suite_was_offered),
    )
    .by(&["VA-21"]),
    Case::must(
        "rfc6618/5.6.5/null-sha",
        "{00,02} alone is accepted: HMAC-SHA1-96 and NULL are mandatory",
        &[
            "rfc6618#5.6.5/supports-hmac-sha1-96",
            "rfc6618#5.6.5/supports-null",
            "rfc6618#5.6.5/null-sha",
            "rfc6618#5.6.5/traffic-may-be-encrypted",
        ],
        HacAccepts(Fault::done(|m| m.set(Name::Suitelist, "{00,02}"))),
    ),
    Case::must(
        "rfc6618/5.6.5/null-sha256",
        "{00,3B} alone is accepted: AES-XCBC-MAC-96 and NULL are mandatory",
        &["rfc6618#5.6.5/supports-aes-xcbc-mac-96", "rfc6618#5.6.5/null-sha256"],
        HacAccepts(Fault::done(|m| m.set(Name::Suitelist, "{00,3B}"))),
    ),
    Case::must(
        "rfc6618/5.6.5/3des-ede-cbc-sha",
        "{00,0A} alone is accepted: TripleDES-CBC is mandatory",
        &["rfc6618#5.6.5/supports-3des", "rfc6618#5.6.5/3des-ede-cbc-sha"],
        HacAccepts(Fault::done(|m| m.set(Name::Suitelist, "{00,0A}"))),
    ),
    Case::must(
        "rfc6618/5.6.5/aes-128-cbc-sha",
        "{00,2F} alone is accepted: AES-CBC with 128-bit keys is mandatory",
        &[
            "rfc6618#5.6.5/supports-aes-128",
            "rfc6618#5.6.5/aes-128-cbc-sha",
            "rfc6618#5.6.5/traffic-may-be-encrypted",
        ],
        HacAccepts(Fault::done(|m| m.set(Name::Suitelist, "{00,2F}"))),
    ),
    Case::must(
        "rfc6618/5.6.5/aes-128-cbc-sha256",
        "{00,3C} alone is accepted: AES-CBC and AES-XCBC-MAC-96 are mandatory",
        &["rfc6618#5.6.5/supports-aes-128", "rfc6618#5.6.5/aes-128-cbc-sha256"],
        HacAccepts(Fault::done(|m| m.set(Name::Suitelist, "{00,3C}"))),
    ),
    Case::must(
        "rfc6618/5.6.5/reserved-among-known",
        "a reserved suite beside a known one is skipped",
        &["rfc6618#5.6.5/other-suites-reserved"],
        HacAccepts(Fault::done(|m| m.set(Name::Suitelist, "{13,01},{00,2F}"))),
    )
    .by(&["VA-21"]),
    Case::must(
        "rfc6618/5.6.5/no-common-suite",
        "a list of reserved suites only is refused",
        &["rfc6618#5.6.5/other-suites-reserved", "rfc6618#4.3/hac-chooses-suite"],
        HacRefuses(Fault::done(|m| m.set(Name::Suitelist, "{13,01},{C0,2F}"))),
    )
    .by(&["MS-12"]),
    Case::must(
        "rfc6618/5.6.5/suite-with-space",
        "a suite with a space in place of the comma is refused",
        &["rfc6618#5.6.5/suite-values", "rfc6618#5.6.5/csuite-grammar"],
        HacRefuses(Fault::done(|m| m.set(Name::Suitelist, "{00 2F}"))),
    )
    .by(&["TV-15"]),
    Case::must(
        "rfc6618/5.6.5/suite-without-braces",
        "a suite without braces is refused",
        &["rfc6618#5.6.5/csuite-grammar"],
        HacRefuses(Fault::done(|m| m.set(Name::Suitelist, "00,2F"))),
    ),
    Case::must(
        "rfc6618/5.6.5/suite-one-digit",
        "a suite with a one-digit number is refused",
        &["rfc6618#5.6.5/suite-values"],
        HacRefuses(Fault::done(|m| m.set(Name::Suitelist, "{0,2F}"))),
    ),
    Case::should(
        "rfc6618/5.6.5/suite-sent-as-printed",
        "the selected suite is sent with upper-case digits and without white space",
        &["rfc6618#5.6.5/suite-values", "rfc6618#5.6.5/ciphersuite-grammar"],
        HacSays(suite_sent_as_printed),
    )
    .by(&["TV-10"]),
    Case::should(
        "rfc6618/5.6.5/aes-preferred-to-null",
        "with all five suites offered, the HAC selects one that encrypts",
        &["rfc6618#4.5/binding-messages-encrypted", "rfc6618#5.6/suite-protects"],
        HacSays(|exchange| match exchange.grant()?.sa.suite {
            _ if exchange.suites.len() < Ciphersuite::ALL.len() => Err(needs("an offer of all five suites")),
            suite @ (Ciphersuite::NullSha | Ciphersuite::NullSha256) => {
                Err(Finding::fails("a suite that encrypts", format!("{} selected", suite.name())))
            }
            _ => Ok(Pass::Clean),
        }),
    )
    .by(&["MS-13"]),
    Case::must(
        "rfc6618/5.6/sa-headers-in-request",
        "SA headers in a request do not change what the HAC provisions",
        &["rfc6618#5.6/mn-cannot-provision", "rfc6618#5.6/sa-headers-in-responses"],
        Script(Role::Hac, sa_headers_in_request),
    )
    .by(&["TV-16"]),
];

/// An honest exchange may still ask for something else than the case looks at.
const fn needs(what: &'static str) -> Finding {
    Finding::Unsupported(Because::Needs(what))
}

fn suite_was_offered(bench: &mut Bench<'_>) -> Outcome {
    for suite in Ciphersuite::ALL {
        let exchange = bench.exchange_with(&[suite], Scope::AllTraffic)?;
        bench.check(selected(&exchange, suite))?;
    }
    Ok(Pass::Clean)
}

/// The answer selects `suite`, or refuses: whether it may refuse is for other cases.
fn selected(exchange: &Exchange, suite: Ciphersuite) -> Result<(), Finding> {
    if !exchange.done.grants() {
        return Ok(());
    }
    match exchange.done.required(Name::Ciphersuite)? {
        Value::Ciphersuite(code) if code == suite.code() => Ok(()),
        _ => Err(Finding::fails(
            format!("mip6-ciphersuite {}, the only one offered", suite.code()),
            crate::finding::shown(exchange.done.raw(Name::Ciphersuite).unwrap_or_default(), 32),
        )),
    }
}

fn suite_sent_as_printed(exchange: &Exchange) -> Outcome {
    let right = exchange.grant()?.sa.suite.code().to_string();
    match exchange.done.raw(Name::Ciphersuite) {
        Some(value) if value == right.as_bytes() => Ok(Pass::Clean),
        value => Err(Finding::fails(right, crate::finding::shown(value.unwrap_or_default(), 32))),
    }
}

fn spi_unique(bench: &mut Bench<'_>) -> Outcome {
    let mut seen = BTreeSet::new();
    for bootstrap in 1..=16 {
        let spi = bench.exchange()?.grant()?.sa.spi;
        bench.expect(seen.insert(spi.get()), || {
            Finding::fails("an SPI that no live SA has", format!("{spi} again in bootstrap {bootstrap}"))
        })?;
    }
    Ok(Pass::Clean)
}

fn key_lengths(bench: &mut Bench<'_>) -> Outcome {
    for suite in Ciphersuite::ALL {
        let exchange = bench.exchange_with(&[suite], Scope::AllTraffic)?;
        if !exchange.done.grants() {
            continue;
        }
        bench.check(
            keys_fit(&exchange, suite)
                .map_err(|finding| finding.with_octets("Content received", exchange.done.content())),
        )?;
    }
    bench.expect(bench.checks() > 0, || {
        Finding::Inconclusive(Because::Prerequisite("no suite alone got an SA".to_owned()))
    })?;
    Ok(Pass::Clean)
}

fn keys_fit(exchange: &Exchange, suite: Ciphersuite) -> Result<(), Finding> {
    let algorithms = crypto::ciphersuite::algorithms(suite);
    let lengths = [
        (Name::MnToHaIkey, algorithms.ikey_len),
        (Name::HaToMnIkey, algorithms.ikey_len),
        (Name::MnToHaEkey, algorithms.ekey_len),
        (Name::HaToMnEkey, algorithms.ekey_len),
    ];
    // A key for the NULL cipher is superfluous, and a case of its own warns of it (SA-02).
    for (name, need) in lengths.into_iter().filter(|(_, need)| *need > 0) {
        let have = match exchange.done.optional(name)? {
            Some(Value::Octets(octets)) => octets.len(),
            _ => 0,
        };
        if have != need {
            return Err(Finding::fails(
                format!("{need} octets of {name} under {}", suite.name()),
                format!("{have} octets"),
            ));
        }
    }
    Ok(())
}

fn directions_differ(exchange: &Exchange) -> Outcome {
    let sa = exchange.grant()?.sa;
    if sa.mn_to_ha.ikey == sa.ha_to_mn.ikey {
        return Err(Finding::fails("different integrity keys in the two directions", "equal ones"));
    }
    if sa.mn_to_ha.ekey.is_some() && sa.mn_to_ha.ekey == sa.ha_to_mn.ekey {
        return Err(Finding::fails("different encryption keys in the two directions", "equal ones"));
    }
    Ok(Pass::Clean)
}

fn keys_fresh(bench: &mut Bench<'_>) -> Outcome {
    let mut seen = BTreeSet::new();
    for bootstrap in 1..=8 {
        let sa = bench.exchange()?.grant()?.sa;
        let keys = [Some(sa.mn_to_ha.ikey), sa.mn_to_ha.ekey, Some(sa.ha_to_mn.ikey), sa.ha_to_mn.ekey];
        for key in keys.into_iter().flatten() {
            bench.expect(seen.insert(key), || {
                Finding::fails(
                    "keys that no bootstrap before had",
                    format!("a repeated key in bootstrap {bootstrap}"),
                )
            })?;
        }
    }
    Ok(Pass::Clean)
}

fn validity_end_ahead(exchange: &Exchange) -> Outcome {
    match exchange.done.required(Name::SaValidityEnd)? {
        Value::Date(date) if date.unix_seconds() > exchange.at.as_secs() => Ok(Pass::Clean),
        _ => Err(Finding::fails(
            "a date after now, by our clock",
            crate::finding::shown(exchange.done.raw(Name::SaValidityEnd).unwrap_or_default(), 32),
        )),
    }
}

fn sa_headers_in_request(bench: &mut Bench<'_>) -> Outcome {
    let mut mn = bench.mn()?;
    mn.send(&mn.init())?;
    mn.init_answer().reply("a response to an honest MHAuth-Init")?;
    let mut done = mn.done();
    done.line(b"mip6-spi:77\r\nmip6-mn-to-ha-ikey:00112233445566778899aabbccddeeff00112233\r\n");
    mn.send(&done)?;
    let answer = mn.answer();
    bench.check(match &answer {
        Answer::Reply(reply) if reply.grants() => {
            let ikey = reply.raw(Name::MnToHaIkey).unwrap_or_default();
            let ours = ikey.eq_ignore_ascii_case(b"00112233445566778899aabbccddeeff00112233");
            if ours || reply.raw(Name::Spi) == Some(b"77") {
                Err(Finding::fails("an SPI and keys of the HAC's own making", "those of the request"))
            } else {
                Ok(Pass::Clean)
            }
        }
        // Refusing such a request is fine too.
        Answer::Reply(reply) if reply.status().is_some() => Ok(Pass::Lenient("TV-16")),
        other => Err(Finding::fails("an answer", other.describe())),
    })
}
