//! Ciphers and MACs of RFC 8221 that are here anyway, by the names that Wireshark gives them.

use aes::{Aes128, Aes192, Aes256};
use aes_gcm::aead::{AeadInOut, Nonce, Tag};
use aes_gcm::{Aes128Gcm, Aes256Gcm};
use cbc::cipher::array::Array;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, InnerIvInit, KeyInit};
use crypto::xcbc::Xcbc;
use des::{Des, TdesEde3};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::EspIcv;

/// Octets of salt behind a key of GCM, and of the IV in a packet (RFC 4106).
const SALT_LEN: usize = 4;
const GCM_IV_LEN: usize = 8;

/// Why an SA of the table cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// An algorithm that is not here.
    Algorithm,
    /// A key that its algorithm cannot have.
    Key,
}

/// What decrypts.
pub(super) enum Cipher {
    Null,
    Aes128(Box<Aes128>),
    Aes192(Box<Aes192>),
    Aes256(Box<Aes256>),
    Des(Box<Des>),
    TripleDes(Box<TdesEde3>),
    Gcm128(Box<Aes128Gcm>, [u8; SALT_LEN]),
    Gcm256(Box<Aes256Gcm>, [u8; SALT_LEN]),
}

/// What a cipher made of a packet.
pub(super) enum Text {
    Plain(Vec<u8>),
    /// A cipher that has a MAC of its own says that the packet is not what was sent.
    Refused,
    /// Too short for it, or no whole blocks.
    Unfit,
}

/// What an ICV is made with.
pub(super) enum Integrity {
    Null,
    HmacSha1(Zeroizing<Vec<u8>>),
    /// With the octets that are left of it.
    HmacSha256(Zeroizing<Vec<u8>>, usize),
    HmacSha384(Zeroizing<Vec<u8>>),
    HmacSha512(Zeroizing<Vec<u8>>),
    AesXcbc(Box<Xcbc>),
}

/// The name of an algorithm without the RFC behind it.
fn short(name: &str) -> &str {
    name.split(" [").next().unwrap_or(name)
}

impl Cipher {
    pub(super) fn new(name: &str, key: &[u8]) -> Result<Self, Unfit> {
        match short(name) {
            "NULL" => Ok(Self::Null),
            "AES-CBC" => match key.len() {
                16 => keyed(key).map(Self::Aes128),
                24 => keyed(key).map(Self::Aes192),
                _ => keyed(key).map(Self::Aes256),
            },
            "DES-CBC" => keyed(key).map(Self::Des),
            "TripleDES-CBC" => keyed(key).map(Self::TripleDes),
            "AES-GCM with 16 octet ICV" => {
                let (key, salt) = key.split_last_chunk().ok_or(Unfit::Key)?;
                match key.len() {
                    16 => keyed(key).map(|aead| Self::Gcm128(aead, *salt)),
                    _ => keyed(key).map(|aead| Self::Gcm256(aead, *salt)),
                }
            }
            _ => Err(Unfit::Algorithm),
        }
    }

    /// Whether it says itself that a packet is the one that was sent.
    pub(super) const fn is_combined(&self) -> bool {
        matches!(self, Self::Gcm128(..) | Self::Gcm256(..))
    }

    /// Decrypts what stands behind the header.
    pub(super) fn decrypt(&self, header: &[u8], body: &[u8]) -> Text {
        match self {
            Self::Null => Text::Plain(body.to_vec()),
            Self::Aes128(cipher) => cbc(&**cipher, body),
            Self::Aes192(cipher) => cbc(&**cipher, body),
            Self::Aes256(cipher) => cbc(&**cipher, body),
            Self::Des(cipher) => cbc(&**cipher, body),
            Self::TripleDes(cipher) => cbc(&**cipher, body),
            Self::Gcm128(aead, salt) => gcm(&**aead, *salt, header, body),
            Self::Gcm256(aead, salt) => gcm(&**aead, *salt, header, body),
        }
    }
}

fn keyed<C: KeyInit>(key: &[u8]) -> Result<Box<C>, Unfit> {
    C::new_from_slice(key).map(Box::new).map_err(|_| Unfit::Key)
}

fn cbc<C: BlockCipherDecrypt>(cipher: &C, body: &[u8]) -> Text {
    let block = C::block_size();
    let Some((iv, text)) = body.split_at_checked(block) else { return Text::Unfit };
    let Ok(iv) = Array::try_from(iv) else { return Text::Unfit };
    let mut text = text.to_vec();
    let (blocks, rest) = Array::<u8, C::BlockSize>::slice_as_chunks_mut(&mut text);
    if !rest.is_empty() {
        return Text::Unfit;
    }
    cbc::Decryptor::inner_iv_init(cipher, &iv).decrypt_blocks(blocks);
    Text::Plain(text)
}

fn gcm<A: AeadInOut>(aead: &A, salt: [u8; SALT_LEN], header: &[u8], body: &[u8]) -> Text {
    let parts = || {
        let (iv, rest) = body.split_at_checked(GCM_IV_LEN)?;
        let (text, tag) = rest.split_at_checked(rest.len().checked_sub(Tag::<A>::default().len())?)?;
        let nonce = Nonce::<A>::try_from([&salt, iv].concat().as_slice()).ok()?;
        Some((nonce, text.to_vec(), Tag::<A>::try_from(tag).ok()?))
    };
    let Some((nonce, mut text, tag)) = parts() else { return Text::Unfit };
    match aead.decrypt_inout_detached(&nonce, header, text.as_mut_slice().into(), &tag) {
        Ok(()) => Text::Plain(text),
        Err(_) => Text::Refused,
    }
}

impl Integrity {
    pub(super) fn new(name: &str, key: &[u8]) -> Result<Self, Unfit> {
        let owned = || Zeroizing::new(key.to_vec());
        match short(name) {
            "NULL" => Ok(Self::Null),
            "HMAC-SHA-1-96" => Ok(Self::HmacSha1(owned())),
            "HMAC-SHA-256-96" => Ok(Self::HmacSha256(owned(), 12)),
            "HMAC-SHA-256-128" => Ok(Self::HmacSha256(owned(), 16)),
            "HMAC-SHA-384-192" => Ok(Self::HmacSha384(owned())),
            "HMAC-SHA-512-256" => Ok(Self::HmacSha512(owned())),
            "AES-XCBC-MAC-96" => {
                let key = key.try_into().map_err(|_| Unfit::Key)?;
                Ok(Self::AesXcbc(Box::new(Xcbc::new(key))))
            }
            _ => Err(Unfit::Algorithm),
        }
    }

    /// Octets of an ICV.
    pub(super) const fn len(&self) -> usize {
        match self {
            Self::Null => 0,
            Self::HmacSha1(_) | Self::AesXcbc(_) => 12,
            Self::HmacSha256(_, len) => *len,
            Self::HmacSha384(_) => 24,
            Self::HmacSha512(_) => 32,
        }
    }

    pub(super) fn judge(&self, covered: &[u8], icv: &[u8]) -> EspIcv {
        let mac = match self {
            Self::Null => return EspIcv::Absent,
            Self::HmacSha1(key) => hmac::<Hmac<Sha1>>(key, covered),
            Self::HmacSha256(key, _) => hmac::<Hmac<Sha256>>(key, covered),
            Self::HmacSha384(key) => hmac::<Hmac<Sha384>>(key, covered),
            Self::HmacSha512(key) => hmac::<Hmac<Sha512>>(key, covered),
            Self::AesXcbc(xcbc) => xcbc.mac(covered).to_vec(),
        };
        if mac.get(..self.len()) == Some(icv) { EspIcv::Good } else { EspIcv::Wrong }
    }
}

fn hmac<M: Mac + KeyInit>(key: &[u8], covered: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
    mac.update(covered);
    mac.finalize().into_bytes().to_vec()
}
