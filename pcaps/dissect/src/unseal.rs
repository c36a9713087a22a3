//! RFC 6618 section 6.3: what the keys of an SA make of packets.

use bumpalo::Bump;
use crypto::open::OpenError;
use wire::trailer::Trailer;

use crate::association::Association;
use crate::packet::Direction;
use crate::sequence::Sender;

/// What the keys of an SA made of a packet.
pub(crate) type Outcome<'a> = Result<Unsealed<'a>, OpenError>;

/// Keys that were tried on a packet before its turn came.
#[derive(Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) association: &'a Association,
    pub(crate) outcome: Outcome<'a>,
}

/// A packet that keys opened.
#[derive(Clone, Copy)]
pub(crate) struct Unsealed<'a> {
    /// Whose keys they were.
    pub(crate) sender: Sender,
    pub(crate) opened: Trailer<'a>,
}

/// Tries the keys with which the MN or the HA sends on packets; as many outcomes come, in order. What they open is kept
/// in `room`.
pub(crate) fn unseal<'a>(
    association: &Association,
    sender: Sender,
    packets: &[&[u8]],
    room: &'a Bump,
) -> impl Iterator<Item = Outcome<'a>> {
    let opener = match sender {
        Sender::Ha => &association.ha_to_mn,
        Sender::Mn | Sender::At(_) => &association.mn_to_ha,
    };
    let opened = opener.open_in(packets, room);
    opened.into_iter().map(move |opened| opened.map(|opened| Unsealed { sender, opened }))
}

/// Opens with the keys of the direction; where that is not known, with whichever fit.
pub(crate) fn open<'b>(
    association: &Association,
    direction: Direction,
    octets: &[u8],
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
