//! A capture written again, with each finding as a comment on its frame.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Read, Write};

use pcap_file::DataLink;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};

use crate::engine::Event;
use crate::finding::Finding;
use crate::format::{CaptureFault, Frame, Piece, Walker};

/// Findings that are kept; of a capture with more of them, the later ones are only counted.
const KEPT_AT_MOST: usize = 1 << 20;

/// Nanoseconds: a tenth to the power of so much.
const NANOSECONDS: u8 = 9;

/// What is to be written beside frames.
#[derive(Clone, Debug, Default)]
pub struct Annotations {
    by_frame: BTreeMap<u64, Vec<String>>,
    kept: usize,
    left_out: u64,
}

/// What became of annotations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Annotated {
    /// Comments that were written.
    pub written: u64,
    /// Those for which there is no place: there is no such frame, or its block can have no comment, or there were too
    /// many.
    pub left_out: u64,
    /// Why the capture was not read to its end. What came before it was written.
    pub fault: Option<CaptureFault>,
}

impl Annotations {
    /// Keeps the findings of an event.
    pub fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Packet(packet) => packet.line.findings.iter().for_each(|finding| self.add(finding)),
            Event::Message(message) => message.findings.iter().for_each(|finding| self.add(finding)),
            Event::Finding(finding) => self.add(finding),
            Event::Unseen(_) | Event::Note(_) => {}
        }
    }

    fn add(&mut self, finding: &Finding) {
        if self.kept == KEPT_AT_MOST {
            self.left_out += 1;
            return;
        }
        self.kept += 1;
        let text = format!("{}: {}", finding.fault.requirement(), finding.fault);
        self.by_frame.entry(finding.frame).or_default().push(text);
    }

    /// Writes a capture again as pcapng. What was pcapng keeps all its blocks as they are, but for those that get a
    /// comment.
    ///
    /// # Errors
    /// Of the output. What is wrong with the capture is in the result.
    pub fn write(&self, capture: impl Read, to: impl Write) -> io::Result<Annotated> {
        let mut annotated = Annotated { left_out: self.left_out, ..Annotated::default() };
        let mut out = Output::Unknown(BufWriter::new(to));
        let mut walker = Walker::new(capture);
        // Each round takes a piece of the capture, or is the last.
        loop {
            match walker.next() {
                Ok(None) => break,
                Ok(Some(piece)) => annotated.written += out.piece(&piece, &self.by_frame)?,
                Err(fault) => {
                    annotated.fault = Some(fault);
                    break;
                }
            }
        }
        out.flush()?;
        annotated.left_out += (self.kept as u64).saturating_sub(annotated.written);
        Ok(annotated)
    }
}

enum Output<W: Write> {
    /// Nothing was written, or blocks as they are.
    Unknown(BufWriter<W>),
    /// Frames of a pcap file, in blocks of their own.
    Made(PcapNgWriter<BufWriter<W>>),
    /// The writer could not be made.
    Gone,
}

impl<W: Write> Output<W> {
    /// Says how many comments went out with it.
    fn piece(&mut self, piece: &Piece<'_>, comments: &BTreeMap<u64, Vec<String>>) -> io::Result<u64> {
        match (piece, &mut *self) {
            (Piece::Front(front), _) => self.begin(front.link).map(|()| 0),
            (Piece::Frame(frame), Self::Made(writer)) => {
                let comments = comments.get(&frame.number).map_or(&[][..], Vec::as_slice);
                writer.write_pcapng_block(block(frame, comments)).map_err(failed)?;
                Ok(comments.len() as u64)
            }
            (Piece::Block(block), Self::Unknown(out)) => {
                match block.frame.and_then(|frame| comments.get(&frame)) {
                    None => out.write_all(block.octets).map(|()| 0),
                    Some(comments) => {
                        out.write_all(&block.with_comments(comments))?;
                        Ok(comments.len() as u64)
                    }
                }
            }
            // The walker gives the header of a file first, and pieces of one format only.
            (Piece::Frame(_) | Piece::Block(_), _) => Ok(0),
        }
    }

    fn begin(&mut self, link: u32) -> io::Result<()> {
        let Self::Unknown(out) = core::mem::replace(self, Self::Gone) else { return Ok(()) };
        let mut writer = PcapNgWriter::new(out).map_err(failed)?;
        let mut interface = InterfaceDescriptionBlock::new(DataLink::from(link), 0);
        interface.options.push(InterfaceDescriptionOption::IfTsResol(NANOSECONDS));
        writer.write_pcapng_block(interface).map_err(failed)?;
        *self = Self::Made(writer);
        Ok(())
    }

    fn flush(self) -> io::Result<()> {
        match self {
            Self::Unknown(mut out) => out.flush(),
            Self::Made(writer) => writer.into_inner().flush(),
            Self::Gone => Ok(()),
        }
    }
}

fn block<'a>(frame: &Frame<'a>, comments: &'a [String]) -> EnhancedPacketBlock<'a> {
    EnhancedPacketBlock {
        interface_id: 0,
        // It counts nanoseconds, as the interface says.
        timestamp: frame.at.unwrap_or_default(),
        original_len: frame.original,
        data: frame.octets.into(),
        options: comments.iter().map(|text| EnhancedPacketOption::Comment(text.into())).collect(),
    }
}

fn failed(error: pcap_file::PcapError) -> io::Error {
    match error {
        pcap_file::PcapError::IoError(error) => error,
        other => io::Error::other(other),
    }
}
