//! The walk over a capture: a record in, events out, in memory that does not grow with the capture.
//!
//! [`Dissection::record`] takes one record; [`run`] takes all of a [`Source`]. What an MN and a HAC say to each other
//! over TCP reaches [`Dissection::segment`], with the secrets of the capture in [`Dissection::secrets`]; SAs learnt
//! there open the packets that follow.

use core::time::Duration;
use std::io::Read;
use std::sync::Arc;

use crypto::open::Opened;
use wire::packet::DEFAULT_PORT;

use crate::association::{Association, Associations};
use crate::conversation::{self, Conversations, Message, Remark, Tally, Watch};
use crate::esp::{self, EspTable};
use crate::finding::{Fault, Finding, Rule};
use crate::format::{Batch, CaptureFault, Frame, Reader, Record, Secrets};
use crate::ip::{self, Datagram, Found, Fragments, Headers, Segment, Transport};
use crate::learner::Learner;
use crate::ledger::{Books, Ledger, Moment};
use crate::line::{Endpoint, Line, Since};
use crate::mobile_icmp;
use crate::mobility;
use crate::named::Named;
use crate::note::Note;
use crate::packet::{Content, Direction, Dissector, Judged, Seen, Shown, Unsealing};
use crate::rest::Rest;
use crate::sequence::Sender;
use crate::sight::{InFrame, Known, Sight};

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

/// A packet, its line and its octets.
pub struct Packet<'a> {
    /// What is said of it in one line, and what is wrong with it.
    pub line: Line,
    /// Its octets, from the PType on.
    pub octets: &'a [u8],
    /// Where they stand: octets from the start of the frame; none if the packet came in fragments.
    pub at: Option<usize>,
    /// What its keys opened.
    pub opened: Option<Box<Opened>>,
    /// Who sends, as far as ports or keys tell; nothing for what is no packet between MN and HA.
    pub sender: Option<Sender>,
    /// Its SA, if that is known.
    pub association: Option<Arc<Association>>,
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
    esp: EspTable,
    dissector: Dissector,
    fragments: Fragments,
    conversations: Conversations,
    /// The time of the first frame that has one.
    first: Option<Duration>,
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
            counts: Counts::default(),
            books: Books::default(),
        }
    }

    /// Takes the next record.
    pub fn record(&mut self, record: Record<'_>, tell: Tell<'_>) {
        let sight = Sight::new(record, &self.ports);
        if let Some(packet) = self.sight(sight, tell) {
            tell(Event::Packet(packet));
        }
    }

    /// What is known so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let flows: Vec<_> = self.dissector.sequences.flows().collect();
        let ledger = self.books.ledger(&flows);
        Summary { counts: self.counts, talks: self.conversations.tally(), ledger, fault: None }
    }

    /// Takes a record that was looked at before. A packet that stands in the record's own octets is given back, not
    /// told: it is the last event of the record.
    pub(crate) fn sight<'b>(&mut self, sight: Sight<'b>, tell: Tell<'_>) -> Option<Packet<'b>> {
        match sight {
            Sight::Frame { frame, seen } => self.frame(frame, seen, tell),
            Sight::Secrets(secrets) => {
                self.secrets(secrets);
                None
            }
            Sight::Comment(comment) => {
                tell(Event::Note(Note::of_comment(&comment)));
                None
            }
            Sight::Fault { at, what } => {
                // It would have been the next.
                self.broken(self.counts.frames + 1, Fault::Record { at, what }, tell);
                None
            }
        }
    }

    /// What is known by now of where to look, and with which keys.
    pub(crate) fn known(&self) -> Known {
        Known { ports: self.ports.clone(), associations: Arc::clone(&self.dissector.associations) }
    }

    /// Brings up to date what was known before.
    pub(crate) fn update(&self, known: &mut Known) {
        let is_same = Arc::ptr_eq(&known.associations, &self.dissector.associations);
        if !is_same || known.ports.len() != self.ports.len() {
            *known = self.known();
        }
    }

    fn frame<'b>(&mut self, frame: Frame<'b>, seen: InFrame<'b>, tell: Tell<'_>) -> Option<Packet<'b>> {
        self.counts.frames += 1;
        self.first = self.first.or(frame.at);
        let at = frame.at.zip(self.first).map(|(at, first)| Since::new(at, first));
        let place = Place { frame, at, is_assembled: false };
        match seen {
            InFrame::Nothing => None,
            InFrame::UnknownLink => {
                self.counts.unknown_links += 1;
                None
            }
            InFrame::Packet { datagram, direction, ahead } => {
                let seen = Seen { frame: frame.number, at, datagram, direction };
                Some(self.packet(place, seen, ahead))
            }
            InFrame::Transport(found) => {
                let (headers, transport) = *found;
                self.transport(place, headers, transport, tell)
            }
            InFrame::Fragment(fragment) => {
                self.counts.fragments += 1;
                match self.fragments.take(&fragment) {
                    Ok(None) => {}
                    Ok(Some(assembled)) => self.assembled(place, &assembled, tell),
                    Err(error) => self.broken(frame.number, Fault::Headers(error), tell),
                }
                None
            }
            InFrame::Broken(error) => {
                self.broken(frame.number, Fault::Headers(*error), tell);
                None
            }
        }
    }

    fn assembled(&mut self, place: Place<'_>, assembled: &ip::Assembled, tell: Tell<'_>) {
        let place = Place { is_assembled: true, ..place };
        match ip::assembled(assembled) {
            Ok(Found::Transport(headers, transport)) => {
                if let Some(packet) = self.transport(place, headers, transport, tell) {
                    tell(Event::Packet(packet));
                }
            }
            // A fragment in a fragment is nothing that a host sends.
            Ok(Found::Fragment(_) | Found::Cut) => {}
            Err(error) => self.broken(place.frame.number, Fault::Headers(error), tell),
        }
    }

    fn broken(&mut self, frame: u64, fault: Fault, tell: Tell<'_>) {
        self.counts.broken += 1;
        self.counts.finding(&fault);
        tell(Event::Finding(Finding { frame, fault }));
    }

    fn transport<'b>(
        &mut self,
        place: Place<'_>,
        headers: Headers,
        transport: Transport<'b>,
        tell: Tell<'_>,
    ) -> Option<Packet<'b>> {
        let mut faults = Vec::new();
        let (rest, content) = match transport {
            Transport::Udp(datagram) => return self.datagram(place, datagram),
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
        Some(self.line(place, ends, rest, Judged::foreign(content, faults)))
    }

    fn datagram<'b>(&mut self, place: Place<'_>, datagram: Datagram<'b>) -> Option<Packet<'b>> {
        if let Some(direction) = Direction::of(&datagram, &self.ports) {
            let seen = Seen { frame: place.frame.number, at: place.at, datagram, direction };
            return Some(self.packet(place, seen, None));
        }
        let whole = Some(datagram.payload).filter(|_| datagram.is_whole);
        let open = || esp::open(&self.esp, datagram.from.ip(), datagram.to.ip(), whole?);
        let named = Named::find(&datagram)?.opened(open);
        let judged = Judged::foreign(Content::Named(named), Vec::new());
        Some(self.line(place, ends(&datagram), stand(&datagram), judged))
    }

    fn packet<'b>(&mut self, place: Place<'_>, seen: Seen<'b>, ahead: Option<Unsealing>) -> Packet<'b> {
        let judged = self.dissector.packet(seen, ahead);
        let moment = Moment { frame: place.frame.number, at: place.at };
        self.books.packet(&judged, moment, place.frame.at);
        self.line(place, ends(&seen.datagram), stand(&seen.datagram), judged)
    }

    fn line<'b>(
        &mut self,
        place: Place<'_>,
        (from, to): (Endpoint, Endpoint),
        rest: Rest<'b>,
        judged: Judged,
    ) -> Packet<'b> {
        let Judged { shown, faults, opened, sender, association } = judged;
        self.count(&shown, &faults);
        let frame = place.frame.number;
        let findings = faults.into_iter().map(|fault| Finding { frame, fault }).collect();
        let line = Line { frame, at: place.at, from, to, packet: shown, findings };
        Packet {
            line,
            octets: rest.octets,
            at: (!place.is_assembled).then_some(rest.at),
            opened,
            sender,
            association,
        }
    }

    fn count(&mut self, packet: &Shown, faults: &[Fault]) {
        faults.iter().for_each(|fault| self.counts.finding(fault));
        match &packet.content {
            Content::Plain(_) | Content::Icmp(_) | Content::Named(_) => {
                self.counts.others += 1;
                return;
            }
            Content::Inner(_) if packet.header.is_some_and(|header| header.spi != 0) => {
                self.counts.opened += 1;
            }
            Content::NoKeys(_) => self.counts.without_keys += 1,
            Content::Cut => self.counts.cut += 1,
            _ => {}
        }
        self.counts.packets += 1;
    }

    fn segment(&mut self, place: Place<'_>, segment: Segment<'_>, tell: Tell<'_>) {
        self.counts.segments += 1;
        let frame = conversation::Frame { number: place.frame.number, since: place.at, at: place.frame.at };
        let (conversations, mut learner) = self.learner(frame);
        conversations.segment(&segment, frame, &mut |event| learner.talked(event, tell));
    }

    /// The capture is at its end: what was still waited for will not come.
    pub fn finish(&mut self, tell: Tell<'_>) {
        let frame = conversation::Frame { number: self.counts.frames, since: None, at: None };
        let (conversations, mut learner) = self.learner(frame);
        conversations.finish(frame, &mut |event| learner.talked(event, tell));
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

fn ends(datagram: &Datagram<'_>) -> (Endpoint, Endpoint) {
    (Endpoint::Socket(datagram.from), Endpoint::Socket(datagram.to))
}

const fn stand<'b>(datagram: &Datagram<'b>) -> Rest<'b> {
    Rest { octets: datagram.payload, at: datagram.at }
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
