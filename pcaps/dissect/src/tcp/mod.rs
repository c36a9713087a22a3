//! TCP (RFC 9293), read by a bystander: octets in order, or a told gap.
//!
//! A capture is not what the ends saw. Segments are missing, come twice, come late, overlap; the capture starts in the
//! middle. What cannot be put in order within bounds is told and skipped, never guessed.

mod connection;
mod stream;

pub(crate) use connection::{Connection, Side};
pub(crate) use stream::Arrival;
