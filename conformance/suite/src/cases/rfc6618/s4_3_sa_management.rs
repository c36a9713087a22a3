//! RFC 6618 sections 4.3 and 4.5: one SPI, one suite and one counter for everything, wherever the MN is.

use std::net::Ipv6Addr;

use crypto::auth::Profile;
use wire::value::{Ciphersuite, Scope};

use crate::bench::{Bench, register};
use crate::case::Check::{HaDiscards, HaSays, Script};
use crate::case::{Carrier, Case, PacketFault, Role};
use crate::diagnose::packet;
use crate::finding::{Finding, Outcome, Pass};
use crate::judge::accepts;
use crate::player::Stay;

/// Cases of sections 4.3 and 4.5.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/4.3/ha-sends-the-granted-spi",
        "protected packets of the HA carry the SPI that the HAC granted",
        &[
            "rfc6618#4.3/same-spi-both-directions",
            "rfc6618#4.3/one-spi-for-signalling-and-data",
            "rfc6618#6.1/one-spi",
        ],
        HaSays(granted_spi),
    )
    .by(&["PK-09"]),
    Case::must(
        "rfc6618/4.3/ha-starts-at-zero",
        "the first protected packet of the HA under a new SA has Sequence Number 0, whatever ours has",
        &["rfc6618#4.3/sequence-starts-at-zero", "rfc6618#4.3/sequence-per-direction"],
        Script(Role::Ha, ha_starts_at_zero),
    )
    .by(&["SQ-01", "SQ-10"]),
    Case::must(
        "rfc6618/4.3/ha-numbers-increase",
        "protected packets of the HA count up, signalling and data together, and repeat no number",
        &["rfc6618#4.3/sequence-increases", "rfc6618#6.1/sequence-detects-repeats"],
        HaSays(numbers_increase),
    )
    .by(&["SQ-02", "SQ-06", "SQ-07"]),
    Case::must(
        "rfc6618/4.3/number-of-the-other-ptype",
        "user data with the number of a Binding Update vanishes: both count on one counter",
        &["rfc6618#4.3/sequence-increases", "rfc6618#4.3/one-spi-for-signalling-and-data"],
        HaDiscards(PacketFault::protected(|p| p.sequence = p.sequence.wrapping_sub(1))),
    )
    .by(&["SQ-06"]),
    Case::must(
        "rfc6618/4.3/another-care-of-address",
        "after a movement the same SA serves: a Binding Update from another port is accepted, and answered there",
        &["rfc6618#4.3/sa-free-of-care-of-address", "rfc6618#9.3/sa-found-by-spi-and-direction"],
        Script(Role::Ha, another_care_of_address),
    )
    .by(&["PK-09", "PK-27"]),
    suite_serves(
        "rfc6618/4.3/suite-null-sha",
        "a registration and user data under NULL_SHA",
        &["rfc6618#5.6.5/null-sha", "rfc6618#5.6.5/supports-null", "rfc6618#5.6.5/supports-hmac-sha1-96"],
        |bench| serves(bench, Ciphersuite::NullSha),
    ),
    suite_serves(
        "rfc6618/4.3/suite-null-sha256",
        "a registration and user data under NULL_SHA256, whose ICV is AES-XCBC",
        &[
            "rfc6618#5.6.5/null-sha256",
            "rfc6618#5.6.5/supports-null",
            "rfc6618#5.6.5/supports-aes-xcbc-mac-96",
        ],
        |bench| serves(bench, Ciphersuite::NullSha256),
    ),
    suite_serves(
        "rfc6618/4.3/suite-3des-ede-cbc-sha",
        "a registration and user data under 3DES_EDE_CBC_SHA",
        &["rfc6618#4.3/one-suite-both-directions", "rfc6618#4.5/same-algorithms-for-signalling-and-data", "rfc6618#5.6.5/3des-ede-cbc-sha", "rfc6618#5.6.5/supports-3des"],
        |bench| serves(bench, Ciphersuite::TripleDesSha),
    ),
    suite_serves(
        "rfc6618/4.3/suite-aes-128-cbc-sha",
        "a registration and user data under AES_128_CBC_SHA",
        &["rfc6618#4.3/one-suite-both-directions", "rfc6618#4.5/same-algorithms-for-signalling-and-data", "rfc6618#5.6.5/aes-128-cbc-sha", "rfc6618#5.6.5/supports-aes-128"],
        |bench| serves(bench, Ciphersuite::Aes128Sha),
    ),
    suite_serves(
        "rfc6618/4.3/suite-aes-128-cbc-sha256",
        "a registration and user data under AES_128_CBC_SHA256, whose ICV is AES-XCBC",
        &["rfc6618#4.3/one-suite-both-directions", "rfc6618#4.5/same-algorithms-for-signalling-and-data", "rfc6618#5.6.5/aes-128-cbc-sha256", "rfc6618#5.6.5/supports-aes-xcbc-mac-96"],
        |bench| serves(bench, Ciphersuite::Aes128Sha256),
    ),
    suite_serves_signalling(
        "rfc6618/4.3/suite-null-sha-under-scope-0",
        "a registration under NULL_SHA, and plain user data beside it",
        |bench| serves_signalling(bench, Ciphersuite::NullSha),
    ),
    suite_serves_signalling(
        "rfc6618/4.3/suite-null-sha256-under-scope-0",
        "a registration under NULL_SHA256, and plain user data beside it",
        |bench| serves_signalling(bench, Ciphersuite::NullSha256),
    ),
    suite_serves_signalling(
        "rfc6618/4.3/suite-3des-ede-cbc-sha-under-scope-0",
        "a registration under 3DES_EDE_CBC_SHA, and plain user data beside it",
        |bench| serves_signalling(bench, Ciphersuite::TripleDesSha),
    ),
    suite_serves_signalling(
        "rfc6618/4.3/suite-aes-128-cbc-sha-under-scope-0",
        "a registration under AES_128_CBC_SHA, and plain user data beside it",
        |bench| serves_signalling(bench, Ciphersuite::Aes128Sha),
    ),
    suite_serves_signalling(
        "rfc6618/4.3/suite-aes-128-cbc-sha256-under-scope-0",
        "a registration under AES_128_CBC_SHA256, and plain user data beside it",
        |bench| serves_signalling(bench, Ciphersuite::Aes128Sha256),
    ),
];

const fn suite_serves_signalling(
    id: &'static str,
    story: &'static str,
    script: fn(&mut Bench<'_>) -> Outcome,
) -> Case {
    const CITES: &[&str] = &[
        "rfc6618#4.5/binding-messages-integrity",
        "rfc6618#6.4/scope-decides",
        "rfc6618#6.4/ptype-0-is-plain-data",
    ];
    Case::must(id, story, CITES, Script(Role::Ha, script)).by(&["PK-05", "PK-12", "PK-14", "PK-16"])
}

const fn suite_serves(
    id: &'static str,
    story: &'static str,
    cites: &'static [&'static str],
    script: fn(&mut Bench<'_>) -> Outcome,
) -> Case {
    Case::must(id, story, cites, Script(Role::Ha, script)).by(&["PK-12", "PK-14", "PK-16"])
}

fn granted_spi(stay: &Stay) -> Outcome {
    let need = stay.grant.sa.spi;
    match stay.protected().find(|(_, opened)| opened.spi != need) {
        None => Ok(Pass::Clean),
        Some((octets, opened)) => Err(Finding::fails(format!("SPI {need}"), format!("SPI {}", opened.spi))
            .with_octets("datagram received", octets)),
    }
}

fn ha_starts_at_zero(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.signaling_tunnel()?;
    tunnel.jump_to(1000);
    let stay = bench.stay_in(tunnel)?;
    let first = stay.protected().next().map(|(_, opened)| opened.sequence);
    bench.check(match first {
        Some(0) => Ok(Pass::Clean),
        _ => {
            let slip = first.and_then(packet::first_number);
            let clues: Vec<_> = slip.map(packet::Slip::clue).into_iter().collect();
            Err(Finding::fails("Sequence Number 0 in its first packet", format!("{first:?}"))
                .with_clues(&clues))
        }
    })
}

fn numbers_increase(stay: &Stay) -> Outcome {
    let numbers: Vec<u32> = stay.protected().map(|(_, opened)| opened.sequence).collect();
    if numbers.is_sorted_by(|one, next| one < next) {
        return Ok(Pass::Clean);
    }
    let expected = "Sequence Numbers that count up";
    let observed = format!("{numbers:?}");
    let literal = stay.profile == Profile::Draft01 && !stay.grant.sa.suite.encrypts();
    if literal && numbers.iter().all(|number| *number == 0) {
        return Err(Finding::warns(expected, format!("{observed}: the draft taken at its word (SQ-02)")));
    }
    let packets: Vec<_> = stay.protected().map(|(_, opened)| (opened.ptype, opened.sequence)).collect();
    let clues: Vec<_> = packet::numbers(&packets).map(packet::Slip::clue).into_iter().collect();
    Err(Finding::fails(expected, observed).with_clues(&clues))
}

fn another_care_of_address(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::BindingUpdate)?;
    tunnel.move_to(bench.datagrams(&tunnel.grant)?);
    const ELSEWHERE: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xc0a, 3, 0, 0, 0, 7);
    let update = PacketFault::update(|p| p.binding(|b| b.update.alternate_coa = Some(ELSEWHERE)));
    accepts(bench, &mut tunnel, update)
}

fn serves(bench: &mut Bench<'_>, suite: Ciphersuite) -> Outcome {
    carries(bench, suite, Scope::AllTraffic, PacketFault::protected(|_| {}))
}

fn serves_signalling(bench: &mut Bench<'_>, suite: Ciphersuite) -> Outcome {
    carries(bench, suite, Scope::SignalingOnly, PacketFault::plain(|_| {}))
}

fn carries(bench: &mut Bench<'_>, suite: Ciphersuite, scope: Scope, data: PacketFault) -> Outcome {
    let mut tunnel = bench.tunnel_with(&[suite], scope)?;
    bench.check(match register(&mut tunnel) {
        Err(Finding::Inconclusive(because)) => {
            Err(Finding::fails(format!("a registration accepted under {suite}"), because.to_string())
                .with_clues(&tunnel.clues))
        }
        other => other,
    })?;
    if bench.setup().correspondent.is_none() {
        return Ok(Pass::Clean);
    }
    accepts(bench, &mut tunnel, data)
}
