//! Rows of a tree: offset, octets in hexadecimal, name and value.

use core::fmt;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use wire::value::hex;

use super::layout::{Field, Told};

/// Octets that stand in the row of their field; more have rows of their own below it.
const IN_ROW: usize = 20;
/// Octets in each of those.
const IN_DUMP: usize = 32;

/// Takes octets from the front and writes a row for each field. What is not there is not shown.
pub(super) struct Rows<'a> {
    octets: &'a [u8],
    at: usize,
    out: &'a mut Vec<u8>,
}

impl<'a> Rows<'a> {
    pub(super) const fn new(octets: &'a [u8], out: &'a mut Vec<u8>) -> Self {
        Self { octets, at: 0, out }
    }

    /// Rows of other octets, to be written behind these.
    pub(super) fn inside<'b>(&'b mut self, octets: &'b [u8]) -> Rows<'b> {
        Rows { octets, at: 0, out: self.out }
    }

    /// Octets that were not taken yet.
    pub(super) fn left(&self) -> usize {
        self.octets.len().saturating_sub(self.at)
    }

    /// As many of the next octets as there are.
    pub(super) fn ahead(&self, len: usize) -> &'a [u8] {
        let rest = self.octets.get(self.at..).unwrap_or_default();
        rest.get(..len).unwrap_or(rest)
    }

    /// One of the next octets.
    pub(super) fn peek(&self, at: usize) -> Option<u8> {
        self.octets.get(self.at + at).copied()
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.write(format_args!("    {text}\n"));
    }

    pub(super) fn layout(&mut self, layout: &[Field]) {
        for &Field(name, len, told) in layout {
            let octets = self.ahead(len);
            match value(octets, told).filter(|_| octets.len() == len) {
                Some(value) => self.field(len, format_args!("{name}: {value}")),
                None => self.field(len, format_args!("{name}")),
            }
        }
    }

    /// Whatever is left.
    pub(super) fn rest(&mut self, name: &str) {
        self.field(self.left(), format_args!("{name}"));
    }

    /// The next octets.
    pub(super) fn field(&mut self, len: usize, says: fmt::Arguments<'_>) {
        let (octets, at) = (self.ahead(len), self.at);
        self.at += octets.len();
        if octets.is_empty() {
            return;
        }
        if octets.len() <= IN_ROW {
            return self.write(format_args!("    {at:04x}  {}  {says}\n", hex::encode(octets)));
        }
        self.write(format_args!("    {at:04x}  {} octets  {says}\n", octets.len()));
        for line in octets.chunks(IN_DUMP) {
            self.write(format_args!("          {}\n", hex::encode(line)));
        }
    }

    fn write(&mut self, arguments: fmt::Arguments<'_>) {
        // A Vec takes all.
        let _ = self.out.write_fmt(arguments);
    }
}

fn value(octets: &[u8], told: Told) -> Option<String> {
    match told {
        Told::Number => {
            let number = octets.iter().fold(0_u64, |number, octet| number << 8 | u64::from(*octet));
            Some(number.to_string())
        }
        Told::Address => address(octets).map(|address| address.to_string()),
        Told::Octets => None,
    }
}

/// An address of IPv4 or IPv6, by its length.
pub(super) fn address(octets: &[u8]) -> Option<IpAddr> {
    let v6 = || <[u8; 16]>::try_from(octets).map(|octets| Ipv6Addr::from(octets).into()).ok();
    let v4 = || <[u8; 4]>::try_from(octets).map(|octets| Ipv4Addr::from(octets).into()).ok();
    v6().or_else(v4)
}
