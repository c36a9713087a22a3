//! Doors into the machines: a peer without keys gets nothing out of them, and one with keys breaks nothing.

use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use crypto::channel_binding::ChannelBinding;
use crypto::keys::{DirectionKeys, Psk, SaKeys};
use crypto::seal::{Outgoing, Sealer};
use proto::ha::{self, Ha};
use proto::hac::{self, ConnId, Hac, Policy};
use proto::mn::{self, Mn};
use proto::sa::{HomeAddresses, SecurityAssociation};
use proto::{Machine, Random, Timestamp};
use wire::packet::PType;
use wire::value::{Ciphersuite, Date, Nai, Scope, Spi};

const NOW: Timestamp = Timestamp(Duration::from_secs(1_800_000_000));
const CONN: ConnId = ConnId(1);
const HOME: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
const AGENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2);

/// What a client writes to a HAC in one TLS connection.
pub fn controller(octets: &[u8]) {
    let mut hac = Hac::new(Policy::default(), vec![(identity(), key())], Box::new(Counting(0)));
    hac.handle(NOW, hac::Input::Established { conn: CONN, channel_binding: binding() });
    let (front, back) = octets.split_at(octets.len() / 2);
    for part in [front, back] {
        hac.handle(NOW, hac::Input::Received { conn: CONN, octets: part.to_vec() });
    }
    while let Some(output) = hac.poll_output() {
        assert!(!matches!(output, hac::Output::Install(_)), "an association without a proof of the key");
        let _ = format!("{output:?}");
    }
    hac.handle(NOW, hac::Input::Closed { conn: CONN });
    while hac.poll_output().is_some() {}
    assert_eq!((hac.connections(), hac.poll_timeout()), (0, None), "all that is left of the connection");
}

/// What a HAC writes to a mobile node in one TLS connection, and then whoever sends it datagrams.
pub fn mobile_node(octets: &[u8]) {
    let mut mn = Mn::new(mn::Config::new(identity(), key(), AGENT.into()), Box::new(Counting(0)));
    mn.handle(NOW, mn::Input::Start);
    mn.handle(NOW, mn::Input::Established { channel_binding: binding() });
    mn.handle(NOW, mn::Input::Received(octets.to_vec()));
    mn.handle(NOW, mn::Input::Datagrams(vec![octets.to_vec()]));
    while let Some(output) = mn.poll_output() {
        let gained = matches!(
            output,
            mn::Output::Event(mn::Event::Bootstrapped { .. })
                | mn::Output::Transmit { .. }
                | mn::Output::Deliver(_)
        );
        assert!(!gained, "{output:?}, though nobody proved the key");
    }
    assert!(!mn.is_registered(NOW));
}

/// What reaches a home agent that knows one association. The first octet says how: as a datagram, sealed as PType 8 or
/// as PType 1 with the second octet for Next Header, or from the home network.
pub fn home_agent(octets: &[u8]) {
    let Some((&way, octets)) = octets.split_first() else { return };
    let mut ha = Ha::new(ha::Config::new(AGENT), Box::new(Counting(0)));
    let Some(association) = association() else { return };
    let sealer = Sealer::new(&association.keys.mn_to_ha);
    ha.handle(NOW, ha::Input::Install(Box::new(association)));
    let (answers, deliveries) = match way % 4 {
        0 => take(&mut ha, from_outside(octets.to_vec())),
        1 => take(&mut ha, from_outside(sealed(&sealer, PType::MOBILITY, octets))),
        2 => take(&mut ha, from_outside(sealed(&sealer, PType::PROTECTED, octets))),
        _ => take(&mut ha, ha::Input::FromHome(vec![octets.to_vec()])),
    };
    let (most_answers, most_deliveries) = [(0, 0), (1, 0), (0, 1), (0, 0)][usize::from(way % 4)];
    assert!(
        answers <= most_answers && deliveries <= most_deliveries,
        "{answers} answers, {deliveries} deliveries"
    );
    assert!(ha.bindings(NOW).all(|binding| binding.home == HOME), "a binding of somebody else's address");
    while let Some(due) = ha.poll_timeout() {
        ha.handle_timeout(due);
        while ha.poll_output().is_some() {}
        assert!(ha.poll_timeout().is_none_or(|next| next > due), "a timeout that never passes");
    }
}

/// How many datagrams it sent, and how many packets it delivered.
fn take(ha: &mut Ha, input: ha::Input) -> (usize, usize) {
    ha.handle(NOW, input);
    let (mut answers, mut deliveries) = (0, 0);
    while let Some(output) = ha.poll_output() {
        match output {
            ha::Output::Transmit { .. } => answers += 1,
            ha::Output::Deliver(_) => deliveries += 1,
            ha::Output::Event(_) => {}
        }
    }
    (answers, deliveries)
}

fn from_outside(octets: Vec<u8>) -> ha::Input {
    let from = SocketAddr::from((Ipv6Addr::LOCALHOST, 40_000));
    ha::Input::Datagrams(vec![ha::Datagram { from, octets }])
}

fn sealed(sealer: &Sealer, ptype: PType, octets: &[u8]) -> Vec<u8> {
    let (&next_header, payload) = octets.split_first().unwrap_or((&59, &[]));
    let spi = Spi::new(7).expect("28 bits, not 0");
    let iv = [0x5A; 16];
    let outgoing = Outgoing { ptype, spi, sequence: 0, next_header, payload, iv, extra_padding: 0 };
    sealer.seal(&[outgoing]).concat()
}

fn association() -> Option<SecurityAssociation> {
    let keys = |octet| DirectionKeys::new(Ciphersuite::Aes128Sha, &[octet; 20], Some(&[octet; 16])).ok();
    Some(SecurityAssociation {
        spi: Spi::new(7)?,
        suite: Ciphersuite::Aes128Sha,
        scope: Scope::AllTraffic,
        keys: SaKeys { mn_to_ha: keys(1)?, ha_to_mn: keys(2)? },
        validity_end: Date::from_unix_seconds(1_800_003_600),
        home: HomeAddresses { ip6: Some(HOME), ip4: None, prefix6: None },
        ha: Some(AGENT),
        mn_id: identity(),
    })
}

fn identity() -> Nai {
    Nai::parse(b"mn@example.com").expect("a NAI")
}

fn key() -> Psk {
    Psk::new(vec![7; 32]).expect("a key")
}

fn binding() -> ChannelBinding {
    ChannelBinding::new(vec![0xcb; 32])
}

struct Counting(u8);

impl Random for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        for octet in out {
            self.0 = self.0.wrapping_add(1);
            *octet = self.0;
        }
    }
}
