//! RFC 3748 section 5.4: the Type-Data of MD5-Challenge, which is that of CHAP (RFC 1994 section 4.1).
//!
//! ```text
//!  Value-Size (1)  Value ..  Name ..
//! ```

use crate::error::{DecodeError, Have, Need};

/// The challenge of a request, or the hash of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Md5Challenge<'a> {
    /// One octet or more; 16 octets in a response.
    pub value: &'a [u8],
    /// Who speaks; may be empty.
    pub name: &'a [u8],
}

impl<'a> Md5Challenge<'a> {
    /// Reads Type-Data.
    ///
    /// # Errors
    /// A Value-Size of 0, or beyond the end.
    pub fn parse(data: &'a [u8]) -> Result<Self, DecodeError> {
        let Some((&size, rest)) = data.split_first() else {
            return Err(DecodeError::new("EAP-MD5 Value-Size", Need::Present, Have::Nothing));
        };
        match rest.split_at_checked(usize::from(size)) {
            Some((value, name)) if !value.is_empty() => Ok(Self { value, name }),
            _ => {
                let need = Need::Range { min: 1, max: rest.len() as u64 };
                Err(DecodeError::new("EAP-MD5 Value-Size", need, Have::Value(u64::from(size))))
            }
        }
    }

    /// The Type-Data.
    ///
    /// # Errors
    /// A value longer than Value-Size can tell.
    pub fn to_vec(&self) -> Result<Vec<u8>, DecodeError> {
        let size = u8::try_from(self.value.len()).map_err(|_| {
            DecodeError::new("EAP-MD5 Value", Need::AtMost(255), Have::Octets(self.value.len()))
        })?;
        Ok([&[size], self.value, self.name].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_and_name_are_told_apart() {
        let read = Md5Challenge::parse(b"\x02abname").expect("legal");
        assert_eq!((read.value, read.name), (b"ab".as_slice(), b"name".as_slice()));
        assert_eq!(read.to_vec().expect("short"), b"\x02abname");
        for bad in [b"".as_slice(), b"\x00name", b"\x03ab"] {
            assert!(Md5Challenge::parse(bad).is_err(), "{bad:?}");
        }
    }
}
