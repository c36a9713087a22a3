//! Every record of a capture with all its octets, for whoever writes the capture again.

use std::io::{ErrorKind, Read};

use super::{CaptureFault, Format, Item, Kept, MAX_RECORD, Order, PIECE, Step, options};

/// What a capture is made of.
pub(crate) enum Piece<'a> {
    /// The header of a pcap file.
    Front(Front),
    /// A frame of a pcap file.
    Frame(super::Frame<'a>),
    /// A block of a pcapng file.
    Block(Block<'a>),
}

/// What the header of a pcap file says.
pub(crate) struct Front {
    pub(crate) link: u32,
}

/// A block of a pcapng file.
pub(crate) struct Block<'a> {
    /// Its frame, if it is one that can have comments.
    pub(crate) frame: Option<u64>,
    /// All of it.
    pub(crate) octets: &'a [u8],
    options_at: usize,
    order: Order,
}

/// Reads a capture record by record.
pub(crate) struct Walker<R> {
    source: R,
    format: Format,
    held: Vec<u8>,
    /// Octets of them that were given.
    given: usize,
    passed: u64,
    frames: u64,
    is_at_end: bool,
}

impl<R: Read> Walker<R> {
    pub(crate) const fn new(source: R) -> Self {
        Self {
            source,
            format: Format::Unknown,
            held: Vec::new(),
            given: 0,
            passed: 0,
            frames: 0,
            is_at_end: false,
        }
    }

    /// The next piece; nothing at the end.
    ///
    /// # Errors
    /// Why the capture ends early.
    pub(crate) fn next(&mut self) -> Result<Option<Piece<'_>>, CaptureFault> {
        // Each round takes octets of the source or of what is held, or is the last.
        loop {
            let rest = self.held.get(self.given..).unwrap_or_default();
            let was_unknown = matches!(self.format, Format::Unknown);
            match self.format.step(rest) {
                Step::Need(need) if need > MAX_RECORD => {
                    return Err(CaptureFault::Broken { at: self.passed, what: "a length beyond any record" });
                }
                Step::Need(_) if self.is_at_end => {
                    let is_cut = was_unknown || !rest.is_empty();
                    return if is_cut { Err(CaptureFault::Cut { at: self.passed }) } else { Ok(None) };
                }
                Step::Need(_) => self.read()?,
                // A format that was recognised.
                Step::Took(0, _) => {}
                Step::Took(len, item) => {
                    let start = self.given;
                    self.given += len;
                    self.passed += len as u64;
                    return Ok(Some(self.piece(start, len, item)));
                }
                Step::Broken(what) => return Err(CaptureFault::Broken { at: self.passed, what }),
                Step::NotACapture => return Err(CaptureFault::NotACapture),
            }
        }
    }

    fn piece(&mut self, start: usize, len: usize, item: Item) -> Piece<'_> {
        let octets = self.held.get(start..start + len).unwrap_or_default();
        let is_frame = matches!(item, Item::Frame(_) | Item::FaultyFrame(..));
        self.frames += u64::from(is_frame);
        match (&self.format, item) {
            (Format::Pcap(_), Item::Frame(kept)) => {
                let Kept { at, link, start, len, original, .. } = kept;
                let octets = octets.get(start..start + len).unwrap_or_default();
                let offset = self.passed;
                Piece::Frame(super::Frame { number: self.frames, at, link, octets, original, offset })
            }
            (Format::Pcap(pcap), _) => Piece::Front(Front { link: pcap.link() }),
            (_, item) => {
                let options_at = match item {
                    Item::Frame(kept) => kept.options.start,
                    _ => 0,
                };
                let frame = (options_at > 0).then_some(self.frames);
                Piece::Block(Block { frame, octets, options_at, order: self.format.order() })
            }
        }
    }

    fn read(&mut self) -> Result<(), CaptureFault> {
        self.held.drain(..self.given);
        self.given = 0;
        let have = self.held.len();
        self.held.resize(have + PIECE, 0);
        let got = loop {
            match self.source.read(self.held.get_mut(have..).unwrap_or_default()) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.held.truncate(have + *got.as_ref().unwrap_or(&0));
        match got {
            Ok(read) => self.is_at_end = read == 0,
            Err(error) => return Err(CaptureFault::Source { at: self.passed, kind: error.kind() }),
        }
        Ok(())
    }
}

impl Block<'_> {
    /// The block with comments added to those that it has.
    pub(crate) fn with_comments(&self, comments: &[String]) -> Vec<u8> {
        let end = self.octets.len().saturating_sub(4);
        let (Some(front), Some(known)) =
            (self.octets.get(..self.options_at), self.octets.get(self.options_at..end))
        else {
            return self.octets.to_vec();
        };
        let mut block = front.to_vec();
        block.extend_from_slice(&options::with_comments(known, self.order, comments));
        let len = u32::try_from(block.len() + 4).unwrap_or(u32::MAX);
        let len = match self.order {
            Order::Big => len.to_be_bytes(),
            Order::Little => len.to_le_bytes(),
        };
        if let Some(announced) = block.get_mut(4..8) {
            announced.copy_from_slice(&len);
        }
        block.extend_from_slice(&len);
        block
    }
}
