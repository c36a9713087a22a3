//! The table of SAs that Wireshark keeps in its file `esp_sa`.

use core::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use wire::escape::Escaped;
use wire::value::hex;

use super::algorithm::{Cipher, Integrity, Unfit};

/// SAs of ESP, in the order in which they are tried.
#[derive(Clone, Default)]
pub struct EspTable {
    rows: Vec<Arc<Row>>,
    not_opened: Vec<NotOpened>,
}

/// A row that names algorithms which are not opened here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotOpened {
    /// Its line, from 1.
    pub line: usize,
    /// The algorithms, as written but escaped.
    pub algorithms: String,
}

/// A line that is no row of the table. Whoever wrote the file is at fault. Keys are not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct EspTableError {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// One SA.
pub(super) struct Row {
    from: Matches,
    to: Matches,
    spi: Option<u32>,
    pub(super) cipher: Cipher,
    pub(super) integrity: Integrity,
}

/// Which addresses a row is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Matches {
    Any,
    Ip4,
    Ip6,
    One(IpAddr),
    /// With the bits of the prefix.
    Prefix(IpAddr, u32),
}

impl EspTable {
    /// Reads the file: a line for each SA, of eight values in quotation marks (more are passed over), `#` before remarks.
    ///
    /// # Errors
    /// The first line that is something else.
    pub fn read(text: &str) -> Result<Self, EspTableError> {
        let mut table = Self::default();
        for (line, row) in (1..).zip(text.lines()) {
            let row = row.trim();
            if row.is_empty() || row.starts_with('#') {
                continue;
            }
            let fault = |what| EspTableError { line, what };
            let values = values(row).ok_or_else(|| fault("need values in quotation marks"))?;
            let [version, from, to, spi, cipher, ekey, integrity, ikey, ..] = values.as_slice() else {
                return Err(fault("need eight values"));
            };
            let key = |text| key(text).ok_or_else(|| fault("need keys as 0x and hex digits, or as text"));
            let (cipher_key, integrity_key) = (key(ekey)?, key(ikey)?);
            match (Cipher::new(cipher, &cipher_key), Integrity::new(integrity, &integrity_key)) {
                (Ok(cipher), Ok(integrity)) => table.rows.push(Arc::new(Row {
                    from: addresses(version, from).ok_or_else(|| fault("need an address, or *"))?,
                    to: addresses(version, to).ok_or_else(|| fault("need an address, or *"))?,
                    spi: spi_of(spi).ok_or_else(|| fault("need an SPI, or *"))?,
                    cipher,
                    integrity,
                })),
                (Err(Unfit::Key), _) | (_, Err(Unfit::Key)) => {
                    return Err(fault("a key that its algorithm cannot have"));
                }
                (one, other) => {
                    let unknown = [one.err().map(|_| cipher), other.err().map(|_| integrity)];
                    let names =
                        unknown.into_iter().flatten().map(|name| Escaped(name.as_bytes()).to_string());
                    let algorithms = names.collect::<Vec<_>>().join(" and ");
                    table.not_opened.push(NotOpened { line, algorithms });
                }
            }
        }
        Ok(table)
    }

    /// The rows that are passed over.
    #[must_use]
    pub fn not_opened(&self) -> &[NotOpened] {
        &self.not_opened
    }

    pub(super) fn find(&self, from: IpAddr, to: IpAddr, spi: u32) -> Option<&Row> {
        let fits = |row: &&Arc<Row>| {
            row.spi.is_none_or(|wanted| wanted == spi) && row.from.has(from) && row.to.has(to)
        };
        self.rows.iter().find(fits).map(AsRef::as_ref)
    }
}

/// The values between quotation marks, in which `\xNN` stands for an octet.
fn values(row: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let mut rest = row;
    // Each round takes a value.
    loop {
        let (value, behind) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
        values.push(value.replace("\\x22", "\"").replace("\\x5c", "\\"));
        match behind.trim_start().strip_prefix(',') {
            Some(more) => rest = more,
            None => return behind.trim().is_empty().then_some(values),
        }
    }
}

fn key(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    digits.map_or_else(|| Some(text.as_bytes().to_vec()), |digits| hex::decode(digits.as_bytes()).ok())
}

fn spi_of(text: &str) -> Option<Option<u32>> {
    if text == "*" {
        return Some(None);
    }
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u32::from_str_radix(digits, 16).ok().map(Some),
        None => text.parse().ok().map(Some),
    }
}

fn addresses(version: &str, text: &str) -> Option<Matches> {
    if text == "*" {
        return match version {
            "IPv4" => Some(Matches::Ip4),
            "IPv6" => Some(Matches::Ip6),
            "Any" => Some(Matches::Any),
            _ => None,
        };
    }
    match text.split_once('/') {
        None => text.parse().ok().map(Matches::One),
        Some((address, bits)) => Some(Matches::Prefix(address.parse().ok()?, bits.parse().ok()?)),
    }
}

impl Matches {
    fn has(self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::Any, _) | (Self::Ip4, IpAddr::V4(_)) | (Self::Ip6, IpAddr::V6(_)) => true,
            (Self::One(one), address) => one == address,
            (Self::Prefix(IpAddr::V4(one), bits), IpAddr::V4(address)) => {
                (one.to_bits() ^ address.to_bits()).leading_zeros() >= bits.min(Ipv4Addr::BITS)
            }
            (Self::Prefix(IpAddr::V6(one), bits), IpAddr::V6(address)) => {
                (one.to_bits() ^ address.to_bits()).leading_zeros() >= bits.min(Ipv6Addr::BITS)
            }
            _ => false,
        }
    }
}

impl fmt::Display for NotOpened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {} is not opened here", self.line, self.algorithms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#""IPv4","10.0.0.0/8","*","0x0a","AES-CBC [RFC3602]","0x000102030405060708090a0b0c0d0e0f","HMAC-SHA-1-96 [RFC2404]","text","32-bit","0""#;

    fn fault(text: &str) -> (usize, &'static str) {
        let EspTableError { line, what } = EspTable::read(text).err().expect("it must be refused");
        (line, what)
    }

    #[test]
    fn rows_are_found_by_addresses_and_spi() {
        let table = EspTable::read(&format!("# a remark\n\n{ROW}\n")).unwrap();
        let found =
            |from: &str, to: &str, spi| table.find(from.parse().unwrap(), to.parse().unwrap(), spi).is_some();
        assert!(found("10.1.2.3", "192.0.2.1", 10));
        assert!(!found("11.1.2.3", "192.0.2.1", 10), "another prefix");
        assert!(!found("10.1.2.3", "2001:db8::1", 10), "another version");
        assert!(!found("10.1.2.3", "192.0.2.1", 11), "another SPI");
    }

    #[test]
    fn what_is_no_row_is_refused_by_its_line() {
        assert_eq!(fault(&format!("{ROW}\nIPv4")), (2, "need values in quotation marks"));
        assert_eq!(fault(r#""IPv4","*""#), (1, "need eight values"));
        assert_eq!(fault(&ROW.replace("0e0f", "0e")).1, "a key that its algorithm cannot have");
        assert_eq!(fault(&ROW.replace("0e0f", "0e0g")).1, "need keys as 0x and hex digits, or as text");
        assert_eq!(fault(&ROW.replace("0x0a", "ten")).1, "need an SPI, or *");
    }

    #[test]
    fn algorithms_that_are_not_here_are_named() {
        let table = EspTable::read(&ROW.replace("HMAC-SHA-1-96", "HMAC-MD5-96")).unwrap();
        let [row] = table.not_opened() else { panic!("one row") };
        assert_eq!(row.to_string(), "line 1: HMAC-MD5-96 [RFC2404] is not opened here");
    }
}
