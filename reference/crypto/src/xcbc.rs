//! RFC 3566: AES-XCBC-MAC, the integrity algorithm of the two `SHA256` suites (RFC 6618 section 5.6.5).
//!
//! ```text
//!  K1, K2, K3 = AES-K of 16 octets 0x01, 0x02, 0x03
//!  E[0] = 0;  E[i] = AES-K1(M[i] ^ E[i-1])         for all blocks but the last
//!  last block of 16 octets:   AES-K1(M[n] ^ E[n-1] ^ K2)
//!  shorter (or no) block:     AES-K1((M[n] | 0x80 | 0..) ^ E[n-1] ^ K3)
//! ```

use aes::Aes128Enc;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use zeroize::Zeroize;

use crate::lanes::{self, Absorb, Block, Chain};

/// A keyed AES-XCBC-MAC. Wiped when dropped.
#[derive(Clone)]
pub struct Xcbc {
    k1: Aes128Enc,
    k2: Block<U16>,
    k3: Block<U16>,
}

impl Xcbc {
    /// Derives the three keys of section 4.
    #[must_use]
    pub fn new(key: &[u8; 16]) -> Self {
        let cipher = Aes128Enc::new(key.into());
        let derive = |octet: u8| {
            let mut block = Block::<U16>::from([octet; 16]);
            cipher.encrypt_block(&mut block);
            block
        };
        let mut k1 = derive(1);
        let keyed = Self { k1: Aes128Enc::new(&k1), k2: derive(2), k3: derive(3) };
        k1.zeroize();
        keyed
    }

    /// The full MAC of 16 octets. The ICV of a packet is its first 12.
    #[must_use]
    pub fn mac(&self, message: &[u8]) -> [u8; 16] {
        let (head, last) = self.split(message);
        let mut chains = [Chain { state: Block::<U16>::default(), lane: Absorb::new(head) }];
        lanes::run(&self.k1, &mut chains);
        let [Chain { mut state, .. }] = chains;
        lanes::xor(&mut state, &last);
        self.k1.encrypt_block(&mut state);
        state.into()
    }

    /// The full MACs of several messages, computed side by side. As many come out as go in.
    #[must_use]
    pub fn macs(&self, messages: &[&[u8]]) -> Vec<[u8; 16]> {
        let (heads, lasts): (Vec<_>, Vec<_>) = messages.iter().map(|message| self.split(message)).unzip();
        let mut chains: Vec<_> = heads
            .into_iter()
            .map(|head| Chain { state: Block::<U16>::default(), lane: Absorb::new(head) })
            .collect();
        lanes::run(&self.k1, &mut chains);
        let mut states: Vec<_> = chains.into_iter().map(|chain| chain.state).collect();
        for (state, last) in states.iter_mut().zip(&lasts) {
            lanes::xor(state, last);
        }
        self.k1.encrypt_blocks(&mut states);
        states.into_iter().map(Into::into).collect()
    }

    /// All blocks but the last, and the last one padded and joined with K2 or K3.
    fn split<'m>(&self, message: &'m [u8]) -> (&'m [Block<U16>], Block<U16>) {
        let (blocks, rest) = Block::<U16>::slice_as_chunks(message);
        let mut last = Block::<U16>::default();
        match (rest, blocks.split_last()) {
            ([], Some((whole, head))) => {
                last.clone_from(whole);
                lanes::xor(&mut last, &self.k2);
                (head, last)
            }
            _ => {
                for (to, from) in last.iter_mut().zip(rest.iter().chain(&[0x80])) {
                    *to = *from;
                }
                lanes::xor(&mut last, &self.k3);
                (blocks, last)
            }
        }
    }
}

impl Drop for Xcbc {
    fn drop(&mut self) {
        self.k2.zeroize();
        self.k3.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::Xcbc;

    const KEY: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    /// RFC 3566 section 4.6, test cases 1 to 7: message length, and the MAC in full.
    const RFC_3566: [(usize, &str); 7] = [
        (0, "75f0251d528ac01c4573dfd584d79f29"),
        (3, "5b376580ae2f19afe7219ceef172756f"),
        (16, "d2a246fa349b68a79998a4394ff7a263"),
        (20, "47f51b4564966215b8985c63055ed308"),
        (32, "f54f0ec8d2b9f3d36807734bd5283fd4"),
        (34, "becbb3bccdb518a30677d5481fb6b4d8"),
        (1000, "f0dafee895db30253761103b5d84528f"),
    ];

    /// The messages count up from 0; only case 7 is all zero.
    fn message(len: usize) -> Vec<u8> {
        (0..len).map(|i| if len == 1000 { 0 } else { u8::try_from(i).unwrap() }).collect()
    }

    #[test]
    fn published_cases_one_by_one() {
        for (len, mac) in RFC_3566 {
            let want = wire::value::hex::decode(mac.as_bytes()).unwrap();
            assert_eq!(Xcbc::new(&KEY).mac(&message(len)).as_slice(), want, "{len} octets");
        }
    }

    #[test]
    fn published_cases_in_one_batch() {
        let messages: Vec<Vec<u8>> = RFC_3566.iter().map(|(len, _)| message(*len)).collect();
        let batch: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let macs = Xcbc::new(&KEY).macs(&batch);
        for ((len, want), mac) in RFC_3566.iter().zip(macs) {
            assert_eq!(mac.as_slice(), wire::value::hex::decode(want.as_bytes()).unwrap(), "{len} octets");
        }
    }
}
