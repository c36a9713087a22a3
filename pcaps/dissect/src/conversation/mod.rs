//! RFC 6618 section 5: what an MN and a HAC say to each other, found in TCP connections, read through TLS, judged.
//!
//! A connection is found by its port ([`Watch::ports`]) or by its content: a first container of TV-headers. Others are
//! forgotten. What cannot be judged from the capture is said to be not observable, with the reason.

mod auth;
mod breach;
mod containers;
mod content;
mod credentials;
mod eap;
mod ear;
mod exchange;
mod fresh;
mod grant;
mod memory;
mod message;
mod presence;
mod request;
mod requirement;
mod response;
mod talk;

use core::fmt;
use core::time::Duration;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

use crypto::auth::{Direction, Profile};

pub use auth::Proof;
pub use breach::{Breach, NotRead, Turn, Unseen, What, Why};
pub use credentials::{Credentials, MskLine};
pub use exchange::Kind;
pub use grant::Granted;
pub use message::{Keys, Message, Tree};
pub(crate) use requirement::MN_OBEYS_REINIT;
pub use requirement::all as requirements;

use crate::finding::Finding;
use crate::ip::Segment;
use crate::line::Since;
use crate::tcp::{Connection, Side};
use crate::tls::{KeyLog, Stop};
use ear::{Ear, finding};
use fresh::{Decision, Fresh, Outlook};
use memory::Memory;
use talk::{Talk, Told};

/// Connections that are followed at a time; the oldest are let go.
const CONNECTIONS_AT_MOST: usize = 1 << 14;
/// Octets that came too early, over all connections.
const HELD_AT_MOST: usize = 1 << 26;

/// What to look for, and with which secrets.
#[derive(Clone, Default)]
pub struct Watch {
    /// TLS secrets; those inside the capture are added.
    pub log: KeyLog,
    /// Keys of MNs, by which `auth` is judged.
    pub credentials: Credentials,
    /// Which text both ends follow; found out from the first right `auth` unless it is told.
    pub profile: Option<Profile>,
    /// TCP ports of HACs. There is no registered one; without any, content alone tells.
    pub ports: Vec<u16>,
}

/// What the conversations of a capture tell.
pub(crate) enum Event<'a> {
    /// A message, with its findings.
    Message(Message<'a>),
    /// A finding that belongs to no message.
    Finding(Finding),
    /// Something that cannot be judged.
    Unseen(Remark),
    /// An SA was handed out.
    Granted(Box<Granted>),
    /// An end closed a conversation, the first of both.
    Closed {
        /// The number of the conversation.
        conversation: u64,
        /// The end, by whom it speaks to.
        by: Direction,
    },
}

/// Something that could not be judged in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The frame with which that became known.
    pub frame: u64,
    /// The MN's end.
    pub mn: SocketAddr,
    /// The HAC's end.
    pub hac: SocketAddr,
    /// What, and why.
    pub unseen: Unseen,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { frame, mn, hac, unseen } = self;
        writeln!(f, "? frame {frame}: {mn} > {hac}: {unseen}")
    }
}

/// How many connections were met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages between MN and HAC.
    pub messages: u64,
    /// Conversations between MN and HAC.
    pub conversations: u64,
    /// TLS connections whose content could not be read: they may be ours.
    pub unread: u64,
}

/// What the talks need to know.
struct Context<'a> {
    log: &'a KeyLog,
    credentials: &'a Credentials,
    profile: Option<Profile>,
}

/// A frame, as far as conversations care.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) number: u64,
    pub(crate) since: Option<Since>,
    /// Since the Unix epoch.
    pub(crate) at: Option<Duration>,
}

/// The two ends, the lower address first.
type Ends = (SocketAddr, SocketAddr);

/// All connections of a capture.
pub(crate) struct Conversations {
    watch: Watch,
    connections: HashMap<Ends, Tracked>,
    /// Ends in the order of their first segment; some may be gone.
    order: VecDeque<Ends>,
    held: usize,
    memory: Memory,
    tally: Tally,
}

enum Tracked {
    /// What it is is not known yet.
    New(Box<Fresh>),
    Talk(Box<Followed>),
    /// Something else.
    Foreign,
}

struct Followed {
    connection: Connection,
    talk: Talk,
    /// Its number, once it said something.
    number: Option<u64>,
}

impl Conversations {
    pub(crate) fn new(watch: Watch) -> Self {
        let (connections, order) = (HashMap::new(), VecDeque::new());
        Self { watch, connections, order, held: 0, memory: Memory::default(), tally: Tally::default() }
    }

    pub(crate) const fn tally(&self) -> Tally {
        self.tally
    }

    /// Adds secrets that the capture brings along.
    pub(crate) fn secrets(&mut self, log: &[u8]) {
        self.watch.log.add(log);
    }

    /// Takes a segment.
    pub(crate) fn segment(&mut self, segment: &Segment<'_>, frame: Frame, out: &mut dyn FnMut(Event<'_>)) {
        let ends = (segment.from.min(segment.to), segment.from.max(segment.to));
        let is_new = match self.connections.get(&ends) {
            None => true,
            Some(Tracked::Foreign) => segment.flags.syn() && !segment.flags.ack(),
            Some(Tracked::New(fresh)) => fresh.connection.is_reopened_by(segment),
            Some(Tracked::Talk(followed)) => followed.connection.is_reopened_by(segment),
        };
        if is_new {
            self.close(ends, frame, frame.at, out);
            self.make_room(frame, out);
            let connection = Connection::new(segment);
            self.connections.insert(ends, Tracked::New(Box::new(Fresh::new(connection))));
            self.order.push_back(ends);
        }
        // Most connections of a capture are foreign.
        if matches!(self.connections.get(&ends), None | Some(Tracked::Foreign)) {
            return;
        }
        let Some(mut tracked) = self.connections.remove(&ends) else { return };
        let held = tracked.held();
        tracked = self.advance(tracked, frame, out, Some(segment));
        self.held = (self.held + tracked.held()).saturating_sub(held);
        let is_over = tracked.is_over();
        self.connections.insert(ends, tracked);
        if is_over {
            self.close(ends, frame, frame.at, out);
            // What still trickles in belongs to nothing.
            self.connections.insert(ends, Tracked::Foreign);
        }
        while self.held > HELD_AT_MOST {
            let Some(oldest) = self.order.pop_front() else { return };
            self.close(oldest, frame, frame.at, out);
        }
    }

    /// The capture is at its end, which came at this time.
    pub(crate) fn finish(&mut self, frame: Frame, last: Option<Duration>, out: &mut dyn FnMut(Event<'_>)) {
        while let Some(ends) = self.order.pop_front() {
            self.close(ends, frame, last, out);
        }
    }

    fn make_room(&mut self, frame: Frame, out: &mut dyn FnMut(Event<'_>)) {
        while self.order.len() >= CONNECTIONS_AT_MOST {
            let Some(oldest) = self.order.pop_front() else { return };
            self.close(oldest, frame, frame.at, out);
        }
    }

    /// Lets go a connection of which nothing more comes, at this time.
    fn close(&mut self, ends: Ends, frame: Frame, now: Option<Duration>, out: &mut dyn FnMut(Event<'_>)) {
        let Some(tracked) = self.connections.remove(&ends) else { return };
        self.held = self.held.saturating_sub(tracked.held());
        if let Tracked::Talk(followed) = self.advance(tracked, frame, out, None) {
            if let (Some(conversation), Some(by)) = (followed.number, followed.talk.closed()) {
                out(Event::Closed { conversation, by });
            }
            let mut told = Vec::new();
            followed.talk.end(now, &mut |what| {
                told.push(match what {
                    Told::Breach(breach) => Ok(breach),
                    Told::Unseen(unseen) => Err(unseen),
                    Told::Message(_) => return,
                });
            });
            for what in told {
                out(match what {
                    Ok(breach) => finding(frame, breach),
                    Err(unseen) => Event::Unseen(followed.remark(frame, unseen)),
                });
            }
        }
    }

    /// Takes a segment into a connection; without one, what is held is given.
    fn advance(
        &mut self,
        tracked: Tracked,
        frame: Frame,
        out: &mut dyn FnMut(Event<'_>),
        segment: Option<&Segment<'_>>,
    ) -> Tracked {
        match tracked {
            Tracked::Foreign => Tracked::Foreign,
            Tracked::New(mut fresh) => {
                fresh.step(segment, frame);
                let outlook = if segment.is_some() { Outlook::Open } else { Outlook::Over };
                match fresh.decide(&mut self.watch.log, outlook) {
                    Decision::Tls(client) => self.follow(*fresh, Talk::tls(client), out),
                    Decision::Bare(client) => self.follow(*fresh, Talk::bare(client), out),
                    Decision::Wait => Tracked::New(fresh),
                    Decision::Disclaim => {
                        self.disclaim(&fresh.connection, frame, out);
                        Tracked::Foreign
                    }
                }
            }
            Tracked::Talk(mut followed) => {
                let Followed { connection, talk, number } = &mut *followed;
                let ends = ends_of(connection, talk.client());
                let mut ear = Ear { this: self, ends, number, frame };
                connection.step(segment, frame.number, |side, arrival| ear.arrival(talk, side, arrival, out));
                self.settle(followed)
            }
        }
    }

    /// Lets go what turns out not to be ours, or not to be readable.
    fn settle(&mut self, followed: Box<Followed>) -> Tracked {
        if followed.talk.is_unread() {
            self.tally.unread += 1;
            return Tracked::Foreign;
        }
        if followed.talk.is_foreign() { Tracked::Foreign } else { Tracked::Talk(followed) }
    }

    /// What is said at a port of a HAC must not go unmentioned.
    fn disclaim(&self, connection: &Connection, frame: Frame, out: &mut dyn FnMut(Event<'_>)) {
        let (mn, hac) = (connection.initiator, connection.responder);
        if self.watch.ports.contains(&hac.port()) {
            let why = Why::Tls(NotRead(Stop::NoHandshake));
            let unseen = Unseen { requirement: requirement::EXCHANGE_INSIDE_TLS, why };
            out(Event::Unseen(Remark { frame: frame.number, mn, hac, unseen }));
        }
    }

    fn follow(&mut self, fresh: Fresh, mut talk: Talk, out: &mut dyn FnMut(Event<'_>)) -> Tracked {
        let Fresh { connection, heard, .. } = fresh;
        let ends = ends_of(&connection, talk.client());
        if self.watch.ports.contains(&ends.1.port()) {
            talk.claim();
        }
        let mut number = None;
        for heard in &heard {
            let mut ear = Ear { this: self, ends, number: &mut number, frame: heard.frame };
            ear.arrival(&mut talk, heard.side, heard.arrival(), out);
        }
        self.settle(Box::new(Followed { connection, talk, number }))
    }
}

impl Tracked {
    /// Whether both ends said that they have nothing more to say.
    fn is_over(&self) -> bool {
        matches!(self, Self::Talk(followed) if followed.connection.is_over())
    }

    fn held(&self) -> usize {
        match self {
            Self::New(fresh) => fresh.held(),
            Self::Talk(followed) => followed.connection.held(),
            Self::Foreign => 0,
        }
    }
}

impl Followed {
    fn remark(&self, frame: Frame, unseen: Unseen) -> Remark {
        let (mn, hac) = ends_of(&self.connection, self.talk.client());
        Remark { frame: frame.number, mn, hac, unseen }
    }
}

/// The MN's and the HAC's address.
fn ends_of(connection: &Connection, client: Side) -> (SocketAddr, SocketAddr) {
    match client {
        Side::Initiator => (connection.initiator, connection.responder),
        Side::Responder => (connection.responder, connection.initiator),
    }
}
