//! RFC 6618 section 6.3 and 6.4, Figures 7 and 8: protecting packets.
//!
//! ```text
//!  | PType|SPI | Sequence Number | IV | ciphertext of payload, padding, Pad Length, Next Header | ICV |
//!  |<------------------------------- covered by the ICV ------------------------------------->|
//! ```

use std::fmt;

use wire::packet::{HEADER_LEN, ICV_LEN, PType};
use wire::trailer::{self, Trailer};
use wire::value::{Ciphersuite, Spi};

use crate::cipher::{Encryptor, Text};
use crate::ciphersuite::{Algorithms, algorithms};
use crate::integrity::Authenticator;
use crate::keys::DirectionKeys;

/// Protects what one side sends. The keys are expanded once, here.
#[derive(Clone)]
pub struct Sealer {
    suite: Ciphersuite,
    encryptor: Encryptor,
    authenticator: Authenticator,
}

/// One packet to be protected.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// What kind of packet it is.
    pub ptype: PType,
    /// The security association, as the receiver knows it.
    pub spi: Spi,
    /// Its Sequence Number. Whoever seals a number twice breaks replay protection; nothing here remembers.
    pub sequence: u32,
    /// What the payload starts with.
    pub next_header: u8,
    /// The inner packet or header chain.
    pub payload: &'a [u8],
    /// Random octets, fresh for each packet (RFC 3602 section 3). As many are used as the suite's IV has.
    pub iv: [u8; 16],
    /// Octets of padding beyond the fewest that align the packet; rounded down so that it stays aligned, and
    /// so that there are 255 at most. 0 is the usual.
    pub extra_padding: u8,
}

impl Sealer {
    /// A sealer for one direction.
    #[must_use]
    pub fn new(keys: &DirectionKeys) -> Self {
        Self {
            suite: keys.suite(),
            encryptor: Encryptor::new(&keys.cipher),
            authenticator: Authenticator::new(&keys.integrity),
        }
    }

    /// The UDP payloads that carry the packets, in order. They are worked on side by side, so a batch is
    /// cheaper than its packets one by one; the octets are the same.
    #[must_use]
    pub fn seal(&self, batch: &[Outgoing<'_>]) -> Vec<Vec<u8>> {
        let mut sealed: Vec<_> = batch.iter().map(|packet| packet.assemble(algorithms(self.suite))).collect();
        let iv_len = algorithms(self.suite).iv_len;
        self.encryptor.encrypt(sealed.iter_mut().map(|octets| text(octets, iv_len)).collect());
        let covered: Vec<_> = sealed.iter().map(Vec::as_slice).collect();
        let icvs = self.authenticator.icvs(&covered);
        for (octets, icv) in sealed.iter_mut().zip(icvs) {
            octets.extend_from_slice(&icv);
        }
        sealed
    }

    /// A packet that may break any rule but the ICV, which is right. `iv` goes out as it is and, cut or filled
    /// with zeros to one block, starts the chain; octets of `plaintext` beyond whole blocks go out in the clear.
    #[must_use]
    pub fn forge(&self, word: u32, sequence: u32, iv: &[u8], plaintext: &[u8]) -> Vec<u8> {
        let mut octets = Vec::with_capacity(HEADER_LEN + iv.len() + plaintext.len() + ICV_LEN);
        octets.extend_from_slice(&word.to_be_bytes());
        octets.extend_from_slice(&sequence.to_be_bytes());
        octets.extend_from_slice(iv);
        octets.extend_from_slice(plaintext);
        self.encryptor.encrypt(vec![text(&mut octets, iv.len())]);
        octets.extend_from_slice(&self.icv(&octets));
        octets
    }

    /// The ICV over `covered`, which starts with the PType/SPI word and ends with the ciphertext.
    #[must_use]
    pub fn icv(&self, covered: &[u8]) -> [u8; ICV_LEN] {
        self.authenticator.icv(covered)
    }
}

impl Outgoing<'_> {
    /// All but the ICV, still in the clear.
    fn assemble(&self, row: &Algorithms) -> Vec<u8> {
        let padding = trailer::sequential(self.pad_length(row.align));
        let body = self.payload.len() + padding.len() + trailer::FIXED_LEN;
        let mut octets = Vec::with_capacity(HEADER_LEN + row.iv_len + body + ICV_LEN);
        octets.extend_from_slice(&self.ptype.word(self.spi.get()).to_be_bytes());
        octets.extend_from_slice(&self.sequence.to_be_bytes());
        octets.extend(self.iv.iter().take(row.iv_len));
        Trailer { payload: self.payload, padding, next_header: self.next_header }.emit(&mut octets);
        octets
    }

    fn pad_length(&self, align: u8) -> u8 {
        let minimal = trailer::minimal_padding(self.payload.len(), align);
        let extra = self.extra_padding.min(u8::MAX - minimal);
        minimal + (extra - extra % align)
    }
}

/// The part of an assembled packet that is encrypted, with its IV.
fn text(octets: &mut [u8], iv_len: usize) -> Text<'_> {
    let (head, octets) = octets.split_at_mut_checked(HEADER_LEN + iv_len).unwrap_or_default();
    Text { iv: head.get(HEADER_LEN..).unwrap_or_default(), octets }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({}, ..)", self.suite.name())
    }
}
