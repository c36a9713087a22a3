//! A lab as data: nodes, and links between two of them.

use serde::Deserialize;

use crate::story::Story;

/// The most octets of an interface name; one more is a terminating zero.
const MAX_INTERFACE: usize = 15;

/// What a lab consists of.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Name of the lab.
    pub name: String,
    /// Names of its nodes, a network namespace each.
    pub nodes: Vec<String>,
    /// Its links.
    #[serde(rename = "link", default)]
    pub links: Vec<Link>,
    /// Nodes that forward.
    #[serde(default)]
    pub forwarding: Vec<String>,
    /// What `ip` does in the nodes, in this order, when the links are up.
    #[serde(rename = "setup", default)]
    pub setups: Vec<Setup>,
    /// Nodes that hide those behind them.
    #[serde(rename = "masquerade", default)]
    pub masquerades: Vec<Masquerade>,
    /// What happens in it, if it is a lab with MN, HAC and HA.
    pub story: Option<Story>,
}

/// Calls of `ip` inside a node.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The node.
    pub node: String,
    /// Arguments, separated by blanks: `route add default via 192.0.2.1`.
    pub ip: Vec<String>,
}

/// A NAT: what leaves by an interface gets the interface's address and a port of the kernel's choice.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Masquerade {
    /// The node.
    pub node: String,
    /// The interface to the outside.
    pub interface: String,
}

/// A link between two nodes.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Its ends.
    pub ends: [End; 2],
}

/// One end of a link.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// The node that it is in.
    pub node: String,
    /// Its address with a prefix length, as `ip` takes it.
    pub address: String,
}

/// Why a plan is no use. Whoever wrote it is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Not the TOML that is read here.
    #[error("no plan of a lab: {0}")]
    Toml(#[from] toml::de::Error),
    /// A name that namespaces or interfaces cannot have.
    #[error("{0:?}: need 1 to {max} of a-z, 0-9 and _", max = MAX_INTERFACE - "to-".len())]
    Name(String),
    /// A node that stands twice.
    #[error("node {0}: stands twice")]
    Twice(String),
    /// A link to a node that is not there.
    #[error("a link ends in {0}, which is no node of this lab")]
    UnknownNode(String),
    /// Two links between the same nodes, or a link from a node to itself.
    #[error("{0} and {1}: need two different nodes, once")]
    Ends(String, String),
}

impl Plan {
    /// Reads a plan.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PlanError> {
        let plan: Self = toml::from_str(text)?;
        for name in plan.nodes.iter().chain([&plan.name]) {
            let is_legal = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'_';
            let fits = (1..=MAX_INTERFACE - "to-".len()).contains(&name.len());
            if !fits || !name.bytes().all(is_legal) {
                return Err(PlanError::Name(name.clone()));
            }
        }
        if let Some((_, node)) =
            plan.nodes.iter().enumerate().find(|(at, node)| plan.nodes[..*at].contains(node))
        {
            return Err(PlanError::Twice(node.clone()));
        }
        for (at, link) in plan.links.iter().enumerate() {
            plan.check(link, &plan.links[..at])?;
        }
        Ok(plan)
    }

    fn check(&self, link: &Link, earlier: &[Link]) -> Result<(), PlanError> {
        let [left, right] = link.nodes();
        if let Some(stranger) = [left, right].into_iter().find(|node| !self.nodes.contains(node)) {
            return Err(PlanError::UnknownNode(stranger.clone()));
        }
        let again =
            earlier.iter().any(|other| other.nodes() == [left, right] || other.nodes() == [right, left]);
        if left == right || again {
            return Err(PlanError::Ends(left.clone(), right.clone()));
        }
        Ok(())
    }

    /// The address of a node on its first link, without the prefix length.
    #[must_use]
    pub fn address(&self, node: &str) -> Option<&str> {
        let mut ends = self.links.iter().flat_map(|link| &link.ends);
        let end = ends.find(|end| end.node == node)?;
        end.address.split('/').next()
    }
}

impl Link {
    fn nodes(&self) -> [&String; 2] {
        let [left, right] = &self.ends;
        [&left.node, &right.node]
    }
}
