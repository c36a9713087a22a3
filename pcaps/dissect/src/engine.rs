//! The walk over a capture: a record in, events out, in memory that does not grow with the capture.
//!
//! [`Dissection::record`] takes one record; [`run`] takes all of a [`Source`]. What an MN and a HAC say to each other
//! over TCP reaches [`Dissection::segment`], with the secrets of the capture in [`Dissection::secrets`]; SAs learnt
//! there open the packets that follow.

use core::time::Duration;
use std::io::Read;
use std::sync::Arc;

use bumpalo::Bump;
use wire::packet::DEFAULT_PORT;

use crate::association::Associations;
use crate::conversation::{self, Conversations, Message, Remark, Tally, Watch};
use crate::dissector::Dissector;
use crate::esp::{self, EspTable};
use crate::finding::{Fault, Finding, Rule};
use crate::format::{Batch, CaptureFault, Reader, Record, Secrets};
use crate::ip::{self, Datagram, Found, Fragments, Headers, Segment, Transport};
use crate::learner::Learner;
use crate::ledger::{Books, Ledger};
use crate::line::{Endpoint, Line, Since};
use crate::mobile_icmp;
use crate::mobility;
use crate::named::Named;
use crate::note::Note;
use crate::packet::{Direction, Packet, Seen};
use crate::rest::Rest;
use crate::shown::{Content, Shown};
use crate::sight::{InFrame, Known, Sight, Surveyed, survey};
use crate::unseal::Attempt;

/// Where to look, and with which keys.
#[derive(Clone)]
pub struct Options {
    /// UDP ports of HAs; 7872 unless told otherwise.
    pub ports: Vec<u16>,
    /// SAs that open packets.
    pub associations: Associations,
    /// SAs of ESP, which is opened as a help to the eye and not judged.
    pub esp: EspTable,
    /// What to look for between MN and HAC.
    pub watch: Watch,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ports: vec![DEFAULT_PORT],
            associations: Associations::default(),
            esp: EspTable::default(),
            watch: Watch::default(),
        }
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
    /// Something to know that is nobody's fault.
    Note(Note),
}

/// Takes events as they come.
pub type Tell<'t> = &'t mut dyn FnMut(Event<'_>);

/// Hears what a record tells.
pub(crate) trait Listener<'b> {
    /// A packet that stands in the octets of the record: its last event.
    fn packet(&mut self, packet: Packet<'b>);

    /// Any other event.
    fn event(&mut self, event: Event<'_>);
}

/// All events alike.
struct Teller<'t, 'f>(&'t mut (dyn FnMut(Event<'_>) + 'f));

impl<'b> Listener<'b> for Teller<'_, '_> {
    fn packet(&mut self, packet: Packet<'b>) {
        (self.0)(Event::Packet(packet));
    }

    fn event(&mut self, event: Event<'_>) {
        (self.0)(event);
    }
}

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
    /// Packets between MN and HA that the capture cut.
    pub cut: u64,
    /// What could not be judged between MN and HAC; each was told with its reason.
    pub not_observable: u64,
    /// Frames of link types that are not read.
    pub unknown_links: u64,
    /// TCP segments.
    pub segments: u64,
    /// Blocks of decryption secrets.
    pub secrets: u64,
    /// Findings.
    pub findings: u64,
    /// Findings that break a requirement.
    pub violations: u64,
    /// Findings that are warnings. Those that are neither are about formats below.
    pub warnings: u64,
}

/// What is known at the end of a capture.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How many of what were met.
    pub counts: Counts,
    /// Messages and connections between MN and HAC.
    pub talks: Tally,
    /// The exchanges of each MN, and what was sent under each SA.
    pub ledger: Ledger,
    /// Why the capture could not be read to its end.
    pub fault: Option<CaptureFault>,
}

/// The frame in which something was found.
#[derive(Clone, Copy)]
struct Place {
    /// From 1.
    number: u64,
    /// Since the epoch of the capture.
    time: Option<Duration>,
    /// Since the first frame that has a time.
    at: Option<Since>,
}

/// A dissection under way.
pub struct Dissection {
    ports: Vec<u16>,
    esp: EspTable,
    dissector: Dissector,
    fragments: Fragments,
    conversations: Conversations,
    /// The time of the first frame that has one.
    first: Option<Duration>,
    /// The time of the latest that has one.
    last: Option<Duration>,
    counts: Counts,
    books: Books,
}

impl Counts {
    pub(crate) fn finding(&mut self, fault: &Fault) {
        self.findings += 1;
        match fault.rule() {
            Rule::Requirement(_) => self.violations += 1,
            Rule::Warning(_) => self.warnings += 1,
            Rule::Format(_) => {}
        }
    }
}

impl Dissection {
    /// A dissection before the first record.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            ports: options.ports,
            esp: options.esp,
            dissector: Dissector::new(options.associations),
            fragments: Fragments::default(),
            conversations: Conversations::new(options.watch),
            first: None,
            last: None,
            counts: Counts::default(),
            books: Books::default(),
        }
    }

    /// Takes the next record.
    pub fn record(&mut self, record: Record<'_>, tell: Tell<'_>) {
        let (sight, room) = (Sight::new(record, &self.ports), Bump::new());
        self.sight(&sight, None, &room, &mut Teller(tell));
    }

    /// What is known so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let flows: Vec<_> = self.dissector.sequences.flows().collect();
        let ledger = self.books.ledger(&flows);
        Summary { counts: self.counts, talks: self.conversations.tally(), ledger, fault: None }
    }

    /// Takes records that were looked at before.
    pub(crate) fn sights<'b>(
        &mut self,
        surveyed: &[Surveyed<'b>],
        room: &'b Bump,
        listener: &mut impl Listener<'b>,
    ) {
        self.dissector.ivs.fetch(surveyed.iter().filter_map(|(_, ahead)| ahead.as_ref()?.iv()));
        for (sight, ahead) in surveyed {
            self.sight(sight, ahead.as_ref(), room, listener);
        }
    }

    /// Takes a record that was looked at before, with what known keys made of it. `room` keeps what is opened now.
    pub(crate) fn sight<'b>(
        &mut self,
        sight: &Sight<'b>,
        ahead: Option<&Attempt<'b>>,
        room: &'b Bump,
        listener: &mut impl Listener<'b>,
    ) {
        let (number, time, seen) = match sight {
            Sight::Frame { number, time, seen } => (*number, *time, seen),
            Sight::Secrets(secrets) => return self.secrets(*secrets),
            Sight::Comment(comment) => return listener.event(Event::Note(Note::of_comment(comment))),
            Sight::Fault { at, what } => {
                // It would have been the next.
                let frame = self.counts.frames + 1;
                let fault = Fault::Record { at: *at, what };
                return self.broken(frame, fault, &mut |event| listener.event(event));
            }
        };
        self.counts.frames += 1;
        self.first = self.first.or(time);
        self.last = time.or(self.last);
        let at = time.zip(self.first).map(|(time, first)| Since::new(time, first));
        let place = Place { number, time, at };
        match seen {
            InFrame::Packet { datagram, direction, checksum } => {
                let (direction, checksum) = (*direction, *checksum);
                let seen = Seen { frame: number, at, time, datagram, direction, checksum };
                let mut packet = Packet::new(&seen);
                self.packet(&mut packet, &seen, ahead, room);
                listener.packet(packet);
            }
            InFrame::Transport(found) => {
                let (headers, transport) = **found;
                let told = &mut |event: Event<'_>| listener.event(event);
                if let Some(packet) = self.transport(place, headers, transport, room, told) {
                    listener.packet(packet);
                }
            }
            other => self.rare(place, other, &mut |event| listener.event(event)),
        }
    }

    /// Frames without anything to look into yet.
    fn rare(&mut self, place: Place, seen: &InFrame<'_>, tell: Tell<'_>) {
        match seen {
            InFrame::UnknownLink => self.counts.unknown_links += 1,
            InFrame::Fragment(fragment) => {
                self.counts.fragments += 1;
                match self.fragments.take(fragment) {
                    Ok(None) => {}
                    Ok(Some(assembled)) => self.assembled(place, &assembled, tell),
                    Err(error) => self.broken(place.number, Fault::Headers(error), tell),
                }
            }
            InFrame::Broken(error) => self.broken(place.number, Fault::Headers((**error).clone()), tell),
            InFrame::Nothing | InFrame::Packet { .. } | InFrame::Transport(_) => {}
        }
    }

    /// What is known by now of where to look, and with which keys.
    pub(crate) fn known(&self) -> Known {
        let Dissector { associations, ivs, .. } = &self.dissector;
        let (associations, digester) = (Arc::clone(associations), ivs.digester().clone());
        Known { ports: self.ports.clone(), associations, digester }
    }

    /// What is known by now, if that is more than was known before.
    pub(crate) fn newer_than(&self, known: &Known) -> Option<Known> {
        let is_same = Arc::ptr_eq(&known.associations, &self.dissector.associations)
            && known.ports.len() == self.ports.len();
        (!is_same).then(|| self.known())
    }

    fn assembled(&mut self, place: Place, assembled: &ip::Assembled, tell: Tell<'_>) {
        match ip::assembled(assembled) {
            Ok(Found::Transport(headers, transport)) => {
                let room = Bump::new();
                if let Some(packet) = self.transport(place, headers, transport, &room, tell) {
                    // It does not stand in the frame.
                    tell(Event::Packet(Packet { at: None, ..packet }));
                }
            }
            // A fragment in a fragment is nothing that a host sends.
            Ok(Found::Fragment(_) | Found::Cut) => {}
            Err(error) => self.broken(place.number, Fault::Headers(error), tell),
        }
    }

    fn broken(&mut self, frame: u64, fault: Fault, tell: Tell<'_>) {
        self.counts.broken += 1;
        self.fault(frame, fault, tell);
    }

    fn fault(&mut self, frame: u64, fault: Fault, tell: Tell<'_>) {
        self.counts.finding(&fault);
        tell(Event::Finding(Finding { frame, fault }));
    }

    fn transport<'b>(
        &mut self,
        place: Place,
        headers: Headers,
        transport: Transport<'b>,
        room: &'b Bump,
        tell: Tell<'_>,
    ) -> Option<Packet<'b>> {
        let mut faults = Vec::new();
        let (rest, content) = match transport {
            Transport::Udp(datagram) => return self.datagram(place, datagram, room),
            Transport::Tcp(segment) => {
                self.segment(place, segment, tell);
                return None;
            }
            Transport::Mobility(rest) => {
                (rest, Content::Plain(Box::new(mobility::plain(&headers, rest.octets, &mut faults))))
            }
            Transport::Icmp6(rest) => (rest, Content::Icmp(mobile_icmp::read(&headers, rest, &mut faults)?)),
            Transport::Esp(rest) => {
                let whole = Some(rest.octets).filter(|_| headers.is_whole);
                let open = || esp::open(&self.esp, headers.from, headers.to, whole?);
                (rest, Content::Named(Named::esp(rest.octets)?.opened(open)))
            }
            Transport::Ah(rest) => (rest, Content::Named(Named::ah(rest.octets)?)),
            Transport::Other(_) => return None,
        };
        // What the capture cut off is nobody's fault.
        if !headers.is_whole {
            faults.clear();
        }
        let ends = (Endpoint::Host(headers.from), Endpoint::Host(headers.to));
        Some(self.foreign(place, ends, rest, content, faults))
    }

    fn datagram<'b>(&mut self, place: Place, datagram: Datagram<'b>, room: &'b Bump) -> Option<Packet<'b>> {
        if let Some(direction) = Direction::of(&datagram, &self.ports) {
            let (Place { number: frame, time, at }, checksum) = (place, datagram.checksum());
            let seen = Seen { frame, at, time, datagram: &datagram, direction, checksum };
            let mut packet = Packet::new(&seen);
            self.packet(&mut packet, &seen, None, room);
            return Some(packet);
        }
        let whole = Some(datagram.payload).filter(|_| datagram.is_whole);
        let open = || esp::open(&self.esp, datagram.from.ip(), datagram.to.ip(), whole?);
        let named = Named::find(&datagram)?.opened(open);
        let ends = (Endpoint::Socket(datagram.from), Endpoint::Socket(datagram.to));
        let rest = Rest { octets: datagram.payload, at: datagram.at };
        Some(self.foreign(place, ends, rest, Content::Named(named), Vec::new()))
    }

    fn packet<'b>(
        &mut self,
        packet: &mut Packet<'b>,
        seen: &Seen<'_, 'b>,
        ahead: Option<&Attempt<'b>>,
        room: &'b Bump,
    ) {
        self.dissector.judge(packet, seen, ahead, room);
        self.books.packet(packet, seen.time);
        self.counts.packets += 1;
        match &packet.line.packet.content {
            Content::Inner(_) if packet.line.packet.header.is_some_and(|header| header.spi != 0) => {
                self.counts.opened += 1;
            }
            Content::NoKeys(_) => self.counts.without_keys += 1,
            Content::Cut => self.counts.cut += 1,
            _ => {}
        }
        packet.line.findings.iter().for_each(|finding| self.counts.finding(&finding.fault));
    }

    /// Something that is no packet of RFC 6618.
    fn foreign<'b>(
        &mut self,
        place: Place,
        (from, to): (Endpoint, Endpoint),
        rest: Rest<'b>,
        content: Content,
        faults: Vec<Fault>,
    ) -> Packet<'b> {
        self.counts.others += 1;
        faults.iter().for_each(|fault| self.counts.finding(fault));
        let packet = Shown { header: None, content };
        let findings = Finding::all(place.number, faults);
        Packet {
            line: Line { frame: place.number, at: place.at, from, to, packet, findings },
            octets: rest.octets,
            at: Some(rest.at),
            opened: None,
            sender: None,
            association: None,
        }
    }

    fn segment(&mut self, place: Place, segment: Segment<'_>, tell: Tell<'_>) {
        self.counts.segments += 1;
        if let Err(error) = segment.check_options() {
            self.fault(place.number, Fault::Headers(error), tell);
        }
        let frame = conversation::Frame { number: place.number, since: place.at, at: place.time };
        let (conversations, mut learner) = self.learner(frame);
        conversations.segment(&segment, frame, &mut |event| learner.talked(event, tell));
    }

    /// The capture is at its end: what was still waited for will not come.
    pub fn finish(&mut self, tell: Tell<'_>) {
        for Finding { frame, fault } in self.dissector.sums.end() {
            self.fault(frame, fault, tell);
        }
        let frame = conversation::Frame { number: self.counts.frames, since: None, at: None };
        let last = self.last;
        let (conversations, mut learner) = self.learner(frame);
        conversations.finish(frame, last, &mut |event| learner.talked(event, tell));
    }

    fn learner(&mut self, frame: conversation::Frame) -> (&mut Conversations, Learner<'_>) {
        let Self { conversations, dissector, counts, ports, books, .. } = self;
        let (frame, at) = (frame.number, frame.since);
        (conversations, Learner { dissector, counts, ports, books, frame, at })
    }

    fn secrets(&mut self, secrets: Secrets<'_>) {
        self.counts.secrets += 1;
        if secrets.kind == Secrets::TLS_KEY_LOG {
            self.conversations.secrets(secrets.octets);
        }
    }
}

/// Reads a capture to its end, event by event.
pub fn run(capture: impl Read, options: Options, tell: Tell<'_>) -> Summary {
    let mut reading = Reading::new(capture, options);
    while reading.go_on(tell) {}
    reading.end(tell)
}

/// A capture that is read on one core, as fast as it comes.
pub struct Reading<R> {
    reader: Reader<R>,
    dissection: Dissection,
    known: Known,
    batch: Batch,
    room: Bump,
}

impl<R: Read> Reading<R> {
    /// Before the first record.
    #[must_use]
    pub fn new(capture: R, options: Options) -> Self {
        let (reader, dissection) = (Reader::new(capture), Dissection::new(options));
        let known = dissection.known();
        Self { reader, dissection, known, batch: Batch::default(), room: Bump::new() }
    }

    /// Takes the next records; waits for one at least. Says whether there was any.
    pub fn go_on(&mut self, tell: Tell<'_>) -> bool {
        self.heard(&mut Teller(tell))
    }

    /// As [`Self::go_on`].
    pub(crate) fn heard(&mut self, listener: &mut impl for<'b> Listener<'b>) -> bool {
        let Self { reader, dissection, known, batch, room } = self;
        if !reader.fill(batch) {
            return false;
        }
        room.reset();
        if known.associations.is_empty() {
            // Each is told before the next is looked at.
            for record in batch.records() {
                dissection.sight(&Sight::new(record, &known.ports), None, room, listener);
            }
        } else {
            dissection.sights(&survey(batch, known, room), room, listener);
        }
        if let Some(newer) = dissection.newer_than(known) {
            *known = newer;
        }
        true
    }

    /// There are no more.
    pub fn end(mut self, tell: Tell<'_>) -> Summary {
        self.dissection.finish(tell);
        Summary { fault: self.reader.fault(), ..self.dissection.summary() }
    }
}
