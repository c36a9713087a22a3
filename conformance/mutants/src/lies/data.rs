//! RFC 6618 section 6.4: user data, protected and plain, and who may send it.

use std::net::Ipv6Addr;

use proto::correspondent;
use suite::player::{Inner, PacketForge};
use wire::packet::{HEADER_LEN, PType, plain};
use wire::trailer;
use wire::value::Scope;

use crate::liar::packet::Arrival;
use crate::mutant::Lie::{HaInbound, HaOutbound, HaPlainOutbound};
use crate::mutant::Mutant;

/// Octets of an IPv6 header.
const IP6_HEADER_LEN: usize = 40;

/// Lies about user data.
pub(super) const LIES: &[Mutant] = &[
    Mutant::ha(
        "ha/no-plain-data",
        "drops plain user data",
        HaInbound(|arrival| {
            if arrival.view().ptype() == PType::PLAIN {
                arrival.discard();
            }
        }),
        &[
            "rfc6618/4.3/suite-null-sha-under-scope-0",
            "rfc6618/4.3/suite-null-sha256-under-scope-0",
            "rfc6618/4.3/suite-3des-ede-cbc-sha-under-scope-0",
            "rfc6618/4.3/suite-aes-128-cbc-sha-under-scope-0",
            "rfc6618/4.3/suite-aes-128-cbc-sha256-under-scope-0",
            "rfc6618/6.4/plain-ip4",
            "rfc6618/6.4/two-mns-in-the-clear",
            "rfc6618/6.4/plain-data",
        ],
    ),
    Mutant::ha(
        "ha/replies-in-the-clear",
        "sends user data in the clear under scope 1",
        HaOutbound(|packet, _| {
            if packet.ptype == PType::PROTECTED {
                packet.in_the_clear();
            }
        }),
        &[
            "rfc6618/6.4/next-header-sent-with-ip4",
            "rfc6618/6.4/protected-data",
            "rfc6618/6.4/next-header-sent",
        ],
    ),
    Mutant::ha(
        "ha/plain-under-scope-1",
        "takes plain user data from an MN whose SA covers data",
        HaInbound(|arrival| {
            let Some(inner) = arrival.octets.strip_prefix(&[0; HEADER_LEN]).map(<[u8]>::to_vec) else {
                return;
            };
            let spi = source_of(&inner).and_then(|source| spi_of(arrival, source, Scope::AllTraffic));
            if let Some(spi) = spi {
                arrival.put_contents(spi, PType::PROTECTED, trailer::IPV6, &inner);
            }
        }),
        &["rfc6618/6.4/plain-data-under-scope-1"],
    ),
    Mutant::ha(
        "ha/protected-under-scope-0",
        "takes protected user data under an SA that does not cover it",
        HaInbound(|arrival| {
            let scope = arrival.tunnel().map(|tunnel| tunnel.sa.scope);
            if let Some(forge) = arrival.good()
                && forge.ptype == PType::PROTECTED
                && scope == Some(Scope::SignalingOnly)
            {
                arrival.octets = plain(&forge.inner.octets().1);
            }
        }),
        &["rfc6618/6.4/protected-data-under-scope-0"],
    ),
    Mutant::ha(
        "ha/next-header-ipv4-sent",
        "sends IPv6 packets with the Next Header of IPv4",
        HaOutbound(|packet, _| {
            if packet.ptype == PType::PROTECTED {
                packet.next_header = Some(trailer::IPV4);
            }
        }),
        &["rfc6618/6.4/next-header-sent"],
    ),
    Mutant::ha(
        "ha/plain-words-not-zero",
        "sends plain user data with a Sequence Number",
        HaPlainOutbound(|octets| {
            if let Some(octet) = octets.get_mut(HEADER_LEN - 1) {
                *octet = 1;
            }
        }),
        &["rfc6618/6.4/plain-words-sent"],
    ),
    Mutant::ha(
        "ha/changes-data",
        "changes the inner packet on its way to the MN",
        HaOutbound(|packet, _| {
            let (next_header, octets) = packet.inner.octets();
            if let Some(other) = other_data(&octets).filter(|_| packet.ptype == PType::PROTECTED) {
                packet.inner = Inner::Octets(next_header, other);
                packet.padding = None;
                packet.pad_length = None;
            }
        }),
        &["rfc6618/6.4/large-packet", "rfc6618/6.4/inner-packet-as-is"],
    ),
    Mutant::ha(
        "ha/inner-version-decides",
        "goes by the inner packet's version and not by Next Header",
        HaInbound(|arrival| next_header_is_ip6(arrival, |next| next != trailer::NO_NEXT)),
        &["rfc6618/6.4/next-header-ipv4-for-ipv6", "rfc6618/6.4/next-header-mobility"],
    ),
    Mutant::ha(
        "ha/takes-dummy-data",
        "takes a dummy packet of PType 1 for what is in it",
        HaInbound(|arrival| next_header_is_ip6(arrival, |next| next == trailer::NO_NEXT)),
        &["rfc6618/6.4/dummy"],
    ),
    Mutant::ha(
        "ha/refuses-traffic-flow-padding",
        "drops a protected packet with octets behind the inner one",
        HaInbound(|arrival| {
            let Some(forge) = arrival.good().filter(|forge| forge.ptype == PType::PROTECTED) else { return };
            let (_, octets) = forge.inner.octets();
            let said = octets.get(4..6).and_then(|len| len.try_into().ok()).map(u16::from_be_bytes);
            if said.is_some_and(|len| IP6_HEADER_LEN + usize::from(len) < octets.len()) {
                arrival.discard();
            }
        }),
        &["rfc6618/6.4/octets-behind-the-inner-packet"],
    ),
    Mutant::ha(
        "ha/any-inner-source",
        "lets an MN send under the home address of another",
        HaInbound(|arrival| {
            let Some(forge) = arrival.good().filter(|forge| forge.ptype == PType::PROTECTED) else { return };
            let source = source_of(&forge.inner.octets().1);
            if let Some(spi) = source.and_then(|source| spi_of(arrival, source, Scope::AllTraffic)) {
                arrival.put(&PacketForge { spi, ..forge });
            }
        }),
        &["rfc6618/6.4/inner-source-of-another"],
    ),
];

/// The source of an IPv6 packet.
fn source_of(packet: &[u8]) -> Option<Ipv6Addr> {
    let octets: [u8; 16] = packet.get(8..24)?.try_into().ok()?;
    (packet.first()? >> 4 == 6).then(|| Ipv6Addr::from(octets))
}

/// The newest association in use of the MN with that home address, if it has that scope.
fn spi_of(arrival: &Arrival<'_>, home: Ipv6Addr, scope: Scope) -> Option<u32> {
    let of_home = arrival.tunnels.iter().filter(|(_, tunnel)| tunnel.home() == home);
    let used = of_home.filter(|(_, tunnel)| tunnel.notes.last.is_some());
    let (spi, tunnel) = used.max_by_key(|(_, tunnel)| tunnel.notes.installed)?;
    (tunnel.sa.scope == scope).then_some(*spi)
}

/// Takes an IPv6 packet of PType 1 for one, whatever such Next Header says.
fn next_header_is_ip6(arrival: &mut Arrival<'_>, such: fn(u8) -> bool) {
    let Some(mut forge) = arrival.good() else { return };
    let (next_header, octets) = forge.inner.octets();
    if forge.ptype == PType::PROTECTED && such(next_header) && source_of(&octets).is_some() {
        forge.inner = Inner::Octets(trailer::IPV6, octets);
        arrival.put(&forge);
    }
}

/// An echo reply like this one with other data.
fn other_data(packet: &[u8]) -> Option<Vec<u8>> {
    let address = |at: usize| -> Option<Ipv6Addr> {
        let octets: [u8; 16] = packet.get(at..at + 16)?.try_into().ok()?;
        Some(octets.into())
    };
    let word =
        |at: usize| -> Option<u16> { Some(u16::from_be_bytes(packet.get(at..at + 2)?.try_into().ok()?)) };
    let (from, to) = (address(8)?, address(24)?);
    let (identifier, number) = (word(IP6_HEADER_LEN + 4)?, word(IP6_HEADER_LEN + 6)?);
    let request = correspondent::echo_request(to.into(), from.into(), identifier, number, b"other data")?;
    correspondent::answer(&request)
}
