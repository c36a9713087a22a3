//! RFC 6618 sections 4.3, 4.4 and 5: the home agent controller.
//!
//! One connection carries one exchange and then closes (EX-06). What a connection may say next is a type in
//! [`session`]; why it is refused is in [`crate::refuse`]; what a mobile node is given is in [`provision`].

mod identities;
mod policy;
mod provision;
mod session;

use std::collections::{BTreeMap, VecDeque};

use crypto::channel_binding::ChannelBinding;
use crypto::keys::Psk;
use wire::message::SaData;
use wire::value::{Ciphersuite, Nai, Scope, Spi};

use crate::refuse::Refusal;
use crate::sa::SecurityAssociation;
use crate::{Machine, Random, Timestamp};

pub use policy::{HomeNetwork, Policy, ScopePolicy};

/// One TLS connection, numbered by the owner; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// What can happen to a HAC.
#[derive(Debug)]
pub enum Input {
    /// A TLS handshake is complete.
    Established {
        /// The new connection.
        conn: ConnId,
        /// The hash of the certificate that was really sent on it (section 5.8).
        channel_binding: ChannelBinding,
    },
    /// Application octets came in, in any slicing.
    Received {
        /// On which connection.
        conn: ConnId,
        /// In order, without gaps.
        octets: Vec<u8>,
    },
    /// The connection is gone, whoever closed it; its table entry goes with it.
    Closed {
        /// Which one.
        conn: ConnId,
    },
}

/// What a HAC wants done.
#[derive(Debug)]
pub enum Output {
    /// Write these octets.
    Send {
        /// To which connection.
        conn: ConnId,
        /// One whole container.
        octets: Vec<u8>,
    },
    /// Write what is pending, then close TLS (close_notify) and TCP. [`Input::Closed`] must follow.
    Close {
        /// Which one.
        conn: ConnId,
    },
    /// Give this association to the home agent. Comes before the `Send` that tells the mobile node.
    Install(Box<SecurityAssociation>),
    /// Something worth a log line.
    Event(Event),
}

/// What happened, for logs and tests. Holds no key.
#[derive(Debug)]
pub enum Event {
    /// A mobile node has its association.
    Bootstrapped {
        /// On which connection.
        conn: ConnId,
        /// Who.
        mn_id: Nai,
        /// Under which index.
        spi: Spi,
        /// With which ciphersuite.
        suite: Ciphersuite,
        /// For which traffic.
        scope: Scope,
    },
    /// A request was refused; the error answer and the close follow.
    Refused {
        /// On which connection.
        conn: ConnId,
        /// Who, where a known identity had been named.
        mn_id: Option<Nai>,
        /// Why.
        refusal: Refusal,
    },
    /// The peer went away, or was silent for too long, before the exchange was over.
    Abandoned {
        /// On which connection.
        conn: ConnId,
        /// Octets of an unfinished container that were thrown away (CT-05).
        unread: usize,
    },
}
