//! What happens in a lab, as data: a mobile node attaches this host's traffic, and that has to arrive.

use serde::Deserialize;

/// A story. Addresses are written as `ip` takes them.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// The node of `mip6-mn`.
    pub mobile: String,
    /// The node of `mip6-hac` with its collocated HA.
    pub home: String,
    /// The outer address of that node, for HAC and HA.
    pub address: String,
    /// What HAC and HA listen on if that is not the one address: `::` is every address of both families.
    pub listen: Option<String>,
    /// The interface of that node at which the capture is taken.
    pub interface: String,
    /// Further arguments of `mip6-hac`.
    #[serde(default)]
    pub hac: Vec<String>,
    /// Further arguments of `mip6-mn`.
    #[serde(default)]
    pub mn: Vec<String>,
    /// Nodes with a mobile node each that is registered all the while and gets nothing but its own echoes.
    #[serde(default)]
    pub neighbours: Vec<String>,
    /// What nodes have to know about paths at the end.
    #[serde(rename = "path", default)]
    pub paths: Vec<Path>,
    /// A bad path to the HA.
    pub relay: Option<Relay>,
    /// Who is asked for echoes from the mobile node, each five times.
    #[serde(default)]
    pub pings: Vec<String>,
    /// Streams, one after the other.
    #[serde(rename = "transfer", default)]
    pub transfers: Vec<Transfer>,
}

/// What a node has learnt about the way to an address.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Path {
    /// The node.
    pub from: String,
    /// The address.
    pub to: String,
    /// Octets of the largest packet; none if it was never told.
    pub mtu: Option<u16>,
}

/// One TCP stream with a known digest.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// The node that sends.
    pub from: String,
    /// The node that receives.
    pub to: String,
    /// Where it listens: address and port, an IPv6 address in brackets.
    pub at: String,
    /// How much is sent.
    pub octets: u64,
    /// Octets in a second, for a stream that has to last; as fast as it goes if there is none.
    pub rate: Option<u64>,
    /// What happens meanwhile.
    #[serde(rename = "step", default)]
    pub steps: Vec<Step>,
}

/// Something that happens while a stream runs.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When so many octets have arrived.
    pub after: u64,
    /// In which node.
    pub node: String,
    /// What `ip` does there.
    #[serde(default)]
    pub ip: Vec<String>,
    /// What the mobile node must say afterwards, as the beginnings of lines.
    #[serde(default)]
    pub says: Vec<String>,
}

/// A UDP relay in front of the HA that loses, delays and overtakes, by a seed: the same packets at the same places.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// The node that it is in.
    pub node: String,
    /// Where mobile nodes find it: the HA's address to them.
    pub address: String,
    /// The seed.
    pub seed: u64,
    /// Of a thousand datagrams so many are lost.
    pub lost_of_1000: u64,
    /// Of a thousand datagrams so many wait three times as long as the others.
    pub late_of_1000: u64,
    /// How long each datagram waits, in milliseconds.
    pub delay_ms: u64,
}
