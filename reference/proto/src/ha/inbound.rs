//! RFC 6618 sections 6.1 to 6.3: what happens to a datagram, from its first octet to its opened contents.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crypto::open::{OpenError, Opened};
use wire::packet::{PType, Packet};
use wire::trailer;
use wire::value::Scope;

use super::associations::{Associations, Handle};
use super::{Datagram, Discard, Ha};
use crate::Timestamp;
use crate::sequence::{Fresh, Replay};

const KEEPALIVE: [u8; 1] = [0xff];

/// What the SPI of a datagram leads to.
enum Found {
    /// SPI 0.
    Nothing,
    Unknown,
    Ended,
    Association(Handle, Scope, Result<Fresh, Replay>),
}

/// What the first two words of a datagram say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Discard(Discard),
    /// Take what follows as a plain IP packet.
    Plain,
    /// Open it with this association.
    Open(Handle),
}

/// The decision table: PType, SPI, scope and Sequence Number.
fn decide(packet: &Packet<&[u8]>, found: &Found) -> Verdict {
    match (packet.ptype(), found) {
        (PType::PLAIN, Found::Nothing) if packet.sequence() == 0 => Verdict::Plain,
        (PType::PLAIN, Found::Nothing) => Verdict::Discard(Discard::PlainSequence),
        (PType::PLAIN, _) => Verdict::Discard(Discard::PlainSpi),
        (PType::PROTECTED | PType::MOBILITY, Found::Nothing) => {
            Verdict::Discard(Discard::ProtectedWithoutSpi)
        }
        (PType::PROTECTED | PType::MOBILITY, Found::Unknown) => Verdict::Discard(Discard::SpiUnknown),
        (PType::PROTECTED | PType::MOBILITY, Found::Ended) => Verdict::Discard(Discard::Expired),
        (PType::PROTECTED, Found::Association(_, Scope::SignalingOnly, _)) => {
            Verdict::Discard(Discard::ProtectedOutOfScope)
        }
        (PType::PROTECTED | PType::MOBILITY, Found::Association(_, _, Err(replay))) => {
            Verdict::Discard((*replay).into())
        }
        (PType::PROTECTED | PType::MOBILITY, Found::Association(handle, _, Ok(_))) => Verdict::Open(*handle),
        (_, _) => Verdict::Discard(Discard::PacketType),
    }
}

/// What a datagram is before anything is opened.
fn first_look(associations: &Associations, octets: &[u8], now: Timestamp) -> Verdict {
    if octets == KEEPALIVE {
        return Verdict::Discard(Discard::Keepalive);
    }
    let Ok(packet) = Packet::new_checked(octets) else {
        return Verdict::Discard(Discard::Short);
    };
    decide(&packet, &find(associations, &packet, now))
}

fn find(associations: &Associations, packet: &Packet<&[u8]>, now: Timestamp) -> Found {
    if packet.spi() == 0 {
        return Found::Nothing;
    }
    let found = associations.find(packet.spi());
    match found.and_then(|handle| Some((handle, associations.get(handle)?))) {
        None => Found::Unknown,
        Some((_, association)) if now >= association.end() => Found::Ended,
        Some((handle, association)) => {
            Found::Association(handle, association.sa.scope, association.window.check(packet.sequence()))
        }
    }
}

impl Ha {
    /// Takes datagrams that arrived together: all of one association are opened in one batch, then every datagram
    /// takes effect in the order of arrival.
    pub(super) fn take_datagrams(&mut self, now: Timestamp, datagrams: &[Datagram]) {
        self.fetch_associations(datagrams);
        let verdicts: Vec<Verdict> =
            datagrams.iter().map(|datagram| first_look(&self.associations, &datagram.octets, now)).collect();
        let mut opened = self.open(datagrams, &verdicts);
        for (position, (datagram, verdict)) in datagrams.iter().zip(verdicts).enumerate() {
            let outcome = match (verdict, opened.remove(&position)) {
                (Verdict::Discard(reason), _) => Err(reason),
                (Verdict::Plain, _) => {
                    let packet = Packet::new_unchecked(datagram.octets.as_slice());
                    self.take_plain(now, datagram.from, packet.body())
                }
                (Verdict::Open(handle), Some(result)) => self.take_opened(now, datagram, handle, result),
                (Verdict::Open(_), None) => Err(Discard::SpiUnknown),
            };
            if let Err(reason) = outcome {
                self.discard(Some(datagram.from), reason);
            }
        }
    }

    /// As `fetch_owners`: associations, and the bindings of their mobile nodes, since whoever sends user data must be
    /// registered.
    fn fetch_associations(&self, datagrams: &[Datagram]) {
        let packets =
            datagrams.iter().filter_map(|datagram| Packet::new_checked(datagram.octets.as_slice()).ok());
        let spis = packets.map(|packet| packet.spi());
        let found: Vec<_> = spis.filter_map(|spi| self.associations.ways(spi)).collect();
        for (handle, binding) in found {
            self.associations.fetch(handle);
            if let Some(binding) = binding {
                self.bindings.fetch(binding);
            }
        }
    }

    /// Opens what is to be opened, one batch for each association. Results are found by the datagram's position.
    fn open(
        &self,
        datagrams: &[Datagram],
        verdicts: &[Verdict],
    ) -> BTreeMap<usize, Result<Opened, OpenError>> {
        let mut batches: BTreeMap<Handle, Vec<(usize, &[u8])>> = BTreeMap::new();
        for (position, (datagram, verdict)) in datagrams.iter().zip(verdicts).enumerate() {
            if let Verdict::Open(handle) = verdict {
                batches.entry(*handle).or_default().push((position, &datagram.octets));
            }
        }
        let mut results = BTreeMap::new();
        for (handle, batch) in batches {
            let Some(association) = self.associations.get(handle) else { continue };
            let (positions, octets): (Vec<usize>, Vec<&[u8]>) = batch.into_iter().unzip();
            results.extend(positions.into_iter().zip(association.opener().open(&octets)));
        }
        results
    }

    /// Replay check, ICV, window, contents: the order of RFC 4303 section 3.4.3 (PK-19).
    fn take_opened(
        &mut self,
        now: Timestamp,
        datagram: &Datagram,
        handle: Handle,
        result: Result<Opened, OpenError>,
    ) -> Result<(), Discard> {
        let sequence = Packet::new_unchecked(datagram.octets.as_slice()).sequence();
        let opened = match result {
            Ok(opened) => Ok(opened),
            Err(OpenError::PadLength { .. } | OpenError::Padding { .. }) => Err(Discard::Padding),
            Err(OpenError::Icv) => return Err(Discard::Icv),
            Err(OpenError::SpiZero) => return Err(Discard::ProtectedWithoutSpi),
            Err(OpenError::Short { .. } | OpenError::Misaligned { .. }) => return Err(Discard::Misaligned),
        };
        self.accept_number(now, handle, sequence)?;
        self.take_contents(now, datagram.from, handle, opened?)
    }

    /// Moves the window of an association after a good ICV. Its first packet ends what came before it (SA-11).
    fn accept_number(&mut self, now: Timestamp, handle: Handle, sequence: u32) -> Result<(), Discard> {
        let association = self.associations.get_mut(handle).ok_or(Discard::SpiUnknown)?;
        // Again, since a datagram of the same batch may have taken the number.
        let fresh = association.window.check(sequence)?;
        let first = association.window.highest().is_none();
        association.window.accept(fresh);
        if first {
            let retired = self.associations.retire_older(handle, now + self.config.grace);
            self.bindings.move_to(&retired, handle);
        }
        Ok(())
    }

    /// The second table: PType and Next Header of an authentic packet.
    fn take_contents(
        &mut self,
        now: Timestamp,
        from: SocketAddr,
        handle: Handle,
        opened: Opened,
    ) -> Result<(), Discard> {
        match (opened.ptype, opened.next_header) {
            (_, trailer::NO_NEXT) => Err(Discard::Dummy),
            (PType::MOBILITY, trailer::MOBILITY | trailer::DEST_OPTIONS | trailer::ROUTING) => {
                self.take_mobility(now, from, handle, &opened)
            }
            (PType::PROTECTED, trailer::IPV4 | trailer::IPV6) => self.take_protected(now, handle, opened),
            (_, _) => Err(Discard::NextHeader),
        }
    }
}

impl From<Replay> for Discard {
    fn from(replay: Replay) -> Self {
        match replay {
            Replay::Seen => Self::ReplaySeen,
            Replay::Old => Self::ReplayOld,
        }
    }
}
