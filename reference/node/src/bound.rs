//! HAC and HA with their sockets bound and their machines still to come: only now is it known what mobile nodes have to
//! be told.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::PathBuf;

use crypto::keys::Psk;
use proto::ha::Ha;
use proto::hac::{Hac, HomeNetwork, Policy};
use proto::sa::SecurityAssociation;
use proto::{Machine, Random, ha, hac};
use tokio::sync::mpsc;
use wire::value::{Nai, Port};

use crate::certificate::Authority;
use crate::config::ConfigError;
use crate::data_plane::{Device, Kernel, KernelError, TunSettings, make_room};
use crate::ha_server::{HaServer, HomeSide, Paths};
use crate::hac_server::{HacServer, Limits};
use crate::host::SystemRandom;
use crate::sa_feed::SaSink;
use crate::sa_log::SaLog;
use crate::settings::{Advertised, CertificateSource, HA_WITHOUT_IP6, HaSettings, HacSettings};
use crate::statistics::{HaStatistics, StatisticsFile};
use crate::tls::ServerTls;

/// Any HAC machine: the honest one, or one inside a wrapper.
pub type HacMachine = Box<dyn Machine<Input = hac::Input, Output = hac::Output> + Send>;
/// Any HA machine.
pub type HaMachine = Box<dyn Machine<Input = ha::Input, Output = ha::Output> + Send>;

/// What a HAC machine is made from, with the HA's real address and port in its policy.
pub struct HacSetup {
    /// The finished policy.
    pub policy: Policy,
    /// Who may bootstrap.
    pub identities: Vec<(Nai, Psk)>,
    /// The system's random source, unless its owner takes another.
    pub random: Box<dyn Random>,
}

impl HacSetup {
    /// The reference HAC.
    #[must_use]
    pub fn honest(self) -> Hac {
        Hac::new(self.policy, self.identities, self.random)
    }
}

/// What an HA machine is made from.
pub struct HaSetup {
    /// The finished configuration.
    pub config: ha::Config,
    /// The system's random source, unless its owner takes another.
    pub random: Box<dyn Random>,
}

impl HaSetup {
    /// The reference HA.
    #[must_use]
    pub fn honest(self) -> Ha {
        Ha::new(self.config, self.random)
    }
}

/// An HA with its socket.
pub struct BoundHa {
    socket: UdpSocket,
    address: SocketAddr,
    ip6: Option<Ipv6Addr>,
    settings: HaSettings,
    device: Option<Device>,
    paths: Option<Paths>,
}

impl BoundHa {
    /// Binds the UDP socket.
    ///
    /// # Errors
    /// The address cannot be had.
    pub fn bind(settings: HaSettings) -> Result<Self, StartError> {
        let fault = |source| StartError::Bind { what: "HA", address: settings.listen, source };
        let socket = UdpSocket::bind(settings.listen).map_err(fault)?;
        socket.set_nonblocking(true).map_err(fault)?;
        make_room(&socket);
        let address = socket.local_addr().map_err(fault)?;
        let ip6 = settings.ip6.or_else(|| match address.ip() {
            IpAddr::V6(ip) => Some(ip).filter(|ip| !ip.is_unspecified()),
            IpAddr::V4(_) => Some(HA_WITHOUT_IP6),
        });
        Ok(Self { socket, address, ip6, settings, device: None, paths: None })
    }

    /// Opens the way into the home network, if there is to be one. Takes a tokio runtime.
    ///
    /// # Errors
    /// The device or a route cannot be had; nothing is left behind.
    pub async fn attach(&mut self) -> Result<(), StartError> {
        if let Some(tun) = &self.settings.tun {
            let kernel = Kernel::connect().map_err(KernelError::from)?;
            self.device = Some(home_device(tun, &kernel).await?);
            self.paths = Some(Paths::new(kernel, tun.outer_mtu));
        }
        Ok(())
    }

    /// Where it really listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its machine is made from.
    #[must_use]
    pub fn setup(&self) -> HaSetup {
        let mut config = ha::Config::new(self.ip6.unwrap_or(HA_WITHOUT_IP6));
        config.max_lifetime = self.settings.max_lifetime;
        config.reinit_time = self.settings.reinit_before;
        HaSetup { config, random: Box::new(SystemRandom) }
    }

    /// Runs `machine` until `stop` is ready.
    ///
    /// # Errors
    /// The runtime does not take the socket, or the statistics cannot be written.
    pub async fn serve(
        self,
        machine: HaMachine,
        associations: mpsc::Receiver<Box<SecurityAssociation>>,
        stop: impl Future<Output = ()>,
    ) -> io::Result<HaStatistics> {
        let socket = tokio::net::UdpSocket::from_std(self.socket)?;
        let home =
            HomeSide { correspondents: self.settings.correspondents, device: self.device, paths: self.paths };
        let file = StatisticsFile::at(self.settings.stats_json);
        let sa_log = self.settings.sa_log.map(SaLog::at);
        HaServer::new(socket, associations, home, file).logging_to(sa_log).serve(machine, stop).await
    }
}

/// A route for each home prefix leads into the device; packets for a mobile node that is not registered end there.
async fn home_device(tun: &TunSettings, kernel: &Kernel) -> Result<Device, StartError> {
    // One device for all mobile nodes: what is too large for one of them is told behind it.
    let device = Device::open(tun.name.as_deref(), tun.outer_mtu.unwrap_or(ETHERNET)).map_err(|source| {
        StartError::Device { name: tun.name.clone().unwrap_or_else(|| "tun".into()), source }
    })?;
    let index = device.index().map_err(KernelError::from)?;
    for prefix in &tun.routes {
        kernel.add_route(index, *prefix, None).await?;
    }
    warn_unless_forwarding(tun);
    Ok(device)
}

const ETHERNET: u16 = 1500;

/// Whether this host forwards is its owner's business.
fn warn_unless_forwarding(tun: &TunSettings) {
    for (version, setting) in
        [(4, "/proc/sys/net/ipv4/ip_forward"), (6, "/proc/sys/net/ipv6/conf/all/forwarding")]
    {
        let wanted = tun.routes.iter().any(|prefix| prefix.address.is_ipv4() == (version == 4));
        let forwards = std::fs::read_to_string(setting).is_ok_and(|value| value.trim() != "0");
        if wanted && !forwards {
            tracing::warn!(
                setting,
                "this host does not forward IPv{version}: mobile nodes reach nobody but it"
            );
        }
    }
}

/// A HAC with its socket and certificate.
pub struct BoundHac {
    listener: TcpListener,
    address: SocketAddr,
    tls: ServerTls,
    authority_pem: String,
    limits: Limits,
    policy: Policy,
}

impl BoundHac {
    /// Binds the TCP socket of a HAC that sends mobile nodes to `ha`, or elsewhere if it has none in its process.
    ///
    /// # Errors
    /// The address or the certificate cannot be had, or nobody said where the HA is.
    pub fn bind(settings: HacSettings, ha: Option<&BoundHa>) -> Result<Self, StartError> {
        let fault = |source| StartError::Bind { what: "HAC", address: settings.listen, source };
        let mut policy = settings.policy;
        match ha {
            Some(ha) => here(&mut policy.network, settings.advertised, ha)?,
            None => elsewhere(&mut policy.network, settings.advertised)?,
        }
        let (server, authority_pem) = match settings.certificate {
            CertificateSource::Given { server, authority_pem } => (server, authority_pem),
            CertificateSource::Make(names) => {
                let authority = Authority::new("mip6 run-time authority").map_err(ConfigError::from)?;
                (authority.issue(&names).map_err(ConfigError::from)?, authority.pem().to_owned())
            }
        };
        let tls = ServerTls::new(server, settings.tls, settings.key_log).map_err(ConfigError::from)?;
        let listener = TcpListener::bind(settings.listen).map_err(fault)?;
        listener.set_nonblocking(true).map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        Ok(Self { listener, address, tls, authority_pem, limits: settings.limits, policy })
    }

    /// Where it really listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The authority that issued its certificate, in PEM; empty if it is not known here.
    #[must_use]
    pub fn authority_pem(&self) -> &str {
        &self.authority_pem
    }

    /// What its machine is made from.
    #[must_use]
    pub fn setup(&self, identities: Vec<(Nai, Psk)>) -> HacSetup {
        HacSetup { policy: self.policy.clone(), identities, random: Box::new(SystemRandom) }
    }

    /// Runs `machine` until dropped.
    ///
    /// # Errors
    /// The runtime does not take the socket.
    pub async fn serve(self, machine: HacMachine, sink: SaSink) -> io::Result<()> {
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        HacServer::new(listener, self.tls, self.limits, sink).serve(machine).await;
        Ok(())
    }
}

/// The HA is in this process: its socket knows.
fn here(network: &mut HomeNetwork, advertised: Advertised, ha: &BoundHa) -> Result<(), ConfigError> {
    let listen = ha.address;
    network.haa_ip6 = advertised.ip6.or(ha.ip6);
    if network.haa_ip6.is_none() {
        return Err(ConfigError::Wildcard { listen, name: "ha-ip6" });
    }
    network.haa_ip4 = match (advertised.ip4, listen.ip()) {
        (Some(ip4), _) => Some(ip4),
        (None, IpAddr::V6(_)) => None,
        (None, IpAddr::V4(ip4)) if ip4.is_unspecified() => {
            return Err(ConfigError::Wildcard { listen, name: "ha-ip4" });
        }
        (None, IpAddr::V4(ip4)) => Some(ip4),
    };
    network.port = advertised.port.or_else(|| Port::new(listen.port()));
    Ok(())
}

/// The HA is somewhere else: only settings know.
fn elsewhere(network: &mut HomeNetwork, advertised: Advertised) -> Result<(), ConfigError> {
    network.haa_ip6 = match advertised {
        Advertised { ip6: Some(ip6), .. } => Some(ip6),
        Advertised { ip4: Some(_), .. } => Some(HA_WITHOUT_IP6),
        Advertised { .. } => return Err(ConfigError::Missing { name: "ha-ip6" }),
    };
    network.haa_ip4 = advertised.ip4;
    network.port = advertised.port;
    Ok(())
}

/// Why nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A socket.
    #[error("{what}: cannot listen on {address}: {source}")]
    Bind {
        /// Whose.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The socket between HAC and HA.
    #[error("{}: cannot listen for a HAC: {source}", path.display())]
    Feed {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The TUN device.
    #[error("device {name}: {source}")]
    Device {
        /// The name that was wanted.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// Routes or addresses.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// The runtime or its thread.
    #[error("cannot start: {0}")]
    Runtime(io::Error),
}
