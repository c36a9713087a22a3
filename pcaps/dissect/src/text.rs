//! The list: a line for each packet, its findings below it. Written by hand where there are millions of lines.

use core::fmt;
use core::time::Duration;
use std::hash::BuildHasher;
use std::io::Write;

use foldhash::fast::FixedState;
use wire::packet::PType;

use crate::conversation::Keys;
use crate::engine::Event;
use crate::inner::Inner;
use crate::line::{Endpoint, Line, Since};
use crate::packet::Packet;
use crate::pipeline::Render;
use crate::shown::{Content, Header, Shown};
use crate::tree;

/// Pieces of text that are remembered.
const REMEMBERED: usize = 64;

/// Writes events as lines of printable ASCII: a packet's octets are never shown as they are.
#[derive(Clone, Debug, Default)]
pub struct Text {
    leads: Leads,
    inner_leads: Leads,
    trees: Option<Keys>,
}

/// Pieces of text that were written lately.
#[derive(Clone, Debug, Default)]
struct Leads {
    by_digest: Vec<Option<(Lead, Vec<u8>)>>,
    last: usize,
}

/// What stands before the number of a packet: it is the same for all packets of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Lead {
    from: Endpoint,
    to: Endpoint,
    /// PType and SPI of what has them.
    under: Option<(PType, u32)>,
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
        out.push(b'#');
        decimal(out, line.frame);
        out.push(b' ');
        match line.at {
            Some(at) => since(out, at),
            None => out.push(b'-'),
        }
        out.push(b' ');
        let Shown { header, content } = &line.packet;
        let under = header.map(|header| (header.ptype, header.spi));
        self.leads.write(out, Lead { from: line.from, to: line.to, under });
        if let Some(Header { sequence, .. }) = header {
            decimal(out, u64::from(*sequence));
            out.extend_from_slice(b": ");
        }
        self.content(out, content);
        out.push(b'\n');
        for finding in &line.findings {
            show(out, format_args!("  {} {finding}\n", finding.mark()));
        }
    }

    fn content(&mut self, out: &mut Vec<u8>, content: &Content) {
        match content {
            Content::NoKeys(octets) => {
                decimal(out, *octets as u64);
                out.extend_from_slice(b" octets, no keys");
            }
            Content::Inner(Inner::Ip { from, to, protocol, octets, about: None }) => {
                let (from, to) = (Endpoint::Host(*from), Endpoint::Host(*to));
                self.inner_leads.write(out, Lead { from, to, under: None });
                out.extend_from_slice(b"protocol ");
                decimal(out, u64::from(*protocol));
                out.extend_from_slice(b", ");
                decimal(out, *octets as u64);
                out.extend_from_slice(b" octets");
            }
            other => show(out, format_args!("{other}")),
        }
    }
}

impl Leads {
    /// Appends a lead, and a space behind it.
    fn write(&mut self, out: &mut Vec<u8>, lead: Lead) {
        if self.by_digest.is_empty() {
            self.by_digest.resize_with(REMEMBERED, || None);
        }
        // Most packets are of the flow of the one before.
        let is_there = |slot: &Option<(Lead, _)>| slot.as_ref().is_some_and(|(known, _)| *known == lead);
        if !self.by_digest.get(self.last).is_some_and(is_there) {
            self.last = FixedState::default().hash_one(lead) as usize % REMEMBERED;
        }
        let Some(slot) = self.by_digest.get_mut(self.last) else { return };
        if !is_there(slot) {
            *slot = Some((lead, format!("{lead} ").into_bytes()));
        }
        if let Some((_, text)) = slot {
            out.extend_from_slice(text);
        }
    }
}

impl fmt::Display for Lead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} > {}", self.from, self.to)?;
        self.under.map_or(Ok(()), |(ptype, spi)| write!(f, " PType {} SPI {spi} seq", ptype.0))
    }
}

fn decimal(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Seconds and microseconds.
fn since(out: &mut Vec<u8>, at: Since) {
    let time: Duration = match at {
        Since::After(time) => time,
        Since::Before(time) => {
            out.push(b'-');
            time
        }
    };
    decimal(out, time.as_secs());
    // The digit in front keeps the zeros; the point takes its place.
    let point = out.len();
    decimal(out, u64::from(time.subsec_micros()) + 1_000_000);
    if let Some(digit) = out.get_mut(point) {
        *digit = b'.';
    }
}

fn show(out: &mut Vec<u8>, arguments: fmt::Arguments<'_>) {
    // A Vec takes all.
    let _ = out.write_fmt(arguments);
}
