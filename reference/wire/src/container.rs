//! RFC 6618 section 5.1: the request-response message container (Figure 3).
//!
//! ```text
//!  0                   1                   2                   3
//! | Ver |  Rsrvd  |  Identifier   |            Length             |
//! |  Content: Length octets ...
//! ```

use std::fmt;
use std::num::NonZeroU8;

use crate::error::{DecodeError, Have, Need};

/// Octets before the Content.
pub const HEADER_LEN: usize = 4;
/// The most octets that Content can have; messages are never split (CT-04).
pub const MAX_CONTENT: usize = 65535;

const IDENTIFIER_AT: usize = 1;
const LENGTH_AT: usize = 2;

/// How many octets the container at the front of a stream takes in all; [`HEADER_LEN`] until its header is there.
///
/// Records of TLS may split and join containers at will, so only Length decides (CT-07).
#[must_use]
pub fn octets_needed(front: &[u8]) -> usize {
    if front.len() < HEADER_LEN {
        return HEADER_LEN;
    }
    HEADER_LEN + usize::from(Container::new_unchecked(front).length())
}

/// A legal Identifier: 1 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier(NonZeroU8);

impl Identifier {
    /// The Identifier of the first request of a session.
    pub const FIRST: Self = Self(NonZeroU8::MIN);

    /// Refuses 0.
    #[must_use]
    pub const fn new(octet: u8) -> Option<Self> {
        match NonZeroU8::new(octet) {
            Some(octet) => Some(Self(octet)),
            None => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0.get()
    }

    /// The Identifier of the next request; after 255 there is none, since numbers do not wrap (EX-05).
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(next) => Some(Self(next)),
            None => None,
        }
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A view of a container: shows any octets, forges any field.
///
/// Octets that are not there read as 0 and cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Container<T>(T);

impl<T: AsRef<[u8]>> Container<T> {
    /// A view without any check.
    pub const fn new_unchecked(octets: T) -> Self {
        Self(octets)
    }

    /// A view of a header and of all the Content that Length announces; octets after it are left alone.
    ///
    /// # Errors
    /// Fewer than 4 octets, or fewer octets of Content than Length says (CT-05).
    pub fn new_checked(octets: T) -> Result<Self, DecodeError> {
        let have = octets.as_ref().len();
        if have < HEADER_LEN {
            return Err(DecodeError::new("container header", Need::Octets(HEADER_LEN), Have::Octets(have)));
        }
        let view = Self(octets);
        let length = usize::from(view.length());
        if have - HEADER_LEN < length {
            let have = Have::Octets(have - HEADER_LEN);
            return Err(DecodeError::new("Content", Need::Octets(length), have).shifted(HEADER_LEN));
        }
        Ok(view)
    }

    /// Ver, 3 bits.
    pub fn version(&self) -> u8 {
        self.octet(0) >> 5
    }

    /// Rsrvd, 5 bits.
    pub fn reserved(&self) -> u8 {
        self.octet(0) & 0x1f
    }

    /// The Identifier as it stands, 0 included.
    pub fn identifier(&self) -> u8 {
        self.octet(IDENTIFIER_AT)
    }

    /// Length as it stands: octets of Content.
    pub fn length(&self) -> u16 {
        u16::from_be_bytes([self.octet(LENGTH_AT), self.octet(LENGTH_AT + 1)])
    }

    /// The Content: Length octets, or what there is of them.
    pub fn content(&self) -> &[u8] {
        content_of(self.0.as_ref(), self.length())
    }

    /// The octets under the view.
    pub fn into_inner(self) -> T {
        self.0
    }

    fn octet(&self, at: usize) -> u8 {
        self.0.as_ref().get(at).copied().unwrap_or(0)
    }
}

fn content_of(octets: &[u8], length: u16) -> &[u8] {
    let content = octets.get(HEADER_LEN..).unwrap_or_default();
    content.get(..usize::from(length)).unwrap_or(content)
}

impl<T: AsRef<[u8]> + AsMut<[u8]>> Container<T> {
    /// Sets Ver (its low 3 bits).
    pub fn set_version(&mut self, version: u8) {
        let first = self.reserved() | version << 5;
        self.set_octet(0, first);
    }

    /// Sets Rsrvd (its low 5 bits).
    pub fn set_reserved(&mut self, reserved: u8) {
        let first = self.version() << 5 | reserved & 0x1f;
        self.set_octet(0, first);
    }

    /// Sets the Identifier, 0 included.
    pub fn set_identifier(&mut self, identifier: u8) {
        self.set_octet(IDENTIFIER_AT, identifier);
    }

    /// Sets Length and leaves the Content as it is.
    pub fn set_length(&mut self, length: u16) {
        let [high, low] = length.to_be_bytes();
        self.set_octet(LENGTH_AT, high);
        self.set_octet(LENGTH_AT + 1, low);
    }

    fn set_octet(&mut self, at: usize, octet: u8) {
        if let Some(place) = self.0.as_mut().get_mut(at) {
            *place = octet;
        }
    }
}

/// A legal container of version 0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Repr<'a> {
    /// 1 to 255; a response copies the one of its request.
    pub identifier: Identifier,
    /// 1 to 65535 octets of TV-headers.
    pub content: &'a [u8],
}

impl<'a> Repr<'a> {
    /// Reads a checked view. Reserved bits are ignored (CT-02).
    ///
    /// # Errors
    /// `Ver` other than 0 (CT-01), `Identifier` 0 (EX-01), `Length` 0 (CT-03), Content cut short (CT-05).
    pub fn parse(container: &Container<&'a [u8]>) -> Result<Self, DecodeError> {
        let version = container.version();
        if version != 0 {
            let have = Have::Value(u64::from(version));
            return Err(DecodeError::new("Ver", Need::Value(0), have));
        }
        let need = Need::Range { min: 1, max: 255 };
        let identifier = Identifier::new(container.identifier())
            .ok_or_else(|| DecodeError::new("Identifier", need, Have::Value(0)).shifted(IDENTIFIER_AT))?;
        let length = container.length();
        if length == 0 {
            let need = Need::Range { min: 1, max: 65535 };
            return Err(DecodeError::new("Length", need, Have::Value(0)).shifted(LENGTH_AT));
        }
        let content = content_of(container.0, length);
        if content.len() != usize::from(length) {
            let need = Need::Octets(usize::from(length));
            let have = Have::Octets(content.len());
            return Err(DecodeError::new("Content", need, have).shifted(HEADER_LEN));
        }
        Ok(Self { identifier, content })
    }

    /// How many octets [`Self::emit`] writes.
    #[must_use]
    pub const fn buffer_len(&self) -> usize {
        HEADER_LEN + self.content.len()
    }

    /// Appends the container to `out`.
    ///
    /// # Errors
    /// `Content` that is empty or longer than [`MAX_CONTENT`] (CT-03, CT-04): here the caller is at fault.
    pub fn emit(&self, out: &mut Vec<u8>) -> Result<(), DecodeError> {
        let need = Need::Range { min: 1, max: 65535 };
        let have = Have::Octets(self.content.len());
        let length = u16::try_from(self.content.len())
            .ok()
            .filter(|&length| length > 0)
            .ok_or(DecodeError::new("Content", need, have))?;
        out.reserve(self.buffer_len());
        out.extend_from_slice(&[0, self.identifier.get()]);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(self.content);
        Ok(())
    }

    /// The container as octets.
    ///
    /// # Errors
    /// As [`Self::emit`].
    pub fn to_vec(&self) -> Result<Vec<u8>, DecodeError> {
        let mut out = Vec::new();
        self.emit(&mut out)?;
        Ok(out)
    }
}

impl fmt::Debug for Repr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Content may hold keys.
        let length = self.content.len();
        write!(f, "container {} with {length} octets", self.identifier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::hex::spaced;

    fn refusal(octets: &str) -> DecodeError {
        let octets = spaced(octets);
        Container::new_checked(octets.as_slice())
            .and_then(|container| Repr::parse(&container))
            .expect_err("the container must be refused")
    }

    #[test]
    fn a_container_is_read_and_written_alike() {
        let octets = spaced("00 01 0009  6d6e2d69643a610d0a");
        let container = Container::new_checked(octets.as_slice()).unwrap();
        let repr = Repr::parse(&container).unwrap();
        assert_eq!(repr.identifier, Identifier::FIRST);
        assert_eq!(repr.content, b"mn-id:a\r\n");
        assert_eq!(repr.buffer_len(), octets.len());
        assert_eq!(repr.to_vec().unwrap(), octets);
    }

    #[test]
    fn octets_behind_length_belong_to_the_next_container() {
        let octets = spaced("00 01 0001 61  00 02");
        let container = Container::new_checked(octets.as_slice()).unwrap();
        assert_eq!(container.content(), b"a");
        assert_eq!(Repr::parse(&container).unwrap().content, b"a");
    }

    #[test]
    fn another_version_is_refused() {
        let error = refusal("20 01 0001 61");
        assert_eq!((error.field, error.offset), ("Ver", 0));
        assert_eq!((error.need, error.have), (Need::Value(0), Have::Value(1)));
    }

    #[test]
    fn reserved_bits_are_ignored() {
        let octets = spaced("1f 01 0001 61");
        let container = Container::new_checked(octets.as_slice()).unwrap();
        assert_eq!((container.version(), container.reserved()), (0, 31));
        assert!(Repr::parse(&container).is_ok());
    }

    #[test]
    fn identifier_zero_is_refused() {
        let error = refusal("00 00 0001 61");
        assert_eq!((error.field, error.offset), ("Identifier", 1));
    }

    #[test]
    fn length_zero_is_refused() {
        let error = refusal("00 01 0000");
        assert_eq!((error.field, error.offset), ("Length", 2));
        assert_eq!(error.need, Need::Range { min: 1, max: 65535 });
    }

    #[test]
    fn content_cut_short_is_refused() {
        let error = refusal("00 01 0003 6161");
        assert_eq!((error.field, error.offset), ("Content", 4));
        assert_eq!(error.need, Need::Octets(3));
        assert_eq!(error.have, Have::Octets(2));
        let octets = spaced("00 01 0003 6161");
        assert!(Repr::parse(&Container::new_unchecked(octets.as_slice())).is_err());
    }

    #[test]
    fn a_header_cut_short_is_refused() {
        assert_eq!(refusal("00 01 00").need, Need::Octets(4));
    }

    #[test]
    fn a_stream_says_how_much_it_needs() {
        assert_eq!(octets_needed(&[]), 4);
        assert_eq!(octets_needed(&spaced("00 01 00")), 4);
        assert_eq!(octets_needed(&spaced("00 01 0102")), 4 + 0x0102);
        assert_eq!(octets_needed(&spaced("00 01 ffff 61")), 4 + MAX_CONTENT);
    }

    #[test]
    fn content_has_1_to_65535_octets() {
        let identifier = Identifier::FIRST;
        let largest = vec![b'a'; MAX_CONTENT];
        let content = largest.as_slice();
        let octets = Repr { identifier, content }.to_vec().unwrap();
        assert_eq!(octets.get(..4), Some(&spaced("00 01 ffff")[..]));
        let too_large = vec![b'a'; MAX_CONTENT + 1];
        for content in [&[][..], &too_large] {
            assert!(Repr { identifier, content }.to_vec().is_err());
        }
    }

    #[test]
    fn identifiers_do_not_wrap() {
        let identifiers: Vec<u8> =
            std::iter::successors(Some(Identifier::FIRST), |identifier| identifier.next())
                .map(Identifier::get)
                .collect();
        assert_eq!(identifiers, (1..=255).collect::<Vec<u8>>());
        assert_eq!(Identifier::new(0), None);
    }

    #[test]
    fn the_view_forges_every_field() {
        let mut view = Container::new_unchecked(spaced("00 01 0001 61"));
        view.set_version(0b101);
        view.set_reserved(0b1_0010);
        view.set_identifier(0);
        view.set_length(0xabcd);
        assert_eq!(view.clone().into_inner(), spaced("b2 00 abcd 61"));
        assert_eq!((view.version(), view.reserved()), (0b101, 0b1_0010));
        assert_eq!((view.identifier(), view.length()), (0, 0xabcd));
        assert_eq!(view.content(), b"a");
    }

    #[test]
    fn the_view_takes_octets_that_are_not_there() {
        let mut view = Container::new_unchecked(spaced("e0"));
        view.set_length(1);
        assert_eq!((view.version(), view.length()), (7, 0));
        assert!(view.content().is_empty());
    }
}
