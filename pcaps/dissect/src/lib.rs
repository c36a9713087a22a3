//! Reads a capture and tells what an MN and an HA said to each other over UDP, and where they broke a rule.
//!
//! [`report`] does it all: pcap or pcapng octets in, a [`Report`] out, which prints one line a packet with its
//! findings below it. Packets are opened when the [`Options`] hold their security associations.
//!
//! Not here: TLS (what an MN and a HAC said to each other is not looked at; a block of TLS secrets is counted and
//! no more), IP fragments (counted, not put together), tunnels around the UDP packets, live capture.

mod association;
mod capture;
mod datagram;
mod finding;
mod inner;
mod packet;
mod report;
mod requirement;
mod sequence;

pub use association::{Association, AssociationError, Associations};
pub use capture::CaptureFault;
pub use finding::{Fault, Finding, Repeat};
pub use inner::{Checksum, Inner, Message, Mobility};
pub use packet::{Content, Header, Shown};
pub use report::{Counts, Line, Options, Report, Since, report};
pub use requirement::ALL as REQUIREMENTS;
