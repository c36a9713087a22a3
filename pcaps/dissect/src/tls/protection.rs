//! One direction of record protection: RFC 5246 section 6.2.3, RFC 7366, RFC 7905, RFC 8446 section 5.2.
//!
//! A record is decrypted where it lies.

use core::ops::Range;

use aes::{Aes128, Aes256};
use aes_gcm::aead::{AeadInOut, Nonce, Tag};
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use cbc::cipher::array::Array;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, InnerIvInit, KeyInit};
use ccm::Ccm;
use ccm::consts::{U8, U12, U16};
use chacha20poly1305::ChaCha20Poly1305;
use des::TdesEde3;
use hmac::Hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha384};

use super::key_log::Secret;
use super::record::Header;
use super::schedule::{expand_label, hmac, next_secret, prf};
use super::suite::{CbcMac, Cipher, Suite};

const IV_LEN: usize = 12;
/// Octets of the nonce that GCM and CCM send with each record of TLS 1.2.
const EXPLICIT_LEN: usize = 8;

/// The record is not one that these keys made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

/// Keys of one direction.
pub(crate) struct Protection {
    scheme: Scheme,
    sequence: u64,
}

enum Scheme {
    Tls13 {
        aead: Aead,
        iv: [u8; IV_LEN],
        suite: &'static Suite,
        secret: Secret,
    },
    /// With the implicit part of the nonce; the rest stands before the ciphertext.
    Explicit {
        aead: Aead,
        salt: [u8; IV_LEN - EXPLICIT_LEN],
    },
    /// The nonce is made of IV and sequence number.
    Implicit {
        aead: Aead,
        iv: [u8; IV_LEN],
    },
    Cbc {
        cipher: Cbc,
        mac: CbcMac,
        mac_key: Secret,
        order: Order,
    },
}

/// Which of the two comes first with CBC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    MacThenEncrypt,
    /// RFC 7366.
    EncryptThenMac,
}

enum Aead {
    Aes128Gcm(Box<Aes128Gcm>),
    Aes256Gcm(Box<Aes256Gcm>),
    ChaCha20Poly1305(Box<ChaCha20Poly1305>),
    Aes128Ccm(Box<Ccm<Aes128, U16, U12>>),
    Aes256Ccm(Box<Ccm<Aes256, U16, U12>>),
    Aes128Ccm8(Box<Ccm<Aes128, U8, U12>>),
    Aes256Ccm8(Box<Ccm<Aes256, U8, U12>>),
}

enum Cbc {
    Aes128(Box<Aes128>),
    Aes256(Box<Aes256>),
    TripleDes(Box<TdesEde3>),
}

/// What both directions of TLS 1.2 are made from.
pub(super) struct Tls12<'a> {
    pub(super) suite: &'static Suite,
    pub(super) master: &'a [u8],
    pub(super) client_random: &'a [u8; 32],
    pub(super) server_random: &'a [u8; 32],
    pub(super) order: Order,
}

impl Tls12<'_> {
    /// Keys of the client and of the server (RFC 5246 section 6.3).
    pub(super) fn protections(&self) -> Option<[Protection; 2]> {
        let cipher = self.suite.cipher;
        let mac_len = cipher.cbc_mac().map_or(0, CbcMac::len);
        let (key_len, iv_len) = (cipher.key_len(), cipher.fixed_iv_len());
        let seed: [&[u8]; 2] = [self.server_random, self.client_random];
        let len = 2 * (mac_len + key_len + iv_len);
        let block = prf(self.suite.hash, self.master, b"key expansion", seed, len);
        let mut at = 0;
        let mut take = |len: usize| {
            at += len;
            block.get(at - len..at)
        };
        let macs = [take(mac_len)?, take(mac_len)?];
        let keys = [take(key_len)?, take(key_len)?];
        let ivs = [take(iv_len)?, take(iv_len)?];
        let [mac, others_mac] = macs;
        let [key, others_key] = keys;
        let [iv, others_iv] = ivs;
        Some([self.protection(mac, key, iv)?, self.protection(others_mac, others_key, others_iv)?])
    }

    fn protection(&self, mac_key: &[u8], key: &[u8], iv: &[u8]) -> Option<Protection> {
        let cipher = self.suite.cipher;
        let scheme = if let Some(mac) = cipher.cbc_mac() {
            let mac_key = Secret::new(mac_key.to_vec());
            Scheme::Cbc { cipher: Cbc::new(cipher, key)?, mac, mac_key, order: self.order }
        } else if cipher == Cipher::ChaCha20Poly1305 {
            Scheme::Implicit { aead: Aead::new(cipher, key)?, iv: iv.try_into().ok()? }
        } else {
            Scheme::Explicit { aead: Aead::new(cipher, key)?, salt: iv.try_into().ok()? }
        };
        Some(Protection { scheme, sequence: 0 })
    }
}

impl Protection {
    /// From a traffic secret of TLS 1.3; nothing when suite and secret do not go together.
    pub(super) fn tls13(suite: &'static Suite, secret: &[u8]) -> Option<Self> {
        let key = expand_label(suite.hash, secret, "key", suite.cipher.key_len())?;
        let iv = expand_label(suite.hash, secret, "iv", IV_LEN)?;
        let aead = Aead::new(suite.cipher, &key)?;
        let iv = iv.as_slice().try_into().ok()?;
        let scheme = Scheme::Tls13 { aead, iv, suite, secret: Secret::new(secret.to_vec()) };
        Some(Self { scheme, sequence: 0 })
    }

    /// The keys behind a KeyUpdate (RFC 8446 section 7.2); only TLS 1.3 has it.
    pub(super) fn updated(&self) -> Option<Self> {
        let Scheme::Tls13 { suite, secret, .. } = &self.scheme else { return None };
        Self::tls13(suite, &next_secret(suite.hash, secret)?)
    }

    /// Decrypts the fragment of a record; its plaintext lies in this range afterwards.
    ///
    /// # Errors
    /// When it is not what these keys made next. The record is then unchanged, except under CBC and CCM.
    pub(super) fn open(&mut self, header: Header, fragment: &mut [u8]) -> Result<Range<usize>, Refused> {
        let plaintext = self.opened(header, fragment).ok_or(Refused)?;
        self.sequence += 1;
        Ok(plaintext)
    }

    fn opened(&self, header: Header, fragment: &mut [u8]) -> Option<Range<usize>> {
        match &self.scheme {
            Scheme::Tls13 { aead, iv, .. } => {
                let nonce = counted(iv, self.sequence);
                Some(0..aead.open(&nonce, &header.octets(fragment.len())?, fragment)?)
            }
            Scheme::Implicit { aead, iv } => {
                let nonce = counted(iv, self.sequence);
                let len = fragment.len().checked_sub(aead.tag_len())?;
                Some(0..aead.open(&nonce, &self.associated(header, len)?, fragment)?)
            }
            Scheme::Explicit { aead, salt } => {
                let (explicit, rest) = fragment.split_first_chunk_mut::<EXPLICIT_LEN>()?;
                let mut nonce = [0; IV_LEN];
                let (front, back) = nonce.split_at_mut(salt.len());
                front.copy_from_slice(salt);
                back.copy_from_slice(explicit);
                let len = rest.len().checked_sub(aead.tag_len())?;
                let len = aead.open(&nonce, &self.associated(header, len)?, rest)?;
                Some(EXPLICIT_LEN..EXPLICIT_LEN + len)
            }
            Scheme::Cbc { cipher, mac, mac_key, order } => {
                let check = |len: usize, covered: &[u8], seen: &[u8]| {
                    let associated = self.associated(header, len)?;
                    (mac.of(mac_key, &[&associated, covered]) == seen).then_some(())
                };
                cipher.open(*order, mac.len(), fragment, check)
            }
        }
    }

    /// RFC 5246 section 6.2.3.1: sequence number, type, version and length.
    fn associated(&self, header: Header, len: usize) -> Option<[u8; 13]> {
        let mut octets = [0; 13];
        let (front, back) = octets.split_at_mut(8);
        front.copy_from_slice(&self.sequence.to_be_bytes());
        back.copy_from_slice(&header.octets(len)?);
        Some(octets)
    }
}

/// RFC 8446 section 5.3, RFC 7905 section 2: the IV, with the sequence number added to its end.
fn counted(iv: &[u8; IV_LEN], sequence: u64) -> [u8; IV_LEN] {
    let mut nonce = *iv;
    for (octet, count) in nonce.iter_mut().rev().zip(sequence.to_le_bytes()) {
        *octet ^= count;
    }
    nonce
}

impl Aead {
    fn new(cipher: Cipher, key: &[u8]) -> Option<Self> {
        fn keyed<A: KeyInit>(key: &[u8]) -> Option<Box<A>> {
            A::new_from_slice(key).ok().map(Box::new)
        }
        Some(match cipher {
            Cipher::Aes128Gcm => Self::Aes128Gcm(keyed(key)?),
            Cipher::Aes256Gcm => Self::Aes256Gcm(keyed(key)?),
            Cipher::ChaCha20Poly1305 => Self::ChaCha20Poly1305(keyed(key)?),
            Cipher::Aes128Ccm => Self::Aes128Ccm(keyed(key)?),
            Cipher::Aes256Ccm => Self::Aes256Ccm(keyed(key)?),
            Cipher::Aes128Ccm8 => Self::Aes128Ccm8(keyed(key)?),
            Cipher::Aes256Ccm8 => Self::Aes256Ccm8(keyed(key)?),
            Cipher::Aes128Cbc(_) | Cipher::Aes256Cbc(_) | Cipher::TripleDesCbc(_) => return None,
        })
    }

    const fn tag_len(&self) -> usize {
        match self {
            Self::Aes128Ccm8(_) | Self::Aes256Ccm8(_) => 8,
            _ => 16,
        }
    }

    /// Decrypts in place; the plaintext has so many octets, from the front on.
    fn open(&self, nonce: &[u8; IV_LEN], associated: &[u8], octets: &mut [u8]) -> Option<usize> {
        match self {
            Self::Aes128Gcm(aead) => open_with(&**aead, nonce, associated, octets),
            Self::Aes256Gcm(aead) => open_with(&**aead, nonce, associated, octets),
            Self::ChaCha20Poly1305(aead) => open_with(&**aead, nonce, associated, octets),
            Self::Aes128Ccm(aead) => open_with(&**aead, nonce, associated, octets),
            Self::Aes256Ccm(aead) => open_with(&**aead, nonce, associated, octets),
            Self::Aes128Ccm8(aead) => open_with(&**aead, nonce, associated, octets),
            Self::Aes256Ccm8(aead) => open_with(&**aead, nonce, associated, octets),
        }
    }
}

fn open_with<A: AeadInOut>(
    aead: &A,
    nonce: &[u8; IV_LEN],
    associated: &[u8],
    octets: &mut [u8],
) -> Option<usize> {
    let len = octets.len().checked_sub(Tag::<A>::default().len())?;
    let (text, tag) = octets.split_at_mut_checked(len)?;
    let nonce = Nonce::<A>::try_from(nonce.as_slice()).ok()?;
    let tag = Tag::<A>::try_from(&*tag).ok()?;
    aead.decrypt_inout_detached(&nonce, associated, text.into(), &tag).ok()?;
    Some(len)
}

impl Cbc {
    fn new(cipher: Cipher, key: &[u8]) -> Option<Self> {
        Some(match cipher {
            Cipher::Aes128Cbc(_) => Self::Aes128(Box::new(Aes128::new_from_slice(key).ok()?)),
            Cipher::Aes256Cbc(_) => Self::Aes256(Box::new(Aes256::new_from_slice(key).ok()?)),
            Cipher::TripleDesCbc(_) => Self::TripleDes(Box::new(TdesEde3::new_from_slice(key).ok()?)),
            _ => return None,
        })
    }

    const fn block_len(&self) -> usize {
        match self {
            Self::Aes128(_) | Self::Aes256(_) => 16,
            Self::TripleDes(_) => 8,
        }
    }

    /// `check` gets the length that stands under the MAC, the octets that do, and the MAC seen.
    fn open(
        &self,
        order: Order,
        mac_len: usize,
        fragment: &mut [u8],
        check: impl Fn(usize, &[u8], &[u8]) -> Option<()>,
    ) -> Option<Range<usize>> {
        let iv_len = self.block_len();
        let end = match order {
            Order::MacThenEncrypt => fragment.len(),
            Order::EncryptThenMac => {
                let end = fragment.len().checked_sub(mac_len)?;
                let (covered, seen) = fragment.split_at_checked(end)?;
                check(end, covered, seen)?;
                end
            }
        };
        let (iv, text) = fragment.get_mut(..end)?.split_at_mut_checked(iv_len)?;
        self.decrypt(iv, text)?;
        let padding = usize::from(*text.last()?);
        let padded = text.len().checked_sub(padding + 1)?;
        if text.get(padded..)?.iter().any(|&octet| usize::from(octet) != padding) {
            return None;
        }
        let len = match order {
            Order::EncryptThenMac => padded,
            Order::MacThenEncrypt => {
                let len = padded.checked_sub(mac_len)?;
                check(len, text.get(..len)?, text.get(len..padded)?)?;
                len
            }
        };
        Some(iv_len..iv_len + len)
    }

    fn decrypt(&self, iv: &[u8], text: &mut [u8]) -> Option<()> {
        match self {
            Self::Aes128(cipher) => decrypt_with(&**cipher, iv, text),
            Self::Aes256(cipher) => decrypt_with(&**cipher, iv, text),
            Self::TripleDes(cipher) => decrypt_with(&**cipher, iv, text),
        }
    }
}

fn decrypt_with<C: BlockCipherDecrypt>(cipher: &C, iv: &[u8], text: &mut [u8]) -> Option<()> {
    let iv = Array::try_from(iv).ok()?;
    let (blocks, rest) = Array::<u8, C::BlockSize>::slice_as_chunks_mut(text);
    if !rest.is_empty() {
        return None;
    }
    cbc::Decryptor::inner_iv_init(cipher, &iv).decrypt_blocks(blocks);
    Some(())
}

impl Cipher {
    const fn key_len(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128Ccm | Self::Aes128Ccm8 | Self::Aes128Cbc(_) => 16,
            Self::TripleDesCbc(_) => 24,
            Self::Aes256Gcm
            | Self::ChaCha20Poly1305
            | Self::Aes256Ccm
            | Self::Aes256Ccm8
            | Self::Aes256Cbc(_) => 32,
        }
    }

    /// Octets of the IV in the key block of TLS 1.2.
    const fn fixed_iv_len(self) -> usize {
        match self {
            Self::ChaCha20Poly1305 => IV_LEN,
            Self::Aes128Cbc(_) | Self::Aes256Cbc(_) | Self::TripleDesCbc(_) => 0,
            _ => IV_LEN - EXPLICIT_LEN,
        }
    }

    const fn cbc_mac(self) -> Option<CbcMac> {
        match self {
            Self::Aes128Cbc(mac) | Self::Aes256Cbc(mac) | Self::TripleDesCbc(mac) => Some(mac),
            _ => None,
        }
    }
}

impl CbcMac {
    const fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }

    fn of(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha1 => hmac::<Hmac<Sha1>>(key, parts),
            Self::Sha256 => hmac::<Hmac<Sha256>>(key, parts),
            Self::Sha384 => hmac::<Hmac<Sha384>>(key, parts),
        }
    }
}
