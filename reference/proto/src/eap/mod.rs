//! RFC 3748: EAP as values, with EAP-GPSK (RFC 5433) and MD5-Challenge.
//!
//! A [`Peer`] proves who it is, a [`Server`] asks; the mobile node and the HAC own one each while an exchange runs by
//! EAP. What one has to do next is a type, and each packet takes it a step further. Neither ever waits for a packet to
//! come again: below is TCP (EA-11), so what RFC 3748 and RFC 5433 want silently discarded ends the conversation.
//!
//! Absent on purpose: expanded types (254), protected data of GPSK, identities that differ from the `mn-id`, and a
//! server elsewhere (AAA): secrets are asked for in place.

mod gpsk;
mod md5;
mod peer;
mod server;

pub use peer::{Conclusion, Peer, PeerStep};
pub use server::{Offer, Secrets, Server, ServerStep};

use wire::DecodeError;
use wire::eap::{Packet, Type};
use wire::error::{Have, Need};

/// The methods that are spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// EAP-GPSK: both ends prove the key, and an MSK comes of it.
    Gpsk,
    /// MD5-Challenge: the peer proves the secret; no MSK, so `auth` proves nothing (EA-08).
    Md5Challenge,
}

impl Method {
    /// All, the best first.
    pub const ALL: [Self; 2] = [Self::Gpsk, Self::Md5Challenge];

    /// Its number on the wire.
    pub const fn kind(self) -> Type {
        match self {
            Self::Gpsk => Type::GPSK,
            Self::Md5Challenge => Type::MD5_CHALLENGE,
        }
    }
}

/// A packet of a type that does not answer, or follow, the one before.
fn unexpected(kind: Type) -> DecodeError {
    let need = Need::OneOf("a type that fits this step");
    DecodeError::new("EAP Type", need, Have::Value(u64::from(kind.0)))
}

/// A code that is not this role's to receive now.
fn misplaced(packet: &Packet<'_>, need: &'static str) -> DecodeError {
    let have: &[u8] = match packet {
        Packet::Request { .. } => b"EAP-Request",
        Packet::Response { .. } => b"EAP-Response",
        Packet::Success { .. } => b"EAP-Success",
        Packet::Failure { .. } => b"EAP-Failure",
    };
    DecodeError::new("EAP Code", Need::OneOf(need), Have::text(have))
}
