//! Files of SAs: the small JSON form of `pcaps/README.md`, and the one that `mip6-conform associations` writes.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crypto::keys::{DirectionKeys, KeyError, SaKeys};
use serde::Deserialize;
use wire::escape::Escaped;
use wire::value::{Ciphersuite, Date, Scope, Spi, hex};

use super::{Association, Associations};

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
    #[error("spi {spi}: sas is {}, need 0 or 1", Escaped(.sas.as_bytes()))]
    Scope {
        /// The SA.
        spi: u32,
        /// As written.
        sas: String,
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
    mn_id: Option<String>,
    suite: String,
    home: Option<Ipv6Addr>,
    /// Nothing of a capture hangs on it.
    #[serde(rename = "home_ip4")]
    _home_ip4: Option<Ipv4Addr>,
    ha: Option<Ipv6Addr>,
    sas: Option<u8>,
    /// The same as on the wire.
    scope: Option<String>,
    /// Unix seconds.
    validity_end: Option<u64>,
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
    /// "ha_to_mn": {…}}]}`; `ekey` is left out with a NULL suite. Beside them may stand `mn_id`, `home`, `home_ip4`,
    /// `ha`, `sas` (0 or 1; or `scope`, "0" or "1") and `validity_end` (Unix seconds), as `mip6-conform associations`
    /// writes them.
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
            if all.insert(spi, Arc::new(entry.association()?)).is_some() {
                return Err(AssociationError::Twice(spi));
            }
        }
        Ok(Self(all))
    }
}

impl Entry {
    fn association(self) -> Result<Association, AssociationError> {
        let suite = self.suite()?;
        let scope = self.scope()?;
        let keys = SaKeys {
            mn_to_ha: self.mn_to_ha.read(self.spi, suite)?,
            ha_to_mn: self.ha_to_mn.read(self.spi, suite)?,
        };
        Ok(Association {
            home: self.home,
            ha: self.ha,
            scope,
            mn_id: self.mn_id.map(|mn_id| Escaped(mn_id.as_bytes()).to_string().into()),
            validity_end: self.validity_end.map(Date::from_unix_seconds),
            ..Association::from_keys(keys)
        })
    }

    fn suite(&self) -> Result<Ciphersuite, AssociationError> {
        let known = Ciphersuite::ALL.into_iter().find(|known| known.name() == self.suite);
        known.ok_or_else(|| AssociationError::Suite { spi: self.spi, suite: self.suite.clone() })
    }

    fn scope(&self) -> Result<Option<Scope>, AssociationError> {
        let digit = self.sas.map(|sas| sas.to_string());
        let Some(text) = digit.as_ref().or(self.scope.as_ref()) else { return Ok(None) };
        let fault = |_| AssociationError::Scope { spi: self.spi, sas: text.clone() };
        Scope::parse(text.as_bytes()).map(Some).map_err(fault)
    }
}

impl Keys {
    fn read(&self, spi: u32, suite: Ciphersuite) -> Result<DirectionKeys, AssociationError> {
        let decode = |field, text: &str| {
            hex::decode(text.as_bytes()).map_err(|_| AssociationError::Hex { spi, field })
        };
        let ikey = decode("ikey", &self.ikey)?;
        let ekey = self.ekey.as_deref().map(|text| decode("ekey", text)).transpose()?;
        DirectionKeys::new(suite, &ikey, ekey.as_deref())
            .map_err(|fault| AssociationError::Key { spi, fault })
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
    fn what_an_ha_was_loaded_with_is_read_too() {
        let keys = format!(r#"{{"ikey": "{}"}}"#, "01".repeat(20));
        let fields = r#""mn_id": "mn1@conform.example", "suite": "NULL_SHA", "scope": "1", "validity_end": 1800000000,
            "home": "2001:db8::1", "home_ip4": "198.18.0.1", "ha": "2001:db8::2""#;
        let entry = format!(r#"{{"spi": 7, {fields}, "mn_to_ha": {keys}, "ha_to_mn": {keys}}}"#);
        let known = Associations::from_json(&file(core::slice::from_ref(&entry))).unwrap();
        let sa = known.find(7).unwrap();
        assert_eq!((sa.mn_id.as_deref(), sa.scope), (Some("mn1@conform.example"), Some(Scope::AllTraffic)));
        assert_eq!(sa.validity_end.map(Date::unix_seconds), Some(1_800_000_000));
        let wrong = entry.replace(r#""scope": "1""#, r#""scope": "2""#);
        assert_eq!(refusal(&file(&[wrong])), "spi 7: sas is 2, need 0 or 1");
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
