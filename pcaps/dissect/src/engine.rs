//! The walk over a capture: a record in, events out, in memory that does not grow with the capture.
//!
//! [`Dissection::record`] takes one record; [`run`] takes all of a [`Source`]. What an MN and a HAC say to each other
//! over TCP reaches [`Dissection::segment`], with the secrets of the capture in [`Dissection::secrets`]; SAs learnt
//! there open the packets that follow.

use core::time::Duration;
use std::io::Read;

use crypto::open::Opened;
use wire::packet::DEFAULT_PORT;

use crate::association::Associations;
use crate::finding::{Fault, Finding};
use crate::format::{Batch, CaptureFault, Frame, Reader, Record, Secrets};
use crate::ip::{self, Found, Fragments, Headers, Segment, Transport};
use crate::line::{Line, Since};
use crate::link::{self, Network};
use crate::packet::{Content, Direction, Dissector, Seen};
use crate::sequence::{Flow, FlowId};

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

/// Something that a capture tells, in its order.
pub enum Event<'a> {
    /// A packet, with its findings.
    Packet(Packet<'a>),
    /// Something wrong that belongs to no packet of ours: a record or headers that cannot be read.
    Finding(Finding),
}

/// A packet, its line and its octets.
pub struct Packet<'a> {
    /// What is said of it in one line, and what is wrong with it.
    pub line: Line,
    /// Its octets, from the PType on.
    pub octets: &'a [u8],
    /// Where they stand: octets from the start of the frame; none if the packet came in fragments.
    pub at: Option<usize>,
    /// What its keys opened.
    pub opened: Option<&'a Opened>,
}

/// Takes events as they come.
pub type Tell<'t> = &'t mut dyn FnMut(Event<'_>);

/// How many of what were met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Frames, whatever is in them.
    pub frames: u64,
    /// Packets that have a line.
    pub packets: u64,
    /// Pieces of IP packets.
    pub fragments: u64,
    /// Frames and records that cannot be read. Each has a finding.
    pub broken: u64,
    /// Packets that keys opened.
    pub opened: u64,
    /// Protected packets without keys.
    pub without_keys: u64,
    /// TCP segments.
    pub segments: u64,
    /// Blocks of decryption secrets.
    pub secrets: u64,
    /// Findings.
    pub findings: u64,
}

/// What is known at the end of a capture.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How many of what were met.
    pub counts: Counts,
    /// Each direction of each SA.
    pub flows: Vec<(FlowId, Flow)>,
    /// Why the capture could not be read to its end.
    pub fault: Option<CaptureFault>,
}

/// Where a packet was found.
#[derive(Clone, Copy)]
struct Place<'a> {
    frame: Frame<'a>,
    at: Option<Since>,
    /// Whether it was put together from fragments: then it does not stand in the frame.
    is_assembled: bool,
}

/// A dissection under way.
pub struct Dissection {
    ports: Vec<u16>,
    dissector: Dissector,
    fragments: Fragments,
    /// The time of the first frame that has one.
    first: Option<Duration>,
    counts: Counts,
}

impl Dissection {
    /// A dissection before the first record.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            ports: options.ports,
            dissector: Dissector::new(options.associations),
            fragments: Fragments::default(),
            first: None,
            counts: Counts::default(),
        }
    }

    /// Takes the next record.
    pub fn record(&mut self, record: Record<'_>, tell: Tell<'_>) {
        match record {
            Record::Frame(frame) => self.frame(frame, tell),
            Record::Secrets(secrets) => self.secrets(secrets),
            Record::Fault { at, what } => {
                // It would have been the next.
                self.broken(self.counts.frames + 1, Fault::Record { at, what }, tell);
            }
        }
    }

    /// What is known so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let flows = self.dissector.sequences.flows().collect();
        Summary { counts: self.counts, flows, fault: None }
    }

    fn frame(&mut self, frame: Frame<'_>, tell: Tell<'_>) {
        self.counts.frames += 1;
        self.first = self.first.or(frame.at);
        let at = frame.at.zip(self.first).map(|(at, first)| Since::new(at, first));
        let place = Place { frame, at, is_assembled: false };
        let walked = match link::network(frame.link, frame.octets) {
            Ok(Network::Ip(rest)) => ip::packet(rest, frame.is_whole()),
            Ok(Network::Other | Network::UnknownLink) => return,
            Err(_) if !frame.is_whole() => return,
            Err(error) => Err(error),
        };
        match walked {
            Ok(Found::Transport(headers, transport)) => self.transport(place, headers, transport, tell),
            Ok(Found::Fragment(fragment)) => {
                self.counts.fragments += 1;
                match self.fragments.take(&fragment) {
                    Ok(None) => {}
                    Ok(Some(assembled)) => self.assembled(place, &assembled, tell),
                    Err(error) => self.broken(frame.number, Fault::Headers(error), tell),
                }
            }
            Ok(Found::Cut) => {}
            Err(error) => self.broken(frame.number, Fault::Headers(error), tell),
        }
    }

    fn assembled(&mut self, place: Place<'_>, assembled: &ip::Assembled, tell: Tell<'_>) {
        let place = Place { is_assembled: true, ..place };
        match ip::assembled(assembled) {
            Ok(Found::Transport(headers, transport)) => self.transport(place, headers, transport, tell),
            // A fragment in a fragment is nothing that a host sends.
            Ok(Found::Fragment(_) | Found::Cut) => {}
            Err(error) => self.broken(place.frame.number, Fault::Headers(error), tell),
        }
    }

    fn broken(&mut self, frame: u64, fault: Fault, tell: Tell<'_>) {
        self.counts.broken += 1;
        self.counts.findings += 1;
        tell(Event::Finding(Finding { frame, fault }));
    }

    fn transport(&mut self, place: Place<'_>, _: Headers, transport: Transport<'_>, tell: Tell<'_>) {
        match transport {
            Transport::Udp(datagram) => {
                if let Some(direction) = Direction::of(&datagram, &self.ports) {
                    self.packet(place, Seen { frame: place.frame.number, datagram, direction }, tell);
                }
            }
            Transport::Tcp(segment) => self.segment(place, segment, tell),
            Transport::Icmp6(_)
            | Transport::Mobility(_)
            | Transport::Esp(_)
            | Transport::Ah(_)
            | Transport::Other(_) => {}
        }
    }

    fn packet(&mut self, place: Place<'_>, seen: Seen<'_>, tell: Tell<'_>) {
        let (packet, faults) = self.dissector.packet(seen);
        self.count(&packet.content, packet.header.is_some_and(|header| header.spi != 0), faults.len());
        let Seen { frame, datagram, .. } = seen;
        let findings = faults.into_iter().map(|fault| Finding { frame, fault }).collect();
        let line = Line { frame, at: place.at, from: datagram.from, to: datagram.to, packet, findings };
        let at = (!place.is_assembled).then_some(datagram.at);
        tell(Event::Packet(Packet { line, octets: datagram.payload, at, opened: None }));
    }

    fn count(&mut self, content: &Content, is_protected: bool, findings: usize) {
        self.counts.packets += 1;
        self.counts.findings += findings as u64;
        match content {
            Content::Inner(_) if is_protected => self.counts.opened += 1,
            Content::NoKeys(_) => self.counts.without_keys += 1,
            _ => {}
        }
    }

    fn segment(&mut self, _: Place<'_>, _: Segment<'_>, _: Tell<'_>) {
        self.counts.segments += 1;
    }

    fn secrets(&mut self, _: Secrets<'_>) {
        self.counts.secrets += 1;
    }
}

/// Reads a capture to its end, event by event.
pub fn run(capture: impl Read, options: Options, tell: Tell<'_>) -> Summary {
    let mut reader = Reader::new(capture);
    let mut dissection = Dissection::new(options);
    let mut batch = Batch::default();
    while reader.fill(&mut batch) {
        for record in batch.records() {
            dissection.record(record, tell);
        }
    }
    Summary { fault: reader.fault(), ..dissection.summary() }
}
