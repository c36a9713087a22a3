//! RFC 6618 sections 5.3, 5.6 and 5.7: what a HAC hands out with status 200.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::fields::{Fields, read};
use super::request::push_optional;
use crate::error::{DecodeError, Have, Need};
use crate::header::Draft;
use crate::param::Name;
use crate::value::{Ciphersuite, Date, Port, Prefix4, Prefix6, Scope, Spi, SuiteCode, hex, ip4, ip6};

/// The headers of an SA (section 5.6), which only a grant may have.
pub const SA_DATA: [Name; 8] = [
    Name::Spi,
    Name::MnToHaIkey,
    Name::HaToMnIkey,
    Name::MnToHaEkey,
    Name::HaToMnEkey,
    Name::SaValidityEnd,
    Name::Sas,
    Name::Ciphersuite,
];

/// The headers that come with it (section 5.7).
pub const BOOTSTRAPPING: [Name; 9] = [
    Name::HaaIp6,
    Name::HaaIp4,
    Name::Port,
    Name::Ip6Hoa,
    Name::Ip4Hoa,
    Name::Ip6Hnp,
    Name::Ip4Hnp,
    Name::DnsIp6,
    Name::DnsIp4,
];

/// An SA and what to use it with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The SA of sections 5.6.1 to 5.6.5.
    pub sa: SaData,
    /// The addresses of section 5.7; all of them may be missing (SA-07).
    pub bootstrap: Bootstrap,
}

impl Grant {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, DecodeError> {
        Ok(Self { sa: SaData::read(fields)?, bootstrap: Bootstrap::read(fields)? })
    }

    pub(super) fn push(&self, draft: &mut Draft) {
        self.sa.push(draft);
        self.bootstrap.push(draft);
    }
}

/// A security association as it travels (SA-01).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaData {
    /// The selected suite.
    pub suite: Ciphersuite,
    /// What the SA protects; the HAC has the last word.
    pub scope: Scope,
    /// Its name, the same in both directions.
    pub spi: Spi,
    /// Keys of what the MN sends.
    pub mn_to_ha: KeyOctets,
    /// Keys of what the HA sends.
    pub ha_to_mn: KeyOctets,
    /// When it ends.
    pub validity_end: Date,
}

impl SaData {
    fn read(fields: &Fields<'_>) -> Result<Self, DecodeError> {
        let suite = fields.required(Name::Ciphersuite, selected_suite)?;
        let keys = |ikey, ekey| KeyOctets::read(fields, suite, [ikey, ekey]);
        Ok(Self {
            suite,
            scope: fields.required(Name::Sas, Scope::parse)?,
            spi: fields.required(Name::Spi, Spi::parse)?,
            mn_to_ha: keys(Name::MnToHaIkey, Name::MnToHaEkey)?,
            ha_to_mn: keys(Name::HaToMnIkey, Name::HaToMnEkey)?,
            validity_end: fields.required(Name::SaValidityEnd, Date::parse)?,
        })
    }

    fn push(&self, draft: &mut Draft) {
        draft.push(Name::Sas, self.scope);
        draft.push(Name::Spi, self.spi);
        draft.push(Name::MnToHaIkey, hex::encode(&self.mn_to_ha.ikey));
        draft.push(Name::HaToMnIkey, hex::encode(&self.ha_to_mn.ikey));
        let ekeys = [(Name::MnToHaEkey, &self.mn_to_ha.ekey), (Name::HaToMnEkey, &self.ha_to_mn.ekey)];
        for (name, ekey) in ekeys {
            push_optional(draft, name, ekey.as_deref().map(hex::encode).as_ref());
        }
        draft.push(Name::SaValidityEnd, self.validity_end);
        draft.push(Name::Ciphersuite, self.suite);
    }
}

/// The keys of one direction as received: their lengths are not checked here (SA-03 needs the algorithms).
#[derive(Clone, PartialEq, Eq)]
pub struct KeyOctets {
    /// The integrity key.
    pub ikey: Vec<u8>,
    /// The encryption key; none with a suite that does not encrypt, even if one was sent (SA-02).
    pub ekey: Option<Vec<u8>>,
}

impl KeyOctets {
    fn read(fields: &Fields<'_>, suite: Ciphersuite, [ikey, ekey]: [Name; 2]) -> Result<Self, DecodeError> {
        let ikey = fields.required(ikey, hex::decode)?;
        let ekey = if suite.encrypts() { Some(fields.required(ekey, hex::decode)?) } else { None };
        Ok(Self { ikey, ekey })
    }
}

impl fmt::Debug for KeyOctets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ekey = self.ekey.as_ref().map_or(0, Vec::len);
        write!(f, "ikey of {}, ekey of {ekey} octets", self.ikey.len())
    }
}

/// Where the HA is and what the MN's home looks like (section 5.7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bootstrap {
    /// `mip6-haa-ip6`.
    pub haa_ip6: Option<Ipv6Addr>,
    /// `mip6-haa-ip4`.
    pub haa_ip4: Option<Ipv4Addr>,
    /// `mip6-port`; [`crate::packet::DEFAULT_PORT`] if there is none (SA-08).
    pub port: Option<Port>,
    /// `mip6-ip6-hoa`.
    pub ip6_hoa: Option<Ipv6Addr>,
    /// `mip6-ip4-hoa`.
    pub ip4_hoa: Option<Ipv4Addr>,
    /// `mip6-ip6-hnp`.
    pub ip6_hnp: Option<Prefix6>,
    /// `mip6-ip4-hnp`.
    pub ip4_hnp: Option<Prefix4>,
    /// `dns-ip6` and `dns-ip4` in the order sent.
    pub dns: Vec<IpAddr>,
}

impl Bootstrap {
    fn read(fields: &Fields<'_>) -> Result<Self, DecodeError> {
        let mut dns = Vec::new();
        for header in fields.headers() {
            match header.known() {
                Some(name @ Name::DnsIp6) => dns.push(read(header, name, ip6::parse)?.into()),
                Some(name @ Name::DnsIp4) => dns.push(read(header, name, ip4::parse)?.into()),
                _ => {}
            }
        }
        Ok(Self {
            haa_ip6: fields.optional(Name::HaaIp6, ip6::parse)?,
            haa_ip4: fields.optional(Name::HaaIp4, ip4::parse)?,
            port: fields.optional(Name::Port, Port::parse)?,
            ip6_hoa: fields.optional(Name::Ip6Hoa, ip6::parse)?,
            ip4_hoa: fields.optional(Name::Ip4Hoa, ip4::parse)?,
            ip6_hnp: fields.optional(Name::Ip6Hnp, Prefix6::parse)?,
            ip4_hnp: fields.optional(Name::Ip4Hnp, Prefix4::parse)?,
            dns,
        })
    }

    fn push(&self, draft: &mut Draft) {
        let haa_ip6 = self.haa_ip6.map(ip6::Words);
        let ip6_hoa = self.ip6_hoa.map(ip6::Words);
        push_optional(draft, Name::HaaIp6, haa_ip6.as_ref());
        push_optional(draft, Name::HaaIp4, self.haa_ip4.as_ref());
        push_optional(draft, Name::Port, self.port.as_ref());
        push_optional(draft, Name::Ip6Hoa, ip6_hoa.as_ref());
        push_optional(draft, Name::Ip4Hoa, self.ip4_hoa.as_ref());
        push_optional(draft, Name::Ip6Hnp, self.ip6_hnp.as_ref());
        push_optional(draft, Name::Ip4Hnp, self.ip4_hnp.as_ref());
        for server in &self.dns {
            match server {
                IpAddr::V6(server) => draft.push(Name::DnsIp6, ip6::Words(*server)),
                IpAddr::V4(server) => draft.push(Name::DnsIp4, server),
            }
        }
    }
}

/// A reserved code point cannot be selected (VA-21).
fn selected_suite(value: &[u8]) -> Result<Ciphersuite, DecodeError> {
    let code = SuiteCode::parse(value)?;
    Ciphersuite::from_code(code).ok_or_else(|| {
        let need = Need::OneOf("{00,02}, {00,3B}, {00,0A}, {00,2F}, {00,3C}");
        DecodeError::new("csuite", need, Have::text(value))
    })
}
