//! The identities that the suite uses, one MN each, and how cases share them.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, TryLockError};

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

/// Ends the name of a spare identity about whom the AAA server behind the HAC says nothing, where there is one.
pub const SILENT_AAA: &str = "@silent-aaa.conform.example";

/// The identities of a run. A case holds one of the ordinary ones alone while it runs; spare ones have names and keys
/// of unusual form, and only cases that ask for one hold it.
pub struct Identities {
    /// The spare ones stand last.
    all: Vec<Identity>,
    ordinary: usize,
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
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    spare: bool,
}

/// Names that RFC 4282 section 2.1 allows and few people have, and keys of other lengths (in octets).
fn unusual_forms() -> Vec<(String, usize)> {
    let of_length = |octets: usize| {
        let realm = "@conform.example";
        let user = octets - realm.len();
        // A user name has no limit of its own, only the whole has.
        format!("{}{realm}", "n".repeat(user))
    };
    let names = [
        of_length(72),
        of_length(253),
        "mn.with.dots@conform.example".to_owned(),
        "j\u{fc}rgen@conform.example".to_owned(),
        "mn\\@escaped@conform.example".to_owned(),
        "mn!#$%&'*+-/=?^_`{|}~@conform.example".to_owned(),
        "mn-without-realm".to_owned(),
        "@realm-only.conform.example".to_owned(),
        "mn-of-digits@3.4-5.conform.example".to_owned(),
        format!("mn{SILENT_AAA}"),
    ];
    let keys = [1, 16, 64, 65, 200];
    let named = names.into_iter().map(|name| (name, 32));
    named.chain(keys.map(|octets| (format!("mn-key-{octets}@conform.example"), octets))).collect()
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
        Ok(Self { ordinary: all.len(), all, busy })
    }

    /// Adds spare identities.
    #[must_use]
    pub fn with_spare(mut self, spare: Vec<Identity>) -> Self {
        self.busy.extend(spare.iter().map(|_| Mutex::new(())));
        self.all.extend(spare);
        self
    }

    /// From `{"identities": [{"mn_id": "…", "psk": "hex"}]}`; spare ones say `"spare": true`.
    ///
    /// # Errors
    /// What is wrong with the file, by entry.
    pub fn from_json(text: &str) -> Result<Self, IdentitiesError> {
        let file: File = serde_json::from_str(text).map_err(|e| IdentitiesError::Json(e.to_string()))?;
        let mut seen = BTreeSet::new();
        let (mut ordinary, mut spare) = (Vec::new(), Vec::new());
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
            let list = if entry.spare { &mut spare } else { &mut ordinary };
            list.push(Identity { mn_id: entry.mn_id, psk });
        }
        Ok(Self::new(ordinary)?.with_spare(spare))
    }

    /// As [`Identities::from_json`] reads it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let entry = |(at, identity): (usize, &Identity)| Entry {
            mn_id: identity.mn_id.clone(),
            psk: hex::encode(&identity.psk),
            spare: at >= self.ordinary,
        };
        let identities = self.all.iter().enumerate().map(entry).collect();
        // Strings and a list always serialise.
        serde_json::to_string_pretty(&File { identities }).unwrap_or_default()
    }

    /// `count` ordinary identities with fresh 32-octet keys from `fill`, and a spare one of each unusual form.
    ///
    /// # Errors
    /// [`IdentitiesError::Empty`] for a count of 0.
    pub fn provision(count: usize, mut fill: impl FnMut(&mut [u8])) -> Result<Self, IdentitiesError> {
        let identity = |n| {
            let mut psk = vec![0; 32];
            fill(&mut psk);
            Identity { mn_id: format!("mn{n}@conform.example"), psk }
        };
        let ordinary = Self::new((1..=count).map(identity).collect())?;
        let unusual = |(mn_id, key_octets): (String, usize)| {
            let mut psk = vec![0; key_octets];
            fill(&mut psk);
            Identity { mn_id, psk }
        };
        Ok(ordinary.with_spare(unusual_forms().into_iter().map(unusual).collect()))
    }

    /// Waits for the identity of the n-th case, so that a run uses the same ones every time.
    #[must_use]
    pub fn lease(&self, n: usize) -> Lease<'_> {
        let at = n % self.ordinary;
        // A panic in a case leaves nothing behind that would make its identity unusable.
        let hold = self.busy[at].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Lease { identity: &self.all[at], _hold: hold }
    }

    /// Waits for the first so many ordinary identities, in their order; nothing if there are fewer.
    #[must_use]
    pub fn lease_each(&self, count: usize) -> Option<Vec<Lease<'_>>> {
        (count <= self.ordinary).then(|| (0..count).map(|n| self.lease(n)).collect())
    }

    /// Another identity than `own` that nobody holds at the moment; does not wait, so that two cases cannot wait for
    /// each other.
    #[must_use]
    pub fn lease_other(&self, own: &Identity) -> Option<Lease<'_>> {
        let others = self.all.iter().zip(&self.busy).filter(|(identity, _)| *identity != own);
        others.into_iter().find_map(|(identity, busy)| match busy.try_lock() {
            Ok(hold) => Some(Lease { identity, _hold: hold }),
            Err(TryLockError::Poisoned(held)) => Some(Lease { identity, _hold: held.into_inner() }),
            Err(TryLockError::WouldBlock) => None,
        })
    }

    /// Waits for the spare identities that are `wanted`, in their order, so that two cases never wait for each other.
    pub fn spare(&self, wanted: impl Fn(&Identity) -> bool) -> Vec<Lease<'_>> {
        let hold = |at: usize| self.busy[at].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let spare = (self.ordinary..self.all.len()).filter(|&at| wanted(&self.all[at]));
        spare.map(|at| Lease { identity: &self.all[at], _hold: hold(at) }).collect()
    }

    /// All of them, the spare ones last: what the target must know.
    #[must_use]
    pub fn all(&self) -> &[Identity] {
        &self.all
    }
}
