//! What a HAC and an HA are built from, wherever the settings come from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use proto::eap;
use proto::hac::{Aaa, Policy};
use wire::value::Port;

use crate::certificate::ServerIdentity;
use crate::data_plane::TunSettings;
use crate::hac_server::Limits;
use crate::tls::{KeyLogFile, TlsVersions};

/// The correspondent that is there by default, on a documentation prefix of its own.
pub const CORRESPONDENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xc0, 0, 0, 0, 0, 1);
/// The same over IPv4, where there are IPv4 home addresses.
pub const CORRESPONDENT4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 99);

/// The IPv6 address of an HA that listens on IPv4 only: Mobility Header checksums need one (readings PK-26).
pub const HA_WITHOUT_IP6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 1);

/// A HAC's settings.
#[derive(Clone)]
pub struct HacSettings {
    /// TCP address; port 0 takes any.
    pub listen: SocketAddr,
    /// What it shows in TLS.
    pub certificate: CertificateSource,
    /// Versions of TLS it accepts.
    pub tls: TlsVersions,
    /// Where the TLS secrets go, if anywhere.
    pub key_log: Option<KeyLogFile>,
    /// What its peers may use up.
    pub limits: Limits,
    /// Its policy; the HA's addresses and port in it are overwritten by what `advertised` and the HA's socket say.
    pub policy: Policy,
    /// What mobile nodes are told about the HA.
    pub advertised: Advertised,
}

impl HacSettings {
    /// Defaults, with a certificate for loopback names.
    #[must_use]
    pub fn listening_on(listen: SocketAddr) -> Self {
        Self {
            listen,
            certificate: CertificateSource::loopback(),
            tls: TlsVersions::default(),
            key_log: None,
            limits: Limits::default(),
            policy: Policy::default(),
            advertised: Advertised::default(),
        }
    }
}

impl HacSettings {
    /// Offers EAP methods without an MSK too (EA-08): for tests, since they prove nothing to the mobile node.
    pub fn offer_every_eap_method(&mut self) {
        self.policy.eap.methods = eap::Method::ALL.to_vec();
    }

    /// Leaves mobile nodes of this realm that use EAP to an AAA server, which never answers: for tests.
    pub fn ask_silent_aaa(&mut self, realm: &str, patience: Duration) {
        self.policy.aaa = Aaa { realm: Some(realm.to_owned()), patience };
    }
}

/// An HA's settings.
#[derive(Clone, Debug)]
pub struct HaSettings {
    /// UDP address; port 0 takes any.
    pub listen: SocketAddr,
    /// Its IPv6 address for checksums, if it is not the one it listens on.
    pub ip6: Option<Ipv6Addr>,
    /// The longest binding lifetime that it grants.
    pub max_lifetime: Duration,
    /// How long before its end an association is to be renewed (status 176).
    pub reinit_before: Duration,
    /// Addresses that it answers for itself, if asked for an ICMP echo.
    pub correspondents: Vec<IpAddr>,
    /// The device through which everybody else is reached.
    pub tun: Option<TunSettings>,
    /// Where its associations go with their keys, if anywhere. For tests.
    pub sa_log: Option<PathBuf>,
    /// Where its counters go, at the end and on SIGUSR1.
    pub stats_json: Option<PathBuf>,
}

impl HaSettings {
    /// Defaults: an hour of lifetime, one correspondent.
    #[must_use]
    pub fn listening_on(listen: SocketAddr) -> Self {
        let max_lifetime = Duration::from_secs(3600);
        Self {
            listen,
            ip6: None,
            max_lifetime,
            reinit_before: Duration::from_secs(30),
            correspondents: vec![CORRESPONDENT.into()],
            tun: None,
            sa_log: None,
            stats_json: None,
        }
    }
}

/// The HA as mobile nodes are told; what is `None` is taken from the HA's socket, if that is in the same process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Advertised {
    /// `mip6-haa-ip6`.
    pub ip6: Option<Ipv6Addr>,
    /// `mip6-haa-ip4`.
    pub ip4: Option<Ipv4Addr>,
    /// `mip6-port`.
    pub port: Option<Port>,
}

/// Where a HAC's certificate comes from.
#[derive(Clone)]
pub enum CertificateSource {
    /// From its owner.
    Given {
        /// Chain and key.
        server: ServerIdentity,
        /// Who issued it; empty if that is not known here.
        authority_pem: String,
    },
    /// Made at the start by a new authority, for these DNS names and IP addresses.
    Make(Vec<String>),
}

impl CertificateSource {
    /// A certificate for the names of this host as itself sees it.
    #[must_use]
    pub fn loopback() -> Self {
        Self::Make(["localhost", "127.0.0.1", "::1"].map(String::from).to_vec())
    }
}
