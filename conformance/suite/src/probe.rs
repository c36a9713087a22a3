//! RFC 6618 sections 5.5.2, 5.6.4, 5.6.5, 5.7 and 9.2: what a HAC can do, found out by asking, with what showed it.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire::message::{Bootstrap, Grant};
use wire::param::Name;
use wire::value::{Ciphersuite, Method, Scope};

use crate::bench::{Bench, Setup};
use crate::finding::{Because, Finding};
use crate::link::{Target, Terms, Version};
use crate::player::Answer;
use crate::report::{Trouble, Why};
use crate::sanity::{Profile, ProfileBy, find_profile, profile_name};

/// Names the format; changes with every incompatible change of it.
pub const SCHEMA: &str = "mip6-conform/probe/1";

/// What a HAC can do.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The profile that it speaks, `rfc6618` or `draft-01`.
    pub profile: String,
    /// How the profile was found: `pinned`, `found` or `assumed`.
    pub profile_by: String,
    /// Everything that was asked, in the order of [`Topic::ALL`].
    pub capabilities: Vec<Capability>,
}

/// One thing that a HAC may be able to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capability {
    /// What kind of thing.
    pub topic: Topic,
    /// Its name, for instance `TLS 1.2` or `AES_128_CBC_SHA`.
    pub name: String,
    /// Whether it is there.
    pub there: There,
    /// Whether it is declared as there, where a declaration names it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub declared: Option<bool>,
    /// The requirement that makes it mandatory, if one does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mandatory_by: Option<String>,
    /// What was done and what came of it; peer octets are escaped.
    pub evidence: String,
}

/// Whether a capability is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum There {
    /// It was used.
    Yes,
    /// The HAC refused it, or did not hand it out.
    No,
    /// The question could not be put, or was not answered.
    Unknown,
}

impl There {
    /// The word in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// Kinds of capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// Versions of TLS.
    Tls,
    /// Ways for an MN to authenticate.
    Method,
    /// Ciphersuites, each offered alone.
    Suite,
    /// What becomes of a proposed scope.
    Scope,
    /// What is handed out beside the SA.
    Bootstrapping,
}

impl Topic {
    /// All, in the order in which they are asked.
    pub const ALL: [Self; 5] = [Self::Tls, Self::Method, Self::Suite, Self::Scope, Self::Bootstrapping];

    /// The word in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Method => "method",
            Self::Suite => "suite",
            Self::Scope => "scope",
            Self::Bootstrapping => "bootstrapping",
        }
    }

    /// As a title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Tls => "TLS",
            Self::Method => "Methods",
            Self::Suite => "Ciphersuites, each alone",
            Self::Scope => "Scope",
            Self::Bootstrapping => "Bootstrapping data",
        }
    }
}

impl Probe {
    /// Mandatory capabilities that are known not to be there. No declaration of a target makes up for one.
    pub fn missing(&self) -> impl Iterator<Item = &Capability> {
        self.capabilities.iter().filter(|c| c.there == There::No && c.mandatory_by.is_some())
    }

    /// The JSON schema of this format.
    #[must_use]
    pub fn json_schema() -> schemars::Schema {
        schemars::schema_for!(Self)
    }
}

/// Asks the HAC of `setup`; `pinned` is the profile where it is known.
///
/// # Errors
/// What was met when there is no response Init, so that nothing can be asked.
pub fn probe(mut setup: Setup, pinned: Option<Profile>) -> Result<Probe, Trouble> {
    let (profile, by) = match pinned {
        Some(profile) => (profile, ProfileBy::Pinned),
        None => find_profile(&setup)?,
    };
    setup.profile = profile;
    let lease = setup.identities.lease(0);
    let mut bench = Bench::new(&setup, lease.identity, "probe");
    let mut capabilities = Vec::new();
    capabilities.extend([Version::Tls12, Version::Tls13].map(|version| tls(&bench, version)));
    capabilities.extend(Method::ALL.map(|asked| method(&mut bench, asked)));
    capabilities.extend(Ciphersuite::ALL.map(|asked| suite(&mut bench, asked)));
    capabilities.extend([Scope::SignalingOnly, Scope::AllTraffic].map(|asked| scope(&mut bench, asked)));
    capabilities.extend(bootstrapping(&mut bench));
    Ok(Probe {
        schema: SCHEMA.to_owned(),
        profile: profile_name(profile).to_owned(),
        profile_by: by.as_str().to_owned(),
        capabilities,
    })
}

fn tls(bench: &Bench<'_>, version: Version) -> Capability {
    let (name, mandatory_by) = match version {
        Version::Tls12 => ("TLS 1.2", Some("rfc6618#9.2/tls-1.2-server-authentication")),
        Version::Tls13 => ("TLS 1.3", None),
    };
    let door = bench.setup().target.as_deref().and_then(Target::tls);
    let (there, evidence) = match door.map(|door| door.dial_on(&Terms::Only(version))) {
        None => (There::Unknown, "no TLS under the sessions of this link".to_owned()),
        Some(Ok(_)) => (There::Yes, "a handshake with this version only came about".to_owned()),
        Some(Err(error @ crate::link::LinkError::Tls { .. })) => (There::No, error.to_string()),
        Some(Err(error)) => (There::Unknown, error.to_string()),
    };
    Capability::of(Topic::Tls, name, mandatory_by, (there, evidence))
}

/// A method counts as there when the HAC names it in response Init to a request that proposes nothing else.
fn method(bench: &mut Bench<'_>, method: Method) -> Capability {
    let answered = bench.mn().and_then(|mut mn| {
        let mut init = mn.init();
        init.set(Name::AuthMethod, method.as_str());
        mn.send(&init)?;
        Ok(mn.init_answer())
    });
    let found = match answered {
        Err(finding) => unknown(&finding),
        Ok(answer @ (Answer::Silence(_) | Answer::Closed(..))) => (There::Unknown, answer.describe()),
        Ok(Answer::Reply(reply)) => {
            let named = reply.raw(Name::AuthMethod);
            let selected = named.is_some_and(|named| named.eq_ignore_ascii_case(method.as_str().as_bytes()));
            let goes_on = selected && reply.raw(Name::StatusCode).is_none();
            (if goes_on { There::Yes } else { There::No }, reply.describe())
        }
    };
    Capability::of(Topic::Method, method.as_str(), None, found)
}

fn suite(bench: &mut Bench<'_>, suite: Ciphersuite) -> Capability {
    let mandatory_by = match suite {
        Ciphersuite::NullSha => "rfc6618#5.6.5/null-sha",
        Ciphersuite::NullSha256 => "rfc6618#5.6.5/null-sha256",
        Ciphersuite::TripleDesSha => "rfc6618#5.6.5/3des-ede-cbc-sha",
        Ciphersuite::Aes128Sha => "rfc6618#5.6.5/aes-128-cbc-sha",
        Ciphersuite::Aes128Sha256 => "rfc6618#5.6.5/aes-128-cbc-sha256",
    };
    let found = match granted(bench, &[suite], Scope::AllTraffic) {
        Ok(Granted::Yes(grant)) if grant.sa.suite == suite => {
            (There::Yes, format!("granted, SPI {}", grant.sa.spi))
        }
        Ok(Granted::Yes(grant)) => (There::No, format!("{} was granted instead", grant.sa.suite.name())),
        Ok(Granted::No(answer)) => (There::No, answer),
        Err(finding) => unknown(&finding),
    };
    Capability::of(Topic::Suite, suite.name(), Some(mandatory_by), found)
}

fn scope(bench: &mut Bench<'_>, scope: Scope) -> Capability {
    let name = match scope {
        Scope::SignalingOnly => "binding messages only (mip6-sas 0)",
        Scope::AllTraffic => "user data too (mip6-sas 1)",
    };
    let found = match granted(bench, &Ciphersuite::ALL, scope) {
        Ok(Granted::Yes(grant)) => {
            let there = if grant.sa.scope == scope { There::Yes } else { There::No };
            (there, format!("mip6-sas {scope} was proposed, {} mandated", grant.sa.scope))
        }
        Ok(Granted::No(answer)) => (There::Unknown, answer),
        Err(finding) => unknown(&finding),
    };
    Capability::of(Topic::Scope, name, None, found)
}

/// One line for each header of section 5.7.
fn bootstrapping(bench: &mut Bench<'_>) -> Vec<Capability> {
    let handed_out = match granted(bench, &Ciphersuite::ALL, Scope::AllTraffic) {
        Ok(Granted::Yes(grant)) => Ok(grant.bootstrap),
        Ok(Granted::No(answer)) => Err((There::Unknown, answer)),
        Err(finding) => Err(unknown(&finding)),
    };
    let line = |(name, value): (Name, fn(&Bootstrap) -> Option<String>)| {
        let found = match handed_out.as_ref().map(value) {
            Ok(Some(value)) => (There::Yes, value),
            Ok(None) => (There::No, "not handed out".to_owned()),
            Err(found) => found.clone(),
        };
        Capability::of(Topic::Bootstrapping, name.as_str(), None, found)
    };
    HANDED_OUT.iter().copied().map(line).collect()
}

type Reader = fn(&Bootstrap) -> Option<String>;

const HANDED_OUT: [(Name, Reader); 9] = [
    (Name::HaaIp6, |b| b.haa_ip6.map(|address| address.to_string())),
    (Name::HaaIp4, |b| b.haa_ip4.map(|address| address.to_string())),
    (Name::Port, |b| b.port.map(|port| port.to_string())),
    (Name::Ip6Hoa, |b| b.ip6_hoa.map(|address| address.to_string())),
    (Name::Ip4Hoa, |b| b.ip4_hoa.map(|address| address.to_string())),
    (Name::Ip6Hnp, |b| b.ip6_hnp.as_ref().map(ToString::to_string)),
    (Name::Ip4Hnp, |b| b.ip4_hnp.as_ref().map(ToString::to_string)),
    (Name::DnsIp6, |b| listed(b, IpAddr::is_ipv6)),
    (Name::DnsIp4, |b| listed(b, IpAddr::is_ipv4)),
];

fn listed(bootstrap: &Bootstrap, wanted: fn(&IpAddr) -> bool) -> Option<String> {
    let servers: Vec<String> =
        bootstrap.dns.iter().filter(|address| wanted(address)).map(ToString::to_string).collect();
    (!servers.is_empty()).then(|| servers.join(", "))
}

/// How an honest exchange ended.
enum Granted {
    Yes(Grant),
    /// A refusal, in protocol words.
    No(String),
}

fn granted(bench: &mut Bench<'_>, suites: &[Ciphersuite], scope: Scope) -> Result<Granted, Finding> {
    let exchange = bench.exchange_with(suites, scope)?;
    if exchange.done.refuses() {
        return Ok(Granted::No(exchange.done.describe()));
    }
    exchange.grant().map(Granted::Yes)
}

fn unknown(finding: &Finding) -> (There, String) {
    let why = match finding {
        Finding::Inconclusive(Because::Prerequisite(what)) => what.clone(),
        other => Why::from(other).observed,
    };
    (There::Unknown, why)
}

impl Capability {
    fn of(topic: Topic, name: &str, mandatory_by: Option<&str>, found: (There, String)) -> Self {
        let (there, evidence) = found;
        let mandatory_by = mandatory_by.map(str::to_owned);
        Self { topic, name: name.to_owned(), there, declared: None, mandatory_by, evidence }
    }
}
