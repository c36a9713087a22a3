//! RFC 6618 section 6.1: UDP, the two words in front, and the Sequence Number with its window (RFC 4303 section 3.4.3).

use crate::bench::{Bench, register};
use crate::case::Check::{HaAccepts, HaDiscards, Script};
use crate::case::{Carrier, Case, PacketFault, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::judge::{accepts, discards, vanished};
use crate::player::turn_bit;

/// Cases of section 6.1.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/6.1/short-datagrams",
        "datagrams of 0 to 7 octets vanish",
        &["rfc6618#6.1/ptype-follows-udp", "rfc6618#6.1/data-follows-sequence"],
        Script(Role::Ha, short_datagrams),
    )
    .by(&["PK-10"]),
    Case::must(
        "rfc6618/6.1/keepalive",
        "a datagram of the one octet 0xFF, a NAT keepalive, vanishes",
        &["rfc6618#6.1/ha-listens-on-service-port", "rfc6618#6.1/ptype-follows-udp"],
        Script(Role::Ha, |bench| octets_vanish(bench, &[&[0xff]])),
    )
    .by(&["PK-11"]),
    Case::must(
        "rfc6618/6.1/answers-where-packets-come-from",
        "after a movement user data too comes to the port that the last Binding Update came from",
        &["rfc6618#6.1/destination-service-port", "rfc6618#6.1/source-port-free"],
        Script(Role::Ha, answers_where_packets_come_from),
    )
    .by(&["PK-28"]),
    // What is numbered.
    Case::must(
        "rfc6618/6.1/first-number-zero",
        "the first packet under an SA may have Sequence Number 0",
        &["rfc6618#6.1/sequence-state", "rfc6618#4.3/sequence-starts-at-zero", "rfc4303#3.4.3/counter-starts-at-zero"],
        Script(Role::Ha, |bench| first_number(bench, 0)),
    )
    .by(&["SQ-01"]),
    Case::must(
        "rfc6618/6.1/first-number-one",
        "the first packet under an SA may have Sequence Number 1, as in ESP",
        &["rfc6618#6.1/sequence-state", "rfc4303#3.4.3/right-of-window-accepted"],
        Script(Role::Ha, |bench| first_number(bench, 1)),
    )
    .by(&["SQ-01"]),
    Case::must(
        "rfc6618/6.1/zero-twice",
        "a second packet with number 0 vanishes: to have received 0 is not to have received nothing",
        &["rfc6618#6.1/sequence-detects-repeats", "rfc4303#3.4.3/duplicate-discarded"],
        Script(Role::Ha, zero_twice),
    )
    .by(&["SQ-01"]),
    Case::must(
        "rfc6618/6.1/duplicate-binding-update",
        "a Binding Update that comes twice, octet for octet, is answered once",
        &["rfc6618#6.1/sequence-detects-repeats", "rfc6618#9.3/replay-as-esp"],
        Script(Role::Ha, |bench| duplicate(bench, Carrier::BindingUpdate)),
    )
    .by(&["SQ-07"]),
    Case::must(
        "rfc6618/6.1/duplicate-user-data",
        "an echo request that comes twice, octet for octet, is answered once",
        &["rfc4303#3.4.3/replay-protection", "rfc4303#3.4.3/duplicate-discarded"],
        Script(Role::Ha, |bench| duplicate(bench, Carrier::ProtectedEcho)),
    )
    .by(&["SQ-07"]),
    Case::must(
        "rfc6618/6.1/number-used-again",
        "a new Binding Update with the number of the one before vanishes, though its ICV is right",
        &["rfc6618#6.1/sequence-detects-repeats", "rfc4303#3.4.3/duplicate-discarded"],
        HaDiscards(PacketFault::update(|p| p.sequence = p.sequence.wrapping_sub(1))),
    )
    .by(&["SQ-07"]),
    // The window.
    Case::must(
        "rfc6618/6.1/gap",
        "a packet ten numbers ahead is accepted",
        &["rfc6618#9.3/replay-as-esp", "rfc4303#3.4.3/right-of-window-accepted"],
        HaAccepts(PacketFault::update(|p| p.sequence += 10)),
    )
    .by(&["SQ-08"]),
    Case::must(
        "rfc6618/6.1/jump",
        "a packet more than half of all numbers ahead is accepted: there is no arithmetic modulo 2^32",
        &["rfc6618#9.3/replay-as-esp", "rfc4303#3.4.3/right-of-window-accepted"],
        HaAccepts(PacketFault::update(|p| p.sequence = 0xa000_0000)),
    )
    .by(&["SQ-08", "SQ-09"]),
    Case::must(
        "rfc6618/6.1/out-of-order",
        "two packets that overtake each other are both accepted",
        &["rfc6618#9.3/replay-as-esp", "rfc4303#3.4.3/window-at-least-32"],
        Script(Role::Ha, late::<1>),
    )
    .by(&["SQ-03"]),
    Case::must(
        "rfc6618/6.1/late-by-31",
        "a packet 31 numbers behind the highest is accepted",
        &["rfc6618#9.3/replay-as-esp", "rfc4303#3.4.3/window-at-least-32"],
        Script(Role::Ha, late::<31>),
    )
    .by(&["SQ-03", "SQ-04"]),
    Case::should(
        "rfc6618/6.1/late-by-63",
        "a packet 63 numbers behind the highest is accepted",
        &["rfc4303#3.4.3/window-default-64"],
        Script(Role::Ha, late::<63>),
    )
    .by(&["SQ-04"]),
    Case::must(
        "rfc6618/6.1/late-twice",
        "a late packet that comes twice is answered once",
        &["rfc4303#3.4.3/duplicate-discarded", "rfc6618#9.3/replay-as-esp"],
        Script(Role::Ha, late_twice),
    )
    .by(&["SQ-04", "SQ-07"]),
    Case::must(
        "rfc6618/6.1/left-of-the-window",
        "a packet 2^30 numbers behind the highest vanishes",
        &["rfc4303#3.4.3/left-of-window-discarded", "rfc6618#9.3/replay-as-esp"],
        Script(Role::Ha, left_of_the_window),
    )
    .by(&["SQ-04"]),
    Case::must(
        "rfc6618/6.1/window-waits-for-the-icv",
        "a packet with a huge number and a wrong ICV does not move the window: the next honest one is answered",
        &["rfc4303#3.4.3/window-moves-after-icv", "rfc6618#9.3/replay-as-esp"],
        Script(Role::Ha, window_waits_for_the_icv),
    )
    .by(&["PK-19"]),
    Case::must(
        "rfc6618/6.1/bitmap-waits-for-the-icv",
        "a packet with a wrong ICV does not use its number up: the honest one with that number is answered",
        &["rfc4303#3.4.3/window-moves-after-icv", "rfc6618#9.3/replay-as-esp"],
        Script(Role::Ha, bitmap_waits_for_the_icv),
    )
    .by(&["PK-19"]),
];

fn short_datagrams(bench: &mut Bench<'_>) -> Outcome {
    let front = [0x80, 0, 0, 1, 0, 0, 0];
    let short: Vec<&[u8]> = (0..=front.len()).filter_map(|len| front.get(..len)).collect();
    octets_vanish(bench, &short)
}

fn octets_vanish(bench: &mut Bench<'_>, datagrams: &[&[u8]]) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    for octets in datagrams {
        tunnel.send_octets(octets)?;
    }
    bench.check(vanished(&mut tunnel, Carrier::BindingUpdate))
}

fn answers_where_packets_come_from(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::ProtectedEcho)?;
    accepts(bench, &mut tunnel, PacketFault::protected(|_| {}))?;
    tunnel.move_to(bench.datagrams(&tunnel.grant)?);
    accepts(bench, &mut tunnel, PacketFault::update(|_| {}))?;
    accepts(bench, &mut tunnel, PacketFault::protected(|_| {}))
}

fn first_number(bench: &mut Bench<'_>, number: u32) -> Outcome {
    let mut tunnel = bench.signaling_tunnel()?;
    tunnel.jump_to(number);
    // Any answer will do, also one that asks for another number of the Binding Update.
    let outcome = tunnel.register(crate::player::LIFETIME)?;
    bench.check(match outcome {
        Ok(_) => Ok(Pass::Clean),
        Err(instead) => {
            Err(Finding::fails(format!("Sequence Number {number} accepted as the first"), instead))
        }
    })
}

fn zero_twice(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.signaling_tunnel()?;
    let first = tunnel.register(crate::player::LIFETIME)?;
    let (_, ack) = first.map_err(|instead| Finding::Inconclusive(Because::ControlUnanswered(instead)))?;
    tunnel.resynchronise(ack.sequence);
    discards(bench, &mut tunnel, PacketFault::update(|p| p.sequence = 0))
}

fn duplicate(bench: &mut Bench<'_>, carrier: Carrier) -> Outcome {
    let mut tunnel = bench.bound_tunnel(carrier)?;
    let (packet, number) = tunnel.next(carrier)?;
    let octets = tunnel.send(&packet)?;
    let answers = tunnel.answer(carrier, number);
    if answers.answer.is_none() {
        return Err(Finding::Inconclusive(Because::ControlUnanswered(answers.describe())));
    }
    tunnel.send_octets(&octets)?;
    bench.check(vanished(&mut tunnel, carrier).map_err(|finding| finding.with_octets("sent twice", &octets)))
}

/// A packet that stays behind, while another `BY` numbers ahead is accepted.
fn late<const BY: u32>(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let behind = tunnel.next_sequence();
    tunnel.jump_to(behind + BY);
    register(&mut tunnel)?;
    tunnel.jump_to(behind);
    accepts(bench, &mut tunnel, PacketFault::update(|_| {}))
}

fn late_twice(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let behind = tunnel.next_sequence();
    tunnel.jump_to(behind + 20);
    register(&mut tunnel)?;
    tunnel.jump_to(behind);
    register(&mut tunnel)?;
    tunnel.jump_to(behind);
    let late = tunnel.binding_update();
    tunnel.send(&late)?;
    tunnel.jump_to(behind + 21);
    bench.check(vanished(&mut tunnel, Carrier::BindingUpdate))
}

fn left_of_the_window(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let behind = tunnel.next_sequence();
    tunnel.jump_to(behind + (1 << 30));
    register(&mut tunnel)?;
    let ahead = tunnel.next_sequence();
    tunnel.jump_to(behind);
    let old = tunnel.binding_update();
    tunnel.send(&old)?;
    tunnel.jump_to(ahead);
    bench.check(vanished(&mut tunnel, Carrier::BindingUpdate))
}

fn window_waits_for_the_icv(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let next = tunnel.next_sequence();
    tunnel.jump_to(0x7000_0000);
    let mut forged = tunnel.binding_update();
    forged.spoil(|octets| turn_bit(octets, -1));
    tunnel.send(&forged)?;
    tunnel.jump_to(next);
    accepts(bench, &mut tunnel, PacketFault::update(|_| {}))
}

fn bitmap_waits_for_the_icv(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let next = tunnel.next_sequence();
    let mut forged = tunnel.binding_update();
    forged.spoil(|octets| turn_bit(octets, -1));
    tunnel.send(&forged)?;
    tunnel.jump_to(next);
    accepts(bench, &mut tunnel, PacketFault::update(|_| {}))
}
