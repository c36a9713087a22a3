//! Settings of `mip6-mn`.

use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;
use std::time::Duration;

use crypto::keys::Psk;
use proto::mn::Config;
use serde::{Deserialize, Serialize};
use wire::escape::Escaped;
use wire::value::Nai;

use super::hac::open_key_log;
use super::{ConfigError, MethodName, PrefixText, ProfileName, ScopeDigit, SuiteName, read_psk, required};
use crate::data_plane::TunSettings;
use crate::mobile_node::CareOf;
use crate::tls::{ClientTls, TlsVersions};

/// The flags of `mip6-mn`, and the keys of its file.
#[derive(Clone, Debug, Default, clap::Args, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct MnOptions {
    /// Where the HAC listens: a name or an address (IPv6 in brackets), and a TCP port
    #[arg(long, value_name = "HOST:PORT")]
    pub hac: Option<String>,
    /// Who this mobile node is: a network access identifier
    #[arg(long, value_name = "NAI")]
    pub mn_id: Option<String>,
    /// File with the pre-shared key in hex
    #[arg(long, value_name = "FILE")]
    pub psk_file: Option<PathBuf>,
    /// Certificate authorities to trust
    #[arg(long, value_name = "PEM", help_heading = "TLS")]
    pub ca: Option<PathBuf>,
    /// Name or address that the HAC's certificate must show [default: the host of --hac]
    #[arg(long, value_name = "NAME", help_heading = "TLS")]
    pub server_name: Option<String>,
    /// Versions of TLS to offer [default: both]
    #[arg(long, value_enum, help_heading = "TLS")]
    pub tls: Option<TlsVersions>,
    /// Append the TLS secrets to this file (NSS format, for wireshark). Never in production
    #[arg(long, value_name = "FILE", help_heading = "TLS")]
    pub keylog: Option<PathBuf>,

    /// Which text to speak; they differ in what `auth` covers [default: rfc6618]
    #[arg(long, value_enum, help_heading = "Protocol")]
    pub profile: Option<ProfileName>,
    /// How to authenticate; the key of --psk-file is the EAP secret, too [default: psk]
    #[arg(long, value_enum, help_heading = "Protocol")]
    pub method: Option<MethodName>,
    /// Ciphersuites to offer [default: all five]
    #[arg(long, value_name = "SUITE", value_delimiter = ',', help_heading = "Protocol")]
    pub suites: Option<Vec<SuiteName>>,
    /// What to propose for protection: 0 signalling, 1 all traffic [default: 1]
    #[arg(long, value_enum, help_heading = "Protocol")]
    pub sas: Option<ScopeDigit>,
    /// Care-of address to register [default: this host's address toward the HAC; 2001:db8:ca::1 on loopback]
    #[arg(long, value_name = "ADDR", help_heading = "Protocol")]
    pub care_of: Option<IpAddr>,
    /// Binding lifetime to ask for, in seconds [default: 600]
    #[arg(long, value_name = "SECONDS", help_heading = "Protocol")]
    pub lifetime: Option<u64>,

    /// Carry this host's traffic: make a TUN device of this name with the home addresses. Takes root
    #[arg(long, value_name = "NAME", help_heading = "Data plane")]
    pub tun: Option<String>,
    /// What is reached through the tunnel: nothing with the HAC or the HA in it, or ::/0 and 0.0.0.0/0, which lead
    /// around both
    #[arg(long, value_name = "PREFIX", value_delimiter = ',', help_heading = "Data plane")]
    pub routes: Option<Vec<PrefixText>>,
    /// Octets of the largest outer packet, IP header included [default: the MTU of the path to the HA]
    #[arg(long, value_name = "OCTETS", help_heading = "Data plane")]
    pub outer_mtu: Option<u16>,
    /// Write counters, discards by reason among them, to this file at the end and on SIGUSR1
    #[arg(long, value_name = "FILE", help_heading = "Data plane")]
    pub stats_json: Option<PathBuf>,

    /// After registering, send ICMPv6 echo requests to this address through the tunnel, then de-register and end
    #[arg(long, value_name = "IPV6", help_heading = "What to do")]
    pub ping: Option<Ipv6Addr>,
    /// How many echo requests [default: 3]
    #[arg(long, value_name = "N", help_heading = "What to do")]
    pub count: Option<u16>,
    /// Try again what may pass: no way to the HAC or the HA, no answer, an error of the HAC's own (5xx). After 1 s, 2 s
    /// and so on up to a minute, or when the HAC's `retry-after` says
    #[arg(long, help_heading = "What to do")]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retry: bool,
    /// Register, de-register, end
    #[arg(long, help_heading = "What to do")]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
    /// Longest wait, in seconds, for the handshakes, then for the HAC, then for each echo reply [default: 10]
    #[arg(long, value_name = "SECONDS", help_heading = "What to do")]
    pub timeout: Option<u64>,

    /// What to log, as in RUST_LOG, which it overrides: `warn`, `node=debug`
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
}

/// What an MN will do, before any name was looked up.
pub struct MnPlan {
    /// HOST:PORT of the HAC.
    pub hac: String,
    /// Trust anchors and the name to meet.
    pub tls: ClientTls,
    /// The longest wait for anything.
    pub patience: Duration,
    /// The machine's configuration.
    pub config: Config,
    /// Where the care-of address comes from.
    pub care_of: CareOf,
    /// The device that carries this host's traffic.
    pub tun: Option<TunSettings>,
    /// Where its counters go.
    pub stats_json: Option<PathBuf>,
    /// Echo requests to send.
    pub pings: Option<Pings>,
    /// What comes when the rest is done.
    pub afterwards: Afterwards,
}

/// What an MN does when it has registered and sent its echo requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Afterwards {
    /// Keep the binding until something fails.
    Stay,
    /// Keep the binding, and try again whatever may pass.
    Insist,
    /// De-register and end.
    End,
}

/// Echo requests, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pings {
    /// Who is asked.
    pub destination: Ipv6Addr,
    /// How often.
    pub count: u16,
}

const PATIENCE: Duration = Duration::from_secs(10);

impl MnOptions {
    /// What the MN will do.
    ///
    /// # Errors
    /// A missing setting, or a file that is not what it should be.
    pub fn plan(&self) -> Result<MnPlan, ConfigError> {
        let hac = host_and_port(required(self.hac.clone(), "hac")?)?;
        let mn_id = parse_mn_id(&required(self.mn_id.clone(), "mn-id")?)?;
        let psk = read_psk(&required(self.psk_file.clone(), "psk-file")?)?;
        let patience = self.timeout.map_or(PATIENCE, Duration::from_secs);
        Ok(MnPlan {
            tls: self.client_tls(&hac)?,
            hac,
            patience,
            config: self.config(mn_id, psk, patience),
            care_of: if self.care_of.is_some() { CareOf::Configured } else { CareOf::Observed },
            tun: self.tun_settings()?,
            stats_json: self.stats_json.clone(),
            pings: self.ping.map(|destination| Pings { destination, count: self.count.unwrap_or(3) }),
            afterwards: self.afterwards()?,
        })
    }

    fn afterwards(&self) -> Result<Afterwards, ConfigError> {
        let ending = [(self.once, "once"), (self.ping.is_some(), "ping")];
        match (ending.into_iter().find(|(given, _)| *given), self.retry) {
            (Some((_, one)), true) => Err(ConfigError::Conflict { one, other: "retry" }),
            (Some(_), false) => Ok(Afterwards::End),
            (None, true) => Ok(Afterwards::Insist),
            (None, false) => Ok(Afterwards::Stay),
        }
    }

    fn tun_settings(&self) -> Result<Option<TunSettings>, ConfigError> {
        let Some(name) = &self.tun else {
            let lonely = [(self.routes.is_some(), "routes"), (self.outer_mtu.is_some(), "outer-mtu")];
            return match lonely.into_iter().find(|(found, _)| *found) {
                Some((_, one)) => Err(ConfigError::Lonely { one, other: "tun" }),
                None => Ok(None),
            };
        };
        if self.ping.is_some() {
            // The reply would be the kernel's, which asked nobody.
            return Err(ConfigError::Conflict { one: "ping", other: "tun" });
        }
        let routes = self.routes.iter().flatten().copied().map(Into::into).collect();
        Ok(Some(TunSettings { name: Some(name.clone()), routes, outer_mtu: self.outer_mtu }))
    }

    fn client_tls(&self, hac: &str) -> Result<ClientTls, ConfigError> {
        let ca = required(self.ca.clone(), "ca")?;
        let ca_pem = std::fs::read(&ca).map_err(|source| ConfigError::Read { path: ca, source })?;
        let name = self.server_name.as_deref().unwrap_or_else(|| host(hac));
        let key_log = self.keylog.as_deref().map(open_key_log).transpose()?;
        Ok(ClientTls::new(&ca_pem, name, self.tls.unwrap_or_default(), key_log)?)
    }

    fn config(&self, mn_id: Nai, psk: Psk, patience: Duration) -> Config {
        let mut config = Config::new(mn_id, psk, self.care_of.unwrap_or(Ipv6Addr::UNSPECIFIED.into()));
        // Of both handshakes together and the answers after them: the former know better what is wrong.
        config.exchange_timeout = patience * 2;
        if let Some(profile) = self.profile {
            config.profile = profile.into();
        }
        if let Some(method) = self.method {
            config.authentication = method.into();
        }
        if let Some(suites) = &self.suites {
            config.suites = suites.iter().map(|suite| suite.0).collect();
        }
        if let Some(scope) = self.sas {
            config.scope = scope.into();
        }
        if let Some(seconds) = self.lifetime {
            config.lifetime = Duration::from_secs(seconds);
        }
        config
    }
}

fn parse_mn_id(text: &str) -> Result<Nai, ConfigError> {
    Nai::parse(text.as_bytes()).map_err(|error| ConfigError::Flag { name: "mn-id", why: error.to_string() })
}

fn host_and_port(hac: String) -> Result<String, ConfigError> {
    match hac.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(hac),
        _ => Err(ConfigError::Flag {
            name: "hac",
            why: format!("need HOST:PORT, have {}", Escaped(hac.as_bytes())),
        }),
    }
}

/// The host of HOST:PORT; the brackets of an IPv6 address are no part of it.
fn host(hac: &str) -> &str {
    let host = hac.rsplit_once(':').map_or(hac, |(host, _)| host);
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}
