//! Security associations: given by whoever looks on, or learnt from the capture.

mod file;

use core::fmt;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use crypto::keys::{DirectionKeys, SaKeys};
use crypto::open::Opener;
use wire::value::{Ciphersuite, Date, Scope, Spi};

pub use file::AssociationError;

use crate::conversation::Granted;

/// An SA and what else the packets do not tell.
#[derive(Clone)]
pub struct Association {
    /// Its suite.
    pub suite: Ciphersuite,
    /// The MN, printable.
    pub mn_id: Option<Arc<str>>,
    /// The MN's home address; otherwise it is learnt from a Home Address option.
    pub home: Option<Ipv6Addr>,
    /// The HA's IPv6 address, over which Mobility Headers have their checksum; otherwise the outer one is taken.
    pub ha: Option<Ipv6Addr>,
    /// Whether user data have to be protected, where it is known.
    pub scope: Option<Scope>,
    /// When it ends, where it is known.
    pub validity_end: Option<Date>,
    /// Who told of it.
    pub origin: Origin,
    pub(crate) keys: SaKeys,
    pub(crate) mn_to_ha: Opener,
    pub(crate) ha_to_mn: Opener,
}

/// Who told of an SA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Whoever looks on.
    Given,
    /// The capture.
    Learnt,
}

/// The SAs that are known, by SPI.
#[derive(Clone, Default)]
pub struct Associations(BTreeMap<u32, Arc<Association>>);

/// What became of an SA that the capture told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lesson {
    /// The first of its SPI.
    New,
    /// The same keys as before.
    Same,
    /// Other keys than the capture told before: what was numbered under the SPI starts anew.
    Replaced,
    /// Other keys than whoever looks on gave. Theirs stay.
    GivenStays,
}

impl Associations {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an SA that the capture itself told. A later one under the same SPI takes its place, but not that of one
    /// that was given.
    pub fn learn(&mut self, spi: Spi, association: Association) -> Lesson {
        let spi = spi.get();
        let (lesson, association) = match self.0.get(&spi) {
            None => (Lesson::New, association),
            Some(known) if known.has_keys_of(&association) => {
                let both = match known.origin {
                    Origin::Given => Association::clone(known).or(&association),
                    Origin::Learnt => association.or(known),
                };
                (Lesson::Same, both)
            }
            Some(known) if known.origin == Origin::Given => return Lesson::GivenStays,
            Some(_) => (Lesson::Replaced, association),
        };
        self.0.insert(spi, Arc::new(association));
        lesson
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Association)> {
        self.0.iter().map(|(spi, association)| (*spi, &**association))
    }

    pub(crate) fn find(&self, spi: u32) -> Option<&Arc<Association>> {
        self.0.get(&spi)
    }
}

impl fmt::Debug for Association {
    /// What may be told: no keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { suite, mn_id, origin, .. } = self;
        write!(f, "Association({}, {mn_id:?}, {origin:?})", suite.name())
    }
}

impl Association {
    /// From keys that whoever looks on has; what else is known of it is set behind.
    #[must_use]
    pub fn from_keys(keys: SaKeys) -> Self {
        Self {
            suite: keys.mn_to_ha.suite(),
            mn_id: None,
            home: None,
            ha: None,
            scope: None,
            validity_end: None,
            origin: Origin::Given,
            mn_to_ha: Opener::new(&keys.mn_to_ha),
            ha_to_mn: Opener::new(&keys.ha_to_mn),
            keys,
        }
    }

    /// As a HAC handed it out.
    #[must_use]
    pub fn granted(granted: Granted) -> Self {
        let ha = granted.ha.iter().find_map(|address| match address {
            IpAddr::V6(address) => Some(*address),
            IpAddr::V4(_) => None,
        });
        let Granted { mn_id, home, scope, validity_end, keys, .. } = granted;
        Self { mn_id, home, ha, scope, validity_end, origin: Origin::Learnt, ..Self::from_keys(keys) }
    }

    fn has_keys_of(&self, other: &Self) -> bool {
        let same = |one: &DirectionKeys, other: &DirectionKeys| {
            (one.suite(), one.ikey(), one.ekey()) == (other.suite(), other.ikey(), other.ekey())
        };
        same(&self.keys.mn_to_ha, &other.keys.mn_to_ha) && same(&self.keys.ha_to_mn, &other.keys.ha_to_mn)
    }

    /// What this one does not tell, from another.
    fn or(self, other: &Self) -> Self {
        Self {
            mn_id: self.mn_id.or_else(|| other.mn_id.clone()),
            home: self.home.or(other.home),
            ha: self.ha.or(other.ha),
            scope: self.scope.or(other.scope),
            validity_end: self.validity_end.or(other.validity_end),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(octet: u8, origin: Origin) -> Association {
        let keys = |octet| DirectionKeys::new(Ciphersuite::NullSha, &[octet; 20], None).expect("legal keys");
        let keys = SaKeys { mn_to_ha: keys(octet), ha_to_mn: keys(octet + 1) };
        Association { origin, ..Association::from_keys(keys) }
    }

    #[test]
    fn what_was_given_stays_and_what_was_learnt_gives_way() {
        let spi = Spi::new(7).expect("legal");
        let mut known = Associations::default();
        assert_eq!(known.learn(spi, made(1, Origin::Learnt)), Lesson::New);
        assert_eq!(known.learn(spi, made(1, Origin::Learnt)), Lesson::Same);
        assert_eq!(known.learn(spi, made(3, Origin::Learnt)), Lesson::Replaced);
        let mut given = Associations([(7, Arc::new(made(1, Origin::Given)))].into());
        assert_eq!(given.learn(spi, made(3, Origin::Learnt)), Lesson::GivenStays);
        let told = Association { mn_id: Some("mn".into()), ..made(1, Origin::Learnt) };
        assert_eq!(given.learn(spi, told), Lesson::Same);
        let kept = given.find(7).expect("it was given");
        assert_eq!((kept.origin, kept.mn_id.as_deref()), (Origin::Given, Some("mn")));
    }
}
