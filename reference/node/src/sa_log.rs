//! Associations with their keys in a file, so that a test can open the packets of a capture. Whoever has the file has the
//! traffic: no program writes it unless it is told to.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use crypto::keys::DirectionKeys;
use proto::sa::SecurityAssociation;
use serde::Serialize;
use wire::value::hex;

/// A file of mode 0600 that always holds all associations so far, in the form of `mip6-conform dissect --sa`.
pub struct SaLog {
    path: PathBuf,
    associations: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    spi: u32,
    suite: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    home: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ha: Option<String>,
    mn_to_ha: Keys,
    ha_to_mn: Keys,
}

/// Keys in hex.
#[derive(Serialize)]
struct Keys {
    ikey: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ekey: Option<String>,
}

impl SaLog {
    /// Nothing is written before the first association.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path, associations: Vec::new() }
    }

    /// Adds an association.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn note(&mut self, association: &SecurityAssociation) -> io::Result<()> {
        self.associations.push(Entry {
            spi: association.spi.get(),
            suite: association.suite.name(),
            home: association.home.ip6.map(|home| home.to_string()),
            ha: association.ha.map(|ha| ha.to_string()),
            mn_to_ha: Keys::of(&association.keys.mn_to_ha),
            ha_to_mn: Keys::of(&association.keys.ha_to_mn),
        });
        let text = serde_json::to_string_pretty(&serde_json::json!({ "associations": self.associations }))?;
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&self.path)?;
        file.write_all(text.as_bytes())
    }
}

impl Keys {
    fn of(keys: &DirectionKeys) -> Self {
        Self { ikey: hex::encode(keys.ikey()), ekey: keys.ekey().map(hex::encode) }
    }
}
