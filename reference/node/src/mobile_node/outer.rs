//! The outer path: one UDP socket toward the HA (RFC 6618 section 6.1), bound to wherever this node is.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket as StdUdpSocket};

use proto::mn::HomeAgent;
use tokio::net::UdpSocket;

use crate::data_plane::{AT_ONCE, make_room};

/// One UDP socket toward the HA, as two handles: tokio's would not send before its reactor has seen it once.
pub(super) struct OuterPath {
    inbound: UdpSocket,
    outbound: StdUdpSocket,
    /// This node's end.
    pub(super) local: SocketAddr,
    /// The HA's end.
    pub(super) peer: SocketAddr,
}

impl OuterPath {
    /// The access network decides which of the HA's addresses is used (readings SA-09): the family of `local` comes
    /// first, the other if there is no way by that one.
    pub(super) fn open(ha: &HomeAgent, local: IpAddr) -> io::Result<Self> {
        let (ip4, ip6) = (ha.ip4.map(IpAddr::V4), ha.ip6.map(IpAddr::V6));
        let in_order = if local.is_ipv4() { [ip4, ip6] } else { [ip6, ip4] };
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the HAC named no HA address");
        for ip in in_order.into_iter().flatten() {
            match Self::toward(SocketAddr::new(ip, ha.port)) {
                Ok(path) => return Ok(path),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    fn toward(peer: SocketAddr) -> io::Result<Self> {
        let any: IpAddr = match peer {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let outbound = StdUdpSocket::bind((any, 0))?;
        outbound.connect(peer)?;
        outbound.set_nonblocking(true)?;
        make_room(&outbound);
        let local = outbound.local_addr()?;
        Ok(Self { inbound: UdpSocket::from_std(outbound.try_clone()?)?, outbound, local, peer })
    }

    pub(super) fn send(&self, octets: &[u8]) -> io::Result<usize> {
        self.outbound.send(octets)
    }
}

/// Waits for a datagram, then takes what else is there; waits for ever without a path.
pub(super) async fn receive(path: Option<&OuterPath>, buffer: &mut [u8]) -> Vec<Vec<u8>> {
    let Some(OuterPath { inbound: socket, .. }) = path else { return std::future::pending().await };
    let mut batch = Vec::new();
    // An error is an ICMP answer to what was sent earlier: not to be trusted, and the machine repeats.
    if let Ok(length) = socket.recv(buffer).await {
        batch.push(buffer.get(..length).unwrap_or_default().to_vec());
    }
    while batch.len() < AT_ONCE
        && let Ok(length) = socket.try_recv(buffer)
    {
        batch.push(buffer.get(..length).unwrap_or_default().to_vec());
    }
    batch
}
