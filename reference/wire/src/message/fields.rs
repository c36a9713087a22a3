//! RFC 6618 sections 5.2 and 5.5: typed access to the headers of one message.

use super::Signature;
use crate::error::{DecodeError, Have, Need};
use crate::header::{Header, Lexed, lex};
use crate::param::{Name, Repeat};
use crate::value::Mac;

type Parse<T> = fn(&[u8]) -> Result<T, DecodeError>;

/// A lexed message in which no header stands twice that must not.
pub(super) struct Fields<'a> {
    lexed: Lexed<'a>,
}

impl<'a> Fields<'a> {
    /// Refuses what no message may have: bad lines, octets behind the end (CT-09), repeated headers (TV-06).
    pub(super) fn of_any_order(content: &'a [u8]) -> Result<Self, DecodeError> {
        let lexed = lex(content)?;
        if !lexed.trailing.is_empty() {
            let at = content.len() - lexed.trailing.len();
            let have = Have::Octets(lexed.trailing.len());
            let error = DecodeError::new("octets behind end-of-message", Need::Absent, have);
            return Err(error.shifted(at));
        }
        for name in Name::ALL {
            let once = matches!(name.repeat(), Repeat::Never | Repeat::NeverSoft);
            if let Some(second) = lexed.all(name).nth(1).filter(|_| once) {
                let have = Have::Value(lexed.all(name).count() as u64);
                let error = DecodeError::new(name.as_str(), Need::Once, have);
                return Err(error.shifted(second.at));
            }
        }
        Ok(Self { lexed })
    }

    /// Refuses a header behind `auth`, too: no MAC would cover it (TV-08).
    pub(super) fn with_auth_last(content: &'a [u8]) -> Result<Self, DecodeError> {
        let fields = Self::of_any_order(content)?;
        let auth = fields.lexed.find(Name::Auth);
        if let (Some(auth), Some(last)) = (auth, fields.lexed.headers.last())
            && last.at != auth.at
        {
            let error = DecodeError::new(Name::Auth.as_str(), Need::Last, Have::text(last.name));
            return Err(error.shifted(auth.at));
        }
        Ok(fields)
    }

    pub(super) fn has(&self, name: Name) -> bool {
        self.lexed.find(name).is_some()
    }

    pub(super) fn headers(&self) -> &[Header<'a>] {
        &self.lexed.headers
    }

    pub(super) fn required<T>(&self, name: Name, parse: Parse<T>) -> Result<T, DecodeError> {
        self.optional(name, parse)?.ok_or_else(|| self.missing(name))
    }

    pub(super) fn optional<T>(&self, name: Name, parse: Parse<T>) -> Result<Option<T>, DecodeError> {
        self.lexed.find(name).map(|header| read(header, name, parse)).transpose()
    }

    /// The values of all headers of a name; at least one.
    pub(super) fn joined<T>(&self, name: Name, parse: Parse<T>) -> Result<Vec<T>, DecodeError> {
        let parts: Vec<T> =
            self.lexed.all(name).map(|header| read(header, name, parse)).collect::<Result<_, _>>()?;
        if parts.is_empty() {
            return Err(self.missing(name));
        }
        Ok(parts)
    }

    pub(super) fn present(&self, name: Name) -> Result<(), DecodeError> {
        if self.has(name) { Ok(()) } else { Err(self.missing(name)) }
    }

    pub(super) fn absent(&self, name: Name) -> Result<(), DecodeError> {
        match self.lexed.find(name) {
            None => Ok(()),
            Some(header) => {
                let have = Have::Octets(header.value.len());
                Err(DecodeError::new(name.as_str(), Need::Absent, have).shifted(header.at))
            }
        }
    }

    pub(super) fn signature(&self) -> Result<Option<Signature>, DecodeError> {
        let Some(header) = self.lexed.find(Name::Auth) else {
            return Ok(None);
        };
        let mac = read(header, Name::Auth, Mac::parse)?;
        let covered = header.at;
        Ok(Some(Signature { mac, covered }))
    }

    pub(super) fn required_signature(&self) -> Result<Signature, DecodeError> {
        self.signature()?.ok_or_else(|| self.missing(Name::Auth))
    }

    /// A missing header is missing where the headers end.
    fn missing(&self, name: Name) -> DecodeError {
        let at = self.lexed.headers.last().map_or(0, |header| header.end);
        DecodeError::new(name.as_str(), Need::Present, Have::Nothing).shifted(at)
    }
}

/// A header's value, or an error that names the header and its place in the content.
pub(super) fn read<T>(header: &Header<'_>, name: Name, parse: Parse<T>) -> Result<T, DecodeError> {
    parse(header.value).map_err(|error| error.of(name.as_str()).shifted(header.value_at))
}
