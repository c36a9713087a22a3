//! RFC 6618 sections 4.3, 5.6.3 and 6.1: the end of an association, and what comes after it.

mod ha_peer;

use std::time::Duration;

use ha_peer::{
    AGENT, Agent, CORRESPONDENT, HOME, Peer, START, VALIDITY, after_home_address, deregistration, echo,
    exchange, registration, status,
};
use proto::ha::{Discard, Event, Input};
use wire::mobility::{BindingStatus, Lifetime};
use wire::packet::PType;
use wire::trailer;
use wire::value::{Ciphersuite, Date, Scope};

#[test]
fn an_association_near_its_end_wants_a_new_one() {
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    exchange(&mut agent, &mut peer, &registration(1));
    agent.advance(Duration::from_secs(VALIDITY - 31));
    assert_eq!(status(&mut agent, &mut peer, &registration(2)), BindingStatus::ACCEPTED);
    agent.advance(Duration::from_secs(1));
    assert_eq!(status(&mut agent, &mut peer, &registration(3)), BindingStatus::REINIT_SA_WITH_HAC);
    assert_eq!(agent.bindings().len(), 1, "the old binding stays");
    assert_eq!(
        status(&mut agent, &mut peer, &deregistration(3)),
        BindingStatus::ACCEPTED,
        "leaving needs none"
    );

    agent.advance(Duration::from_secs(30));
    agent.sent.clear();
    let packet = peer.binding_update(&registration(4));
    agent.datagram(peer.at, packet);
    assert_eq!(
        (agent.sent.len(), agent.discarded(Discard::Expired)),
        (0, 1),
        "past the end there is silence"
    );
    agent.advance(Duration::from_secs(600));
    let packet = peer.binding_update(&registration(4));
    agent.datagram(peer.at, packet);
    assert_eq!(agent.discarded(Discard::SpiUnknown), 1, "and in the end it is forgotten");
}

#[test]
fn numbers_near_their_end_want_a_new_association() {
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    peer.number = u32::MAX - 65_537;
    assert_eq!(status(&mut agent, &mut peer, &registration(1)), BindingStatus::ACCEPTED);
    peer.number = u32::MAX - 65_536;
    assert_eq!(status(&mut agent, &mut peer, &registration(2)), BindingStatus::REINIT_SA_WITH_HAC);
    peer.number = u32::MAX;
    let payload = after_home_address(&registration(3).emit(HOME, AGENT));
    agent.sent.clear();
    agent.datagram(peer.at, peer.seal_as(u32::MAX, PType::MOBILITY, trailer::DEST_OPTIONS, &payload));
    assert_eq!(agent.sent.len(), 1, "the last number is a number");
    agent.datagram(peer.at, peer.seal_as(0, PType::MOBILITY, trailer::DEST_OPTIONS, &payload));
    assert_eq!((agent.sent.len(), agent.discarded(Discard::ReplayOld)), (1, 1), "no cycle");
}

#[test]
fn the_owner_may_ask_for_a_new_association() {
    let mut old = Peer::usual();
    let mut agent = Agent::knowing(&old);
    exchange(&mut agent, &mut old, &registration(1));
    agent.input(Input::Reinit(old.sa.spi));
    let (_, ack) = exchange(&mut agent, &mut old, &registration(2));
    assert_eq!((ack.status, ack.sequence), (BindingStatus::REINIT_SA_WITH_HAC, 2));
    assert!(agent.events.contains(&Event::Refused { home: HOME, status: BindingStatus::REINIT_SA_WITH_HAC }));

    let mut new = Peer::new(77, Ciphersuite::Aes128Sha256, Scope::AllTraffic);
    agent.input(Input::Install(Box::new(new.sa.clone())));
    let data = old.data();
    agent.datagram(old.at, data);
    assert_eq!(agent.delivered.len(), 1, "the old association stays in use until the new one is");
    assert_eq!(status(&mut agent, &mut new, &registration(3)), BindingStatus::ACCEPTED);

    let data = old.data();
    agent.datagram(old.at, data);
    assert_eq!(agent.delivered.len(), 2, "and a little longer");
    agent.advance(Duration::from_secs(30));
    let data = old.data();
    agent.datagram(old.at, data);
    assert_eq!((agent.delivered.len(), agent.discarded(Discard::Expired)), (2, 1));
}

#[test]
fn somebody_elses_association_ends_nobodys() {
    let (mut one, mut other) = (Peer::usual(), Peer::new(78, Ciphersuite::Aes128Sha, Scope::AllTraffic));
    other.sa = other.of("other@example.com");
    let mut agent = Agent::bound(&one);
    agent.input(Input::Install(Box::new(other.sa.clone())));
    let data = other.data();
    agent.datagram(other.at, data);
    agent.advance(Duration::from_secs(60));
    let data = one.data();
    agent.datagram(one.at, data);
    assert_eq!(agent.delivered.len(), 2);
}

#[test]
fn a_replaced_association_registers_for_no_longer_than_its_grace() {
    let (mut old, mut new) = (Peer::usual(), Peer::new(77, Ciphersuite::Aes128Sha, Scope::AllTraffic));
    let mut agent = Agent::knowing(&old);
    agent.input(Input::Install(Box::new(new.sa.clone())));
    exchange(&mut agent, &mut new, &registration(1));
    let (_, ack) = exchange(&mut agent, &mut old, &registration(2));
    assert_eq!((ack.status, ack.lifetime), (BindingStatus::ACCEPTED, Lifetime(7)));
}

#[test]
fn the_first_packet_under_a_new_association_moves_the_tunnel_to_it() {
    let mut old = Peer::usual();
    let mut agent = Agent::knowing(&old);
    exchange(&mut agent, &mut old, &registration(1));
    let mut new = Peer::new(77, Ciphersuite::Aes128Sha256, Scope::AllTraffic);
    agent.input(Input::Install(Box::new(new.sa.clone())));
    let tunnelled = |agent: &mut Agent| {
        agent.sent.clear();
        agent.input(Input::FromHome(vec![echo(CORRESPONDENT.into(), HOME.into())]));
        agent.sent.remove(0).1
    };
    assert_eq!(old.open(&tunnelled(&mut agent)).spi, old.sa.spi);
    let data = new.data();
    agent.datagram(new.at, data);
    assert_eq!(new.open(&tunnelled(&mut agent)).spi, new.sa.spi);
    assert_eq!(agent.bindings().first().map(|binding| binding.spi), Some(77));
}

#[test]
fn a_binding_that_moved_to_a_shorter_association_sends_nothing_past_its_end() {
    let mut old = Peer::usual();
    let mut agent = Agent::knowing(&old);
    exchange(&mut agent, &mut old, &registration(1));
    let mut new = Peer::new(77, Ciphersuite::Aes128Sha, Scope::AllTraffic);
    new.sa.validity_end = Date::from_unix_seconds(START + 50);
    agent.input(Input::Install(Box::new(new.sa.clone())));
    let data = new.data();
    agent.datagram(new.at, data);
    for (seconds, sent) in [(49, 1), (1, 0)] {
        agent.sent.clear();
        agent.advance(Duration::from_secs(seconds));
        agent.input(Input::FromHome(vec![echo(CORRESPONDENT.into(), HOME.into())]));
        assert_eq!(agent.sent.len(), sent);
    }
    assert_eq!(agent.discarded(Discard::Expired), 1);
}
