//! RFC 6618 section 6.3: what the keys of an SA make of packets.

use bumpalo::Bump;
use crypto::algorithms;
use crypto::open::OpenError;
use wire::packet::{HEADER_LEN, PType, Packet as Wire};
use wire::trailer::Trailer;

use crate::association::Association;
use crate::finding::Fault;
use crate::inner::{self, Inner};
use crate::packet::Direction;
use crate::sequence::Sender;

/// What the keys of an SA made of a packet.
pub(crate) type Outcome<'a> = Result<Unsealed<'a>, OpenError>;

/// Keys that were tried on a packet before its turn came.
pub(crate) struct Attempt<'a> {
    pub(crate) association: &'a Association,
    pub(crate) outcome: Outcome<'a>,
}

/// A packet that keys opened, with all that can be told without what came before it.
pub(crate) struct Unsealed<'a> {
    /// Whose keys they were.
    pub(crate) sender: Sender,
    pub(crate) iv: &'a [u8],
    pub(crate) opened: Trailer<'a>,
    /// What is in user data. Mobility Headers need what earlier packets told.
    pub(crate) inner: Option<Inner>,
    /// What is wrong with padding and user data.
    pub(crate) faults: Vec<Fault>,
}

/// Tries the keys with which the MN or the HA sends on packets; as many outcomes come, in order. What they open is kept
/// in `room`.
pub(crate) fn unseal<'a>(
    association: &Association,
    sender: Sender,
    packets: &[&'a [u8]],
    room: &'a Bump,
) -> impl Iterator<Item = Outcome<'a>> {
    let opener = match sender {
        Sender::Ha => &association.ha_to_mn,
        Sender::Mn | Sender::At(_) => &association.mn_to_ha,
    };
    let iv = HEADER_LEN..HEADER_LEN + algorithms(association.suite).iv_len;
    let opened = opener.open_in_place(packets, |ciphertext| room.alloc_slice_copy(ciphertext));
    opened.into_iter().zip(packets).map(move |(opened, octets)| {
        let iv = octets.get(iv.clone()).unwrap_or_default();
        let ptype = Wire::new_unchecked(octets).ptype();
        opened.map(|opened| Unsealed::new(sender, iv, opened, ptype))
    })
}

impl<'a> Unsealed<'a> {
    fn new(sender: Sender, iv: &'a [u8], opened: Trailer<'a>, ptype: PType) -> Self {
        let mut faults = Vec::new();
        if let Some(offset) = opened.padding_fault() {
            faults.push(Fault::Padding { offset });
        }
        let is_data = ptype != PType::MOBILITY;
        let inner = is_data.then(|| inner::protected(opened.next_header, opened.payload, &mut faults));
        Self { sender, iv, opened, inner, faults }
    }
}

/// Opens with the keys of the direction; where that is not known, with whichever fit.
pub(crate) fn open<'b>(
    association: &Association,
    direction: Direction,
    octets: &'b [u8],
    room: &'b Bump,
) -> Outcome<'b> {
    // One comes.
    let by = |sender| unseal(association, sender, &[octets], room).next().unwrap_or(Err(OpenError::Icv));
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
