//! A connection: two streams, and who opened it.

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
}

impl Connection {
    /// The connection that a segment belongs to, seen for the first time.
    pub(crate) fn new(segment: &Segment<'_>) -> Self {
        let is_answer = segment.flags.syn() && segment.flags.ack();
        let (initiator, responder) =
            if is_answer { (segment.to, segment.from) } else { (segment.from, segment.to) };
        let is_opening = segment.flags.syn() && !segment.flags.ack();
        let opening = is_opening.then_some(segment.sequence);
        let (by_initiator, by_responder) = (Stream::default(), Stream::default());
        Self { initiator, responder, opening, by_initiator, by_responder }
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
        let (own, others) = match side {
            Side::Initiator => (&mut self.by_initiator, &mut self.by_responder),
            Side::Responder => (&mut self.by_responder, &mut self.by_initiator),
        };
        let mut told = |arrival: Arrival<'_>| out(side, arrival);
        let sequence = if segment.flags.syn() { segment.sequence.wrapping_add(1) } else { segment.sequence };
        if segment.flags.syn() && !own.is_open() {
            own.open(sequence);
        }
        own.take(sequence, segment.payload, frame, &mut told);
        // Where a segment ends that the capture cut is not known.
        if segment.flags.fin() && segment.is_whole {
            let len = u32::try_from(segment.payload.len()).unwrap_or(u32::MAX);
            own.finish(sequence.wrapping_add(len), &mut told);
        }
        if segment.flags.rst() {
            own.flush(&mut told);
            others.flush(&mut |arrival| out(side.other(), arrival));
        } else if segment.flags.ack() {
            others.acknowledge(segment.acknowledgment, &mut |arrival| out(side.other(), arrival));
        }
    }

    /// Nothing comes any more.
    fn flush(&mut self, mut out: impl FnMut(Side, Arrival<'_>)) {
        self.by_initiator.flush(&mut |arrival| out(Side::Initiator, arrival));
        self.by_responder.flush(&mut |arrival| out(Side::Responder, arrival));
    }

    /// Octets held for both directions.
    pub(crate) const fn held(&self) -> usize {
        self.by_initiator.held() + self.by_responder.held()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ip::transport::Flags;

    const MN: &str = "192.0.2.1:40000";
    const HAC: &str = "198.51.100.1:443";

    fn segment<'a>(from: &str, sequence: u32, flags: &str, payload: &'a [u8]) -> Segment<'a> {
        let (from, to) = if from == MN { (MN, HAC) } else { (HAC, MN) };
        let bit = |flag: char, bit: u8| if flags.contains(flag) { bit } else { 0 };
        let flags = Flags(bit('F', 1) | bit('S', 2) | bit('R', 4) | bit('A', 16));
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        Segment { from, to, sequence, acknowledgment: 0, flags, payload, is_whole: true }
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
            [(Side::Initiator, b"Gap(2)".to_vec()), (Side::Initiator, b"late".to_vec())]
        );
    }

    #[test]
    fn another_opening_is_another_connection() {
        let connection = Connection::new(&segment(MN, 9, "S", b""));
        assert!(!connection.is_reopened_by(&segment(MN, 9, "S", b"")));
        assert!(!connection.is_reopened_by(&segment(HAC, 77, "SA", b"")));
        assert!(connection.is_reopened_by(&segment(MN, 10, "S", b"")));
    }
}
