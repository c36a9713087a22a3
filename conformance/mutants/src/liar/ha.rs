//! RFC 6618 section 6: the honest HA behind a liar.

use std::collections::VecDeque;
use std::net::SocketAddr;

use proto::ha::{Datagram, Input, Output};
use proto::{Machine, Timestamp};
use wire::packet::{PType, Packet};

use super::inbox::{Inbox, is_plain};
use super::packet::{Departure, Tunnel};
use crate::mutant::Lie;
use crate::seat::HaMachine;

/// The honest HA behind a liar.
pub(crate) struct HaLiar {
    lie: Lie,
    honest: HaMachine,
    inbox: Inbox,
    started: Option<Timestamp>,
    outputs: VecDeque<Output>,
}

impl HaLiar {
    pub(crate) fn new(lie: Lie, honest: HaMachine) -> Self {
        Self { lie, honest, inbox: Inbox::default(), started: None, outputs: VecDeque::new() }
    }

    fn arrived(&mut self, Datagram { from, octets }: Datagram) -> Datagram {
        let Lie::HaInbound(lie) = self.lie else {
            let view = Packet::new_unchecked(octets.as_slice());
            if let Some(tunnel) = self.inbox.tunnels.get_mut(&view.spi()) {
                tunnel.notes.source = Some(from);
                if view.ptype() == PType::MOBILITY {
                    tunnel.notes.signal_source = Some(from);
                }
            }
            return Datagram { from, octets };
        };
        let (from, octets) = self.inbox.arrived(lie, from, octets);
        Datagram { from, octets }
    }

    fn clock(&mut self, now: Timestamp) -> Timestamp {
        let started = *self.started.get_or_insert(now);
        if matches!(self.lie, Lie::HaClockStands) { started } else { now }
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
        let tunnel = self.inbox.tunnels.get_mut(&view.spi());
        let (Lie::HaOutbound(lie), Some(tunnel)) = (self.lie, tunnel) else {
            return Output::Transmit { to, octets };
        };
        let Some(contents) = tunnel.outbound.dissect(&octets) else { return Output::Transmit { to, octets } };
        let (mut forge, ptype) = (contents.forge, view.ptype());
        let mut departure = Departure { to, tunnel };
        lie(&mut forge, &mut departure);
        let Departure { to, tunnel } = departure;
        *tunnel.notes.sent.entry(ptype).or_default() += 1;
        Output::Transmit { to, octets: tunnel.outbound.octets(&forge) }
    }
}

impl Machine for HaLiar {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Timestamp, input: Input) {
        let now = self.clock(now);
        let input = match input {
            Input::Install(mut sa) => {
                if let Lie::HaInstall(lie) = self.lie {
                    lie(&mut sa);
                }
                self.inbox.install(Tunnel::at_ha((*sa).clone()));
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
        let now = self.clock(now);
        self.honest.handle_timeout(now);
        self.drain();
    }
}
