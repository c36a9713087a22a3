//! RFC 6618 sections 5.3, 5.8 and 5.9: what a HAC has to say.

use crypto::auth::Direction;
use wire::error::{DecodeError, Have, Need};
use wire::param::Name;
use wire::value::{Method, Status};

use super::breach::{Breach, What};
use super::content::Content;
use super::exchange::{Exchange, Kind, methods, missing, other_random, present};
use super::requirement as id;

/// What an SA is made of.
const SA_DATA: [Name; 8] = [
    Name::Spi,
    Name::MnToHaIkey,
    Name::HaToMnIkey,
    Name::MnToHaEkey,
    Name::HaToMnEkey,
    Name::SaValidityEnd,
    Name::Sas,
    Name::Ciphersuite,
];

/// What comes with it (section 5.7).
const BOOTSTRAP: [Name; 9] = [
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

/// Readings MS-01 and MS-04: a status ends the exchange.
pub(super) fn kind(content: &Content<'_>) -> Kind {
    if content.has(Name::StatusCode) {
        Kind::Final(content.status())
    } else if content.has(Name::AuthMethod) {
        Kind::InitResponse
    } else if content.has(Name::Ciphersuite) || content.has(Name::Spi) {
        Kind::Final(None)
    } else {
        Kind::MidResponse
    }
}

/// What the kind of response asks for.
pub(super) fn judge(exchange: &mut Exchange, kind: Kind, content: &Content<'_>, breaches: &mut Vec<Breach>) {
    match kind {
        Kind::InitResponse => init(exchange, content, breaches),
        Kind::MidResponse => mid(exchange, content, breaches),
        _ => last(exchange, content, breaches),
    }
}

fn init(exchange: &mut Exchange, content: &Content<'_>, breaches: &mut Vec<Breach>) {
    let by = Direction::HacToMn;
    let mut tell = |requirement, what: Option<What>| {
        breaches.extend(what.map(|what| Breach::new(requirement, by, what)));
    };
    tell(id::HAC_SELECTS_ONE, selection(exchange, content));
    exchange.method = methods(content).0.first().copied();
    for name in SA_DATA.into_iter().chain(BOOTSTRAP) {
        tell(id::RESPONSE_INIT_CONTENTS, present(content, name));
    }
    match exchange.method {
        Some(Method::Psk) => {
            for name in [Name::MnRand, Name::HacRand] {
                tell(id::RESPONSE_INIT_CONTENTS, missing(content, name));
            }
            tell(id::RESPONSE_INIT_AUTH, missing(content, Name::Auth));
        }
        Some(Method::Eap) => {
            tell(id::EAP_RESPONSE_INIT_CONTENTS, missing(content, Name::EapPayload));
            tell(id::EAP_RESPONSE_INIT_CONTENTS, missing(content, Name::Auth));
        }
        None => {}
    }
    tell(id::HAC_REPEATS_MN_RAND, other_random(content, Name::MnRand, exchange.mn_rand));
    exchange.hac_rand = content.random(Name::HacRand);
    if let (Some(header), true) =
        (content.header(Name::HacRand), exchange.hac_rand.is_some() && exchange.hac_rand == exchange.mn_rand)
    {
        let need = Need::Grammar("another value than mn-rand");
        let error = DecodeError::new("hac-rand", need, Have::text(header.value)).shifted(header.value_at);
        tell(id::RANDOM_VALUES_FRESH, Some(What::Field(error)));
    }
}

/// Section 5.5.2: exactly one method, of those proposed.
fn selection(exchange: &Exchange, content: &Content<'_>) -> Option<What> {
    let header = content.header(Name::AuthMethod)?;
    let (known, unknown) = methods(content);
    let is_one = matches!(known.as_slice(), [method] if exchange.methods.contains(method)) && unknown == 0;
    let need = Need::Grammar("one of the methods that were proposed");
    let error = || DecodeError::new("auth-method", need, Have::text(header.value)).shifted(header.value_at);
    (!is_one).then(|| What::Field(error()))
}

fn mid(exchange: &Exchange, content: &Content<'_>, breaches: &mut Vec<Breach>) {
    let mut tell = |requirement, what: Option<What>| {
        breaches.extend(what.map(|what| Breach::new(requirement, Direction::HacToMn, what)));
    };
    if exchange.method.is_none() {
        tell(id::RESPONSE_INIT_AUTH_METHOD, missing(content, Name::AuthMethod));
        return;
    }
    if exchange.method == Some(Method::Psk) {
        tell(id::RESPONSE_DONE_STATUS, missing(content, Name::StatusCode));
        return;
    }
    tell(id::EAP_RESPONSE_MID_CONTENTS, missing(content, Name::EapPayload));
    tell(id::EAP_RESPONSE_MID_CONTENTS, missing(content, Name::Auth));
}

fn last(exchange: &Exchange, content: &Content<'_>, breaches: &mut Vec<Breach>) {
    let by = Direction::HacToMn;
    let mut tell = |requirement, what: Option<What>| {
        breaches.extend(what.map(|what| Breach::new(requirement, by, what)));
    };
    tell(id::RESPONSE_DONE_STATUS, missing(content, Name::StatusCode));
    let status = content.status();
    let is_behind_init = exchange.method.is_none();
    if is_behind_init && (status == Some(Status::OK) || content.has(Name::AuthMethod)) {
        tell(id::STATUS_ONLY_IN_FINAL, present(content, Name::StatusCode));
    }
    if status == Some(Status::CONTINUE) {
        tell(id::STATUS_VALUES, present(content, Name::StatusCode));
    }
    if status.is_some_and(|status| status != Status::OK) {
        for name in SA_DATA {
            tell(id::FAILURE_NO_SA_DATA, present(content, name));
        }
        for name in BOOTSTRAP {
            tell(id::RESPONSE_DONE_FAILURE, present(content, name));
        }
    }
    if exchange.method == Some(Method::Psk) {
        // Reading MS-05: a refusal carries them, too.
        for (name, before) in [(Name::MnRand, exchange.mn_rand), (Name::HacRand, exchange.hac_rand)] {
            tell(id::RESPONSE_DONE_CONTENTS, missing(content, name));
            tell(id::RESPONSE_DONE_CONTENTS, other_random(content, name, before));
        }
        if status != Some(Status::OK) {
            tell(id::RESPONSE_DONE_FAILURE, missing(content, Name::Auth));
        }
    }
    if exchange.method == Some(Method::Eap) {
        tell(id::EAP_RESPONSE_DONE_CONTENTS, missing(content, Name::EapPayload));
    }
    if status == Some(Status::OK) {
        tell(id::RESPONSE_DONE_AUTH, missing(content, Name::Auth));
    }
}
