//! RFC 6618 section 4.3: associations from a file that the HA was loaded with too, so that it is judged without a HAC.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crypto::ciphersuite::algorithms;
use serde::{Deserialize, Serialize};
use wire::error::DecodeError;
use wire::escape::Escaped;
use wire::message::{Bootstrap, Grant, KeyOctets, SaData};
use wire::value::{Ciphersuite, Date, Nai, Scope, Spi, hex};

/// An association that has no more than this left, in seconds, is one of those that end soon.
pub const SOON: u64 = 120;

/// An association of one MN.
#[derive(Clone)]
pub struct Provisioned {
    /// Whose it is. All of one MN have the same home addresses, and the later ones replace the earlier.
    pub mn_id: String,
    /// As a HAC would have handed it out.
    pub grant: Grant,
}

/// How long an association still lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Longer than [`SOON`].
    Lasting,
    /// At most [`SOON`].
    EndsSoon,
    /// Past its end.
    Ended,
}

/// Associations that cases take, each once, so that nobody finds a counter that is not at 0.
#[derive(Default)]
pub struct SaPool {
    left: Mutex<Vec<Provisioned>>,
}

/// Why a file of associations is no use. Whoever wrote it is at fault.
#[derive(Debug, thiserror::Error)]
pub enum SaFileError {
    /// Not the JSON that we read.
    #[error("not a file of associations: {}", Escaped(.0.to_string().as_bytes()))]
    Json(serde_json::Error),
    /// Nothing in it.
    #[error("the file holds no association; `mip6-conform associations` makes some")]
    Empty,
    /// A value that RFC 6618 does not allow.
    #[error("spi {spi}: {fault}")]
    Value {
        /// The entry.
        spi: u32,
        /// What is wrong.
        fault: DecodeError,
    },
    /// An SPI that is 0, needs more than 28 bits, or stands twice.
    #[error("spi {0}: need 1 to 268435455, each once")]
    Spi(u32),
    /// No such ciphersuite.
    #[error("spi {spi}: suite \"{}\" is none of the five of section 5.6.5", Escaped(.suite.as_bytes()))]
    Suite {
        /// The entry.
        spi: u32,
        /// As written.
        suite: String,
    },
    /// A key of another length than its suite has.
    #[error("spi {spi}: {field}: need {need} octets, have {have}")]
    Key {
        /// The entry.
        spi: u32,
        /// Which key.
        field: &'static str,
        /// Octets that the suite wants.
        need: usize,
        /// Octets that are there.
        have: usize,
    },
}

/// The file as JSON sees it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    associations: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    spi: u32,
    mn_id: String,
    suite: String,
    /// `mip6-sas`, as on the wire.
    scope: String,
    /// Unix seconds.
    validity_end: u64,
    home: Ipv6Addr,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    home_ip4: Option<Ipv4Addr>,
    ha: Ipv6Addr,
    mn_to_ha: Keys,
    ha_to_mn: Keys,
}

/// Keys in hex.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    ikey: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ekey: Option<String>,
}

impl SaPool {
    /// From a list, in the order in which the HA takes them.
    #[must_use]
    pub const fn new(all: Vec<Provisioned>) -> Self {
        Self { left: Mutex::new(all) }
    }

    /// An association of any MN, lasting or not. Those of an MN that still has another one are taken last, so that
    /// [`SaPool::take_of`] finds something.
    #[must_use]
    pub fn take(
        &self,
        suites: &[Ciphersuite],
        scope: Option<Scope>,
        life: Life,
        now: u64,
    ) -> Option<Provisioned> {
        let mut left = self.left();
        let fits = |sa: &SaData| {
            suites.contains(&sa.suite)
                && scope.is_none_or(|scope| sa.scope == scope)
                && Life::of(sa, now) == life
        };
        let at = left.iter().position(|entry| fits(&entry.grant.sa))?;
        Some(left.remove(at))
    }

    /// Another association of that MN, for a change of keys.
    #[must_use]
    pub fn take_of(&self, mn_id: &str) -> Option<Provisioned> {
        let mut left = self.left();
        let at = left.iter().position(|entry| entry.mn_id == mn_id)?;
        Some(left.remove(at))
    }

    /// What is left, in order.
    #[must_use]
    pub fn remaining(&self) -> Vec<Provisioned> {
        self.left().clone()
    }

    fn left(&self) -> MutexGuard<'_, Vec<Provisioned>> {
        // Whoever panicked while holding it had taken an entry or not.
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From `{"associations": [{"spi": …}]}`.
    ///
    /// # Errors
    /// What is wrong with the file, by SPI.
    pub fn from_json(text: &str) -> Result<Self, SaFileError> {
        let file: File = serde_json::from_str(text).map_err(SaFileError::Json)?;
        let mut seen = BTreeSet::new();
        let mut all = Vec::with_capacity(file.associations.len());
        for entry in file.associations {
            if !seen.insert(entry.spi) {
                return Err(SaFileError::Spi(entry.spi));
            }
            all.push(entry.provisioned()?);
        }
        if all.is_empty() { Err(SaFileError::Empty) } else { Ok(Self::new(all)) }
    }

    /// As [`SaPool::from_json`] reads it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let associations = self.left().iter().filter_map(Entry::of).collect();
        // Strings, numbers and lists always serialise.
        serde_json::to_string_pretty(&File { associations }).unwrap_or_default()
    }
}

impl Life {
    fn of(sa: &SaData, now: u64) -> Self {
        match sa.validity_end.unix_seconds().checked_sub(now) {
            None | Some(0) => Self::Ended,
            Some(left) if left <= SOON => Self::EndsSoon,
            Some(_) => Self::Lasting,
        }
    }
}

impl Entry {
    fn of(provisioned: &Provisioned) -> Option<Self> {
        let Grant { sa, bootstrap } = &provisioned.grant;
        Some(Self {
            spi: sa.spi.get(),
            mn_id: provisioned.mn_id.clone(),
            suite: sa.suite.name().to_owned(),
            scope: sa.scope.to_string(),
            validity_end: sa.validity_end.unix_seconds(),
            home: bootstrap.ip6_hoa?,
            home_ip4: bootstrap.ip4_hoa,
            ha: bootstrap.haa_ip6?,
            mn_to_ha: Keys::of(&sa.mn_to_ha),
            ha_to_mn: Keys::of(&sa.ha_to_mn),
        })
    }

    fn provisioned(self) -> Result<Provisioned, SaFileError> {
        let spi = self.spi;
        let value = |fault| SaFileError::Value { spi, fault };
        let suite = Ciphersuite::ALL.into_iter().find(|suite| suite.name() == self.suite);
        let suite = suite.ok_or(SaFileError::Suite { spi, suite: self.suite })?;
        Nai::parse(self.mn_id.as_bytes()).map_err(value)?;
        let sa = SaData {
            suite,
            scope: Scope::parse(self.scope.as_bytes()).map_err(value)?,
            spi: Spi::new(spi).ok_or(SaFileError::Spi(spi))?,
            mn_to_ha: self.mn_to_ha.octets(spi, suite)?,
            ha_to_mn: self.ha_to_mn.octets(spi, suite)?,
            validity_end: Date::from_unix_seconds(self.validity_end),
        };
        let bootstrap = Bootstrap {
            haa_ip6: Some(self.ha),
            ip6_hoa: Some(self.home),
            ip4_hoa: self.home_ip4,
            ..Bootstrap::default()
        };
        Ok(Provisioned { mn_id: self.mn_id, grant: Grant { sa, bootstrap } })
    }
}

impl Keys {
    fn of(octets: &KeyOctets) -> Self {
        Self { ikey: hex::encode(&octets.ikey), ekey: octets.ekey.as_deref().map(hex::encode) }
    }

    fn octets(&self, spi: u32, suite: Ciphersuite) -> Result<KeyOctets, SaFileError> {
        let algorithms = algorithms(suite);
        let key = |field, text: &str, need: usize| {
            let octets = hex::decode(text.as_bytes()).map_err(|fault| SaFileError::Value { spi, fault })?;
            if octets.len() == need {
                return Ok(octets);
            }
            Err(SaFileError::Key { spi, field, need, have: octets.len() })
        };
        let ikey = key("ikey", &self.ikey, algorithms.ikey_len)?;
        let ekey = match (&self.ekey, algorithms.ekey_len) {
            (None, 0) => None,
            (ekey, need) => Some(key("ekey", ekey.as_deref().unwrap_or_default(), need)?),
        };
        Ok(KeyOctets { ikey, ekey })
    }
}

/// Where the associations of a new file belong.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The HA's IPv6 address.
    pub ha: Ipv6Addr,
    /// The first home address; the MNs have those that follow it.
    pub home: Ipv6Addr,
    /// The first IPv4 home address.
    pub home_ip4: Ipv4Addr,
}

/// When the associations of a new file end, in Unix seconds.
#[derive(Debug, Clone, Copy)]
pub struct Ends {
    /// Those of [`Life::Lasting`].
    pub lasting: u64,
    /// Those of [`Life::EndsSoon`].
    pub soon: u64,
    /// Those of [`Life::Ended`].
    pub ended: u64,
}

/// MNs of each ciphersuite and scope that a run over all cases needs.
const MNS_OF_EACH: u32 = 60;
/// The same of those whose associations end soon, or have ended.
const SHORT_LIVED_OF_EACH: u32 = 3;
/// Associations of one MN, one after the other.
const OF_ONE_MN: u32 = 2;

/// Associations for a run over all cases, with random octets from `fill`: for each ciphersuite and scope MNs with two
/// associations each, and some more that end soon or have ended.
#[must_use]
pub fn provision(place: Place, ends: Ends, mut fill: impl FnMut(&mut [u8])) -> SaPool {
    let combinations = || {
        Ciphersuite::ALL.into_iter().flat_map(|suite| Scope::ALL.into_iter().map(move |scope| (suite, scope)))
    };
    let mut wanted: Vec<(Ciphersuite, Scope, u64)> = Vec::new();
    for _ in 0..MNS_OF_EACH {
        wanted.extend(combinations().map(|(suite, scope)| (suite, scope, ends.lasting)));
    }
    for _ in 0..SHORT_LIVED_OF_EACH {
        for end in [ends.soon, ends.ended] {
            wanted.extend(combinations().map(|(suite, scope)| (suite, scope, end)));
        }
    }
    let mut spis = BTreeMap::new();
    // The first associations of all come before the second, so that what is taken first has a successor.
    let rounds = (0..OF_ONE_MN).flat_map(|_| wanted.iter().enumerate());
    let all = rounds.map(|(mn, &(suite, scope, validity_end))| {
        let spi = fresh_spi(&mut spis, &mut fill);
        let mut keys = || {
            let algorithms = algorithms(suite);
            let mut octets = |len: usize| {
                let mut octets = vec![0; len];
                fill(&mut octets);
                octets
            };
            let ekey = (algorithms.ekey_len > 0).then(|| octets(algorithms.ekey_len));
            KeyOctets { ikey: octets(algorithms.ikey_len), ekey }
        };
        let validity_end = Date::from_unix_seconds(validity_end);
        let sa = SaData { suite, scope, spi, mn_to_ha: keys(), ha_to_mn: keys(), validity_end };
        let bootstrap = Bootstrap {
            haa_ip6: Some(place.ha),
            ip6_hoa: Some(Ipv6Addr::from_bits(place.home.to_bits().wrapping_add(mn as u128))),
            ip4_hoa: Some(Ipv4Addr::from_bits(place.home_ip4.to_bits().wrapping_add(mn as u32))),
            ..Bootstrap::default()
        };
        Provisioned { mn_id: format!("mn{mn}@sa.conform.example"), grant: Grant { sa, bootstrap } }
    });
    SaPool::new(all.collect())
}

/// A random SPI that no other association has.
fn fresh_spi(taken: &mut BTreeMap<u32, ()>, fill: &mut impl FnMut(&mut [u8])) -> Spi {
    // One in a million is taken already, so the walk is short.
    let mut octets = [0; 4];
    fill(&mut octets);
    let mut candidate = u32::from_be_bytes(octets) & Spi::MAX;
    loop {
        match Spi::new(candidate) {
            Some(spi) if taken.insert(candidate, ()).is_none() => return spi,
            _ => candidate = candidate.wrapping_add(1) & Spi::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn pool() -> SaPool {
        let place = Place {
            ha: Ipv6Addr::LOCALHOST,
            home: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1),
            home_ip4: Ipv4Addr::new(198, 18, 0, 1),
        };
        let ends = Ends { lasting: NOW + 86_400, soon: NOW + 30, ended: NOW - 5 };
        let mut next = 0_u8;
        provision(place, ends, |octets| {
            for octet in octets {
                next = next.wrapping_mul(5).wrapping_add(77);
                *octet = next;
            }
        })
    }

    #[test]
    fn what_is_written_is_read_and_every_spi_is_its_own() {
        let text = pool().to_json();
        let back = SaPool::from_json(&text).expect("our own file");
        assert_eq!(back.to_json(), text);
        let spis: BTreeSet<u32> = back.remaining().iter().map(|entry| entry.grant.sa.spi.get()).collect();
        assert_eq!(spis.len(), back.remaining().len());
    }

    #[test]
    fn each_is_taken_once_and_its_mn_has_another() {
        let pool = pool();
        let before = pool.remaining().len();
        let first = pool
            .take(&[Ciphersuite::TripleDesSha], Some(Scope::AllTraffic), Life::Lasting, NOW)
            .expect("there are many");
        assert_eq!(first.grant.sa.suite, Ciphersuite::TripleDesSha);
        let second = pool.take_of(&first.mn_id).expect("the next one");
        assert_eq!(second.grant.bootstrap.ip6_hoa, first.grant.bootstrap.ip6_hoa);
        assert_ne!(second.grant.sa.spi, first.grant.sa.spi);
        assert!(pool.take_of(&first.mn_id).is_none());
        assert_eq!(pool.remaining().len(), before - 2);
    }

    #[test]
    fn lives_are_told_apart() {
        let pool = pool();
        for (life, end) in [(Life::EndsSoon, NOW + 30), (Life::Ended, NOW - 5)] {
            let taken = pool.take(&Ciphersuite::ALL, None, life, NOW).expect("there are some");
            assert_eq!(taken.grant.sa.validity_end.unix_seconds(), end);
        }
    }

    #[test]
    fn one_wrong_value_is_named() {
        let good = SaPool::new(pool().remaining().into_iter().take(1).collect()).to_json();
        for (from, to, named) in [
            ("\"suite\": \"NULL_SHA\"", "\"suite\": \"AES\"", "AES"),
            ("\"scope\": \"0\"", "\"scope\": \"2\"", "scope"),
            ("\"ikey\": \"", "\"ikey\": \"00", "octets"),
            ("\"spi\": ", "\"spi\": 1", "spi"),
            ("associations", "keys", "keys"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good, "{from}: {good}");
            let Err(error) = SaPool::from_json(&bad) else { panic!("taken: {bad}") };
            assert!(error.to_string().contains(named), "{error}");
        }
        assert!(matches!(SaPool::from_json(r#"{"associations": []}"#), Err(SaFileError::Empty)));
    }
}
