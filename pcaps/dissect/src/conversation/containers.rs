//! RFC 6618 section 5.1: a stream of octets, cut into containers by their Length (reading CT-07).

use wire::container::{Container, HEADER_LEN, octets_needed};

/// Octets of one end that are not yet a container.
#[derive(Debug, Default)]
pub(super) struct Containers {
    octets: Vec<u8>,
    read: usize,
}

/// What stands at the front.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Front<'a> {
    /// A container, complete.
    Complete(&'a [u8]),
    /// Octets that start no container of a version that is known; where one starts is not known any more.
    Foreign(&'a [u8]),
    /// Too few octets.
    Incomplete,
}

impl Containers {
    pub(super) fn push(&mut self, octets: &[u8]) {
        self.octets.drain(..self.read);
        self.read = 0;
        self.octets.extend_from_slice(octets);
    }

    /// Takes the next container.
    pub(super) fn take(&mut self) -> Front<'_> {
        let waiting = self.octets.get(self.read..).unwrap_or_default();
        if waiting.is_empty() {
            return Front::Incomplete;
        }
        if Container::new_unchecked(waiting).version() != 0 {
            return Front::Foreign(waiting);
        }
        match waiting.get(..octets_needed(waiting)) {
            Some(container) if container.len() >= HEADER_LEN && waiting.len() >= HEADER_LEN => {
                let at = self.read;
                self.read += octets_needed(waiting);
                Front::Complete(self.octets.get(at..self.read).unwrap_or_default())
            }
            _ => Front::Incomplete,
        }
    }

    /// The octets of a container that is not complete: how many it needs, and how many are there.
    pub(super) fn rest(&self) -> Option<(usize, usize)> {
        let waiting = self.octets.get(self.read..).unwrap_or_default();
        (!waiting.is_empty()).then(|| (octets_needed(waiting), waiting.len()))
    }

    /// Whether nothing came yet.
    pub(super) const fn is_untouched(&self) -> bool {
        self.octets.is_empty()
    }

    /// What waits at the front, without taking it.
    pub(super) fn waiting(&self) -> &[u8] {
        self.octets.get(self.read..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_come_out_however_the_octets_come_in() {
        let stream = b"\0\x01\0\x02ab\0\x02\0\0\0\x03\0\x01c";
        for chunk in 1..stream.len() {
            let mut containers = Containers::default();
            let mut found = Vec::new();
            for octets in stream.chunks(chunk) {
                containers.push(octets);
                while let Front::Complete(container) = containers.take() {
                    found.push(container.to_vec());
                }
            }
            assert_eq!(
                found,
                [&b"\0\x01\0\x02ab"[..], b"\0\x02\0\0", b"\0\x03\0\x01c"],
                "in pieces of {chunk}"
            );
            assert_eq!(containers.rest(), None);
        }
    }

    #[test]
    fn octets_of_another_version_are_foreign_and_a_rest_is_told() {
        let mut containers = Containers::default();
        containers.push(b"\x60\x01");
        assert_eq!(containers.take(), Front::Foreign(b"\x60\x01"));
        let mut containers = Containers::default();
        containers.push(b"\0\x01\0\x05ab");
        assert_eq!(containers.take(), Front::Incomplete);
        assert_eq!(containers.rest(), Some((9, 6)));
    }
}
