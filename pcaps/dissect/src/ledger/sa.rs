//! What was sent under one SA, in either direction.

use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;

use crypto::open::OpenError;
use wire::packet::PType;

use super::Moment;
use crate::association::Association;
use crate::finding::{Fault, Finding};
use crate::inner::Inner;
use crate::mobility::Message;
use crate::sequence::{Flow, FlowId, Sender};
use crate::shown::{Content, Header, Shown};

/// Senders of one SA that are told apart. Two are to be expected.
const WAYS_AT_MOST: usize = 8;

/// A security association and what was seen of it.
#[derive(Clone, Debug)]
pub struct Sa {
    /// Its SPI.
    pub spi: u32,
    /// What is known of it.
    pub association: Option<Arc<Association>>,
    /// When it was handed out, if the capture shows that.
    pub granted: Option<Moment>,
    /// Its directions, in the order of their first packets.
    pub ways: Vec<Way>,
    /// Packets of senders beyond those.
    pub more_packets: u64,
    /// User data in the clear, though the SA has to protect all.
    pub in_the_clear: u64,
    /// Packets with a right ICV that came after its end, by the clock of the capture.
    pub after_end: u64,
    /// What became of its Binding Updates.
    pub registrations: Registrations,
}

/// One direction of an SA.
#[derive(Clone, Debug)]
pub struct Way {
    /// Who sends.
    pub sender: Sender,
    /// Packets of PType 8.
    pub signalling: u64,
    /// Packets of PType 1.
    pub data: u64,
    /// The first packet.
    pub first: Moment,
    /// The last packet.
    pub last: Moment,
    /// What became of their ICVs.
    pub icvs: Icvs,
    /// Their Sequence Numbers; those of packets with a wrong ICV do not count.
    pub numbers: Option<Flow>,
}

/// How many ICVs were what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Icvs {
    /// Right.
    pub good: u64,
    /// Wrong.
    pub wrong: u64,
    /// Not checked: no keys, or not all octets of a packet.
    pub unchecked: u64,
}

/// Binding Updates and Acknowledgements that could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registrations {
    /// Binding Updates.
    pub updates: u64,
    /// Acknowledgements that accept.
    pub accepted: u64,
    /// Acknowledgements that refuse, by their status.
    pub refused: BTreeMap<u8, u64>,
}

/// What became of an ICV.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Icv {
    Good,
    Wrong,
    Unchecked,
}

/// A packet under an SA.
pub(super) struct Entry<'a> {
    pub(super) header: Header,
    pub(super) sender: Sender,
    pub(super) icv: Icv,
    pub(super) moment: Moment,
    /// Since the Unix epoch.
    pub(super) now: Option<Duration>,
    pub(super) shown: &'a Shown,
}

/// The SA that should have protected a packet.
pub(super) fn in_the_clear(findings: &[Finding]) -> Option<u32> {
    findings.iter().find_map(|finding| match finding.fault {
        Fault::DataInTheClear { spi } => Some(spi),
        _ => None,
    })
}

impl Icv {
    /// Nothing if the packet is under no SA.
    pub(super) fn of(shown: &Shown, findings: &[Finding]) -> Option<Self> {
        if shown.header.is_none_or(|header| header.spi == 0 || header.ptype == PType::PLAIN) {
            return None;
        }
        let error = findings.iter().find_map(|finding| match &finding.fault {
            Fault::Closed { error, .. } => Some(*error),
            _ => None,
        });
        match (&shown.content, error) {
            (Content::Inner(_), _) => Some(Self::Good),
            // The trailer is looked at behind the ICV.
            (Content::Closed, Some(OpenError::PadLength { .. } | OpenError::Padding { .. })) => {
                Some(Self::Good)
            }
            (Content::Closed, Some(OpenError::Icv)) => Some(Self::Wrong),
            (Content::Closed | Content::NoKeys(_) | Content::Cut, _) => Some(Self::Unchecked),
            _ => None,
        }
    }
}

impl Sa {
    pub(super) fn new(spi: u32) -> Self {
        Self {
            spi,
            association: None,
            granted: None,
            ways: Vec::new(),
            more_packets: 0,
            in_the_clear: 0,
            after_end: 0,
            registrations: Registrations::default(),
        }
    }

    pub(super) fn take(&mut self, entry: Entry<'_>) {
        let Entry { header, sender, icv, moment, now, shown } = entry;
        let end = self.association.as_ref().and_then(|known| known.validity_end);
        let is_late = end.zip(now).is_some_and(|(end, now)| now.as_secs() > end.unix_seconds());
        self.after_end += u64::from(is_late && icv == Icv::Good);
        if let Content::Inner(Inner::Mobility(mobility)) = &shown.content {
            self.registrations.take(&mobility.message);
        }
        let place = self.ways.iter().position(|way| way.sender == sender);
        if place.is_none() {
            if self.ways.len() == WAYS_AT_MOST {
                self.more_packets += 1;
                return;
            }
            self.ways.push(Way::new(sender, moment));
        }
        let place = place.unwrap_or(self.ways.len() - 1);
        if let Some(way) = self.ways.get_mut(place) {
            way.take(header, icv, moment);
        }
    }

    /// Enters what the numbers of its directions tell.
    pub(super) fn number(&mut self, flows: &[(FlowId, Flow)]) {
        for way in &mut self.ways {
            let flow = flows.iter().find(|(id, _)| (id.spi, id.sender) == (self.spi, way.sender));
            way.numbers = flow.map(|(_, flow)| *flow);
        }
    }

    /// The frame with which it was first seen.
    #[must_use]
    pub fn first_frame(&self) -> Option<u64> {
        let granted = self.granted.map(|moment| moment.frame);
        let packets = self.ways.iter().map(|way| way.first.frame);
        packets.chain(granted).min()
    }

    /// Whether anything of it asks for a closer look.
    #[must_use]
    pub fn is_troubled(&self) -> bool {
        let is_troubled = |way: &Way| {
            way.icvs.wrong > 0 || way.numbers.is_some_and(|flow| flow.repeats > 0 || flow.missing() > 0)
        };
        self.in_the_clear > 0
            || self.after_end > 0
            || !self.registrations.refused.is_empty()
            || self.ways.iter().any(is_troubled)
    }
}

impl Way {
    const fn new(sender: Sender, moment: Moment) -> Self {
        let icvs = Icvs { good: 0, wrong: 0, unchecked: 0 };
        Self { sender, signalling: 0, data: 0, first: moment, last: moment, icvs, numbers: None }
    }

    fn take(&mut self, header: Header, icv: Icv, moment: Moment) {
        match header.ptype {
            PType::MOBILITY => self.signalling += 1,
            _ => self.data += 1,
        }
        match icv {
            Icv::Good => self.icvs.good += 1,
            Icv::Wrong => self.icvs.wrong += 1,
            Icv::Unchecked => self.icvs.unchecked += 1,
        }
        self.last = moment;
    }
}

impl Registrations {
    fn take(&mut self, message: &Message) {
        match message {
            Message::Update(_) => self.updates += 1,
            Message::Ack(ack) if ack.status.accepted() => self.accepted += 1,
            Message::Ack(ack) => *self.refused.entry(ack.status.0).or_default() += 1,
            _ => {}
        }
    }
}
