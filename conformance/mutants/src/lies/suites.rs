//! RFC 6618 section 5.6.5: which suites a HAC knows, and how it chooses.

use wire::param::Name;
use wire::value::SuiteList;

use crate::liar::incoming::Incoming;
use crate::liar::session::Session;
use crate::mutant::Lie::HacRequest;
use crate::mutant::Mutant;

/// Lies about suites.
pub(super) const LIES: &[Mutant] = &[
    Mutant::hac(
        "hac/suites-upper-case-only",
        "refuses a suite in lower case",
        HacRequest(|request, _| {
            if request.value(Name::Suitelist).is_some_and(|list| list.iter().any(u8::is_ascii_lowercase)) {
                request.spoil();
            }
        }),
        &["rfc6618/5.2/suite-lower-case"],
    ),
    Mutant::hac(
        "hac/aes-only",
        "knows the two AES suites only",
        HacRequest(|request, session| limit(request, session, &["{00,2F}", "{00,3C}"])),
        &["rfc6618/5.6.5/null-sha", "rfc6618/5.6.5/null-sha256", "rfc6618/5.6.5/3des-ede-cbc-sha"],
    ),
    Mutant::hac(
        "hac/no-aes",
        "does not know the AES suites",
        HacRequest(|request, session| limit(request, session, &["{00,0A}", "{00,02}", "{00,3B}"])),
        &["rfc6618/5.6.5/aes-128-cbc-sha", "rfc6618/5.6.5/aes-128-cbc-sha256"],
    ),
    Mutant::hac(
        "hac/prefers-null",
        "selects a NULL suite wherever one is offered",
        HacRequest(|request, _| {
            if request.value(Name::Suitelist).is_some_and(|list| contains(&list, "{00,02}")) {
                request.set(Name::Suitelist, b"{00,02}");
            }
        }),
        &["rfc6618/5.6.5/aes-preferred-to-null"],
    ),
    Mutant::hac(
        "hac/refuses-reserved-suites",
        "refuses a list with a suite that it does not know",
        HacRequest(|request, _| {
            let list = request.value(Name::Suitelist).and_then(|list| SuiteList::parse(&list).ok());
            if list.is_some_and(|list| list.known().count() < list.0.len()) {
                request.spoil();
            }
        }),
        &[
            "rfc6618/5.6.5/reserved-among-known",
            "rfc6618/5.6.5/reserved-behind-known",
            "rfc6618/5.6.5/null-null-beside-known",
            "rfc6618/5.6.5/many-reserved",
        ],
    ),
    Mutant::hac(
        "hac/refuses-repeated-suites",
        "refuses a list that names a suite twice",
        HacRequest(|request, _| {
            let list = request.value(Name::Suitelist).and_then(|list| SuiteList::parse(&list).ok());
            let twice = |list: SuiteList| {
                list.0.iter().enumerate().any(|(at, suite)| list.0.iter().take(at).any(|one| one == suite))
            };
            if list.is_some_and(twice) {
                request.spoil();
            }
        }),
        &["rfc6618/5.6.5/suite-twice"],
    ),
    Mutant::hac(
        "hac/wants-sorted-suites",
        "refuses a list whose suites are not in the order of their codes",
        HacRequest(|request, _| {
            let list = request.value(Name::Suitelist).and_then(|list| SuiteList::parse(&list).ok());
            if list.is_some_and(|list| list.0.len() < 5 && !list.0.is_sorted_by(|one, next| one.0 >= next.0))
            {
                request.spoil();
            }
        }),
        &["rfc6618/5.6.5/null-before-aes"],
    ),
    Mutant::hac(
        "hac/invents-common-suite",
        "selects {00,02} where no suite is in common",
        HacRequest(|request, _| {
            let list = request.value(Name::Suitelist).and_then(|list| SuiteList::parse(&list).ok());
            if list.is_some_and(|list| list.known().count() == 0) {
                request.set(Name::Suitelist, b"{00,02}");
            }
        }),
        &["rfc6618/5.6.5/no-common-suite", "rfc6618/5.6.5/null-null-alone", "rfc6618/5.6.5/swapped-halves"],
    ),
    Mutant::hac(
        "hac/any-text-as-suitelist",
        "takes a list of suites that it cannot read for {00,2F}",
        HacRequest(|request, _| {
            if request.value(Name::Suitelist).is_some_and(|list| SuiteList::parse(&list).is_err()) {
                request.set(Name::Suitelist, b"{00,2F}");
            }
        }),
        &[
            "rfc6618/5.6.5/suite-with-space",
            "rfc6618/5.6.5/suite-without-braces",
            "rfc6618/5.6.5/suite-one-digit",
            "rfc6618/5.6.5/list-with-space",
            "rfc6618/5.6.5/list-without-comma",
            "rfc6618/5.6.5/list-with-semicolon",
            "rfc6618/5.6.5/open-brace-alone",
            "rfc6618/5.6.5/parentheses",
            "rfc6618/5.6.5/three-numbers",
            "rfc6618/5.6.5/three-digits",
            "rfc6618/5.6.5/four-digits",
            "rfc6618/5.6.5/hex-prefix",
            "rfc6618/5.6.5/not-hex",
            "rfc6618/5.6.5/empty-braces",
            "rfc6618/5.6.5/suite-name",
        ],
    ),
];

/// Leaves those suites of the list that are known here, in a request Done.
fn limit(request: &mut Incoming, session: &Session, known: &[&str]) {
    let Some(list) = request.value(Name::Suitelist).filter(|_| !session.is_first()) else { return };
    let left: Vec<&str> = known.iter().copied().filter(|suite| contains(&list, suite)).collect();
    if left.is_empty() {
        request.spoil();
    } else {
        request.set(Name::Suitelist, left.join(",").as_bytes());
    }
}

fn contains(list: &[u8], suite: &str) -> bool {
    list.windows(suite.len()).any(|window| window.eq_ignore_ascii_case(suite.as_bytes()))
}
