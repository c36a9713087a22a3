//! RFC 6618 section 6: one packet between MN and HA, as it is shown.

use core::time::Duration;
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use wire::trailer::Trailer;

use crate::association::Association;
use crate::ip::{Datagram, UdpChecksum};
use crate::line::{Endpoint, Line, Since};
use crate::sequence::Sender;
use crate::shown::{Content, Header, Shown};

/// A packet, its line and its octets.
pub struct Packet<'a> {
    /// What is said of it in one line, and what is wrong with it.
    pub line: Line,
    /// Its octets, from the PType on.
    pub octets: &'a [u8],
    /// Where they stand: octets from the start of the frame; none if the packet came in fragments.
    pub at: Option<usize>,
    /// What its keys opened.
    pub opened: Option<Trailer<'a>>,
    /// Who sends, as far as ports or keys tell; nothing for what is no packet between MN and HA.
    pub sender: Option<Sender>,
    /// Its SA, if that is known.
    pub association: Option<Cow<'a, Arc<Association>>>,
}

/// Who sends, by the service port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    MnToHa,
    HaToMn,
    /// Both ports are service ports.
    Either,
}

/// One packet in its place.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'s, 'a> {
    pub(crate) frame: u64,
    pub(crate) at: Option<Since>,
    /// Since the Unix epoch.
    pub(crate) time: Option<Duration>,
    pub(crate) datagram: &'s Datagram<'a>,
    pub(crate) direction: Direction,
    pub(crate) checksum: UdpChecksum,
}

impl Direction {
    /// By the ports; nothing if neither is a service port.
    pub(crate) fn of(datagram: &Datagram<'_>, ports: &[u16]) -> Option<Self> {
        match (ports.contains(&datagram.from.port()), ports.contains(&datagram.to.port())) {
            (false, true) => Some(Self::MnToHa),
            (true, false) => Some(Self::HaToMn),
            (true, true) => Some(Self::Either),
            (false, false) => None,
        }
    }

    pub(crate) const fn sender(self, from: IpAddr) -> Sender {
        match self {
            Self::MnToHa => Sender::Mn,
            Self::HaToMn => Sender::Ha,
            Self::Either => Sender::At(from),
        }
    }
}

impl<'a> Packet<'a> {
    /// A packet before it was judged.
    pub(crate) fn new(seen: &Seen<'_, 'a>) -> Self {
        let Seen { frame, at, datagram, direction, .. } = seen;
        let (from, to) = (Endpoint::Socket(datagram.from), Endpoint::Socket(datagram.to));
        let packet = Shown { header: Header::of(datagram.payload), content: Content::Illegal };
        Self {
            line: Line { frame: *frame, at: *at, from, to, packet, findings: Vec::new() },
            octets: datagram.payload,
            at: Some(datagram.at),
            opened: None,
            sender: Some(direction.sender(datagram.from.ip())),
            association: None,
        }
    }
}
