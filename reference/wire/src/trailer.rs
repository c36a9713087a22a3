//! RFC 6618 section 6.3 after RFC 4303 sections 2.4 to 2.6: what is under the cipher.
//!
//! ```text
//! | Payload Data ... | Padding: 0 to 255 octets 1, 2, 3 ... | Pad Length | Next Header |
//! ```

use crate::error::{DecodeError, Have, Need};

/// Next Header of an IPv4 packet.
pub const IPV4: u8 = 4;
/// Next Header of an IPv6 packet.
pub const IPV6: u8 = 41;
/// Next Header of a Routing header.
pub const ROUTING: u8 = 43;
/// Next Header of nothing: a dummy packet (PK-22), and the Payload Proto of a Mobility Header.
pub const NO_NEXT: u8 = 59;
/// Next Header of a Destination Options header.
pub const DEST_OPTIONS: u8 = 60;
/// Next Header of a Mobility Header.
pub const MOBILITY: u8 = 135;

/// Pad Length and Next Header.
pub const FIXED_LEN: usize = 2;
/// The most octets of Padding that Pad Length can tell.
pub const MAX_PADDING: usize = 255;

const SEQUENTIAL: [u8; MAX_PADDING] = {
    let mut octets = [0; MAX_PADDING];
    let mut at = 0;
    while at < MAX_PADDING {
        octets[at] = at as u8 + 1;
        at += 1;
    }
    octets
};

/// The legal Padding of `len` octets: 1, 2, 3 and so on.
#[must_use]
pub fn sequential(len: u8) -> &'static [u8] {
    SEQUENTIAL.get(..usize::from(len)).unwrap_or(&SEQUENTIAL)
}

/// The fewest octets of Padding that let `payload` octets, Padding and [`FIXED_LEN`] end on a multiple of `align`.
#[must_use]
pub fn minimal_padding(payload: usize, align: u8) -> u8 {
    let align = usize::from(align.max(1));
    let over = payload.wrapping_add(FIXED_LEN) % align;
    u8::try_from((align - over) % align).unwrap_or(u8::MAX)
}

/// Plaintext taken apart, or about to be put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trailer<'a> {
    /// Payload Data without the IV.
    pub payload: &'a [u8],
    /// Padding as it stands; [`Self::padding_fault`] tells whether it is legal.
    pub padding: &'a [u8],
    /// What kind of header or packet the payload starts with.
    pub next_header: u8,
}

impl<'a> Trailer<'a> {
    /// Takes plaintext apart.
    ///
    /// # Errors
    /// Fewer than 2 octets, or a Pad Length beyond the data (PK-18).
    pub fn parse(plaintext: &'a [u8]) -> Result<Self, DecodeError> {
        let short = || {
            let have = Have::Octets(plaintext.len());
            DecodeError::new("ESP trailer", Need::Octets(FIXED_LEN), have)
        };
        let (rest, &[pad_length, next_header]) =
            plaintext.split_last_chunk::<FIXED_LEN>().ok_or_else(short)?;
        let too_long = || {
            let need = Need::AtMost(rest.len());
            DecodeError::new("Pad Length", need, Have::Value(u64::from(pad_length))).shifted(rest.len())
        };
        let (payload, padding) = rest
            .len()
            .checked_sub(usize::from(pad_length))
            .and_then(|at| rest.split_at_checked(at))
            .ok_or_else(too_long)?;
        Ok(Self { payload, padding, next_header })
    }

    /// Where in the Padding the first octet stands that breaks 1, 2, 3 and so on (PK-15).
    #[must_use]
    pub fn padding_fault(&self) -> Option<usize> {
        let pairs = self.padding.iter().zip(&SEQUENTIAL);
        pairs.enumerate().find(|(_, (have, need))| have != need).map(|(at, _)| at)
    }

    /// Appends the plaintext to `out`. Padding beyond [`MAX_PADDING`] octets has no Pad Length and is cut.
    pub fn emit(&self, out: &mut Vec<u8>) {
        let padding = self.padding.get(..MAX_PADDING).unwrap_or(self.padding);
        let pad_length = u8::try_from(padding.len()).unwrap_or(u8::MAX);
        out.reserve(self.payload.len() + padding.len() + FIXED_LEN);
        out.extend_from_slice(self.payload);
        out.extend_from_slice(padding);
        out.extend_from_slice(&[pad_length, self.next_header]);
    }

    /// The plaintext.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.emit(&mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::hex::spaced;

    #[test]
    fn plaintext_is_taken_apart_and_put_together() {
        let octets = spaced("616263 010203 03 87");
        let trailer = Trailer::parse(&octets).unwrap();
        assert_eq!(trailer.payload, b"abc");
        assert_eq!(trailer.padding, [1, 2, 3]);
        assert_eq!(trailer.next_header, MOBILITY);
        assert_eq!(trailer.padding_fault(), None);
        assert_eq!(trailer.to_vec(), octets);
    }

    #[test]
    fn the_smallest_plaintext_is_the_trailer_itself() {
        let trailer = Trailer::parse(&[0, NO_NEXT]).unwrap();
        assert!(trailer.payload.is_empty() && trailer.padding.is_empty());
        assert_eq!(Trailer::parse(&[0]).unwrap_err().need, Need::Octets(2));
    }

    #[test]
    fn a_pad_length_beyond_the_data_is_refused() {
        let error = Trailer::parse(&spaced("6162 03 29")).unwrap_err();
        assert_eq!((error.field, error.offset), ("Pad Length", 2));
        assert_eq!(error.need, Need::AtMost(2));
        assert_eq!(error.have, Have::Value(3));
    }

    #[test]
    fn padding_may_fill_all_there_is() {
        let octets = [sequential(255), &[255, IPV6]].concat();
        let trailer = Trailer::parse(&octets).unwrap();
        assert_eq!(trailer.padding.len(), 255);
        assert_eq!(trailer.padding_fault(), None);
    }

    #[test]
    fn the_first_wrong_octet_of_padding_is_found() {
        let octets = spaced("010203 010200 03 04");
        assert_eq!(Trailer::parse(&octets).unwrap().padding_fault(), Some(2));
    }

    #[test]
    fn minimal_padding_reaches_the_next_multiple() {
        for align in [1, 4, 8, 16] {
            for payload in 0..64 {
                let padding = usize::from(minimal_padding(payload, align));
                assert!(padding < usize::from(align));
                assert_eq!((payload + padding + 2) % usize::from(align), 0);
            }
        }
    }

    #[test]
    fn padding_that_pad_length_cannot_tell_is_cut() {
        let padding = [0; 300];
        let (payload, next_header) = (&b"a"[..], IPV4);
        let octets = Trailer { payload, padding: &padding, next_header }.to_vec();
        assert_eq!(octets.len(), 1 + MAX_PADDING + FIXED_LEN);
        assert_eq!(Trailer::parse(&octets).unwrap().payload, b"a");
    }
}
