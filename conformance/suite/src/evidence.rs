//! Evidence: every octet that crossed a link, in order, with the TLS secrets, for a capture of the run.

use core::time::Duration;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wire::message::SaData;

use crate::player::now;

/// Collects what links see. Shared by all links of a run.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Tape>);

/// What was recorded.
#[derive(Debug, Default, Clone)]
pub struct Tape {
    /// In the order of recording.
    pub events: Vec<Event>,
    /// Lines of an NSS key log.
    pub secrets: Vec<String>,
    /// SAs that were used, so that the packets under them can be decrypted.
    pub associations: Vec<Association>,
}

/// An SA and between whom it was used.
#[derive(Debug, Clone)]
pub struct Association {
    /// The MN's end.
    pub mn: SocketAddr,
    /// The HA's end.
    pub ha: SocketAddr,
    /// What the HAC granted.
    pub sa: SaData,
}

/// Something that crossed a link.
#[derive(Debug, Clone)]
pub struct Event {
    /// Since the Unix epoch.
    pub at: Duration,
    /// Its source.
    pub from: SocketAddr,
    /// Its destination.
    pub to: SocketAddr,
    /// What it was.
    pub what: What,
}

/// What crossed a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A TCP connection was opened by `from`.
    Opened,
    /// Octets of a TCP stream: TLS records, whole or in part.
    Stream(Vec<u8>),
    /// The sending direction of a TCP connection ended.
    Ended,
    /// `from` gave a TCP connection up and hears nothing more of it, whatever comes.
    Reset,
    /// A UDP datagram.
    Datagram(Vec<u8>),
}

impl Recorder {
    /// An empty recorder, ready to be shared.
    #[must_use]
    pub fn shared() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Records an event now.
    pub fn record(&self, from: SocketAddr, to: SocketAddr, what: What) {
        self.tape().events.push(Event { at: now(), from, to, what });
    }

    /// Records that an SA is used between these two.
    pub fn associate(&self, mn: SocketAddr, ha: SocketAddr, sa: SaData) {
        self.tape().associations.push(Association { mn, ha, sa });
    }

    /// Everything recorded so far.
    #[must_use]
    pub fn snapshot(&self) -> Tape {
        self.tape().clone()
    }

    fn tape(&self) -> MutexGuard<'_, Tape> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl rustls::KeyLog for Recorder {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        use wire::value::hex::encode;
        self.tape().secrets.push(format!("{label} {} {}", encode(client_random), encode(secret)));
    }
}
