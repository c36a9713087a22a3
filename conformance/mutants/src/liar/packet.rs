//! RFC 6618 section 6: packets between MN and HA, opened with the keys of their association however faulty they are.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv6Addr, SocketAddr};

use crypto::ciphersuite::{Algorithms, algorithms};
use crypto::keys::DirectionKeys;
use crypto::open::Opener;
use crypto::seal::Sealer;
use proto::sa::SecurityAssociation;
use suite::player::{BindingForge, ChecksumForge, IcvForge, Inner, PacketForge, Protection};
use wire::ext_header::Chain;
use wire::mobility::{self, BindingAck, BindingUpdate};
use wire::packet::{HEADER_LEN, ICV_LEN, PType, Packet};
use wire::trailer;

/// One direction of an association.
pub(super) struct Keys {
    sealer: Sealer,
    opener: Opener,
    algorithms: &'static Algorithms,
}

/// A packet as it came, taken apart without any check.
pub struct Contents {
    /// It gives the same octets back, but for the ICV, which is right.
    pub forge: PacketForge,
    /// Whether the ICV was.
    pub icv_is_right: bool,
}

impl Keys {
    pub(super) fn new(keys: &DirectionKeys) -> Self {
        let (sealer, opener) = (Sealer::new(keys), Opener::new(keys));
        Self { sealer, opener, algorithms: algorithms(keys.suite()) }
    }

    /// The octets of a packet.
    pub(super) fn octets(&self, forge: &PacketForge) -> Vec<u8> {
        forge.octets(&self.sealer, self.algorithms)
    }

    /// Takes a protected packet apart; `None` where there is no whole ciphertext.
    pub(super) fn dissect(&self, octets: &[u8]) -> Option<Contents> {
        let covered = octets.get(..octets.len().checked_sub(ICV_LEN)?)?;
        let icv_is_right = octets.get(covered.len()..)? == self.sealer.icv(covered);
        let iv = covered.get(HEADER_LEN..)?.get(..self.algorithms.iv_len)?.to_vec();
        let plaintext = self.plaintext(covered)?;
        let (pad_length, next_header) = match plaintext.as_slice() {
            [.., pad_length, next_header] => (*pad_length, *next_header),
            _ => return None,
        };
        let body = plaintext.len() - trailer::FIXED_LEN;
        let payload = plaintext.get(..body.saturating_sub(usize::from(pad_length)))?;
        let view = Packet::new_unchecked(octets);
        let forge = PacketForge {
            ptype: view.ptype(),
            spi: view.spi(),
            sequence: view.sequence(),
            iv,
            inner: Inner::Octets(next_header, payload.to_vec()),
            next_header: None,
            padding: Some(plaintext.get(payload.len()..body)?.to_vec()),
            pad_length: Some(pad_length),
            protection: Protection::Sealed,
            icv: IcvForge::Right,
        };
        Some(Contents { forge, icv_is_right })
    }

    /// Decrypts whatever the trailer says: a trailer of our own, enciphered as the next block of the chain, makes
    /// a packet whose payload is the whole plaintext.
    fn plaintext(&self, covered: &[u8]) -> Option<Vec<u8>> {
        let block = usize::from(self.algorithms.align);
        let padding = u8::try_from(block - trailer::FIXED_LEN).ok()?;
        let own = [trailer::sequential(padding), &[padding, trailer::NO_NEXT]].concat();
        let chain = covered.get(covered.len().checked_sub(self.algorithms.iv_len)?..)?;
        let sealed = self.sealer.forge(0, 0, chain, &own);
        let last = sealed.get(HEADER_LEN + chain.len()..)?.get(..block)?;
        let mut longer = [covered, last].concat();
        // An association is needed to open it, not the one that it names.
        longer.get_mut(..4)?.copy_from_slice(&PType::PROTECTED.word(1).to_be_bytes());
        let icv = self.sealer.icv(&longer);
        longer.extend_from_slice(&icv);
        self.opener.open(&[&longer]).pop()?.ok().map(|opened| opened.payload)
    }
}

/// An association as a liar at the HA or the MN knows it.
pub struct Tunnel {
    /// What was installed.
    pub sa: SecurityAssociation,
    /// What lies remember.
    pub notes: Notes,
    /// What the peer seals with.
    pub(super) inbound: Keys,
    /// What the honest machine seals with.
    pub(super) outbound: Keys,
}

/// What a lie may remember of one association.
#[derive(Default)]
pub struct Notes {
    /// How many associations were installed before.
    pub installed: u64,
    /// The newest good packet of the MN, kept by the wrapper.
    pub last: Option<PacketForge>,
    /// The highest Sequence Number of good packets, kept by the wrapper.
    pub highest: Option<u32>,
    /// Packets out by PType, kept by the wrapper.
    pub sent: BTreeMap<PType, u32>,
    /// Free for the lie.
    pub number: Option<u32>,
    /// Free for the lie.
    pub numbers: BTreeSet<(PType, u32)>,
    /// Where the last datagram under the SPI came from, good or bad, kept by the wrapper of an HA that lies in what it
    /// sends.
    pub source: Option<SocketAddr>,
    /// The same of the last packet of PType 8.
    pub signal_source: Option<SocketAddr>,
    /// Free for the lie.
    pub address: Option<SocketAddr>,
}

impl Tunnel {
    /// The HA's end.
    pub(super) fn at_ha(sa: SecurityAssociation) -> Self {
        let (inbound, outbound) = (Keys::new(&sa.keys.mn_to_ha), Keys::new(&sa.keys.ha_to_mn));
        Self { sa, notes: Notes::default(), inbound, outbound }
    }

    /// The MN's end.
    pub(super) fn at_mn(sa: SecurityAssociation) -> Self {
        let (inbound, outbound) = (Keys::new(&sa.keys.ha_to_mn), Keys::new(&sa.keys.mn_to_ha));
        Self { sa, notes: Notes::default(), inbound, outbound }
    }

    /// The home address, `::` if there is none.
    #[must_use]
    pub fn home(&self) -> Ipv6Addr {
        self.sa.home.ip6.unwrap_or(Ipv6Addr::UNSPECIFIED)
    }

    /// The home agent's address, `::` if it is not known.
    #[must_use]
    pub fn agent(&self) -> Ipv6Addr {
        self.sa.ha.unwrap_or(Ipv6Addr::UNSPECIFIED)
    }

    /// Whether the ciphertext of a packet of that many octets is some whole blocks.
    #[must_use]
    pub fn is_whole(&self, octets: usize) -> bool {
        let Algorithms { iv_len, align, .. } = self.inbound.algorithms;
        let ciphertext = octets.checked_sub(HEADER_LEN + iv_len + ICV_LEN);
        ciphertext.is_some_and(|len| len > 0 && len % usize::from(*align) == 0)
    }
}

/// A datagram on its way to the honest machine. What is changed here, it takes for what the peer sent.
///
/// Replays are found by the wrapper, and whatever is good is numbered anew: so a lie about numbers is told by
/// [`Arrival::replayed`], and a packet that a lie makes good has no number to care about.
pub struct Arrival<'a> {
    /// The UDP payload.
    pub octets: Vec<u8>,
    /// Its outer source.
    pub from: SocketAddr,
    /// Whether the number of a good packet is not fresh. A bad packet has none.
    pub replayed: bool,
    /// Every association, by SPI.
    pub tunnels: &'a mut BTreeMap<u32, Tunnel>,
    /// SPI of the newest good packet, or of an association that was installed since.
    pub latest: u32,
}

impl Arrival<'_> {
    /// The packet as a view.
    #[must_use]
    pub fn view(&self) -> Packet<&[u8]> {
        Packet::new_unchecked(&self.octets)
    }

    /// The association that the packet names.
    pub fn tunnel(&mut self) -> Option<&mut Tunnel> {
        let spi = self.view().spi();
        self.tunnels.get_mut(&spi)
    }

    /// The packet taken apart with the keys of the association that it names.
    #[must_use]
    pub fn contents(&self) -> Option<Contents> {
        self.contents_under(self.view().spi())
    }

    /// The same with the keys of another association.
    #[must_use]
    pub fn contents_under(&self, spi: u32) -> Option<Contents> {
        self.tunnels.get(&spi)?.inbound.dissect(&self.octets)
    }

    /// The packet taken apart, if its ICV is right.
    #[must_use]
    pub fn good(&self) -> Option<PacketForge> {
        self.contents().filter(|contents| contents.icv_is_right).map(|contents| contents.forge)
    }

    /// The Binding Update in a good packet, with the packet around it.
    #[must_use]
    pub fn update(&self) -> Option<(PacketForge, BindingForge)> {
        let forge = self.good()?;
        let binding = binding_update(&forge, self.tunnels.get(&forge.spi)?)?;
        Some((forge, binding))
    }

    /// Replaces the packet, sealed as the peer of the association that `forge` names seals.
    pub fn put(&mut self, forge: &PacketForge) {
        if let Some(tunnel) = self.tunnels.get(&forge.spi) {
            self.octets = tunnel.inbound.octets(forge);
        }
    }

    /// Replaces the Binding Update in a packet, with a checksum that is right.
    pub fn put_update(&mut self, mut forge: PacketForge, binding: BindingForge) {
        forge.padding = None;
        forge.pad_length = None;
        forge.inner = Inner::Binding(binding);
        self.put(&forge);
    }

    /// Replaces the packet by one of that association and PType with these contents.
    pub fn put_contents(&mut self, spi: u32, ptype: PType, next_header: u8, octets: &[u8]) {
        let Some(tunnel) = self.tunnels.get(&spi) else { return };
        let forge = PacketForge {
            ptype,
            spi,
            sequence: 0,
            iv: vec![0; tunnel.inbound.algorithms.iv_len],
            inner: Inner::Octets(next_header, octets.to_vec()),
            next_header: None,
            padding: None,
            pad_length: None,
            protection: Protection::Sealed,
            icv: IcvForge::Right,
        };
        self.octets = tunnel.inbound.octets(&forge);
    }

    /// Makes the ICV right.
    pub fn fix_icv(&mut self) {
        let Some(tunnel) = self.tunnels.get(&self.view().spi()) else { return };
        let Some(covered) = self.octets.len().checked_sub(ICV_LEN) else { return };
        self.octets.truncate(covered);
        let icv = tunnel.inbound.sealer.icv(&self.octets);
        self.octets.extend_from_slice(&icv);
    }

    /// The ICV that a packet of these octets ought to have.
    #[must_use]
    pub fn icv(&self, covered: &[u8]) -> Option<[u8; ICV_LEN]> {
        Some(self.tunnels.get(&self.view().spi())?.inbound.sealer.icv(covered))
    }

    /// Takes the packet for the good one before it.
    pub fn take_for_the_last(&mut self) {
        let last = self.tunnels.get(&self.latest).and_then(|tunnel| tunnel.notes.last.clone());
        if let Some(forge) = last {
            self.put(&forge);
        }
    }

    /// Lets the packet vanish.
    pub fn discard(&mut self) {
        self.octets.clear();
    }
}

/// Where a datagram of the honest machine goes, and under which association.
pub struct Departure<'a> {
    /// Its outer destination; at an MN it changes nothing.
    pub to: SocketAddr,
    /// The association by which the packet is protected.
    pub tunnel: &'a mut Tunnel,
}

impl Departure<'_> {
    /// The octets of a packet under the association.
    #[must_use]
    pub fn octets(&self, packet: &PacketForge) -> Vec<u8> {
        self.tunnel.outbound.octets(packet)
    }
}

/// The Binding Update in a packet, with a checksum that will be right.
#[must_use]
pub fn binding_update(forge: &PacketForge, tunnel: &Tunnel) -> Option<BindingForge> {
    let (next_header, octets) = forge.inner.octets();
    let chain = Chain::parse(next_header, &octets).ok()?;
    let update = BindingUpdate::parse(chain.upper).ok()?;
    Some(BindingForge {
        home_option: chain.home_address,
        update,
        checksum_home: chain.home_address.unwrap_or(tunnel.home()),
        checksum_ha: tunnel.agent(),
        checksum: ChecksumForge::Right,
        payload_proto: trailer::NO_NEXT,
        header_len: None,
        mh_type: mobility::BINDING_UPDATE,
    })
}

/// The Binding Acknowledgement in a packet.
#[must_use]
pub fn acknowledgement(forge: &PacketForge) -> Option<BindingAck> {
    let (next_header, octets) = forge.inner.octets();
    let chain = Chain::parse(next_header, &octets).ok()?;
    BindingAck::parse(chain.upper).ok()
}

/// Puts a Binding Acknowledgement into a packet; the padding follows it.
pub fn put_acknowledgement(forge: &mut PacketForge, ack: &BindingAck, tunnel: &Tunnel) {
    forge.inner = Inner::Octets(trailer::MOBILITY, ack.emit(tunnel.agent(), tunnel.home()));
    forge.padding = None;
    forge.pad_length = None;
}
