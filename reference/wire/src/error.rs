//! What a receiver says when octets are not legal: the field, where it stands, what was needed, what was there.

use std::fmt;

use crate::escape::Escaped;

/// A refusal of received octets; whoever sent the octets is at fault.
///
/// Its text is safe for a terminal: peer octets are escaped. Octets of keys never get into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// The field, in the words of the specification (for a TV-header its wire name).
    pub field: &'static str,
    /// Where it stands: octets from the start of what was parsed.
    pub offset: usize,
    /// What a legal sender puts there.
    pub need: Need,
    /// What was found.
    pub have: Have,
}

/// What a legal sender puts into a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// This many octets, or at least this many where more may follow.
    Octets(usize),
    /// No more octets than this.
    AtMost(usize),
    /// Exactly this number.
    Value(u64),
    /// A number from `min` to `max`, both included.
    Range {
        /// The smallest legal number.
        min: u64,
        /// The largest legal number.
        max: u64,
    },
    /// A count of octets that this number divides.
    MultipleOf(usize),
    /// One of the listed values.
    OneOf(&'static str),
    /// Text of this shape.
    Grammar(&'static str),
    /// The field itself, which is missing.
    Present,
    /// Nothing: the field has no place here.
    Absent,
    /// The field once only.
    Once,
    /// The field as the last one, with nothing after it.
    Last,
}

/// What was found instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Have {
    /// This many octets.
    Octets(usize),
    /// This number.
    Value(u64),
    /// These octets, at most [`Have::SHOWN`] of them.
    Text(Vec<u8>),
    /// Nothing at all.
    Nothing,
}

impl Have {
    /// How many octets of a peer's text an error keeps.
    pub const SHOWN: usize = 64;

    /// A peer's text, cut to [`Self::SHOWN`] octets.
    #[must_use]
    pub fn text(octets: &[u8]) -> Self {
        Self::Text(octets.iter().copied().take(Self::SHOWN).collect())
    }
}

impl DecodeError {
    /// An error at the start of the field.
    #[must_use]
    pub const fn new(field: &'static str, need: Need, have: Have) -> Self {
        Self { field, offset: 0, need, have }
    }

    /// The same error, seen from `by` octets further out.
    #[must_use]
    pub const fn shifted(mut self, by: usize) -> Self {
        self.offset = self.offset.saturating_add(by);
        self
    }

    /// The same error, told of the field that a reader would look for.
    #[must_use]
    pub const fn of(mut self, field: &'static str) -> Self {
        self.field = field;
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, offset, need, have } = self;
        write!(f, "{field} at octet {offset}: need {need}, have {have}")
    }
}

impl std::error::Error for DecodeError {}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Octets(n) => write!(f, "{n} octets"),
            Self::AtMost(n) => write!(f, "at most {n} octets"),
            Self::Value(n) => write!(f, "{n}"),
            Self::Range { min, max } => write!(f, "{min} to {max}"),
            Self::MultipleOf(n) => write!(f, "a multiple of {n} octets"),
            Self::OneOf(list) => write!(f, "one of {list}"),
            Self::Grammar(shape) => f.write_str(shape),
            Self::Present => f.write_str("it to be present"),
            Self::Absent => f.write_str("it to be absent"),
            Self::Once => f.write_str("it once only"),
            Self::Last => f.write_str("it to be last"),
        }
    }
}

impl fmt::Display for Have {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Octets(n) => write!(f, "{n} octets"),
            Self::Value(n) => write!(f, "{n}"),
            Self::Text(octets) => write!(f, "\"{}\"", Escaped(octets)),
            Self::Nothing => f.write_str("nothing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_one_sentence() {
        let error = DecodeError::new("Length", Need::Range { min: 1, max: 65535 }, Have::Value(0));
        assert_eq!(error.shifted(2).to_string(), "Length at octet 2: need 1 to 65535, have 0");
    }

    #[test]
    fn peer_text_cannot_paint_a_terminal() {
        let error = DecodeError::new("mn-id", Need::Present, Have::text(b"\x1b[31m\r\n"));
        assert!(error.to_string().ends_with(r#"have "\x1B[31m\r\n""#));
    }

    #[test]
    fn peer_text_is_kept_short() {
        assert_eq!(Have::text(&[b'a'; 1000]), Have::Text(vec![b'a'; Have::SHOWN]));
    }
}
