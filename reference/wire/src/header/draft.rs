//! RFC 6618 section 5.2, the forging side: a list of lines that may be anything.

use std::fmt::{self, Display};

use super::{lex, show};
use crate::error::DecodeError;
use crate::escape::Escaped;
use crate::param::Name;
use crate::value::Mac;

const END_OF_MESSAGE: &[u8] = b"\r\n\r\n";

/// A line of a [`Draft`].
#[derive(Clone, PartialEq, Eq)]
pub enum Line {
    /// Sent as name, colon, value, CRLF, whatever the octets are.
    Header {
        /// The name.
        name: Vec<u8>,
        /// The value, with the white space around it if there is any.
        value: Vec<u8>,
    },
    /// Sent as it is; nothing is added.
    Verbatim(Vec<u8>),
}

impl Line {
    /// The header that this line is, in any letter case.
    #[must_use]
    pub fn known(&self) -> Option<Name> {
        match self {
            Self::Header { name, .. } => Name::from_octets(name),
            Self::Verbatim(_) => None,
        }
    }

    fn emit(&self, out: &mut Vec<u8>) {
        match self {
            Self::Header { name, value } => {
                out.extend_from_slice(name);
                out.push(b':');
                out.extend_from_slice(value);
                out.extend_from_slice(b"\r\n");
            }
            Self::Verbatim(octets) => out.extend_from_slice(octets),
        }
    }
}

/// Content in the making.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// The lines in the order sent.
    pub lines: Vec<Line>,
    /// What follows the lines: two empty lines unless it is changed (TV-09).
    pub end: Vec<u8>,
}

impl Draft {
    /// No line yet.
    #[must_use]
    pub fn new() -> Self {
        Self { lines: Vec::new(), end: END_OF_MESSAGE.to_vec() }
    }

    /// Takes content apart so that it can be rewritten; [`Self::octets`] gives the very same octets back.
    ///
    /// # Errors
    /// As [`lex`].
    pub fn parse(content: &[u8]) -> Result<Self, DecodeError> {
        let lexed = lex(content)?;
        let mut draft = Self::new();
        for header in &lexed.headers {
            let after_colon = header.at + header.name.len() + 1..header.end - 2;
            let raw = content.get(after_colon).unwrap_or(header.value);
            draft.push_raw(header.name, raw);
        }
        let end_at = lexed.headers.last().map_or(0, |header| header.end);
        draft.end = content.get(end_at..).unwrap_or_default().to_vec();
        Ok(draft)
    }

    /// Adds a header as the last line.
    pub fn push(&mut self, name: Name, value: impl Display) {
        self.push_raw(name.as_str().as_bytes(), value.to_string().as_bytes());
    }

    /// Adds a header of any octets as the last line.
    pub fn push_raw(&mut self, name: &[u8], value: &[u8]) {
        self.lines.push(header(name, value));
    }

    /// Adds octets that are sent as they are; they bring their own CRLF, or none.
    pub fn line(&mut self, octets: &[u8]) {
        self.lines.push(Line::Verbatim(octets.to_vec()));
    }

    /// Puts a header before the line with this number; behind all if there are fewer.
    pub fn insert(&mut self, position: usize, name: &[u8], value: &[u8]) {
        let position = position.min(self.lines.len());
        self.lines.insert(position, header(name, value));
    }

    /// Gives the first header of this name another value; adds the header as the last line if there is none.
    pub fn set(&mut self, name: Name, value: &[u8]) {
        let new = header(name.as_str().as_bytes(), value);
        let found = self.lines.iter_mut().find(|line| line.known() == Some(name));
        match found {
            Some(line) => *line = new,
            None => self.lines.push(new),
        }
    }

    /// Takes out all headers of this name and says how many there were.
    pub fn remove(&mut self, name: Name) -> usize {
        let before = self.lines.len();
        self.lines.retain(|line| line.known() != Some(name));
        before - self.lines.len()
    }

    /// The number of the first line with this name.
    #[must_use]
    pub fn position(&self, name: Name) -> Option<usize> {
        self.lines.iter().position(|line| line.known() == Some(name))
    }

    /// The value of the first header of this name.
    #[must_use]
    pub fn value(&self, name: Name) -> Option<&[u8]> {
        let line = self.lines.get(self.position(name)?)?;
        match line {
            Line::Header { value, .. } => Some(value),
            Line::Verbatim(_) => None,
        }
    }

    /// The content.
    #[must_use]
    pub fn octets(&self) -> Vec<u8> {
        let mut out = emit(&self.lines);
        out.extend_from_slice(&self.end);
        out
    }

    /// The msg-octets: all lines before the first `auth`, or all lines if there is none.
    #[must_use]
    pub fn unsigned_octets(&self) -> Vec<u8> {
        let before = self.position(Name::Auth).unwrap_or(self.lines.len());
        emit(self.lines.get(..before).unwrap_or_default())
    }

    /// Makes `auth` the last line; any that were there go.
    pub fn sign(&mut self, mac: Mac) {
        self.remove(Name::Auth);
        self.push(Name::Auth, mac);
    }
}

impl Default for Draft {
    fn default() -> Self {
        Self::new()
    }
}

fn header(name: &[u8], value: &[u8]) -> Line {
    Line::Header { name: name.to_vec(), value: value.to_vec() }
}

fn emit(lines: &[Line]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in lines {
        line.emit(&mut out);
    }
    out
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header { name, value } => show(f, name, value),
            // A key may hide in it.
            Self::Verbatim(octets) => write!(f, "{} verbatim octets", octets.len()),
        }
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").field("lines", &self.lines).field("end", &Escaped(&self.end)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Scope;

    #[test]
    fn lines_are_sent_in_order_with_two_empty_lines_behind() {
        let mut draft = Draft::new();
        draft.push(Name::Sas, Scope::AllTraffic);
        draft.push_raw(b"X New", b" \0");
        draft.line(b"no colon\n");
        assert_eq!(draft.octets(), b"mip6-sas:1\r\nX New: \0\r\nno colon\n\r\n\r\n");
        draft.end.clear();
        draft.insert(0, b"a", b"b");
        draft.insert(99, b"c", b"d");
        assert!(draft.octets().starts_with(b"a:b\r\nmip6-sas"));
        assert!(draft.octets().ends_with(b"colon\nc:d\r\n"));
    }

    #[test]
    fn a_signature_is_the_last_line_and_covers_all_before_it() {
        let mut draft = Draft::new();
        draft.push(Name::Auth, "old");
        draft.push(Name::Sas, Scope::SignalingOnly);
        assert_eq!(draft.unsigned_octets(), b"");
        draft.remove(Name::Auth);
        assert_eq!(draft.unsigned_octets(), b"mip6-sas:0\r\n");
        draft.sign(Mac([0xab; 32]));
        draft.sign(Mac([0xcd; 32]));
        assert_eq!(draft.unsigned_octets(), b"mip6-sas:0\r\n");
        let expected = format!("mip6-sas:0\r\nauth:{}\r\n\r\n\r\n", "cd".repeat(32));
        assert_eq!(draft.octets(), expected.as_bytes());
    }

    #[test]
    fn headers_are_changed_by_name() {
        let mut draft = Draft::parse(b"a:b\r\nMIP6-SAS:0\r\nmip6-sas:1\r\n").unwrap();
        assert_eq!(draft.position(Name::Sas), Some(1));
        draft.set(Name::Sas, b"7");
        draft.set(Name::Spi, b"8");
        assert_eq!(draft.value(Name::Sas), Some(&b"7"[..]));
        assert_eq!(draft.octets(), b"a:b\r\nmip6-sas:7\r\nmip6-sas:1\r\nmip6-spi:8\r\n");
        assert_eq!(draft.remove(Name::Sas), 2);
        assert_eq!(draft.remove(Name::Sas), 0);
        assert_eq!(draft.octets(), b"a:b\r\nmip6-spi:8\r\n");
    }

    #[test]
    fn what_is_taken_apart_comes_back_octet_for_octet() {
        for content in ["", "\r\n", "a:b\r\n", "A: b \r\nmip6-sas:\t1\r\n\r\n", "a:b\r\n\r\n\r\ntrailing\n"] {
            let draft = Draft::parse(content.as_bytes()).unwrap();
            assert_eq!(draft.octets(), content.as_bytes());
        }
        assert!(Draft::parse(b"no colon").is_err());
    }

    #[test]
    fn a_key_is_not_shown() {
        let mut draft = Draft::new();
        draft.push(Name::HaToMnEkey, "c0ffee");
        draft.line(b"mip6-ha-to-mn-ekey:c0ffee\r\n");
        let shown = format!("{draft:?}");
        assert!(!shown.contains("c0ffee"), "{shown}");
    }
}
