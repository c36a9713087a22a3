//! RFC 6618 section 6.4: an HA that is careless about what is inside, IPv4 above all.

use std::net::Ipv4Addr;

use suite::player::{Inner, PacketForge};
use wire::packet::{HEADER_LEN, PType};
use wire::trailer;
use wire::value::Scope;

use crate::liar::packet::Arrival;
use crate::mutant::Lie::HaInbound;
use crate::mutant::Mutant;

/// Lies about inner packets.
pub(super) const LIES: &[Mutant] = &[
    Mutant::ha(
        "ha/any-ip4-source",
        "lets an MN send under the IPv4 home address of another",
        HaInbound(|arrival| {
            let Some(forge) = data(arrival) else { return };
            let source = ip4_source(&forge.inner.octets().1);
            if let Some(spi) = source.and_then(|source| spi_of(arrival, source)) {
                arrival.put(&PacketForge { spi, ..forge });
            }
        }),
        &["rfc6618/6.4/inner-ip4-source-of-another"],
    ),
    Mutant::ha(
        "ha/ip4-under-any-next-header",
        "takes IPv4 for what it is, whatever Next Header says",
        HaInbound(|arrival| {
            let Some(mut forge) = data(arrival) else { return };
            let (_, octets) = forge.inner.octets();
            if ip4_source(&octets).is_some() {
                forge.inner = Inner::Octets(trailer::IPV4, octets);
                arrival.put(&forge);
            }
        }),
        &["rfc6618/6.4/next-header-ipv6-for-ipv4"],
    ),
    Mutant::ha(
        "ha/any-inner-version",
        "does not look at the version of an inner packet",
        HaInbound(|arrival| {
            let Some(mut forge) = data(arrival) else { return };
            let (next_header, mut octets) = forge.inner.octets();
            if let (trailer::IPV6, Some(first)) = (next_header, octets.first_mut()) {
                *first = 0x60 | *first & 0x0f;
                forge.inner = Inner::Octets(next_header, octets);
                arrival.put(&forge);
            }
        }),
        &["rfc6618/6.4/inner-version-5"],
    ),
    Mutant::ha(
        "ha/takes-nothing-for-something",
        "takes a protected packet with nothing inside for the one before",
        HaInbound(|arrival| {
            if data(arrival).is_some_and(|forge| forge.inner.octets().1.is_empty()) {
                arrival.take_for_the_last();
            }
        }),
        &["rfc6618/6.4/nothing-inside"],
    ),
    Mutant::ha(
        "ha/plain-ip4-under-scope-1",
        "takes plain IPv4 from an MN whose SA covers data",
        HaInbound(|arrival| {
            let Some(inner) = arrival.octets.strip_prefix(&[0; HEADER_LEN]).map(<[u8]>::to_vec) else {
                return;
            };
            if let Some(spi) = ip4_source(&inner).and_then(|source| spi_of(arrival, source)) {
                arrival.put_contents(spi, PType::PROTECTED, trailer::IPV4, &inner);
            }
        }),
        &["rfc6618/6.4/plain-ip4-under-scope-1"],
    ),
];

/// A good packet of PType 1.
fn data(arrival: &Arrival<'_>) -> Option<PacketForge> {
    arrival.good().filter(|forge| forge.ptype == PType::PROTECTED)
}

/// The source of an IPv4 packet.
fn ip4_source(packet: &[u8]) -> Option<Ipv4Addr> {
    let octets: [u8; 4] = packet.get(12..16)?.try_into().ok()?;
    (packet.first()? >> 4 == 4).then(|| Ipv4Addr::from(octets))
}

/// The newest association in use of the MN with that IPv4 home address, if it covers data.
fn spi_of(arrival: &Arrival<'_>, home: Ipv4Addr) -> Option<u32> {
    let of_home = arrival.tunnels.iter().filter(|(_, tunnel)| tunnel.sa.home.ip4 == Some(home));
    let used = of_home.filter(|(_, tunnel)| tunnel.notes.last.is_some());
    let (spi, tunnel) = used.max_by_key(|(_, tunnel)| tunnel.notes.installed)?;
    (tunnel.sa.scope == Scope::AllTraffic).then_some(*spi)
}
