//! The identities that the suite uses, one MN each, and how cases share them.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

use serde::{Deserialize, Serialize};
use wire::value::{Nai, hex};

/// One MN that the target knows.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its NAI (section 5.5.1).
    pub mn_id: String,
    /// Its pre-shared key.
    pub psk: Vec<u8>,
}

/// The identities of a run. A case holds one of them alone while it runs.
pub struct Identities {
    all: Vec<Identity>,
    busy: Vec<Mutex<()>>,
}

/// A case's hold on an identity; let go on drop.
pub struct Lease<'a> {
    /// The identity held.
    pub identity: &'a Identity,
    _hold: MutexGuard<'a, ()>,
}

/// Why a file of identities is no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentitiesError {
    /// Not the JSON that we read.
    #[error("not a file of identities: {0}")]
    Json(String),
    /// No identity in it.
    #[error("the file names no identity; `mip6-conform provision --count 8` makes some")]
    Empty,
    /// An entry that no HAC could hold.
    #[error("identity {index} ({mn_id}): {fault}")]
    Entry {
        /// Position in the file, from 1.
        index: usize,
        /// As written, escaped.
        mn_id: String,
        /// What is wrong.
        fault: &'static str,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    identities: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    mn_id: String,
    psk: String,
}

impl Identities {
    /// From a list; at least one.
    ///
    /// # Errors
    /// [`IdentitiesError::Empty`].
    pub fn new(all: Vec<Identity>) -> Result<Self, IdentitiesError> {
        if all.is_empty() {
            return Err(IdentitiesError::Empty);
        }
        let busy = all.iter().map(|_| Mutex::new(())).collect();
        Ok(Self { all, busy })
    }

    /// From `{"identities": [{"mn_id": "…", "psk": "hex"}]}`.
    ///
    /// # Errors
    /// What is wrong with the file, by entry.
    pub fn from_json(text: &str) -> Result<Self, IdentitiesError> {
        let file: File = serde_json::from_str(text).map_err(|e| IdentitiesError::Json(e.to_string()))?;
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        for (at, entry) in file.identities.into_iter().enumerate() {
            let fault = |fault| IdentitiesError::Entry {
                index: at + 1,
                mn_id: entry.mn_id.escape_debug().to_string(),
                fault,
            };
            if Nai::parse(entry.mn_id.as_bytes()).is_err() {
                return Err(fault("mn_id is no NAI (RFC 4282 section 2.1)"));
            }
            if !seen.insert(entry.mn_id.clone()) {
                return Err(fault("mn_id stands twice"));
            }
            let psk = hex::decode(entry.psk.as_bytes())
                .map_err(|_| fault("psk is no even number of hex digits"))?;
            if psk.is_empty() {
                return Err(fault("psk is empty"));
            }
            all.push(Identity { mn_id: entry.mn_id, psk });
        }
        Self::new(all)
    }

    /// As [`Identities::from_json`] reads it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let identities =
            self.all.iter().map(|i| Entry { mn_id: i.mn_id.clone(), psk: hex::encode(&i.psk) }).collect();
        // Strings and a list always serialise.
        serde_json::to_string_pretty(&File { identities }).unwrap_or_default()
    }

    /// `count` identities with fresh 32-octet keys from `fill`.
    ///
    /// # Errors
    /// [`IdentitiesError::Empty`] for a count of 0.
    pub fn provision(count: usize, mut fill: impl FnMut(&mut [u8])) -> Result<Self, IdentitiesError> {
        let identity = |n| {
            let mut psk = vec![0; 32];
            fill(&mut psk);
            Identity { mn_id: format!("mn{n}@conform.example"), psk }
        };
        Self::new((1..=count).map(identity).collect())
    }

    /// Waits for the identity of the n-th case, so that a run uses the same ones every time.
    #[must_use]
    pub fn lease(&self, n: usize) -> Lease<'_> {
        let at = n % self.all.len();
        // A panic in a case leaves nothing behind that would make its identity unusable.
        let hold = self.busy[at].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Lease { identity: &self.all[at], _hold: hold }
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Identity] {
        &self.all
    }
}
