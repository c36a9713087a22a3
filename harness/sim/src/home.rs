//! HAC, HA and correspondents in one value, glued as a collocated node glues them.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crypto::channel_binding::ChannelBinding;
use proto::hac::ConnId;
use proto::{Machine, Timestamp, correspondent, ha, hac};
use wire::value::Spi;

/// Timeouts that are served at one moment before a machine counts as stuck.
const TIMEOUTS_AT_ONE_MOMENT: usize = 1000;

/// A collocated HAC and HA, with correspondents that answer echo requests. The honest machines are [`hac::Hac`] and
/// [`ha::Ha`]; anything that speaks the same inputs and outputs can stand in for them.
pub struct Home<C, A> {
    hac: C,
    ha: A,
    correspondents: Vec<IpAddr>,
    now: Timestamp,
    connections: BTreeMap<ConnId, Connection>,
    opened: u64,
    datagrams: Vec<(SocketAddr, Vec<u8>)>,
    delivered: Vec<Vec<u8>>,
    carried: u64,
    events: VecDeque<HomeEvent>,
}

/// What one of the two machines reported.
#[derive(Debug)]
pub enum HomeEvent {
    /// The HAC.
    Hac(hac::Event),
    /// The HA.
    Ha(ha::Event),
}

#[derive(Default)]
struct Connection {
    sent: Vec<u8>,
    state: ConnectionState,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum ConnectionState {
    #[default]
    Open,
    Closed,
}

impl<C, A> Home<C, A>
where
    C: Machine<Input = hac::Input, Output = hac::Output>,
    A: Machine<Input = ha::Input, Output = ha::Output>,
{
    /// A home whose clock stands at `now`. Packets to `correspondents` are answered, others are kept for
    /// [`Self::take_delivered`].
    pub fn new(hac: C, ha: A, correspondents: Vec<IpAddr>, now: Timestamp) -> Self {
        Self {
            hac,
            ha,
            correspondents,
            now,
            connections: BTreeMap::new(),
            opened: 0,
            datagrams: Vec::new(),
            delivered: Vec::new(),
            carried: 0,
            events: VecDeque::new(),
        }
    }

    /// A TLS connection was made, with this channel binding.
    pub fn connect(&mut self, channel_binding: ChannelBinding) -> ConnId {
        self.opened += 1;
        let conn = ConnId(self.opened);
        self.connections.insert(conn, Connection::default());
        self.hac.handle(self.now, hac::Input::Established { conn, channel_binding });
        self.drain();
        conn
    }

    /// Application octets came in on a connection. On a closed one they are lost.
    pub fn receive(&mut self, conn: ConnId, octets: &[u8]) {
        if !self.is_closed(conn) {
            self.hac.handle(self.now, hac::Input::Received { conn, octets: octets.to_vec() });
            self.drain();
        }
    }

    /// What the HAC wrote to a connection since the last call.
    pub fn take_sent(&mut self, conn: ConnId) -> Vec<u8> {
        self.connections
            .get_mut(&conn)
            .map(|connection| std::mem::take(&mut connection.sent))
            .unwrap_or_default()
    }

    /// Whether a connection is closed, by whomever; one that never was counts as closed.
    pub fn is_closed(&self, conn: ConnId) -> bool {
        self.connections.get(&conn).is_none_or(|connection| connection.state == ConnectionState::Closed)
    }

    /// The peer closed a connection.
    pub fn close(&mut self, conn: ConnId) {
        self.shut(conn);
        self.drain();
    }

    /// A UDP datagram came to the service port.
    pub fn datagram(&mut self, from: SocketAddr, octets: Vec<u8>) {
        self.agent(ha::Input::Datagrams(vec![ha::Datagram { from, octets }]));
    }

    /// Any other input for the home agent, such as a batch of datagrams or packets from the home network.
    pub fn agent(&mut self, input: ha::Input) {
        self.ha.handle(self.now, input);
        self.drain();
    }

    /// The home agent shall tell the owner of `spi` to renew its association.
    pub fn reinit(&mut self, spi: Spi) {
        self.agent(ha::Input::Reinit(spi));
    }

    /// The datagrams that left the service port since the last call, each with its destination.
    pub fn take_datagrams(&mut self) -> Vec<(SocketAddr, Vec<u8>)> {
        std::mem::take(&mut self.datagrams)
    }

    /// The packets for others than the correspondents that came out of the tunnel since the last call.
    pub fn take_delivered(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.delivered)
    }

    /// How many packets came out of the tunnel so far, answered ones included.
    pub fn carried(&self) -> u64 {
        self.carried
    }

    /// What the machines reported since the last call.
    pub fn take_events(&mut self) -> Vec<HomeEvent> {
        self.events.drain(..).collect()
    }

    /// The HAC.
    pub fn hac(&self) -> &C {
        &self.hac
    }

    /// The HA.
    pub fn ha(&self) -> &A {
        &self.ha
    }

    /// The virtual clock.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// When something will happen by itself.
    pub fn next_timeout(&self) -> Option<Timestamp> {
        [self.hac.poll_timeout(), self.ha.poll_timeout()].into_iter().flatten().min()
    }

    /// Lets time pass, and everything happen whose time comes.
    ///
    /// # Panics
    /// A machine asks for the same moment again and again.
    pub fn advance(&mut self, span: Duration) {
        let end = self.now + span;
        let mut at_one_moment = 0;
        while let Some(due) = self.next_timeout().filter(|&due| due <= end) {
            at_one_moment = if due > self.now { 0 } else { at_one_moment + 1 };
            assert!(at_one_moment < TIMEOUTS_AT_ONE_MOMENT, "a timeout that never passes");
            self.now = self.now.max(due);
            self.hac.handle_timeout(self.now);
            self.ha.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    /// Carries out what the machines want, until neither wants anything.
    fn drain(&mut self) {
        loop {
            if let Some(output) = self.hac.poll_output() {
                self.carry_out_hac(output);
            } else if let Some(output) = self.ha.poll_output() {
                self.carry_out_ha(output);
            } else {
                return;
            }
        }
    }

    fn carry_out_hac(&mut self, output: hac::Output) {
        match output {
            hac::Output::Send { conn, octets } => {
                if let Some(connection) = self.connections.get_mut(&conn) {
                    connection.sent.extend_from_slice(&octets);
                }
            }
            hac::Output::Close { conn } => self.shut(conn),
            hac::Output::Install(association) => self.ha.handle(self.now, ha::Input::Install(association)),
            hac::Output::Event(event) => self.events.push_back(HomeEvent::Hac(event)),
        }
    }

    fn carry_out_ha(&mut self, output: ha::Output) {
        match output {
            ha::Output::Transmit { to, octets } => self.datagrams.push((to, octets)),
            ha::Output::Deliver(packet) => {
                self.carried += 1;
                match self.answer(&packet) {
                    Some(answer) => self.ha.handle(self.now, ha::Input::FromHome(vec![answer])),
                    None => self.delivered.push(packet),
                }
            }
            ha::Output::Event(event) => self.events.push_back(HomeEvent::Ha(event)),
        }
    }

    fn answer(&self, packet: &[u8]) -> Option<Vec<u8>> {
        let to = correspondent::destination(packet)?;
        if self.correspondents.contains(&to) { correspondent::answer(packet) } else { None }
    }

    fn shut(&mut self, conn: ConnId) {
        let Some(connection) = self.connections.get_mut(&conn) else { return };
        if connection.state == ConnectionState::Open {
            connection.state = ConnectionState::Closed;
            self.hac.handle(self.now, hac::Input::Closed { conn });
        }
    }
}
