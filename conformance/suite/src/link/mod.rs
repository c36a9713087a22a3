//! Links: how the players reach the target. Blocking, every wait bounded, evidence kept of each octet.

pub mod exec;
pub mod renegotiate;
mod signal;
pub mod tls;
pub mod tls_door;
pub mod tls_server;
pub mod udp;

use core::time::Duration;
use std::net::SocketAddr;

use crypto::channel_binding::ChannelBinding;

pub use renegotiate::{Another, Renegotiation};
pub use tls_door::{ClientCertificate, Handshaken, Memory, Terms, TlsDoor, Version};

/// Opens sessions to a HAC and datagram flows to its HA. Implemented by real sockets and by in-memory targets.
pub trait Target: Send + Sync {
    /// A TLS session to the HAC, handshake done.
    ///
    /// # Errors
    /// Why there is none.
    fn dial(&self) -> Result<Box<dyn Session>, LinkError>;

    /// A flow of datagrams to the HA at `ha`, from a local port of its own.
    ///
    /// # Errors
    /// Why there is none.
    fn datagrams(&self, ha: SocketAddr) -> Result<Box<dyn Datagrams>, LinkError>;

    /// Whether the HAC is reached over IPv4.
    fn is_ip4(&self) -> bool;

    /// The longest that [`Datagrams::listen`] is asked to, for cases that need time to pass.
    fn patience(&self) -> Duration {
        PATIENCE
    }

    /// What of the two is there.
    fn parts(&self) -> Parts {
        Parts::HacAndHa
    }

    /// What lies under the sessions, for cases that judge TLS itself; nothing where there is no TLS, as in memory. Such
    /// cases are then UNSUPPORTED.
    fn tls(&self) -> Option<&dyn TlsDoor> {
        None
    }
}

/// Longer waits would be felt in a whole run.
const PATIENCE: Duration = Duration::from_secs(8);

/// What a target consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// A HAC that hands out an HA.
    HacAndHa,
    /// An HA alone, whose associations come from a file.
    HaAlone,
}

/// A TLS session, whichever side opened it.
pub trait Session: Send {
    /// tls-server-end-point of this session (RFC 5929 section 4.1).
    fn channel_binding(&self) -> &ChannelBinding;

    /// The certificate that the binding is made of, in DER, where the link knows it.
    fn certificate(&self) -> Option<&[u8]> {
        None
    }

    /// Sends octets as one TLS record where they fit.
    ///
    /// # Errors
    /// When the peer is gone.
    fn send(&mut self, octets: &[u8]) -> Result<(), LinkError>;

    /// Waits at most `wait` for the next octets.
    fn receive(&mut self, wait: Duration) -> Received;

    /// Sends close_notify and closes the sending direction.
    fn close(&mut self);
}

/// What a wait on a session gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// Octets, at least one.
    Octets(Vec<u8>),
    /// The peer closed.
    Closed(Ending),
    /// Nothing within the time.
    Silence,
}

/// How a peer closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With a TLS close_notify.
    Notified,
    /// TCP FIN without close_notify.
    Cut,
    /// TCP RST or another transport error.
    Reset,
}

/// Datagrams to and from one peer.
pub trait Datagrams: Send {
    /// The address that the peer sees when no translator is between.
    fn local(&self) -> SocketAddr;

    /// Sends one datagram.
    ///
    /// # Errors
    /// When the system refuses.
    fn send(&mut self, octets: &[u8]) -> Result<(), LinkError>;

    /// Waits at most `wait` for the next datagram.
    fn receive(&mut self, wait: Duration) -> Option<Datagram>;

    /// Lets `span` pass at the HA, and gives what came meanwhile.
    fn listen(&mut self, span: Duration) -> Vec<Datagram>;
}

/// A datagram of the HA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    /// Its source.
    pub from: SocketAddr,
    /// Its payload.
    pub octets: Vec<u8>,
}

/// Starts the MN under test against the players.
pub trait Launcher: Send + Sync {
    /// Starts one MN that is told to bootstrap as `invitation` says.
    ///
    /// # Errors
    /// Why it did not start.
    fn launch(&self, invitation: &Invitation) -> Result<Box<dyn Launched>, LinkError>;

    /// Whether the MN can be told by which method to authenticate; otherwise it is asked for PSK only.
    fn tells_the_method(&self) -> bool;
}

/// What an MN must know to bootstrap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its NAI.
    pub mn_id: String,
    /// Its pre-shared key, or the secret of its EAP method.
    pub psk: Vec<u8>,
    /// By which method it shall authenticate.
    pub method: MnMethod,
}

/// How an MN is told to authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MnMethod {
    /// By its pre-shared key (RFC 6618 section 5.8).
    Psk,
    /// By EAP-GPSK (section 5.9).
    EapGpsk,
}

impl MnMethod {
    /// What stands for `{method}` in a command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Psk => "psk",
            Self::EapGpsk => "eap-gpsk",
        }
    }
}

/// An MN that runs against our players.
pub trait Launched: Send {
    /// Waits at most `wait` for its next TLS session.
    fn accept(&mut self, wait: Duration) -> Accepted;

    /// The address at which our HA player listens.
    fn ha(&self) -> SocketAddr;

    /// Sends a datagram from the HA player.
    ///
    /// # Errors
    /// When the system refuses.
    fn send(&mut self, to: SocketAddr, octets: &[u8]) -> Result<(), LinkError>;

    /// Waits at most `wait` for a datagram to the HA player, or for the end of the MN.
    fn receive(&mut self, wait: Duration) -> Arrived;
}

/// What came of waiting for a session.
pub enum Accepted {
    /// The MN connected.
    Session(Box<dyn Session>),
    /// The MN ended; its exit status where the system tells.
    Exited(Option<i32>),
    /// The handshake failed: the MN does not trust us, or does not speak TLS.
    Refused(LinkError),
    /// Nothing within the time.
    Silence,
}

/// What came of waiting for a datagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrived {
    /// A datagram.
    Datagram {
        /// Its source.
        from: SocketAddr,
        /// Its payload.
        octets: Vec<u8>,
    },
    /// The MN ended; its exit status where the system tells.
    Exited(Option<i32>),
    /// Nothing within the time.
    Silence,
}

/// Why a link does not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The name has no address.
    #[error("{host} has no address: {why}")]
    Unresolved {
        /// As given.
        host: String,
        /// The system's words.
        why: String,
    },
    /// Nobody accepts connections there.
    #[error("nothing answers at {peer}: {why}")]
    Unreachable {
        /// Where.
        peer: SocketAddr,
        /// The system's words.
        why: String,
    },
    /// TCP works, TLS does not.
    #[error("no TLS session with {peer}: {why}")]
    Tls {
        /// With whom.
        peer: SocketAddr,
        /// The TLS library's words, escaped.
        why: String,
    },
    /// The certificate names no hash for tls-server-end-point, or cannot be read.
    #[error("no channel binding: {0}")]
    ChannelBinding(String),
    /// The peer went away while we were sending.
    #[error("the peer went away: {0}")]
    Gone(String),
    /// Our own socket or process does not work.
    #[error("our own end failed: {0}")]
    Own(String),
}
