//! RFC 6618 sections 6.1, 6.2 and 6.4: what follows the UDP header between MN and HA (Figures 6 to 9).
//!
//! ```text
//!  0                   1                   2                   3
//! | PType |                          SPI                          |
//! |                        Sequence Number                        |
//! | body: IV, ciphertext and ICV, or a plain IP packet ...
//! ```

use std::fmt;

use crate::error::{DecodeError, Have, Need};

/// Octets before the body: the PType and SPI word, and the Sequence Number.
pub const HEADER_LEN: usize = 8;
/// Octets of ICV at the end of a protected packet; the same for all five suites (PK-14).
pub const ICV_LEN: usize = 12;
/// `mipv6tls`: the UDP port of an HA that was given no other (section 8.3).
pub const DEFAULT_PORT: u16 = 7872;

const SEQUENCE_AT: usize = 4;
const SPI_BITS: u32 = 28;
const SPI_MASK: u32 = (1 << SPI_BITS) - 1;

/// The Packet Type, 4 bits (section 8.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PType(pub u8);

impl PType {
    /// An IP packet in the clear (Figure 9).
    pub const PLAIN: Self = Self(0);
    /// A protected IP packet (Figure 8).
    pub const PROTECTED: Self = Self(1);
    /// A protected Mobility Header (Figure 7).
    pub const MOBILITY: Self = Self(8);

    /// The word that is sent and that the ICV covers first: PType in the high 4 bits, SPI in the low 28.
    #[must_use]
    pub const fn word(self, spi: u32) -> u32 {
        (self.0 as u32) << SPI_BITS | spi & SPI_MASK
    }
}

impl fmt::Display for PType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::PLAIN => f.write_str("PType 0 (plain IP)"),
            Self::PROTECTED => f.write_str("PType 1 (protected IP)"),
            Self::MOBILITY => f.write_str("PType 8 (mobility header)"),
            Self(other) => write!(f, "PType {other}"),
        }
    }
}

impl fmt::Debug for PType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The UDP payload that carries `packet` unprotected (Figure 9): 8 octets of 0, then the packet.
#[must_use]
pub fn plain(packet: &[u8]) -> Vec<u8> {
    let mut out = vec![0; HEADER_LEN];
    out.extend_from_slice(packet);
    out
}

/// A view of a UDP payload: shows any octets, forges any field.
///
/// Octets that are not there read as 0 and cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<T>(T);

impl<T: AsRef<[u8]>> Packet<T> {
    /// A view without any check.
    pub const fn new_unchecked(octets: T) -> Self {
        Self(octets)
    }

    /// A view of at least the two header words.
    ///
    /// # Errors
    /// Fewer than 8 octets (PK-10); a single 0xFF is a keepalive of RFC 3948 and lands here, too (PK-11).
    pub fn new_checked(octets: T) -> Result<Self, DecodeError> {
        let have = octets.as_ref().len();
        if have < HEADER_LEN {
            let need = Need::Octets(HEADER_LEN);
            return Err(DecodeError::new("packet header", need, Have::Octets(have)));
        }
        Ok(Self(octets))
    }

    /// PType, 4 bits.
    pub fn ptype(&self) -> PType {
        let [first, ..] = self.word().to_be_bytes();
        PType(first >> 4)
    }

    /// SPI, 28 bits.
    pub fn spi(&self) -> u32 {
        self.word() & SPI_MASK
    }

    /// PType and SPI as the one field that the ICV sees.
    pub fn word(&self) -> u32 {
        self.field(0)
    }

    /// Sequence Number.
    pub fn sequence(&self) -> u32 {
        self.field(SEQUENCE_AT)
    }

    /// What follows the Sequence Number.
    pub fn body(&self) -> &[u8] {
        self.0.as_ref().get(HEADER_LEN..).unwrap_or_default()
    }

    /// The octets under the view.
    pub fn into_inner(self) -> T {
        self.0
    }

    fn field(&self, at: usize) -> u32 {
        let octets = self.0.as_ref().get(at..at + 4).unwrap_or_default();
        octets.try_into().map_or(0, u32::from_be_bytes)
    }
}

impl<T: AsRef<[u8]> + AsMut<[u8]>> Packet<T> {
    /// Sets PType (its low 4 bits).
    pub fn set_ptype(&mut self, ptype: PType) {
        self.set_word(ptype.word(self.spi()));
    }

    /// Sets SPI (its low 28 bits).
    pub fn set_spi(&mut self, spi: u32) {
        self.set_word(self.ptype().word(spi));
    }

    /// Sets PType and SPI.
    pub fn set_word(&mut self, word: u32) {
        self.set_field(0, word);
    }

    /// Sets the Sequence Number.
    pub fn set_sequence(&mut self, sequence: u32) {
        self.set_field(SEQUENCE_AT, sequence);
    }

    /// What follows the Sequence Number, to be changed.
    pub fn body_mut(&mut self) -> &mut [u8] {
        self.0.as_mut().get_mut(HEADER_LEN..).unwrap_or_default()
    }

    fn set_field(&mut self, at: usize, value: u32) {
        if let Some(place) = self.0.as_mut().get_mut(at..at + 4) {
            place.copy_from_slice(&value.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::hex::spaced;

    #[test]
    fn the_word_is_4_bits_of_ptype_and_28_of_spi() {
        let octets = spaced("8abcdef1 00000002 6162");
        let packet = Packet::new_checked(octets.as_slice()).unwrap();
        assert_eq!(packet.ptype(), PType::MOBILITY);
        assert_eq!(packet.spi(), 0x0abc_def1);
        assert_eq!(packet.word(), 0x8abc_def1);
        assert_eq!(packet.sequence(), 2);
        assert_eq!(packet.body(), b"ab");
    }

    #[test]
    fn an_unprotected_packet_has_8_octets_of_zero() {
        assert_eq!(plain(&spaced("6000")), spaced("00000000 00000000 6000"));
    }

    #[test]
    fn fewer_than_8_octets_are_refused() {
        let error = Packet::new_checked(spaced("ff")).unwrap_err();
        assert_eq!(error.need, Need::Octets(8));
        assert_eq!(error.have, Have::Octets(1));
    }

    #[test]
    fn the_view_forges_every_field() {
        let mut view = Packet::new_unchecked(spaced("00000000 00000000 61"));
        view.set_ptype(PType(0x1f));
        view.set_spi(0xf000_0001);
        view.set_sequence(0x0102_0304);
        view.body_mut().fill(0x62);
        assert_eq!(view.clone().into_inner(), spaced("f0000001 01020304 62"));
        view.set_word(0x1000_0007);
        assert_eq!((view.ptype(), view.spi()), (PType::PROTECTED, 7));
    }

    #[test]
    fn the_view_takes_octets_that_are_not_there() {
        let mut view = Packet::new_unchecked(spaced("80000001 0000"));
        view.set_sequence(9);
        assert_eq!((view.ptype(), view.sequence()), (PType::MOBILITY, 0));
        assert!(view.body().is_empty());
        assert!(view.body_mut().is_empty());
    }

    #[test]
    fn an_unassigned_ptype_has_no_name() {
        assert_eq!(PType(5).to_string(), "PType 5");
        assert_eq!(PType::PROTECTED.to_string(), "PType 1 (protected IP)");
    }
}
