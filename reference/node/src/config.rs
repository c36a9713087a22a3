//! Settings of the three programs: one struct each, whose fields are the flags and, by the same names, the keys of a
//! TOML file. Flags win.

mod ha;
mod hac;
mod identities;
mod mn;
mod names;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use ha::HaOptions;
pub use hac::HacOptions;
pub use identities::{read_identities, read_psk};
pub use mn::{Afterwards, MnOptions, MnPlan, Pings};
pub use names::{MethodName, PrefixText, ProfileName, SasPolicy, ScopeDigit, SuiteName};

use crate::certificate::CertificateError;
use crate::tls::TlsError;

/// What the flags say, laid over what the file says.
///
/// # Errors
/// A file that cannot be read, is not TOML, or has an unknown key or a wrong value.
pub fn merged<T: Serialize + DeserializeOwned>(flags: T, file: Option<&Path>) -> Result<T, ConfigError> {
    let Some(path) = file else { return Ok(flags) };
    let fault = |source| ConfigError::Toml { path: path.into(), source: Box::new(source) };
    let text = read_text(path)?;
    // Once as a whole, for a message that points at the line.
    toml::from_str::<T>(&text).map_err(fault)?;
    let mut table: toml::Table = toml::from_str(&text).map_err(fault)?;
    table.extend(toml::Table::try_from(flags).expect("flags are plain values"));
    table.try_into().map_err(fault)
}

pub(crate) fn read_text(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.into(), source })
}

/// A setting that has to be there, from wherever it comes.
pub(crate) fn required<T>(value: Option<T>, name: &'static str) -> Result<T, ConfigError> {
    value.ok_or(ConfigError::Missing { name })
}

/// Why the settings are not usable; whoever started the program is at fault.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file of associations is no use.
    #[error(transparent)]
    Associations(#[from] crate::sa_file::SaFileError),
    /// A file cannot be read.
    #[error("{}: cannot read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("{}: cannot write: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not the TOML that was needed.
    #[error("{}: {source}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A file is not the JSON that was needed.
    #[error("{}: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A value of a file is not legal.
    #[error("{}: {field} of {who}: {why}", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The key.
        field: &'static str,
        /// Whose.
        who: String,
        /// What the value's own rules say.
        why: String,
    },
    /// A flag's value is not legal.
    #[error("--{name}: {why}")]
    Flag {
        /// The flag.
        name: &'static str,
        /// What the value's own rules say.
        why: String,
    },
    /// A setting is neither a flag nor in the file.
    #[error("need --{name} (or `{name}` in the configuration file), have neither")]
    Missing {
        /// The flag.
        name: &'static str,
    },
    /// Two settings that cannot be together.
    #[error("--{one} and --{other} cannot be used together")]
    Conflict {
        /// The first flag.
        one: &'static str,
        /// The second flag.
        other: &'static str,
    },
    /// A setting that means nothing without another.
    #[error("--{one} needs --{other}")]
    Lonely {
        /// The flag that is there.
        one: &'static str,
        /// The flag that is not.
        other: &'static str,
    },
    /// A wildcard address says nothing that an MN could be told.
    #[error("listening on {listen}: need --{name}, the address that mobile nodes are told")]
    Wildcard {
        /// Where the HA listens.
        listen: SocketAddr,
        /// The flag that helps.
        name: &'static str,
    },
    /// The certificate or its key.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// TLS refuses the settings.
    #[error(transparent)]
    Tls(#[from] TlsError),
}
