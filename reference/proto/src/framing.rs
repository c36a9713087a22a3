//! RFC 6618 section 5.1: containers out of a stream that may be sliced anywhere (CT-07).

use wire::container::{Container, HEADER_LEN, octets_needed};

/// Octets that came and are not yet a whole container. Holds less than one container between calls of
/// [`Framing::next`] that say `None`, so at most 65,538 octets.
#[derive(Default)]
pub struct Framing {
    octets: Vec<u8>,
    /// Where the next container starts.
    start: usize,
}

impl Framing {
    /// Takes octets in; drain with [`Framing::next`] at once.
    pub fn push(&mut self, octets: &[u8]) {
        self.octets.drain(..self.start);
        self.start = 0;
        self.octets.extend_from_slice(octets);
    }

    /// The next whole container, header included; `None` until more octets come.
    ///
    /// Of a version other than 0 only the header comes: what its other octets mean is unknown (CT-01).
    #[allow(clippy::should_implement_trait, reason = "more may come after a None")]
    pub fn next(&mut self) -> Option<Vec<u8>> {
        let front = self.octets.get(self.start..)?;
        let needed = match Container::new_unchecked(front).version() {
            0 => octets_needed(front),
            _ => HEADER_LEN,
        };
        let container = front.get(..needed)?.to_vec();
        self.start += container.len();
        Some(container)
    }

    /// How many octets wait for the rest of their container.
    pub fn unread(&self) -> usize {
        self.octets.len() - self.start
    }

    /// Throws away what waits (CT-05, CT-09).
    pub fn clear(&mut self) {
        self.octets = Vec::new();
        self.start = 0;
    }
}
