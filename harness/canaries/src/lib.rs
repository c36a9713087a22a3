//! Canaries: broken targets. A conformance run against any of them must end in bounded time, say what it met,
//! and never earn exit status 0.
//!
//! ```
//! use canaries::{Canary, start};
//!
//! let running = start(Canary::Refuses).expect("a loopback port is free");
//! println!("--target {} --ca <a file with {} octets of PEM>", running.addr(), running.ca_pem().len());
//! // Dropping `running` closes every connection and frees the port.
//! ```
//!
//! They speak just enough of RFC 6618 section 5.1 to be mistaken for a HAC, share no code with the reference
//! and listen on 127.0.0.1 only.

mod canary;
mod certificate;
mod connection;
mod container;
mod running;
mod tcp;
mod tls;

pub use canary::Canary;
pub use running::{Running, StartError, start};
