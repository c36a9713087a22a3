//! RFC 6618 sections 4.3, 5.6.3, 6.1 and 8.2, RFC 6275 section 10.3.1: how bindings and associations end.

use core::time::Duration;

use wire::mobility::{BindingStatus, Lifetime};

use crate::bench::{Bench, register};
use crate::case::Check::Script;
use crate::case::{Carrier, Case, PacketFault, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::judge::{accepts, vanished};
use crate::player::{Acknowledged, LIFETIME, Tunnel, TunnelAnswer, now};
use crate::sa_file::Life;

const BINDING_ENDS: &[&str] = &[
    "rfc6275#10.3.1/binding-deleted-after-lifetime",
    "rfc6275#6.1.7/lifetime-expires",
    "rfc6275#10.4.5/tunnel-source-checked",
];
const RENEWAL: &[&str] = &["rfc6618#6.1/renew-before-cycle", "rfc6618#8.2/reinit-status-value"];

/// Cases about ends.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/6.3/binding-ends",
        "when the lifetime granted is over, an echo request is not answered through the tunnel",
        BINDING_ENDS,
        Script(Role::Ha, |bench| binding_ends(bench, Carrier::ProtectedEcho)),
    )
    .waits(),
    Case::must(
        "rfc6618/6.3/binding-ends-for-plain-data",
        "when the lifetime granted is over, a plain echo request is not answered through the tunnel",
        BINDING_ENDS,
        Script(Role::Ha, |bench| binding_ends(bench, Carrier::PlainEcho)),
    )
    .by(&["PK-07"])
    .waits(),
    Case::must(
        "rfc6618/6.3/refresh-prolongs",
        "a binding that was refreshed for longer lives when its first lifetime is over",
        &["rfc6275#10.3.1/binding-created", "rfc6275#10.3.1/lifetime-remaining"],
        Script(Role::Ha, refresh_prolongs),
    )
    .waits(),
    Case::should(
        "rfc6618/6.1/reinit-near-the-last-number",
        "a registration ten numbers before the last is refused with status 176: the MN shall renew its SA",
        RENEWAL,
        Script(Role::Ha, reinit_near_the_last_number),
    )
    .by(&["PK-31", "SQ-05"]),
    Case::must(
        "rfc6618/6.1/reinit-leaves-the-sa",
        "after status 176 the SA still carries the user data of the binding that was there",
        &["rfc6618#8.2/reinit-status-value", "rfc6275#6.1.8/status-128-up-rejects"],
        Script(Role::Ha, reinit_leaves_the_sa),
    )
    .by(&["PK-31"]),
    Case::should(
        "rfc6618/6.3/reinit-near-the-end",
        "a registration ten seconds before the SA ends is refused with status 176",
        &["rfc6618#8.2/reinit-status-value"],
        Script(Role::Ha, reinit_near_the_end),
    )
    .by(&["PK-31"])
    .waits(),
    Case::must(
        "rfc6618/6.3/lifetime-within-the-sa",
        "no binding is granted for longer than its SA lives",
        &["rfc6275#10.3.1/lifetime-not-longer", "rfc6618#9.3/lifetime-from-validity-end"],
        Script(Role::Ha, lifetime_within_the_sa),
    )
    .by(&["SA-10"]),
    Case::must(
        "rfc6618/6.3/sa-ends",
        "an SA that answered before its end answers nothing after it",
        &["rfc6618#9.3/lifetime-from-validity-end", "rfc6618#4.3/sa-contains-validity-end"],
        Script(Role::Ha, sa_ends),
    )
    .by(&["SA-10"])
    .waits(),
];

/// Asked for where time must pass: one unit.
const SHORT: Lifetime = Lifetime(1);
const A_SECOND: Duration = Duration::from_secs(1);
const TEN_SECONDS: Duration = Duration::from_secs(10);

fn unanswered(what: String) -> Finding {
    Finding::Inconclusive(Because::ControlUnanswered(what))
}

/// Registers for one unit of 4 s; gives how long was granted.
fn register_shortly(tunnel: &mut Tunnel) -> Result<Duration, Finding> {
    match tunnel.register(SHORT)?.map_err(unanswered)? {
        (_, ack) if ack.status.accepted() && ack.lifetime == SHORT => {
            Ok(Duration::from_secs(ack.lifetime.seconds().into()))
        }
        (_, ack) => Err(unanswered(TunnelAnswer::Acknowledgement(ack).describe())),
    }
}

fn binding_ends(bench: &mut Bench<'_>, carrier: Carrier) -> Outcome {
    let mut tunnel = bench.bound_tunnel(carrier)?;
    let granted = register_shortly(&mut tunnel)?;
    tunnel.listen(granted + A_SECOND);
    let (echo, number) = tunnel.next(carrier)?;
    tunnel.send(&echo)?;
    // The answer to this one shows that the echo request was dealt with.
    tunnel.register(Lifetime::ZERO)?.map_err(unanswered)?;
    register(&mut tunnel)?;
    let control = tunnel.ask(carrier)?;
    if control.answer.is_none() {
        return Err(unanswered(control.describe()));
    }
    let answered =
        tunnel.heard.iter().any(|heard| heard.echo_reply().is_some_and(|reply| reply.sequence == number));
    let expected = "no answer to an echo request that came when the binding was over";
    bench.expect(!answered, || Finding::fails(expected, "an echo reply"))?;
    Ok(Pass::Clean)
}

fn refresh_prolongs(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::ProtectedEcho)?;
    let granted = register_shortly(&mut tunnel)?;
    register(&mut tunnel)?;
    tunnel.listen(granted + A_SECOND);
    accepts(bench, &mut tunnel, PacketFault::protected(|_| {}))
}

fn is_reinit((_, ack): &Acknowledged) -> bool {
    ack.status == BindingStatus::REINIT_SA_WITH_HAC
}

fn expect_reinit(bench: &mut Bench<'_>, tunnel: &mut Tunnel) -> Outcome {
    let answer = tunnel.register(LIFETIME)?;
    let expected = "Binding Acknowledgement, status 176";
    bench.check(match answer {
        Ok(acknowledged) if is_reinit(&acknowledged) => Ok(Pass::Clean),
        Ok((_, ack)) => Err(Finding::fails(expected, TunnelAnswer::Acknowledgement(ack).describe())),
        Err(instead) => Err(Finding::fails(expected, instead)),
    })
}

fn reinit_near_the_last_number(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    tunnel.jump_to(u32::MAX - 10);
    expect_reinit(bench, &mut tunnel)
}

fn reinit_leaves_the_sa(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::ProtectedEcho)?;
    tunnel.jump_to(u32::MAX - 10);
    let answer = tunnel.register(LIFETIME)?.map_err(unanswered)?;
    if !is_reinit(&answer) {
        return Err(Finding::Unsupported(Because::Needs("an HA that answers with status 176")));
    }
    accepts(bench, &mut tunnel, PacketFault::protected(|_| {}))
}

/// How long the SA still lives.
fn left(tunnel: &Tunnel) -> Duration {
    Duration::from_secs(tunnel.grant.sa.validity_end.unix_seconds()).saturating_sub(now())
}

/// Lets time pass until so much of the SA is left.
fn wait_for(bench: &Bench<'_>, tunnel: &mut Tunnel, still_left: Duration) -> Result<(), Finding> {
    let wait = left(tunnel).saturating_sub(still_left);
    if wait > bench.patience() {
        let needs = "an association that ends within seconds, in a file of --sa";
        return Err(Finding::Unsupported(Because::Needs(needs)));
    }
    tunnel.listen(wait);
    Ok(())
}

fn reinit_near_the_end(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.tunnel_of_life(Life::EndsSoon, None)?;
    wait_for(bench, &mut tunnel, TEN_SECONDS)?;
    expect_reinit(bench, &mut tunnel)
}

fn lifetime_within_the_sa(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.tunnel_of_life(Life::EndsSoon, None)?;
    let most = left(&tunnel);
    let (_, ack) = tunnel.register(LIFETIME)?.map_err(unanswered)?;
    let granted = Duration::from_secs(ack.lifetime.seconds().into());
    bench.expect(!ack.status.accepted() || granted <= most + A_SECOND, || {
        Finding::fails(
            format!("a lifetime of at most {} s, or a refusal", most.as_secs()),
            format!("{} s", granted.as_secs()),
        )
    })?;
    Ok(Pass::Clean)
}

/// The controls go through another SA.
fn sa_ends(bench: &mut Bench<'_>) -> Outcome {
    let mut ending = bench.tunnel_of_life(Life::EndsSoon, None)?;
    ending.register(LIFETIME)?.map_err(unanswered)?;
    wait_for(bench, &mut ending, Duration::ZERO)?;
    ending.listen(A_SECOND);
    let update = ending.binding_update();
    let sent = ending.send(&update)?;
    let mut control = bench.bound_tunnel(Carrier::BindingUpdate)?;
    vanished(&mut control, Carrier::BindingUpdate)?;
    let came = ending.there();
    bench.check(came.first().map_or(Ok(Pass::Clean), |answer| {
        Err(Finding::fails("a packet under an SA past its end silently discarded", answer.describe())
            .with_octets("datagram sent", &sent))
    }))
}
