//! One association as one line of JSON.

use std::net::{Ipv4Addr, Ipv6Addr};

use crypto::keys::{DirectionKeys, KeyError, SaKeys};
use proto::sa::{HomeAddresses, SecurityAssociation};
use serde::{Deserialize, Serialize};
use wire::error::DecodeError;
use wire::value::{Ciphersuite, Date, Nai, Prefix6, Scope, Spi, hex};

/// Longest line that is read: an association takes well under 1 KiB.
pub(super) const LONGEST: usize = 4096;

/// The line as JSON sees it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    spi: u32,
    suite: String,
    scope: String,
    mn_to_ha: Keys,
    ha_to_mn: Keys,
    /// Unix seconds.
    validity_end: u64,
    ip6_hoa: Option<Ipv6Addr>,
    ip4_hoa: Option<Ipv4Addr>,
    ip6_hnp: Option<String>,
    haa_ip6: Option<Ipv6Addr>,
    mn_id: String,
}

/// Keys in hex.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    ikey: String,
    ekey: Option<String>,
}

/// Why a line is no association; the HAC is at fault.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Not the JSON that was agreed.
    #[error("association: {0}")]
    Json(#[from] serde_json::Error),
    /// A value that RFC 6618 does not allow.
    #[error("association: {0}")]
    Value(#[from] DecodeError),
    /// A key that must not be used.
    #[error("association: {0}")]
    Key(#[from] KeyError),
    /// An SPI that is 0 or needs more than 28 bits.
    #[error("association: spi: need 1 to 268435455, have {0}")]
    Spi(u32),
    /// No such ciphersuite.
    #[error("association: suite: need one of section 5.6.5, have {}", wire::escape::Escaped(.0.as_bytes()))]
    Suite(String),
}

/// Writes an association, line feed included.
pub(super) fn encode(association: &SecurityAssociation) -> String {
    let line = Line {
        spi: association.spi.get(),
        suite: association.suite.name().into(),
        scope: association.scope.to_string(),
        mn_to_ha: Keys::of(&association.keys.mn_to_ha),
        ha_to_mn: Keys::of(&association.keys.ha_to_mn),
        validity_end: association.validity_end.unix_seconds(),
        ip6_hoa: association.home.ip6,
        ip4_hoa: association.home.ip4,
        ip6_hnp: association.home.prefix6.map(|prefix| prefix.to_string()),
        haa_ip6: association.ha,
        mn_id: association.mn_id.to_string(),
    };
    let mut text = serde_json::to_string(&line).expect("strings and numbers only");
    text.push('\n');
    text
}

/// Reads what [`encode`] wrote.
pub(super) fn decode(text: &[u8]) -> Result<SecurityAssociation, LineError> {
    let line: Line = serde_json::from_slice(text)?;
    let suite = Ciphersuite::ALL.into_iter().find(|suite| suite.name() == line.suite);
    let suite = suite.ok_or(LineError::Suite(line.suite))?;
    let prefix6 = line.ip6_hnp.map(|text| Prefix6::parse(text.as_bytes())).transpose()?;
    Ok(SecurityAssociation {
        spi: Spi::new(line.spi).ok_or(LineError::Spi(line.spi))?,
        suite,
        scope: Scope::parse(line.scope.as_bytes())?,
        keys: SaKeys { mn_to_ha: line.mn_to_ha.keys(suite)?, ha_to_mn: line.ha_to_mn.keys(suite)? },
        validity_end: Date::from_unix_seconds(line.validity_end),
        home: HomeAddresses { ip6: line.ip6_hoa, ip4: line.ip4_hoa, prefix6 },
        ha: line.haa_ip6,
        mn_id: Nai::parse(line.mn_id.as_bytes())?,
    })
}

impl Keys {
    fn of(keys: &DirectionKeys) -> Self {
        Self { ikey: hex::encode(keys.ikey()), ekey: keys.ekey().map(hex::encode) }
    }

    fn keys(&self, suite: Ciphersuite) -> Result<DirectionKeys, LineError> {
        let ikey = hex::decode(self.ikey.as_bytes())?;
        let ekey = self.ekey.as_ref().map(|ekey| hex::decode(ekey.as_bytes())).transpose()?;
        Ok(DirectionKeys::new(suite, &ikey, ekey.as_deref())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn association(suite: Ciphersuite) -> SecurityAssociation {
        let algorithms = crypto::ciphersuite::algorithms(suite);
        let keys = |first: u8| {
            let octets: Vec<u8> = (first..).take(64).collect();
            let ekey = octets.get(40 - algorithms.ekey_len..40).filter(|ekey| !ekey.is_empty());
            DirectionKeys::new(suite, &octets[..algorithms.ikey_len], ekey).expect("good keys")
        };
        SecurityAssociation {
            spi: Spi::new(Spi::MAX).expect("28 bits"),
            suite,
            scope: Scope::AllTraffic,
            keys: SaKeys { mn_to_ha: keys(1), ha_to_mn: keys(101) },
            validity_end: Date::from_unix_seconds(1_800_000_000),
            home: HomeAddresses {
                ip6: Some(Ipv6Addr::LOCALHOST),
                ip4: None,
                prefix6: Prefix6::new(Ipv6Addr::LOCALHOST, 64),
            },
            ha: Some(Ipv6Addr::LOCALHOST),
            mn_id: Nai::parse("j\u{f6}rg@example.com".as_bytes()).expect("legal"),
        }
    }

    #[test]
    fn every_suite_survives_the_line() {
        for suite in Ciphersuite::ALL {
            let text = encode(&association(suite));
            assert_eq!(text.find('\n'), Some(text.len() - 1));
            assert!(text.len() < LONGEST);
            let back = decode(text.as_bytes()).expect("what was written is read");
            assert_eq!(encode(&back), text);
            assert!(back.keys.mn_to_ha.ikey() == association(suite).keys.mn_to_ha.ikey());
        }
    }

    #[test]
    fn one_wrong_value_is_named() {
        let good = encode(&association(Ciphersuite::Aes128Sha));
        for (from, to, named) in [
            ("268435455", "268435456", "spi"),
            ("AES_128_CBC_SHA\"", "AES\"", "suite"),
            ("\"scope\":\"1\"", "\"scope\":\"2\"", "scope"),
            ("\"ikey\":\"01", "\"ikey\":\"", "ikey"),
            ("@example.com", "@example", "realm"),
            ("\"mn_id\"", "\"who\"", "who"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good, "{from}");
            let Err(error) = decode(bad.as_bytes()) else { panic!("taken: {bad}") };
            assert!(error.to_string().contains(named), "{error}");
        }
    }
}
