//! RFC 6618 section 5.9: an MN under test visits our players and authenticates by EAP-GPSK.

use crypto::auth::{Direction, ONE, Profile};
use crypto::channel_binding::ChannelBinding;
use crypto::misreading::EapKeys;
use wire::header::Draft;
use wire::param::Name;
use wire::value::hex;

use super::{Guest, welcome_by};
use crate::bench::Bench;
use crate::case::EapFault;
use crate::finding::{Because, Finding};
use crate::judge::stayed_away;
use crate::link::MnMethod;
use crate::player::{Answer, AuthForge, EapServer, EapStage, EapTurn, MessageForge, Reply, Signer};

/// Requests that a visit may take; EAP-GPSK needs four.
const ROUNDS: usize = 16;

/// A visit as the players saw it: the material that MN cases judge.
#[derive(Clone)]
pub struct EapVisit {
    /// Under which profile `auth` is judged.
    pub profile: Profile,
    /// Of the TLS session.
    pub binding: ChannelBinding,
    /// All requests, in order; at least two.
    pub requests: Vec<Reply>,
    /// What the conversation made.
    pub keys: EapKeys,
}

impl EapVisit {
    /// The first request.
    #[must_use]
    pub fn init(&self) -> &Reply {
        &self.requests[0]
    }

    /// All requests between the first and the last.
    #[must_use]
    pub fn mids(&self) -> &[Reply] {
        self.requests.get(1..self.requests.len().saturating_sub(1)).unwrap_or_default()
    }

    /// The last request.
    #[must_use]
    pub fn done(&self) -> &Reply {
        &self.requests[self.requests.len() - 1]
    }

    /// Signs as the MN must with this key.
    #[must_use]
    pub fn signer(&self, key: &[u8]) -> Signer {
        Signer {
            profile: self.profile,
            direction: Direction::MnToHac,
            key: key.to_vec(),
            binding: self.binding.clone(),
            certificate: None,
            eap: Some(self.keys.clone()),
        }
    }
}

/// A whole visit in which we are honest: bootstrap, then the first datagram to the HA.
///
/// # Errors
/// Unsupported when the MN cannot be told to use EAP; otherwise a finding that says how far it came.
pub fn honest(bench: &mut Bench<'_>) -> Result<EapVisit, Finding> {
    let (mut guest, mut server) = welcome(bench)?;
    let mut requests = Vec::new();
    let response = guest.as_far_as(&mut server, &mut requests, EapStage::Done)?;
    guest.hac.send(&response)?;
    guest.hac.close();
    guest.datagram()?;
    let (profile, binding) = (bench.setup().profile, guest.hac.binding());
    Ok(EapVisit { profile, binding, requests, keys: server.keys() })
}

/// Answers with one fault and says what the MN did that it must not, if anything.
///
/// # Errors
/// A finding when the visit does not get as far as the fault.
pub fn tempt(bench: &mut Bench<'_>, fault: EapFault) -> Result<Option<String>, Finding> {
    let (mut guest, mut server) = welcome(bench)?;
    let response = guest.as_far_as(&mut server, &mut Vec::new(), fault.at)?;
    guest.hac.send_faulty(response, fault.apply)?;
    if fault.at == EapStage::Done {
        guest.hac.close();
    }
    match guest.hac.request() {
        Answer::Closed(..) => {}
        Answer::Reply(request) => return Ok(Some(format!("another request: {}", request.describe()))),
        Answer::Silence(_) => return Ok(Some("the connection left open".to_owned())),
    }
    Ok(stayed_away(&guest.mn.receive(guest.wait)))
}

fn welcome(bench: &mut Bench<'_>) -> Result<(Guest, EapServer), Finding> {
    let mut guest = welcome_by(bench, MnMethod::EapGpsk)?;
    guest.hac.set_key(ONE);
    let server = EapServer::new(bench.identity(), bench.random());
    Ok((guest, server))
}

impl Guest {
    /// Answers honestly until it is the turn of that response, which is given and not sent.
    fn as_far_as(
        &mut self,
        server: &mut EapServer,
        requests: &mut Vec<Reply>,
        stage: EapStage,
    ) -> Result<MessageForge, Finding> {
        for round in 0..ROUNDS {
            let request = self.hac.request().reply("a request of an exchange by EAP")?;
            requests.push(request.clone());
            let response = self.respond(server, &request, round == 0)?;
            let is_final = response.draft.value(Name::StatusCode).is_some();
            let is_reached = match stage {
                EapStage::Init => true,
                EapStage::Mid => round == 1,
                EapStage::Proof => !is_final && server.keys().msk.is_some(),
                EapStage::Done => is_final,
            };
            if is_reached {
                return Ok(response);
            }
            self.hac.send(&response)?;
        }
        Err(Finding::fails("MHAuth-Done after EAP-GPSK", format!("{ROUNDS} requests and no end")))
    }

    fn respond(
        &mut self,
        server: &mut EapServer,
        request: &Reply,
        is_first: bool,
    ) -> Result<MessageForge, Finding> {
        if is_first {
            let offered = request.raw(Name::AuthMethod).unwrap_or_default().to_ascii_lowercase();
            if !offered.split(|&octet| octet == b',').any(|method| method.trim_ascii() == b"eap") {
                return Err(Finding::Unsupported(Because::Needs("an MN that offers eap when it is told to")));
            }
            let mut draft = Draft::new();
            draft.push(Name::AuthMethod, "eap");
            draft.push(Name::EapPayload, hex::encode(&server.start()?));
            return Ok(MessageForge::new(self.hac.identifier(), draft, AuthForge::Right));
        }
        let is_last = request.raw(Name::Sas).is_some() || request.raw(Name::Suitelist).is_some();
        let turn = match request.eap()? {
            None if server.is_over() => server.success()?,
            None => return Err(Finding::fails("an EAP response in eap-payload", request.describe())),
            Some(packet) => server.answer(&packet)?,
        };
        let mut draft = Draft::new();
        match turn {
            EapTurn::Ask(packet) => draft.push(Name::EapPayload, hex::encode(&packet)),
            EapTurn::Succeed(packet) if is_last => {
                self.adopt_suite(request);
                if let Some(msk) = server.keys().msk {
                    self.hac.set_key(&msk);
                }
                let mut last = self.hac.final_response(self.grant.clone());
                last.remove(Name::MnRand);
                last.remove(Name::HacRand);
                last.set(Name::EapPayload, hex::encode(&packet));
                return Ok(last);
            }
            // The method ended in a middle request; the MN still has to ask for its SA (C12).
            EapTurn::Succeed(_) => {}
        }
        Ok(MessageForge::new(self.hac.identifier(), draft, AuthForge::Right))
    }
}
