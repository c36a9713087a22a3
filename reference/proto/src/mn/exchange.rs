//! RFC 6618 sections 5.3, 5.8 and 5.9 from the mobile node's side: one exchange with the HAC.
//!
//! ```text
//!  Connecting --> AwaitInit --psk--> AwaitFinal -----------------------------> Bootstrapped
//!                           --eap--> by_eap::AwaitMid --> by_eap::AwaitEnd --> Bootstrapped
//! ```
//!
//! Any fault ends the exchange, and what was received in it is thrown away.

use crypto::auth::{self, Direction};
use crypto::channel_binding::ChannelBinding;
use wire::container::{Identifier, Repr};
use wire::error::{Have, Need};
use wire::message::{DoneRequest, InitRequest, Signature};
use wire::value::{Mac, Random as Nonce, SuiteList};
use wire::{Draft, Name};

use super::by_eap::{AwaitEnd, AwaitMid};
use super::verify::{self, Bootstrapped, Keyed};
use super::{Authentication, Config, Failure};
use crate::framing::Framing;
use crate::shared_key::SharedKey;
use crate::{Random, Timestamp};

/// Stands where a draft has no `auth` yet.
pub(super) const UNSIGNED: Signature = Signature { mac: Mac([0; 32]), covered: 0 };

/// How far the exchange is.
pub(super) enum Exchange {
    /// There is none.
    Idle,
    /// The connection was asked for.
    Connecting,
    /// Requests go out and responses come in.
    Open { state: State, framing: Framing },
}

/// Which response is awaited.
pub(super) enum State {
    Init(AwaitInit),
    Final(AwaitFinal),
    Mid(AwaitMid),
    End(AwaitEnd),
}

/// The request Init is out.
pub(super) struct AwaitInit {
    binding: ChannelBinding,
    mn_rand: Nonce,
    sent: Identifier,
}

/// The request Done is out, by PSK.
pub(super) struct AwaitFinal {
    binding: ChannelBinding,
    key: SharedKey,
    mn_rand: Nonce,
    hac_rand: Nonce,
    sent: Identifier,
}

/// The next request, and what follows it.
pub(super) struct Turn {
    pub(super) octets: Vec<u8>,
    pub(super) next: State,
}

/// What comes of octets from the HAC.
pub(super) enum Progress {
    /// A response is not complete yet.
    Waiting,
    /// Send this and go on.
    Send(Vec<u8>),
    /// The exchange is over.
    Done(Box<Bootstrapped>),
}

/// The connection is up: the request Init and the state after it.
pub(super) fn open(
    config: &Config,
    random: &mut dyn Random,
    binding: ChannelBinding,
) -> Result<(Exchange, Vec<u8>), Failure> {
    let mut mn_rand = Nonce([0; 32]);
    random.fill(&mut mn_rand.0);
    let request = InitRequest {
        mn_id: config.mn_id.clone(),
        methods: config.authentication.method().into(),
        mn_rand: Some(mn_rand),
    };
    let sent = Identifier::FIRST;
    let octets = framed(sent, &request.draft())?;
    let state = State::Init(AwaitInit { binding, mn_rand, sent });
    Ok((Exchange::Open { state, framing: Framing::default() }, octets))
}

impl Exchange {
    /// Octets came. On `Err` the exchange is over.
    pub(super) fn received(
        &mut self,
        config: &Config,
        random: &mut dyn Random,
        now: Timestamp,
        octets: &[u8],
    ) -> Result<Progress, Failure> {
        let Self::Open { state, mut framing } = std::mem::replace(self, Self::Idle) else {
            return Ok(Progress::Waiting);
        };
        framing.push(octets);
        let Some(container) = framing.next() else {
            *self = Self::Open { state, framing };
            return Ok(Progress::Waiting);
        };
        let Turn { octets, next } = match state {
            State::Init(state) => state.handle(config, random, &container)?,
            State::Mid(state) => state.handle(config, random, &container)?,
            // What follows a final response is never read: this end closes.
            State::Final(state) => return state.handle(config, now, &container).map(Progress::done),
            State::End(state) => return state.handle(config, now, &container).map(Progress::done),
        };
        in_step(&framing)?;
        *self = Self::Open { state: next, framing };
        Ok(Progress::Send(octets))
    }
}

/// Section 5.1: lock step. Nothing may answer a request that was not sent yet.
fn in_step(framing: &Framing) -> Result<(), Failure> {
    match framing.unread() {
        0 => Ok(()),
        more => Err(Failure::hac("octets after the response", Need::Absent, Have::Octets(more))),
    }
}

impl Progress {
    fn done(bootstrapped: Bootstrapped) -> Self {
        Self::Done(Box::new(bootstrapped))
    }
}

impl AwaitInit {
    /// The response Init: the request Done that answers it, or with EAP the first Mid.
    fn handle(self, config: &Config, random: &mut dyn Random, container: &[u8]) -> Result<Turn, Failure> {
        let Self { binding, mn_rand, sent } = self;
        let key = match config.authentication {
            Authentication::Psk => SharedKey::Psk(config.psk.clone()),
            Authentication::Eap(_) => SharedKey::One,
        };
        let keyed = Keyed { profile: config.profile, key: &key, binding: &binding };
        let response = verify::init_response(&keyed, config.authentication.method(), sent, container)?;
        if let Authentication::Eap(method) = config.authentication {
            let packet = response.eap.ok_or(verify::absent(Name::EapPayload))?;
            return AwaitMid::new(config, method, binding, sent).answer(config, random, &packet);
        }
        verify::echoed(Name::MnRand, mn_rand, response.mn_rand)?;
        let hac_rand = response.hac_rand.ok_or(verify::absent(Name::HacRand))?;
        let request = DoneRequest { mn_rand: Some(mn_rand), hac_rand: Some(hac_rand), ..done(config) };
        let sent = sent.next().unwrap_or(sent);
        let octets = signed_request(&keyed, sent, request.draft())?;
        Ok(Turn { octets, next: State::Final(AwaitFinal { binding, key, mn_rand, hac_rand, sent }) })
    }
}

impl AwaitFinal {
    /// The final response by PSK: the values of this exchange, as they were sent (section 5.5.8).
    fn handle(self, config: &Config, now: Timestamp, container: &[u8]) -> Result<Bootstrapped, Failure> {
        let keyed = Keyed { profile: config.profile, key: &self.key, binding: &self.binding };
        let response = verify::final_response(&keyed, self.sent, container)?;
        verify::echoed(Name::MnRand, self.mn_rand, response.mn_rand)?;
        verify::echoed(Name::HacRand, self.hac_rand, response.hac_rand)?;
        verify::association(config, now, response.grant)
    }
}

/// A request Done as the configuration has it, without what a method adds.
pub(super) fn done(config: &Config) -> DoneRequest {
    DoneRequest {
        mn_id: None,
        mn_rand: None,
        hac_rand: None,
        scope: config.scope,
        suites: SuiteList(config.suites.iter().map(|suite| suite.code()).collect()),
        eap: None,
        auth: UNSIGNED,
    }
}

pub(super) fn signed_request(
    keyed: &Keyed<'_>,
    identifier: Identifier,
    mut draft: Draft,
) -> Result<Vec<u8>, Failure> {
    let signed = draft.unsigned_octets();
    let key = keyed.key.as_octets();
    draft.sign(auth::auth(keyed.profile, Direction::MnToHac, key, &signed, keyed.binding));
    framed(identifier, &draft)
}

fn framed(identifier: Identifier, draft: &Draft) -> Result<Vec<u8>, Failure> {
    Repr { identifier, content: &draft.octets() }.to_vec().map_err(Failure::own)
}
