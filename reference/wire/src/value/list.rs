//! RFC 6618 sections 5.5.2 and 5.6.5: `x *("," x)`, with white space around the commas taken (TV-01).

use crate::error::{DecodeError, Have, Need};

/// The elements of a list with their offsets, none of them empty (TV-14).
pub(crate) fn elements(
    value: &[u8],
    separators: impl Iterator<Item = usize>,
) -> Result<Vec<(usize, &[u8])>, DecodeError> {
    let mut found = Vec::new();
    let mut from = 0;
    for to in separators.chain([value.len()]) {
        let raw = value.get(from..to).unwrap_or_default();
        let element = raw.trim_ascii_start();
        let at = from + raw.len() - element.len();
        let element = element.trim_ascii_end();
        if element.is_empty() {
            let need = Need::Grammar("a list element");
            return Err(DecodeError::new("list", need, Have::Nothing).shifted(at));
        }
        found.push((at, element));
        from = to + 1;
    }
    Ok(found)
}

/// The octets before and after the first `separator`.
pub(crate) fn split_once(octets: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = octets.iter().position(|&octet| octet == separator)?;
    let (before, after) = octets.split_at_checked(at)?;
    Some((before, after.get(1..)?))
}
