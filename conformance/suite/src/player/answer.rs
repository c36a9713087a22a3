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
        check(name, header.value).map(Some).map_err(|error| {
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
            (None, None) => {
                format!("a response without status-code and auth-method: {}", shown(self.content(), 60))
            }
        };
        format!("{name} (Identifier {})", view.identifier())
    }
}
