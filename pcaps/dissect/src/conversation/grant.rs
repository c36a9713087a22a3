//! RFC 6618 sections 5.3, 5.6 and 5.7: what comes with status 200.

use core::time::Duration;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use crypto::auth::Direction;
use crypto::keys::{DirectionKeys, KeyError, SaKeys};
use wire::error::{DecodeError, Have, Need};
use wire::param::{Name, Value};
use wire::value::{Ciphersuite, Date, Scope, Spi};

use super::breach::{Breach, What};
use super::content::Content;
use super::exchange::Exchange;
use super::presence::{missing, present};
use super::requirement as id;

/// An SA as it was handed out, as far as its packets can be opened with it.
pub struct Granted {
    /// Its SPI.
    pub spi: Spi,
    /// To whom it was handed out, printable.
    pub mn_id: Option<Arc<str>>,
    /// Its keys.
    pub keys: SaKeys,
    /// What it protects.
    pub scope: Option<Scope>,
    /// When it ends.
    pub validity_end: Option<Date>,
    /// The HA, as the MN was told.
    pub ha: Vec<IpAddr>,
    /// The UDP port of the HA; 7872 if none was told (reading SA-08).
    pub port: u16,
    /// The MN's IPv6 home address.
    pub home: Option<Ipv6Addr>,
}

impl Granted {
    /// What can be used of it; nothing when SPI, suite or keys are missing or wrong.
    pub(super) fn read(content: &Content<'_>, mn_id: Option<Arc<str>>) -> Option<Self> {
        let suite = suite(content)?;
        let keys = |ikey, ekey| direction(content, suite, [ikey, ekey]).ok().flatten();
        let Some(&Value::Spi(spi)) = content.value(Name::Spi) else { return None };
        let address = |name| match content.value(name) {
            Some(&Value::Ip6(address)) => Some(IpAddr::from(address)),
            Some(&Value::Ip4(address)) => Some(IpAddr::from(address)),
            _ => None,
        };
        let home = match address(Name::Ip6Hoa) {
            Some(IpAddr::V6(home)) => Some(home),
            _ => None,
        };
        let port = match content.value(Name::Port) {
            Some(Value::Port(port)) => port.get(),
            _ => wire::packet::DEFAULT_PORT,
        };
        Some(Self {
            spi,
            mn_id,
            keys: SaKeys {
                mn_to_ha: keys(Name::MnToHaIkey, Name::MnToHaEkey)?,
                ha_to_mn: keys(Name::HaToMnIkey, Name::HaToMnEkey)?,
            },
            scope: content.scope(),
            validity_end: validity_end(content),
            ha: [Name::HaaIp6, Name::HaaIp4].into_iter().filter_map(address).collect(),
            port,
            home,
        })
    }
}

/// Keys of one direction; nothing when they are missing, which has a finding of its own.
fn direction(
    content: &Content<'_>,
    suite: Ciphersuite,
    [ikey, ekey]: [Name; 2],
) -> Result<Option<DirectionKeys>, KeyError> {
    let Some(ikey) = content.octets(ikey) else { return Ok(None) };
    let ekey = if suite.encrypts() {
        let Some(ekey) = content.octets(ekey) else { return Ok(None) };
        Some(ekey)
    } else {
        None
    };
    DirectionKeys::new(suite, ikey, ekey).map(Some)
}

fn suite(content: &Content<'_>) -> Option<Ciphersuite> {
    match content.value(Name::Ciphersuite) {
        Some(&Value::Ciphersuite(code)) => Ciphersuite::from_code(code),
        _ => None,
    }
}

fn validity_end(content: &Content<'_>) -> Option<Date> {
    if let Some(&Value::Date(date)) = content.value(Name::SaValidityEnd) { Some(date) } else { None }
}

/// Whether everything is there, and fits what was asked for.
pub(super) fn judge(
    exchange: &Exchange,
    now: Option<Duration>,
    content: &Content<'_>,
    breaches: &mut Vec<Breach>,
) {
    let by = Direction::HacToMn;
    let mut tell = |requirement, what: Option<What>| {
        breaches.extend(what.map(|what| Breach::new(requirement, by, what)));
    };
    tell(id::SUCCESS_CIPHERSUITE, missing(content, Name::Ciphersuite));
    tell(id::SUCCESS_SAS, missing(content, Name::Sas));
    for name in [Name::Spi, Name::MnToHaIkey, Name::HaToMnIkey, Name::SaValidityEnd] {
        tell(id::SUCCESS_SA_DATA, missing(content, name));
    }
    let ekeys = [Name::MnToHaEkey, Name::HaToMnEkey];
    if let Some(&Value::Ciphersuite(code)) = content.value(Name::Ciphersuite) {
        let wrong = |need| {
            let at = content.header(Name::Ciphersuite).map_or(0, |header| header.value_at);
            let have = Have::text(code.to_string().as_bytes());
            Some(What::Field(DecodeError::new("mip6-ciphersuite", need, have).shifted(at)))
        };
        match Ciphersuite::from_code(code) {
            None => tell(id::SUITE_VALUES, wrong(Need::OneOf("{00,02}, {00,3B}, {00,0A}, {00,2F}, {00,3C}"))),
            Some(suite) if suite.encrypts() => {
                ekeys.into_iter().for_each(|name| tell(id::SUCCESS_SA_DATA, missing(content, name)));
            }
            Some(_) => {}
        }
        if !exchange.is_offered(code) {
            tell(id::SUITE_WAS_OFFERED, wrong(Need::Grammar("a suite of the mip6-suitelist")));
        }
    }
    if let (Some(end), Some(now)) = (validity_end(content), now)
        && end.unix_seconds() <= now.as_secs()
    {
        let at = content.header(Name::SaValidityEnd).map_or(0, |header| header.value_at);
        let need = Need::Grammar("a time to come");
        let have = Have::text(end.to_string().as_bytes());
        let error = DecodeError::new("mip6-sa-validity-end", need, have).shifted(at);
        tell(id::SA_VALIDITY_END, Some(What::Field(error)));
    }
    if let Some(suite) = suite(content) {
        judge_keys(suite, content, breaches);
    }
}

/// Sections 4.3 and 5.6.2: lengths by suite, and a key for each direction.
fn judge_keys(suite: Ciphersuite, content: &Content<'_>, breaches: &mut Vec<Breach>) {
    let by = Direction::HacToMn;
    for names in [[Name::MnToHaIkey, Name::MnToHaEkey], [Name::HaToMnIkey, Name::HaToMnEkey]] {
        if let Err(error) = direction(content, suite, names) {
            let name = if error.field == "ikey" { names[0] } else { names[1] };
            let at = content.header(name).map_or(0, |header| header.value_at);
            let need = Need::Grammar("a key of the length and form of its suite");
            let have = Have::Octets(content.octets(name).map_or(0, <[u8]>::len));
            let error = DecodeError::new(name.as_str(), need, have).shifted(at);
            breaches.push(Breach::new(id::KEY_LENGTH_BY_SUITE, by, What::Field(error)));
        }
    }
    let pairs = [
        (Name::MnToHaIkey, Name::HaToMnIkey, id::INTEGRITY_KEY_PER_DIRECTION),
        (Name::MnToHaEkey, Name::HaToMnEkey, id::CIPHER_KEY_PER_DIRECTION),
    ];
    for (one, other, requirement) in pairs {
        let shared = content.octets(one).filter(|key| content.octets(other) == Some(key));
        if let (Some(_), Some(header)) = (shared, content.header(other)) {
            let need = Need::Grammar("another key than the other direction has");
            let error = DecodeError::new(other.as_str(), need, Have::Octets(header.value.len() / 2));
            let what = What::Field(error.shifted(header.value_at));
            breaches.push(Breach::new(requirement, by, what));
        }
    }
    if !suite.encrypts() {
        for name in [Name::MnToHaEkey, Name::HaToMnEkey] {
            let what = present(content, name);
            breaches.extend(what.map(|what| Breach::new(id::INTEGRITY_ONLY_MEANS_NULL, by, what).soft()));
        }
    }
}
