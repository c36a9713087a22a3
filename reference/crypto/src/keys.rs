//! RFC 6618 sections 5.6.2, 5.8 and 5.9: keys. Wiped when dropped; `Debug` shows what they are for, never what they are.

use std::fmt;

use subtle::ConstantTimeEq;
use wire::value::Ciphersuite;
use zeroize::Zeroizing;

use crate::ciphersuite::{Cipher, Integrity, algorithms};

/// The pre-shared key of section 5.8: at least one octet.
#[derive(Clone)]
pub struct Psk(Zeroizing<Vec<u8>>);

/// What an EAP method exports at its end, and the key of `auth` in Done messages (section 5.9). 64 octets or more
/// (RFC 3748 section 7.10), all of which are the key (reading EA-02).
#[derive(Clone)]
pub struct Msk(Zeroizing<Vec<u8>>);

/// The keys that protect one direction of a security association.
#[derive(Clone)]
pub struct DirectionKeys {
    suite: Ciphersuite,
    pub(crate) integrity: IntegrityKey,
    pub(crate) cipher: CipherKey,
}

/// The keys of a security association.
#[derive(Clone, Debug)]
pub struct SaKeys {
    /// What the MN sends with.
    pub mn_to_ha: DirectionKeys,
    /// What the HA sends with.
    pub ha_to_mn: DirectionKeys,
}

#[derive(Clone)]
pub(crate) enum IntegrityKey {
    HmacSha1(Zeroizing<[u8; 20]>),
    AesXcbc(Zeroizing<[u8; 16]>),
}

#[derive(Clone)]
pub(crate) enum CipherKey {
    Null,
    TripleDes(Zeroizing<[u8; 24]>),
    Aes128(Zeroizing<[u8; 16]>),
}

/// A key that must not be used. Whoever made the key is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyError {
    /// Which key: `psk`, `msk`, `ikey` or `ekey`.
    pub field: &'static str,
    /// What it should be.
    pub need: KeyNeed,
    /// What it is.
    pub have: KeyHave,
}

/// What a key should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyNeed {
    /// Exactly this many octets (RFC 2404 section 3, RFC 3566 section 4.1, RFC 2451 section 2.2, RFC 3602).
    Octets(usize),
    /// At least this many octets.
    AtLeast(usize),
    /// No key: the NULL cipher takes none (RFC 2410).
    Absent,
    /// Three parts of which neighbours differ: otherwise triple DES is single DES (RFC 2451 section 2.3).
    DistinctParts,
}

/// What a key is, without its contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHave {
    /// So many octets.
    Octets(usize),
    /// No key at all.
    Nothing,
    /// The first two parts are equal.
    FirstEqualsSecond,
    /// The last two parts are equal.
    SecondEqualsThird,
}

impl Psk {
    /// Takes any key but the empty one.
    ///
    /// # Errors
    /// An empty key proves nothing (reading AU-10).
    pub fn new(octets: Vec<u8>) -> Result<Self, KeyError> {
        if octets.is_empty() {
            return Err(KeyError { field: "psk", need: KeyNeed::AtLeast(1), have: KeyHave::Octets(0) });
        }
        Ok(Self(Zeroizing::new(octets)))
    }

    /// The key itself.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }
}

impl Msk {
    /// The fewest octets.
    pub const MIN_LEN: usize = 64;

    /// Takes the whole MSK as the method exports it.
    ///
    /// # Errors
    /// Fewer than 64 octets.
    pub fn new(octets: Vec<u8>) -> Result<Self, KeyError> {
        let have = octets.len();
        let octets = Zeroizing::new(octets);
        if have < Self::MIN_LEN {
            let (need, have) = (KeyNeed::AtLeast(Self::MIN_LEN), KeyHave::Octets(have));
            return Err(KeyError { field: "msk", need, have });
        }
        Ok(Self(octets))
    }

    /// The key itself.
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }
}

impl DirectionKeys {
    /// Keys of `suite`, of exactly the lengths in [`algorithms`].
    ///
    /// # Errors
    /// A wrong length, an encryption key for a NULL suite or none for another, and triple DES keys whose
    /// neighbouring parts are equal when the parity bits are left out.
    pub fn new(suite: Ciphersuite, ikey: &[u8], ekey: Option<&[u8]>) -> Result<Self, KeyError> {
        let row = algorithms(suite);
        let integrity = match row.integrity {
            Integrity::HmacSha1 => IntegrityKey::HmacSha1(exactly("ikey", Some(ikey))?),
            Integrity::AesXcbc => IntegrityKey::AesXcbc(exactly("ikey", Some(ikey))?),
        };
        let cipher = match (row.cipher, ekey) {
            (Cipher::Null, None) => CipherKey::Null,
            (Cipher::Null, Some(ekey)) => {
                let have = KeyHave::Octets(ekey.len());
                return Err(KeyError { field: "ekey", need: KeyNeed::Absent, have });
            }
            (Cipher::TripleDesCbc, ekey) => CipherKey::TripleDes(distinct_parts(exactly("ekey", ekey)?)?),
            (Cipher::Aes128Cbc, ekey) => CipherKey::Aes128(exactly("ekey", ekey)?),
        };
        Ok(Self { suite, integrity, cipher })
    }

    /// The suite that the keys belong to.
    #[must_use]
    pub const fn suite(&self) -> Ciphersuite {
        self.suite
    }

    /// The integrity key.
    #[must_use]
    pub fn ikey(&self) -> &[u8] {
        match &self.integrity {
            IntegrityKey::HmacSha1(key) => &key[..],
            IntegrityKey::AesXcbc(key) => &key[..],
        }
    }

    /// The encryption key, unless the suite is a NULL one.
    #[must_use]
    pub fn ekey(&self) -> Option<&[u8]> {
        match &self.cipher {
            CipherKey::Null => None,
            CipherKey::TripleDes(key) => Some(&key[..]),
            CipherKey::Aes128(key) => Some(&key[..]),
        }
    }
}

impl SaKeys {
    /// Whether the two directions share their integrity or their encryption key, which they must not
    /// (sections 4.3 and 9.3: with one SPI and both counters from 0, a packet could be sent back to its sender).
    #[must_use]
    pub fn directions_share_a_key(&self) -> bool {
        let integrity = self.mn_to_ha.ikey().ct_eq(self.ha_to_mn.ikey());
        match (self.mn_to_ha.ekey(), self.ha_to_mn.ekey()) {
            (Some(there), Some(back)) => (integrity | there.ct_eq(back)).into(),
            _ => integrity.into(),
        }
    }
}

fn exactly<const N: usize>(
    field: &'static str,
    octets: Option<&[u8]>,
) -> Result<Zeroizing<[u8; N]>, KeyError> {
    let need = KeyNeed::Octets(N);
    let octets = octets.ok_or(KeyError { field, need, have: KeyHave::Nothing })?;
    let mut key = Zeroizing::new([0; N]);
    if octets.len() != N {
        return Err(KeyError { field, need, have: KeyHave::Octets(octets.len()) });
    }
    key.copy_from_slice(octets);
    Ok(key)
}

/// RFC 2451 section 2.3. The parity bit of an octet is its lowest one and carries no key.
fn distinct_parts(key: Zeroizing<[u8; 24]>) -> Result<Zeroizing<[u8; 24]>, KeyError> {
    let same = |left: &[u8], right: &[u8]| {
        let difference = left.iter().zip(right).fold(0, |all, (l, r)| all | ((l ^ r) & 0xFE));
        bool::from(difference.ct_eq(&0))
    };
    let (first, rest) = key.split_at(8);
    let (second, third) = rest.split_at(8);
    let have = match (same(first, second), same(second, third)) {
        (false, false) => return Ok(key),
        (true, _) => KeyHave::FirstEqualsSecond,
        (false, true) => KeyHave::SecondEqualsThird,
    };
    Err(KeyError { field: "ekey", need: KeyNeed::DistinctParts, have })
}

impl fmt::Debug for Psk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Psk(..)")
    }
}

impl fmt::Debug for Msk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Msk(..)")
    }
}

impl fmt::Debug for DirectionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DirectionKeys({}, ..)", self.suite.name())
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: need {}, have {}", self.field, self.need, self.have)
    }
}

impl fmt::Display for KeyNeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Octets(count) => write!(f, "{count} octets"),
            Self::AtLeast(count) => write!(f, "at least {count} octets"),
            Self::Absent => f.write_str("no key (NULL cipher)"),
            Self::DistinctParts => f.write_str("three DES keys of which neighbours differ"),
        }
    }
}

impl fmt::Display for KeyHave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Octets(count) => write!(f, "{count} octets"),
            Self::Nothing => f.write_str("none"),
            Self::FirstEqualsSecond => f.write_str("k1 = k2"),
            Self::SecondEqualsThird => f.write_str("k2 = k3"),
        }
    }
}

impl std::error::Error for KeyError {}

#[cfg(test)]
mod tests {
    use super::{DirectionKeys, KeyHave, KeyNeed, Msk, Psk, SaKeys};
    use crate::ciphersuite::algorithms;
    use wire::value::Ciphersuite;

    fn three(parts: [u8; 3]) -> Vec<u8> {
        parts.iter().flat_map(|octet| [*octet; 8]).collect()
    }

    #[test]
    fn only_exact_lengths_are_keys() {
        for suite in Ciphersuite::ALL {
            let row = algorithms(suite);
            for ikey_len in 0..40 {
                for ekey_len in 0..40 {
                    let ikey: Vec<u8> = (0..ikey_len).collect();
                    let ekey: Vec<u8> = (0..ekey_len).map(|i| i * 2).collect();
                    let given = (ekey_len > 0).then_some(ekey.as_slice());
                    let legal = ikey.len() == row.ikey_len && ekey.len() == row.ekey_len;
                    assert_eq!(DirectionKeys::new(suite, &ikey, given).is_ok(), legal);
                }
            }
        }
    }

    #[test]
    fn degenerate_triple_des_keys_are_refused_whatever_their_parity() {
        let refused = |parts| {
            let error =
                DirectionKeys::new(Ciphersuite::TripleDesSha, &[7; 20], Some(&three(parts))).unwrap_err();
            assert_eq!((error.field, error.need), ("ekey", KeyNeed::DistinctParts));
            error.have
        };
        assert_eq!(refused([0x10, 0x10, 0x20]), KeyHave::FirstEqualsSecond);
        assert_eq!(refused([0x10, 0x11, 0x20]), KeyHave::FirstEqualsSecond);
        assert_eq!(refused([0x10, 0x20, 0x20]), KeyHave::SecondEqualsThird);
        assert_eq!(refused([0x10, 0x21, 0x20]), KeyHave::SecondEqualsThird);
        assert_eq!(refused([0x10, 0x10, 0x10]), KeyHave::FirstEqualsSecond);
        let twin = three([0x10, 0x20, 0x10]);
        assert!(
            DirectionKeys::new(Ciphersuite::TripleDesSha, &[7; 20], Some(&twin)).is_ok(),
            "k1 = k3 is legal"
        );
    }

    #[test]
    fn keys_shared_by_both_directions_are_seen() {
        let keys =
            |ikey, ekey| DirectionKeys::new(Ciphersuite::Aes128Sha, &[ikey; 20], Some(&[ekey; 16])).unwrap();
        let shared = |there, back| SaKeys { mn_to_ha: there, ha_to_mn: back }.directions_share_a_key();
        assert!(!shared(keys(1, 2), keys(3, 4)));
        assert!(shared(keys(1, 2), keys(1, 4)));
        assert!(shared(keys(1, 2), keys(3, 2)));
    }

    #[test]
    fn debug_shows_no_key() {
        let keys = DirectionKeys::new(Ciphersuite::Aes128Sha, &[0xAB; 20], Some(&[0xCD; 16])).unwrap();
        assert_eq!(format!("{keys:?}"), "DirectionKeys(AES_128_CBC_SHA, ..)");
        assert_eq!(format!("{:?}", Psk::new(vec![0xAB; 32]).unwrap()), "Psk(..)");
        assert!(Psk::new(Vec::new()).is_err());
        assert_eq!(format!("{:?}", Msk::new(vec![0xAB; 64]).unwrap()), "Msk(..)");
        assert!(Msk::new(vec![0xAB; 63]).is_err());
    }
}
