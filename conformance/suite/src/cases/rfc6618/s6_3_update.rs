//! RFC 6618 section 6.3 with RFC 6275 sections 6.1.1, 6.1.7, 9.5.1 and 10.3: what a Binding Update may look like.

use std::net::Ipv6Addr;

use wire::ext_header::Chain;
use wire::mobility::{self, BindingStatus, Lifetime, MobilityHeader};
use wire::trailer;

use crate::bench::{Bench, register};
use crate::case::Check::{HaAccepts, HaDiscards, HaRejects, HaSays, Script};
use crate::case::{Carrier, Case, PacketFault, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::judge::{accepts, before_controls};
use crate::player::{Inner, PacketForge, Stay, TunnelAnswer};

const MALFORMED: &[&str] = &["rfc6275#9.5.1/invalid-discarded", "rfc6275#6.1.1/layout"];
const CARE_OF: &[&str] =
    &["rfc6275#6.1.7/care-of-address-routable", "rfc6275#6.1.7/bad-care-of-address-discarded"];
const CHAIN: &[&str] = &["rfc6618#6.3/next-header-is-first", "rfc6618#6.3/header-alignment"];

/// Cases about Binding Updates.
pub(super) const CASES: &[Case] = &[
    // Lifetime and flags.
    Case::must(
        "rfc6618/6.3/shortest-lifetime",
        "a Binding Update for one unit of 4 s is accepted, for no longer than that",
        &["rfc6275#10.3.1/lifetime-not-longer", "rfc6275#6.1.7/lifetime-unit"],
        Script(Role::Ha, |bench| lifetime(bench, Lifetime(1))),
    ),
    Case::must(
        "rfc6618/6.3/longest-lifetime",
        "a Binding Update for 65535 units is accepted, for as long as the HA likes",
        &[
            "rfc6275#10.3.1/lifetime-decreased",
            "rfc6275#6.1.7/lifetime-unit",
            "rfc6275#10.3.1/lifetime-remaining",
        ],
        Script(Role::Ha, |bench| lifetime(bench, Lifetime(u16::MAX))),
    ),
    Case::should(
        "rfc6618/6.3/flag-k",
        "a Binding Update with flag K is accepted: there is no key management that could move",
        &["rfc6275#6.1.7/layout"],
        HaAccepts(PacketFault::update(|p| p.binding(|b| b.update.flags.key_management = true))),
    ),
    Case::should(
        "rfc6618/6.3/flag-l",
        "a Binding Update with flag L is accepted",
        &["rfc6275#6.1.7/layout"],
        HaAccepts(PacketFault::update(|p| p.binding(|b| b.update.flags.link_local = true))),
    ),
    Case::must(
        "rfc6618/6.3/without-flag-h",
        "a Binding Update without flag H is no home registration and not accepted as one",
        &["rfc6275#6.1.7/layout", "rfc6275#10.3.1/authenticated"],
        HaRejects(PacketFault::update(|p| p.binding(|b| b.update.flags.home_registration = false))),
    ),
    // The Mobility Header.
    Case::must(
        "rfc6618/6.3/payload-proto",
        "a Mobility Header whose Payload Proto is not 59 vanishes",
        &["rfc6275#6.1.1/payload-proto-none", "rfc6275#9.5.1/invalid-discarded"],
        HaDiscards(PacketFault::update(|p| p.binding(|b| b.payload_proto = 58))),
    )
    .by(&["PK-32"]),
    Case::must(
        "rfc6618/6.3/header-too-short",
        "a Mobility Header too short for a Binding Update vanishes, though checksum and ICV are right",
        &["rfc6275#6.1.1/length-in-eight-octets", "rfc6275#9.5.1/invalid-discarded"],
        HaDiscards(PacketFault::update(|p| {
            p.mobility_header(|header| {
                header.truncate(8);
                header[1] = 0;
            })
        })),
    )
    .by(&["PK-32"]),
    Case::must(
        "rfc6618/6.3/refresh-request-to-the-ha",
        "a Binding Refresh Request to the HA is not taken for a Binding Update",
        MALFORMED,
        HaRejects(PacketFault::update(|p| p.binding(|b| b.mh_type = mobility::BINDING_REFRESH_REQUEST))),
    )
    .by(&["PK-24"]),
    Case::must(
        "rfc6618/6.3/acknowledgement-to-the-ha",
        "a Binding Acknowledgement to the HA is not taken for a Binding Update",
        MALFORMED,
        HaRejects(PacketFault::update(|p| p.binding(|b| b.mh_type = mobility::BINDING_ACK))),
    )
    .by(&["PK-24"]),
    Case::must(
        "rfc6618/6.3/binding-error-to-the-ha",
        "a Binding Error to the HA is not taken for a Binding Update",
        MALFORMED,
        HaRejects(PacketFault::update(|p| p.binding(|b| b.mh_type = mobility::BINDING_ERROR))),
    )
    .by(&["PK-24"]),
    Case::must(
        "rfc6618/6.3/home-test-init-to-the-ha",
        "a Home Test Init in PType 8 is not taken for a Binding Update: it would be user data",
        &["rfc6618#6.3/return-routability-is-data", "rfc6618#6.3/ptype-8-is-mobility"],
        HaRejects(PacketFault::update(|p| p.binding(|b| b.mh_type = HOME_TEST_INIT))),
    )
    .by(&["PK-24"]),
    Case::should(
        "rfc6618/6.3/unknown-mobility-type-answered",
        "a protected Mobility Header of unknown type is answered with a Binding Error of status 2",
        &["rfc6275#6.1.1/unknown-type-answered"],
        Script(Role::Ha, unknown_type_answered),
    )
    .by(&["PK-32"]),
    // Mobility options.
    Case::must(
        "rfc6618/6.3/padding-options",
        "eight octets of Pad1 and eight of PadN behind the options are skipped",
        &["rfc6275#6.1.1/options-after-fixed-part", "rfc6275#6.1.7/unknown-options-skipped"],
        HaAccepts(PacketFault::update(|p| {
            p.mobility_header(|header| {
                header.extend_from_slice(&[0; 8]);
                header.extend_from_slice(&[1, 6, 0, 0, 0, 0, 0, 0]);
                header[1] += 2;
            })
        })),
    ),
    Case::must(
        "rfc6618/6.3/option-too-long",
        "a mobility option that says to be longer than the header vanishes with its Binding Update",
        &["rfc6275#6.1.1/options-after-fixed-part", "rfc6275#9.5.1/invalid-discarded"],
        HaDiscards(PacketFault::update(|p| {
            p.mobility_header(|header| {
                header.extend_from_slice(&[200, 100, 0, 0, 0, 0, 0, 0]);
                header[1] += 1;
            })
        })),
    )
    .by(&["PK-32"]),
    Case::must(
        "rfc6618/6.3/unspecified-care-of-address",
        "a Binding Update with the care-of address :: vanishes",
        CARE_OF,
        HaDiscards(PacketFault::update(|p| {
            p.binding(|b| b.update.alternate_coa = Some(Ipv6Addr::UNSPECIFIED))
        })),
    )
    .by(&["PK-27"]),
    Case::must(
        "rfc6618/6.3/loopback-care-of-address",
        "a Binding Update with the care-of address ::1 vanishes",
        CARE_OF,
        HaDiscards(PacketFault::update(|p| {
            p.binding(|b| b.update.alternate_coa = Some(Ipv6Addr::LOCALHOST))
        })),
    )
    .by(&["PK-27"]),
    Case::must(
        "rfc6618/6.3/link-local-care-of-address",
        "a Binding Update with a link-local care-of address vanishes",
        CARE_OF,
        HaDiscards(PacketFault::update(|p| {
            p.binding(|b| {
                b.update.alternate_coa = Some(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 7));
            })
        })),
    )
    .by(&["PK-27"]),
    Case::should(
        "rfc6618/6.3/without-care-of-address",
        "a Binding Update without an Alternate Care-of Address is accepted: where it comes from is known",
        &["rfc6275#9.5.1/alternate-care-of-address"],
        HaAccepts(PacketFault::update(|p| p.binding(|b| b.update.alternate_coa = None))),
    )
    .by(&["PK-27"]),
    // Extension headers.
    Case::must(
        "rfc6618/6.3/unknown-destination-option",
        "a destination option of unknown type below 64 is skipped",
        CHAIN,
        HaAccepts(PacketFault::update(|p| chain(p, |octets| one_more_option(octets, 0x1e)))),
    )
    .by(&["PK-21"]),
    Case::must(
        "rfc6618/6.3/unskippable-destination-option",
        "a Binding Update with a destination option of unknown type from 64 on vanishes",
        CHAIN,
        HaDiscards(PacketFault::update(|p| chain(p, |octets| one_more_option(octets, 0x5e)))),
    )
    .by(&["PK-21"]),
    Case::must(
        "rfc6618/6.3/chain-ends-elsewhere",
        "a packet of PType 8 whose Destination Options header leads to ICMPv6 vanishes",
        &["rfc6618#6.3/ptype-8-is-mobility", "rfc6618#6.3/next-header-is-first"],
        HaDiscards(PacketFault::update(|p| chain(p, |octets| octets[0] = ICMPV6))),
    )
    .by(&["PK-21"]),
    Case::must(
        "rfc6618/6.3/extension-header-too-long",
        "a Destination Options header that says to be longer than its packet vanishes",
        CHAIN,
        HaDiscards(PacketFault::update(|p| chain(p, |octets| octets[1] = 200))),
    )
    .by(&["PK-21"]),
    Case::should(
        "rfc6618/6.3/routing-header-without-segments",
        "a Routing header of unknown type with no segments left is skipped",
        CHAIN,
        HaAccepts(PacketFault::update(|p| routing(p, 0))),
    )
    .by(&["PK-21"]),
    Case::must(
        "rfc6618/6.3/routing-header-with-segments",
        "a Routing header of unknown type with segments left vanishes",
        CHAIN,
        HaDiscards(PacketFault::update(|p| routing(p, 3))),
    )
    .by(&["PK-21"]),
    // Whose binding.
    Case::must(
        "rfc6618/6.3/home-address-of-another-mn",
        "an MN cannot register the home address of another, whose traffic keeps coming to it",
        &[
            "rfc6275#5.1/home-address-matches-sa",
            "rfc6275#9.5.1/home-address-routable",
            "rfc6618#4.5/rfc6275-protection-applies",
        ],
        Script(Role::Ha, home_address_of_another_mn),
    )
    .by(&["PK-25"]),
    Case::must(
        "rfc6618/6.3/deregistered-twice",
        "lifetime 0 without a binding is refused",
        &["rfc6275#10.3.2/unknown-binding-rejected", "rfc6275#6.1.8/status-128-up-rejects"],
        Script(Role::Ha, |bench| deregistered_twice(bench, |status| !status.accepted())),
    ),
    Case::should(
        "rfc6618/6.3/deregistered-twice-status",
        "lifetime 0 without a binding is refused with status 133",
        &["rfc6275#10.3.2/unknown-binding-status-133"],
        Script(Role::Ha, |bench| deregistered_twice(bench, |status| status == BindingStatus::NOT_HOME_AGENT)),
    ),
    Case::should(
        "rfc6618/6.3/deregistration-without-home-address-option",
        "a de-registration may leave the Home Address option out",
        &["rfc6275#10.3.2/home-address-option-optional", "rfc6275#10.3.2/acknowledged"],
        HaAccepts(PacketFault::update(|p| {
            p.binding(|b| {
                b.home_option = None;
                b.update.lifetime = Lifetime::ZERO;
            })
        })),
    )
    .by(&["PK-25"]),
    // What acknowledges it.
    Case::must(
        "rfc6618/6.3/ack-layout",
        "a Mobility Header of the HA has Payload Proto 59, its own length and reserved octets of 0",
        &[
            "rfc6275#6.1.1/layout",
            "rfc6275#6.1.8/layout",
            "rfc6275#6.1.8/reserved-zero",
            "rfc6275#6.1.1/reserved-zero",
        ],
        HaSays(ack_layout),
    ),
    Case::should(
        "rfc6618/6.3/ack-flag-k",
        "flag K of an acknowledgement is clear: there is no key management that could move",
        &["rfc6275#6.1.8/layout"],
        HaSays(|stay| match stay.registrations.iter().find(|(_, ack)| ack.key_management) {
            None => Ok(Pass::Clean),
            Some(_) => Err(Finding::fails("flag K clear", "flag K set")),
        }),
    ),
];

const HOME_TEST_INIT: u8 = 1;
const UNKNOWN_TYPE: u8 = 99;
/// RFC 6275 section 6.1.9: unrecognised MH Type value.
const UNRECOGNISED: u8 = 2;
const ICMPV6: u8 = 58;

/// Changes the octets of a Binding Update from its first extension header on.
fn chain(packet: &mut PacketForge, change: impl FnOnce(&mut Vec<u8>)) {
    let (next_header, mut octets) = packet.inner.octets();
    change(&mut octets);
    packet.inner = Inner::Octets(next_header, octets);
}

/// Lengthens the Destination Options header, whose first unit is the rest of its first 8 octets.
fn one_more_option(octets: &mut Vec<u8>, kind: u8) {
    octets.splice(24..24, [kind, 6, 0, 0, 0, 0, 0, 0]);
    octets[1] += 1;
}

/// Puts a Routing header of type 253 (RFC 4727: for experiments) before everything else.
fn routing(packet: &mut PacketForge, segments_left: u8) {
    let (next_header, octets) = packet.inner.octets();
    let header = [next_header, 0, 253, segments_left, 0, 0, 0, 0];
    packet.inner = Inner::Octets(trailer::ROUTING, [&header, octets.as_slice()].concat());
}

fn lifetime(bench: &mut Bench<'_>, asked: Lifetime) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let expected = format!("an acceptance for 1 to {} units of 4 s", asked.0);
    bench.check(match tunnel.register(asked)? {
        Ok((_, ack)) if ack.status.accepted() && (1..=asked.0).contains(&ack.lifetime.0) => Ok(Pass::Clean),
        Ok((_, ack)) => {
            let observed = TunnelAnswer::Acknowledgement(ack).describe();
            Err(Finding::fails(expected, format!("{observed}, {} units", ack.lifetime.0)))
        }
        Err(instead) => Err(Finding::fails(expected, instead)),
    })
}

fn unknown_type_answered(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let mut packet = tunnel.binding_update();
    packet.binding(|binding| binding.mh_type = UNKNOWN_TYPE);
    tunnel.send(&packet)?;
    let before = before_controls(&mut tunnel, Carrier::BindingUpdate)?;
    bench.check(match before.first() {
        Some(TunnelAnswer::BindingError(UNRECOGNISED)) => Ok(Pass::Clean),
        other => Err(Finding::fails(
            "Binding Error, status 2",
            other.map_or_else(|| "nothing".to_owned(), TunnelAnswer::describe),
        )),
    })
}

/// The reply to the other MN shows that it is still where it was.
fn home_address_of_another_mn(bench: &mut Bench<'_>) -> Outcome {
    let lease = bench
        .setup()
        .identities
        .lease_other(bench.identity())
        .ok_or(Finding::Inconclusive(Because::Needs("a second identity that no other case uses")))?;
    let mut own = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let mut aside = Bench::new(bench.setup(), lease.identity, "home-address-of-another-mn");
    let mut other = aside.bound_tunnel(Carrier::ProtectedEcho)?;
    let mut theft = own.binding_update();
    theft.binding(|binding| {
        binding.home_option = Some(other.home);
        binding.checksum_home = other.home;
    });
    let sent = own.send(&theft)?;
    let before = before_controls(&mut own, Carrier::BindingUpdate)?;
    let accepted = |answer: &&TunnelAnswer| matches!(answer, TunnelAnswer::Acknowledgement(ack) if ack.status.accepted());
    bench.check(before.iter().find(accepted).map_or(Ok(()), |answer| {
        Err(Finding::fails("the Binding Update refused or silently discarded", answer.describe())
            .with_octets("datagram sent", &sent))
    }))?;
    accepts(bench, &mut other, PacketFault::protected(|_| {}))
}

fn deregistered_twice(bench: &mut Bench<'_>, is_right: fn(BindingStatus) -> bool) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let (_, first) = tunnel
        .register(Lifetime::ZERO)?
        .map_err(|instead| Finding::Inconclusive(Because::ControlUnanswered(instead)))?;
    if !first.status.accepted() {
        let observed = TunnelAnswer::Acknowledgement(first).describe();
        return Err(Finding::Inconclusive(Because::ControlUnanswered(observed)));
    }
    let second = tunnel.register(Lifetime::ZERO)?;
    let outcome = match second {
        Ok((_, ack)) if is_right(ack.status) => Ok(Pass::Clean),
        Ok((_, ack)) => Err(Finding::fails(
            "a refusal, status 133: there is no binding any more",
            TunnelAnswer::Acknowledgement(ack).describe(),
        )),
        Err(instead) => Err(Finding::fails("a refusal, status 133: there is no binding any more", instead)),
    };
    bench.check(outcome)?;
    // The SA is still good.
    register(&mut tunnel)?;
    Ok(Pass::Clean)
}

fn ack_layout(stay: &Stay) -> Outcome {
    for (_, opened) in stay.protected() {
        let Ok(chain) = Chain::parse(opened.next_header, &opened.payload) else { continue };
        if chain.protocol != trailer::MOBILITY {
            continue;
        }
        let view = MobilityHeader::new_unchecked(chain.upper);
        let is_ack = view.mh_type() == mobility::BINDING_ACK;
        let fault = if view.payload_proto() != trailer::NO_NEXT {
            "another Payload Proto"
        } else if view.total_len() != chain.upper.len() {
            "a Header Len that does not fit"
        } else if chain.upper.get(RESERVED_AT) != Some(&0) {
            "a reserved octet behind MH Type that is not 0"
        } else if is_ack && chain.upper.get(ACK_RESERVED_AT).is_some_and(|octet| octet & 0x7f != 0) {
            "reserved bits behind flag K that are not 0"
        } else {
            continue;
        };
        return Err(Finding::fails("Payload Proto 59, Header Len as long as the message, reserved 0", fault)
            .with_octets("Mobility Header received", chain.upper));
    }
    Ok(Pass::Clean)
}

const RESERVED_AT: usize = 3;
const ACK_RESERVED_AT: usize = 7;
