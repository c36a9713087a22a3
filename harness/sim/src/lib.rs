//! MN, HAC and HA in one seeded virtual world: no socket, no clock, and the same run for the same seed.
//!
//! - [`Home`]: HAC, HA and correspondents as one collocated node, glued as the real one is. Generic over the two
//!   machines, so that a wrapper that lies can take the place of either.
//! - [`World`]: mobile nodes and a [`Home`] with a [`link`] between them that loses, doubles, delays and reorders.
//! - [`scenario`]: what happens in such a world as a table; [`promise`]: what must hold in all of them; [`story`]: one of
//!   them with one seed.
//! - [`SeededRandom`]: where all of them get their random octets.

#![forbid(unsafe_code)]

mod home;
pub mod link;
mod node;
pub mod promise;
mod random;
pub mod scenario;
pub mod story;
mod world;

pub use home::{Home, HomeEvent};
pub use link::Link;
pub use node::MobileNode;
pub use random::SeededRandom;
pub use world::{Departure, Sender, World};
