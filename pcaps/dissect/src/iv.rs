//! IVs under one key (RFC 6618 section 6.3, reading PK-12): which come twice among the latest.

use core::hint::black_box;
use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::fast::{FixedState, RandomState};

use crate::sequence::FlowId;

/// IVs of a generation, of all flows together.
const GENERATION: usize = 1 << 14;
/// Words of a filter, two IVs each: so many that it is wrong about one new IV in ten thousand.
const WORDS: usize = GENERATION / 2;
/// Bits of its word that an IV sets.
const BITS: u32 = 6;

/// The latest IVs, in two generations: a full one becomes the old one, and what was old is forgotten.
///
/// A filter comes before the table of them all, and few questions go further. What it says of both generations stands
/// together, in one line of the cache.
#[derive(Default)]
pub(crate) struct Ivs {
    digester: Digester,
    filter: Vec<Word>,
    young: Generation,
    old: Generation,
    last: HashMap<FlowId, Last, FixedState>,
}

/// Makes digests of IVs that nobody foresees.
#[derive(Clone, Default)]
pub(crate) struct Digester(RandomState);

/// An IV and its flow, as they are remembered.
#[derive(Clone, Copy)]
pub(crate) struct Digest(u64);

/// Bits that IVs of either generation have set.
#[derive(Clone, Copy, Default)]
struct Word {
    young: u64,
    old: u64,
}

/// Some IVs by their digests, and their frames.
#[derive(Default)]
struct Generation {
    digests: Vec<u64>,
    frames: Vec<u64>,
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

impl Digester {
    /// Of an IV; of packets without IV there is none.
    pub(crate) fn digest(&self, flow: FlowId, iv: &[u8]) -> Option<Digest> {
        (!iv.is_empty()).then(|| Digest(self.0.hash_one((flow, iv))))
    }
}

impl Digest {
    /// The word of the filter that it belongs to.
    const fn place(self) -> usize {
        (self.0 >> (6 * BITS)) as usize % WORDS
    }

    /// Its bits in the word.
    fn mask(self) -> u64 {
        (0..BITS).fold(0, |mask, nth| mask | 1 << (self.0 >> (6 * nth) & 63))
    }
}

impl Ivs {
    /// Who makes the digests.
    pub(crate) const fn digester(&self) -> &Digester {
        &self.digester
    }

    /// Forgets all IVs.
    pub(crate) fn clear(&mut self) {
        *self = Self { digester: self.digester.clone(), ..Self::default() };
    }

    /// Asks memory for all that the next IVs will be compared with: whoever asks for many at once waits once.
    pub(crate) fn fetch(&self, next: impl Iterator<Item = Digest>) {
        let words = next.filter_map(|digest| self.filter.get(digest.place()));
        black_box(words.fold(0, |all, word| all ^ word.young));
    }

    /// Records an IV; gives the frame that had it before under the same key.
    pub(crate) fn record(&mut self, digest: Digest, frame: u64) -> Option<u64> {
        let (place, mask, Digest(digest)) = (digest.place(), digest.mask(), digest);
        if self.filter.is_empty() {
            self.filter.resize(WORDS, Word::default());
        }
        let Word { young, old } = self.filter.get(place).copied().unwrap_or_default();
        let find =
            |word, generation: &Generation| if word & mask == mask { generation.find(digest) } else { None };
        if let Some(first) = find(young, &self.young).or_else(|| find(old, &self.old)) {
            return Some(first);
        }
        if self.young.digests.len() == GENERATION {
            core::mem::swap(&mut self.young, &mut self.old);
            self.young.digests.clear();
            self.young.frames.clear();
            self.filter.iter_mut().for_each(|word| *word = Word { young: 0, old: word.young });
        }
        if let Some(word) = self.filter.get_mut(place) {
            word.young |= mask;
        }
        self.young.digests.push(digest);
        self.young.frames.push(frame);
        None
    }

    /// Whether an IV is the one with which it is clear that those of a flow count up. IVs that came before are not to
    /// be given. There are no more flows than the SAs that were given or learnt have directions.
    pub(crate) fn counts(&mut self, flow: &FlowId, iv: &[u8]) -> bool {
        let (Some(end), Some(start)) = (iv.last_chunk(), iv.first_chunk()) else { return false };
        // A counter stands at the end in network byte order, or at the start in the other.
        let iv = [u64::from_be_bytes(*end), u64::from_le_bytes(*start)];
        // As with sequence numbers: nothing is moved for all packets but the first.
        let last = match self.last.get_mut(flow) {
            Some(last) => last,
            None => self.last.entry(*flow).or_default(),
        };
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
        let place = self.digests.iter().position(|known| *known == digest)?;
        self.frames.get(place).copied()
    }
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
            (1..20).filter(|&nth| ivs.counts(&flow(spi), &of(nth))).count()
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
        let mut record = |flow, iv: &[u8], frame| {
            let digest = ivs.digester.digest(flow, iv)?;
            ivs.record(digest, frame)
        };
        assert_eq!(record(mn, &[1; 16], 1), None);
        assert_eq!(record(ha, &[1; 16], 2), None);
        assert_eq!(record(mn, &[2; 16], 3), None);
        assert_eq!(record(mn, &[1; 16], 4), Some(1));
        assert_eq!(record(mn, &[], 5), None);
        assert_eq!(record(mn, &[], 6), None);
    }
    #[test]
    fn the_latest_are_found_and_memory_is_bounded() {
        let flow = FlowId { spi: 7, sender: Sender::Mn };
        let mut ivs = Ivs::default();
        let mut record = |flow, iv: &[u8], frame| {
            let digest = ivs.digester.digest(flow, iv)?;
            ivs.record(digest, frame)
        };
        let latest = GENERATION as u64;
        for frame in 0..5 * latest {
            assert_eq!(record(flow, &frame.to_be_bytes(), frame), None);
            let before = frame.saturating_sub(latest - 1);
            assert_eq!(record(flow, &before.to_be_bytes(), frame), Some(before));
        }
        assert!(ivs.young.digests.len() <= GENERATION && ivs.old.digests.len() <= GENERATION);
    }
}
