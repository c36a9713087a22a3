//! What can be told of records without what came before them: headers, and packets whose keys are known. Whoever has
//! several cores does this part on all of them.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::Arc;

use bumpalo::{Bump, collections};
use foldhash::fast::RandomState;
use wire::DecodeError;
use wire::error::Need;
use wire::packet::{PType, Packet as Wire};

use crate::association::Associations;
use crate::format::{Batch, Comment, Frame, Record, Secrets};
use crate::ip::{self, Datagram, Found, Fragment, Headers, Transport, UdpChecksum};
use crate::iv::Digester;
use crate::link::{self, Network};
use crate::packet::Direction;
use crate::sequence::Sender;
use crate::unseal::{Attempt, unseal};

/// A record, looked at.
pub(crate) enum Sight<'b> {
    Frame {
        number: u64,
        /// Since the epoch of the capture.
        time: Option<Duration>,
        seen: InFrame<'b>,
    },
    Secrets(Secrets<'b>),
    Comment(Comment<'b>),
    Fault {
        at: u64,
        what: &'static str,
    },
}

/// What a frame holds.
pub(crate) enum InFrame<'b> {
    /// No IP, or not enough of it.
    Nothing,
    /// Of a link type that is not read.
    UnknownLink,
    /// A datagram to or from a service port.
    Packet {
        datagram: Datagram<'b>,
        direction: Direction,
        checksum: UdpChecksum,
    },
    /// Rarer, and larger: in a box, so that the common case is cheap to move.
    Transport(Box<(Headers, Transport<'b>)>),
    Fragment(Box<Fragment<'b>>),
    Broken(Box<DecodeError>),
}

impl<'b> Sight<'b> {
    pub(crate) fn new(record: Record<'b>, ports: &[u16]) -> Self {
        match record {
            Record::Frame(frame) => {
                Self::Frame { number: frame.number, time: frame.at, seen: InFrame::new(&frame, ports) }
            }
            Record::Secrets(secrets) => Self::Secrets(secrets),
            Record::Comment(comment) => Self::Comment(comment),
            Record::Fault { at, what } => Self::Fault { at, what },
        }
    }
}

impl<'b> InFrame<'b> {
    fn new(frame: &Frame<'b>, ports: &[u16]) -> Self {
        let walked = match link::network(frame.link, frame.octets) {
            Ok(Network::Ip(rest)) => ip::packet(rest, frame.original as usize),
            Ok(Network::Other) => return Self::Nothing,
            Ok(Network::UnknownLink) => return Self::UnknownLink,
            Err(DecodeError { need: Need::Octets(_), .. }) if !frame.is_whole() => return Self::Nothing,
            Err(error) => return Self::Broken(Box::new(error)),
        };
        match walked {
            Ok(Found::Transport(headers, Transport::Udp(datagram))) => {
                match Direction::of(&datagram, ports) {
                    Some(direction) => Self::Packet { datagram, direction, checksum: datagram.checksum() },
                    None => Self::Transport(Box::new((headers, Transport::Udp(datagram)))),
                }
            }
            Ok(Found::Transport(headers, transport)) => Self::Transport(Box::new((headers, transport))),
            Ok(Found::Fragment(fragment)) => Self::Fragment(Box::new(fragment)),
            Ok(Found::Cut) => Self::Nothing,
            Err(error) => Self::Broken(Box::new(error)),
        }
    }
}

/// Where to look, and with which keys. What is learnt later changes nothing but who does the work.
pub(crate) struct Known {
    pub(crate) ports: Vec<u16>,
    pub(crate) associations: Arc<Associations>,
    pub(crate) digester: Digester,
}

/// A record that was looked at, and what known keys made of it.
pub(crate) type Surveyed<'b> = (Sight<'b>, Option<Attempt<'b>>);

/// Looks at the records of a batch. Packets whose SA is known are opened, those of one key together; `room` keeps what
/// they hold, and the list of them.
pub(crate) fn survey<'b>(
    batch: &'b Batch,
    known: &'b Known,
    room: &'b Bump,
) -> collections::Vec<'b, Surveyed<'b>> {
    let look = |record| (Sight::new(record, &known.ports), None);
    let mut surveyed = collections::Vec::from_iter_in(batch.records().map(look), room);
    if !known.associations.is_empty() {
        open_all(&mut surveyed, known, room);
    }
    surveyed
}

/// Packets under one key: where they stand among the sights, and their octets.
#[derive(Default)]
struct SameKey<'b> {
    places: Vec<usize>,
    packets: Vec<&'b [u8]>,
}

fn open_all<'b>(surveyed: &mut [Surveyed<'b>], known: &'b Known, room: &'b Bump) {
    let mut keys: HashMap<(u32, Direction), SameKey<'b>, RandomState> = HashMap::default();
    for (place, (sight, _)) in surveyed.iter().enumerate() {
        if let Sight::Frame { seen: InFrame::Packet { datagram, direction, .. }, .. } = sight
            && let Some(spi) = to_open(datagram)
        {
            let same = keys.entry((spi, *direction)).or_default();
            same.places.push(place);
            same.packets.push(datagram.payload);
        }
    }
    for ((spi, direction), same) in keys {
        let Some(association) = known.associations.find(spi) else { continue };
        let sender = match direction {
            Direction::MnToHa => Sender::Mn,
            Direction::HaToMn => Sender::Ha,
            // Only trying tells whose keys they are.
            Direction::Either => continue,
        };
        let outcomes = unseal(association, sender, &same.packets, &known.digester, room);
        for (place, outcome) in same.places.into_iter().zip(outcomes) {
            if let Some((_, ahead)) = surveyed.get_mut(place) {
                *ahead = Some(Attempt { association, outcome });
            }
        }
    }
}

/// The SPI of a protected packet that is all there.
fn to_open(datagram: &Datagram<'_>) -> Option<u32> {
    let packet = Wire::new_checked(datagram.payload).ok()?;
    let is_protected = [PType::PROTECTED, PType::MOBILITY].contains(&packet.ptype());
    (datagram.is_whole && is_protected).then(|| packet.spi())
}
