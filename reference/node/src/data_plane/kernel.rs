//! Routes and addresses, as rtnetlink has them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use futures_util::{StreamExt, TryStreamExt};
use rtnetlink::packet_route::address::AddressHeaderFlags;
use rtnetlink::packet_route::link::LinkAttribute;
use rtnetlink::packet_route::route::{RouteAttribute, RouteMessage, RouteMetric};
use rtnetlink::{AddressMessageBuilder, Handle, RouteMessageBuilder};
use tokio::task::JoinHandle;

use super::rule::TABLE;
use super::{Prefix, Rule};

/// A connection to the kernel's routing.
pub struct Kernel {
    handle: Handle,
    connection: JoinHandle<()>,
}

/// What the kernel would not do.
#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    /// There is no talking to it.
    #[error("netlink: {0}")]
    Netlink(#[from] io::Error),
    /// It refused.
    #[error("{wanted}: {source}")]
    Refused {
        /// What it was asked for, as `ip` would have it.
        wanted: String,
        /// What it said.
        source: rtnetlink::Error,
    },
    /// It has no answer.
    #[error("no MTU known toward {0}")]
    NoMtu(IpAddr),
}

impl Kernel {
    /// Connects; takes a tokio runtime.
    ///
    /// # Errors
    /// The system refuses.
    pub fn connect() -> io::Result<Self> {
        let (connection, handle, _) = rtnetlink::new_connection()?;
        Ok(Self { handle, connection: tokio::spawn(connection) })
    }

    /// Gives the device an address of its own, usable at once. It may have it already.
    ///
    /// # Errors
    /// What the kernel said.
    pub async fn add_address(&self, device: u32, address: IpAddr) -> Result<(), KernelError> {
        let Prefix { bits, .. } = Prefix::of(address);
        let mut request = self.handle.address().add(device, address, bits).replace();
        if address.is_ipv6() {
            // Nobody else can be on this link.
            request.message_mut().header.flags |= AddressHeaderFlags::Nodad;
        }
        request.execute().await.map_err(|source| refused(format!("addr replace {address}/{bits}"), source))
    }

    /// Takes an address of the device away again.
    ///
    /// # Errors
    /// What the kernel said.
    pub async fn remove_address(&self, device: u32, address: IpAddr) -> Result<(), KernelError> {
        let Prefix { bits, .. } = Prefix::of(address);
        let message = match address {
            IpAddr::V4(ip) => {
                AddressMessageBuilder::<Ipv4Addr>::new().index(device).address(ip, bits).build()
            }
            IpAddr::V6(ip) => {
                AddressMessageBuilder::<Ipv6Addr>::new().index(device).address(ip, bits).build()
            }
        };
        let removed = self.handle.address().del(message).execute().await;
        removed.map_err(|source| refused(format!("addr del {address}/{bits}"), source))
    }

    /// Leads a prefix into the device; replaces a route for exactly this prefix. A default route is one for those
    /// that [`Rule::Inside`] sends to it, beside that of the system.
    ///
    /// # Errors
    /// What the kernel said.
    pub async fn add_route(
        &self,
        device: u32,
        prefix: Prefix,
        source: Option<IpAddr>,
    ) -> Result<(), KernelError> {
        let message = route(device, prefix, source);
        let added = self.handle.route().add(message).replace().execute().await;
        added.map_err(|source| refused(format!("route replace {prefix}"), source))
    }

    /// Adds a routing rule; it may be there already, from a program that was killed.
    ///
    /// # Errors
    /// What the kernel said.
    pub async fn add_rule(&self, rule: Rule) -> Result<(), KernelError> {
        // Not two of the same: one removal has to be enough.
        let _ = self.handle.rule().del(rule.message()).execute().await;
        let mut request = self.handle.rule().add();
        *request.message_mut() = rule.message();
        request.execute().await.map_err(|source| refused(format!("rule add {rule}"), source))
    }

    /// Takes a routing rule away again.
    ///
    /// # Errors
    /// What the kernel said.
    pub async fn remove_rule(&self, rule: Rule) -> Result<(), KernelError> {
        let removed = self.handle.rule().del(rule.message()).execute().await;
        removed.map_err(|source| refused(format!("rule del {rule}"), source))
    }

    /// Octets of the largest packet toward `to`, as far as this host knows the path.
    ///
    /// # Errors
    /// There is no way to `to`, or no MTU on it.
    pub async fn path_mtu(&self, to: IpAddr) -> Result<u16, KernelError> {
        let wanted = RouteMessageBuilder::<IpAddr>::new();
        let Ok(wanted) = wanted.destination_prefix(to, Prefix::of(to).bits) else {
            return Err(KernelError::NoMtu(to));
        };
        let ways = self.handle.route().get(wanted.build()).execute();
        let way =
            ways.boxed().try_next().await.map_err(|source| refused(format!("route get {to}"), source))?;
        let attributes = way.map(|way| way.attributes).unwrap_or_default();
        let mtu = match learned(&attributes) {
            Some(mtu) => Some(mtu),
            None => self.link_mtu(&attributes).await?,
        };
        // The loopback device takes more than IP has.
        mtu.map(|mtu| u16::try_from(mtu).unwrap_or(u16::MAX)).ok_or(KernelError::NoMtu(to))
    }

    async fn link_mtu(&self, way: &[RouteAttribute]) -> Result<Option<u32>, KernelError> {
        let Some(index) = way.iter().find_map(|attribute| match attribute {
            RouteAttribute::Oif(index) => Some(*index),
            _ => None,
        }) else {
            return Ok(None);
        };
        let links = self.handle.link().get().match_index(index).execute();
        let link = links.boxed().try_next().await;
        let link = link.map_err(|source| refused(format!("link show {index}"), source))?;
        Ok(link.and_then(|link| {
            link.attributes.into_iter().find_map(|attribute| match attribute {
                LinkAttribute::Mtu(mtu) => Some(mtu),
                _ => None,
            })
        }))
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// What Packet Too Big or an administrator said about this way.
fn learned(way: &[RouteAttribute]) -> Option<u32> {
    let metrics = way.iter().find_map(|attribute| match attribute {
        RouteAttribute::Metrics(metrics) => Some(metrics),
        _ => None,
    })?;
    metrics.iter().find_map(|metric| match metric {
        RouteMetric::Mtu(mtu) if *mtu > 0 => Some(*mtu),
        _ => None,
    })
}

fn route(device: u32, prefix: Prefix, source: Option<IpAddr>) -> RouteMessage {
    let mut route = route_of_main(device, prefix, source);
    if prefix.is_default() {
        route.header.table = 0;
        route.attributes.push(RouteAttribute::Table(TABLE));
    }
    route
}

fn route_of_main(device: u32, prefix: Prefix, source: Option<IpAddr>) -> RouteMessage {
    match (prefix.address, source) {
        (IpAddr::V4(address), source) => {
            let route = RouteMessageBuilder::<Ipv4Addr>::new()
                .destination_prefix(address, prefix.bits)
                .output_interface(device);
            match source {
                Some(IpAddr::V4(source)) => route.pref_source(source).build(),
                _ => route.build(),
            }
        }
        (IpAddr::V6(address), source) => {
            let route = RouteMessageBuilder::<Ipv6Addr>::new()
                .destination_prefix(address, prefix.bits)
                .output_interface(device);
            match source {
                Some(IpAddr::V6(source)) => route.pref_source(source).build(),
                _ => route.build(),
            }
        }
    }
}

fn refused(wanted: String, source: rtnetlink::Error) -> KernelError {
    KernelError::Refused { wanted, source }
}
