//! RFC 3748 and RFC 5433: what `eap-payload` (RFC 6618 section 5.5.3) carries, as far as this project speaks it.
//!
//! ```text
//!  Code (1)  Identifier (1)  Length (2)  | Type (1)  Type-Data ..
//! ```

mod gpsk;
mod md5_challenge;

pub use gpsk::{CSuite, FailureCode, Gpsk, Gpsk1, Gpsk2, Gpsk3, Gpsk4, GpskFail, GpskProtectedFail};
pub use md5_challenge::Md5Challenge;

use crate::error::{DecodeError, Have, Need};
use crate::value::eap::HEADER_LEN;

const REQUEST: u8 = 1;
const RESPONSE: u8 = 2;
const SUCCESS: u8 = 3;
const FAILURE: u8 = 4;

/// A legal EAP packet (RFC 3748 section 4). The Identifier pairs a response with its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// The server asks.
    Request {
        /// Differs from that of the request before.
        identifier: u8,
        /// What it asks.
        kind: Type,
        /// In the form that the type defines.
        data: &'a [u8],
    },
    /// The peer answers.
    Response {
        /// That of the request.
        identifier: u8,
        /// The type of the request, or [`Type::NAK`].
        kind: Type,
        /// In the form that the type defines.
        data: &'a [u8],
    },
    /// The server is content.
    Success {
        /// That of the last response.
        identifier: u8,
    },
    /// The server is not content.
    Failure {
        /// That of the last response.
        identifier: u8,
    },
}

/// RFC 3748 section 5: the type of a request or a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Type(pub u8);

impl Type {
    /// Who are you?
    pub const IDENTITY: Self = Self(1);
    /// Something to show to the user.
    pub const NOTIFICATION: Self = Self(2);
    /// Not this method, but one of these; responses only.
    pub const NAK: Self = Self(3);
    /// MD5-Challenge: proves a password, derives no key.
    pub const MD5_CHALLENGE: Self = Self(4);
    /// EAP-GPSK of RFC 5433: proves a shared key both ways, derives an MSK.
    pub const GPSK: Self = Self(51);
}

impl<'a> Packet<'a> {
    /// Reads one packet that fills `octets`.
    ///
    /// # Errors
    /// Fewer than 4 octets, another Length than what is there, an unassigned Code, a request or a response without
    /// Type, a result with data.
    pub fn parse(octets: &'a [u8]) -> Result<Self, DecodeError> {
        let Some((&[code, identifier, high, low], rest)) = octets.split_first_chunk::<HEADER_LEN>() else {
            return Err(DecodeError::new("EAP packet", Need::Octets(HEADER_LEN), Have::Octets(octets.len())));
        };
        let length = u16::from_be_bytes([high, low]);
        if usize::from(length) != octets.len() {
            let (need, have) = (Need::Value(octets.len() as u64), Have::Value(u64::from(length)));
            return Err(DecodeError::new("EAP Length", need, have).shifted(2));
        }
        match (code, rest) {
            (REQUEST, &[kind, ref data @ ..]) => Ok(Self::Request { identifier, kind: Type(kind), data }),
            (RESPONSE, &[kind, ref data @ ..]) => Ok(Self::Response { identifier, kind: Type(kind), data }),
            (SUCCESS, []) => Ok(Self::Success { identifier }),
            (FAILURE, []) => Ok(Self::Failure { identifier }),
            (REQUEST | RESPONSE, []) => {
                Err(DecodeError::new("EAP Type", Need::Present, Have::Nothing).shifted(4))
            }
            (SUCCESS | FAILURE, data) => {
                Err(DecodeError::new("EAP Type-Data", Need::Absent, Have::Octets(data.len())).shifted(4))
            }
            (code, _) => {
                let need = Need::Range { min: 1, max: 4 };
                Err(DecodeError::new("EAP Code", need, Have::Value(u64::from(code))))
            }
        }
    }

    /// The Identifier.
    #[must_use]
    pub const fn identifier(&self) -> u8 {
        match *self {
            Self::Request { identifier, .. }
            | Self::Response { identifier, .. }
            | Self::Success { identifier }
            | Self::Failure { identifier } => identifier,
        }
    }

    /// The octets of the packet.
    ///
    /// # Errors
    /// Type-Data so long that Length cannot tell.
    pub fn to_vec(&self) -> Result<Vec<u8>, DecodeError> {
        let (code, kind, data): (u8, Option<Type>, &[u8]) = match *self {
            Self::Request { kind, data, .. } => (REQUEST, Some(kind), data),
            Self::Response { kind, data, .. } => (RESPONSE, Some(kind), data),
            Self::Success { .. } => (SUCCESS, None, &[]),
            Self::Failure { .. } => (FAILURE, None, &[]),
        };
        let whole = HEADER_LEN + usize::from(kind.is_some()) + data.len();
        let length = u16::try_from(whole).map_err(|_| {
            DecodeError::new("EAP packet", Need::AtMost(usize::from(u16::MAX)), Have::Octets(whole))
        })?;
        let mut octets = Vec::with_capacity(whole);
        octets.extend([code, self.identifier()]);
        octets.extend(length.to_be_bytes());
        octets.extend(kind.map(|kind| kind.0));
        octets.extend_from_slice(data);
        Ok(octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_read_and_written_alike() {
        for (octets, packet) in [
            (
                b"\x01\x07\x00\x05\x01".as_slice(),
                Packet::Request { identifier: 7, kind: Type::IDENTITY, data: b"" },
            ),
            (b"\x02\x07\x00\x06\x01a", Packet::Response { identifier: 7, kind: Type::IDENTITY, data: b"a" }),
            (b"\x02\x08\x00\x06\x03\x33", Packet::Response { identifier: 8, kind: Type::NAK, data: &[51] }),
            (b"\x03\x09\x00\x04", Packet::Success { identifier: 9 }),
            (b"\x04\xff\x00\x04", Packet::Failure { identifier: 255 }),
        ] {
            assert_eq!(Packet::parse(octets), Ok(packet));
            assert_eq!(packet.to_vec().as_deref(), Ok(octets));
        }
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        for (octets, field) in [
            (b"\x01\x07\x00".as_slice(), "EAP packet"),
            (b"\x01\x07\x00\x06\x01", "EAP Length"),
            (b"\x01\x07\x00\x04\x01", "EAP Length"),
            (b"\x01\x07\x00\x04", "EAP Type"),
            (b"\x02\x07\x00\x04", "EAP Type"),
            (b"\x03\x07\x00\x05\x01", "EAP Type-Data"),
            (b"\x00\x07\x00\x05\x01", "EAP Code"),
            (b"\x05\x07\x00\x05\x01", "EAP Code"),
        ] {
            assert_eq!(Packet::parse(octets).map_err(|error| error.field), Err(field), "{octets:?}");
        }
    }

    #[test]
    fn length_has_sixteen_bits() {
        let data = vec![0; 65_531];
        let packet = |data| Packet::Request { identifier: 0, kind: Type::IDENTITY, data };
        assert!(packet(&data[..65_530]).to_vec().is_ok());
        assert_eq!(packet(&data).to_vec().map_err(|error| error.field), Err("EAP packet"));
    }
}
