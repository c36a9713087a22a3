//! RFC 6618 section 6.3 with RFC 6275 sections 6.1, 9.5.1, 10.3.1 and 10.3.2: binding messages in PType 8.

use std::net::Ipv6Addr;

use wire::ext_header::Chain;
use wire::mobility::{BindingStatus, Lifetime, MobilityHeader};
use wire::packet::{ICV_LEN, PType};
use wire::trailer::{self, Trailer};
use wire::value::{Ciphersuite, Scope};

use crate::bench::{Bench, register};
use crate::case::Check::{HaAccepts, HaDiscards, HaRejects, HaSays, Script};
use crate::case::{Carrier, Case, PacketFault, Role};
use crate::diagnose::packet::{self, Ends, Slip};
use crate::finding::{Because, Clue, Finding, Outcome, Pass};
use crate::player::{CARE_OF, ChecksumForge, Heard, Stay, TunnelAnswer};

/// Cases of section 6.3 about binding messages.
pub(super) const CASES: &[Case] = &[
    // What the HA takes.
    Case::must(
        "rfc6618/6.3/checksum-wrong",
        "a Binding Update with a wrong checksum vanishes, though its ICV is right",
        &["rfc6275#6.1.1/checksum-over-header", "rfc6275#9.5.1/invalid-discarded"],
        HaDiscards(PacketFault::update(|p| p.binding(|b| b.checksum = ChecksumForge::Wrong))),
    )
    .by(&["PK-26"]),
    Case::must(
        "rfc6618/6.3/checksum-over-care-of-address",
        "a Binding Update whose checksum covers the care-of address and not the home address vanishes",
        &["rfc6275#6.1.1/checksum-uses-home-address", "rfc6275#9.5.1/invalid-discarded"],
        HaDiscards(PacketFault::update(|p| p.binding(|b| b.checksum_home = CARE_OF))),
    )
    .by(&["PK-26"]),
    Case::must(
        "rfc6618/6.3/header-too-long",
        "a Mobility Header that says to be longer than its packet vanishes",
        &["rfc6275#6.1.1/length-in-eight-octets", "rfc6275#9.5.1/invalid-discarded"],
        HaDiscards(PacketFault::update(|p| p.binding(|b| b.header_len = Some(200)))),
    )
    .by(&["PK-32"]),
    Case::must(
        "rfc6618/6.3/unknown-mobility-type",
        "a Mobility Header of unknown type is not taken for a Binding Update",
        &["rfc6275#6.1.1/layout", "rfc6275#10.3.1/authenticated"],
        HaRejects(PacketFault::update(|p| p.binding(|b| b.mh_type = 99))),
    ),
    Case::must(
        "rfc6618/6.3/unknown-option",
        "a mobility option of unknown type is skipped",
        &["rfc6275#6.1.7/unknown-options-skipped", "rfc6275#6.1.1/options-after-fixed-part"],
        HaAccepts(PacketFault::update(|p| p.mobility_header(|header| {
            header.extend_from_slice(&[200, 6, 1, 2, 3, 4, 5, 6]);
            let mut view = MobilityHeader::new_unchecked(header);
            view.set_header_len(view.header_len() + 1);
        }))),
    )
    .by(&["PK-33"]),
    Case::must(
        "rfc6618/6.3/reserved-bits",
        "reserved bits of a Binding Update are ignored",
        &["rfc6275#6.1.7/reserved-zero", "rfc6275#6.1.1/reserved-zero"],
        HaAccepts(PacketFault::update(|p| p.mobility_header(|header| {
            // The octet behind MH Type, and the one flag that nobody has given a meaning.
            header[3] = 0xff;
            header[9] |= 1;
        }))),
    ),
    Case::must(
        "rfc6618/6.3/multicast-care-of-address",
        "a Binding Update with a multicast care-of address vanishes",
        &["rfc6275#6.1.7/bad-care-of-address-discarded", "rfc6275#9.5.1/alternate-care-of-address"],
        HaDiscards(PacketFault::update(|p| p.binding(|b| b.update.alternate_coa = Some(ALL_NODES)))),
    )
    .by(&["PK-27"]),
    Case::must(
        "rfc6618/6.3/without-home-address-option",
        "a Binding Update without Home Address option is not accepted",
        &["rfc6275#10.3.1/home-address-option-present", "rfc6618#6.3/ptype-8-is-mobility"],
        HaRejects(PacketFault::update(|p| p.binding(|b| b.home_option = None))),
    )
    .by(&["PK-25"]),
    Case::must(
        "rfc6618/6.3/home-address-of-a-neighbour",
        "a Binding Update for another address of the same prefix is not accepted: it is not this SA's",
        &["rfc6275#5.1/home-address-matches-sa", "rfc6618#4.5/rfc6275-protection-applies"],
        HaRejects(PacketFault::update(|p| p.binding(|b| {
            let neighbour = Ipv6Addr::from_bits(b.checksum_home.to_bits() ^ 0x4000);
            b.home_option = Some(neighbour);
            b.checksum_home = neighbour;
        }))),
    )
    .by(&["PK-25"]),
    Case::must(
        "rfc6618/6.3/home-address-of-another-network",
        "a Binding Update for an address outside the home prefix is not accepted",
        &["rfc6275#10.3.1/wrong-prefix-rejected", "rfc6275#9.5.1/home-address-option", "rfc6275#5.1/home-address-matches-sa"],
        HaRejects(PacketFault::update(|p| p.binding(|b| {
            b.home_option = Some(FOREIGN);
            b.checksum_home = FOREIGN;
        }))),
    )
    .by(&["PK-25"]),
    Case::must(
        "rfc6618/6.3/without-flag-a",
        "a registration is acknowledged though its flag A is clear",
        &["rfc6275#10.3.1/acknowledged"],
        HaAccepts(PacketFault::update(|p| p.binding(|b| b.update.flags.acknowledge = false))),
    ),
    // Numbers of Binding Updates.
    Case::must(
        "rfc6618/6.3/old-binding-number",
        "a Binding Update with an older sequence number is not accepted",
        &["rfc6275#9.5.1/sequence-greater"],
        HaRejects(PacketFault::update(|p| p.binding(|b| b.update.sequence = b.update.sequence.wrapping_sub(2)))),
    ),
    Case::must(
        "rfc6618/6.3/same-binding-number",
        "a Binding Update with the sequence number of the last one is not accepted",
        &["rfc6275#9.5.1/sequence-greater"],
        HaRejects(PacketFault::update(|p| p.binding(|b| b.update.sequence = b.update.sequence.wrapping_sub(1)))),
    ),
    Case::must(
        "rfc6618/6.3/old-binding-number-answered",
        "an older sequence number is answered with status 135 and the last good number",
        &["rfc6275#9.5.1/old-sequence-answered-135"],
        Script(Role::Ha, old_binding_number_answered),
    ),
    Case::must(
        "rfc6618/6.3/binding-number-modulo",
        "a Binding Update 32767 numbers ahead is accepted: they are compared modulo 65536",
        &["rfc6275#9.5.1/sequence-modulo"],
        HaAccepts(PacketFault::update(|p| {
            p.binding(|b| b.update.sequence = b.update.sequence.wrapping_add(0x7ffe));
        })),
    ),
    // What the HA says.
    Case::must(
        "rfc6618/6.3/ack-of-ptype-8",
        "Binding Acknowledgements come in PType 8, and Next Header leads to a Mobility Header",
        &["rfc6618#6.3/ptype-8-is-mobility", "rfc6618#6.3/next-header-is-first"],
        HaSays(ack_of_ptype_8),
    )
    .by(&["PK-21", "PK-24"]),
    Case::must(
        "rfc6618/6.3/ack-checksum",
        "the checksum of an acknowledgement covers the HA's address and the home address",
        &["rfc6275#6.1.1/checksum-over-header", "rfc6275#6.1.1/checksum-next-header-135", "rfc6275#6.1.1/checksum-length"],
        HaSays(ack_checksum),
    )
    .by(&["PK-26"]),
    Case::must(
        "rfc6618/6.3/ack-repeats-the-number",
        "an acknowledgement repeats the sequence number of its Binding Update",
        &["rfc6275#10.3.1/sequence-copied", "rfc6275#6.1.8/sequence-copied", "rfc6275#6.1.8/layout", "rfc6275#6.1.7/sequence-matches-answer"],
        HaSays(ack_repeats_the_number),
    ),
    Case::must(
        "rfc6618/6.3/ack-status",
        "an accepted registration has status 0, or 1 when the prefix is about to end",
        &["rfc6275#10.3.1/status-success", "rfc6275#6.1.8/status-below-128-accepts", "rfc6275#10.3.1/status-zero"],
        HaSays(ack_status),
    ),
    Case::must(
        "rfc6618/6.3/ack-lifetime",
        "the lifetime granted is not 0, and not longer than the one asked for",
        &["rfc6275#10.3.1/lifetime-not-longer", "rfc6275#6.1.7/lifetime-unit"],
        HaSays(ack_lifetime),
    ),
    Case::must(
        "rfc6618/6.3/refresh-advice",
        "a refresh interval in an acknowledgement is shorter than the lifetime",
        &["rfc6275#10.3.1/refresh-less-than-lifetime"],
        HaSays(refresh_advice),
    ),
    Case::must(
        "rfc6618/6.3/padding-sent",
        "padding of the HA's packets is 1, 2, 3 and so on",
        &["rfc4303#2.4/padding-counts-from-one", "rfc6618#6.3/trailer-as-esp"],
        HaSays(padding_sent),
    )
    .by(&["PK-15"]),
    Case::must(
        "rfc6618/6.3/ivs-of-aes",
        "the IVs of the HA under AES-CBC are fresh: none repeated, counted or taken from the packet before",
        &["rfc6618#6.3/confidentiality-cover"],
        Script(Role::Ha, |bench| fresh_ivs(bench, &[Ciphersuite::Aes128Sha, Ciphersuite::Aes128Sha256])),
    )
    .by(&["PK-12"]),
    Case::must(
        "rfc6618/6.3/ivs-of-3des",
        "the IVs of the HA under TripleDES-CBC are fresh: none repeated, counted or taken from the packet before",
        &["rfc6618#6.3/confidentiality-cover"],
        Script(Role::Ha, |bench| fresh_ivs(bench, &[Ciphersuite::TripleDesSha])),
    )
    .by(&["PK-12"]),
    // De-registration.
    Case::must(
        "rfc6618/6.3/deregistered",
        "lifetime 0 is acknowledged with status 0 and lifetime 0, without refresh advice",
        &[
            "rfc6275#6.1.7/lifetime-zero-deletes",
            "rfc6275#10.3.2/acknowledged",
            "rfc6275#10.3.2/status-zero",
            "rfc6275#10.3.2/lifetime-zero",
            "rfc6275#10.3.2/sequence-copied",
            "rfc6275#10.3.2/no-refresh-advice",
        ],
        Script(Role::Ha, deregistered),
    ),
    Case::must(
        "rfc6618/6.3/deregistered-gets-no-data",
        "after a de-registration an echo request is not answered through the tunnel",
        &["rfc6275#6.1.7/lifetime-zero-deletes", "rfc6275#10.4.5/tunnel-source-checked"],
        Script(Role::Ha, |bench| deregistered_gets_no_data(bench, Carrier::ProtectedEcho)),
    ),
    Case::must(
        "rfc6618/6.3/deregistered-gets-no-plain-data",
        "after a de-registration a plain echo request is not answered through the tunnel",
        &["rfc6275#6.1.7/lifetime-zero-deletes", "rfc6618#6.4/ptype-0-is-plain-data"],
        Script(Role::Ha, |bench| deregistered_gets_no_data(bench, Carrier::PlainEcho)),
    )
    .by(&["PK-07"]),
];

const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
/// No home network: documentation space that nothing here uses.
const FOREIGN: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xf0e1, 0x9, 0, 0, 0, 1);

fn old_binding_number_answered(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let mut old = tunnel.binding_update();
    let mut last = 0;
    old.binding(|binding| {
        last = binding.update.sequence.wrapping_sub(1);
        binding.update.sequence = last.wrapping_sub(1);
    });
    tunnel.send(&old)?;
    bench.check(match tunnel.acknowledgement() {
        Ok(ack) if ack.status == BindingStatus::SEQUENCE_OUT_OF_WINDOW && ack.sequence == last => {
            Ok(Pass::Clean)
        }
        other => Err(Finding::fails(
            format!("Binding Acknowledgement, status 135, sequence {last}"),
            other.map_or_else(|instead| instead, |ack| TunnelAnswer::Acknowledgement(ack).describe()),
        )),
    })
}

fn ack_of_ptype_8(stay: &Stay) -> Outcome {
    for (octets, opened) in stay.protected() {
        let is_mobility = opened.next_header != trailer::IPV6 && opened.next_header != trailer::IPV4;
        if is_mobility && opened.ptype != PType::MOBILITY {
            return Err(Finding::fails("PType 8 around a Mobility Header", opened.ptype.to_string())
                .with_octets("datagram received", octets));
        }
        if !is_mobility && opened.ptype == PType::MOBILITY {
            let observed = format!("Next Header {}", opened.next_header);
            return Err(Finding::fails("a Next Header of PType 8 that leads to a Mobility Header", observed)
                .with_octets("datagram received", octets));
        }
    }
    Ok(Pass::Clean)
}

fn ack_checksum(stay: &Stay) -> Outcome {
    let named = stay.registrations.first().and_then(|(update, _)| update.alternate_coa);
    let ends = Ends { ha: stay.ha, home: stay.home, care_of: named.unwrap_or(CARE_OF) };
    for (_, opened) in stay.protected() {
        let Ok(chain) = Chain::parse(opened.next_header, &opened.payload) else { continue };
        let view = MobilityHeader::new_unchecked(chain.upper);
        if chain.protocol == trailer::MOBILITY && !view.verify(stay.ha, stay.home) {
            let right = wire::mobility::checksum(stay.ha, stay.home, view.header());
            return Err(Finding::fails(
                format!("checksum {right:04x}, between {} and {}", stay.ha, stay.home),
                format!("{:04x}", view.checksum()),
            )
            .with_octets("Mobility Header received", view.header())
            .with_clues(&clue_of(packet::wrong_checksum(view.header(), ends))));
        }
    }
    Ok(Pass::Clean)
}

fn clue_of(slip: Option<&Slip>) -> Vec<Clue> {
    slip.map(Slip::clue).into_iter().collect()
}

fn ack_repeats_the_number(stay: &Stay) -> Outcome {
    match stay.registrations.iter().find(|(update, ack)| update.sequence != ack.sequence) {
        None => Ok(Pass::Clean),
        Some((update, ack)) => Err(Finding::fails(
            format!("sequence number {}, as in the Binding Update", update.sequence),
            format!("{}", ack.sequence),
        )),
    }
}

fn ack_status(stay: &Stay) -> Outcome {
    let good = [BindingStatus::ACCEPTED, BindingStatus::ACCEPTED_PREFIX_DISCOVERY];
    match stay.registrations.iter().find(|(_, ack)| !good.contains(&ack.status)) {
        None => Ok(Pass::Clean),
        Some((_, ack)) => Err(Finding::fails("status 0 or 1", ack.status.to_string())),
    }
}

fn ack_lifetime(stay: &Stay) -> Outcome {
    for (update, ack) in &stay.registrations {
        if ack.lifetime == Lifetime::ZERO || ack.lifetime > update.lifetime {
            return Err(Finding::fails(
                format!("1 to {} units of 4 s", update.lifetime.0),
                format!("{} units", ack.lifetime.0),
            ));
        }
    }
    Ok(Pass::Clean)
}

fn refresh_advice(stay: &Stay) -> Outcome {
    match stay.registrations.iter().find(|(_, ack)| ack.refresh_advice.is_some_and(|it| it >= ack.lifetime.0))
    {
        None => Ok(Pass::Clean),
        Some((_, ack)) => Err(Finding::fails(
            format!("a refresh interval below the lifetime of {} units", ack.lifetime.0),
            format!("{:?} units", ack.refresh_advice),
        )),
    }
}

fn padding_sent(stay: &Stay) -> Outcome {
    for (_, opened) in stay.protected() {
        let trailer =
            Trailer { payload: &opened.payload, padding: &opened.padding, next_header: opened.next_header };
        if let Some(at) = trailer.padding_fault() {
            return Err(Finding::fails("padding octets 1, 2, 3 and so on", format!("another octet at {at}"))
                .with_octets("padding, decrypted", &opened.padding)
                .with_clues(&clue_of(packet::padding(&opened.padding))));
        }
    }
    Ok(Pass::Clean)
}

fn fresh_ivs(bench: &mut Bench<'_>, suites: &[Ciphersuite]) -> Outcome {
    let tunnel = bench.tunnel_with(suites, Scope::AllTraffic)?;
    let stay = bench.stay_in(tunnel)?;
    let packets: Vec<(&[u8], &[u8])> = stay.protected().map(|(octets, o)| (octets, &*o.iv)).collect();
    bench.check(packets.iter().enumerate().try_for_each(|(at, (_, iv))| {
        let (before, _) = packets.split_at(at);
        let fault = if before.iter().any(|(_, earlier)| earlier == iv) {
            "an IV for the second time"
        } else if before.last().is_some_and(|(octets, _)| last_block(octets, iv.len()) == *iv) {
            "the last ciphertext block of the packet before as IV"
        } else if before.last().is_some_and(|(_, earlier)| step(earlier, iv) <= 1 << 16) {
            "an IV that counts on from the one before"
        } else {
            return Ok(());
        };
        Err(Finding::fails("an IV that nobody can predict (RFC 3602 section 3, RFC 2451 section 3)", fault)
            .with_octets("IV", iv))
    }))?;
    Ok(Pass::Clean)
}

fn last_block(octets: &[u8], len: usize) -> &[u8] {
    let end = octets.len().saturating_sub(ICV_LEN);
    octets.get(end.saturating_sub(len)..end).unwrap_or_default()
}

/// How far two IVs are apart, as numbers of their last 8 octets, where all octets before are equal.
fn step(one: &[u8], other: &[u8]) -> u64 {
    match (one.split_last_chunk::<8>(), other.split_last_chunk::<8>()) {
        (Some((front, one)), Some((same, other))) if front == same => {
            u64::from_be_bytes(*one).abs_diff(u64::from_be_bytes(*other))
        }
        _ => u64::MAX,
    }
}

fn deregistered(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let expected =
        "Binding Acknowledgement with status 0, lifetime 0, the number of the update, no refresh advice";
    bench.check(match tunnel.register(Lifetime::ZERO)? {
        Ok((update, ack))
            if ack.status == BindingStatus::ACCEPTED
                && ack.lifetime == Lifetime::ZERO
                && ack.sequence == update.sequence
                && ack.refresh_advice.is_none() =>
        {
            Ok(Pass::Clean)
        }
        Ok((_, ack)) => Err(Finding::fails(expected, format!("{ack:?}"))),
        Err(instead) => Err(Finding::fails(expected, instead)),
    })
}

fn deregistered_gets_no_data(bench: &mut Bench<'_>, carrier: Carrier) -> Outcome {
    let mut tunnel = bench.bound_tunnel(carrier)?;
    let unanswered = |what| Finding::Inconclusive(Because::ControlUnanswered(what));
    tunnel.register(Lifetime::ZERO)?.map_err(unanswered)?;
    let (echo, number) = tunnel.next(carrier)?;
    tunnel.send(&echo)?;
    // An answer to this one shows that the echo request was dealt with while nothing was registered.
    tunnel.register(Lifetime::ZERO)?.map_err(unanswered)?;
    register(&mut tunnel)?;
    let control = tunnel.ask(carrier)?;
    if control.answer.is_none() {
        return Err(unanswered(control.describe()));
    }
    let is_answer = |heard: &Heard| heard.echo_reply().is_some_and(|reply| reply.sequence == number);
    let expectation = "no answer to an echo request that came while nothing was registered";
    bench.expect(!tunnel.heard.iter().any(is_answer), || Finding::fails(expectation, "an echo reply"))?;
    Ok(Pass::Clean)
}
