//! The lies, by topic, in the order of the RFC. Each is a row and, where a line is too short, a function beside it.

mod auth;
mod binding;
mod bootstrap;
mod data;
mod framing;
mod headers;
mod keys;
mod misreadings;
mod mn;
mod mn_binding;
mod packets;
mod presence;
mod protection;
mod sa;
mod values;

use crate::mutant::Mutant;

/// All of them.
pub(crate) const TOPICS: &[&[Mutant]] = &[
    framing::LIES,
    headers::LIES,
    presence::LIES,
    values::LIES,
    sa::LIES,
    keys::LIES,
    bootstrap::LIES,
    auth::LIES,
    misreadings::LIES,
    packets::LIES,
    protection::LIES,
    binding::LIES,
    data::LIES,
    mn::LIES,
    mn_binding::LIES,
];

/// 32 octets of 0 in hex.
const ZEROS: &[u8; 64] = &[b'0'; 64];
