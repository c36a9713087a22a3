//! RFC 6618 section 4.3: the security association that MN and HA share, as the HAC hands it out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crypto::keys::SaKeys;
use wire::value::{Ciphersuite, Date, Nai, Prefix6, Scope, Spi};

use crate::Timestamp;

/// One security association: one SPI for both directions and all protected packet types (6.1).
#[derive(Clone, Debug)]
pub struct SecurityAssociation {
    /// The only key under which the association is looked up; the care-of address is no part of it.
    pub spi: Spi,
    /// The ciphersuite of both directions (5.6.5).
    pub suite: Ciphersuite,
    /// Whether the association protects signalling only, or user data too (5.6.4).
    pub scope: Scope,
    /// The keys of both directions (5.6.2).
    pub keys: SaKeys,
    /// From this second on neither end sends or takes anything under the association (5.6.3).
    pub validity_end: Date,
    /// The addresses that the mobile node may use inside the tunnel (5.7).
    pub home: HomeAddresses,
    /// The home agent's IPv6 address as it was bootstrapped; `None` if only IPv4 was.
    pub ha: Option<Ipv6Addr>,
    /// Who authenticated for this association.
    pub mn_id: Nai,
}

impl SecurityAssociation {
    /// The instant from which on neither end uses the association (5.6.3).
    pub fn end(&self) -> Timestamp {
        Timestamp::of_date(self.validity_end)
    }

    /// Whether the validity end has come.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.end()
    }
}

/// The home addresses of one mobile node (5.7.3 to 5.7.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HomeAddresses {
    /// The IPv6 home address.
    pub ip6: Option<Ipv6Addr>,
    /// The IPv4 home address.
    pub ip4: Option<Ipv4Addr>,
    /// The IPv6 prefix of this mobile node alone; a prefix that it shares with others does not belong here (PK-30).
    pub prefix6: Option<Prefix6>,
}

impl HomeAddresses {
    /// Whether a packet from or to `address` may be this mobile node's: its home address, or inside its prefix.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.is_home_address(address) || self.is_inside_prefix(address)
    }

    /// Whether `address` is exactly one of the home addresses.
    pub fn is_home_address(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.ip4 == Some(address),
            IpAddr::V6(address) => self.ip6 == Some(address),
        }
    }

    /// Whether `address` lies inside the mobile node's own prefix.
    pub fn is_inside_prefix(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(_) => false,
            IpAddr::V6(address) => self.prefix6.as_ref().is_some_and(|prefix| prefix.contains(address)),
        }
    }
}
