//! Settings of `mip6-ha`.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use proto::hac::HomeNetwork;

use super::{ConfigError, PrefixText, required};
use crate::data_plane::TunSettings;
use crate::settings::{CORRESPONDENT, HaSettings};

/// The flags of `mip6-ha`, and the keys of its file.
#[derive(Clone, Debug, Default, clap::Args, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct HaOptions {
    /// UDP address and port to serve on; the IANA port is 7872
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// Unix domain socket to take security associations from (made with mode 0600)
    #[arg(long, value_name = "PATH")]
    pub feed: Option<PathBuf>,
    /// File of security associations that no HAC hands over (JSON, as `mip6-conform associations` writes it); for an
    /// HA that is judged alone. Without --feed these are all
    #[arg(long, value_name = "FILE")]
    pub sa: Option<PathBuf>,
    /// The HA's IPv6 address in Mobility Header checksums, unless an association names one
    /// [default: the listening address, or 2001:db8:ffff::1]
    #[arg(long, value_name = "IPV6")]
    pub ha_ip6: Option<Ipv6Addr>,
    /// Longest binding lifetime that is granted, in seconds [default: 3600]
    #[arg(long, value_name = "SECONDS")]
    pub max_lifetime: Option<u64>,
    /// How many seconds before its end an association is to be renewed: registrations get status 176 [default: 30]
    #[arg(long, value_name = "SECONDS")]
    pub reinit_before: Option<u64>,
    /// Addresses that the HA answers for itself, if asked for an ICMP echo [default: 2001:db8:c0::1, none with --tun]
    #[arg(long, value_name = "ADDR", value_delimiter = ',')]
    pub correspondents: Option<Vec<IpAddr>>,
    /// Make a TUN device of this name: the way from and to the hosts of the home network. Takes root
    #[arg(long, value_name = "NAME", help_heading = "Data plane")]
    pub tun: Option<String>,
    /// Home prefixes, led into the TUN device [default: 2001:db8:6618::/64]
    #[arg(long, value_name = "PREFIX", value_delimiter = ',', help_heading = "Data plane")]
    pub home_prefixes: Option<Vec<PrefixText>>,
    /// Octets of the largest outer packet, IP header included [default: 1500]
    #[arg(long, value_name = "OCTETS", help_heading = "Data plane")]
    pub outer_mtu: Option<u16>,
    /// Write every association with its keys to this file, for `mip6-conform dissect --sa`. Never in production
    #[arg(long, value_name = "FILE")]
    pub write_sa: Option<PathBuf>,
    /// Write counters, discards by reason among them, to this file at the end and on SIGUSR1
    #[arg(long, value_name = "FILE")]
    pub stats_json: Option<PathBuf>,
    /// What to log, as in RUST_LOG, which it overrides: `info`, `node=debug`
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
}

impl HaOptions {
    /// What the HA is built from.
    ///
    /// # Errors
    /// There is no address to listen on.
    pub fn settings(&self) -> Result<HaSettings, ConfigError> {
        let mut settings = HaSettings::listening_on(required(self.listen, "listen")?);
        settings.ip6 = self.ha_ip6;
        settings.tun = self.tun.as_ref().map(|name| self.tun_settings(name));
        settings.stats_json.clone_from(&self.stats_json);
        settings.sa_log.clone_from(&self.write_sa);
        let default = if self.tun.is_some() { Vec::new() } else { vec![CORRESPONDENT.into()] };
        settings.correspondents = self.correspondents.clone().unwrap_or(default);
        if let Some(seconds) = self.reinit_before {
            settings.reinit_before = Duration::from_secs(seconds);
        }
        if let Some(seconds) = self.max_lifetime {
            settings.max_lifetime = Duration::from_secs(seconds);
        }
        Ok(settings)
    }

    fn tun_settings(&self, name: &str) -> TunSettings {
        let routes = match &self.home_prefixes {
            Some(prefixes) => prefixes.iter().copied().map(Into::into).collect(),
            None => vec![PrefixText::Six(HomeNetwork::default().prefix6).into()],
        };
        TunSettings { name: Some(name.into()), routes, outer_mtu: self.outer_mtu }
    }
}
