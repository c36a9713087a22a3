//! Who may bootstrap (RFC 6618 section 5.8): `{"identities":[{"mn_id":"mn1@example.com","psk":"hex"}]}`.

use std::path::Path;

use crypto::keys::Psk;
use serde::Deserialize;
use wire::escape::Escaped;
use wire::value::{Nai, hex};

use super::{ConfigError, read_text};

/// The file as JSON sees it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    identities: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    mn_id: String,
    psk: String,
    /// Of use to whoever judges us: `mip6-conform provision` writes it.
    #[serde(default, rename = "spare")]
    _spare: bool,
}

/// Reads a file of identities and their pre-shared keys.
///
/// # Errors
/// A file that cannot be read, other JSON, or a value that RFC 6618 does not allow.
pub fn read_identities(path: &Path) -> Result<Vec<(Nai, Psk)>, ConfigError> {
    let text = read_text(path)?;
    let file: File =
        serde_json::from_str(&text).map_err(|source| ConfigError::Json { path: path.into(), source })?;
    file.identities.iter().map(|entry| entry.read(path)).collect()
}

/// Reads a file that holds one pre-shared key in hex; white space around it does not count.
///
/// # Errors
/// A file that cannot be read, or anything but hex.
pub fn read_psk(path: &Path) -> Result<Psk, ConfigError> {
    let text = read_text(path)?;
    psk(text.trim()).map_err(|why| ConfigError::Value {
        path: path.into(),
        field: "psk",
        who: "this node".into(),
        why,
    })
}

impl Entry {
    fn read(&self, path: &Path) -> Result<(Nai, Psk), ConfigError> {
        let fault = |field| {
            let who = Escaped(self.mn_id.as_bytes()).to_string();
            move |why: String| ConfigError::Value { path: path.into(), field, who, why }
        };
        let mn_id = Nai::parse(self.mn_id.as_bytes()).map_err(|error| fault("mn_id")(error.to_string()))?;
        let psk = psk(&self.psk).map_err(fault("psk"))?;
        Ok((mn_id, psk))
    }
}

// The key itself never gets into a message: errors of hex would show it.
fn psk(text: &str) -> Result<Psk, String> {
    let octets = hex::decode(text.as_bytes())
        .map_err(|error| format!("need {}, at octet {}", error.need, error.offset))?;
    Psk::new(octets).map_err(|error| error.to_string())
}
