//! One direction of a connection: segments in any order in, octets in order out.
//!
//! Work and memory are linear: every octet is copied at most once, and only if it came too early.

use std::collections::BTreeMap;

/// Octets held of one direction while others before them are missing, and what a held segment costs beside its octets.
const HELD_AT_MOST: usize = 1 << 20;
const PIECE_COST: usize = 64;

/// What a stream gives, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival<'a> {
    /// The next octets, and the frame that brought them.
    Octets {
        /// At least one.
        octets: &'a [u8],
        /// Number of the frame, from 1.
        frame: u64,
    },
    /// So many octets are not in the capture.
    Gap(u64),
    /// Octets that were sent twice, and not the same both times. The first ones are taken.
    Rewritten,
    /// The sender has nothing more to send.
    Finished,
    /// The sender gave up the connection, both ways.
    Reset,
}

/// Reassembly of one direction.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    /// The sequence number of offset 0, once known.
    base: Option<u32>,
    /// Offset of the next octet to give.
    next: u64,
    /// What came too early, by offset; pieces do not overlap.
    early: BTreeMap<u64, Piece>,
    held: usize,
    /// Offset behind the last octet, once a FIN told it.
    end: Option<u64>,
    is_finished: bool,
}

#[derive(Debug)]
struct Piece {
    octets: Vec<u8>,
    frame: u64,
}

impl Stream {
    /// The number that the first octet will have.
    pub(super) const fn open(&mut self, first: u32) {
        self.base = Some(first);
    }

    pub(super) const fn is_open(&self) -> bool {
        self.base.is_some()
    }

    /// Takes octets; `sequence` is the number of the first one. Without an opening, the first ones seen are offset 0.
    pub(super) fn take(
        &mut self,
        sequence: u32,
        octets: &[u8],
        frame: u64,
        out: &mut impl FnMut(Arrival<'_>),
    ) {
        if octets.is_empty() || self.is_finished {
            return;
        }
        let base = *self.base.get_or_insert(sequence);
        let Some((offset, octets)) = self.still_needed(offset(base, self.next, sequence), octets) else {
            return;
        };
        if offset > self.next {
            self.keep(offset, octets, frame, out);
            if self.held > HELD_AT_MOST
                && let Some((&first, _)) = self.early.first_key_value()
            {
                self.skip_to(first, out);
            }
            return;
        }
        // The common case: in order, nothing held, nothing copied.
        let end = self.next + octets.len() as u64;
        if self.early.range(self.next..end).next().is_none() {
            self.give(octets, frame, out);
        } else {
            self.keep(offset, octets, frame, out);
        }
        self.drain(out);
    }

    /// The sender sends nothing from this number on.
    pub(super) fn finish(&mut self, sequence: u32, out: &mut impl FnMut(Arrival<'_>)) {
        let base = *self.base.get_or_insert(sequence);
        if let Ok(end) = u64::try_from(offset(base, self.next, sequence)) {
            self.end.get_or_insert(end);
        }
        self.drain(out);
    }

    /// Whether the receiver, who has everything before this number, has octets that did not come here yet.
    pub(super) fn lacks(&self, acknowledgment: u32) -> bool {
        self.acknowledged(acknowledgment).is_some_and(|to| to > self.next)
    }

    /// What did not come until now of the octets before this number will not come: tells the gaps.
    pub(super) fn give_up(&mut self, acknowledgment: u32, out: &mut impl FnMut(Arrival<'_>)) {
        let Some(to) = self.acknowledged(acknowledgment) else { return };
        while self.next < to {
            let first = self.early.first_key_value().map_or(to, |(&offset, _)| offset.min(to));
            self.skip_to(first, out);
        }
    }

    /// The offset that a number of the receiver stands for; nothing while that cannot be told.
    fn acknowledged(&self, acknowledgment: u32) -> Option<u64> {
        let to = u64::try_from(offset(self.base?, self.next, acknowledgment)).ok()?;
        // A FIN takes a number of its own.
        Some(self.end.map_or(to, |end| to.min(end)))
    }

    /// Nothing comes any more: what is held is given, with the gaps between.
    pub(super) fn flush(&mut self, out: &mut impl FnMut(Arrival<'_>)) {
        while let Some((&first, _)) = self.early.first_key_value() {
            self.skip_to(first, out);
        }
        if let Some(end) = self.end {
            self.skip_to(end, out);
        }
    }

    /// Whether the end was told, and everything before it came or was given up.
    pub(super) const fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Octets held.
    pub(super) const fn held(&self) -> usize {
        self.held
    }

    /// What of a segment lies at or behind the next octet.
    fn still_needed<'a>(&self, offset: i64, octets: &'a [u8]) -> Option<(u64, &'a [u8])> {
        let known = i64::try_from(self.next).ok()?.saturating_sub(offset).max(0);
        let octets = octets.get(usize::try_from(known).ok()?..)?;
        let offset = u64::try_from(offset.saturating_add(known)).ok()?;
        (!octets.is_empty()).then_some((offset, octets))
    }

    /// Holds what is not held yet; what came first stays.
    fn keep(&mut self, offset: u64, octets: &[u8], frame: u64, out: &mut impl FnMut(Arrival<'_>)) {
        let mut at = offset;
        let mut rest = octets;
        while !rest.is_empty() {
            let held = self.early.range(..=at).next_back().map(|(&from, piece)| (at - from, piece));
            let held = held.and_then(|(skip, piece)| piece.octets.get(usize::try_from(skip).ok()?..));
            let step = match held {
                Some(there) if !there.is_empty() => {
                    let both = there.len().min(rest.len());
                    if there.get(..both) != rest.get(..both) {
                        out(Arrival::Rewritten);
                    }
                    both
                }
                _ => {
                    let next = self.early.range(at..).next().map_or(u64::MAX, |(&next, _)| next);
                    let free = rest.len().min(usize::try_from(next - at).unwrap_or(usize::MAX));
                    let octets = rest.get(..free).unwrap_or_default().to_vec();
                    self.held += octets.len() + PIECE_COST;
                    self.early.insert(at, Piece { octets, frame });
                    free
                }
            };
            at += step as u64;
            rest = rest.get(step..).unwrap_or_default();
        }
    }

    fn give(&mut self, octets: &[u8], frame: u64, out: &mut impl FnMut(Arrival<'_>)) {
        self.next += octets.len() as u64;
        out(Arrival::Octets { octets, frame });
    }

    /// Gives what has become the next, and the end.
    fn drain(&mut self, out: &mut impl FnMut(Arrival<'_>)) {
        while let Some(first) = self.early.first_entry().filter(|first| *first.key() <= self.next) {
            let (from, piece) = first.remove_entry();
            self.held -= piece.octets.len() + PIECE_COST;
            let known = usize::try_from(self.next - from).unwrap_or(usize::MAX);
            if let Some(octets) = piece.octets.get(known..).filter(|octets| !octets.is_empty()) {
                self.give(octets, piece.frame, out);
            }
        }
        if !self.is_finished && self.end.is_some_and(|end| end <= self.next) {
            self.is_finished = true;
            out(Arrival::Finished);
        }
    }

    /// Tells the hole in front, if there is one, and goes on behind it.
    fn skip_to(&mut self, to: u64, out: &mut impl FnMut(Arrival<'_>)) {
        if to > self.next {
            out(Arrival::Gap(to - self.next));
            self.next = to;
        }
        self.drain(out);
    }
}

/// The offset that a sequence number stands for: the one closest to `next`, since numbers wrap at 2^32.
fn offset(base: u32, next: u64, sequence: u32) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "sequence numbers count modulo 2^32")]
    let expected = base.wrapping_add(next as u32);
    let distance = sequence.wrapping_sub(expected).cast_signed();
    i64::try_from(next).unwrap_or(i64::MAX).saturating_add(i64::from(distance))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// What came out: the octets, with `None` for each gap.
    #[derive(Debug, Default, PartialEq, Eq)]
    struct Heard {
        octets: Vec<u8>,
        gaps: Vec<u64>,
        rewritten: usize,
        finished: usize,
    }

    impl Heard {
        fn hear(&mut self) -> impl FnMut(Arrival<'_>) {
            |arrival| match arrival {
                Arrival::Octets { octets, .. } => self.octets.extend_from_slice(octets),
                Arrival::Gap(octets) => self.gaps.push(octets),
                Arrival::Rewritten => self.rewritten += 1,
                Arrival::Finished => self.finished += 1,
                Arrival::Reset => panic!("a stream knows of no reset"),
            }
        }
    }

    fn opened(first: u32) -> Stream {
        let mut stream = Stream::default();
        stream.open(first);
        stream
    }

    #[test]
    fn order_is_restored_and_copies_are_dropped() {
        let (mut stream, mut heard) = (opened(10), Heard::default());
        stream.take(13, b"def", 2, &mut heard.hear());
        stream.take(13, b"de", 3, &mut heard.hear());
        stream.take(10, b"abcd", 4, &mut heard.hear());
        stream.take(9, b"\0ab", 5, &mut heard.hear());
        stream.finish(16, &mut heard.hear());
        assert_eq!(heard, Heard { octets: b"abcdef".to_vec(), finished: 1, ..Heard::default() });
        assert_eq!(stream.held(), 0);
    }

    #[test]
    fn the_first_of_two_versions_is_taken_and_the_second_told() {
        let (mut stream, mut heard) = (opened(0), Heard::default());
        stream.take(1, b"bc", 1, &mut heard.hear());
        stream.take(0, b"aXcd", 2, &mut heard.hear());
        assert_eq!(heard, Heard { octets: b"abcd".to_vec(), rewritten: 1, ..Heard::default() });
    }

    #[test]
    fn numbers_wrap() {
        let (mut stream, mut heard) = (opened(u32::MAX - 1), Heard::default());
        stream.take(1, b"de", 1, &mut heard.hear());
        stream.take(u32::MAX - 1, b"abc", 2, &mut heard.hear());
        assert_eq!(heard.octets, b"abcde");
    }

    #[test]
    fn what_the_receiver_has_and_never_came_is_told_as_a_gap() {
        let (mut stream, mut heard) = (opened(0), Heard::default());
        stream.take(5, b"after", 1, &mut heard.hear());
        assert!(stream.lacks(10) && stream.lacks(1) && !stream.lacks(0));
        stream.give_up(12, &mut heard.hear());
        assert_eq!(heard, Heard { octets: b"after".to_vec(), gaps: vec![5, 2], ..Heard::default() });
    }

    #[test]
    fn the_number_of_a_fin_is_no_octet() {
        let (mut stream, mut heard) = (opened(0), Heard::default());
        stream.take(0, b"ab", 1, &mut heard.hear());
        stream.finish(2, &mut heard.hear());
        assert!(!stream.lacks(3));
        stream.flush(&mut heard.hear());
        assert_eq!(heard, Heard { octets: b"ab".to_vec(), finished: 1, ..Heard::default() });
    }

    #[test]
    fn a_hole_is_told_at_the_end() {
        let (mut stream, mut heard) = (opened(0), Heard::default());
        stream.take(5, b"after", 1, &mut heard.hear());
        stream.finish(12, &mut heard.hear());
        stream.flush(&mut heard.hear());
        assert_eq!((heard.gaps, heard.finished), (vec![5, 2], 1));
    }

    #[test]
    fn what_is_held_has_a_bound() {
        let (mut stream, mut heard) = (opened(0), Heard::default());
        let mut sent = 0;
        for at in (0..u32::try_from(4 * HELD_AT_MOST).unwrap()).step_by(2048) {
            stream.take(at + 1, &[7; 1024], 1, &mut heard.hear());
            sent += 1024;
            assert!(stream.held() <= HELD_AT_MOST + 1024 + PIECE_COST);
        }
        stream.flush(&mut heard.hear());
        assert_eq!(heard.octets.len(), sent);
        assert!(!heard.gaps.is_empty());
    }

    proptest! {
        /// Cut anywhere, shuffled, doubled and with losses: the octets come out as sent, or the loss is told.
        #[test]
        fn the_same_octets_or_a_told_gap(
            sent in vec(any::<u8>(), 1..400),
            first: u32,
            cuts in vec((0_usize..400, 1_usize..60), 1..60),
        ) {
            let (mut stream, mut heard) = (opened(first), Vec::new());
            let mut covered = vec![false; sent.len()];
            let mut hear = |arrival: Arrival<'_>| match arrival {
                Arrival::Octets { octets, .. } => heard.extend(octets.iter().map(|&octet| Some(octet))),
                Arrival::Gap(octets) => heard.extend((0..octets).map(|_| None)),
                Arrival::Rewritten => panic!("nothing was rewritten"),
                Arrival::Finished => {}
                Arrival::Reset => panic!("a stream knows of no reset"),
            };
            for (from, len) in cuts {
                let from = from.min(sent.len() - 1);
                let to = (from + len).min(sent.len());
                covered[from..to].fill(true);
                stream.take(first.wrapping_add(u32::try_from(from).unwrap()), &sent[from..to], 1, &mut hear);
            }
            stream.finish(first.wrapping_add(u32::try_from(sent.len()).unwrap()), &mut hear);
            stream.flush(&mut hear);
            let right: Vec<_> = sent.iter().zip(covered).map(|(&octet, seen)| seen.then_some(octet)).collect();
            prop_assert_eq!(heard, right);
        }

        #[test]
        fn any_numbers_do_no_harm(segments in vec((any::<u32>(), vec(any::<u8>(), 0..40), any::<u32>(), any::<bool>()), 0..80)) {
            let mut stream = Stream::default();
            let mut out = 0;
            let mut hear = |arrival: Arrival<'_>| if let Arrival::Octets { octets, .. } = arrival { out += octets.len() };
            let sent: usize = segments.iter().map(|segment| segment.1.len()).sum();
            for (sequence, octets, acknowledgment, is_last) in segments {
                stream.take(sequence, &octets, 1, &mut hear);
                if stream.lacks(acknowledgment) && is_last {
                    stream.give_up(acknowledgment, &mut hear);
                }
                if is_last {
                    stream.finish(sequence, &mut hear);
                }
            }
            stream.flush(&mut hear);
            prop_assert!(out <= sent);
            prop_assert_eq!(stream.held(), 0);
        }
    }
}
