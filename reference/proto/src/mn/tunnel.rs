//! RFC 6618 sections 6.1 to 6.4 from the mobile node's side: packets under one association.

use std::net::Ipv6Addr;

use crypto::open::{OpenError, Opened, Opener};
use crypto::seal::{Outgoing, Sealer};
use wire::packet::{self, PType, Packet};
use wire::trailer;
use wire::value::Scope;

use crate::discard::Discard;
use crate::inner::InnerPacket;
use crate::sa::SecurityAssociation;
use crate::sequence::{Counter, ReplayWindow};
use crate::{Random, Timestamp};

const KEEPALIVE: [u8; 1] = [0xff];
const IV_LEN: usize = 16;

/// One association in use: its ciphers, its counter and its window.
pub(super) struct Tunnel {
    pub(super) sa: SecurityAssociation,
    /// This node, inside.
    pub(super) home: Ipv6Addr,
    /// The other end, inside.
    pub(super) agent: Ipv6Addr,
    sealer: Sealer,
    opener: Opener,
    counter: Counter,
    window: ReplayWindow,
}

/// What a datagram is before anything is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// PType 0 as it should be.
    Plain,
    /// PType 1 or 8 under this SPI.
    Protected(u32),
}

/// What an authentic packet holds.
pub(super) enum Contents {
    /// The chain that should end in a Mobility Header.
    Mobility(Opened),
    /// An IP packet for this host.
    Inner(Vec<u8>),
}

/// The first two words of a datagram (PK-01, PK-02, PK-04, PK-10, PK-11).
pub(super) fn look(octets: &[u8]) -> Result<Look, Discard> {
    if octets == KEEPALIVE {
        return Err(Discard::Keepalive);
    }
    let packet = Packet::new_checked(octets).map_err(|_| Discard::Short)?;
    match (packet.ptype(), packet.spi(), packet.sequence()) {
        (PType::PLAIN, 0, 0) => Ok(Look::Plain),
        (PType::PLAIN, 0, _) => Err(Discard::PlainSequence),
        (PType::PLAIN, ..) => Err(Discard::PlainSpi),
        (PType::PROTECTED | PType::MOBILITY, 0, _) => Err(Discard::ProtectedWithoutSpi),
        (PType::PROTECTED | PType::MOBILITY, spi, _) => Ok(Look::Protected(spi)),
        _ => Err(Discard::PacketType),
    }
}

impl Tunnel {
    /// `home` and `agent` are the addresses inside; both counters start at 0.
    pub(super) fn new(sa: SecurityAssociation, home: Ipv6Addr, agent: Ipv6Addr) -> Self {
        let sealer = Sealer::new(&sa.keys.mn_to_ha);
        let opener = Opener::new(&sa.keys.ha_to_mn);
        Self { sa, home, agent, sealer, opener, counter: Counter::new(), window: ReplayWindow::new() }
    }

    /// How many packets can still be sent.
    pub(super) fn remaining(&self) -> u64 {
        self.counter.remaining()
    }

    /// Whether the validity end has come (SA-10).
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now >= self.sa.end()
    }

    /// Protects a batch. The result is shorter than the batch if the Sequence Numbers run out (SQ-05).
    pub(super) fn seal(
        &mut self,
        random: &mut dyn Random,
        ptype: PType,
        batch: &[(u8, &[u8])],
    ) -> Vec<Vec<u8>> {
        let ivs = self.ivs(random, batch.len());
        let outgoing: Vec<Outgoing<'_>> = batch
            .iter()
            .zip(ivs)
            .map_while(|(&(next_header, payload), iv)| {
                let sequence = self.counter.next()?;
                Some(Outgoing {
                    ptype,
                    spi: self.sa.spi,
                    sequence,
                    next_header,
                    payload,
                    iv,
                    extra_padding: 0,
                })
            })
            .collect();
        self.sealer.seal(&outgoing)
    }

    /// PK-12: unpredictable, and drawn for the whole batch at once.
    fn ivs(&self, random: &mut dyn Random, count: usize) -> Vec<[u8; IV_LEN]> {
        let mut ivs = vec![[0; IV_LEN]; count];
        if self.sa.suite.encrypts() {
            random.fill(ivs.as_flattened_mut());
        }
        ivs
    }

    /// User data from this host (6.4), protected or in the clear as the scope says.
    pub(super) fn outbound(
        &mut self,
        random: &mut dyn Random,
        packets: &[Vec<u8>],
    ) -> Vec<Result<Vec<u8>, Discard>> {
        let checked: Vec<_> = packets.iter().map(|packet| self.check_source(packet)).collect();
        let fitting: Vec<(u8, &[u8])> =
            checked.iter().flatten().map(|inner| (inner.next_header, inner.octets)).collect();
        let mut sealed = match self.sa.scope {
            Scope::AllTraffic => self.seal(random, PType::PROTECTED, &fitting),
            Scope::SignalingOnly => fitting.iter().map(|(_, octets)| packet::plain(octets)).collect(),
        }
        .into_iter();
        let mut next = || sealed.next().ok_or(Discard::SequenceExhausted);
        checked.into_iter().map(|inner| inner.and_then(|_| next())).collect()
    }

    fn check_source<'a>(&self, octets: &'a [u8]) -> Result<InnerPacket<'a>, Discard> {
        let inner = InnerPacket::parse(octets).ok_or(Discard::InnerPacket)?;
        if !self.sa.home.contains(inner.source) {
            return Err(Discard::InnerSource);
        }
        Ok(inner)
    }

    /// Opens a batch in the order of RFC 4303 section 3.4.3: replay, ICV, then the window moves (PK-19).
    pub(super) fn open(&mut self, now: Timestamp, batch: &[&[u8]]) -> Vec<Result<Contents, Discard>> {
        let verdicts: Vec<_> = batch.iter().map(|octets| self.may_open(now, octets)).collect();
        let fresh: Vec<&[u8]> = batch
            .iter()
            .zip(&verdicts)
            .filter(|(_, verdict)| verdict.is_ok())
            .map(|(octets, _)| *octets)
            .collect();
        let mut opened = self.opener.open(&fresh).into_iter();
        verdicts
            .into_iter()
            .map(|verdict| {
                verdict?;
                let opened = opened.next().ok_or(Discard::Short)?.map_err(unopened)?;
                self.accept(opened)
            })
            .collect()
    }

    fn may_open(&self, now: Timestamp, octets: &[u8]) -> Result<(), Discard> {
        let packet = Packet::new_checked(octets).map_err(|_| Discard::Short)?;
        if self.is_over(now) {
            return Err(Discard::Expired);
        }
        if packet.ptype() == PType::PROTECTED && self.sa.scope == Scope::SignalingOnly {
            return Err(Discard::ProtectedOutOfScope);
        }
        self.window.check(packet.sequence())?;
        Ok(())
    }

    fn accept(&mut self, opened: Opened) -> Result<Contents, Discard> {
        // Again, since a datagram of the same batch may have taken the number.
        let fresh = self.window.check(opened.sequence)?;
        self.window.accept(fresh);
        match (opened.ptype, opened.next_header) {
            (_, trailer::NO_NEXT) => Err(Discard::Dummy),
            (PType::MOBILITY, trailer::MOBILITY | trailer::DEST_OPTIONS | trailer::ROUTING) => {
                Ok(Contents::Mobility(opened))
            }
            (PType::PROTECTED, next_header @ (trailer::IPV4 | trailer::IPV6)) => {
                let inner = self.check_destination(&opened.payload)?;
                if inner.next_header != next_header {
                    return Err(Discard::InnerPacket);
                }
                Ok(Contents::Inner(inner.octets.to_vec()))
            }
            _ => Err(Discard::NextHeader),
        }
    }

    /// A plain packet (Figure 9) is welcome only where data is not protected (PK-05).
    pub(super) fn take_plain(&self, now: Timestamp, body: &[u8]) -> Result<Vec<u8>, Discard> {
        if self.is_over(now) {
            return Err(Discard::Expired);
        }
        match self.sa.scope {
            Scope::AllTraffic => Err(Discard::PlainOutOfScope),
            Scope::SignalingOnly => Ok(self.check_destination(body)?.octets.to_vec()),
        }
    }

    fn check_destination<'a>(&self, octets: &'a [u8]) -> Result<InnerPacket<'a>, Discard> {
        let inner = InnerPacket::parse(octets).ok_or(Discard::InnerPacket)?;
        if !self.sa.home.contains(inner.destination) {
            return Err(Discard::InnerDestination);
        }
        Ok(inner)
    }
}

fn unopened(error: OpenError) -> Discard {
    match error {
        OpenError::Short { .. } | OpenError::Misaligned { .. } => Discard::Misaligned,
        OpenError::SpiZero => Discard::ProtectedWithoutSpi,
        OpenError::Icv => Discard::Icv,
        OpenError::PadLength { .. } | OpenError::Padding { .. } => Discard::Padding,
    }
}
