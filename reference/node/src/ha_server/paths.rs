//! RFC 2473 section 7, at the HA's end of each tunnel: what does not fit on the way to its mobile node is answered, and
//! only its sender has to send less.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

use proto::ha::Binding;
use proto::sa::{HomeAddresses, SecurityAssociation};
use wire::value::{Ciphersuite, Scope};

use crate::data_plane::{Kernel, Outside, SMALLEST, largest_for_all, largest_inner, too_big};
use crate::echo::destination;

/// How long an answer of the kernel holds: a narrower path makes itself known between registrations, too.
const HOLDS: Duration = Duration::from_secs(1);

/// The ways to all registered mobile nodes.
pub struct Paths {
    kernel: Kernel,
    /// Instead of what the kernel knows.
    told: Option<u16>,
    by_home: HashMap<IpAddr, Path>,
    terms: HashMap<Ipv6Addr, Terms>,
}

/// What the newest association of a home address says about the size of packets.
struct Terms {
    spi: u32,
    suite: Ciphersuite,
    scope: Scope,
    home: HomeAddresses,
}

struct Path {
    peer: IpAddr,
    /// `None` if the association is not known: then any suite may be used.
    protection: Option<(Ciphersuite, Scope)>,
    largest: u16,
    asked: Instant,
}

impl Paths {
    /// Asks `kernel`, unless all paths are `told` to be so many octets wide.
    #[must_use]
    pub fn new(kernel: Kernel, told: Option<u16>) -> Self {
        Self { kernel, told, by_home: HashMap::new(), terms: HashMap::new() }
    }

    /// The HAC handed over an association.
    pub(super) fn install(&mut self, sa: &SecurityAssociation) {
        if let Some(home) = sa.home.ip6 {
            let terms = Terms { spi: sa.spi.get(), suite: sa.suite, scope: sa.scope, home: sa.home.clone() };
            self.terms.insert(home, terms);
        }
    }

    /// A mobile node is there.
    pub(super) async fn register(&mut self, binding: &Binding) {
        let terms = self.terms.get(&binding.home);
        let ip4 = terms.and_then(|terms| terms.home.ip4).map(IpAddr::V4);
        let protection =
            terms.filter(|terms| terms.spi == binding.spi).map(|terms| (terms.suite, terms.scope));
        let peer = binding.return_to.ip().to_canonical();
        for home in [IpAddr::V6(binding.home)].into_iter().chain(ip4) {
            let mut path = Path { peer, protection, largest: SMALLEST, asked: Instant::now() };
            path.largest = self.largest(&path).await;
            self.by_home.insert(home, path);
        }
    }

    /// It is no longer there.
    pub(super) fn forget(&mut self, home: Ipv6Addr) {
        self.by_home.remove(&home.into());
        let ip4 = self.terms.get(&home).and_then(|terms| terms.home.ip4);
        ip4.map(|home| self.by_home.remove(&home.into()));
    }

    /// The answer to a packet that does not fit on the way to its mobile node.
    pub(super) async fn answer(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        // Whatever the path, this much is carried.
        if packet.len() <= usize::from(SMALLEST) {
            return None;
        }
        let home = destination(packet)?;
        let path = self.by_home.get(&home)?;
        if path.asked.elapsed() >= HOLDS {
            let largest = self.largest(path).await;
            let path = self.by_home.get_mut(&home)?;
            (path.largest, path.asked) = (largest, Instant::now());
        }
        too_big(packet, self.by_home.get(&home)?.largest)
    }

    async fn largest(&self, path: &Path) -> u16 {
        let mtu = match self.told {
            Some(told) => told,
            // Without a way there is nothing to fit: the packet will show that.
            None => self.kernel.path_mtu(path.peer).await.unwrap_or(u16::MAX),
        };
        match path.protection {
            Some((suite, scope)) => largest_inner(Outside { mtu, peer: path.peer }, suite, scope),
            None => largest_for_all(mtu),
        }
    }
}
