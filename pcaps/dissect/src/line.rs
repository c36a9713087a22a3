//! One packet in one line, its findings below it.

use core::fmt;
use core::time::Duration;
use std::net::{IpAddr, SocketAddr};

use crate::finding::Finding;
use crate::shown::Shown;
use crate::text::Text;

/// One packet.
#[derive(Clone, Debug)]
pub struct Line {
    /// Number of its frame, from 1.
    pub frame: u64,
    /// Since the first frame that has a time, before or after it.
    pub at: Option<Since>,
    /// Its source.
    pub from: Endpoint,
    /// Its destination.
    pub to: Endpoint,
    /// What it is.
    pub packet: Shown,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
}

/// Where a packet comes from or goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// A port of a host.
    Socket(SocketAddr),
    /// A host: the packet has no ports.
    Host(IpAddr),
}

/// A time relative to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// So much later.
    After(Duration),
    /// So much earlier.
    Before(Duration),
}

impl Since {
    pub(crate) fn new(at: Duration, first: Duration) -> Self {
        at.checked_sub(first).map_or_else(|| Self::Before(first.saturating_sub(at)), Self::After)
    }

    /// How much later it is; nothing if it is earlier.
    pub(crate) fn later_than(self, other: Self) -> Option<Duration> {
        match (self, other) {
            (Self::After(one), Self::After(other)) => one.checked_sub(other),
            (Self::After(one), Self::Before(other)) => one.checked_add(other),
            (Self::Before(one), Self::Before(other)) => other.checked_sub(one),
            (Self::Before(one), Self::After(other)) => {
                (one.is_zero() && other.is_zero()).then_some(Duration::ZERO)
            }
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::new();
        Text::default().line(self, &mut out);
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(socket) => socket.fmt(f),
            Self::Host(host) => host.fmt(f),
        }
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, time) = match self {
            Self::After(time) => ("", time),
            Self::Before(time) => ("-", time),
        };
        write!(f, "{sign}{}.{:06}", time.as_secs(), time.subsec_micros())
    }
}
