//! RFC 6618 sections 4.3, 4.4 and 5: the home agent controller.
//!
//! One connection carries one exchange and then closes (EX-06). What a connection may say next is a type in
//! `session`; why it is refused is in [`crate::refuse`]; what a mobile node is given is in `provision`.

mod identities;
mod policy;
mod provision;
mod session;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use crypto::channel_binding::ChannelBinding;
use crypto::keys::Psk;
use wire::value::{Ciphersuite, Nai, Scope, Spi};

use crate::framing::Framing;
use crate::refuse::Refusal;
use crate::sa::SecurityAssociation;
use crate::{Machine, Random, Timestamp};

use self::identities::Identities;
use self::provision::Issued;
use self::session::{Authenticated, Session, Step};

pub use policy::{Aaa, HomeNetwork, Policy, ScopePolicy};

/// One TLS connection, numbered by the owner; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// What can happen to a HAC.
#[derive(Debug)]
pub enum Input {
    /// A TLS handshake is complete.
    Established {
        /// The new connection.
        conn: ConnId,
        /// The hash of the certificate that was really sent on it (section 5.8).
        channel_binding: ChannelBinding,
    },
    /// Application octets came in, in any slicing.
    Received {
        /// On which connection.
        conn: ConnId,
        /// In order, without gaps.
        octets: Vec<u8>,
    },
    /// The connection is gone, whoever closed it; its table entry goes with it.
    Closed {
        /// Which one.
        conn: ConnId,
    },
}

/// What a HAC wants done.
pub enum Output {
    /// Write these octets.
    Send {
        /// To which connection.
        conn: ConnId,
        /// One whole container.
        octets: Vec<u8>,
    },
    /// Write what is pending, then close TLS (close_notify) and TCP. [`Input::Closed`] must follow.
    Close {
        /// Which one.
        conn: ConnId,
    },
    /// Give this association to the home agent. Comes before the `Send` that tells the mobile node.
    Install(Box<SecurityAssociation>),
    /// Something worth a log line.
    Event(Event),
}

impl fmt::Debug for Output {
    /// Of octets only the count: a final response holds keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send { conn, octets } => write!(f, "Send({conn:?}, {} octets)", octets.len()),
            Self::Close { conn } => write!(f, "Close({conn:?})"),
            Self::Install(sa) => write!(f, "Install({:?})", sa.spi),
            Self::Event(event) => event.fmt(f),
        }
    }
}

/// What happened, for logs and tests. Holds no key.
#[derive(Debug)]
pub enum Event {
    /// A mobile node has its association.
    Bootstrapped {
        /// On which connection.
        conn: ConnId,
        /// Who.
        mn_id: Nai,
        /// Under which index.
        spi: Spi,
        /// With which ciphersuite.
        suite: Ciphersuite,
        /// For which traffic.
        scope: Scope,
    },
    /// A request was refused; the error answer and the close follow.
    Refused {
        /// On which connection.
        conn: ConnId,
        /// Who, where a known identity had been named.
        mn_id: Option<Nai>,
        /// Why.
        refusal: Refusal,
    },
    /// The peer went away, or was silent for too long, before the exchange was over.
    Abandoned {
        /// On which connection.
        conn: ConnId,
        /// Octets of an unfinished container that were thrown away (CT-05).
        unread: usize,
    },
}

/// The home agent controller.
pub struct Hac {
    desk: Desk,
    connections: BTreeMap<ConnId, Connection>,
    deadlines: BTreeSet<(Timestamp, ConnId)>,
    outputs: VecDeque<Output>,
}

/// What all connections share.
struct Desk {
    policy: Policy,
    identities: Identities,
    issued: Issued,
    random: Box<dyn Random>,
}

struct Connection {
    session: Session,
    framing: Framing,
    deadline: Timestamp,
}

impl Hac {
    /// A HAC that knows these mobile nodes. Home addresses go to them in this order.
    pub fn new(policy: Policy, identities: Vec<(Nai, Psk)>, random: Box<dyn Random>) -> Self {
        let identities = Identities::new(identities, &policy.network);
        let desk = Desk { policy, identities, issued: Issued::default(), random };
        Self { desk, connections: BTreeMap::new(), deadlines: BTreeSet::new(), outputs: VecDeque::new() }
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    fn established(&mut self, now: Timestamp, conn: ConnId, binding: ChannelBinding) {
        if self.connections.len() >= self.desk.policy.connections {
            self.outputs.push_back(Output::Close { conn });
            return;
        }
        let deadline = now + self.desk.policy.exchange_timeout;
        let session = Session::new(binding);
        self.deadlines.insert((deadline, conn));
        self.connections.insert(conn, Connection { session, framing: Framing::default(), deadline });
    }

    /// Serves requests in the order in which they came, one after the other (CT-08).
    fn received(&mut self, now: Timestamp, conn: ConnId, octets: &[u8]) {
        let Some(connection) = self.connections.get_mut(&conn) else { return };
        if matches!(connection.session, Session::Closing) {
            return;
        }
        connection.framing.push(octets);
        while !matches!(connection.session, Session::AwaitAaa(_))
            && let Some(container) = connection.framing.next()
        {
            let session = std::mem::replace(&mut connection.session, Session::Closing);
            let Some(step) = session.handle(&mut self.desk, now, &container) else { return };
            if let Step::Wait { until, .. } = &step {
                // The exchange as a whole may take no longer for it.
                self.deadlines.remove(&(connection.deadline, conn));
                connection.deadline = connection.deadline.min(*until);
                self.deadlines.insert((connection.deadline, conn));
            }
            connection.take(conn, step, &mut self.outputs);
        }
    }

    fn closed(&mut self, conn: ConnId) {
        let Some(connection) = self.connections.remove(&conn) else { return };
        self.deadlines.remove(&(connection.deadline, conn));
        if !matches!(connection.session, Session::Closing) {
            self.abandoned(conn, connection.framing.unread());
        }
    }

    fn abandoned(&mut self, conn: ConnId, unread: usize) {
        self.outputs.push_back(Output::Event(Event::Abandoned { conn, unread }));
    }
}

impl Connection {
    /// Carries out what came of a request.
    fn take(&mut self, conn: ConnId, step: Step, outputs: &mut VecDeque<Output>) {
        let (answer, next) = match step {
            Step::Wait { next, .. } => {
                self.session = next;
                return;
            }
            Step::Proceed { answer, next } => (answer, next),
            Step::Grant { answer, sa } => {
                outputs.extend(granted(conn, sa));
                (answer, Session::Closing)
            }
            Step::Refuse { answer, who, refusal } => {
                let mn_id = who.map(|identity| identity.mn_id.clone());
                outputs.push_back(Output::Event(Event::Refused { conn, mn_id, refusal }));
                (answer, Session::Closing)
            }
        };
        self.session = next;
        outputs.push_back(Output::Send { conn, octets: answer });
        if matches!(self.session, Session::Closing) {
            self.framing.clear();
            outputs.push_back(Output::Close { conn });
        }
    }
}

/// The home agent has to know the association before the mobile node does.
fn granted(conn: ConnId, sa: Box<SecurityAssociation>) -> [Output; 2] {
    let mn_id = sa.mn_id.clone();
    let event = Event::Bootstrapped { conn, mn_id, spi: sa.spi, suite: sa.suite, scope: sa.scope };
    [Output::Install(sa), Output::Event(event)]
}

impl Machine for Hac {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Established { conn, channel_binding } => self.established(now, conn, channel_binding),
            Input::Received { conn, octets } => self.received(now, conn, &octets),
            Input::Closed { conn } => self.closed(conn),
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|&(deadline, _)| deadline)
    }

    /// Closes what was silent for too long. A half request has no answer; a request that waits for others has one.
    fn handle_timeout(&mut self, now: Timestamp) {
        while let Some(&(deadline, conn)) = self.deadlines.first() {
            if deadline > now {
                return;
            }
            self.deadlines.pop_first();
            let Some(connection) = self.connections.get_mut(&conn) else { continue };
            match std::mem::replace(&mut connection.session, Session::Closing) {
                Session::Closing => continue,
                Session::AwaitAaa(state) => {
                    let step = state.give_up(&self.desk);
                    connection.take(conn, step, &mut self.outputs);
                    continue;
                }
                _ => {}
            }
            let unread = connection.framing.unread();
            connection.framing.clear();
            self.abandoned(conn, unread);
            self.outputs.push_back(Output::Close { conn });
        }
    }
}

impl Desk {
    /// Section 4.3: fresh keys and an SPI of their own for every bootstrap.
    fn provision(
        &mut self,
        now: Timestamp,
        Authenticated { identity, .. }: &Authenticated,
        suite: Ciphersuite,
        scope: Scope,
    ) -> Result<SecurityAssociation, Refusal> {
        let home = identity.home.clone();
        if home.ip6.is_none() && home.ip4.is_none() {
            return Err(Refusal::Exhausted { what: "home address" });
        }
        let keys = provision::keys(suite, self.random.as_mut())?;
        let end = now + self.policy.sa_lifetime;
        let spi = self.issued.issue(now, end, self.random.as_mut())?;
        Ok(SecurityAssociation {
            spi,
            suite,
            scope,
            keys,
            validity_end: end.date(),
            home,
            ha: self.policy.network.haa_ip6,
            mn_id: identity.mn_id.clone(),
        })
    }
}
