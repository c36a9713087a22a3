//! How the default route leads into a tunnel and the tunnel itself does not: four kinds of routing rules, asked before
//! those of the system. They name no gateway, so nothing changes in them when this host moves.

use std::net::IpAddr;

use rtnetlink::packet_route::AddressFamily;
use rtnetlink::packet_route::rule::{RuleAction, RuleAttribute, RuleMessage};

use super::Prefix;

/// The table of the default routes into the tunnel. They go with its device, and an empty table changes nothing.
pub(super) const TABLE: u32 = 6618;

/// The table of everybody's routes.
const MAIN: u32 = 254;

/// A family of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    Four,
    /// IPv6.
    Six,
}

impl Family {
    /// Of an address.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Four,
            IpAddr::V6(_) => Self::Six,
        }
    }
}

/// One routing rule, in the order in which they are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// To an end of the tunnel as if there were no tunnel.
    Around(IpAddr),
    /// And if there is no such way, none: the tunnel must not carry itself.
    NeverInside(IpAddr),
    /// To neighbours and wherever else somebody has laid a route, by that one.
    ByRoute(Family),
    /// Everything else through the tunnel.
    Inside(Family),
}

impl Rule {
    /// All for these ends of a tunnel that takes the default route of these families, in the order of setting them up:
    /// the tunnel opens last.
    pub fn all(ends: &[IpAddr], families: &[Family]) -> Vec<Self> {
        let ends = ends.iter().flat_map(|&end| [Self::Around(end), Self::NeverInside(end)]);
        let families = families.iter().flat_map(|&family| [Self::ByRoute(family), Self::Inside(family)]);
        ends.chain(families).collect()
    }

    pub(super) fn message(self) -> RuleMessage {
        let mut message = RuleMessage::default();
        let (family, action, table) = match self {
            Self::Around(end) => (Family::of(end), RuleAction::ToTable, MAIN),
            Self::NeverInside(end) => (Family::of(end), RuleAction::Unreachable, 0),
            Self::ByRoute(family) => (family, RuleAction::ToTable, MAIN),
            Self::Inside(family) => (family, RuleAction::ToTable, TABLE),
        };
        message.header.family = match family {
            Family::Four => AddressFamily::Inet,
            Family::Six => AddressFamily::Inet6,
        };
        message.header.action = action;
        message.attributes = vec![RuleAttribute::Priority(self.priority()), RuleAttribute::Table(table)];
        match self {
            Self::Around(end) | Self::NeverInside(end) => {
                message.header.dst_len = Prefix::of(end).bits;
                message.attributes.push(RuleAttribute::Destination(end));
            }
            // The default routes of the table do not count.
            Self::ByRoute(_) => message.attributes.push(RuleAttribute::SuppressPrefixLen(0)),
            Self::Inside(_) => {}
        }
        message
    }

    const fn priority(self) -> u32 {
        match self {
            Self::Around(_) => 6618,
            Self::NeverInside(_) => 6619,
            Self::ByRoute(_) => 6620,
            Self::Inside(_) => 6621,
        }
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let priority = self.priority();
        match self {
            Self::Around(end) => write!(f, "to {end} lookup main priority {priority}"),
            Self::NeverInside(end) => write!(f, "unreachable to {end} priority {priority}"),
            Self::ByRoute(_) => write!(f, "lookup main suppress_prefixlength 0 priority {priority}"),
            Self::Inside(_) => write!(f, "lookup {TABLE} priority {priority}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_around_is_asked_first_and_the_tunnel_last() {
        let end: IpAddr = "2001:db8::1".parse().expect("an address");
        let rules = Rule::all(&[end], &[Family::Six]);
        assert_eq!(
            rules,
            [
                Rule::Around(end),
                Rule::NeverInside(end),
                Rule::ByRoute(Family::Six),
                Rule::Inside(Family::Six)
            ]
        );
        assert!(rules.is_sorted_by_key(|rule| rule.priority()));
        assert!(rules.iter().all(|rule| rule.message().header.family == AddressFamily::Inet6));
    }
}
