//! RFC 6618 section 6.2: PType and SPI (Figure 6).

use wire::packet::{PType, Packet};

use crate::bench::Bench;
use crate::case::Check::{HaDiscards, Script};
use crate::case::{Carrier, Case, PacketFault, Role};
use crate::finding::Outcome;
use crate::judge::vanished;
use crate::player::turn_bit;

/// Cases of section 6.2.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/6.2/mobility-without-spi",
        "a Binding Update of PType 8 with SPI 0 vanishes, though its ICV is right",
        &[
            "rfc6618#6.2/protected-spi-not-zero",
            "rfc6618#6.2/spi-zero-needs-ptype-zero",
            "rfc6618#6.1/mobility-messages-spi-not-zero",
        ],
        HaDiscards(PacketFault::update(|p| p.spi = 0)),
    )
    .by(&["PK-01"]),
    Case::must(
        "rfc6618/6.2/data-without-spi",
        "user data of PType 1 with SPI 0 vanishes, though its ICV is right",
        &["rfc6618#6.2/protected-spi-not-zero", "rfc6618#6.2/spi-zero-needs-ptype-zero"],
        HaDiscards(PacketFault::protected(|p| p.spi = 0)),
    )
    .by(&["PK-01"]),
    Case::must(
        "rfc6618/6.2/clear-data-of-ptype-1",
        "a plain packet with SPI 0 and PType 1 vanishes: SPI 0 goes with PType 0 only",
        &["rfc6618#6.2/spi-zero-needs-ptype-zero", "rfc6618#6.2/spi-zero-is-plain"],
        HaDiscards(PacketFault::plain(|p| p.ptype = PType::PROTECTED)),
    )
    .by(&["PK-01"]),
    Case::must(
        "rfc6618/6.2/clear-data-of-ptype-8",
        "a plain packet with SPI 0 and PType 8 vanishes",
        &["rfc6618#6.2/spi-zero-needs-ptype-zero", "rfc6618#6.2/spi-zero-is-plain"],
        HaDiscards(PacketFault::plain(|p| p.ptype = PType::MOBILITY)),
    )
    .by(&["PK-01"]),
    Case::must(
        "rfc6618/6.2/plain-with-spi",
        "a plain packet with an SPI other than 0 vanishes",
        &["rfc6618#6.1/unprotected-spi-zero", "rfc6618#6.4/plain-spi-and-sequence-zero"],
        HaDiscards(PacketFault::plain(|p| p.spi = 7)),
    )
    .by(&["PK-02"]),
    Case::must(
        "rfc6618/6.2/plain-with-own-spi",
        "a plain packet with the SPI of the MN's own SA vanishes",
        &["rfc6618#6.1/unprotected-spi-zero", "rfc6618#6.4/plain-spi-and-sequence-zero"],
        Script(Role::Ha, plain_with_own_spi),
    )
    .by(&["PK-02"]),
    Case::must(
        "rfc6618/6.2/plain-with-number",
        "a plain packet with a Sequence Number other than 0 vanishes",
        &["rfc6618#6.1/unprotected-sequence-zero", "rfc6618#6.4/plain-spi-and-sequence-zero"],
        HaDiscards(PacketFault::plain(|p| p.sequence = 1)),
    )
    .by(&["PK-02"]),
    Case::must(
        "rfc6618/6.2/sealed-binding-update-of-ptype-0",
        "a protected Binding Update of PType 0 vanishes, though its ICV is right",
        &["rfc6618#6.2/spi-zero-needs-ptype-zero", "rfc6618#6.1/unprotected-spi-zero"],
        HaDiscards(PacketFault::update(|p| p.ptype = PType::PLAIN)),
    )
    .by(&["PK-02"]),
    Case::must(
        "rfc6618/6.2/binding-update-of-ptype-1",
        "a protected Binding Update of PType 1 vanishes: it is no IP packet",
        &["rfc6618#6.3/ptype-8-is-mobility", "rfc6618#6.4/ptype-1-is-protected-data"],
        HaDiscards(PacketFault::update(|p| p.ptype = PType::PROTECTED)),
    )
    .by(&["PK-20"]),
    Case::must(
        "rfc6618/6.2/user-data-of-ptype-8",
        "protected user data of PType 8 vanishes: there is no inner IP header",
        &["rfc6618#6.3/no-inner-ip-header", "rfc6618#6.3/ptype-8-is-mobility"],
        HaDiscards(PacketFault::protected(|p| p.ptype = PType::MOBILITY)),
    )
    .by(&["PK-21"]),
    Case::must(
        "rfc6618/6.2/unknown-ptypes-with-binding-update",
        "Binding Updates of PTypes 2 to 7 and 9 to 15 vanish, though their ICVs are right",
        &["rfc6618#6.1/data-follows-sequence", "rfc6618#6.2/ptype-spi-word"],
        Script(Role::Ha, |bench| unknown_ptypes(bench, Carrier::BindingUpdate)),
    )
    .by(&["PK-04"]),
    Case::must(
        "rfc6618/6.2/unknown-ptypes-with-user-data",
        "user data of PTypes 2 to 7 and 9 to 15 vanishes, though the ICVs are right",
        &["rfc6618#6.1/data-follows-sequence", "rfc6618#6.2/ptype-spi-word"],
        Script(Role::Ha, |bench| unknown_ptypes(bench, Carrier::ProtectedEcho)),
    )
    .by(&["PK-04"]),
    Case::must(
        "rfc6618/6.2/unknown-spi",
        "a Binding Update under an SPI that nobody was given vanishes",
        &["rfc6618#6.1/spi-follows-ptype", "rfc6618#9.3/sa-found-by-spi-and-direction"],
        HaDiscards(PacketFault::update(|p| p.spi ^= 0x0800_0000)),
    )
    .by(&["PK-09"]),
    Case::must(
        "rfc6618/6.2/ptype-under-icv",
        "a Binding Update whose ICV was made over another PType vanishes",
        &["rfc6618#6.2/one-field-under-icv", "rfc6618#6.3/integrity-cover"],
        HaDiscards(PacketFault::update(|p| {
            p.ptype = PType(9);
            p.spoil(|octets| Packet::new_unchecked(octets).set_ptype(PType::MOBILITY));
        })),
    )
    .by(&["PK-13"]),
    Case::must(
        "rfc6618/6.2/spi-under-icv",
        "a Binding Update whose SPI was changed under its ICV vanishes",
        &["rfc6618#6.2/one-field-under-icv", "rfc6618#6.3/integrity-cover"],
        HaDiscards(PacketFault::update(|p| p.spoil(|octets| turn_bit(octets, 3)))),
    )
    .by(&["PK-13"]),
];

fn plain_with_own_spi(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::PlainEcho)?;
    let (mut packet, _) = tunnel.next(Carrier::PlainEcho)?;
    packet.spi = tunnel.grant.sa.spi.get();
    tunnel.send(&packet)?;
    bench.check(vanished(&mut tunnel, Carrier::PlainEcho))
}

fn unknown_ptypes(bench: &mut Bench<'_>, carrier: Carrier) -> Outcome {
    let mut tunnel = bench.bound_tunnel(carrier)?;
    for ptype in (2..=7).chain(9..=15) {
        let (mut packet, _) = tunnel.next(carrier)?;
        packet.ptype = PType(ptype);
        tunnel.send(&packet)?;
    }
    bench.check(vanished(&mut tunnel, carrier))
}
