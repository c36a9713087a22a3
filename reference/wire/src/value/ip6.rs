//! RFC 6618 section 5.7: `ip6-addr`, eight words with no shorthand, and `ip6-prefix`.

use std::fmt;
use std::net::Ipv6Addr;

use super::basic_rules::split_once;
use super::number;
use crate::error::{DecodeError, Have, Need};

const WORDS: usize = 8;
const BITS: u8 = 128;
const SHAPE: &str = "eight words of 1 to 4 hex digits with colons between them";

/// Reads `7( word ":" ) word`; `::`, an IPv4 tail and a zone are refused (VA-14).
///
/// # Errors
/// Anything else.
pub fn parse(value: &[u8]) -> Result<Ipv6Addr, DecodeError> {
    let refused = || DecodeError::new("ip6-addr", Need::Grammar(SHAPE), Have::text(value));
    let mut words = [0_u16; WORDS];
    let mut sent = value.split(|&octet| octet == b':');
    for word in &mut words {
        *word = sent.next().and_then(hex_word).ok_or_else(refused)?;
    }
    match sent.next() {
        None => Ok(Ipv6Addr::from(words)),
        Some(_) => Err(refused()),
    }
}

fn hex_word(digits: &[u8]) -> Option<u16> {
    if digits.is_empty() || digits.len() > 4 {
        return None;
    }
    digits.iter().try_fold(0, |word: u16, &digit| {
        let digit = u16::try_from(char::from(digit).to_digit(16)?).ok()?;
        Some(word << 4 | digit)
    })
}

/// Displays an address as sent: eight words in lower case, nothing left out but leading zeros of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words(pub Ipv6Addr);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, word) in self.0.segments().iter().enumerate() {
            let colon = if nth == 0 { "" } else { ":" };
            write!(f, "{colon}{word:x}")?;
        }
        Ok(())
    }
}

/// An IPv6 prefix; the bits behind its length are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prefix6 {
    addr: Ipv6Addr,
    len: u8,
}

impl Prefix6 {
    /// Clears the bits behind `len` (VA-18); refuses a `len` above 128.
    ///
    /// The grammar can write at most /99, so send no longer one (VA-17).
    #[must_use]
    pub fn new(addr: Ipv6Addr, len: u8) -> Option<Self> {
        let behind = u32::from(BITS.checked_sub(len)?);
        let mask = u128::MAX.checked_shl(behind).unwrap_or(0);
        let addr = Ipv6Addr::from(u128::from(addr) & mask);
        Some(Self { addr, len })
    }

    /// The address with the host bits cleared.
    #[must_use]
    pub const fn addr(&self) -> Ipv6Addr {
        self.addr
    }

    /// 0 to 128 bits.
    #[must_use]
    pub const fn bits(&self) -> u8 {
        self.len
    }

    /// Whether an address lies inside.
    #[must_use]
    pub fn contains(&self, addr: Ipv6Addr) -> bool {
        Self::new(addr, self.len).as_ref() == Some(self)
    }

    /// Reads `ip6-addr "/" length`. Lengths of 100 to 128 are taken, host bits are cleared (VA-17, VA-18).
    ///
    /// # Errors
    /// A bad address, no slash, more than 3 digits, or a length above 128.
    pub fn parse(value: &[u8]) -> Result<Self, DecodeError> {
        let (addr, digits) = split_once(value, b'/').ok_or_else(|| {
            let need = Need::Grammar("an address, a slash and a length");
            DecodeError::new("ip6-prefix", need, Have::text(value))
        })?;
        let at = addr.len() + 1;
        let addr = parse(addr)?;
        let len = number::few_digits("prefix length", digits, 3).map_err(|e| e.shifted(at))?;
        u8::try_from(len).ok().and_then(|len| Self::new(addr, len)).ok_or_else(|| {
            let max = u64::from(BITS);
            let need = Need::Range { min: 0, max };
            DecodeError::new("prefix length", need, Have::Value(len)).shifted(at)
        })
    }
}

impl fmt::Display for Prefix6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Words(self.addr), self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDR: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0xa);

    #[test]
    fn eight_words_are_read_and_written() {
        for value in ["2001:db8:0:0:0:0:0:a", "2001:0DB8:0000:0000:0000:0000:0000:000A"] {
            assert_eq!(parse(value.as_bytes()), Ok(ADDR));
        }
        assert_eq!(Words(ADDR).to_string(), "2001:db8:0:0:0:0:0:a");
    }

    #[test]
    fn shorthand_and_other_forms_are_refused() {
        for value in [
            "",
            "::1",
            "2001:db8::a",
            "0:0:0:0:0:ffff:192.0.2.1",
            "fe80:0:0:0:0:0:0:1%eth0",
            "2001:db8:0:0:0:0:0",
            "2001:db8:0:0:0:0:0:a:b",
            "2001:db8:0:0:0:0:0:",
            "2001:db8:0:0:0:0:0:0000a",
            "2001:db8:0:0:0:0:0:g",
            "[2001:db8:0:0:0:0:0:a]",
        ] {
            assert!(parse(value.as_bytes()).is_err(), "{value}");
        }
    }

    #[test]
    fn a_prefix_loses_its_host_bits() {
        let prefix = Prefix6::parse(b"2001:db8:0:0:0:0:0:a/64").unwrap();
        assert_eq!(prefix.to_string(), "2001:db8:0:0:0:0:0:0/64");
        assert_eq!(Some(prefix), Prefix6::new(ADDR, 64));
        assert!(prefix.contains(ADDR));
        assert!(!prefix.contains(Ipv6Addr::LOCALHOST));
    }

    #[test]
    fn prefix_lengths_reach_from_0_to_128() {
        for len in [0, 99, 100, 128] {
            let value = format!("2001:db8:0:0:0:0:0:a/{len}");
            assert_eq!(Prefix6::parse(value.as_bytes()).unwrap().bits(), len);
        }
        for len in ["129", "999", "0064", "", "x", "-1"] {
            let error = Prefix6::parse(format!("1:2:3:4:5:6:7:8/{len}").as_bytes()).unwrap_err();
            assert_eq!((error.field, error.offset), ("prefix length", 16), "{len}");
        }
        assert!(Prefix6::parse(b"1:2:3:4:5:6:7:8").is_err());
    }
}
