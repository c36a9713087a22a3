//! RFC 6618 section 5.1: the request-response container (Figure 3).

use crate::case::Check::{HacAccepts, HacRefuses, HacSays, Script};
use crate::case::{Case, Fault, Level, Role, Stage};
use crate::finding::{Finding, Pass};
use crate::player::{Delivery, Reply};

/// Cases of section 5.1.
pub(super) const CASES: &[Case] = &[
    Case {
        id: "rfc6618/5.1/version-not-zero",
        story: "a request of protocol version 1 is refused",
        cites: &["rfc6618#5.1/version-zero"],
        readings: &["CT-01"],
        level: Level::Must,
        role: Role::Hac,
        check: HacRefuses(Fault { at: Stage::Init, apply: |m| m.version = 1 }),
    },
    Case {
        id: "rfc6618/5.1/identifier-zero",
        story: "a request with Identifier 0 is refused",
        cites: &["rfc6618#5.1/identifier-not-zero"],
        readings: &["EX-01"],
        level: Level::Must,
        role: Role::Hac,
        check: HacRefuses(Fault { at: Stage::Init, apply: |m| m.identifier = 0 }),
    },
];
