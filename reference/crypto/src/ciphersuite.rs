//! RFC 6618 section 5.6.5: what each of the five ciphersuites stands for.
//!
//! The names mislead: a `SHA256` suite has no SHA-256 in it, its integrity algorithm is AES-XCBC-MAC-96.

use wire::value::Ciphersuite;

/// What computes the ICV. Both give 96 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integrity {
    /// HMAC-SHA1-96, RFC 2404.
    HmacSha1,
    /// AES-XCBC-MAC-96, RFC 3566.
    AesXcbc,
}

/// What hides the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher {
    /// Nothing, RFC 2410.
    Null,
    /// Triple DES in CBC mode, three keys, RFC 2451.
    TripleDesCbc,
    /// AES-CBC with a key of 128 bits, RFC 3602.
    Aes128Cbc,
}

/// The algorithms of a suite, with the lengths that they fix. All lengths are in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Algorithms {
    /// The integrity algorithm.
    pub integrity: Integrity,
    /// Length of the integrity key.
    pub ikey_len: usize,
    /// The encryption algorithm.
    pub cipher: Cipher,
    /// Length of the encryption key; 0 when there is none. Parity bits of triple DES are counted.
    pub ekey_len: usize,
    /// Block length of the cipher.
    pub block_len: usize,
    /// Length of the explicit IV at the front of the payload.
    pub iv_len: usize,
    /// Payload, padding and two octets of trailer are a multiple of this.
    pub align: u8,
}

/// The row of `suite`.
#[must_use]
pub const fn algorithms(suite: Ciphersuite) -> &'static Algorithms {
    match suite {
        Ciphersuite::NullSha => &NULL_SHA,
        Ciphersuite::NullSha256 => &NULL_SHA256,
        Ciphersuite::TripleDesSha => &TRIPLE_DES_SHA,
        Ciphersuite::Aes128Sha => &AES_128_SHA,
        Ciphersuite::Aes128Sha256 => &AES_128_SHA256,
    }
}

const NULL_SHA: Algorithms = Algorithms {
    integrity: Integrity::HmacSha1,
    ikey_len: 20,
    cipher: Cipher::Null,
    ekey_len: 0,
    block_len: 1,
    iv_len: 0,
    align: 4,
};

const NULL_SHA256: Algorithms = Algorithms { integrity: Integrity::AesXcbc, ikey_len: 16, ..NULL_SHA };

const TRIPLE_DES_SHA: Algorithms = Algorithms {
    integrity: Integrity::HmacSha1,
    ikey_len: 20,
    cipher: Cipher::TripleDesCbc,
    ekey_len: 24,
    block_len: 8,
    iv_len: 8,
    align: 8,
};

const AES_128_SHA: Algorithms = Algorithms {
    integrity: Integrity::HmacSha1,
    ikey_len: 20,
    cipher: Cipher::Aes128Cbc,
    ekey_len: 16,
    block_len: 16,
    iv_len: 16,
    align: 16,
};

const AES_128_SHA256: Algorithms = Algorithms { integrity: Integrity::AesXcbc, ikey_len: 16, ..AES_128_SHA };
