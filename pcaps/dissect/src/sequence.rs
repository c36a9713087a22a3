//! RFC 6618 section 6.1: Sequence Numbers that come twice under one SA in one direction.
//!
//! Every number is remembered, so memory grows with the packets of the capture, which is in memory itself.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;

use crate::finding::{Fault, Repeat};

/// Who counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sender {
    Mn,
    Ha,
    /// Either of them: both ports are service ports, and no key tells.
    At(IpAddr),
}

/// All numbers seen.
#[derive(Default)]
pub(crate) struct Sequences<'a>(HashMap<(u32, Sender, u32), First<'a>>);

struct First<'a> {
    frame: u64,
    octets: &'a [u8],
}

impl<'a> Sequences<'a> {
    /// Records the number of a packet, or tells what it repeats.
    pub(crate) fn record(
        &mut self,
        (spi, sender, sequence): (u32, Sender, u32),
        frame: u64,
        octets: &'a [u8],
    ) -> Option<Fault> {
        match self.0.entry((spi, sender, sequence)) {
            Entry::Vacant(place) => {
                place.insert(First { frame, octets });
                None
            }
            Entry::Occupied(first) => {
                let First { frame: first, octets: before } = *first.get();
                let repeat = if before == octets { Repeat::SameOctets } else { Repeat::OtherOctets };
                Some(Fault::Repeated { sequence, first, repeat })
            }
        }
    }
}
