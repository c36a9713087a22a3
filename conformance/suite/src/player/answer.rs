//! What a peer answered on a session, as octets first and meanings second.

use crypto::auth;
use wire::container::{Container, HEADER_LEN};
use wire::header::{Lexed, lex};
use wire::param::{Name, Value, check};
use wire::value::{Mac, Status};

use super::message_forge::Signer;
use crate::finding::{Finding, shown};
use crate::link::Ending;

/// One wait for a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A whole container.
    Reply(Reply),
    /// The peer closed; any octets of an unfinished container are kept.
    Closed(Ending, Vec<u8>),
    /// Nothing more in time; any octets of an unfinished container are kept.
    Silence(Vec<u8>),
}

impl Answer {
    /// In protocol words, safe for a terminal.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Reply(reply) => reply.describe(),
            Self::Closed(ending, rest) => {
                let how = match ending {
                    Ending::Notified => "closed with close_notify",
                    Ending::Cut => "closed without close_notify",
                    Ending::Reset => "reset the connection",
                };
                if rest.is_empty() {
                    how.to_owned()
                } else {
                    format!("{how} after half a container: {}", shown(rest, 40))
                }
            }
            Self::Silence(rest) if rest.is_empty() => "no answer in time".to_owned(),
            Self::Silence(rest) => format!("half a container, then nothing: {}", shown(rest, 40)),
        }
    }

    /// The reply, or a finding that says what came instead of `expected`.
    ///
    /// # Errors
    /// A failure or a hang.
    pub fn reply(self, expected: &str) -> Result<Reply, Finding> {
        match self {
            Self::Reply(reply) => Ok(reply),
            Self::Closed(..) => Err(Finding::fails(expected, self.describe())),
            Self::Silence(_) => {
                Err(Finding::Hangs(Box::new(crate::finding::Failure::new(expected, self.describe()))))
            }
        }
    }
}

/// The same date with the weekday that belongs to it: a wrong one is worth a warning in one case, and no more (VA-09).
pub(super) fn with_true_weekday(date: &[u8]) -> Vec<u8> {
    const DAYS: [&[u8; 3]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
    let rest = match date.split_at_checked(3) {
        Some((day, rest)) if DAYS.iter().any(|known| known.as_slice() == day) => rest,
        _ => return date.to_vec(),
    };
    let dated = |day: &[u8; 3]| [day, rest].concat();
    let right = DAYS.into_iter().map(dated).find(|dated| wire::value::Date::parse(dated).is_ok());
    right.unwrap_or_else(|| date.to_vec())
}

/// A whole container from a peer; nothing in it is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    octets: Vec<u8>,
}

impl Reply {
    /// `octets` is a whole container, header included.
    #[must_use]
    pub const fn new(octets: Vec<u8>) -> Self {
        Self { octets }
    }

    /// Header and Content.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The container as a view.
    #[must_use]
    pub fn container(&self) -> Container<&[u8]> {
        Container::new_unchecked(&self.octets)
    }

    /// The Content.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        self.octets.get(HEADER_LEN..).unwrap_or_default()
    }

    /// The Content, with the right weekday in `mip6-sa-validity-end`; its length stays.
    pub(super) fn content_with_true_weekday(&self) -> Vec<u8> {
        let mut content = self.content().to_vec();
        let found = lex(self.content()).ok().and_then(|headers| {
            let header = *headers.find(Name::SaValidityEnd)?;
            Some((header.value_at..header.value_at + header.value.len(), with_true_weekday(header.value)))
        });
        if let Some((at, date)) = found
            && let Some(place) = content.get_mut(at)
        {
            place.copy_from_slice(&date);
        }
        content
    }

    /// The TV-headers.
    ///
    /// # Errors
    /// A failure that names the octet at which the grammar of section 5.2 is broken.
    pub fn headers(&self) -> Result<Lexed<'_>, Finding> {
        lex(self.content()).map_err(|error| {
            Finding::malformed("TV-headers as sections 5.2 and 5.5 print them", &error)
                .with_octets("Content received", self.content())
        })
    }

    /// The raw value of the first header of that name.
    #[must_use]
    pub fn raw(&self, name: Name) -> Option<&[u8]> {
        lex(self.content()).ok()?.find(name).map(|header| header.value)
    }

    /// The typed value of a header that may be absent.
    ///
    /// # Errors
    /// A failure when the message or the value does not follow the grammar.
    pub fn optional(&self, name: Name) -> Result<Option<Value>, Finding> {
        let headers = self.headers()?;
        let Some(header) = headers.find(name) else { return Ok(None) };
        let read = check(name, header.value);
        let corrected = || check(name, &with_true_weekday(header.value)).map_err(|_| ());
        read.or_else(|error| corrected().map_err(|()| error)).map(Some).map_err(|error| {
            Finding::malformed(format!("{} as section {} prints it", name.as_str(), name.section()), &error)
                .with_octets(format!("value of {}", name.as_str()), header.value)
        })
    }

    /// The typed value of a header that must be there.
    ///
    /// # Errors
    /// A failure when it is not there or does not follow the grammar.
    pub fn required(&self, name: Name) -> Result<Value, Finding> {
        self.optional(name)?.ok_or_else(|| {
            Finding::fails(
                format!("a {} header (section {})", name.as_str(), name.section()),
                "none in the message",
            )
            .with_octets("Content received", self.content())
        })
    }

    /// The EAP packet, if there is one (section 5.5.3).
    ///
    /// # Errors
    /// A failure when the message, the hex or the frame of the packet is wrong.
    pub fn eap(&self) -> Result<Option<Vec<u8>>, Finding> {
        Ok(match self.optional(Name::EapPayload)? {
            Some(Value::Octets(packet)) => Some(packet),
            _ => None,
        })
    }

    /// The status, if the message carries a legal one.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        Status::parse(self.raw(Name::StatusCode)?).ok()
    }

    /// Whether any SA data is in the message (section 5.6).
    #[must_use]
    pub fn has_sa_data(&self) -> bool {
        const SA: [Name; 6] = [
            Name::Spi,
            Name::MnToHaIkey,
            Name::HaToMnIkey,
            Name::MnToHaEkey,
            Name::HaToMnEkey,
            Name::SaValidityEnd,
        ];
        SA.into_iter().any(|name| self.raw(name).is_some())
    }

    /// Whether this is a final response other than 200, without SA data. Which code it is does not matter here (C1).
    #[must_use]
    pub fn refuses(&self) -> bool {
        let other = |code: &[u8]| code.len() == 3 && code.iter().all(u8::is_ascii_digit) && code != b"200";
        self.raw(Name::StatusCode).is_some_and(other) && !self.has_sa_data()
    }

    /// Whether this is a 200 with SA data: what a MN could use.
    #[must_use]
    pub fn grants(&self) -> bool {
        self.status() == Some(Status::OK) && self.has_sa_data()
    }

    /// Whether `auth` is there and right.
    #[must_use]
    pub fn is_signed_by(&self, signer: &Signer) -> bool {
        let Ok(headers) = lex(self.content()) else { return false };
        let (Some(signed), Some(value)) = (headers.signed(), headers.find(Name::Auth).map(|h| h.value))
        else {
            return false;
        };
        let Ok(mac) = Mac::parse(value) else { return false };
        auth::verify(signer.profile, signer.direction, &signer.key, signed, &signer.binding, &mac).is_ok()
    }

    /// In protocol words, safe for a terminal.
    #[must_use]
    pub fn describe(&self) -> String {
        let view = self.container();
        let name = match (self.raw(Name::StatusCode), self.raw(Name::AuthMethod)) {
            (Some(status), _) => {
                let sa = if self.has_sa_data() { "with SA data" } else { "without SA data" };
                format!("final response, status-code {} {sa}", shown(status, 16))
            }
            (None, Some(method)) => format!("response MHAuth-Init, auth-method {}", shown(method, 16)),
            (None, None) if self.raw(Name::EapPayload).is_some() => "response MHAuth-Mid".to_owned(),
            (None, None) => {
                format!("a response without status-code and auth-method: {}", shown(self.content(), 60))
            }
        };
        format!("{name} (Identifier {})", view.identifier())
    }
}
