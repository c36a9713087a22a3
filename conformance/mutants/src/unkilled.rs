//! MUST cases that no mutant names, each with the reason why a lie at the border cannot show it.

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
        "rfc6618/5.3/mn-closes",
        "the players close first, and then the MN's TLS does; the MN itself cannot keep the connection open",
    ),
];
