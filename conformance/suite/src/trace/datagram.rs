//! RFC 6618 section 6: from a packet of a trace to a datagram under a fresh SA, and what the HA owes for it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use wire::mobility::binding_update::{Flags, Repr};
use wire::mobility::{self, Lifetime};
use wire::packet::PType;
use wire::trailer;
use wire::value::{Scope, hex};

use super::bindings::{Binding, Bindings, Expected};
use super::inner_packet::{self, Between};
use super::{BindingUpdate, Carried, Fit, Packet};
use crate::case::Carrier;
use crate::finding::{Because, Finding};
use crate::player::{BindingForge, ChecksumForge, Inner, PacketForge, Protection, Tunnel, turn_bit};

/// How far behind the highest number a packet may be and still count (reading SQ-04).
const WINDOW: u32 = 64;

/// What must answer a datagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Due {
    /// The echo reply of that kind, with that number.
    Reply(Carrier, u16),
    /// A Binding Acknowledgement.
    Acknowledgement(Expected),
    /// None has to come: it is user data, and what its host makes of it is not the HA's matter.
    Nothing,
    /// None; with what is wrong with the datagram.
    Silence(String),
    /// This tool cannot tell; with the reason.
    Unknown(&'static str),
}

/// The numbers that an SA has carried.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    taken: BTreeSet<u32>,
    /// Whether the MN has registered under it.
    pub(super) is_registered: bool,
    /// The highest Sequence Number under an ICV that fits: an HA may have taken note of it, whatever it thinks of the
    /// rest of the packet.
    highest: Option<u32>,
}

/// The datagram of a step.
///
/// # Errors
/// Inconclusive when it carries an echo request and the run names no correspondent.
pub(super) fn forge(packet: &Packet, tunnel: &mut Tunnel) -> Result<PacketForge, Finding> {
    let inner = match &packet.carries {
        Carried::BindingUpdate(update) => Inner::Binding(binding(update, tunnel)),
        Carried::EchoRequest { sequence } => {
            let request = tunnel.echo_numbered(*sequence)?;
            Inner::Octets(trailer::IPV6, request)
        }
        Carried::IpPacket { octets, source } => {
            let octets = octets_of(octets);
            let next_header = inner_packet::next_header(&octets).unwrap_or_default();
            Inner::Octets(next_header, readdressed(octets, *source, tunnel)?)
        }
        Carried::Octets(octets) => Inner::Octets(packet.next_header.unwrap_or_default(), octets_of(octets)),
    };
    let ptype = PType(packet.ptype);
    let mut forge = tunnel.sealed(ptype, inner);
    forge.sequence = packet.sequence;
    forge.next_header = packet.next_header;
    forge.padding = packet.padding.as_deref().map(octets_of);
    if ptype == PType::PLAIN {
        forge.protection = Protection::Plain;
        forge.spi = 0;
    }
    forge.spi = packet.spi.unwrap_or(forge.spi);
    if packet.icv == Fit::Wrong {
        forge.spoil(|octets| turn_bit(octets, -1));
    }
    Ok(forge)
}

/// The same user data from the home address, or from another source, to the correspondent of the run.
fn readdressed(octets: Vec<u8>, source: Option<IpAddr>, tunnel: &Tunnel) -> Result<Vec<u8>, Finding> {
    let correspondents = tunnel.correspondents();
    if inner_packet::next_header(&octets) == Some(trailer::IPV4) {
        let lacks = |what| Finding::Unsupported(Because::Needs(what));
        let destination =
            correspondents.ip4.ok_or(lacks("--cn4 ADDR, a correspondent behind the HA for IPv4"))?;
        let home = tunnel.home_ip4.ok_or(lacks("an IPv4 home address; the HAC gives none"))?;
        let source =
            source.and_then(|source| if let IpAddr::V4(source) = source { Some(source) } else { None });
        let between = Between { source: source.unwrap_or(home), destination };
        return Ok(inner_packet::between_ip4(octets, between));
    }
    let needs = Because::Needs("--cn ADDR, a correspondent behind the HA");
    let destination = correspondents.ip6.ok_or(Finding::Inconclusive(needs))?;
    let source = source.and_then(|source| if let IpAddr::V6(source) = source { Some(source) } else { None });
    let between = Between { source: source.unwrap_or(tunnel.home), destination };
    Ok(inner_packet::between_ip6(octets, between))
}

/// The linter has seen that it is hex, or nothing.
pub(super) fn octets_of(text: &str) -> Vec<u8> {
    hex::decode(text.as_bytes()).unwrap_or_default()
}

fn binding(update: &BindingUpdate, tunnel: &Tunnel) -> BindingForge {
    let has = |flag| update.flags.contains(flag);
    let home = update.home.unwrap_or(tunnel.home);
    let flags = Flags {
        acknowledge: has('A'),
        home_registration: has('H'),
        link_local: has('L'),
        key_management: has('K'),
    };
    let (sequence, lifetime) = (update.sequence, Lifetime(update.lifetime));
    BindingForge {
        home_option: Some(home),
        update: Repr { sequence, flags, lifetime, alternate_coa: Some(tunnel.care_of()) },
        checksum_home: home,
        checksum_ha: tunnel.ha,
        checksum: match update.checksum {
            Fit::Right => ChecksumForge::Right,
            Fit::Wrong => ChecksumForge::Wrong,
        },
        payload_proto: trailer::NO_NEXT,
        header_len: None,
        mh_type: mobility::BINDING_UPDATE,
    }
}

impl Packet {
    /// The same packet with the Sequence # of its Binding Update, if it carries one, counted from `base`.
    pub(super) fn counted_from(&self, base: u16) -> Self {
        let mut packet = self.clone();
        if let Carried::BindingUpdate(update) = &mut packet.carries {
            update.sequence = update.sequence.wrapping_add(base);
        }
        packet
    }
}

impl Numbers {
    /// A Sequence Number behind all that were used.
    pub(super) fn unused(&self) -> u32 {
        self.highest.map_or(0, |highest| highest.saturating_add(1))
    }

    /// What must answer the datagram that is sent next.
    pub(super) fn due(&mut self, packet: &Packet, tunnel: &Tunnel, bindings: &mut Bindings) -> Due {
        self.note(packet);
        bindings.note(packet);
        if let Some(fault) = fault(packet, tunnel).or_else(|| self.stale(packet)) {
            return Due::Silence(fault);
        }
        if packet.ptype != PType::PLAIN.0 {
            self.taken.insert(packet.sequence);
        }
        match &packet.carries {
            Carried::BindingUpdate(update) if update.home.is_some() || !update.flags.contains('H') => {
                bindings.is_unclear = true;
                Due::Unknown("whether the HA refuses this update or is silent is its choice")
            }
            Carried::BindingUpdate(update) => Due::Acknowledgement(bindings.expected(update)),
            Carried::Octets(_) => Due::Unknown("what it carries is not understood"),
            Carried::EchoRequest { .. } | Carried::IpPacket { .. } => self.of_data(packet, bindings.state()),
        }
    }

    /// User data needs a binding, and under this SA.
    fn of_data(&self, packet: &Packet, binding: Binding) -> Due {
        match (binding, self.is_registered, &packet.carries) {
            (Binding::Missing, ..) => Due::Silence("the MN has no binding".to_owned()),
            (Binding::Unclear, ..) => Due::Unknown("whether the MN has a binding is the HA's choice"),
            (Binding::There, false, _) => Due::Unknown("the MN has not registered under this SA"),
            (Binding::There, true, Carried::EchoRequest { sequence }) if packet.ptype == PType::PLAIN.0 => {
                Due::Reply(Carrier::PlainEcho, *sequence)
            }
            (Binding::There, true, Carried::EchoRequest { sequence }) => {
                Due::Reply(Carrier::ProtectedEcho, *sequence)
            }
            (Binding::There, true, _) => Due::Nothing,
        }
    }

    /// A number that the replay protection refuses (section 6.1, reading SQ-04).
    fn stale(&self, packet: &Packet) -> Option<String> {
        if packet.ptype == PType::PLAIN.0 {
            return None;
        }
        let sequence = packet.sequence;
        let highest = self.taken.last().copied()?;
        if self.taken.contains(&sequence) {
            return Some(format!("Sequence Number {sequence} was used before"));
        }
        let is_old = highest.checked_sub(sequence).is_some_and(|behind| behind >= WINDOW);
        is_old.then(|| format!("Sequence Number {sequence} is {WINDOW} or more behind {highest}"))
    }

    /// What an HA may know of a packet, good or not.
    fn note(&mut self, packet: &Packet) {
        if packet.ptype != PType::PLAIN.0 && packet.spi.is_none() && packet.icv == Fit::Right {
            self.highest = self.highest.max(Some(packet.sequence));
        }
    }
}

/// What is wrong with a datagram, whatever was sent before it.
fn fault(packet: &Packet, tunnel: &Tunnel) -> Option<String> {
    let ptype = PType(packet.ptype);
    let is_plain = ptype == PType::PLAIN;
    let scope = tunnel.grant.sa.scope;
    let belongs = match (&packet.carries, scope) {
        (Carried::BindingUpdate(_), _) => Some(PType::MOBILITY),
        (Carried::EchoRequest { .. } | Carried::IpPacket { .. }, Scope::AllTraffic) => Some(PType::PROTECTED),
        (Carried::EchoRequest { .. } | Carried::IpPacket { .. }, Scope::SignalingOnly) => Some(PType::PLAIN),
        (Carried::Octets(_), _) => None,
    };
    if let Some(belongs) = belongs.filter(|belongs| *belongs != ptype) {
        return Some(format!("{ptype} where {belongs} belongs"));
    }
    let right_spi = if is_plain { 0 } else { tunnel.grant.sa.spi.get() };
    if packet.spi.is_some_and(|spi| spi != right_spi) {
        return Some("the SPI is not that of the SA".to_owned());
    }
    if matches!(&packet.carries, Carried::IpPacket { source: Some(source), .. } if *source != tunnel.home) {
        return Some("its source is not the home address".to_owned());
    }
    if is_plain {
        return None;
    }
    if packet.icv == Fit::Wrong {
        return Some("the ICV does not fit".to_owned());
    }
    let fits = match &packet.carries {
        Carried::BindingUpdate(_) => Some(trailer::DEST_OPTIONS),
        Carried::EchoRequest { .. } => Some(trailer::IPV6),
        Carried::IpPacket { octets, .. } => inner_packet::next_header(&octets_of(octets)),
        Carried::Octets(_) => None,
    };
    if fits.zip(packet.next_header).is_some_and(|(fits, said)| fits != said) {
        return Some("Next Header does not fit".to_owned());
    }
    let counts = |padding: &[u8]| padding.iter().zip(1_u8..).all(|(have, need)| *have == need);
    if packet.padding.as_deref().is_some_and(|padding| !counts(&octets_of(padding))) {
        return Some("the padding does not count 1, 2, 3".to_owned());
    }
    let checksum_is_wrong =
        matches!(&packet.carries, Carried::BindingUpdate(update) if update.checksum == Fit::Wrong);
    checksum_is_wrong.then(|| "the checksum of the Mobility Header does not fit".to_owned())
}
