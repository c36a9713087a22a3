//! RFC 6618 section 5.9 from the mobile node's side: the exchange by EAP after the response Init.
//!
//! `AwaitMid` takes requests of the EAP server until the method has had its last response; that one goes with the
//! request Done (EA-03), and `AwaitEnd` takes the final response.

use crypto::channel_binding::ChannelBinding;
use wire::Name;
use wire::container::Identifier;
use wire::error::{Have, Need};
use wire::message::{DoneRequest, MidRequest, Response};

use super::exchange::{State, Turn, UNSIGNED, done, signed_request};
use super::verify::{self, Bootstrapped, Keyed};
use super::{Config, Failure};
use crate::eap::{Conclusion, Method, Peer, PeerStep};
use crate::shared_key::SharedKey;
use crate::{Random, Timestamp};

/// A Mid is out; another EAP request is awaited.
pub(super) struct AwaitMid {
    binding: ChannelBinding,
    peer: Peer,
    sent: Identifier,
}

/// The request Done is out.
pub(super) struct AwaitEnd {
    binding: ChannelBinding,
    conclusion: Conclusion,
    sent: Identifier,
}

impl AwaitMid {
    /// The response Init has selected EAP.
    pub(super) fn new(config: &Config, method: Method, binding: ChannelBinding, sent: Identifier) -> Self {
        let peer = Peer::new(config.mn_id.clone(), config.psk.clone(), method);
        Self { binding, peer, sent }
    }

    pub(super) fn handle(
        self,
        config: &Config,
        random: &mut dyn Random,
        container: &[u8],
    ) -> Result<Turn, Failure> {
        let content = verify::content(container, self.sent)?;
        let response = match Response::parse(content).map_err(Failure::malformed)? {
            Response::Mid(response) => response,
            Response::Init(_) => return Err(verify::out_of_order("MHAuth-Mid", "MHAuth-Init")),
            Response::Final(last) => return Err(verify::ended(last.status, last.retry_after)),
        };
        let keyed = Keyed { profile: config.profile, key: &SharedKey::One, binding: &self.binding };
        keyed.verify(content, Some(&response.auth))?;
        let packet = response.eap.ok_or(verify::absent(Name::EapPayload))?;
        self.answer(config, random, &packet)
    }

    /// An EAP request: the Mid that answers it, or the Done.
    pub(super) fn answer(
        self,
        config: &Config,
        random: &mut dyn Random,
        packet: &[u8],
    ) -> Result<Turn, Failure> {
        let Self { binding, peer, sent } = self;
        let sent = sent.next().ok_or(too_many_rounds())?;
        let keyed = |key| Keyed { profile: config.profile, key, binding: &binding };
        match peer.handle(random, packet).map_err(Failure::malformed)? {
            PeerStep::Respond { response, next } => {
                let request = MidRequest { eap: response, auth: UNSIGNED };
                let octets = signed_request(&keyed(&SharedKey::One), sent, request.draft())?;
                Ok(Turn { octets, next: State::Mid(Self { binding, peer: next, sent }) })
            }
            PeerStep::Conclude { response, conclusion } => {
                let key = SharedKey::after_eap(conclusion.msk().cloned());
                let request = DoneRequest { eap: Some(response), ..done(config) };
                let octets = signed_request(&keyed(&key), sent, request.draft())?;
                Ok(Turn { octets, next: State::End(AwaitEnd { binding, conclusion, sent }) })
            }
        }
    }
}

impl AwaitEnd {
    /// EA-06: a status of 200, an EAP-Success and the right `auth`, or nothing.
    pub(super) fn handle(
        self,
        config: &Config,
        now: Timestamp,
        container: &[u8],
    ) -> Result<Bootstrapped, Failure> {
        let Self { binding, conclusion, sent } = self;
        let key = SharedKey::after_eap(conclusion.msk().cloned());
        let keyed = Keyed { profile: config.profile, key: &key, binding: &binding };
        let response = verify::final_response(&keyed, sent, container)?;
        let packet = response.eap.ok_or(verify::absent(Name::EapPayload))?;
        conclusion.check(&packet).map_err(Failure::malformed)?;
        verify::association(config, now, response.grant)
    }
}

/// EX-05: there is no Identifier after 255.
fn too_many_rounds() -> Failure {
    Failure::hac("Identifier", Need::OneOf("the end of EAP before request 255"), Have::Value(255))
}
