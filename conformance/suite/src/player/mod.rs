//! Scripted peers built on `wire` and `crypto`: honest unless told otherwise, every field overridable.

mod answer;
mod client_hello;
mod conversation;
mod eap_mn;
mod eap_peer;
mod eap_server;
mod echo;
mod exchange;
mod ha;
mod hac;
mod heard;
mod message_forge;
mod mn;
mod packet_forge;
mod stay;
mod tunnel;

pub use answer::{Answer, Reply};
pub use client_hello::ClientHello;
pub use crypto::auth::ONE;
pub use crypto::misreading::EapKeys;
pub use eap_mn::{EapExchange, EapMn, EapStage};
pub use eap_peer::{EapMethod, EapPeer, EapStep};
pub use eap_server::{EapServer, EapTurn};
pub use echo::{Correspondents, ECHO_DATA, Echo, echo_request, echo_request4, reply as echo_reply};
pub use exchange::Exchange;
pub use ha::{HaPlayer, Registration};
pub use hac::{HacPlayer, Visit, now};
pub use heard::{Heard, TunnelAnswer};
pub use message_forge::{AuthForge, Delivery, MessageForge, Signer};
pub use mn::MnPlayer;
pub use packet_forge::{BindingForge, ChecksumForge, IcvForge, Inner, PacketForge, Protection, turn_bit};
pub use stay::Stay;
pub use tunnel::{Acknowledged, Answers, CARE_OF, LIFETIME, RandomOctets, Tunnel};
