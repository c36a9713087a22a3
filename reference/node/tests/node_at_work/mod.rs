//! A mobile node of the tests: every wait is for an event, and has an end.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;

use crypto::keys::Psk;
use node::echo::Echo;
use node::hac_link::{HacAccess, LinkError};
use node::mobile_node::{CareOf, Happening, MobileNode};
use node::tls::{ClientTls, TlsVersions};
use proto::mn::{Config, Event, Failure, Input};
use wire::value::Nai;

pub(crate) const MN_ID: &str = "mn1@example.com";
pub(crate) const PSK: [u8; 32] = [0xA5; 32];

/// Longer than anything takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn psk(octets: &[u8]) -> Psk {
    Psk::new(octets.to_vec()).expect("not empty")
}

pub(crate) fn identities() -> Vec<(Nai, Psk)> {
    vec![(Nai::parse(MN_ID.as_bytes()).expect("legal"), psk(&PSK))]
}

pub(crate) async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("the event comes")
}

/// What a mobile node needs to know of a home.
#[derive(Clone)]
pub(crate) struct Worker {
    access: HacAccess,
}

impl Worker {
    pub(crate) fn new(hac: SocketAddr, ca_pem: &str, name: &str, versions: TlsVersions) -> Self {
        let tls = ClientTls::new(ca_pem.as_bytes(), name, versions, None).expect("usable settings");
        Self { access: HacAccess { addresses: vec![hac], tls, patience: PATIENCE } }
    }

    pub(crate) fn node(self, change: impl FnOnce(&mut Config)) -> MobileNode {
        let (mn_id, psk) = identities().remove(0);
        let mut config = Config::new(mn_id, psk, Ipv6Addr::UNSPECIFIED.into());
        change(&mut config);
        MobileNode::new(config, CareOf::Observed, self.access)
    }
}

/// Bootstraps and registers; returns the home address.
pub(crate) async fn register(node: &mut MobileNode) -> Ipv6Addr {
    node.handle(Input::Start);
    let mut source = None;
    loop {
        match node.next().await {
            Happening::Event(Event::Bootstrapped { home, .. }) => source = home.ip6,
            Happening::Event(Event::Registered { .. }) => return source.expect("bootstrapped before"),
            other => assert!(!is_bad(&other), "{other:?}"),
        }
    }
}

pub(crate) async fn await_registered(node: &mut MobileNode) {
    loop {
        match node.next().await {
            Happening::Event(Event::Registered { .. }) => return,
            other => assert!(!is_bad(&other), "{other:?}"),
        }
    }
}

pub(crate) async fn ping(node: &mut MobileNode, source: Ipv6Addr, destination: Ipv6Addr, sequence: u16) {
    let echo = Echo { source, destination, identifier: 1, sequence };
    node.handle(Input::FromHost(vec![echo.request()]));
    loop {
        match node.next().await {
            Happening::Delivered(packet) if echo.is_answered_by(&packet) => return,
            other => assert!(!is_bad(&other), "{other:?}"),
        }
    }
}

pub(crate) async fn deregister(node: &mut MobileNode) {
    node.handle(Input::Deregister);
    loop {
        match node.next().await {
            Happening::Event(Event::Deregistered) => return,
            other => assert!(!is_bad(&other), "{other:?}"),
        }
    }
}

fn is_bad(happening: &Happening) -> bool {
    matches!(happening, Happening::Event(Event::Failed(_) | Event::Refused(_)) | Happening::NoPathToHa(_))
}

/// Why a bootstrap came to nothing.
pub(crate) struct Failed {
    pub(crate) machine: Failure,
    pub(crate) link: Option<LinkError>,
}

/// Bootstraps in vain.
pub(crate) async fn failure(mut node: MobileNode) -> Failed {
    node.handle(Input::Start);
    let mut link = None;
    loop {
        match node.next().await {
            Happening::LinkFailed(error) => link = Some(error),
            Happening::Event(Event::Failed(machine)) => return Failed { machine, link },
            other => panic!("no failure but {other:?}"),
        }
    }
}

/// Bootstraps, perhaps in vain.
pub(crate) async fn bootstrapped(mut node: MobileNode) -> bool {
    node.handle(Input::Start);
    loop {
        match node.next().await {
            Happening::Event(Event::Bootstrapped { .. }) => return true,
            Happening::Event(Event::Failed(_)) => return false,
            _ => {}
        }
    }
}
