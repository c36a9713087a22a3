//! Settings of `mip6-hac`, and of the HA in the same process if there is one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::time::Duration;

use proto::hac::Policy;
use proto::mn::Authentication;
use serde::{Deserialize, Serialize};
use wire::value::Port;

use super::{ConfigError, HaOptions, MethodName, PrefixText, ProfileName, SasPolicy, SuiteName, required};
use crate::certificate::ServerIdentity;
use crate::hac_server::Limits;
use crate::settings::{Advertised, CertificateSource, HaSettings, HacSettings};
use crate::tls::{KeyLogFile, TlsVersions};

/// The flags of `mip6-hac`, and the keys of its file.
#[derive(Clone, Debug, Default, clap::Args, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct HacOptions {
    /// TCP address and port to serve on; the RFC names no port
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// Who may bootstrap: `{"identities":[{"mn_id":"mn1@example.com","psk":"HEX"}]}`
    #[arg(long, value_name = "JSON")]
    pub identities: Option<PathBuf>,

    /// Server certificate chain, leaf first
    #[arg(long, value_name = "PEM", help_heading = "TLS")]
    pub certificate: Option<PathBuf>,
    /// Private key of the leaf
    #[arg(long, value_name = "PEM", help_heading = "TLS")]
    pub key: Option<PathBuf>,
    /// Without --certificate: make one at the start, for these DNS names and addresses
    /// [default: localhost,127.0.0.1,::1]
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "TLS")]
    pub make_certificate: Option<Vec<String>>,
    /// Write the certificate authority that was made to this file: what mobile nodes have to trust
    #[arg(long, value_name = "PEM", help_heading = "TLS")]
    pub write_ca: Option<PathBuf>,
    /// Versions of TLS to accept [default: both]
    #[arg(long, value_enum, help_heading = "TLS")]
    pub tls: Option<TlsVersions>,
    /// Append the TLS secrets of every session to this file (NSS format, for wireshark). Never in production
    #[arg(long, value_name = "FILE", help_heading = "TLS")]
    pub keylog: Option<PathBuf>,

    /// Which text to speak; they differ in what `auth` covers [default: rfc6618]
    #[arg(long, value_enum, help_heading = "Policy")]
    pub profile: Option<ProfileName>,
    /// Authentication methods that may be selected, the best first; an EAP secret is the identity's psk
    /// [default: psk,eap-gpsk]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "METHOD", help_heading = "Policy")]
    pub methods: Option<Vec<MethodName>>,
    /// Ciphersuites that may be selected, the best first [default: all five, AES first]
    #[arg(long, value_name = "SUITE", value_delimiter = ',', help_heading = "Policy")]
    pub suites: Option<Vec<SuiteName>>,
    /// What security associations protect: 0 signalling, 1 all traffic, or what the MN proposed [default: proposed]
    #[arg(long, value_enum, help_heading = "Policy")]
    pub sas: Option<SasPolicy>,
    /// Validity of a security association, in seconds [default: 86400]
    #[arg(long, value_name = "SECONDS", help_heading = "Policy")]
    pub sa_lifetime: Option<u64>,

    /// HA's IPv6 address to hand out [collocated default: the HA's address]
    #[arg(long, value_name = "IPV6", help_heading = "Home network")]
    pub ha_ip6: Option<Ipv6Addr>,
    /// HA's IPv4 address to hand out [collocated default: the HA's address]
    #[arg(long, value_name = "IPV4", help_heading = "Home network")]
    pub ha_ip4: Option<Ipv4Addr>,
    /// HA's UDP port to hand out [default: none, which means 7872; collocated: the HA's port]
    #[arg(long, value_name = "PORT", help_heading = "Home network")]
    pub ha_port: Option<NonZeroU16>,
    /// Home addresses are taken from these prefixes, one IPv6 and one IPv4 at most [default: 2001:db8:6618::/64]
    #[arg(long, value_name = "PREFIX", value_delimiter = ',', help_heading = "Home network")]
    pub home_prefixes: Option<Vec<PrefixText>>,
    /// Name servers to hand out
    #[arg(long, value_name = "ADDR", value_delimiter = ',', help_heading = "Home network")]
    pub dns: Option<Vec<IpAddr>>,

    /// Hand security associations to the mip6-ha that listens on this Unix domain socket
    #[arg(long, value_name = "PATH", help_heading = "Home agent")]
    pub feed: Option<PathBuf>,
    /// Run the HA in this process, on this UDP address and port
    #[arg(long, value_name = "ADDR:PORT", help_heading = "Home agent")]
    pub collocate_ha: Option<SocketAddr>,
    /// Longest binding lifetime that the collocated HA grants, in seconds [default: 3600]
    #[arg(long, value_name = "SECONDS", help_heading = "Home agent")]
    pub max_lifetime: Option<u64>,
    /// How many seconds before its end an association is to be renewed: registrations get status 176 [default: 30]
    #[arg(long, value_name = "SECONDS", help_heading = "Home agent")]
    pub reinit_before: Option<u64>,
    /// Addresses that the collocated HA answers for itself, if asked for an ICMP echo
    /// [default: 2001:db8:c0::1, none with --tun]
    #[arg(long, value_name = "ADDR", value_delimiter = ',', help_heading = "Home agent")]
    pub correspondents: Option<Vec<IpAddr>>,
    /// Make a TUN device of this name for the collocated HA and lead the home prefixes into it. Takes root
    #[arg(long, value_name = "NAME", help_heading = "Home agent")]
    pub tun: Option<String>,
    /// Octets of the largest outer packet of the collocated HA, IP header included [default: 1500]
    #[arg(long, value_name = "OCTETS", help_heading = "Home agent")]
    pub outer_mtu: Option<u16>,
    /// Write every association with its keys to this file, for `mip6-conform dissect --sa`. Never in production
    #[arg(long, value_name = "FILE", help_heading = "Home agent")]
    pub write_sa: Option<PathBuf>,
    /// Write the collocated HA's counters to this file at the end and on SIGUSR1
    #[arg(long, value_name = "FILE", help_heading = "Home agent")]
    pub stats_json: Option<PathBuf>,

    /// Connections at once [default: 256]
    #[arg(long, value_name = "COUNT", help_heading = "Limits")]
    pub connections: Option<usize>,
    /// Longest silence on a connection, in seconds [default: 10]
    #[arg(long, value_name = "SECONDS", help_heading = "Limits")]
    pub idle: Option<u64>,
    /// Longest life of a connection, in seconds [default: 60]
    #[arg(long, value_name = "SECONDS", help_heading = "Limits")]
    pub total: Option<u64>,

    /// What to log, as in RUST_LOG, which it overrides: `info`, `node=debug`
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
}

impl HacOptions {
    /// What the HAC is built from.
    ///
    /// # Errors
    /// A missing setting, or a file that is not what it should be.
    pub fn settings(&self) -> Result<HacSettings, ConfigError> {
        self.check_companions()?;
        Ok(HacSettings {
            listen: required(self.listen, "listen")?,
            certificate: self.certificate()?,
            tls: self.tls.unwrap_or_default(),
            key_log: self.keylog.as_deref().map(open_key_log).transpose()?,
            limits: self.limits(),
            policy: self.policy(),
            advertised: Advertised {
                ip6: self.ha_ip6,
                ip4: self.ha_ip4,
                port: self.ha_port.and_then(|port| Port::new(port.get())),
            },
        })
    }

    /// What the HA of this process is built from, if there is to be one.
    ///
    /// # Errors
    /// None today; the HA's own settings are checked.
    pub fn collocated(&self) -> Result<Option<HaSettings>, ConfigError> {
        let Some(listen) = self.collocate_ha else { return Ok(None) };
        let options = HaOptions {
            listen: Some(listen),
            ha_ip6: self.ha_ip6,
            max_lifetime: self.max_lifetime,
            reinit_before: self.reinit_before,
            correspondents: self.correspondents.clone(),
            tun: self.tun.clone(),
            home_prefixes: self.home_prefixes.clone(),
            outer_mtu: self.outer_mtu,
            stats_json: self.stats_json.clone(),
            write_sa: self.write_sa.clone(),
            ..HaOptions::default()
        };
        options.settings().map(Some)
    }

    /// Not left to the parser of flags: one of two settings may be in the file.
    fn check_companions(&self) -> Result<(), ConfigError> {
        let collocated = self.collocate_ha.is_some();
        let conflicts = [
            (self.feed.is_some() && collocated, "feed", "collocate-ha"),
            (self.write_ca.is_some() && self.certificate.is_some(), "write-ca", "certificate"),
            (
                self.make_certificate.is_some() && self.certificate.is_some(),
                "make-certificate",
                "certificate",
            ),
        ];
        let lonely = [
            (self.max_lifetime.is_some() && !collocated, "max-lifetime", "collocate-ha"),
            (self.reinit_before.is_some() && !collocated, "reinit-before", "collocate-ha"),
            (self.correspondents.is_some() && !collocated, "correspondents", "collocate-ha"),
            (self.tun.is_some() && !collocated, "tun", "collocate-ha"),
            (self.outer_mtu.is_some() && self.tun.is_none(), "outer-mtu", "tun"),
            (self.write_sa.is_some() && !collocated, "write-sa", "collocate-ha"),
            (self.stats_json.is_some() && !collocated, "stats-json", "collocate-ha"),
            (self.certificate.is_some() && self.key.is_none(), "certificate", "key"),
            (self.key.is_some() && self.certificate.is_none(), "key", "certificate"),
        ];
        if let Some((_, one, other)) = conflicts.into_iter().find(|(found, ..)| *found) {
            return Err(ConfigError::Conflict { one, other });
        }
        match lonely.into_iter().find(|(found, ..)| *found) {
            Some((_, one, other)) => Err(ConfigError::Lonely { one, other }),
            None => Ok(()),
        }
    }

    fn certificate(&self) -> Result<CertificateSource, ConfigError> {
        if let (Some(chain), Some(key)) = (&self.certificate, &self.key) {
            let server = ServerIdentity::from_pem_files(chain, key)?;
            return Ok(CertificateSource::Given { server, authority_pem: String::new() });
        }
        let names = self.make_certificate.clone();
        Ok(names.map_or_else(CertificateSource::loopback, CertificateSource::Make))
    }

    fn limits(&self) -> Limits {
        let default = Limits::default();
        Limits {
            connections: self.connections.unwrap_or(default.connections),
            idle: self.idle.map_or(default.idle, Duration::from_secs),
            total: self.total.map_or(default.total, Duration::from_secs),
        }
    }

    fn policy(&self) -> Policy {
        let mut policy = Policy::default();
        if let Some(profile) = self.profile {
            policy.profile = profile.into();
        }
        if let Some(methods) = &self.methods {
            let methods: Vec<Authentication> = methods.iter().copied().map(Into::into).collect();
            policy.methods = methods.iter().map(|method| method.method()).collect();
            policy.eap.methods = methods.iter().filter_map(|method| method.eap()).collect();
        }
        if let Some(suites) = &self.suites {
            policy.suites = suites.iter().map(|suite| suite.0).collect();
        }
        if let Some(sas) = self.sas {
            policy.scope = sas.into();
        }
        if let Some(seconds) = self.sa_lifetime {
            policy.sa_lifetime = Duration::from_secs(seconds);
        }
        for prefix in self.home_prefixes.iter().flatten() {
            match prefix {
                PrefixText::Six(prefix) => policy.network.prefix6 = *prefix,
                PrefixText::Four(prefix) => policy.network.prefix4 = Some(*prefix),
            }
        }
        policy.network.dns = self.dns.clone().unwrap_or_default();
        policy
    }
}

pub(super) fn open_key_log(path: &Path) -> Result<KeyLogFile, ConfigError> {
    KeyLogFile::open(path).map_err(|source| ConfigError::Read { path: path.into(), source })
}
