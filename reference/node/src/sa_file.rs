//! RFC 6618 section 4.3: associations that no HAC hands over, from a file; for an HA that is judged or tried out alone.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use crypto::keys::{DirectionKeys, KeyError, SaKeys};
use proto::sa::{HomeAddresses, SecurityAssociation};
use serde::Deserialize;
use wire::error::DecodeError;
use wire::escape::Escaped;
use wire::value::{Ciphersuite, Date, Nai, Scope, Spi, hex};

/// Why a file of associations is no use.
#[derive(Debug, thiserror::Error)]
pub enum SaFileError {
    /// It cannot be read.
    #[error("{}: {source}", .file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not the JSON that `mip6-conform associations` writes.
    #[error("associations: {}", Escaped(.0.to_string().as_bytes()))]
    Json(#[from] serde_json::Error),
    /// A value that RFC 6618 does not allow.
    #[error("association {spi}: {fault}")]
    Value {
        /// Its SPI.
        spi: u32,
        /// What is wrong.
        fault: DecodeError,
    },
    /// A key that must not be used.
    #[error("association {spi}: {fault}")]
    Key {
        /// Its SPI.
        spi: u32,
        /// What is wrong.
        fault: KeyError,
    },
    /// An SPI that is 0 or needs more than 28 bits.
    #[error("association {0}: spi: need 1 to 268435455")]
    Spi(u32),
    /// No such ciphersuite.
    #[error("association {spi}: suite: need one of section 5.6.5, have {}", Escaped(.suite.as_bytes()))]
    Suite {
        /// Its SPI.
        spi: u32,
        /// As written.
        suite: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    associations: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    spi: u32,
    mn_id: String,
    suite: String,
    scope: String,
    /// Unix seconds.
    validity_end: u64,
    home: Ipv6Addr,
    home_ip4: Option<Ipv4Addr>,
    ha: Ipv6Addr,
    mn_to_ha: Keys,
    ha_to_mn: Keys,
}

/// Keys in hex.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    ikey: String,
    ekey: Option<String>,
}

/// The associations in a file, in its order.
///
/// # Errors
/// What is wrong with the file, by SPI.
pub fn read(file: &Path) -> Result<Vec<Box<SecurityAssociation>>, SaFileError> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| SaFileError::File { file: file.to_owned(), source })?;
    let parsed: File = serde_json::from_str(&text)?;
    parsed.associations.into_iter().map(|entry| entry.association().map(Box::new)).collect()
}

impl Entry {
    fn association(self) -> Result<SecurityAssociation, SaFileError> {
        let spi = self.spi;
        let value = |fault| SaFileError::Value { spi, fault };
        let suite = Ciphersuite::ALL.into_iter().find(|suite| suite.name() == self.suite);
        let suite = suite.ok_or(SaFileError::Suite { spi, suite: self.suite })?;
        Ok(SecurityAssociation {
            spi: Spi::new(spi).ok_or(SaFileError::Spi(spi))?,
            suite,
            scope: Scope::parse(self.scope.as_bytes()).map_err(value)?,
            keys: SaKeys {
                mn_to_ha: self.mn_to_ha.keys(spi, suite)?,
                ha_to_mn: self.ha_to_mn.keys(spi, suite)?,
            },
            validity_end: Date::from_unix_seconds(self.validity_end),
            home: HomeAddresses { ip6: Some(self.home), ip4: self.home_ip4, prefix6: None },
            ha: Some(self.ha),
            mn_id: Nai::parse(self.mn_id.as_bytes()).map_err(value)?,
        })
    }
}

impl Keys {
    fn keys(&self, spi: u32, suite: Ciphersuite) -> Result<DirectionKeys, SaFileError> {
        let decode =
            |text: &str| hex::decode(text.as_bytes()).map_err(|fault| SaFileError::Value { spi, fault });
        let ikey = decode(&self.ikey)?;
        let ekey = self.ekey.as_deref().map(decode).transpose()?;
        DirectionKeys::new(suite, &ikey, ekey.as_deref()).map_err(|fault| SaFileError::Key { spi, fault })
    }
}
