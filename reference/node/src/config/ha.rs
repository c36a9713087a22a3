//! Settings of `mip6-ha`.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{ConfigError, required};
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
    /// The HA's IPv6 address in Mobility Header checksums, unless an association names one
    /// [default: the listening address, or 2001:db8:ffff::1]
    #[arg(long, value_name = "IPV6")]
    pub ha_ip6: Option<Ipv6Addr>,
    /// Longest binding lifetime that is granted, in seconds [default: 3600]
    #[arg(long, value_name = "SECONDS")]
    pub max_lifetime: Option<u64>,
    /// Addresses behind the HA that answer ICMP echo themselves [default: 2001:db8:c0::1]
    #[arg(long, value_name = "ADDR", value_delimiter = ',')]
    pub correspondents: Option<Vec<IpAddr>>,
    /// Write counters, discards by reason among them, to this file at the end
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
        settings.correspondents = self.correspondents.clone().unwrap_or_else(|| vec![CORRESPONDENT.into()]);
        if let Some(seconds) = self.max_lifetime {
            settings.max_lifetime = Duration::from_secs(seconds);
        }
        Ok(settings)
    }
}
