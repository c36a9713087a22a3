//! RFC 6618 sections 4.3 and 6.2: the home agent's associations, found by SPI and by nothing else (PK-09).

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use crypto::open::Opener;
use crypto::seal::Sealer;

use super::owners::Owners;
use super::slab::{Place, Slab};
use crate::Timestamp;
use crate::sa::SecurityAssociation;
use crate::sequence::{Counter, ReplayWindow};

/// An association that has ended is remembered this long, so that its packets are counted as expired and not as
/// unknown.
const REMEMBERED_AFTER_END: Duration = Duration::from_secs(600);

/// One association with what changes while it is used. It lies in whole cache lines, two by two as processors fetch
/// them.
#[repr(C, align(128))]
pub(super) struct Association {
    /// MN to HA, shared by PType 1 and 8 (SQ-06).
    pub(super) window: ReplayWindow,
    /// HA to MN, shared by PType 1 and 8 (SQ-06).
    pub(super) counter: Counter,
    /// Position in the order of installation.
    age: u64,
    /// When it stops to count because a newer one is in use (SA-11).
    retired_from: Option<Timestamp>,
    pub(super) sa: SecurityAssociation,
    /// Whether the owner asked for a new association (`Input::Reinit`).
    renewal: Renewal,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Renewal {
    WhenNear,
    AtOnce,
}

/// How near to its end an association is renewed.
#[derive(Clone, Copy)]
pub(super) struct Margins {
    pub(super) time: Duration,
    pub(super) numbers: u64,
}

impl Association {
    /// For one batch of what the mobile node sent. Expanded keys are not kept: they take nine times the memory of the
    /// keys, and with 100,000 associations it takes longer to fetch them than to make them.
    pub(super) fn opener(&self) -> Opener {
        Opener::new(&self.sa.keys.mn_to_ha)
    }

    /// For one batch to the mobile node; not kept either.
    pub(super) fn sealer(&self) -> Sealer {
        Sealer::new(&self.sa.keys.ha_to_mn)
    }

    pub(super) fn end(&self) -> Timestamp {
        match self.retired_from {
            Some(retired) => retired.min(self.sa.end()),
            None => self.sa.end(),
        }
    }

    /// Whether the mobile node shall contact its HAC before it registers again (4.3, 6.1).
    pub(super) fn wants_renewal(&self, now: Timestamp, margins: Margins) -> bool {
        let received = self.window.highest().unwrap_or(0);
        let left = u64::from(u32::MAX - received).min(self.counter.remaining());
        self.renewal == Renewal::AtOnce || self.sa.end().since(now) <= margins.time || left <= margins.numbers
    }
}

/// Finds one association again without a search; finds nothing once another lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Handle {
    pub(super) spi: u32,
    place: Place,
}

/// What an SPI leads to.
#[derive(Clone, Copy)]
struct Way {
    association: Place,
    /// Where the binding lay that was last registered under it. A hint: another may lie there since.
    binding: Option<Place>,
}

/// All associations. What a packet asks for is found in an index, whatever their number is.
#[derive(Default)]
pub(super) struct Associations {
    all: Slab<Association>,
    by_spi: HashMap<u32, Way>,
    owners: Owners,
    by_end: BTreeSet<(Timestamp, u32)>,
    installed: u64,
}

impl Associations {
    /// Adds an association. One with the same SPI is replaced: the HAC gives an SPI away again only with new keys.
    pub(super) fn install(&mut self, sa: SecurityAssociation) {
        self.remove(sa.spi.get());
        self.installed += 1;
        self.owners.add(&sa);
        self.by_end.insert((sa.end(), sa.spi.get()));
        let association = Association {
            window: ReplayWindow::new(),
            counter: Counter::new(),
            renewal: Renewal::WhenNear,
            retired_from: None,
            age: self.installed,
            sa,
        };
        let spi = association.sa.spi.get();
        let association = self.all.insert(association);
        self.by_spi.insert(spi, Way { association, binding: None });
    }

    /// The association with this SPI, ended ones included.
    pub(super) fn find(&self, spi: u32) -> Option<Handle> {
        self.ways(spi).map(|(handle, _)| handle)
    }

    /// The same, and where to look first for the binding of whoever uses this SPI.
    pub(super) fn ways(&self, spi: u32) -> Option<(Handle, Option<Place>)> {
        self.by_spi.get(&spi).map(|way| (Handle { spi, place: way.association }, way.binding))
    }

    /// That place alone.
    pub(super) fn binding_of(&self, spi: u32) -> Option<Place> {
        self.ways(spi)?.1
    }

    /// A binding was registered under this SPI.
    pub(super) fn bound(&mut self, spi: u32, binding: Place) {
        if let Some(way) = self.by_spi.get_mut(&spi) {
            way.binding = Some(binding);
        }
    }

    /// What `find` found, unless it is forgotten since.
    pub(super) fn get(&self, handle: Handle) -> Option<&Association> {
        self.all.get(handle.place).filter(|association| association.sa.spi.get() == handle.spi)
    }

    /// Has what `get` will find brought into the cache, without waiting for it.
    pub(super) fn fetch(&self, handle: Handle) {
        if let Some(association) = self.all.get(handle.place) {
            let Association { sa, counter, .. } = association;
            std::hint::black_box((counter.remaining(), sa.validity_end, sa.spi, sa.ha));
        }
    }

    /// The same, for use.
    pub(super) fn get_mut(&mut self, handle: Handle) -> Option<&mut Association> {
        self.all.get_mut(handle.place).filter(|association| association.sa.spi.get() == handle.spi)
    }

    /// Whose address is whose.
    pub(super) fn owners(&self) -> &Owners {
        &self.owners
    }

    /// Has the owner of `spi` told to renew at its next registration.
    pub(super) fn renew(&mut self, spi: u32) {
        if let Some(association) = self.find(spi).and_then(|handle| self.get_mut(handle)) {
            association.renewal = Renewal::AtOnce;
        }
    }

    /// The mobile node has begun to use `newest`: its older associations end at `until`. Returns their SPIs.
    pub(super) fn retire_older(&mut self, newest: Handle, until: Timestamp) -> Vec<u32> {
        let Some(newest) = self.get(newest) else { return Vec::new() };
        let age = newest.age;
        let mut retired = Vec::new();
        for &spi in self.owners.of_mn(&newest.sa.mn_id) {
            let Some(older) = self.by_spi.get(&spi).and_then(|way| self.all.get_mut(way.association)) else {
                continue;
            };
            if older.age < age && older.retired_from.is_none() {
                self.by_end.remove(&(older.end(), spi));
                older.retired_from = Some(until);
                self.by_end.insert((older.end(), spi));
                retired.push(spi);
            }
        }
        retired
    }

    /// Forgets what ended long ago.
    pub(super) fn forget(&mut self, now: Timestamp) {
        while self.next_to_forget().is_some_and(|due| due <= now) {
            if let Some((_, spi)) = self.by_end.pop_first() {
                self.remove(spi);
            }
        }
    }

    /// When `forget` has something to do.
    pub(super) fn next_to_forget(&self) -> Option<Timestamp> {
        self.by_end.first().map(|&(end, _)| end + REMEMBERED_AFTER_END)
    }

    fn remove(&mut self, spi: u32) {
        if let Some(association) = self.by_spi.remove(&spi).and_then(|way| self.all.remove(way.association)) {
            self.by_end.remove(&(association.end(), spi));
            self.owners.remove(&association.sa);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Association;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn an_association_takes_four_cache_lines() {
        assert_eq!(size_of::<Option<Association>>(), 4 * 64);
    }
}
