//! RFC 6618 sections 6.3 and 6.4: what is inside a packet, once it is open.

use core::fmt;
use std::net::{IpAddr, Ipv6Addr};

use etherparse::{LaxNetSlice, LaxSlicedPacket};
use wire::ext_header::Chain;
use wire::mobility::{
    self, BINDING_ACK, BINDING_UPDATE, BindingAck, BindingUpdate, Lifetime, MobilityHeader,
};
use wire::trailer::{IPV4, IPV6, MOBILITY, NO_NEXT};

use crate::finding::Fault;

/// What was inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inner {
    /// A Mobility Header.
    Mobility(Mobility),
    /// An IP packet.
    Ip {
        /// Its source.
        from: IpAddr,
        /// Its destination.
        to: IpAddr,
        /// What it carries: a protocol number.
        protocol: u8,
        /// Its length, padding behind it included.
        octets: usize,
    },
    /// A dummy packet (Next Header 59).
    Dummy,
    /// Something else, of so many octets.
    Unknown(usize),
}

/// A Mobility Header and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mobility {
    /// The home address in the packet.
    pub home: Option<Ipv6Addr>,
    /// What it says.
    pub message: Message,
    /// Whether its checksum is right.
    pub checksum: Checksum,
}

/// What a Mobility Header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A Binding Update.
    Update(BindingUpdate),
    /// A Binding Acknowledgement.
    Ack(BindingAck),
    /// A header of another type, or one whose fields cannot be read.
    Other {
        /// MH Type.
        mh_type: u8,
    },
}

/// What became of the check of a checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// It is right.
    Good,
    /// It is wrong.
    Wrong,
    /// Nobody told the addresses of its pseudo-header, or the header has not all its octets.
    NotChecked,
}

/// The addresses that a Mobility Header has its checksum over, as far as they are known from elsewhere.
#[derive(Clone, Copy, Default)]
pub(crate) struct Addresses {
    /// The MN's home address.
    pub(crate) home: Option<Ipv6Addr>,
    /// The HA.
    pub(crate) ha: Option<Ipv6Addr>,
    /// Whether the outer header is IPv6.
    pub(crate) is_over_ip6: bool,
}

/// Reads what follows the trailer's Next Header in a PType 8 packet.
pub(crate) fn mobility(next_header: u8, payload: &[u8], known: Addresses, faults: &mut Vec<Fault>) -> Inner {
    if next_header == NO_NEXT {
        return Inner::Dummy;
    }
    let chain = match Chain::parse(next_header, payload) {
        Ok(chain) => chain,
        Err(error) => {
            faults.push(Fault::ExtensionHeaders(error));
            return Inner::Unknown(payload.len());
        }
    };
    if chain.protocol != MOBILITY {
        faults.push(Fault::NoMobilityHeader { protocol: chain.protocol });
        return Inner::Unknown(payload.len());
    }
    let home = chain.home_address.or(chain.routing_home);
    let known = Addresses { home: home.or(known.home), ..known };
    let message = message(chain.upper, faults);
    if let Message::Update(update) = &message {
        registration(update, chain.home_address, known.is_over_ip6, faults);
    }
    Inner::Mobility(Mobility { home, message, checksum: checksum(chain.upper, known, faults) })
}

fn message(header: &[u8], faults: &mut Vec<Fault>) -> Message {
    let mh_type = MobilityHeader::new_unchecked(header).mh_type();
    let read = match mh_type {
        BINDING_UPDATE => BindingUpdate::parse(header).map(Message::Update),
        BINDING_ACK => BindingAck::parse(header).map(Message::Ack),
        _ => MobilityHeader::new_checked(header).map(|_| Message::Other { mh_type }),
    };
    read.unwrap_or_else(|error| {
        faults.push(Fault::Mobility { mh_type, error });
        Message::Other { mh_type }
    })
}

/// RFC 6275 section 11.7.1. A de-registration may be sent from home, without either option (C10).
fn registration(
    update: &BindingUpdate,
    home_address_option: Option<Ipv6Addr>,
    is_over_ip6: bool,
    faults: &mut Vec<Fault>,
) {
    if !update.flags.home_registration || update.lifetime == Lifetime::ZERO {
        return;
    }
    if home_address_option.is_none() {
        faults.push(Fault::NoHomeAddress);
    }
    // Over IPv4 the option has no IPv6 address to give (C14).
    if is_over_ip6 && update.alternate_coa.is_none() {
        faults.push(Fault::NoAlternateCareOf);
    }
}

/// The sum is the same in both directions, since it does not see which address comes first.
fn checksum(header: &[u8], known: Addresses, faults: &mut Vec<Fault>) -> Checksum {
    let (Some(home), Some(ha), Ok(view)) = (known.home, known.ha, MobilityHeader::new_checked(header)) else {
        return Checksum::NotChecked;
    };
    let need = mobility::checksum(home, ha, view.header());
    let have = view.checksum();
    if need == have {
        return Checksum::Good;
    }
    faults.push(Fault::Checksum { mh_type: view.mh_type(), need, have });
    Checksum::Wrong
}

/// Reads what is in a PType 1 packet.
pub(crate) fn protected(next_header: u8, payload: &[u8], faults: &mut Vec<Fault>) -> Inner {
    let version = payload.first().map(|octet| octet >> 4);
    match (next_header, version) {
        (NO_NEXT, _) => Inner::Dummy,
        (IPV4, Some(4)) | (IPV6, Some(6)) => ip(payload),
        _ => {
            faults.push(Fault::InnerVersion { next_header, version });
            Inner::Unknown(payload.len())
        }
    }
}

/// Reads what is in a PType 0 packet.
pub(crate) fn plain(payload: &[u8], faults: &mut Vec<Fault>) -> Inner {
    let inner = ip(payload);
    if matches!(inner, Inner::Unknown(_)) {
        faults.push(Fault::NoIpPacket);
    }
    inner
}

fn ip(payload: &[u8]) -> Inner {
    let packet = LaxSlicedPacket::from_ip(payload);
    let net = packet.as_ref().ok().and_then(|packet| packet.net.as_ref());
    let (from, to, inside): (IpAddr, IpAddr, _) = match net {
        Some(LaxNetSlice::Ipv4(ip)) => {
            let header = ip.header();
            (header.source_addr().into(), header.destination_addr().into(), ip.payload())
        }
        Some(LaxNetSlice::Ipv6(ip)) => {
            let header = ip.header();
            (header.source_addr().into(), header.destination_addr().into(), ip.payload())
        }
        _ => return Inner::Unknown(payload.len()),
    };
    Inner::Ip { from, to, protocol: inside.ip_number.0, octets: payload.len() }
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mobility(mobility) => mobility.fmt(f),
            Self::Ip { from, to, protocol, octets } => {
                write!(f, "{from} > {to} protocol {protocol}, {octets} octets")
            }
            Self::Dummy => f.write_str("dummy packet"),
            Self::Unknown(octets) => write!(f, "{octets} octets that are not understood"),
        }
    }
}

impl fmt::Display for Mobility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)?;
        if let Some(home) = self.home {
            write!(f, ", home {home}")?;
        }
        f.write_str(match self.checksum {
            Checksum::Good => ", checksum good",
            Checksum::Wrong => ", checksum wrong",
            Checksum::NotChecked => ", checksum not checked",
        })
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Update(update) => {
                let flags = update.flags;
                let flags = [
                    (flags.acknowledge, 'A'),
                    (flags.home_registration, 'H'),
                    (flags.link_local, 'L'),
                    (flags.key_management, 'K'),
                ];
                let set: String = flags.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| name).collect();
                write!(f, "Binding Update {} [{set}] for {} s", update.sequence, update.lifetime.seconds())?;
                update.alternate_coa.map_or(Ok(()), |care_of| write!(f, ", care-of {care_of}"))
            }
            Self::Ack(ack) => {
                let (sequence, lifetime) = (ack.sequence, ack.lifetime.seconds());
                write!(f, "Binding Acknowledgement {sequence}: {}, for {lifetime} s", ack.status)
            }
            Self::Other { mh_type } => write!(f, "Mobility Header of type {mh_type}"),
        }
    }
}
