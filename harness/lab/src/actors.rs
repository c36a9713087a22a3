//! What `mip6-lab` plays inside the nodes of a lab. Each actor says what it does in lines that a story waits for.

mod echo;
mod relay;
mod tcp;

pub use echo::ping;
pub use relay::{BadPath, relay};
pub use tcp::{receive, send};
