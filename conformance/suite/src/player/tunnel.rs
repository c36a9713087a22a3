//! RFC 6618 section 6: the scripted MN towards its HA, over one SA.

use core::time::Duration;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use crypto::ciphersuite::{Algorithms, algorithms};
use crypto::keys::DirectionKeys;
use crypto::open::{Opened, Opener};
use crypto::seal::Sealer;
use etherparse::{IpNumber, PacketBuilder};
use wire::ext_header::Chain;
use wire::message::{Grant, KeyOctets};
use wire::mobility::{MobilityHeader, binding_ack, binding_update};
use wire::packet::{PType, Packet};
use wire::trailer;
use wire::value::Scope;

use super::packet_forge::{BindingForge, ChecksumForge, IcvForge, Inner, PacketForge, Protection};
use crate::case::Carrier;
use crate::finding::{Because, Finding, shown};
use crate::link::Datagrams;

/// The lifetime that honest Binding Updates ask for, in units of 4 seconds (RFC 6275 section 6.1.7): 10 minutes.
pub const LIFETIME: u16 = 150;

/// The care-of address in honest Alternate Care-of Address options: documentation space, so that no HA may
/// take it for a loopback or link-local address and drop the update (reading PK-27, clarification C14).
pub const CARE_OF: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xc0a, 0, 0, 0, 0, 1);

/// A scripted MN with an SA. It counts its own numbers and keeps what the HA sent.
pub struct Tunnel {
    socket: Box<dyn Datagrams>,
    wait: Duration,
    algorithms: &'static Algorithms,
    sealer: Sealer,
    opener: Opener,
    /// What the HAC granted.
    pub grant: Grant,
    /// Our home address.
    pub home: Ipv6Addr,
    /// The HA's IPv6 address.
    pub ha: Ipv6Addr,
    /// A host behind the HA that answers ICMPv6 echo requests.
    pub correspondent: Option<Ipv6Addr>,
    sequence: u32,
    binding_sequence: u16,
    echo_sequence: u16,
    ivs: Box<dyn FnMut(&mut [u8]) + Send>,
    /// Sequence Numbers of the HA, in the order of arrival, of packets whose ICV is right.
    pub heard: Vec<u32>,
}

/// One datagram from the HA, opened as far as it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TunnelAnswer {
    /// A Binding Acknowledgement with a right ICV and checksum.
    Acknowledgement(binding_ack::Repr),
    /// An ICMPv6 echo reply of the correspondent, with the sequence number of our request; protected or not.
    EchoReply {
        /// ICMPv6 sequence number.
        sequence: u16,
        /// How it came.
        ptype: PType,
    },
    /// Something else that is well protected.
    Other(String),
    /// Octets that break a rule of section 6.
    Broken(String),
}

impl Tunnel {
    /// The MN's end of the SA in `grant`.
    ///
    /// # Errors
    /// Nothing is proved about the HA when the grant has no IPv6 home address, no HA IPv6 address or unusable keys.
    pub fn new(
        grant: Grant,
        socket: Box<dyn Datagrams>,
        correspondent: Option<Ipv6Addr>,
        wait: Duration,
        ivs: Box<dyn FnMut(&mut [u8]) + Send>,
    ) -> Result<Self, Finding> {
        let lacks =
            |what: &str| Finding::Inconclusive(Because::Prerequisite(format!("the HAC gave no {what}")));
        let home = grant.bootstrap.ip6_hoa.ok_or_else(|| lacks("mip6-ip6-hoa"))?;
        let ha = grant.bootstrap.haa_ip6.ok_or_else(|| lacks("mip6-haa-ip6"))?;
        let keys = |octets: &KeyOctets| {
            DirectionKeys::new(grant.sa.suite, &octets.ikey, octets.ekey.as_deref())
                .map_err(|error| Finding::Inconclusive(Because::Prerequisite(error.to_string())))
        };
        Ok(Self {
            algorithms: algorithms(grant.sa.suite),
            sealer: Sealer::new(&keys(&grant.sa.mn_to_ha)?),
            opener: Opener::new(&keys(&grant.sa.ha_to_mn)?),
            home,
            ha,
            grant,
            socket,
            wait,
            correspondent,
            sequence: 0,
            binding_sequence: 0,
            echo_sequence: 0,
            ivs,
            heard: Vec::new(),
        })
    }

    /// The next honest Binding Update; its number is used up.
    pub fn binding_update(&mut self) -> PacketForge {
        self.binding_sequence = self.binding_sequence.wrapping_add(1);
        let update = binding_update::Repr {
            sequence: self.binding_sequence,
            flags: binding_update::Flags { acknowledge: true, home_registration: true, ..Default::default() },
            lifetime: wire::mobility::Lifetime(LIFETIME),
            alternate_coa: Some(self.care_of()),
        };
        let binding = BindingForge {
            home_option: Some(self.home),
            update,
            checksum_home: self.home,
            checksum_ha: self.ha,
            checksum: ChecksumForge::Right,
            payload_proto: trailer::NO_NEXT,
            header_len: None,
            mh_type: wire::mobility::BINDING_UPDATE,
        };
        self.sealed(PType::MOBILITY, Inner::Binding(binding))
    }

    /// The next honest echo request to the correspondent, protected (PType 1) or plain (PType 0).
    ///
    /// # Errors
    /// Inconclusive without a correspondent.
    pub fn echo_request(&mut self, protection: Protection) -> Result<PacketForge, Finding> {
        let correspondent = self
            .correspondent
            .ok_or(Finding::Inconclusive(Because::Needs("--cn ADDR, a correspondent behind the HA")))?;
        self.echo_sequence = self.echo_sequence.wrapping_add(1);
        let packet = echo_request(self.home, correspondent, self.echo_sequence);
        let inner = Inner::Octets(trailer::IPV6, packet);
        Ok(match protection {
            Protection::Sealed => self.sealed(PType::PROTECTED, inner),
            Protection::Plain => PacketForge {
                ptype: PType::PLAIN,
                spi: 0,
                sequence: 0,
                iv: Vec::new(),
                protection: Protection::Plain,
                ..self.unnumbered(PType::PLAIN, inner)
            },
        })
    }

    /// The next honest packet of that kind, and the number by which its answer is known.
    ///
    /// # Errors
    /// As [`Self::echo_request`].
    pub fn next(&mut self, carrier: Carrier) -> Result<(PacketForge, u16), Finding> {
        Ok(match carrier {
            Carrier::BindingUpdate => (self.binding_update(), self.binding_sequence),
            Carrier::ProtectedEcho => (self.echo_request(Protection::Sealed)?, self.echo_sequence),
            Carrier::PlainEcho => (self.echo_request(Protection::Plain)?, self.echo_sequence),
        })
    }

    /// The care-of address that our Binding Updates name.
    #[must_use]
    pub fn care_of(&self) -> Ipv6Addr {
        match self.socket.local().ip() {
            IpAddr::V6(address) if !address.is_loopback() && !address.is_unspecified() => address,
            _ => CARE_OF,
        }
    }

    /// An honest protected packet with the next Sequence Number.
    pub fn sealed(&mut self, ptype: PType, inner: Inner) -> PacketForge {
        let forge = self.unnumbered(ptype, inner);
        self.sequence = self.sequence.wrapping_add(1);
        forge
    }

    fn unnumbered(&mut self, ptype: PType, inner: Inner) -> PacketForge {
        let mut iv = vec![0; self.algorithms.iv_len];
        (self.ivs)(&mut iv);
        PacketForge {
            ptype,
            spi: self.grant.sa.spi.get(),
            sequence: self.sequence,
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

    /// Sends a packet as it is forged; gives the octets sent.
    ///
    /// # Errors
    /// Our own socket failed.
    pub fn send(&mut self, packet: &PacketForge) -> Result<Vec<u8>, Finding> {
        let octets = packet.octets(&self.sealer, self.algorithms);
        self.send_octets(&octets)?;
        Ok(octets)
    }

    /// Sends any octets.
    ///
    /// # Errors
    /// Our own socket failed.
    pub fn send_octets(&mut self, octets: &[u8]) -> Result<(), Finding> {
        self.socket.send(octets).map_err(|error| Finding::Harness(error.to_string()))
    }

    /// Waits for the answer with that number; everything that comes before it is given too, in order.
    /// The last one is the answer, unless the time ran out.
    pub fn until(&mut self, carrier: Carrier, number: u16) -> Answers {
        let deadline = Instant::now() + self.wait;
        let mut before = Vec::new();
        // Bounded even against a HA that never stops talking.
        for _ in 0..4096 {
            let left = deadline.saturating_duration_since(Instant::now());
            let Some(octets) = self.socket.receive(left) else { break };
            let answer = self.open(&octets);
            if answer.number(carrier) == Some(number) {
                return Answers { before, answer: Some(answer) };
            }
            before.push(answer);
        }
        Answers { before, answer: None }
    }

    /// What a datagram from the HA says.
    pub fn open(&mut self, octets: &[u8]) -> TunnelAnswer {
        let view = match Packet::new_checked(octets) {
            Ok(view) => view,
            Err(error) => return TunnelAnswer::Broken(error.to_string()),
        };
        if view.ptype() == PType::PLAIN {
            return self.open_plain(&view);
        }
        if view.spi() != self.grant.sa.spi.get() {
            let (need, have) = (self.grant.sa.spi.get(), view.spi());
            return TunnelAnswer::Broken(format!("SPI {have} where the SA has {need}"));
        }
        match self.opener.open(&[octets]).pop() {
            Some(Ok(opened)) => {
                self.heard.push(opened.sequence);
                self.meaning(&opened)
            }
            Some(Err(error)) => TunnelAnswer::Broken(format!("{error}: {}", shown(octets, 48))),
            None => TunnelAnswer::Broken("nothing to open".to_owned()),
        }
    }

    fn open_plain(&self, view: &Packet<&[u8]>) -> TunnelAnswer {
        if view.spi() != 0 || view.sequence() != 0 {
            return TunnelAnswer::Broken(format!(
                "PType 0 with SPI {} and Sequence Number {}, both must be 0 (section 6.4)",
                view.spi(),
                view.sequence()
            ));
        }
        self.inner_meaning(PType::PLAIN, view.body())
    }

    fn meaning(&self, opened: &Opened) -> TunnelAnswer {
        match opened.ptype {
            PType::MOBILITY => self.mobility_meaning(opened),
            PType::PROTECTED if opened.next_header == trailer::IPV6 => {
                self.inner_meaning(PType::PROTECTED, &opened.payload)
            }
            ptype => TunnelAnswer::Broken(format!("{ptype} with Next Header {}", opened.next_header)),
        }
    }

    fn mobility_meaning(&self, opened: &Opened) -> TunnelAnswer {
        let chain = match Chain::parse(opened.next_header, &opened.payload) {
            Ok(chain) if chain.protocol == trailer::MOBILITY => chain,
            Ok(chain) => {
                return TunnelAnswer::Broken(format!("PType 8 that ends in protocol {}", chain.protocol));
            }
            Err(error) => return TunnelAnswer::Broken(error.to_string()),
        };
        let view = match MobilityHeader::new_checked(chain.upper) {
            Ok(view) => view,
            Err(error) => return TunnelAnswer::Broken(error.to_string()),
        };
        if !view.verify(self.ha, self.home) {
            let what = "Mobility Header whose checksum does not fit the HA's and the home address";
            return TunnelAnswer::Broken(what.to_owned());
        }
        match view.mh_type() {
            wire::mobility::BINDING_ACK => match binding_ack::Repr::parse(chain.upper) {
                Ok(ack) => TunnelAnswer::Acknowledgement(ack),
                Err(error) => TunnelAnswer::Broken(error.to_string()),
            },
            mh_type => TunnelAnswer::Other(format!("Mobility Header of type {mh_type}")),
        }
    }

    fn inner_meaning(&self, ptype: PType, packet: &[u8]) -> TunnelAnswer {
        match echo_reply(packet, self.correspondent, self.home) {
            Some(sequence) => TunnelAnswer::EchoReply { sequence, ptype },
            None => TunnelAnswer::Other(format!("{ptype}: {}", shown(packet, 48))),
        }
    }

    /// The scope of the SA.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.grant.sa.scope
    }

    /// Where our datagrams come from.
    #[must_use]
    pub fn local(&self) -> SocketAddr {
        self.socket.local()
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

impl TunnelAnswer {
    /// The number of the request that this answers, if it is an answer of that kind.
    #[must_use]
    pub fn number(&self, carrier: Carrier) -> Option<u16> {
        match (self, carrier) {
            (Self::Acknowledgement(ack), Carrier::BindingUpdate) => Some(ack.sequence),
            (Self::EchoReply { sequence, .. }, Carrier::ProtectedEcho | Carrier::PlainEcho) => {
                Some(*sequence)
            }
            _ => None,
        }
    }

    /// In protocol words, safe for a terminal.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Acknowledgement(ack) => {
                format!("Binding Acknowledgement, status {}, sequence {}", ack.status, ack.sequence)
            }
            Self::EchoReply { sequence, ptype } => format!("echo reply {sequence} in {ptype}"),
            Self::Other(what) | Self::Broken(what) => what.clone(),
        }
    }
}

/// An ICMPv6 echo request as an IPv6 packet; the identifier is fixed, the sequence number tells them apart.
#[must_use]
pub fn echo_request(from: Ipv6Addr, to: Ipv6Addr, sequence: u16) -> Vec<u8> {
    let builder = PacketBuilder::ipv6(from.octets(), to.octets(), 64).icmpv6_echo_request(ECHO_ID, sequence);
    let data = b"mip6-conform";
    let mut packet = Vec::with_capacity(builder.size(data.len()));
    // Writing to a Vec of a small packet cannot fail; an empty packet would be noticed at once.
    if builder.write(&mut packet, data).is_err() {
        packet.clear();
    }
    packet
}

const ECHO_ID: u16 = 0x6618;

fn echo_reply(packet: &[u8], from: Option<Ipv6Addr>, to: Ipv6Addr) -> Option<u16> {
    let (ip, payload) = etherparse::Ipv6Header::from_slice(packet).ok()?;
    let addressed = Some(ip.source_addr()) == from && ip.destination_addr() == to;
    if !addressed || ip.next_header != IpNumber::IPV6_ICMP {
        return None;
    }
    let icmp = etherparse::Icmpv6Slice::from_slice(payload.get(..usize::from(ip.payload_length))?).ok()?;
    match icmp.icmp_type() {
        etherparse::Icmpv6Type::EchoReply(echo) if echo.id == ECHO_ID => Some(echo.seq),
        _ => None,
    }
}
