//! RFC 6618 sections 6.3 and 6.4: what is inside a packet, once it is open.

use core::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use wire::DecodeError;
use wire::error::{Have, Need};
use wire::mobility::{BINDING_ACK, BINDING_ERROR, BINDING_REFRESH_REQUEST, BINDING_UPDATE, MobilityHeader};
use wire::trailer::{IPV4, IPV6, MOBILITY, NO_NEXT};

use crate::finding::Fault;
use crate::ip::{self, Found, Headers, Transport};
use crate::mobile_icmp::{self, MobileIcmp};
use crate::mobility::{self, Mobility};
use crate::rest::Rest;

/// What was inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inner {
    /// A Mobility Header.
    Mobility(Box<Mobility>),
    /// An IP packet.
    Ip {
        /// Its source.
        from: IpAddr,
        /// Its destination.
        to: IpAddr,
        /// What it carries behind extension headers and tunnels: a protocol number.
        protocol: u8,
        /// Its length, padding behind it included.
        octets: usize,
        /// What it says about mobility.
        about: Option<Box<About>>,
    },
    /// A dummy packet (Next Header 59).
    Dummy,
    /// Something else, of so many octets.
    Unknown(usize),
}

/// What user data say about mobility: they carry what an MN and a correspondent say to each other, and what an MN asks
/// its home network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A Mobility Header.
    Mobility(Mobility),
    /// Home agents or prefixes.
    Icmp(MobileIcmp),
}

/// Reads what is in a PType 1 packet.
pub(crate) fn protected(next_header: u8, payload: &[u8], faults: &mut Vec<Fault>) -> Inner {
    let version = payload.first().map(|octet| octet >> 4);
    match (next_header, version) {
        (NO_NEXT, _) => Inner::Dummy,
        (IPV4, Some(4)) | (IPV6, Some(6)) => ip(payload, faults),
        _ => {
            faults.push(Fault::InnerVersion { next_header, version });
            Inner::Unknown(payload.len())
        }
    }
}

/// Reads what is in a PType 0 packet.
pub(crate) fn plain(payload: &[u8], faults: &mut Vec<Fault>) -> Inner {
    let before = faults.len();
    let inner = ip(payload, faults);
    if matches!(inner, Inner::Unknown(_)) {
        faults.truncate(before);
        faults.push(Fault::NoIpPacket);
    }
    if matches!(inner, Inner::Ip { protocol: MOBILITY, .. }) {
        binding_in_the_clear(payload, faults);
    }
    inner
}

/// Messages about bindings have a packet type of their own; return routability is user data.
fn binding_in_the_clear(payload: &[u8], faults: &mut Vec<Fault>) {
    let Ok(Found::Transport(_, Transport::Mobility(rest))) = ip::packet(Rest::new(payload), payload.len())
    else {
        return;
    };
    let mh_type = MobilityHeader::new_unchecked(rest.octets).mh_type();
    if [BINDING_REFRESH_REQUEST, BINDING_UPDATE, BINDING_ACK, BINDING_ERROR].contains(&mh_type) {
        faults.push(Fault::BindingInTheClear { mh_type });
    }
}

fn ip(payload: &[u8], faults: &mut Vec<Fault>) -> Inner {
    let octets = payload.len();
    let Some((from, to)) = addresses(payload) else { return Inner::Unknown(octets) };
    let (protocol, about) = match ip::packet(Rest::new(payload), payload.len()) {
        Ok(Found::Transport(headers, transport)) => {
            (transport.protocol(), About::read(&headers, transport, faults))
        }
        Ok(Found::Fragment(fragment)) => (fragment.protocol(), None),
        Ok(Found::Cut) => return Inner::Unknown(octets),
        Err(error) => {
            faults.push(Fault::InnerHeaders(error));
            return Inner::Unknown(octets);
        }
    };
    Inner::Ip { from, to, protocol, octets, about: about.map(Box::new) }
}

impl About {
    fn read(headers: &Headers, transport: Transport<'_>, faults: &mut Vec<Fault>) -> Option<Self> {
        let mut inside = Vec::new();
        let about = match transport {
            Transport::Mobility(rest) => {
                Some(Self::Mobility(mobility::plain(headers, rest.octets, &mut inside)))
            }
            Transport::Icmp6(rest) => mobile_icmp::read(headers, rest, &mut inside).map(Self::Icmp),
            _ => None,
        };
        faults.extend(inside.into_iter().map(of_others));
        about
    }
}

/// Whoever sends user data through the tunnel need not be the one that made them.
fn of_others(fault: Fault) -> Fault {
    match fault {
        Fault::Headers(error) | Fault::Mobility { error, .. } => Fault::InnerHeaders(error),
        Fault::Checksum { need, have, .. } => {
            let (need, have) = (Need::Value(u64::from(need)), Have::Value(u64::from(have)));
            Fault::InnerHeaders(DecodeError::new("Mobility Header checksum", need, have))
        }
        other => other,
    }
}

/// Of the outermost header.
fn addresses(packet: &[u8]) -> Option<(IpAddr, IpAddr)> {
    match packet.first()? >> 4 {
        4 => {
            let &[s0, s1, s2, s3, d0, d1, d2, d3] = packet.get(12..20)?.first_chunk()?;
            Some((Ipv4Addr::new(s0, s1, s2, s3).into(), Ipv4Addr::new(d0, d1, d2, d3).into()))
        }
        6 => {
            let from: &[u8; 16] = packet.get(8..24)?.first_chunk()?;
            let to: &[u8; 16] = packet.get(24..40)?.first_chunk()?;
            Some((Ipv6Addr::from(*from).into(), Ipv6Addr::from(*to).into()))
        }
        _ => None,
    }
}

impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mobility(mobility) => mobility.fmt(f),
            Self::Ip { from, to, protocol, octets, about } => {
                write!(f, "{from} > {to} protocol {protocol}, {octets} octets")?;
                match about.as_deref() {
                    Some(About::Mobility(mobility)) => write!(f, ": {mobility}"),
                    Some(About::Icmp(message)) => write!(f, ": {message}"),
                    None => Ok(()),
                }
            }
            Self::Dummy => f.write_str("dummy packet"),
            Self::Unknown(octets) => write!(f, "{octets} octets that are not understood"),
        }
    }
}
