//! RFC 6618 section 6 from the MN's side: its packets and its Binding Update.

use suite::player::{BindingForge, ChecksumForge, Inner, PacketForge, turn_bit};
use wire::mobility::Lifetime;
use wire::packet::PType;

use crate::liar::packet::{Departure, binding_update};
use crate::mutant::Lie::MnOutbound;
use crate::mutant::Mutant;

/// Lies of the MN towards the HA.
pub(super) const LIES: &[Mutant] = &[
    Mutant::mn(
        "mn/another-spi",
        "sends under another SPI than it was granted",
        MnOutbound(|packet, _| packet.spi ^= 1),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/starts-at-1000",
        "starts its numbers at 1000",
        MnOutbound(|packet, _| packet.sequence += 1000),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/registers-in-the-clear",
        "sends its Binding Update without protection",
        MnOutbound(|packet, _| packet.in_the_clear()),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/registers-in-ptype-1",
        "sends its Binding Update in PType 1",
        MnOutbound(|packet, _| packet.ptype = PType::PROTECTED),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/wrong-icv",
        "sends a wrong ICV",
        MnOutbound(|packet, _| packet.spoil(|octets| turn_bit(octets, -1))),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/pads-with-zeros",
        "pads with zeros",
        MnOutbound(|packet, _| packet.padding.iter_mut().flatten().for_each(|octet| *octet = 0)),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/no-home-address-option",
        "sends its Binding Update without Home Address option",
        MnOutbound(|packet, departure| change(packet, departure, |binding| binding.home_option = None)),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/no-alternate-care-of-address",
        "sends its Binding Update without Alternate Care-of Address",
        MnOutbound(|packet, departure| {
            change(packet, departure, |binding| binding.update.alternate_coa = None);
        }),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/wrong-checksum",
        "sends its Binding Update with a wrong checksum",
        MnOutbound(|packet, departure| {
            change(packet, departure, |binding| binding.checksum = ChecksumForge::Wrong);
        }),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/no-flag-h",
        "sends its Binding Update without flag H",
        MnOutbound(|packet, departure| {
            change(packet, departure, |binding| binding.update.flags.home_registration = false);
        }),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/no-flag-a",
        "sends its Binding Update without flag A",
        MnOutbound(|packet, departure| {
            change(packet, departure, |binding| binding.update.flags.acknowledge = false);
        }),
        &["CASE"],
    ),
    Mutant::mn(
        "mn/lifetime-zero",
        "asks for lifetime 0 at its first registration",
        MnOutbound(|packet, departure| {
            change(packet, departure, |binding| binding.update.lifetime = Lifetime::ZERO);
        }),
        &["CASE"],
    ),
];

/// Changes the Binding Update in a packet.
fn change(packet: &mut PacketForge, departure: &Departure<'_>, to: fn(&mut BindingForge)) {
    if let Some(mut binding) = binding_update(packet, departure.tunnel) {
        to(&mut binding);
        packet.inner = Inner::Binding(binding);
        packet.padding = None;
        packet.pad_length = None;
    }
}
