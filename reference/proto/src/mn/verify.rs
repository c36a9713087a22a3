//! RFC 6618 sections 5.3, 5.6, 5.8 and 5.9: what the mobile node believes of a response. The MAC comes first; then every
//! value has to fit what was asked. One fault, and nothing of the response is used.

use std::net::Ipv6Addr;

use crypto::auth::{self, Direction, Profile};
use crypto::channel_binding::ChannelBinding;
use crypto::keys::{DirectionKeys, KeyError, KeyHave, KeyNeed, SaKeys};
use wire::Name;
use wire::container::{Container, Identifier, Repr};
use wire::error::{Have, Need};
use wire::message::{Bootstrap, FinalResponse, Grant, InitResponse, KeyOctets, Response, SaData, Signature};
use wire::packet::DEFAULT_PORT;
use wire::value::{Ciphersuite, Date, Method, Port, Random as Nonce, Status};

use super::{Config, Failure, Fault, HomeAgent};
use crate::Timestamp;
use crate::sa::{HomeAddresses, SecurityAssociation};
use crate::shared_key::SharedKey;

/// What a successful exchange gives.
pub(super) struct Bootstrapped {
    pub(super) sa: SecurityAssociation,
    pub(super) ha: HomeAgent,
    /// This node inside the tunnel.
    pub(super) home: Ipv6Addr,
    /// The home agent inside the tunnel.
    pub(super) agent: Ipv6Addr,
}

/// What signs the messages of this step, in both directions.
pub(super) struct Keyed<'a> {
    pub(super) profile: Profile,
    pub(super) key: &'a SharedKey,
    pub(super) binding: &'a ChannelBinding,
}

impl Keyed<'_> {
    /// Whether a response is signed with it.
    pub(super) fn verify(&self, content: &[u8], signature: Option<&Signature>) -> Result<(), Failure> {
        let signature = signature.ok_or(absent(Name::Auth))?;
        let need = Need::OneOf("the MAC of this message on this connection");
        let wrong = Failure::hac(Name::Auth.as_str(), need, Have::Nothing);
        let Some(covered) = content.get(..signature.covered) else { return Err(wrong) };
        let (key, mac) = (self.key.as_octets(), &signature.mac);
        match auth::verify(self.profile, Direction::HacToMn, key, covered, self.binding, mac) {
            Ok(_) => Ok(()),
            Err(_) => Err(wrong),
        }
    }
}

/// A response Init that selects the method which was offered (MS-09).
pub(super) fn init_response(
    keyed: &Keyed<'_>,
    offered: Method,
    sent: Identifier,
    container: &[u8],
) -> Result<InitResponse, Failure> {
    let content = content(container, sent)?;
    let response = match Response::parse(content).map_err(Failure::malformed)? {
        Response::Init(response) => response,
        Response::Mid(_) => return Err(out_of_order("MHAuth-Init", "MHAuth-Mid")),
        Response::Final(last) => return Err(ended(last.status, last.retry_after)),
    };
    keyed.verify(content, Some(&response.auth))?;
    if response.method != offered {
        let have = Have::text(response.method.as_str().as_bytes());
        return Err(Failure::hac(Name::AuthMethod.as_str(), Need::OneOf(offered.as_str()), have));
    }
    Ok(response)
}

/// A final response that grants something.
pub(super) fn final_response(
    keyed: &Keyed<'_>,
    sent: Identifier,
    container: &[u8],
) -> Result<FinalResponse, Failure> {
    let content = content(container, sent)?;
    let response = match Response::parse(content).map_err(Failure::malformed)? {
        Response::Final(response) => response,
        Response::Init(_) => return Err(out_of_order("a final response", "MHAuth-Init")),
        Response::Mid(_) => return Err(out_of_order("a final response", "MHAuth-Mid")),
    };
    // Whoever refuses is believed without a MAC: there is nothing to gain from it (AU-07).
    if response.status != Status::OK {
        return Err(refused(response.status, response.retry_after));
    }
    keyed.verify(content, response.auth.as_ref())?;
    Ok(response)
}

/// Sections 5.1 and 5.3: version 0, and the Identifier of the request.
pub(super) fn content(container: &[u8], sent: Identifier) -> Result<&[u8], Failure> {
    let view = Container::new_unchecked(container);
    if view.version() != 0 {
        let have = Have::Value(u64::from(view.version()));
        return Err(Failure::hac("Ver", Need::Value(0), have));
    }
    if view.identifier() != sent.get() {
        let (need, have) = (u64::from(sent.get()), u64::from(view.identifier()));
        return Err(Failure::hac("Identifier", Need::Value(need), Have::Value(have)));
    }
    let view = Container::new_checked(container).map_err(Failure::malformed)?;
    Ok(Repr::parse(&view).map_err(Failure::malformed)?.content)
}

/// Section 5.5.8: the values of this exchange, as they were sent.
pub(super) fn echoed(name: Name, sent: Nonce, came: Option<Nonce>) -> Result<(), Failure> {
    match came {
        None => Err(absent(name)),
        Some(came) if came != sent => {
            let need = Need::OneOf("the value of this exchange");
            Err(Failure::hac(name.as_str(), need, Have::Octets(came.0.len())))
        }
        Some(_) => Ok(()),
    }
}

/// Section 5.6: complete, offered, of the right lengths, different in both directions, and not over yet.
pub(super) fn association(
    config: &Config,
    now: Timestamp,
    grant: Option<Grant>,
) -> Result<Bootstrapped, Failure> {
    let Grant { sa: data, bootstrap } = grant.ok_or(absent(Name::Spi))?;
    if !config.suites.contains(&data.suite) {
        let need = Need::OneOf("the offered suites");
        let have = Have::text(data.suite.name().as_bytes());
        return Err(Failure::hac(Name::Ciphersuite.as_str(), need, have));
    }
    let keys = keys(&data)?;
    let end = data.validity_end.unix_seconds();
    let earliest = now.date().unix_seconds() + 1;
    if end < earliest {
        let need = Need::Range { min: earliest, max: u64::MAX };
        return Err(Failure::hac(Name::SaValidityEnd.as_str(), need, Have::Value(end)));
    }
    let (home, agent) = ends(&bootstrap)?;
    let sa = SecurityAssociation {
        spi: data.spi,
        suite: data.suite,
        scope: data.scope,
        keys,
        validity_end: data.validity_end,
        // The prefix is the link's, not this node's alone.
        home: HomeAddresses { ip6: Some(home), ip4: bootstrap.ip4_hoa, prefix6: None },
        ha: Some(agent),
        mn_id: config.mn_id.clone(),
    };
    Ok(Bootstrapped { sa, ha: home_agent(&bootstrap), home, agent })
}

fn keys(data: &SaData) -> Result<SaKeys, Failure> {
    let keys = SaKeys {
        mn_to_ha: direction(data.suite, &data.mn_to_ha, (Name::MnToHaIkey, Name::MnToHaEkey))?,
        ha_to_mn: direction(data.suite, &data.ha_to_mn, (Name::HaToMnIkey, Name::HaToMnEkey))?,
    };
    if keys.directions_share_a_key() {
        let need = Need::OneOf("keys that differ from those of the other direction");
        return Err(Failure::hac(Name::HaToMnIkey.as_str(), need, Have::Nothing));
    }
    Ok(keys)
}

fn direction(
    suite: Ciphersuite,
    octets: &KeyOctets,
    (ikey, ekey): (Name, Name),
) -> Result<DirectionKeys, Failure> {
    // A NULL suite has no use for an encryption key (SA-02).
    let used = octets.ekey.as_deref().filter(|_| suite.encrypts());
    DirectionKeys::new(suite, &octets.ikey, used).map_err(|error| {
        let name = if error.field == "ikey" { ikey } else { ekey };
        bad_key(name, &error)
    })
}

fn bad_key(name: Name, error: &KeyError) -> Failure {
    let need = match error.need {
        KeyNeed::Octets(count) => Need::Octets(count),
        KeyNeed::AtLeast(count) => Need::Octets(count),
        KeyNeed::Absent => Need::Absent,
        KeyNeed::DistinctParts => Need::OneOf("three parts of which neighbours differ"),
    };
    let have = match error.have {
        KeyHave::Octets(count) => Have::Octets(count),
        KeyHave::Nothing => Have::Nothing,
        KeyHave::FirstEqualsSecond => Have::text(b"first = second"),
        KeyHave::SecondEqualsThird => Have::text(b"second = third"),
    };
    Failure::hac(name.as_str(), need, have)
}

/// A registration needs an IPv6 home address and the home agent's IPv6 address; nobody here is configured with them
/// beforehand (SA-07), so it is a local failure when the HAC names none.
fn ends(bootstrap: &Bootstrap) -> Result<(Ipv6Addr, Ipv6Addr), Failure> {
    let lacks = |name: Name| Failure::of(Fault::Mn, name.as_str(), Need::Present, Have::Nothing);
    let home = bootstrap.ip6_hoa.ok_or_else(|| lacks(Name::Ip6Hoa))?;
    let agent = bootstrap.haa_ip6.ok_or_else(|| lacks(Name::HaaIp6))?;
    Ok((home, agent))
}

fn home_agent(bootstrap: &Bootstrap) -> HomeAgent {
    HomeAgent {
        ip6: bootstrap.haa_ip6,
        ip4: bootstrap.haa_ip4,
        port: bootstrap.port.map_or(DEFAULT_PORT, Port::get),
    }
}

pub(super) fn absent(name: Name) -> Failure {
    Failure::hac(name.as_str(), Need::Present, Have::Nothing)
}

pub(super) fn out_of_order(need: &'static str, have: &'static str) -> Failure {
    Failure::hac("message", Need::OneOf(need), Have::text(have.as_bytes()))
}

/// MS-04: a status in the first response ends the exchange; success cannot come so early.
pub(super) fn ended(status: Status, again: Option<Date>) -> Failure {
    match status {
        Status::OK => {
            let have = Have::Value(u64::from(status.code()));
            Failure::hac(Name::StatusCode.as_str(), Need::OneOf("an error before Done"), have)
        }
        _ => refused(status, again),
    }
}

/// 4xx is said of the request, the rest of the HAC itself; 100 can never be right (VA-07).
fn refused(status: Status, again: Option<Date>) -> Failure {
    let fault = match status.code() {
        400..=499 => Fault::Mn,
        _ => Fault::Hac,
    };
    let have = Have::Value(u64::from(status.code()));
    Failure { again, ..Failure::of(fault, Name::StatusCode.as_str(), Need::Value(200), have) }
}
