//! The requirements that a bystander can see MN and HAC break, by their ids in `conformance/requirements`.

macro_rules! requirements {
    ($( $name:ident = $id:literal; )*) => {
        $( pub(crate) const $name: &str = $id; )*

        /// Every requirement id that a [`super::Breach`] can carry, the grammar of each TV-header aside.
        pub(super) const NAMED: &[&str] = &[$( $id ),*];
    };
}

requirements! {
    CIPHER_KEY_PER_DIRECTION = "rfc6618#4.3/cipher-key-per-direction";
    INTEGRITY_KEY_PER_DIRECTION = "rfc6618#4.3/integrity-key-per-direction";
    SA_VALIDITY_END = "rfc6618#4.3/sa-contains-validity-end";
    SPI_UNIQUE = "rfc6618#4.3/spi-unique";
    MN_OBEYS_REINIT = "rfc6618#4.3/mn-obeys-reinit";
    LOCKSTEP = "rfc6618#5.1/lockstep";
    VERSION_ZERO = "rfc6618#5.1/version-zero";
    RESERVED_ZERO = "rfc6618#5.1/reserved-zero";
    IDENTIFIER_NOT_ZERO = "rfc6618#5.1/identifier-not-zero";
    FIRST_IDENTIFIER_ONE = "rfc6618#5.1/first-identifier-one";
    LENGTH_COUNTS_CONTENT = "rfc6618#5.1/length-counts-content";
    LENGTH_AT_LEAST_ONE = "rfc6618#5.1/length-at-least-one";
    HEADER_SYNTAX = "rfc6618#5.2/header-syntax";
    WHITE_SPACE = "rfc6618#5.2/white-space";
    FOLDING = "rfc6618#5.2/folding";
    LINE_ENDS = "rfc6618#5.2/line-ends";
    REPEATED_HEADERS = "rfc6618#5.2/repeated-headers";
    IDENTIFIER_INCREASES = "rfc6618#5.3/identifier-increases";
    RESPONSE_COPIES_IDENTIFIER = "rfc6618#5.3/response-copies-identifier";
    IDENTIFIERS_DIFFER = "rfc6618#5.3/identifiers-differ";
    AT_MOST_255_EXCHANGES = "rfc6618#5.3/at-most-255-exchanges";
    MN_SENDS_ONLY_REQUESTS = "rfc6618#5.3/mn-sends-only-requests";
    HAC_SENDS_ONLY_RESPONSES = "rfc6618#5.3/hac-sends-only-responses";
    CLOSE_AFTER_EXCHANGE = "rfc6618#5.3/close-after-exchange";
    ERROR_THEN_CLOSE = "rfc6618#5.3/error-then-close";
    REQUEST_INIT_MN_ID = "rfc6618#5.3/request-init-mn-id";
    REQUEST_INIT_AUTH_METHOD = "rfc6618#5.3/request-init-auth-method";
    RESPONSE_INIT_AUTH_METHOD = "rfc6618#5.3/response-init-auth-method";
    REQUEST_DONE_SAS = "rfc6618#5.3/request-done-sas";
    REQUEST_DONE_SUITELIST = "rfc6618#5.3/request-done-suitelist";
    REQUEST_DONE_AUTH = "rfc6618#5.3/request-done-auth";
    RESPONSE_DONE_STATUS = "rfc6618#5.3/response-done-status";
    RESPONSE_DONE_AUTH = "rfc6618#5.3/response-done-auth";
    SUCCESS_CIPHERSUITE = "rfc6618#5.3/success-ciphersuite";
    SUCCESS_SAS = "rfc6618#5.3/success-sas";
    SUCCESS_SA_DATA = "rfc6618#5.3/success-sa-data";
    FAILURE_NO_SA_DATA = "rfc6618#5.3/failure-no-sa-data";
    HAC_SELECTS_ONE = "rfc6618#5.5.2/hac-selects-one";
    STATUS_ONLY_IN_FINAL = "rfc6618#5.5.4/status-only-in-final";
    STATUS_VALUES = "rfc6618#5.5.4/status-values";
    AUTH_LAST = "rfc6618#5.5.5/auth-last";
    END_OF_MESSAGE = "rfc6618#5.5.7/end-of-message-grammar";
    RANDOM_VALUES_FRESH = "rfc6618#5.5.8/random-values-fresh";
    RANDOM_LENGTH = "rfc6618#5.5.8/random-length";
    SA_HEADERS_IN_RESPONSES = "rfc6618#5.6/sa-headers-in-responses";
    SPI_RANGE = "rfc6618#5.6.1/spi-range";
    KEY_LENGTH_BY_SUITE = "rfc6618#5.6.2/key-length-by-suite";
    VALIDITY_END_IS_DATE = "rfc6618#5.6.3/validity-end-is-date";
    SAS_VALUES = "rfc6618#5.6.4/sas-values";
    SUITE_VALUES = "rfc6618#5.6.5/suite-values";
    INTEGRITY_ONLY_MEANS_NULL = "rfc6618#5.6.5/integrity-only-means-null";
    NO_PSK_OR_ANONYMOUS_TLS = "rfc6618#5.8/no-psk-or-anonymous-tls";
    EXCHANGE_INSIDE_TLS = "rfc6618#5.8/exchange-inside-tls";
    NO_RENEGOTIATION = "rfc6618#5.8/no-renegotiation";
    PSK_EXCHANGE_SHAPE = "rfc6618#5.8/psk-exchange-shape";
    REQUEST_INIT_CONTENTS = "rfc6618#5.8/request-init-contents";
    RESPONSE_INIT_CONTENTS = "rfc6618#5.8/response-init-contents";
    RESPONSE_INIT_AUTH = "rfc6618#5.8/response-init-auth";
    REQUEST_DONE_CONTENTS = "rfc6618#5.8/request-done-contents";
    RESPONSE_DONE_CONTENTS = "rfc6618#5.8/response-done-contents";
    RESPONSE_DONE_FAILURE = "rfc6618#5.8/response-done-failure";
    AUTH_MN_TO_HAC = "rfc6618#5.8/auth-mn-to-hac";
    AUTH_HAC_TO_MN = "rfc6618#5.8/auth-hac-to-mn";
    SUITE_WAS_OFFERED = "rfc6618#5.8/suite-was-offered";
    HAC_REPEATS_MN_RAND = "rfc6618#5.8/hac-repeats-mn-rand";
    MN_VERIFIES_AUTH = "rfc6618#5.8/mn-verifies-auth";
    MN_VERIFIES_NONCES = "rfc6618#5.8/mn-verifies-nonces";
    HAC_VERIFIES_AUTH = "rfc6618#5.8/hac-verifies-auth";
    HAC_VERIFIES_NONCES = "rfc6618#5.8/hac-verifies-nonces";
    EAP_RESPONSE_INIT_CONTENTS = "rfc6618#5.9/response-init-contents";
    EAP_REQUEST_MID_CONTENTS = "rfc6618#5.9/request-mid-contents";
    EAP_RESPONSE_MID_CONTENTS = "rfc6618#5.9/response-mid-contents";
    EAP_REQUEST_DONE_CONTENTS = "rfc6618#5.9/request-done-contents";
    EAP_RESPONSE_DONE_CONTENTS = "rfc6618#5.9/response-done-contents";
    EAP_AUTH_MN_TO_HAC = "rfc6618#5.9/auth-mn-to-hac";
    EAP_AUTH_HAC_TO_MN = "rfc6618#5.9/auth-hac-to-mn";
    TLS_SUITES_PROTECT = "rfc6618#9.2/tls-suites-protect";
    FRESH_KEYS = "rfc6618#9.3/fresh-keys";
}

use wire::param::Name;

/// The requirement that gives the grammar of a header.
pub(super) const fn grammar(name: Name) -> &'static str {
    match name {
        Name::MnId => "rfc6618#5.5.1/mn-id-grammar",
        Name::AuthMethod => "rfc6618#5.5.2/auth-method-grammar",
        Name::EapPayload => "rfc6618#5.5.3/eap-payload-grammar",
        Name::StatusCode => "rfc6618#5.5.4/status-grammar",
        Name::Auth => "rfc6618#5.5.5/auth-grammar",
        Name::RetryAfter => "rfc6618#5.5.6/retry-after-grammar",
        Name::MnRand => "rfc6618#5.5.8/mn-rand-grammar",
        Name::HacRand => "rfc6618#5.5.8/hac-rand-grammar",
        Name::Spi => "rfc6618#5.6.1/spi-grammar",
        Name::MnToHaIkey => "rfc6618#5.6.2/mn-to-ha-ikey-grammar",
        Name::HaToMnIkey => "rfc6618#5.6.2/ha-to-mn-ikey-grammar",
        Name::MnToHaEkey => "rfc6618#5.6.2/mn-to-ha-ekey-grammar",
        Name::HaToMnEkey => "rfc6618#5.6.2/ha-to-mn-ekey-grammar",
        Name::SaValidityEnd => "rfc6618#5.6.3/validity-end-grammar",
        Name::Sas => "rfc6618#5.6.4/sas-grammar",
        Name::Ciphersuite => "rfc6618#5.6.5/ciphersuite-grammar",
        Name::Suitelist => "rfc6618#5.6.5/suitelist-grammar",
        Name::HaaIp6 => "rfc6618#5.7.1/haa-ip6-grammar",
        Name::HaaIp4 => "rfc6618#5.7.1/haa-ip4-grammar",
        Name::Port => "rfc6618#5.7.2/port-grammar",
        Name::Ip6Hoa => "rfc6618#5.7.3/ip6-hoa-grammar",
        Name::Ip4Hoa => "rfc6618#5.7.3/ip4-hoa-grammar",
        Name::Ip6Hnp => "rfc6618#5.7.3/ip6-hnp-grammar",
        Name::Ip4Hnp => "rfc6618#5.7.3/ip4-hnp-grammar",
        Name::DnsIp6 => "rfc6618#5.7.4/dns-ip6-grammar",
        Name::DnsIp4 => "rfc6618#5.7.4/dns-ip4-grammar",
    }
}

/// Every requirement id that a [`super::Breach`] can carry.
pub fn all() -> impl Iterator<Item = &'static str> {
    NAMED.iter().copied().chain(Name::ALL.into_iter().map(grammar))
}
