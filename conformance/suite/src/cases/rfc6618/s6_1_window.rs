//! RFC 6618 sections 4.3, 6.1 and 9.3: the edges of the replay window, the last number, and replays from elsewhere.

use crate::bench::{Bench, register};
use crate::case::Check::Script;
use crate::case::{Carrier, Case, PacketFault, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::judge::{accepts, before_controls, discards, vanished};
use crate::player::{LIFETIME, PacketForge, Tunnel, TunnelAnswer, turn_bit};

const REPEATS: &[&str] = &[
    "rfc6618#6.1/sequence-detects-repeats",
    "rfc4303#3.4.3/duplicate-discarded",
    "rfc6618#9.3/replay-as-esp",
];
const FRESH: &[&str] = &["rfc6618#9.3/replay-as-esp", "rfc4303#3.4.3/window-at-least-32"];

/// Cases about the window.
pub(super) const CASES: &[Case] = &[
    // The edges. Whether a number left of the first 32 is taken is the HA's choice; twice it never is.
    edge("rfc6618/6.1/late-by-31-twice", "a packet 31 numbers behind that comes twice is not answered twice", REPEATS, late_twice::<31>),
    edge("rfc6618/6.1/late-by-32-twice", "a packet 32 numbers behind that comes twice is not answered twice", REPEATS, late_twice::<32>),
    edge("rfc6618/6.1/late-by-63-twice", "a packet 63 numbers behind that comes twice is not answered twice", REPEATS, late_twice::<63>),
    edge("rfc6618/6.1/late-by-64-twice", "a packet 64 numbers behind that comes twice is not answered twice", REPEATS, late_twice::<64>),
    edge("rfc6618/6.1/seen-before-a-jump-by-31", "what was received is not received again after a jump by 31", REPEATS, seen_before::<31>),
    edge("rfc6618/6.1/seen-before-a-jump-by-32", "what was received is not received again after a jump by 32", REPEATS, seen_before::<32>),
    edge("rfc6618/6.1/seen-before-a-jump-by-63", "what was received is not received again after a jump by 63", REPEATS, seen_before::<63>),
    edge("rfc6618/6.1/seen-before-a-jump-by-64", "what was received is not received again after a jump by 64", REPEATS, seen_before::<64>),
    edge("rfc6618/6.1/skipped-by-a-jump-of-31", "after a jump by 31 the number before the highest is still fresh", FRESH, skipped::<31>),
    edge("rfc6618/6.1/skipped-by-a-jump-of-32", "after a jump by 32 the number before the highest is still fresh", FRESH, skipped::<32>),
    edge("rfc6618/6.1/skipped-by-a-jump-of-63", "after a jump by 63 the number before the highest is still fresh", FRESH, skipped::<63>),
    edge("rfc6618/6.1/skipped-by-a-jump-of-64", "after a jump by 64 the number before the highest is still fresh", FRESH, skipped::<64>),
    Case::must(
        "rfc6618/6.1/left-by-more-than-half",
        "a packet more than 2^31 numbers behind vanishes: there is no arithmetic modulo 2^32",
        &["rfc4303#3.4.3/left-of-window-discarded", "rfc6618#9.3/replay-as-esp"],
        Script(Role::Ha, left_by_more_than_half),
    )
    .by(&["SQ-04", "SQ-09"]),
    // The end of the numbers.
    Case::must(
        "rfc6618/6.1/last-number",
        "Sequence Number 2^32-1 is taken",
        &["rfc6618#9.3/replay-as-esp", "rfc4303#3.4.3/right-of-window-accepted"],
        Script(Role::Ha, last_number),
    )
    .by(&["SQ-05"]),
    Case::must(
        "rfc6618/6.1/last-number-twice",
        "a second packet with Sequence Number 2^32-1 vanishes",
        REPEATS,
        Script(Role::Ha, last_number_twice),
    )
    .by(&["SQ-05"]),
    Case::must(
        "rfc6618/6.1/zero-after-the-last-number",
        "0 after 2^32-1 is dropped, or taken once by a receiver that lets numbers cycle, and never twice",
        &["rfc6618#6.1/sequence-detects-repeats", "rfc6618#9.3/replay-as-esp"],
        Script(Role::Ha, zero_after_the_last),
    )
    .by(&["SQ-05"]),
    // One counter.
    Case::must(
        "rfc6618/6.1/number-of-user-data",
        "a Binding Update with the number of user data vanishes: both count on one counter",
        &["rfc6618#4.3/sequence-increases", "rfc6618#4.3/one-spi-for-signalling-and-data"],
        Script(Role::Ha, number_of_user_data),
    )
    .by(&["SQ-06"]),
    // From elsewhere.
    Case::must(
        "rfc6618/6.1/replayed-from-elsewhere",
        "a Binding Update that somebody else sends again from another port moves nothing",
        &["rfc6618#6.1/sequence-detects-repeats", "rfc6618#4.5/rfc6275-protection-applies"],
        Script(Role::Ha, |bench| from_elsewhere(bench, |tunnel| {
            let (packet, number) = tunnel.next(Carrier::BindingUpdate)?;
            let octets = tunnel.send(&packet)?;
            let answers = tunnel.answer(Carrier::BindingUpdate, number);
            match answers.answer {
                Some(_) => Ok(octets),
                None => Err(Finding::Inconclusive(Because::ControlUnanswered(answers.describe()))),
            }
        })),
    )
    .by(&["PK-28", "SQ-07"]),
    Case::must(
        "rfc6618/6.1/forged-from-elsewhere",
        "a Binding Update with a wrong ICV from another port moves nothing",
        &["rfc4303#3.4.3/bad-icv-discarded", "rfc6618#4.5/rfc6275-protection-applies"],
        Script(Role::Ha, |bench| from_elsewhere(bench, |tunnel| {
            let mut packet = tunnel.binding_update();
            packet.spoil(|octets| turn_bit(octets, -1));
            Ok(tunnel.octets(&packet))
        })),
    )
    .by(&["PK-19", "PK-28"]),
    Case::must(
        "rfc6618/6.1/refused-from-elsewhere",
        "a Binding Update with an old sequence number from another port moves nothing",
        &["rfc6275#9.5.1/sequence-greater", "rfc6618#4.5/rfc6275-protection-applies"],
        Script(Role::Ha, |bench| from_elsewhere(bench, |tunnel| {
            let mut packet: PacketForge = tunnel.binding_update();
            packet.binding(|binding| binding.update.sequence = binding.update.sequence.wrapping_sub(2));
            Ok(tunnel.octets(&packet))
        })),
    )
    .by(&["PK-28"]),
    Case::should(
        "rfc6618/6.1/data-from-elsewhere",
        "protected user data from another port does not move the way back: only a good Binding Update does",
        &["rfc6618#6.1/destination-service-port", "rfc6275#10.4.5/tunnel-source-checked"],
        Script(Role::Ha, |bench| from_elsewhere(bench, |tunnel| {
            let (packet, _) = tunnel.next(Carrier::ProtectedEcho)?;
            Ok(tunnel.octets(&packet))
        })),
    )
    .by(&["PK-28"]),
    Case::must(
        "rfc6618/6.1/nat-rebinding",
        "when the MN's port changes under way, its next Binding Update is answered there, and so is what follows",
        &["rfc6618#6.1/source-port-free", "rfc6618#6.1/destination-service-port", "rfc6618#6.3/outer-addresses"],
        Script(Role::Ha, nat_rebinding),
    )
    .by(&["PK-28"]),
    Case::should(
        "rfc6618/6.1/answers-from-the-service-port",
        "the HA's packets come from the address and port that ours go to",
        &["rfc6618#6.1/one-port", "rfc6618#6.3/outer-addresses", "rfc6618#6.4/protected-outer-addresses"],
        Script(Role::Ha, answers_from_the_service_port),
    )
    .by(&["PK-28"]),
];

const fn edge(
    id: &'static str,
    story: &'static str,
    cites: &'static [&'static str],
    script: fn(&mut Bench<'_>) -> Outcome,
) -> Case {
    Case::must(id, story, cites, Script(Role::Ha, script)).by(&["SQ-03", "SQ-04"])
}

/// Two Binding Updates with one number, `BY` behind the highest: at most one may be answered.
fn late_twice<const BY: u32>(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let behind = tunnel.next_sequence();
    tunnel.jump_to(behind + BY);
    register(&mut tunnel)?;
    for _ in 0..2 {
        tunnel.jump_to(behind);
        let late = tunnel.binding_update();
        tunnel.send(&late)?;
    }
    tunnel.jump_to(behind + BY + 1);
    at_most(bench, &mut tunnel, 1)
}

/// Counts the answers to what was sent before two controls.
fn at_most(bench: &mut Bench<'_>, tunnel: &mut Tunnel, most: usize) -> Outcome {
    let before = before_controls(tunnel, Carrier::BindingUpdate)?;
    let answered = before.iter().filter(|answer| matches!(answer, TunnelAnswer::Acknowledgement(_))).count();
    bench.expect(answered <= most, || {
        Finding::fails("one number taken at most once", format!("{answered} answers to it"))
    })?;
    Ok(Pass::Clean)
}

/// A number that was received, then a jump by `BY`, then the number again.
fn seen_before<const BY: u32>(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let seen = tunnel.next_sequence();
    register(&mut tunnel)?;
    tunnel.jump_to(seen + BY);
    register(&mut tunnel)?;
    tunnel.jump_to(seen);
    let again = tunnel.binding_update();
    tunnel.send(&again)?;
    tunnel.jump_to(seen + BY + 1);
    bench.check(vanished(&mut tunnel, Carrier::BindingUpdate))
}

/// A jump by `BY`, then the number just before the highest.
fn skipped<const BY: u32>(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let seen = tunnel.next_sequence();
    register(&mut tunnel)?;
    tunnel.jump_to(seen + BY);
    register(&mut tunnel)?;
    tunnel.jump_to(seen + BY - 1);
    accepts(bench, &mut tunnel, PacketFault::update(|_| {}))
}

fn left_by_more_than_half(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let behind = tunnel.next_sequence();
    tunnel.jump_to(0x9000_0000);
    register(&mut tunnel)?;
    let ahead = tunnel.next_sequence();
    tunnel.jump_to(behind);
    let old = tunnel.binding_update();
    tunnel.send(&old)?;
    tunnel.jump_to(ahead);
    bench.check(vanished(&mut tunnel, Carrier::BindingUpdate))
}

/// So near to the last number that an HA may want another SA; any answer shows that the number was taken.
fn ask_with(tunnel: &mut Tunnel, number: u32) -> Result<Result<(), String>, Finding> {
    tunnel.jump_to(number);
    let answer = tunnel.register(LIFETIME)?;
    Ok(answer.map(|_| ()))
}

/// Gets to the last number.
fn exhausted(bench: &mut Bench<'_>) -> Result<(Tunnel, Result<(), String>), Finding> {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    ask_with(&mut tunnel, u32::MAX - 20)?
        .map_err(|instead| Finding::Inconclusive(Because::ControlUnanswered(instead)))?;
    let last = ask_with(&mut tunnel, u32::MAX)?;
    Ok((tunnel, last))
}

fn last_number(bench: &mut Bench<'_>) -> Outcome {
    let (_, last) = exhausted(bench)?;
    bench.check(
        last.map_err(|instead| Finding::fails("a packet with Sequence Number 2^32-1 taken", instead)),
    )?;
    Ok(Pass::Clean)
}

fn last_number_twice(bench: &mut Bench<'_>) -> Outcome {
    let (mut tunnel, last) = exhausted(bench)?;
    last.map_err(|instead| Finding::Inconclusive(Because::ControlUnanswered(instead)))?;
    tunnel.jump_to(u32::MAX);
    let again = tunnel.binding_update();
    tunnel.send(&again)?;
    // Late, but inside the window.
    tunnel.jump_to(u32::MAX - 10);
    bench.check(vanished(&mut tunnel, Carrier::BindingUpdate))
}

fn zero_after_the_last(bench: &mut Bench<'_>) -> Outcome {
    let (mut tunnel, last) = exhausted(bench)?;
    last.map_err(|instead| Finding::Inconclusive(Because::ControlUnanswered(instead)))?;
    for _ in 0..2 {
        tunnel.jump_to(0);
        let wrapped = tunnel.binding_update();
        tunnel.send(&wrapped)?;
    }
    // A receiver that dropped them takes late numbers, one that took them goes on from them.
    let mut controls = [0; 4];
    for (control, number) in controls.iter_mut().zip([u32::MAX - 10, 1, u32::MAX - 9, 2]) {
        tunnel.jump_to(number);
        let (packet, number) = tunnel.next(Carrier::BindingUpdate)?;
        tunnel.send(&packet)?;
        *control = number;
    }
    let [first, _, late, cycled] = controls;
    let answers = tunnel.answer_one_of(Carrier::BindingUpdate, &[late, cycled]);
    if answers.answer.is_none() {
        return Err(Finding::Inconclusive(Because::ControlUnanswered(answers.describe())));
    }
    let zeros = [first.wrapping_sub(2), first.wrapping_sub(1)];
    let is_zero = |answer: &&TunnelAnswer| {
        answer.number(Carrier::BindingUpdate).is_some_and(|number| zeros.contains(&number))
    };
    bench.check(match answers.before.iter().filter(is_zero).count() {
        0 => Ok(Pass::Clean),
        1 => Ok(Pass::Lenient("SQ-05")),
        more => Err(Finding::fails("0 after 2^32-1 taken at most once", format!("{more} answers to it"))),
    })
}

fn number_of_user_data(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::ProtectedEcho)?;
    accepts(bench, &mut tunnel, PacketFault::protected(|_| {}))?;
    discards(bench, &mut tunnel, PacketFault::update(|p| p.sequence = p.sequence.wrapping_sub(1)))
}

/// Another port sends what `make` makes; what is for the MN must still come to the MN.
fn from_elsewhere(bench: &mut Bench<'_>, make: fn(&mut Tunnel) -> Result<Vec<u8>, Finding>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::ProtectedEcho)?;
    let octets = make(&mut tunnel)?;
    let own = tunnel.move_to(bench.datagrams(&tunnel.grant)?);
    tunnel.send_octets(&octets)?;
    let elsewhere = tunnel.move_to(own);
    let answers = tunnel.ask(Carrier::ProtectedEcho)?;
    tunnel.move_to(elsewhere);
    let stolen = tunnel.there().iter().any(|answer| matches!(answer, TunnelAnswer::EchoReply { .. }));
    let expected = "echo replies at the port of the newest good Binding Update only";
    bench.expect(!stolen, || {
        Finding::fails(expected, "one at the other port")
            .with_octets("datagram sent from the other port", &octets)
    })?;
    match answers.answer {
        Some(_) => Ok(Pass::Clean),
        None => Err(Finding::Inconclusive(Because::ControlUnanswered(answers.describe()))),
    }
}

fn nat_rebinding(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::ProtectedEcho)?;
    for _ in 0..3 {
        tunnel.move_to(bench.datagrams(&tunnel.grant)?);
        accepts(bench, &mut tunnel, PacketFault::update(|_| {}))?;
        accepts(bench, &mut tunnel, PacketFault::protected(|_| {}))?;
    }
    Ok(Pass::Clean)
}

fn answers_from_the_service_port(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    register(&mut tunnel)?;
    let expected = bench.ha_address(&tunnel.grant)?;
    let other = tunnel.sources.iter().find(|&&source| source != expected).copied();
    bench.check(match other {
        None => Ok(Pass::Clean),
        Some(other) => Err(Finding::fails(format!("packets from {expected}"), format!("one from {other}"))),
    })
}
