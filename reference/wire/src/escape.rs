//! Peer octets made safe for a terminal, a log or a report.

use std::fmt::{self, Write as _};

/// Displays octets: printable ASCII as it is, all others as `\r`, `\n`, `\t`, `\\` or `\xNN`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Escaped<'a>(pub &'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &octet in self.0 {
            match octet {
                b'\r' => f.write_str("\\r")?,
                b'\n' => f.write_str("\\n")?,
                b'\t' => f.write_str("\\t")?,
                b'\\' => f.write_str("\\\\")?,
                b' '..=b'~' => f.write_char(char::from(octet))?,
                _ => write!(f, "\\x{octet:02X}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_ascii_stays_and_the_rest_is_spelt_out() {
        let octets = b"mn-id:a\r\n\t\\\x00\x1b\x7f\xc3\xa9";
        assert_eq!(Escaped(octets).to_string(), r"mn-id:a\r\n\t\\\x00\x1B\x7F\xC3\xA9");
    }

    #[test]
    fn every_octet_comes_out_printable() {
        let all: Vec<u8> = (0..=255).collect();
        assert!(Escaped(&all).to_string().bytes().all(|b| (b' '..=b'~').contains(&b)));
    }
}
