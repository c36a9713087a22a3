//! RFC 6618 sections 6.2 and 8.1: PType 0 to 15 against SPI 0, known, unknown and ended, under both scopes.

use wire::packet::PType;
use wire::value::Scope;

use crate::bench::Bench;
use crate::case::Check::Script;
use crate::case::{Carrier, Case, Role};
use crate::finding::{Finding, Outcome, Pass};
use crate::judge::vanished;
use crate::player::Tunnel;
use crate::sa_file::Life;

/// The rows of the table. Cells that the text allows, or leaves to the HA, are left out of their row.
pub(super) const CASES: &[Case] = &[
    row(
        "rfc6618/6.2/spi-zero-under-scope-0",
        "under scope 0 packets with SPI 0 of PTypes 1 to 15 vanish",
        &[
            "rfc6618#6.2/spi-zero-needs-ptype-zero",
            "rfc6618#6.2/protected-spi-not-zero",
            "rfc6618#8.1/ptype-values",
        ],
        |bench| own(bench, Scope::SignalingOnly, |_| 0),
    )
    .by(&["PK-01", "PK-04"]),
    row(
        "rfc6618/6.2/spi-zero-under-scope-1",
        "under scope 1 packets with SPI 0 of all PTypes vanish",
        &[
            "rfc6618#6.2/spi-zero-needs-ptype-zero",
            "rfc6618#6.4/sas-one-plain-discarded",
            "rfc6618#8.1/ptype-values",
        ],
        |bench| own(bench, Scope::AllTraffic, |_| 0),
    )
    .by(&["PK-01", "PK-04", "PK-05"]),
    row(
        "rfc6618/6.2/known-spi-under-scope-0",
        "under scope 0 packets with the SPI of the SA of PTypes other than 1 and 8 vanish",
        &["rfc6618#6.1/unprotected-spi-zero", "rfc6618#8.1/ptype-values"],
        |bench| own(bench, Scope::SignalingOnly, |spi| spi),
    )
    .by(&["PK-02", "PK-04"]),
    row(
        "rfc6618/6.2/known-spi-under-scope-1",
        "under scope 1 packets with the SPI of the SA of PTypes other than 1 and 8 vanish",
        &["rfc6618#6.1/unprotected-spi-zero", "rfc6618#8.1/ptype-values"],
        |bench| own(bench, Scope::AllTraffic, |spi| spi),
    )
    .by(&["PK-02", "PK-04"]),
    row(
        "rfc6618/6.2/unknown-spi-under-scope-0",
        "under scope 0 packets with an SPI that nobody was given vanish, whatever their PType",
        &["rfc6618#9.3/sa-found-by-spi-and-direction", "rfc6618#6.1/unprotected-spi-zero"],
        |bench| own(bench, Scope::SignalingOnly, unknown),
    )
    .by(&["PK-09"]),
    row(
        "rfc6618/6.2/unknown-spi-under-scope-1",
        "under scope 1 packets with an SPI that nobody was given vanish, whatever their PType",
        &["rfc6618#9.3/sa-found-by-spi-and-direction", "rfc6618#6.1/unprotected-spi-zero"],
        |bench| own(bench, Scope::AllTraffic, unknown),
    )
    .by(&["PK-09"]),
    row(
        "rfc6618/6.2/ended-spi-under-scope-0",
        "packets under an SA of scope 0 that has ended vanish, whatever their PType",
        &["rfc6618#9.3/lifetime-from-validity-end", "rfc6618#4.3/sa-contains-validity-end"],
        |bench| ended(bench, Scope::SignalingOnly),
    )
    .by(&["SA-10"]),
    row(
        "rfc6618/6.2/ended-spi-under-scope-1",
        "packets under an SA of scope 1 that has ended vanish, whatever their PType",
        &["rfc6618#9.3/lifetime-from-validity-end", "rfc6618#4.3/sa-contains-validity-end"],
        |bench| ended(bench, Scope::AllTraffic),
    )
    .by(&["SA-10"]),
];

const fn row(
    id: &'static str,
    story: &'static str,
    cites: &'static [&'static str],
    script: fn(&mut Bench<'_>) -> Outcome,
) -> Case {
    Case::must(id, story, cites, Script(Role::Ha, script))
}

const fn unknown(spi: u32) -> u32 {
    spi ^ 0x0800_0000
}

const fn data(scope: Scope) -> Carrier {
    match scope {
        Scope::AllTraffic => Carrier::ProtectedEcho,
        Scope::SignalingOnly => Carrier::PlainEcho,
    }
}

/// What the text allows, or a case of its own judges.
fn is_left_out(scope: Scope, ptype: PType, packet_spi: u32, own_spi: u32) -> bool {
    match ptype {
        PType::PLAIN => packet_spi == 0 && scope == Scope::SignalingOnly,
        PType::PROTECTED | PType::MOBILITY => packet_spi == own_spi,
        _ => false,
    }
}

fn own(bench: &mut Bench<'_>, scope: Scope, spi: fn(u32) -> u32) -> Outcome {
    let mut tunnel = bench.bound_tunnel(data(scope))?;
    let own_spi = tunnel.grant.sa.spi.get();
    let packet_spi = spi(own_spi);
    let left_out = |ptype| is_left_out(scope, ptype, packet_spi, own_spi);
    send_row(&mut tunnel, packet_spi, left_out)?;
    bench.check(vanished(&mut tunnel, Carrier::BindingUpdate))
}

/// The controls go through an SA that lasts.
fn ended(bench: &mut Bench<'_>, scope: Scope) -> Outcome {
    let mut ended = bench.tunnel_of_life(Life::Ended, Some(scope))?;
    let mut control = bench.bound_tunnel(Carrier::BindingUpdate)?;
    let spi = ended.grant.sa.spi.get();
    send_row(&mut ended, spi, |_| false)?;
    bench.check(vanished(&mut control, Carrier::BindingUpdate))?;
    let came = ended.there();
    bench.expect(came.is_empty(), || {
        let observed = came.first().map_or_else(String::new, crate::player::TunnelAnswer::describe);
        Finding::fails("packets under an SA that has ended silently discarded", observed)
    })?;
    Ok(Pass::Clean)
}

/// A packet of each PType and of each form: a Binding Update, protected data, plain data.
fn send_row(tunnel: &mut Tunnel, spi: u32, left_out: impl Fn(PType) -> bool) -> Result<(), Finding> {
    for ptype in (0..=15).map(PType).filter(|&ptype| !left_out(ptype)) {
        for carrier in [Carrier::BindingUpdate, Carrier::ProtectedEcho, Carrier::PlainEcho] {
            let (mut packet, _) = tunnel.next(carrier)?;
            packet.ptype = ptype;
            packet.spi = spi;
            tunnel.send(&packet)?;
        }
    }
    Ok(())
}
