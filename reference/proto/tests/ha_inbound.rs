//! RFC 6618 section 6: the decision table of the home agent, row by row, each with a good packet as its control.

mod ha_peer;

use std::net::IpAddr;

use crypto::ciphersuite::algorithms;
use ha_peer::{AGENT, Agent, CORRESPONDENT, HOME, HOME4, Peer, after_home_address, echo, registration};
use proto::ha::{Config, Datagram, Discard, Input, PlainSource};
use wire::packet::{PType, Packet, plain};
use wire::trailer;
use wire::value::{Ciphersuite, Scope};

/// What makes a packet bad, and the reason under which it is counted.
struct Row {
    name: &'static str,
    scope: Scope,
    make: fn(&mut Peer) -> Vec<u8>,
    reason: Discard,
}

const fn row(name: &'static str, reason: Discard, make: fn(&mut Peer) -> Vec<u8>) -> Row {
    Row { name, scope: Scope::AllTraffic, make, reason }
}

const ROWS: &[Row] = &[
    row("a keepalive", Discard::Keepalive, |_| vec![0xff]),
    row("nothing", Discard::Short, |_| vec![]),
    row("seven octets", Discard::Short, |_| vec![0; 7]),
    row("one octet that is no keepalive", Discard::Short, |_| vec![0xfe]),
    row("PType 2", Discard::PacketType, |peer| forged(peer.data(), |packet| packet.set_ptype(PType(2)))),
    row("PType 15 with an unknown SPI", Discard::PacketType, |peer| {
        forged(peer.data(), |packet| packet.set_word(PType(15).word(9)))
    }),
    row("PType 7 with SPI 0", Discard::PacketType, |_| PType(7).word(0).to_be_bytes().repeat(4)),
    row("PType 0 with the SPI of an association", Discard::PlainSpi, |peer| {
        forged(plain_echo(), |packet| packet.set_spi(peer.sa.spi.get()))
    }),
    row("PType 0 with an unknown SPI", Discard::PlainSpi, |_| {
        forged(plain_echo(), |packet| packet.set_spi(9))
    }),
    row("PType 0 with a Sequence Number", Discard::PlainSequence, |_| {
        forged(plain_echo(), |packet| packet.set_sequence(1))
    }),
    row("PType 1 with SPI 0", Discard::ProtectedWithoutSpi, |peer| {
        forged(peer.data(), |packet| packet.set_spi(0))
    }),
    row("PType 8 with SPI 0", Discard::ProtectedWithoutSpi, |peer| {
        forged(peer.binding_update(&registration(2)), |packet| packet.set_spi(0))
    }),
    row("an unknown SPI", Discard::SpiUnknown, |peer| forged(peer.data(), |packet| packet.set_spi(9))),
    row("PType 1 made PType 8 on the way", Discard::Icv, |peer| {
        forged(peer.data(), |packet| packet.set_ptype(PType::MOBILITY))
    }),
    row("the Sequence Number changed on the way", Discard::Icv, |peer| {
        forged(peer.data(), |packet| packet.set_sequence(77))
    }),
    row("a changed body", Discard::Icv, |peer| forged(peer.data(), |packet| packet.body_mut()[20] ^= 1)),
    row("a changed ICV", Discard::Icv, |peer| {
        forged(peer.data(), |packet| {
            if let Some(last) = packet.body_mut().last_mut() {
                *last ^= 1;
            }
        })
    }),
    row("one octet cut off", Discard::Misaligned, |peer| {
        let mut octets = peer.data();
        octets.pop();
        octets
    }),
    row("nothing but the header", Discard::Misaligned, |peer| peer.data()[..8].to_vec()),
    row("a Pad Length beyond the data", Discard::Padding, |peer| {
        let mut plaintext = [0; 32];
        plaintext[30] = 31;
        plaintext[31] = trailer::IPV6;
        forge(peer, PType::PROTECTED, &plaintext)
    }),
    row("padding that does not count", Discard::Padding, |peer| {
        let mut plaintext = vec![1, 2, 4, 3, trailer::IPV6];
        let packet = echo(HOME.into(), CORRESPONDENT.into());
        let fill = 16 - (packet.len() + plaintext.len()) % 16;
        plaintext = [packet, vec![0; fill], plaintext].concat();
        forge(peer, PType::PROTECTED, &plaintext)
    }),
    row("a dummy", Discard::Dummy, |peer| peer.seal(PType::PROTECTED, trailer::NO_NEXT, &[7; 40])),
    row("a dummy in PType 8", Discard::Dummy, |peer| peer.seal(PType::MOBILITY, trailer::NO_NEXT, &[])),
    row("PType 1 with Next Header 135", Discard::NextHeader, |peer| {
        peer.seal(PType::PROTECTED, trailer::MOBILITY, &registration(2).emit(HOME, AGENT))
    }),
    row("PType 1 with Next Header 17", Discard::NextHeader, |peer| {
        peer.seal(PType::PROTECTED, 17, &echo(HOME.into(), CORRESPONDENT.into()))
    }),
    row("PType 8 with Next Header 41", Discard::NextHeader, |peer| {
        peer.seal(PType::MOBILITY, trailer::IPV6, &echo(HOME.into(), CORRESPONDENT.into()))
    }),
    row("IPv6 under Next Header 4", Discard::InnerPacket, |peer| {
        peer.seal(PType::PROTECTED, trailer::IPV4, &echo(HOME.into(), CORRESPONDENT.into()))
    }),
    row("IPv4 under Next Header 41", Discard::InnerPacket, |peer| {
        peer.seal(PType::PROTECTED, trailer::IPV6, &echo(HOME4.into(), ip("192.0.2.1")))
    }),
    row("an inner packet that is cut", Discard::InnerPacket, |peer| {
        let packet = echo(HOME.into(), CORRESPONDENT.into());
        peer.seal(PType::PROTECTED, trailer::IPV6, &packet[..packet.len() - 1])
    }),
    row("an inner packet that ends inside its header", Discard::InnerPacket, |peer| {
        let mut packet = echo(HOME4.into(), ip("192.0.2.1"));
        packet[3] = 19;
        peer.seal(PType::PROTECTED, trailer::IPV4, &packet)
    }),
    row("an inner packet of version 5", Discard::InnerPacket, |peer| {
        peer.seal(PType::PROTECTED, trailer::IPV6, &[0x50; 60])
    }),
    row("a foreign inner source", Discard::InnerSource, |peer| {
        peer.seal(PType::PROTECTED, trailer::IPV6, &echo(CORRESPONDENT.into(), HOME.into()))
    }),
    row("a foreign IPv4 inner source", Discard::InnerSource, |peer| {
        peer.seal(PType::PROTECTED, trailer::IPV4, &echo(ip("192.0.2.101"), ip("192.0.2.1")))
    }),
    row("plain though all traffic is protected", Discard::PlainOutOfScope, |_| plain_echo()),
    row("plain without an IP packet", Discard::InnerPacket, |_| vec![0; 8]),
    row("plain from nobody's home address", Discard::NoBinding, |_| {
        plain(&echo(CORRESPONDENT.into(), HOME.into()))
    }),
    Row {
        name: "protected though only signalling is",
        scope: Scope::SignalingOnly,
        make: Peer::data,
        reason: Discard::ProtectedOutOfScope,
    },
];

#[test]
fn every_bad_packet_is_dropped_without_a_word_and_counted_once() {
    for row in ROWS {
        let mut peer = Peer::new(0x0abcdef, Ciphersuite::Aes128Sha, row.scope);
        let mut agent = Agent::knowing(&peer);
        let update = peer.binding_update(&registration(1));
        agent.datagram(peer.at, update);
        assert_eq!(agent.sent.len(), 1, "{}: registered", row.name);
        agent.sent.clear();

        let bad = (row.make)(&mut peer);
        agent.datagram(peer.at, bad);
        assert_eq!(agent.discarded(row.reason), 1, "{}: {:?}", row.name, agent.ha.discards());
        assert_eq!(agent.ha.discards().total(), 1, "{}", row.name);
        assert!(agent.sent.is_empty() && agent.delivered.is_empty(), "{}", row.name);

        let good = match row.scope {
            Scope::AllTraffic => peer.data(),
            Scope::SignalingOnly => plain_echo(),
        };
        agent.datagram(peer.at, good);
        assert_eq!(agent.delivered, [echo(HOME.into(), CORRESPONDENT.into())], "{}: the control", row.name);
    }
}

#[test]
fn every_suite_carries_both_families_both_ways() {
    for suite in Ciphersuite::ALL {
        let mut peer = Peer::new(1, suite, Scope::AllTraffic);
        let mut agent = Agent::knowing(&peer);
        let update = peer.binding_update(&registration(1));
        agent.datagram(peer.at, update);
        let families: [(u8, IpAddr, IpAddr); 2] = [
            (trailer::IPV6, HOME.into(), CORRESPONDENT.into()),
            (trailer::IPV4, HOME4.into(), ip("203.0.113.9")),
        ];
        for (next_header, home, correspondent) in families {
            let packet = peer.seal(PType::PROTECTED, next_header, &echo(home, correspondent));
            agent.datagram(peer.at, packet);
            assert_eq!(agent.delivered.pop(), Some(echo(home, correspondent)), "{}", suite.name());

            agent.input(Input::FromHome(vec![echo(correspondent, home)]));
            let (to, octets) = agent.sent.pop().expect("tunnelled");
            let opened = peer.open(&octets);
            assert_eq!((to, opened.ptype, opened.next_header), (peer.at, PType::PROTECTED, next_header));
            assert_eq!(opened.payload, echo(correspondent, home), "{}", suite.name());
            assert_eq!(opened.iv.len(), algorithms(suite).iv_len);
        }
    }
}

#[test]
fn signalling_only_data_is_plain_both_ways() {
    let mut peer = Peer::new(1, Ciphersuite::Aes128Sha, Scope::SignalingOnly);
    let mut agent = Agent::knowing(&peer);
    agent.datagram(peer.at, plain_echo());
    assert_eq!(agent.discarded(Discard::NoBinding), 1, "not registered yet");

    let update = peer.binding_update(&registration(1));
    agent.datagram(peer.at, update);
    agent.sent.clear();
    agent.datagram(peer.at, plain_echo());
    assert_eq!(agent.delivered.len(), 1);
    agent.input(Input::FromHome(vec![echo(CORRESPONDENT.into(), HOME.into())]));
    assert_eq!(agent.sent, [(peer.at, plain(&echo(CORRESPONDENT.into(), HOME.into())))]);
}

/// RFC 6275 10.4.5: the tunnel is for those who are registered.
#[test]
fn protected_data_of_nobody_registered_is_dropped() {
    for (next_header, home) in [(trailer::IPV6, IpAddr::from(HOME)), (trailer::IPV4, HOME4.into())] {
        let mut peer = Peer::usual();
        let mut agent = Agent::knowing(&peer);
        let correspondent = if home.is_ipv6() { CORRESPONDENT.into() } else { ip("203.0.113.9") };
        let early = peer.seal(PType::PROTECTED, next_header, &echo(home, correspondent));
        agent.datagram(peer.at, early);
        assert_eq!((agent.delivered.len(), agent.discarded(Discard::NoBinding)), (0, 1));
        let update = peer.binding_update(&registration(1));
        agent.datagram(peer.at, update);
        let data = peer.seal(PType::PROTECTED, next_header, &echo(home, correspondent));
        agent.datagram(peer.at, data);
        assert_eq!(agent.delivered.len(), 1, "{:?}", agent.ha.discards());
    }
}

#[test]
fn plain_data_must_come_from_the_registered_source() {
    let elsewhere = "198.51.100.8:40000".parse().expect("an address");
    let other_port = "198.51.100.7:40001".parse().expect("an address");
    for (plain_source, taken_from_other_port) in [(PlainSource::AddressAndPort, 0), (PlainSource::Address, 1)]
    {
        let mut peer = Peer::new(1, Ciphersuite::Aes128Sha, Scope::SignalingOnly);
        let mut agent = Agent::with(Config { plain_source, ..Config::new(AGENT) });
        agent.input(Input::Install(Box::new(peer.sa.clone())));
        let update = peer.binding_update(&registration(1));
        agent.datagram(peer.at, update);

        agent.datagram(elsewhere, plain_echo());
        assert_eq!((agent.delivered.len(), agent.discarded(Discard::PlainFromElsewhere)), (0, 1));
        agent.datagram(other_port, plain_echo());
        assert_eq!(agent.delivered.len(), taken_from_other_port);
        agent.datagram(peer.at, plain_echo());
        assert_eq!(agent.delivered.len(), taken_from_other_port + 1);
    }
}

#[test]
fn one_window_for_all_packet_types() {
    let mut peer = Peer::usual();
    let mut agent = Agent::bound(&peer);
    let data = peer.data();
    agent.datagram(peer.at, data.clone());
    agent.datagram(peer.at, data);
    assert_eq!((agent.delivered.len(), agent.discarded(Discard::ReplaySeen)), (1, 1));

    let payload = after_home_address(&registration(1).emit(HOME, AGENT));
    agent.datagram(peer.at, peer.seal_as(0, PType::MOBILITY, trailer::DEST_OPTIONS, &payload));
    assert_eq!((agent.sent.len(), agent.discarded(Discard::ReplaySeen)), (0, 2), "0 was a PType 1 packet");
    agent.datagram(peer.at, peer.seal_as(200, PType::MOBILITY, trailer::DEST_OPTIONS, &payload));
    assert_eq!(agent.sent.len(), 1, "a jump is fine");
    let packet = echo(HOME.into(), CORRESPONDENT.into());
    agent.datagram(peer.at, peer.seal_as(137, PType::PROTECTED, trailer::IPV6, &packet));
    agent.datagram(peer.at, peer.seal_as(136, PType::PROTECTED, trailer::IPV6, &packet));
    assert_eq!((agent.delivered.len(), agent.discarded(Discard::ReplayOld)), (2, 1), "64 wide");
}

#[test]
fn a_bad_icv_does_not_move_the_window_but_an_authentic_dummy_does() {
    let mut peer = Peer::usual();
    let mut agent = Agent::bound(&peer);
    let far = peer.seal_as(5_000, PType::PROTECTED, trailer::NO_NEXT, &[]);
    let damaged = forged(far.clone(), |packet| packet.body_mut()[3] ^= 1);
    agent.datagram(peer.at, damaged);
    let data = peer.data();
    agent.datagram(peer.at, data);
    assert_eq!(agent.delivered.len(), 1, "5000 never counted");
    agent.datagram(peer.at, far);
    let data = peer.data();
    agent.datagram(peer.at, data);
    assert_eq!((agent.delivered.len(), agent.discarded(Discard::ReplayOld)), (1, 1), "now it does");
}

#[test]
fn an_authentic_packet_with_bad_padding_uses_its_number_up() {
    let mut peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    let bad = forge(&mut peer, PType::PROTECTED, &[trailer::IPV6; 16]);
    agent.datagram(peer.at, bad.clone());
    agent.datagram(peer.at, bad);
    assert_eq!((agent.discarded(Discard::Padding), agent.discarded(Discard::ReplaySeen)), (1, 1));
}

#[test]
fn a_batch_keeps_the_order_of_arrival() {
    let mut one = Peer::new(1, Ciphersuite::Aes128Sha, Scope::SignalingOnly);
    let mut two = Peer::new(2, Ciphersuite::NullSha256, Scope::AllTraffic);
    let other_home: IpAddr = ip("2001:db8:1::200");
    two.sa.home.ip6 = Some("2001:db8:1::200".parse().expect("an address"));
    two.sa.home.ip4 = None;
    two.sa = two.of("other@example.com");
    let mut agent = Agent::knowing(&one);
    agent.bind(&two);
    agent.input(Input::Install(Box::new(two.sa.clone())));
    let mut second = |number: u16| {
        let packet = proto::correspondent::echo_request(other_home, CORRESPONDENT.into(), 1, number, b"");
        let packet = packet.expect("one family");
        (two.seal(PType::PROTECTED, trailer::IPV6, &packet), packet)
    };
    let ((first_sealed, first), (last_sealed, last)) = (second(1), second(2));
    let update = one.binding_update(&registration(1));
    let batch = [plain_echo(), first_sealed.clone(), update, first_sealed, plain_echo(), last_sealed];
    let batch = batch.map(|octets| Datagram { from: one.at, octets });
    agent.input(Input::Datagrams(batch.to_vec()));

    assert_eq!(agent.delivered, [first, echo(HOME.into(), CORRESPONDENT.into()), last]);
    assert_eq!(agent.discarded(Discard::NoBinding), 1, "plain before the registration");
    assert_eq!(agent.discarded(Discard::ReplaySeen), 1, "a duplicate in the same batch");
    assert_eq!(agent.sent.len(), 1);
}

#[test]
fn what_follows_the_inner_length_is_trimmed() {
    let mut peer = Peer::usual();
    let mut agent = Agent::bound(&peer);
    let packet = echo(HOME.into(), CORRESPONDENT.into());
    let padded = [packet.as_slice(), &[0; 100]].concat();
    let sealed = peer.seal(PType::PROTECTED, trailer::IPV6, &padded);
    agent.datagram(peer.at, sealed);
    assert_eq!(agent.delivered, [packet]);
}

#[test]
fn a_shared_prefix_does_not_lend_somebody_elses_home_address() {
    let mut peer = Peer::usual();
    peer.sa.home.prefix6 = wire::value::Prefix6::new(HOME, 64);
    let mut neighbour = Peer::new(2, Ciphersuite::Aes128Sha, Scope::AllTraffic);
    neighbour.sa.home.ip6 = Some("2001:db8:1::200".parse().expect("an address"));
    let mut agent = Agent::bound(&peer);
    agent.input(Input::Install(Box::new(neighbour.of("other@example.com"))));
    for (source, delivered) in [("2001:db8:1::201", 1), ("2001:db8:1::200", 1), ("2001:db8:2::201", 1)] {
        let sealed = peer.seal(PType::PROTECTED, trailer::IPV6, &echo(ip(source), CORRESPONDENT.into()));
        agent.datagram(peer.at, sealed);
        assert_eq!(agent.delivered.len(), delivered, "{source}");
    }
    assert_eq!(agent.discarded(Discard::InnerSource), 2);
}

#[test]
fn packets_for_nobody_are_dropped() {
    let peer = Peer::usual();
    let mut agent = Agent::knowing(&peer);
    agent.input(Input::FromHome(vec![echo(CORRESPONDENT.into(), HOME.into()), vec![1, 2, 3]]));
    assert!(agent.sent.is_empty());
    assert_eq!((agent.discarded(Discard::NoBinding), agent.discarded(Discard::InnerPacket)), (1, 1));
}

fn forged(mut octets: Vec<u8>, change: impl FnOnce(&mut Packet<&mut [u8]>)) -> Vec<u8> {
    change(&mut Packet::new_unchecked(octets.as_mut_slice()));
    octets
}

/// A packet with a good ICV over any plaintext.
fn forge(peer: &mut Peer, ptype: PType, plaintext: &[u8]) -> Vec<u8> {
    peer.number += 1;
    peer.sealer.forge(ptype.word(peer.sa.spi.get()), peer.number - 1, &[0x5a; 16], plaintext)
}

fn plain_echo() -> Vec<u8> {
    plain(&echo(HOME.into(), CORRESPONDENT.into()))
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}
