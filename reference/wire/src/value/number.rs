//! RFC 6618 sections 5.6.1 and 5.7.2: numbers in decimal digits, `mip6-spi` and `mip6-port`.

use std::fmt;
use std::num::{NonZeroU16, NonZeroU32};

use crate::error::{DecodeError, Have, Need};

/// A Security Parameter Index: 1 to 268435455 (28 bits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spi(NonZeroU32);

impl Spi {
    /// The largest: 2^28 - 1.
    pub const MAX: u32 = (1 << 28) - 1;

    /// Refuses 0 and more than 28 bits.
    #[must_use]
    pub const fn new(spi: u32) -> Option<Self> {
        match NonZeroU32::new(spi) {
            Some(spi) if spi.get() <= Self::MAX => Some(Self(spi)),
            _ => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }

    /// Reads `1*DIGIT` of any length; leading zeros are taken (VA-12).
    ///
    /// # Errors
    /// Octets that are no digits, or a number out of range.
    pub fn parse(value: &[u8]) -> Result<Self, DecodeError> {
        let number = digits("SPI", value)?;
        let max = u64::from(Self::MAX);
        u32::try_from(number).ok().and_then(Self::new).ok_or_else(|| out_of_range("SPI", max, number))
    }
}

/// A UDP port: 1 to 65535.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(NonZeroU16);

impl Port {
    /// Refuses 0.
    #[must_use]
    pub const fn new(port: u16) -> Option<Self> {
        match NonZeroU16::new(port) {
            Some(port) => Some(Self(port)),
            None => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0.get()
    }

    /// Reads `1*5DIGIT`.
    ///
    /// # Errors
    /// More than 5 digits, octets that are no digits, or a number out of range (VA-19).
    pub fn parse(value: &[u8]) -> Result<Self, DecodeError> {
        let number = few_digits("port", value, 5)?;
        u16::try_from(number)
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| out_of_range("port", u64::from(u16::MAX), number))
    }
}

/// The number that any count of digits writes; numbers too large for 64 bits become the largest.
pub(crate) fn digits(field: &'static str, value: &[u8]) -> Result<u64, DecodeError> {
    let fault = value.iter().position(|octet| !octet.is_ascii_digit());
    if value.is_empty() || fault.is_some() {
        let need = Need::Grammar("decimal digits");
        return Err(DecodeError::new(field, need, Have::text(value)).shifted(fault.unwrap_or_default()));
    }
    Ok(value
        .iter()
        .fold(0_u64, |number, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))))
}

/// The number that at most `most` digits write.
pub(crate) fn few_digits(field: &'static str, value: &[u8], most: usize) -> Result<u64, DecodeError> {
    if value.len() > most {
        let have = Have::Octets(value.len());
        return Err(DecodeError::new(field, Need::AtMost(most), have));
    }
    digits(field, value)
}

fn out_of_range(field: &'static str, max: u64, have: u64) -> DecodeError {
    DecodeError::new(field, Need::Range { min: 1, max }, Have::Value(have))
}

impl fmt::Display for Spi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_spi_has_28_bits_and_is_not_zero() {
        assert_eq!(Spi::parse(b"1").map(Spi::get), Ok(1));
        assert_eq!(Spi::parse(b"268435455").map(Spi::get), Ok(Spi::MAX));
        assert_eq!(Spi::parse(b"0000000000000000000000042").map(Spi::get), Ok(42));
        let need = Need::Range { min: 1, max: 268_435_455 };
        for value in ["0", "000", "268435456", "4294967297", "18446744073709551617"] {
            assert_eq!(Spi::parse(value.as_bytes()).unwrap_err().need, need);
        }
    }

    #[test]
    fn a_port_has_5_digits_at_most() {
        assert_eq!(Port::parse(b"07872").map(Port::get), Ok(7872));
        assert_eq!(Port::parse(b"65535").map(Port::get), Ok(65535));
        for value in ["0", "00000", "65536", "99999", "007872"] {
            assert!(Port::parse(value.as_bytes()).is_err(), "{value}");
        }
    }

    #[test]
    fn only_digits_are_digits() {
        for value in ["", "+1", "-1", "1 2", "0x1", "1.0", "1_0"] {
            assert!(Spi::parse(value.as_bytes()).is_err(), "{value}");
            assert!(Port::parse(value.as_bytes()).is_err(), "{value}");
        }
    }
}
