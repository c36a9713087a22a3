//! RFC 6618 section 6.3 and 6.4, Figures 7 and 8: opening protected packets, in the order of RFC 4303
//! section 3.4: lengths, ICV, decryption, trailer. The replay window stands before and after, with the caller.

use std::fmt;
use std::iter;
use std::ops::Deref;

use bumpalo::Bump;
use subtle::ConstantTimeEq;
use wire::packet::{HEADER_LEN, ICV_LEN, PType, Packet};
use wire::trailer::{self, Trailer};
use wire::value::{Ciphersuite, Spi};

use crate::cipher::Decryptor;
use crate::ciphersuite::algorithms;
use crate::integrity::Authenticator;
use crate::keys::DirectionKeys;

/// Opens what one side receives. The keys are expanded once, here.
#[derive(Clone)]
pub struct Opener {
    suite: Ciphersuite,
    decryptor: Decryptor,
    authenticator: Authenticator,
}

/// A packet whose ICV was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What kind of packet it says it is; any value may stand here.
    pub ptype: PType,
    /// The security association that it names.
    pub spi: Spi,
    /// Its Sequence Number.
    pub sequence: u32,
    /// What the payload starts with.
    pub next_header: u8,
    /// The inner packet or header chain.
    pub payload: Vec<u8>,
    /// The IV as sent; empty for the NULL suites.
    pub iv: Iv,
    /// The padding as sent: 1, 2, 3 and so on, unless any was allowed.
    pub padding: Vec<u8>,
}

/// An IV: up to 16 octets, where they stand, since every packet has one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Iv {
    octets: [u8; 16],
    len: usize,
}

/// Why a packet was not opened. The sender is at fault, or someone in between; the answer is silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// Shorter than the header, the IV, the smallest ciphertext and the ICV together.
    Short {
        /// The fewest octets of any packet of this suite.
        need: usize,
        /// The octets that came.
        have: usize,
    },
    /// The ciphertext is no multiple of what the suite asks for.
    Misaligned {
        /// Its length should be a multiple of this many octets.
        block: usize,
        /// Its length.
        have: usize,
    },
    /// The SPI is 0, which means that the packet is not protected.
    SpiZero,
    /// The ICV is not the one of these octets under our key.
    Icv,
    /// Pad Length reaches beyond the data.
    PadLength {
        /// The octets that Pad Length asks for, with the two of the trailer.
        need: usize,
        /// The octets of plaintext.
        have: usize,
    },
    /// The padding is not 1, 2, 3 and so on.
    Padding {
        /// Where the first wrong octet stands in it.
        offset: usize,
    },
}

/// A packet whose lengths are right.
struct Measured<'a> {
    spi: Spi,
    covered: &'a [u8],
    iv: &'a [u8],
    ciphertext: &'a [u8],
    /// The IV and the ciphertext but for as many octets as the IV has.
    chained: &'a [u8],
    icv: &'a [u8; ICV_LEN],
}

impl Opener {
    /// An opener for one direction.
    #[must_use]
    pub fn new(keys: &DirectionKeys) -> Self {
        Self {
            suite: keys.suite(),
            decryptor: Decryptor::new(&keys.cipher),
            authenticator: Authenticator::new(&keys.integrity),
        }
    }

    /// Opens UDP payloads; as many results come out, in order. The ICVs are computed side by side.
    #[must_use]
    pub fn open(&self, batch: &[&[u8]]) -> Vec<Result<Opened, OpenError>> {
        let open = |packet: Result<Measured<'_>, _>| self.opened(&packet?).and_then(with_legal_padding);
        self.verified(batch).map(open).collect()
    }

    /// As [`Self::open`] for one UDP payload, but with any padding: for whoever judges the padding himself.
    ///
    /// # Errors
    /// All of [`OpenError`] but [`OpenError::Padding`].
    pub fn open_any_padding(&self, octets: &[u8]) -> Result<Opened, OpenError> {
        let packet = self.measure(octets)?;
        let right = is_same(&self.authenticator.icv(packet.covered), packet.icv);
        if right { self.opened(&packet) } else { Err(OpenError::Icv) }
    }

    /// As [`Self::open_any_padding`] for packets that come by the million: their plaintexts stand in `room`, and all are
    /// decrypted together.
    pub fn open_in<'r>(&self, batch: &[&[u8]], room: &'r Bump) -> Vec<Result<Trailer<'r>, OpenError>> {
        let packets: Vec<_> = self.verified(batch).collect();
        let len = packets.iter().flatten().map(|packet| packet.ciphertext.len()).sum();
        let texts = room.alloc_slice_fill_copy(len, 0);
        let mut to = &mut *texts;
        for packet in packets.iter().flatten() {
            let (text, rest) = to.split_at_mut(packet.ciphertext.len());
            text.copy_from_slice(packet.ciphertext);
            to = rest;
        }
        self.decryptor.decrypt(texts, packets.iter().flatten().map(|packet| packet.chained));
        let mut texts: &'r [u8] = texts;
        let mut next = |packet: Measured<'_>| {
            let (text, rest) = texts.split_at_checked(packet.ciphertext.len()).unwrap_or_default();
            texts = rest;
            taken_apart(text)
        };
        packets.into_iter().map(|packet| next(packet?)).collect()
    }

    /// Packets whose lengths and ICVs are right.
    fn verified<'a>(&self, batch: &[&'a [u8]]) -> impl Iterator<Item = Result<Measured<'a>, OpenError>> {
        let measured: Vec<_> = batch.iter().map(|octets| self.measure(octets)).collect();
        let covered: Vec<_> = measured.iter().flatten().map(|packet| packet.covered).collect();
        let mut icvs = self.authenticator.icvs(&covered).into_iter();
        measured.into_iter().map(move |packet| {
            let packet = packet?;
            // One ICV was made for each packet that gets this far.
            let right = icvs.next().is_some_and(|icv| is_same(&icv, packet.icv));
            if right { Ok(packet) } else { Err(OpenError::Icv) }
        })
    }

    /// Payload, padding and trailer as they come out of the cipher, whatever ICV and trailer say: for whoever looks for
    /// a sender's mistake.
    ///
    /// # Errors
    /// Lengths that no packet of the suite has.
    pub fn plaintext(&self, octets: &[u8]) -> Result<Vec<u8>, OpenError> {
        Ok(self.decipher(&self.measure(octets)?))
    }

    fn measure<'a>(&self, octets: &'a [u8]) -> Result<Measured<'a>, OpenError> {
        let row = algorithms(self.suite);
        let block = usize::from(row.align);
        let need = HEADER_LEN + row.iv_len + block + ICV_LEN;
        let short = OpenError::Short { need, have: octets.len() };
        if octets.len() < need {
            return Err(short);
        }
        let (covered, icv) = octets.split_last_chunk::<ICV_LEN>().ok_or(short)?;
        let (_, body) = covered.split_at_checked(HEADER_LEN).ok_or(short)?;
        let (iv, ciphertext) = body.split_at_checked(row.iv_len).ok_or(short)?;
        if ciphertext.len() % block != 0 {
            return Err(OpenError::Misaligned { block, have: ciphertext.len() });
        }
        let spi = Spi::new(Packet::new_unchecked(octets).spi()).ok_or(OpenError::SpiZero)?;
        let chained = body.get(..ciphertext.len()).unwrap_or_default();
        Ok(Measured { spi, covered, iv, ciphertext, chained, icv })
    }

    fn opened(&self, packet: &Measured<'_>) -> Result<Opened, OpenError> {
        let mut plaintext = self.decipher(packet);
        let trailer = taken_apart(&plaintext)?;
        let (len, padding, next_header) =
            (trailer.payload.len(), trailer.padding.to_vec(), trailer.next_header);
        plaintext.truncate(len);
        let header = Packet::new_unchecked(packet.covered);
        Ok(Opened {
            ptype: header.ptype(),
            spi: packet.spi,
            sequence: header.sequence(),
            next_header,
            payload: plaintext,
            iv: Iv::new(packet.iv),
            padding,
        })
    }

    fn decipher(&self, packet: &Measured<'_>) -> Vec<u8> {
        let mut plaintext = packet.ciphertext.to_vec();
        self.decryptor.decrypt(&mut plaintext, iter::once(packet.chained));
        plaintext
    }
}

/// Compares in constant time, as one number, which costs less than octet by octet.
fn is_same(one: &[u8; ICV_LEN], other: &[u8; ICV_LEN]) -> bool {
    let number = |icv: &[u8; ICV_LEN]| {
        let mut octets = [0; 16];
        octets.iter_mut().zip(icv).for_each(|(to, from)| *to = *from);
        u128::from_ne_bytes(octets)
    };
    number(one).ct_eq(&number(other)).into()
}

/// Plaintext with its trailer apart.
fn taken_apart(plaintext: &[u8]) -> Result<Trailer<'_>, OpenError> {
    Trailer::parse(plaintext).map_err(|_| {
        let pad_length = plaintext.iter().nth_back(1).copied().unwrap_or_default();
        OpenError::PadLength { need: usize::from(pad_length) + trailer::FIXED_LEN, have: plaintext.len() }
    })
}

fn with_legal_padding(opened: Opened) -> Result<Opened, OpenError> {
    let Opened { payload, padding, next_header, .. } = &opened;
    match (Trailer { payload, padding, next_header: *next_header }).padding_fault() {
        None => Ok(opened),
        Some(offset) => Err(OpenError::Padding { offset }),
    }
}

impl Iv {
    fn new(iv: &[u8]) -> Self {
        let mut octets = [0; 16];
        octets.iter_mut().zip(iv).for_each(|(to, from)| *to = *from);
        Self { octets, len: iv.len().min(16) }
    }
}

impl Deref for Iv {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.octets.get(..self.len).unwrap_or(&self.octets)
    }
}

impl fmt::Debug for Iv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(f)
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opener({}, ..)", self.suite.name())
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { need, have } => write!(f, "packet: need at least {need} octets, have {have}"),
            Self::Misaligned { block, have } => {
                write!(f, "ciphertext: need a multiple of {block} octets, have {have}")
            }
            Self::SpiZero => f.write_str("SPI: need a value above 0, have 0"),
            Self::Icv => f.write_str("ICV: need the one of these octets under our key, have another"),
            Self::PadLength { need, have } => {
                write!(f, "Pad Length: need {need} octets of plaintext, have {have}")
            }
            Self::Padding { offset } => write!(f, "padding: need 1, 2, 3 .., have another octet at {offset}"),
        }
    }
}

impl std::error::Error for OpenError {}
