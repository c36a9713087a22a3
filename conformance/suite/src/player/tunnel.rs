//! RFC 6618 section 6: the scripted MN towards its HA, over one SA.

use core::time::Duration;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use crypto::ciphersuite::{Algorithms, algorithms};
use crypto::keys::DirectionKeys;
use crypto::seal::Sealer;
use wire::message::{Grant, KeyOctets};
use wire::mobility::{self, Lifetime, binding_ack, binding_update};
use wire::packet::PType;
use wire::trailer;

use super::echo::{Correspondents, ECHO_DATA, Echo, echo_request, echo_request4};
use super::heard::{Ear, Heard, TunnelAnswer};
use super::packet_forge::{BindingForge, ChecksumForge, IcvForge, Inner, PacketForge, Protection};
use crate::case::Carrier;
use crate::finding::{Because, Clue, Finding};
use crate::link::{Datagram, Datagrams};

/// The lifetime that honest Binding Updates ask for: 10 minutes.
pub const LIFETIME: Lifetime = Lifetime(150);

/// The care-of address in honest Alternate Care-of Address options: documentation space, so that no HA may
/// take it for a loopback or link-local address and drop the update (reading PK-27, clarification C14).
pub const CARE_OF: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xc0a, 0, 0, 0, 0, 1);

/// Fills octets with random ones, for IVs.
pub type RandomOctets = Box<dyn FnMut(&mut [u8]) + Send>;

/// A Binding Update and what acknowledged it.
pub type Acknowledged = (binding_update::Repr, binding_ack::Repr);

/// A scripted MN with an SA. It counts its own numbers and keeps what the HA sent.
pub struct Tunnel {
    socket: Box<dyn Datagrams>,
    wait: Duration,
    algorithms: &'static Algorithms,
    sealer: Sealer,
    ear: Ear,
    /// What the HAC granted.
    pub grant: Grant,
    /// Our home address.
    pub home: Ipv6Addr,
    /// Our IPv4 home address, if the HAC gave one.
    pub home_ip4: Option<Ipv4Addr>,
    /// The HA's IPv6 address.
    pub ha: Ipv6Addr,
    correspondents: Correspondents,
    sequence: u32,
    binding_sequence: u16,
    echo_sequence: u16,
    ivs: RandomOctets,
    /// What could be read of the HA's datagrams, in the order of arrival.
    pub heard: Vec<Heard>,
    /// Where the HA's datagrams came from, in the order of arrival, whatever was in them.
    pub sources: Vec<SocketAddr>,
    /// Why the HA's datagrams that could not be read are as they are, each reason once.
    pub clues: Vec<Clue>,
}

impl Tunnel {
    /// The MN's end of the SA in `grant`.
    ///
    /// # Errors
    /// Nothing is proved about the HA when the grant has no IPv6 home address, no HA IPv6 address or unusable keys.
    pub fn new(
        grant: Grant,
        socket: Box<dyn Datagrams>,
        correspondents: Correspondents,
        wait: Duration,
        ivs: RandomOctets,
    ) -> Result<Self, Finding> {
        let lacks =
            |what: &str| Finding::Inconclusive(Because::Prerequisite(format!("the HAC gave no {what}")));
        let home = grant.bootstrap.ip6_hoa.ok_or_else(|| lacks("mip6-ip6-hoa"))?;
        let ha = grant.bootstrap.haa_ip6.ok_or_else(|| lacks("mip6-haa-ip6"))?;
        let keys = |octets: &KeyOctets| {
            DirectionKeys::new(grant.sa.suite, &octets.ikey, octets.ekey.as_deref())
                .map_err(|error| Finding::Inconclusive(Because::Prerequisite(error.to_string())))
        };
        let home_ip4 = grant.bootstrap.ip4_hoa;
        let homes = [Some(IpAddr::V6(home)), home_ip4.map(IpAddr::V4)].into_iter().flatten().collect();
        Ok(Self {
            algorithms: algorithms(grant.sa.suite),
            sealer: Sealer::new(&keys(&grant.sa.mn_to_ha)?),
            ear: Ear::new([keys(&grant.sa.ha_to_mn)?, keys(&grant.sa.mn_to_ha)?], homes, correspondents),
            home,
            home_ip4,
            ha,
            grant,
            socket,
            wait,
            correspondents,
            sequence: 0,
            binding_sequence: 0,
            echo_sequence: 0,
            ivs,
            heard: Vec::new(),
            sources: Vec::new(),
            clues: Vec::new(),
        })
    }

    /// Goes on from another socket, as after a movement, and gives the one before back.
    pub fn move_to(&mut self, socket: Box<dyn Datagrams>) -> Box<dyn Datagrams> {
        core::mem::replace(&mut self.socket, socket)
    }

    /// Where our datagrams come from.
    #[must_use]
    pub fn local(&self) -> SocketAddr {
        self.socket.local()
    }

    /// Hosts behind the HA to which user data may go.
    #[must_use]
    pub const fn correspondents(&self) -> Correspondents {
        self.correspondents
    }

    /// The care-of address that our Binding Updates name.
    #[must_use]
    pub fn care_of(&self) -> Ipv6Addr {
        match self.socket.local().ip() {
            IpAddr::V6(address) if !address.is_loopback() && !address.is_unspecified() => address,
            _ => CARE_OF,
        }
    }
}

/// What is sent.
impl Tunnel {
    /// The next honest packet of that kind, and the number by which its answer is known.
    ///
    /// # Errors
    /// Inconclusive when there is no correspondent to send an echo request to.
    pub fn next(&mut self, carrier: Carrier) -> Result<(PacketForge, u16), Finding> {
        Ok(match carrier {
            Carrier::BindingUpdate => (self.binding_update(), self.binding_sequence),
            Carrier::ProtectedEcho => (self.echo_from(self.home)?, self.echo_sequence),
            Carrier::ProtectedEcho4 => (self.echo4()?, self.echo_sequence),
            Carrier::PlainEcho | Carrier::PlainEcho4 => {
                // Numbers of the SA are for what the SA protects.
                let unused = self.sequence;
                let home = self.home;
                let mut packet =
                    if carrier == Carrier::PlainEcho { self.echo_from(home)? } else { self.echo4()? };
                packet.in_the_clear();
                self.sequence = unused;
                (packet, self.echo_sequence)
            }
        })
    }

    /// The next honest Binding Update.
    pub fn binding_update(&mut self) -> PacketForge {
        let update = self.next_update(LIFETIME);
        self.around_update(update)
    }

    fn next_update(&mut self, lifetime: Lifetime) -> binding_update::Repr {
        self.binding_sequence = self.binding_sequence.wrapping_add(1);
        binding_update::Repr {
            sequence: self.binding_sequence,
            flags: binding_update::Flags::REGISTRATION,
            lifetime,
            alternate_coa: Some(self.care_of()),
        }
    }

    fn around_update(&mut self, update: binding_update::Repr) -> PacketForge {
        let binding = BindingForge {
            home_option: Some(self.home),
            update,
            checksum_home: self.home,
            checksum_ha: self.ha,
            checksum: ChecksumForge::Right,
            payload_proto: trailer::NO_NEXT,
            header_len: None,
            mh_type: mobility::BINDING_UPDATE,
        };
        self.sealed(PType::MOBILITY, Inner::Binding(binding))
    }

    /// An echo request to the correspondent with a number of the caller's.
    ///
    /// # Errors
    /// Inconclusive without a correspondent.
    pub fn echo_numbered(&self, sequence: u16) -> Result<Vec<u8>, Finding> {
        let needs = Because::Needs("--cn ADDR, a correspondent behind the HA");
        let correspondent = self.correspondents.ip6.ok_or(Finding::Inconclusive(needs))?;
        Ok(echo_request(self.home, correspondent, sequence, ECHO_DATA))
    }

    /// The next protected echo request to the correspondent; honest when `source` is the home address.
    ///
    /// # Errors
    /// Inconclusive without a correspondent.
    pub fn echo_from(&mut self, source: Ipv6Addr) -> Result<PacketForge, Finding> {
        self.echo_of(source, ECHO_DATA)
    }

    /// The same with other data.
    ///
    /// # Errors
    /// As [`Self::echo_from`].
    pub fn echo_of(&mut self, source: Ipv6Addr, data: &[u8]) -> Result<PacketForge, Finding> {
        let correspondent = self
            .correspondents
            .ip6
            .ok_or(Finding::Inconclusive(Because::Needs("--cn ADDR, a correspondent behind the HA")))?;
        self.echo_sequence = self.echo_sequence.wrapping_add(1);
        let packet = echo_request(source, correspondent, self.echo_sequence, data);
        Ok(self.sealed(PType::PROTECTED, Inner::Octets(trailer::IPV6, packet)))
    }

    fn echo4(&mut self) -> Result<PacketForge, Finding> {
        let none = "an IPv4 home address; the HAC or the file of associations gives none";
        let home = self.home_ip4.ok_or(Finding::Unsupported(Because::Needs(none)))?;
        self.echo4_from(home)
    }

    /// The next protected echo request inside IPv4; honest when `source` is the IPv4 home address.
    ///
    /// # Errors
    /// Unsupported without a correspondent for IPv4.
    pub fn echo4_from(&mut self, source: Ipv4Addr) -> Result<PacketForge, Finding> {
        let none = "--cn4 ADDR, a correspondent behind the HA for IPv4";
        let correspondent = self.correspondents.ip4.ok_or(Finding::Unsupported(Because::Needs(none)))?;
        self.echo_sequence = self.echo_sequence.wrapping_add(1);
        let packet = echo_request4(source, correspondent, self.echo_sequence, ECHO_DATA);
        Ok(self.sealed(PType::PROTECTED, Inner::Octets(trailer::IPV4, packet)))
    }

    /// An honest protected packet with the next Sequence Number.
    pub fn sealed(&mut self, ptype: PType, inner: Inner) -> PacketForge {
        let mut iv = vec![0; self.algorithms.iv_len];
        (self.ivs)(&mut iv);
        let sequence = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        PacketForge {
            ptype,
            spi: self.grant.sa.spi.get(),
            sequence,
            iv,
            inner,
            next_header: None,
            padding: None,
            pad_length: None,
            protection: Protection::Sealed,
            icv: IcvForge::Right,
        }
    }

    /// The Sequence Number of the next protected packet.
    #[must_use]
    pub const fn next_sequence(&self) -> u32 {
        self.sequence
    }

    /// Goes on with another Sequence Number.
    pub const fn jump_to(&mut self, sequence: u32) {
        self.sequence = sequence;
    }

    /// Goes on from the number of the last good Binding Update, as the HA told it (RFC 6275 section 11.7.1).
    pub const fn resynchronise(&mut self, last_taken: u16) {
        self.binding_sequence = last_taken;
    }

    /// Goes on numbering Binding Updates where the tunnel before stopped, since the home address is the same.
    pub const fn continue_binding_of(&mut self, before: &Self) {
        self.binding_sequence = before.binding_sequence;
    }

    /// Sends a packet as it is forged; gives the octets sent.
    ///
    /// # Errors
    /// Our own socket failed.
    pub fn send(&mut self, packet: &PacketForge) -> Result<Vec<u8>, Finding> {
        let octets = self.octets(packet);
        self.send_octets(&octets)?;
        Ok(octets)
    }

    /// The datagram that a packet is as it is forged.
    #[must_use]
    pub fn octets(&self, packet: &PacketForge) -> Vec<u8> {
        packet.octets(&self.sealer, self.algorithms)
    }

    /// Sends any octets.
    ///
    /// # Errors
    /// Our own socket failed.
    pub fn send_octets(&mut self, octets: &[u8]) -> Result<(), Finding> {
        self.socket.send(octets).map_err(|error| Finding::Harness(error.to_string()))
    }

    /// Sends the next honest packet of that kind and waits for its answer.
    ///
    /// # Errors
    /// As [`Self::next`] and [`Self::send`].
    pub fn ask(&mut self, carrier: Carrier) -> Result<Answers, Finding> {
        let (packet, number) = self.next(carrier)?;
        self.send(&packet)?;
        Ok(self.answer(carrier, number))
    }
}

/// What comes back.
impl Tunnel {
    /// Sends an honest Binding Update for that lifetime and waits for the next Binding Acknowledgement, whatever
    /// number it repeats; gives both, or in words what came instead.
    ///
    /// # Errors
    /// Our own socket failed.
    pub fn register(&mut self, lifetime: Lifetime) -> Result<Result<Acknowledged, String>, Finding> {
        let update = self.next_update(lifetime);
        let packet = self.around_update(update);
        self.send(&packet)?;
        Ok(self.acknowledgement().map(|ack| (update, ack)))
    }

    /// Waits for the answer with that number.
    pub fn answer(&mut self, carrier: Carrier, number: u16) -> Answers {
        self.until(|answer| answer.number(carrier) == Some(number))
    }

    /// Waits for an echo reply, whatever number it has.
    ///
    /// # Errors
    /// What came instead.
    pub fn next_echo_reply(&mut self) -> Result<Echo, Vec<TunnelAnswer>> {
        let answers = self.until(|answer| matches!(answer, TunnelAnswer::EchoReply { .. }));
        let reply = answers.answer.and_then(|_| self.heard.last()?.echo_reply());
        reply.ok_or(answers.before)
    }

    /// Waits for something that no request of ours asked for.
    pub fn unasked(&mut self) -> Answers {
        self.until(|answer| matches!(answer, TunnelAnswer::Unsolicited(_)))
    }

    /// Waits for the answer with one of those numbers.
    pub fn answer_one_of(&mut self, carrier: Carrier, numbers: &[u16]) -> Answers {
        self.until(|answer| answer.number(carrier).is_some_and(|number| numbers.contains(&number)))
    }

    /// Waits for a Binding Acknowledgement, whatever number it repeats.
    ///
    /// # Errors
    /// What came instead, in words.
    pub fn acknowledgement(&mut self) -> Result<binding_ack::Repr, String> {
        let answers = self.any_acknowledgement();
        match answers.answer {
            Some(TunnelAnswer::Acknowledgement(ack)) => Ok(ack),
            _ => Err(answers.describe()),
        }
    }

    /// The same, with everything that came before it.
    pub fn any_acknowledgement(&mut self) -> Answers {
        self.until(|answer| matches!(answer, TunnelAnswer::Acknowledgement(_)))
    }

    fn hear(&mut self, datagram: &Datagram) -> TunnelAnswer {
        let (answer, heard) = self.ear.hear(&datagram.octets);
        self.heard.extend(heard);
        self.sources.push(datagram.from);
        for clue in self.ear.clues(&datagram.octets, (datagram.from.port(), self.local().port())) {
            if !self.clues.contains(&clue) {
                self.clues.push(clue);
            }
        }
        answer
    }

    /// What has come already. On a link without loss that is everything that came before the answer to a control.
    pub fn there(&mut self) -> Vec<TunnelAnswer> {
        self.listen(Duration::from_millis(1))
    }

    /// Lets `span` pass at the HA, and gives what came meanwhile.
    pub fn listen(&mut self, span: Duration) -> Vec<TunnelAnswer> {
        let came = self.socket.listen(span);
        came.iter().map(|datagram| self.hear(datagram)).collect()
    }

    /// Waits for what is wanted; everything that comes before it is given too, in order.
    fn until(&mut self, wanted: impl Fn(&TunnelAnswer) -> bool) -> Answers {
        let deadline = Instant::now() + self.wait;
        let mut before = Vec::new();
        // Bounded even against a HA that never stops talking.
        for _ in 0..4096 {
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(datagram) = self.socket.receive(left) else { break };
            let answer = self.hear(&datagram);
            if wanted(&answer) {
                return Answers { before, answer: Some(answer) };
            }
            before.push(answer);
        }
        Answers { before, answer: None }
    }
}

/// What came until an answer was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Everything else, in order.
    pub before: Vec<TunnelAnswer>,
    /// The answer; `None` when the time ran out.
    pub answer: Option<TunnelAnswer>,
}

impl Answers {
    /// What came instead of an answer, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        match (&self.answer, self.before.last()) {
            (Some(answer), _) => answer.describe(),
            (None, Some(last)) => format!("no answer to it in time, but {}", last.describe()),
            (None, None) => "no answer in time".to_owned(),
        }
    }
}
