//! RFC 6618 from the MN's side: the honest MN behind a liar.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use crypto::auth::{Direction, Profile};
use crypto::keys::{DirectionKeys, SaKeys};
use proto::mn::{Input, Output};
use proto::sa::{HomeAddresses, SecurityAssociation};
use proto::{Machine, Timestamp};
use suite::identity::Identity;
use wire::container::HEADER_LEN;
use wire::message::{Grant, KeyOctets, Response};
use wire::packet::{DEFAULT_PORT, Packet};
use wire::param::Name;
use wire::value::Nai;

use super::hac::{dissect, take_container};
use super::inbox::Inbox;
use super::incoming::Incoming;
use super::packet::{Departure, Tunnel};
use super::session::Session;
use crate::mutant::Lie;
use crate::seat::MnMachine;
use crate::subject::Secrets;

/// Stands for the HA: an MN's machine does not see whence a datagram came.
const HA: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), DEFAULT_PORT);

/// The honest MN behind a liar.
pub(crate) struct MnLiar {
    lie: Lie,
    honest: MnMachine,
    profile: Profile,
    identities: Arc<[Identity]>,
    session: Option<Session>,
    unread: Vec<u8>,
    inbox: Inbox,
    outputs: VecDeque<Output>,
}

impl MnLiar {
    pub(crate) fn new(lie: Lie, honest: MnMachine, secrets: Secrets) -> Self {
        Self {
            lie,
            honest,
            profile: secrets.profile,
            identities: secrets.identities.into(),
            session: None,
            unread: Vec::new(),
            inbox: Inbox::default(),
            outputs: VecDeque::new(),
        }
    }

    fn received(&mut self, now: Timestamp, octets: &[u8]) {
        self.unread.extend_from_slice(octets);
        while let Some(response) = self.next_container() {
            self.honest.handle(now, Input::Received(response));
            self.drain();
        }
    }

    /// The next response as the honest machine shall see it.
    fn next_container(&mut self) -> Option<Vec<u8>> {
        let session = self.session.as_mut()?;
        let container = take_container(&mut self.unread)?;
        session.expect(container.get(HEADER_LEN..).unwrap_or_default());
        let signer = session.signer(Direction::HacToMn);
        let mut message = Incoming::new(&container, signer.as_ref());
        let as_it_came = message.clone();
        session.came = message.identifier;
        session.translate_back(&mut message);
        if let Lie::MnResponse(lie) = self.lie {
            lie(&mut message, session);
        }
        if message.believed
            && message != as_it_came
            && let Some(signer) = &signer
        {
            message.sign(signer);
        }
        session.heard(&message);
        let identity = session.identity.as_ref();
        if let Some(tunnel) = identity.and_then(|identity| granted(&message.content, identity)) {
            self.inbox.install(tunnel);
        }
        Some(message.octets())
    }

    fn drain(&mut self) {
        while let Some(output) = self.honest.poll_output() {
            let output = match output {
                Output::Send(octets) => Output::Send(self.say(octets)),
                Output::Transmit { octets } => Output::Transmit { octets: self.departed(octets) },
                Output::Connect | Output::Close | Output::Deliver(_) | Output::Event(_) => output,
            };
            self.outputs.push_back(output);
        }
    }

    fn say(&mut self, octets: Vec<u8>) -> Vec<u8> {
        let Some(session) = &mut self.session else { return octets };
        let mut request = dissect(&octets);
        let (identifier, is_first) = (request.identifier, session.is_first());
        session.learn(&request.draft.unsigned_octets());
        session.said(Direction::MnToHac, octets.get(HEADER_LEN..).unwrap_or_default());
        if let Lie::MnRequest(lie) = self.lie {
            lie(&mut request, session);
        }
        session.said_identifier = (identifier, request.identifier);
        if is_first {
            session.told_mn_rand = Some(request.draft.value(Name::MnRand).unwrap_or_default().to_vec());
        }
        session.octets(Direction::MnToHac, request)
    }

    fn arrived(&mut self, octets: Vec<u8>) -> Vec<u8> {
        match self.lie {
            Lie::MnInbound(lie) => self.inbox.arrived(lie, HA, octets).1,
            _ => octets,
        }
    }

    fn departed(&mut self, octets: Vec<u8>) -> Vec<u8> {
        let tunnel = self.inbox.tunnels.get_mut(&Packet::new_unchecked(octets.as_slice()).spi());
        let (Lie::MnOutbound(lie), Some(tunnel)) = (self.lie, tunnel) else { return octets };
        let Some(contents) = tunnel.outbound.dissect(&octets) else { return octets };
        let mut forge = contents.forge;
        lie(&mut forge, &mut Departure { to: HA, tunnel });
        tunnel.outbound.octets(&forge)
    }
}

/// The association that a final response grants, if it can be used.
fn granted(content: &[u8], identity: &Identity) -> Option<Tunnel> {
    let Ok(Response::Final(response)) = Response::parse(content) else { return None };
    let Grant { sa, bootstrap } = response.grant?;
    let keys = |octets: &KeyOctets| DirectionKeys::new(sa.suite, &octets.ikey, octets.ekey.as_deref()).ok();
    let keys = SaKeys { mn_to_ha: keys(&sa.mn_to_ha)?, ha_to_mn: keys(&sa.ha_to_mn)? };
    let home = HomeAddresses { ip6: bootstrap.ip6_hoa, ip4: bootstrap.ip4_hoa, prefix6: None };
    Some(Tunnel::at_mn(SecurityAssociation {
        spi: sa.spi,
        suite: sa.suite,
        scope: sa.scope,
        keys,
        validity_end: sa.validity_end,
        home,
        ha: bootstrap.haa_ip6,
        mn_id: Nai::parse(identity.mn_id.as_bytes()).ok()?,
    }))
}

impl Machine for MnLiar {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Established { channel_binding } => {
                self.unread.clear();
                let identities = Arc::clone(&self.identities);
                self.session = Some(Session::new(self.profile, channel_binding.clone(), identities, None));
                self.honest.handle(now, Input::Established { channel_binding });
            }
            Input::Received(octets) => self.received(now, &octets),
            Input::Datagrams(batch) => {
                let batch = batch.into_iter().map(|octets| self.arrived(octets)).collect();
                self.honest.handle(now, Input::Datagrams(batch));
            }
            other => self.honest.handle(now, other),
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
