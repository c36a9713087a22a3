//! Labs: network namespaces joined by links, told as data, in which real programs meet over a real kernel.
//!
//! A [`Plan`] is read from TOML (`labs/*.toml`), [`Lab::set_up`] builds it with iproute2, and dropping the [`Lab`] ends
//! its programs and removes everything. [`play`] plays the [`story`] of a plan: MN, HAC and HA with their TUN devices,
//! echoes and streams through the tunnel, moves meanwhile, a capture, a verdict. All that takes root and `ip`:
//! [`missing_for`] says what is not there.

pub mod actors;
mod capture;
mod ip;
mod lab;
mod plan;
mod programs;
mod run;
pub mod story;
pub mod stream;
mod voice;

pub use capture::{Dissected, Seen};
pub use ip::{IpError, missing, missing_for};
pub use lab::Lab;
pub use plan::{End, Link, Masquerade, Plan, PlanError, Setup};
pub use programs::reference_programs;
pub use run::{Programs, Trouble, Verdict, play};
