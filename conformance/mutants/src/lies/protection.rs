//! RFC 6618 section 6.3: ICV, IV, padding and Next Header.

use suite::player::Inner;
use wire::ext_header::Chain;
use wire::mobility::MobilityHeader;
use wire::packet::{HEADER_LEN, ICV_LEN, PType};
use wire::trailer::{self, Trailer};

use crate::liar::packet::Arrival;
use crate::mutant::Lie::{HaInbound, HaOutbound};
use crate::mutant::Mutant;

/// Octets of an IPv6 header.
const IP6_HEADER_LEN: usize = 40;
/// Of them, the one that says what follows.
const IP6_NEXT_HEADER_AT: usize = 6;

/// Lies about protection.
pub(super) const LIES: &[Mutant] = &[
    Mutant::ha(
        "ha/no-icv-check",
        "does not compare ICVs",
        HaInbound(|arrival| {
            if arrival.contents().is_some() {
                arrival.fix_icv();
            }
        }),
        &[
            "rfc6618/6.3/next-header-under-icv",
            "rfc6618/6.3/icv-first-octet",
            "rfc6618/6.3/icv-last-octet",
            "rfc6618/6.3/icv-of-zeros",
        ],
    ),
    Mutant::ha(
        "ha/icv-of-zeros",
        "takes twelve zero octets for the absence of an ICV, and that for right",
        HaInbound(|arrival| {
            if arrival.octets.ends_with(&[0; ICV_LEN]) {
                arrival.fix_icv();
            }
        }),
        &["rfc6618/6.3/icv-of-zeros"],
    ),
    Mutant::ha(
        "ha/overlooks-a-turned-bit",
        "takes a packet with one turned bit for the one that it was",
        HaInbound(turn_back),
        &[
            "rfc6618/6.3/every-octet-null-sha",
            "rfc6618/6.3/every-octet-null-sha256",
            "rfc6618/6.3/every-octet-3des-ede-cbc-sha",
            "rfc6618/6.3/every-octet-aes-128-cbc-sha",
            "rfc6618/6.3/every-octet-aes-128-cbc-sha256",
            "rfc6618/6.3/padding-under-icv",
            "rfc6618/6.3/pad-length-under-icv",
            "rfc6618/6.4/spi-under-icv",
            "rfc6618/6.4/iv-under-icv",
            "rfc6618/6.4/padding-under-icv",
            "rfc6618/6.4/trailer-under-icv",
            "rfc6618/6.4/icv-first-octet",
            "rfc6618/6.2/spi-under-icv",
            "rfc6618/6.3/number-under-icv",
            "rfc6618/6.3/iv-under-icv",
            "rfc6618/6.3/payload-under-icv",
            "rfc6618/6.3/trailer-under-icv",
            "rfc6618/6.3/icv-first-octet",
            "rfc6618/6.3/icv-last-octet",
            "rfc6618/6.4/number-under-icv",
            "rfc6618/6.4/payload-under-icv",
            "rfc6618/6.4/icv-last-octet",
        ],
    ),
    Mutant::ha(
        "ha/icv-of-64-bits",
        "takes the first 64 bits of an ICV for the whole of it",
        HaInbound(|arrival| icv_of(arrival, 8)),
        &["rfc6618/6.4/icv-truncated", "rfc6618/6.3/icv-truncated"],
    ),
    Mutant::ha(
        "ha/icv-is-optional",
        "takes a packet without an ICV",
        HaInbound(|arrival| icv_of(arrival, 0)),
        &["rfc6618/6.3/icv-missing", "rfc6618/6.4/icv-missing"],
    ),
    Mutant::ha(
        "ha/nothing-inside",
        "takes a packet without ciphertext for the one before",
        HaInbound(|arrival| {
            if arrival.octets.len() == HEADER_LEN + ICV_LEN {
                arrival.take_for_the_last();
            }
        }),
        &["rfc6618/6.3/nothing-but-header-and-icv"],
    ),
    Mutant::ha(
        "ha/clear-signalling",
        "takes a Binding Update of PType 8 without protection",
        HaInbound(|arrival| {
            if arrival.view().ptype() == PType::MOBILITY {
                clear_signal(arrival, trailer::DEST_OPTIONS, HEADER_LEN);
            }
        }),
        &["rfc6618/6.3/binding-update-in-the-clear"],
    ),
    Mutant::ha(
        "ha/signalling-in-ptype-0",
        "takes a Mobility Header behind eight zero octets",
        HaInbound(|arrival| {
            if arrival.octets.starts_with(&[0; HEADER_LEN]) {
                clear_signal(arrival, trailer::DEST_OPTIONS, HEADER_LEN);
            }
        }),
        &["rfc6618/6.3/binding-update-of-ptype-0"],
    ),
    Mutant::ha(
        "ha/signalling-in-plain-ip",
        "takes a Binding Update in a plain IPv6 packet",
        HaInbound(|arrival| {
            if arrival.octets.starts_with(&[0; HEADER_LEN])
                && let Some(next_header) = arrival.octets.get(HEADER_LEN + IP6_NEXT_HEADER_AT).copied()
            {
                clear_signal(arrival, next_header, HEADER_LEN + IP6_HEADER_LEN);
            }
        }),
        &["rfc6618/6.3/binding-update-inside-plain-data"],
    ),
    Mutant::ha(
        "ha/any-pad-length",
        "takes a packet with too large a Pad Length for the one before",
        HaInbound(|arrival| {
            let padding = |forge: &suite::player::PacketForge| forge.padding.as_ref().map_or(0, Vec::len);
            let too_large = |forge: suite::player::PacketForge| {
                forge.pad_length.is_some_and(|pad_length| usize::from(pad_length) > padding(&forge))
            };
            if arrival.good().is_some_and(too_large) {
                arrival.take_for_the_last();
            }
        }),
        &["rfc6618/6.3/pad-length-too-large", "rfc6618/6.4/pad-length-too-large"],
    ),
    Mutant::ha(
        "ha/any-padding",
        "does not look at padding octets",
        HaInbound(|arrival| {
            let Some(mut forge) = arrival.good() else { return };
            if let (Some(padding), Some(len)) = (&mut forge.padding, forge.pad_length)
                && padding.len() == usize::from(len)
            {
                padding.copy_from_slice(trailer::sequential(len));
                arrival.put(&forge);
            }
        }),
        &["rfc6618/6.3/padding-of-zeros"],
    ),
    Mutant::ha(
        "ha/shortest-padding-only",
        "drops packets with more padding than they need",
        HaInbound(|arrival| {
            if arrival.good().and_then(|forge| forge.pad_length).is_some_and(|len| len >= 16) {
                arrival.discard();
            }
        }),
        &["rfc6618/6.3/longer-padding", "rfc6618/6.3/longest-padding", "rfc6618/6.4/longest-padding"],
    ),
    Mutant::ha(
        "ha/broken-blocks",
        "takes a packet that ends within a block for the one before",
        HaInbound(|arrival| {
            let octets = arrival.octets.len();
            let latest = arrival.latest;
            let of_the_latest = arrival.view().spi() == latest;
            let broken = arrival.tunnels.get(&latest).is_some_and(|tunnel| !tunnel.is_whole(octets));
            if of_the_latest && broken && octets > HEADER_LEN + ICV_LEN {
                arrival.take_for_the_last();
            }
        }),
        &[
            "rfc6618/6.4/misaligned-ciphertext",
            "rfc6618/6.3/misaligned-ciphertext",
            "rfc6618/6.3/misaligned-under-null",
        ],
    ),
    Mutant::ha(
        "ha/takes-dummies",
        "takes a dummy packet for what is in it",
        HaInbound(|arrival| next_header_is_option(arrival, &[trailer::NO_NEXT])),
        &["rfc6618/6.3/dummy"],
    ),
    Mutant::ha(
        "ha/any-next-header",
        "takes PType 8 for a Home Address option and a Binding Update whatever Next Header says",
        HaInbound(|arrival| {
            next_header_is_option(arrival, &[trailer::IPV6, trailer::IPV4, trailer::MOBILITY]);
        }),
        &[
            "rfc6618/6.3/next-header-ipv6",
            "rfc6618/6.3/next-header-ipv4",
            "rfc6618/6.3/next-header-skips-the-option",
        ],
    ),
    // What it sends.
    Mutant::ha(
        "ha/pads-with-zeros",
        "pads with zeros",
        HaOutbound(|packet, _| packet.padding.iter_mut().flatten().for_each(|octet| *octet = 0)),
        &["rfc6618/6.3/padding-sent"],
    ),
    Mutant::ha(
        "ha/same-iv-every-time",
        "uses the same IV for every packet",
        HaOutbound(|packet, _| packet.iv.fill(0x5a)),
        &["rfc6618/6.3/ivs-of-aes", "rfc6618/6.3/ivs-of-3des"],
    ),
    Mutant::ha(
        "ha/iv-counts",
        "counts its IVs",
        HaOutbound(|packet, _| {
            let sequence = packet.sequence.to_be_bytes();
            packet.iv.fill(0);
            packet.iv.iter_mut().rev().zip(sequence.into_iter().rev()).for_each(|(to, from)| *to = from);
        }),
        &["rfc6618/6.3/ivs-of-aes", "rfc6618/6.3/ivs-of-3des"],
    ),
];

/// Turns the lowest bit of one octet back, if that makes the ICV right.
pub(super) fn turn_back(arrival: &mut Arrival<'_>) {
    if arrival.good().is_some() {
        return;
    }
    for at in 0..arrival.octets.len() {
        let turn = |arrival: &mut Arrival<'_>| {
            if let Some(octet) = arrival.octets.get_mut(at) {
                *octet ^= 1;
            }
        };
        turn(arrival);
        if arrival.good().is_some() {
            return;
        }
        turn(arrival);
    }
}

/// Completes an ICV of which only so many octets came, if they are right and the packet is a whole one.
fn icv_of(arrival: &mut Arrival<'_>, octets: usize) {
    if arrival.good().is_some() {
        return;
    }
    let Some((covered, came)) =
        arrival.octets.len().checked_sub(octets).and_then(|at| arrival.octets.split_at_checked(at))
    else {
        return;
    };
    let Some(right) = arrival.icv(covered).filter(|right| right.starts_with(came)) else { return };
    let whole = [covered, &right].concat();
    let as_it_came = core::mem::replace(&mut arrival.octets, whole);
    let makes_sense = arrival.good().is_some_and(|forge| {
        let (padding, next_header) = (forge.padding.unwrap_or_default(), forge.inner.octets().0);
        Trailer { payload: &[], padding: &padding, next_header }.padding_fault().is_none()
            && forge.pad_length.map(usize::from) == Some(padding.len())
    });
    if !makes_sense {
        arrival.octets = as_it_came;
    }
}

/// Takes a Mobility Header in the clear, with what is before it, from that offset, for a protected one.
pub(super) fn clear_signal(arrival: &mut Arrival<'_>, next_header: u8, at: usize) {
    let Some(octets) = arrival.octets.get(at..).map(<[u8]>::to_vec) else { return };
    let is_signal = Chain::parse(next_header, &octets).is_ok_and(|chain| {
        chain.protocol == trailer::MOBILITY && MobilityHeader::new_checked(chain.upper).is_ok()
    });
    if is_signal {
        arrival.put_contents(arrival.latest, PType::MOBILITY, next_header, &octets);
    }
}

/// Takes the payload of a good packet of PType 8 for a chain that starts with a Home Address option.
fn next_header_is_option(arrival: &mut Arrival<'_>, such: &[u8]) {
    let Some(mut forge) = arrival.good() else { return };
    let (next_header, octets) = forge.inner.octets();
    let is_chain =
        Chain::parse(trailer::DEST_OPTIONS, &octets).is_ok_and(|chain| chain.home_address.is_some());
    if forge.ptype == PType::MOBILITY && such.contains(&next_header) && is_chain {
        forge.inner = Inner::Octets(trailer::DEST_OPTIONS, octets);
        arrival.put(&forge);
    }
}
