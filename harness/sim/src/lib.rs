//! MN, HAC and HA in one seeded virtual world: no socket, no clock, and the same run for the same seed.
//!
//! - [`Home`]: HAC, HA and correspondents as one collocated node, glued as the real one is. Generic over the two
//!   machines, so that a wrapper that lies can take the place of either.
//! - [`World`]: a mobile node and a [`Home`] with a [`link`] between them that loses, doubles, delays and reorders.
//! - [`SeededRandom`]: where all of them get their random octets.

#![forbid(unsafe_code)]

mod home;
pub mod link;
mod random;
mod world;

pub use home::{Home, HomeEvent};
pub use link::Link;
pub use random::SeededRandom;
pub use world::World;
