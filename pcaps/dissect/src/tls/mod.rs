//! TLS 1.2 (RFC 5246) and TLS 1.3 (RFC 8446), read by a bystander who was given the secrets.
//!
//! Signatures, certificates and Finished messages are not verified: who judges `auth` needs the certificate as it was
//! sent, and records that decrypt were made by somebody with the secrets.

mod handshake;
mod key_log;
#[cfg(test)]
mod openssl;
mod protection;
#[cfg(test)]
mod public;
mod record;
mod schedule;
mod session;
mod suite;

pub(crate) use handshake::client_random;
pub use key_log::KeyLog;
pub(crate) use record::HEADER_LEN;
pub(crate) use session::{Event, Negotiated, Role, Session, Stop};
pub(crate) use suite::{Weakness, weakness};

/// Versions as they stand on the wire.
pub(crate) mod version {
    pub(crate) const TLS12: u16 = 0x0303;
    pub(crate) const TLS13: u16 = 0x0304;
}
