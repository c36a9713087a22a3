//! The collocated home by itself: connections, the clock, and what passes between its two machines.

use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use crypto::channel_binding::ChannelBinding;
use crypto::keys::Psk;
use proto::ha::{self, Config, Discard, Ha};
use proto::hac::{self, Hac, Policy};
use proto::mn::{self, Mn};
use proto::{Machine, Timestamp, correspondent};
use sim::{Home, HomeEvent, SeededRandom};
use wire::container;
use wire::packet;
use wire::value::{Nai, Scope};

const CORRESPONDENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0x6618, 0, 0, 0, 0, 0xffff);

fn home() -> Home<Hac, Ha> {
    let network = Policy::default().network;
    let agent = network.haa_ip6.expect("the default has one");
    let hac = Hac::new(Policy::default(), vec![(identity(), key())], Box::new(SeededRandom::new(1, 1)));
    let ha = Ha::new(Config::new(agent), Box::new(SeededRandom::new(1, 2)));
    Home::new(hac, ha, vec![CORRESPONDENT.into()], Timestamp(Duration::from_secs(1_800_000_000)))
}

fn identity() -> Nai {
    Nai::parse(b"mn1@example.com").expect("a NAI")
}

fn key() -> Psk {
    Psk::new(vec![7; 32]).expect("a key")
}

fn binding() -> ChannelBinding {
    ChannelBinding::new(vec![1; 32])
}

fn from() -> SocketAddr {
    "[2001:db8:c0::1]:4000".parse().expect("an address")
}

#[test]
fn an_error_is_answered_and_the_connection_closed() {
    let mut home = home();
    let conn = home.connect(binding());
    assert!(!home.is_closed(conn));
    home.receive(conn, &[0, 1, 0, 3, b'b', b'a', b'd']);
    let sent = home.take_sent(conn);
    assert!(sent.len() > container::HEADER_LEN);
    assert!(sent.windows(15).any(|octets| octets == b"status-code:400"), "{}", wire::Escaped(&sent));
    assert!(home.is_closed(conn));
    home.receive(conn, &[0, 1, 0, 3, b'b', b'a', b'd']);
    assert!(home.take_sent(conn).is_empty(), "nothing is served after the close");
}

#[test]
fn a_silent_connection_is_closed_when_its_time_has_come() {
    let mut home = home();
    let conn = home.connect(binding());
    let due = home.next_timeout().expect("a deadline").since(home.now());
    home.advance(due - Duration::from_millis(1));
    assert!(!home.is_closed(conn));
    home.advance(Duration::from_millis(1));
    assert!(home.is_closed(conn));
    let abandoned = |event: &HomeEvent| matches!(event, HomeEvent::Hac(hac::Event::Abandoned { .. }));
    assert!(home.take_events().iter().any(abandoned));
}

#[test]
fn connections_do_not_share_what_is_sent() {
    let mut home = home();
    let (one, two) = (home.connect(binding()), home.connect(binding()));
    home.receive(two, &[0, 1, 0, 3, b'b', b'a', b'd']);
    assert!(home.take_sent(one).is_empty() && !home.is_closed(one));
    assert!(!home.take_sent(two).is_empty() && home.is_closed(two));
    home.close(one);
    assert!(home.is_closed(one));
}

/// Bootstraps and registers a mobile node by hand, without a world.
fn join(home: &mut Home<Hac, Ha>, scope: Scope) -> (Mn, Ipv6Addr) {
    let config = mn::Config {
        scope,
        ..mn::Config::new(identity(), key(), "2001:db8:c0::1".parse().expect("an address"))
    };
    let mut mn = Mn::new(config, Box::new(SeededRandom::new(1, 3)));
    let conn = home.connect(binding());
    mn.handle(home.now(), mn::Input::Start);
    mn.handle(home.now(), mn::Input::Established { channel_binding: binding() });
    let mut address = None;
    while let Some(output) = mn.poll_output() {
        match output {
            mn::Output::Send(octets) => {
                home.receive(conn, &octets);
                mn.handle(home.now(), mn::Input::Received(home.take_sent(conn)));
            }
            mn::Output::Transmit { octets } => {
                home.datagram(from(), octets);
                let answers = home.take_datagrams().into_iter().map(|(_, octets)| octets).collect();
                mn.handle(home.now(), mn::Input::Datagrams(answers));
            }
            mn::Output::Event(mn::Event::Bootstrapped { home, .. }) => address = home.ip6,
            mn::Output::Connect | mn::Output::Close | mn::Output::Deliver(_) | mn::Output::Event(_) => {}
        }
    }
    (mn, address.expect("a home address"))
}

#[test]
fn the_correspondent_answers_through_the_tunnel_and_others_get_their_packets() {
    let mut home = home();
    let (_, address) = join(&mut home, Scope::SignalingOnly);
    assert!(
        home.take_events().iter().any(|event| matches!(event, HomeEvent::Ha(ha::Event::Registered(_)))),
        "{:?}",
        home.ha().discards()
    );
    let ask = |to: Ipv6Addr| {
        let request = correspondent::echo_request(address.into(), to.into(), 1, 1, b"hello");
        request.expect("one family")
    };
    home.datagram(from(), packet::plain(&ask(CORRESPONDENT)));
    let reply = correspondent::answer(&ask(CORRESPONDENT)).expect("a reply");
    assert_eq!(home.take_datagrams(), [(from(), packet::plain(&reply))]);
    assert!(home.take_delivered().is_empty());

    let other = Ipv6Addr::LOCALHOST;
    home.datagram(from(), packet::plain(&ask(other)));
    assert!(home.take_datagrams().is_empty());
    assert_eq!(home.take_delivered(), [ask(other)]);
    assert_eq!(home.ha().discards().count(Discard::NoBinding), 0);
}
