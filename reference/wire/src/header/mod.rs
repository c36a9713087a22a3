//! RFC 6618 section 5.2: the lexer of TV-headers. It finds names, values and their places, and knows no meaning.

mod draft;

use std::fmt;

pub use draft::{Draft, Line};

use crate::error::{DecodeError, Have, Need};
use crate::escape::Escaped;
use crate::param::Name;
use crate::value::{is_token, trim_end, trim_start};

const CRLF: &[u8] = b"\r\n";

/// One TV-header where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// The name as sent.
    pub name: &'a [u8],
    /// The value without the white space around it; never empty.
    pub value: &'a [u8],
    /// Offset of the first octet of the name.
    pub at: usize,
    /// Offset of the first octet of the value.
    pub value_at: usize,
    /// Offset behind the CRLF.
    pub end: usize,
    /// Whether white space stood around the value (TV-01: taken, never sent).
    pub padded: bool,
    known: Option<Name>,
}

impl Header<'_> {
    /// The row of the registry that the name, in any letter case, stands for.
    #[must_use]
    pub const fn known(&self) -> Option<Name> {
        self.known
    }
}

/// How the content ended (TV-09).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndOfMessage {
    /// With the last header's own CRLF.
    Absent,
    /// As HTTP does it.
    OneEmptyLine,
    /// As sent by us.
    TwoEmptyLines,
}

/// Content taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Lexed<'a> {
    /// All of it.
    pub content: &'a [u8],
    /// The headers in the order sent, unknown ones too.
    pub headers: Vec<Header<'a>>,
    /// What followed the last header.
    pub end: EndOfMessage,
    /// Octets behind the end of the message (CT-09).
    pub trailing: &'a [u8],
}

impl<'a> Lexed<'a> {
    /// The first header of this name.
    #[must_use]
    pub fn find(&self, name: Name) -> Option<&Header<'a>> {
        self.all(name).next()
    }

    /// All headers of this name.
    pub fn all(&self, name: Name) -> impl Iterator<Item = &Header<'a>> {
        self.headers.iter().filter(move |header| header.known == Some(name))
    }

    /// The msg-octets: what stands before the name `auth`, raw (AU-02 to AU-04).
    #[must_use]
    pub fn signed(&self) -> Option<&'a [u8]> {
        let auth = self.find(Name::Auth)?;
        self.content.get(..auth.at)
    }
}

/// Takes content apart.
///
/// # Errors
/// A line without a colon or with white space before it, an empty name or value, a folded line, a CR or LF alone, a
/// control octet, an octet of 0x80 or more outside `mn-id` (TV-02 to TV-04, TV-13).
pub fn lex(content: &[u8]) -> Result<Lexed<'_>, DecodeError> {
    let mut headers = Vec::new();
    let mut at = 0;
    loop {
        let rest = content.get(at..).unwrap_or_default();
        let (end, trailing) = match strip_empty_lines(rest) {
            Some(found) => found,
            None if rest.is_empty() => (EndOfMessage::Absent, rest),
            None => {
                let header = lex_line(rest, at)?;
                at = header.end;
                headers.push(header);
                continue;
            }
        };
        return Ok(Lexed { content, headers, end, trailing });
    }
}

fn strip_empty_lines(rest: &[u8]) -> Option<(EndOfMessage, &[u8])> {
    let after_one = rest.strip_prefix(CRLF)?;
    Some(match after_one.strip_prefix(CRLF) {
        None => (EndOfMessage::OneEmptyLine, after_one),
        Some(after_two) => (EndOfMessage::TwoEmptyLines, after_two),
    })
}

fn lex_line(rest: &[u8], at: usize) -> Result<Header<'_>, DecodeError> {
    let line = take_line(rest).map_err(|error| error.shifted(at))?;
    let header = split_line(line).map_err(|error| error.shifted(at))?;
    check_value(&header).map_err(|error| error.shifted(at))?;
    Ok(Header { at, value_at: header.value_at + at, end: header.end + at, ..header })
}

/// The octets up to the first CRLF.
fn take_line(rest: &[u8]) -> Result<&[u8], DecodeError> {
    let fault = |need, at| {
        let have = Have::text(rest.get(at..=at).unwrap_or_default());
        Err(DecodeError::new("line end", Need::Grammar(need), have).shifted(at))
    };
    match rest.iter().position(|octet| matches!(octet, b'\r' | b'\n')) {
        None => {
            let need = Need::Grammar("CRLF at the end of a TV-header");
            Err(DecodeError::new("line end", need, Have::Nothing).shifted(rest.len()))
        }
        Some(at) if rest.get(at..).is_some_and(|tail| tail.starts_with(CRLF)) => {
            Ok(rest.get(..at).unwrap_or_default())
        }
        Some(at) if rest.get(at) == Some(&b'\r') => fault("CR only before LF", at),
        Some(at) => fault("LF only behind CR", at),
    }
}

fn split_line(line: &[u8]) -> Result<Header<'_>, DecodeError> {
    let name_len = line.iter().position(|&octet| !is_token(octet)).unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(name_len).unwrap_or((line, &[]));
    // A broken line may hold a key, so errors show no more of it than the octet at fault.
    let fault = |need, have| Err(DecodeError::new("TV-header", need, have).shifted(name_len));
    let raw = match rest {
        [b' ' | b'\t', ..] if name.is_empty() => {
            return fault(Need::Grammar("no folded line"), Have::text(b" "));
        }
        [b':', ..] if name.is_empty() => {
            return fault(Need::Grammar("a name before the colon"), Have::Nothing);
        }
        [b':', raw @ ..] => raw,
        [b' ' | b'\t', ..] => {
            let need = Need::Grammar("no white space before the colon");
            return fault(need, Have::text(b" "));
        }
        [octet, ..] => {
            let need = Need::Grammar("a name of token characters");
            return fault(need, Have::text(&[*octet]));
        }
        [] => return fault(Need::Grammar("a colon behind the name"), Have::Nothing),
    };
    let untrimmed_start = trim_start(raw);
    let value = trim_end(untrimmed_start);
    Ok(Header {
        name,
        value,
        at: 0,
        value_at: line.len() - untrimmed_start.len(),
        end: line.len() + CRLF.len(),
        padded: value.len() != raw.len(),
        known: Name::from_octets(name),
    })
}

fn check_value(header: &Header<'_>) -> Result<(), DecodeError> {
    let field = header.known.map_or("TV-header", Name::as_str);
    if header.value.is_empty() {
        let need = Need::Grammar("a value behind the colon");
        return Err(DecodeError::new(field, need, Have::Nothing).shifted(header.value_at));
    }
    let high_octets_allowed = header.known == Some(Name::MnId);
    let legal = |octet: u8| match octet {
        b'\t' | b' '..=b'~' => true,
        0x80.. => high_octets_allowed,
        _ => false,
    };
    match header.value.iter().position(|&octet| !legal(octet)) {
        None => Ok(()),
        Some(at) => {
            let need = Need::Grammar("printable ASCII");
            let have = Have::text(header.value.get(at..=at).unwrap_or_default());
            Err(DecodeError::new(field, need, have).shifted(header.value_at + at))
        }
    }
}

impl fmt::Debug for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, self.name, self.value)
    }
}

impl fmt::Debug for Lexed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lexed")
            .field("headers", &self.headers)
            .field("end", &self.end)
            .field("trailing", &Escaped(self.trailing))
            .finish_non_exhaustive()
    }
}

/// Shows a header without its value where that is a key.
fn show(f: &mut fmt::Formatter<'_>, name: &[u8], value: &[u8]) -> fmt::Result {
    if Name::from_octets(name).is_some_and(Name::is_secret) {
        return write!(f, "{}: {} octets", Escaped(name), value.len());
    }
    write!(f, "{}: {}", Escaped(name), Escaped(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(content: &[u8]) -> DecodeError {
        lex(content).expect_err("the content must be refused")
    }

    #[test]
    fn headers_are_found_with_their_places() {
        let content = b"mn-id:a@b.c\r\nX-New:  y \r\n\r\n\r\n";
        let lexed = lex(content).unwrap();
        let [first, second] = lexed.headers.as_slice() else { panic!("two headers") };
        assert_eq!((first.name, first.value), (&b"mn-id"[..], &b"a@b.c"[..]));
        assert_eq!((first.at, first.value_at, first.end), (0, 6, 13));
        assert_eq!((first.known(), first.padded), (Some(Name::MnId), false));
        assert_eq!((second.name, second.value), (&b"X-New"[..], &b"y"[..]));
        assert_eq!((second.at, second.value_at, second.end), (13, 21, 25));
        assert_eq!((second.known(), second.padded), (None, true));
        assert_eq!(lexed.end, EndOfMessage::TwoEmptyLines);
        assert!(lexed.trailing.is_empty());
    }

    #[test]
    fn names_are_known_in_any_case() {
        let lexed = lex(b"MIP6-Spi:1\r\n").unwrap();
        assert!(lexed.find(Name::Spi).is_some());
        assert!(lexed.find(Name::Sas).is_none());
    }

    #[test]
    fn every_end_of_message_is_told() {
        for (end, expected, trailing) in [
            ("", EndOfMessage::Absent, ""),
            ("\r\n", EndOfMessage::OneEmptyLine, ""),
            ("\r\n\r\n", EndOfMessage::TwoEmptyLines, ""),
            ("\r\n\r\n\r\n", EndOfMessage::TwoEmptyLines, "\r\n"),
            ("\r\nmn-id:a\r\n", EndOfMessage::OneEmptyLine, "mn-id:a\r\n"),
            ("\r\n\n", EndOfMessage::OneEmptyLine, "\n"),
        ] {
            let content = format!("mip6-sas:1\r\n{end}");
            let lexed = lex(content.as_bytes()).unwrap();
            assert_eq!((lexed.end, lexed.headers.len()), (expected, 1));
            assert_eq!(lexed.trailing, trailing.as_bytes());
        }
        assert_eq!(lex(b"").unwrap().end, EndOfMessage::Absent);
        assert_eq!(lex(b"\r\n").unwrap().end, EndOfMessage::OneEmptyLine);
    }

    #[test]
    fn signed_octets_end_before_the_name_auth() {
        let lexed = lex(b"mn-rand: 0\r\nAUTH:0\r\n\r\n").unwrap();
        assert_eq!(lexed.signed(), Some(&b"mn-rand: 0\r\n"[..]));
        assert_eq!(lex(b"mn-rand:0\r\n").unwrap().signed(), None);
    }

    #[test]
    fn all_headers_of_a_name_come_in_order() {
        let lexed = lex(b"dns-ip4:1\r\ndns-ip6:2\r\nDNS-ip4:3\r\n").unwrap();
        let values: Vec<_> = lexed.all(Name::DnsIp4).map(|header| header.value).collect();
        assert_eq!(values, [b"1", b"3"]);
    }

    #[test]
    fn bad_lines_are_refused_where_the_fault_stands() {
        let cases: [(&[u8], usize, &str); 17] = [
            (b"mn-id\r\n", 5, "a colon behind the name"),
            (b"mn-id :a\r\n", 5, "no white space before the colon"),
            (b"mn-id\t:a\r\n", 5, "no white space before the colon"),
            (b" mn-id:a\r\n", 0, "no folded line"),
            (b"mn-id:a\r\n\tb\r\n", 9, "no folded line"),
            (b":a\r\n", 0, "a name before the colon"),
            (b"mn(id:a\r\n", 2, "a name of token characters"),
            (b"mn\x80id:a\r\n", 2, "a name of token characters"),
            (b"mn-id:\r\n", 6, "a value behind the colon"),
            (b"mn-id: \t \r\n", 9, "a value behind the colon"),
            (b"mn-id:a\n", 7, "LF only behind CR"),
            (b"mn-id:a\rb\r\n", 7, "CR only before LF"),
            (b"mn-id:a", 7, "CRLF at the end of a TV-header"),
            (b"mn-id:a\r", 7, "CR only before LF"),
            (b"mip6-sas:\x000\r\n", 9, "printable ASCII"),
            (b"mn-id:\x7f\r\n", 6, "printable ASCII"),
            (b"x:\xc3\xa9\r\n", 2, "printable ASCII"),
        ];
        for (content, offset, need) in cases {
            let error = refusal(content);
            assert_eq!((error.offset, error.need), (offset, Need::Grammar(need)));
        }
    }

    #[test]
    fn a_fault_in_a_later_line_counts_from_the_start_of_the_content() {
        assert_eq!(refusal(b"mip6-sas:1\r\nx:\x01\r\n").offset, 14);
    }

    #[test]
    fn high_octets_may_stand_in_the_identity_only() {
        assert!(lex("mn-id:jürgen@example.com\r\n".as_bytes()).is_ok());
        assert!(lex("MN-ID:jürgen@example.com\r\n".as_bytes()).is_ok());
        assert!(lex("auth-method:jürgen\r\n".as_bytes()).is_err());
    }

    #[test]
    fn a_key_is_not_shown() {
        for broken in ["ikey c0ffee", "ikey :c0ffee", "ikey:c0ffee\0", " c0ffee", "a:b\n c0ffee"] {
            let error = refusal(format!("mip6-mn-to-ha-{broken}\r\n").as_bytes());
            assert!(!error.to_string().contains("c0ffee"), "{error}");
        }
        let shown = format!("{:?}", lex(b"mip6-mn-to-ha-ikey:c0ffee\r\n").unwrap());
        assert!(!shown.contains("c0ffee"), "{shown}");
    }
}
