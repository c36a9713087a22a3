//! A line under way, where there are millions of them.

/// Octets of the longest line: two leads of 128, four numbers of 24, and what stands between them.
pub(crate) const LINE: usize = 512;

/// A line under way. Pieces are put down with the room behind them, the next on top of that room: a length that is
/// always the same needs no call.
pub(crate) struct Ink<'a> {
    octets: &'a mut [u8; LINE],
    len: usize,
}

/// A text with room behind it.
#[derive(Clone, Debug)]
pub(crate) struct Piece<const ROOM: usize> {
    octets: [u8; ROOM],
    len: usize,
}

impl<'a> Ink<'a> {
    /// An empty line.
    pub(crate) const fn new(octets: &'a mut [u8; LINE]) -> Self {
        Self { octets, len: 0 }
    }

    /// Appends so many octets.
    #[inline]
    pub(crate) fn put<const ROOM: usize>(&mut self, octets: &[u8; ROOM], len: usize) {
        if let Some(room) = self.octets.get_mut(self.len..).and_then(|rest| rest.first_chunk_mut()) {
            *room = *octets;
            self.len += len;
        }
    }

    /// Appends all of them.
    #[inline]
    pub(crate) fn all<const LEN: usize>(&mut self, octets: &[u8; LEN]) {
        self.put(octets, LEN);
    }

    /// Appends a text.
    #[inline]
    pub(crate) fn piece<const ROOM: usize>(&mut self, piece: &Piece<ROOM>) {
        self.put(&piece.octets, piece.len);
    }

    /// The line.
    pub(crate) fn text(self) -> &'a [u8] {
        self.octets.get(..self.len).unwrap_or_default()
    }
}

impl<const ROOM: usize> Piece<ROOM> {
    /// A text that is no longer than the room.
    pub(crate) fn of(text: &str) -> Self {
        let mut octets = [0; ROOM];
        octets.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        Self { octets, len: text.len().min(ROOM) }
    }
}

impl<const ROOM: usize> Default for Piece<ROOM> {
    fn default() -> Self {
        Self { octets: [0; ROOM], len: 0 }
    }
}
