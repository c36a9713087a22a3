//! The secrets with which `dissect` reads what MN and HAC said.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use dissect::conversation::{Credentials, Keys, Watch};
use dissect::{KeyLog, Text};
use suite::sanity::Profile;

use crate::args::{PROFILES, one_of};
use crate::output::{Channel, plain};
use crate::setup::read_identities;
use crate::usage::UsageError;

/// What to look for between MN and HAC, and with which secrets.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Between MN and HAC")]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    keys: KeyArgs,
    /// TCP port of a HAC, whose connections are told even if nothing can be read; others are found by what they say
    #[arg(long, value_name = "PORT")]
    hac_port: Vec<u16>,
    /// Which text both ends follow; found out from the first right `auth` unless told
    #[arg(long, value_name = "PROFILE", value_parser = one_of(&PROFILES))]
    profile: Option<Profile>,
    /// Every field of each message and packet, with its offset and octets
    #[arg(short, long)]
    verbose: bool,
    /// Keys as they are, where -v shows only their length
    #[arg(long, requires = "verbose")]
    show_keys: bool,
}

/// Whether the sessions of a capture are over when it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sessions {
    Over,
    /// Their secrets may come while it is read.
    UnderWay,
}

/// What a capture does not show by itself.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Reading the capture")]
pub(crate) struct KeyArgs {
    /// TLS secrets (SSLKEYLOGFILE); those inside a pcapng file are used without asking. Read as it grows where the
    /// capture comes from an interface or a pipe
    #[arg(long, value_name = "FILE")]
    keylog: Vec<PathBuf>,
    /// MN identities and keys by which `auth` is judged (JSON, see `provision`)
    #[arg(long, value_name = "FILE")]
    psk: Option<PathBuf>,
    /// MSKs of EAP methods, but for GPSK whose MSK the PSK gives: lines of an mn-id, a space and hex digits
    #[arg(long, value_name = "FILE")]
    msk: Option<PathBuf>,
}

impl WatchArgs {
    /// How messages are written.
    pub(crate) fn text(&self) -> Text {
        match (self.verbose, self.show_keys) {
            (false, _) => Text::default(),
            (true, false) => Text::with_trees(Keys::Hidden),
            (true, true) => Text::with_trees(Keys::Shown),
        }
    }

    /// The files that are read.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let KeyArgs { keylog, psk, msk } = &self.keys;
        keylog.iter().chain(psk).chain(msk)
    }

    /// Reads the files.
    pub(crate) fn read(&self, sessions: Sessions) -> Result<Watch, UsageError> {
        let Watch { log, credentials, .. } = self.keys.read_or(None, sessions)?;
        Ok(Watch { log, credentials, profile: self.profile, ports: self.hac_port.clone() })
    }
}

impl KeyArgs {
    /// Reads the files; the identities of this one where no other was named.
    pub(crate) fn read_or(&self, identities: Option<&Path>, sessions: Sessions) -> Result<Watch, UsageError> {
        let mut log = KeyLog::default();
        for file in &self.keylog {
            if sessions == Sessions::UnderWay && may_grow(file) {
                if log.follow(file.clone()) == 0 {
                    let file = plain(&file.display().to_string());
                    Channel::Err.print(&format!("note: {file}: no TLS secret yet; it is read as it grows\n"));
                }
            } else if log.add(&octets(file)?) == 0 {
                return Err(useless(file, "no line of it is a TLS secret"));
            }
        }
        let mut credentials = Credentials::default();
        if let Some(file) = self.psk.as_deref().or(identities) {
            for identity in read_identities(file)?.all() {
                credentials.add_psk(identity.mn_id.as_bytes(), identity.psk.clone());
            }
        }
        if let Some(file) = &self.msk {
            credentials.add_msks(&octets(file)?).map_err(|error| useless(file, &error.to_string()))?;
        }
        Ok(Watch { log, credentials, ..Watch::default() })
    }
}

/// Whether it is a file, or will be one.
fn may_grow(file: &Path) -> bool {
    fs::metadata(file).map_or_else(|error| error.kind() == ErrorKind::NotFound, |metadata| metadata.is_file())
}

fn octets(file: &Path) -> Result<Vec<u8>, UsageError> {
    fs::read(file).map_err(|error| UsageError::file(file, &error))
}

fn useless(file: &Path, why: &str) -> UsageError {
    UsageError::File { file: file.to_owned(), why: why.to_owned() }
}
