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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_eap_packet_tells_its_own_length() {
        assert_eq!(parse(b"0201000501"), Ok(vec![2, 1, 0, 5, 1]));
        assert_eq!(parse(b"03010004"), Ok(vec![3, 1, 0, 4]));
        assert_eq!(parse(b"020100").unwrap_err().need, Need::Octets(4));
        let error = parse(b"0201000601").unwrap_err();
        assert_eq!((error.field, error.offset), ("EAP Length", 4));
        assert_eq!((error.need, error.have), (Need::Value(5), Have::Value(6)));
    }
}
