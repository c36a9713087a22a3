//! RFC 6618 sections 6.1 to 6.4: batches of packets through the mobile node, inwards and outwards.

use std::collections::BTreeMap;

use wire::packet::Packet;

use super::machine::{Association, Mn};
use super::tunnel::{self, Contents, Look, Tunnel};
use super::{Output, registration};
use crate::Timestamp;
use crate::discard::Discard;

/// With fewer Sequence Numbers left, the association is renewed (section 6.1).
const RENEW_NUMBERS: u64 = 1 << 16;

impl Mn {
    /// Datagrams that arrived together: all of one association are opened in one batch, then every datagram takes
    /// effect in the order of arrival.
    pub(super) fn take_datagrams(&mut self, now: Timestamp, batch: &[Vec<u8>]) {
        let looks: Vec<_> = batch.iter().map(|octets| tunnel::look(octets)).collect();
        let mut opened = self.open(now, batch, &looks);
        for (position, (look, octets)) in looks.into_iter().zip(batch).enumerate() {
            let outcome = match look {
                Err(reason) => Err(reason),
                Ok(Look::Plain) => self.take_plain(now, octets),
                Ok(Look::Protected(spi)) => match opened.remove(&position) {
                    None => Err(Discard::SpiUnknown),
                    Some(Err(reason)) => Err(reason),
                    Some(Ok(contents)) => self.take(now, spi, contents),
                },
            };
            if let Err(reason) = outcome {
                self.discards.add(reason);
            }
        }
    }

    /// Results are found by the datagram's position.
    fn open(
        &mut self,
        now: Timestamp,
        batch: &[Vec<u8>],
        looks: &[Result<Look, Discard>],
    ) -> BTreeMap<usize, Result<Contents, Discard>> {
        let mut results = BTreeMap::new();
        for association in [&mut self.current, &mut self.successor].into_iter().flatten() {
            let own = Ok(Look::Protected(association.spi()));
            let (positions, octets): (Vec<usize>, Vec<&[u8]>) = batch
                .iter()
                .zip(looks)
                .enumerate()
                .filter(|(_, (_, look))| **look == own)
                .map(|(position, (octets, _))| (position, octets.as_slice()))
                .unzip();
            results.extend(positions.into_iter().zip(association.tunnel.open(now, &octets)));
        }
        results
    }

    fn take_plain(&mut self, now: Timestamp, octets: &[u8]) -> Result<(), Discard> {
        let association = self.current.as_ref().filter(|association| association.carries(now));
        let body = Packet::new_unchecked(octets);
        let inner = association.ok_or(Discard::NoBinding)?.tunnel.take_plain(now, body.body())?;
        self.outputs.push_back(Output::Deliver(inner));
        Ok(())
    }

    fn take(&mut self, now: Timestamp, spi: u32, contents: Contents) -> Result<(), Discard> {
        let opened = match contents {
            Contents::Inner(packet) => {
                self.outputs.push_back(Output::Deliver(packet));
                return Ok(());
            }
            Contents::Mobility(opened) => opened,
        };
        let named = |association: &&mut Association| association.spi() == spi;
        let current = self.current.as_mut().filter(named);
        let association = current.or(self.successor.as_mut().filter(named)).ok_or(Discard::SpiUnknown)?;
        let Tunnel { agent, home, .. } = association.tunnel;
        let ack = registration::read_ack(opened.next_header, &opened.payload, agent, home)?;
        let settled = association.registration.acknowledged(&self.config, now, &ack)?;
        self.acknowledged(now, spi, settled);
        Ok(())
    }

    pub(super) fn take_from_host(&mut self, now: Timestamp, packets: &[Vec<u8>]) {
        let association = self.current.as_mut().filter(|association| association.carries(now));
        let Some(Association { tunnel, .. }) = association else {
            packets.iter().for_each(|_| self.discards.add(Discard::NoBinding));
            return;
        };
        for packet in tunnel.outbound(self.random.as_mut(), packets) {
            match packet {
                Ok(octets) => self.outputs.push_back(Output::Transmit { octets }),
                Err(reason) => self.discards.add(reason),
            }
        }
        let scarce = tunnel.remaining() < RENEW_NUMBERS;
        let later = now + self.config.retransmission.most;
        // Not again right after the HAC could not be asked.
        if scarce && self.successor.is_none() && self.renew_at.is_none_or(|renewal| renewal > later) {
            self.contact_hac(now);
        }
    }
}
