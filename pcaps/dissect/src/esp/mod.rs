//! RFC 4303: ESP whose keys whoever looks on has, as a help to the eye. It is not ours to judge: no finding comes of it.

mod algorithm;
mod table;

use core::fmt;
use std::net::IpAddr;

pub use table::{EspTable, EspTableError, NotOpened};

use algorithm::Text;

/// SPI and Sequence Number.
const HEADER_LEN: usize = 8;
/// Pad Length and Next Header.
const TRAILER_LEN: usize = 2;

/// An ESP packet, as far as it could be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unwrapped {
    /// What became of its ICV.
    pub icv: EspIcv,
    /// What is inside, if it could be decrypted.
    pub inner: Option<EspInner>,
}

/// What became of an ICV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EspIcv {
    /// It is right.
    Good,
    /// It is wrong, and the packet was not decrypted.
    Wrong,
    /// The SA has none.
    Absent,
}

/// What is inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EspInner {
    /// Next Header.
    pub next_header: u8,
    /// Octets before padding and trailer.
    pub octets: usize,
}

/// Opens a packet by the table; nothing if no SA of it fits, or the packet is too short for the algorithms of that SA.
pub(crate) fn open(table: &EspTable, from: IpAddr, to: IpAddr, octets: &[u8]) -> Option<Unwrapped> {
    let spi = u32::from_be_bytes(*octets.first_chunk()?);
    let row = table.find(from, to, spi)?;
    let (covered, icv) = octets.split_at_checked(octets.len().checked_sub(row.integrity.len())?)?;
    let wrong = Unwrapped { icv: EspIcv::Wrong, inner: None };
    let icv = row.integrity.judge(covered, icv);
    if icv == EspIcv::Wrong {
        return Some(wrong);
    }
    let (header, body) = covered.split_at_checked(HEADER_LEN)?;
    match row.cipher.decrypt(header, body) {
        Text::Unfit => None,
        Text::Refused => Some(wrong),
        Text::Plain(text) => {
            let icv = if row.cipher.is_combined() { EspIcv::Good } else { icv };
            Some(Unwrapped { icv, inner: inner(&text) })
        }
    }
}

fn inner(text: &[u8]) -> Option<EspInner> {
    let (rest, &[pad_length, next_header]) = text.split_last_chunk::<TRAILER_LEN>()?;
    let octets = rest.len().checked_sub(usize::from(pad_length))?;
    Some(EspInner { next_header, octets })
}

impl fmt::Display for Unwrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.icv {
            EspIcv::Good => "ICV good",
            EspIcv::Wrong => return f.write_str("ICV WRONG"),
            EspIcv::Absent => "no ICV",
        })?;
        match self.inner {
            Some(EspInner { next_header, octets }) => write!(f, ", protocol {next_header}, {octets} octets"),
            None => f.write_str(", no legal trailer"),
        }
    }
}
