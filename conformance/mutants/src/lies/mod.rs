//! The lies, by topic, in the order of the RFC. Each is a row and, where a line is too short, a function beside it.

mod auth;
mod binding;
mod data;
mod framing;
mod headers;
mod mn;
mod mn_binding;
mod packets;
mod protection;
mod sa;
mod values;

use crate::mutant::Mutant;

/// All of them.
pub(crate) const TOPICS: &[&[Mutant]] =
    &[
    framing::LIES, headers::LIES, values::LIES, sa::LIES, auth::LIES, packets::LIES, protection::LIES, binding::LIES, data::LIES, mn::LIES, mn_binding::LIES,
];

/// 32 octets of 0 in hex.
const ZEROS: &[u8; 64] = &[b'0'; 64];
