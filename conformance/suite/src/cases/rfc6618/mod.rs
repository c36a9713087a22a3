//! RFC 6618: a file for each section that has testable requirements.

mod s4_3_many;
mod s4_3_mn;
mod s4_3_sa_contents;
mod s4_3_sa_management;
mod s5_1_container;
mod s5_1_framing;
mod s5_1_mn;
mod s5_2_encoding;
mod s5_2_lines;
mod s5_2_repeats;
mod s5_3_ending;
mod s5_3_exchange;
mod s5_3_mn;
mod s5_5_1_mn_id;
mod s5_5_2_method;
mod s5_5_3_eap_payload;
mod s5_5_5_auth;
mod s5_5_generic;
mod s5_5_mn;
mod s5_6_5_ciphersuite;
mod s5_6_keys;
mod s5_6_mn;
mod s5_6_sa_parameters;
mod s5_7_bootstrapping;
mod s5_8_mn;
mod s5_8_proof;
mod s5_8_psk;
mod s5_8_strangers;
mod s5_9_ending;
mod s5_9_exchange;
mod s5_9_keys;
mod s5_9_mn;
mod s5_9_rounds;
mod s6_1_general;
mod s6_1_window;
mod s6_2_ptype_spi;
mod s6_2_table;
mod s6_3_binding;
mod s6_3_cover;
mod s6_3_lifetime;
mod s6_3_protection;
mod s6_3_update;
mod s6_4_data;
mod s6_4_ip4;
mod s6_4_neighbours;
mod s6_mn;
mod s6_mn_answers;
mod s8_iana;
mod s9_2_renegotiation;
mod s9_2_tls;

use crate::case::Case;

/// The cases of each section, in the order of the text.
pub(super) const SECTIONS: &[&[Case]] = &[
    s4_3_sa_management::CASES,
    s4_3_mn::CASES,
    s4_3_sa_contents::CASES,
    s4_3_many::CASES,
    s5_1_container::CASES,
    s5_1_framing::CASES,
    s5_1_mn::CASES,
    s5_2_encoding::CASES,
    s5_2_lines::CASES,
    s5_2_repeats::CASES,
    s5_3_exchange::CASES,
    s5_3_ending::CASES,
    s5_3_mn::CASES,
    s5_5_1_mn_id::CASES,
    s5_5_2_method::CASES,
    s5_5_3_eap_payload::CASES,
    s5_5_generic::CASES,
    s5_5_5_auth::CASES,
    s5_5_mn::CASES,
    s5_6_sa_parameters::CASES,
    s5_6_keys::CASES,
    s5_6_5_ciphersuite::CASES,
    s5_6_mn::CASES,
    s5_7_bootstrapping::CASES,
    s5_8_psk::CASES,
    s5_8_proof::CASES,
    s5_8_strangers::CASES,
    s5_8_mn::CASES,
    s5_9_exchange::CASES,
    s5_9_rounds::CASES,
    s5_9_keys::CASES,
    s5_9_ending::CASES,
    s5_9_mn::CASES,
    s6_1_general::CASES,
    s6_1_window::CASES,
    s6_2_ptype_spi::CASES,
    s6_2_table::CASES,
    s6_3_protection::CASES,
    s6_3_cover::CASES,
    s6_3_binding::CASES,
    s6_3_update::CASES,
    s6_3_lifetime::CASES,
    s6_4_data::CASES,
    s6_4_ip4::CASES,
    s6_4_neighbours::CASES,
    s6_mn::CASES,
    s6_mn_answers::CASES,
    s8_iana::CASES,
    s9_2_tls::CASES,
    s9_2_renegotiation::CASES,
];
