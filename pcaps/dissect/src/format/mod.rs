//! Capture files: records out of a stream of octets, in order, in constant memory.
//!
//! [`Reader`] fills a [`Batch`] with the whole records of a piece of the stream; a batch is worked on without the
//! reader, by whichever thread. A record that breaks its format is told and passed where its length still holds;
//! otherwise the capture ends there.

mod options;
mod pcap;
mod pcapng;
mod walk;

use core::fmt;
use core::time::Duration;
use std::io::{self, ErrorKind, Read};

pub(crate) use walk::{Piece, Walker};

/// A record longer than this is taken for a broken length.
const MAX_RECORD: usize = 32 << 20;

/// Octets asked of the source at a time. What a batch holds stays in the cache of a core.
const PIECE: usize = 128 << 10;

/// One record of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record<'a> {
    /// Something captured.
    Frame(Frame<'a>),
    /// A block of decryption secrets.
    Secrets(Secrets<'a>),
    /// A comment that somebody left in the capture.
    Comment(Comment<'a>),
    /// A record that breaks its format; the next one is read all the same.
    Fault {
        /// Octets from the start of the capture.
        at: u64,
        /// What is wrong.
        what: &'static str,
    },
}

/// One captured frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Its place in the capture, from 1.
    pub number: u64,
    /// Since the epoch of the capture; nothing where the file does not say.
    pub at: Option<Duration>,
    /// Link type, a number of the registry of tcpdump.org.
    pub link: u32,
    /// The octets kept.
    pub octets: &'a [u8],
    /// Octets on the wire.
    pub original: u32,
    /// Where its record starts: octets from the start of the capture.
    pub offset: u64,
}

/// Decryption secrets that a capture brings along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secrets<'a> {
    /// What kind, by the registry of pcapng: [`Secrets::TLS_KEY_LOG`] is the one that is used.
    pub kind: u32,
    /// The secrets.
    pub octets: &'a [u8],
}

/// A comment in a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment<'a> {
    /// The frame that it is about; of a comment about the capture or an interface, the frame that comes next.
    pub frame: u64,
    /// Whether it is about a frame.
    pub is_of_frame: bool,
    /// UTF-8, unless its writer got that wrong.
    pub octets: &'a [u8],
}

impl Secrets<'_> {
    /// The text of an SSLKEYLOGFILE.
    pub const TLS_KEY_LOG: u32 = 0x544c_534b;
}

impl Frame<'_> {
    /// Whether the octets kept are all that were on the wire.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        usize::try_from(self.original).is_ok_and(|original| self.octets.len() >= original)
    }
}

/// Why reading a capture ended before its end. Whoever wrote the file is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureFault {
    /// Neither pcap nor pcapng.
    NotACapture,
    /// The file ends inside the header, packet or block that starts at this octet.
    Cut {
        /// Octets from the start of the capture.
        at: u64,
    },
    /// The header, packet or block that starts at this octet breaks its format.
    Broken {
        /// Octets from the start of the capture.
        at: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The source failed, or its compression is broken.
    Source {
        /// Octets from the start of the capture, all of which were read.
        at: u64,
        /// What failed.
        kind: ErrorKind,
    },
}

/// What a parser says of the front of the stream.
enum Step {
    /// The record takes so many octets, more than there are.
    Need(usize),
    /// A record of so many octets.
    Took(usize, Item),
    /// The capture cannot be followed further.
    Broken(&'static str),
    /// Not a capture at all.
    NotACapture,
}

/// What a record holds. Places are octets from the start of the record.
enum Item {
    Frame(Kept),
    /// As much of a frame as there is, and what is wrong with its record.
    FaultyFrame(Kept, &'static str),
    Secrets {
        kind: u32,
        start: usize,
        len: usize,
    },
    Fault(&'static str),
    /// Something that is no frame; it may have options.
    Other(Span),
    Nothing,
}

/// A frame within its record.
struct Kept {
    at: Option<Duration>,
    link: u32,
    start: usize,
    len: usize,
    original: u32,
    options: Span,
}

/// A part of a record, both ends counted from its start. Empty where there is none.
#[derive(Clone, Copy, Default)]
struct Span {
    start: usize,
    end: usize,
}

impl Span {
    fn of(self, record: &[u8]) -> &[u8] {
        record.get(self.start..self.end).unwrap_or_default()
    }
}

enum Format {
    Unknown,
    Pcap(pcap::Pcap),
    PcapNg(pcapng::PcapNg),
}

impl Format {
    fn step(&mut self, octets: &[u8]) -> Step {
        match self {
            Self::Unknown => self.recognise(octets),
            Self::Pcap(pcap) => pcap.step(octets),
            Self::PcapNg(pcapng) => pcapng.step(octets),
        }
    }

    fn order(&self) -> Order {
        match self {
            Self::Unknown => Order::Little,
            Self::Pcap(pcap) => pcap.order(),
            Self::PcapNg(pcapng) => pcapng.order(),
        }
    }

    fn recognise(&mut self, octets: &[u8]) -> Step {
        let Some(magic) = octets.first_chunk::<4>() else { return Step::Need(4) };
        if *magic == pcapng::SECTION {
            *self = Self::PcapNg(pcapng::PcapNg::default());
            return Step::Took(0, Item::Nothing);
        }
        match pcap::Pcap::open(octets) {
            Ok((pcap, len)) => {
                *self = Self::Pcap(pcap);
                Step::Took(len, Item::Nothing)
            }
            Err(step) => step,
        }
    }
}

/// Reads the records of one capture.
pub struct Reader<R> {
    source: R,
    /// Octets asked of it at a time.
    piece: usize,
    format: Format,
    /// The front of a record whose end is still to come.
    tail: Vec<u8>,
    /// Octets of the capture before the tail.
    passed: u64,
    frames: u64,
    is_at_end: bool,
    fault: Option<CaptureFault>,
}

/// Records in a row, with their octets.
#[derive(Default)]
pub struct Batch {
    /// Room for octets; it is never shortened, since making it longer again would fill it with zeros.
    room: Vec<u8>,
    /// How many of them are octets of the capture.
    len: usize,
    places: Vec<Place>,
}

enum Place {
    Frame { number: u64, offset: u64, kept: Kept },
    Secrets { kind: u32, start: usize, len: usize },
    Comment { frame: u64, is_of_frame: bool, start: usize, len: usize },
    Fault { at: u64, what: &'static str },
}

impl<R: Read> Reader<R> {
    /// A reader at the start of a capture.
    pub const fn new(source: R) -> Self {
        Self::in_pieces(source, PIECE)
    }

    /// The same, with other batches than those that stay in the cache of a core.
    pub(crate) const fn in_pieces(source: R, piece: usize) -> Self {
        Self {
            source,
            piece,
            format: Format::Unknown,
            tail: Vec::new(),
            passed: 0,
            frames: 0,
            is_at_end: false,
            fault: None,
        }
    }

    /// Why the capture ended early, once it did.
    pub const fn fault(&self) -> Option<CaptureFault> {
        self.fault
    }

    /// Puts the next records into an emptied batch; waits for one whole record at least. Says whether there was any.
    pub fn fill(&mut self, batch: &mut Batch) -> bool {
        batch.places.clear();
        batch.len = 0;
        batch.append(&self.tail);
        let mut at = 0;
        // Each round takes octets of the source, or is the last.
        while batch.places.is_empty() && !self.has_ended() {
            self.take_records(batch, &mut at);
            if batch.places.is_empty() && self.fault.is_none() {
                batch.drop_front(at);
                self.passed += at as u64;
                at = 0;
                self.read(batch);
            }
        }
        self.tail.clear();
        self.tail.extend_from_slice(batch.octets().get(at..).unwrap_or_default());
        self.passed += at as u64;
        !batch.places.is_empty()
    }

    fn has_ended(&self) -> bool {
        self.is_at_end || self.fault.is_some()
    }

    /// Takes the whole records that there are, from `at` on.
    fn take_records(&mut self, batch: &mut Batch, at: &mut usize) {
        loop {
            let rest = batch.octets().get(*at..).unwrap_or_default();
            let here = self.passed + *at as u64;
            match self.format.step(rest) {
                Step::Need(need) if need > MAX_RECORD => {
                    self.fault = Some(CaptureFault::Broken { at: here, what: "a length beyond any record" });
                    return;
                }
                Step::Need(_) => return,
                Step::Took(len, item) => {
                    self.keep(item, batch, *at, here);
                    *at += len;
                }
                Step::Broken(what) => {
                    self.fault = Some(CaptureFault::Broken { at: here, what });
                    return;
                }
                Step::NotACapture => {
                    self.fault = Some(CaptureFault::NotACapture);
                    return;
                }
            }
        }
    }

    fn keep(&mut self, item: Item, batch: &mut Batch, record: usize, here: u64) {
        batch.places.push(match item {
            Item::Frame(kept) => {
                self.frames += 1;
                let options = kept.options;
                let kept = Kept { start: record + kept.start, ..kept };
                batch.places.push(Place::Frame { number: self.frames, offset: here, kept });
                return self.keep_comments(batch, record, options, true);
            }
            Item::FaultyFrame(kept, what) => {
                batch.places.push(Place::Fault { at: here, what });
                return self.keep(Item::Frame(kept), batch, record, here);
            }
            Item::Secrets { kind, start, len } => Place::Secrets { kind, start: record + start, len },
            Item::Fault(what) => Place::Fault { at: here, what },
            Item::Other(options) => return self.keep_comments(batch, record, options, false),
            Item::Nothing => return,
        });
    }

    fn keep_comments(&self, batch: &mut Batch, record: usize, span: Span, is_of_frame: bool) {
        if span.start == span.end {
            return;
        }
        let frame = if is_of_frame { self.frames } else { self.frames + 1 };
        let octets = batch.octets().get(record..).unwrap_or_default();
        let found: Vec<_> = options::comments(span.of(octets), self.format.order())
            .map(|(at, text)| (record + span.start + at, text.len()))
            .collect();
        let places = found.into_iter().map(|(start, len)| Place::Comment { frame, is_of_frame, start, len });
        batch.places.extend(places);
    }

    /// Reads a piece more.
    fn read(&mut self, batch: &mut Batch) {
        let have = batch.len;
        let got = loop {
            match self.source.read(batch.piece(self.piece)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        batch.len += *got.as_ref().unwrap_or(&0);
        match got {
            Ok(0) => {
                self.is_at_end = true;
                let is_opened = !matches!(self.format, Format::Unknown);
                if have > 0 || !is_opened {
                    self.fault = Some(CaptureFault::Cut { at: self.passed });
                }
            }
            Ok(_) => {}
            Err(error) => self.fault = Some(CaptureFault::Source { at: self.passed, kind: error.kind() }),
        }
    }
}

impl Batch {
    /// Its records, in order.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.places.iter().map(|place| match place {
            Place::Frame { number, offset, kept } => Record::Frame(Frame {
                number: *number,
                at: kept.at,
                link: kept.link,
                octets: self.slice(kept.start, kept.len),
                original: kept.original,
                offset: *offset,
            }),
            Place::Secrets { kind, start, len } => {
                Record::Secrets(Secrets { kind: *kind, octets: self.slice(*start, *len) })
            }
            Place::Comment { frame, is_of_frame, start, len } => Record::Comment(Comment {
                frame: *frame,
                is_of_frame: *is_of_frame,
                octets: self.slice(*start, *len),
            }),
            Place::Fault { at, what } => Record::Fault { at: *at, what },
        })
    }

    fn octets(&self) -> &[u8] {
        self.room.get(..self.len).unwrap_or_default()
    }

    fn append(&mut self, octets: &[u8]) {
        let end = self.len + octets.len();
        if self.room.len() < end {
            self.room.resize(end, 0);
        }
        if let Some(room) = self.room.get_mut(self.len..end) {
            room.copy_from_slice(octets);
        }
        self.len = end;
    }

    fn drop_front(&mut self, len: usize) {
        self.room.copy_within(len..self.len, 0);
        self.len -= len;
    }

    /// Room for a piece behind what is there. A length that lies takes no memory before its octets have come.
    fn piece(&mut self, len: usize) -> &mut [u8] {
        let end = self.len + len;
        if self.room.len() < end {
            self.room.resize(end, 0);
        }
        self.room.get_mut(self.len..end).unwrap_or_default()
    }

    fn slice(&self, start: usize, len: usize) -> &[u8] {
        self.octets().get(start..).and_then(|rest| rest.get(..len)).unwrap_or_default()
    }
}

/// Byte order of the integers of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Big,
    Little,
}

impl Order {
    /// The word at an offset; 0 beyond the end, where a parser that has checked its lengths does not look.
    fn word(self, octets: &[u8], at: usize) -> u32 {
        let octets = octets.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        match self {
            Self::Big => u32::from_be_bytes(octets),
            Self::Little => u32::from_le_bytes(octets),
        }
    }

    fn half(self, octets: &[u8], at: usize) -> u16 {
        let octets = octets.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or_default();
        match self {
            Self::Big => u16::from_be_bytes(octets),
            Self::Little => u16::from_le_bytes(octets),
        }
    }
}

/// A length of the file as a length of memory; too long for it is too long.
fn length(word: u32) -> usize {
    usize::try_from(word).unwrap_or(usize::MAX)
}

impl fmt::Display for CaptureFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotACapture => f.write_str("neither pcap nor pcapng"),
            Self::Cut { at: 0 } => f.write_str("it is empty, or ends inside its first header"),
            Self::Cut { at } => write!(f, "the file ends inside the record at octet {at}"),
            Self::Broken { at, what } => write!(f, "the record at octet {at} cannot be read: {what}"),
            Self::Source { at, kind } => {
                write!(f, "after octet {at} reading failed: {}", io::Error::from(*kind))
            }
        }
    }
}
