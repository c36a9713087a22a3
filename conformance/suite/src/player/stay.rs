//! A stay of the scripted MN with a HA: the material that cases about the HA's own packets judge.

use std::net::Ipv6Addr;

use crypto::auth::Profile;
use crypto::open::Opened;
use wire::message::Grant;

use super::heard::Heard;
use super::tunnel::Acknowledged;

/// Registrations and user data in turn, all honest.
#[derive(Debug, Clone)]
pub struct Stay {
    /// The profile of the HAC beside it.
    pub profile: Profile,
    /// The SA and the addresses.
    pub grant: Grant,
    /// Our home address.
    pub home: Ipv6Addr,
    /// The HA's IPv6 address.
    pub ha: Ipv6Addr,
    /// Each Binding Update with what acknowledged it, in order; at least one.
    pub registrations: Vec<Acknowledged>,
    /// What could be read of the HA's datagrams, in the order of arrival.
    pub heard: Vec<Heard>,
}

impl Stay {
    /// The protected datagrams of the HA: octets, and contents.
    pub fn protected(&self) -> impl Iterator<Item = (&[u8], &Opened)> {
        self.heard.iter().filter_map(|heard| Some((heard.octets(), heard.opened()?)))
    }

    /// The plain datagrams of the HA.
    pub fn plain(&self) -> impl Iterator<Item = &[u8]> {
        self.heard.iter().filter(|heard| heard.opened().is_none()).map(Heard::octets)
    }
}
