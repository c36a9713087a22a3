//! RFC 6618 section 6: whatever octets come, the home agent neither panics nor answers, and stays of use.

mod ha_peer;

use ha_peer::{AGENT, Agent, Counting, HOME, Peer, after_home_address, exchange, registration};
use proto::Random;
use proto::ha::Input;
use wire::mobility::{BindingStatus, MobilityHeader};
use wire::packet::PType;
use wire::trailer;

const ROUNDS: usize = 5_000;

fn below(random: &mut Counting, bound: usize) -> usize {
    let mut octets = [0; 4];
    random.fill(&mut octets);
    usize::try_from(u32::from_be_bytes(octets)).expect("32 bits") % bound
}

fn noise(random: &mut Counting, most: usize) -> Vec<u8> {
    let mut octets = vec![0; below(random, most + 1)];
    random.fill(&mut octets);
    octets
}

/// `octets` with one octet changed, or cut.
fn damaged(random: &mut Counting, mut octets: Vec<u8>) -> Vec<u8> {
    let at = below(random, octets.len());
    match below(random, 3) {
        0 => octets.truncate(at),
        1 => octets[at] = octets[at].wrapping_add(1),
        _ => octets[at] = noise(random, 1).first().copied().unwrap_or(0xff),
    }
    octets
}

#[test]
fn noise_and_damage_from_outside_are_dropped() {
    let mut random = Counting::new(7);
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    let update = peer.binding_update(&registration(1));
    for _ in 0..ROUNDS {
        let octets = match below(&mut random, 2) {
            0 => noise(&mut random, 120),
            _ => damaged(&mut random, update.clone()),
        };
        if octets != update {
            agent.datagram(peer.at, octets);
        }
    }
    assert!(agent.sent.is_empty() && agent.delivered.is_empty());
    assert_eq!(exchange(&mut agent, &mut peer, &registration(1)).1.status, BindingStatus::ACCEPTED);
}

#[test]
fn authentic_nonsense_does_no_harm() {
    let mut random = Counting::new(8);
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    let headers = [trailer::MOBILITY, trailer::DEST_OPTIONS, trailer::ROUTING, trailer::IPV4, trailer::IPV6];
    for round in 0..ROUNDS {
        let ptype = [PType::MOBILITY, PType::PROTECTED][round % 2];
        let next_header = headers[below(&mut random, headers.len())];
        let contents = match below(&mut random, 3) {
            0 => noise(&mut random, 120),
            1 => damaged(&mut random, after_home_address(&registration(1).emit(HOME, AGENT))),
            _ => after_home_address(&reckoned(damaged(&mut random, registration(1).emit(HOME, AGENT)))),
        };
        let packet = peer.seal(ptype, next_header, &contents);
        agent.datagram(peer.at, packet);
    }
    assert!(agent.bindings().iter().all(|binding| binding.home == HOME));
    let last = agent.bindings().first().map_or(0, |binding| binding.sequence);
    let next = registration(last.wrapping_add(1));
    assert_eq!(exchange(&mut agent, &mut peer, &next).1.status, BindingStatus::ACCEPTED);
}

#[test]
fn noise_from_home_is_dropped() {
    let mut random = Counting::new(9);
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    exchange(&mut agent, &mut peer, &registration(1));
    for _ in 0..ROUNDS {
        let packets = vec![noise(&mut random, 80), noise(&mut random, 80)];
        agent.input(Input::FromHome(packets));
    }
    assert!(agent.sent.is_empty());
}

/// A Mobility Header with its checksum made right, so that what is behind it is looked at.
fn reckoned(octets: Vec<u8>) -> Vec<u8> {
    let mut header = MobilityHeader::new_unchecked(octets);
    header.fill_checksum(HOME, AGENT);
    header.into_inner()
}
