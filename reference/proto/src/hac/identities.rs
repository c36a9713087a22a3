//! RFC 6618 section 5.5.1: who may bootstrap, with which key or EAP secret, to which home addresses.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crypto::keys::Psk;
use wire::value::Nai;

use super::HomeNetwork;
use crate::eap::Secrets;
use crate::sa::HomeAddresses;

/// One mobile node as the HAC knows it.
pub(super) struct Identity {
    pub(super) mn_id: Nai,
    /// The PSK of section 5.8, and the secret of EAP methods.
    pub(super) psk: Psk,
    /// The same in every exchange; `None`s where the prefix had none left.
    pub(super) home: HomeAddresses,
}

/// All of them, by name.
pub(super) struct Identities {
    by_name: HashMap<Nai, Arc<Identity>>,
}

impl Identities {
    pub(super) fn new(provisioned: Vec<(Nai, Psk)>, network: &HomeNetwork) -> Self {
        let mut addresses = Addresses::new(network);
        let by_name = provisioned
            .into_iter()
            .map(|(mn_id, psk)| {
                let home = addresses.next();
                (mn_id.clone(), Arc::new(Identity { mn_id, psk, home }))
            })
            .collect();
        Self { by_name }
    }

    pub(super) fn find(&self, mn_id: &Nai) -> Option<Arc<Identity>> {
        self.by_name.get(mn_id).cloned()
    }
}

impl Secrets for Identities {
    fn secret(&self, identity: &Nai) -> Option<Psk> {
        self.by_name.get(identity).map(|identity| identity.psk.clone())
    }
}

/// Hands out the addresses of the home link one after the other, and none that is taken or reserved.
struct Addresses<'a> {
    network: &'a HomeNetwork,
    reserved: HashSet<IpAddr>,
    next6: u128,
    next4: u32,
}

impl<'a> Addresses<'a> {
    fn new(network: &'a HomeNetwork) -> Self {
        let agent6 = network.haa_ip6.map(IpAddr::V6);
        let agent4 = network.haa_ip4.map(IpAddr::V4);
        let reserved = network.dns.iter().copied().chain(agent6).chain(agent4).collect();
        // Host number 0 is the subnet-router anycast address (IPv6) or the network itself (IPv4).
        Self { network, reserved, next6: 1, next4: 1 }
    }

    /// The whole prefix is shared by all, so no association carries it.
    fn next(&mut self) -> HomeAddresses {
        HomeAddresses { ip6: self.next_ip6(), ip4: self.next_ip4(), prefix6: None }
    }

    fn next_ip6(&mut self) -> Option<Ipv6Addr> {
        let prefix = &self.network.prefix6;
        let hosts = u128::MAX.checked_shr(u32::from(prefix.bits())).unwrap_or(0);
        while self.next6 <= hosts {
            let address = Ipv6Addr::from_bits(prefix.addr().to_bits() & !hosts | self.next6);
            self.next6 += 1;
            if !self.reserved.contains(&IpAddr::V6(address)) {
                return Some(address);
            }
        }
        None
    }

    fn next_ip4(&mut self) -> Option<Ipv4Addr> {
        let prefix = self.network.prefix4.as_ref()?;
        let hosts = u32::MAX.checked_shr(u32::from(prefix.bits())).unwrap_or(0);
        // The last host number is the broadcast address.
        while self.next4 < hosts {
            let address = Ipv4Addr::from_bits(prefix.addr().to_bits() & !hosts | self.next4);
            self.next4 += 1;
            if !self.reserved.contains(&IpAddr::V4(address)) {
                return Some(address);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use wire::value::Prefix6;

    use super::*;

    #[test]
    fn home_addresses_differ_and_skip_the_home_agent_and_name_servers() {
        let mut network = HomeNetwork::default();
        network.dns.push("2001:db8:6618::3".parse().expect("an address"));
        let mut addresses = Addresses::new(&network);
        let handed: Vec<_> = (0..3).map(|_| addresses.next().ip6.expect("there are plenty")).collect();
        let expected: Vec<Ipv6Addr> = ["2001:db8:6618::2", "2001:db8:6618::4", "2001:db8:6618::5"]
            .map(|a| a.parse().expect("legal"))
            .into();
        assert_eq!(handed, expected);
    }

    #[test]
    fn a_small_prefix_runs_out() {
        let mut network = HomeNetwork::default();
        network.prefix6 = Prefix6::new(network.prefix6.addr(), 127).expect("legal");
        let mut addresses = Addresses::new(&network);
        assert_eq!(addresses.next().ip6, None, "the only host number belongs to the home agent");
    }
}
