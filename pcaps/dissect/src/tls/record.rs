//! TLS records (RFC 5246 section 6.2, RFC 8446 section 5.1): from a stream of octets to fragments.

use core::ops::Range;

/// Octets before the fragment.
pub(crate) const HEADER_LEN: usize = 5;
/// The most octets that a fragment can have: 2^14 and what TLS 1.2 allows for protection.
const MAX_FRAGMENT: usize = (1 << 14) + 2048;

/// What a record carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentType {
    ChangeCipherSpec,
    Alert,
    Handshake,
    ApplicationData,
    /// Heartbeats and whatever else is registered.
    Other(u8),
}

/// The first octets of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) content_type: ContentType,
    version: [u8; 2],
    len: usize,
}

/// Octets that are no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoRecord;

impl ContentType {
    pub(crate) const fn of(octet: u8) -> Self {
        match octet {
            20 => Self::ChangeCipherSpec,
            21 => Self::Alert,
            22 => Self::Handshake,
            23 => Self::ApplicationData,
            other => Self::Other(other),
        }
    }

    const fn octet(self) -> u8 {
        match self {
            Self::ChangeCipherSpec => 20,
            Self::Alert => 21,
            Self::Handshake => 22,
            Self::ApplicationData => 23,
            Self::Other(octet) => octet,
        }
    }
}

impl Header {
    /// Reads a header; nothing while there are too few octets.
    pub(crate) fn parse(octets: &[u8]) -> Result<Option<Self>, NoRecord> {
        let Some(&[content_type, major, minor, high, low]) = octets.first_chunk::<HEADER_LEN>() else {
            return Ok(None);
        };
        let len = usize::from(u16::from_be_bytes([high, low]));
        if !(20..=26).contains(&content_type) || major != 3 || len > MAX_FRAGMENT {
            return Err(NoRecord);
        }
        Ok(Some(Self { content_type: ContentType::of(content_type), version: [major, minor], len }))
    }

    /// The header as it stands under a MAC or tag, for a fragment of this length.
    pub(super) fn octets(self, len: usize) -> Option<[u8; HEADER_LEN]> {
        let [high, low] = u16::try_from(len).ok()?.to_be_bytes();
        let [major, minor] = self.version;
        Some([self.content_type.octet(), major, minor, high, low])
    }
}

/// Octets of one direction that are not yet read as records.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    octets: Vec<u8>,
    read: usize,
}

impl Buffer {
    pub(crate) fn push(&mut self, octets: &[u8]) {
        // What was read goes first, so at most one record is moved, and only once a push.
        self.octets.drain(..self.read);
        self.read = 0;
        self.octets.extend_from_slice(octets);
    }

    /// How many octets are waiting.
    pub(crate) const fn len(&self) -> usize {
        self.octets.len() - self.read
    }

    /// The header of the next record, once the record is complete.
    pub(crate) fn peek(&self) -> Result<Option<Header>, NoRecord> {
        let waiting = self.octets.get(self.read..).unwrap_or_default();
        let header = Header::parse(waiting)?;
        Ok(header.filter(|header| waiting.len() - HEADER_LEN >= header.len))
    }

    /// Takes the record that was peeked at, and tells where its fragment lies.
    pub(crate) const fn take(&mut self, header: Header) -> Range<usize> {
        let from = self.read + HEADER_LEN;
        self.read = from + header.len;
        from..self.read
    }

    pub(crate) fn get_mut(&mut self, fragment: Range<usize>) -> &mut [u8] {
        self.octets.get_mut(fragment).unwrap_or_default()
    }

    pub(crate) fn get(&self, fragment: Range<usize>) -> &[u8] {
        self.octets.get(fragment).unwrap_or_default()
    }

    /// Forgets everything, and the memory with it.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_out_however_the_octets_come_in() {
        let stream = b"\x16\x03\x01\x00\x03abc\x17\x03\x03\x00\x00\x15\x03\x03\x00\x01z";
        for chunk in 1..stream.len() {
            let mut buffer = Buffer::default();
            let mut found = Vec::new();
            for octets in stream.chunks(chunk) {
                buffer.push(octets);
                while let Some(header) = buffer.peek().unwrap() {
                    let fragment = buffer.take(header);
                    found.push((header.content_type, buffer.get(fragment).to_vec()));
                }
            }
            let right = [
                (ContentType::Handshake, b"abc".to_vec()),
                (ContentType::ApplicationData, Vec::new()),
                (ContentType::Alert, b"z".to_vec()),
            ];
            assert_eq!(found, right, "in pieces of {chunk}");
            assert_eq!(buffer.len(), 0);
        }
    }

    #[test]
    fn what_is_no_record_is_told() {
        for octets in [b"GET /", b"\x16\x02\x00\x00\x01", b"\x16\x03\x03\xff\xff"] {
            assert_eq!(Header::parse(octets), Err(NoRecord), "{octets:?}");
        }
        assert_eq!(Header::parse(b"\x16\x03\x03\x00"), Ok(None));
    }
}
