//! RFC 6275 section 10.1: the binding cache of a home agent, by home address.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::associations::Handle;
use super::owners::Owners;
use super::slab::{Place, Slab};
use crate::Timestamp;

/// RFC 6275 section 12, MAX_DELETE_BCE_TIMEOUT: how long the Sequence Number of a deleted binding is kept.
const DELETED_KEPT: Duration = Duration::from_secs(10);

/// Where a mobile node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The home address.
    pub home: Ipv6Addr,
    /// The address in the Alternate Care-of Address option, if there was one (PK-27).
    pub care_of: Option<Ipv6Addr>,
    /// Where packets for the mobile node go: the source of its newest good Binding Update (PK-28, C9).
    pub return_to: SocketAddr,
    /// The SPI of the association that protects the packets, 1 to 2^28-1.
    pub spi: u32,
    /// The Sequence Number of the newest good Binding Update.
    pub sequence: u16,
    /// Until when the mobile node is registered.
    pub until: Timestamp,
}

/// A deleted binding that still refuses delayed Binding Updates (RFC 6275 10.3.2).
struct Deleted {
    sequence: u16,
    forget_at: Timestamp,
}

/// What is known of a home address. The Sequence Numbers are those of the last good Binding Update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Nothing,
    /// De-registered a short while ago: nothing is bound, but older Binding Updates are still refused.
    Deleted {
        sequence: u16,
    },
    Registered {
        sequence: u16,
    },
}

impl Known {
    pub(super) fn sequence(self) -> Option<u16> {
        match self {
            Self::Nothing => None,
            Self::Deleted { sequence } | Self::Registered { sequence } => Some(sequence),
        }
    }
}

/// A binding with its association, so that a packet needs no second search.
#[derive(Clone, Copy)]
pub(super) struct Bound<'a> {
    pub(super) binding: &'a Binding,
    pub(super) association: Handle,
}

enum Entry {
    Registered(Binding),
    Deleted(Deleted),
}

impl Entry {
    fn end(&self) -> Timestamp {
        match self {
            Self::Registered(binding) => binding.until,
            Self::Deleted(deleted) => deleted.forget_at,
        }
    }

    fn spi(&self) -> Option<u32> {
        match self {
            Self::Registered(binding) => Some(binding.spi),
            Self::Deleted(_) => None,
        }
    }
}

/// Both ways that a packet goes on from a home address: neither waits for what is at the end of the other.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) entry: Place,
    /// Under which the last good Binding Update came.
    pub(super) association: Handle,
}

/// The cache. Entries whose time has come are absent, whether or not `forget` ran.
#[derive(Default)]
pub(super) struct Bindings {
    by_home: HashMap<Ipv6Addr, Found>,
    entries: Slab<Entry>,
    by_spi: BTreeSet<(u32, Ipv6Addr)>,
    by_end: BTreeSet<(Timestamp, Ipv6Addr)>,
}

impl Bindings {
    /// What is known of `home`.
    pub(super) fn known(&self, home: Ipv6Addr, now: Timestamp) -> Known {
        match self.by_home.get(&home).and_then(|found| self.entries.get(found.entry)) {
            Some(Entry::Registered(binding)) if now < binding.until => {
                Known::Registered { sequence: binding.sequence }
            }
            Some(Entry::Deleted(deleted)) if now < deleted.forget_at => {
                Known::Deleted { sequence: deleted.sequence }
            }
            Some(Entry::Registered(_) | Entry::Deleted(_)) | None => Known::Nothing,
        }
    }

    /// The binding of `home`.
    pub(super) fn get(&self, home: Ipv6Addr, now: Timestamp) -> Option<Bound<'_>> {
        let found = self.by_home.get(&home)?;
        match self.entries.get(found.entry)? {
            Entry::Registered(binding) if now < binding.until => {
                Some(Bound { binding, association: found.association })
            }
            Entry::Registered(_) | Entry::Deleted(_) => None,
        }
    }

    /// Whether `home` is registered under `spi`, by the binding at this place. A no may be a yes elsewhere.
    pub(super) fn is_at(&self, place: Place, home: IpAddr, spi: u32, now: Timestamp) -> bool {
        matches!(self.entries.get(place), Some(Entry::Registered(binding))
            if home == IpAddr::V6(binding.home) && binding.spi == spi && now < binding.until)
    }

    /// The ways from a home address, for `fetch`.
    pub(super) fn find(&self, home: IpAddr) -> Option<Found> {
        match home {
            IpAddr::V6(home) => self.by_home.get(&home).copied(),
            IpAddr::V4(_) => None,
        }
    }

    /// Has a binding brought into the cache, without waiting for it.
    pub(super) fn fetch(&self, entry: Place) {
        if let Some(Entry::Registered(binding)) = self.entries.get(entry) {
            std::hint::black_box((binding.until, binding.return_to.port()));
        }
    }

    /// All bindings, in the order of their home addresses. Sorted for each call: for people, not for packets.
    pub(super) fn iter(&self, now: Timestamp) -> impl Iterator<Item = &Binding> {
        let bound = self.by_home.keys().filter_map(|&home| self.get(home, now));
        let mut bindings: Vec<_> = bound.map(|bound| bound.binding).collect();
        bindings.sort_unstable_by_key(|binding| binding.home);
        bindings.into_iter()
    }

    /// The binding that a packet from or to `address` belongs to: by home address, else of one who may use it.
    pub(super) fn of_address(&self, address: IpAddr, now: Timestamp, owners: &Owners) -> Option<Bound<'_>> {
        let direct = match address {
            IpAddr::V6(home) => self.get(home, now),
            IpAddr::V4(_) => None,
        };
        direct.or_else(|| {
            let mut homes = owners.of_address(address).flat_map(|spi| self.homes_of(spi));
            homes.find_map(|home| self.get(home, now))
        })
    }

    /// Creates or updates the binding of `binding.home`. Returns where it lies.
    pub(super) fn register(&mut self, binding: Binding, association: Handle) -> Place {
        self.set(binding.home, Entry::Registered(binding), association)
    }

    /// Deletes the binding of `home`, but keeps its Sequence Number for a while.
    pub(super) fn delete(&mut self, home: Ipv6Addr, sequence: u16, association: Handle, now: Timestamp) {
        let forget_at = now + DELETED_KEPT;
        self.set(home, Entry::Deleted(Deleted { sequence, forget_at }), association);
    }

    /// Packets that went out under one of `older` go out under `newer` from now on (SA-11).
    pub(super) fn move_to(&mut self, older: &[u32], newer: Handle) {
        let homes: Vec<_> = older.iter().flat_map(|&spi| self.homes_of(spi)).collect();
        for home in homes {
            let found = self.by_home.get(&home).and_then(|found| self.entries.get(found.entry));
            if let Some(Entry::Registered(binding)) = found {
                self.register(Binding { spi: newer.spi, ..binding.clone() }, newer);
            }
        }
    }

    /// Forgets the entries whose time has come. Returns the home addresses of registrations that ran out.
    pub(super) fn forget(&mut self, now: Timestamp) -> Vec<Ipv6Addr> {
        let mut ran_out = Vec::new();
        while self.next_to_forget().is_some_and(|due| due <= now) {
            let entry = self.by_end.pop_first().and_then(|(_, home)| self.take(home));
            if let Some(Entry::Registered(binding)) = entry {
                ran_out.push(binding.home);
            }
        }
        ran_out
    }

    /// When `forget` has something to do.
    pub(super) fn next_to_forget(&self) -> Option<Timestamp> {
        self.by_end.first().map(|&(end, _)| end)
    }

    fn homes_of(&self, spi: u32) -> impl Iterator<Item = Ipv6Addr> {
        let all = (spi, Ipv6Addr::UNSPECIFIED)..=(spi, Ipv6Addr::from_bits(u128::MAX));
        self.by_spi.range(all).map(|&(_, home)| home)
    }

    fn set(&mut self, home: Ipv6Addr, entry: Entry, association: Handle) -> Place {
        self.take(home);
        self.by_end.insert((entry.end(), home));
        self.by_spi.extend(entry.spi().map(|spi| (spi, home)));
        let entry = self.entries.insert(entry);
        self.by_home.insert(home, Found { entry, association });
        entry
    }

    fn take(&mut self, home: Ipv6Addr) -> Option<Entry> {
        let entry = self.by_home.remove(&home).and_then(|found| self.entries.remove(found.entry))?;
        self.by_end.remove(&(entry.end(), home));
        if let Some(spi) = entry.spi() {
            self.by_spi.remove(&(spi, home));
        }
        Some(entry)
    }
}
