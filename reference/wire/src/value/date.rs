//! RFC 6618 sections 5.5.6 and 5.6.3: `rfc1123-date` of RFC 2616 section 3.3.1, and no other form.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use crate::error::{DecodeError, Have, Need};

const LEN: usize = 29;
const SHAPE: &str = "an rfc1123-date such as Sun, 06 Nov 1994 08:49:37 GMT";

/// A moment in whole seconds, from 1970 to the end of the year 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(u64);

impl Date {
    /// The last moment with a year of four digits.
    pub const MAX: Self = Self(253_402_300_799);

    /// Seconds since the Unix epoch; later moments than [`Self::MAX`] become it.
    #[must_use]
    pub const fn from_unix_seconds(seconds: u64) -> Self {
        if seconds > Self::MAX.0 { Self::MAX } else { Self(seconds) }
    }

    /// Seconds since the Unix epoch.
    #[must_use]
    pub const fn unix_seconds(self) -> u64 {
        self.0
    }

    /// Reads the one form of 29 octets; a date that no calendar has and a wrong weekday are refused (VA-09).
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(value: &[u8]) -> Result<Self, DecodeError> {
        let refused = || DecodeError::new("rfc1123-date", Need::Grammar(SHAPE), Have::text(value));
        let text = std::str::from_utf8(value).map_err(|_| refused())?;
        if text.len() != LEN {
            return Err(refused());
        }
        let date = httpdate::parse_http_date(text)
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .map(|since| Self::from_unix_seconds(since.as_secs()))
            .ok_or_else(refused)?;
        // Written back, all that the parser forgave shows: other forms, 30 February, the wrong weekday.
        if date.to_string() == text { Ok(date) } else { Err(refused()) }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(self.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_2616_is_read_and_written_alike() {
        let text = "Sun, 06 Nov 1994 08:49:37 GMT";
        let date = Date::parse(text.as_bytes()).unwrap();
        assert_eq!(date.unix_seconds(), 784_111_777);
        assert_eq!(date.to_string(), text);
    }

    #[test]
    fn the_ends_of_the_range_have_a_form() {
        for (seconds, text) in
            [(0, "Thu, 01 Jan 1970 00:00:00 GMT"), (u64::MAX, "Fri, 31 Dec 9999 23:59:59 GMT")]
        {
            let date = Date::from_unix_seconds(seconds);
            assert_eq!(date.to_string(), text);
            assert_eq!(Date::parse(text.as_bytes()), Ok(date));
        }
    }

    #[test]
    fn every_other_form_is_refused() {
        let refused: [&[u8]; 14] = [
            b"Sunday, 06-Nov-94 08:49:37 GMT",
            b"Sun Nov  6 08:49:37 1994",
            b"sun, 06 nov 1994 08:49:37 gmt",
            b"Sun, 6 Nov 1994 08:49:37 GMT",
            b"Sun,  06 Nov 1994 08:49:37 GMT",
            b"Sun, 06 Nov 1994 08:49:37 UTC",
            b"Sun, 06 Nov 1994 08:49:37 +0000",
            b"Mon, 06 Nov 1994 08:49:37 GMT",
            b"Sun, 06 Nov 1994 08:49:60 GMT",
            b"Sun, 06 Nov 1994 24:00:00 GMT",
            b"Wed, 30 Feb 1994 08:49:37 GMT",
            b"Sun, 00 Nov 1994 08:49:37 GMT",
            b"Sun, 06 Nov 1899 08:49:37 GMT",
            b"\xff\xff\xff, 06 Nov 1994 08:49:37 GMT",
        ];
        for value in refused {
            assert!(Date::parse(value).is_err(), "{}", value.escape_ascii());
        }
    }
}
