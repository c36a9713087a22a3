//! CBC chains of several packets, side by side.
//!
//! A CBC chain is serial: each block waits for the one before. The chains of different packets do not wait
//! for each other, and a processor has several AES rounds in flight at once. So up to [`LANES`] packets of one
//! key advance together, one block each per step. CBC encryption and AES-XCBC-MAC differ only in what goes in
//! and what is kept, which is what [`Lane`] says.

use std::cmp::Reverse;

use aes::cipher::array::{Array, ArraySize};
use aes::cipher::inout::InOutBuf;
use aes::cipher::{BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt, BlockSizeUser};

/// How many chains advance together. Eight fill the pipeline of an AES unit; more were not faster.
pub(crate) const LANES: usize = 8;

/// One block of a cipher with blocks of `N` octets.
pub(crate) type Block<N> = Array<u8, N>;

/// One chain: its running state (first the IV, or zero), and the blocks it has to go through.
pub(crate) struct Chain<N: ArraySize, L> {
    pub(crate) state: Block<N>,
    pub(crate) lane: L,
}

/// The blocks of one chain.
pub(crate) trait Lane<N: ArraySize> {
    /// Blocks that are still to come.
    fn blocks_left(&self) -> usize;

    /// Adds the next block to `state`, which is then encrypted.
    fn absorb(&mut self, state: &mut Block<N>);

    /// Sees `state` after its encryption.
    fn keep(&mut self, state: &Block<N>);
}

/// CBC encryption: each block is replaced by its ciphertext.
pub(crate) struct Replace<'a, N: ArraySize> {
    blocks: std::slice::IterMut<'a, Block<N>>,
    current: Option<&'a mut Block<N>>,
}

/// CBC-MAC: the blocks are read, only the last state matters.
pub(crate) struct Absorb<'a, N: ArraySize>(std::slice::Iter<'a, Block<N>>);

/// Takes all chains to their ends, at most [`LANES`] at a time.
pub(crate) fn run<C: BlockCipherEncrypt, L: Lane<C::BlockSize>>(
    cipher: &C,
    chains: &mut [Chain<C::BlockSize, L>],
) {
    let mut longest_first: Vec<_> = chains.iter_mut().collect();
    longest_first.sort_by_key(|chain| Reverse(chain.lane.blocks_left()));
    for group in longest_first.chunks_mut(LANES) {
        cipher.encrypt_with_backend(Group(group));
    }
}

/// At most [`LANES`] chains, longest first.
struct Group<'g, 'c, N: ArraySize, L>(&'g mut [&'c mut Chain<N, L>]);

impl<N: ArraySize, L> BlockSizeUser for Group<'_, '_, N, L> {
    type BlockSize = N;
}

impl<N: ArraySize, L: Lane<N>> BlockCipherEncClosure for Group<'_, '_, N, L> {
    // The backend is a function with AES instructions enabled: what is not inlined into it loses them.
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = N>>(self, backend: &B) {
        // The states stand together while they run, so that a backend can take them in one go.
        let mut states: [Block<N>; LANES] = Default::default();
        for (state, chain) in states.iter_mut().zip(self.0.iter()) {
            state.clone_from(&chain.state);
        }
        // Longest first: the chains that still have blocks are always the leading ones.
        loop {
            let running = self.0.iter().take_while(|chain| chain.lane.blocks_left() > 0).count();
            let (Some(states), Some(chains)) = (states.get_mut(..running), self.0.get_mut(..running)) else {
                break;
            };
            let Some(steps) = chains.last().map(|shortest| shortest.lane.blocks_left()) else { break };
            for _ in 0..steps {
                step(backend, states, chains);
            }
        }
        for (state, chain) in states.iter().zip(self.0.iter_mut()) {
            chain.state.clone_from(state);
        }
    }
}

/// One block further in every chain.
#[inline(always)]
fn step<N: ArraySize, L: Lane<N>, B: BlockCipherEncBackend<BlockSize = N>>(
    backend: &B,
    states: &mut [Block<N>],
    chains: &mut [&mut Chain<N, L>],
) {
    for (state, chain) in states.iter_mut().zip(chains.iter_mut()) {
        chain.lane.absorb(state);
    }
    let (full, rest) = InOutBuf::from(&mut *states).into_chunks();
    for blocks in full {
        backend.encrypt_par_blocks(blocks);
    }
    backend.encrypt_tail_blocks(rest);
    for (state, chain) in states.iter().zip(chains.iter_mut()) {
        chain.lane.keep(state);
    }
}

impl<'a, N: ArraySize> Replace<'a, N> {
    /// Over the whole blocks of `octets`; what is left over at the end stays as it is.
    pub(crate) fn whole_blocks_of(octets: &'a mut [u8]) -> Self {
        let (blocks, _) = Block::<N>::slice_as_chunks_mut(octets);
        Self { blocks: blocks.iter_mut(), current: None }
    }
}

impl<N: ArraySize> Lane<N> for Replace<'_, N> {
    #[inline(always)]
    fn blocks_left(&self) -> usize {
        self.blocks.len()
    }

    #[inline(always)]
    fn absorb(&mut self, state: &mut Block<N>) {
        self.current = self.blocks.next();
        if let Some(block) = &self.current {
            xor(state, block);
        }
    }

    #[inline(always)]
    fn keep(&mut self, state: &Block<N>) {
        if let Some(block) = self.current.take() {
            block.clone_from(state);
        }
    }
}

impl<'a, N: ArraySize> Absorb<'a, N> {
    /// Over `blocks`, in order.
    pub(crate) fn new(blocks: &'a [Block<N>]) -> Self {
        Self(blocks.iter())
    }
}

impl<N: ArraySize> Lane<N> for Absorb<'_, N> {
    #[inline(always)]
    fn blocks_left(&self) -> usize {
        self.0.len()
    }

    #[inline(always)]
    fn absorb(&mut self, state: &mut Block<N>) {
        if let Some(block) = self.0.next() {
            xor(state, block);
        }
    }

    #[inline(always)]
    fn keep(&mut self, _: &Block<N>) {}
}

/// `into ^= with`.
#[inline(always)]
pub(crate) fn xor<N: ArraySize>(into: &mut Block<N>, with: &Block<N>) {
    for (octet, with) in into.iter_mut().zip(with) {
        *octet ^= with;
    }
}
