//! All roles in one place for the tests of registration and tunnel: no socket, no clock.

#![allow(dead_code, reason = "every test crate uses a part of it")]

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use proto::correspondent;
use proto::ha::{self, Binding, Datagram, Ha};
use proto::hac::{self, ConnId, Hac};
use proto::mn::{self, Event, Mn};
use proto::sa::SecurityAssociation;
use proto::{Machine, Timestamp};
use wire::mobility::BindingStatus;
use wire::packet::{PType, Packet};
use wire::value::Spi;

use crate::peers::{PROFILES, Seeded, binding, care_of, drain, hac, mn, now, policy};

/// All three roles and a correspondent that answers echo requests.
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) hac: Hac,
    pub(crate) mn: Mn,
    pub(crate) ha: Ha,
    pub(crate) conn: u64,
    /// What became of datagrams that the mobile node sends.
    pub(crate) path: Path,
    /// Datagrams of the mobile node, all of them.
    pub(crate) sent: Vec<Vec<u8>>,
    /// Datagrams for the mobile node, all of them.
    pub(crate) answered: Vec<Vec<u8>>,
    pub(crate) delivered: Vec<Vec<u8>>,
    pub(crate) events: Vec<Event>,
    pub(crate) refused: Vec<BindingStatus>,
    pub(crate) connects: usize,
    pub(crate) spi: Option<Spi>,
    pub(crate) home: Option<Ipv6Addr>,
    /// The newest association, as the HAC gave it to the home agent.
    pub(crate) installed: Option<SecurityAssociation>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Path {
    Open,
    Lost,
}

impl World {
    pub(crate) fn new(config: mn::Config) -> Self {
        let agent = hac::HomeNetwork::default().haa_ip6.expect("has one");
        let ha = Ha::new(ha::Config::new(agent), Box::new(Seeded(3)));
        Self {
            now: now(),
            hac: hac(policy(PROFILES[0])),
            mn: mn(config),
            ha,
            conn: 0,
            path: Path::Open,
            sent: Vec::new(),
            answered: Vec::new(),
            delivered: Vec::new(),
            events: Vec::new(),
            refused: Vec::new(),
            connects: 0,
            spi: None,
            home: None,
            installed: None,
        }
    }

    pub(crate) fn registered(config: mn::Config) -> Self {
        let mut world = Self::new(config);
        world.tell(mn::Input::Start);
        assert!(matches!(world.events.last(), Some(Event::Registered { .. })), "{:?}", world.events);
        world
    }

    /// Gives the mobile node an input and lets everything settle.
    pub(crate) fn tell(&mut self, input: mn::Input) {
        self.mn.handle(self.now, input);
        self.settle();
    }

    pub(crate) fn settle(&mut self) {
        for _ in 0..100 {
            let from_mn = drain(&mut self.mn);
            let from_hac = drain(&mut self.hac);
            let from_ha = drain(&mut self.ha);
            if from_mn.is_empty() && from_hac.is_empty() && from_ha.is_empty() {
                return;
            }
            from_hac.into_iter().for_each(|output| self.of_hac(output));
            self.of_mn(from_mn);
            self.of_ha(from_ha);
        }
        panic!("they never come to rest");
    }

    fn of_mn(&mut self, outputs: Vec<mn::Output>) {
        let mut batch = Vec::new();
        for output in outputs {
            match output {
                mn::Output::Connect => {
                    self.conn += 1;
                    self.connects += 1;
                    let channel_binding = binding();
                    let input = hac::Input::Established { conn: ConnId(self.conn), channel_binding };
                    self.hac.handle(self.now, input);
                    self.mn.handle(self.now, mn::Input::Established { channel_binding: binding() });
                }
                mn::Output::Send(octets) => {
                    self.hac.handle(self.now, hac::Input::Received { conn: ConnId(self.conn), octets });
                }
                mn::Output::Close => {
                    self.hac.handle(self.now, hac::Input::Closed { conn: ConnId(self.conn) })
                }
                mn::Output::Transmit { octets } => batch.push(octets),
                mn::Output::Deliver(packet) => self.delivered.push(packet),
                mn::Output::Event(event) => {
                    if let Event::Bootstrapped { spi, home, .. } = &event {
                        (self.spi, self.home) = (Some(*spi), home.ip6);
                    }
                    self.events.push(event);
                }
            }
        }
        self.sent.extend(batch.iter().cloned());
        if self.path == Path::Open && !batch.is_empty() {
            let datagram = |octets| Datagram { from: from(), octets };
            let input = ha::Input::Datagrams(batch.into_iter().map(datagram).collect());
            self.ha.handle(self.now, input);
        }
    }

    fn of_hac(&mut self, output: hac::Output) {
        match output {
            hac::Output::Send { octets, .. } => self.mn.handle(self.now, mn::Input::Received(octets)),
            hac::Output::Install(sa) => {
                self.installed = Some((*sa).clone());
                self.ha.handle(self.now, ha::Input::Install(sa));
            }
            hac::Output::Close { .. } | hac::Output::Event(_) => {}
        }
    }

    fn of_ha(&mut self, outputs: Vec<ha::Output>) {
        let mut batch = Vec::new();
        let mut from_home = Vec::new();
        for output in outputs {
            match output {
                ha::Output::Transmit { to, octets } => {
                    assert_eq!(to, from(), "to the observed address and port");
                    batch.push(octets);
                }
                ha::Output::Deliver(packet) => from_home.extend(correspondent::answer(&packet)),
                ha::Output::Event(ha::Event::Refused { status, .. }) => self.refused.push(status),
                ha::Output::Event(_) => {}
            }
        }
        self.answered.extend(batch.iter().cloned());
        self.mn.handle(self.now, mn::Input::Datagrams(batch));
        self.ha.handle(self.now, ha::Input::FromHome(from_home));
    }

    /// Lets the mobile node's next timer run.
    pub(crate) fn wait(&mut self) -> Duration {
        let at = self.mn.poll_timeout().expect("a timer runs");
        let waited = at.since(self.now);
        self.now = at.max(self.now);
        self.mn.handle_timeout(self.now);
        self.settle();
        waited
    }

    pub(crate) fn binding(&self) -> Option<Binding> {
        self.ha.bindings(self.now).next().cloned()
    }

    pub(crate) fn echo(&self, number: u16) -> Vec<u8> {
        let home = self.home.expect("bootstrapped").into();
        correspondent::echo_request(home, correspondent_address(), 7, number, b"anybody there?")
            .expect("one family")
    }
}

pub(crate) fn from() -> SocketAddr {
    SocketAddr::new(care_of(), 4500)
}

pub(crate) fn correspondent_address() -> IpAddr {
    "2001:db8:ffff::99".parse().expect("an address")
}

pub(crate) fn ptypes(octets: &[Vec<u8>]) -> Vec<PType> {
    octets.iter().map(|octets| Packet::new_unchecked(octets).ptype()).collect()
}
