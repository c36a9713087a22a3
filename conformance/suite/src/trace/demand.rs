//! What a HAC owes for a request: read from the octets that were sent, so that no trace has to claim it.

use wire::container::{Container, HEADER_LEN, Identifier, Repr, octets_needed};
use wire::message::{DoneRequest, MidRequest, Request, Signature};
use wire::value::{Ciphersuite, Method};

use super::eap::Inside;
use super::request::Made;
use crate::player::MnPlayer;

/// What must answer a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Demand {
    /// Response MHAuth-Init.
    InitResponse,
    /// A response that goes on with EAP.
    GoesOn,
    /// 200 with SA data.
    Grant,
    /// A status other than 200, no SA data, a close; with the fault of the request.
    Refusal(String),
    /// A refusal, now or when EAP has said first that it failed; with the fault of what it proves.
    RefusalByEap(&'static str),
    /// A refusal, now or at the last request, since a HAC may hide whom it knows (reading AU-06).
    RefusalInTheEnd(&'static str),
    /// Anything but SA data, or nothing as long as more may come: octets that are no whole request.
    NoGrant,
    /// The same for what comes behind the end of the exchange.
    Over,
    /// This tool cannot tell.
    Unknown(&'static str),
}

/// What was said on a session so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    last: Option<u8>,
    was_refused: bool,
    was_cut: bool,
    by_a_stranger: bool,
}

const STRANGER: &str = "nobody knows its mn-id";

impl Said {
    /// What must answer the request that is sent next.
    pub(super) fn demand(&mut self, made: &Made, mn: &MnPlayer, inside: Option<&Inside>) -> Demand {
        let demand = self.of(made, mn, inside);
        self.last = made.octets.get(1).copied();
        self.by_a_stranger |= made.is_strange;
        self.was_refused |= matches!(demand, Demand::Refusal(_));
        self.was_cut |= matches!(demand, Demand::NoGrant);
        demand
    }

    fn of(&self, made: &Made, mn: &MnPlayer, inside: Option<&Inside>) -> Demand {
        if self.was_refused {
            return Demand::Over;
        }
        let octets = made.octets.as_slice();
        if self.was_cut || octets.len() != octets_needed(octets) {
            return Demand::NoGrant;
        }
        let container = match Repr::parse(&Container::new_unchecked(octets)) {
            Ok(container) => container,
            Err(error) => return Demand::Refusal(error.to_string()),
        };
        if let Some(fault) = self.wrong_identifier(container.identifier) {
            return Demand::Refusal(fault);
        }
        let request = match Request::parse(container.identifier, container.content) {
            Err(error) => return Demand::Refusal(error.to_string()),
            Ok(request) => request,
        };
        let fault = if self.by_a_stranger { Some(STRANGER) } else { None };
        match (request, inside) {
            (Request::Init(_), _) if made.is_strange => Demand::RefusalInTheEnd(STRANGER),
            (Request::Init(init), Some(_)) if init.methods.known == [Method::Eap] => Demand::GoesOn,
            (Request::Mid(mid), Some(inside)) => mid_demand(&mid, made, mn, inside),
            (Request::Done(done), Some(inside)) => eap_done_demand(fault, &done, made, mn, inside),
            (Request::Init(init), None)
                if init.methods.known.contains(&Method::Psk) && init.mn_rand.is_some() =>
            {
                Demand::InitResponse
            }
            (Request::Init(init), None) if init.methods.known == [Method::Psk] => {
                Demand::Refusal("MHAuth-Init for PSK without mn-rand".to_owned())
            }
            (Request::Init(_), _) => Demand::Unknown("the exchange is not one of PSK"),
            (Request::Mid(_), None) => {
                Demand::Refusal("MHAuth-Mid has no place in a PSK exchange".to_owned())
            }
            (Request::Done(done), None) => done_demand(fault, &done, made, mn),
        }
    }

    fn wrong_identifier(&self, identifier: Identifier) -> Option<String> {
        match self.last {
            None if identifier == Identifier::FIRST => None,
            None => Some(format!("the first Identifier is {identifier}")),
            Some(last) if identifier.get() > last => None,
            Some(last) => Some(format!("Identifier {identifier} follows {last}")),
        }
    }
}

fn done_demand(fault: Option<&str>, done: &DoneRequest, made: &Made, mn: &MnPlayer) -> Demand {
    let fault = if fault.is_some() {
        fault
    } else if done.mn_rand.as_ref().is_none_or(|nonce| nonce.0 != mn.mn_rand) {
        Some("mn-rand is not that of MHAuth-Init")
    } else if done.hac_rand.as_ref().map(|nonce| nonce.0.as_slice()) != mn.hac_rand.as_deref() {
        Some("hac-rand is not that of the HAC")
    } else {
        without_suite(done)
    };
    refusal(fault, &done.auth, made, mn).unwrap_or(Demand::Grant)
}

fn mid_demand(mid: &MidRequest, made: &Made, mn: &MnPlayer, inside: &Inside) -> Demand {
    let fault = inside.disproof().filter(|_| inside.has_failed());
    let goes_on = match made.octets.get(1) {
        Some(&u8::MAX) => Demand::Unknown("no Identifier is left with which the exchange could go on"),
        _ => Demand::GoesOn,
    };
    let unless_refused = inside.disproof().map_or(goes_on, Demand::RefusalByEap);
    refusal(fault, &mid.auth, made, mn).unwrap_or(unless_refused)
}

fn eap_done_demand(
    fault: Option<&str>,
    done: &DoneRequest,
    made: &Made,
    mn: &MnPlayer,
    inside: &Inside,
) -> Demand {
    let unended = (!inside.has_ended()).then_some("EAP has not ended");
    let fault = fault.or(unended).or_else(|| inside.disproof()).or_else(|| without_suite(done));
    refusal(fault, &done.auth, made, mn).unwrap_or(Demand::Grant)
}

fn without_suite(done: &DoneRequest) -> Option<&'static str> {
    let knows = |suite: &Ciphersuite| done.suites.0.contains(&suite.code());
    (!Ciphersuite::ALL.iter().any(knows)).then_some("it offers no ciphersuite of section 5.6.5")
}

/// A fault of its own, or `auth`, is what a request is refused for.
fn refusal(fault: Option<&str>, auth: &Signature, made: &Made, mn: &MnPlayer) -> Option<Demand> {
    let wrong_auth = || (!is_signed(auth, made, mn)).then_some("auth is not that of this session");
    fault.or(made.wrong_auth).or_else(wrong_auth).map(|fault| Demand::Refusal(fault.to_owned()))
}

fn is_signed(auth: &Signature, made: &Made, mn: &MnPlayer) -> bool {
    let content = made.octets.get(HEADER_LEN..).unwrap_or_default();
    let covered = content.get(..auth.covered).unwrap_or_default();
    mn.signer().sign(covered) == auth.mac.0
}
