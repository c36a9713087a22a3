//! RFC 6618 section 5.1: containers in and out of one TLS session, for either player.

use core::time::Duration;
use std::time::Instant;

use wire::container::{HEADER_LEN, MAX_CONTENT, octets_needed};

use super::answer::{Answer, Reply};
use super::message_forge::Delivery;
use crate::finding::Finding;
use crate::link::{Ending, LinkError, Received, Session};

/// One session, its unread octets, and how long a wait for the peer may last.
pub(super) struct Conversation {
    pub(super) session: Box<dyn Session>,
    wait: Duration,
    inbox: Vec<u8>,
}

impl Conversation {
    pub(super) const fn new(session: Box<dyn Session>, wait: Duration) -> Self {
        Self { session, wait, inbox: Vec::new() }
    }

    pub(super) fn deliver(&mut self, octets: &[u8], delivery: Delivery) -> Result<(), Finding> {
        let outcome = match delivery {
            Delivery::Whole => self.session.send(octets),
            Delivery::Pieces(size) => {
                octets.chunks(size.max(1)).try_for_each(|piece| self.session.send(piece))
            }
            Delivery::CutAfter(size) => {
                let sent = self.session.send(octets.get(..size).unwrap_or(octets));
                self.session.close();
                sent
            }
        };
        match outcome {
            // The peer may close as soon as it has seen enough: what it said before is still to be read.
            Ok(()) | Err(LinkError::Gone(_)) => Ok(()),
            Err(error) => Err(Finding::Harness(error.to_string())),
        }
    }

    /// Waits for the next container; the whole of it must be there in time.
    pub(super) fn next(&mut self) -> Answer {
        let deadline = Instant::now() + self.wait;
        loop {
            let needed = octets_needed(&self.inbox);
            if self.inbox.len() >= needed {
                let rest = self.inbox.split_off(needed);
                return Answer::Reply(Reply::new(core::mem::replace(&mut self.inbox, rest)));
            }
            match self.session.receive(deadline.saturating_duration_since(Instant::now())) {
                Received::Octets(octets) => self.inbox.extend_from_slice(&octets),
                Received::Closed(ending) => return Answer::Closed(ending, core::mem::take(&mut self.inbox)),
                Received::Silence => return Answer::Silence(core::mem::take(&mut self.inbox)),
            }
        }
    }

    /// Waits for the peer's close; what comes before it is an error, and endless data is cut off.
    pub(super) fn closing(&mut self) -> Result<Ending, Answer> {
        let deadline = Instant::now() + self.wait;
        let mut extra = core::mem::take(&mut self.inbox);
        while extra.len() <= HEADER_LEN + MAX_CONTENT {
            match self.session.receive(deadline.saturating_duration_since(Instant::now())) {
                Received::Closed(ending) if extra.is_empty() => return Ok(ending),
                Received::Closed(ending) => return Err(Answer::Closed(ending, extra)),
                Received::Octets(octets) => extra.extend_from_slice(&octets),
                Received::Silence => break,
            }
        }
        Err(Answer::Silence(extra))
    }
}
