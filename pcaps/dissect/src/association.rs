//! Security associations from a small JSON file, so that packets under them can be opened.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use crypto::keys::{DirectionKeys, KeyError, SaKeys};
use crypto::open::Opener;
use serde::Deserialize;
use wire::escape::Escaped;
use wire::value::{Ciphersuite, Scope, Spi, hex};

use crate::conversation::Granted;

/// An SA and what else the packets do not tell.
#[derive(Clone)]
pub struct Association {
    /// Its suite.
    pub suite: Ciphersuite,
    /// The MN's home address; otherwise it is learnt from a Home Address option.
    pub home: Option<Ipv6Addr>,
    /// The HA's IPv6 address, over which Mobility Headers have their checksum; otherwise the outer one is taken.
    pub ha: Option<Ipv6Addr>,
    /// Whether user data have to be protected, where it is known.
    pub scope: Option<Scope>,
    pub(crate) mn_to_ha: Opener,
    pub(crate) ha_to_mn: Opener,
}

/// The SAs that are known, by SPI.
#[derive(Clone, Default)]
pub struct Associations(BTreeMap<u32, Arc<Association>>);

/// Why a file of SAs is no use. Whoever wrote the file is at fault.
#[derive(Debug, thiserror::Error)]
pub enum AssociationError {
    /// Not the JSON that is read here.
    #[error("no file of security associations: {}", Escaped(.0.to_string().as_bytes()))]
    Json(serde_json::Error),
    /// An SPI out of range.
    #[error("spi {0}: need 1 to {max}", max = Spi::MAX)]
    Spi(u32),
    /// An SPI that was there before.
    #[error("spi {0}: stands twice")]
    Twice(u32),
    /// A suite without a row in RFC 6618 section 5.6.5.
    #[error("spi {spi}: suite \"{}\" is none of the five of section 5.6.5", Escaped(.suite.as_bytes()))]
    Suite {
        /// The SA.
        spi: u32,
        /// As written.
        suite: String,
    },
    /// A scope other than 0 and 1.
    #[error("spi {spi}: sas is {sas}, need 0 or 1")]
    Scope {
        /// The SA.
        spi: u32,
        /// As written.
        sas: u8,
    },
    /// A key that is no hex. What it is instead is not told.
    #[error("spi {spi}: {field} is no even number of hex digits")]
    Hex {
        /// The SA.
        spi: u32,
        /// Which key.
        field: &'static str,
    },
    /// A key of the wrong length or form.
    #[error("spi {spi}: {fault}")]
    Key {
        /// The SA.
        spi: u32,
        /// What is wrong.
        fault: KeyError,
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
    suite: String,
    home: Option<Ipv6Addr>,
    ha: Option<Ipv6Addr>,
    sas: Option<u8>,
    mn_to_ha: Keys,
    ha_to_mn: Keys,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    ikey: String,
    ekey: Option<String>,
}

impl Associations {
    /// From `{"associations": [{"spi": 7, "suite": "AES_128_CBC_SHA", "mn_to_ha": {"ikey": "hex", "ekey": "hex"},
    /// "ha_to_mn": {…}}]}`; `home` and `ha` (IPv6 addresses) and `sas` (0 or 1) may stand beside them, `ekey` is left out with a NULL
    /// suite.
    ///
    /// # Errors
    /// What is wrong with the file, by SPI.
    pub fn from_json(text: &str) -> Result<Self, AssociationError> {
        let file: File = serde_json::from_str(text).map_err(AssociationError::Json)?;
        let mut all = BTreeMap::new();
        for entry in file.associations {
            let spi = entry.spi;
            if Spi::new(spi).is_none() {
                return Err(AssociationError::Spi(spi));
            }
            if all.insert(spi, Arc::new(Association::new(entry)?)).is_some() {
                return Err(AssociationError::Twice(spi));
            }
        }
        Ok(Self(all))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an SA that the capture itself told. A later one under the same SPI takes its place.
    pub fn learn(&mut self, spi: Spi, association: Association) {
        self.0.insert(spi.get(), Arc::new(association));
    }

    pub(crate) fn find(&self, spi: u32) -> Option<&Arc<Association>> {
        self.0.get(&spi)
    }
}

impl Association {
    /// From keys; what else is known of it is set behind.
    #[must_use]
    pub fn from_keys(keys: &SaKeys) -> Self {
        Self {
            suite: keys.mn_to_ha.suite(),
            home: None,
            ha: None,
            scope: None,
            mn_to_ha: Opener::new(&keys.mn_to_ha),
            ha_to_mn: Opener::new(&keys.ha_to_mn),
        }
    }

    /// As a HAC handed it out.
    #[must_use]
    pub fn granted(granted: &Granted) -> Self {
        let ha = granted.ha.iter().find_map(|address| match address {
            IpAddr::V6(address) => Some(*address),
            IpAddr::V4(_) => None,
        });
        Self { home: granted.home, ha, scope: granted.scope, ..Self::from_keys(&granted.keys) }
    }

    fn new(entry: Entry) -> Result<Self, AssociationError> {
        let Entry { spi, suite, home, ha, sas, mn_to_ha, ha_to_mn } = entry;
        let suite = Ciphersuite::ALL
            .into_iter()
            .find(|known| known.name() == suite)
            .ok_or(AssociationError::Suite { spi, suite })?;
        let scope = match sas {
            None => None,
            Some(0) => Some(Scope::SignalingOnly),
            Some(1) => Some(Scope::AllTraffic),
            Some(sas) => return Err(AssociationError::Scope { spi, sas }),
        };
        let opener = |keys: &Keys| {
            let decode = |field, text: &str| {
                hex::decode(text.as_bytes()).map_err(|_| AssociationError::Hex { spi, field })
            };
            let ikey = decode("ikey", &keys.ikey)?;
            let ekey = keys.ekey.as_deref().map(|text| decode("ekey", text)).transpose()?;
            DirectionKeys::new(suite, &ikey, ekey.as_deref())
                .map(|keys| Opener::new(&keys))
                .map_err(|fault| AssociationError::Key { spi, fault })
        };
        Ok(Self { suite, home, ha, scope, mn_to_ha: opener(&mn_to_ha)?, ha_to_mn: opener(&ha_to_mn)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Associations::from_json(text).err().expect("the file must be refused").to_string()
    }

    fn one(spi: &str, suite: &str, ikey: &str) -> String {
        let keys = format!(r#"{{"ikey": "{ikey}"}}"#);
        format!(r#"{{"spi": {spi}, "suite": "{suite}", "mn_to_ha": {keys}, "ha_to_mn": {keys}}}"#)
    }

    fn file(entries: &[String]) -> String {
        format!(r#"{{"associations": [{}]}}"#, entries.join(","))
    }

    #[test]
    fn a_legal_file_is_read() {
        let ikey = "01".repeat(20);
        let known = Associations::from_json(&file(&[one("7", "NULL_SHA", &ikey)])).unwrap();
        assert_eq!(known.len(), 1);
        assert_eq!(known.find(7).unwrap().suite, Ciphersuite::NullSha);
        assert!(known.find(8).is_none());
    }

    #[test]
    fn every_fault_is_named_by_its_spi() {
        let ikey = "01".repeat(20);
        let good = one("7", "NULL_SHA", &ikey);
        assert_eq!(refusal(&file(&[good.clone(), good])), "spi 7: stands twice");
        assert_eq!(refusal(&file(&[one("0", "NULL_SHA", &ikey)])), "spi 0: need 1 to 268435455");
        let unknown = refusal(&file(&[one("7", "AES_\u{1b}", &ikey)]));
        assert!(unknown.contains("no file of security associations"), "{unknown}");
        let unknown = refusal(&file(&[one("7", "AES_\\u001b", &ikey)]));
        assert_eq!(unknown, r#"spi 7: suite "AES_\x1B" is none of the five of section 5.6.5"#);
        assert_eq!(
            refusal(&file(&[one("7", "NULL_SHA", "0g")])),
            "spi 7: ikey is no even number of hex digits"
        );
        assert_eq!(
            refusal(&file(&[one("7", "NULL_SHA", "00")])),
            "spi 7: ikey: need 20 octets, have 1 octets"
        );
        assert!(refusal(r#"{"associations": [], "\u001b[31m": 1}"#).contains(r"\x1B"), "escaped");
    }
}
