//! The list: a line for each packet, its findings below it. Written by hand where there are millions of lines.

use core::fmt;
use core::time::Duration;
use std::hash::BuildHasher;
use std::io::Write;

use foldhash::fast::FixedState;

use crate::conversation::Keys;
use crate::engine::Event;
use crate::inner::Inner;
use crate::line::{Endpoint, Line, Since};
use crate::packet::Packet;
use crate::pipeline::Render;
use crate::shown::{Content, Header, Shown};
use crate::tree;

/// Pairs of addresses whose text is remembered.
const REMEMBERED: usize = 64;

/// Writes events as lines of printable ASCII: a packet's octets are never shown as they are.
#[derive(Clone, Debug, Default)]
pub struct Text {
    ways: Ways,
    trees: Option<Keys>,
}

/// Source and destination of packets that were met lately, and which was the last.
#[derive(Clone, Debug, Default)]
struct Ways(Vec<Option<Way>>, usize);

#[derive(Clone, Debug)]
struct Way {
    from: Endpoint,
    to: Endpoint,
    text: Vec<u8>,
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
        self.ways.write(out, line.from, line.to);
        self.shown(out, &line.packet);
        out.push(b'\n');
        for finding in &line.findings {
            show(out, format_args!("  {} {finding}\n", finding.mark()));
        }
    }

    fn shown(&mut self, out: &mut Vec<u8>, shown: &Shown) {
        if let Some(Header { ptype, spi, sequence }) = shown.header {
            out.extend_from_slice(b"PType ");
            decimal(out, u64::from(ptype.0));
            out.extend_from_slice(b" SPI ");
            decimal(out, u64::from(spi));
            out.extend_from_slice(b" seq ");
            decimal(out, u64::from(sequence));
            out.extend_from_slice(b": ");
        }
        match &shown.content {
            Content::NoKeys(octets) => {
                decimal(out, *octets as u64);
                out.extend_from_slice(b" octets, no keys");
            }
            Content::Inner(Inner::Ip { from, to, protocol, octets }) => {
                self.ways.write(out, Endpoint::Host(*from), Endpoint::Host(*to));
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

impl Ways {
    /// Both addresses, and a space behind them.
    fn write(&mut self, out: &mut Vec<u8>, from: Endpoint, to: Endpoint) {
        if self.0.is_empty() {
            self.0.resize_with(REMEMBERED, || None);
        }
        // Most packets go where the one before went.
        let is_there = |way: &Option<Way>| way.as_ref().is_some_and(|way| way.from == from && way.to == to);
        if !self.0.get(self.1).is_some_and(is_there) {
            self.1 = FixedState::default().hash_one((from, to)) as usize % REMEMBERED;
        }
        let Some(slot) = self.0.get_mut(self.1) else { return };
        if !is_there(slot) {
            *slot = Some(Way { from, to, text: format!("{from} > {to} ").into_bytes() });
        }
        if let Some(way) = slot {
            out.extend_from_slice(&way.text);
        }
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
