//! Mobile nodes and their home with a network between them, and one virtual clock.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use crypto::channel_binding::ChannelBinding;
use proto::ha::{self, Ha};
use proto::hac::{ConnId, Hac};
use proto::mn;
use proto::{Machine, Timestamp};

use crate::{Home, Link, MobileNode, SeededRandom};

/// Steps that one call of [`World::run_until`] takes at most.
const STEPS: usize = 1_000_000;

/// What the network has still to bring, to or from the node with this number.
enum Arrival {
    Established { node: usize },
    StreamToHac { conn: ConnId, octets: Vec<u8> },
    StreamToMn { node: usize, conn: ConnId, octets: Vec<u8> },
    ClosedByMn { conn: ConnId },
    ClosedByHac { node: usize, conn: ConnId },
    DatagramToHa { from: SocketAddr, octets: Vec<u8> },
    DatagramToMn { node: usize, to: SocketAddr, octets: Vec<u8> },
}

/// A datagram in the moment in which it leaves, before the weather does anything to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    /// When.
    pub at: Timestamp,
    /// Who sent it.
    pub from: Sender,
    /// The mobile node's side of the way.
    pub address: SocketAddr,
    /// The UDP payload.
    pub octets: Vec<u8>,
}

/// One end of a tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// The mobile node with this number.
    MobileNode(usize),
    /// The home agent.
    HomeAgent,
}

/// Mobile nodes, one home, one link for all.
pub struct World {
    /// The mobile nodes, by number.
    pub nodes: Vec<MobileNode>,
    /// HAC, HA and correspondents; its clock is the clock of the world.
    pub home: Home<Hac, Ha>,
    /// The weather; may change at any time.
    pub link: Link,
    weather: SeededRandom,
    channel_binding: ChannelBinding,
    under_way: BTreeMap<(Timestamp, u64), Arrival>,
    departures: u64,
    departed: Vec<Departure>,
    arrived_at_agent: u64,
}

impl World {
    /// A world in which nothing has happened yet.
    pub fn new(seed: u64, link: Link, home: Home<Hac, Ha>, nodes: Vec<MobileNode>) -> Self {
        Self {
            nodes,
            home,
            link,
            weather: SeededRandom::new(seed, u64::MAX),
            channel_binding: ChannelBinding::new(vec![0xcb; 32]),
            under_way: BTreeMap::new(),
            departures: 0,
            departed: Vec::new(),
            arrived_at_agent: 0,
        }
    }

    /// The virtual clock.
    pub fn now(&self) -> Timestamp {
        self.home.now()
    }

    /// Something happens to the mobile node with this number; nothing if there is none.
    pub fn mobile_node(&mut self, node: usize, input: mn::Input) {
        let now = self.now();
        if let Some(node) = self.nodes.get_mut(node) {
            node.mn.handle(now, input);
        }
        self.collect();
    }

    /// Something happens to the home agent.
    pub fn agent(&mut self, input: ha::Input) {
        self.home.agent(input);
        self.collect();
    }

    /// The mobile node loses all that it knew. The HAC sees its connection close.
    pub fn restart_node(&mut self, number: usize, anew: mn::Mn) {
        let Some(node) = self.nodes.get_mut(number) else { return };
        node.mn = anew;
        let conn = node.conn.take();
        self.under_way
            .retain(|_, arrival| !matches!(arrival, Arrival::Established { node } if *node == number));
        if let Some(conn) = conn {
            self.stream(Arrival::ClosedByMn { conn });
        }
    }

    /// HAC and HA lose all that they knew; all mobile nodes see their connections close.
    pub fn restart_home(&mut self, anew: Home<Hac, Ha>) {
        self.home = anew;
        self.arrived_at_agent = 0;
        // The connections of the new home are numbered from the start again.
        self.under_way.retain(|_, arrival| {
            matches!(arrival, Arrival::DatagramToHa { .. } | Arrival::DatagramToMn { .. })
        });
        let now = self.now();
        for node in &mut self.nodes {
            (node.conn, node.closed) = (None, None);
            node.mn.handle(now, mn::Input::Closed);
        }
        self.collect();
    }

    /// The datagrams that left since the last call, lost ones included.
    pub fn take_departed(&mut self) -> Vec<Departure> {
        std::mem::take(&mut self.departed)
    }

    /// How many datagrams this home agent has got.
    pub fn arrived_at_agent(&self) -> u64 {
        self.arrived_at_agent
    }

    /// Lets the world run until `done` holds, but no longer than `limit`. Whether `done` holds in the end.
    ///
    /// # Panics
    /// A machine asks for the same moment again and again.
    pub fn run_until(&mut self, limit: Duration, done: impl Fn(&Self) -> bool) -> bool {
        let end = self.now() + limit;
        for _ in 0..STEPS {
            if done(self) {
                return true;
            }
            let Some(next) = self.next_moment().filter(|&next| next <= end) else {
                self.home.advance(end.since(self.now()));
                return done(self);
            };
            self.step(next);
        }
        panic!("a world that never comes to rest");
    }

    /// Lets the world run for `span`.
    pub fn run_for(&mut self, span: Duration) {
        self.run_until(span, |_| false);
    }

    /// Lets the next thing happen, unless it would be after `end`; then the clock goes to `end`. Whether it happened.
    pub fn step_before(&mut self, end: Timestamp) -> bool {
        let next = self.next_moment().filter(|&next| next <= end);
        match next {
            Some(next) => self.step(next),
            None => self.home.advance(end.since(self.now())),
        }
        next.is_some()
    }

    fn next_moment(&self) -> Option<Timestamp> {
        let arrival = self.under_way.keys().next().map(|&(moment, _)| moment);
        let nodes = self.nodes.iter().map(|node| node.mn.poll_timeout());
        nodes.chain([arrival, self.home.next_timeout()]).flatten().min()
    }

    fn step(&mut self, moment: Timestamp) {
        self.home.advance(moment.since(self.now()));
        let now = self.now();
        for node in &mut self.nodes {
            if node.mn.poll_timeout().is_some_and(|due| due <= now) {
                node.mn.handle_timeout(now);
            }
        }
        while let Some(entry) = self.under_way.first_entry().filter(|entry| entry.key().0 <= moment) {
            let arrival = entry.remove();
            self.arrive(arrival);
        }
        self.collect();
    }

    fn arrive(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Established { node } => {
                let channel_binding = self.channel_binding.clone();
                let conn = self.home.connect(channel_binding.clone());
                self.at_node(node, |node, now| {
                    node.conn = Some(conn);
                    node.mn.handle(now, mn::Input::Established { channel_binding });
                });
            }
            Arrival::StreamToHac { conn, octets } => self.home.receive(conn, &octets),
            Arrival::StreamToMn { node, conn, octets } => self.at_node(node, |node, now| {
                if node.conn == Some(conn) {
                    node.mn.handle(now, mn::Input::Received(octets));
                }
            }),
            Arrival::ClosedByMn { conn } => self.home.close(conn),
            Arrival::ClosedByHac { node, conn } => self.at_node(node, |node, now| {
                if node.conn == Some(conn) {
                    node.conn = None;
                    node.mn.handle(now, mn::Input::Closed);
                }
            }),
            Arrival::DatagramToHa { from, octets } => {
                self.arrived_at_agent += 1;
                self.home.datagram(from, octets);
            }
            Arrival::DatagramToMn { node, to, octets } => self.at_node(node, |node, now| {
                if node.address == to {
                    node.mn.handle(now, mn::Input::Datagrams(vec![octets]));
                }
            }),
        }
        self.collect();
    }

    fn at_node(&mut self, node: usize, happens: impl FnOnce(&mut MobileNode, Timestamp)) {
        let now = self.now();
        if let Some(node) = self.nodes.get_mut(node) {
            happens(node, now);
        }
    }

    /// Puts on the way what all ends want to send.
    fn collect(&mut self) {
        for node in 0..self.nodes.len() {
            while let Some(output) = self.nodes.get_mut(node).and_then(|node| node.mn.poll_output()) {
                self.carry_out(node, output);
            }
            self.collect_stream(node);
        }
        for (to, octets) in self.home.take_datagrams() {
            self.note(Sender::HomeAgent, to, &octets);
            let Some(node) = self.nodes.iter().position(|node| node.address == to) else { continue };
            for delay in self.link.fate(&mut self.weather) {
                self.depart(delay, Arrival::DatagramToMn { node, to, octets: octets.clone() });
            }
        }
    }

    /// What the HAC wrote to this node, and whether it closed.
    fn collect_stream(&mut self, number: usize) {
        let Some(node) = self.nodes.get_mut(number) else { return };
        let Some(conn) = node.conn else { return };
        let octets = self.home.take_sent(conn);
        let closes = self.home.is_closed(conn) && node.closed != Some(conn);
        if closes {
            node.closed = Some(conn);
        }
        if !octets.is_empty() {
            self.stream(Arrival::StreamToMn { node: number, conn, octets });
        }
        if closes {
            self.stream(Arrival::ClosedByHac { node: number, conn });
        }
    }

    fn carry_out(&mut self, number: usize, output: mn::Output) {
        let Some(node) = self.nodes.get_mut(number) else { return };
        match (output, node.conn) {
            (mn::Output::Connect, _) => self.stream(Arrival::Established { node: number }),
            (mn::Output::Send(octets), Some(conn)) => self.stream(Arrival::StreamToHac { conn, octets }),
            (mn::Output::Close, Some(conn)) => {
                node.conn = None;
                self.stream(Arrival::ClosedByMn { conn });
            }
            (mn::Output::Send(_) | mn::Output::Close, None) => {}
            (mn::Output::Transmit { octets }, _) => {
                let from = node.address;
                self.note(Sender::MobileNode(number), from, &octets);
                for delay in self.link.fate(&mut self.weather) {
                    self.depart(delay, Arrival::DatagramToHa { from, octets: octets.clone() });
                }
            }
            (mn::Output::Deliver(packet), _) => node.delivered.push(packet),
            (mn::Output::Event(event), _) => node.events.push(event),
        }
    }

    fn note(&mut self, from: Sender, address: SocketAddr, octets: &[u8]) {
        self.departed.push(Departure { at: self.now(), from, address, octets: octets.to_vec() });
    }

    /// Streams neither lose nor reorder: all parts take the same time.
    fn stream(&mut self, arrival: Arrival) {
        self.depart(self.link.delay, arrival);
    }

    fn depart(&mut self, delay: Duration, arrival: Arrival) {
        self.departures += 1;
        self.under_way.insert((self.now() + delay, self.departures), arrival);
    }
}
