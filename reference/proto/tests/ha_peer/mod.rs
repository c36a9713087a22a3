//! A scripted mobile node that says to a home agent exactly what a test wants, and reads what comes back.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crypto::open::{Opened, Opener};
use crypto::seal::{Outgoing, Sealer};
use crypto::{DirectionKeys, SaKeys, algorithms};
use proto::ha::{Binding, Config, Datagram, Discard, Event, Ha, Input, Output};
use proto::sa::{HomeAddresses, SecurityAssociation};
use proto::{Machine, Random, Timestamp};
use wire::ext_header::home_address_option;
use wire::mobility::{BindingAck, BindingStatus, BindingUpdate, Flags, Lifetime, MobilityHeader};
use wire::packet::PType;
use wire::trailer;
use wire::value::{Ciphersuite, Date, Nai, Scope, Spi};

/// The home agent's address in all tests.
pub(crate) const AGENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 1);
/// The mobile node's home address in all tests.
pub(crate) const HOME: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 0x100);
/// The mobile node's IPv4 home address.
pub(crate) const HOME4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 100);
/// The care-of address in Alternate Care-of Address options.
pub(crate) const CARE_OF: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xc0, 0, 0, 0, 0, 1);
/// Somebody behind the home agent.
pub(crate) const CORRESPONDENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 0xc);
/// Where the tests begin, in seconds since the Unix epoch.
pub(crate) const START: u64 = 1_800_000_000;
/// How long associations are valid in the tests, in seconds.
pub(crate) const VALIDITY: u64 = 10_000;

/// A linear congruential generator: enough for tests.
pub(crate) struct Counting(u64);

impl Counting {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }
}

impl Random for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            chunk.copy_from_slice(&self.0.to_be_bytes()[..chunk.len()]);
        }
    }
}

/// A home agent, the clock, and all that came out of it.
pub(crate) struct Agent {
    pub(crate) ha: Ha,
    pub(crate) now: Timestamp,
    pub(crate) sent: Vec<(SocketAddr, Vec<u8>)>,
    pub(crate) delivered: Vec<Vec<u8>>,
    pub(crate) events: Vec<Event>,
}

impl Agent {
    pub(crate) fn new() -> Self {
        Self::with(Config::new(AGENT))
    }

    pub(crate) fn with(config: Config) -> Self {
        Self {
            ha: Ha::new(config, Box::new(Counting::new(1))),
            now: Timestamp(Duration::from_secs(START)),
            sent: Vec::new(),
            delivered: Vec::new(),
            events: Vec::new(),
        }
    }

    /// A home agent that has an association with `peer`.
    pub(crate) fn knowing(peer: &Peer) -> Self {
        let mut agent = Self::new();
        agent.input(Input::Install(Box::new(peer.sa.clone())));
        agent
    }

    /// The same, with a binding that an earlier association of `peer` made: all numbers are still to come.
    pub(crate) fn bound(peer: &Peer) -> Self {
        let mut agent = Self::new();
        agent.bind(peer);
        agent.input(Input::Install(Box::new(peer.sa.clone())));
        agent
    }

    /// Makes that binding, before `peer`'s own association is installed.
    pub(crate) fn bind(&mut self, peer: &Peer) {
        let mut earlier = Peer::new(peer.sa.spi.get() ^ 0x800_0000, peer.sa.suite, peer.sa.scope);
        earlier.sa.home = peer.sa.home.clone();
        earlier.sa.mn_id = peer.sa.mn_id.clone();
        let home = peer.sa.home.ip6.expect("a home address");
        let payload = [
            home_address_option(home, trailer::MOBILITY),
            BindingUpdate { sequence: 0, ..registration(0) }.emit(home, AGENT),
        ];
        let update = earlier.seal(PType::MOBILITY, trailer::DEST_OPTIONS, &payload.concat());
        self.input(Input::Install(Box::new(earlier.sa.clone())));
        self.datagram(peer.at, update);
        assert_eq!(self.sent.len(), 1, "{:?}", self.ha.discards());
        self.sent.clear();
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.ha.handle(self.now, input);
        self.drain();
    }

    pub(crate) fn datagram(&mut self, from: SocketAddr, octets: Vec<u8>) {
        self.input(Input::Datagrams(vec![Datagram { from, octets }]));
    }

    pub(crate) fn advance(&mut self, span: Duration) {
        self.now = self.now + span;
        self.ha.handle_timeout(self.now);
        self.drain();
    }

    pub(crate) fn discarded(&self, reason: Discard) -> u64 {
        self.ha.discards().count(reason)
    }

    pub(crate) fn bindings(&self) -> Vec<Binding> {
        self.ha.bindings(self.now).cloned().collect()
    }

    fn drain(&mut self) {
        while let Some(output) = self.ha.poll_output() {
            match output {
                Output::Transmit { to, octets } => self.sent.push((to, octets)),
                Output::Deliver(packet) => self.delivered.push(packet),
                Output::Event(event) => self.events.push(event),
            }
        }
    }
}

/// The other end of one association.
pub(crate) struct Peer {
    pub(crate) sa: SecurityAssociation,
    pub(crate) at: SocketAddr,
    pub(crate) sealer: Sealer,
    pub(crate) opener: Opener,
    /// The next packet's number.
    pub(crate) number: u32,
}

impl Peer {
    pub(crate) fn new(spi: u32, suite: Ciphersuite, scope: Scope) -> Self {
        let keys = SaKeys { mn_to_ha: direction(suite, 1), ha_to_mn: direction(suite, 101) };
        Self {
            sealer: Sealer::new(&keys.mn_to_ha),
            opener: Opener::new(&keys.ha_to_mn),
            sa: SecurityAssociation {
                spi: Spi::new(spi).expect("28 bits"),
                suite,
                scope,
                keys,
                validity_end: Date::from_unix_seconds(START + VALIDITY),
                home: HomeAddresses { ip6: Some(HOME), ip4: Some(HOME4), prefix6: None },
                ha: Some(AGENT),
                mn_id: Nai::parse(b"mn@example.com").expect("a NAI"),
            },
            at: "198.51.100.7:40000".parse().expect("an address"),
            number: 0,
        }
    }

    pub(crate) fn usual() -> Self {
        Self::new(0x0abcdef, Ciphersuite::Aes128Sha, Scope::AllTraffic)
    }

    /// The same association in somebody else's name.
    pub(crate) fn of(&self, mn_id: &str) -> SecurityAssociation {
        SecurityAssociation { mn_id: Nai::parse(mn_id.as_bytes()).expect("a NAI"), ..self.sa.clone() }
    }

    /// A packet with the next number.
    pub(crate) fn seal(&mut self, ptype: PType, next_header: u8, payload: &[u8]) -> Vec<u8> {
        self.number += 1;
        self.seal_as(self.number - 1, ptype, next_header, payload)
    }

    /// A packet with any number.
    pub(crate) fn seal_as(&self, sequence: u32, ptype: PType, next_header: u8, payload: &[u8]) -> Vec<u8> {
        let outgoing = Outgoing {
            ptype,
            spi: self.sa.spi,
            sequence,
            next_header,
            payload,
            iv: [0x5a; 16],
            extra_padding: 0,
        };
        self.sealer.seal(&[outgoing]).remove(0)
    }

    /// A protected echo request to the correspondent.
    pub(crate) fn data(&mut self) -> Vec<u8> {
        self.seal(PType::PROTECTED, trailer::IPV6, &echo(HOME.into(), CORRESPONDENT.into()))
    }

    /// A packet with a Binding Update after a Home Address option.
    pub(crate) fn binding_update(&mut self, update: &BindingUpdate) -> Vec<u8> {
        let payload = after_home_address(&update.emit(HOME, AGENT));
        self.seal(PType::MOBILITY, trailer::DEST_OPTIONS, &payload)
    }

    /// Opens what the home agent sent.
    pub(crate) fn open(&self, octets: &[u8]) -> Opened {
        self.opener.open(&[octets]).remove(0).expect("a packet of the home agent opens")
    }

    /// Opens a Binding Acknowledgement, with all that must hold for any of them.
    pub(crate) fn acknowledgement(&self, octets: &[u8]) -> BindingAck {
        let opened = self.open(octets);
        assert_eq!((opened.ptype, opened.next_header), (PType::MOBILITY, trailer::MOBILITY));
        assert!(MobilityHeader::new_unchecked(&opened.payload).verify(AGENT, HOME), "checksum");
        BindingAck::parse(&opened.payload).expect("a Binding Acknowledgement")
    }
}

/// Sends an update; where the one answer went, and what it says.
pub(crate) fn exchange(
    agent: &mut Agent,
    peer: &mut Peer,
    update: &BindingUpdate,
) -> (SocketAddr, BindingAck) {
    agent.sent.clear();
    let packet = peer.binding_update(update);
    agent.datagram(peer.at, packet);
    assert_eq!(agent.sent.len(), 1, "one answer; dropped: {:?}", agent.ha.discards());
    let (to, octets) = agent.sent.remove(0);
    (to, peer.acknowledgement(&octets))
}

/// The same, for its status only.
pub(crate) fn status(agent: &mut Agent, peer: &mut Peer, update: &BindingUpdate) -> BindingStatus {
    exchange(agent, peer, update).1.status
}

/// The Binding Update that a home registration needs.
pub(crate) fn registration(sequence: u16) -> BindingUpdate {
    BindingUpdate {
        sequence,
        flags: Flags::REGISTRATION,
        lifetime: Lifetime(100),
        alternate_coa: Some(CARE_OF),
    }
}

/// The Binding Update that gives a registration up.
pub(crate) fn deregistration(sequence: u16) -> BindingUpdate {
    BindingUpdate { lifetime: Lifetime::ZERO, ..registration(sequence) }
}

/// A Mobility Header behind the Home Address option.
pub(crate) fn after_home_address(mobility_header: &[u8]) -> Vec<u8> {
    [home_address_option(HOME, trailer::MOBILITY).as_slice(), mobility_header].concat()
}

/// A whole IP packet.
pub(crate) fn echo(from: IpAddr, to: IpAddr) -> Vec<u8> {
    proto::correspondent::echo_request(from, to, 1, 2, b"ping").expect("one family")
}

/// Keys whose octets count up from `first`: distinct, and no degenerate triple DES.
fn direction(suite: Ciphersuite, first: u8) -> DirectionKeys {
    let row = algorithms(suite);
    let octets = |len: usize, first: u8| -> Vec<u8> {
        (0..len).map(|at| first.wrapping_add(3 * u8::try_from(at).expect("short"))).collect()
    };
    let ekey = octets(row.ekey_len, first ^ 0x80);
    let ekey = Some(ekey.as_slice()).filter(|key| !key.is_empty());
    DirectionKeys::new(suite, &octets(row.ikey_len, first), ekey).expect("legal keys")
}
