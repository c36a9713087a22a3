//! The whole protocol between honest machines, over links that lose, double, delay and reorder.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crypto::keys::Psk;
use proto::ha::{Config, Discard, Ha};
use proto::hac::{Hac, Policy};
use proto::mn::{self, Mn, Retransmission};
use proto::{Timestamp, correspondent};
use sim::{Home, Link, MobileNode, SeededRandom, World};
use wire::mobility::BindingStatus;
use wire::value::{Ciphersuite, Nai, Scope, Spi};

const AGENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0x6618, 0, 0, 0, 0, 1);
const CORRESPONDENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0x6618, 0, 0, 0, 0, 0xffff);
const CARE_OF: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xc0, 0, 0, 0, 0, 1);
const MINUTE: Duration = Duration::from_secs(60);

/// A world to be built; the fields are what tests vary.
struct Plan {
    seed: u64,
    link: Link,
    suite: Ciphersuite,
    scope: Scope,
    policy: Policy,
}

impl Plan {
    fn new(seed: u64, link: Link) -> Self {
        Self {
            seed,
            link,
            suite: Ciphersuite::Aes128Sha256,
            scope: Scope::AllTraffic,
            policy: Policy::default(),
        }
    }

    fn build(self) -> World {
        let random = |stream| Box::new(SeededRandom::new(self.seed, stream));
        let identity = || Nai::parse(b"mn1@example.com").expect("a NAI");
        let key = || Psk::new(vec![7; 32]).expect("a key");
        let hac = Hac::new(self.policy, vec![(identity(), key())], random(1));
        let ha = Ha::new(Config::new(AGENT), random(2));
        let start = Timestamp(Duration::from_secs(1_800_000_000));
        let home = Home::new(hac, ha, vec![CORRESPONDENT.into()], start);
        let config = mn::Config {
            suites: vec![self.suite],
            scope: self.scope,
            // Of 200 storms, a few swallow seven updates or answers in a row.
            retransmission: Retransmission { attempts: 30, ..Retransmission::default() },
            ..mn::Config::new(identity(), key(), CARE_OF.into())
        };
        let mn = Mn::new(config, random(3));
        let address = "198.51.100.7:40000".parse().expect("an address");
        World::new(self.seed, self.link, home, vec![MobileNode::new(mn, address)])
    }

    /// Built, bootstrapped and registered.
    fn registered(self) -> World {
        let seed = self.seed;
        let mut world = self.build();
        world.mobile_node(0, mn::Input::Start);
        let done = world.run_until(5 * MINUTE, |world| registrations(world) > 0);
        assert!(done, "seed {seed}: {:?}", world.nodes[0].events());
        world
    }
}

fn registrations(world: &World) -> usize {
    world.nodes[0].events().iter().filter(|event| matches!(event, mn::Event::Registered { .. })).count()
}

fn spis(world: &World) -> Vec<Spi> {
    let spi = |event: &mn::Event| match event {
        mn::Event::Bootstrapped { spi, .. } => Some(*spi),
        _ => None,
    };
    world.nodes[0].events().iter().filter_map(spi).collect()
}

fn home_address(world: &World) -> IpAddr {
    let home = |event: &mn::Event| match event {
        mn::Event::Bootstrapped { home, .. } => home.ip6,
        _ => None,
    };
    world.nodes[0].events().iter().find_map(home).expect("bootstrapped with a home address").into()
}

fn ping(world: &mut World, number: u16) {
    let request = correspondent::echo_request(home_address(world), CORRESPONDENT.into(), 1, number, b"");
    world.mobile_node(0, mn::Input::FromHost(vec![request.expect("one family")]));
}

/// Pings every second until an answer comes. Whether one came.
fn an_echo_comes_back(world: &mut World, within: u16) -> bool {
    let before = world.nodes[0].delivered().len();
    (0..within).any(|number| {
        ping(world, number);
        world.run_until(Duration::from_secs(1), |world| world.nodes[0].delivered().len() > before)
    })
}

#[test]
fn bootstrap_registration_and_echo_over_two_hundred_storms() {
    for seed in 0..200 {
        let mut world = Plan::new(seed, Link::stormy()).registered();
        assert!(an_echo_comes_back(&mut world, 60), "seed {seed}: {:?}", world.home.ha().discards());
    }
}

#[test]
fn every_suite_and_scope_carries_an_echo() {
    for suite in Ciphersuite::ALL {
        for scope in [Scope::SignalingOnly, Scope::AllTraffic] {
            let plan = Plan { suite, scope, ..Plan::new(1, Link::perfect()) };
            let mut world = plan.registered();
            assert!(an_echo_comes_back(&mut world, 1), "{} {scope:?}", suite.name());
            assert_eq!(world.home.ha().discards().total(), 0);
        }
    }
}

#[test]
fn doubled_packets_are_taken_once() {
    let twice = Link { doubled: 1000, ..Link::perfect() };
    let mut world = Plan::new(1, twice).registered();
    for number in 0..50 {
        ping(&mut world, number);
        world.run_for(Duration::from_secs(1));
    }
    assert_eq!(world.nodes[0].delivered().len(), 50);
    assert_eq!(
        world.home.ha().discards().count(Discard::ReplaySeen),
        51,
        "the Binding Update and 50 requests"
    );
}

#[test]
fn overtaken_packets_are_all_taken_inside_the_window() {
    let jitter = Link { jitter: Duration::from_millis(500), ..Link::perfect() };
    let mut world = Plan::new(3, jitter).registered();
    for number in 0..60 {
        ping(&mut world, number);
    }
    world.run_for(MINUTE);
    assert_eq!(world.nodes[0].delivered().len(), 60, "{:?}", world.home.ha().discards());
}

#[test]
fn a_nat_that_forgets_cuts_the_way_back_until_the_next_registration() {
    let mut world = Plan::new(4, Link::perfect()).registered();
    assert!(an_echo_comes_back(&mut world, 1));
    world.nodes[0].address = "198.51.100.7:50001".parse().expect("an address");
    assert!(!an_echo_comes_back(&mut world, 5), "the home agent still sends to the old port");
    world.mobile_node(0, mn::Input::Move { care_of: CARE_OF.into() });
    assert!(an_echo_comes_back(&mut world, 5));
}

#[test]
fn a_deregistration_ends_the_tunnel() {
    let mut world = Plan::new(5, Link::stormy()).registered();
    world.mobile_node(0, mn::Input::Deregister);
    let done = |world: &World| world.nodes[0].events().contains(&mn::Event::Deregistered);
    assert!(world.run_until(5 * MINUTE, done), "{:?}", world.nodes[0].events());
    let now = world.now();
    assert_eq!(world.home.ha().bindings(now).count(), 0);
    assert!(!an_echo_comes_back(&mut world, 5));
}

#[test]
fn associations_are_renewed_before_they_end() {
    for seed in 0..20 {
        let mut plan = Plan::new(seed, Link::stormy());
        plan.policy.sa_lifetime = 5 * MINUTE;
        let mut world = plan.registered();
        for _ in 0..6 {
            world.run_for(5 * MINUTE);
            assert!(an_echo_comes_back(&mut world, 60), "seed {seed}: {:?}", world.nodes[0].events());
        }
        let mut spis = spis(&world);
        let issued = spis.len();
        assert!(issued >= 6, "seed {seed}: {issued} associations in 30 minutes");
        spis.sort_unstable();
        spis.dedup();
        assert_eq!(spis.len(), issued, "seed {seed}: every one with an SPI of its own");
    }
}

#[test]
fn status_176_leads_to_a_new_association() {
    for seed in 0..20 {
        let mut world = Plan::new(seed, Link::stormy()).registered();
        let before = registrations(&world);
        let old = spis(&world);
        world.home.reinit(old[0]);
        world.mobile_node(0, mn::Input::Move { care_of: CARE_OF.into() });
        let done = world.run_until(5 * MINUTE, |world| registrations(world) > before);
        assert!(done, "seed {seed}: {:?}", world.nodes[0].events());
        assert!(world.nodes[0].events().contains(&mn::Event::ReinitRequested), "seed {seed}");
        assert_eq!(spis(&world).len(), 2, "seed {seed}: {:?}", world.nodes[0].events());
        let now = world.now();
        let bound: Vec<u32> = world.home.ha().bindings(now).map(|binding| binding.spi).collect();
        assert_eq!(bound, [spis(&world)[1].get()], "seed {seed}");
        assert!(an_echo_comes_back(&mut world, 60), "seed {seed}");
    }
}

#[test]
fn a_black_hole_ends_in_a_failure_and_not_in_a_loop() {
    let mut world = Plan::new(6, Link { lost: 1000, ..Link::perfect() }).build();
    world.mobile_node(0, mn::Input::Start);
    let failed = |event: &mn::Event| matches!(event, mn::Event::Failed(_) | mn::Event::Refused(_));
    let done = world.run_until(60 * MINUTE, |world| world.nodes[0].events().iter().any(failed));
    assert!(done, "{:?}", world.nodes[0].events());
    assert!(!world.nodes[0].events().contains(&mn::Event::Refused(BindingStatus::ACCEPTED)));
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = |seed| {
        let mut world = Plan::new(seed, Link::stormy()).registered();
        for number in 0..20 {
            ping(&mut world, number);
            world.run_for(Duration::from_millis(100));
        }
        let home_events = world.home.take_events();
        let events = format!("{:?} {home_events:?}", world.nodes[0].events());
        (events, world.nodes[0].delivered().to_vec(), world.now())
    };
    assert_eq!(run(11), run(11));
    assert_ne!(run(11).0, run(12).0);
}
