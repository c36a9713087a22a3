//! Wrong UDP checksums, by flow. Whoever captures on the host that sends sees sums that its card has yet to make: a
//! finding for each packet would bury all others, so there is one for each flow, when the capture ends.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::finding::{Fault, Finding};
use crate::ip::UdpChecksum;
use crate::packet::Seen;

/// Flows that are remembered; those that come later are not judged.
const MOST: usize = 1 << 12;

/// Flows with wrong sums.
#[derive(Default)]
pub(crate) struct Sums(BTreeMap<(SocketAddr, SocketAddr), Flow>);

struct Flow {
    first: u64,
    wrong: u64,
    /// Since the first wrong one.
    right: u64,
}

impl Sums {
    pub(crate) fn take(&mut self, seen: &Seen<'_, '_>) {
        let ends = (seen.datagram.from, seen.datagram.to);
        match seen.checksum {
            UdpChecksum::Wrong if self.0.len() < MOST || self.0.contains_key(&ends) => {
                let flow = self.0.entry(ends).or_insert(Flow { first: seen.frame, wrong: 0, right: 0 });
                flow.wrong += 1;
            }
            UdpChecksum::Right if !self.0.is_empty() => {
                if let Some(flow) = self.0.get_mut(&ends) {
                    flow.right += 1;
                }
            }
            _ => {}
        }
    }

    /// What is wrong, flow by flow, in the order of their first frames.
    pub(crate) fn end(&mut self) -> Vec<Finding> {
        let mut flows: Vec<_> = core::mem::take(&mut self.0).into_iter().collect();
        flows.sort_by_key(|(_, flow)| flow.first);
        let finding = |((from, to), flow): (_, Flow)| {
            let Flow { first, wrong, right } = flow;
            Finding { frame: first, fault: Fault::UdpChecksums { from, to, wrong, right } }
        };
        flows.into_iter().map(finding).collect()
    }
}
