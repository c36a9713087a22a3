//! IVs under one key (RFC 6618 section 6.3, reading PK-12): which come twice among the latest.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher;

use foldhash::fast::{FixedState, RandomState};

use crate::sequence::FlowId;

/// IVs that are remembered, of all flows together.
const MOST: usize = 1 << 16;

/// The latest IVs, by their digests.
#[derive(Default)]
pub(crate) struct Ivs {
    frames: HashMap<u64, u64, RandomState>,
    order: VecDeque<u64>,
}

impl Ivs {
    /// Records an IV; gives the frame that had it before under the same key.
    pub(crate) fn record(&mut self, flow: FlowId, iv: &[u8], frame: u64) -> Option<u64> {
        if iv.is_empty() {
            return None;
        }
        let digest = FixedState::default().hash_one((flow, iv));
        if let Some(first) = self.frames.get(&digest) {
            return Some(*first);
        }
        if self.order.len() == MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.frames.remove(&oldest);
        }
        self.frames.insert(digest, frame);
        self.order.push_back(digest);
        None
    }
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
}
