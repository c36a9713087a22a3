//! RFC 6618 section 5.7: `ip4-addr` and `ip4-subnet`.

use std::fmt;
use std::net::Ipv4Addr;

use super::basic_rules::split_once;
use super::number;
use crate::error::{DecodeError, Have, Need};

const BITS: u8 = 32;
const SHAPE: &str = "four numbers of 1 to 3 digits, at most 255, with dots between them";

/// Reads four decimal numbers; leading zeros do not make them octal (VA-16).
///
/// # Errors
/// Anything else.
pub fn parse(value: &[u8]) -> Result<Ipv4Addr, DecodeError> {
    let refused = || DecodeError::new("ip4-addr", Need::Grammar(SHAPE), Have::text(value));
    let mut octets = [0_u8; 4];
    let mut sent = value.split(|&octet| octet == b'.');
    for octet in &mut octets {
        let digits = sent.next().ok_or_else(refused)?;
        let number = number::few_digits("ip4-addr", digits, 3).map_err(|_| refused())?;
        *octet = u8::try_from(number).map_err(|_| refused())?;
    }
    match sent.next() {
        None => Ok(Ipv4Addr::from(octets)),
        Some(_) => Err(refused()),
    }
}

/// An IPv4 prefix; the bits behind its length are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prefix4 {
    addr: Ipv4Addr,
    len: u8,
}

impl Prefix4 {
    /// Clears the bits behind `len` (VA-18); refuses a `len` above 32.
    #[must_use]
    pub fn new(addr: Ipv4Addr, len: u8) -> Option<Self> {
        let behind = u32::from(BITS.checked_sub(len)?);
        let mask = u32::MAX.checked_shl(behind).unwrap_or(0);
        let addr = Ipv4Addr::from(u32::from(addr) & mask);
        Some(Self { addr, len })
    }

    /// The address with the host bits cleared.
    #[must_use]
    pub const fn addr(&self) -> Ipv4Addr {
        self.addr
    }

    /// 0 to 32 bits.
    #[must_use]
    pub const fn bits(&self) -> u8 {
        self.len
    }

    /// Whether an address lies inside.
    #[must_use]
    pub fn contains(&self, addr: Ipv4Addr) -> bool {
        Self::new(addr, self.len).as_ref() == Some(self)
    }

    /// Reads `ip4-addr "/" 1*2DIGIT`; host bits are cleared (VA-18).
    ///
    /// # Errors
    /// A bad address, no slash, more than 2 digits, or a length above 32 (VA-17).
    pub fn parse(value: &[u8]) -> Result<Self, DecodeError> {
        let (addr, digits) = split_once(value, b'/').ok_or_else(|| {
            let need = Need::Grammar("an address, a slash and a length");
            DecodeError::new("ip4-subnet", need, Have::text(value))
        })?;
        let at = addr.len() + 1;
        let addr = parse(addr)?;
        let len = number::few_digits("prefix length", digits, 2).map_err(|e| e.shifted(at))?;
        u8::try_from(len).ok().and_then(|len| Self::new(addr, len)).ok_or_else(|| {
            let max = u64::from(BITS);
            let need = Need::Range { min: 0, max };
            DecodeError::new("prefix length", need, Have::Value(len)).shifted(at)
        })
    }
}

impl fmt::Display for Prefix4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr, self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDR: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 8);

    #[test]
    fn four_numbers_are_decimal_with_or_without_leading_zeros() {
        assert_eq!(parse(b"192.0.2.8"), Ok(ADDR));
        assert_eq!(parse(b"192.000.002.008"), Ok(ADDR));
        assert_eq!(parse(b"010.0.0.1"), Ok(Ipv4Addr::new(10, 0, 0, 1)));
    }

    #[test]
    fn other_forms_are_refused() {
        for value in [
            "",
            "192.0.2",
            "192.0.2.8.1",
            "192.0.2.256",
            "192.0.2.0008",
            "192.0..8",
            "0xc0.0.2.8",
            " 192.0.2.8",
        ] {
            assert!(parse(value.as_bytes()).is_err(), "{value}");
        }
    }

    #[test]
    fn a_prefix_loses_its_host_bits() {
        let prefix = Prefix4::parse(b"192.0.2.8/24").unwrap();
        assert_eq!(prefix.to_string(), "192.0.2.0/24");
        assert!(prefix.contains(ADDR));
        assert!(!prefix.contains(Ipv4Addr::LOCALHOST));
        assert_eq!(Prefix4::new(ADDR, 0).map(|p| p.addr()), Some(Ipv4Addr::UNSPECIFIED));
        assert_eq!(Prefix4::new(ADDR, 32).map(|p| p.addr()), Some(ADDR));
    }

    #[test]
    fn prefix_lengths_reach_from_0_to_32() {
        for len in ["33", "99", "024", "", "x"] {
            let error = Prefix4::parse(format!("192.0.2.0/{len}").as_bytes()).unwrap_err();
            assert_eq!((error.field, error.offset), ("prefix length", 10), "{len}");
        }
        assert!(Prefix4::parse(b"192.0.2.0").is_err());
        assert_eq!(Prefix4::new(ADDR, 33), None);
    }
}
