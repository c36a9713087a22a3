//! RFC 6618 sections 6.1 to 6.3, the MN's part: acknowledgements that it obeys, and those that it must not see.

use core::time::Duration;
use std::net::SocketAddr;

use wire::mobility::{BindingStatus, Lifetime};
use wire::packet::PType;

use super::s6_mn::expect;
use crate::bench::Bench;
use crate::case::Check::Script;
use crate::case::{Case, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::link::{Accepted, Arrived};
use crate::player::{HaPlayer, Inner, PacketForge, Protection, Registration, turn_bit};
use crate::visit::{Guest, bootstrapped};

/// Cases of section 6 about what an MN does with acknowledgements, or without one.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/6.1/mn-repeats-with-new-numbers",
        "a Binding Update that is not acknowledged comes again, with new numbers in packet and message",
        &["rfc6618#6.1/sequence-detects-repeats", "rfc6275#11.7.1/retransmitted"],
        Script(Role::Mn, repeats_with_new_numbers),
    )
    .by(&["SQ-07"]),
    Case::must(
        "rfc6618/6.1/mn-goes-on-after-135",
        "after status 135 the MN goes on from the number in the acknowledgement",
        &["rfc6275#11.7.1/next-after-135", "rfc6275#6.1.8/status-128-up-rejects"],
        Script(Role::Mn, goes_on_after_135),
    ),
    Case::must(
        "rfc6618/6.1/mn-discards-repeated-number",
        "the MN drops an acknowledgement with a Sequence Number that it has seen",
        &["rfc6618#6.1/sequence-detects-repeats", "rfc4303#3.4.3/duplicate-discarded"],
        Script(Role::Mn, |bench| discards(bench, |p| p.sequence = 0)),
    )
    .by(&["SQ-07"]),
    Case::must(
        "rfc6618/6.1/mn-accepts-gap",
        "the MN takes an acknowledgement ten numbers ahead",
        &["rfc6618#9.3/replay-as-esp", "rfc4303#3.4.3/right-of-window-accepted"],
        Script(Role::Mn, |bench| accepts(bench, |p| p.sequence += 10)),
    )
    .by(&["SQ-08"]),
    Case::must(
        "rfc6618/6.2/mn-discards-unknown-spi",
        "the MN drops an acknowledgement under another SPI, though its ICV is right",
        &["rfc6618#6.1/spi-follows-ptype", "rfc6618#9.3/sa-found-by-spi-and-direction"],
        Script(Role::Mn, |bench| discards(bench, |p| p.spi ^= 2)),
    )
    .by(&["PK-09"]),
    Case::must(
        "rfc6618/6.2/mn-discards-unknown-ptype",
        "the MN drops an acknowledgement of PType 9, though its ICV is right",
        &["rfc6618#6.1/data-follows-sequence"],
        Script(Role::Mn, |bench| discards(bench, |p| p.ptype = PType(9))),
    )
    .by(&["PK-04"]),
    Case::must(
        "rfc6618/6.3/mn-discards-wrong-icv",
        "the MN drops an acknowledgement with a bit turned in its ICV",
        &["rfc6618#6.3/integrity-cover", "rfc4303#3.4.3/bad-icv-discarded"],
        Script(Role::Mn, |bench| discards(bench, |p| p.spoil(|octets| turn_bit(octets, -1)))),
    )
    .by(&["PK-13", "PK-14"]),
    Case::must(
        "rfc6618/6.3/mn-discards-unprotected",
        "the MN drops an acknowledgement of PType 8 without protection",
        &["rfc6618#6.1/mobility-messages-protected"],
        Script(Role::Mn, |bench| discards(bench, |p| p.protection = Protection::Plain)),
    )
    .by(&["PK-24"]),
    Case::must(
        "rfc6618/6.3/mn-discards-ptype-0",
        "the MN drops a Mobility Header behind eight zero octets",
        &["rfc6618#6.1/mobility-messages-protected"],
        Script(Role::Mn, |bench| discards(bench, PacketForge::in_the_clear)),
    )
    .by(&["PK-24"]),
    Case::must(
        "rfc6618/6.3/mn-discards-wrong-checksum",
        "the MN drops an acknowledgement with a wrong checksum, though its ICV is right",
        &["rfc6275#6.1.1/checksum-over-header"],
        Script(Role::Mn, |bench| discards(bench, wrong_checksum)),
    )
    .by(&["PK-26"]),
    Case::must(
        "rfc6618/6.3/mn-accepts-longer-padding",
        "the MN takes an acknowledgement with as much padding as Pad Length can tell",
        &["rfc4303#2.4/padding-consumed", "rfc6618#6.3/trailer-as-esp"],
        Script(Role::Mn, |bench| accepts(bench, |p| p.pad_further(240))),
    )
    .by(&["PK-17"]),
    Case::should(
        "rfc6618/6.3/mn-obeys-reinit",
        "after status 176 the MN contacts the HAC again",
        &["rfc6618#4.3/mn-obeys-reinit"],
        Script(Role::Mn, obeys_reinit),
    )
    .by(&["PK-31"]),
    Case::should(
        "rfc6618/6.3/mn-renews-its-binding",
        "an MN whose registration lasts four seconds sends another Binding Update before they are over",
        &["rfc6275#11.7.1/mn-renews"],
        Script(Role::Mn, renews_its_binding),
    ),
];

/// By how much the HA says to be ahead: each acknowledgement another number, so that the next Binding Update tells
/// which of them the MN has taken.
const FIRST: u16 = 0x1000;
const JUDGED: u16 = 0x2000;
const CONTROL: u16 = 0x3000;

/// The next Binding Update of the MN, and where it came from.
fn next_update(guest: &mut Guest, ha: &HaPlayer) -> Result<(SocketAddr, Registration), Finding> {
    let (from, octets) = guest.datagram()?;
    Ok((from, ha.registration(&octets)?))
}

fn repeats_with_new_numbers(bench: &mut Bench<'_>) -> Outcome {
    let (mut guest, ha) = bootstrapped(bench)?;
    let (_, first) = next_update(&mut guest, &ha)?;
    let wait = guest.wait();
    let again = match guest.mn().receive(wait) {
        Arrived::Datagram { octets, .. } => ha.registration(&octets)?,
        Arrived::Exited(_) | Arrived::Silence => {
            return bench.check(Err(Finding::warns("the Binding Update again", "nothing in time")));
        }
    };
    let packets = format!("{} after {}", again.opened.sequence, first.opened.sequence);
    bench.check(expect(
        again.opened.sequence > first.opened.sequence,
        "a larger Sequence Number",
        packets,
    ))?;
    let step = again.update.sequence.wrapping_sub(first.update.sequence);
    let updates = format!("{} after {}", again.update.sequence, first.update.sequence);
    bench.check(expect((1..0x8000).contains(&step), "a larger number of the Binding Update", updates))
}

fn goes_on_after_135(bench: &mut Bench<'_>) -> Outcome {
    let (mut guest, mut ha) = bootstrapped(bench)?;
    let (from, first) = next_update(&mut guest, &ha)?;
    let last = first.update.sequence.wrapping_add(0x1234);
    let refusal = ha.acknowledgement(&first.update, |ack| {
        ack.status = BindingStatus::SEQUENCE_OUT_OF_WINDOW;
        ack.sequence = last;
        ack.lifetime = Lifetime::ZERO;
    });
    guest.send(from, &ha.octets(&refusal))?;
    let (_, second) = next_update(&mut guest, &ha)?;
    let need = last.wrapping_add(1);
    bench.check(expect(
        second.update.sequence == need,
        format!("a Binding Update with number {need}"),
        second.update.sequence,
    ))
}

fn obeys_reinit(bench: &mut Bench<'_>) -> Outcome {
    let (mut guest, mut ha) = bootstrapped(bench)?;
    let (from, update) = next_update(&mut guest, &ha)?;
    let refusal = ha.acknowledgement(&update.update, |ack| {
        ack.status = BindingStatus::REINIT_SA_WITH_HAC;
        ack.lifetime = Lifetime::ZERO;
    });
    guest.send(from, &ha.octets(&refusal))?;
    let wait = guest.wait();
    bench.check(match guest.mn().accept(wait) {
        Accepted::Session(_) => Ok(Pass::Clean),
        _ => Err(Finding::fails("a new session with the HAC", "none in time")),
    })
}

fn renews_its_binding(bench: &mut Bench<'_>) -> Outcome {
    let (mut guest, mut ha) = bootstrapped(bench)?;
    let (from, first) = next_update(&mut guest, &ha)?;
    let accepted = ha.acknowledgement(&first.update, |ack| ack.lifetime = Lifetime(1));
    guest.send(from, &ha.octets(&accepted))?;
    bench.check(match guest.mn().receive(Duration::from_secs(4)) {
        Arrived::Datagram { octets, .. } => ha.registration(&octets).map(|_| Pass::Clean),
        Arrived::Exited(_) | Arrived::Silence => {
            Err(Finding::fails("a Binding Update before the registration ends", "none"))
        }
    })
}

/// An acknowledgement with status 135, which tells the MN to go on from `ahead` numbers further.
fn out_of_window(ha: &mut HaPlayer, first: &Registration, ahead: u16) -> PacketForge {
    ha.acknowledgement(&first.update, |ack| {
        ack.status = BindingStatus::SEQUENCE_OUT_OF_WINDOW;
        ack.sequence = first.update.sequence.wrapping_add(ahead);
        ack.lifetime = Lifetime::ZERO;
    })
}

/// Whether the next Binding Updates follow the changed acknowledgement, or only the honest one behind it.
fn follows(bench: &mut Bench<'_>, change: impl FnOnce(&mut PacketForge)) -> Result<Followed, Finding> {
    let (mut guest, mut ha) = bootstrapped(bench)?;
    let (from, first) = next_update(&mut guest, &ha)?;
    let honest = out_of_window(&mut ha, &first, FIRST);
    guest.send(from, &ha.octets(&honest))?;
    let mut changed = out_of_window(&mut ha, &first, JUDGED);
    change(&mut changed);
    let sent = ha.octets(&changed);
    guest.send(from, &sent)?;
    let control = out_of_window(&mut ha, &first, CONTROL);
    guest.send(from, &ha.octets(&control))?;
    // Bounded: an MN may repeat an update a few times before the control comes to it.
    for _ in 0..8 {
        let (_, update) = next_update(&mut guest, &ha)?;
        match update.update.sequence.wrapping_sub(first.update.sequence) {
            ahead if ahead == JUDGED + 1 => return Ok(Followed::Changed(sent)),
            ahead if ahead == CONTROL + 1 => return Ok(Followed::ControlOnly(sent)),
            _ => {}
        }
    }
    let what = "the MN goes on from no number of status 135".to_owned();
    Err(Finding::Inconclusive(Because::ControlUnanswered(what)))
}

/// Which acknowledgement the MN took first; with the octets of the changed one.
enum Followed {
    Changed(Vec<u8>),
    ControlOnly(Vec<u8>),
}

fn discards(bench: &mut Bench<'_>, change: impl FnOnce(&mut PacketForge)) -> Outcome {
    let followed = follows(bench, change)?;
    bench.check(match followed {
        Followed::ControlOnly(_) => Ok(Pass::Clean),
        Followed::Changed(sent) => Err(Finding::fails(
            "the acknowledgement silently discarded",
            "the next Binding Update has the number that it told",
        )
        .with_octets("datagram sent", &sent)),
    })
}

fn accepts(bench: &mut Bench<'_>, change: impl FnOnce(&mut PacketForge)) -> Outcome {
    let followed = follows(bench, change)?;
    bench.check(match followed {
        Followed::Changed(_) => Ok(Pass::Clean),
        Followed::ControlOnly(sent) => Err(Finding::fails("the acknowledgement taken", "it has no effect")
            .with_octets("datagram sent", &sent)),
    })
}

fn wrong_checksum(packet: &mut PacketForge) {
    if let Inner::Octets(_, header) = &mut packet.inner {
        turn_bit(header, 5);
    }
}
