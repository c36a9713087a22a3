//! What MN and HAC do wrong, and what cannot be told.

use core::fmt;

use crypto::auth::Direction;
use wire::error::{DecodeError, Have, Need};

use crate::clue::Clue;
use crate::tls;

/// A rule that an MN or a HAC breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The id of the rule.
    pub requirement: &'static str,
    /// Who breaks it, by whom that end speaks to.
    pub by: Direction,
    /// How.
    pub what: What,
    /// What the receiver has to make of it.
    pub(super) receiver: Receiver,
}

/// How a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A field: of the container if the field is one of section 5.1, else of its Content. Offsets count from there.
    Field(DecodeError),
    /// An `auth` that key, octets and channel do not give, with the misreadings that give it.
    Auth(Vec<Clue>),
    /// A value that must be new and was seen before.
    Reused {
        /// The header.
        field: &'static str,
        /// The frame that had it first.
        first: u64,
    },
    /// The message goes on from one that had to be refused, for breaking this rule.
    TookFault {
        /// The rule that the other end broke.
        requirement: &'static str,
    },
    /// Something at a time when it must not be.
    Turn(Turn),
    /// A TLS suite, by its number.
    TlsSuite(u16),
}

/// Something at a time when it must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// A request before the one before was answered.
    RequestUnanswered,
    /// A response without a request.
    Unasked,
    /// A message behind the final response.
    AfterFinal,
    /// The final response was sent, the other end closed, this one did not.
    LeftOpen,
    /// A message that looks like one of the other end.
    OtherEnd,
    /// The stream ended inside a container.
    CutShort {
        /// Octets that Length announced, header included.
        need: usize,
        /// Octets that came.
        have: usize,
    },
    /// TLS was negotiated anew.
    Renegotiated,
    /// There is no TLS around the exchange.
    Bare,
}

/// What a receiver has to make of a breach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Receiver {
    /// It must refuse the message.
    Refuses,
    /// It may take the message.
    MayTake,
}

/// Something that the capture does not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The id of the rule that could not be judged.
    pub requirement: &'static str,
    /// Why not.
    pub why: Why,
}

/// Why something could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// No key was given for the identity of this exchange.
    NoKey,
    /// No MSK was given, and the key of "1" does not fit.
    NoMsk,
    /// The PSK given is not the one with which the MN made GPSK-2, so it makes another MSK.
    OtherPsk,
    /// The server's certificate was not seen: the TLS session was resumed, or its Certificate message is compressed.
    NoCertificate,
    /// The certificate gives no channel binding.
    NoBinding(crypto::BindingError),
    /// TLS cannot be read.
    Tls(NotRead),
    /// TCP octets came twice, and not the same both times: the first ones were taken.
    Rewritten,
    /// The capture or the connection ended first.
    Ended,
}

/// Why TLS cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotRead(pub(super) tls::Stop);

impl Breach {
    pub(super) const fn new(requirement: &'static str, by: Direction, what: What) -> Self {
        Self { requirement, by, what, receiver: Receiver::Refuses }
    }

    /// The same, but a receiver that takes it breaks no rule.
    pub(super) const fn soft(mut self) -> Self {
        self.receiver = Receiver::MayTake;
        self
    }
}

/// A field that should be different.
pub(super) const fn field(name: &'static str, need: Need, have: Have) -> What {
    What::Field(DecodeError::new(name, need, have))
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = match self.by {
            Direction::MnToHac => "MN",
            Direction::HacToMn => "HAC",
        };
        write!(f, "{by}: {}", self.what)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(error) => error.fmt(f),
            Self::Auth(clues) => {
                f.write_str("auth is not the one that key, octets and channel give")?;
                clues.iter().try_for_each(|clue| write!(f, "; {clue}"))
            }
            Self::Reused { field, first } => write!(f, "{field} was used before, in frame {first}"),
            Self::TookFault { requirement } => {
                write!(f, "goes on from a message that breaks {requirement} and had to be refused")
            }
            Self::Turn(turn) => turn.fmt(f),
            Self::TlsSuite(suite) => write!(f, "TLS suite {suite:#06x}"),
        }
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RequestUnanswered => f.write_str("a request before the one before was answered"),
            Self::Unasked => f.write_str("a response that nobody asked for"),
            Self::AfterFinal => f.write_str("a message behind the final response"),
            Self::LeftOpen => f.write_str("the connection is left open behind the final response"),
            Self::OtherEnd => f.write_str("a message that only the other end may send"),
            Self::CutShort { need, have } => {
                write!(f, "the stream ends inside a container: need {need} octets, have {have}")
            }
            Self::Renegotiated => f.write_str("TLS was negotiated anew inside the session"),
            Self::Bare => f.write_str("the exchange is not inside TLS"),
        }
    }
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: not observable: {}", self.requirement, self.why)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey => f.write_str("no key was given for this mn-id"),
            Self::NoMsk => f.write_str("the MSK is not known"),
            Self::OtherPsk => f.write_str(
                "the MSK is not known, since the MN made GPSK-2 with another PSK than the one given",
            ),
            Self::NoCertificate => f.write_str("the server's certificate is not in the capture"),
            Self::NoBinding(error) => error.fmt(f),
            Self::Tls(NotRead(stop)) => stop.fmt(f),
            Self::Rewritten => f.write_str("octets of TCP came twice and differ, the first are taken"),
            Self::Ended => f.write_str("the capture ends before it"),
        }
    }
}
