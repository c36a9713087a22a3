//! RFC 6618 section 6.4: user data in the reverse tunnel, protected (Figure 8) or plain (Figure 9).

use wire::packet::PType;
use wire::trailer;
use wire::value::Scope;

use crate::bench::{Bench, register};
use crate::case::Check::{HaAccepts, HaDiscards, Script};
use crate::case::{Carrier, Case, PacketFault, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::judge::vanished;
use crate::player::{ECHO_DATA, Heard, Inner, PacketForge, Tunnel, TunnelAnswer, echo_reply, turn_bit};

/// Cases of section 6.4.
pub(super) const CASES: &[Case] = &[
    // Scope.
    Case::must(
        "rfc6618/6.4/protected-data",
        "under scope 1 an echo request of PType 1 goes through, and its reply comes in PType 1",
        &[
            "rfc6618#6.4/scope-decides",
            "rfc6618#5.6.4/sas-one-protects-all-data",
            "rfc6618#6.4/sas-one-nothing-in-clear",
            "rfc6618#6.1/udp-encapsulated",
            "rfc6618#6.1/one-port",
            "rfc6275#10.3.1/binding-created",
            "rfc6275#10.3.1/reverse-tunnel-accepted",
            "rfc6275#10.4.5/reverse-tunnel-supported",
            "rfc6618#4.5/user-data-protected-alike",
        ],
        Script(Role::Ha, |bench| goes_through(bench, Carrier::ProtectedEcho, PType::PROTECTED)),
    )
    .by(&["PK-05"]),
    Case::must(
        "rfc6618/6.4/plain-data",
        "under scope 0 an echo request of PType 0 goes through, and its reply comes in PType 0",
        &["rfc6618#6.4/scope-decides", "rfc6618#6.4/ptype-0-is-plain-data"],
        Script(Role::Ha, |bench| goes_through(bench, Carrier::PlainEcho, PType::PLAIN)),
    )
    .by(&["PK-06", "PK-07"]),
    Case::must(
        "rfc6618/6.4/plain-data-under-scope-1",
        "under scope 1 a packet of PType 0 vanishes",
        &["rfc6618#6.4/sas-one-plain-discarded", "rfc6618#5.6.4/sas-one-mismatch-discarded"],
        HaDiscards(PacketFault::protected(PacketForge::in_the_clear)),
    )
    .by(&["PK-05", "PK-08"]),
    Case::should(
        "rfc6618/6.4/protected-data-under-scope-0",
        "under scope 0 a packet of PType 1 vanishes: the SA does not cover data",
        &["rfc6618#6.4/scope-decides"],
        Script(Role::Ha, protected_data_under_scope_0),
    )
    .by(&["PK-06"]),
    // What comes back.
    Case::must(
        "rfc6618/6.4/next-header-sent",
        "Next Header of a protected reply says IPv6",
        &["rfc6618#6.4/next-header-is-inner-version", "rfc4303#2.6/next-header-values"],
        Script(Role::Ha, next_header_sent),
    )
    .by(&["PK-20"]),
    Case::must(
        "rfc6618/6.4/plain-words-sent",
        "a plain reply begins with eight zero octets, and the inner packet follows",
        &[
            "rfc6618#6.4/plain-spi-and-sequence-zero",
            "rfc6618#6.4/plain-no-trailer",
            "rfc6618#6.4/plain-layout",
        ],
        Script(Role::Ha, plain_words_sent),
    )
    .by(&["PK-02", "PK-03"]),
    Case::must(
        "rfc6618/6.4/inner-packet-as-is",
        "the echo data comes back octet for octet",
        &["rfc6618#6.4/inner-packet-as-is"],
        Script(Role::Ha, inner_packet_as_is),
    )
    .by(&["PK-23"]),
    // The ICV.
    Case::must(
        "rfc6618/6.4/number-under-icv",
        "user data whose Sequence Number was changed under its ICV vanishes",
        &["rfc6618#6.4/protected-integrity-cover", "rfc4303#3.4.3/bad-icv-discarded"],
        HaDiscards(PacketFault::protected(|p| p.spoil(|octets| turn_bit(octets, 4)))),
    )
    .by(&["PK-13"]),
    Case::must(
        "rfc6618/6.4/payload-under-icv",
        "user data whose payload was changed under its ICV vanishes",
        &["rfc6618#6.4/protected-integrity-cover", "rfc4303#3.4.3/bad-icv-discarded"],
        HaDiscards(PacketFault::protected(|p| p.spoil(|octets| turn_bit(octets, 40)))),
    )
    .by(&["PK-13"]),
    Case::must(
        "rfc6618/6.4/icv-last-octet",
        "user data with a bit turned in the last octet of the ICV vanishes",
        &["rfc6618#6.4/protected-integrity-cover", "rfc4303#3.4.3/bad-icv-discarded"],
        HaDiscards(PacketFault::protected(|p| p.spoil(|octets| turn_bit(octets, -1)))),
    )
    .by(&["PK-14"]),
    Case::must(
        "rfc6618/6.4/icv-missing",
        "user data without an ICV vanishes",
        &["rfc6618#6.4/protected-layout", "rfc4303#3.4.3/bad-icv-discarded"],
        HaDiscards(PacketFault::protected(|p| p.spoil(|octets| octets.truncate(octets.len() - 12)))),
    )
    .by(&["PK-10", "PK-14"]),
    // The trailer.
    Case::must(
        "rfc6618/6.4/next-header-ipv4-for-ipv6",
        "an IPv6 packet whose Next Header says IPv4 vanishes",
        &["rfc6618#6.4/next-header-is-inner-version", "rfc4303#2.6/next-header-values"],
        HaDiscards(PacketFault::protected(|p| p.next_header = Some(trailer::IPV4))),
    )
    .by(&["PK-20"]),
    Case::must(
        "rfc6618/6.4/next-header-mobility",
        "an IPv6 packet whose Next Header says Mobility Header vanishes",
        &["rfc6618#6.4/next-header-is-inner-version", "rfc6618#6.4/ptype-1-is-protected-data"],
        HaDiscards(PacketFault::protected(|p| p.next_header = Some(trailer::MOBILITY))),
    )
    .by(&["PK-20"]),
    Case::must(
        "rfc6618/6.4/dummy",
        "a dummy packet of PType 1, Next Header 59, vanishes and its number is used up without harm",
        &["rfc4303#2.6/dummy-discarded", "rfc4303#2.6/dummy-is-59", "rfc6618#6.4/trailer-as-esp"],
        HaDiscards(PacketFault::protected(|p| p.next_header = Some(trailer::NO_NEXT))),
    )
    .by(&["PK-22"]),
    Case::must(
        "rfc6618/6.4/pad-length-too-large",
        "user data whose Pad Length is larger than what it has vanishes, though its ICV is right",
        &["rfc6618#6.4/trailer-as-esp", "rfc4303#2.4/padding-consumed"],
        HaDiscards(PacketFault::protected(|p| p.pad_length = Some(255))),
    )
    .by(&["PK-18"]),
    Case::must(
        "rfc6618/6.4/longest-padding",
        "user data with as much padding as Pad Length can tell is accepted",
        &["rfc6618#6.4/trailer-as-esp", "rfc4303#2.4/padding-consumed", "rfc4303#2.4/padding-to-255"],
        HaAccepts(PacketFault::protected(|p| p.pad_further(240))),
    )
    .by(&["PK-17"]),
    Case::should(
        "rfc6618/6.4/octets-behind-the-inner-packet",
        "octets between the inner packet and the padding, which hide its length, are cut off",
        &["rfc6618#6.4/trailer-as-esp"],
        HaAccepts(PacketFault::protected(|p| {
            if let Inner::Octets(_, packet) = &mut p.inner {
                packet.extend_from_slice(&[0; 20]);
            }
        })),
    )
    .by(&["PK-23"]),
    // Who speaks.
    Case::must(
        "rfc6618/6.4/inner-source-of-another",
        "a protected packet whose inner source is the home address of another MN vanishes",
        &["rfc6618#6.4/protected-inner-addresses", "rfc6618#4.5/rfc6275-protection-applies"],
        Script(Role::Ha, inner_source_of_another),
    )
    .by(&["PK-30"]),
];

pub(super) fn goes_through(bench: &mut Bench<'_>, carrier: Carrier, expected: PType) -> Outcome {
    let mut tunnel = bench.bound_tunnel(carrier)?;
    let answers = tunnel.ask(carrier)?;
    let expectation = format!("an echo reply in {expected}");
    bench.check(match answers.answer {
        Some(TunnelAnswer::EchoReply { ptype, .. }) if ptype == expected => Ok(Pass::Clean),
        _ => Err(Finding::fails(expectation, answers.describe())),
    })
}

fn protected_data_under_scope_0(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::PlainEcho)?;
    let (packet, _) = tunnel.next(Carrier::ProtectedEcho)?;
    tunnel.send(&packet)?;
    bench.check(vanished(&mut tunnel, Carrier::PlainEcho))
}

/// The datagram with the reply to an honest echo request.
pub(super) fn reply(bench: &mut Bench<'_>, carrier: Carrier) -> Result<Heard, Finding> {
    let mut tunnel: Tunnel = bench.bound_tunnel(carrier)?;
    let answers = tunnel.ask(carrier)?;
    match (&answers.answer, tunnel.heard.pop()) {
        (Some(_), Some(heard)) => Ok(heard),
        _ => Err(Finding::Inconclusive(Because::Prerequisite(answers.describe()))),
    }
}

fn next_header_sent(bench: &mut Bench<'_>) -> Outcome {
    let heard = reply(bench, Carrier::ProtectedEcho)?;
    let next_header = heard.opened().map(|opened| opened.next_header);
    bench.check(match next_header {
        Some(trailer::IPV6) => Ok(Pass::Clean),
        _ => Err(Finding::fails("a protected packet with Next Header 41", format!("{next_header:?}"))
            .with_octets("datagram received", heard.octets())),
    })
}

fn plain_words_sent(bench: &mut Bench<'_>) -> Outcome {
    let heard = reply(bench, Carrier::PlainEcho)?;
    let words = heard.octets().get(..8).unwrap_or_default();
    bench.check(if words == [0; 8] {
        Ok(Pass::Clean)
    } else {
        Err(Finding::fails("PType 0, SPI 0, Sequence Number 0", format!("{words:02x?}"))
            .with_octets("datagram received", heard.octets()))
    })
}

fn inner_packet_as_is(bench: &mut Bench<'_>) -> Outcome {
    let heard = reply(bench, Carrier::ProtectedEcho)?;
    let packet = heard.opened().map(|opened| opened.payload.as_slice()).unwrap_or_default();
    bench.check(match echo_reply(packet) {
        Some(echo) if echo.data == ECHO_DATA => Ok(Pass::Clean),
        _ => Err(Finding::fails("the data of the echo request", "other data")
            .with_octets("inner packet received", packet)),
    })
}

/// The reply would go to the other MN, which is also ours and listens.
fn inner_source_of_another(bench: &mut Bench<'_>) -> Outcome {
    let lease = bench
        .setup()
        .identities
        .lease_other(bench.identity())
        .ok_or(Finding::Inconclusive(Because::Needs("a second identity that no other case uses")))?;
    let mut own = bench.bound_tunnel(Carrier::ProtectedEcho)?;
    let mut aside = Bench::new(bench.setup(), lease.identity, "inner-source-of-another");
    let mut other = aside.tunnel(Scope::AllTraffic)?;
    register(&mut other)?;
    let forged = own.echo_from(other.home)?;
    own.send(&forged)?;
    // An answer here shows that the forged packet was dealt with.
    if own.ask(Carrier::ProtectedEcho)?.answer.is_none() {
        return Err(Finding::Inconclusive(Because::ControlUnanswered("an honest echo request".to_owned())));
    }
    bench.check(vanished(&mut other, Carrier::ProtectedEcho))
}
