//! pcap and pcapng: frames out of a slice, in order. The first thing that cannot be read ends the capture.

use core::fmt;
use core::time::Duration;

use pcap_file::pcap::{PcapHeader, PcapParser};
use pcap_file::pcapng::PcapNgParser;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionOption;
use pcap_file::{Endianness, PcapError, TsResolution};

/// First octets of a pcapng file, the same in both byte orders.
const SECTION: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// Block types of pcapng that hold a frame or secrets.
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const SECRETS: u32 = 10;

/// Octets of a pcap file header, of a packet header, and of a pcapng block before and behind its body.
const PACKET_HEADER_LEN: usize = 16;
const BLOCK_FRONT: usize = 8;
const BLOCK_END: usize = 4;

/// One captured frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    /// Its place in the capture, from 1.
    pub(crate) number: u64,
    /// Since the epoch of the capture; nothing where the file does not say.
    pub(crate) at: Option<Duration>,
    /// Link type, a number of the registry of tcpdump.org.
    pub(crate) link: u32,
    /// The octets kept.
    pub(crate) octets: &'a [u8],
    /// Whether the octets kept are all that were on the wire.
    pub(crate) is_whole: bool,
}

/// Why reading a capture ended before its end. Whoever wrote the file is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaptureFault {
    /// Neither pcap nor pcapng.
    NotACapture,
    /// The file ends inside the header, packet or block that starts at this octet.
    Cut {
        /// Octets from the start of the file.
        at: usize,
    },
    /// The header, packet or block that starts at this octet breaks its format.
    Broken {
        /// Octets from the start of the file.
        at: usize,
        /// What is wrong.
        what: &'static str,
    },
}

/// A capture being read.
pub(crate) struct Capture<'a> {
    all: &'a [u8],
    rest: &'a [u8],
    format: Format,
    frames: u64,
    /// Blocks of decryption secrets passed so far.
    pub(crate) secrets: u64,
    /// Why it ended early, once it did.
    pub(crate) fault: Option<CaptureFault>,
}

enum Format {
    Pcap(PcapParser),
    PcapNg(PcapNgParser),
}

impl<'a> Capture<'a> {
    pub(crate) fn open(all: &'a [u8]) -> Result<Self, CaptureFault> {
        let refused = |error| match error {
            PcapError::IncompleteBuffer => CaptureFault::Cut { at: 0 },
            PcapError::InvalidField(what) if all.starts_with(&SECTION) => {
                CaptureFault::Broken { at: 0, what }
            }
            _ => CaptureFault::NotACapture,
        };
        let (rest, format) = if all.starts_with(&SECTION) {
            let (rest, parser) = PcapNgParser::new(all).map_err(refused)?;
            (rest, Format::PcapNg(parser))
        } else {
            let (rest, parser) = PcapParser::new(all).map_err(refused)?;
            (rest, Format::Pcap(parser))
        };
        Ok(Self { all, rest, format, frames: 0, secrets: 0, fault: None })
    }

    fn at(&self) -> usize {
        self.all.len() - self.rest.len()
    }

    fn fail(&mut self, error: &PcapError) {
        let at = self.at();
        self.fault = Some(match error {
            PcapError::IncompleteBuffer => CaptureFault::Cut { at },
            PcapError::InvalidField(what) => CaptureFault::Broken { at, what },
            _ => CaptureFault::Broken { at, what: "text that is no UTF-8" },
        });
    }

    /// The next record, if there is one: `Some(None)` for a block that holds no frame.
    fn record(&mut self) -> Option<Option<Frame<'a>>> {
        if self.rest.is_empty() || self.fault.is_some() {
            return None;
        }
        let number = self.frames + 1;
        let before = self.rest;
        let read = match &mut self.format {
            Format::Pcap(parser) => pcap_packet(parser, before, number),
            Format::PcapNg(parser) => pcapng_block(parser, before, number),
        };
        match read {
            Ok((rest, record)) => {
                self.rest = rest;
                match record {
                    Record::Frame(frame) => {
                        self.frames = number;
                        return Some(Some(frame));
                    }
                    Record::Secrets => self.secrets += 1,
                    Record::Other => {}
                }
                Some(None)
            }
            Err(error) => {
                self.fail(&error);
                None
            }
        }
    }
}

impl<'a> Iterator for Capture<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        // Each round takes a record of at least 12 octets, so the walk ends.
        loop {
            if let Some(frame) = self.record()? {
                return Some(frame);
            }
        }
    }
}

enum Record<'a> {
    Frame(Frame<'a>),
    Secrets,
    Other,
}

type Read<'a> = Result<(&'a [u8], Record<'a>), PcapError>;

fn pcap_packet<'a>(parser: &PcapParser, slice: &'a [u8], number: u64) -> Read<'a> {
    let header: PcapHeader = parser.header();
    let (rest, packet) = parser.next_raw_packet(slice)?;
    let octets = between(slice, PACKET_HEADER_LEN, rest, 0);
    let nanoseconds = match header.ts_resolution {
        TsResolution::MicroSecond => u64::from(packet.ts_frac) * 1000,
        TsResolution::NanoSecond => u64::from(packet.ts_frac),
    };
    let frame = Frame {
        number,
        at: Some(Duration::from_secs(u64::from(packet.ts_sec)) + Duration::from_nanos(nanoseconds)),
        // The high bits tell of a frame check sequence.
        link: u32::from(header.datalink) & 0xffff,
        octets,
        is_whole: is_whole(octets, packet.orig_len),
    };
    Ok((rest, Record::Frame(frame)))
}

fn pcapng_block<'a>(parser: &mut PcapNgParser, slice: &'a [u8], number: u64) -> Read<'a> {
    let (rest, block) = parser.next_raw_block(slice)?;
    let body = between(slice, BLOCK_FRONT, rest, BLOCK_END);
    let words = Words { body, endianness: parser.section().endianness };
    let record = match block.type_ {
        ENHANCED_PACKET => {
            let interface = words.word(0)?;
            enhanced_packet(parser, words, interface as usize, number)?
        }
        // The obsolete block differs from its successor in that the interface shares a word.
        PACKET => {
            let interface = words.half(0)?;
            enhanced_packet(parser, words, usize::from(interface), number)?
        }
        SIMPLE_PACKET => simple_packet(parser, words, number)?,
        SECRETS => Record::Secrets,
        _ => Record::Other,
    };
    Ok((rest, record))
}

fn enhanced_packet<'a>(
    parser: &PcapNgParser,
    words: Words<'a>,
    interface: usize,
    number: u64,
) -> Result<Record<'a>, PcapError> {
    let interface = parser
        .interfaces()
        .get(interface)
        .ok_or(PcapError::InvalidField("packet of an unknown interface"))?;
    let units = u64::from(words.word(4)?) << 32 | u64::from(words.word(8)?);
    let (kept, original) = (words.word(12)?, words.word(16)?);
    let octets = words
        .body
        .get(20..)
        .and_then(|data| data.get(..kept as usize))
        .ok_or(PcapError::InvalidField("packet longer than its block"))?;
    let resolution = interface.options.iter().find_map(|option| match option {
        InterfaceDescriptionOption::IfTsResol(resolution) => Some(*resolution),
        _ => None,
    });
    let frame = Frame {
        number,
        at: Some(since_epoch(units, resolution)),
        link: u32::from(interface.linktype),
        octets,
        is_whole: is_whole(octets, original),
    };
    Ok(Record::Frame(frame))
}

fn simple_packet<'a>(parser: &PcapNgParser, words: Words<'a>, number: u64) -> Result<Record<'a>, PcapError> {
    let interface =
        parser.interfaces().first().ok_or(PcapError::InvalidField("packet of an unknown interface"))?;
    let original = words.word(0)?;
    let limit = if interface.snaplen == 0 { u32::MAX } else { interface.snaplen };
    let data = words.body.get(4..).unwrap_or_default();
    let kept = usize::try_from(original.min(limit)).unwrap_or(usize::MAX);
    let octets = data.get(..kept).ok_or(PcapError::InvalidField("packet longer than its block"))?;
    let link = u32::from(interface.linktype);
    Ok(Record::Frame(Frame { number, at: None, link, octets, is_whole: is_whole(octets, original) }))
}

/// A time stamp, which pcap-file takes for nanoseconds whatever the interface says. Without a resolution the units
/// are microseconds; with the high bit set they are powers of 2.
fn since_epoch(units: u64, resolution: Option<u8>) -> Duration {
    let resolution = resolution.unwrap_or(6);
    let exponent = u32::from(resolution & 0x7f);
    let base: u128 = if resolution & 0x80 == 0 { 10 } else { 2 };
    let Some(a_second) = base.checked_pow(exponent) else {
        return Duration::ZERO;
    };
    let units = u128::from(units);
    // What is left below a second times 10^9 fits: it is below 2^64 * 2^30.
    let nanoseconds = (units % a_second) * 1_000_000_000 / a_second;
    let seconds = u64::try_from(units / a_second).unwrap_or(u64::MAX);
    Duration::new(seconds, u32::try_from(nanoseconds).unwrap_or_default())
}

fn is_whole(octets: &[u8], original: u32) -> bool {
    usize::try_from(original).is_ok_and(|original| octets.len() >= original)
}

/// What a parser took from `slice`, without the octets at its front and end.
fn between<'a>(slice: &'a [u8], front: usize, rest: &[u8], end: usize) -> &'a [u8] {
    let taken = slice.len() - rest.len();
    slice.get(front..taken.saturating_sub(end)).unwrap_or_default()
}

#[derive(Clone, Copy)]
struct Words<'a> {
    body: &'a [u8],
    endianness: Endianness,
}

impl Words<'_> {
    fn word(self, at: usize) -> Result<u32, PcapError> {
        let octets = self.octets(at)?;
        Ok(if self.endianness.is_big() { u32::from_be_bytes(octets) } else { u32::from_le_bytes(octets) })
    }

    fn half(self, at: usize) -> Result<u16, PcapError> {
        let octets = self.octets(at)?;
        Ok(if self.endianness.is_big() { u16::from_be_bytes(octets) } else { u16::from_le_bytes(octets) })
    }

    fn octets<const N: usize>(self, at: usize) -> Result<[u8; N], PcapError> {
        let octets = self.body.get(at..at + N).and_then(|octets| octets.try_into().ok());
        octets.ok_or(PcapError::InvalidField("block shorter than its fields"))
    }
}

impl fmt::Display for CaptureFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotACapture => f.write_str("neither pcap nor pcapng"),
            Self::Cut { at } => write!(f, "the file ends inside the record at octet {at}"),
            Self::Broken { at, what } => write!(f, "the record at octet {at} cannot be read: {what}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stamps_have_the_resolution_of_their_interface() {
        assert_eq!(since_epoch(1_500_000, None), Duration::from_millis(1500));
        assert_eq!(since_epoch(1_500_000_000, Some(9)), Duration::from_millis(1500));
        assert_eq!(since_epoch(3, Some(0x81)), Duration::from_millis(1500));
        assert_eq!(since_epoch(u64::MAX, Some(0)).as_secs(), u64::MAX);
        for resolution in 0..=u8::MAX {
            since_epoch(u64::MAX, Some(resolution));
        }
    }

    #[test]
    fn what_is_no_capture_is_refused() {
        assert_eq!(Capture::open(b"").err(), Some(CaptureFault::Cut { at: 0 }));
        let section = [&SECTION[..], &[0; 64]].concat();
        assert!(matches!(Capture::open(&section).err(), Some(CaptureFault::Broken { at: 0, .. })));
        assert_eq!(Capture::open(&[b'x'; 64]).err(), Some(CaptureFault::NotACapture));
    }
}
