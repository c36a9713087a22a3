//! TLS without a socket, and without luck: the same seed gives the same octets.
//!
//! rustls takes its random octets and its key exchange from whoever asks; the certificates are signed with RSA and the
//! handshakes with Ed25519, neither of which draws anything.

mod authority;
mod exchange;
mod leg;
mod seeded;

pub(crate) use authority::Authority;
pub(crate) use leg::{Arrived, End, Leg, Server, Terms};
pub(crate) use seeded::provider;
