//! RFC 6618 section 6: one packet between MN and HA, shown and judged.

use core::fmt;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use crypto::open::{OpenError, Opened};
use wire::packet::{PType, Packet};
use wire::trailer::Trailer;
use wire::value::{Scope, Spi};

use crate::association::{Association, Associations};
use crate::finding::Fault;
use crate::inner::{self, Inner};
use crate::ip::Datagram;
use crate::iv::Ivs;
use crate::mobile_icmp::MobileIcmp;
use crate::mobility::{self, Addresses, Mobility};
use crate::named::Named;
use crate::sequence::{FlowId, Numbered, Sender, Sequences};

/// A single octet that keeps a NAT awake (RFC 3948); RFC 6618 neither knows nor forbids it.
const KEEPALIVE: [u8; 1] = [0xff];

/// Pairs of addresses whose SAs are remembered; those that come later are not judged by them.
const MAX_STRICT: usize = 1 << 14;

/// A packet as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its first eight octets, if it has them.
    pub header: Option<Header>,
    /// What follows.
    pub content: Content,
}

/// PType, SPI and Sequence Number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// PType.
    pub ptype: PType,
    /// SPI.
    pub spi: u32,
    /// Sequence Number.
    pub sequence: u32,
}

/// What follows the header, as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// What was in the clear, or was opened.
    Inner(Inner),
    /// A Mobility Header outside of any RFC 6618 packet: plain Mobile IPv6.
    Plain(Box<Mobility>),
    /// An ICMPv6 message of Mobile IPv6.
    Icmp(MobileIcmp),
    /// A packet of a neighbouring protocol, which is not judged.
    Named(Named),
    /// Protected, and nobody gave the keys: so many octets.
    NoKeys(usize),
    /// Protected, but not by the keys given.
    Closed,
    /// Not looked at: the header is not legal.
    Illegal,
    /// Not looked at: the capture has not all octets.
    Cut,
    /// A keepalive.
    Keepalive,
}

/// Who sends, by the service port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    MnToHa,
    HaToMn,
    /// Both ports are service ports.
    Either,
}

/// Shows and judges packets; remembers what earlier ones told.
#[derive(Default)]
pub(crate) struct Dissector {
    pub(crate) associations: Arc<Associations>,
    pub(crate) sequences: Sequences,
    ivs: Ivs,
    homes: BTreeMap<u32, Ipv6Addr>,
    /// SAs that have to protect user data, by the addresses between which they were used.
    strict: BTreeMap<(IpAddr, IpAddr), u32>,
}

/// What the keys of an SA made of a packet, and whose keys they were.
pub(crate) type Unsealed = Result<(Sender, Opened), OpenError>;

/// A packet, what is wrong with it, and its plaintext if there is one.
pub(crate) struct Judged {
    pub(crate) shown: Shown,
    pub(crate) faults: Vec<Fault>,
    pub(crate) opened: Option<Box<Opened>>,
}

/// One packet in its place.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) frame: u64,
    pub(crate) datagram: Datagram<'a>,
    pub(crate) direction: Direction,
}

impl Dissector {
    pub(crate) fn new(associations: Associations) -> Self {
        Self { associations: Arc::new(associations), ..Self::default() }
    }

    /// Adds an SA that the capture itself told; it opens the packets that follow.
    pub(crate) fn learn(&mut self, spi: Spi, association: Association) {
        Arc::make_mut(&mut self.associations).learn(spi, association);
    }

    /// What the packet is and what is wrong with it. `ahead` is what its keys made of it, if that was tried before.
    pub(crate) fn packet(&mut self, seen: Seen<'_>, ahead: Option<Box<Unsealed>>) -> Judged {
        let octets = seen.datagram.payload;
        let (mut faults, mut opened) = (Vec::new(), None);
        let Ok(packet) = Packet::new_checked(octets) else {
            let content = match seen.datagram.is_whole {
                false => Content::Cut,
                true if octets == KEEPALIVE => Content::Keepalive,
                true => {
                    faults.push(Fault::NoHeader { have: octets.len() });
                    Content::Illegal
                }
            };
            return Judged { shown: Shown { header: None, content }, faults, opened };
        };
        let header = Header { ptype: packet.ptype(), spi: packet.spi(), sequence: packet.sequence() };
        let before = faults.len();
        header.judge(&mut faults);
        let content = if faults.len() > before {
            Content::Illegal
        } else if !seen.datagram.is_whole {
            Content::Cut
        } else if header.ptype == PType::PLAIN {
            self.in_the_clear(seen, &mut faults);
            Content::Inner(inner::plain(packet.body(), &mut faults))
        } else {
            self.protected(seen, header, ahead, &mut faults, &mut opened)
        };
        Judged { shown: Shown { header: Some(header), content }, faults, opened }
    }

    fn protected(
        &mut self,
        seen: Seen<'_>,
        header: Header,
        ahead: Option<Box<Unsealed>>,
        faults: &mut Vec<Fault>,
        kept: &mut Option<Box<Opened>>,
    ) -> Content {
        let octets = seen.datagram.payload;
        let Some(association) = self.associations.find(header.spi) else {
            let sender = seen.direction.sender(seen.datagram.from.ip());
            self.record(seen, sender, header, faults);
            return Content::NoKeys(octets.len());
        };
        let association = Arc::clone(association);
        // Whoever tried before may have had an older SA of this SPI.
        let ahead = ahead.map(|ahead| *ahead).filter(Result::is_ok);
        match ahead.unwrap_or_else(|| open(&association, seen.direction, octets)) {
            Err(error) => {
                faults.push(Fault::Closed { ptype: header.ptype, error });
                Content::Closed
            }
            Ok((sender, opened)) => {
                let before = faults.len();
                self.record(seen, sender, header, faults);
                if faults.len() == before {
                    self.record_iv(seen, FlowId { spi: header.spi, sender }, &opened, faults);
                }
                if association.scope == Some(Scope::AllTraffic) && self.strict.len() < MAX_STRICT {
                    self.strict.insert(between(seen), header.spi);
                }
                let ha = if sender == Sender::Ha { seen.datagram.from } else { seen.datagram.to };
                let inner = self.inner(&association, ha.ip(), &opened, faults);
                *kept = Some(Box::new(opened));
                Content::Inner(inner)
            }
        }
    }

    /// RFC 6618 section 5.6.4: with scope 1 there is no user data in the clear.
    fn in_the_clear(&self, seen: Seen<'_>, faults: &mut Vec<Fault>) {
        if let Some(spi) = self.strict.get(&between(seen)) {
            faults.push(Fault::DataInTheClear { spi: *spi });
        }
    }

    fn record(&mut self, seen: Seen<'_>, sender: Sender, header: Header, faults: &mut Vec<Fault>) {
        let id = FlowId { spi: header.spi, sender };
        let octets = seen.datagram.payload;
        let numbered = Numbered { sequence: header.sequence, frame: seen.frame, octets };
        faults.extend(self.sequences.record(id, numbered));
    }

    fn record_iv(&mut self, seen: Seen<'_>, flow: FlowId, opened: &Opened, faults: &mut Vec<Fault>) {
        if let Some(first) = self.ivs.record(flow, &opened.iv, seen.frame) {
            faults.push(Fault::IvReused { ptype: opened.ptype, first });
        }
    }

    fn inner(
        &mut self,
        association: &Association,
        outer_ha: IpAddr,
        opened: &Opened,
        faults: &mut Vec<Fault>,
    ) -> Inner {
        let (padding, next_header) = (opened.padding.as_slice(), opened.next_header);
        let trailer = Trailer { payload: &opened.payload, padding, next_header };
        if let Some(offset) = trailer.padding_fault() {
            faults.push(Fault::Padding { offset });
        }
        if opened.ptype != PType::MOBILITY {
            return inner::protected(next_header, trailer.payload, faults);
        }
        let spi = opened.spi.get();
        let outer = match outer_ha {
            IpAddr::V6(address) => Some(address),
            IpAddr::V4(_) => None,
        };
        let known = Addresses {
            home: association.home.or_else(|| self.homes.get(&spi).copied()),
            ha: association.ha.or(outer),
            is_over_ip6: outer.is_some(),
        };
        let inner = mobility::protected(next_header, trailer.payload, known, faults);
        if let Inner::Mobility(mobility) = &inner
            && let Some(home) = mobility.home
        {
            self.homes.insert(spi, home);
        }
        inner
    }
}

/// The two addresses, whichever way the packet goes.
fn between(seen: Seen<'_>) -> (IpAddr, IpAddr) {
    let (from, to) = (seen.datagram.from.ip(), seen.datagram.to.ip());
    (from.min(to), from.max(to))
}

/// Opens with the keys of the direction; where that is not known, with whichever fit.
fn open(association: &Association, direction: Direction, octets: &[u8]) -> Unsealed {
    let by_mn = || association.mn_to_ha.open_any_padding(octets).map(|opened| (Sender::Mn, opened));
    let by_ha = || association.ha_to_mn.open_any_padding(octets).map(|opened| (Sender::Ha, opened));
    match direction {
        Direction::MnToHa => by_mn(),
        Direction::HaToMn => by_ha(),
        // Any error but that of the ICV comes from the right keys, or is the same with both.
        Direction::Either => match by_mn() {
            Err(OpenError::Icv) => by_ha(),
            other => other,
        },
    }
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

    const fn sender(self, from: IpAddr) -> Sender {
        match self {
            Self::MnToHa => Sender::Mn,
            Self::HaToMn => Sender::Ha,
            Self::Either => Sender::At(from),
        }
    }
}

impl Shown {
    /// Something that is no packet of RFC 6618.
    pub(crate) const fn foreign(content: Content) -> Self {
        Self { header: None, content }
    }
}

impl Header {
    /// Sections 6.2, 6.4 and 8.1: which numbers go together.
    fn judge(self, faults: &mut Vec<Fault>) {
        let Self { ptype, spi, sequence } = self;
        if ptype == PType::PLAIN {
            if (spi, sequence) != (0, 0) {
                faults.push(Fault::PlainNotZero { spi, sequence });
            }
            return;
        }
        if spi == 0 {
            faults.push(Fault::SpiZero { ptype });
        }
        if ptype != PType::PROTECTED && ptype != PType::MOBILITY {
            faults.push(Fault::UnknownPType { ptype });
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Header { ptype, spi, sequence }) = self.header {
            write!(f, "PType {} SPI {spi} seq {sequence}: ", ptype.0)?;
        }
        self.content.fmt(f)
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inner(inner) => inner.fmt(f),
            Self::Plain(mobility) => mobility.fmt(f),
            Self::Icmp(message) => message.fmt(f),
            Self::Named(named) => named.fmt(f),
            Self::NoKeys(octets) => write!(f, "{octets} octets, no keys"),
            Self::Closed => f.write_str("not opened"),
            Self::Illegal => f.write_str("not legal"),
            Self::Cut => f.write_str("cut by the capture, not judged"),
            Self::Keepalive => f.write_str("keepalive"),
        }
    }
}
