//! How settings are written: names of profiles, suites and scopes, and prefixes in the short form that people use.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crypto::auth::Profile;
use proto::eap;
use proto::hac::ScopePolicy;
use proto::mn::Authentication;
use serde::{Deserialize, Serialize};
use wire::value::{Ciphersuite, Prefix4, Prefix6, Scope};

use crate::data_plane::Prefix;

/// Which text is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
pub enum ProfileName {
    /// RFC 6618: `auth` covers a direction label.
    #[serde(rename = "rfc6618")]
    #[value(name = "rfc6618")]
    Rfc6618,
    /// draft-ietf-mext-mip6-tls-01: no label.
    #[serde(rename = "draft-01")]
    #[value(name = "draft-01")]
    Draft01,
}

impl From<ProfileName> for Profile {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::Rfc6618 => Self::Rfc6618,
            ProfileName::Draft01 => Self::Draft01,
        }
    }
}

/// How an MN authenticates itself (sections 5.8 and 5.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MethodName {
    /// The pre-shared key signs everything.
    Psk,
    /// EAP-GPSK: both ends prove the key, and an MSK signs the end.
    EapGpsk,
    /// EAP-MD5: proves a password to the HAC; nothing signs.
    EapMd5,
}

impl From<MethodName> for Authentication {
    fn from(name: MethodName) -> Self {
        match name {
            MethodName::Psk => Self::Psk,
            MethodName::EapGpsk => Self::Eap(eap::Method::Gpsk),
            MethodName::EapMd5 => Self::Eap(eap::Method::Md5Challenge),
        }
    }
}

/// `mip6-sas` as an MN proposes it (section 5.6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
pub enum ScopeDigit {
    /// Mobility signalling only.
    #[serde(rename = "0")]
    #[value(name = "0")]
    SignalingOnly,
    /// All traffic.
    #[serde(rename = "1")]
    #[value(name = "1")]
    AllTraffic,
}

impl From<ScopeDigit> for Scope {
    fn from(digit: ScopeDigit) -> Self {
        match digit {
            ScopeDigit::SignalingOnly => Self::SignalingOnly,
            ScopeDigit::AllTraffic => Self::AllTraffic,
        }
    }
}

/// Who decides `mip6-sas` at a HAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
pub enum SasPolicy {
    /// The mobile node's proposal is granted.
    #[serde(rename = "proposed")]
    #[value(name = "proposed")]
    Proposed,
    /// Always mobility signalling only.
    #[serde(rename = "0")]
    #[value(name = "0")]
    SignalingOnly,
    /// Always all traffic.
    #[serde(rename = "1")]
    #[value(name = "1")]
    AllTraffic,
}

impl From<SasPolicy> for ScopePolicy {
    fn from(policy: SasPolicy) -> Self {
        match policy {
            SasPolicy::Proposed => Self::AsProposed,
            SasPolicy::SignalingOnly => Self::Mandate(Scope::SignalingOnly),
            SasPolicy::AllTraffic => Self::Mandate(Scope::AllTraffic),
        }
    }
}

/// One of the five suites, by name (section 5.6.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SuiteName(pub Ciphersuite);

impl fmt::Display for SuiteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl FromStr for SuiteName {
    type Err = UnknownSuite;

    fn from_str(text: &str) -> Result<Self, UnknownSuite> {
        let named = |suite: &Ciphersuite| suite.name().eq_ignore_ascii_case(text);
        Ciphersuite::ALL.into_iter().find(named).map(Self).ok_or_else(|| UnknownSuite(text.into()))
    }
}

/// No suite has this name.
#[derive(Debug, thiserror::Error)]
#[error("need one of {}, have {}", names(), wire::escape::Escaped(.0.as_bytes()))]
pub struct UnknownSuite(String);

fn names() -> String {
    Ciphersuite::ALL.map(Ciphersuite::name).join(", ")
}

/// An IP prefix, `2001:db8:6618::/64` or `192.0.2.0/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PrefixText {
    /// IPv6.
    Six(Prefix6),
    /// IPv4.
    Four(Prefix4),
}

impl FromStr for PrefixText {
    type Err = NotAPrefix;

    fn from_str(text: &str) -> Result<Self, NotAPrefix> {
        let refused = || NotAPrefix(text.into());
        let (address, length) = text.split_once('/').ok_or_else(refused)?;
        let length = length.parse().map_err(|_| refused())?;
        match address.parse().map_err(|_| refused())? {
            IpAddr::V6(address) => Prefix6::new(address, length).map(Self::Six),
            IpAddr::V4(address) => Prefix4::new(address, length).map(Self::Four),
        }
        .ok_or_else(refused)
    }
}

impl From<PrefixText> for Prefix {
    fn from(prefix: PrefixText) -> Self {
        match prefix {
            PrefixText::Six(prefix) => Self { address: prefix.addr().into(), bits: prefix.bits() },
            PrefixText::Four(prefix) => Self { address: prefix.addr().into(), bits: prefix.bits() },
        }
    }
}

impl fmt::Display for PrefixText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Six(prefix) => write!(f, "{}/{}", prefix.addr(), prefix.bits()),
            Self::Four(prefix) => write!(f, "{}/{}", prefix.addr(), prefix.bits()),
        }
    }
}

/// The text is no prefix.
#[derive(Debug, thiserror::Error)]
#[error("need ADDRESS/LENGTH, have {}", wire::escape::Escaped(.0.as_bytes()))]
pub struct NotAPrefix(String);

impl TryFrom<String> for SuiteName {
    type Error = UnknownSuite;

    fn try_from(text: String) -> Result<Self, UnknownSuite> {
        text.parse()
    }
}

impl From<SuiteName> for String {
    fn from(name: SuiteName) -> Self {
        name.to_string()
    }
}

impl TryFrom<String> for PrefixText {
    type Error = NotAPrefix;

    fn try_from(text: String) -> Result<Self, NotAPrefix> {
        text.parse()
    }
}

impl From<PrefixText> for String {
    fn from(prefix: PrefixText) -> Self {
        prefix.to_string()
    }
}
