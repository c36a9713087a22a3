//! RFC 6618 section 5.5.4: `status-value`, eight codes of RFC 2616 section 10.

use std::fmt;

use crate::error::{DecodeError, Have, Need};

/// One of the eight codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(u16);

impl Status {
    /// In the grammar, yet never right: a status ends the exchange (VA-07).
    pub const CONTINUE: Self = Self(100);
    /// The SA is granted.
    pub const OK: Self = Self(200);
    /// Malformed, out of order or incomplete.
    pub const BAD_REQUEST: Self = Self(400);
    /// Unknown identity, or a proof that fails.
    pub const UNAUTHORIZED: Self = Self(401);
    /// A fault of the HAC.
    pub const INTERNAL_SERVER_ERROR: Self = Self(500);
    /// No common version, method or suite.
    pub const NOT_IMPLEMENTED: Self = Self(501);
    /// Overload or maintenance; `retry-after` may say until when.
    pub const SERVICE_UNAVAILABLE: Self = Self(503);
    /// The AAA server is silent.
    pub const GATEWAY_TIMEOUT: Self = Self(504);

    /// All eight.
    pub const ALL: [Self; 8] = [
        Self::CONTINUE,
        Self::OK,
        Self::BAD_REQUEST,
        Self::UNAUTHORIZED,
        Self::INTERNAL_SERVER_ERROR,
        Self::NOT_IMPLEMENTED,
        Self::SERVICE_UNAVAILABLE,
        Self::GATEWAY_TIMEOUT,
    ];

    /// Refuses numbers that the table does not hold.
    #[must_use]
    pub fn new(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.0 == code)
    }

    /// The number.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }

    /// The words of the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CONTINUE => "Continue",
            Self::OK => "OK",
            Self::BAD_REQUEST => "Bad Request",
            Self::UNAUTHORIZED => "Unauthorized",
            Self::INTERNAL_SERVER_ERROR => "Internal Server Error",
            Self::NOT_IMPLEMENTED => "Not Implemented",
            Self::SERVICE_UNAVAILABLE => "Service Unavailable",
            _ => "Gateway Time-out",
        }
    }

    /// Reads three digits of the table (VA-06).
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(value: &[u8]) -> Result<Self, DecodeError> {
        let known = Self::ALL.into_iter().find(|status| status.to_string().as_bytes() == value);
        known.ok_or_else(|| {
            let need = Need::OneOf("100, 200, 400, 401, 500, 501, 503, 504");
            DecodeError::new("status", need, Have::text(value))
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eight_codes_are_read_and_written_alike() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.to_string().as_bytes()), Ok(status));
            assert_eq!(Status::new(status.code()), Some(status));
        }
        assert_eq!(format!("{:?}", Status::GATEWAY_TIMEOUT), "504 Gateway Time-out");
    }

    #[test]
    fn other_codes_are_refused() {
        for value in ["", "0200", "200 OK", "201", "404", "502", "505", "2OO"] {
            assert!(Status::parse(value.as_bytes()).is_err(), "{value}");
        }
        assert_eq!(Status::new(404), None);
    }
}
