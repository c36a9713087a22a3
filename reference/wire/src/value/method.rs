//! RFC 6618 section 5.5.2: `a-method *("," a-method)`.

use std::fmt;

use super::basic_rules::{elements, is_token};
use crate::error::{DecodeError, Have, Need};

/// How the MN authenticates itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `psk`, section 5.8.
    Psk,
    /// `eap`, section 5.9.
    Eap,
}

impl Method {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Psk, Self::Eap];

    /// As sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Psk => "psk",
            Self::Eap => "eap",
        }
    }

    fn from_octets(token: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str().as_bytes().eq_ignore_ascii_case(token))
    }
}

/// A list of methods. A response holds exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Methods {
    /// Those with a meaning, in the order sent.
    pub known: Vec<Method>,
    /// How many others were named; a receiver passes over them (VA-22).
    pub unknown: usize,
}

impl Methods {
    /// Reads a list in any letter case.
    ///
    /// # Errors
    /// An empty list or element, or an element that is no token. A list of unknown methods only is legal here.
    pub fn parse(value: &[u8]) -> Result<Self, DecodeError> {
        let mut methods = Self { known: Vec::new(), unknown: 0 };
        let commas = (0..value.len()).filter(|&at| value.get(at) == Some(&b','));
        for (at, element) in elements(value, commas).map_err(empty_element)? {
            match Method::from_octets(element) {
                Some(method) => methods.known.push(method),
                None if element.iter().all(|&octet| is_token(octet)) => methods.unknown += 1,
                None => {
                    let need = Need::Grammar("psk, eap or another token");
                    return Err(DecodeError::new("a-method", need, Have::text(element)).shifted(at));
                }
            }
        }
        Ok(methods)
    }

    /// The one method, where there is exactly one and it is known (MS-09).
    #[must_use]
    pub fn only(&self) -> Option<Method> {
        match (self.known.as_slice(), self.unknown) {
            (&[method], 0) => Some(method),
            _ => None,
        }
    }
}

impl From<Method> for Methods {
    fn from(method: Method) -> Self {
        Self { known: vec![method], unknown: 0 }
    }
}

fn empty_element(at: usize) -> DecodeError {
    let need = Need::Grammar("psk, eap or another token");
    DecodeError::new("a-method", need, Have::Nothing).shifted(at)
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Methods {
    /// The known ones; others have no name to be sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, method) in self.known.iter().enumerate() {
            let comma = if nth == 0 { "" } else { "," };
            write!(f, "{comma}{method}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn methods(known: &[Method], unknown: usize) -> Methods {
        let known = known.to_vec();
        Methods { known, unknown }
    }

    #[test]
    fn a_list_is_read_with_white_space_and_in_any_case() {
        let both = methods(&[Method::Psk, Method::Eap], 0);
        for value in ["psk,eap", "psk, eap", "PSK\t ,Eap"] {
            assert_eq!(Methods::parse(value.as_bytes()).as_ref(), Ok(&both));
        }
        assert_eq!(both.to_string(), "psk,eap");
    }

    #[test]
    fn unknown_methods_are_counted() {
        let value = b"x-new,psk,y";
        assert_eq!(Methods::parse(value), Ok(methods(&[Method::Psk], 2)));
        assert_eq!(Methods::parse(b"none"), Ok(methods(&[], 1)));
    }

    #[test]
    fn empty_elements_and_what_is_no_token_are_refused() {
        for (value, at) in [("psk,,eap", 4), (",psk", 0), ("psk,", 4), ("psk eap", 0), ("psk, e{p", 5)] {
            let error = Methods::parse(value.as_bytes()).expect_err(value);
            assert_eq!((error.field, error.offset), ("a-method", at), "{value}");
        }
    }

    #[test]
    fn only_one_known_method_is_a_selection() {
        assert_eq!(Methods::from(Method::Eap).only(), Some(Method::Eap));
        assert_eq!(methods(&[Method::Psk, Method::Eap], 0).only(), None);
        assert_eq!(methods(&[Method::Psk], 1).only(), None);
        assert_eq!(methods(&[], 1).only(), None);
    }
}
