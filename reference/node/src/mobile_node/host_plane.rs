//! This host's traffic: a device with the home addresses, and routes into it.

use std::io;
use std::net::IpAddr;

use proto::sa::HomeAddresses;
use wire::value::{Ciphersuite, Scope};

use crate::data_plane::{
    Device, Family, Kernel, KernelError, Outside, Prefix, Rule, TunSettings, largest_inner,
};

/// A device for an MN, first without an address.
pub struct HostPlane {
    device: Device,
    kernel: Kernel,
    routes: Vec<Prefix>,
    outer_mtu: Option<u16>,
    /// Of the newest path that was there.
    last_mtu: Option<u16>,
    /// What the device has.
    addresses: Vec<IpAddr>,
    /// The other ends of tunnel and bootstrapping, which a default route must not swallow.
    ends: Vec<IpAddr>,
    /// What was set up for a default route.
    rules: Vec<Rule>,
}

/// What one association says about the device.
#[derive(Clone, Debug)]
pub(super) struct Fitting {
    pub(super) home: HomeAddresses,
    pub(super) suite: Ciphersuite,
    pub(super) scope: Scope,
}

/// Why the host's traffic cannot go through the tunnel.
#[derive(Debug, thiserror::Error)]
pub enum HostPlaneError {
    /// The device.
    #[error("device {name}: {source}")]
    Device {
        /// Its name.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// Routes or addresses.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// The tunnel would have to go through itself.
    #[error("route {route}: need one without {peer}, to which the tunnel itself goes")]
    Swallows {
        /// What was to be reached through the tunnel.
        route: Prefix,
        /// The HA or the HAC.
        peer: IpAddr,
    },
    /// There is a route, but no address of this node in its family.
    #[error("route {0}: need a home address of its family, have none from the HAC")]
    NoHomeAddress(Prefix),
}

impl HostPlane {
    /// Opens the device. Takes the right to administer networks, and a tokio runtime.
    ///
    /// # Errors
    /// What the system refused.
    pub fn open(settings: TunSettings) -> Result<Self, HostPlaneError> {
        let TunSettings { name, routes, outer_mtu } = settings;
        let device = Device::open(name.as_deref(), FIRST_MTU).map_err(|source| HostPlaneError::Device {
            name: name.unwrap_or_else(|| "tun".into()),
            source,
        })?;
        let kernel = Kernel::connect().map_err(KernelError::from)?;
        let (addresses, ends, rules) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { device, kernel, routes, outer_mtu, last_mtu: None, addresses, ends, rules })
    }

    /// Takes away what would outlive the device: routing rules.
    pub(super) async fn close(self) {
        for rule in self.rules {
            if let Err(error) = self.kernel.remove_rule(rule).await {
                tracing::warn!(%error, "a routing rule stays behind");
            }
        }
    }

    pub(super) fn name(&self) -> &str {
        self.device.name()
    }

    pub(super) fn deliver(&self, packet: &[u8]) -> io::Result<()> {
        self.device.send(packet)
    }

    /// Packets to `peers` make up the tunnel: they must not go into it. A default route will be led around them, any
    /// other that holds one of them is an error.
    pub(super) fn keep_outside(&mut self, peers: impl Iterator<Item = IpAddr>) -> Result<(), HostPlaneError> {
        self.ends = peers.collect();
        for &peer in &self.ends {
            let mut routes = self.routes.iter().filter(|route| !route.is_default());
            if let Some(route) = routes.find(|route| route.contains(peer)) {
                return Err(HostPlaneError::Swallows { route: *route, peer });
            }
        }
        Ok(())
    }

    /// Gives the device what belongs to the association on the path to `peer`, and nothing else. The same again
    /// changes nothing. Returns the MTU.
    pub(super) async fn fit(&mut self, fitting: &Fitting, peer: IpAddr) -> Result<u16, HostPlaneError> {
        let mtu = self.mtu_toward(peer).await?;
        let largest = largest_inner(Outside { mtu, peer }, fitting.suite, fitting.scope);
        self.device.set_mtu(largest).map_err(|source| self.fault(source))?;
        self.lead_around().await?;
        self.address(&fitting.home).await?;
        Ok(largest)
    }

    /// For a default route, before there is one.
    async fn lead_around(&mut self) -> Result<(), KernelError> {
        let defaults = self.routes.iter().filter(|route| route.is_default());
        let families: Vec<_> = defaults.map(|route| Family::of(route.address)).collect();
        if families.is_empty() {
            return Ok(());
        }
        for rule in Rule::all(&self.ends, &families) {
            if !self.rules.contains(&rule) {
                self.kernel.add_rule(rule).await?;
                self.rules.push(rule);
            }
        }
        Ok(())
    }

    /// Between two networks there is no way, and so no MTU: then the last one stays.
    async fn mtu_toward(&mut self, peer: IpAddr) -> Result<u16, KernelError> {
        if let Some(told) = self.outer_mtu {
            return Ok(told);
        }
        match (self.kernel.path_mtu(peer).await, self.last_mtu) {
            (Ok(mtu), _) => {
                self.last_mtu = Some(mtu);
                Ok(mtu)
            }
            (Err(_), Some(last)) => Ok(last),
            (Err(error), None) => Err(error),
        }
    }

    async fn address(&mut self, home: &HomeAddresses) -> Result<(), HostPlaneError> {
        let own = [home.ip6.map(IpAddr::V6), home.ip4.map(IpAddr::V4)];
        let wanted: Vec<IpAddr> = own.into_iter().flatten().collect();
        if self.addresses == wanted {
            return Ok(());
        }
        let index = self.device.index().map_err(|source| self.fault(source))?;
        for former in self.addresses.iter().filter(|former| !wanted.contains(former)) {
            self.kernel.remove_address(index, *former).await?;
        }
        for address in &wanted {
            self.kernel.add_address(index, *address).await?;
        }
        for route in &self.routes {
            let source = wanted.iter().find(|address| address.is_ipv4() == route.address.is_ipv4());
            let source = source.ok_or(HostPlaneError::NoHomeAddress(*route))?;
            self.kernel.add_route(index, *route, Some(*source)).await?;
        }
        self.addresses = wanted;
        Ok(())
    }

    fn fault(&self, source: io::Error) -> HostPlaneError {
        HostPlaneError::Device { name: self.device.name().into(), source }
    }
}

/// Until an association says more.
const FIRST_MTU: u16 = 1280;

/// Waits for packets of this host; for ever without a device.
pub(super) async fn from_host(plane: &mut Option<HostPlane>) -> Result<Vec<Vec<u8>>, HostPlaneError> {
    match plane {
        Some(plane) => match plane.device.receive().await {
            Ok(batch) => Ok(batch),
            Err(source) => Err(plane.fault(source)),
        },
        None => std::future::pending().await,
    }
}
