//! Octets, which JSON holds as hex.

use std::fmt;
use std::ops::Deref;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A string of octets; in JSON two lower-case hex digits each.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Octets(Vec<u8>);

impl Deref for Octets {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let octets = text.as_bytes().chunks(2).map(pair).collect::<Option<_>>();
        octets.map(Self).ok_or_else(|| D::Error::custom(format_args!("not lower-case hex: {text}")))
    }
}

fn pair(digits: &[u8]) -> Option<u8> {
    let &[high, low] = digits else { return None };
    Some(digit(high)? << 4 | digit(low)?)
}

const fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
