//! RFC 6618 sections 5.3, 5.8 and 5.9: which headers a message has to have, and which it must not have.

use crypto::auth::Direction;
use wire::error::{DecodeError, Have, Need};
use wire::message::{BOOTSTRAPPING, SA_DATA};
use wire::param::Name;
use wire::value::{Method, Status};

use super::breach::{Breach, What};
use super::content::Content;
use super::eap::Stage;
use super::exchange::{Exchange, Kind};
use super::requirement as id;

/// A rule about headers.
struct Row {
    of: Of,
    when: When,
    need: Presence,
    names: &'static [Name],
    requirement: &'static str,
}

/// Messages.
#[derive(Clone, Copy)]
enum Of {
    Request,
    InitRequest,
    MidRequest,
    DoneRequest,
    InitResponse,
    MidResponse,
    Final,
}

/// What else has to be so.
type When = fn(&Exchange, &Content<'_>) -> bool;

#[derive(Clone, Copy)]
enum Presence {
    Needed,
    Forbidden,
    /// The sender must not send it, the receiver may pass over it.
    Idle,
}

use Presence::{Forbidden, Idle, Needed};

/// What only a HAC may fill (reading TV-16).
const OF_THE_HAC: &[Name] = &[
    Name::Spi,
    Name::MnToHaIkey,
    Name::HaToMnIkey,
    Name::MnToHaEkey,
    Name::HaToMnEkey,
    Name::SaValidityEnd,
    Name::Ciphersuite,
];

const RANDOMS: &[Name] = &[Name::MnRand, Name::HacRand];

const fn row(of: Of, when: When, need: Presence, names: &'static [Name], requirement: &'static str) -> Row {
    Row { of, when, need, names, requirement }
}

#[rustfmt::skip]
const ROWS: [Row; 33] = [
    row(Of::Request, always, Idle, OF_THE_HAC, id::SA_HEADERS_IN_RESPONSES),

    row(Of::InitRequest, always, Needed, &[Name::MnId], id::REQUEST_INIT_MN_ID),
    row(Of::InitRequest, always, Needed, &[Name::AuthMethod], id::REQUEST_INIT_AUTH_METHOD),
    row(Of::InitRequest, psk_is_offered, Needed, &[Name::MnRand], id::REQUEST_INIT_CONTENTS),
    // Reading AU-08: it has no meaning here.
    row(Of::InitRequest, always, Idle, &[Name::Auth], id::REQUEST_INIT_CONTENTS),

    row(Of::InitResponse, always, Forbidden, &SA_DATA, id::RESPONSE_INIT_CONTENTS),
    row(Of::InitResponse, always, Forbidden, &BOOTSTRAPPING, id::RESPONSE_INIT_CONTENTS),
    row(Of::InitResponse, by_psk, Needed, RANDOMS, id::RESPONSE_INIT_CONTENTS),
    row(Of::InitResponse, by_psk, Needed, &[Name::Auth], id::RESPONSE_INIT_AUTH),
    row(Of::InitResponse, by_eap, Needed, &[Name::EapPayload], id::EAP_RESPONSE_INIT_CONTENTS),
    row(Of::InitResponse, by_eap, Needed, &[Name::Auth], id::EAP_RESPONSE_INIT_CONTENTS),

    // Reading MS-08: the exchange with a pre-shared key has no middle.
    row(Of::MidRequest, by_psk, Needed, &[Name::Sas], id::REQUEST_DONE_SAS),
    row(Of::MidRequest, by_psk, Needed, &[Name::Suitelist], id::REQUEST_DONE_SUITELIST),
    row(Of::MidRequest, not_by_psk, Needed, &[Name::EapPayload], id::EAP_REQUEST_MID_CONTENTS),
    row(Of::MidRequest, not_by_psk, Needed, &[Name::Auth], id::EAP_REQUEST_MID_CONTENTS),
    row(Of::MidResponse, before_init, Needed, &[Name::AuthMethod], id::RESPONSE_INIT_AUTH_METHOD),
    row(Of::MidResponse, by_psk, Needed, &[Name::StatusCode], id::RESPONSE_DONE_STATUS),
    row(Of::MidResponse, by_eap_under_way, Needed, &[Name::EapPayload], id::EAP_RESPONSE_MID_CONTENTS),
    row(Of::MidResponse, by_eap, Needed, &[Name::Auth], id::EAP_RESPONSE_MID_CONTENTS),

    row(Of::DoneRequest, always, Needed, &[Name::Sas], id::REQUEST_DONE_SAS),
    row(Of::DoneRequest, always, Needed, &[Name::Suitelist], id::REQUEST_DONE_SUITELIST),
    row(Of::DoneRequest, always, Needed, &[Name::Auth], id::REQUEST_DONE_AUTH),
    row(Of::DoneRequest, by_psk, Needed, RANDOMS, id::REQUEST_DONE_CONTENTS),
    row(Of::DoneRequest, by_eap_under_way, Needed, &[Name::EapPayload], id::EAP_REQUEST_DONE_CONTENTS),

    row(Of::Final, always, Needed, &[Name::StatusCode], id::RESPONSE_DONE_STATUS),
    row(Of::Final, grants_before_init, Forbidden, &[Name::StatusCode], id::STATUS_ONLY_IN_FINAL),
    row(Of::Final, says_continue, Forbidden, &[Name::StatusCode], id::STATUS_VALUES),
    row(Of::Final, refuses, Forbidden, &SA_DATA, id::FAILURE_NO_SA_DATA),
    row(Of::Final, refuses, Forbidden, &BOOTSTRAPPING, id::RESPONSE_DONE_FAILURE),
    // Reading MS-05: a refusal carries them, too.
    row(Of::Final, by_psk, Needed, RANDOMS, id::RESPONSE_DONE_CONTENTS),
    row(Of::Final, by_psk_without_success, Needed, &[Name::Auth], id::RESPONSE_DONE_FAILURE),
    row(Of::Final, by_eap, Needed, &[Name::EapPayload], id::EAP_RESPONSE_DONE_CONTENTS),
    row(Of::Final, succeeds, Needed, &[Name::Auth], id::RESPONSE_DONE_AUTH),
];

fn always(_: &Exchange, _: &Content<'_>) -> bool {
    true
}

fn psk_is_offered(exchange: &Exchange, _: &Content<'_>) -> bool {
    exchange.methods.contains(&Method::Psk)
}

fn before_init(exchange: &Exchange, _: &Content<'_>) -> bool {
    exchange.method.is_none()
}

fn by_psk(exchange: &Exchange, _: &Content<'_>) -> bool {
    exchange.method == Some(Method::Psk)
}

fn not_by_psk(exchange: &Exchange, content: &Content<'_>) -> bool {
    !by_psk(exchange, content)
}

fn by_eap(exchange: &Exchange, _: &Content<'_>) -> bool {
    exchange.method == Some(Method::Eap)
}

/// Behind its last packet, a method has nothing to say until the verdict (readings EA-03 and EA-04).
fn by_eap_under_way(exchange: &Exchange, content: &Content<'_>) -> bool {
    by_eap(exchange, content) && exchange.eap.stage == Stage::UnderWay
}

fn succeeds(_: &Exchange, content: &Content<'_>) -> bool {
    content.status() == Some(Status::OK)
}

fn refuses(_: &Exchange, content: &Content<'_>) -> bool {
    content.status().is_some_and(|status| status != Status::OK)
}

fn says_continue(_: &Exchange, content: &Content<'_>) -> bool {
    content.status() == Some(Status::CONTINUE)
}

fn by_psk_without_success(exchange: &Exchange, content: &Content<'_>) -> bool {
    by_psk(exchange, content) && !succeeds(exchange, content)
}

fn grants_before_init(exchange: &Exchange, content: &Content<'_>) -> bool {
    before_init(exchange, content) && (succeeds(exchange, content) || content.has(Name::AuthMethod))
}

/// What a message of this kind should have, or should not have.
pub(super) fn judge(exchange: &Exchange, kind: Kind, content: &Content<'_>, breaches: &mut Vec<Breach>) {
    for Row { of, when, need, names, requirement } in &ROWS {
        let Some(by) = of.sender(kind).filter(|_| when(exchange, content)) else { continue };
        for &name in *names {
            let breach = |what| Breach::new(requirement, by, what);
            breaches.extend(match need {
                Needed => missing(content, name).map(breach),
                Forbidden => present(content, name).map(breach),
                Idle => present(content, name).map(|what| breach(what).soft()),
            });
        }
    }
}

impl Of {
    /// Who sends a message of this kind, if it is one of these.
    fn sender(self, kind: Kind) -> Option<Direction> {
        let is_request = matches!(kind, Kind::InitRequest | Kind::MidRequest | Kind::DoneRequest);
        let is_one = match self {
            Self::Request => is_request,
            Self::InitRequest => kind == Kind::InitRequest,
            Self::MidRequest => kind == Kind::MidRequest,
            Self::DoneRequest => kind == Kind::DoneRequest,
            Self::InitResponse => kind == Kind::InitResponse,
            Self::MidResponse => kind == Kind::MidResponse,
            Self::Final => matches!(kind, Kind::Final(_)),
        };
        is_one.then_some(if is_request { Direction::MnToHac } else { Direction::HacToMn })
    }
}

/// A header that must be there.
pub(super) fn missing(content: &Content<'_>, name: Name) -> Option<What> {
    let error = || DecodeError::new(name.as_str(), Need::Present, Have::Nothing).shifted(content.end());
    (!content.has(name)).then(|| What::Field(error()))
}

/// A header that must not be there.
pub(super) fn present(content: &Content<'_>, name: Name) -> Option<What> {
    let header = content.header(name)?;
    let have = Have::Octets(header.value.len());
    Some(What::Field(DecodeError::new(name.as_str(), Need::Absent, have).shifted(header.at)))
}
