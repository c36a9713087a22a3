//! The report over a capture: a line a packet, findings below it, counts at the end.

use core::fmt;
use core::time::Duration;
use std::net::SocketAddr;

use wire::packet::DEFAULT_PORT;

use crate::association::Associations;
use crate::capture::{Capture, CaptureFault};
use crate::datagram::{self, Datagram, Found};
use crate::finding::Finding;
use crate::packet::{Content, Direction, Dissector, Seen, Shown};

/// Where to look, and with which keys.
#[derive(Clone)]
pub struct Options {
    /// UDP ports of HAs; 7872 unless told otherwise.
    pub ports: Vec<u16>,
    /// SAs that open packets.
    pub associations: Associations,
}

impl Default for Options {
    fn default() -> Self {
        Self { ports: vec![DEFAULT_PORT], associations: Associations::default() }
    }
}

/// What a capture tells.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The packets between MN and HA, in the order of the capture.
    pub lines: Vec<Line>,
    /// How many of what were met.
    pub counts: Counts,
    /// Why the capture could not be read to its end.
    pub fault: Option<CaptureFault>,
}

/// One packet.
#[derive(Clone, Debug)]
pub struct Line {
    /// Number of its frame, from 1.
    pub frame: u64,
    /// Since the first frame that has a time, before or after it.
    pub at: Option<Since>,
    /// Its source.
    pub from: SocketAddr,
    /// Its destination.
    pub to: SocketAddr,
    /// What it is.
    pub packet: Shown,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// A time relative to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// So much later.
    After(Duration),
    /// So much earlier.
    Before(Duration),
}

/// How many of what were met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Frames, whatever is in them.
    pub frames: u64,
    /// Datagrams to or from a port of [`Options::ports`].
    pub packets: u64,
    /// Pieces of IP packets, which are not put together.
    pub fragments: u64,
    /// Frames whose headers do not hold together.
    pub broken: u64,
    /// Packets that keys opened.
    pub opened: u64,
    /// Protected packets without keys.
    pub without_keys: u64,
    /// Blocks of decryption secrets, which are not used.
    pub secrets: u64,
}

/// Reads pcap or pcapng octets and judges what an MN and an HA said to each other. Any octets are taken; what cannot be
/// read is told in the report.
#[must_use]
pub fn report(capture: &[u8], options: &Options) -> Report {
    let mut report = Report::default();
    let mut frames = match Capture::open(capture) {
        Ok(frames) => frames,
        Err(fault) => return Report { fault: Some(fault), ..report },
    };
    let mut dissector = Dissector::new(&options.associations);
    let mut first = None;
    for frame in &mut frames {
        report.counts.frames += 1;
        first = first.or(frame.at);
        match datagram::find(frame.link, frame.octets) {
            Found::Fragment => report.counts.fragments += 1,
            Found::Broken => report.counts.broken += 1,
            Found::Other => {}
            Found::Datagram(datagram) => {
                let Some(direction) = direction(&datagram, &options.ports) else { continue };
                let datagram = Datagram { is_whole: datagram.is_whole && frame.is_whole, ..datagram };
                let at = frame.at.zip(first).map(|(at, first)| Since::new(at, first));
                let line = line(&mut dissector, Seen { frame: frame.number, datagram, direction }, at);
                report.take(line);
            }
        }
    }
    report.counts.secrets = frames.secrets;
    report.fault = frames.fault;
    report
}

fn direction(datagram: &Datagram<'_>, ports: &[u16]) -> Option<Direction> {
    match (ports.contains(&datagram.from.port()), ports.contains(&datagram.to.port())) {
        (false, true) => Some(Direction::MnToHa),
        (true, false) => Some(Direction::HaToMn),
        (true, true) => Some(Direction::Either),
        (false, false) => None,
    }
}

fn line<'a>(dissector: &mut Dissector<'a>, seen: Seen<'a>, at: Option<Since>) -> Line {
    let Seen { frame, datagram: Datagram { from, to, .. }, .. } = seen;
    let (packet, faults) = dissector.packet(seen);
    let findings = faults.into_iter().map(|fault| Finding { frame, fault }).collect();
    Line { frame, at, from, to, packet, findings }
}

impl Report {
    fn take(&mut self, line: Line) {
        self.counts.packets += 1;
        let is_protected = line.packet.header.is_some_and(|header| header.spi != 0);
        match line.packet.content {
            Content::Inner(_) if is_protected => self.counts.opened += 1,
            Content::NoKeys(_) => self.counts.without_keys += 1,
            _ => {}
        }
        self.lines.push(line);
    }

    /// Everything that is wrong, in the order of the frames.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.lines.iter().flat_map(|line| &line.findings)
    }
}

impl Since {
    fn new(at: Duration, first: Duration) -> Self {
        at.checked_sub(first).map_or_else(|| Self::Before(first.saturating_sub(at)), Self::After)
    }
}

impl fmt::Display for Report {
    /// Lines of printable ASCII: a packet's octets are never shown as they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            line.fmt(f)?;
        }
        self.counts.fmt(f)?;
        writeln!(f, "{}", Plural(self.findings().count() as u64, "finding", "findings"))?;
        self.fault.map_or(Ok(()), |fault| writeln!(f, "not read to its end: {fault}"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} ", self.frame)?;
        match self.at {
            Some(at) => write!(f, "{at}")?,
            None => f.write_str("-")?,
        }
        writeln!(f, " {} > {} {}", self.from, self.to, self.packet)?;
        self.findings.iter().try_for_each(|finding| writeln!(f, "  ! {finding}"))
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, time) = match self {
            Self::After(time) => ("", time),
            Self::Before(time) => ("-", time),
        };
        write!(f, "{sign}{}.{:06}", time.as_secs(), time.subsec_micros())
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { frames, packets, fragments, broken, opened, without_keys, secrets } = *self;
        writeln!(f, "{}, {fragments} IP fragments, {broken} broken", Plural(frames, "frame", "frames"))?;
        let packets = Plural(packets, "packet", "packets");
        writeln!(f, "{packets} between MN and HA, {opened} opened, {without_keys} without keys")?;
        if secrets > 0 {
            let blocks = Plural(secrets, "block", "blocks");
            writeln!(f, "{blocks} of TLS secrets in the capture, not used: TLS is not read")?;
        }
        Ok(())
    }
}

/// A count and its noun.
struct Plural(u64, &'static str, &'static str);

impl fmt::Display for Plural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, if self.0 == 1 { self.1 } else { self.2 })
    }
}
