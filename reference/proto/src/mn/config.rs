//! What a mobile node knows before it speaks.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use crypto::auth::Profile;
use crypto::keys::Psk;
use wire::value::{Ciphersuite, Method, Nai, Scope};

use crate::eap;

/// The configuration of a mobile node.
pub struct Config {
    /// Who it is (section 5.5.1).
    pub mn_id: Nai,
    /// What it shares with the HAC: the PSK of section 5.8, or the secret of an EAP method.
    pub psk: Psk,
    /// How it proves that.
    pub authentication: Authentication,
    /// Which text is spoken.
    pub profile: Profile,
    /// Suites to offer (section 5.6.5); any other selection is refused (VA-21).
    pub suites: Vec<Ciphersuite>,
    /// Which scope to propose (section 5.6.4); the one that the HAC returns is used (MS-11).
    pub scope: Scope,
    /// Where it is now. A global-scope IPv6 address goes into the Alternate Care-of Address option (PK-27, C14).
    pub care_of: IpAddr,
    /// Binding lifetime to ask for; cut to a multiple of 4 s and to 262,140 s.
    pub lifetime: Duration,
    /// How long the exchange with the HAC may take (EX-11).
    pub exchange_timeout: Duration,
    /// How Binding Updates are repeated.
    pub retransmission: Retransmission,
    /// How long before the end of validity the HAC is contacted again (section 4.3).
    pub renew_before: Duration,
}

impl Config {
    /// A mobile node that authenticates by PSK, offers all five suites, proposes to protect all traffic, and asks for ten minutes.
    pub fn new(mn_id: Nai, psk: Psk, care_of: IpAddr) -> Self {
        Self {
            mn_id,
            psk,
            authentication: Authentication::Psk,
            profile: Profile::Rfc6618,
            suites: Ciphersuite::ALL.to_vec(),
            scope: Scope::AllTraffic,
            care_of,
            lifetime: Duration::from_secs(600),
            exchange_timeout: Duration::from_secs(30),
            retransmission: Retransmission::default(),
            renew_before: Duration::from_secs(60),
        }
    }
}

impl fmt::Debug for Config {
    /// Everything but the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("mn_id", &self.mn_id)
            .field("authentication", &self.authentication)
            .field("profile", &self.profile)
            .field("suites", &self.suites)
            .field("scope", &self.scope)
            .field("care_of", &self.care_of)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

/// Section 5.5.2: the one authentication method that is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// Section 5.8.
    Psk,
    /// Section 5.9, with this EAP method and no other.
    Eap(eap::Method),
}

impl Authentication {
    /// As it is offered.
    pub fn method(self) -> Method {
        match self {
            Self::Psk => Method::Psk,
            Self::Eap(_) => Method::Eap,
        }
    }

    /// The EAP method, if it is one.
    pub fn eap(self) -> Option<eap::Method> {
        match self {
            Self::Psk => None,
            Self::Eap(method) => Some(method),
        }
    }
}

/// RFC 6275 section 11.8: the wait doubles from `first` to `most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retransmission {
    /// Wait after the first Binding Update.
    pub first: Duration,
    /// The longest wait.
    pub most: Duration,
    /// Binding Updates sent before the registration is called failed.
    pub attempts: u32,
}

impl Default for Retransmission {
    /// 1 s to 32 s, seven attempts.
    fn default() -> Self {
        Self { first: Duration::from_secs(1), most: Duration::from_secs(32), attempts: 7 }
    }
}
