//! RFC 6618 sections 5.5.3, 5.5.5 and 5.6.2: `1*(HEX HEX)`.

use std::fmt::Write as _;

use crate::error::{DecodeError, Have, Need};

/// The octets of pairs of hex digits of any case; at least one pair (TV-10, TV-12).
///
/// # Errors
/// No digit, an odd count, or an octet that is no hex digit; errors never show more than that one octet, since the value may be a key.
pub fn decode(value: &[u8]) -> Result<Vec<u8>, DecodeError> {
    if let Some(at) = value.iter().position(|octet| !octet.is_ascii_hexdigit()) {
        let have = Have::text(value.get(at..=at).unwrap_or_default());
        return Err(DecodeError::new("HEX", Need::Grammar("a hex digit"), have).shifted(at));
    }
    if value.is_empty() || !value.len().is_multiple_of(2) {
        let need = Need::Grammar("pairs of hex digits");
        return Err(DecodeError::new("HEX", need, Have::Octets(value.len())));
    }
    Ok(value.chunks_exact(2).filter_map(pair).collect())
}

/// Lower-case hex (TV-10).
#[must_use]
pub fn encode(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len() * 2);
    for octet in octets {
        // Writing to a String does not fail.
        let _ = write!(text, "{octet:02x}");
    }
    text
}

/// The octet of two hex digits.
pub(crate) fn pair(digits: &[u8]) -> Option<u8> {
    let [high, low] = digits else { return None };
    let high = char::from(*high).to_digit(16)?;
    let low = char::from(*low).to_digit(16)?;
    u8::try_from(high << 4 | low).ok()
}

/// Readable test octets: hex digits with spaces at field borders.
#[cfg(test)]
pub(crate) fn spaced(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    decode(digits.as_bytes()).expect("test octets are hex")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_cases_are_read_and_lower_case_is_written() {
        assert_eq!(decode(b"00aBFf"), Ok(vec![0x00, 0xab, 0xff]));
        assert_eq!(encode(&[0x00, 0xab, 0xff]), "00abff");
    }

    #[test]
    fn an_odd_count_is_refused() {
        let error = decode(b"abc").unwrap_err();
        assert_eq!(error.have, Have::Octets(3));
        assert!(decode(b"").is_err());
    }

    #[test]
    fn a_fault_shows_its_place_and_no_more_of_what_may_be_a_key() {
        let error = decode(b"00 11").unwrap_err();
        assert_eq!((error.offset, error.have), (2, Have::Text(b" ".to_vec())));
    }
}
