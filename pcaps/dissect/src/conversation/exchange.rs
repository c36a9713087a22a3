//! RFC 6618 sections 5.1, 5.3, 5.8 and 5.9: an exchange, followed by a bystander message by message.
//!
//! What an end does wrong is told of that end; what the other end should have refused and did not, of the other.

use core::time::Duration;
use core::{fmt, mem};
use std::collections::VecDeque;
use std::sync::Arc;

use crypto::auth::{Direction, Profile};
use wire::container::Container;
use wire::error::{DecodeError, Have, Need};
use wire::escape::Escaped;
use wire::param::{Name, Value};
use wire::value::{Method, Random, Status, SuiteCode};

use super::auth::{self, Judged, Proof};
use super::breach::{Breach, Receiver, Turn, Unseen, What, Why};
use super::content::{Content, judge_header};
use super::eap::Eap;
use super::grant::{self, Granted};
use super::requirement as id;
use super::{presence, request, response};

/// What a message is, inferred as reading MS-01 says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// MHAuth-Init from the MN.
    InitRequest,
    /// MHAuth-Mid from the MN.
    MidRequest,
    /// MHAuth-Done from the MN.
    DoneRequest,
    /// MHAuth-Init from the HAC.
    InitResponse,
    /// MHAuth-Mid from the HAC.
    MidResponse,
    /// The response that ends the exchange, with its status if that is legal.
    Final(Option<Status>),
    /// Content that cannot be taken apart.
    Unreadable,
}

/// A container and who sent it, when.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) by: Direction,
    pub(super) octets: &'a [u8],
    /// Since the Unix epoch, if the capture tells.
    pub(super) at: Option<Duration>,
}

/// What is made of a message.
pub(super) struct Verdict<'a> {
    pub(super) kind: Kind,
    pub(super) content: Option<Content<'a>>,
    pub(super) breaches: Vec<Breach>,
    pub(super) unseen: Vec<Unseen>,
    pub(super) proof: Proof,
    pub(super) granted: Option<Granted>,
}

/// A request that waits for its response.
struct Asked {
    identifier: u8,
    /// The rules that it broke so that it had to be refused.
    to_refuse: Vec<&'static str>,
}

/// Requests that are kept until they are answered; Identifiers do not count further.
const UNANSWERED_AT_MOST: usize = 256;

/// A HAC that has not closed so long after its final response leaves the connection open.
const TIME_TO_CLOSE: Duration = Duration::from_secs(1);

/// What was said so far.
#[derive(Default)]
pub(super) struct Exchange {
    /// Identifiers of requests so far; nothing before the first.
    pub(super) identifier: Option<u8>,
    requests: u32,
    /// Requests without a response yet, in order: a HAC may serve those that came too early (reading CT-08).
    unanswered: VecDeque<Asked>,
    /// The status of the final response, once it was sent; it may be one that is not legal.
    pub(super) ended: Option<Option<Status>>,
    /// When that was.
    ended_at: Option<Duration>,
    /// The profile under which an `auth` was right.
    pub(super) profile: Option<Profile>,
    pub(super) mn_id: Option<Vec<u8>>,
    pub(super) methods: Vec<Method>,
    pub(super) method: Option<Method>,
    pub(super) mn_rand: Option<Random>,
    pub(super) hac_rand: Option<Random>,
    pub(super) suites: Vec<SuiteCode>,
    pub(super) eap: Eap,
    /// The rules that the last response broke so that it had to be refused.
    to_refuse: Vec<&'static str>,
    /// What one of the ends says cannot be read any more, so nothing that follows from it can be judged.
    is_blind: bool,
}

impl Exchange {
    /// Takes the next message.
    pub(super) fn take<'a>(&mut self, said: Said<'a>, channel: &auth::Channel<'_>) -> Verdict<'a> {
        let container = Container::new_unchecked(said.octets);
        let mut verdict = Verdict {
            kind: Kind::Unreadable,
            content: None,
            breaches: Vec::new(),
            unseen: Vec::new(),
            proof: Proof::None,
            granted: None,
        };
        judge_header(&container, said.by, &mut verdict.breaches);
        let octets = said.octets.get(wire::container::HEADER_LEN..).unwrap_or_default();
        if self.is_blind {
            verdict.content = Content::judge(octets, said.by, &mut verdict.breaches);
            if let Some(content) = &verdict.content {
                verdict.kind = self.kind(said.by, content);
            }
            return verdict;
        }
        let to_refuse = match said.by {
            Direction::MnToHac => {
                self.turn_to_request(container.identifier(), &mut verdict);
                mem::take(&mut self.to_refuse)
            }
            Direction::HacToMn => self.turn_to_response(container.identifier(), &mut verdict),
        };
        if let Some(content) = Content::judge(octets, said.by, &mut verdict.breaches) {
            self.contents(said, channel, &content, &mut verdict);
            verdict.content = Some(content);
        }
        judge_reaction(said.by, &to_refuse, &mut verdict);
        let to_refuse = refusable(&verdict.breaches);
        match (said.by, self.unanswered.back_mut()) {
            (Direction::MnToHac, Some(asked)) => asked.to_refuse = to_refuse,
            _ => self.to_refuse = to_refuse,
        }
        if let (Kind::Final(status), None) = (verdict.kind, self.ended) {
            (self.ended, self.ended_at) = (Some(status), said.at);
        }
        verdict
    }

    /// What one of the ends says cannot be read from here on.
    pub(super) const fn lose_sight(&mut self) {
        self.is_blind = true;
    }

    /// The identity that the MN gave, printable.
    pub(super) fn told_mn_id(&self) -> Option<Arc<str>> {
        self.mn_id.as_ref().map(|mn_id| Escaped(mn_id).to_string().into())
    }

    fn kind(&self, by: Direction, content: &Content<'_>) -> Kind {
        match by {
            Direction::MnToHac => request::kind(self, content),
            Direction::HacToMn => response::kind(content),
        }
    }

    fn contents<'a>(
        &mut self,
        said: Said<'a>,
        channel: &auth::Channel<'_>,
        content: &Content<'a>,
        verdict: &mut Verdict<'a>,
    ) {
        verdict.kind = self.kind(said.by, content);
        if verdict.kind != Kind::InitRequest {
            content.judge_auth_last(said.by, &mut verdict.breaches);
        }
        match said.by {
            Direction::MnToHac => request::judge(self, verdict.kind, content, &mut verdict.breaches),
            Direction::HacToMn => response::judge(self, verdict.kind, content, &mut verdict.breaches),
        }
        presence::judge(self, verdict.kind, content, &mut verdict.breaches);
        if verdict.kind == Kind::Final(Some(Status::OK)) {
            grant::judge(self, said.at, content, &mut verdict.breaches);
            verdict.granted = Granted::read(content, self.told_mn_id());
        }
        if let Some(packet) = content.octets(Name::EapPayload) {
            self.eap.take(packet, self.mn_id.as_deref().unwrap_or_default(), channel.credentials);
        }
        let Judged { proof, breach, unseen } = auth::judge(self, said, verdict.kind, content, channel);
        if let Proof::Right(profile) = proof {
            self.profile.get_or_insert(profile);
        }
        verdict.proof = proof;
        verdict.breaches.extend(breach);
        verdict.unseen.extend(unseen);
    }

    /// Sections 5.1 and 5.3: whose turn it is, and which number comes next.
    fn turn_to_request(&mut self, identifier: u8, verdict: &mut Verdict<'_>) {
        let by = Direction::MnToHac;
        let mut tell = |requirement, what| verdict.breaches.push(Breach::new(requirement, by, what));
        self.requests += 1;
        if self.ended.is_some() {
            tell(id::CLOSE_AFTER_EXCHANGE, What::Turn(Turn::AfterFinal));
        } else if !self.unanswered.is_empty() {
            let what = What::Turn(Turn::RequestUnanswered);
            verdict.breaches.push(Breach::new(id::LOCKSTEP, by, what).soft());
        }
        let mut tell = |requirement, what| verdict.breaches.push(Breach::new(requirement, by, what));
        let have = Have::Value(u64::from(identifier));
        let number = |need| What::Field(DecodeError::new("Identifier", need, have.clone()).shifted(1));
        match self.identifier {
            None if identifier > 1 => tell(id::FIRST_IDENTIFIER_ONE, number(Need::Value(1))),
            Some(before) if identifier == before => {
                tell(id::IDENTIFIERS_DIFFER, number(Need::Grammar("another than in the request before")));
            }
            Some(before) if identifier < before && identifier != 0 => {
                tell(id::IDENTIFIER_INCREASES, number(Need::Grammar("more than in the request before")));
            }
            _ => {}
        }
        if self.requests > 255 {
            tell(id::AT_MOST_255_EXCHANGES, number(Need::Grammar("a new session behind 255 requests")));
        }
        self.identifier = Some(identifier);
        if self.unanswered.len() == UNANSWERED_AT_MOST {
            self.unanswered.pop_front();
        }
        self.unanswered.push_back(Asked { identifier, to_refuse: Vec::new() });
    }

    /// Gives the rules that the request broke so that it had to be refused.
    fn turn_to_response(&mut self, identifier: u8, verdict: &mut Verdict<'_>) -> Vec<&'static str> {
        let asked = self.unanswered.pop_front();
        let by = Direction::HacToMn;
        let mut tell = |requirement, what| verdict.breaches.push(Breach::new(requirement, by, what));
        if self.ended.is_some() {
            tell(id::CLOSE_AFTER_EXCHANGE, What::Turn(Turn::AfterFinal));
        } else if asked.is_none() {
            tell(id::HAC_SENDS_ONLY_RESPONSES, What::Turn(Turn::Unasked));
        }
        let Some(Asked { identifier: asked, to_refuse }) = asked else { return Vec::new() };
        if self.ended.is_none() && asked != 0 && asked != identifier {
            let (need, have) = (Need::Value(u64::from(asked)), Have::Value(u64::from(identifier)));
            tell(
                id::RESPONSE_COPIES_IDENTIFIER,
                What::Field(DecodeError::new("Identifier", need, have).shifted(1)),
            );
        }
        to_refuse
    }

    /// Nothing more comes, at this time: whether the streams ended as they should.
    pub(super) fn end(
        &self,
        hac_closed: bool,
        mn_closed: bool,
        now: Option<Duration>,
    ) -> Result<Vec<Breach>, Unseen> {
        if self.is_blind {
            return Ok(Vec::new());
        }
        let Some(status) = self.ended else {
            // Who closes before the end gives up, which both may.
            let is_under_way = self.identifier.is_some() && !hac_closed && !mn_closed;
            let unseen = Unseen { requirement: id::LOCKSTEP, why: Why::Ended };
            return if is_under_way { Err(unseen) } else { Ok(Vec::new()) };
        };
        let requirement =
            if status == Some(Status::OK) { id::CLOSE_AFTER_EXCHANGE } else { id::ERROR_THEN_CLOSE };
        match (hac_closed, mn_closed) {
            (true, _) => Ok(Vec::new()),
            (false, true) if self.had_time_to_close(now) => {
                Ok(vec![Breach::new(requirement, Direction::HacToMn, What::Turn(Turn::LeftOpen))])
            }
            (false, _) => Err(Unseen { requirement, why: Why::Ended }),
        }
    }

    /// Whether the capture goes on for so long behind the final response that a close would be in it.
    fn had_time_to_close(&self, now: Option<Duration>) -> bool {
        let since = now.zip(self.ended_at).and_then(|(now, ended)| now.checked_sub(ended));
        since.is_some_and(|since| since >= TIME_TO_CLOSE)
    }

    /// Whether a value is the one that was said before in this exchange.
    pub(super) fn is_offered(&self, code: SuiteCode) -> bool {
        self.suites.contains(&code)
    }
}

/// Whether an end went on from something that it had to refuse.
fn judge_reaction(by: Direction, to_refuse: &[&'static str], verdict: &mut Verdict<'_>) {
    let goes_on = match by {
        // The MN can only close.
        Direction::MnToHac => true,
        Direction::HacToMn => {
            matches!(verdict.kind, Kind::InitResponse | Kind::MidResponse | Kind::Final(Some(Status::OK)))
        }
    };
    if goes_on {
        let took = |&requirement: &&'static str| {
            Breach::new(reaction(requirement), by, What::TookFault { requirement }).soft()
        };
        verdict.breaches.extend(to_refuse.iter().map(took));
    }
}

/// What the receiver of a breach breaks itself by going on.
fn reaction(requirement: &'static str) -> &'static str {
    match requirement {
        id::AUTH_MN_TO_HAC | id::EAP_AUTH_MN_TO_HAC | id::REQUEST_DONE_AUTH => id::HAC_VERIFIES_AUTH,
        id::AUTH_HAC_TO_MN | id::EAP_AUTH_HAC_TO_MN | id::RESPONSE_INIT_AUTH => id::MN_VERIFIES_AUTH,
        id::REQUEST_DONE_CONTENTS => id::HAC_VERIFIES_NONCES,
        id::HAC_REPEATS_MN_RAND => id::MN_VERIFIES_NONCES,
        other => other,
    }
}

fn refusable(breaches: &[Breach]) -> Vec<&'static str> {
    let hard = breaches.iter().filter(|breach| breach.receiver == Receiver::Refuses);
    hard.map(|breach| breach.requirement).collect()
}

/// A random value that must be the one of before.
pub(super) fn other_random(content: &Content<'_>, name: Name, before: Option<Random>) -> Option<What> {
    let header = content.header(name)?;
    let random = content.random(name)?;
    (random != before?).then(|| {
        let need = Need::Grammar("the value that this session had before");
        What::Field(DecodeError::new(name.as_str(), need, Have::text(header.value)).shifted(header.value_at))
    })
}

/// Both random values, where they are not those of before.
pub(super) fn other_randoms(exchange: &Exchange, content: &Content<'_>) -> Vec<What> {
    let before = [(Name::MnRand, exchange.mn_rand), (Name::HacRand, exchange.hac_rand)];
    before.into_iter().filter_map(|(name, before)| other_random(content, name, before)).collect()
}

/// The methods of all `auth-method` headers.
pub(super) fn methods(content: &Content<'_>) -> (Vec<Method>, usize) {
    let mut known = Vec::new();
    let mut unknown = 0;
    for value in content.values(Name::AuthMethod) {
        if let Value::Methods(list) = value {
            known.extend(&list.known);
            unknown += list.unknown;
        }
    }
    (known, unknown)
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InitRequest | Self::InitResponse => "Init",
            Self::MidRequest | Self::MidResponse => "Mid",
            Self::DoneRequest => "Done",
            Self::Final(Some(status)) => return write!(f, "final {} {}", status.code(), status.name()),
            Self::Final(None) => "final",
            Self::Unreadable => "unreadable",
        })
    }
}

#[cfg(test)]
mod tests {
    use crypto::channel_binding::ChannelBinding;
    use crypto::gpsk::{GpskKeys, GpskSuite, Session};
    use crypto::keys::Psk;
    use wire::container::{Identifier, Repr};
    use wire::eap::{CSuite, Gpsk, Gpsk1, Gpsk2, Gpsk4, Packet, Type};
    use wire::header::Draft;

    use super::super::credentials::Credentials;
    use super::super::eap;
    use super::*;

    /// Its halves differ.
    const MSK: [u8; 64] = {
        let mut msk = [9; 64];
        msk[0] = 8;
        msk
    };
    const MN_ID: &str = "mn@conform.example";
    const FINAL_AT: Duration = Duration::from_secs(5);
    const PACKET: &str = "0101000501";

    /// An exchange under construction.
    struct Stage {
        exchange: Exchange,
        credentials: Credentials,
        /// What explained the last wrong `auth`.
        clues: Vec<&'static str>,
    }

    impl Stage {
        fn new() -> Self {
            let mut credentials = Credentials::default();
            credentials.add_msk(MN_ID.as_bytes(), MSK.to_vec());
            Self { exchange: Exchange::default(), credentials, clues: Vec::new() }
        }

        /// Says a message whose `auth`, if there is a key, is made with it.
        fn say(
            &mut self,
            by: Direction,
            identifier: u8,
            lines: &[(Name, &str)],
            key: Option<&[u8]>,
        ) -> Vec<String> {
            let binding = ChannelBinding::new(vec![7; 32]);
            let mut draft = Draft::new();
            lines.iter().for_each(|(name, value)| draft.push(*name, value));
            if let Some(key) = key {
                draft.sign(crypto::auth(Profile::Rfc6618, by, key, &draft.unsigned_octets(), &binding));
            }
            let identifier = Identifier::new(identifier).expect("not 0");
            let octets = Repr { identifier, content: &draft.octets() }.to_vec().expect("short enough");
            let channel = auth::Channel {
                certificate: None,
                binding: Some(&Ok(binding)),
                credentials: &self.credentials,
                profile: None,
            };
            let verdict = self.exchange.take(Said { by, octets: &octets, at: Some(FINAL_AT) }, &channel);
            let unseen = verdict.unseen.iter().map(ToString::to_string);
            self.clues.clear();
            for breach in &verdict.breaches {
                if let What::Auth(clues) = &breach.what {
                    self.clues.extend(clues.iter().map(|clue| clue.id));
                }
            }
            let told = verdict.breaches.iter().map(|breach| breach.requirement.to_owned());
            told.chain(unseen).collect()
        }

        fn init(&mut self) {
            let request = [(Name::MnId, MN_ID), (Name::AuthMethod, "eap")];
            assert_eq!(self.say(Direction::MnToHac, 1, &request, None), [""; 0]);
            let response = [(Name::AuthMethod, "eap"), (Name::EapPayload, PACKET)];
            assert_eq!(self.say(Direction::HacToMn, 1, &response, Some(b"1")), [""; 0]);
        }
    }

    const DONE: [(Name, &str); 3] =
        [(Name::Sas, "1"), (Name::Suitelist, "{00,02}"), (Name::EapPayload, PACKET)];
    const FAILED: [(Name, &str); 2] = [(Name::StatusCode, "401"), (Name::EapPayload, "04010004")];

    #[test]
    fn an_eap_exchange_is_keyed_with_1_and_then_with_the_msk() {
        let mut stage = Stage::new();
        stage.init();
        let mid = [(Name::EapPayload, PACKET)];
        assert_eq!(stage.say(Direction::MnToHac, 2, &mid, Some(b"1")), [""; 0]);
        assert_eq!(stage.say(Direction::HacToMn, 2, &mid, Some(b"1")), [""; 0]);
        assert_eq!(stage.say(Direction::MnToHac, 3, &DONE, Some(&MSK)), [""; 0]);
        // Reading EA-05: a failed method made no key.
        assert_eq!(stage.say(Direction::HacToMn, 3, &FAILED, Some(b"1")), [""; 0]);
    }

    #[test]
    fn a_key_that_is_not_the_msk_is_wrong_when_the_msk_is_known() {
        let mut stage = Stage::new();
        stage.init();
        assert_eq!(stage.say(Direction::MnToHac, 2, &DONE, Some(&MSK[..32])), ["rfc6618#5.9/auth-mn-to-hac"]);
        assert_eq!(stage.clues, ["msk-first-half"]);
    }

    #[test]
    fn without_the_msk_the_auth_of_done_is_not_observable() {
        let mut stage = Stage { credentials: Credentials::default(), ..Stage::new() };
        stage.init();
        let said = stage.say(Direction::MnToHac, 2, &DONE, Some(&MSK));
        assert_eq!(said, ["rfc6618#5.9/auth-mn-to-hac: not observable: the MSK is not known"]);
    }

    const PSK: [u8; 32] = [0x42; 32];

    /// EAP-GPSK with this PSK, up to the message before Done; with its keys and the packet that Done carries.
    fn gpsk(stage: &mut Stage, psk: &[u8]) -> (GpskKeys, String) {
        let (rand_peer, rand_server, selected) = ([1; 32], [2; 32], CSuite::HMAC_SHA256);
        let (id_peer, id_server, suites) = (MN_ID.as_bytes().to_vec(), b"server".to_vec(), vec![selected]);
        let session = Session {
            rand_peer: &rand_peer,
            id_peer: &id_peer,
            rand_server: &rand_server,
            id_server: &id_server,
        };
        let psk = Psk::new(psk.to_vec()).expect("not empty");
        let keys = GpskKeys::derive(GpskSuite::HmacSha256, &psk, &session).expect("long enough");
        let one = Gpsk::One(Gpsk1 { id_server: id_server.clone(), rand_server, suites: suites.clone() });
        let (protected, mac) = (Vec::new(), Vec::new());
        let two = Gpsk2 { id_peer, id_server, rand_peer, rand_server, suites, selected, protected, mac };
        let mac = keys.mac(&two.unsigned().expect("short"));
        let two = Gpsk::Two(Gpsk2 { mac, ..two });
        let four = Gpsk4 { protected: Vec::new(), mac: vec![5; 32] };
        let [one, two, four] = [one, two, Gpsk::Four(four)].map(|gpsk| gpsk.to_vec().expect("short"));
        let (identifier, kind) = (7, Type::GPSK);
        let hex = |packet: Packet<'_>| wire::value::hex::encode(&packet.to_vec().expect("short"));
        let asked = hex(Packet::Request { identifier, kind, data: &one });
        let answered = hex(Packet::Response { identifier, kind, data: &two });
        stage.init();
        let one = |said: &str| [(Name::EapPayload, said.to_owned())];
        for (identifier, asks, answers) in [(2, PACKET, asked.as_str()), (3, answered.as_str(), PACKET)] {
            for (by, said) in [(Direction::MnToHac, asks), (Direction::HacToMn, answers)] {
                let said = one(said);
                let lines = said.each_ref().map(|(name, value)| (*name, value.as_str()));
                assert_eq!(stage.say(by, identifier, &lines, Some(b"1")), [""; 0]);
            }
        }
        (keys, hex(Packet::Response { identifier, kind, data: &four }))
    }

    fn knowing_the_psk() -> Stage {
        let mut credentials = Credentials::default();
        credentials.add_psk(MN_ID.as_bytes(), PSK.to_vec());
        Stage { credentials, ..Stage::new() }
    }

    fn done(packet: &str) -> [(Name, &str); 3] {
        [(Name::Sas, "1"), (Name::Suitelist, "{00,02}"), (Name::EapPayload, packet)]
    }

    #[test]
    fn who_knows_the_psk_sees_the_msk_of_gpsk() {
        let mut stage = knowing_the_psk();
        let (keys, four) = gpsk(&mut stage, &PSK);
        let msk = keys.msk().as_octets();
        assert_eq!(stage.say(Direction::MnToHac, 4, &done(&four), Some(msk)), [""; 0]);
        // Reading EA-05: behind the MSK an error is keyed with it, and with the constant when the method failed.
        let refused = [(Name::StatusCode, "500"), (Name::EapPayload, "03010004")];
        assert_eq!(stage.say(Direction::HacToMn, 4, &refused, Some(msk)), [""; 0]);

        let mut flipped = msk.to_vec();
        flipped[17] ^= 1;
        for (key, clue) in [(&flipped[..], None), (b"1", Some("msk-not-used")), (keys.emsk(), Some("emsk"))] {
            let mut stage = knowing_the_psk();
            let (_, four) = gpsk(&mut stage, &PSK);
            let said = stage.say(Direction::MnToHac, 4, &done(&four), Some(key));
            assert_eq!(said, ["rfc6618#5.9/auth-mn-to-hac"]);
            assert_eq!(stage.clues.first().copied(), clue);
        }
        let mut stage = knowing_the_psk();
        let (_, four) = gpsk(&mut stage, &PSK);
        assert_eq!(stage.say(Direction::MnToHac, 4, &done(&four), Some(msk)), [""; 0]);
        assert_eq!(
            stage.say(Direction::HacToMn, 4, &refused, Some(&flipped)),
            ["rfc6618#5.9/auth-hac-to-mn"]
        );
    }

    #[test]
    fn another_psk_than_the_one_given_is_said() {
        let mut stage = knowing_the_psk();
        let (keys, four) = gpsk(&mut stage, &[0x43; 32]);
        let said = stage.say(Direction::MnToHac, 4, &done(&four), Some(keys.msk().as_octets()));
        assert_eq!(
            said,
            [
                "rfc6618#5.9/auth-mn-to-hac: not observable: the MSK is not known, since the MN made GPSK-2 with another \
              PSK than the one given"
            ]
        );
        assert_eq!(stage.say(Direction::HacToMn, 4, &FAILED, Some(b"1")), [""; 0]);
    }

    #[test]
    fn md5_challenge_makes_no_key_so_done_has_the_constant() {
        // Request and response, with a value of one octet.
        let (asks, answers) = ("010100070401aa", "020100070401bb");
        for (key, expected) in [(&b"1"[..], None), (b"2", Some("rfc6618#5.9/auth-mn-to-hac"))] {
            let mut stage = Stage { credentials: Credentials::default(), ..Stage::new() };
            stage.init();
            assert_eq!(stage.say(Direction::MnToHac, 2, &[(Name::EapPayload, PACKET)], Some(b"1")), [""; 0]);
            assert_eq!(stage.say(Direction::HacToMn, 2, &[(Name::EapPayload, asks)], Some(b"1")), [""; 0]);
            let said = stage.say(Direction::MnToHac, 3, &done(answers), Some(key));
            assert_eq!(said.first().map(String::as_str), expected);
        }
    }

    /// Reading CT-08: an MN must wait for the answer, a HAC that serves both requests in order is not to blame.
    #[test]
    fn requests_ahead_of_their_turn_may_be_served_in_order() {
        let mut stage = Stage::new();
        stage.init();
        let mid = [(Name::EapPayload, PACKET)];
        assert_eq!(stage.say(Direction::MnToHac, 2, &mid, Some(b"1")), [""; 0]);
        assert_eq!(stage.say(Direction::MnToHac, 3, &mid, Some(b"1")), [id::LOCKSTEP]);
        assert_eq!(stage.say(Direction::HacToMn, 2, &mid, Some(b"1")), [""; 0]);
        assert_eq!(stage.say(Direction::HacToMn, 3, &mid, Some(b"1")), [""; 0]);
        assert_eq!(stage.say(Direction::HacToMn, 3, &mid, Some(b"1")), [id::HAC_SENDS_ONLY_RESPONSES]);
    }

    /// Readings EA-03 and EA-04: behind its last packet a method waits for the verdict; EA-05: what the HAC keys with a
    /// key that may be there is no fault.
    #[test]
    fn a_method_that_is_over_says_no_more() {
        let mut stage = Stage::new();
        stage.init();
        stage.exchange.eap.stage = eap::Stage::Finished;
        let key = Some(&b"1"[..]);
        assert_eq!(stage.say(Direction::MnToHac, 2, &[(Name::EapPayload, PACKET)], key), [""; 0]);
        assert_eq!(stage.say(Direction::HacToMn, 2, &[], key), [""; 0]);
        let done = [(Name::Sas, "1"), (Name::Suitelist, "{00,02}")];
        assert_eq!(stage.say(Direction::MnToHac, 3, &done, Some(&MSK)), [""; 0]);
        assert_eq!(stage.say(Direction::HacToMn, 3, &FAILED, Some(&MSK)), [""; 0]);
    }

    #[test]
    fn identifiers_turns_and_reactions() {
        let mut stage = Stage::new();
        stage.init();
        let mid = [(Name::EapPayload, PACKET)];
        assert_eq!(stage.say(Direction::MnToHac, 1, &DONE, None)[0], "rfc6618#5.3/identifiers-differ");
        assert!(stage.say(Direction::MnToHac, 9, &mid, Some(b"1")).contains(&id::LOCKSTEP.to_owned()));
        let said = stage.say(Direction::HacToMn, 8, &mid, Some(b"1"));
        assert!(said.contains(&id::RESPONSE_COPIES_IDENTIFIER.to_owned()), "{said:?}");
        stage.say(Direction::HacToMn, 9, &mid, Some(b"1"));
        let said = stage.say(Direction::HacToMn, 9, &mid, Some(b"1"));
        assert!(said.contains(&id::HAC_SENDS_ONLY_RESPONSES.to_owned()), "{said:?}");
        stage.say(Direction::MnToHac, 10, &DONE, Some(&MSK));
        stage.say(Direction::HacToMn, 10, &FAILED, Some(b"1"));
        let said = stage.say(Direction::MnToHac, 11, &mid, Some(b"1"));
        assert!(said.contains(&id::CLOSE_AFTER_EXCHANGE.to_owned()), "{said:?}");
        let late = Some(FINAL_AT + TIME_TO_CLOSE);
        assert_eq!(stage.exchange.end(false, true, late).unwrap()[0].requirement, id::ERROR_THEN_CLOSE);
        for soon in [Some(FINAL_AT), None] {
            assert!(stage.exchange.end(false, true, soon).is_err(), "the capture may just have ended");
        }
        assert!(stage.exchange.end(false, false, late).is_err(), "the MN may still be served");
        assert_eq!(stage.exchange.end(true, true, late), Ok(Vec::new()));
    }
}
