//! RFC 2104 with SHA-1 under keys of 160 bits (RFC 2404), for packets side by side.
//!
//! What computes a block, the compression function, is that of the crate `sha1`. A processor with instructions for it
//! spends most of a block waiting for the result of the block before; here the blocks of several packets come in turns,
//! and fill each other's waits.
//!
//! ```text
//!  inner = SHA-1((K ^ 0x36 0x36 ..) | message)
//!  MAC   = SHA-1((K ^ 0x5c 0x5c ..) | inner)
//! ```

use core::slice;

use sha1::block_api::compress;
use zeroize::Zeroize;

const BLOCK: usize = 64;
/// Packets side by side. With three, the processor waits no more.
const LANES: usize = 4;
/// FIPS 180-4 section 5.3.1.
const START: State = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

type State = [u32; 5];

/// A keyed HMAC-SHA1: what SHA-1 has become behind each of the two keyed blocks. Wiped when dropped.
#[derive(Clone)]
pub(crate) struct HmacSha1 {
    inner: State,
    outer: State,
}

/// A message on its way through SHA-1, behind a keyed block.
struct Lane<'m> {
    state: State,
    whole: &'m [[u8; BLOCK]],
    /// What is left of the message, and the padding of FIPS 180-4 section 5.1.1.
    tail: [[u8; BLOCK]; 2],
    /// Blocks of the tail that are used.
    tails: usize,
}

impl HmacSha1 {
    pub(crate) fn new(key: &[u8; 20]) -> Self {
        let keyed = |pad| {
            let mut block = [pad; BLOCK];
            block.iter_mut().zip(key).for_each(|(octet, key)| *octet ^= key);
            let mut state = START;
            compress(&mut state, slice::from_ref(&block));
            block.zeroize();
            state
        };
        Self { inner: keyed(0x36), outer: keyed(0x5c) }
    }

    /// The full MAC of 20 octets.
    pub(crate) fn mac(&self, message: &[u8]) -> [u8; 20] {
        let [mac] = self.side_by_side([message]);
        mac
    }

    /// The full MACs of several messages. As many come out as go in.
    pub(crate) fn macs(&self, messages: &[&[u8]]) -> Vec<[u8; 20]> {
        let (groups, rest) = messages.as_chunks::<LANES>();
        let groups = groups.iter().flat_map(|group| self.side_by_side(*group));
        groups.chain(rest.iter().map(|message| self.mac(message))).collect()
    }

    fn side_by_side<const N: usize>(&self, messages: [&[u8]; N]) -> [[u8; 20]; N] {
        let inner = digests(messages.map(|message| Lane::new(self.inner, message)));
        digests(inner.each_ref().map(|digest| Lane::new(self.outer, digest)))
    }
}

impl Drop for HmacSha1 {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// Runs lanes to their ends, a block of each in turn.
fn digests<const N: usize>(mut lanes: [Lane<'_>; N]) -> [[u8; 20]; N] {
    let most = lanes.iter().map(|lane| lane.whole.len() + lane.tails).max().unwrap_or_default();
    for nth in 0..most {
        lanes.iter_mut().for_each(|lane| lane.take(nth));
    }
    lanes.map(|lane| lane.digest())
}

impl<'m> Lane<'m> {
    fn new(state: State, message: &'m [u8]) -> Self {
        /// What ends every message: one octet, and its length in bits.
        const END: u8 = 0x80;
        const LENGTH: usize = 8;
        let (whole, rest) = message.as_chunks();
        let mut tail = [[0; BLOCK]; 2];
        if let Some((front, [end, ..])) = tail.as_flattened_mut().split_at_mut_checked(rest.len()) {
            front.copy_from_slice(rest);
            *end = END;
        }
        let tails = if rest.len() + 1 + LENGTH <= BLOCK { 1 } else { 2 };
        let bits = 8 * (BLOCK + message.len()) as u64;
        if let Some(length) = tail.get_mut(tails - 1).and_then(|last| last.last_chunk_mut()) {
            *length = bits.to_be_bytes();
        }
        Self { state, whole, tail, tails }
    }

    /// Takes the next block, unless the message is at its end.
    fn take(&mut self, nth: usize) {
        let Self { state, whole, tail, tails } = self;
        let block = whole.get(nth).or_else(|| tail.get(..*tails)?.get(nth - whole.len()));
        if let Some(block) = block {
            compress(state, slice::from_ref(block));
        }
    }

    fn digest(&self) -> [u8; 20] {
        let mut digest = [0; 20];
        let (words, _) = digest.as_chunks_mut();
        words.iter_mut().zip(self.state).for_each(|(octets, word)| *octets = word.to_be_bytes());
        digest
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use proptest::prelude::*;
    use sha1::Sha1;

    use super::*;

    proptest! {
        #[test]
        fn each_mac_is_the_one_that_another_makes(
            key: [u8; 20],
            messages in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..10),
        ) {
            let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
            let macs = HmacSha1::new(&key).macs(&messages);
            prop_assert_eq!(macs.len(), messages.len());
            for (mac, message) in macs.iter().zip(&messages) {
                let other = Hmac::<Sha1>::new_from_slice(&key).expect("any length").chain_update(message);
                prop_assert_eq!(&mac[..], &other.finalize().into_bytes()[..]);
            }
        }
    }

    /// Around the lengths at which padding takes another block.
    #[test]
    fn every_length_has_its_padding() {
        let key = [7; 20];
        for len in 0..200 {
            let message = vec![3; len];
            let other = Hmac::<Sha1>::new_from_slice(&key).expect("any length").chain_update(&message);
            assert_eq!(
                HmacSha1::new(&key).mac(&message)[..],
                other.finalize().into_bytes()[..],
                "{len} octets"
            );
        }
    }
}
