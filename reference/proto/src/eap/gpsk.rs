//! RFC 5433 sections 3 and 10: EAP-GPSK, both sides.
//!
//! ```text
//!  server                                  peer
//!  AwaitTwo   --------- GPSK-1 -------->   answer
//!             <-------- GPSK-2 ---------   AwaitThree
//!  AwaitFour  --------- GPSK-3 -------->
//!             <-------- GPSK-4 ---------   (it has the MSK)
//!  (it has the MSK)
//! ```

use crypto::gpsk::{GpskKeys, GpskSuite, Session};
use crypto::keys::{Msk, Psk};
use wire::DecodeError;
use wire::eap::{FailureCode, Gpsk, Gpsk1, Gpsk2, Gpsk3, Gpsk4, GpskFail};
use wire::error::{Have, Need};
use wire::value::Nai;

use super::server::Secrets;
use crate::Random;

/// The peer's view of GPSK-1.
pub(super) enum Opening {
    /// GPSK-2, and what comes after it.
    Answer { two: Vec<u8>, next: Box<AwaitThree> },
    /// No ciphersuite in common that the key is long enough for: section 10 wants a Nak.
    Unacceptable,
}

/// The peer has proved its key and waits for the server's proof.
pub(super) struct AwaitThree {
    sent: Gpsk2,
    keys: GpskKeys,
}

/// What the peer answers to the second message of a server.
pub(super) enum Reply {
    /// GPSK-4: the server has proved its key.
    Four { four: Vec<u8>, msk: Msk },
    /// The server's failure, sent back to it.
    Fail { echo: Vec<u8> },
}

/// The peer on GPSK-1. The server's order of ciphersuites counts.
pub(super) fn answer(
    one: &[u8],
    id_peer: &Nai,
    psk: &Psk,
    random: &mut dyn Random,
) -> Result<Opening, DecodeError> {
    let Gpsk1 { id_server, rand_server, suites } = match Gpsk::parse(one)? {
        Gpsk::One(one) => one,
        other => return Err(out_of_order("GPSK-1", &other)),
    };
    let id_peer = id_peer.as_str().as_bytes().to_vec();
    let mut rand_peer = [0; 32];
    random.fill(&mut rand_peer);
    let session = Session {
        rand_peer: &rand_peer,
        id_peer: &id_peer,
        rand_server: &rand_server,
        id_server: &id_server,
    };
    let usable = suites.iter().find_map(|code| {
        let suite = GpskSuite::from_code(*code)?;
        Some((*code, GpskKeys::derive(suite, psk, &session).ok()?))
    });
    let Some((selected, keys)) = usable else { return Ok(Opening::Unacceptable) };
    let protected = Vec::new();
    let mut sent =
        Gpsk2 { id_peer, id_server, rand_peer, rand_server, suites, selected, protected, mac: Vec::new() };
    sent.mac = keys.mac(&sent.unsigned()?);
    let two = Gpsk::Two(sent.clone()).to_vec()?;
    Ok(Opening::Answer { two, next: Box::new(AwaitThree { sent, keys }) })
}

impl AwaitThree {
    /// The peer on GPSK-3, or on a failure instead.
    pub(super) fn handle(self, data: &[u8]) -> Result<Reply, DecodeError> {
        match Gpsk::parse(data)? {
            Gpsk::Three(three) => self.conclude(&three),
            // There is nothing to gain from sending a failure back: whoever made it up gets what it wanted.
            fail @ Gpsk::Fail(_) => Ok(Reply::Fail { echo: fail.to_vec()? }),
            Gpsk::ProtectedFail(fail) => {
                proved("GPSK-Protected-Fail MAC", &self.keys, &fail.unsigned(), &fail.mac)?;
                Ok(Reply::Fail { echo: Gpsk::ProtectedFail(fail).to_vec()? })
            }
            other => Err(out_of_order("GPSK-3", &other)),
        }
    }

    fn conclude(self, three: &Gpsk3) -> Result<Reply, DecodeError> {
        let Self { sent, keys } = self;
        unchanged("GPSK-3 RAND_Peer", &sent.rand_peer, &three.rand_peer)?;
        unchanged("GPSK-3 RAND_Server", &sent.rand_server, &three.rand_server)?;
        unchanged("GPSK-3 ID_Server", &sent.id_server, &three.id_server)?;
        unchanged("GPSK-3 CSuite_Sel", &sent.selected, &three.selected)?;
        proved("GPSK-3 MAC", &keys, &three.unsigned()?, &three.mac)?;
        let mut four = Gpsk4 { protected: Vec::new(), mac: Vec::new() };
        four.mac = keys.mac(&four.unsigned()?);
        Ok(Reply::Four { four: Gpsk::Four(four).to_vec()?, msk: keys.msk().clone() })
    }
}

/// The server has named itself and its ciphersuites.
pub(super) struct AwaitTwo {
    sent: Gpsk1,
}

/// The server has proved its key to a peer that proved its own.
pub(super) struct AwaitFour {
    keys: GpskKeys,
    who: Nai,
}

/// What the server says to GPSK-2.
pub(super) enum Second {
    /// GPSK-3, and what comes after it.
    Three { three: Vec<u8>, next: Box<AwaitFour> },
    /// GPSK-Fail; its echo ends the conversation.
    Fail { fail: Vec<u8> },
}

/// What GPSK-4 proves.
pub(super) enum Last {
    Right { who: Nai, msk: Msk },
    Wrong,
}

impl AwaitTwo {
    pub(super) fn start(
        name: &[u8],
        suites: &[GpskSuite],
        random: &mut dyn Random,
    ) -> Result<(Vec<u8>, Self), DecodeError> {
        let mut rand_server = [0; 32];
        random.fill(&mut rand_server);
        let suites = suites.iter().map(|suite| suite.code()).collect();
        let sent = Gpsk1 { id_server: name.to_vec(), rand_server, suites };
        Ok((Gpsk::One(sent.clone()).to_vec()?, Self { sent }))
    }

    /// The server on GPSK-2. Strangers get the failure that a wrong key gets, so that nobody learns who is known.
    pub(super) fn handle(self, data: &[u8], secrets: &dyn Secrets) -> Result<Second, DecodeError> {
        let two = match Gpsk::parse(data)? {
            Gpsk::Two(two) => two,
            other => return Err(out_of_order("GPSK-2", &other)),
        };
        unchanged("GPSK-2 ID_Server", &self.sent.id_server, &two.id_server)?;
        unchanged("GPSK-2 RAND_Server", &self.sent.rand_server, &two.rand_server)?;
        unchanged("GPSK-2 CSuite_List", &self.sent.suites, &two.suites)?;
        let suite = GpskSuite::from_code(two.selected).filter(|_| self.sent.suites.contains(&two.selected));
        let Some(suite) = suite else {
            let need = Need::OneOf("the ciphersuites of GPSK-1");
            return Err(DecodeError::new("GPSK-2 CSuite_Sel", need, Have::text(&two.selected.0)));
        };
        let unsigned = two.unsigned()?;
        let found = peer_keys(suite, &two, secrets);
        let Some((who, keys)) = found.filter(|(_, keys)| keys.verify(&unsigned, &two.mac).is_ok()) else {
            let fail = Gpsk::Fail(GpskFail(FailureCode::AUTHENTICATION_FAILURE)).to_vec()?;
            return Ok(Second::Fail { fail });
        };
        let Gpsk2 { rand_peer, rand_server, id_server, selected, .. } = two;
        let (protected, mac) = (Vec::new(), Vec::new());
        let mut three = Gpsk3 { rand_peer, rand_server, id_server, selected, protected, mac };
        three.mac = keys.mac(&three.unsigned()?);
        Ok(Second::Three { three: Gpsk::Three(three).to_vec()?, next: Box::new(AwaitFour { keys, who }) })
    }
}

fn peer_keys(suite: GpskSuite, two: &Gpsk2, secrets: &dyn Secrets) -> Option<(Nai, GpskKeys)> {
    let who = Nai::parse(&two.id_peer).ok()?;
    let psk = secrets.secret(&who)?;
    let Gpsk2 { rand_peer, id_peer, rand_server, id_server, .. } = two;
    let keys = GpskKeys::derive(suite, &psk, &Session { rand_peer, id_peer, rand_server, id_server }).ok()?;
    Some((who, keys))
}

impl AwaitFour {
    /// The server on GPSK-4.
    pub(super) fn handle(self, data: &[u8]) -> Result<Last, DecodeError> {
        let four = match Gpsk::parse(data)? {
            Gpsk::Four(four) => four,
            other => return Err(out_of_order("GPSK-4", &other)),
        };
        Ok(match self.keys.verify(&four.unsigned()?, &four.mac) {
            Ok(()) => Last::Right { who: self.who, msk: self.keys.msk().clone() },
            Err(_) => Last::Wrong,
        })
    }
}

fn unchanged<T: PartialEq>(field: &'static str, sent: &T, came: &T) -> Result<(), DecodeError> {
    if sent == came {
        return Ok(());
    }
    Err(DecodeError::new(field, Need::OneOf("the value of this conversation"), Have::Nothing))
}

fn proved(field: &'static str, keys: &GpskKeys, unsigned: &[u8], mac: &[u8]) -> Result<(), DecodeError> {
    let need = Need::OneOf("the MAC of this message under the shared key");
    keys.verify(unsigned, mac).map_err(|_| DecodeError::new(field, need, Have::Nothing))
}

fn out_of_order(need: &'static str, have: &Gpsk) -> DecodeError {
    DecodeError::new("GPSK OP-Code", Need::OneOf(need), Have::text(have.name().as_bytes()))
}
