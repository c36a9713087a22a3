//! The lies, by topic, in the order of the RFC. Each is a row and, where a line is too short, a function beside it.

mod auth;
mod binding;
mod bootstrap;
mod data;
mod eap;
mod eap_believes;
mod eap_keys;
mod framing;
mod headers;
mod inner;
mod keys;
mod misreadings;
mod mn_believes;
mod mn_binding;
mod mn_eap;
mod mn_says;
mod packet_misreadings;
mod packets;
mod presence;
mod protection;
mod sa;
mod signing;
mod suites;
mod updates;
mod values;

use crate::mutant::Mutant;

/// All of them.
pub(crate) const TOPICS: &[&[Mutant]] = &[
    framing::LIES,
    headers::LIES,
    presence::LIES,
    values::LIES,
    suites::LIES,
    sa::LIES,
    keys::LIES,
    bootstrap::LIES,
    auth::LIES,
    signing::LIES,
    misreadings::LIES,
    eap::LIES,
    eap_believes::LIES,
    eap_keys::LIES,
    packets::LIES,
    protection::LIES,
    binding::LIES,
    updates::LIES,
    data::LIES,
    inner::LIES,
    packet_misreadings::LIES,
    mn_says::LIES,
    mn_believes::LIES,
    mn_eap::LIES,
    mn_binding::LIES,
];

/// 32 octets of 0 in hex.
const ZEROS: &[u8; 64] = &[b'0'; 64];
