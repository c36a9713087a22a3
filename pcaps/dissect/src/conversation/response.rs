//! RFC 6618 sections 5.3, 5.8 and 5.9: what a HAC has to say.

use crypto::auth::Direction;
use wire::error::{DecodeError, Have, Need};
use wire::param::Name;
use wire::value::Method;

use super::breach::{Breach, What};
use super::content::Content;
use super::exchange::{Exchange, Kind, methods, other_random, other_randoms};
use super::requirement as id;

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

/// What a response says, and what in it is not as it was said before.
pub(super) fn judge(exchange: &mut Exchange, kind: Kind, content: &Content<'_>, breaches: &mut Vec<Breach>) {
    let by = Direction::HacToMn;
    match kind {
        Kind::InitResponse => init(exchange, content, breaches),
        Kind::Final(_) if exchange.method == Some(Method::Psk) => {
            let others = other_randoms(exchange, content).into_iter();
            breaches.extend(others.map(|what| Breach::new(id::RESPONSE_DONE_CONTENTS, by, what)));
        }
        _ => {}
    }
}

fn init(exchange: &mut Exchange, content: &Content<'_>, breaches: &mut Vec<Breach>) {
    let mut tell = |requirement, what: Option<What>| {
        breaches.extend(what.map(|what| Breach::new(requirement, Direction::HacToMn, what)));
    };
    tell(id::HAC_SELECTS_ONE, selection(exchange, content));
    exchange.method = methods(content).0.first().copied();
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
