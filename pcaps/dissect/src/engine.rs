//! The walk over a capture: a record in, events out, in memory that does not grow with the capture.
//!
//! [`Dissection::record`] takes one record; [`run`] takes all of a [`Source`]. What an MN and a HAC say to each other
//! over TCP reaches [`Dissection::segment`], with the secrets of the capture in [`Dissection::secrets`]; SAs learnt
//! there open the packets that follow.

use core::time::Duration;
use std::io::Read;

use crypto::open::Opened;
use wire::packet::DEFAULT_PORT;

use crate::association::{Association, Associations};
use crate::conversation::{self, Conversations, Message, Remark, Tally, Watch};
use crate::finding::{Fault, Finding};
use crate::format::{Batch, CaptureFault, Frame, Reader, Record, Secrets};
use crate::ip::{self, Datagram, Found, Fragments, Headers, Segment, Transport};
use crate::line::{Endpoint, Line, Since};
use crate::link::{self, Network};
use crate::mobile_icmp;
use crate::mobility;
use crate::named::Named;
use crate::packet::{Content, Direction, Dissector, Seen, Shown};
use crate::rest::Rest;
use crate::sequence::{Flow, FlowId};

/// Where to look, and with which keys.
#[derive(Clone)]
pub struct Options {
    /// UDP ports of HAs; 7872 unless told otherwise.
    pub ports: Vec<u16>,
    /// SAs that open packets.
    pub associations: Associations,
    /// What to look for between MN and HAC.
    pub watch: Watch,
}

impl Default for Options {
    fn default() -> Self {
        Self { ports: vec![DEFAULT_PORT], associations: Associations::default(), watch: Watch::default() }
    }
}

/// Something that a capture tells, in its order.
pub enum Event<'a> {
    /// A packet, with its findings.
    Packet(Packet<'a>),
    /// A message between MN and HAC, with its findings.
    Message(Message<'a>),
    /// Something wrong that belongs to no packet and no message of ours: a record or headers that cannot be read, the
    /// end of a connection.
    Finding(Finding),
    /// Something between MN and HAC that cannot be judged.
    Unseen(Remark),
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
    /// Packets between MN and HA.
    pub packets: u64,
    /// Packets of plain Mobile IPv6 and of neighbouring protocols.
    pub others: u64,
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
    /// Messages and connections between MN and HAC.
    pub talks: Tally,
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
    conversations: Conversations,
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
            conversations: Conversations::new(options.watch),
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
        Summary { counts: self.counts, talks: self.conversations.tally(), flows, fault: None }
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

    fn transport(&mut self, place: Place<'_>, headers: Headers, transport: Transport<'_>, tell: Tell<'_>) {
        match transport {
            Transport::Udp(datagram) => self.datagram(place, datagram, tell),
            Transport::Tcp(segment) => self.segment(place, segment, tell),
            Transport::Mobility(rest) => {
                let mut faults = Vec::new();
                let mobility = mobility::plain(&headers, rest.octets, &mut faults);
                self.foreign(place, headers, rest, Content::Plain(mobility), faults, tell);
            }
            Transport::Icmp6(rest) => {
                let mut faults = Vec::new();
                if let Some(message) = mobile_icmp::read(&headers, rest, &mut faults) {
                    self.foreign(place, headers, rest, Content::Icmp(message), faults, tell);
                }
            }
            Transport::Esp(rest) => self.named(place, headers, rest, Named::esp(rest.octets), tell),
            Transport::Ah(rest) => self.named(place, headers, rest, Named::ah(rest.octets), tell),
            Transport::Other(_) => {}
        }
    }

    fn datagram(&mut self, place: Place<'_>, datagram: Datagram<'_>, tell: Tell<'_>) {
        let frame = place.frame.number;
        if let Some(direction) = Direction::of(&datagram, &self.ports) {
            let seen = Seen { frame, datagram, direction };
            let (packet, faults) = self.dissector.packet(seen);
            self.tell(place, &datagram, packet, faults, tell);
        } else if let Some(named) = Named::find(&datagram) {
            self.tell(place, &datagram, Shown::foreign(Content::Named(named)), Vec::new(), tell);
        }
    }

    fn tell(
        &mut self,
        place: Place<'_>,
        datagram: &Datagram<'_>,
        packet: Shown,
        faults: Vec<Fault>,
        tell: Tell<'_>,
    ) {
        let ends = (Endpoint::Socket(datagram.from), Endpoint::Socket(datagram.to));
        let rest = Rest { octets: datagram.payload, at: datagram.at };
        self.line(place, ends, rest, (packet, faults), tell);
    }

    fn named(
        &mut self,
        place: Place<'_>,
        headers: Headers,
        rest: Rest<'_>,
        named: Option<Named>,
        tell: Tell<'_>,
    ) {
        if let Some(named) = named {
            self.foreign(place, headers, rest, Content::Named(named), Vec::new(), tell);
        }
    }

    fn foreign(
        &mut self,
        place: Place<'_>,
        headers: Headers,
        rest: Rest<'_>,
        content: Content,
        mut faults: Vec<Fault>,
        tell: Tell<'_>,
    ) {
        // What the capture cut off is nobody's fault.
        if !headers.is_whole {
            faults.clear();
        }
        let ends = (Endpoint::Host(headers.from), Endpoint::Host(headers.to));
        self.line(place, ends, rest, (Shown::foreign(content), faults), tell);
    }

    fn line(
        &mut self,
        place: Place<'_>,
        (from, to): (Endpoint, Endpoint),
        rest: Rest<'_>,
        (packet, faults): (Shown, Vec<Fault>),
        tell: Tell<'_>,
    ) {
        self.count(&packet, faults.len());
        let frame = place.frame.number;
        let findings = faults.into_iter().map(|fault| Finding { frame, fault }).collect();
        let line = Line { frame, at: place.at, from, to, packet, findings };
        let at = (!place.is_assembled).then_some(rest.at);
        tell(Event::Packet(Packet { line, octets: rest.octets, at, opened: None }));
    }

    fn count(&mut self, packet: &Shown, findings: usize) {
        self.counts.findings += findings as u64;
        match &packet.content {
            Content::Plain(_) | Content::Icmp(_) | Content::Named(_) => {
                self.counts.others += 1;
                return;
            }
            Content::Inner(_) if packet.header.is_some_and(|header| header.spi != 0) => {
                self.counts.opened += 1;
            }
            Content::NoKeys(_) => self.counts.without_keys += 1,
            _ => {}
        }
        self.counts.packets += 1;
    }

    fn segment(&mut self, place: Place<'_>, segment: Segment<'_>, tell: Tell<'_>) {
        self.counts.segments += 1;
        let frame = conversation::Frame { number: place.frame.number, since: place.at, at: place.frame.at };
        let Self { conversations, dissector, counts, ports, .. } = self;
        let mut learner = Learner { dissector, counts, ports };
        conversations.segment(&segment, frame, &mut |event| learner.talked(event, tell));
    }

    /// The capture is at its end: what was still waited for will not come.
    pub fn finish(&mut self, tell: Tell<'_>) {
        let frame = conversation::Frame { number: self.counts.frames, since: None, at: None };
        let Self { conversations, dissector, counts, ports, .. } = self;
        let mut learner = Learner { dissector, counts, ports };
        conversations.finish(frame, &mut |event| learner.talked(event, tell));
    }

    fn secrets(&mut self, secrets: Secrets<'_>) {
        self.counts.secrets += 1;
        if secrets.kind == Secrets::TLS_KEY_LOG {
            self.conversations.secrets(secrets.octets);
        }
    }
}

/// Passes on what a conversation tells. An SA that it hands out opens packets from here on.
struct Learner<'a> {
    dissector: &'a mut Dissector,
    counts: &'a mut Counts,
    ports: &'a mut Vec<u16>,
}

impl Learner<'_> {
    fn talked(&mut self, event: conversation::Event<'_>, tell: Tell<'_>) {
        match event {
            conversation::Event::Message(message) => {
                self.counts.findings += message.findings.len() as u64;
                tell(Event::Message(message));
            }
            conversation::Event::Finding(finding) => {
                self.counts.findings += 1;
                tell(Event::Finding(finding));
            }
            conversation::Event::Unseen(remark) => tell(Event::Unseen(remark)),
            conversation::Event::Granted(granted) => {
                if !self.ports.contains(&granted.port) {
                    self.ports.push(granted.port);
                }
                self.dissector.associations.learn(granted.spi, Association::granted(&granted));
            }
        }
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
    dissection.finish(tell);
    Summary { fault: reader.fault(), ..dissection.summary() }
}
