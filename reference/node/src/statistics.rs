//! What went through a program, counted: for `--stats-json`, at the end and whenever SIGUSR1 asks.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// One direction at one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// Datagrams, or IP packets.
    pub packets: u64,
    /// Their octets: the payload of a datagram, an IP packet with its header.
    pub octets: u64,
}

impl Traffic {
    /// Counts one packet of so many octets.
    pub fn count(&mut self, octets: usize) {
        self.packets += 1;
        self.octets += octets as u64;
    }
}

/// What an HA did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HaStatistics {
    /// Associations that the HAC handed over.
    pub associations: u64,
    /// Binding Updates that made or refreshed a binding.
    pub registrations: u64,
    /// Binding Updates that ended one.
    pub deregistrations: u64,
    /// UDP datagrams taken from the socket.
    pub received: Traffic,
    /// UDP datagrams given to the socket.
    pub sent: Traffic,
    /// UDP datagrams that the system did not take.
    pub unsent: u64,
    /// IP packets out of the tunnel, whoever they were for.
    pub delivered: Traffic,
    /// IP packets from the home network, for mobile nodes.
    pub from_home: Traffic,
    /// Those that were too large for the way to their mobile node, and answered so.
    pub too_big: u64,
    /// Echo requests that the built-in correspondent answered.
    pub answered: u64,
    /// Datagrams and packets silently discarded, by reason.
    pub discarded: BTreeMap<String, u64>,
}

/// What an MN did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MnStatistics {
    /// Associations that the HAC gave.
    pub bootstraps: u64,
    /// Registrations that the HA accepted, renewals included.
    pub registrations: u64,
    /// Changes of the care-of address.
    pub moves: u64,
    /// UDP datagrams taken from the socket.
    pub received: Traffic,
    /// UDP datagrams given to the socket.
    pub sent: Traffic,
    /// UDP datagrams that the system did not take: no way there, or too large for it.
    pub unsent: u64,
    /// IP packets out of the tunnel, for this host.
    pub delivered: Traffic,
    /// IP packets of this host, for the tunnel.
    pub from_host: Traffic,
    /// Datagrams and packets silently discarded, by reason.
    pub discarded: BTreeMap<String, u64>,
}

/// Where statistics go.
pub struct StatisticsFile {
    path: Option<PathBuf>,
    asked: Option<Signal>,
}

impl StatisticsFile {
    /// With a path, SIGUSR1 no longer ends the program. Takes a tokio runtime.
    #[must_use]
    pub fn at(path: Option<PathBuf>) -> Self {
        let asked = path.as_ref().and_then(|_| signal(SignalKind::user_defined1()).ok());
        Self { path, asked }
    }

    /// Nowhere.
    #[must_use]
    pub fn none() -> Self {
        Self { path: None, asked: None }
    }

    /// Waits until somebody wants to see them; for ever if there is no file.
    pub async fn wanted(&mut self) {
        match &mut self.asked {
            Some(asked) => drop(asked.recv().await),
            None => std::future::pending().await,
        }
    }

    /// Replaces the file as a whole, so that nobody reads half of it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, statistics: &impl Serialize) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let mut text = serde_json::to_string_pretty(statistics)?;
        text.push('\n');
        let newborn = beside(path);
        std::fs::write(&newborn, text)?;
        std::fs::rename(&newborn, path)
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    name.into()
}
