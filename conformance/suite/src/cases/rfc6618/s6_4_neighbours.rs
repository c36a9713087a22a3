//! RFC 6618 sections 4.3, 4.5 and 6.4: MNs beside each other, and an MN that changes its keys.

use wire::packet::PType;

use crate::bench::{Bench, register};
use crate::case::Check::Script;
use crate::case::{Carrier, Case, PacketFault, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::judge::{accepts, vanished};
use crate::player::{LIFETIME, Tunnel, TunnelAnswer};

/// Cases with two tunnels.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/6.4/two-mns",
        "of two MNs with traffic in turn each gets its own replies, under its own SA, and nothing else",
        &[
            "rfc6618#6.4/protected-inner-addresses",
            "rfc6618#6.1/one-spi",
            "rfc6618#4.5/rfc6275-protection-applies",
        ],
        Script(Role::Ha, |bench| two_mns(bench, Carrier::ProtectedEcho)),
    )
    .by(&["PK-30"]),
    Case::must(
        "rfc6618/6.4/two-mns-in-the-clear",
        "of two MNs with plain traffic in turn each gets its own replies and nothing else",
        &["rfc6618#6.4/plain-inner-addresses", "rfc6618#6.4/plain-outer-addresses"],
        Script(Role::Ha, |bench| two_mns(bench, Carrier::PlainEcho)),
    )
    .by(&["PK-07"]),
    Case::must(
        "rfc6618/6.2/spi-of-another-mn",
        "a Binding Update under the SPI of another MN vanishes: keys go with the SPI",
        &["rfc6618#9.3/sa-found-by-spi-and-direction", "rfc6618#4.3/one-spi-for-signalling-and-data"],
        Script(Role::Ha, spi_of_another_mn),
    )
    .by(&["PK-09"]),
    // A change of keys.
    Case::must(
        "rfc6618/4.3/rekey-while-traffic-flows",
        "user data goes on while an MN renews its SA: under the old one, then under the new one",
        &["rfc6618#6.1/one-spi", "rfc6618#4.3/same-spi-both-directions", "rfc6618#6.1/sequence-state"],
        Script(Role::Ha, rekey_while_traffic_flows),
    )
    .by(&["SA-11", "SQ-10"]),
    Case::must(
        "rfc6618/4.3/new-sa-starts-at-zero",
        "under a new SA numbers of both directions start at 0 again, whatever they were under the old one",
        &["rfc6618#4.3/sequence-starts-at-zero", "rfc6618#6.1/sequence-state"],
        Script(Role::Ha, new_sa_starts_at_zero),
    )
    .by(&["SQ-10"]),
    Case::must(
        "rfc6618/4.3/old-keys-under-the-new-spi",
        "a packet protected with the keys of the old SA under the SPI of the new one vanishes",
        &["rfc6618#9.3/sa-found-by-spi-and-direction", "rfc6618#6.3/integrity-cover"],
        Script(Role::Ha, old_keys_under_the_new_spi),
    )
    .by(&["PK-09", "SA-11"]),
];

/// The tunnel of a second MN beside the one of this case.
fn beside(bench: &Bench<'_>, carrier: Carrier, work: impl FnOnce(&mut Tunnel) -> Outcome) -> Outcome {
    let lease = bench
        .setup()
        .identities
        .lease_other(bench.identity())
        .ok_or(Finding::Inconclusive(Because::Needs("a second identity that no other case uses")))?;
    let mut aside = Bench::new(bench.setup(), lease.identity, "beside");
    let mut other = aside.bound_tunnel(carrier)?;
    work(&mut other)
}

fn two_mns(bench: &mut Bench<'_>, carrier: Carrier) -> Outcome {
    let mut own = bench.bound_tunnel(carrier)?;
    let outcome = beside(bench, carrier, |other| {
        for _ in 0..3 {
            for tunnel in [&mut own, &mut *other] {
                alone(tunnel, carrier)?;
            }
        }
        for tunnel in [&mut own, &mut *other] {
            if let Some(more) = tunnel.there().into_iter().next() {
                return Err(Finding::fails("one reply to each request", format!("also {}", more.describe())));
            }
        }
        Ok(Pass::Clean)
    });
    bench.check(outcome)
}

/// The reply to its request is the next thing that an MN gets.
fn alone(tunnel: &mut Tunnel, carrier: Carrier) -> Outcome {
    let answers = tunnel.ask(carrier)?;
    let expected = "the reply to its own echo request, and nothing before it";
    match (answers.before.first(), &answers.answer) {
        (None, Some(_)) => Ok(Pass::Clean),
        (Some(other), _) => Err(Finding::fails(expected, other.describe())),
        (None, None) => Err(Finding::fails(expected, answers.describe())),
    }
}

fn spi_of_another_mn(bench: &mut Bench<'_>) -> Outcome {
    let mut own = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let outcome = beside(bench, Carrier::BindingUpdate, |other| {
        let mut packet = own.binding_update();
        packet.spi = other.grant.sa.spi.get();
        own.send(&packet)?;
        vanished(&mut own, Carrier::BindingUpdate)?;
        vanished(other, Carrier::BindingUpdate)
    });
    bench.check(outcome)
}

fn rekey_while_traffic_flows(bench: &mut Bench<'_>) -> Outcome {
    let echo = PacketFault::protected(|_| {});
    let mut old = bench.bound_tunnel(Carrier::ProtectedEcho)?;
    accepts(bench, &mut old, echo)?;
    let mut new = bench.renewed(&old)?;
    accepts(bench, &mut old, echo)?;
    new.continue_binding_of(&old);
    register(&mut new)?;
    for _ in 0..3 {
        accepts(bench, &mut new, echo)?;
    }
    bench.check(if old.grant.sa.spi == new.grant.sa.spi {
        Err(Finding::fails("another SPI for the new SA", format!("SPI {} again", new.grant.sa.spi)))
    } else {
        Ok(Pass::Clean)
    })
}

fn new_sa_starts_at_zero(bench: &mut Bench<'_>) -> Outcome {
    let mut old = bench.bound_tunnel(Carrier::BindingUpdate)?;
    old.jump_to(5000);
    register(&mut old)?;
    let mut new = bench.renewed(&old)?;
    new.continue_binding_of(&old);
    let answer = new.register(LIFETIME)?;
    bench.check(answer.map_err(|instead| {
        Finding::fails("Sequence Number 0 taken as the first under the new SA", instead)
    }))?;
    let first = new.heard.iter().find_map(|heard| heard.opened()).map(|opened| opened.sequence);
    bench.expect(first == Some(0), || {
        Finding::fails("Sequence Number 0 in the HA's first packet under the new SA", format!("{first:?}"))
    })?;
    Ok(Pass::Clean)
}

fn old_keys_under_the_new_spi(bench: &mut Bench<'_>) -> Outcome {
    let mut old = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let mut new = bench.renewed(&old)?;
    let mut packet = old.binding_update();
    packet.spi = new.grant.sa.spi.get();
    packet.ptype = PType::MOBILITY;
    let sent = old.send(&packet)?;
    new.continue_binding_of(&old);
    register(&mut new)?;
    vanished(&mut new, Carrier::BindingUpdate)?;
    let came: Option<TunnelAnswer> = old.there().into_iter().next();
    bench.check(came.map_or(Ok(Pass::Clean), |answer| {
        Err(Finding::fails("the packet silently discarded", answer.describe())
            .with_octets("datagram sent", &sent))
    }))
}
