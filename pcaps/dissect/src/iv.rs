//! IVs under one key (RFC 6618 section 6.3, reading PK-12): which come twice among the latest.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

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
}

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
