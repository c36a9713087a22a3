//! RFC 6618 from the mobile node's side: bootstrap with the HAC (section 5), register and tunnel with the HA (section 6).
//!
//! Who gets which input is in `machine`. The exchange with the HAC is in `exchange` and `by_eap`, what is believed
//! of an answer in `verify`, Binding Updates and Acknowledgements in `registration`, one association in use in `tunnel`,
//! batches of packets in `packets`.
//!
//! Absent on purpose: offering several authentication methods at once, registration of an IPv4 home address alone, and
//! answers to Binding Refresh Requests. Whether a failed exchange is tried again is the owner's business; what the HAC
//! says of it (`retry-after`) is in the [`Failure`].

mod by_eap;
mod config;
mod exchange;
mod failure;
mod machine;
mod packets;
mod registration;
mod tunnel;
mod verify;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use crypto::channel_binding::ChannelBinding;
use wire::mobility::BindingStatus;
use wire::value::{Ciphersuite, Date, Scope, Spi};

use crate::sa::HomeAddresses;

pub use config::{Authentication, Config, Retransmission};
pub use failure::{Failure, Fault};
pub use machine::Mn;

/// What can happen to a mobile node.
pub enum Input {
    /// Bootstrap and register; later: bootstrap anew.
    Start,
    /// The connection asked for by [`Output::Connect`] is up and its TLS handshake complete.
    Established {
        /// The hash of the certificate that the HAC really sent on it (section 5.8).
        channel_binding: ChannelBinding,
    },
    /// Application octets from the HAC, in any slicing.
    Received(Vec<u8>),
    /// The connection to the HAC is gone or could not be made.
    Closed,
    /// UDP payloads from the home agent, a batch at a time.
    Datagrams(Vec<Vec<u8>>),
    /// IP packets from this host that belong into the tunnel, a batch at a time.
    FromHost(Vec<Vec<u8>>),
    /// The point of attachment changed: register the new care-of address.
    Move {
        /// The new address.
        care_of: IpAddr,
    },
    /// Give the binding up (lifetime 0).
    Deregister,
}

impl fmt::Debug for Input {
    /// Of octets only the count: a final response holds keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("Start"),
            Self::Established { .. } => f.write_str("Established"),
            Self::Received(octets) => write!(f, "Received({} octets)", octets.len()),
            Self::Closed => f.write_str("Closed"),
            Self::Datagrams(batch) => write!(f, "Datagrams({})", batch.len()),
            Self::FromHost(batch) => write!(f, "FromHost({})", batch.len()),
            Self::Move { care_of } => write!(f, "Move({care_of})"),
            Self::Deregister => f.write_str("Deregister"),
        }
    }
}

/// What a mobile node wants done.
#[derive(Debug, PartialEq, Eq)]
pub enum Output {
    /// Connect to the HAC with TLS; answer with [`Input::Established`] or [`Input::Closed`].
    Connect,
    /// Write these octets to the HAC.
    Send(Vec<u8>),
    /// Close the connection to the HAC. An [`Input::Closed`] that answers it changes nothing, unless it comes only
    /// after the next [`Output::Connect`]: then keep it back.
    Close,
    /// Send this UDP payload to the home agent of the newest [`Event::Bootstrapped`].
    Transmit {
        /// The payload.
        octets: Vec<u8>,
    },
    /// An IP packet for this host.
    Deliver(Vec<u8>),
    /// Something worth a log line.
    Event(Event),
}

/// What happened, for owners, logs and tests. Holds no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The HAC gave an association. Comes before the first [`Output::Transmit`] under it.
    Bootstrapped {
        /// Where the home agent is.
        ha: HomeAgent,
        /// Home addresses of this node.
        home: HomeAddresses,
        /// The index of the association.
        spi: Spi,
        /// Its ciphersuite.
        suite: Ciphersuite,
        /// Its scope.
        scope: Scope,
        /// Its end.
        validity_end: Date,
    },
    /// The home agent accepted the binding.
    Registered {
        /// For so long, from the receipt of the acknowledgement.
        lifetime: Duration,
    },
    /// The home agent gave the binding up as asked.
    Deregistered,
    /// The home agent refused the binding.
    Refused(BindingStatus),
    /// The home agent wants a new association (status 176); the HAC is being contacted again, the old association stays.
    ReinitRequested,
    /// Something went wrong. What was received in a failed exchange with the HAC has been thrown away.
    Failed(Failure),
}

/// Section 5.7: where the home agent listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HomeAgent {
    /// Its IPv6 address; also the one in Mobility Header checksums (PK-26).
    pub ip6: Option<Ipv6Addr>,
    /// Its IPv4 address.
    pub ip4: Option<Ipv4Addr>,
    /// Its UDP port; 7872 if the HAC named none (SA-08).
    pub port: u16,
}
