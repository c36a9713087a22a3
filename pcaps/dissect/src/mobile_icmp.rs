//! RFC 6275 sections 6.5 to 6.8: home agent address discovery and mobile prefixes, in ICMPv6.

use core::fmt;
use std::net::Ipv6Addr;

use wire::DecodeError;
use wire::error::{Have, Need};

use crate::finding::Fault;
use crate::ip::Headers;
use crate::mobility::Checksum;
use crate::rest::{Rest, half};

const ICMP6: u8 = 58;
const CHECKSUM_AT: usize = 2;

/// What the message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MobileIcmpKind {
    /// Home Agent Address Discovery Request (type 144).
    DiscoveryRequest,
    /// Home Agent Address Discovery Reply (type 145), with so many addresses.
    DiscoveryReply {
        /// How many home agents it names.
        agents: usize,
    },
    /// Mobile Prefix Solicitation (type 146).
    PrefixSolicitation,
    /// Mobile Prefix Advertisement (type 147).
    PrefixAdvertisement {
        /// Octets of options.
        options: usize,
    },
}

/// An ICMPv6 message of Mobile IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MobileIcmp {
    /// What it is about.
    pub kind: MobileIcmpKind,
    /// What ties an answer to its question.
    pub identifier: u16,
    /// Whether its checksum is right.
    pub checksum: Checksum,
}

/// Reads a message; nothing if it is not about mobility.
pub(crate) fn read(headers: &Headers, rest: Rest<'_>, faults: &mut Vec<Fault>) -> Option<MobileIcmp> {
    let octets = rest.octets;
    let message_type = *octets.first()?;
    let kind = match message_type {
        144 => MobileIcmpKind::DiscoveryRequest,
        145 => MobileIcmpKind::DiscoveryReply { agents: octets.len().saturating_sub(8) / 16 },
        146 => MobileIcmpKind::PrefixSolicitation,
        147 => MobileIcmpKind::PrefixAdvertisement { options: octets.len().saturating_sub(8) },
        _ => return None,
    };
    let behind = octets.len().saturating_sub(8);
    if octets.len() < 8 {
        faults.push(short(rest, Need::Octets(8)));
    } else if message_type == 145 && !behind.is_multiple_of(16) {
        faults.push(short(rest, Need::Grammar("8 octets and whole addresses")));
    } else if message_type == 147 {
        faults.extend(options(rest).err().map(Fault::Headers));
    }
    let checksum = match (headers.pseudo_source(), headers.pseudo_destination()) {
        (Some(from), Some(to)) if headers.is_whole => judge(from, to, rest, faults),
        _ => Checksum::NotChecked,
    };
    Some(MobileIcmp { kind, identifier: half(octets, 4), checksum })
}

fn short(rest: Rest<'_>, need: Need) -> Fault {
    let have = Have::Octets(rest.octets.len());
    Fault::Headers(DecodeError::new("mobile ICMPv6 message", need, have).shifted(rest.at))
}

/// RFC 4861 section 4.6: options count their octets in units of 8, from the type on.
fn options(mut rest: Rest<'_>) -> Result<(), DecodeError> {
    const FIELD: &str = "option of a Mobile Prefix Advertisement";
    rest.take(8, "mobile ICMPv6 message")?;
    // Each round takes 8 octets.
    while !rest.octets.is_empty() {
        let [_, units] = *rest.peek(FIELD)?;
        if units == 0 {
            return Err(rest.fault(FIELD, Need::Range { min: 1, max: 255 }, 0));
        }
        rest.take(usize::from(units) * 8, FIELD)?;
    }
    Ok(())
}

fn judge(from: Ipv6Addr, to: Ipv6Addr, rest: Rest<'_>, faults: &mut Vec<Fault>) -> Checksum {
    let have = half(rest.octets, CHECKSUM_AT);
    let mut message = rest.octets.to_vec();
    if let Some(place) = message.get_mut(CHECKSUM_AT..CHECKSUM_AT + 2) {
        place.fill(0);
    }
    let need = etherparse::checksum::Sum16BitWords::new()
        .add_16bytes(from.octets())
        .add_16bytes(to.octets())
        .add_4bytes(u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes())
        .add_2bytes([0, ICMP6])
        .add_slice(&message)
        .ones_complement()
        .to_be();
    if need == have {
        return Checksum::Good;
    }
    let (need, have) = (Need::Value(u64::from(need)), Have::Value(u64::from(have)));
    faults
        .push(Fault::Headers(DecodeError::new("ICMPv6 checksum", need, have).shifted(rest.at + CHECKSUM_AT)));
    Checksum::Wrong
}

impl fmt::Display for MobileIcmp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            MobileIcmpKind::DiscoveryRequest => f.write_str("Home Agent Address Discovery Request"),
            MobileIcmpKind::DiscoveryReply { agents } => {
                write!(f, "Home Agent Address Discovery Reply of {agents} home agents")
            }
            MobileIcmpKind::PrefixSolicitation => f.write_str("Mobile Prefix Solicitation"),
            MobileIcmpKind::PrefixAdvertisement { options } => {
                write!(f, "Mobile Prefix Advertisement, {options} octets of options")
            }
        }?;
        write!(f, ", identifier {}", self.identifier)?;
        f.write_str(match self.checksum {
            Checksum::Good => ", checksum good",
            Checksum::Wrong => ", checksum wrong",
            Checksum::NotChecked => ", checksum not checked",
        })
    }
}
