//! A HAC and an HA in one process, on a thread of their own: for the demonstration and for tests.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crypto::keys::Psk;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use wire::value::{Nai, Prefix4};

use crate::sa_feed::SaSink;
use crate::statistics::HaStatistics;

pub use crate::bound::{BoundHa, BoundHac, HaMachine, HaSetup, HacMachine, HacSetup, StartError};
pub use crate::settings::{
    Advertised, CORRESPONDENT, CORRESPONDENT4, CertificateSource, HA_WITHOUT_IP6, HaSettings, HacSettings,
};

/// The settings of both.
#[derive(Clone)]
pub struct HomeConfig {
    /// Of the HAC.
    pub hac: HacSettings,
    /// Of the HA.
    pub ha: HaSettings,
}

impl HomeConfig {
    /// Both on the same address, each on any free port.
    #[must_use]
    pub fn on(address: IpAddr) -> Self {
        let listen = SocketAddr::new(address, 0);
        Self { hac: HacSettings::listening_on(listen), ha: HaSettings::listening_on(listen) }
    }

    /// IPv4 inside, too: home addresses of 198.51.100.0/24, and a correspondent for them.
    #[must_use]
    pub fn with_ip4(mut self) -> Self {
        self.hac.policy.network.prefix4 = Prefix4::new(Ipv4Addr::new(198, 51, 100, 0), 24);
        self.ha.correspondents.push(CORRESPONDENT4.into());
        self
    }

    /// On ::1, or on 127.0.0.1 where there is no IPv6.
    #[must_use]
    pub fn loopback() -> Self {
        Self::on(loopback_address())
    }
}

impl Default for HomeConfig {
    fn default() -> Self {
        Self::loopback()
    }
}

/// ::1, or 127.0.0.1 where there is no IPv6.
#[must_use]
pub fn loopback_address() -> IpAddr {
    let six = IpAddr::V6(Ipv6Addr::LOCALHOST);
    if UdpSocket::bind((six, 0)).is_ok() { six } else { Ipv4Addr::LOCALHOST.into() }
}

/// The two machines of a home.
pub struct Machines {
    /// The HAC.
    pub hac: HacMachine,
    /// The HA.
    pub ha: HaMachine,
}

impl Machines {
    /// The reference, unchanged.
    #[must_use]
    pub fn honest(hac: HacSetup, ha: HaSetup) -> Self {
        Self { hac: Box::new(hac.honest()), ha: Box::new(ha.honest()) }
    }
}

/// Starts homes.
pub struct Home;

impl Home {
    /// Binds both sockets, lets `machines` make the machines from the finished policy, and serves on a new thread.
    ///
    /// # Errors
    /// A socket, the certificate or the thread cannot be had.
    pub fn start(
        config: HomeConfig,
        identities: Vec<(Nai, Psk)>,
        machines: impl FnOnce(HacSetup, HaSetup) -> Machines,
    ) -> Result<RunningHome, StartError> {
        let ha = BoundHa::bind(config.ha)?;
        let hac = BoundHac::bind(config.hac, Some(&ha))?;
        let machines = machines(hac.setup(identities), ha.setup());
        let runtime = Builder::new_current_thread().enable_all().build().map_err(StartError::Runtime)?;
        let (hac_addr, ha_addr, ca_pem) = (hac.address(), ha.address(), hac.authority_pem().to_owned());
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("mip6-home".into())
            .spawn(move || run(runtime, hac, ha, machines, stopped))
            .map_err(StartError::Runtime)?;
        Ok(RunningHome { hac_addr, ha_addr, ca_pem, stop: Some(stop), thread: Some(thread) })
    }
}

fn run(
    runtime: Runtime,
    hac: BoundHac,
    mut ha: BoundHa,
    machines: Machines,
    stopped: oneshot::Receiver<()>,
) -> io::Result<HaStatistics> {
    let stop = async {
        // A handle that was dropped means the same as one that was used.
        let _ = stopped.await;
    };
    let statistics = runtime.block_on(async {
        ha.attach().await.map_err(io::Error::other)?;
        serve(hac, ha, machines, stop).await
    });
    runtime.shutdown_timeout(SHUTDOWN);
    statistics
}

const SHUTDOWN: Duration = Duration::from_secs(1);

/// Serves HAC and HA on the present runtime until `stop` is ready.
///
/// # Errors
/// The runtime does not take a socket.
pub async fn serve(
    hac: BoundHac,
    ha: BoundHa,
    machines: Machines,
    stop: impl Future<Output = ()>,
) -> io::Result<HaStatistics> {
    let (to_ha, associations) = mpsc::channel(ASSOCIATIONS);
    tokio::select! {
        statistics = ha.serve(machines.ha, associations, stop) => statistics,
        end = hac.serve(machines.hac, SaSink::Channel(to_ha)) => end.map(|()| HaStatistics::default()),
    }
}

/// How many associations may wait for the HA.
pub(crate) const ASSOCIATIONS: usize = 64;

/// A home at work; it stops when dropped, within about a second.
pub struct RunningHome {
    hac_addr: SocketAddr,
    ha_addr: SocketAddr,
    ca_pem: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<HaStatistics>>>,
}

impl RunningHome {
    /// TCP address of the HAC.
    #[must_use]
    pub fn hac_addr(&self) -> SocketAddr {
        self.hac_addr
    }

    /// UDP address of the HA.
    #[must_use]
    pub fn ha_addr(&self) -> SocketAddr {
        self.ha_addr
    }

    /// The authority that mobile nodes have to trust, in PEM; empty if the certificate was given without one.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// Whether it still serves; it ends by itself only by a fault of its own.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Stops and tells what happened to the packets.
    ///
    /// # Errors
    /// It had ended before by a fault of its own.
    pub fn stop(mut self) -> io::Result<HaStatistics> {
        self.end().unwrap_or_else(|| Err(io::Error::other("the home had ended before")))
    }

    fn end(&mut self) -> Option<io::Result<HaStatistics>> {
        drop(self.stop.take());
        let ended = self.thread.take()?.join();
        Some(ended.unwrap_or_else(|_| Err(io::Error::other("the home's thread panicked"))))
    }
}

impl Drop for RunningHome {
    fn drop(&mut self) {
        // Whoever wants to know calls `stop`.
        let _ = self.end();
    }
}
