//! One exchange of an MN with a HAC, and how it ended.

use core::fmt;
use std::sync::Arc;

use crypto::auth::{Direction, Profile};
use wire::param::Name;
use wire::value::{Method, Spi, Status};

use super::Moment;
use crate::conversation::{Kind, Message, Proof};

/// An exchange between MN and HAC.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Which conversation, from 1 in the order of the capture.
    pub conversation: u64,
    /// The MN, printable, if it said who it is.
    pub mn_id: Option<Arc<str>>,
    /// How it proved that, if this was agreed.
    pub method: Option<Method>,
    /// The text under which an `auth` was right.
    pub profile: Option<Profile>,
    /// Its first message.
    pub first: Moment,
    /// Its last message.
    pub last: Moment,
    /// Its messages.
    pub messages: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// The SPI that was granted.
    pub spi: Option<u32>,
    /// Findings in its messages.
    pub findings: u64,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did not, in this capture.
    Open,
    /// Without a final response: this end closed, by whom it speaks to.
    Closed(Direction),
    /// With this status; nothing if that is not legal.
    Final(Option<Status>),
}

impl Exchange {
    pub(super) fn new(message: &Message<'_>) -> Self {
        let moment = Moment { frame: message.frame, at: message.at };
        Self {
            conversation: message.conversation,
            mn_id: None,
            method: None,
            profile: None,
            first: moment,
            last: moment,
            messages: 0,
            outcome: Outcome::Open,
            spi: None,
            findings: 0,
        }
    }

    pub(super) fn take(&mut self, message: &Message<'_>) {
        self.messages += 1;
        self.findings += message.findings.len() as u64;
        self.last = Moment { frame: message.frame, at: message.at };
        if self.mn_id.is_none() {
            self.mn_id.clone_from(&message.mn_id);
        }
        self.method = message.method.or(self.method);
        if let Proof::Right(profile) = message.proof {
            self.profile.get_or_insert(profile);
        }
        if let (Kind::Final(status), Outcome::Open) = (message.kind, self.outcome) {
            self.outcome = Outcome::Final(status);
            self.spi = spi(message).filter(|_| status == Some(Status::OK));
        }
    }

    pub(super) fn closed(&mut self, by: Direction) {
        if self.outcome == Outcome::Open {
            self.outcome = Outcome::Closed(by);
        }
    }
}

fn spi(message: &Message<'_>) -> Option<u32> {
    let headers = &message.lexed.as_ref()?.headers;
    let header = headers.iter().find(|header| header.known() == Some(Name::Spi))?;
    Spi::parse(header.value).ok().map(Spi::get)
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("no end seen"),
            Self::Closed(Direction::MnToHac) => f.write_str("MN closed"),
            Self::Closed(Direction::HacToMn) => f.write_str("HAC closed"),
            Self::Final(None) => f.write_str("no legal status"),
            Self::Final(Some(status)) => write!(f, "{} {}", status.code(), status.name()),
        }
    }
}
