//! RFC 6618 section 6.4: user data, from the mobile node into the home network and back.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use crypto::open::Opened;
use crypto::seal::Outgoing;
use wire::packet::{self, PType};
use wire::value::Scope;

use super::associations::{Association, Handle};
use super::bindings::Bound;
use super::{Discard, Ha, Output, PlainSource};
use crate::Timestamp;
use crate::inner::InnerPacket;
use crate::sa::SecurityAssociation;

/// How one packet goes to its mobile node.
enum Way<'a> {
    Plain { to: SocketAddr, packet: &'a [u8] },
    Protected { to: SocketAddr, association: Handle, outgoing: Outgoing<'a> },
}

/// Whom a packet from the home network is for.
struct Target<'a> {
    inner: InnerPacket<'a>,
    to: SocketAddr,
    association: Handle,
}

/// The registered mobile node behind an address, with the association that is not at its end.
struct Owner<'a> {
    bound: Bound<'a>,
    association: &'a Association,
}

impl Ha {
    /// PType 1: the association says who speaks, and the binding that it may (RFC 6275 10.4.5).
    pub(super) fn take_protected(
        &mut self,
        now: Timestamp,
        handle: Handle,
        opened: Opened,
    ) -> Result<(), Discard> {
        let inner = InnerPacket::parse(&opened.payload).ok_or(Discard::InnerPacket)?;
        if inner.next_header != opened.next_header {
            return Err(Discard::InnerPacket);
        }
        let association = self.associations.get(handle).ok_or(Discard::SpiUnknown)?;
        self.check_inner_source(&association.sa, inner.source)?;
        self.check_registered(handle, inner.source, now)?;
        let length = inner.octets.len();
        let mut packet = opened.payload;
        packet.truncate(length);
        self.outputs.push_back(Output::Deliver(packet));
        Ok(())
    }

    /// PType 0: nothing but the addresses says who speaks (PK-07, C9).
    pub(super) fn take_plain(
        &mut self,
        now: Timestamp,
        from: SocketAddr,
        packet: &[u8],
    ) -> Result<(), Discard> {
        let inner = InnerPacket::parse(packet).ok_or(Discard::InnerPacket)?;
        let Owner { bound, association: Association { sa, .. } } = self.owner_of(inner.source, now)?;
        if sa.scope != Scope::SignalingOnly {
            return Err(Discard::PlainOutOfScope);
        }
        if !self.config.plain_source.agree(from, bound.binding.return_to) {
            return Err(Discard::PlainFromElsewhere);
        }
        self.check_inner_source(sa, inner.source)?;
        self.outputs.push_back(Output::Deliver(inner.octets.to_vec()));
        Ok(())
    }

    /// Packets from the home network: all of one association are sealed in one batch, and sent in their order.
    pub(super) fn tunnel(&mut self, now: Timestamp, packets: &[Vec<u8>]) {
        let inner = packets.iter().filter_map(|packet| InnerPacket::parse(packet));
        self.fetch_owners(inner.map(|inner| inner.destination));
        let targets: Vec<_> = packets.iter().map(|packet| self.target_of(now, packet)).collect();
        let mut ways = Vec::with_capacity(packets.len());
        for target in targets {
            match target.and_then(|target| self.way_to(now, target)) {
                Ok(way) => ways.push(way),
                Err(reason) => self.discard(None, reason),
            }
        }
        let mut sealed = self.seal(&ways);
        for (position, way) in ways.iter().enumerate() {
            match (way, sealed.remove(&position)) {
                (Way::Plain { to, packet }, _) => self.transmit(*to, packet::plain(packet)),
                (Way::Protected { to, .. }, Some(octets)) => self.transmit(*to, octets),
                (Way::Protected { .. }, None) => self.discard(None, Discard::SpiUnknown),
            }
        }
    }

    /// Brings what a batch is about to ask for into the cache. First all are found, then all are fetched: the fetches
    /// overlap, where one after another would take longer than all the cryptography.
    fn fetch_owners(&self, homes: impl Iterator<Item = IpAddr>) {
        let found: Vec<_> = homes.filter_map(|home| self.bindings.find(home)).collect();
        for found in found {
            self.bindings.fetch(found.entry);
            self.associations.fetch(found.association);
        }
    }

    fn target_of<'a>(&self, now: Timestamp, packet: &'a [u8]) -> Result<Target<'a>, Discard> {
        let inner = InnerPacket::parse(packet).ok_or(Discard::InnerPacket)?;
        let owners = self.associations.owners();
        let bound = self.bindings.of_address(inner.destination, now, owners).ok_or(Discard::NoBinding)?;
        Ok(Target { inner, to: bound.binding.return_to, association: bound.association })
    }

    fn way_to<'a>(&mut self, now: Timestamp, target: Target<'a>) -> Result<Way<'a>, Discard> {
        let Target { inner, to, association: handle } = target;
        let association = self.associations.get(handle).ok_or(Discard::SpiUnknown)?;
        if now >= association.end() {
            return Err(Discard::Expired);
        }
        if association.sa.scope == Scope::SignalingOnly {
            return Ok(Way::Plain { to, packet: inner.octets });
        }
        let iv = self.fresh_iv();
        let association = self.associations.get_mut(handle).ok_or(Discard::SpiUnknown)?;
        let outgoing = Outgoing {
            ptype: PType::PROTECTED,
            spi: association.sa.spi,
            sequence: association.counter.next().ok_or(Discard::SequenceExhausted)?,
            next_header: inner.next_header,
            payload: inner.octets,
            iv,
            extra_padding: 0,
        };
        Ok(Way::Protected { to, association: handle, outgoing })
    }

    /// Seals what is to be sealed. Results are found by position.
    fn seal(&self, ways: &[Way<'_>]) -> BTreeMap<usize, Vec<u8>> {
        let mut batches: BTreeMap<Handle, (Vec<usize>, Vec<Outgoing<'_>>)> = BTreeMap::new();
        for (position, way) in ways.iter().enumerate() {
            if let Way::Protected { association, outgoing, .. } = way {
                let (positions, batch) = batches.entry(*association).or_default();
                positions.push(position);
                batch.push(*outgoing);
            }
        }
        let mut results = BTreeMap::new();
        for (handle, (positions, batch)) in batches {
            let Some(association) = self.associations.get(handle) else { continue };
            results.extend(positions.into_iter().zip(association.sealer().seal(&batch)));
        }
        results
    }

    /// Whether the mobile node behind `address` is registered. Nearly always its binding is the one of the association,
    /// whose end was looked at before the packet was opened; then no search is needed.
    fn check_registered(&self, handle: Handle, address: IpAddr, now: Timestamp) -> Result<(), Discard> {
        let binding = self.associations.binding_of(handle.spi);
        if binding.is_some_and(|place| self.bindings.is_at(place, address, handle.spi, now)) {
            return Ok(());
        }
        self.owner_of(address, now).map(|_| ())
    }

    /// The registered mobile node that `address` belongs to.
    fn owner_of(&self, address: IpAddr, now: Timestamp) -> Result<Owner<'_>, Discard> {
        let owners = self.associations.owners();
        let bound = self.bindings.of_address(address, now, owners).ok_or(Discard::NoBinding)?;
        let association = self.associations.get(bound.association).ok_or(Discard::SpiUnknown)?;
        if now >= association.end() {
            return Err(Discard::Expired);
        }
        Ok(Owner { bound, association })
    }

    /// PK-30: the home address, or inside the prefix; never the home address of somebody else in the same prefix.
    fn check_inner_source(&self, sa: &SecurityAssociation, source: IpAddr) -> Result<(), Discard> {
        let own = sa.home.is_home_address(source)
            || sa.home.is_inside_prefix(source) && !self.associations.owners().is_home_address(source);
        if own { Ok(()) } else { Err(Discard::InnerSource) }
    }
}

impl PlainSource {
    fn agree(self, one: SocketAddr, other: SocketAddr) -> bool {
        match self {
            Self::Address => one.ip() == other.ip(),
            Self::AddressAndPort => one == other,
        }
    }
}
