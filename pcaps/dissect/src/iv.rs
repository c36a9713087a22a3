//! IVs under one key (RFC 6618 section 6.3, reading PK-12): which come twice among the latest.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::{FixedState, RandomState};

use crate::sequence::FlowId;

/// IVs of a generation, of all flows together.
const GENERATION: usize = 1 << 15;
/// Bits of a filter, so many that it is wrong about one new IV in ten thousand.
const FILTER_BITS: usize = 1 << 20;

/// The latest IVs, in two generations: a full one becomes the old one, and what was old is forgotten.
#[derive(Default)]
pub(crate) struct Ivs {
    state: RandomState,
    young: Generation,
    old: Generation,
    last: HashMap<FlowId, Last, FixedState>,
}

/// The latest IV of a flow, and how many before it were each a little less than the next.
#[derive(Default)]
struct Last {
    iv: [u64; 2],
    steps: [u8; 2],
}

/// A step from one IV to the next that random ones do not make, by chance of one in 2^54.
const STEP_AT_MOST: u64 = 1 << 10;
/// So many in a row are no chance.
const STEPS: u8 = 3;

/// Some IVs by their digests. A table of them all would not stay in the cache of a core; the filter does, and few
/// questions go further.
#[derive(Default)]
struct Generation {
    filter: Vec<u64>,
    digests: Vec<u64>,
    frames: Vec<u64>,
}

impl Ivs {
    /// Records an IV; gives the frame that had it before under the same key.
    pub(crate) fn record(&mut self, flow: FlowId, iv: &[u8], frame: u64) -> Option<u64> {
        if iv.is_empty() {
            return None;
        }
        let digest = self.state.hash_one((flow, iv));
        if let Some(first) = self.young.find(digest).or_else(|| self.old.find(digest)) {
            return Some(first);
        }
        if self.young.digests.len() == GENERATION {
            core::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.add(digest, frame);
        None
    }

    /// Whether an IV is the one with which it is clear that those of a flow count up. IVs that came before are not to
    /// be given. There are no more flows than the SAs that were given or learnt have directions.
    pub(crate) fn counts(&mut self, flow: FlowId, iv: &[u8]) -> bool {
        let (Some(end), Some(start)) = (iv.last_chunk(), iv.first_chunk()) else { return false };
        // A counter stands at the end in network byte order, or at the start in the other.
        let iv = [u64::from_be_bytes(*end), u64::from_le_bytes(*start)];
        let last = self.last.entry(flow).or_default();
        let mut is_clear = false;
        for ((iv, before), steps) in iv.iter().zip(last.iv).zip(&mut last.steps) {
            let step = iv.wrapping_sub(before);
            *steps = if (1..=STEP_AT_MOST).contains(&step) { steps.saturating_add(1) } else { 0 };
            is_clear |= *steps == STEPS;
        }
        last.iv = iv;
        is_clear
    }
}

impl Generation {
    fn find(&self, digest: u64) -> Option<u64> {
        let may_be_there = places(digest)
            .into_iter()
            .all(|(word, bit)| self.filter.get(word).is_some_and(|word| word & bit != 0));
        if !may_be_there {
            return None;
        }
        let place = self.digests.iter().position(|known| *known == digest)?;
        self.frames.get(place).copied()
    }

    fn add(&mut self, digest: u64, frame: u64) {
        self.filter.resize(FILTER_BITS / 64, 0);
        for (word, bit) in places(digest) {
            if let Some(word) = self.filter.get_mut(word) {
                *word |= bit;
            }
        }
        self.digests.push(digest);
        self.frames.push(frame);
    }

    fn clear(&mut self) {
        self.filter.fill(0);
        self.digests.clear();
        self.frames.clear();
    }
}

/// Four bits of a filter, each by its word: pieces of the digest choose them.
fn places(digest: u64) -> [(usize, u64); 4] {
    [0, 14, 29, 44].map(|shift| {
        let bit = (digest >> shift) as usize % FILTER_BITS;
        (bit / 64, 1 << (bit % 64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sequence::Sender;

    #[test]
    fn ivs_that_count_up_are_told_once() {
        let flow = |spi| FlowId { spi, sender: Sender::Mn };
        let told = |of: fn(u8) -> Vec<u8>, spi| {
            let mut ivs = Ivs::default();
            (1..20).filter(|&nth| ivs.counts(flow(spi), &of(nth))).count()
        };
        assert_eq!(told(|nth| [vec![7; 15], vec![nth]].concat(), 1), 1, "at the end");
        assert_eq!(told(|nth| [vec![nth * 3], vec![7; 15]].concat(), 2), 1, "at the start, by threes");
        assert_eq!(told(|nth| [vec![7; 7], vec![nth]].concat(), 3), 1, "of 8 octets");
        assert_eq!(told(|nth| vec![nth; 16], 4), 0, "steps too long");
        assert_eq!(told(|nth| [vec![7; 15], vec![100 - nth]].concat(), 5), 0, "downwards");
        assert_eq!(told(|_| Vec::new(), 6), 0, "without IVs");
    }

    #[test]
    fn an_iv_comes_again_under_its_own_key_only() {
        let (mn, ha) = (FlowId { spi: 7, sender: Sender::Mn }, FlowId { spi: 7, sender: Sender::Ha });
        let mut ivs = Ivs::default();
        assert_eq!(ivs.record(mn, &[1; 16], 1), None);
        assert_eq!(ivs.record(ha, &[1; 16], 2), None);
        assert_eq!(ivs.record(mn, &[2; 16], 3), None);
        assert_eq!(ivs.record(mn, &[1; 16], 4), Some(1));
        assert_eq!(ivs.record(mn, &[], 5), None);
        assert_eq!(ivs.record(mn, &[], 6), None);
    }
    #[test]
    fn the_latest_are_found_and_memory_is_bounded() {
        let flow = FlowId { spi: 7, sender: Sender::Mn };
        let mut ivs = Ivs::default();
        let latest = GENERATION as u64;
        for frame in 0..5 * latest {
            assert_eq!(ivs.record(flow, &frame.to_be_bytes(), frame), None);
            let before = frame.saturating_sub(latest - 1);
            assert_eq!(ivs.record(flow, &before.to_be_bytes(), frame), Some(before));
        }
        assert!(ivs.young.digests.len() <= GENERATION && ivs.old.digests.len() <= GENERATION);
    }
}
