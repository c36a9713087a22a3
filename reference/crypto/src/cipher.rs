//! RFC 2410, RFC 2451 and RFC 3602: the three ciphers, in CBC mode where there is one.

use aes::cipher::array::ArraySize;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, InnerIvInit, KeyInit};
use aes::{Aes128Dec, Aes128Enc};
use des::TdesEde3;

use crate::keys::CipherKey;
use crate::lanes::{self, Block, Chain, Replace};

/// A keyed cipher for sending.
#[derive(Clone)]
pub(crate) enum Encryptor {
    Null,
    TripleDes(Box<TdesEde3>),
    Aes128(Aes128Enc),
}

/// A keyed cipher for receiving.
#[derive(Clone)]
pub(crate) enum Decryptor {
    Null,
    TripleDes(Box<TdesEde3>),
    Aes128(Aes128Dec),
}

/// One text with its IV.
pub(crate) struct Text<'a> {
    /// At least one block where the mode has an IV; what is missing counts as zero.
    pub(crate) iv: &'a [u8],
    /// Changed in place. Only whole blocks are; a forged text may have octets left over, they stay as they are.
    pub(crate) octets: &'a mut [u8],
}

impl Encryptor {
    pub(crate) fn new(key: &CipherKey) -> Self {
        match key {
            CipherKey::Null => Self::Null,
            CipherKey::TripleDes(key) => Self::TripleDes(Box::new(TdesEde3::new((&**key).into()))),
            CipherKey::Aes128(key) => Self::Aes128(Aes128Enc::new((&**key).into())),
        }
    }

    /// Encrypts the texts side by side.
    pub(crate) fn encrypt(&self, texts: Vec<Text<'_>>) {
        match self {
            Self::Null => {}
            Self::TripleDes(cipher) => cbc_encrypt(&**cipher, texts),
            Self::Aes128(cipher) => cbc_encrypt(cipher, texts),
        }
    }
}

impl Decryptor {
    pub(crate) fn new(key: &CipherKey) -> Self {
        match key {
            CipherKey::Null => Self::Null,
            CipherKey::TripleDes(key) => Self::TripleDes(Box::new(TdesEde3::new((&**key).into()))),
            CipherKey::Aes128(key) => Self::Aes128(Aes128Dec::new((&**key).into())),
        }
    }

    /// Decrypts one text. CBC decryption needs no neighbours: its blocks are independent of each other.
    pub(crate) fn decrypt(&self, text: Text<'_>) {
        match self {
            Self::Null => {}
            Self::TripleDes(cipher) => cbc_decrypt(&**cipher, text),
            Self::Aes128(cipher) => cbc_decrypt(cipher, text),
        }
    }
}

fn cbc_encrypt<C: BlockCipherEncrypt>(cipher: &C, texts: Vec<Text<'_>>) {
    let mut chains: Vec<_> = texts
        .into_iter()
        .map(|Text { iv, octets }| Chain { state: one_block(iv), lane: Replace::whole_blocks_of(octets) })
        .collect();
    lanes::run(cipher, &mut chains);
}

fn cbc_decrypt<C: BlockCipherDecrypt>(cipher: &C, Text { iv, octets }: Text<'_>) {
    let (blocks, _) = Block::slice_as_chunks_mut(octets);
    cbc::Decryptor::inner_iv_init(cipher, &one_block(iv)).decrypt_blocks(blocks);
}

fn one_block<N: ArraySize>(iv: &[u8]) -> Block<N> {
    let mut block = Block::<N>::default();
    for (to, from) in block.iter_mut().zip(iv) {
        *to = *from;
    }
    block
}
