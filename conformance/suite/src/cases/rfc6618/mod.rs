//! RFC 6618: a file for each section that has testable requirements.

mod s5_1_container;
mod s5_2_encoding;
mod s5_3_exchange;
mod s5_5_generic;
mod s5_6_sa_parameters;
mod s5_8_psk;

use crate::case::Case;

/// The cases of each section, in the order of the text.
pub(super) const SECTIONS: &[&[Case]] = &[
    s5_1_container::CASES,
    s5_2_encoding::CASES,
    s5_3_exchange::CASES,
    s5_5_generic::CASES,
    s5_6_sa_parameters::CASES,
    s5_8_psk::CASES,
];
