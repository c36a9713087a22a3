//! RFC 6618 section 6.3 with RFC 6275: Binding Updates and Acknowledgements.

use suite::player::{BindingForge, Inner, PacketForge};
use wire::ext_header::Chain;
use wire::mobility::{self, BindingAck, BindingStatus, Lifetime, MobilityHeader};
use wire::packet::PType;
use wire::trailer;

use crate::liar::packet::{Arrival, Departure, acknowledgement, binding_update, put_acknowledgement};
use crate::mutant::Lie::{HaInbound, HaOutbound};
use crate::mutant::Mutant;

/// Lies about registration.
pub(super) const LIES: &[Mutant] = &[
    Mutant::ha(
        "ha/no-checksum-check",
        "does not check the checksum of a Mobility Header",
        HaInbound(|arrival| {
            if let Some((forge, binding)) = arrival.update() {
                arrival.put_update(forge, binding);
            }
        }),
        &["rfc6618/6.3/checksum-wrong", "rfc6618/6.3/checksum-over-care-of-address"],
    ),
    Mutant::ha(
        "ha/any-header-len",
        "takes a Mobility Header that is longer than its packet for the one before",
        HaInbound(|arrival| {
            let too_long = |header: &[u8]| MobilityHeader::new_unchecked(header).total_len() > header.len();
            if header_of(arrival).is_some_and(|header| too_long(&header)) {
                arrival.take_for_the_last();
            }
        }),
        &["rfc6618/6.3/header-too-long"],
    ),
    Mutant::ha(
        "ha/any-mobility-type",
        "takes every Mobility Header for a Binding Update",
        HaInbound(|arrival| change_header(arrival, |view| view.set_mh_type(mobility::BINDING_UPDATE))),
        &[
            "rfc6618/6.3/refresh-request-to-the-ha",
            "rfc6618/6.3/acknowledgement-to-the-ha",
            "rfc6618/6.3/binding-error-to-the-ha",
            "rfc6618/6.3/home-test-init-to-the-ha",
            "rfc6618/6.3/unknown-mobility-type",
        ],
    ),
    Mutant::ha(
        "ha/refuses-unknown-options",
        "drops a Binding Update with an option that it does not know",
        HaInbound(|arrival| {
            let longest = 32;
            if header_of(arrival).is_some_and(|header| header.len() > longest) {
                arrival.discard();
            }
        }),
        &["rfc6618/6.3/padding-options", "rfc6618/6.3/unknown-option"],
    ),
    Mutant::ha(
        "ha/refuses-reserved-bits",
        "drops a Mobility Header whose reserved octet is not 0",
        HaInbound(|arrival| {
            if header_of(arrival).is_some_and(|header| header.get(3).is_some_and(|octet| *octet != 0)) {
                arrival.discard();
            }
        }),
        &["rfc6618/6.3/reserved-bits"],
    ),
    Mutant::ha(
        "ha/any-care-of-address",
        "registers a multicast care-of address",
        HaInbound(|arrival| {
            change_update(arrival, |binding, _| {
                if binding.update.alternate_coa.is_some_and(|address| address.is_multicast()) {
                    binding.update.alternate_coa = None;
                }
            });
        }),
        &["rfc6618/6.3/multicast-care-of-address"],
    ),
    Mutant::ha(
        "ha/home-address-is-known-anyway",
        "takes a Binding Update without Home Address option",
        HaInbound(|arrival| {
            let home = arrival.tunnel().map(|tunnel| tunnel.home());
            change_update(arrival, |binding, _| binding.home_option = binding.home_option.or(home));
        }),
        &["rfc6618/6.3/without-home-address-option"],
    ),
    Mutant::ha(
        "ha/any-home-address",
        "registers under an SA whatever home address is named",
        HaInbound(|arrival| {
            let home = arrival.tunnel().map(|tunnel| tunnel.home());
            change_update(arrival, |binding, _| {
                if let (Some(_), Some(home)) = (binding.home_option, home) {
                    binding.home_option = Some(home);
                    binding.checksum_home = home;
                }
            });
        }),
        &[
            "rfc6618/6.3/home-address-of-another-mn",
            "rfc6618/6.3/home-address-of-a-neighbour",
            "rfc6618/6.3/home-address-of-another-network",
        ],
    ),
    Mutant::ha(
        "ha/acknowledges-on-request-only",
        "acknowledges only where flag A is set",
        HaInbound(|arrival| {
            if arrival.update().is_some_and(|(_, binding)| !binding.update.flags.acknowledge) {
                arrival.discard();
            }
        }),
        &["rfc6618/6.3/without-flag-a"],
    ),
    Mutant::ha(
        "ha/any-binding-number",
        "does not compare the numbers of Binding Updates",
        HaInbound(|arrival| {
            change_update(arrival, |binding, last| {
                if ahead(binding, last).is_none_or(|ahead| ahead >= 0x8000 || ahead == 0) {
                    binding.update.sequence = last.map_or(0, |last| last.update.sequence.wrapping_add(1));
                }
            });
        }),
        &["rfc6618/6.3/old-binding-number", "rfc6618/6.3/same-binding-number"],
    ),
    Mutant::ha(
        "ha/drops-old-binding-numbers",
        "drops a Binding Update with an old number where status 135 is due",
        HaInbound(|arrival| {
            let old = last_update(arrival)
                .zip(arrival.update())
                .and_then(|(last, (_, binding))| ahead(&binding, Some(&last)))
                .is_some_and(|ahead| ahead >= 0x8000);
            if old {
                arrival.discard();
            }
        }),
        &["rfc6618/6.3/old-binding-number-answered"],
    ),
    Mutant::ha(
        "ha/small-steps-only",
        "drops a Binding Update whose number is far ahead",
        HaInbound(|arrival| {
            let far = last_update(arrival)
                .zip(arrival.update())
                .and_then(|(last, (_, binding))| ahead(&binding, Some(&last)))
                .is_some_and(|ahead| (0x4000..0x8000).contains(&ahead));
            if far {
                arrival.discard();
            }
        }),
        &["rfc6618/6.3/binding-number-modulo"],
    ),
    Mutant::ha(
        "ha/binds-for-ever",
        "takes lifetime 0 for a lifetime of ten minutes",
        HaInbound(|arrival| {
            change_update(arrival, |binding, _| {
                if binding.update.lifetime == Lifetime::ZERO {
                    binding.update.lifetime = Lifetime(150);
                }
            });
        }),
        &[
            "rfc6618/6.3/deregistered-twice",
            "rfc6618/6.3/deregistered",
            "rfc6618/6.3/deregistered-gets-no-data",
            "rfc6618/6.3/deregistered-gets-no-plain-data",
        ],
    ),
    // What it sends.
    Mutant::ha(
        "ha/acknowledges-in-ptype-1",
        "sends acknowledgements in PType 1",
        HaOutbound(|packet, _| {
            if packet.ptype == PType::MOBILITY {
                packet.ptype = PType::PROTECTED;
            }
        }),
        &["rfc6618/6.3/ack-of-ptype-8"],
    ),
    Mutant::ha(
        "ha/acknowledges-in-the-clear",
        "sends acknowledgements without protection",
        HaOutbound(|packet, _| {
            if packet.ptype == PType::MOBILITY {
                packet.in_the_clear();
            }
        }),
        &[crate::mutant::SANITY],
    ),
    Mutant::ha(
        "ha/wrong-checksum",
        "sends acknowledgements with a wrong checksum",
        HaOutbound(|packet, _| {
            if let Inner::Octets(trailer::MOBILITY, header) = &mut packet.inner {
                let mut view = MobilityHeader::new_unchecked(header);
                view.set_checksum(view.checksum().wrapping_add(1));
            }
        }),
        &["rfc6618/6.3/ack-checksum"],
    ),
    Mutant::ha(
        "ha/acknowledges-the-next-number",
        "acknowledges another number than the Binding Update has",
        HaOutbound(|packet, departure| {
            change_ack(packet, departure, |ack| ack.sequence = ack.sequence.wrapping_add(1));
        }),
        &["rfc6618/6.3/ack-repeats-the-number"],
    ),
    Mutant::ha(
        "ha/status-unknown",
        "accepts with a status that does not exist",
        HaOutbound(|packet, departure| {
            change_ack(packet, departure, |ack| {
                if ack.status == BindingStatus::ACCEPTED {
                    ack.status = BindingStatus(77);
                }
            });
        }),
        &["rfc6618/6.3/ack-status"],
    ),
    Mutant::ha(
        "ha/grants-longer",
        "grants a longer lifetime than was asked for",
        HaOutbound(|packet, departure| {
            change_ack(packet, departure, |ack| {
                if ack.lifetime > Lifetime::ZERO {
                    ack.lifetime.0 += 1;
                }
            });
        }),
        &["rfc6618/6.3/shortest-lifetime", "rfc6618/6.3/lifetime-within-the-sa", "rfc6618/6.3/ack-lifetime"],
    ),
    Mutant::ha(
        "ha/late-refresh-advice",
        "advises a refresh when the binding has ended",
        HaOutbound(|packet, departure| {
            change_ack(packet, departure, |ack| {
                if ack.lifetime > Lifetime::ZERO {
                    ack.refresh_advice = Some(ack.lifetime.0);
                }
            });
        }),
        &["rfc6618/6.3/refresh-advice"],
    ),
    Mutant::ha(
        "ha/lifetime-of-no-binding",
        "acknowledges a de-registration with a lifetime",
        HaOutbound(|packet, departure| {
            change_ack(packet, departure, |ack| {
                if ack.status == BindingStatus::ACCEPTED && ack.lifetime == Lifetime::ZERO {
                    ack.lifetime = Lifetime(1);
                }
            });
        }),
        &["rfc6618/6.3/deregistered"],
    ),
];

/// The Mobility Header in a good packet.
fn header_of(arrival: &Arrival<'_>) -> Option<Vec<u8>> {
    let (next_header, octets) = arrival.good()?.inner.octets();
    let chain = Chain::parse(next_header, &octets).ok()?;
    (chain.protocol == trailer::MOBILITY).then(|| chain.upper.to_vec())
}

/// Changes the Mobility Header in a good packet, behind whatever is before it, and makes its checksum right.
pub(super) fn change_header(arrival: &mut Arrival<'_>, change: fn(&mut MobilityHeader<&mut Vec<u8>>)) {
    let (Some(mut forge), Some(mut header)) = (arrival.good(), header_of(arrival)) else { return };
    let Some(ends) = arrival.tunnel().map(|tunnel| (tunnel.home(), tunnel.agent())) else { return };
    let (next_header, octets) = forge.inner.octets();
    let before = octets.len() - header.len();
    let mut view = MobilityHeader::new_unchecked(&mut header);
    change(&mut view);
    view.fill_checksum(ends.0, ends.1);
    forge.inner = Inner::Octets(next_header, [octets.get(..before).unwrap_or_default(), &header].concat());
    arrival.put(&forge);
}

/// Changes a Binding Update, given the one before; one that does not change stays as it is.
fn change_update(arrival: &mut Arrival<'_>, change: impl FnOnce(&mut BindingForge, Option<&BindingForge>)) {
    let last = last_update(arrival);
    let Some((forge, mut binding)) = arrival.update() else { return };
    let before = (binding.home_option, binding.checksum_home, binding.update);
    change(&mut binding, last.as_ref());
    if before != (binding.home_option, binding.checksum_home, binding.update) {
        arrival.put_update(forge, binding);
    }
}

/// The newest good Binding Update before this packet.
fn last_update(arrival: &mut Arrival<'_>) -> Option<BindingForge> {
    let tunnel = arrival.tunnel()?;
    binding_update(tunnel.notes.last.as_ref()?, tunnel)
}

/// How far the number of a Binding Update is ahead of the one before, modulo 2^16.
fn ahead(binding: &BindingForge, last: Option<&BindingForge>) -> Option<u16> {
    Some(binding.update.sequence.wrapping_sub(last?.update.sequence))
}

/// Changes a Binding Acknowledgement; other packets stay as they are.
fn change_ack(packet: &mut PacketForge, departure: &Departure<'_>, change: fn(&mut BindingAck)) {
    if let Some(mut ack) = acknowledgement(packet) {
        change(&mut ack);
        put_acknowledgement(packet, &ack, departure.tunnel);
    }
}
