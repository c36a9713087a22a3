//! Link headers: from a frame to the IP packet in it.

use wire::DecodeError;
use wire::error::Need;

use crate::rest::{Rest, half};

/// Link types that are read, as numbered by tcpdump.org.
mod kind {
    pub(super) const NULL: u32 = 0;
    pub(super) const ETHERNET: u32 = 1;
    pub(super) const PPP: u32 = 9;
    /// Raw IP as some systems number it in their files.
    pub(super) const RAW_OPENBSD: u32 = 12;
    pub(super) const RAW_BSD: u32 = 14;
    pub(super) const PPP_HDLC: u32 = 50;
    pub(super) const RAW: u32 = 101;
    pub(super) const LOOP: u32 = 108;
    pub(super) const LINUX_COOKED: u32 = 113;
    pub(super) const IP4: u32 = 228;
    pub(super) const IP6: u32 = 229;
    pub(super) const LINUX_COOKED_2: u32 = 276;
}

/// What follows a link header, by the registry of EtherTypes.
pub(crate) mod ether {
    pub(crate) const IP4: u16 = 0x0800;
    pub(crate) const IP6: u16 = 0x86dd;
    pub(super) const VLAN: [u16; 4] = [0x8100, 0x88a8, 0x9100, 0x9200];
    pub(super) const MPLS: [u16; 2] = [0x8847, 0x8848];
    pub(super) const PPPOE: u16 = 0x8864;
    /// Below this the number is the length of an LLC frame.
    pub(super) const FIRST: u16 = 0x0600;
}

/// Protocol numbers of PPP.
mod ppp {
    pub(super) const IP4: u16 = 0x0021;
    pub(super) const IP6: u16 = 0x0057;
    pub(super) const MPLS: u16 = 0x0281;
}

/// A SNAP header without organisation: an EtherType follows.
const SNAP: [u8; 6] = [0xaa, 0xaa, 0x03, 0, 0, 0];
/// Octets that PPP may put before its protocol number.
const PPP_ADDRESS: [u8; 2] = [0xff, 0x03];
const BOTTOM_OF_STACK: u8 = 1;

/// What a link header leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Network<'a> {
    /// IP, by what the link says.
    Ip(Rest<'a>),
    /// Something else.
    Other,
    /// A link type that is not read.
    UnknownLink,
}

/// Looks for an IP packet in a frame.
pub(crate) fn network(link: u32, octets: &[u8]) -> Result<Network<'_>, DecodeError> {
    let mut rest = Rest::new(octets);
    let ether_type = match link {
        kind::ETHERNET => {
            let header: [u8; 14] = rest.array("Ethernet header")?;
            half(&header, 12)
        }
        kind::LINUX_COOKED => {
            let header: [u8; 16] = rest.array("Linux cooked header")?;
            half(&header, 14)
        }
        kind::LINUX_COOKED_2 => {
            let header: [u8; 20] = rest.array("Linux cooked header")?;
            half(&header, 0)
        }
        kind::NULL | kind::LOOP => {
            let family: [u8; 4] = rest.array("address family")?;
            return of_family(family, rest);
        }
        kind::RAW | kind::RAW_OPENBSD | kind::RAW_BSD => return Ok(Network::Ip(rest)),
        kind::IP4 => return of_version(rest, 4).map(Network::Ip),
        kind::IP6 => return of_version(rest, 6).map(Network::Ip),
        kind::PPP | kind::PPP_HDLC => {
            if rest.octets.starts_with(&PPP_ADDRESS) {
                rest.take(PPP_ADDRESS.len(), "PPP address")?;
            }
            return point_to_point(rest);
        }
        _ => return Ok(Network::UnknownLink),
    };
    inside(ether_type, rest)
}

/// Walks tags and labels.
fn inside(mut ether_type: u16, mut rest: Rest<'_>) -> Result<Network<'_>, DecodeError> {
    // Each round takes at least 4 octets.
    loop {
        match ether_type {
            ether::IP4 => return of_version(rest, 4).map(Network::Ip),
            ether::IP6 => return of_version(rest, 6).map(Network::Ip),
            ether::PPPOE => {
                rest.take(6, "PPPoE header")?;
                return point_to_point(rest);
            }
            tag if ether::VLAN.contains(&tag) => {
                let tag: [u8; 4] = rest.array("VLAN tag")?;
                ether_type = half(&tag, 2);
            }
            label if ether::MPLS.contains(&label) => {
                let [_, _, bottom, _]: [u8; 4] = rest.array("MPLS label")?;
                if bottom & BOTTOM_OF_STACK != 0 {
                    return Ok(by_version(rest));
                }
            }
            length if length < ether::FIRST && rest.octets.starts_with(&SNAP) => {
                rest.take(SNAP.len(), "SNAP header")?;
                ether_type = u16::from_be_bytes(rest.array("SNAP header")?);
            }
            _ => return Ok(Network::Other),
        }
    }
}

fn point_to_point(mut rest: Rest<'_>) -> Result<Network<'_>, DecodeError> {
    match u16::from_be_bytes(rest.array("PPP protocol")?) {
        ppp::IP4 => of_version(rest, 4).map(Network::Ip),
        ppp::IP6 => of_version(rest, 6).map(Network::Ip),
        ppp::MPLS => inside(ether::MPLS[0], rest),
        _ => Ok(Network::Other),
    }
}

/// The family of a socket, in the order of octets of whoever captured. Each system numbers that of IPv6 on its own.
fn of_family(family: [u8; 4], rest: Rest<'_>) -> Result<Network<'_>, DecodeError> {
    let family = u32::from_be_bytes(family).min(u32::from_le_bytes(family));
    match family {
        2 => of_version(rest, 4).map(Network::Ip),
        10 | 23 | 24 | 28 | 30 => of_version(rest, 6).map(Network::Ip),
        _ => Ok(by_version(rest)),
    }
}

/// An IP packet that has to be of the version that its carrier names.
pub(crate) fn of_version(rest: Rest<'_>, version: u8) -> Result<Rest<'_>, DecodeError> {
    match rest.octets.first().map(|octet| octet >> 4) {
        Some(have) if have != version => {
            Err(rest.fault("IP version", Need::Value(u64::from(version)), u64::from(have)))
        }
        _ => Ok(rest),
    }
}

/// Nothing but the packet itself says what it is.
fn by_version(rest: Rest<'_>) -> Network<'_> {
    match rest.octets.first().map(|octet| octet >> 4) {
        Some(4 | 6) => Network::Ip(rest),
        _ => Network::Other,
    }
}
