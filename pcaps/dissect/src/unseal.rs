//! RFC 6618 section 6.3: what the keys of an SA make of packets.

use std::sync::Arc;

use bumpalo::Bump;
use crypto::algorithms;
use crypto::open::OpenError;
use wire::packet::{HEADER_LEN, Packet};
use wire::trailer::Trailer;

use crate::association::Association;
use crate::iv::{Digest, Digester};
use crate::packet::Direction;
use crate::sequence::{FlowId, Sender};

/// What the keys of an SA made of a packet.
pub(crate) type Outcome<'a> = Result<Unsealed<'a>, OpenError>;

/// Keys that were tried on a packet before its turn came.
pub(crate) struct Attempt<'a> {
    pub(crate) association: &'a Arc<Association>,
    pub(crate) outcome: Outcome<'a>,
}

impl Attempt<'_> {
    /// The IV of what was opened.
    pub(crate) fn iv(&self) -> Option<Digest> {
        self.outcome.as_ref().ok()?.iv
    }
}

/// A packet that keys opened.
#[derive(Clone, Copy)]
pub(crate) struct Unsealed<'a> {
    /// Its SA, and whose keys they were.
    pub(crate) flow: FlowId,
    /// The IV as it is remembered; none with the NULL suites.
    pub(crate) iv: Option<Digest>,
    pub(crate) opened: Trailer<'a>,
}

/// Where the IV of a packet stands that keys opened; empty for the NULL suites.
pub(crate) fn iv_of<'a>(association: &Association, octets: &'a [u8]) -> &'a [u8] {
    octets.get(HEADER_LEN..HEADER_LEN + algorithms(association.suite).iv_len).unwrap_or_default()
}

/// Tries the keys with which the MN or the HA sends on packets; as many outcomes come, in order. What they open is kept
/// in `room`.
pub(crate) fn unseal<'a>(
    association: &Association,
    sender: Sender,
    packets: &[&[u8]],
    digester: &Digester,
    room: &'a Bump,
) -> impl Iterator<Item = Outcome<'a>> {
    let opener = match sender {
        Sender::Ha => &association.ha_to_mn,
        Sender::Mn | Sender::At(_) => &association.mn_to_ha,
    };
    let opened = opener.open_in(packets, room);
    opened.into_iter().zip(packets).map(move |(opened, octets)| {
        let opened = opened?;
        let flow = FlowId { spi: Packet::new_unchecked(octets).spi(), sender };
        Ok(Unsealed { flow, iv: digester.digest(flow, iv_of(association, octets)), opened })
    })
}

/// Opens with the keys of the direction; where that is not known, with whichever fit.
pub(crate) fn open<'b>(
    association: &Association,
    direction: Direction,
    octets: &[u8],
    digester: &Digester,
    room: &'b Bump,
) -> Outcome<'b> {
    // One comes.
    let by =
        |sender| unseal(association, sender, &[octets], digester, room).next().unwrap_or(Err(OpenError::Icv));
    match direction {
        Direction::MnToHa => by(Sender::Mn),
        Direction::HaToMn => by(Sender::Ha),
        // Any error but that of the ICV comes from the right keys, or is the same with both.
        Direction::Either => match by(Sender::Mn) {
            Err(OpenError::Icv) => by(Sender::Ha),
            other => other,
        },
    }
}
