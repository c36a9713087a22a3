//! RFC 6275 section 6.2: mobility options.

use crate::error::{DecodeError, Have, Need};

/// Option type of one octet of padding.
pub const PAD1: u8 = 0;
/// Option type of more octets of padding.
pub const PADN: u8 = 1;
/// Option type of Binding Refresh Advice.
pub const BINDING_REFRESH_ADVICE: u8 = 2;
/// Option type of Alternate Care-of Address.
pub const ALTERNATE_COA: u8 = 3;

/// An option with data; padding never shows up as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MobilityOption<'a> {
    /// Option type; unknown ones are skipped by whoever reads them.
    pub kind: u8,
    /// Option data.
    pub data: &'a [u8],
    /// Offset of the type from the start of the options.
    pub at: usize,
}

impl<'a> MobilityOption<'a> {
    /// The data, if it has just this many octets.
    pub(super) fn fixed<const N: usize>(&self, field: &'static str) -> Result<[u8; N], DecodeError> {
        self.data.try_into().map_err(|_| {
            let have = Have::Octets(self.data.len());
            DecodeError::new(field, Need::Octets(N), have).shifted(self.at + 2)
        })
    }
}

/// Walks options and passes over padding; after an error it ends.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    options: &'a [u8],
    at: usize,
}

impl<'a> Options<'a> {
    /// From the first octet behind the fixed Message Data.
    #[must_use]
    pub const fn new(options: &'a [u8]) -> Self {
        Self { options, at: 0 }
    }

    fn fail(&mut self, field: &'static str, need: usize, have: usize) -> DecodeError {
        let at = std::mem::replace(&mut self.at, self.options.len());
        DecodeError::new(field, Need::Octets(need), Have::Octets(have)).shifted(at)
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = Result<MobilityOption<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let at = self.at;
            let (kind, data) = match self.options.get(at..)? {
                [] => return None,
                [PAD1, ..] => {
                    self.at += 1;
                    continue;
                }
                [_] => return Some(Err(self.fail("mobility option", 2, 1))),
                [kind, len, rest @ ..] => match rest.get(..usize::from(*len)) {
                    None => {
                        let need = usize::from(*len);
                        return Some(Err(self.fail("mobility option", need, rest.len())));
                    }
                    Some(data) => (*kind, data),
                },
            };
            self.at += 2 + data.len();
            if kind != PADN {
                return Some(Ok(MobilityOption { kind, data, at }));
            }
        }
    }
}

/// The data of the one option of that kind, if there is one; the others are skipped (RFC 6275 section 6.2.1).
pub(super) fn only<const N: usize>(
    options: &[u8],
    kind: u8,
    field: &'static str,
) -> Result<Option<[u8; N]>, DecodeError> {
    let mut found = None;
    for option in Options::new(options) {
        let option = option?;
        if option.kind != kind {
            continue;
        }
        let data = option.fixed::<N>(field)?;
        if found.replace(data).is_some() {
            return Err(DecodeError::new(field, Need::Once, Have::Value(2)).shifted(option.at));
        }
    }
    Ok(found)
}

/// Appends an option so that its type stands at `multiple` * n + `offset` of the header, which starts `before` octets
/// before `data`.
pub(super) fn push(data: &mut Vec<u8>, alignment: Alignment, kind: u8, value: &[u8]) {
    let at = alignment.before + data.len();
    let gap = (alignment.offset + alignment.multiple - at % alignment.multiple) % alignment.multiple;
    pad(data, gap);
    data.push(kind);
    data.push(u8::try_from(value.len()).unwrap_or(u8::MAX));
    data.extend_from_slice(value);
}

/// Where an option may start.
#[derive(Clone, Copy)]
pub(super) struct Alignment {
    pub(super) before: usize,
    pub(super) multiple: usize,
    pub(super) offset: usize,
}

/// Pads `data`, `before` octets into the header, to a multiple of `unit` octets.
pub(super) fn pad_to(data: &mut Vec<u8>, before: usize, unit: usize) {
    let over = (before + data.len()) % unit;
    pad(data, (unit - over) % unit);
}

fn pad(data: &mut Vec<u8>, gap: usize) {
    match gap {
        0 => {}
        1 => data.push(PAD1),
        _ => {
            let zeros = gap - 2;
            data.extend_from_slice(&[PADN, u8::try_from(zeros).unwrap_or(u8::MAX)]);
            data.resize(data.len() + zeros, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::hex::spaced;

    #[test]
    fn padding_is_passed_over() {
        let octets = spaced("00 00  01 00  7f 01 aa  01 02 0000  02 02 0001");
        let found: Result<Vec<_>, _> = Options::new(&octets).collect();
        let found: Vec<_> =
            found.unwrap().iter().map(|option| (option.kind, option.at, option.data.to_vec())).collect();
        assert_eq!(found, [(0x7f, 4, vec![0xaa]), (2, 11, vec![0, 1])]);
    }

    #[test]
    fn the_walk_ends_at_the_first_error() {
        let octets = spaced("7f 01 aa  02 09 00");
        let mut options = Options::new(&octets);
        assert!(options.next().unwrap().is_ok());
        let error = options.next().unwrap().unwrap_err();
        assert_eq!((error.offset, error.need), (3, Need::Octets(9)));
        assert!(options.next().is_none());
    }

    #[test]
    fn padding_has_the_length_that_is_missing() {
        for before in 0..16 {
            let mut data = vec![0xee; before];
            pad_to(&mut data, 6, 8);
            assert_eq!((6 + data.len()) % 8, 0);
            let padding = data.get(before..).unwrap_or_default();
            assert!(padding.len() < 8);
            assert_eq!(Options::new(padding).count(), 0);
        }
    }
}
