//! RFC 6618 sections 4.3 and 4.4: what the HAC decides by configuration.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use crypto::auth::Profile;
use wire::value::{Ciphersuite, Method, Port, Prefix4, Prefix6, Scope};

use crate::eap::Offer;

/// The configuration of a HAC.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Which text is spoken; never both at once (AU-01).
    pub profile: Profile,
    /// Authentication methods that may be selected, the best first; which one is the HAC's choice (section 5.8).
    pub methods: Vec<Method>,
    /// What the HAC offers once EAP is selected (section 5.9).
    pub eap: Offer,
    /// Who else is asked about mobile nodes that use EAP.
    pub aaa: Aaa,
    /// Suites that may be selected, the best first (MS-15).
    pub suites: Vec<Ciphersuite>,
    /// Who decides which traffic an association covers.
    pub scope: ScopePolicy,
    /// Validity of an association, counted from its making.
    pub sa_lifetime: Duration,
    /// How long an exchange may take before the connection is closed (EX-11).
    pub exchange_timeout: Duration,
    /// Connections that may be open at once; one more is closed at once.
    pub connections: usize,
    /// What mobile nodes are told about home.
    pub network: HomeNetwork,
}

impl Default for Policy {
    /// RFC 6618, PSK before EAP with an MSK, all five suites with AES first, a day of validity, the documentation network.
    fn default() -> Self {
        Self {
            profile: Profile::Rfc6618,
            methods: Method::ALL.to_vec(),
            eap: Offer::default(),
            aaa: Aaa::default(),
            suites: vec![
                Ciphersuite::Aes128Sha256,
                Ciphersuite::Aes128Sha,
                Ciphersuite::TripleDesSha,
                Ciphersuite::NullSha256,
                Ciphersuite::NullSha,
            ],
            scope: ScopePolicy::AsProposed,
            sa_lifetime: Duration::from_secs(24 * 60 * 60),
            exchange_timeout: Duration::from_secs(30),
            connections: 4096,
            network: HomeNetwork::default(),
        }
    }
}

/// Section 5.9: mobile nodes whom an AAA server authenticates, and not the HAC. No protocol to one is spoken here, so
/// its answers never come, and the HAC gives up with status 504.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aaa {
    /// The realm of their NAIs, without `@`; `None` if there are none.
    pub realm: Option<String>,
    /// How long the HAC waits for an answer.
    pub patience: Duration,
}

impl Default for Aaa {
    /// Nobody; 5 s.
    fn default() -> Self {
        Self { realm: None, patience: Duration::from_secs(5) }
    }
}

impl Aaa {
    /// Whether the AAA server, and nobody else, knows this NAI.
    pub(super) fn owns(&self, nai: &[u8]) -> bool {
        let Some(realm) = &self.realm else { return false };
        nai.strip_suffix(realm.as_bytes()).is_some_and(|front| front.last() == Some(&b'@'))
    }
}

/// Section 5.6.4: the mobile node proposes a scope, the HAC has the last word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopePolicy {
    /// Grant what the mobile node proposes.
    AsProposed,
    /// Grant this, whatever is proposed (MS-11).
    Mandate(Scope),
}

/// Section 4.4: the home agent and the home link that mobile nodes are sent to.
#[derive(Clone, Debug)]
pub struct HomeNetwork {
    /// The home agent's IPv6 address; also the one in Mobility Header checksums (PK-26).
    pub haa_ip6: Option<Ipv6Addr>,
    /// The home agent's IPv4 address.
    pub haa_ip4: Option<Ipv4Addr>,
    /// The home agent's UDP port; the IANA port 7872 if absent (SA-08).
    pub port: Option<Port>,
    /// IPv6 home addresses are handed out from it, one to each identity, in the order of the identities.
    pub prefix6: Prefix6,
    /// IPv4 home addresses likewise; `None` hands out none.
    pub prefix4: Option<Prefix4>,
    /// Name servers that can be reached through the home agent.
    pub dns: Vec<IpAddr>,
}

impl Default for HomeNetwork {
    /// 2001:db8:6618::/64 with the home agent on ::1.
    fn default() -> Self {
        let link = Ipv6Addr::new(0x2001, 0xdb8, 0x6618, 0, 0, 0, 0, 0);
        let Some(prefix6) = Prefix6::new(link, 64) else { unreachable!("64 is at most 128") };
        Self {
            haa_ip6: Some(Ipv6Addr::from_bits(link.to_bits() | 1)),
            haa_ip4: None,
            port: None,
            prefix6,
            prefix4: None,
            dns: Vec::new(),
        }
    }
}

impl ScopePolicy {
    /// The scope to grant when this one is proposed.
    pub(super) fn decide(self, proposed: Scope) -> Scope {
        match self {
            Self::AsProposed => proposed,
            Self::Mandate(scope) => scope,
        }
    }
}
