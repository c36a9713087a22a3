//! RFC 6618 section 6: packets on their way to the honest machine, at the HA or the MN.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use proto::sequence::{Counter, ReplayWindow};
use suite::player::PacketForge;
use wire::packet::{HEADER_LEN, PType, Packet};

use super::packet::{Arrival, Tunnel};

/// All associations, and what came under them.
#[derive(Default)]
pub(super) struct Inbox {
    pub(super) tunnels: BTreeMap<u32, Tunnel>,
    windows: BTreeMap<u32, Numbers>,
    installed: u64,
    latest: u32,
}

/// The numbers of the peer under one association, as they came and as they are handed on.
#[derive(Default)]
struct Numbers {
    window: ReplayWindow,
    counter: Counter,
}

impl Inbox {
    pub(super) fn install(&mut self, mut tunnel: Tunnel) {
        let spi = tunnel.sa.spi.get();
        tunnel.notes.installed = self.installed;
        self.installed += 1;
        self.windows.remove(&spi);
        self.latest = spi;
        self.tunnels.insert(spi, tunnel);
    }

    /// The datagram as the honest machine shall see it.
    pub(super) fn arrived(
        &mut self,
        lie: fn(&mut Arrival<'_>),
        from: SocketAddr,
        octets: Vec<u8>,
    ) -> (SocketAddr, Vec<u8>) {
        let good = self.look(&octets);
        let replayed = good.as_ref().is_some_and(|forge| self.is_replayed(forge));
        let latest = self.latest;
        let mut arrival = Arrival { octets, from, replayed, tunnels: &mut self.tunnels, latest };
        lie(&mut arrival);
        let Arrival { octets, from, replayed, .. } = arrival;
        if replayed {
            return (from, Vec::new());
        }
        if let Some(forge) = good {
            self.remember(forge);
        }
        let octets = self.numbered_anew(&octets).unwrap_or(octets);
        (from, octets)
    }

    /// The packet, if its ICV is right.
    fn look(&self, octets: &[u8]) -> Option<PacketForge> {
        let keys = &self.tunnels.get(&Packet::new_unchecked(octets).spi())?.inbound;
        keys.dissect(octets).filter(|contents| contents.icv_is_right).map(|contents| contents.forge)
    }

    fn is_replayed(&self, forge: &PacketForge) -> bool {
        self.windows.get(&forge.spi).is_some_and(|numbers| numbers.window.check(forge.sequence).is_err())
    }

    fn remember(&mut self, forge: PacketForge) {
        let numbers = self.windows.entry(forge.spi).or_default();
        if let Ok(fresh) = numbers.window.check(forge.sequence) {
            numbers.window.accept(fresh);
        }
        self.latest = forge.spi;
        if let Some(tunnel) = self.tunnels.get_mut(&forge.spi) {
            tunnel.notes.highest = numbers.window.highest();
            if matches!(forge.ptype, PType::MOBILITY | PType::PROTECTED) {
                tunnel.notes.last = Some(forge);
            }
        }
    }

    /// A good packet with a number that the honest machine has not seen.
    fn numbered_anew(&mut self, octets: &[u8]) -> Option<Vec<u8>> {
        let mut forge = self.look(octets)?;
        forge.sequence = self.windows.entry(forge.spi).or_default().counter.next()?;
        Some(self.tunnels.get(&forge.spi)?.inbound.octets(&forge))
    }
}

pub(super) fn is_plain(octets: &[u8]) -> bool {
    octets.len() > HEADER_LEN && octets.iter().take(HEADER_LEN).all(|octet| *octet == 0)
}
