//! RFC 6618 sections 5.6.4 and 5.6.5: proposals of scope and suites that strain a reader, and what is selected.

use wire::param::{Name, Value};
use wire::value::{Ciphersuite, Scope};

use crate::bench::Bench;
use crate::case::Check::{HacAccepts, HacRefuses, Script};
use crate::case::{Case, Fault, Role};
use crate::finding::{Because, Finding, Outcome, Pass, shown};
use crate::player::MessageForge;

/// Cases of sections 5.6.4 and 5.6.5 about proposals.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/5.6.4/sas-nine",
        "a proposal of mip6-sas 9 is refused",
        &["rfc6618#5.6.4/sas-values"],
        HacRefuses(Fault::done(|m| m.set(Name::Sas, "9"))),
    )
    .by(&["VA-13"]),
    Case::must(
        "rfc6618/5.6.4/sas-with-sign",
        "a proposal of +1 is refused",
        &["rfc6618#5.6.4/sas-grammar"],
        HacRefuses(Fault::done(|m| m.set(Name::Sas, "+1"))),
    )
    .by(&["VA-13"]),
    Case::must(
        "rfc6618/5.6.4/sas-word",
        "a proposal in words is refused",
        &["rfc6618#5.6.4/sas-grammar"],
        HacRefuses(Fault::done(|m| m.set(Name::Sas, "true"))),
    )
    .by(&["VA-13"]),
    Case::must(
        "rfc6618/5.6.4/sas-one-and-more",
        "a proposal that begins with a legal digit is refused",
        &["rfc6618#5.6.4/sas-grammar"],
        HacRefuses(Fault::done(|m| m.set(Name::Sas, "1;x"))),
    )
    .by(&["VA-13"]),
    taken("rfc6618/5.6.5/null-before-aes", "a list in another order is accepted", |m| {
        m.set(Name::Suitelist, "{00,02},{00,0A},{00,3C}");
    })
    .by(&["MS-15"]),
    taken("rfc6618/5.6.5/suite-twice", "a list that names a suite twice is accepted", |m| {
        m.set(Name::Suitelist, "{00,2F},{00,2F}");
    })
    .by(&["VA-21"]),
    taken("rfc6618/5.6.5/reserved-behind-known", "a reserved suite behind a known one is skipped", |m| {
        m.set(Name::Suitelist, "{00,3C},{FF,FF}");
    })
    .by(&["VA-21"]),
    taken("rfc6618/5.6.5/null-null-beside-known", "{00,00} beside a known suite is skipped", |m| {
        m.set(Name::Suitelist, "{00,00},{00,2F}");
    })
    .by(&["VA-21"]),
    taken("rfc6618/5.6.5/many-reserved", "one known suite among two hundred reserved ones is found", |m| {
        let reserved = |number: u8| format!("{{13,{number:02X}}}");
        let list: Vec<String> = (0..200).map(reserved).chain(["{00,2F}".to_owned()]).collect();
        m.set(Name::Suitelist, list.join(","));
    })
    .by(&["VA-21"]),
    Case::must(
        "rfc6618/5.6.5/null-null-alone",
        "{00,00} alone is refused: nothing would protect integrity",
        &["rfc6618#5.6.5/no-null-integrity", "rfc6618#5.6.5/other-suites-reserved"],
        HacRefuses(Fault::done(|m| m.set(Name::Suitelist, "{00,00}"))),
    )
    .by(&["MS-12"]),
    Case::must(
        "rfc6618/5.6.5/swapped-halves",
        "the numbers of a known suite in the other order are another suite, and refused alone",
        &["rfc6618#5.6.5/tls-numbers", "rfc6618#5.6.5/other-suites-reserved"],
        HacRefuses(Fault::done(|m| m.set(Name::Suitelist, "{2F,00}"))),
    )
    .by(&["MS-12"]),
    broken("rfc6618/5.6.5/list-with-space", "two suites with a space between are refused", |m| {
        m.set(Name::Suitelist, "{00,2F} {00,3C}");
    })
    .by(&["TV-15"]),
    broken("rfc6618/5.6.5/list-without-comma", "two suites with nothing between are refused", |m| {
        m.set(Name::Suitelist, "{00,2F}{00,3C}");
    })
    .by(&["TV-15"]),
    broken("rfc6618/5.6.5/list-with-semicolon", "two suites with a semicolon between are refused", |m| {
        m.set(Name::Suitelist, "{00,2F};{00,3C}");
    })
    .by(&["TV-15"]),
    broken("rfc6618/5.6.5/open-brace-alone", "a suite without its closing brace is refused", |m| {
        m.set(Name::Suitelist, "{00,2F");
    }),
    broken("rfc6618/5.6.5/parentheses", "a suite in parentheses is refused", |m| {
        m.set(Name::Suitelist, "(00,2F)");
    }),
    broken("rfc6618/5.6.5/three-numbers", "a suite of three numbers is refused", |m| {
        m.set(Name::Suitelist, "{00,2F,00}");
    }),
    broken("rfc6618/5.6.5/three-digits", "a suite with a three-digit number is refused", |m| {
        m.set(Name::Suitelist, "{00,02F}");
    }),
    broken("rfc6618/5.6.5/four-digits", "a suite of four digits without comma is refused", |m| {
        m.set(Name::Suitelist, "{002F}");
    })
    .by(&["TV-15"]),
    broken("rfc6618/5.6.5/hex-prefix", "a suite with 0x before its numbers is refused", |m| {
        m.set(Name::Suitelist, "{0x00,0x2F}");
    }),
    broken("rfc6618/5.6.5/not-hex", "a suite with a letter beyond F is refused", |m| {
        m.set(Name::Suitelist, "{00,2G}");
    }),
    broken("rfc6618/5.6.5/empty-braces", "empty braces are refused", |m| m.set(Name::Suitelist, "{}")),
    broken("rfc6618/5.6.5/suite-name", "the name of a suite in place of its number is refused", |m| {
        m.set(Name::Suitelist, "{TLS_RSA_WITH_AES_128_CBC_SHA}");
    }),
    Case::should(
        "rfc6618/5.6.5/comma-last",
        "a list of suites that ends in a comma is refused",
        &["rfc6618#5.6.5/suitelist-grammar"],
        HacRefuses(Fault::done(|m| m.set(Name::Suitelist, "{00,2F},"))),
    )
    .by(&["TV-14"]),
    Case::should(
        "rfc6618/5.6.5/comma-twice",
        "a list of suites with an empty element is refused",
        &["rfc6618#5.6.5/suitelist-grammar"],
        HacRefuses(Fault::done(|m| m.set(Name::Suitelist, "{00,2F},,{00,3C}"))),
    )
    .by(&["TV-14"]),
    Case::must(
        "rfc6618/5.6.5/selected-from-list",
        "of each list of two suites the HAC selects one that stands in it",
        &["rfc6618#5.8/suite-was-offered", "rfc6618#4.3/hac-chooses-suite", "rfc6618#5.6/one-suite"],
        Script(Role::Hac, selected_from_list),
    )
    .by(&["VA-21", "MS-14"]),
];

/// A list that says something legal in an unusual way.
const fn taken(id: &'static str, story: &'static str, apply: fn(&mut MessageForge)) -> Case {
    const CITES: &[&str] = &["rfc6618#5.6.5/suitelist-grammar", "rfc6618#4.3/hac-chooses-suite"];
    Case::must(id, story, CITES, HacAccepts(Fault::done(apply)))
}

/// A list that the grammar does not have.
const fn broken(id: &'static str, story: &'static str, apply: fn(&mut MessageForge)) -> Case {
    const CITES: &[&str] =
        &["rfc6618#5.6.5/suitelist-grammar", "rfc6618#5.6.5/csuite-grammar", "rfc6618#5.6.5/suite-values"];
    Case::must(id, story, CITES, HacRefuses(Fault::done(apply)))
}

fn selected_from_list(bench: &mut Bench<'_>) -> Outcome {
    use Ciphersuite::{Aes128Sha, Aes128Sha256, NullSha, NullSha256, TripleDesSha};
    for list in [
        [Aes128Sha, NullSha],
        [NullSha256, TripleDesSha],
        [TripleDesSha, Aes128Sha256],
        [NullSha, NullSha256],
    ] {
        let exchange = bench.exchange_with(&list, Scope::AllTraffic)?;
        if !exchange.done.grants() {
            return Err(Finding::Inconclusive(Because::Prerequisite(exchange.done.describe())));
        }
        let selected = exchange.done.required(Name::Ciphersuite)?;
        let listed = list.iter().any(|suite| selected == Value::Ciphersuite(suite.code()));
        bench.expect(listed, || {
            let value = exchange.done.raw(Name::Ciphersuite).unwrap_or_default();
            Finding::fails(format!("{} or {}", list[0].code(), list[1].code()), shown(value, 32))
        })?;
    }
    Ok(Pass::Clean)
}
