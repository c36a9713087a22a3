//! RFC 6618 sections 5.3 and 5.8 from the mobile node's side: one exchange by PSK with the HAC.
//!
//! `Connecting` becomes `AwaitInit` becomes `AwaitFinal`, which ends in a [`Bootstrapped`]. Any fault ends the exchange,
//! and what was received in it is thrown away. EAP (5.9) will stand between the last two, with states of its own.

use crypto::auth::{self, Direction};
use crypto::channel_binding::ChannelBinding;
use wire::Draft;
use wire::container::{Identifier, Repr};
use wire::error::{Have, Need};
use wire::message::{DoneRequest, InitRequest, Signature};
use wire::value::{Mac, Method, Methods, Random as Nonce, SuiteList};

use super::verify::{self, Bootstrapped};
use super::{Config, Failure};
use crate::framing::Framing;
use crate::{Random, Timestamp};

/// Stands where a draft has no `auth` yet.
const UNSIGNED: Signature = Signature { mac: Mac([0; 32]), covered: 0 };

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
}

/// The request Init is out.
pub(super) struct AwaitInit {
    binding: ChannelBinding,
    mn_rand: Nonce,
    sent: Identifier,
}

/// The request Done is out.
pub(super) struct AwaitFinal {
    pub(super) binding: ChannelBinding,
    pub(super) mn_rand: Nonce,
    pub(super) hac_rand: Nonce,
    pub(super) sent: Identifier,
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
        methods: Methods { known: vec![Method::Psk], unknown: 0 },
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
        match state {
            State::Init(state) => {
                let (next, request) = state.handle(config, &container)?;
                in_step(&framing)?;
                *self = Self::Open { state: State::Final(next), framing };
                Ok(Progress::Send(request))
            }
            // What follows a final response is never read: this end closes.
            State::Final(state) => {
                verify::final_response(config, now, &state, &container).map(Box::new).map(Progress::Done)
            }
        }
    }
}

/// Section 5.1: lock step. Nothing may answer a request that was not sent yet.
fn in_step(framing: &Framing) -> Result<(), Failure> {
    match framing.unread() {
        0 => Ok(()),
        more => Err(Failure::hac("octets after the response Init", Need::Absent, Have::Octets(more))),
    }
}

impl AwaitInit {
    /// The response Init: the request Done that answers it.
    fn handle(self, config: &Config, container: &[u8]) -> Result<(AwaitFinal, Vec<u8>), Failure> {
        let Self { binding, mn_rand, sent } = self;
        let hac_rand = verify::init_response(config, &binding, mn_rand, sent, container)?;
        let request = DoneRequest {
            mn_id: None,
            mn_rand: Some(mn_rand),
            hac_rand: Some(hac_rand),
            scope: config.scope,
            suites: SuiteList(config.suites.iter().map(|suite| suite.code()).collect()),
            eap: None,
            auth: UNSIGNED,
        };
        let mut draft = request.draft();
        let signed = draft.unsigned_octets();
        let key = config.psk.as_octets();
        draft.sign(auth::auth(config.profile, Direction::MnToHac, key, &signed, &binding));

        let sent = sent.next().unwrap_or(sent);
        let octets = framed(sent, &draft)?;
        Ok((AwaitFinal { binding, mn_rand, hac_rand, sent }, octets))
    }
}

fn framed(identifier: Identifier, draft: &Draft) -> Result<Vec<u8>, Failure> {
    Repr { identifier, content: &draft.octets() }.to_vec().map_err(Failure::own)
}
