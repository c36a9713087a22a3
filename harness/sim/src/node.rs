//! One mobile node in the world: its machine, its place, and what it has to show.

use std::net::SocketAddr;

use proto::hac::ConnId;
use proto::mn::{self, Mn};

/// A mobile node and what its owner knows.
pub struct MobileNode {
    /// The machine.
    pub mn: Mn,
    /// Its address and port as the home agent sees them. Changing it is what a NAT does when it forgets: what is under
    /// way to the old one is lost.
    pub address: SocketAddr,
    pub(crate) conn: Option<ConnId>,
    /// The last connection whose close by the HAC was put on the way.
    pub(crate) closed: Option<ConnId>,
    pub(crate) events: Vec<mn::Event>,
    pub(crate) delivered: Vec<Vec<u8>>,
}

impl MobileNode {
    /// A node that has done nothing yet.
    pub fn new(mn: Mn, address: SocketAddr) -> Self {
        Self { mn, address, conn: None, closed: None, events: Vec::new(), delivered: Vec::new() }
    }

    /// What it reported so far.
    pub fn events(&self) -> &[mn::Event] {
        &self.events
    }

    /// The packets that its host got through the tunnel so far.
    pub fn delivered(&self) -> &[Vec<u8>] {
        &self.delivered
    }
}
