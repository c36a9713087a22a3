//! What an MN says about mobility through its tunnel: to correspondents, and to its home network.

use std::net::Ipv6Addr;

use dissect::{About, Checksum, Content, Inner, Line, Message, MobileIcmpKind, report};
use etherparse::{IpNumber, PacketBuilder};

use crate::made_up_capture::{HOME, options, pcap, tunnelled};

const RAW_IP: u32 = 101;
const MOBILITY: u8 = 135;
const ICMP6: u8 = 58;
const OTHER: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xc0, 0, 0, 0, 0, 1);

/// An IPv6 packet of the MN to the other.
fn ip6(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    let builder = PacketBuilder::ipv6(HOME.octets(), OTHER.octets(), 64);
    builder.write(&mut packet, IpNumber(protocol), payload).expect("a Vec takes all");
    packet
}

/// Fills the checksum in at octet `at`.
fn summed(protocol: u8, at: usize, mut message: Vec<u8>) -> Vec<u8> {
    let len = u32::try_from(message.len()).expect("short");
    let sum = etherparse::checksum::Sum16BitWords::new()
        .add_16bytes(HOME.octets())
        .add_16bytes(OTHER.octets())
        .add_4bytes(len.to_be_bytes())
        .add_2bytes([0, protocol])
        .add_slice(&message)
        .ones_complement()
        .to_be();
    message[at..at + 2].copy_from_slice(&sum.to_be_bytes());
    message
}

fn home_test_init() -> Vec<u8> {
    let cookie = [1, 2, 3, 4, 5, 6, 7, 8];
    summed(MOBILITY, 4, [&[59, 1, 1, 0, 0, 0, 0, 0][..], &cookie].concat())
}

fn one(inner: &[u8]) -> Line {
    let report = report(&pcap(RAW_IP, &[tunnelled(0, inner)]), &options());
    report.lines.into_iter().next().expect("a packet")
}

fn about(line: &Line) -> &About {
    match &line.packet.content {
        Content::Inner(Inner::Ip { about: Some(about), .. }) => about,
        _ => panic!("{line}"),
    }
}

#[test]
fn a_home_test_init_is_read_with_its_checksum() {
    let line = one(&ip6(MOBILITY, &home_test_init()));
    let About::Mobility(mobility) = about(&line) else { panic!("{line}") };
    assert_eq!(mobility.message, Message::HomeTestInit { cookie: 0x0102_0304_0506_0708 });
    assert_eq!(mobility.checksum, Checksum::Good);
    assert_eq!(line.findings, [], "{line}");
    assert!(
        line.to_string()
            .contains("protocol 135, 56 octets: Home Test Init, cookie 0102030405060708, checksum good")
    );
}

#[test]
fn a_mobile_prefix_solicitation_is_read_with_its_checksum() {
    let line = one(&ip6(ICMP6, &summed(ICMP6, 2, vec![146, 0, 0, 0, 0, 9, 0, 0])));
    let About::Icmp(message) = about(&line) else { panic!("{line}") };
    assert_eq!((message.kind, message.identifier), (MobileIcmpKind::PrefixSolicitation, 9));
    assert_eq!((message.checksum, line.findings.len()), (Checksum::Good, 0));
}

#[test]
fn what_is_wrong_with_it_is_not_blamed_on_who_tunnels_it() {
    let mut wrong = home_test_init();
    wrong[4] ^= 1;
    let short = summed(ICMP6, 2, vec![147, 0, 0, 0, 0, 9, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
    for (inner, expected) in [
        (ip6(MOBILITY, &wrong), "inner headers: Mobility Header checksum at octet 0"),
        (ip6(MOBILITY, &home_test_init()[..10]), "inner headers: Mobility Header at octet 0: need 16 octets"),
        (
            ip6(ICMP6, &short),
            "inner headers: option of a Mobile Prefix Advertisement at octet 48: need 1 to 255",
        ),
    ] {
        let line = one(&inner);
        let [finding] = line.findings.as_slice() else { panic!("{line}") };
        assert!(finding.to_string().contains(expected), "{finding}");
    }
}

#[test]
fn nothing_travels_behind_a_mobility_header() {
    let mut with_more = home_test_init();
    with_more[0] = 17;
    let line =
        one(&ip6(MOBILITY, &summed(MOBILITY, 4, [&with_more[..4], &[0; 2], &with_more[6..]].concat())));
    let [finding] = line.findings.as_slice() else { panic!("{line}") };
    assert!(
        finding.to_string().contains("inner headers: Payload Proto at octet 0: need 59, have 17"),
        "{finding}"
    );
}
