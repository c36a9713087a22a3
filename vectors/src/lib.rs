//! The vectors of RFC 6618 for Rust: the JSON files beside this crate, embedded and typed.
//!
//! The files are the product and need no Rust; `vectors/README.md` says what is in them. Each function here
//! reads one file. A file that does not fit its types is our own fault, so reading panics and `tests/lint.rs`
//! sees to it that it never does.

pub mod octets;
pub mod rows;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use octets::Octets;

/// One file of vectors.
#[derive(Clone, Debug, Deserialize)]
pub struct Group<R> {
    /// The file name of its JSON Schema.
    pub schema: String,
    /// The name of the group, which begins every id.
    pub group: String,
    /// The text that the rows judge by.
    pub spec: String,
    /// The version of the format.
    pub version: u32,
    /// How many rows there are.
    pub count: usize,
    /// What each flag means.
    pub notes: BTreeMap<String, Note>,
    /// The rows.
    pub tests: Vec<Test<R>>,
}

/// What a flag means.
#[derive(Clone, Debug, Deserialize)]
pub struct Note {
    /// What an implementation does that the rows find.
    pub bug: String,
    /// What comes of it.
    pub effect: String,
    /// The reading that decides, such as `CT-03`.
    pub reading: Option<String>,
    /// The section of RFC 6618.
    pub section: String,
}

/// One row.
#[derive(Clone, Debug, Deserialize)]
pub struct Test<R> {
    /// `group/slug`, unique and stable.
    pub id: String,
    /// What the row is about.
    pub comment: String,
    /// Keys of [`Group::notes`].
    pub flags: Vec<String>,
    /// The section of RFC 6618.
    pub section: String,
    /// Ids of `conformance/requirements` that the row is about.
    #[serde(default)]
    pub requirements: Vec<String>,
    /// What a receiver does with it.
    pub result: Outcome,
    /// The field at fault, unless the row is valid.
    pub field: Option<String>,
    /// What the readings prefer, where both conform and they prefer something.
    pub ours: Option<Outcome>,
    /// The octets and their meaning.
    #[serde(flatten)]
    pub row: R,
}

/// What a receiver does with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It accepts, and understands what the row says.
    Valid,
    /// It refuses.
    Invalid,
    /// It does either; if it accepts, it understands what the row says.
    Lenient,
}

/// Every file by its path below `vectors/`, as text.
pub const FILES: [(&str, &str); 21] = [
    ("rfc6618/container.json", include_str!("../rfc6618/container.json")),
    ("rfc6618/lexing.json", include_str!("../rfc6618/lexing.json")),
    ("rfc6618/headers.json", include_str!("../rfc6618/headers.json")),
    ("rfc6618/ciphersuite.json", include_str!("../rfc6618/ciphersuite.json")),
    ("rfc6618/key_length.json", include_str!("../rfc6618/key_length.json")),
    ("rfc6618/message.json", include_str!("../rfc6618/message.json")),
    ("rfc6618/auth_psk.json", include_str!("../rfc6618/auth_psk.json")),
    ("rfc6618/auth_eap.json", include_str!("../rfc6618/auth_eap.json")),
    ("rfc6618/exchange.json", include_str!("../rfc6618/exchange.json")),
    ("rfc6618/channel_binding.json", include_str!("../rfc6618/channel_binding.json")),
    ("rfc6618/decision.json", include_str!("../rfc6618/decision.json")),
    ("rfc6618/packet.json", include_str!("../rfc6618/packet.json")),
    ("rfc6618/trailer.json", include_str!("../rfc6618/trailer.json")),
    ("rfc6618/mobility.json", include_str!("../rfc6618/mobility.json")),
    ("rfc6618/checksum.json", include_str!("../rfc6618/checksum.json")),
    ("rfc6618/sequence.json", include_str!("../rfc6618/sequence.json")),
    ("primitives/hmac_sha1_96.json", include_str!("../primitives/hmac_sha1_96.json")),
    ("primitives/hmac_sha256.json", include_str!("../primitives/hmac_sha256.json")),
    ("primitives/aes_xcbc_mac_96.json", include_str!("../primitives/aes_xcbc_mac_96.json")),
    ("primitives/aes_cbc.json", include_str!("../primitives/aes_cbc.json")),
    ("primitives/tdes_cbc.json", include_str!("../primitives/tdes_cbc.json")),
];

macro_rules! loaders {
    ($($name:ident: $row:ident = $path:literal;)*) => {$(
        #[doc = concat!("Reads `", $path, "`.")]
        #[must_use]
        pub fn $name() -> Group<rows::$row> {
            read($path)
        }
    )*};
}

loaders! {
    container: Container = "rfc6618/container.json";
    lexing: Content = "rfc6618/lexing.json";
    headers: Header = "rfc6618/headers.json";
    ciphersuite: CodePoint = "rfc6618/ciphersuite.json";
    key_length: KeyPair = "rfc6618/key_length.json";
    message: Message = "rfc6618/message.json";
    auth_psk: Auth = "rfc6618/auth_psk.json";
    auth_eap: EapAuth = "rfc6618/auth_eap.json";
    exchange: Exchange = "rfc6618/exchange.json";
    channel_binding: ChannelBinding = "rfc6618/channel_binding.json";
    decision: Decision = "rfc6618/decision.json";
    packet: Packet = "rfc6618/packet.json";
    trailer: Trailer = "rfc6618/trailer.json";
    mobility: Mobility = "rfc6618/mobility.json";
    checksum: Checksum = "rfc6618/checksum.json";
    sequence: Window = "rfc6618/sequence.json";
    hmac_sha1_96: Mac = "primitives/hmac_sha1_96.json";
    hmac_sha256: Mac = "primitives/hmac_sha256.json";
    aes_xcbc_mac_96: Mac = "primitives/aes_xcbc_mac_96.json";
    aes_cbc: Cbc = "primitives/aes_cbc.json";
    tdes_cbc: Cbc = "primitives/tdes_cbc.json";
}

fn read<R: DeserializeOwned>(path: &str) -> Group<R> {
    let text = FILES.iter().find(|(name, _)| *name == path).map_or("", |(_, text)| text);
    match serde_json::from_str(text) {
        Ok(group) => group,
        Err(error) => panic!("{path}: {error}"),
    }
}
