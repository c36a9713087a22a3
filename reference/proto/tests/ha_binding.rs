//! RFC 6618 section 6.3 with RFC 6275 sections 9.5.1, 10.3.1 and 10.3.2: what a Binding Update does.

mod ha_peer;

use std::net::Ipv6Addr;
use std::time::Duration;

use ha_peer::{
    AGENT, Agent, CARE_OF, CORRESPONDENT, HOME, Peer, START, VALIDITY, deregistration, echo, exchange,
    registration, status,
};
use proto::ha::{Config, Discard, Event, Input};
use wire::ext_header::home_address_option;
use wire::mobility::{BindingAck, BindingStatus, BindingUpdate, Flags, Lifetime};
use wire::packet::PType;
use wire::trailer;
use wire::value::{Ciphersuite, Date, Scope};

#[test]
fn a_registration_is_acknowledged_and_remembered() {
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    let (to, ack) = exchange(&mut agent, &mut peer, &registration(7));
    assert_eq!(to, peer.at);
    let expected = BindingAck {
        status: BindingStatus::ACCEPTED,
        key_management: false,
        sequence: 7,
        lifetime: Lifetime(100),
        refresh_advice: None,
    };
    assert_eq!(ack, expected);
    let [binding] = agent.bindings().try_into().expect("one binding");
    assert_eq!((binding.home, binding.care_of, binding.return_to), (HOME, Some(CARE_OF), peer.at));
    assert_eq!((binding.spi, binding.sequence), (peer.sa.spi.get(), 7));
    assert_eq!(binding.until.since(agent.now), Duration::from_secs(400));
}

#[test]
fn the_home_agent_answers_without_the_acknowledge_flag_too() {
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    let quiet = Flags { acknowledge: false, ..Flags::REGISTRATION };
    let update = BindingUpdate { flags: quiet, ..registration(1) };
    assert_eq!(status(&mut agent, &mut peer, &update), BindingStatus::ACCEPTED);
    assert_eq!(status(&mut agent, &mut peer, &update), BindingStatus::SEQUENCE_OUT_OF_WINDOW);
}

#[test]
fn the_sequence_window_is_half_of_the_circle() {
    for (last, next, fresh) in [
        (15, 16, true),
        (15, 32_782, true),
        (15, 32_783, false),
        (15, 65_535, false),
        (15, 0, false),
        (15, 14, false),
        (15, 15, false),
        (65_535, 0, true),
        (65_535, 32_766, true),
        (65_535, 32_767, false),
    ] {
        let mut peer = Peer::usual();
        let mut agent = Agent::knowing(&peer);
        assert_eq!(
            status(&mut agent, &mut peer, &registration(last)),
            BindingStatus::ACCEPTED,
            "any first number"
        );
        let (_, ack) = exchange(&mut agent, &mut peer, &registration(next));
        let expected = if fresh {
            (BindingStatus::ACCEPTED, next)
        } else {
            (BindingStatus::SEQUENCE_OUT_OF_WINDOW, last)
        };
        assert_eq!((ack.status, ack.sequence), expected, "{next} after {last}");
        let kept = if fresh { next } else { last };
        assert_eq!(agent.bindings().first().map(|binding| binding.sequence), Some(kept));
    }
}

#[test]
fn lifetimes_are_cut_to_the_maximum_and_to_the_association() {
    for (asked, most, validity, granted) in [
        (100, 3600, VALIDITY, 100),
        (1000, 3600, VALIDITY, 900),
        (65_535, 1_000_000, VALIDITY, 2500),
        (65_535, 1_000_000, 1_000_000, 65_535),
        (1000, 3600, 103, 25),
    ] {
        let mut peer = Peer::usual();
        peer.sa.validity_end = Date::from_unix_seconds(START + validity);
        let config = Config { max_lifetime: Duration::from_secs(most), ..Config::new(AGENT) };
        let mut agent = Agent::with(config);
        agent.input(Input::Install(Box::new(peer.sa.clone())));
        let update = BindingUpdate { lifetime: Lifetime(asked), ..registration(1) };
        let (_, ack) = exchange(&mut agent, &mut peer, &update);
        assert_eq!((ack.status, ack.lifetime), (BindingStatus::ACCEPTED, Lifetime(granted)));
    }
}

#[test]
fn a_binding_runs_out() {
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    exchange(&mut agent, &mut peer, &registration(1));
    agent.advance(Duration::from_secs(399));
    agent.input(Input::FromHome(vec![echo(CORRESPONDENT.into(), HOME.into())]));
    assert_eq!(agent.sent.len(), 1);
    agent.advance(Duration::from_secs(1));
    agent.input(Input::FromHome(vec![echo(CORRESPONDENT.into(), HOME.into())]));
    assert_eq!((agent.sent.len(), agent.discarded(Discard::NoBinding)), (1, 1));
    assert!(agent.bindings().is_empty());
    assert!(agent.events.contains(&Event::RanOut { home: HOME }));
}

#[test]
fn a_deregistration_ends_it_and_keeps_the_number_for_ten_seconds() {
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    assert_eq!(status(&mut agent, &mut peer, &deregistration(4)), BindingStatus::NOT_HOME_AGENT);
    exchange(&mut agent, &mut peer, &registration(5));
    let (_, ack) = exchange(&mut agent, &mut peer, &deregistration(6));
    assert_eq!((ack.status, ack.lifetime, ack.sequence), (BindingStatus::ACCEPTED, Lifetime::ZERO, 6));
    assert!(agent.bindings().is_empty());
    agent.input(Input::FromHome(vec![echo(CORRESPONDENT.into(), HOME.into())]));
    assert_eq!((agent.sent.len(), agent.discarded(Discard::NoBinding)), (0, 1));

    let delayed = registration(5);
    assert_eq!(status(&mut agent, &mut peer, &delayed), BindingStatus::SEQUENCE_OUT_OF_WINDOW);
    let again = status(&mut agent, &mut peer, &deregistration(7));
    assert_eq!(again, BindingStatus::NOT_HOME_AGENT, "there is nothing left to end");
    agent.advance(Duration::from_millis(9_999));
    assert_eq!(status(&mut agent, &mut peer, &delayed), BindingStatus::SEQUENCE_OUT_OF_WINDOW);
    agent.advance(Duration::from_millis(1));
    assert_eq!(status(&mut agent, &mut peer, &deregistration(8)), BindingStatus::NOT_HOME_AGENT);
    assert_eq!(status(&mut agent, &mut peer, &delayed), BindingStatus::ACCEPTED, "nothing is remembered");
}

#[test]
fn who_deregisters_at_home_may_leave_the_home_address_option_out() {
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    let bare = |peer: &mut Peer, update: BindingUpdate| {
        peer.seal(PType::MOBILITY, trailer::MOBILITY, &update.emit(HOME, AGENT))
    };
    let packet = bare(&mut peer, registration(1));
    agent.datagram(peer.at, packet);
    assert_eq!((agent.sent.len(), agent.discarded(Discard::HomeAddressMissing)), (0, 1));

    exchange(&mut agent, &mut peer, &registration(2));
    let packet = bare(&mut peer, deregistration(3));
    agent.datagram(peer.at, packet);
    let (_, octets) = agent.sent.pop().expect("an answer");
    assert_eq!(peer.acknowledgement(&octets).status, BindingStatus::ACCEPTED);
    assert!(agent.bindings().is_empty());
}

#[test]
fn the_home_registration_flag_counts() {
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    let flags = Flags { home_registration: false, ..Flags::REGISTRATION };
    let packet = peer.binding_update(&BindingUpdate { flags, ..registration(1) });
    agent.datagram(peer.at, packet);
    assert_eq!((agent.sent.len(), agent.discarded(Discard::NotHomeRegistration)), (0, 1));
    exchange(&mut agent, &mut peer, &registration(1));
    let update = BindingUpdate { flags, ..registration(2) };
    assert_eq!(status(&mut agent, &mut peer, &update), BindingStatus::REGISTRATION_TYPE_CHANGE);
    assert_eq!(agent.bindings().first().map(|binding| binding.sequence), Some(1));
}

#[test]
fn the_return_path_follows_the_newest_good_update_and_nothing_else() {
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    exchange(&mut agent, &mut peer, &registration(5));
    let first = peer.at;
    let reply_goes_to = |agent: &mut Agent| {
        agent.sent.clear();
        agent.input(Input::FromHome(vec![echo(CORRESPONDENT.into(), HOME.into())]));
        agent.sent.first().map(|(to, _)| *to)
    };

    peer.at = "[2001:db8:c0::9]:777".parse().expect("an address");
    let data = peer.data();
    agent.datagram(peer.at, data);
    assert_eq!(agent.delivered.len(), 1, "the care-of address is no part of the key");
    assert_eq!(reply_goes_to(&mut agent), Some(first), "data does not move the return path");

    let (to, ack) = exchange(&mut agent, &mut peer, &registration(5));
    assert_eq!((to, ack.status), (peer.at, BindingStatus::SEQUENCE_OUT_OF_WINDOW));
    assert_eq!(reply_goes_to(&mut agent), Some(first), "nor does a refused update");

    exchange(&mut agent, &mut peer, &registration(6));
    assert_eq!(reply_goes_to(&mut agent), Some(peer.at));
}

#[test]
fn a_replayed_update_does_not_move_the_return_path() {
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    let packet = peer.binding_update(&registration(1));
    agent.datagram(peer.at, packet.clone());
    agent.datagram("203.0.113.66:1".parse().expect("an address"), packet);
    assert_eq!((agent.sent.len(), agent.discarded(Discard::ReplaySeen)), (1, 1));
    assert_eq!(agent.bindings().first().map(|binding| binding.return_to), Some(peer.at));
}

#[test]
fn the_association_says_which_home_agent_address_is_in_the_checksum() {
    let mut peer = Peer::usual();
    let mut agent = Agent::with(Config::new(CORRESPONDENT));
    agent.input(Input::Install(Box::new(peer.sa.clone())));
    assert_eq!(status(&mut agent, &mut peer, &registration(1)), BindingStatus::ACCEPTED);

    peer.sa.ha = None;
    let mut agent = Agent::knowing(&peer);
    assert_eq!(
        status(&mut agent, &mut peer, &registration(1)),
        BindingStatus::ACCEPTED,
        "the configured one"
    );
}

#[test]
fn the_home_agent_counts_from_zero_over_all_packet_types() {
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    for (number, sequence) in [1, 2, 3].into_iter().enumerate() {
        agent.sent.clear();
        let packet = peer.binding_update(&registration(sequence));
        agent.datagram(peer.at, packet);
        agent.input(Input::FromHome(vec![echo(CORRESPONDENT.into(), HOME.into())]));
        let numbers: Vec<u32> = agent.sent.iter().map(|(_, octets)| peer.open(octets).sequence).collect();
        let first = 2 * u32::try_from(number).expect("small");
        assert_eq!(numbers, [first, first + 1]);
    }
}

/// Where a binding lay, another may lie later: nobody gets through by it.
#[test]
fn a_binding_that_took_the_place_of_another_is_its_owners_only() {
    let mut gone = Peer::usual();
    let mut agent = Agent::knowing(&gone);
    assert_eq!(status(&mut agent, &mut gone, &registration(1)), BindingStatus::ACCEPTED);
    agent.datagram(gone.at, gone.data());
    assert_eq!(agent.delivered.len(), 1, "{:?}", agent.ha.discards());
    assert_eq!(status(&mut agent, &mut gone, &deregistration(2)), BindingStatus::ACCEPTED);
    agent.datagram(gone.at, gone.data());
    // The deleted binding is forgotten, and its place is free.
    agent.advance(Duration::from_secs(11));
    let mut other = Peer::new(0x77, Ciphersuite::Aes128Sha, Scope::AllTraffic);
    other.sa = other.of("other@example.com");
    let home: Ipv6Addr = "2001:db8:1::200".parse().expect("an address");
    other.sa.home.ip6 = Some(home);
    agent.input(Input::Install(Box::new(other.sa.clone())));
    let update = registration(1).emit(home, AGENT);
    let payload = [home_address_option(home, trailer::MOBILITY), update].concat();
    let update = other.seal(PType::MOBILITY, trailer::DEST_OPTIONS, &payload);
    agent.datagram(other.at, update);
    assert_eq!(agent.bindings().len(), 1);
    agent.datagram(gone.at, gone.data());
    assert_eq!((agent.delivered.len(), agent.discarded(Discard::NoBinding)), (1, 2));
    let data = other.seal(PType::PROTECTED, trailer::IPV6, &echo(home.into(), CORRESPONDENT.into()));
    agent.datagram(other.at, data);
    assert_eq!(agent.delivered.len(), 2, "{:?}", agent.ha.discards());
}
