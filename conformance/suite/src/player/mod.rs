//! Scripted peers built on `wire` and `crypto`: honest unless told otherwise, every field overridable.

mod answer;
mod conversation;
mod exchange;
mod ha;
mod hac;
mod message_forge;
mod mn;
mod packet_forge;
mod tunnel;

pub use answer::{Answer, Reply};
pub use exchange::Exchange;
pub use ha::{HaPlayer, Registration};
pub use hac::{HacPlayer, Visit, now};
pub use message_forge::{AuthForge, Delivery, MessageForge, Signer};
pub use mn::MnPlayer;
pub use packet_forge::{BindingForge, ChecksumForge, IcvForge, Inner, PacketForge, Protection};
pub use tunnel::{Answers, CARE_OF, LIFETIME, Tunnel, TunnelAnswer, echo_request};
