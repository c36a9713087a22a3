//! RFC 6618 sections 6.1 to 6.3 with RFC 6275 section 11.7.1, the MN's part: its Binding Updates.

use std::net::{IpAddr, Ipv6Addr};

use wire::mobility::{Lifetime, MobilityHeader};
use wire::packet::PType;
use wire::trailer::{self, Trailer};

use crate::case::Case;
use crate::case::Check::MnSays;
use crate::finding::{Finding, Outcome, Pass};
use crate::player::{HaPlayer, Registration, Visit};

/// Cases of section 6 that judge an MN.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/6.1/mn-number-zero",
        "the first packet of the MN under a new SA has Sequence Number 0",
        &["rfc6618#4.3/sequence-starts-at-zero", "rfc6618#6.1/sequence-state"],
        MnSays(|visit| {
            registration(visit, |r| expect(r.opened.sequence == 0, "Sequence Number 0", r.opened.sequence))
        }),
    )
    .by(&["SQ-01"]),
    Case::must(
        "rfc6618/6.2/mn-ptype-8",
        "Binding Updates come in PType 8",
        &["rfc6618#6.3/ptype-8-is-mobility", "rfc6618#6.2/ptype-spi-word"],
        MnSays(|visit| {
            registration(visit, |r| expect(r.opened.ptype == PType::MOBILITY, "PType 8", r.opened.ptype))
        }),
    )
    .by(&["PK-24"]),
    Case::must(
        "rfc6618/6.2/mn-granted-spi",
        "Binding Updates carry the SPI that was granted",
        &["rfc6618#6.1/mobility-messages-spi-not-zero", "rfc6618#6.1/one-spi"],
        MnSays(|visit| {
            let need = visit.grant.sa.spi;
            registration(visit, |r| expect(r.opened.spi == need, format!("SPI {need}"), r.opened.spi))
        }),
    )
    .by(&["PK-09"]),
    Case::must(
        "rfc6618/6.3/mn-protected",
        "the first packet to the HA is a Binding Update, protected with the keys that were granted",
        &[
            "rfc6618#6.1/mobility-messages-protected",
            "rfc6618#6.3/integrity-cover",
            "rfc6275#11.7.1/mn-registers",
            "rfc6275#6.1.7/layout",
        ],
        MnSays(|visit| registration(visit, |_| Ok(Pass::Clean))),
    )
    .by(&["PK-13", "PK-24"]),
    Case::must(
        "rfc6618/6.3/mn-padding-sent",
        "padding of Binding Updates is 1, 2, 3 and so on",
        &["rfc4303#2.4/padding-counts-from-one", "rfc6618#6.3/trailer-as-esp"],
        MnSays(|visit| registration(visit, padding_sent)),
    )
    .by(&["PK-15"]),
    Case::must(
        "rfc6618/6.3/mn-next-header",
        "Next Header of a Binding Update names the extension header before it",
        &["rfc6618#6.3/next-header-is-first", "rfc6618#6.3/no-inner-ip-header"],
        MnSays(|visit| {
            registration(visit, |r| {
                expect(r.opened.next_header == trailer::DEST_OPTIONS, "Next Header 60", r.opened.next_header)
            })
        }),
    )
    .by(&["PK-21"]),
    Case::must(
        "rfc6618/6.3/mn-home-address-option",
        "Binding Updates have a Home Address option with the home address that was granted",
        &["rfc6275#11.7.1/home-address-option", "rfc6275#10.3.1/home-address-option-present"],
        MnSays(home_address_option),
    )
    .by(&["PK-25"]),
    Case::must(
        "rfc6618/6.3/mn-checksum",
        "the checksum of a Binding Update covers the home address and the HA's address",
        &["rfc6275#6.1.1/checksum-uses-home-address", "rfc6275#6.1.1/checksum-over-header"],
        MnSays(checksum),
    )
    .by(&["PK-26"]),
    Case::must(
        "rfc6618/6.3/mn-flags",
        "Binding Updates have the flags A and H",
        &["rfc6275#11.7.1/flag-a", "rfc6275#11.7.1/flag-h"],
        MnSays(|visit| {
            registration(visit, |r| {
                let flags = r.update.flags;
                let set = flags.acknowledge && flags.home_registration;
                expect(set, "flags A and H", format!("{flags:?}"))
            })
        }),
    ),
    Case::must(
        "rfc6618/6.3/mn-lifetime",
        "a registration asks for a lifetime other than zero",
        &["rfc6275#11.7.1/lifetime-not-zero"],
        MnSays(|visit| {
            registration(visit, |r| {
                expect(r.update.lifetime > Lifetime::ZERO, "a lifetime above 0", "lifetime 0")
            })
        }),
    ),
    Case::must(
        "rfc6618/6.3/mn-alternate-care-of-address",
        "Binding Updates that come from a global IPv6 address name it in an Alternate Care-of Address option",
        &["rfc6275#11.7.1/alternate-care-of-address", "rfc6275#6.1.7/care-of-address-routable"],
        MnSays(alternate_care_of_address),
    )
    .by(&["PK-27"]),
    Case::should(
        "rfc6618/6.3/mn-payload-proto",
        "nothing follows a Binding Update: its Payload Proto is 59, its reserved octet 0",
        &["rfc6275#6.1.1/payload-proto-none"],
        MnSays(|visit| {
            registration(visit, |r| {
                let octets = (r.header.first().copied(), r.header.get(3).copied());
                expect(octets == (Some(trailer::NO_NEXT), Some(0)), "59 and 0", format!("{octets:?}"))
            })
        }),
    ),
];

/// The Binding Update of the visit, judged.
fn registration(visit: &Visit, judge: impl FnOnce(&Registration) -> Outcome) -> Outcome {
    let ha = HaPlayer::new(visit.grant.clone())?;
    judge(&ha.registration(&visit.registration)?)
        .map_err(|finding| finding.with_octets("datagram received", &visit.registration))
}

pub(super) fn expect(holds: bool, need: impl Into<String>, have: impl ToString) -> Outcome {
    if holds { Ok(Pass::Clean) } else { Err(Finding::fails(need, have.to_string())) }
}

fn padding_sent(registration: &Registration) -> Outcome {
    let opened = &registration.opened;
    let trailer =
        Trailer { payload: &opened.payload, padding: &opened.padding, next_header: opened.next_header };
    expect(
        trailer.padding_fault().is_none(),
        "padding octets 1, 2, 3 and so on",
        format!("{:?}", opened.padding),
    )
}

fn home_address_option(visit: &Visit) -> Outcome {
    registration(visit, |r| {
        let need = visit.grant.bootstrap.ip6_hoa;
        expect(r.home_option == need, format!("{need:?}"), format!("{:?}", r.home_option))
    })
}

fn checksum(visit: &Visit) -> Outcome {
    let ha = HaPlayer::new(visit.grant.clone())?;
    registration(visit, |r| {
        let have = MobilityHeader::new_unchecked(&r.header).checksum();
        expect(
            ha.checksum_is_right(&r.header),
            "a checksum between home address and HA address",
            format!("{have:04x}"),
        )
    })
}

/// C14: over IPv4, and from addresses that no HA may take, the option may be missing.
fn alternate_care_of_address(visit: &Visit) -> Outcome {
    let outer = match visit.registered_from.ip() {
        IpAddr::V6(address) if is_global(address) => Some(address),
        _ => None,
    };
    registration(visit, |r| match (r.update.alternate_coa, outer) {
        (Some(named), Some(outer)) => expect(named == outer, format!("{outer}"), named),
        (None, Some(outer)) => Err(Finding::fails(format!("{outer}"), "no option")),
        (Some(named), None) => expect(is_global(named), "a routable unicast address, or none", named),
        (None, None) => Ok(Pass::Clean),
    })
}

fn is_global(address: Ipv6Addr) -> bool {
    !(address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unicast_link_local()
        || address.to_ipv4_mapped().is_some())
}
