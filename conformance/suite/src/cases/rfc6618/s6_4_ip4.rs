//! RFC 6618 section 6.4: IPv4 inside, where the HAC provisions it, and what an inner packet may look like.

use wire::packet::PType;
use wire::trailer;

use super::s6_4_data::{goes_through, reply};
use crate::bench::Bench;
use crate::case::Check::{HaDiscards, Script};
use crate::case::{Carrier, Case, PacketFault, Role};
use crate::finding::{Because, Finding, Outcome, Pass};
use crate::judge::vanished;
use crate::player::{Inner, PacketForge, TunnelAnswer};

const VERSION: &[&str] = &["rfc6618#6.4/next-header-is-inner-version", "rfc4303#2.6/next-header-values"];

/// Cases about inner packets.
pub(super) const CASES: &[Case] = &[
    Case::must(
        "rfc6618/6.4/protected-ip4",
        "under scope 1 an echo request inside IPv4 goes through, and its reply comes in PType 1",
        &[
            "rfc6618#6.4/scope-decides",
            "rfc6618#6.4/next-header-is-inner-version",
            "rfc6618#6.4/protected-inner-addresses",
        ],
        Script(Role::Ha, |bench| goes_through(bench, Carrier::ProtectedEcho4, PType::PROTECTED)),
    )
    .by(&["PK-20"]),
    Case::must(
        "rfc6618/6.4/plain-ip4",
        "under scope 0 an echo request inside IPv4 goes through, and its reply comes in PType 0",
        &["rfc6618#6.4/ptype-0-is-plain-data", "rfc6618#6.4/plain-inner-addresses"],
        Script(Role::Ha, |bench| goes_through(bench, Carrier::PlainEcho4, PType::PLAIN)),
    )
    .by(&["PK-07"]),
    Case::must(
        "rfc6618/6.4/next-header-sent-with-ip4",
        "Next Header of a protected reply inside IPv4 says IPv4",
        VERSION,
        Script(Role::Ha, next_header_sent),
    )
    .by(&["PK-20"]),
    Case::must(
        "rfc6618/6.4/next-header-ipv6-for-ipv4",
        "an IPv4 packet whose Next Header says IPv6 vanishes",
        VERSION,
        HaDiscards(PacketFault::protected4(|p| p.next_header = Some(trailer::IPV6))),
    )
    .by(&["PK-20"]),
    Case::must(
        "rfc6618/6.4/plain-ip4-under-scope-1",
        "under scope 1 an IPv4 packet of PType 0 vanishes",
        &["rfc6618#6.4/sas-one-plain-discarded", "rfc6618#6.4/sas-one-nothing-in-clear"],
        HaDiscards(PacketFault::protected4(PacketForge::in_the_clear)),
    )
    .by(&["PK-05"]),
    Case::must(
        "rfc6618/6.4/inner-ip4-source-of-another",
        "a protected packet whose inner source is the IPv4 home address of another MN vanishes",
        &["rfc6618#6.4/protected-inner-addresses", "rfc6618#4.5/rfc6275-protection-applies"],
        Script(Role::Ha, inner_ip4_source_of_another),
    )
    .by(&["PK-30"]),
    Case::must(
        "rfc6618/6.4/inner-version-5",
        "an inner packet of version 5 vanishes",
        VERSION,
        HaDiscards(PacketFault::protected(|p| inner(p, |packet| packet[0] = 0x50))),
    )
    .by(&["PK-20"]),
    Case::should(
        "rfc6618/6.4/inner-packet-cut",
        "an inner packet shorter than it says vanishes",
        &["rfc6618#6.4/inner-packet-as-is"],
        HaDiscards(PacketFault::protected(|p| inner(p, |packet| packet.truncate(packet.len() - 4)))),
    )
    .by(&["PK-23"]),
    Case::must(
        "rfc6618/6.4/nothing-inside",
        "a protected packet with nothing inside vanishes",
        &["rfc6618#6.4/protected-layout", "rfc6618#6.4/next-header-is-inner-version"],
        HaDiscards(PacketFault::protected(|p| inner(p, Vec::clear))),
    )
    .by(&["PK-20"]),
    Case::must(
        "rfc6618/6.4/large-packet",
        "an inner packet of 1280 octets, which every IPv6 link carries, goes through whole",
        &["rfc6618#6.4/inner-packet-as-is", "rfc6618#6.4/user-data-protected"],
        Script(Role::Ha, large_packet),
    )
    .by(&["PK-23"]),
];

/// Changes the inner packet.
fn inner(packet: &mut PacketForge, change: impl FnOnce(&mut Vec<u8>)) {
    if let Inner::Octets(_, octets) = &mut packet.inner {
        change(octets);
    }
}

fn next_header_sent(bench: &mut Bench<'_>) -> Outcome {
    let heard = reply(bench, Carrier::ProtectedEcho4)?;
    let next_header = heard.opened().map(|opened| opened.next_header);
    bench.check(match next_header {
        Some(trailer::IPV4) => Ok(Pass::Clean),
        _ => Err(Finding::fails("a protected packet with Next Header 4", format!("{next_header:?}"))
            .with_octets("datagram received", heard.octets())),
    })
}

/// The reply would go to the other MN, which is also ours and listens.
fn inner_ip4_source_of_another(bench: &mut Bench<'_>) -> Outcome {
    let lease = bench
        .setup()
        .identities
        .lease_other(bench.identity())
        .ok_or(Finding::Inconclusive(Because::Needs("a second identity that no other case uses")))?;
    let mut own = bench.bound_tunnel(Carrier::ProtectedEcho4)?;
    let mut aside = Bench::new(bench.setup(), lease.identity, "inner-ip4-source-of-another");
    let mut other = aside.bound_tunnel(Carrier::ProtectedEcho4)?;
    let none = "an IPv4 home address; the HAC or the file of associations gives none";
    let foreign = other.home_ip4.ok_or(Finding::Unsupported(Because::Needs(none)))?;
    let forged = own.echo4_from(foreign)?;
    own.send(&forged)?;
    // An answer here shows that the forged packet was dealt with.
    if own.ask(Carrier::ProtectedEcho4)?.answer.is_none() {
        return Err(Finding::Inconclusive(Because::ControlUnanswered("an honest echo request".to_owned())));
    }
    bench.check(vanished(&mut other, Carrier::ProtectedEcho4))
}

/// 40 octets of IPv6 header, 8 of ICMPv6, and data.
const LARGE: usize = 1280 - 48;

fn large_packet(bench: &mut Bench<'_>) -> Outcome {
    let mut tunnel = bench.bound_tunnel(Carrier::ProtectedEcho)?;
    let data: Vec<u8> = (0..=u8::MAX).cycle().take(LARGE).collect();
    let packet = tunnel.echo_of(tunnel.home, &data)?;
    tunnel.send(&packet)?;
    let came = tunnel.next_echo_reply();
    bench.check(match came {
        Ok(echo) if echo.data == data => Ok(Pass::Clean),
        Ok(echo) => Err(Finding::fails("the data of the echo request", "other data")
            .with_octets("data received", &echo.data)),
        Err(instead) => {
            let observed =
                instead.last().map_or_else(|| "no answer in time".to_owned(), TunnelAnswer::describe);
            Err(Finding::fails("an echo reply with 1232 octets of data", observed))
        }
    })
}
