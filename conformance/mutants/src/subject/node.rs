//! An MN in memory, as the suite's [`Launcher`] starts it.

use core::time::Duration;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crypto::auth::Profile;
use crypto::channel_binding::ChannelBinding;
use proto::Timestamp;
use proto::mn::{Event, HomeAgent, Input, Output};
use suite::link::{Accepted, Arrived, Ending, Invitation, Launched, Launcher, LinkError, Received, Session};
use wire::packet::DEFAULT_PORT;

use super::Cast;
use crate::seat::MnMachine;

/// Where the MN is, and sends its datagrams from.
pub(super) const AT: SocketAddr =
    SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xc0a, 2, 0, 0, 0, 1)), 40_000);
/// Where the suite's HA player listens.
const HA_PLAYER: SocketAddr =
    SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0x66, 0x18, 0, 0, 0, 1)), DEFAULT_PORT);
/// Timeouts that are served in one wait.
const TIMEOUTS: usize = 1000;

/// Makes MNs.
pub(super) struct Starter {
    profile: Profile,
    now: Timestamp,
    cast: Arc<dyn Cast>,
    started: AtomicU64,
}

impl Starter {
    pub(super) fn new(profile: Profile, now: Timestamp, cast: Arc<dyn Cast>) -> Self {
        Self { profile, now, cast, started: AtomicU64::new(0) }
    }
}

impl Launcher for Starter {
    fn tells_the_method(&self) -> bool {
        true
    }

    fn launch(&self, invitation: &Invitation) -> Result<Box<dyn Launched>, LinkError> {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let machine = super::mobile_node(self.cast.as_ref(), self.profile, invitation, number);
        let mut node = Node {
            machine,
            now: self.now,
            wants_connection: false,
            session: 0,
            sent: VecDeque::new(),
            closed: true,
            home_agent: None,
            datagrams: VecDeque::new(),
            failed: false,
        };
        node.input(Input::Start);
        Ok(Box::new(Running { node: Arc::new(Mutex::new(node)) }))
    }
}

struct Node {
    machine: MnMachine,
    now: Timestamp,
    wants_connection: bool,
    /// The number of the newest session.
    session: u64,
    /// What the MN wrote to the newest session.
    sent: VecDeque<Vec<u8>>,
    /// Whether the newest session is closed.
    closed: bool,
    home_agent: Option<HomeAgent>,
    datagrams: VecDeque<Vec<u8>>,
    failed: bool,
}

impl Node {
    fn input(&mut self, input: Input) {
        self.machine.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.machine.poll_output() {
            match output {
                Output::Connect => self.wants_connection = true,
                Output::Send(octets) if !self.closed => self.sent.push_back(octets),
                Output::Close if !self.closed => {
                    self.closed = true;
                    self.machine.handle(self.now, Input::Closed);
                }
                Output::Transmit { octets } if self.knows_the_way() => self.datagrams.push_back(octets),
                Output::Event(Event::Bootstrapped { ha, .. }) => self.home_agent = Some(ha),
                Output::Event(Event::Failed(_)) => self.failed = true,
                Output::Send(_)
                | Output::Close
                | Output::Transmit { .. }
                | Output::Deliver(_)
                | Output::Event(_) => {}
            }
        }
    }

    /// Whether a datagram to the home agent of the bootstrap comes to the suite's player.
    fn knows_the_way(&self) -> bool {
        let to = |agent: HomeAgent| agent.ip6.map(|ip| SocketAddr::from((ip, agent.port)));
        self.home_agent.and_then(to) == Some(HA_PLAYER)
    }

    /// Lets at most `wait` pass, until `there` is.
    fn pass_time<T>(&mut self, wait: Duration, there: fn(&mut Self) -> Option<T>) -> Option<T> {
        let end = self.now + wait;
        for _ in 0..TIMEOUTS {
            if let Some(thing) = there(self) {
                return Some(thing);
            }
            let Some(due) = self.machine.poll_timeout().filter(|&due| due <= end) else { break };
            self.now = self.now.max(due);
            self.machine.handle_timeout(self.now);
            self.drain();
        }
        there(self)
    }

    /// The exit status of a program around an MN that has nothing left to try.
    fn exit_status(&self) -> Option<i32> {
        (self.failed && self.machine.poll_timeout().is_none()).then_some(1)
    }
}

fn enter(node: &Mutex<Node>) -> MutexGuard<'_, Node> {
    node.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Running {
    node: Arc<Mutex<Node>>,
}

impl Launched for Running {
    fn accept(&mut self, wait: Duration) -> Accepted {
        let node = &mut *enter(&self.node);
        let wanted = node.pass_time(wait, |node| core::mem::take(&mut node.wants_connection).then_some(()));
        if wanted.is_none() {
            return node.exit_status().map_or(Accepted::Silence, |code| Accepted::Exited(Some(code)));
        }
        node.session += 1;
        node.closed = false;
        node.sent.clear();
        node.input(Input::Established { channel_binding: super::binding() });
        let (node, number) = (Arc::clone(&self.node), node.session);
        Accepted::Session(Box::new(Line { node, number, binding: super::binding() }))
    }

    fn ha(&self) -> SocketAddr {
        HA_PLAYER
    }

    fn send(&mut self, to: SocketAddr, octets: &[u8]) -> Result<(), LinkError> {
        if to == AT {
            enter(&self.node).input(Input::Datagrams(vec![octets.to_vec()]));
        }
        Ok(())
    }

    fn receive(&mut self, wait: Duration) -> Arrived {
        let node = &mut *enter(&self.node);
        match node.pass_time(wait, |node| node.datagrams.pop_front()) {
            Some(octets) => Arrived::Datagram { from: AT, octets },
            None => node.exit_status().map_or(Arrived::Silence, |code| Arrived::Exited(Some(code))),
        }
    }
}

/// One session of the MN, from the HAC's end.
struct Line {
    node: Arc<Mutex<Node>>,
    number: u64,
    binding: ChannelBinding,
}

impl Line {
    /// The node, if this session is still its newest and open.
    fn open(&self) -> Option<MutexGuard<'_, Node>> {
        let node = enter(&self.node);
        (node.session == self.number && !node.closed).then_some(node)
    }
}

impl Session for Line {
    fn channel_binding(&self) -> &ChannelBinding {
        &self.binding
    }

    fn send(&mut self, octets: &[u8]) -> Result<(), LinkError> {
        let mut node = self.open().ok_or_else(|| LinkError::Gone("the MN has closed".to_owned()))?;
        node.input(Input::Received(octets.to_vec()));
        Ok(())
    }

    fn receive(&mut self, wait: Duration) -> Received {
        let mut node = enter(&self.node);
        if node.session != self.number {
            return Received::Closed(Ending::Notified);
        }
        let something = |node: &mut Node| (node.closed || !node.sent.is_empty()).then_some(());
        node.pass_time(wait, something);
        match node.sent.pop_front() {
            Some(octets) => Received::Octets(octets),
            None if node.closed => Received::Closed(Ending::Notified),
            None => Received::Silence,
        }
    }

    fn close(&mut self) {
        if let Some(mut node) = self.open() {
            node.closed = true;
            node.input(Input::Closed);
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.close();
    }
}
