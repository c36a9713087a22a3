//! RFC 6618 sections 5.1 to 5.8: the honest HAC behind a liar.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crypto::auth::{Direction, Profile};
use crypto::keys::{DirectionKeys, SaKeys};
use proto::hac::{ConnId, Input, Output};
use proto::sa::SecurityAssociation;
use proto::{Machine, Timestamp};
use suite::identity::Identity;
use suite::player::{AuthForge, MessageForge};
use wire::container::{Container, HEADER_LEN, octets_needed};
use wire::header::Draft;
use wire::message::{KeyOctets, Response, SaData};
use wire::param::Name;

use super::incoming::{Incoming, around_auth};
use super::session::Session;
use crate::mutant::{Ending, Lie};
use crate::seat::HacMachine;
use crate::subject::Secrets;

/// The honest HAC behind a liar.
pub(crate) struct HacLiar {
    lie: Lie,
    honest: HacMachine,
    profile: Profile,
    identities: Arc<[Identity]>,
    previous: Option<Identity>,
    connections: BTreeMap<ConnId, Connection>,
    /// Associations of which the MN was not told yet.
    held: VecDeque<Box<SecurityAssociation>>,
    outputs: VecDeque<Output>,
}

struct Connection {
    session: Session,
    unread: Vec<u8>,
    ended: Option<Said>,
}

/// What a final response said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Grant,
    Error,
}

impl HacLiar {
    pub(crate) fn new(lie: Lie, honest: HacMachine, secrets: Secrets) -> Self {
        Self {
            lie,
            honest,
            profile: secrets.profile,
            identities: secrets.identities.into(),
            previous: None,
            connections: BTreeMap::new(),
            held: VecDeque::new(),
            outputs: VecDeque::new(),
        }
    }

    fn received(&mut self, now: Timestamp, conn: ConnId, mut octets: Vec<u8>) {
        if let Lie::HacStream(lie) = self.lie {
            lie(&mut octets);
        }
        let Some(connection) = self.connections.get_mut(&conn) else { return };
        connection.unread.extend_from_slice(&octets);
        // A request at a time: what the HAC answers belongs to what the session remembers.
        while let Some(container) = self.next_container(conn) {
            self.honest.handle(now, Input::Received { conn, octets: container });
            self.drain();
        }
    }

    /// The next request as the honest machine shall see it.
    fn next_container(&mut self, conn: ConnId) -> Option<Vec<u8>> {
        let Connection { session, unread, .. } = self.connections.get_mut(&conn)?;
        let container = take_container(unread)?;
        session.expect(container.get(HEADER_LEN..).unwrap_or_default());
        let signer = session.signer(Direction::MnToHac);
        let mut message = Incoming::new(&container, signer.as_ref());
        let as_it_came = message.clone();
        session.came = message.identifier;
        session.translate(&mut message);
        if let Lie::HacRequest(lie) = self.lie {
            lie(&mut message, session);
        }
        if message.believed
            && message != as_it_came
            && let Some(signer) = &signer
        {
            message.sign(signer);
        }
        session.last = Some(as_it_came);
        session.heard(&message);
        self.previous = session.identity.clone().or(self.previous.take());
        Some(message.octets())
    }

    fn drain(&mut self) {
        while let Some(output) = self.honest.poll_output() {
            match output {
                Output::Install(association) => self.held.push_back(association),
                Output::Send { conn, octets } => self.say(conn, &octets),
                Output::Close { conn } => self.close(conn),
                Output::Event(event) => self.outputs.push_back(Output::Event(event)),
            }
        }
    }

    fn say(&mut self, conn: ConnId, octets: &[u8]) {
        let Some(Connection { session, ended, .. }) = self.connections.get_mut(&conn) else { return };
        let mut response = dissect(octets);
        *ended = said(&response);
        session.learn(&response.draft.unsigned_octets());
        session.said(Direction::HacToMn, octets.get(HEADER_LEN..).unwrap_or_default());
        if response.identifier == session.handed_on && session.came != 0 {
            response.identifier = session.came;
        }
        if let Lie::HacResponse(lie) = self.lie {
            lie(&mut response, session);
        }
        if ended.is_none() {
            session.told_hac_rand = response.draft.value(Name::HacRand).map(<[u8]>::to_vec);
        }
        if let Some(mut association) = self.held.pop_front() {
            agree(&mut association, &response.draft);
            self.outputs.push_back(Output::Install(association));
        }
        if matches!(self.lie, Lie::HacEnding(Ending::SilentError)) && *ended == Some(Said::Error) {
            return;
        }
        let octets = session.octets(Direction::HacToMn, response);
        session.said_auth = octets.get(HEADER_LEN..).and_then(around_auth).map(|(_, value)| value.to_vec());
        self.outputs.push_back(Output::Send { conn, octets });
    }

    fn close(&mut self, conn: ConnId) {
        let ended = self.connections.get(&conn).and_then(|connection| connection.ended);
        let stays_open = match self.lie {
            Lie::HacEnding(Ending::OpenAfterSuccess) => ended == Some(Said::Grant),
            Lie::HacEnding(Ending::OpenAfterError) => ended == Some(Said::Error),
            _ => false,
        };
        if !stays_open {
            self.outputs.push_back(Output::Close { conn });
        }
    }
}

/// The next container, of whatever version, as Length frames it.
pub(super) fn take_container(unread: &mut Vec<u8>) -> Option<Vec<u8>> {
    let needed = octets_needed(unread);
    (unread.len() >= needed).then(|| unread.drain(..needed).collect())
}

/// A response of the honest machine as a forge that gives the very same octets back.
pub(super) fn dissect(octets: &[u8]) -> MessageForge {
    let content = octets.get(HEADER_LEN..).unwrap_or_default();
    let mut draft = Draft::parse(content).unwrap_or_default();
    let auth = if draft.remove(Name::Auth) > 0 { AuthForge::Right } else { AuthForge::Absent };
    MessageForge::new(Container::new_unchecked(octets).identifier(), draft, auth)
}

fn said(response: &MessageForge) -> Option<Said> {
    match response.draft.value(Name::StatusCode)? {
        b"200" => Some(Said::Grant),
        _ => Some(Said::Error),
    }
}

/// The HA is given what the MN is told, as far as an HA can use it.
fn agree(association: &mut SecurityAssociation, draft: &Draft) {
    let Ok(Response::Final(response)) = Response::parse(&signed_somehow(draft)) else { return };
    let Some(grant) = response.grant else { return };
    let SaData { suite, scope, spi, mn_to_ha, ha_to_mn, validity_end } = grant.sa;
    let keys = |octets: &KeyOctets| DirectionKeys::new(suite, &octets.ikey, octets.ekey.as_deref());
    if let (Ok(mn_to_ha), Ok(ha_to_mn)) = (keys(&mn_to_ha), keys(&ha_to_mn)) {
        association.keys = SaKeys { mn_to_ha, ha_to_mn };
        association.suite = suite;
    }
    association.spi = spi;
    association.scope = scope;
    association.validity_end = validity_end;
}

/// A success without `auth` is no message: any will do to read it.
fn signed_somehow(draft: &Draft) -> Vec<u8> {
    let mut draft = draft.clone();
    draft.sign(wire::value::Mac([0; 32]));
    draft.octets()
}

impl Machine for HacLiar {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Established { conn, channel_binding } => {
                let (identities, previous) = (Arc::clone(&self.identities), self.previous.clone());
                let session = Session::new(self.profile, channel_binding.clone(), identities, previous);
                let connection = Connection { session, unread: Vec::new(), ended: None };
                self.connections.insert(conn, connection);
                if let Lie::HacGreeting(octets) = self.lie {
                    self.outputs.push_back(Output::Send { conn, octets: octets.to_vec() });
                }
                self.honest.handle(now, Input::Established { conn, channel_binding });
            }
            Input::Received { conn, octets } => self.received(now, conn, octets),
            Input::Closed { conn } => {
                self.connections.remove(&conn);
                self.honest.handle(now, Input::Closed { conn });
            }
        }
        self.drain();
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        self.honest.poll_timeout()
    }

    fn handle_timeout(&mut self, now: Timestamp) {
        self.honest.handle_timeout(now);
        self.drain();
    }
}
