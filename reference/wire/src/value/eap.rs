//! RFC 6618 section 5.5.3: `eap-payload`, an EAP packet in hex; only its frame is looked at (VA-20).

use super::hex;
use crate::error::{DecodeError, Have, Need};

/// Code, Identifier and Length of RFC 3748 section 4.
pub const HEADER_LEN: usize = 4;

/// The EAP packet.
///
/// # Errors
/// Bad hex, fewer than 4 octets, or an EAP Length other than the octets that are there. Offsets count hex digits.
pub fn parse(value: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let packet = hex::decode(value)?;
    let &[_, _, high, low, ..] = packet.as_slice() else {
        let have = Have::Octets(packet.len());
        return Err(DecodeError::new("EAP packet", Need::Octets(HEADER_LEN), have));
    };
    let length = u16::from_be_bytes([high, low]);
    if usize::from(length) != packet.len() {
        let need = Need::Value(packet.len() as u64);
        let have = Have::Value(u64::from(length));
        return Err(DecodeError::new("EAP Length", need, have).shifted(4));
    }
    Ok(packet)
}
