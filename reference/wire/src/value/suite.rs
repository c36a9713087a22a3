//! RFC 6618 section 5.6.5: `csuite` and `mip6-suitelist`, and the table of five ciphersuites.

use std::fmt;

use super::basic_rules::{elements, split_once, trim};
use super::hex;
use crate::error::{DecodeError, Have, Need};

const SHAPE: &str = r#""{" HEX HEX "," HEX HEX "}""#;
const COMMA: &str = r#"a comma between the two octets (only a damaged copy of the draft has a space)"#;

/// A ciphersuite of RFC 6618.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ciphersuite {
    /// HMAC-SHA1-96, no encryption.
    NullSha,
    /// AES-XCBC-MAC-96, no encryption.
    NullSha256,
    /// HMAC-SHA1-96, TripleDES-CBC.
    TripleDesSha,
    /// HMAC-SHA1-96, AES-128-CBC.
    Aes128Sha,
    /// AES-XCBC-MAC-96, AES-128-CBC.
    Aes128Sha256,
}

impl Ciphersuite {
    /// All five, in the order of the specification.
    pub const ALL: [Self; 5] =
        [Self::NullSha, Self::NullSha256, Self::TripleDesSha, Self::Aes128Sha, Self::Aes128Sha256];

    /// The name in the specification's table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NullSha => "NULL_SHA",
            Self::NullSha256 => "NULL_SHA256",
            Self::TripleDesSha => "3DES_EDE_CBC_SHA",
            Self::Aes128Sha => "AES_128_CBC_SHA",
            Self::Aes128Sha256 => "AES_128_CBC_SHA256",
        }
    }

    /// The code point.
    #[must_use]
    pub const fn code(self) -> SuiteCode {
        SuiteCode(match self {
            Self::NullSha => [0x00, 0x02],
            Self::NullSha256 => [0x00, 0x3b],
            Self::TripleDesSha => [0x00, 0x0a],
            Self::Aes128Sha => [0x00, 0x2f],
            Self::Aes128Sha256 => [0x00, 0x3c],
        })
    }

    /// The suite with this code point; all others are reserved.
    #[must_use]
    pub fn from_code(code: SuiteCode) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.code() == code)
    }

    /// Whether the suite has an encryption key; without one it protects integrity only.
    #[must_use]
    pub const fn encrypts(self) -> bool {
        !matches!(self, Self::NullSha | Self::NullSha256)
    }
}

/// Two octets as TLS numbers its suites; any value is legal in a list (VA-21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SuiteCode(pub [u8; 2]);

impl SuiteCode {
    /// Reads `{HH,HH}` in any letter case, with white space around braces and comma taken (TV-01).
    ///
    /// # Errors
    /// Anything else; the form with a space in place of the comma is named (TV-15).
    pub fn parse(value: &[u8]) -> Result<Self, DecodeError> {
        let refused = |shape| DecodeError::new("csuite", Need::Grammar(shape), Have::text(value));
        let inside = value
            .strip_prefix(b"{")
            .and_then(|rest| rest.strip_suffix(b"}"))
            .map(trim)
            .ok_or_else(|| refused(SHAPE))?;
        let (high, low) = match split_once(inside, b',') {
            Some((high, low)) => (hex::pair(trim(high)), hex::pair(trim(low))),
            None if inside.contains(&b' ') => return Err(refused(COMMA)),
            None => (None, None),
        };
        match (high, low) {
            (Some(high), Some(low)) => Ok(Self([high, low])),
            _ => Err(refused(SHAPE)),
        }
    }
}

/// What an MN proposes: one suite or more; the order means nothing (MS-15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuiteList(pub Vec<SuiteCode>);

impl SuiteList {
    /// Reads `csuite *("," csuite)`.
    ///
    /// # Errors
    /// An empty list or element, or an element that is no `csuite`.
    pub fn parse(value: &[u8]) -> Result<Self, DecodeError> {
        let parse = |(at, element)| SuiteCode::parse(element).map_err(|error: DecodeError| error.shifted(at));
        let elements = elements(value, commas_outside_braces(value)).map_err(empty_element)?;
        elements.into_iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    /// The suites of RFC 6618 in the list.
    pub fn known(&self) -> impl Iterator<Item = Ciphersuite> + '_ {
        self.0.iter().copied().filter_map(Ciphersuite::from_code)
    }
}

impl FromIterator<Ciphersuite> for SuiteList {
    fn from_iter<I: IntoIterator<Item = Ciphersuite>>(suites: I) -> Self {
        Self(suites.into_iter().map(Ciphersuite::code).collect())
    }
}

fn empty_element(at: usize) -> DecodeError {
    DecodeError::new("csuite", Need::Grammar(SHAPE), Have::Nothing).shifted(at)
}

fn commas_outside_braces(value: &[u8]) -> impl Iterator<Item = usize> {
    let mut inside = false;
    value.iter().enumerate().filter_map(move |(at, octet)| {
        match octet {
            b'{' => inside = true,
            b'}' => inside = false,
            _ => {}
        }
        (*octet == b',' && !inside).then_some(at)
    })
}

impl fmt::Display for Ciphersuite {
    /// The code point as sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code().fmt(f)
    }
}

impl fmt::Display for SuiteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [high, low] = self.0;
        write!(f, "{{{high:02X},{low:02X}}}")
    }
}

impl fmt::Display for SuiteList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, code) in self.0.iter().enumerate() {
            let comma = if nth == 0 { "" } else { "," };
            write!(f, "{comma}{code}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_suites_are_read_and_written_alike() {
        let sent = ["{00,02}", "{00,3B}", "{00,0A}", "{00,2F}", "{00,3C}"];
        for (suite, text) in Ciphersuite::ALL.into_iter().zip(sent) {
            assert_eq!(suite.to_string(), text);
            let code = SuiteCode::parse(text.as_bytes()).unwrap();
            assert_eq!(Ciphersuite::from_code(code), Some(suite));
        }
        assert_eq!(Ciphersuite::from_code(SuiteCode([0, 0x2e])), None);
    }

    #[test]
    fn white_space_and_lower_case_are_taken() {
        let code = Ok(SuiteCode([0x00, 0x2f]));
        assert_eq!(SuiteCode::parse(b"{00,2f}"), code);
        assert_eq!(SuiteCode::parse(b"{ 00\t, 2F }"), code);
    }

    #[test]
    fn the_form_with_a_space_is_named() {
        let error = SuiteCode::parse(b"{00 2F}").unwrap_err();
        assert_eq!(error.need, Need::Grammar(COMMA));
    }

    #[test]
    fn every_other_form_is_refused() {
        for value in ["", "{}", "{00,2F", "00,2F", "{0,2F}", "{00,2G}", "{00,2F,00}", "{002F}", "{00,}"] {
            assert!(SuiteCode::parse(value.as_bytes()).is_err(), "{value}");
        }
    }

    #[test]
    fn a_list_may_hold_reserved_suites() {
        let list = SuiteList::parse(b"{00,2F}, {13,01} ,{00,02}").unwrap();
        assert_eq!(list.to_string(), "{00,2F},{13,01},{00,02}");
        let known: Vec<_> = list.known().collect();
        assert_eq!(known, [Ciphersuite::Aes128Sha, Ciphersuite::NullSha]);
        assert_eq!(SuiteList::from_iter(known).to_string(), "{00,2F},{00,02}");
    }

    #[test]
    fn a_bad_element_is_named_where_it_stands() {
        for (value, at) in [
            ("", 0),
            ("{00,2F},", 8),
            ("{00,2F},,{00,02}", 8),
            ("{00,2F} {00,02}", 0),
            ("{00,2F}, {0,02}", 9),
            ("{00,2F},{00,02", 8),
        ] {
            let error = SuiteList::parse(value.as_bytes()).expect_err(value);
            assert_eq!((error.field, error.offset), ("csuite", at), "{value}");
        }
    }
}
