//! RFC 6618 section 5.6: the SA data that a HAC hands out. The HA is given whatever the MN is told.

use std::time::SystemTime;

use suite::player::MessageForge;
use wire::param::Name;
use wire::value::{Date, hex};

use super::headers::{change, is_error};
use crate::liar::session::Session;
use crate::mutant::Lie::HacResponse;
use crate::mutant::Mutant;

/// An address as section 5.7.1 prints it.
const HOME_AGENT: &str = "2001:db8:6618:0:0:0:0:1";

/// Lies about SA data.
pub(super) const LIES: &[Mutant] = &[
    Mutant::hac(
        "hac/error-with-sa-data",
        "puts SA data beside an error status",
        HacResponse(|response, _| {
            if is_error(response) {
                response.set(Name::Spi, "7");
                response.set(Name::MnToHaIkey, hex::encode(&[7; 20]));
            }
        }),
        &["rfc6618/5.3/error-without-sa-data"],
    ),
    Mutant::hac(
        "hac/error-with-scope",
        "names suite and scope beside an error status",
        HacResponse(|response, _| {
            if is_error(response) {
                response.set(Name::Sas, "1");
                response.set(Name::Ciphersuite, "{00,2F}");
            }
        }),
        &["rfc6618/5.3/error-without-suite-and-scope"],
    ),
    Mutant::hac(
        "hac/error-with-home",
        "names the home agent beside an error status",
        HacResponse(|response, _| {
            if is_error(response) {
                response.set(Name::HaaIp6, HOME_AGENT);
            }
        }),
        &["rfc6618/5.3/error-without-bootstrapping"],
    ),
    Mutant::hac(
        "hac/init-with-scope",
        "names the scope in its first response",
        HacResponse(|response, _| {
            if response.draft.position(Name::AuthMethod).is_some() {
                response.set(Name::Sas, "1");
            }
        }),
        &["rfc6618/5.3/init-response-without-sa-data"],
    ),
    Mutant::hac(
        "hac/init-with-home",
        "names the home agent in its first response",
        HacResponse(|response, _| {
            if response.draft.position(Name::AuthMethod).is_some() {
                response.set(Name::HaaIp6, HOME_AGENT);
            }
        }),
        &["rfc6618/5.3/init-response-without-bootstrapping"],
    ),
    Mutant::hac(
        "hac/spi-zero",
        "hands out SPI 0",
        HacResponse(|response, _| change(response, Name::Spi, b"0")),
        &["rfc6618/5.6.1/spi-range"],
    ),
    Mutant::hac(
        "hac/spi-of-29-bits",
        "hands out an SPI of 29 bits",
        HacResponse(|response, _| change(response, Name::Spi, b"268435456")),
        &["rfc6618/5.6.1/spi-range"],
    ),
    Mutant::hac(
        "hac/spi-leading-zeros",
        "sends the SPI with leading zeros",
        HacResponse(|response, _| alter(response, Name::Spi, |spi| [b"00", spi].concat())),
        &["rfc6618/5.6.1/spi-without-leading-zeros"],
    ),
    Mutant::hac(
        "hac/spi-repeated",
        "hands out the same SPI every time",
        HacResponse(|response, _| change(response, Name::Spi, b"4711")),
        &["rfc6618/5.6.1/spi-unique", "rfc6618/4.3/spi-differs-between-mns"],
    ),
    Mutant::hac(
        "hac/spi-of-ten-bits",
        "draws SPIs of ten bits and does not look whether one is in use",
        HacResponse(|response, _| {
            alter(response, Name::Spi, |spi| {
                let drawn: u32 = core::str::from_utf8(spi).ok().and_then(|spi| spi.parse().ok()).unwrap_or(1);
                (drawn % 1023 + 1).to_string().into_bytes()
            });
        }),
        &["rfc6618/4.3/spi-unique-in-a-thousand"],
    ),
    Mutant::hac(
        "hac/lowers-the-scope",
        "mandates mip6-sas 0 whatever is proposed",
        HacResponse(|response, _| change(response, Name::Sas, b"0")),
        &["rfc6618/5.6.4/sas-one-kept"],
    ),
    Mutant::hac(
        "hac/validity-past",
        "hands out an SA that ended an hour ago",
        HacResponse(|response, _| {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            let end = Date::from_unix_seconds(now.as_secs().saturating_sub(3600));
            change(response, Name::SaValidityEnd, end.to_string().as_bytes());
        }),
        &["rfc6618/5.6.3/validity-end-ahead"],
    ),
    Mutant::hac(
        "hac/validity-asctime",
        "sends the validity end in the form of asctime",
        HacResponse(|response, _| change(response, Name::SaValidityEnd, b"Sat Nov  6 08:49:37 2094")),
        &["rfc6618/5.6.3/validity-end-form"],
    ),
    Mutant::hac(
        "hac/validity-wrong-weekday",
        "sends a validity end with the weekday of the day after",
        HacResponse(|response, _| {
            alter(response, Name::SaValidityEnd, |date| {
                const DAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
                let (day, rest) = date.split_at_checked(3).unwrap_or((date, b""));
                let after = DAYS.iter().cycle().skip_while(|one| **one != day).nth(1);
                [after.copied().unwrap_or(day), rest].concat()
            });
        }),
        &["rfc6618/5.6.3/weekday"],
    ),
    Mutant::hac(
        "hac/says-sas-two",
        "answers with mip6-sas 2",
        HacResponse(|response, _| change(response, Name::Sas, b"2")),
        &["rfc6618/5.6.4/sas-values"],
    ),
    Mutant::hac(
        "hac/selects-unoffered-suite",
        "names a suite that was not offered",
        HacResponse(|response, _| {
            alter(response, Name::Ciphersuite, |suite| match suite {
                b"{00,2F}" => b"{00,3C}".to_vec(),
                _ => b"{00,2F}".to_vec(),
            });
        }),
        &["rfc6618/5.6.5/suite-was-offered", "rfc6618/5.6.5/selected-from-list"],
    ),
    Mutant::hac(
        "hac/selects-reserved-suite",
        "names a suite that is reserved",
        HacResponse(|response, _| change(response, Name::Ciphersuite, b"{13,01}")),
        &["rfc6618/5.6.5/suite-was-offered"],
    ),
    Mutant::hac(
        "hac/suite-lower-case",
        "sends the suite in lower case",
        HacResponse(|response, _| {
            alter(response, Name::Ciphersuite, |suite| suite.to_ascii_lowercase());
        }),
        &["rfc6618/5.6.5/suite-sent-as-printed"],
    ),
    Mutant::hac(
        "hac/mn-provisions",
        "grants the SPI that the request names",
        HacResponse(grant_what_is_named),
        &["rfc6618/5.6/sa-headers-in-request"],
    ),
];

/// Changes the value of a header that is there.
pub(super) fn alter(response: &mut MessageForge, name: Name, to: impl FnOnce(&[u8]) -> Vec<u8>) {
    if let Some(value) = response.draft.value(name).map(to) {
        response.set(name, value);
    }
}

fn grant_what_is_named(response: &mut MessageForge, session: &Session) {
    if let Some(spi) = session.last.as_ref().and_then(|request| request.value(Name::Spi)) {
        change(response, Name::Spi, &spi);
    }
}
