//! Captures from stories: a `story.toml` is played by MN, HAC and HA with TLS between them, and whoever stands on the
//! path writes down what passes.
//!
//! - [`Plan`]: the story as it is told.
//! - [`make()`]: the octets of it; the same in every run, for clock, randomness and network are arguments.
//! - [`Folder`]: where all of it lies, and what the dissection has to say.
//!
//! Nothing is sniffed: headers of TCP, UDP and IP are built around the octets (`suite::capture`).

#![forbid(unsafe_code)]

mod attacker;
mod ear;
mod folder;
mod make;
mod plan;
mod session;
mod stage;
mod tls;

pub use folder::{FILES, Folder, FolderError};
pub use make::{Made, MakeError, make};
pub use plan::{
    Auth, Between, Home, Key, Known, Method, MobileNode, Network, Part, Plan, PlanError, Protects, Step,
    Text, Tls,
};
