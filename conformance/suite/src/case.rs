//! A case is a row: id, what it cites, level, role, and one check that ends in an expectation.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bench::Bench;
use crate::finding::Outcome;
use crate::player::{EapExchange, EapMethod, EapStage, Exchange, MessageForge, PacketForge, Stay, Visit};

pub use crate::requirement::Level;
use crate::visit::by_eap::EapVisit;

/// Which party of the protocol a case judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Home agent controller: TLS server of section 5.
    Hac,
    /// Home agent: UDP peer of section 6.
    Ha,
    /// Mobile node: TLS client of section 5 and UDP peer of section 6.
    Mn,
}

impl Role {
    /// All roles, in the order of a report.
    pub const ALL: [Self; 3] = [Self::Hac, Self::Ha, Self::Mn];

    /// The word used on the command line and in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hac => "hac",
            Self::Ha => "ha",
            Self::Mn => "mn",
        }
    }
}

impl core::fmt::Display for Role {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.as_str())
    }
}

/// One row of the suite.
pub struct Case {
    /// `document/section/slug`; stable for ever, never a position.
    pub id: &'static str,
    /// What is done and what must happen, in one line.
    pub story: &'static str,
    /// Ids of requirements (`conformance/requirements`), at least one.
    pub cites: &'static [&'static str],
    /// Ids of readings (`conformance/readings`) that the expectation rests on.
    pub readings: &'static [&'static str],
    /// How strong the requirement is: a broken MUST fails, a broken SHOULD warns.
    pub level: Level,
    /// Who is judged.
    pub role: Role,
    /// How.
    pub check: Check,
    /// Whether it has to wait.
    pub pace: Pace,
}

/// What a case does most of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// It works, and so do the target and its neighbours.
    Works,
    /// It waits for something to end by the clock, and nobody needs to wait with it.
    Waits,
}

impl Case {
    /// A case whose failure fails the target.
    pub(crate) const fn must(
        id: &'static str,
        story: &'static str,
        cites: &'static [&'static str],
        check: Check,
    ) -> Self {
        Self {
            id,
            story,
            cites,
            readings: &[],
            level: Level::Must,
            role: check.role(),
            check,
            pace: Pace::Works,
        }
    }

    /// A case whose failure is a warning: a SHOULD, or a matter that `readings/` weighs as a warning.
    pub(crate) const fn should(
        id: &'static str,
        story: &'static str,
        cites: &'static [&'static str],
        check: Check,
    ) -> Self {
        Self {
            id,
            story,
            cites,
            readings: &[],
            level: Level::Should,
            role: check.role(),
            check,
            pace: Pace::Works,
        }
    }

    /// Names the readings that the expectation rests on.
    pub(crate) const fn by(self, readings: &'static [&'static str]) -> Self {
        Self { readings, ..self }
    }

    /// Says that the case waits for something to end.
    pub(crate) const fn waits(self) -> Self {
        Self { pace: Pace::Waits, ..self }
    }

    /// The section part of the id (`5.1`).
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.id.split('/').nth(1).unwrap_or_default()
    }

    /// The document part of the id (`rfc6618`).
    #[must_use]
    pub fn document(&self) -> &'static str {
        self.id.split('/').next().unwrap_or_default()
    }
}

/// How a case is carried out. The families keep a row to the one thing that makes it different.
pub enum Check {
    /// A request with exactly one fault must be refused; the same request without it must be accepted.
    HacRefuses(Fault),
    /// A request that differs from the plain one in a way the text allows must be accepted.
    HacAccepts(Fault),
    /// An honest exchange is carried out and something about its octets is judged.
    HacSays(fn(&Exchange) -> Outcome),
    /// A request by EAP with exactly one fault must be refused; the same exchange without it must be granted.
    EapRefuses(EapFault),
    /// A request by EAP that differs from the plain one in a way the text allows must be accepted.
    EapAccepts(EapFault),
    /// An honest exchange by that EAP method is carried out and something about its octets is judged.
    EapSays(EapMethod, fn(&EapExchange) -> Outcome),
    /// A packet with exactly one fault must vanish; the same packet without it must be answered.
    HaDiscards(PacketFault),
    /// A packet that differs from the plain one in a way the text allows must be answered.
    HaAccepts(PacketFault),
    /// A Binding Update with exactly one fault must not be accepted: it vanishes, or its acknowledgement refuses.
    /// The same update without it must be accepted.
    HaRejects(PacketFault),
    /// An honest MN registers and sends data, and something about the HA's packets is judged.
    HaSays(fn(&Stay) -> Outcome),
    /// The MN is started against honest players and something it sent is judged.
    MnSays(fn(&Visit) -> Outcome),
    /// The MN is started against a HAC whose answer has exactly one fault: it must not use the answer;
    /// with the same answer without the fault it must go on.
    MnRefuses(Fault),
    /// The MN is started against honest players, authenticates by EAP-GPSK, and something it sent is judged.
    MnEapSays(fn(&EapVisit) -> Outcome),
    /// The same with a HAC one of whose responses has exactly one fault, as in [`Self::MnRefuses`].
    MnEapRefuses(EapFault),
    /// Everything else, with the role that it judges.
    Script(Role, fn(&mut Bench<'_>) -> Outcome),
}

impl Check {
    const fn role(&self) -> Role {
        match self {
            Self::HacRefuses(_) | Self::HacAccepts(_) | Self::HacSays(_) => Role::Hac,
            Self::EapRefuses(_) | Self::EapAccepts(_) | Self::EapSays(..) => Role::Hac,
            Self::HaDiscards(_) | Self::HaAccepts(_) | Self::HaRejects(_) | Self::HaSays(_) => Role::Ha,
            Self::MnSays(_) | Self::MnRefuses(_) | Self::MnEapSays(_) | Self::MnEapRefuses(_) => Role::Mn,
            Self::Script(role, _) => *role,
        }
    }
}

/// One change to one message of an otherwise honest exchange.
#[derive(Clone, Copy)]
pub struct Fault {
    /// In which request, or in the response to which.
    pub at: Stage,
    /// The change.
    pub apply: fn(&mut MessageForge),
}

impl Fault {
    /// In the first request.
    pub(crate) const fn init(apply: fn(&mut MessageForge)) -> Self {
        Self { at: Stage::Init, apply }
    }

    /// In the last request.
    pub(crate) const fn done(apply: fn(&mut MessageForge)) -> Self {
        Self { at: Stage::Done, apply }
    }
}

/// Requests of the PSK exchange (RFC 6618 section 5.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The first request.
    Init,
    /// The last request.
    Done,
}

/// One change to one request, or response, of an otherwise honest exchange by EAP (RFC 6618 section 5.9).
#[derive(Clone, Copy)]
pub struct EapFault {
    /// Of the conversation.
    pub method: EapMethod,
    /// In which request.
    pub at: EapStage,
    /// The change.
    pub apply: fn(&mut MessageForge),
}

impl EapFault {
    /// In the first request.
    pub(crate) const fn init(apply: fn(&mut MessageForge)) -> Self {
        Self { method: EapMethod::Gpsk, at: EapStage::Init, apply }
    }

    /// In the second request, which carries the first EAP response.
    pub(crate) const fn mid(apply: fn(&mut MessageForge)) -> Self {
        Self { method: EapMethod::Gpsk, at: EapStage::Mid, apply }
    }

    /// In the middle message after which both ends know the MSK.
    pub(crate) const fn proof(apply: fn(&mut MessageForge)) -> Self {
        Self { method: EapMethod::Gpsk, at: EapStage::Proof, apply }
    }

    /// In the last request.
    pub(crate) const fn done(apply: fn(&mut MessageForge)) -> Self {
        Self { method: EapMethod::Gpsk, at: EapStage::Done, apply }
    }
}

/// One change to one packet to the HA.
#[derive(Clone, Copy)]
pub struct PacketFault {
    /// What the packet carries, and so what answers it.
    pub carrier: Carrier,
    /// The change.
    pub apply: fn(&mut PacketForge),
}

impl PacketFault {
    /// In a Binding Update.
    pub(crate) const fn update(apply: fn(&mut PacketForge)) -> Self {
        Self { carrier: Carrier::BindingUpdate, apply }
    }

    /// In protected user data.
    pub(crate) const fn protected(apply: fn(&mut PacketForge)) -> Self {
        Self { carrier: Carrier::ProtectedEcho, apply }
    }

    /// In protected user data inside IPv4.
    pub(crate) const fn protected4(apply: fn(&mut PacketForge)) -> Self {
        Self { carrier: Carrier::ProtectedEcho4, apply }
    }

    /// In plain user data.
    pub(crate) const fn plain(apply: fn(&mut PacketForge)) -> Self {
        Self { carrier: Carrier::PlainEcho, apply }
    }
}

/// What a packet to the HA carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// PType 8 with a Binding Update; a Binding Acknowledgement answers.
    BindingUpdate,
    /// PType 1 with an ICMPv6 echo request to the correspondent, under scope 1.
    ProtectedEcho,
    /// PType 0 with an ICMPv6 echo request to the correspondent, under scope 0.
    PlainEcho,
    /// PType 1 with an ICMP echo request inside IPv4, under scope 1.
    ProtectedEcho4,
    /// PType 0 with an ICMP echo request inside IPv4, under scope 0.
    PlainEcho4,
}
