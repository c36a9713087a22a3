//! RFC 6618 section 6 from the mobile node's side: registration and the tunnel, against the home agent as a value.

mod peers;
mod world;

use std::net::IpAddr;
use std::time::Duration;

use peers::*;
use proto::Machine;
use proto::correspondent;
use proto::ha::{self, Datagram, Discard};
use proto::mn::{self, Event, Fault, Mn};
use wire::mobility::BindingStatus;
use wire::packet::{PType, Packet};
use wire::value::{Ciphersuite, Prefix4, Scope, Spi};
use world::{Path, World, correspondent_address, from, ptypes};

const ELSEWHERE: &str = "2001:db8:cafe::1";

fn usual() -> mn::Config {
    config(PROFILES[0])
}

#[test]
fn registers_and_talks_through_the_tunnel_with_every_suite_and_scope() {
    for suite in Ciphersuite::ALL {
        for scope in Scope::ALL {
            let mut world = World::registered(mn::Config { suites: vec![suite], scope, ..usual() });
            let binding = world.binding().expect("registered");
            assert_eq!(binding.care_of.map(IpAddr::V6), Some(care_of()));
            assert_eq!(Some(binding.home), world.home);

            let packets: Vec<Vec<u8>> = (0..9).map(|number| world.echo(number)).collect();
            world.tell(mn::Input::FromHost(packets));
            assert_eq!(world.delivered.len(), 9, "{}, {scope:?}: {:?}", suite.name(), world.mn.discards());
            let data = if scope == Scope::AllTraffic { PType::PROTECTED } else { PType::PLAIN };
            assert_eq!(ptypes(&world.sent), [vec![PType::MOBILITY], vec![data; 9]].concat());
            assert_eq!(ptypes(&world.answered), [vec![PType::MOBILITY], vec![data; 9]].concat());
            assert_eq!((world.mn.discards().total(), world.ha.discards().total()), (0, 0));
        }
    }
}

/// Sections 5.7.3 and 6.4: the IPv4 home address is as good as the other one, both ways, under both scopes.
#[test]
fn ip4_goes_through_the_tunnel_where_it_is_provisioned() {
    for scope in Scope::ALL {
        let mut policy = policy(PROFILES[0]);
        policy.network.prefix4 = Prefix4::parse(b"198.51.100.0/24").ok();
        let mut world = World::new(mn::Config { scope, ..usual() });
        world.hac = hac(policy);
        world.tell(mn::Input::Start);
        let home = world.events.iter().find_map(|event| match event {
            Event::Bootstrapped { home, .. } => home.ip4,
            _ => None,
        });
        let home = IpAddr::V4(home.expect("an IPv4 home address"));
        let echo = |from: IpAddr| {
            correspondent::echo_request(from, IpAddr::from([192, 0, 2, 99]), 7, 1, b"in four")
                .expect("one family")
        };

        world.tell(mn::Input::FromHost(vec![echo(home)]));
        assert_eq!(world.delivered.len(), 1, "{scope:?}: {:?}", world.ha.discards());
        assert_eq!(correspondent::destination(&world.delivered[0]), Some(home));

        world.tell(mn::Input::FromHost(vec![echo(IpAddr::from([198, 51, 100, 254]))]));
        assert_eq!((world.delivered.len(), world.mn.discards().count(Discard::InnerSource)), (1, 1));
    }
}

#[test]
fn protected_packets_count_from_zero_whatever_they_carry() {
    let mut world = World::registered(usual());
    let packets = vec![world.echo(1), world.echo(2)];
    world.tell(mn::Input::FromHost(packets));
    world.tell(mn::Input::Move { care_of: ELSEWHERE.parse().expect("an address") });
    let numbers: Vec<u32> =
        world.sent.iter().map(|octets| Packet::new_unchecked(octets).sequence()).collect();
    assert_eq!(numbers, [0, 1, 2, 3]);
}

#[test]
fn only_a_global_ip6_address_is_an_alternate_care_of_address() {
    for (care_of, option) in [
        (ELSEWHERE, Some(ELSEWHERE)),
        ("192.0.2.1", None),
        ("::1", None),
        ("fe80::1", None),
        ("::ffff:192.0.2.1", None),
    ] {
        let care_of = care_of.parse().expect("an address");
        let world = World::registered(mn::Config { care_of, ..usual() });
        let named = world.binding().expect("registered").care_of;
        assert_eq!(named, option.map(|text| text.parse().expect("an address")), "{care_of}");
    }
}

#[test]
fn an_unanswered_update_is_repeated_ever_more_slowly_and_then_given_up() {
    let mut world = World::new(usual());
    world.path = Path::Lost;
    world.tell(mn::Input::Start);
    let waits: Vec<u64> = (0..7).map(|_| world.wait().as_secs()).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 32]);
    let numbers: Vec<u32> =
        world.sent.iter().map(|octets| Packet::new_unchecked(octets).sequence()).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6], "never the same packet twice");
    let Some(Event::Failed(failure)) = world.events.last() else { panic!("{:?}", world.events) };
    assert_eq!((failure.fault, failure.field), (Fault::Path, "Binding Acknowledgement"));
    assert!(!world.mn.is_registered(world.now));
}

#[test]
fn a_repetition_that_arrives_registers() {
    let mut world = World::new(usual());
    world.path = Path::Lost;
    world.tell(mn::Input::Start);
    world.path = Path::Open;
    world.wait();
    assert!(world.mn.is_registered(world.now));
    let first = world.sent.swap_remove(0);
    world.ha.handle(world.now, ha::Input::Datagrams(vec![Datagram { from: from(), octets: first }]));
    world.settle();
    assert_eq!(world.refused, [BindingStatus::SEQUENCE_OUT_OF_WINDOW], "the late first one is old");
    assert_eq!(world.mn.discards().count(Discard::Unsolicited), 1);
    assert!(world.mn.is_registered(world.now));
}

#[test]
fn a_binding_is_refreshed_before_it_ends() {
    let mut world = World::registered(usual());
    for _ in 0..3 {
        let until = world.binding().expect("registered").until;
        world.wait();
        assert!(world.now < until);
        assert!(world.binding().expect("refreshed").until > until);
    }
    assert!(world.mn.is_registered(world.now));
}

#[test]
fn a_move_registers_the_new_care_of_address() {
    let mut world = World::registered(usual());
    world.tell(mn::Input::Move { care_of: ELSEWHERE.parse().expect("an address") });
    let care_of = world.binding().expect("registered").care_of.expect("named");
    assert_eq!(care_of.to_string(), ELSEWHERE);
}

#[test]
fn deregistration_ends_the_binding_and_the_data() {
    let mut world = World::registered(usual());
    world.tell(mn::Input::Deregister);
    assert_eq!(world.events.last(), Some(&Event::Deregistered));
    assert!(world.binding().is_none());
    let sent = world.sent.len();
    let packet = world.echo(1);
    world.tell(mn::Input::FromHost(vec![packet]));
    assert_eq!((world.sent.len(), world.mn.discards().count(Discard::NoBinding)), (sent, 1));

    world.tell(mn::Input::Move { care_of: ELSEWHERE.parse().expect("an address") });
    assert!(world.binding().is_none(), "who gave the binding up does not move");
    world.tell(mn::Input::Start);
    assert!(world.mn.is_registered(world.now));
}

#[test]
fn status_176_leads_to_the_hac_and_to_a_registration_under_the_new_association() {
    let mut world = World::registered(usual());
    let old = world.spi.expect("bootstrapped");
    world.ha.handle(world.now, ha::Input::Reinit(old));
    world.tell(mn::Input::Move { care_of: ELSEWHERE.parse().expect("an address") });
    assert_eq!(world.refused, [BindingStatus::REINIT_SA_WITH_HAC]);
    assert!(world.events.contains(&Event::ReinitRequested));
    assert_eq!(world.connects, 2);
    let binding = world.binding().expect("registered");
    assert_ne!(binding.spi, old.get());
    assert_eq!(Some(binding.spi), world.spi.map(Spi::get));
    let packet = world.echo(1);
    world.tell(mn::Input::FromHost(vec![packet]));
    assert_eq!(world.delivered.len(), 1);
}

#[test]
fn a_home_agent_that_is_never_content_is_asked_ever_more_slowly() {
    let mut world = World::new(usual());
    let agent = proto::hac::HomeNetwork::default().haa_ip6.expect("has one");
    let always = ha::Config { reinit_time: Duration::MAX, ..ha::Config::new(agent) };
    world.ha = ha::Ha::new(always, Box::new(Seeded(4)));
    world.tell(mn::Input::Start);
    assert_eq!(world.connects, 2, "once to start, once because it was told to");
    let waits: Vec<u64> = (0..8).map(|_| world.wait().as_secs()).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 32, 32]);
    assert_eq!(world.connects, 10);
}

#[test]
fn status_135_mends_the_sequence_number() {
    let mut mended = 0;
    for seed in 10..20 {
        let mut world = World::registered(usual());
        // A node that lost its memory: the home agent still knows the last number.
        world.mn = Mn::new(usual(), Box::new(Seeded(seed)));
        world.tell(mn::Input::Start);
        assert!(world.mn.is_registered(world.now), "{:?}", world.events);
        mended +=
            world.refused.iter().filter(|status| **status == BindingStatus::SEQUENCE_OUT_OF_WINDOW).count();
    }
    assert!((1..10).contains(&mended), "about half of the random numbers look old: {mended}");
}

#[test]
fn the_hac_is_contacted_again_before_the_validity_ends() {
    let mut world = World::registered(usual());
    let first = world.spi;
    let end = now() + Duration::from_secs(24 * 60 * 60);
    while world.connects < 2 {
        world.wait();
        assert!(world.now < end, "too late");
    }
    assert_ne!(world.spi, first);
    assert!(world.mn.is_registered(world.now));
}

#[test]
fn nothing_is_sent_or_taken_after_the_validity_end() {
    let mut world = World::registered(mn::Config { lifetime: Duration::from_secs(262_140), ..usual() });
    let packet = world.echo(1);
    world.tell(mn::Input::FromHost(vec![packet.clone()]));
    let answer = world.answered.last().expect("an answer").clone();
    world.now = now() + Duration::from_secs(24 * 60 * 60);
    let sent = world.sent.len();
    world.tell(mn::Input::FromHost(vec![packet]));
    world.tell(mn::Input::Datagrams(vec![answer]));
    assert_eq!(world.sent.len(), sent);
    let discards = world.mn.discards();
    assert_eq!((discards.count(Discard::NoBinding), discards.count(Discard::Expired)), (1, 1));
}

#[test]
fn bad_datagrams_are_dropped_in_silence_and_counted() {
    let mut world = World::registered(usual());
    let packet = world.echo(1);
    world.tell(mn::Input::FromHost(vec![packet.clone()]));
    let good = world.answered.last().expect("an answer").clone();
    let changed = |at: usize, value: u8| {
        let mut octets = good.clone();
        octets[at] = value;
        octets
    };
    let mut number_ahead = good.clone();
    Packet::new_unchecked(&mut number_ahead[..]).set_sequence(1000);
    let rows: Vec<(Discard, Vec<u8>)> = vec![
        (Discard::Keepalive, vec![0xff]),
        (Discard::Short, vec![0; 7]),
        (Discard::PacketType, changed(0, 0x20)),
        (Discard::ProtectedWithoutSpi, [vec![0x10, 0, 0, 0], good[4..].to_vec()].concat()),
        (Discard::PlainSpi, changed(0, 0)),
        (Discard::PlainSequence, [vec![0, 0, 0, 0, 0, 0, 0, 1], packet.clone()].concat()),
        (Discard::PlainOutOfScope, wire::packet::plain(&packet)),
        (Discard::SpiUnknown, changed(3, good[3] ^ 1)),
        (Discard::ReplaySeen, good.clone()),
        (Discard::Icv, number_ahead),
    ];
    let (delivered, sent) = (world.delivered.len(), world.sent.len());
    for (reason, octets) in rows {
        let before = world.mn.discards().count(reason);
        world.tell(mn::Input::Datagrams(vec![octets]));
        assert_eq!(world.mn.discards().count(reason), before + 1, "{reason}: {:?}", world.mn.discards());
    }
    assert_eq!((world.delivered.len(), world.sent.len()), (delivered, sent));
    world.tell(mn::Input::FromHost(vec![packet]));
    assert_eq!(world.delivered.len(), delivered + 1, "the control");
}

#[test]
fn the_same_datagram_twice_in_one_batch_counts_once() {
    let mut world = World::registered(usual());
    let packet = world.echo(1);
    world.mn.handle(world.now, mn::Input::FromHost(vec![packet]));
    let mn_out = drain(&mut world.mn);
    let [mn::Output::Transmit { octets }] = mn_out.as_slice() else { panic!("{mn_out:?}") };
    let datagram = Datagram { from: from(), octets: octets.clone() };
    world.ha.handle(world.now, ha::Input::Datagrams(vec![datagram]));
    let delivered: Vec<_> = drain(&mut world.ha).into_iter().filter_map(answer).collect();
    world.ha.handle(world.now, ha::Input::FromHome(delivered));
    let ha_out = drain(&mut world.ha);
    let [ha::Output::Transmit { octets, .. }] = ha_out.as_slice() else { panic!("{ha_out:?}") };
    world.tell(mn::Input::Datagrams(vec![octets.clone(), octets.clone()]));
    assert_eq!((world.delivered.len(), world.mn.discards().count(Discard::ReplaySeen)), (1, 1));
}

fn answer(output: ha::Output) -> Option<Vec<u8>> {
    match output {
        ha::Output::Deliver(packet) => correspondent::answer(&packet),
        _ => None,
    }
}

#[test]
fn foreign_packets_of_the_host_stay_out_of_the_tunnel() {
    let mut world = World::registered(usual());
    let foreign =
        correspondent::echo_request(care_of(), correspondent_address(), 1, 1, b"").expect("one family");
    world.tell(mn::Input::FromHost(vec![foreign, vec![0x60; 3]]));
    let discards = world.mn.discards();
    assert_eq!((discards.count(Discard::InnerSource), discards.count(Discard::InnerPacket)), (1, 1));
    assert_eq!(world.sent.len(), 1, "only the Binding Update went out");
}
