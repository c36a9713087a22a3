//! One lie each: what it is, where it is told, and which cases must notice.

use proto::sa::SecurityAssociation;
use suite::case::Role;
use suite::player::{MessageForge, PacketForge};

use crate::liar::incoming::Incoming;
use crate::liar::packet::{Arrival, Departure};
use crate::liar::session::Session;
use crate::lies;

/// The honest reference but for one lie.
pub struct Mutant {
    /// `role/what-it-does`; stable.
    pub id: &'static str,
    /// Who lies.
    pub role: Role,
    /// What it does, in one line.
    pub story: &'static str,
    /// Ids of the cases that must notice, or [`SANITY`]; at least one.
    pub caught_by: &'static [&'static str],
    /// The lie.
    pub lie: Lie,
}

/// Stands for the sanity check where a lie keeps even honest exchanges from working.
pub const SANITY: &str = "sanity";

/// Where at the border of a machine the lie is told. `auth` and ICVs are made anew with the session's own keys, so
/// that nothing else is wrong.
#[derive(Clone, Copy)]
pub enum Lie {
    /// The HAC takes octets that came together for something else than they are.
    HacStream(fn(&mut Vec<u8>)),
    /// The HAC believes a request that it should not, or refuses one that it should believe.
    HacRequest(fn(&mut Incoming, &Session)),
    /// The HAC says something else.
    HacResponse(fn(&mut MessageForge, &Session)),
    /// The HAC does not close, or says nothing.
    HacEnding(Ending),
    /// The HAC says this before it is asked.
    HacGreeting(&'static [u8]),
    /// The HA believes a packet that it should not, or drops one that it should believe.
    HaInbound(fn(&mut Arrival<'_>)),
    /// The HA takes an association otherwise than the HAC made it.
    HaInstall(fn(&mut SecurityAssociation)),
    /// The HA's clock stands where it was at the start.
    HaClockStands,
    /// The HA sends something else.
    HaOutbound(fn(&mut PacketForge, &mut Departure<'_>)),
    /// The HA sends another plain datagram.
    HaPlainOutbound(fn(&mut Vec<u8>)),
    /// The MN says something else to the HAC.
    MnRequest(fn(&mut MessageForge, &Session)),
    /// The MN believes a response that it should not.
    MnResponse(fn(&mut Incoming, &Session)),
    /// The MN believes a packet that it should not, or drops one that it should believe.
    MnInbound(fn(&mut Arrival<'_>)),
    /// The MN sends something else to the HA.
    MnOutbound(fn(&mut PacketForge, &mut Departure<'_>)),
}

/// How the end of an exchange is spoiled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// No close after a grant.
    OpenAfterSuccess,
    /// No close after a refusal.
    OpenAfterError,
    /// A close in place of the error answer.
    SilentError,
}

/// Every mutant, by topic.
pub fn all() -> impl Iterator<Item = &'static Mutant> {
    lies::TOPICS.iter().flat_map(|topic| topic.iter())
}

/// The mutant with that id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Mutant> {
    all().find(|mutant| mutant.id == id)
}

impl Mutant {
    /// A HAC that lies.
    pub(crate) const fn hac(
        id: &'static str,
        story: &'static str,
        lie: Lie,
        caught_by: &'static [&'static str],
    ) -> Self {
        Self { id, role: Role::Hac, story, caught_by, lie }
    }

    /// An HA that lies.
    pub(crate) const fn ha(
        id: &'static str,
        story: &'static str,
        lie: Lie,
        caught_by: &'static [&'static str],
    ) -> Self {
        Self { id, role: Role::Ha, story, caught_by, lie }
    }

    /// An MN that lies.
    pub(crate) const fn mn(
        id: &'static str,
        story: &'static str,
        lie: Lie,
        caught_by: &'static [&'static str],
    ) -> Self {
        Self { id, role: Role::Mn, story, caught_by, lie }
    }
}
