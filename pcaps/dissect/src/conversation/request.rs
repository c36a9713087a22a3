//! RFC 6618 sections 5.3, 5.8 and 5.9: what an MN has to say.

use crypto::auth::Direction;
use wire::error::{DecodeError, Have, Need};
use wire::param::{Name, Value};
use wire::value::Method;

use super::breach::{Breach, Turn, What};
use super::content::Content;
use super::exchange::{Exchange, Kind, methods, other_randoms};
use super::requirement as id;

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

/// What a request says, and what in it is not as it was said before.
pub(super) fn judge(exchange: &mut Exchange, kind: Kind, content: &Content<'_>, breaches: &mut Vec<Breach>) {
    if content.has(Name::StatusCode) {
        let what = What::Turn(Turn::OtherEnd);
        breaches.push(Breach::new(id::MN_SENDS_ONLY_REQUESTS, Direction::MnToHac, what));
    }
    match kind {
        Kind::InitRequest => {
            exchange.methods = methods(content).0;
            exchange.mn_id = content.header(Name::MnId).map(|header| header.value.to_vec());
            exchange.mn_rand = content.random(Name::MnRand);
        }
        Kind::MidRequest => {}
        _ => done(exchange, content, breaches),
    }
}

fn done(exchange: &mut Exchange, content: &Content<'_>, breaches: &mut Vec<Breach>) {
    let by = Direction::MnToHac;
    if exchange.method == Some(Method::Psk) {
        let others = other_randoms(exchange, content).into_iter();
        breaches.extend(others.map(|what| Breach::new(id::REQUEST_DONE_CONTENTS, by, what)));
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
