//! RFC 6618 sections 5.5.5 and 5.5.8: the values of exactly 32 octets, `32(HEX HEX)`.

use std::fmt;

use super::hex;
use crate::error::{DecodeError, Have, Need};

const LEN: usize = 32;

/// `mn-rand` and `hac-rand` (VA-11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Random(pub [u8; LEN]);

/// `auth`: HMAC-SHA256, never truncated (AU-05).
///
/// `==` takes time that depends on the octets; to verify a peer's, compare in constant time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mac(pub [u8; LEN]);

impl Random {
    /// Reads 64 hex digits.
    ///
    /// # Errors
    /// Another count, or octets that are no hex digits.
    pub fn parse(value: &[u8]) -> Result<Self, DecodeError> {
        decode(value).map(Self)
    }
}

impl Mac {
    /// Reads 64 hex digits.
    ///
    /// # Errors
    /// Another count, or octets that are no hex digits.
    pub fn parse(value: &[u8]) -> Result<Self, DecodeError> {
        decode(value).map(Self)
    }
}

fn decode(value: &[u8]) -> Result<[u8; LEN], DecodeError> {
    let octets = hex::decode(value)?;
    octets.try_into().map_err(|octets: Vec<u8>| {
        let need = Need::Grammar("32 octets as 64 hex digits");
        DecodeError::new("HEX", need, Have::Octets(octets.len()))
    })
}

impl fmt::Display for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_64_digits_are_read() {
        let text = "0123456789abcdef".repeat(4);
        let random = Random::parse(text.as_bytes()).unwrap();
        assert_eq!(random.to_string(), text);
        assert_eq!(Mac::parse(text.as_bytes()).unwrap().0, random.0);
    }

    #[test]
    fn a_truncated_or_longer_value_is_refused() {
        for octets in [12, 31, 33, 64] {
            let text = "00".repeat(octets);
            let error = Mac::parse(text.as_bytes()).unwrap_err();
            assert_eq!(error.have, Have::Octets(octets));
            assert!(Random::parse(text.as_bytes()).is_err());
        }
    }
}
