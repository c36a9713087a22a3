//! What no two sessions may share: random values, SPIs, keys. Bounded, so that a long capture costs no more.

use std::collections::HashMap;

use crypto::auth::Direction;
use sha2::{Digest, Sha256};
use wire::param::Name;
use wire::value::Date;

use super::breach::{Breach, What};
use super::content::Content;
use super::requirement as id;

/// Values of each kind that are remembered; later ones are not.
const REMEMBERED: usize = 1 << 16;

/// Values and the frame and conversation that had them first.
#[derive(Default)]
pub(super) struct Memory {
    randoms: HashMap<[u8; 32], Place>,
    /// Keys are remembered by their hash.
    keys: HashMap<[u8; 32], Place>,
    spis: HashMap<u32, (Place, Option<Date>)>,
}

/// Where something was seen.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) frame: u64,
    pub(super) conversation: u64,
}

impl Memory {
    /// Judges and remembers the random value that a message introduces.
    pub(super) fn random(&mut self, name: Name, content: &Content<'_>, place: Place) -> Option<Breach> {
        let random = content.random(name)?;
        let by = if name == Name::MnRand { Direction::MnToHac } else { Direction::HacToMn };
        let first = remember(&mut self.randoms, random.0, place)?;
        Some(reused(id::RANDOM_VALUES_FRESH, by, name, first))
    }

    /// Judges and remembers what a grant hands out.
    pub(super) fn grant(
        &mut self,
        (spi, validity_end): (u32, Option<Date>),
        now: Option<u64>,
        content: &Content<'_>,
        place: Place,
    ) -> Vec<Breach> {
        let mut breaches = Vec::new();
        let by = Direction::HacToMn;
        if let Some((first, end)) = self.spis.get(&spi)
            && end.zip(now).is_none_or(|(end, now)| end.unix_seconds() > now)
        {
            breaches.push(reused(id::SPI_UNIQUE, by, Name::Spi, first.frame));
        }
        if self.spis.len() < REMEMBERED {
            self.spis.insert(spi, (place, validity_end));
        }
        for name in [Name::MnToHaIkey, Name::HaToMnIkey, Name::MnToHaEkey, Name::HaToMnEkey] {
            let Some(key) = content.octets(name) else { continue };
            let first = remember(&mut self.keys, Sha256::digest(key).into(), place);
            breaches.extend(first.map(|first| reused(id::FRESH_KEYS, by, name, first)));
        }
        breaches
    }
}

/// The frame of another conversation that had it first.
fn remember(seen: &mut HashMap<[u8; 32], Place>, value: [u8; 32], place: Place) -> Option<u64> {
    if let Some(first) = seen.get(&value) {
        return (first.conversation != place.conversation).then_some(first.frame);
    }
    if seen.len() < REMEMBERED {
        seen.insert(value, place);
    }
    None
}

fn reused(requirement: &'static str, by: Direction, name: Name, first: u64) -> Breach {
    Breach::new(requirement, by, What::Reused { field: name.as_str(), first }).soft()
}
