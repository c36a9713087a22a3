//! What is left of the octets of a frame, and where it stands in them.

use wire::DecodeError;
use wire::error::{Have, Need};

/// Octets still to be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rest<'a> {
    pub(crate) octets: &'a [u8],
    /// Octets from the start of the frame.
    pub(crate) at: usize,
}

impl<'a> Rest<'a> {
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self { octets, at: 0 }
    }

    /// The next octets, which belong to a field.
    pub(crate) fn take(&mut self, len: usize, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let Some((front, rest)) = self.octets.split_at_checked(len) else {
            return Err(self.short(len, field));
        };
        self.octets = rest;
        self.at += len;
        Ok(front)
    }

    /// The next octets, as many as the array has.
    pub(crate) fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let Some((front, rest)) = self.octets.split_first_chunk::<N>() else {
            return Err(self.short(N, field));
        };
        self.octets = rest;
        self.at += N;
        Ok(*front)
    }

    /// The next octets, left where they are.
    pub(crate) fn peek<const N: usize>(&self, field: &'static str) -> Result<&'a [u8; N], DecodeError> {
        self.octets.first_chunk::<N>().ok_or_else(|| self.short(N, field))
    }

    /// What remains is no longer than this; whatever is behind is padding of the link.
    pub(crate) fn limit(&mut self, len: usize) {
        self.octets = self.octets.get(..len).unwrap_or(self.octets);
    }

    /// A fault of the octet that comes next.
    pub(crate) fn fault(&self, field: &'static str, need: Need, have: u64) -> DecodeError {
        DecodeError::new(field, need, Have::Value(have)).shifted(self.at)
    }

    fn short(&self, need: usize, field: &'static str) -> DecodeError {
        DecodeError::new(field, Need::Octets(need), Have::Octets(self.octets.len())).shifted(self.at)
    }
}

/// Two octets of a header that is there, as a number.
pub(crate) fn half(octets: &[u8], at: usize) -> u16 {
    octets.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |octets| u16::from_be_bytes(*octets))
}

/// Four octets of a header that is there, as a number.
pub(crate) fn word(octets: &[u8], at: usize) -> u32 {
    octets.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |octets| u32::from_be_bytes(*octets))
}
