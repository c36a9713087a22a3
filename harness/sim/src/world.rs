//! A mobile node and its home with a network between them, and one virtual clock.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use crypto::channel_binding::ChannelBinding;
use proto::ha::Ha;
use proto::hac::{ConnId, Hac};
use proto::mn::{self, Mn};
use proto::{Machine, Timestamp};

use crate::{Home, Link, SeededRandom};

/// Steps that one call of [`World::run_until`] takes at most.
const STEPS: usize = 1_000_000;

/// What the network has still to bring.
enum Arrival {
    Established,
    StreamToHac { conn: ConnId, octets: Vec<u8> },
    StreamToMn { conn: ConnId, octets: Vec<u8> },
    ClosedByMn { conn: ConnId },
    ClosedByHac { conn: ConnId },
    DatagramToHa { from: SocketAddr, octets: Vec<u8> },
    DatagramToMn { to: SocketAddr, octets: Vec<u8> },
}

/// One mobile node, one home, one link.
pub struct World {
    /// The mobile node.
    pub mn: Mn,
    /// HAC, HA and correspondents; its clock is the clock of the world.
    pub home: Home<Hac, Ha>,
    /// The weather; may change at any time.
    pub link: Link,
    /// The mobile node's address and port as the home agent sees them. Changing it is what a NAT does when it
    /// forgets: what is under way to the old one is lost.
    pub mn_address: SocketAddr,
    weather: SeededRandom,
    channel_binding: ChannelBinding,
    conn: Option<ConnId>,
    /// The last connection whose close by the HAC was put on the way.
    closed: Option<ConnId>,
    under_way: BTreeMap<(Timestamp, u64), Arrival>,
    departures: u64,
    mn_events: Vec<mn::Event>,
    mn_delivered: Vec<Vec<u8>>,
}

impl World {
    /// A world in which nothing has happened yet.
    pub fn new(seed: u64, link: Link, mn: Mn, home: Home<Hac, Ha>, mn_address: SocketAddr) -> Self {
        Self {
            mn,
            home,
            link,
            mn_address,
            weather: SeededRandom::new(seed, u64::MAX),
            channel_binding: ChannelBinding::new(vec![0xcb; 32]),
            conn: None,
            closed: None,
            under_way: BTreeMap::new(),
            departures: 0,
            mn_events: Vec::new(),
            mn_delivered: Vec::new(),
        }
    }

    /// The virtual clock.
    pub fn now(&self) -> Timestamp {
        self.home.now()
    }

    /// Something happens to the mobile node.
    pub fn mobile_node(&mut self, input: mn::Input) {
        self.mn.handle(self.now(), input);
        self.collect();
    }

    /// What the mobile node reported so far.
    pub fn mn_events(&self) -> &[mn::Event] {
        &self.mn_events
    }

    /// The packets that the mobile node's host got through the tunnel so far.
    pub fn mn_delivered(&self) -> &[Vec<u8>] {
        &self.mn_delivered
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

    fn next_moment(&self) -> Option<Timestamp> {
        let arrival = self.under_way.keys().next().map(|&(moment, _)| moment);
        [arrival, self.mn.poll_timeout(), self.home.next_timeout()].into_iter().flatten().min()
    }

    fn step(&mut self, moment: Timestamp) {
        self.home.advance(moment.since(self.now()));
        if self.mn.poll_timeout().is_some_and(|due| due <= self.now()) {
            self.mn.handle_timeout(self.now());
        }
        while let Some(entry) = self.under_way.first_entry().filter(|entry| entry.key().0 <= moment) {
            let arrival = entry.remove();
            self.arrive(arrival);
        }
        self.collect();
    }

    fn arrive(&mut self, arrival: Arrival) {
        let now = self.now();
        match arrival {
            Arrival::Established => {
                let channel_binding = self.channel_binding.clone();
                self.conn = Some(self.home.connect(channel_binding.clone()));
                self.mn.handle(now, mn::Input::Established { channel_binding });
            }
            Arrival::StreamToHac { conn, octets } => self.home.receive(conn, &octets),
            Arrival::StreamToMn { conn, octets } if self.conn == Some(conn) => {
                self.mn.handle(now, mn::Input::Received(octets));
            }
            Arrival::ClosedByMn { conn } => self.home.close(conn),
            Arrival::ClosedByHac { conn } if self.conn == Some(conn) => {
                self.conn = None;
                self.mn.handle(now, mn::Input::Closed);
            }
            Arrival::DatagramToHa { from, octets } => self.home.datagram(from, octets),
            Arrival::DatagramToMn { to, octets } if to == self.mn_address => {
                self.mn.handle(now, mn::Input::Datagrams(vec![octets]));
            }
            Arrival::StreamToMn { .. } | Arrival::ClosedByHac { .. } | Arrival::DatagramToMn { .. } => {}
        }
        self.collect();
    }

    /// Puts on the way what both ends want to send.
    fn collect(&mut self) {
        while let Some(output) = self.mn.poll_output() {
            self.carry_out(output);
        }
        if let Some(conn) = self.conn {
            let octets = self.home.take_sent(conn);
            if !octets.is_empty() {
                self.stream(Arrival::StreamToMn { conn, octets });
            }
            if self.home.is_closed(conn) && self.closed != Some(conn) {
                self.closed = Some(conn);
                self.stream(Arrival::ClosedByHac { conn });
            }
        }
        for (to, octets) in self.home.take_datagrams() {
            for delay in self.link.fate(&mut self.weather) {
                self.depart(delay, Arrival::DatagramToMn { to, octets: octets.clone() });
            }
        }
    }

    fn carry_out(&mut self, output: mn::Output) {
        match (output, self.conn) {
            (mn::Output::Connect, _) => self.stream(Arrival::Established),
            (mn::Output::Send(octets), Some(conn)) => self.stream(Arrival::StreamToHac { conn, octets }),
            (mn::Output::Close, Some(conn)) => {
                self.conn = None;
                self.stream(Arrival::ClosedByMn { conn });
            }
            (mn::Output::Send(_) | mn::Output::Close, None) => {}
            (mn::Output::Transmit { octets }, _) => {
                let from = self.mn_address;
                for delay in self.link.fate(&mut self.weather) {
                    self.depart(delay, Arrival::DatagramToHa { from, octets: octets.clone() });
                }
            }
            (mn::Output::Deliver(packet), _) => self.mn_delivered.push(packet),
            (mn::Output::Event(event), _) => self.mn_events.push(event),
        }
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
