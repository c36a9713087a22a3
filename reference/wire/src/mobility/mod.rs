//! RFC 6275 section 6.1: the Mobility Header inside a PType 8 packet (RFC 6618 section 6.3).
//!
//! ```text
//! | Payload Proto |  Header Len   |    MH Type    |   Reserved    |
//! |           Checksum            | Message Data, Mobility Options ...
//! ```

pub mod binding_ack;
pub mod binding_error;
pub mod binding_update;
pub mod option;
pub mod status;

use std::net::Ipv6Addr;

pub use binding_ack::Repr as BindingAck;
pub use binding_error::Repr as BindingError;
pub use binding_update::{Flags, Repr as BindingUpdate};
pub use status::BindingStatus;

use crate::error::{DecodeError, Have, Need};
use crate::trailer::{MOBILITY, NO_NEXT};

/// MH Type of a Binding Refresh Request.
pub const BINDING_REFRESH_REQUEST: u8 = 0;
/// MH Type of a Binding Update.
pub const BINDING_UPDATE: u8 = 5;
/// MH Type of a Binding Acknowledgement.
pub const BINDING_ACK: u8 = 6;
/// MH Type of a Binding Error.
pub const BINDING_ERROR: u8 = 7;
/// The highest MH Type that RFC 6275 assigns.
pub const HIGHEST_TYPE: u8 = BINDING_ERROR;
/// Octets before the Message Data.
pub const HEADER_LEN: usize = 6;

const UNIT: usize = 8;
const TYPE_AT: usize = 2;
const CHECKSUM_AT: usize = 4;

/// Time in units of 4 seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lifetime(pub u16);

impl Lifetime {
    /// De-registers.
    pub const ZERO: Self = Self(0);
    /// Seconds in one unit.
    pub const UNIT_SECONDS: u32 = 4;

    /// Whole units in this many seconds, at most 65535 units.
    #[must_use]
    pub fn from_seconds(seconds: u32) -> Self {
        Self(u16::try_from(seconds / Self::UNIT_SECONDS).unwrap_or(u16::MAX))
    }

    /// Seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0 as u32 * Self::UNIT_SECONDS
    }
}

/// A view of a Mobility Header: shows any octets, forges any field.
///
/// Octets that are not there read as 0 and cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MobilityHeader<T>(T);

impl<T: AsRef<[u8]>> MobilityHeader<T> {
    /// A view without any check.
    pub const fn new_unchecked(octets: T) -> Self {
        Self(octets)
    }

    /// A view of at least as many octets as Header Len announces.
    ///
    /// # Errors
    /// Fewer than 8 octets or than Header Len says.
    pub fn new_checked(octets: T) -> Result<Self, DecodeError> {
        let have = octets.as_ref().len();
        let view = Self(octets);
        let need = view.total_len();
        if have < need {
            let (need, have) = (Need::Octets(need), Have::Octets(have));
            return Err(DecodeError::new("Mobility Header", need, have));
        }
        Ok(view)
    }

    /// Payload Proto.
    pub fn payload_proto(&self) -> u8 {
        self.octet(0)
    }

    /// Header Len: units of 8 octets behind the first 8 octets.
    pub fn header_len(&self) -> u8 {
        self.octet(1)
    }

    /// The octets that Header Len announces, the first 8 included.
    pub fn total_len(&self) -> usize {
        UNIT * (usize::from(self.header_len()) + 1)
    }

    /// MH Type.
    pub fn mh_type(&self) -> u8 {
        self.octet(TYPE_AT)
    }

    /// Checksum.
    pub fn checksum(&self) -> u16 {
        u16::from_be_bytes([self.octet(CHECKSUM_AT), self.octet(CHECKSUM_AT + 1)])
    }

    /// Message Data and options, as far as Header Len reaches.
    pub fn data(&self) -> &[u8] {
        self.header().get(HEADER_LEN..).unwrap_or_default()
    }

    /// The whole header, as far as Header Len reaches.
    pub fn header(&self) -> &[u8] {
        let octets = self.0.as_ref();
        octets.get(..self.total_len()).unwrap_or(octets)
    }

    /// Whether the checksum is right between these addresses.
    ///
    /// In an update `src` is the home address and `dst` the home agent, in an acknowledgement the other way round,
    /// whatever the outer header says (PK-26).
    pub fn verify(&self, src: Ipv6Addr, dst: Ipv6Addr) -> bool {
        checksum(src, dst, self.header()) == self.checksum()
    }

    /// The octets under the view.
    pub fn into_inner(self) -> T {
        self.0
    }

    fn octet(&self, at: usize) -> u8 {
        self.0.as_ref().get(at).copied().unwrap_or(0)
    }

    /// What every legal header of this type has in common.
    fn check(&self, mh_type: u8, min: usize) -> Result<(), DecodeError> {
        let fault = |field, at, need, have| {
            Err(DecodeError::new(field, need, Have::Value(u64::from(have))).shifted(at))
        };
        if self.payload_proto() != NO_NEXT {
            let need = Need::Value(u64::from(NO_NEXT));
            return fault("Payload Proto", 0, need, self.payload_proto());
        }
        if self.mh_type() != mh_type {
            let need = Need::Value(u64::from(mh_type));
            return fault("MH Type", TYPE_AT, need, self.mh_type());
        }
        if self.total_len() < min {
            let min = (min.div_ceil(UNIT) - 1) as u64;
            return fault("Header Len", 1, Need::Range { min, max: 255 }, self.header_len());
        }
        Ok(())
    }
}

impl<T: AsRef<[u8]> + AsMut<[u8]>> MobilityHeader<T> {
    /// Sets Payload Proto.
    pub fn set_payload_proto(&mut self, payload_proto: u8) {
        self.set_octet(0, payload_proto);
    }

    /// Sets Header Len.
    pub fn set_header_len(&mut self, header_len: u8) {
        self.set_octet(1, header_len);
    }

    /// Sets MH Type.
    pub fn set_mh_type(&mut self, mh_type: u8) {
        self.set_octet(TYPE_AT, mh_type);
    }

    /// Sets Checksum.
    pub fn set_checksum(&mut self, checksum: u16) {
        let [high, low] = checksum.to_be_bytes();
        self.set_octet(CHECKSUM_AT, high);
        self.set_octet(CHECKSUM_AT + 1, low);
    }

    /// Sets Checksum to the right one between these addresses (see [`Self::verify`]).
    pub fn fill_checksum(&mut self, src: Ipv6Addr, dst: Ipv6Addr) {
        let right = checksum(src, dst, self.header());
        self.set_checksum(right);
    }

    /// Message Data and options, to be changed.
    pub fn data_mut(&mut self) -> &mut [u8] {
        let end = self.total_len().min(self.0.as_ref().len());
        self.0.as_mut().get_mut(HEADER_LEN..end).unwrap_or_default()
    }

    fn set_octet(&mut self, at: usize, octet: u8) {
        if let Some(place) = self.0.as_mut().get_mut(at) {
            *place = octet;
        }
    }
}

/// The checksum of RFC 6275 section 6.1.1 over pseudo-header and `header`, whose own checksum counts as 0.
#[must_use]
pub fn checksum(src: Ipv6Addr, dst: Ipv6Addr, header: &[u8]) -> u16 {
    let (src, dst) = (src.octets(), dst.octets());
    let length = u32::try_from(header.len()).unwrap_or(u32::MAX).to_be_bytes();
    let before = header.get(..CHECKSUM_AT).unwrap_or(header);
    let behind = header.get(HEADER_LEN..).unwrap_or_default();
    let parts: [&[u8]; 6] = [&src, &dst, &length, &[0, 0, 0, MOBILITY], before, behind];
    let mut sum: u64 = parts.into_iter().flat_map(|part| part.chunks(2)).map(pair).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(u16::MAX)
}

/// The number that two octets make; a last octet alone has a 0 behind it.
fn pair(octets: &[u8]) -> u64 {
    let high = octets.first().copied().unwrap_or(0);
    let low = octets.get(1).copied().unwrap_or(0);
    u64::from(u16::from_be_bytes([high, low]))
}

/// Writes a header around Message Data, pads its options to a multiple of 8 octets and fills in the checksum.
fn emit(mh_type: u8, mut data: Vec<u8>, src: Ipv6Addr, dst: Ipv6Addr) -> Vec<u8> {
    option::pad_to(&mut data, HEADER_LEN, UNIT);
    let units = (HEADER_LEN + data.len()) / UNIT - 1;
    let header_len = u8::try_from(units).unwrap_or(u8::MAX);
    let mut out = vec![NO_NEXT, header_len, mh_type, 0, 0, 0];
    out.append(&mut data);
    let mut view = MobilityHeader::new_unchecked(out);
    view.fill_checksum(src, dst);
    view.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::hex::spaced;

    const SRC: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
    const DST: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2);

    #[test]
    fn the_checksum_covers_pseudo_header_and_header() {
        // 2 * (2001 + 0db8) + 1 + 2 + length 10 + 135 + 3b01 + 0500 + data, in ones' complement by hand:
        // 5b72 + 3 + 10 + 87 + 3b01 + 0500 + 0001 + c000 + 00e1 + 0102 = 15df1 -> 5df2 -> !5df2 = a20d
        let header = spaced("3b 01 05 00 0000  0001 c000 00e1 0102 0000");
        assert_eq!(header.len(), 16);
        assert_eq!(checksum(SRC, DST, &header), 0xa20d);
    }

    #[test]
    fn a_filled_checksum_verifies_between_its_addresses_only() {
        let octets = spaced("3b 01 05 00 0000  0001 c000 00e1 0102 0000");
        let mut view = MobilityHeader::new_unchecked(octets);
        view.fill_checksum(SRC, DST);
        assert!(view.verify(SRC, DST));
        // One's complement addition does not see a swap.
        assert!(view.verify(DST, SRC));
        assert!(!view.verify(SRC, SRC));
        view.set_checksum(view.checksum() ^ 1);
        assert!(!view.verify(SRC, DST));
    }

    #[test]
    fn a_header_shorter_than_it_says_is_refused() {
        let error = MobilityHeader::new_checked(spaced("3b 01 05 00 0000 0000")).unwrap_err();
        assert_eq!(error.need, Need::Octets(16));
        assert_eq!(error.have, Have::Octets(8));
        assert!(MobilityHeader::new_checked([]).is_err());
    }

    #[test]
    fn octets_behind_header_len_are_left_alone() {
        let octets = spaced("3b 00 00 00 0000 0000  ffff");
        let view = MobilityHeader::new_checked(octets).unwrap();
        assert_eq!(view.header().len(), 8);
        assert_eq!(view.data(), [0, 0]);
    }

    #[test]
    fn the_view_forges_every_field() {
        let mut view = MobilityHeader::new_unchecked(spaced("3b 00 00 00 0000 0000"));
        view.set_payload_proto(0x3c);
        view.set_mh_type(0x63);
        view.set_checksum(0xdead);
        view.data_mut().fill(0x11);
        view.set_header_len(7);
        assert_eq!(view.clone().into_inner(), spaced("3c 07 63 00 dead 1111"));
        assert_eq!(view.total_len(), 64);
        assert_eq!(view.data(), [0x11, 0x11]);
    }

    #[test]
    fn a_lifetime_counts_units_of_4_seconds() {
        assert_eq!(Lifetime::from_seconds(7), Lifetime(1));
        assert_eq!(Lifetime::from_seconds(u32::MAX), Lifetime(u16::MAX));
        assert_eq!(Lifetime(u16::MAX).seconds(), 262_140);
    }
}
