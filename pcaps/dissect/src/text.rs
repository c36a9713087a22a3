//! The list: a line for each packet, its findings below it. Written by hand where there are millions of lines.

use core::fmt;
use core::time::Duration;
use std::hash::BuildHasher;
use std::io::Write;

use foldhash::fast::FixedState;
use wire::packet::PType;

use crate::conversation::Keys;
use crate::decimal::{self, Numeral};
use crate::engine::Event;
use crate::ink::{Ink, LINE, Piece};
use crate::inner::Inner;
use crate::line::{Endpoint, Line, Since};
use crate::packet::Packet;
use crate::pipeline::Render;
use crate::shown::{Content, Shown};
use crate::tree;

/// Pieces of text that are remembered.
const REMEMBERED: usize = 64;

/// Octets of the longest: two IPv6 addresses with ports take 97, what follows them 31 at most.
const LEAD: usize = 128;

/// Writes events as lines of printable ASCII: a packet's octets are never shown as they are.
#[derive(Clone, Debug, Default)]
pub struct Text {
    words: Words,
    trees: Option<Keys>,
}

/// What lines are made of, as it was in the line before.
#[derive(Clone, Debug)]
struct Words {
    line: [u8; LINE],
    frame: Numeral,
    second: Numeral,
    lead: Leads,
    sequence: Numeral,
    inner_lead: Leads,
    octets: Numeral,
}

/// Pieces of text that were written lately.
#[derive(Clone, Debug, Default)]
struct Leads {
    last: Option<Lead>,
    piece: Piece<LEAD>,
    by_digest: Vec<Option<(Lead, Piece<LEAD>)>>,
}

/// What is the same for all packets of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Lead {
    from: Endpoint,
    to: Endpoint,
    then: Then,
}

/// What follows the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Then {
    Nothing,
    /// PType and SPI.
    Under(PType, u32),
    /// A protocol number.
    Protocol(u8),
}

impl Render for Text {
    fn packet(&mut self, packet: &Packet<'_>, out: &mut Vec<u8>) {
        self.line(&packet.line, out);
        if self.trees.is_some() {
            tree::write(packet, out);
        }
    }

    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        match event {
            Event::Packet(packet) => self.packet(packet, out),
            Event::Message(message) => match self.trees {
                Some(keys) => show(out, format_args!("{}", message.tree(keys))),
                None => show(out, format_args!("{message}")),
            },
            rare => show(out, format_args!("{rare}")),
        }
    }
}

impl Text {
    /// With each message and packet as a tree of its fields.
    #[must_use]
    pub fn with_trees(keys: Keys) -> Self {
        Self { trees: Some(keys), ..Self::default() }
    }

    /// Appends the line of a packet and those of its findings.
    pub fn line(&mut self, line: &Line, out: &mut Vec<u8>) {
        let (text, is_whole) = self.words.line(line);
        out.extend_from_slice(text);
        if !is_whole {
            show(out, format_args!("{}\n", line.packet.content));
        }
        for finding in &line.findings {
            show(out, format_args!("  {} {finding}\n", finding.mark()));
        }
    }
}

impl Default for Words {
    fn default() -> Self {
        Self {
            line: [0; LINE],
            frame: Numeral::default(),
            second: Numeral::default(),
            lead: Leads::default(),
            sequence: Numeral::default(),
            inner_lead: Leads::default(),
            octets: Numeral::default(),
        }
    }
}

impl Words {
    /// The line of a packet, and whether it has its end: of rarer content only what stands before that is written.
    fn line(&mut self, line: &Line) -> (&[u8], bool) {
        let Self { line: room, frame, second, lead, sequence, inner_lead, octets } = self;
        let mut ink = Ink::new(room);
        ink.all(b"#");
        frame.write(&mut ink, line.frame);
        ink.all(b" ");
        match line.at {
            Some(Since::After(time)) => since(&mut ink, second, time),
            Some(Since::Before(time)) => {
                ink.all(b"-");
                since(&mut ink, second, time);
            }
            None => ink.all(b"-"),
        }
        ink.all(b" ");
        let Shown { header, content } = &line.packet;
        let then = header.map_or(Then::Nothing, |header| Then::Under(header.ptype, header.spi));
        ink.piece(lead.of(Lead { from: line.from, to: line.to, then }));
        if let Some(header) = header {
            sequence.write(&mut ink, u64::from(header.sequence));
            ink.all(b": ");
        }
        let is_whole = match content {
            Content::NoKeys(len) => {
                octets.write(&mut ink, *len as u64);
                ink.all(b" octets, no keys\n");
                true
            }
            Content::Inner(Inner::Ip { from, to, protocol, octets: len, about: None }) => {
                let (from, to) = (Endpoint::Host(*from), Endpoint::Host(*to));
                ink.piece(inner_lead.of(Lead { from, to, then: Then::Protocol(*protocol) }));
                octets.write(&mut ink, *len as u64);
                ink.all(b" octets\n");
                true
            }
            _ => false,
        };
        (ink.text(), is_whole)
    }
}

/// Seconds and microseconds.
#[inline]
fn since(ink: &mut Ink<'_>, seconds: &mut Numeral, time: Duration) {
    seconds.write(ink, time.as_secs());
    ink.put(&decimal::microseconds(time.subsec_micros()), 7);
}

impl Leads {
    /// A lead, and a space behind it.
    fn of(&mut self, lead: Lead) -> &Piece<LEAD> {
        // Most packets are of the flow of the one before.
        if self.last != Some(lead) {
            self.piece = self.find(lead);
            self.last = Some(lead);
        }
        &self.piece
    }

    #[cold]
    fn find(&mut self, lead: Lead) -> Piece<LEAD> {
        self.by_digest.resize(REMEMBERED, None);
        let place = FixedState::default().hash_one(lead) as usize % REMEMBERED;
        match self.by_digest.get_mut(place) {
            Some(Some((known, piece))) if *known == lead => piece.clone(),
            slot => {
                let piece = Piece::of(&format!("{lead} "));
                if let Some(slot) = slot {
                    *slot = Some((lead, piece.clone()));
                }
                piece
            }
        }
    }
}

impl fmt::Display for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} > {}", self.from, self.to)?;
        match self.then {
            Then::Nothing => Ok(()),
            Then::Under(ptype, spi) => write!(f, " PType {} SPI {spi} seq", ptype.0),
            Then::Protocol(protocol) => write!(f, " protocol {protocol},"),
        }
    }
}

fn show(out: &mut Vec<u8>, arguments: fmt::Arguments<'_>) {
    // A Vec takes all.
    let _ = out.write_fmt(arguments);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_lead_has_room() {
        let longest = Endpoint::Socket(([0xffff; 8], u16::MAX).into());
        let then = Then::Under(PType(u8::MAX), u32::MAX);
        let lead = Lead { from: longest, to: longest, then };
        let mut room = [0; LINE];
        let mut ink = Ink::new(&mut room);
        ink.piece(Leads::default().of(lead));
        assert_eq!(String::from_utf8_lossy(ink.text()), format!("{lead} "));
    }
}
