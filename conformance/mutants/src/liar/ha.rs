//! RFC 6618 section 6: the honest HA behind a liar.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;

use proto::ha::{Datagram, Input, Output};
use proto::sequence::{Counter, ReplayWindow};
use proto::{Machine, Timestamp};
use suite::player::PacketForge;
use wire::packet::{HEADER_LEN, PType, Packet};

use super::packet::{Arrival, Departure, Tunnel};
use crate::mutant::Lie;
use crate::seat::HaMachine;

/// The honest HA behind a liar.
pub(crate) struct HaLiar {
    lie: Lie,
    honest: HaMachine,
    tunnels: BTreeMap<u32, Tunnel>,
    windows: BTreeMap<u32, Numbers>,
    installed: u64,
    latest: u32,
    last_plain: Option<Vec<u8>>,
    outputs: VecDeque<Output>,
}

/// The numbers of the MN under one association, as they came and as they are handed on.
#[derive(Default)]
struct Numbers {
    window: ReplayWindow,
    counter: Counter,
}

impl HaLiar {
    pub(crate) fn new(lie: Lie, honest: HaMachine) -> Self {
        Self {
            lie,
            honest,
            tunnels: BTreeMap::new(),
            windows: BTreeMap::new(),
            installed: 0,
            latest: 0,
            last_plain: None,
            outputs: VecDeque::new(),
        }
    }

    fn arrived(&mut self, Datagram { from, octets }: Datagram) -> Datagram {
        let Lie::HaInbound(lie) = self.lie else { return Datagram { from, octets } };
        let good = self.look(&octets);
        let replayed = good.as_ref().is_some_and(|forge| self.is_replayed(forge));
        let (latest, last_plain) = (self.latest, self.last_plain.as_deref());
        let mut arrival =
            Arrival { octets, from, replayed, tunnels: &mut self.tunnels, latest, last_plain };
        lie(&mut arrival);
        let Arrival { octets, from, replayed, .. } = arrival;
        if replayed {
            return Datagram { from, octets: Vec::new() };
        }
        if let Some(forge) = good {
            self.remember(forge);
        } else if is_plain(&octets) {
            self.last_plain = Some(octets.clone());
        }
        let octets = self.numbered_anew(&octets).unwrap_or(octets);
        Datagram { from, octets }
    }

    /// The packet, if its ICV is right.
    fn look(&self, octets: &[u8]) -> Option<PacketForge> {
        let keys = &self.tunnels.get(&Packet::new_unchecked(octets).spi())?.mn_to_ha;
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

    /// A good packet with a number that the honest HA has not seen.
    fn numbered_anew(&mut self, octets: &[u8]) -> Option<Vec<u8>> {
        let mut forge = self.look(octets)?;
        forge.sequence = self.windows.entry(forge.spi).or_default().counter.next()?;
        Some(self.tunnels.get(&forge.spi)?.mn_to_ha.octets(&forge))
    }

    fn drain(&mut self) {
        while let Some(output) = self.honest.poll_output() {
            let output = match output {
                Output::Transmit { to, octets } => self.departed(to, octets),
                Output::Deliver(_) | Output::Event(_) => output,
            };
            self.outputs.push_back(output);
        }
    }

    fn departed(&mut self, to: SocketAddr, mut octets: Vec<u8>) -> Output {
        if let (Lie::HaPlainOutbound(lie), true) = (self.lie, is_plain(&octets)) {
            lie(&mut octets);
        }
        let view = Packet::new_unchecked(octets.as_slice());
        let tunnel = self.tunnels.get_mut(&view.spi());
        let (Lie::HaOutbound(lie), Some(tunnel)) = (self.lie, tunnel) else {
            return Output::Transmit { to, octets };
        };
        let Some(contents) = tunnel.ha_to_mn.dissect(&octets) else { return Output::Transmit { to, octets } };
        let (mut forge, ptype) = (contents.forge, view.ptype());
        let mut departure = Departure { to, tunnel };
        lie(&mut forge, &mut departure);
        let Departure { to, tunnel } = departure;
        *tunnel.notes.sent.entry(ptype).or_default() += 1;
        Output::Transmit { to, octets: tunnel.ha_to_mn.octets(&forge) }
    }
}

fn is_plain(octets: &[u8]) -> bool {
    octets.len() > HEADER_LEN && octets.iter().take(HEADER_LEN).all(|octet| *octet == 0)
}

impl Machine for HaLiar {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Timestamp, input: Input) {
        let input = match input {
            Input::Install(sa) => {
                self.windows.remove(&sa.spi.get());
                let mut tunnel = Tunnel::new((*sa).clone());
                tunnel.notes.installed = self.installed;
                self.installed += 1;
                self.tunnels.insert(sa.spi.get(), tunnel);
                Input::Install(sa)
            }
            Input::Datagrams(datagrams) => {
                Input::Datagrams(datagrams.into_iter().map(|datagram| self.arrived(datagram)).collect())
            }
            Input::FromHome(_) | Input::Reinit(_) => input,
        };
        self.honest.handle(now, input);
        self.drain();
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.honest.poll_timeout()
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.honest.handle_timeout(now);
        self.drain();
    }
}
