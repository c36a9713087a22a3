//! RFC 791 section 3.1, RFC 9293 section 3.1: the options of IPv4 and of TCP, which have one form. What they say is not
//! read.

use wire::DecodeError;
use wire::error::Need;

use crate::rest::Rest;

/// No option follows.
const END: u8 = 0;
/// An option of one octet.
const NO_OPERATION: u8 = 1;
/// Octets of an option before its data; its length counts them.
const FRONT: usize = 2;

/// Whether each option has the room that it announces.
pub(super) fn check(mut options: Rest<'_>, field: &'static str) -> Result<(), DecodeError> {
    // Each round takes an octet.
    while let Some(&kind) = options.octets.first() {
        let len = match (kind, options.octets.get(1)) {
            (END, _) => return Ok(()),
            (NO_OPERATION, _) => 1,
            (_, Some(&len)) => usize::from(len),
            (_, None) => FRONT,
        };
        let room = options.octets.len();
        if len > room || (kind != NO_OPERATION && len < FRONT) {
            let need = Need::Range { min: FRONT as u64, max: room as u64 };
            return Err(options.fault(field, need, len as u64));
        }
        options.take(len, field)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(options: &[u8]) -> Option<usize> {
        check(Rest::new(options), "option").err().map(|error| error.offset)
    }

    #[test]
    fn options_need_the_room_that_they_announce() {
        assert_eq!(at(&[]), None);
        assert_eq!(at(&[1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(at(&[2, 4, 5, 180, 0, 9, 9, 9]), None, "behind the end is padding");
        assert_eq!(at(&[1, 3, 4, 7]), Some(1));
        assert_eq!(at(&[1, 1, 1, 4]), Some(3), "a kind without length");
        assert_eq!(at(&[3, 1, 0, 0]), Some(0), "a length that does not count itself");
        assert_eq!(at(&[3, 0, 0, 0]), Some(0), "no way forward");
    }
}
