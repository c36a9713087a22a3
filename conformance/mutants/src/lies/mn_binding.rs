//! RFC 6618 section 6 from the MN's side: its packets and its Binding Update.

use suite::player::{BindingForge, ChecksumForge, Inner, PacketForge, turn_bit};
use wire::mobility::Lifetime;
use wire::packet::{HEADER_LEN, PType};
use wire::trailer;

use super::binding::change_header;
use super::packets::{by_next_header, under_the_latest};
use super::protection::{clear_signal, turn_back};
use crate::liar::packet::{Departure, binding_update};
use crate::mutant::Lie::{MnInbound, MnOutbound};
use crate::mutant::Mutant;

/// Lies of the MN towards the HA.
pub(super) const LIES: &[Mutant] = &[
    Mutant::mn(
        "mn/another-spi",
        "sends under another SPI than it was granted",
        MnOutbound(|packet, _| packet.spi ^= 1),
        &["rfc6618/6.2/mn-granted-spi"],
    ),
    Mutant::mn(
        "mn/starts-at-1000",
        "starts its numbers at 1000",
        MnOutbound(|packet, _| packet.sequence += 1000),
        &["rfc6618/6.1/mn-number-zero"],
    ),
    Mutant::mn(
        "mn/number-always-zero",
        "sends every packet with number 0",
        MnOutbound(|packet, _| packet.sequence = 0),
        &["rfc6618/6.1/mn-repeats-with-new-numbers"],
    ),
    Mutant::mn(
        "mn/repeats-binding-number",
        "repeats a Binding Update with the number that it had",
        MnOutbound(|packet, departure| {
            let known = departure.tunnel.notes.number;
            let first = renumber(packet, departure, known);
            departure.tunnel.notes.number = first;
        }),
        &["rfc6618/6.1/mn-repeats-with-new-numbers"],
    ),
    Mutant::mn(
        "mn/ignores-135",
        "counts its Binding Updates by itself, whatever the HA says",
        MnOutbound(|packet, departure| {
            let known = departure.tunnel.notes.number;
            let number = renumber(packet, departure, known);
            departure.tunnel.notes.number = number.map(|number| number + 1);
        }),
        &["rfc6618/6.1/mn-goes-on-after-135"],
    ),
    Mutant::mn(
        "mn/next-header-mobility",
        "sends a Next Header that skips its Home Address option",
        MnOutbound(|packet, _| packet.next_header = Some(trailer::MOBILITY)),
        &["rfc6618/6.3/mn-next-header"],
    ),
    Mutant::mn(
        "mn/registers-in-the-clear",
        "sends its Binding Update without protection",
        MnOutbound(|packet, _| packet.in_the_clear()),
        &["rfc6618/6.3/mn-protected"],
    ),
    Mutant::mn(
        "mn/registers-in-ptype-1",
        "sends its Binding Update in PType 1",
        MnOutbound(|packet, _| packet.ptype = PType::PROTECTED),
        &["rfc6618/6.2/mn-ptype-8"],
    ),
    Mutant::mn(
        "mn/wrong-icv",
        "sends a wrong ICV",
        MnOutbound(|packet, _| packet.spoil(|octets| turn_bit(octets, -1))),
        &["rfc6618/6.3/mn-protected"],
    ),
    Mutant::mn(
        "mn/pads-with-zeros",
        "pads with zeros",
        MnOutbound(|packet, _| packet.padding.iter_mut().flatten().for_each(|octet| *octet = 0)),
        &["rfc6618/6.3/mn-padding-sent"],
    ),
    Mutant::mn(
        "mn/no-home-address-option",
        "sends its Binding Update without Home Address option",
        MnOutbound(|packet, departure| change(packet, departure, |binding| binding.home_option = None)),
        &["rfc6618/6.3/mn-home-address-option"],
    ),
    Mutant::mn(
        "mn/no-alternate-care-of-address",
        "sends its Binding Update without Alternate Care-of Address",
        MnOutbound(|packet, departure| {
            change(packet, departure, |binding| binding.update.alternate_coa = None);
        }),
        &["rfc6618/6.3/mn-alternate-care-of-address"],
    ),
    Mutant::mn(
        "mn/wrong-checksum",
        "sends its Binding Update with a wrong checksum",
        MnOutbound(|packet, departure| {
            change(packet, departure, |binding| binding.checksum = ChecksumForge::Wrong);
        }),
        &["rfc6618/6.3/mn-checksum"],
    ),
    Mutant::mn(
        "mn/no-flag-h",
        "sends its Binding Update without flag H",
        MnOutbound(|packet, departure| {
            change(packet, departure, |binding| binding.update.flags.home_registration = false);
        }),
        &["rfc6618/6.3/mn-flags"],
    ),
    Mutant::mn(
        "mn/no-flag-a",
        "sends its Binding Update without flag A",
        MnOutbound(|packet, departure| {
            change(packet, departure, |binding| binding.update.flags.acknowledge = false);
        }),
        &["rfc6618/6.3/mn-flags"],
    ),
    Mutant::mn(
        "mn/lifetime-zero",
        "asks for lifetime 0 at its first registration",
        MnOutbound(|packet, departure| {
            change(packet, departure, |binding| binding.update.lifetime = Lifetime::ZERO);
        }),
        &["rfc6618/6.3/mn-lifetime"],
    ),
    // What it takes from the HA.
    Mutant::mn(
        "mn/no-replay-check",
        "takes any number at any time",
        MnInbound(|arrival| arrival.replayed = false),
        &["rfc6618/6.1/mn-discards-repeated-number"],
    ),
    Mutant::mn(
        "mn/steps-of-one-only",
        "drops a packet that skips numbers",
        MnInbound(|arrival| {
            let highest = arrival.tunnel().and_then(|tunnel| tunnel.notes.highest);
            let next = highest.map_or(0, |highest| highest.wrapping_add(1));
            arrival.replayed |= arrival.good().is_some_and(|packet| packet.sequence > next);
        }),
        &["rfc6618/6.1/mn-accepts-gap"],
    ),
    Mutant::mn(
        "mn/any-spi-is-the-latest",
        "takes a packet of an SPI that it does not know for one of its SA",
        MnInbound(under_the_latest),
        &["rfc6618/6.2/mn-discards-unknown-spi"],
    ),
    Mutant::mn(
        "mn/any-ptype",
        "takes unknown PTypes for what Next Header says",
        MnInbound(|arrival| {
            by_next_header(arrival, |ptype, _| !matches!(ptype, PType::PLAIN | PType::PROTECTED));
        }),
        &["rfc6618/6.2/mn-discards-unknown-ptype"],
    ),
    Mutant::mn(
        "mn/overlooks-a-turned-bit",
        "takes a packet with one turned bit for the one that it was",
        MnInbound(turn_back),
        &["rfc6618/6.3/mn-discards-wrong-icv"],
    ),
    Mutant::mn(
        "mn/clear-signalling",
        "takes an acknowledgement of PType 8 without protection",
        MnInbound(|arrival| {
            if arrival.view().ptype() == PType::MOBILITY {
                clear_signal(arrival, trailer::MOBILITY, HEADER_LEN);
            }
        }),
        &["rfc6618/6.3/mn-discards-unprotected"],
    ),
    Mutant::mn(
        "mn/signalling-in-ptype-0",
        "takes a Mobility Header behind eight zero octets",
        MnInbound(|arrival| {
            if arrival.octets.starts_with(&[0; HEADER_LEN]) {
                clear_signal(arrival, trailer::MOBILITY, HEADER_LEN);
            }
        }),
        &["rfc6618/6.3/mn-discards-ptype-0"],
    ),
    Mutant::mn(
        "mn/no-checksum-check",
        "does not check the checksum of an acknowledgement",
        MnInbound(|arrival| change_header(arrival, |_| {})),
        &["rfc6618/6.3/mn-discards-wrong-checksum"],
    ),
    Mutant::mn(
        "mn/shortest-padding-only",
        "drops packets with more padding than they need",
        MnInbound(|arrival| {
            if arrival.good().and_then(|packet| packet.pad_length).is_some_and(|len| len >= 16) {
                arrival.discard();
            }
        }),
        &["rfc6618/6.3/mn-accepts-longer-padding"],
    ),
];

/// Changes the Binding Update in a packet.
fn change(packet: &mut PacketForge, departure: &Departure<'_>, to: impl FnOnce(&mut BindingForge)) {
    if let Some(mut binding) = binding_update(packet, departure.tunnel) {
        to(&mut binding);
        packet.inner = Inner::Binding(binding);
        packet.padding = None;
        packet.pad_length = None;
    }
}

/// Gives the Binding Update this number, if there is one; gives the number that it has then.
fn renumber(packet: &mut PacketForge, departure: &Departure<'_>, number: Option<u32>) -> Option<u32> {
    let mut has = None;
    change(packet, departure, |binding| {
        if let Some(number) = number {
            binding.update.sequence = (number & 0xffff) as u16;
        }
        has = Some(u32::from(binding.update.sequence));
    });
    has
}
