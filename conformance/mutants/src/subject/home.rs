//! HAC and HA in memory, as the suite's [`Target`].

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crypto::channel_binding::{ChannelBinding, tls_server_end_point};
use proto::hac::ConnId;
use proto::sa::SecurityAssociation;
use proto::{Machine, Timestamp, ha, hac};
use sim::Home;
use suite::link::{Datagram, Datagrams, Ending, LinkError, Received, Session, Target};

use super::{CORRESPONDENT, CORRESPONDENT4, Certificate};
use crate::seat::{HaMachine, HacMachine, Seat};

/// The network that the suite's MNs are in: each has an address of its own.
const VISITED: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xc0a, 1, 0, 0, 0, 0);
const MN_PORT: u16 = 40_000;

/// A home that nobody reaches but by calls.
pub(super) struct InMemory {
    place: Arc<Mutex<Place>>,
    certificate: Arc<Certificate>,
}

/// How far the clock of the home agent is ahead, while it looks at a datagram. Each flow has its own time, so that a
/// case that lets time pass ends nothing for the others.
#[derive(Clone, Default)]
struct Ahead(Arc<AtomicU64>);

impl Ahead {
    fn set(&self, span: Duration) {
        let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        self.0.store(millis, Ordering::Relaxed);
    }

    fn span(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// A home agent whose clock is ahead.
struct Hurried {
    machine: HaMachine,
    ahead: Ahead,
}

impl Machine for Hurried {
    type Input = ha::Input;
    type Output = ha::Output;

    fn handle(&mut self, now: Timestamp, input: ha::Input) {
        self.machine.handle(now + self.ahead.span(), input);
    }

    fn poll_output(&mut self) -> Option<ha::Output> {
        self.machine.poll_output()
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.machine.poll_timeout()
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.machine.handle_timeout(now + self.ahead.span());
    }
}

struct Place {
    home: Home<Seat<hac::Input, hac::Output>, Seat<ha::Input, ha::Output>>,
    ahead: Ahead,
    /// Datagrams on their way to the suite's MNs. What goes elsewhere is lost.
    mail: BTreeMap<SocketAddr, VecDeque<Vec<u8>>>,
    opened: u128,
}

impl InMemory {
    pub(super) fn new(hac: HacMachine, ha: HaMachine, now: Timestamp, certificate: Certificate) -> Self {
        let ahead = Ahead::default();
        let ha = Box::new(Hurried { machine: ha, ahead: ahead.clone() });
        let correspondents = vec![CORRESPONDENT.into(), CORRESPONDENT4.into()];
        let home = Home::new(Seat(hac), Seat(ha), correspondents, now);
        let place = Place { home, ahead, mail: BTreeMap::new(), opened: 0 };
        Self { place: Arc::new(Mutex::new(place)), certificate: Arc::new(certificate) }
    }

    /// Gives the home agent an association that no HAC made.
    pub(super) fn install(&self, association: SecurityAssociation) {
        enter(&self.place).home.agent(ha::Input::Install(Box::new(association)));
    }
}

/// A case that panicked leaves a home that works.
fn enter(place: &Mutex<Place>) -> MutexGuard<'_, Place> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Target for InMemory {
    fn dial(&self) -> Result<Box<dyn Session>, LinkError> {
        let binding = tls_server_end_point(&self.certificate.der)
            .map_err(|error| LinkError::ChannelBinding(error.to_string()))?;
        let conn = enter(&self.place).home.connect(self.certificate.to_hac.clone());
        let (place, certificate) = (Arc::clone(&self.place), Arc::clone(&self.certificate));
        Ok(Box::new(Connection { place, conn, binding, certificate }))
    }

    fn datagrams(&self, ha: SocketAddr) -> Result<Box<dyn Datagrams>, LinkError> {
        let mut place = enter(&self.place);
        place.opened += 1;
        let local = SocketAddr::from((Ipv6Addr::from_bits(VISITED.to_bits() + place.opened), MN_PORT));
        place.mail.insert(local, VecDeque::new());
        let place = Arc::clone(&self.place);
        Ok(Box::new(Flow { place, local, ha, ahead: Duration::ZERO }))
    }

    fn is_ip4(&self) -> bool {
        false
    }

    /// Time costs nothing here.
    fn patience(&self) -> Duration {
        Duration::from_secs(3600)
    }
}

struct Connection {
    place: Arc<Mutex<Place>>,
    conn: ConnId,
    binding: ChannelBinding,
    certificate: Arc<Certificate>,
}

impl Session for Connection {
    fn channel_binding(&self) -> &ChannelBinding {
        &self.binding
    }

    fn certificate(&self) -> Option<&[u8]> {
        Some(&self.certificate.der)
    }

    fn send(&mut self, octets: &[u8]) -> Result<(), LinkError> {
        let home = &mut enter(&self.place).home;
        if home.is_closed(self.conn) {
            return Err(LinkError::Gone("the HAC has closed".to_owned()));
        }
        home.receive(self.conn, octets);
        Ok(())
    }

    fn receive(&mut self, wait: Duration) -> Received {
        let home = &mut enter(&self.place).home;
        let mut octets = home.take_sent(self.conn);
        // What is not there yet may come by a timeout.
        let due = home.next_timeout().filter(|&due| due <= home.now() + wait);
        if let (true, false, Some(due)) = (octets.is_empty(), home.is_closed(self.conn), due) {
            home.advance(due.since(home.now()));
            octets = home.take_sent(self.conn);
        }
        if !octets.is_empty() {
            Received::Octets(octets)
        } else if home.is_closed(self.conn) {
            Received::Closed(Ending::Notified)
        } else {
            Received::Silence
        }
    }

    fn close(&mut self) {
        enter(&self.place).home.close(self.conn);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close();
    }
}

struct Flow {
    place: Arc<Mutex<Place>>,
    local: SocketAddr,
    ha: SocketAddr,
    /// What its case let pass.
    ahead: Duration,
}

impl Datagrams for Flow {
    fn local(&self) -> SocketAddr {
        self.local
    }

    fn send(&mut self, octets: &[u8]) -> Result<(), LinkError> {
        if self.ha != super::home_agent() {
            return Ok(());
        }
        let place = &mut *enter(&self.place);
        place.ahead.set(self.ahead);
        place.home.datagram(self.local, octets.to_vec());
        place.ahead.set(Duration::ZERO);
        for (to, octets) in place.home.take_datagrams() {
            if let Some(inbox) = place.mail.get_mut(&to) {
                inbox.push_back(octets);
            }
        }
        // Nobody looks at what was delivered beyond the correspondents, nor at events.
        place.home.take_delivered();
        place.home.take_events();
        Ok(())
    }

    fn receive(&mut self, _: Duration) -> Option<Datagram> {
        let octets = enter(&self.place).mail.get_mut(&self.local)?.pop_front()?;
        Some(Datagram { from: self.ha, octets })
    }

    fn listen(&mut self, span: Duration) -> Vec<Datagram> {
        self.ahead += span;
        core::iter::from_fn(|| self.receive(span)).collect()
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        enter(&self.place).mail.remove(&self.local);
    }
}
