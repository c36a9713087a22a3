//! RFC 6618 section 5.6.4: `mip6-sas`, one digit; the letter O that is printed there means the digit 0 (VA-13).

use std::fmt;

use crate::error::{DecodeError, Have, Need};

/// What an SA protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// `0`: Mobile IPv6 signalling only.
    SignalingOnly,
    /// `1`: signalling and all data.
    AllTraffic,
}

impl Scope {
    /// Both.
    pub const ALL: [Self; 2] = [Self::SignalingOnly, Self::AllTraffic];

    /// Reads `0` or `1`.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(value: &[u8]) -> Result<Self, DecodeError> {
        match value {
            b"0" => Ok(Self::SignalingOnly),
            b"1" => Ok(Self::AllTraffic),
            _ => {
                let need = Need::OneOf("0, 1");
                Err(DecodeError::new("scope", need, Have::text(value)))
            }
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignalingOnly => "0",
            Self::AllTraffic => "1",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_digit_is_read_and_written_alike() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.to_string().as_bytes()), Ok(scope));
        }
    }

    #[test]
    fn the_letter_that_the_specification_prints_is_refused() {
        for value in ["O", "o", "2", "9", "00", "01", "", "1 "] {
            assert!(Scope::parse(value.as_bytes()).is_err(), "{value}");
        }
    }
}
