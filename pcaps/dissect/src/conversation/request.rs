//! RFC 6618 sections 5.3, 5.8 and 5.9: what an MN has to say.

use crypto::auth::Direction;
use wire::error::{DecodeError, Have, Need};
use wire::param::{Name, Value};
use wire::value::Method;

use super::breach::{Breach, Turn, What};
use super::content::Content;
use super::exchange::{Exchange, Kind, methods, missing, other_random, present};
use super::requirement as id;

/// Headers that only a HAC may fill (reading TV-16).
const OF_THE_HAC: [Name; 7] = [
    Name::Spi,
    Name::MnToHaIkey,
    Name::HaToMnIkey,
    Name::MnToHaEkey,
    Name::HaToMnEkey,
    Name::SaValidityEnd,
    Name::Ciphersuite,
];

/// Reading MS-01; the first request is Init even if its Identifier is wrong.
pub(super) fn kind(exchange: &Exchange, content: &Content<'_>) -> Kind {
    let has_proposal = content.has(Name::Sas) || content.has(Name::Suitelist);
    match exchange.identifier {
        Some(1) => Kind::InitRequest,
        _ if has_proposal => Kind::DoneRequest,
        _ if exchange.mn_id.is_none() && exchange.methods.is_empty() => Kind::InitRequest,
        _ => Kind::MidRequest,
    }
}

/// What the kind of request asks for.
pub(super) fn judge(exchange: &mut Exchange, kind: Kind, content: &Content<'_>, breaches: &mut Vec<Breach>) {
    let by = Direction::MnToHac;
    if content.has(Name::StatusCode) {
        breaches.push(Breach::new(id::MN_SENDS_ONLY_REQUESTS, by, What::Turn(Turn::OtherEnd)));
    }
    for name in OF_THE_HAC {
        let what = present(content, name);
        breaches.extend(what.map(|what| Breach::new(id::SA_HEADERS_IN_RESPONSES, by, what).soft()));
    }
    match kind {
        Kind::InitRequest => init(exchange, content, breaches),
        Kind::MidRequest => mid(exchange, content, breaches),
        _ => done(exchange, content, breaches),
    }
}

fn init(exchange: &mut Exchange, content: &Content<'_>, breaches: &mut Vec<Breach>) {
    let mut tell = |requirement, what: Option<What>| {
        breaches.extend(what.map(|what| Breach::new(requirement, Direction::MnToHac, what)));
    };
    tell(id::REQUEST_INIT_MN_ID, missing(content, Name::MnId));
    tell(id::REQUEST_INIT_AUTH_METHOD, missing(content, Name::AuthMethod));
    exchange.methods = methods(content).0;
    if exchange.methods.contains(&Method::Psk) {
        tell(id::REQUEST_INIT_CONTENTS, missing(content, Name::MnRand));
    }
    // Reading AU-08: it has no meaning here.
    let auth = present(content, Name::Auth);
    breaches.extend(auth.map(|what| Breach::new(id::REQUEST_INIT_CONTENTS, Direction::MnToHac, what).soft()));
    exchange.mn_id = content.header(Name::MnId).map(|header| header.value.to_vec());
    exchange.mn_rand = content.random(Name::MnRand);
}

fn mid(exchange: &Exchange, content: &Content<'_>, breaches: &mut Vec<Breach>) {
    let mut tell = |requirement, what: Option<What>| {
        breaches.extend(what.map(|what| Breach::new(requirement, Direction::MnToHac, what)));
    };
    if exchange.method == Some(Method::Psk) {
        // Reading MS-08: the exchange with a pre-shared key has no middle.
        tell(id::REQUEST_DONE_SAS, missing(content, Name::Sas));
        tell(id::REQUEST_DONE_SUITELIST, missing(content, Name::Suitelist));
        return;
    }
    tell(id::EAP_REQUEST_MID_CONTENTS, missing(content, Name::EapPayload));
    tell(id::EAP_REQUEST_MID_CONTENTS, missing(content, Name::Auth));
}

fn done(exchange: &mut Exchange, content: &Content<'_>, breaches: &mut Vec<Breach>) {
    let by = Direction::MnToHac;
    let mut tell = |requirement, what: Option<What>| {
        breaches.extend(what.map(|what| Breach::new(requirement, by, what)));
    };
    tell(id::REQUEST_DONE_SAS, missing(content, Name::Sas));
    tell(id::REQUEST_DONE_SUITELIST, missing(content, Name::Suitelist));
    tell(id::REQUEST_DONE_AUTH, missing(content, Name::Auth));
    match exchange.method {
        Some(Method::Psk) => {
            for (name, before) in [(Name::MnRand, exchange.mn_rand), (Name::HacRand, exchange.hac_rand)] {
                tell(id::REQUEST_DONE_CONTENTS, missing(content, name));
                tell(id::REQUEST_DONE_CONTENTS, other_random(content, name, before));
            }
        }
        Some(Method::Eap) => tell(id::EAP_REQUEST_DONE_CONTENTS, missing(content, Name::EapPayload)),
        None => {}
    }
    // Reading MS-07.
    if let (Some(now), Some(first)) = (content.header(Name::MnId), &exchange.mn_id)
        && now.value != first
    {
        let need = Need::Grammar("the mn-id of the first request");
        let error = DecodeError::new(Name::MnId.as_str(), need, Have::text(now.value)).shifted(now.value_at);
        breaches.push(Breach::new(id::PSK_EXCHANGE_SHAPE, by, What::Field(error)).soft());
    }
    let lists = content.values(Name::Suitelist);
    let suites = lists.filter_map(|value| if let Value::Suites(list) = value { Some(&list.0) } else { None });
    exchange.suites = suites.flatten().copied().collect();
}
