//! RFC 6618: keys, the five ciphersuites, `auth` and channel binding, over the RustCrypto block functions.
//!
//! Packets come in batches: [`Sealer::seal`] and [`Opener::open`] take several packets of one direction of one
//! security association and work on them side by side; one packet is a batch of one.
//!
//! Nothing here knows sockets, clocks or random numbers: IVs, sequence numbers and key octets are arguments.
//! What peers send never panics; it comes back as an error that says what was needed and what was there.
//!
//! Not here: replay windows and security associations (`proto`), protected data of EAP-GPSK, combined-mode ciphers (none exist in
//! section 5.6.5).

pub mod auth;
pub mod channel_binding;
pub mod ciphersuite;
pub mod gpsk;
pub mod icv_misreading;
pub mod keys;
pub mod md5_challenge;
pub mod misreading;
pub mod open;
pub mod seal;
pub mod xcbc;

mod cipher;
mod hmac_sha1;
mod integrity;
mod lanes;

pub use auth::{AuthError, Direction, Profile, Verified, auth, hmac_sha256, verify};
pub use channel_binding::{BindingError, ChannelBinding, tls_server_end_point};
pub use ciphersuite::{Algorithms, Cipher, Integrity, algorithms};
pub use gpsk::GpskKeys;
pub use keys::{DirectionKeys, KeyError, KeyHave, KeyNeed, Msk, Psk, SaKeys};
pub use open::{OpenError, Opened, Opener};
pub use seal::{Outgoing, Sealer};
