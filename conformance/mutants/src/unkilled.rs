//! MUST cases that no mutant names, each with the reason why a lie at the border cannot show it.

/// Of all cases about TLS itself.
const TLS: &str = "is about the TLS under the sessions, which a machine in memory has not: `tests/doors` shows who fails it";

/// Case id and reason. A reason that no longer holds is found by `tests/caught.rs`.
pub const UNKILLED: &[(&str, &str)] = &[
    (
        "rfc6618/5.1/silent-until-asked",
        "a HAC that speaks first (hac/speaks-first) fails the sanity check before any case is judged",
    ),
    (
        "rfc6618/5.2/responses-lex",
        "what no lexer reads (hac/says-bare-lf) fails the sanity check before any case is judged",
    ),
    (
        "rfc6618/5.3/done-has-status",
        "a grant without a status (hac/grant-without-status) fails the sanity check before any case is judged",
    ),
    (
        "rfc6618/5.5.4/status-is-200",
        "sanity calls nothing a grant but status-code 200, so a target that gets as far passes",
    ),
    (
        "rfc6618/5.5.4/status-only-in-final",
        "a status in the first response (hac/status-in-init) fails the sanity check before any case is judged",
    ),
    (
        "rfc6618/6.1/first-number-zero",
        "an HA that drops number 0 (ha/refuses-first-zero) fails the sanity check, whose first number is 0",
    ),
    (
        "rfc6618/5.1/half-a-header-then-close",
        "three octets name nobody to whom anything could be granted; that the connection ends is TLS's part, not the HAC's",
    ),
    (
        "rfc6618/8.3/service-port",
        "an HA elsewhere than the HAC says fails the sanity check, which registers there before any case is judged",
    ),
    ("rfc6618/9.2/no-renegotiation", TLS),
    ("rfc6618/9.2/tls-1.2", TLS),
    ("rfc6618/9.2/certificate-has-names", TLS),
    ("rfc6618/9.2/certificate-without-wildcard", TLS),
    ("rfc6618/9.2/certificate-names-a-hash", TLS),
    ("rfc6618/9.2/certificate-really-sent", TLS),
    ("rfc6618/9.2/no-null-suites", TLS),
    ("rfc6618/9.2/no-anonymous-suites", TLS),
    ("rfc6618/9.2/no-psk-suites", TLS),
    ("rfc6618/9.2/no-srp-suites", TLS),
    ("rfc6618/9.2/nothing-in-the-clear", TLS),
    ("rfc6618/9.2/records-across-segments", TLS),
    ("rfc6618/9.2/resumption-is-bound", TLS),
    ("rfc6618/9.2/client-certificate-proves-nothing", TLS),
    (
        "rfc6618/5.3/mn-closes",
        "the players close first, and then the MN's TLS does; the MN itself cannot keep the connection open",
    ),
];
