//! RFC 6618 section 6.1: Sequence Numbers under one SA in one direction: which come twice, which never come.
//!
//! Memory is bounded. Numbers are kept as ranges, of which traffic without gaps makes one; the frame and the octets
//! behind a number are remembered for the latest.

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::net::IpAddr;

use foldhash::fast::FixedState;

use crate::finding::{Fault, Repeat};

/// Numbers of a flow whose frames are remembered: from so many up to so many, powers of 2.
const FEWEST: usize = 64;
const MOST: usize = 1 << 14;
/// Numbers of all flows whose frames are remembered; a flow that comes later remembers few.
const ROOM: usize = 1 << 21;
/// Ranges of a flow; the lowest gives way.
const MAX_RANGES: usize = 1024;
/// Flows; those that were silent for longest give way.
const MAX_FLOWS: usize = 1 << 13;

/// Who counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sender {
    /// The MN.
    Mn,
    /// The HA.
    Ha,
    /// Either of them: both ports are service ports, and no key tells.
    At(IpAddr),
}

/// A direction of an SA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId {
    /// The SA.
    pub spi: u32,
    /// Who counts.
    pub sender: Sender,
}

/// What the numbers of one direction of an SA tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Packets, copies included.
    pub packets: u64,
    /// Packets whose number had come before.
    pub repeats: u64,
    /// The lowest number.
    pub lowest: u32,
    /// The highest number.
    pub highest: u32,
}

/// All numbers seen.
#[derive(Default)]
pub(crate) struct Sequences {
    flows: BTreeMap<FlowId, Numbers>,
    room_taken: usize,
}

/// The packet whose number is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Numbered<'a> {
    pub(crate) sequence: u32,
    pub(crate) frame: u64,
    pub(crate) octets: &'a [u8],
}

struct Numbers {
    flow: Flow,
    /// Both ends included, in order, never touching.
    ranges: Vec<(u32, u32)>,
    /// By the low bits of the number.
    recent: Vec<Option<Recent>>,
    last_frame: u64,
}

#[derive(Clone, Copy)]
struct Recent {
    sequence: u32,
    frame: u64,
    digest: u64,
}

impl Sequences {
    /// Records the number of a packet, or tells what it repeats.
    pub(crate) fn record(&mut self, id: &FlowId, packet: Numbered<'_>) -> Option<Fault> {
        if self.flows.len() == MAX_FLOWS && !self.flows.contains_key(id) {
            self.forget_silent();
        }
        // An entry would move the id, which takes longer than to look again for the first packet of a flow.
        let numbers = match self.flows.get_mut(id) {
            Some(numbers) => numbers,
            None => self.flows.entry(*id).or_insert(Numbers::new(packet.sequence)),
        };
        numbers.record(packet, &mut self.room_taken)
    }

    /// What was numbered under this SPI was under other keys.
    pub(crate) fn forget(&mut self, spi: u32) -> Vec<(FlowId, Flow)> {
        let gone = self.flows().filter(|(id, _)| id.spi == spi).collect();
        self.flows.retain(|id, _| id.spi != spi);
        self.room_taken = self.flows.values().map(|numbers| numbers.recent.len()).sum();
        gone
    }

    /// What the numbers of each flow tell.
    pub(crate) fn flows(&self) -> impl Iterator<Item = (FlowId, Flow)> {
        self.flows.iter().map(|(id, numbers)| (*id, numbers.flow))
    }

    fn forget_silent(&mut self) {
        let mut frames: Vec<_> = self.flows.values().map(|numbers| numbers.last_frame).collect();
        let (_, median, _) = frames.select_nth_unstable(MAX_FLOWS / 2);
        let median = *median;
        self.flows.retain(|_, numbers| numbers.last_frame >= median);
        self.room_taken = self.flows.values().map(|numbers| numbers.recent.len()).sum();
    }
}

impl Numbers {
    fn new(sequence: u32) -> Self {
        let flow = Flow { packets: 0, repeats: 0, lowest: sequence, highest: sequence };
        Self { flow, ranges: Vec::new(), recent: Vec::new(), last_frame: 0 }
    }

    fn record(&mut self, packet: Numbered<'_>, room_taken: &mut usize) -> Option<Fault> {
        let Numbered { sequence, frame, octets } = packet;
        self.flow.packets += 1;
        self.flow.lowest = self.flow.lowest.min(sequence);
        self.flow.highest = self.flow.highest.max(sequence);
        self.last_frame = frame;
        let digest = FixedState::default().hash_one(octets);
        if self.add(sequence) {
            self.remember(Recent { sequence, frame, digest }, room_taken);
            return None;
        }
        self.flow.repeats += 1;
        let repeat = match self.recall(sequence) {
            Some(first) if first.digest == digest => Repeat::SameOctets { first: first.frame },
            Some(first) => Repeat::OtherOctets { first: first.frame },
            None => Repeat::LongAgo,
        };
        Some(Fault::Repeated { sequence, repeat })
    }

    /// Adds a number to the ranges; says whether it is new.
    fn add(&mut self, sequence: u32) -> bool {
        // Most numbers follow the highest.
        let place = match self.ranges.last() {
            Some((_, end)) if *end < sequence => self.ranges.len(),
            _ => self.ranges.partition_point(|(_, end)| *end < sequence),
        };
        if self.ranges.get(place).is_some_and(|(start, _)| *start <= sequence) {
            return false;
        }
        let joins_next = self.ranges.get(place).is_some_and(|(start, _)| *start - 1 == sequence);
        let before = place.checked_sub(1);
        let joins_before =
            before.and_then(|before| self.ranges.get(before)).is_some_and(|(_, end)| *end + 1 == sequence);
        match (before.and_then(|before| self.ranges.get_mut(before)), joins_before, joins_next) {
            (Some(range), true, false) => range.1 = sequence,
            (Some(range), true, true) => {
                range.1 = sequence;
                let (_, end) = self.ranges.remove(place);
                if let Some(range) = before.and_then(|before| self.ranges.get_mut(before)) {
                    range.1 = end;
                }
            }
            (_, _, true) => {
                if let Some(range) = self.ranges.get_mut(place) {
                    range.0 = sequence;
                }
            }
            _ => self.ranges.insert(place, (sequence, sequence)),
        }
        if self.ranges.len() > MAX_RANGES {
            self.ranges.remove(0);
        }
        true
    }

    fn remember(&mut self, recent: Recent, room_taken: &mut usize) {
        let len = self.recent.len();
        let is_taken = self.recall_slot(recent.sequence).is_some();
        if len == 0 || (is_taken && len < MOST && *room_taken + len <= ROOM) {
            let wider = (len * 2).max(FEWEST);
            let before = core::mem::replace(&mut self.recent, vec![None; wider]);
            *room_taken += wider - len;
            before.into_iter().flatten().for_each(|recent| self.put(recent));
        }
        self.put(recent);
    }

    fn put(&mut self, recent: Recent) {
        let slot = self.slot(recent.sequence);
        if let Some(slot) = self.recent.get_mut(slot) {
            *slot = Some(recent);
        }
    }

    fn recall(&self, sequence: u32) -> Option<Recent> {
        self.recall_slot(sequence).filter(|recent| recent.sequence == sequence)
    }

    fn recall_slot(&self, sequence: u32) -> Option<Recent> {
        self.recent.get(self.slot(sequence)).copied().flatten()
    }

    const fn slot(&self, sequence: u32) -> usize {
        sequence as usize & self.recent.len().wrapping_sub(1)
    }
}

impl Flow {
    /// Numbers between the lowest and the highest that did not come.
    #[must_use]
    pub const fn missing(&self) -> u64 {
        let span = self.highest as u64 - self.lowest as u64 + 1;
        span.saturating_sub(self.packets - self.repeats)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const ID: FlowId = FlowId { spi: 7, sender: Sender::Mn };

    fn record(sequences: &mut Sequences, sequence: u32, frame: u64) -> Option<Fault> {
        sequences.record(&ID, Numbered { sequence, frame, octets: &sequence.to_be_bytes() })
    }

    #[test]
    fn a_copy_names_the_frame_that_came_first_as_long_as_it_is_remembered() {
        let mut sequences = Sequences::default();
        for sequence in 0..100_000 {
            assert_eq!(record(&mut sequences, sequence, u64::from(sequence) + 1), None);
        }
        let repeat = Repeat::SameOctets { first: 100_000 };
        assert_eq!(
            record(&mut sequences, 99_999, 200_000),
            Some(Fault::Repeated { sequence: 99_999, repeat })
        );
        let repeat = Repeat::LongAgo;
        assert_eq!(record(&mut sequences, 5, 200_001), Some(Fault::Repeated { sequence: 5, repeat }));
        let (_, flow) = sequences.flows().next().unwrap();
        assert_eq!((flow.packets, flow.repeats, flow.missing()), (100_002, 2, 0));
    }

    #[test]
    fn many_flows_take_bounded_memory() {
        let mut sequences = Sequences::default();
        for spi in 0..50_000 {
            let id = FlowId { spi, sender: Sender::Ha };
            sequences.record(&id, Numbered { sequence: 0, frame: u64::from(spi), octets: &[] });
        }
        assert!(sequences.flows().count() <= MAX_FLOWS);
        assert!(sequences.flows().any(|(id, _)| id.spi == 49_999));
        assert!(sequences.room_taken <= ROOM);
    }

    proptest! {
        #[test]
        fn what_comes_twice_is_what_a_set_says(numbers in proptest::collection::vec(0..300_u32, 0..600)) {
            let (mut sequences, mut set) = (Sequences::default(), BTreeSet::new());
            for (frame, sequence) in (1..).zip(&numbers) {
                let is_new = record(&mut sequences, *sequence, frame).is_none();
                prop_assert_eq!(is_new, set.insert(*sequence));
            }
            let missing: u64 = sequences.flows().map(|(_, flow)| flow.missing()).sum();
            let span = set.last().zip(set.first()).map_or(0, |(last, first)| u64::from(last - first) + 1);
            prop_assert_eq!(missing, span - set.len() as u64);
        }
    }
}
