//! Labs: network namespaces joined by links, told as data, in which real programs meet over a real kernel.
//!
//! A [`Plan`] is read from TOML (`labs/*.toml`), [`Lab::set_up`] builds it with iproute2, and dropping the [`Lab`] ends
//! its programs and removes everything. That takes root and `ip`: [`missing`] says what is not there.
//!
//! Not here yet: addresses that change while a lab runs, loss and delay, NAT, peers that are not ours.

mod ip;
mod lab;
mod plan;
mod programs;

pub use ip::{IpError, missing};
pub use lab::Lab;
pub use plan::{End, Link, Plan, PlanError};
pub use programs::reference_programs;
