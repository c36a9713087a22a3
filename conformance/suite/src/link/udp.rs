//! UDP to the HA: one socket a flow, so that the HA sees one address and port for each MN.

use core::time::Duration;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Instant;

use super::signal::uninterrupted;
use super::{Datagram, Datagrams, LinkError, Parts, Session, Target};
use crate::evidence::{Recorder, What};

/// The largest UDP payload.
const MOST_OCTETS: usize = 65535;
/// Datagrams that are listened to at once, at most.
const MOST_DATAGRAMS: usize = 65536;

/// An HA alone, without a HAC: its associations come from a file (`sa_file`).
pub struct UdpTarget {
    recorder: Option<Arc<Recorder>>,
}

impl UdpTarget {
    /// An HA; where it is says `Setup::ha`.
    #[must_use]
    pub const fn new(recorder: Option<Arc<Recorder>>) -> Self {
        Self { recorder }
    }
}

impl Target for UdpTarget {
    fn dial(&self) -> Result<Box<dyn Session>, LinkError> {
        Err(LinkError::Own("an HA alone has no HAC to dial".to_owned()))
    }

    fn datagrams(&self, ha: SocketAddr) -> Result<Box<dyn Datagrams>, LinkError> {
        Ok(Box::new(UdpFlow::open(ha, self.recorder.clone())?))
    }

    fn is_ip4(&self) -> bool {
        false
    }

    fn parts(&self) -> Parts {
        Parts::HaAlone
    }
}

/// A flow of datagrams to one HA.
pub(super) struct UdpFlow {
    socket: UdpSocket,
    local: SocketAddr,
    ha: SocketAddr,
    recorder: Option<Arc<Recorder>>,
}

impl UdpFlow {
    pub(super) fn open(ha: SocketAddr, recorder: Option<Arc<Recorder>>) -> Result<Self, LinkError> {
        let own = |error: std::io::Error| LinkError::Own(error.to_string());
        let any: SocketAddr = match (ha, ha.ip().is_loopback()) {
            (SocketAddr::V4(_), true) => (Ipv4Addr::LOCALHOST, 0).into(),
            (SocketAddr::V4(_), false) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            (SocketAddr::V6(_), true) => (Ipv6Addr::LOCALHOST, 0).into(),
            (SocketAddr::V6(_), false) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any).map_err(own)?;
        let local = socket.local_addr().map_err(own)?;
        Ok(Self { socket, local, ha, recorder })
    }
}

impl Datagrams for UdpFlow {
    fn local(&self) -> SocketAddr {
        self.local
    }

    fn send(&mut self, octets: &[u8]) -> Result<(), LinkError> {
        if let Some(recorder) = &self.recorder {
            recorder.record(self.local, self.ha, What::Datagram(octets.to_vec()));
        }
        uninterrupted(|| self.socket.send_to(octets, self.ha))
            .map_err(|error| LinkError::Own(error.to_string()))?;
        Ok(())
    }

    fn receive(&mut self, wait: Duration) -> Option<Datagram> {
        if wait.is_zero() {
            return None;
        }
        self.socket.set_read_timeout(Some(wait)).ok()?;
        let mut octets = vec![0; MOST_OCTETS];
        let (n, from) = uninterrupted(|| self.socket.recv_from(&mut octets)).ok()?;
        octets.truncate(n);
        if let Some(recorder) = &self.recorder {
            recorder.record(from, self.local, What::Datagram(octets.clone()));
        }
        Some(Datagram { from, octets })
    }

    fn listen(&mut self, span: Duration) -> Vec<Datagram> {
        let deadline = Instant::now() + span;
        let left = || deadline.saturating_duration_since(Instant::now());
        core::iter::from_fn(|| {
            // A signal may cut a wait short.
            while !left().is_zero() {
                if let Some(datagram) = self.receive(left()) {
                    return Some(datagram);
                }
            }
            None
        })
        .take(MOST_DATAGRAMS)
        .collect()
    }
}
