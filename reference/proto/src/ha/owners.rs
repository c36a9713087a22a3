//! RFC 6618 section 5.7: whose address is it? An index over the associations, so that no packet walks over all of them.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv6Addr};

use wire::value::{Nai, Prefix6};

use crate::sa::SecurityAssociation;

/// The SPIs of associations, by what their mobile nodes are known for.
#[derive(Default)]
pub(super) struct Owners {
    by_mn: HashMap<Nai, Vec<u32>>,
    by_address: BTreeSet<(IpAddr, u32)>,
    /// By the length of the prefix first, in bits.
    by_prefix: BTreeSet<(u8, Ipv6Addr, u32)>,
}

impl Owners {
    /// Takes an association in. Its SPI must not be in here.
    pub(super) fn add(&mut self, sa: &SecurityAssociation) {
        let spi = sa.spi.get();
        self.by_mn.entry(sa.mn_id.clone()).or_insert_with(|| Vec::with_capacity(1)).push(spi);
        self.by_address.extend(addresses(sa).map(|address| (address, spi)));
        self.by_prefix.extend(sa.home.prefix6.map(|prefix| (prefix.bits(), prefix.addr(), spi)));
    }

    /// Takes the same association out again.
    pub(super) fn remove(&mut self, sa: &SecurityAssociation) {
        let gone = sa.spi.get();
        if let Some(spis) = self.by_mn.get_mut(&sa.mn_id) {
            spis.retain(|&spi| spi != gone);
            if spis.is_empty() {
                self.by_mn.remove(&sa.mn_id);
            }
        }
        for address in addresses(sa) {
            self.by_address.remove(&(address, gone));
        }
        if let Some(prefix) = sa.home.prefix6 {
            self.by_prefix.remove(&(prefix.bits(), prefix.addr(), gone));
        }
    }

    /// The associations of one mobile node, oldest first.
    pub(super) fn of_mn(&self, mn_id: &Nai) -> &[u32] {
        self.by_mn.get(mn_id).map_or(&[], Vec::as_slice)
    }

    /// Whether `address` is anybody's home address.
    pub(super) fn is_home_address(&self, address: IpAddr) -> bool {
        self.of_home_address(address).next().is_some()
    }

    /// The associations whose mobile node may use `address`: as its home address, else inside its own prefix, the
    /// longest first.
    pub(super) fn of_address(&self, address: IpAddr) -> impl Iterator<Item = u32> {
        let inside = match address {
            IpAddr::V4(_) => Vec::new(),
            IpAddr::V6(address) => self.of_prefixes_around(address),
        };
        self.of_home_address(address).chain(inside)
    }

    fn of_home_address(&self, address: IpAddr) -> impl Iterator<Item = u32> {
        self.by_address.range((address, 0)..=(address, u32::MAX)).map(|&(_, spi)| spi)
    }

    fn of_prefixes_around(&self, address: Ipv6Addr) -> Vec<u32> {
        let mut found = Vec::new();
        let mut longest = self.by_prefix.last();
        while let Some(&(bits, _, _)) = longest {
            if let Some(prefix) = Prefix6::new(address, bits) {
                let all = (bits, prefix.addr(), 0)..=(bits, prefix.addr(), u32::MAX);
                found.extend(self.by_prefix.range(all).map(|&(_, _, spi)| spi));
            }
            longest = self.by_prefix.range(..(bits, Ipv6Addr::UNSPECIFIED, 0)).next_back();
        }
        found
    }
}

fn addresses(sa: &SecurityAssociation) -> impl Iterator<Item = IpAddr> {
    sa.home.ip6.map(IpAddr::V6).into_iter().chain(sa.home.ip4.map(IpAddr::V4))
}

#[cfg(test)]
mod tests {
    use crypto::keys::{DirectionKeys, SaKeys};
    use wire::value::{Ciphersuite, Date, Nai, Prefix6, Scope, Spi};

    use super::Owners;
    use crate::sa::{HomeAddresses, SecurityAssociation};

    fn association(spi: u32, name: &str, home: &str, prefix: Option<&str>) -> SecurityAssociation {
        let key = DirectionKeys::new(Ciphersuite::NullSha, &[1; 20], None).expect("a key");
        SecurityAssociation {
            spi: Spi::new(spi).expect("28 bits"),
            suite: Ciphersuite::NullSha,
            scope: Scope::AllTraffic,
            keys: SaKeys { mn_to_ha: key.clone(), ha_to_mn: key },
            validity_end: Date::from_unix_seconds(0),
            home: HomeAddresses {
                ip6: Some(home.parse().expect("an address")),
                ip4: None,
                prefix6: prefix.map(|text| Prefix6::parse(text.as_bytes()).expect("a prefix")),
            },
            ha: None,
            mn_id: Nai::parse(name.as_bytes()).expect("a NAI"),
        }
    }

    #[test]
    fn the_home_address_comes_first_and_then_the_longest_prefix() {
        let mut owners = Owners::default();
        let wide = association(1, "wide", "2001:db8:1::1", Some("2001:db8:0:0:0:0:0:0/32"));
        let narrow = association(2, "narrow", "2001:db8:2::1", Some("2001:db8:1:0:0:0:0:0/64"));
        let none = association(3, "none", "2001:db8:3::1", None);
        [&wide, &narrow, &none].into_iter().for_each(|sa| owners.add(sa));
        let of = |owners: &Owners, address: &str| -> Vec<u32> {
            owners.of_address(address.parse().expect("an address")).collect()
        };
        assert_eq!(of(&owners, "2001:db8:1::1"), [1, 2, 1]);
        assert_eq!(of(&owners, "2001:db8:1::2"), [2, 1]);
        assert_eq!(of(&owners, "2001:db8:2::2"), [1]);
        assert_eq!(of(&owners, "2001:db8:3::1"), [3, 1]);
        assert_eq!(of(&owners, "2001:db9::1"), []);
        assert_eq!(of(&owners, "192.0.2.1"), []);
        owners.remove(&wide);
        assert_eq!(of(&owners, "2001:db8:1::1"), [2]);
        assert!(!owners.is_home_address("2001:db8:1::1".parse().expect("an address")));
    }

    #[test]
    fn all_associations_of_one_mobile_node_are_found_until_the_last_is_gone() {
        let mut owners = Owners::default();
        let (old, new) =
            (association(7, "mn", "2001:db8::1", None), association(5, "mn", "2001:db8::1", None));
        owners.add(&old);
        owners.add(&new);
        assert_eq!(owners.of_mn(&old.mn_id), [7, 5]);
        owners.remove(&old);
        assert_eq!(owners.of_mn(&old.mn_id), [5]);
        owners.remove(&new);
        assert_eq!(owners.of_mn(&old.mn_id), []);
        assert!(!owners.is_home_address("2001:db8::1".parse().expect("an address")));
    }
}
