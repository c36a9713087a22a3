//! RFC 6618 section 6: the scripted HA, the other end of a [`Tunnel`](super::Tunnel).

use std::net::Ipv6Addr;

use crypto::ciphersuite::{Algorithms, algorithms};
use crypto::keys::DirectionKeys;
use crypto::open::{Opened, Opener};
use crypto::seal::Sealer;
use wire::ext_header::Chain;
use wire::message::{Grant, KeyOctets};
use wire::mobility::{BindingStatus, MobilityHeader, binding_ack, binding_update};
use wire::packet::PType;
use wire::trailer;

use super::packet_forge::{IcvForge, Inner, PacketForge, Protection};
use crate::finding::Finding;

/// A scripted HA with one SA.
pub struct HaPlayer {
    opener: Opener,
    sealer: Sealer,
    algorithms: &'static Algorithms,
    grant: Grant,
    sequence: u32,
}

/// A Binding Update of the MN, taken apart.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The packet around it.
    pub opened: Opened,
    /// The address in its Home Address option.
    pub home_option: Option<Ipv6Addr>,
    /// The Mobility Header, octet for octet.
    pub header: Vec<u8>,
    /// The message.
    pub update: binding_update::Repr,
}

impl HaPlayer {
    /// The HA's end of the SA in `grant`.
    ///
    /// # Errors
    /// Our own grant has unusable keys.
    pub fn new(grant: Grant) -> Result<Self, Finding> {
        let keys = |octets: &KeyOctets| {
            DirectionKeys::new(grant.sa.suite, &octets.ikey, octets.ekey.as_deref())
                .map_err(|error| Finding::Harness(error.to_string()))
        };
        let opener = Opener::new(&keys(&grant.sa.mn_to_ha)?);
        let sealer = Sealer::new(&keys(&grant.sa.ha_to_mn)?);
        Ok(Self { opener, sealer, algorithms: algorithms(grant.sa.suite), grant, sequence: 0 })
    }

    /// Opens a datagram of the MN, whatever its padding.
    ///
    /// # Errors
    /// A failure that says what is wrong with it.
    pub fn open(&self, octets: &[u8]) -> Result<Opened, Finding> {
        self.opener.open_any_padding(octets).map_err(|error| {
            Finding::fails("a packet protected as section 6.3 says", error.to_string())
                .with_octets("datagram received", octets)
        })
    }

    /// Opens a datagram that must be a Binding Update. Its PType, SPI, padding and checksum are not judged here.
    ///
    /// # Errors
    /// A failure that says what is wrong with it.
    pub fn registration(&self, octets: &[u8]) -> Result<Registration, Finding> {
        let opened = self.open(octets)?;
        let expected = "a Binding Update (section 6.3, RFC 6275 section 6.1.7)";
        let broken = |error: &wire::error::DecodeError| {
            Finding::malformed(expected, error).with_octets("payload, decrypted", &opened.payload)
        };
        let chain = Chain::parse(opened.next_header, &opened.payload).map_err(|e| broken(&e))?;
        if chain.protocol != trailer::MOBILITY {
            let observed = format!("{} carrying protocol {}", opened.ptype, chain.protocol);
            return Err(Finding::fails(expected, observed));
        }
        let update = binding_update::Repr::parse(chain.upper).map_err(|e| broken(&e))?;
        let (home_option, header) = (chain.home_address, chain.upper.to_vec());
        Ok(Registration { home_option, header, update, opened })
    }

    /// Whether the checksum of a Mobility Header fits the home address and the HA's address (reading PK-26).
    #[must_use]
    pub fn checksum_is_right(&self, header: &[u8]) -> bool {
        match (self.grant.bootstrap.ip6_hoa, self.grant.bootstrap.haa_ip6) {
            (Some(home), Some(ha)) => {
                MobilityHeader::new_checked(header).is_ok_and(|view| view.verify(home, ha))
            }
            _ => false,
        }
    }

    /// A packet with an acknowledgement that accepts `update`, changed at will.
    #[must_use]
    pub fn acknowledgement(
        &mut self,
        update: &binding_update::Repr,
        change: impl FnOnce(&mut binding_ack::Repr),
    ) -> PacketForge {
        let mut ack = binding_ack::Repr {
            status: BindingStatus::ACCEPTED,
            key_management: false,
            sequence: update.sequence,
            lifetime: update.lifetime,
            refresh_advice: None,
        };
        change(&mut ack);
        let home = self.grant.bootstrap.ip6_hoa.unwrap_or(Ipv6Addr::UNSPECIFIED);
        let ha = self.grant.bootstrap.haa_ip6.unwrap_or(Ipv6Addr::UNSPECIFIED);
        let sequence = self.sequence;
        self.sequence += 1;
        // Not random, but another one for each packet; nobody judges our own.
        let iv = [sequence.to_be_bytes(), [0x5a; 4], [0xa5; 4], [0x3c; 4]].concat();
        PacketForge {
            ptype: PType::MOBILITY,
            spi: self.grant.sa.spi.get(),
            sequence,
            iv: iv.into_iter().take(self.algorithms.iv_len).collect(),
            inner: Inner::Octets(trailer::MOBILITY, ack.emit(ha, home)),
            next_header: None,
            padding: None,
            pad_length: None,
            protection: Protection::Sealed,
            icv: IcvForge::Right,
        }
    }

    /// The datagram for a packet as it is forged.
    #[must_use]
    pub fn octets(&self, packet: &PacketForge) -> Vec<u8> {
        packet.octets(&self.sealer, self.algorithms)
    }
}
