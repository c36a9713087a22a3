//! RFC 6618 section 6.3: how packets are protected (Figure 7), as the HA checks it.

use std::net::Ipv6Addr;

use wire::packet::ICV_LEN;
use wire::trailer;
use wire::value::{Ciphersuite, Scope};

use crate::bench::{Bench, register};
use crate::case::Check::{HaAccepts, HaDiscards, Script};
use crate::case::{Carrier, Case, PacketFault, Role};
use crate::finding::Outcome;
use crate::judge::{discards, vanished};
use crate::player::{Inner, PacketForge, Protection, turn_bit};

const INTEGRITY: &[&str] = &[
    "rfc6618#6.3/integrity-cover",
    "rfc4303#3.4.3/bad-icv-discarded",
    "rfc6618#6.3/binding-messages-integrity",
    "rfc6618#4.5/binding-messages-integrity",
];

/// Cases of section 6.3 about protection.
pub(super) const CASES: &[Case] = &[
    // The ICV.
    Case::must(
        "rfc6618/6.3/number-under-icv",
        "a Binding Update whose Sequence Number was changed under its ICV vanishes",
        INTEGRITY,
        HaDiscards(PacketFault::update(|p| p.spoil(|octets| turn_bit(octets, 4)))),
    )
    .by(&["PK-13"]),
    Case::must(
        "rfc6618/6.3/iv-under-icv",
        "a Binding Update whose IV was changed under its ICV vanishes",
        INTEGRITY,
        Script(Role::Ha, |bench| {
            discards_under(bench, &CBC, PacketFault::update(|p| p.spoil(|octets| turn_bit(octets, 8))))
        }),
    )
    .by(&["PK-12", "PK-13"]),
    Case::must(
        "rfc6618/6.3/payload-under-icv",
        "a Binding Update whose payload was changed under its ICV vanishes",
        INTEGRITY,
        HaDiscards(PacketFault::update(|p| p.spoil(|octets| turn_bit(octets, 40)))),
    )
    .by(&["PK-13"]),
    Case::must(
        "rfc6618/6.3/trailer-under-icv",
        "a Binding Update whose last octet before the ICV was changed vanishes",
        INTEGRITY,
        HaDiscards(PacketFault::update(|p| p.spoil(|octets| turn_bit(octets, -13)))),
    )
    .by(&["PK-13"]),
    Case::must(
        "rfc6618/6.3/icv-first-octet",
        "a Binding Update with a bit turned in the first octet of the ICV vanishes",
        INTEGRITY,
        HaDiscards(PacketFault::update(|p| p.spoil(|octets| turn_bit(octets, -12)))),
    )
    .by(&["PK-14"]),
    Case::must(
        "rfc6618/6.3/icv-last-octet",
        "a Binding Update with a bit turned in the last octet of the ICV vanishes: all 96 bits count",
        INTEGRITY,
        HaDiscards(PacketFault::update(|p| p.spoil(|octets| turn_bit(octets, -1)))),
    )
    .by(&["PK-14"]),
    Case::must(
        "rfc6618/6.3/icv-of-zeros",
        "a Binding Update with twelve zero octets for an ICV vanishes",
        INTEGRITY,
        HaDiscards(PacketFault::update(|p| {
            p.spoil(|octets| octets.iter_mut().rev().take(ICV_LEN).for_each(|octet| *octet = 0))
        })),
    )
    .by(&["PK-14"]),
    Case::must(
        "rfc6618/6.3/icv-truncated",
        "a Binding Update with only 64 bits of the right ICV vanishes",
        INTEGRITY,
        HaDiscards(PacketFault::update(|p| p.spoil(|octets| octets.truncate(octets.len() - 4)))),
    )
    .by(&["PK-14"]),
    Case::must(
        "rfc6618/6.3/icv-missing",
        "a Binding Update without an ICV vanishes",
        INTEGRITY,
        HaDiscards(PacketFault::update(|p| p.spoil(|octets| octets.truncate(octets.len() - ICV_LEN)))),
    )
    .by(&["PK-10", "PK-14"]),
    Case::must(
        "rfc6618/6.3/nothing-but-header-and-icv",
        "a packet of two words and twelve octets, which leaves no room for ciphertext, vanishes",
        &["rfc6618#6.3/layout", "rfc6618#6.3/trailer-as-esp"],
        HaDiscards(PacketFault::update(|p| p.spoil(|octets| drop(octets.drain(8..octets.len() - ICV_LEN))))),
    )
    .by(&["PK-10"]),
    Case::must(
        "rfc6618/6.3/binding-update-in-the-clear",
        "a Binding Update of PType 8 with the SPI of its SA but no protection vanishes",
        &["rfc6618#6.1/mobility-messages-protected", "rfc6618#6.3/binding-messages-in-figure-7"],
        HaDiscards(PacketFault::update(|p| p.protection = Protection::Plain)),
    )
    .by(&["PK-24"]),
    Case::must(
        "rfc6618/6.3/binding-update-of-ptype-0",
        "a Mobility Header behind eight zero octets vanishes",
        &["rfc6618#6.1/mobility-messages-protected", "rfc6618#6.3/mobility-headers-in-figure-7"],
        HaDiscards(PacketFault::update(PacketForge::in_the_clear)),
    )
    .by(&["PK-24"]),
    Case::must(
        "rfc6618/6.3/binding-update-inside-plain-data",
        "a Binding Update inside an IPv6 packet of PType 0 is not answered, though scope 0 lets data through",
        &["rfc6618#6.1/mobility-messages-protected", "rfc6275#10.3.1/authenticated"],
        Script(Role::Ha, binding_update_inside_plain_data),
    )
    .by(&["PK-24"]),
    // The trailer.
    Case::must(
        "rfc6618/6.3/pad-length-too-large",
        "a packet whose Pad Length is larger than what it has vanishes, though its ICV is right",
        &["rfc6618#6.3/trailer-as-esp", "rfc4303#2.4/padding-consumed"],
        HaDiscards(PacketFault::update(|p| p.pad_length = Some(255))),
    )
    .by(&["PK-18"]),
    Case::should(
        "rfc6618/6.3/padding-of-zeros",
        "a packet whose padding is not 1, 2, 3 and so on vanishes",
        &["rfc4303#2.4/padding-inspected"],
        HaDiscards(PacketFault::update(|p| {
            p.pad_further(16);
            p.padding.iter_mut().flatten().for_each(|octet| *octet = 0);
        })),
    )
    .by(&["PK-15"]),
    Case::must(
        "rfc6618/6.3/longer-padding",
        "a packet with 16 octets of padding more than it needs is accepted",
        &["rfc4303#2.4/padding-consumed", "rfc6618#6.3/trailer-as-esp"],
        HaAccepts(PacketFault::update(|p| p.pad_further(16))),
    )
    .by(&["PK-17"]),
    Case::must(
        "rfc6618/6.3/longest-padding",
        "a packet with as much padding as Pad Length can tell is accepted",
        &["rfc4303#2.4/padding-consumed", "rfc6618#6.3/trailer-as-esp"],
        HaAccepts(PacketFault::update(|p| p.pad_further(240))),
    )
    .by(&["PK-17"]),
    Case::must(
        "rfc6618/6.3/misaligned-ciphertext",
        "a ciphertext of a CBC suite that is no multiple of the block vanishes, though its ICV is right",
        &["rfc6618#6.3/trailer-as-esp", "rfc4303#2.4/block-multiple"],
        Script(Role::Ha, |bench| discards_under(bench, &CBC, PacketFault::update(|p| p.pad_further(1)))),
    )
    .by(&["PK-10"]),
    Case::should(
        "rfc6618/6.3/misaligned-under-null",
        "a packet of a NULL suite that does not end on four octets vanishes",
        &["rfc4303#2.4/four-octet-alignment"],
        Script(Role::Ha, |bench| discards_under(bench, &NULL, PacketFault::update(|p| p.pad_further(1)))),
    )
    .by(&["PK-16"]),
    Case::must(
        "rfc6618/6.3/dummy",
        "a dummy packet, Next Header 59, vanishes and its number is used up without harm",
        &["rfc4303#2.6/dummy-discarded", "rfc4303#2.6/dummy-is-59", "rfc6618#6.3/trailer-as-esp"],
        HaDiscards(PacketFault::update(|p| p.next_header = Some(trailer::NO_NEXT))),
    )
    .by(&["PK-22"]),
    Case::must(
        "rfc6618/6.3/next-header-ipv6",
        "a packet of PType 8 whose Next Header says IPv6 vanishes",
        &["rfc6618#6.3/ptype-8-is-mobility", "rfc6618#6.3/no-inner-ip-header"],
        HaDiscards(PacketFault::update(|p| p.next_header = Some(trailer::IPV6))),
    )
    .by(&["PK-21"]),
    Case::must(
        "rfc6618/6.3/next-header-ipv4",
        "a packet of PType 8 whose Next Header says IPv4 vanishes",
        &["rfc6618#6.3/ptype-8-is-mobility", "rfc6618#6.3/no-inner-ip-header"],
        HaDiscards(PacketFault::update(|p| p.next_header = Some(trailer::IPV4))),
    )
    .by(&["PK-21"]),
    Case::must(
        "rfc6618/6.3/next-header-skips-the-option",
        "a packet whose Next Header names the Mobility Header behind a Home Address option vanishes",
        &["rfc6618#6.3/next-header-is-first", "rfc6275#6.1.1/next-header-135"],
        HaDiscards(PacketFault::update(|p| p.next_header = Some(trailer::MOBILITY))),
    )
    .by(&["PK-21"]),
];

pub(super) const CBC: [Ciphersuite; 3] =
    [Ciphersuite::Aes128Sha, Ciphersuite::Aes128Sha256, Ciphersuite::TripleDesSha];
pub(super) const NULL: [Ciphersuite; 2] = [Ciphersuite::NullSha, Ciphersuite::NullSha256];

pub(super) fn discards_under(bench: &mut Bench<'_>, suites: &[Ciphersuite], fault: PacketFault) -> Outcome {
    let mut tunnel = bench.tunnel_with(suites, Scope::AllTraffic)?;
    register(&mut tunnel)?;
    discards(bench, &mut tunnel, fault)
}

fn binding_update_inside_plain_data(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::PlainEcho)?;
    let mut packet = tunnel.binding_update();
    let (next_header, payload) = packet.inner.octets();
    packet.inner = Inner::Octets(trailer::IPV6, ip6(tunnel.home, tunnel.ha, next_header, &payload));
    packet.in_the_clear();
    tunnel.send(&packet)?;
    bench.check(vanished(&mut tunnel, Carrier::BindingUpdate))
}

fn ip6(from: Ipv6Addr, to: Ipv6Addr, next_header: u8, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(payload.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[0x60, 0, 0, 0][..], &len, &[next_header, 64], &from.octets(), &to.octets(), payload].concat()
}
