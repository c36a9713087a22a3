//! RFC 6275 section 10.1: the binding cache of a home agent, by home address.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

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

enum Entry {
    Registered(Binding),
    Deleted(Deleted),
}

/// The cache. Entries whose time has come are absent, whether or not `forget` ran.
#[derive(Default)]
pub(super) struct Bindings {
    by_home: BTreeMap<Ipv6Addr, Entry>,
}

impl Bindings {
    /// The Sequence Number of the last good Binding Update for `home`, also of one that deleted the binding.
    pub(super) fn last_sequence(&self, home: Ipv6Addr, now: Timestamp) -> Option<u16> {
        match self.by_home.get(&home)? {
            Entry::Registered(binding) if now < binding.until => Some(binding.sequence),
            Entry::Deleted(deleted) if now < deleted.forget_at => Some(deleted.sequence),
            Entry::Registered(_) | Entry::Deleted(_) => None,
        }
    }

    /// The binding of `home`.
    pub(super) fn get(&self, home: Ipv6Addr, now: Timestamp) -> Option<&Binding> {
        match self.by_home.get(&home)? {
            Entry::Registered(binding) if now < binding.until => Some(binding),
            Entry::Registered(_) | Entry::Deleted(_) => None,
        }
    }

    /// All bindings, in the order of their home addresses.
    pub(super) fn iter(&self, now: Timestamp) -> impl Iterator<Item = &Binding> {
        self.by_home.values().filter_map(move |entry| match entry {
            Entry::Registered(binding) if now < binding.until => Some(binding),
            Entry::Registered(_) | Entry::Deleted(_) => None,
        })
    }

    /// The binding that a packet from or to `address` belongs to: by home address, else by what `owns` says.
    pub(super) fn of_address(
        &self,
        address: IpAddr,
        now: Timestamp,
        owns: impl Fn(&Binding) -> bool,
    ) -> Option<&Binding> {
        let direct = match address {
            IpAddr::V6(home) => self.get(home, now),
            IpAddr::V4(_) => None,
        };
        direct.or_else(|| self.iter(now).find(|binding| owns(binding)))
    }

    /// Creates or updates the binding of `binding.home`.
    pub(super) fn register(&mut self, binding: Binding) {
        self.by_home.insert(binding.home, Entry::Registered(binding));
    }

    /// Deletes the binding of `home`, but keeps its Sequence Number for a while.
    pub(super) fn delete(&mut self, home: Ipv6Addr, sequence: u16, now: Timestamp) {
        let forget_at = now + DELETED_KEPT;
        self.by_home.insert(home, Entry::Deleted(Deleted { sequence, forget_at }));
    }

    /// Packets that went out under one of `older` go out under `newer` from now on (SA-11).
    pub(super) fn move_to(&mut self, older: &[u32], newer: u32) {
        for entry in self.by_home.values_mut() {
            match entry {
                Entry::Registered(binding) if older.contains(&binding.spi) => binding.spi = newer,
                Entry::Registered(_) | Entry::Deleted(_) => {}
            }
        }
    }

    /// Forgets the entries whose time has come. Returns the home addresses of registrations that ran out.
    pub(super) fn forget(&mut self, now: Timestamp) -> Vec<Ipv6Addr> {
        let mut ran_out = Vec::new();
        self.by_home.retain(|&home, entry| match entry {
            Entry::Registered(binding) if now >= binding.until => {
                ran_out.push(home);
                false
            }
            Entry::Deleted(deleted) => now < deleted.forget_at,
            Entry::Registered(_) => true,
        });
        ran_out
    }

    /// When `forget` has something to do.
    pub(super) fn next_to_forget(&self) -> Option<Timestamp> {
        self.by_home
            .values()
            .map(|entry| match entry {
                Entry::Registered(binding) => binding.until,
                Entry::Deleted(deleted) => deleted.forget_at,
            })
            .min()
    }
}
