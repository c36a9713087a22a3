//! TLS without a socket, and without luck: the same seed gives the same octets.
//!
//! rustls takes its random octets and its key exchange from whoever asks; certificates are signed with ECDSA and
//! handshakes with Ed25519, neither of which draws anything here.

mod authority;
mod exchange;
mod leg;
mod seeded;

pub(crate) use authority::Authority;
pub(crate) use leg::{Arrived, End, Leg, Server, Terms};
pub(crate) use seeded::provider;
