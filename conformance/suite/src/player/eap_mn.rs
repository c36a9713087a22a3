//! RFC 6618 section 5.9: the scripted MN that authenticates by EAP.

use crypto::auth::{Direction, ONE, Profile};
use crypto::channel_binding::ChannelBinding;
use crypto::misreading::EapKeys;
use wire::header::Draft;
use wire::message::{Grant, Response};
use wire::param::Name;
use wire::value::hex;

use super::answer::{Answer, Reply};
use super::eap_peer::{EapMethod, EapPeer, EapStep};
use super::message_forge::{AuthForge, MessageForge, Signer};
use super::mn::MnPlayer;
use crate::finding::{Because, Finding};
use crate::identity::Identity;
use crate::link::Ending;

/// Requests that an honest exchange may take; no method that we speak needs as many.
const ROUNDS: usize = 16;

/// A scripted MN on one session. It remembers what an honest next request needs.
pub struct EapMn {
    /// The same without EAP: its key, suites and scope count here too.
    pub mn: MnPlayer,
    /// The conversation inside.
    pub peer: EapPeer,
    /// The largest Identifier that is used up; 0 if there is none.
    pub identifier: u8,
    replies: Vec<Reply>,
}

/// Requests of the EAP exchange, or the responses to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EapStage {
    /// The first one.
    Init,
    /// The one after it, which carries the first EAP response.
    Mid,
    /// A middle one, after which both ends know the MSK: GPSK-2 in a request, GPSK-3 in its response.
    Proof,
    /// The last one, which carries the last EAP response.
    Done,
}

/// An EAP exchange that ran to its end: the material that cases judge.
#[derive(Clone)]
pub struct EapExchange {
    /// Whose.
    pub identity: Identity,
    /// Under which profile `auth` is judged.
    pub profile: Profile,
    /// Of the TLS session.
    pub binding: ChannelBinding,
    /// The certificate of the HAC in DER, where the link has one.
    pub certificate: Option<Vec<u8>>,
    /// Our requests as sent, container headers included.
    pub requests: Vec<Vec<u8>>,
    /// What answered each request.
    pub replies: Vec<Reply>,
    /// What the conversation made.
    pub keys: EapKeys,
    /// How the HAC closed after its final response; `None` if it did not in time.
    pub ending: Option<Ending>,
}

impl EapMn {
    /// An MN that speaks this method and no other.
    #[must_use]
    pub fn new(mut mn: MnPlayer, method: EapMethod, rand_peer: [u8; 32]) -> Self {
        let peer = EapPeer::new(&mn.identity, method, rand_peer);
        mn.key = ONE.to_vec();
        Self { mn, peer, identifier: 0, replies: Vec::new() }
    }

    /// The honest request Init.
    #[must_use]
    pub fn init(&self) -> MessageForge {
        let mut init = self.mn.init();
        init.set(Name::AuthMethod, "eap");
        init
    }

    /// An honest request Mid with this EAP packet.
    #[must_use]
    pub fn mid(&self, packet: &[u8]) -> MessageForge {
        let mut draft = Draft::new();
        draft.push(Name::EapPayload, hex::encode(packet));
        MessageForge::new(self.identifier.wrapping_add(1), draft, AuthForge::Right)
    }

    /// An honest request Done with this EAP packet, if any.
    #[must_use]
    pub fn done(&self, packet: Option<&[u8]>) -> MessageForge {
        let mut done = self.mn.done();
        done.remove(Name::MnRand);
        done.remove(Name::HacRand);
        if let Some(packet) = packet {
            done.set(Name::EapPayload, hex::encode(packet));
        }
        done.identifier = self.identifier.wrapping_add(1);
        done
    }

    /// Sends a request as it is forged.
    ///
    /// # Errors
    /// As [`MnPlayer::send`].
    pub fn send(&mut self, request: &MessageForge) -> Result<(), Finding> {
        // What follows a forged Identifier is beyond the honest one too.
        self.identifier = self.identifier.saturating_add(1).max(request.identifier);
        self.mn.send(request)
    }

    /// Waits for the next container.
    pub fn answer(&mut self) -> Answer {
        let answer = self.mn.answer();
        if let Answer::Reply(reply) = &answer {
            self.replies.push(reply.clone());
        }
        answer
    }

    /// The response of the peer to the EAP packet of the newest reply. Once the method has ended, what is sent after
    /// it is keyed with its MSK, if it has made one.
    ///
    /// # Errors
    /// A failure when there is no EAP packet to answer, or it is wrong.
    pub fn step(&mut self) -> Result<EapStep, Finding> {
        let packet = self.replies.last().map(Reply::eap).transpose()?.flatten();
        let packet = packet.ok_or_else(|| {
            let observed = self.replies.last().map_or("nothing".to_owned(), Reply::describe);
            Finding::fails("an EAP request in eap-payload", observed)
        })?;
        let step = self.peer.answer(&packet)?;
        if let (EapStep::Conclude(_), Some(msk)) = (&step, self.peer.keys().msk) {
            self.mn.key = msk;
        }
        Ok(step)
    }

    /// The next honest request: the response of the peer, in a Mid or, if it is the last one, in Done.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn next_request(&mut self) -> Result<MessageForge, Finding> {
        Ok(match self.step()? {
            EapStep::Respond(packet) => self.mid(&packet),
            EapStep::Conclude(packet) => self.done(Some(&packet)),
        })
    }

    /// Sends honest requests until it is the turn of that one, which is given and not sent.
    ///
    /// # Errors
    /// Unsupported when the HAC has no EAP or not this method; a finding when the exchange ends before.
    pub fn as_far_as(&mut self, stage: EapStage) -> Result<MessageForge, Finding> {
        let mut request = self.init();
        for round in 0..ROUNDS {
            let is_last = request.draft.value(Name::Sas).is_some();
            let is_reached = match stage {
                EapStage::Init => true,
                EapStage::Mid => round == 1,
                EapStage::Proof => !is_last && self.peer.keys().msk.is_some(),
                EapStage::Done => is_last,
            };
            if is_reached {
                return Ok(request);
            }
            if is_last {
                return Err(Finding::Inconclusive(Because::Prerequisite(
                    "the method has no round".to_owned(),
                )));
            }
            self.send(&request)?;
            let answer = self.answer();
            self.goes_on(answer)?;
            request = self.next_request()?;
        }
        Err(Finding::fails("the end of the EAP method", format!("{ROUNDS} requests and no end")))
    }

    /// Whether the HAC wants another request.
    fn goes_on(&self, answer: Answer) -> Result<(), Finding> {
        let is_first = self.replies.len() <= 1 && self.identifier == 1;
        match &answer {
            Answer::Reply(reply) if reply.raw(Name::StatusCode).is_none() => {
                let named = reply.raw(Name::AuthMethod).map(<[u8]>::to_ascii_lowercase);
                if is_first && named.as_deref().is_some_and(|named| named != b"eap") {
                    return Err(WITHOUT_EAP);
                }
                Ok(())
            }
            Answer::Closed(..) if is_first => Err(WITHOUT_EAP),
            Answer::Reply(reply) if reply.refuses() && is_first => Err(WITHOUT_EAP),
            Answer::Reply(reply) if reply.refuses() && self.peer.was_never_begun() => {
                Err(self.peer.unsupported())
            }
            _ => {
                let ended = answer.reply("a response without status-code to an honest request by EAP")?;
                Err(Finding::fails("another EAP request", ended.describe())
                    .with_octets("Content received", ended.content()))
            }
        }
    }

    /// Sends honest requests to the end and keeps everything; the final response is not judged here.
    ///
    /// # Errors
    /// As [`Self::as_far_as`].
    pub fn exchange(mut self) -> Result<EapExchange, Finding> {
        let done = self.as_far_as(EapStage::Done)?;
        self.send(&done)?;
        self.answer().reply("a response to an honest MHAuth-Done")?;
        let signer = self.mn.signer();
        Ok(EapExchange {
            ending: self.mn.closing().ok(),
            identity: self.mn.identity.clone(),
            profile: self.mn.profile,
            binding: signer.binding,
            certificate: signer.certificate,
            requests: self.mn.into_sent(),
            replies: self.replies,
            keys: self.peer.keys(),
        })
    }
}

/// A HAC may do without EAP; whether it refuses in the right way is for the cases of section 5.5.2.
const WITHOUT_EAP: Finding = Finding::Unsupported(Because::Needs("EAP, which the HAC does not offer"));

impl EapExchange {
    /// Response Init.
    #[must_use]
    pub fn init(&self) -> &Reply {
        &self.replies[0]
    }

    /// All responses between the first and the last.
    pub fn mids(&self) -> &[Reply] {
        self.replies.get(1..self.replies.len().saturating_sub(1)).unwrap_or_default()
    }

    /// The final response.
    #[must_use]
    pub fn done(&self) -> &Reply {
        &self.replies[self.replies.len() - 1]
    }

    /// Signs as the HAC must in its responses before the last.
    #[must_use]
    pub fn signer_before_done(&self) -> Signer {
        self.signer(ONE.to_vec())
    }

    /// Signs as the HAC must in its last response.
    #[must_use]
    pub fn signer_of_done(&self) -> Signer {
        self.signer(self.keys.msk.clone().unwrap_or_else(|| ONE.to_vec()))
    }

    fn signer(&self, key: Vec<u8>) -> Signer {
        Signer {
            profile: self.profile,
            direction: Direction::HacToMn,
            key,
            binding: self.binding.clone(),
            certificate: self.certificate.clone(),
            eap: Some(self.keys.clone()),
        }
    }

    /// What the HAC granted.
    ///
    /// # Errors
    /// A failure that names the header at fault.
    pub fn grant(&self) -> Result<Grant, Finding> {
        let expected = "a final response with complete SA data (sections 5.3, 5.6, 5.9)";
        match Response::parse(&self.done().content_with_true_weekday()) {
            Ok(Response::Final(response)) => {
                response.grant.ok_or_else(|| Finding::fails(expected, self.done().describe()))
            }
            Ok(_) => Err(Finding::fails(expected, self.done().describe())),
            Err(error) => {
                Err(Finding::malformed(expected, &error)
                    .with_octets("Content received", self.done().content()))
            }
        }
    }
}
