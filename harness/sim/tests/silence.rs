//! RFC 6618 section 6, PK-32: what is dropped is dropped without a word, however much of it comes, and costs no memory.

use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use crypto::keys::Psk;
use peak_alloc::PeakAlloc;
use proto::ha::{Config, Ha};
use proto::hac::{Hac, Policy};
use proto::mn::{self, Mn};
use proto::{Machine, Random, Timestamp};
use sim::{Home, Link, MobileNode, SeededRandom, World};
use wire::packet::PType;
use wire::value::Nai;

const PACKETS: usize = 1_000_000;
const AGENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0x6618, 0, 0, 0, 0, 1);
const PLACE: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xc0, 0, 0, 0, 0, 1);
const LONGEST: u64 = 160;

/// What may be held for longer than one packet: a table that happens to grow once, never with the packets.
const SLACK: usize = 4096;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// One test, since all tests of a file share the heap that is measured.
#[test]
fn a_million_random_packets_are_met_with_silence_at_both_ends() {
    let mut world = registered();
    let spi = spi(&world);
    let now = world.now();
    let from: SocketAddr = "[2001:db8:bad::1]:7872".parse().expect("an address");
    let mut random = SeededRandom::new(1, 1);
    let dropped = world.home.ha().discards().total();
    let before = HEAP.current_usage();
    for nth in 0..PACKETS {
        world.home.datagram(from, noise(nth, spi, &mut random));
        assert!(world.home.take_datagrams().is_empty(), "the home agent answered packet {nth}");
        assert!(world.home.take_delivered().is_empty(), "the home agent delivered packet {nth}");
        world.home.take_events();
    }
    assert_eq!(world.home.ha().discards().total() - dropped, PACKETS as u64);
    assert_no_growth("home agent", before);

    let node = &mut world.nodes[0].mn;
    let dropped = node.discards().total();
    let before = HEAP.current_usage();
    for nth in 0..PACKETS {
        node.handle(now, mn::Input::Datagrams(vec![noise(nth, spi, &mut random)]));
        while let Some(output) = node.poll_output() {
            assert!(matches!(output, mn::Output::Event(_)), "the mobile node, packet {nth}: {output:?}");
        }
    }
    assert_eq!(node.discards().total() - dropped, PACKETS as u64);
    assert_no_growth("mobile node", before);
    assert!(node.is_registered(now), "and it is as useful as before");
}

/// By turns: nothing but noise; noise behind a legal first word with a known SPI; noise behind a plain header.
fn noise(nth: usize, spi: u32, random: &mut SeededRandom) -> Vec<u8> {
    let len = usize::try_from(random.below(LONGEST)).expect("it is small");
    let mut octets = vec![0; len];
    random.fill(&mut octets);
    let word = match nth % 4 {
        0 => return octets,
        1 => PType::MOBILITY.word(spi),
        2 => PType::PROTECTED.word(spi),
        _ => PType::PLAIN.word(0),
    };
    for (to, from) in octets.iter_mut().zip(word.to_be_bytes()) {
        *to = from;
    }
    octets
}

fn assert_no_growth(whose: &str, before: usize) {
    let grown = HEAP.current_usage().saturating_sub(before);
    assert!(grown <= SLACK, "the {whose} holds {grown} octets more after {PACKETS} packets");
}

/// A world with one registered mobile node.
fn registered() -> World {
    let identity = Nai::parse(b"mn@example.com").expect("a NAI");
    let key = Psk::new(vec![7; 32]).expect("a key");
    let known = vec![(identity.clone(), key.clone())];
    let hac = Hac::new(Policy::default(), known, Box::new(SeededRandom::new(0, 1)));
    let ha = Ha::new(Config::new(AGENT), Box::new(SeededRandom::new(0, 2)));
    let home = Home::new(hac, ha, Vec::new(), Timestamp(Duration::from_secs(1_800_000_000)));
    let mn = Mn::new(mn::Config::new(identity, key, PLACE.into()), Box::new(SeededRandom::new(0, 3)));
    let mut world = World::new(0, Link::perfect(), home, vec![MobileNode::new(mn, (PLACE, 40_000).into())]);
    world.mobile_node(0, mn::Input::Start);
    let is_registered = |world: &World| world.nodes[0].mn.is_registered(world.now());
    assert!(world.run_until(Duration::from_secs(10), is_registered), "{:?}", world.nodes[0].events());
    world
}

fn spi(world: &World) -> u32 {
    let spi = |event: &mn::Event| match event {
        mn::Event::Bootstrapped { spi, .. } => Some(spi.get()),
        _ => None,
    };
    world.nodes[0].events().iter().find_map(spi).expect("bootstrapped")
}
