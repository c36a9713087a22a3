//! RFC 2410, RFC 2451 and RFC 3602: the three ciphers, in CBC mode where there is one.

use aes::cipher::array::ArraySize;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
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

/// One text to encrypt, with its IV.
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

    /// Decrypts texts that stand one behind the other, each of whole blocks. Of each, `chained` gives what CBC adds to its
    /// blocks behind the cipher: the IV, then the ciphertext but for its last block. All blocks go through the cipher
    /// together, since those of a short text do not fill it.
    pub(crate) fn decrypt<'a>(&self, texts: &mut [u8], chained: impl Iterator<Item = &'a [u8]>) {
        match self {
            Self::Null => return,
            Self::TripleDes(cipher) => every_block(&**cipher, texts),
            Self::Aes128(cipher) => every_block(cipher, texts),
        }
        let mut rest = texts;
        for with in chained {
            let (text, more) = rest.split_at_mut(with.len().min(rest.len()));
            text.iter_mut().zip(with).for_each(|(octet, with)| *octet ^= with);
            rest = more;
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

fn every_block<C: BlockCipherDecrypt>(cipher: &C, octets: &mut [u8]) {
    let (blocks, _) = Block::slice_as_chunks_mut(octets);
    cipher.decrypt_blocks(blocks);
}

fn one_block<N: ArraySize>(iv: &[u8]) -> Block<N> {
    let mut block = Block::<N>::default();
    for (to, from) in block.iter_mut().zip(iv) {
        *to = *from;
    }
    block
}

#[cfg(test)]
mod tests {
    use super::{Decryptor, Encryptor, Text};
    use crate::keys::CipherKey;
    use wire::value::hex;
    use zeroize::Zeroizing;

    /// Key, IV, plaintext, ciphertext.
    type Row = [&'static str; 4];

    /// RFC 3602 section 4, cases 1 to 4.
    const AES_128_CBC: [Row; 4] = [
        [
            "06a9214036b8a15b512e03d534120006",
            "3dafba429d9eb430b422da802c9fac41",
            "53696e676c6520626c6f636b206d7367",
            "e353779c1079aeb82708942dbe77181a",
        ],
        [
            "c286696d887c9aa0611bbb3e2025a45a",
            "562e17996d093d28ddb3ba695a2e6f58",
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1",
        ],
        [
            "6c3ea0477630ce21a2ce334aa746c2cd",
            "c782dc4c098c66cbd9cd27d825682c81",
            "5468697320697320612034382d62797465206d657373616765202865786163746c7920332041455320626c6f636b7329",
            "d0a02b3836451753d493665d33f0e8862dea54cdb293abc7506939276772f8d5021c19216bad525c8579695d83ba2684",
        ],
        [
            "56e47a38c5598974bc46903dba290349",
            "8ce82eefbea0da3c44699ed7db51b7d9",
            "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf\
             c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf",
            "c30e32ffedc0774e6aff6af0869f71aa0f3af07a9a31a9c684db207eb0ef8e4e\
             35907aa632c3ffdf868bb7b29d3d46ad83ce9f9a102ee99d49a53e87f4c3da55",
        ],
    ];

    /// NIST, example values for SP 800-38A with TDES in CBC mode (three keys), and CAVP TCBCMMT3, encryption,
    /// counts 0 to 3.
    const TRIPLE_DES_CBC: [Row; 5] = [
        [
            "0123456789abcdef23456789abcdef01456789abcdef0123",
            "f69f2445df4f9b17",
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
            "2079c3d53aa763e193b79e2569ab5262516570481f25b50f73c0bda85c8e0da7",
        ],
        [
            "b5cb1504802326c73df186e3e352a20de643b0d63ee30e37",
            "43f791134c5647ba",
            "dcc153cef81d6f24",
            "92538bd8af18d3ba",
        ],
        [
            "a49d7564199e97cb529d2c9d97bf2f98d35edf57ba1f7358",
            "c2e999cb6249023c",
            "c689aee38a301bb316da75db36f110b5",
            "e9afaba5ec75ea1bbe65506655bb4ecb",
        ],
        [
            "1a5d4c0825072a15a8ad9dfdaeda8c048adffb85bc4fced0",
            "7fcfa736f7548b6f",
            "983c3edacd939406010e1bc6ff9e12320ac5008117fa8f84",
            "d84fa24f38cf451ca2c9adc960120bd8ff9871584fe31cee",
        ],
        [
            "d98aadc76d4a3716158c32866efbb9ce834af2297379a49d",
            "3c5220327c502b44",
            "6174079dda53ca723ebf00a66837f8d5ce648c08acaa5ee45ffe62210ef79d3e",
            "f5bd4d600bed77bec78409e3530ebda1d815506ed53103015b87e371ae000958",
        ],
    ];

    fn both_ways(rows: &[Row], key: impl Fn(&[u8]) -> CipherKey) {
        for row in rows {
            let [octets, iv, plaintext, ciphertext] =
                row.map(|digits| hex::decode(digits.as_bytes()).unwrap());
            let key = key(&octets);
            let mut text = plaintext.clone();
            Encryptor::new(&key).encrypt(vec![Text { iv: &iv, octets: &mut text }]);
            assert_eq!(text, ciphertext);
            let chained = [iv, ciphertext].concat();
            Decryptor::new(&key).decrypt(&mut text, std::iter::once(&chained[..plaintext.len()]));
            assert_eq!(text, plaintext);
        }
    }

    #[test]
    fn aes_128_cbc_as_published() {
        both_ways(&AES_128_CBC, |key| CipherKey::Aes128(Zeroizing::new(key.try_into().unwrap())));
    }

    #[test]
    fn triple_des_cbc_as_published() {
        both_ways(&TRIPLE_DES_CBC, |key| CipherKey::TripleDes(Zeroizing::new(key.try_into().unwrap())));
    }

    #[test]
    fn null_changes_nothing() {
        both_ways(&[["00", "00", "0102030405", "0102030405"]], |_| CipherKey::Null);
    }
}
