//! The keys with which MN and HAC prove themselves, as far as whoever looks on was given them.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

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

    pub(super) fn psk(&self, mn_id: &[u8]) -> Option<&[u8]> {
        self.psks.get(mn_id).map(|key| key.as_slice())
    }

    pub(super) fn msk(&self, mn_id: &[u8]) -> Option<&[u8]> {
        self.msks.get(mn_id).map(|key| key.as_slice())
    }
}
