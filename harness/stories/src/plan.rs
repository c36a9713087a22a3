//! `story.toml`: what happens in a story, and what whoever looks on has to find.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crypto::auth::Profile;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use wire::value::Ciphersuite;

/// A story as it is told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// In one line.
    pub title: String,
    /// For people: who does what, and why it is so.
    pub happens: String,
    /// For people: where the octets come from.
    pub made: String,
    /// All randomness is drawn from it.
    pub seed: u64,
    /// What is done, in order. Each step waits until the one before has had all its effects.
    pub steps: Vec<Step>,
    /// Ids of the requirements that the dissection must find broken, each as often as it is found, in that order.
    #[serde(default)]
    pub findings: Vec<String>,
    /// The mobile node.
    #[serde(default)]
    pub mn: MobileNode,
    /// The HAC and the HA.
    #[serde(default)]
    pub home: Home,
    /// The way between them.
    #[serde(default)]
    pub network: Network,
}

/// Something that is done.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// The MN bootstraps and registers; once more, when it has done so before.
    Start,
    /// The MN's host asks the correspondent for an echo.
    Echo,
    /// The MN's host sends the correspondent something to which it does not answer.
    Send(Data),
    /// The MN gives its binding up.
    Leave,
    /// The MN registers again where it is.
    Refresh,
    /// The MN is at another address, and knows.
    Move(IpAddr),
    /// A NAT before the MN gives it another UDP port, and it does not know.
    Rebind(u16),
    /// The HA shall want a new SA at the next Binding Update.
    Reinit,
    /// So many seconds pass.
    Wait(u64),
    /// An attacker sends the MN's last datagram again.
    Replay,
    /// An attacker sends the MN's last datagram again with this changed.
    Forge(Part),
    /// An attacker changes this in the next datagram of the MN.
    Alter(Part),
}

/// User data that is no echo request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Data {
    /// A UDP datagram.
    Udp,
    /// The first segment of a TCP connection.
    Tcp,
}

/// A part of a datagram that somebody changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// PType: binding signalling becomes user data, and the other way round.
    Ptype,
    /// The last bit of the SPI.
    Spi,
    /// A bit of the Sequence Number: 64 packets further, or back.
    Sequence,
    /// The last bit of the ICV.
    Icv,
    /// PType: one that nobody has assigned.
    UnknownPtype,
    /// PType: 0, which is for packets in the clear; SPI and Sequence Number stay.
    PlainPtype,
    /// The whole SPI: 0.
    ZeroSpi,
    /// All that comes behind the Sequence Number and is more than an ICV is cut off.
    Length,
}

/// What the MN is told before it starts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct MobileNode {
    /// How it proves who it is.
    pub method: Method,
    /// Suites that it offers, by name; all five where none is named.
    #[serde(deserialize_with = "by_name")]
    pub suites: Vec<Ciphersuite>,
    /// Whether user data is protected too.
    pub protects: Protects,
    /// Whether its key is the one that the HAC has.
    pub key: Key,
    /// Whether the HAC has heard of it.
    pub known: Known,
    /// How its `auth` is made.
    pub auth: Auth,
    /// Seconds before the end of an SA at which it wants another.
    pub renews_before: u64,
}

/// Authentication methods of RFC 6618 sections 5.8 and 5.9, EAP with the method inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    #[default]
    /// Section 5.8.
    Psk,
    /// EAP-GPSK (RFC 5433).
    EapGpsk,
    /// MD5-Challenge (RFC 3748): no MSK comes of it.
    EapMd5,
}

/// The scope that an MN proposes (section 5.6.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protects {
    #[default]
    /// Signalling and user data.
    AllTraffic,
    /// Signalling only.
    Signaling,
}

/// A key for a lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Key {
    #[default]
    /// It is.
    Shared,
    /// It is another one.
    Another,
}

/// Whether a HAC knows an MN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    #[default]
    /// It has.
    ToTheHac,
    /// It has not.
    ToNobody,
}

/// Where an MN has its `auth` from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// With the key.
    #[default]
    Computed,
    /// It is what the HAC's last `auth` was: what somebody without the key can do.
    Reflected,
}

/// What HAC and HA are told.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Home {
    /// Which text both ends speak.
    pub profile: Text,
    /// Suites that the HAC may select, by name; all five where none is named.
    #[serde(deserialize_with = "by_name")]
    pub suites: Vec<Ciphersuite>,
    /// Validity of an SA in seconds.
    pub validity: u64,
}

/// RFC 6618 or the draft before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Text {
    /// RFC 6618.
    #[default]
    #[serde(rename = "rfc6618")]
    Rfc6618,
    /// draft-ietf-mext-mip6-tls-01.
    #[serde(rename = "draft-01")]
    Draft01,
}

/// Where everybody is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Network {
    /// The MN's first address; its version is the one of all addresses outside.
    pub mn: IpAddr,
    /// The newest TLS that is spoken.
    pub tls: Tls,
    /// Who stands between MN and HAC.
    pub between: Between,
}

/// Versions of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Tls {
    #[serde(rename = "1.2")]
    /// TLS 1.2.
    V12,
    #[default]
    #[serde(rename = "1.3")]
    /// TLS 1.3.
    V13,
}

/// What is between MN and HAC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Between {
    #[default]
    /// The two speak to each other.
    Nobody,
    /// Somebody with a certificate of the same authority and for the same name, who ends the MN's TLS, begins another
    /// one with the HAC, and passes on what is said.
    ManInTheMiddle,
}

impl Default for MobileNode {
    fn default() -> Self {
        Self {
            method: Method::default(),
            suites: Vec::new(),
            protects: Protects::default(),
            key: Key::default(),
            known: Known::default(),
            auth: Auth::default(),
            renews_before: 60,
        }
    }
}

impl Default for Home {
    fn default() -> Self {
        Self { profile: Text::default(), suites: Vec::new(), validity: 24 * 60 * 60 }
    }
}

impl Default for Network {
    fn default() -> Self {
        Self {
            mn: IpAddr::from([0x2001, 0xdb8, 0xa, 0, 0, 0, 0, 1]),
            tls: Tls::default(),
            between: Between::default(),
        }
    }
}

impl Text {
    pub(crate) fn profile(self) -> Profile {
        match self {
            Self::Rfc6618 => Profile::Rfc6618,
            Self::Draft01 => Profile::Draft01,
        }
    }
}

fn by_name<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Ciphersuite>, D::Error> {
    let find = |name: String| {
        let suite = Ciphersuite::ALL.into_iter().find(|suite| suite.name() == name);
        suite.ok_or_else(|| D::Error::custom(format!("{name} is no ciphersuite of RFC 6618 section 5.6.5")))
    };
    Vec::<String>::deserialize(from)?.into_iter().map(find).collect()
}

/// Why there is no story.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}", path = path.display())]
pub struct PlanError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

impl Plan {
    /// Reads the `story.toml` of a folder.
    ///
    /// # Errors
    /// No such file, or no story in it.
    pub fn of(folder: &Path) -> Result<Self, PlanError> {
        let path = folder.join("story.toml");
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string());
        let plan = text.and_then(|text| toml::from_str(&text).map_err(|error| error.to_string()));
        plan.map_err(|why| PlanError { path, why })
    }
}
