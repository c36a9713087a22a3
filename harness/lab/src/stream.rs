//! Octets that a seed makes, so that both ends of a stream know what has to arrive.

/// A stream in parts, the last of which may be shorter.
pub struct Stream {
    state: u64,
    left: u64,
}

/// Octets of a part.
const PART: usize = 64 * 1024;

impl Stream {
    /// So many octets from this seed.
    #[must_use]
    pub fn new(seed: u64, octets: u64) -> Self {
        // The generator never leaves 0.
        Self { state: seed | 1 << 63, left: octets }
    }
}

impl Iterator for Stream {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.left == 0 {
            return None;
        }
        let mut part = Vec::with_capacity(PART);
        while part.len() < PART {
            part.extend(next_random(&mut self.state).to_le_bytes());
        }
        part.truncate(usize::try_from(self.left).unwrap_or(PART).min(PART));
        self.left -= part.len() as u64;
        Some(part)
    }
}

/// Marsaglia's xorshift64: no secret, only never the same.
pub fn next_random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// In lower case.
#[must_use]
pub fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_stream_of_the_right_length() {
        let all = |seed, octets| Stream::new(seed, octets).collect::<Vec<_>>().concat();
        for octets in [0, 1, PART as u64, PART as u64 + 1] {
            assert_eq!(all(1, octets).len() as u64, octets);
        }
        assert_eq!(all(1, 1000), all(1, 1000));
        assert_ne!(all(1, 1000), all(2, 1000));
    }
}
