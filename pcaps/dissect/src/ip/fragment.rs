//! RFC 791 section 3.2, RFC 8200 section 4.5: packets put together from fragments, in bounded memory.
//!
//! Pieces that overlap end a packet (RFC 5722): nobody can tell which octets the receiver took. Exact copies are
//! passed over.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use wire::DecodeError;
use wire::error::{Have, Need};

use super::Headers;
use crate::rest::Rest;

/// Octets in which fragments count.
pub(super) const UNIT: usize = 8;
/// The longest packet.
const MAX_LEN: usize = 65_535;
/// Packets begun and not ended; the oldest gives way.
const MAX_BEGUN: usize = 1024;
/// Octets of all of them.
const MAX_OCTETS: usize = 16 << 20;

/// A piece of an IP packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fragment<'a> {
    pub(crate) headers: Headers,
    /// What the whole packet holds.
    pub(super) protocol: u8,
    pub(super) identification: u32,
    pub(super) offset: usize,
    pub(super) is_last: bool,
    pub(super) rest: Rest<'a>,
}

/// A packet put together.
#[derive(Clone, Debug)]
pub(crate) struct Assembled {
    pub(super) headers: Headers,
    pub(super) protocol: u8,
    pub(super) octets: Vec<u8>,
}

/// Packets of which pieces have come.
#[derive(Default)]
pub(crate) struct Fragments {
    begun: HashMap<Key, Begun>,
    /// Their keys, in the order in which they began; a key that is no more in the map has ended.
    order: VecDeque<(Key, u64)>,
    octets: usize,
    born: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    from: IpAddr,
    to: IpAddr,
    identification: u32,
    protocol: u8,
}

struct Begun {
    birth: u64,
    headers: Headers,
    /// In the order of their places, without overlap.
    pieces: Vec<(usize, Vec<u8>)>,
    /// The end, once the last piece has come.
    end: Option<usize>,
    have: usize,
}

impl Fragments {
    /// Takes a piece; gives the packet that it completes.
    pub(crate) fn take(&mut self, fragment: &Fragment<'_>) -> Result<Option<Assembled>, DecodeError> {
        fragment.check()?;
        if !fragment.headers.is_whole || fragment.rest.octets.is_empty() {
            return Ok(None);
        }
        let key = Key {
            from: fragment.headers.from,
            to: fragment.headers.to,
            identification: fragment.identification,
            protocol: fragment.protocol,
        };
        let born = &mut self.born;
        let order = &mut self.order;
        let begun = self.begun.entry(key).or_insert_with(|| {
            *born += 1;
            order.push_back((key, *born));
            Begun { birth: *born, headers: fragment.headers, pieces: Vec::new(), end: None, have: 0 }
        });
        let before = begun.have;
        let taken = begun.take(fragment);
        self.octets += begun.have - before;
        if taken.is_err() {
            self.end(key);
        }
        taken?;
        let is_complete = self.begun.get(&key).is_some_and(Begun::is_complete);
        let assembled = if is_complete { self.end(key).map(|begun| begun.join(key.protocol)) } else { None };
        self.make_room();
        Ok(assembled)
    }

    fn end(&mut self, key: Key) -> Option<Begun> {
        let begun = self.begun.remove(&key)?;
        self.octets -= begun.have;
        Some(begun)
    }

    fn make_room(&mut self) {
        while self.begun.len() > MAX_BEGUN || self.octets > MAX_OCTETS || self.order.len() > 2 * MAX_BEGUN {
            let Some((key, birth)) = self.order.pop_front() else { return };
            if self.begun.get(&key).is_some_and(|begun| begun.birth == birth) {
                self.end(key);
            }
        }
    }
}

impl Fragment<'_> {
    pub(crate) const fn protocol(&self) -> u8 {
        self.protocol
    }

    fn check(&self) -> Result<(), DecodeError> {
        let len = self.rest.octets.len();
        let fault = |need| Err(DecodeError::new("fragment", need, Have::Octets(len)).shifted(self.rest.at));
        if self.headers.is_whole && !self.is_last && !len.is_multiple_of(UNIT) {
            return fault(Need::MultipleOf(UNIT));
        }
        if self.offset + len > MAX_LEN {
            return fault(Need::AtMost(MAX_LEN.saturating_sub(self.offset)));
        }
        Ok(())
    }

    fn overlap(&self) -> DecodeError {
        let need = Need::Grammar("no octets that another fragment has too");
        DecodeError::new("fragment", need, Have::Octets(self.rest.octets.len())).shifted(self.rest.at)
    }
}

impl Begun {
    fn take(&mut self, fragment: &Fragment<'_>) -> Result<(), DecodeError> {
        let (start, octets) = (fragment.offset, fragment.rest.octets);
        let end = start + octets.len();
        let place = self.pieces.partition_point(|(offset, _)| *offset < start);
        if self.pieces.get(place).is_some_and(|(offset, piece)| *offset == start && piece == octets) {
            return Ok(());
        }
        let before = place.checked_sub(1).and_then(|before| self.pieces.get(before));
        let is_behind = before.is_none_or(|(offset, piece)| offset + piece.len() <= start);
        let is_before = self.pieces.get(place).is_none_or(|(offset, _)| end <= *offset);
        let is_within = self.end.is_none_or(|last| end <= last && !fragment.is_last);
        let is_end = !fragment.is_last || self.pieces.len() == place;
        if !(is_behind && is_before && is_within && is_end) {
            return Err(fragment.overlap());
        }
        if fragment.is_last {
            self.end = Some(end);
        }
        self.have += octets.len();
        self.pieces.insert(place, (start, octets.to_vec()));
        Ok(())
    }

    /// Without overlap, as many octets as the end is far are all octets.
    fn is_complete(&self) -> bool {
        self.end == Some(self.have)
    }

    fn join(self, protocol: u8) -> Assembled {
        let octets = self.pieces.into_iter().flat_map(|(_, piece)| piece).collect();
        Assembled { headers: self.headers, protocol, octets }
    }
}
