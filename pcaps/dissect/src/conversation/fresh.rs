//! A connection of which it is not known yet what it is: all that it gives is kept, in order.

use super::Frame;
use super::talk::{Opening, opening};
use crate::ip::Segment;
use crate::tcp::{Arrival, Connection, Side};
use crate::tls::{self, KeyLog};

/// First octets that are kept until it is known what they are.
const FRONT_AT_MOST: usize = 1 << 17;

/// Octets of a session that are kept while its secrets are waited for; a handshake is far smaller.
const WAITING_AT_MOST: usize = 1 << 15;
/// Octets in which a ClientHello tells its random.
const START: usize = 64;

/// What a connection gave so far.
pub(super) struct Fresh {
    pub(super) connection: Connection,
    pub(super) heard: Vec<Heard>,
    /// Octets in them.
    octets: usize,
}

/// An arrival that outlives its stream's borrow, and the frame with which it came.
pub(super) struct Heard {
    pub(super) side: Side,
    kept: Kept,
    pub(super) frame: Frame,
}

enum Kept {
    Octets { octets: Vec<u8>, frame: u64 },
    Gap(u64),
    Rewritten,
    Finished,
    Reset,
}

/// What is to be done with a connection.
pub(super) enum Decision {
    /// This end is the client of a TLS session, which may be ours.
    Tls(Side),
    /// This end sent a container without TLS.
    Bare(Side),
    /// It is not.
    Disclaim,
    /// There is too little of it.
    Wait,
}

/// Whether more may come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outlook {
    Open,
    /// The connection or the capture is at its end.
    Over,
}

impl Heard {
    pub(super) fn new(side: Side, arrival: Arrival<'_>, frame: Frame) -> Self {
        let kept = match arrival {
            Arrival::Octets { octets, frame } => Kept::Octets { octets: octets.to_vec(), frame },
            Arrival::Gap(octets) => Kept::Gap(octets),
            Arrival::Rewritten => Kept::Rewritten,
            Arrival::Finished => Kept::Finished,
            Arrival::Reset => Kept::Reset,
        };
        Self { side, kept, frame }
    }

    pub(super) fn arrival(&self) -> Arrival<'_> {
        match &self.kept {
            Kept::Octets { octets, frame } => Arrival::Octets { octets, frame: *frame },
            Kept::Gap(octets) => Arrival::Gap(*octets),
            Kept::Rewritten => Arrival::Rewritten,
            Kept::Finished => Arrival::Finished,
            Kept::Reset => Arrival::Reset,
        }
    }

    fn octets(&self) -> &[u8] {
        match &self.kept {
            Kept::Octets { octets, .. } => octets,
            _ => &[],
        }
    }
}

impl Fresh {
    pub(super) const fn new(connection: Connection) -> Self {
        Self { connection, heard: Vec::new(), octets: 0 }
    }

    /// Octets that are kept.
    pub(super) fn held(&self) -> usize {
        self.connection.held() + self.octets
    }

    /// Takes a segment; without one, what the connection holds back is taken.
    pub(super) fn step(&mut self, segment: Option<&Segment<'_>>, frame: Frame) {
        let Self { connection, heard, octets } = self;
        connection.step(segment, frame.number, |side, arrival| {
            let one = Heard::new(side, arrival, frame);
            *octets += one.octets().len();
            heard.push(one);
        });
    }

    /// Looks at the first octets of each side: TLS, a container, or nothing of ours. A session whose secrets are not
    /// there yet is waited for: the capture may bring them later, or somebody writes them just now.
    pub(super) fn decide(&self, log: &mut KeyLog, outlook: Outlook) -> Decision {
        let is_over = outlook == Outlook::Over || self.heard.iter().any(|heard| heard.octets().is_empty());
        for side in [Side::Initiator, Side::Responder] {
            let start = self.front(side, START);
            if opening(&start) == Opening::Tls {
                let is_early = !is_over && self.octets < WAITING_AT_MOST && lacks_secrets(log, &start);
                return if is_early { Decision::Wait } else { Decision::Tls(side) };
            }
            if start.is_empty() {
                continue;
            }
            return match opening(&self.front(side, FRONT_AT_MOST)) {
                Opening::Tls => Decision::Tls(side),
                Opening::Bare => Decision::Bare(side),
                Opening::Short if !is_over && self.octets < FRONT_AT_MOST => continue,
                Opening::Short | Opening::Other => Decision::Disclaim,
            };
        }
        Decision::Wait
    }

    /// The first octets of a side, as many as there are.
    fn front(&self, side: Side, at_most: usize) -> Vec<u8> {
        let of_side = self.heard.iter().filter(|heard| heard.side == side);
        of_side.flat_map(Heard::octets).take(at_most).copied().collect()
    }
}

fn lacks_secrets(log: &mut KeyLog, start: &[u8]) -> bool {
    match tls::client_random(start) {
        Some(random) => !log.is_complete_for(&random),
        None => start.len() < START,
    }
}
