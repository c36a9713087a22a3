//! RFC 2616 sections 2.1 and 2.2: the basic rules that TV-headers lean on.

/// Whether an octet may stand in a `token`.
pub(crate) fn is_token(octet: u8) -> bool {
    octet.is_ascii_graphic() && !br#"()<>@,;:\"/[]?={}"#.contains(&octet)
}

/// Takes away SP and HT at both ends, the implied white space that is left without folding (TV-01, TV-03).
pub(crate) fn trim(octets: &[u8]) -> &[u8] {
    trim_end(trim_start(octets))
}

/// Takes away SP and HT at the start.
pub(crate) fn trim_start(mut octets: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = octets {
        octets = rest;
    }
    octets
}

/// Takes away SP and HT at the end.
pub(crate) fn trim_end(mut octets: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = octets {
        octets = rest;
    }
    octets
}

/// The octets before and after the first `separator`.
pub(crate) fn split_once(octets: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = octets.iter().position(|&octet| octet == separator)?;
    let (before, after) = octets.split_at_checked(at)?;
    Some((before, after.get(1..)?))
}

/// The elements of `x *("," x)` with their offsets and without the white space around them.
///
/// `commas` tells where the separators stand, since a `csuite` has commas of its own.
///
/// # Errors
/// The offset of an element that is empty (TV-14).
pub(crate) fn elements(
    list: &[u8],
    commas: impl Iterator<Item = usize>,
) -> Result<Vec<(usize, &[u8])>, usize> {
    let mut found = Vec::new();
    let mut from = 0;
    for to in commas.chain([list.len()]) {
        let raw = list.get(from..to).unwrap_or_default();
        let element = trim_start(raw);
        let at = from + raw.len() - element.len();
        let element = trim_end(element);
        if element.is_empty() {
            return Err(at);
        }
        found.push((at, element));
        from = to + 1;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_no_separator_and_no_control() {
        assert!(b"mip6-ha-to-mn-ikey!#$%&'*+.^_`|~".iter().all(|&o| is_token(o)));
        assert!(!b"()<>@,;:\\\"/[]?={} \t\x7f\x80".iter().any(|&o| is_token(o)));
    }

    #[test]
    fn elements_keep_their_places() {
        let list = b"psk ,\teap";
        let found = elements(list, [4].into_iter()).unwrap();
        assert_eq!(found, [(0, &b"psk"[..]), (6, &b"eap"[..])]);
    }

    #[test]
    fn an_empty_element_is_found_where_it_stands() {
        assert_eq!(elements(b"psk,,eap", [3, 4].into_iter()), Err(4));
        assert_eq!(elements(b"psk, ", [3].into_iter()), Err(5));
        assert_eq!(elements(b"", [].into_iter()), Err(0));
    }
}
