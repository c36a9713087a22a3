//! RFC 6275 section 6.1.9: the Binding Error.
//!
//! ```text
//! |    Status     |   Reserved    |
//! | Home Address (16 octets) ...  | Mobility Options ...
//! ```

use std::net::Ipv6Addr;

use super::{BINDING_ERROR, HEADER_LEN, MobilityHeader, emit};
use crate::error::{DecodeError, Have, Need};

const FIXED_LEN: usize = 18;

/// No binding for the Home Address destination option.
pub const UNKNOWN_BINDING: u8 = 1;
/// An MH Type that the sender of the error does not know.
pub const UNRECOGNISED_TYPE: u8 = 2;

/// A legal Binding Error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repr {
    /// The reason: [`UNKNOWN_BINDING`] or [`UNRECOGNISED_TYPE`].
    pub status: u8,
    /// The address in the Home Address option of the packet at fault, `::` if it had none.
    pub home: Ipv6Addr,
}

impl Repr {
    /// Reads a Mobility Header. The checksum is not looked at: see [`MobilityHeader::verify`].
    ///
    /// # Errors
    /// Too few octets, a Payload Proto other than 59, another MH Type.
    pub fn parse(header: &[u8]) -> Result<Self, DecodeError> {
        let view = MobilityHeader::new_checked(header)?;
        view.check(BINDING_ERROR, HEADER_LEN + FIXED_LEN)?;
        match view.data().split_first_chunk::<FIXED_LEN>() {
            Some(([status, _, home @ ..], _)) => Ok(Self { status: *status, home: Ipv6Addr::from(*home) }),
            None => {
                let have = Have::Octets(view.data().len());
                Err(DecodeError::new("Binding Error", Need::Octets(FIXED_LEN), have))
            }
        }
    }

    /// The octets with the checksum between the addresses of sender and receiver.
    #[must_use]
    pub fn emit(&self, from: Ipv6Addr, to: Ipv6Addr) -> Vec<u8> {
        let data = [&[self.status, 0], &self.home.octets()[..]].concat();
        emit(BINDING_ERROR, data, from, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
    const AGENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2);

    #[test]
    fn an_error_is_24_octets_and_comes_back() {
        let error = Repr { status: UNRECOGNISED_TYPE, home: HOME };
        let octets = error.emit(AGENT, HOME);
        assert_eq!(octets.len(), 24);
        assert_eq!(octets.get(..4), Some(&[59, 2, 7, 0][..]));
        assert!(MobilityHeader::new_unchecked(&octets).verify(AGENT, HOME));
        assert_eq!(Repr::parse(&octets), Ok(error));
    }

    #[test]
    fn a_short_one_is_refused() {
        let mut octets = Repr { status: 1, home: HOME }.emit(AGENT, HOME);
        octets.truncate(16);
        assert!(Repr::parse(&octets).is_err());
        octets[1] = 1;
        assert!(Repr::parse(&octets).is_err());
    }
}
