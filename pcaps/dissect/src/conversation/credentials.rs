//! The keys with which MN and HAC prove themselves, as far as whoever looks on was given them.

use std::collections::BTreeMap;

use wire::value::hex;
use zeroize::Zeroizing;

/// A line of a file of MSKs that is none. What stands there instead is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {number} is no mn-id, space and hex digits")]
pub struct MskLine {
    /// Its number, from 1.
    pub number: usize,
}

/// Keys by identity.
#[derive(Clone, Default)]
pub struct Credentials {
    psks: BTreeMap<Vec<u8>, Zeroizing<Vec<u8>>>,
    msks: BTreeMap<Vec<u8>, Zeroizing<Vec<u8>>>,
}

impl Credentials {
    /// The pre-shared key of an `mn-id` (RFC 6618 section 5.8).
    pub fn add_psk(&mut self, mn_id: &[u8], psk: Vec<u8>) {
        self.psks.insert(mn_id.to_vec(), Zeroizing::new(psk));
    }

    /// The MSK that an EAP method made for an `mn-id` (RFC 6618 section 5.9).
    pub fn add_msk(&mut self, mn_id: &[u8], msk: Vec<u8>) {
        self.msks.insert(mn_id.to_vec(), Zeroizing::new(msk));
    }

    /// The MSKs in a text: lines of an `mn-id`, a space and hex digits. Empty lines are passed over.
    ///
    /// # Errors
    /// The first line that is something else.
    pub fn add_msks(&mut self, text: &[u8]) -> Result<(), MskLine> {
        for (number, line) in (1..).zip(text.split(|&octet| octet == b'\n')) {
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            let mut words = line.splitn(2, |&octet| octet == b' ');
            let (mn_id, digits) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let msk = hex::decode(digits).map_err(|_| MskLine { number })?;
            self.add_msk(mn_id, msk);
        }
        Ok(())
    }

    pub(super) fn psk(&self, mn_id: &[u8]) -> Option<&[u8]> {
        self.psks.get(mn_id).map(|key| key.as_slice())
    }

    pub(super) fn msk(&self, mn_id: &[u8]) -> Option<&[u8]> {
        self.msks.get(mn_id).map(|key| key.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn msks_are_read_line_by_line() {
        let mut credentials = Credentials::default();
        assert_eq!(credentials.add_msks(b"a@b.c 0102\n\n d@e.f 03\r\n"), Ok(()));
        assert_eq!(credentials.msk(b"a@b.c"), Some(&[1, 2][..]));
        assert_eq!(credentials.msk(b"d@e.f"), Some(&[3][..]));
        assert_eq!(credentials.psk(b"a@b.c"), None);
        assert_eq!(credentials.add_msks(b"a 01\nb 0x01"), Err(MskLine { number: 2 }));
        assert_eq!(credentials.add_msks(b"alone"), Err(MskLine { number: 1 }));
    }
}
