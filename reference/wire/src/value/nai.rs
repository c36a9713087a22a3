//! RFC 6618 section 5.5.1: `mn-id`, a Network Access Identifier of RFC 4282 section 2.1.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::error::{DecodeError, Have, Need};

/// The identity of an MN.
///
/// Two are equal when the user parts agree octet for octet and the realms in any letter case (VA-05).
#[derive(Clone, Debug, Eq)]
pub struct Nai {
    text: String,
    /// Where the `@` stands; the length of the text if there is none.
    user_len: usize,
}

impl Nai {
    /// The longest NAI that is taken, in octets (VA-04).
    pub const MAX_LEN: usize = 253;

    /// Reads an NAI.
    ///
    /// A realm has two labels at least (VA-02). Control characters are refused even behind a backslash: CR, LF and NUL
    /// break the framing (VA-03), the others RFC 4282 section 2.4 prohibits. So is white space at the end, which is not
    /// part of a TV-header's value.
    ///
    /// # Errors
    /// Anything else, and more than [`Self::MAX_LEN`] octets.
    pub fn parse(value: &[u8]) -> Result<Self, DecodeError> {
        if value.len() > Self::MAX_LEN {
            let need = Need::AtMost(Self::MAX_LEN);
            return Err(DecodeError::new("NAI", need, Have::Octets(value.len())));
        }
        let text = std::str::from_utf8(value).map_err(|error| {
            let need = Need::Grammar("UTF-8");
            refused(need, value, error.valid_up_to())
        })?;
        let user_len = user_len(text)?;
        if let Some(realm) = text.get(user_len + 1..) {
            check_realm(realm).map_err(|error| error.shifted(user_len + 1))?;
        } else if user_len == 0 {
            return Err(refused(Need::Grammar("a user name or a realm"), value, 0));
        }
        Ok(Self { text: text.to_owned(), user_len })
    }

    /// The NAI as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`; empty if the NAI is a realm only.
    #[must_use]
    pub fn user(&self) -> &str {
        self.text.get(..self.user_len).unwrap_or_default()
    }

    /// What stands behind the `@`.
    #[must_use]
    pub fn realm(&self) -> Option<&str> {
        self.text.get(self.user_len + 1..)
    }
}

/// Checks the user part and says where it ends.
fn user_len(text: &str) -> Result<usize, DecodeError> {
    const STRING: Need = Need::Grammar("1*char between dots");
    let fault = |need, at| refused(need, text.as_bytes(), at);
    let mut string_is_empty = true;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '@' if at == 0 => return Ok(at),
            '@' | '.' if string_is_empty => return Err(fault(STRING, at)),
            '@' => return Ok(at),
            '.' => string_is_empty = true,
            '\\' => {
                let escaped = characters.next().filter(|(_, c)| !c.is_control());
                let ends_in_space = escaped == Some((text.len() - 1, ' '));
                if escaped.is_none() || ends_in_space {
                    let need = Need::Grammar("a printable character behind the backslash");
                    return Err(fault(need, at));
                }
                string_is_empty = false;
            }
            plain if is_plain(plain) => string_is_empty = false,
            _ => {
                let need = Need::Grammar("a character that RFC 4282 allows in a user name");
                return Err(fault(need, at));
            }
        }
    }
    if string_is_empty && !text.is_empty() {
        return Err(fault(STRING, text.len()));
    }
    Ok(text.len())
}

fn is_plain(character: char) -> bool {
    if character.is_ascii() {
        character.is_ascii_graphic() && !r#""(),.:;<>@[\]"#.contains(character)
    } else {
        !character.is_control()
    }
}

fn check_realm(realm: &str) -> Result<(), DecodeError> {
    let mut at = 0;
    for label in realm.split('.') {
        let octets = label.as_bytes();
        let legal = octets.iter().all(|&octet| octet.is_ascii_alphanumeric() || octet == b'-');
        let hyphen_outside = octets.first() == Some(&b'-') || octets.last() == Some(&b'-');
        if octets.is_empty() || !legal || hyphen_outside {
            let need = Need::Grammar("labels of letters, digits and inner hyphens");
            return Err(refused(need, realm.as_bytes(), at));
        }
        at += octets.len() + 1;
    }
    if realm.contains('.') {
        Ok(())
    } else {
        let need = Need::Grammar("a realm of two labels at least");
        Err(refused(need, realm.as_bytes(), 0))
    }
}

fn refused(need: Need, value: &[u8], at: usize) -> DecodeError {
    let have = match value.get(at..) {
        None | Some([]) => Have::Nothing,
        Some(rest) => Have::text(rest),
    };
    DecodeError::new("NAI", need, have).shifted(at)
}

impl PartialEq for Nai {
    fn eq(&self, other: &Self) -> bool {
        let realms = match (self.realm(), other.realm()) {
            (Some(ours), Some(theirs)) => ours.eq_ignore_ascii_case(theirs),
            (None, None) => true,
            _ => false,
        };
        realms && self.user() == other.user()
    }
}

impl Hash for Nai {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.user().hash(state);
        self.realm().map(str::to_ascii_lowercase).hash(state);
    }
}

impl fmt::Display for Nai {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn nai(text: &str) -> Nai {
        Nai::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_examples_of_rfc_4282_are_read() {
        for text in [
            "joe",
            "fred@example.com",
            "joe@foo-9.example.net",
            "fred.smith@example.com",
            "fred=?#$&*+-/^smith@example.com",
            "eng.example.net!nancy@example.net",
            "@privatecorp.example.net",
            r"\(user\)@example.net",
            "alice@xn--tmonesimerkki-bfbb.example.net",
        ] {
            assert_eq!(nai(text).to_string(), text);
        }
    }

    #[test]
    fn what_rfc_4282_calls_invalid_is_refused() {
        for text in [
            "fred@example",
            "fred@example_9.com",
            "fred@example.net@example.net",
            "fred.@example.net",
            "eng:nancy@example.net",
            "eng;nancy@example.net",
            "(user)@example.net",
            "<nancy>@example.net",
        ] {
            assert!(Nai::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_fault_is_named_where_it_stands() {
        for (value, at) in [
            (&b""[..], 0),
            (b"a b@example.com", 1),
            (b"a..b", 2),
            (b".a", 0),
            (b"a@", 2),
            (b"a@example", 2),
            (b"a@example.-com", 10),
            (b"a@example.com-", 10),
            (b"a@.com", 2),
            (b"ab\xff@example.com", 2),
            (b"a\\\r@example.com", 1),
            (b"a\\\x1b@example.com", 1),
            (b"a\\", 1),
            (b"a\\ ", 1),
            (b"a\x7f", 1),
            ("a\u{9b}".as_bytes(), 1),
        ] {
            let error = Nai::parse(value).unwrap_err();
            assert_eq!(error.offset, at, "{error}");
        }
    }

    #[test]
    fn user_and_realm_are_told_apart() {
        let escaped = nai(r"a\@b@example.com");
        assert_eq!((escaped.user(), escaped.realm()), (r"a\@b", Some("example.com")));
        assert_eq!((nai("joe").user(), nai("joe").realm()), ("joe", None));
        assert_eq!(nai("@example.com").user(), "");
        assert_eq!(nai("jürgen@example.com").user(), "jürgen");
    }

    #[test]
    fn at_most_253_octets_are_taken() {
        assert!(Nai::parse(&[b'a'; 253]).is_ok());
        let error = Nai::parse(&[b'a'; 254]).unwrap_err();
        assert_eq!((error.need, error.have), (Need::AtMost(253), Have::Octets(254)));
    }

    #[test]
    fn realms_agree_in_any_case_and_users_do_not() {
        assert_eq!(nai("joe@Example.COM"), nai("joe@example.com"));
        assert_ne!(nai("Joe@example.com"), nai("joe@example.com"));
        assert_ne!(nai("joe"), nai("joe@example.com"));
        let table = HashSet::from([nai("joe@Example.COM")]);
        assert!(table.contains(&nai("joe@example.com")));
    }
}
