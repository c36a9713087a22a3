//! A connection: two streams, and who opened it.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::stream::{Arrival, Stream};
use crate::ip::Segment;

/// One of the two ends, by who opened the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    /// Sent the first SYN; without a SYN in the capture, the first segment.
    Initiator,
    /// The other end.
    Responder,
}

impl Side {
    /// The other one.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Initiator => Self::Responder,
            Self::Responder => Self::Initiator,
        }
    }
}

/// Both directions of a connection.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The end that opened it.
    pub(crate) initiator: SocketAddr,
    /// The other end.
    pub(crate) responder: SocketAddr,
    /// The number of the initiator's SYN, if it is in the capture.
    opening: Option<u32>,
    by_initiator: Stream,
    by_responder: Stream,
    /// What acknowledges octets of the other end that did not come yet: an answer is never told before its question.
    ahead: VecDeque<Ahead>,
}

/// A segment that waits.
#[derive(Debug)]
struct Ahead {
    side: Side,
    sequence: u32,
    acknowledgment: u32,
    /// The number behind its last octet, if it is the last segment of its end.
    end: Option<u32>,
    payload: Vec<u8>,
    frame: u64,
}

/// So many segments wait. Octets that were acknowledged do not come again, so only a capture in wrong order can still
/// have them.
const PATIENCE: usize = 64;
/// What one that waits may cost, on average.
const AHEAD_COST: usize = 1500;

impl Connection {
    /// The connection that a segment belongs to, seen for the first time.
    pub(crate) fn new(segment: &Segment<'_>) -> Self {
        let is_answer = segment.flags.syn() && segment.flags.ack();
        let (initiator, responder) =
            if is_answer { (segment.to, segment.from) } else { (segment.from, segment.to) };
        let is_opening = segment.flags.syn() && !segment.flags.ack();
        let opening = is_opening.then_some(segment.sequence);
        let (by_initiator, by_responder) = (Stream::default(), Stream::default());
        Self { initiator, responder, opening, by_initiator, by_responder, ahead: VecDeque::new() }
    }

    /// Whether a segment opens another connection between the same ends.
    pub(crate) fn is_reopened_by(&self, segment: &Segment<'_>) -> bool {
        let is_opening = segment.flags.syn() && !segment.flags.ack();
        is_opening && (segment.from != self.initiator || self.opening != Some(segment.sequence))
    }

    /// Takes a segment; without one, the connection is over.
    pub(crate) fn step(
        &mut self,
        segment: Option<&Segment<'_>>,
        frame: u64,
        out: impl FnMut(Side, Arrival<'_>),
    ) {
        match segment {
            Some(segment) => self.take(segment, frame, out),
            None => self.flush(out),
        }
    }

    /// Takes a segment; `out` is told whose stream goes on, and how.
    pub(crate) fn take(&mut self, segment: &Segment<'_>, frame: u64, mut out: impl FnMut(Side, Arrival<'_>)) {
        let side = if segment.from == self.initiator { Side::Initiator } else { Side::Responder };
        let (own, _) = self.streams(side);
        let sequence = if segment.flags.syn() { segment.sequence.wrapping_add(1) } else { segment.sequence };
        if segment.flags.syn() && !own.is_open() {
            own.open(sequence);
        }
        let len = u32::try_from(segment.payload.len()).unwrap_or(u32::MAX);
        // Where a segment ends that the capture cut is not known.
        let is_last = segment.flags.fin() && segment.is_whole;
        let end = is_last.then(|| sequence.wrapping_add(len));
        let Segment { acknowledgment, payload, .. } = *segment;
        if segment.flags.ack() && !segment.flags.rst() && self.streams(side).1.lacks(acknowledgment) {
            let payload = payload.to_vec();
            self.ahead.push_back(Ahead { side, sequence, acknowledgment, end, payload, frame });
            if self.ahead.len() > PATIENCE {
                self.give_up(&mut out);
            }
            return;
        }
        self.apply(side, (sequence, end), payload, frame, &mut out);
        self.release(&mut out);
        if segment.flags.rst() {
            self.flush(&mut out);
            out(side, Arrival::Reset);
        }
    }

    fn apply(
        &mut self,
        side: Side,
        (sequence, end): (u32, Option<u32>),
        payload: &[u8],
        frame: u64,
        out: &mut impl FnMut(Side, Arrival<'_>),
    ) {
        let (own, _) = self.streams(side);
        let mut told = |arrival: Arrival<'_>| out(side, arrival);
        own.take(sequence, payload, frame, &mut told);
        if let Some(end) = end {
            own.finish(end, &mut told);
        }
    }

    /// Takes what waited and need not any more.
    fn release(&mut self, out: &mut impl FnMut(Side, Arrival<'_>)) {
        loop {
            let ready = (0..self.ahead.len()).find(|&at| {
                self.ahead.get(at).is_some_and(|ahead| {
                    let other = match ahead.side {
                        Side::Initiator => &self.by_responder,
                        Side::Responder => &self.by_initiator,
                    };
                    !other.lacks(ahead.acknowledgment)
                })
            });
            let Some(ahead) = ready.and_then(|at| self.ahead.remove(at)) else { return };
            self.apply(ahead.side, (ahead.sequence, ahead.end), &ahead.payload, ahead.frame, out);
        }
    }

    /// What the first one waits for is not in the capture.
    fn give_up(&mut self, out: &mut impl FnMut(Side, Arrival<'_>)) {
        if let Some(first) = self.ahead.front() {
            let (side, acknowledgment) = (first.side.other(), first.acknowledgment);
            self.streams(side).0.give_up(acknowledgment, &mut |arrival| out(side, arrival));
            self.release(out);
        }
    }

    /// The stream of a side, and the other one.
    const fn streams(&mut self, side: Side) -> (&mut Stream, &mut Stream) {
        match side {
            Side::Initiator => (&mut self.by_initiator, &mut self.by_responder),
            Side::Responder => (&mut self.by_responder, &mut self.by_initiator),
        }
    }

    /// Nothing comes any more.
    fn flush(&mut self, mut out: impl FnMut(Side, Arrival<'_>)) {
        while !self.ahead.is_empty() {
            let before = self.ahead.len();
            self.give_up(&mut out);
            if self.ahead.len() == before {
                break;
            }
        }
        self.by_initiator.flush(&mut |arrival| out(Side::Initiator, arrival));
        self.by_responder.flush(&mut |arrival| out(Side::Responder, arrival));
    }

    /// Whether both ends sent all they had, and it came.
    pub(crate) const fn is_over(&self) -> bool {
        self.by_initiator.is_finished() && self.by_responder.is_finished()
    }

    /// Octets held for both directions.
    pub(crate) fn held(&self) -> usize {
        self.by_initiator.held() + self.by_responder.held() + self.ahead.len() * AHEAD_COST
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ip::transport::Flags;
    use crate::rest::Rest;

    const MN: &str = "192.0.2.1:40000";
    const HAC: &str = "198.51.100.1:443";

    fn segment<'a>(from: &str, sequence: u32, flags: &str, payload: &'a [u8]) -> Segment<'a> {
        let (from, to) = if from == MN { (MN, HAC) } else { (HAC, MN) };
        let bit = |flag: char, bit: u8| if flags.contains(flag) { bit } else { 0 };
        let flags = Flags(bit('F', 1) | bit('S', 2) | bit('R', 4) | bit('A', 16));
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        let options = Rest::new(&[]);
        Segment { from, to, sequence, acknowledgment: 0, flags, options, payload, is_whole: true }
    }

    fn heard(segments: &[Segment<'_>]) -> Vec<(Side, Vec<u8>)> {
        let mut connection = Connection::new(&segments[0]);
        let mut heard = Vec::new();
        for segment in segments {
            connection.take(segment, 1, |side, arrival| match arrival {
                Arrival::Octets { octets, .. } => heard.push((side, octets.to_vec())),
                other => heard.push((side, format!("{other:?}").into_bytes())),
            });
        }
        heard
    }

    #[test]
    fn a_connection_has_two_directions() {
        let segments = [
            segment(MN, 99, "S", b""),
            segment(HAC, 199, "SA", b""),
            segment(MN, 100, "A", b"hello"),
            segment(HAC, 200, "AF", b"bye"),
        ];
        let expected = [
            (Side::Initiator, b"hello".to_vec()),
            (Side::Responder, b"bye".to_vec()),
            (Side::Responder, b"Finished".to_vec()),
        ];
        assert_eq!(heard(&segments), expected);
    }

    #[test]
    fn an_answer_seen_first_tells_who_opened() {
        let connection = Connection::new(&segment(HAC, 1, "SA", b""));
        assert_eq!(connection.initiator, MN.parse().unwrap());
    }

    #[test]
    fn a_capture_that_starts_in_the_middle_goes_on_from_there() {
        let segments = [segment(HAC, 7000, "A", b"on"), segment(HAC, 7002, "A", b"ward")];
        let expected = [(Side::Initiator, b"on".to_vec()), (Side::Initiator, b"ward".to_vec())];
        assert_eq!(heard(&segments), expected);
    }

    #[test]
    fn a_reset_gives_what_is_held() {
        let segments = [segment(MN, 9, "S", b""), segment(MN, 12, "A", b"late"), segment(HAC, 0, "R", b"")];
        assert_eq!(
            heard(&segments),
            [
                (Side::Initiator, b"Gap(2)".to_vec()),
                (Side::Initiator, b"late".to_vec()),
                (Side::Responder, b"Reset".to_vec())
            ]
        );
    }

    fn acknowledging<'a>(segment: Segment<'a>, acknowledgment: u32) -> Segment<'a> {
        Segment { acknowledgment, ..segment }
    }

    #[test]
    fn an_answer_waits_for_its_question() {
        let segments = [
            segment(MN, 99, "S", b""),
            acknowledging(segment(HAC, 199, "SA", b""), 100),
            acknowledging(segment(HAC, 200, "A", b"answer"), 108),
            acknowledging(segment(MN, 100, "A", b"question"), 200),
        ];
        let expected = [(Side::Initiator, b"question".to_vec()), (Side::Responder, b"answer".to_vec())];
        assert_eq!(heard(&segments), expected);
    }

    #[test]
    fn a_question_that_never_comes_is_told_as_a_gap_before_its_answer() {
        let mut segments = vec![
            segment(MN, 99, "S", b""),
            acknowledging(segment(HAC, 199, "SA", b""), 100),
            acknowledging(segment(HAC, 200, "A", b"answer"), 108),
        ];
        segments.extend((0..PATIENCE).map(|_| acknowledging(segment(HAC, 206, "A", b""), 108)));
        let expected = [(Side::Initiator, b"Gap(8)".to_vec()), (Side::Responder, b"answer".to_vec())];
        assert_eq!(heard(&segments), expected);
        assert_eq!(heard(&segments[..segments.len() - 1]), [], "it may still come");
    }

    #[test]
    fn another_opening_is_another_connection() {
        let connection = Connection::new(&segment(MN, 9, "S", b""));
        assert!(!connection.is_reopened_by(&segment(MN, 9, "S", b"")));
        assert!(!connection.is_reopened_by(&segment(HAC, 77, "SA", b"")));
        assert!(connection.is_reopened_by(&segment(MN, 10, "S", b"")));
    }
}
