//! RFC 6618 sections 4.3, 6.1 and 6.3: an HA that reads Binding Updates too kindly, or forgets how things end.

use std::net::Ipv6Addr;

use suite::player::{IcvForge, Inner, PacketForge};
use wire::ext_header::Chain;
use wire::mobility::{BindingStatus, BindingUpdate, MobilityHeader};
use wire::packet::{ICV_LEN, PType};
use wire::trailer;
use wire::value::Date;

use crate::liar::packet::{Arrival, Departure, acknowledgement};
use crate::mutant::Lie::{HaClockStands, HaInbound, HaInstall, HaOutbound};
use crate::mutant::Mutant;

/// Lies about Binding Updates and ends.
pub(super) const LIES: &[Mutant] = &[
    Mutant::ha(
        "ha/takes-broken-chains",
        "takes a packet whose extension headers are broken, or lead elsewhere, for the one before",
        HaInbound(|arrival| {
            let is_broken = |forge: &PacketForge| {
                let (next_header, octets) = forge.inner.octets();
                let starts_well = next_header == trailer::DEST_OPTIONS || next_header == trailer::ROUTING;
                starts_well
                    && !Chain::parse(next_header, &octets)
                        .is_ok_and(|chain| chain.protocol == trailer::MOBILITY)
            };
            signal_for_the_last(arrival, is_broken);
        }),
        &[
            "rfc6618/6.3/extension-header-too-long",
            "rfc6618/6.3/routing-header-with-segments",
            "rfc6618/6.3/unskippable-destination-option",
            "rfc6618/6.3/chain-ends-elsewhere",
        ],
    ),
    Mutant::ha(
        "ha/takes-broken-updates",
        "takes a Binding Update that does not parse for the one before",
        HaInbound(|arrival| {
            let is_broken = |forge: &PacketForge| {
                let (next_header, octets) = forge.inner.octets();
                Chain::parse(next_header, &octets).is_ok_and(|chain| {
                    let view = MobilityHeader::new_unchecked(chain.upper);
                    chain.protocol == trailer::MOBILITY
                        && view.mh_type() == wire::mobility::BINDING_UPDATE
                        && BindingUpdate::parse(chain.upper).is_err()
                })
            };
            signal_for_the_last(arrival, is_broken);
        }),
        &["rfc6618/6.3/header-too-short", "rfc6618/6.3/option-too-long", "rfc6618/6.3/payload-proto"],
    ),
    Mutant::ha(
        "ha/any-alternate-care-of-address",
        "takes any address for a care-of address",
        HaInbound(|arrival| {
            if let Some((forge, mut binding)) = arrival.update() {
                binding.update.alternate_coa = Some(Ipv6Addr::new(0x2001, 0xdb8, 0xc0a, 0, 0, 0, 0, 9));
                arrival.put_update(forge, binding);
            }
        }),
        &[
            "rfc6618/6.3/unspecified-care-of-address",
            "rfc6618/6.3/loopback-care-of-address",
            "rfc6618/6.3/link-local-care-of-address",
        ],
    ),
    Mutant::ha(
        "ha/registers-without-flag-h",
        "takes every Binding Update for a home registration",
        HaInbound(|arrival| {
            if let Some((forge, mut binding)) = arrival.update() {
                binding.update.flags.home_registration = true;
                arrival.put_update(forge, binding);
            }
        }),
        &["rfc6618/6.3/without-flag-h"],
    ),
    Mutant::ha(
        "ha/refuses-long-lifetimes",
        "drops a Binding Update for the longest lifetime",
        HaInbound(|arrival| {
            if arrival.update().is_some_and(|(_, binding)| binding.update.lifetime.0 == u16::MAX) {
                arrival.discard();
            }
        }),
        &["rfc6618/6.3/longest-lifetime"],
    ),
    Mutant::ha(
        "ha/refuses-destination-options",
        "drops a packet with more destination options than the one for the home address",
        HaInbound(|arrival| {
            let has_more = |forge: PacketForge| {
                let (next_header, octets) = forge.inner.octets();
                next_header == trailer::DEST_OPTIONS && octets.get(1) != Some(&2)
            };
            if arrival.good().is_some_and(has_more) {
                arrival.discard();
            }
        }),
        &["rfc6618/6.3/unknown-destination-option"],
    ),
    Mutant::ha(
        "ha/reserved-octet-set",
        "sends Mobility Headers with a reserved octet that is not 0",
        HaOutbound(|packet, departure| {
            mobility_header(packet, departure, |header| {
                if let Some(octet) = header.get_mut(RESERVED_AT) {
                    *octet = 1;
                }
            });
        }),
        &["rfc6618/6.3/ack-layout"],
    ),
    // Numbers.
    Mutant::ha(
        "ha/last-number-is-reserved",
        "drops the packet with the last Sequence Number",
        HaInbound(|arrival| {
            if arrival.view().sequence() == u32::MAX {
                arrival.discard();
            }
        }),
        &["rfc6618/6.1/last-number"],
    ),
    // Ways back, and keys.
    Mutant::ha(
        "ha/moves-with-any-update",
        "sends to wherever the last packet of PType 8 under the SPI came from, good or bad",
        HaOutbound(|_, departure| {
            departure.to = departure.tunnel.notes.signal_source.unwrap_or(departure.to);
        }),
        &[
            "rfc6618/6.1/replayed-from-elsewhere",
            "rfc6618/6.1/forged-from-elsewhere",
            "rfc6618/6.1/refused-from-elsewhere",
        ],
    ),
    Mutant::ha(
        "ha/moves-with-anything",
        "sends to wherever the last datagram under the SPI came from, good or bad",
        HaOutbound(|_, departure| departure.to = departure.tunnel.notes.source.unwrap_or(departure.to)),
        &["rfc6618/6.1/data-from-elsewhere"],
    ),
    Mutant::ha(
        "ha/tries-every-key",
        "opens a packet with the keys of any SA, whatever its SPI",
        HaInbound(|arrival| {
            if arrival.good().is_some() {
                return;
            }
            let spis: Vec<u32> = arrival.tunnels.keys().copied().collect();
            let opened = spis.into_iter().find_map(|spi| {
                let contents = arrival.contents_under(spi).filter(|contents| contents.icv_is_right)?;
                Some(PacketForge { spi, ..contents.forge })
            });
            if let Some(forge) = opened {
                arrival.put(&forge);
            }
        }),
        &["rfc6618/4.3/old-keys-under-the-new-spi", "rfc6618/6.2/spi-of-another-mn"],
    ),
    // Ends.
    Mutant::ha(
        "ha/no-validity-end",
        "uses an SA for ever",
        HaInstall(|association| association.validity_end = Date::from_unix_seconds(4_000_000_000)),
        &[
            "rfc6618/6.2/ended-spi-under-scope-0",
            "rfc6618/6.2/ended-spi-under-scope-1",
            "rfc6618/6.3/sa-ends",
            "rfc6618/6.3/reinit-near-the-end",
        ],
    ),
    Mutant::ha(
        "ha/clock-stands",
        "has a clock that stands, so that nothing ends while it runs",
        HaClockStands,
        &["rfc6618/6.3/binding-ends", "rfc6618/6.3/binding-ends-for-plain-data", "rfc6618/6.3/sa-ends"],
    ),
    Mutant::ha(
        "ha/never-asks-for-a-new-sa",
        "accepts registrations to the last number of an SA and to its end",
        HaOutbound(|packet, departure| {
            let reinit = BindingStatus::REINIT_SA_WITH_HAC;
            if let Some(mut ack) = acknowledgement(packet).filter(|ack| ack.status == reinit) {
                ack.status = BindingStatus::ACCEPTED;
                ack.lifetime = wire::mobility::Lifetime(1);
                crate::liar::packet::put_acknowledgement(packet, &ack, departure.tunnel);
            }
        }),
        &["rfc6618/6.1/reinit-near-the-last-number", "rfc6618/6.3/reinit-near-the-end"],
    ),
    Mutant::ha(
        "ha/gives-the-sa-up-with-176",
        "sends nothing useful under an SA any more once it asked for a new one",
        HaOutbound(|packet, departure| {
            if acknowledgement(packet).is_some_and(|ack| ack.status == BindingStatus::REINIT_SA_WITH_HAC) {
                departure.tunnel.notes.number = Some(1);
            } else if departure.tunnel.notes.number.is_some() {
                packet.icv = IcvForge::Instead(vec![0; ICV_LEN]);
            }
        }),
        &["rfc6618/6.1/reinit-leaves-the-sa"],
    ),
];

const RESERVED_AT: usize = 3;

/// Takes a good packet of PType 8 that is `such` for the good one before it.
fn signal_for_the_last(arrival: &mut Arrival<'_>, such: fn(&PacketForge) -> bool) {
    if arrival.good().is_some_and(|forge| forge.ptype == PType::MOBILITY && such(&forge)) {
        arrival.take_for_the_last();
    }
}

/// Changes a Mobility Header on its way out; the checksum is made anew.
fn mobility_header(packet: &mut PacketForge, departure: &Departure<'_>, change: fn(&mut Vec<u8>)) {
    let (next_header, mut octets) = packet.inner.octets();
    if next_header == trailer::MOBILITY {
        change(&mut octets);
        MobilityHeader::new_unchecked(&mut octets)
            .fill_checksum(departure.tunnel.agent(), departure.tunnel.home());
        packet.inner = Inner::Octets(next_header, octets);
    }
}
