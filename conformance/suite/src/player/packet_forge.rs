//! RFC 6618 sections 6.2 to 6.4, forging side: a datagram to the HA in which anything may be wrong.

use std::net::Ipv6Addr;

use crypto::ciphersuite::Algorithms;
use crypto::seal::Sealer;
use wire::ext_header;
use wire::mobility::{MobilityHeader, binding_update, checksum};
use wire::packet::{ICV_LEN, PType};
use wire::trailer;

/// A datagram on its way out. Everything is honest until it is overridden.
#[derive(Clone)]
pub struct PacketForge {
    /// 4-bit PType.
    pub ptype: PType,
    /// 28-bit SPI; 0 is possible here.
    pub spi: u32,
    /// Sequence Number.
    pub sequence: u32,
    /// IV octets, as many as the suite wants.
    pub iv: Vec<u8>,
    /// What is carried.
    pub inner: Inner,
    /// Next Header; `None` is the one that fits `inner`.
    pub next_header: Option<u8>,
    /// Padding octets; `None` is the shortest right padding.
    pub padding: Option<Vec<u8>>,
    /// Pad Length; `None` is the length of the padding.
    pub pad_length: Option<u8>,
    /// Protected as the SA says, or in the clear.
    pub protection: Protection,
    /// How the ICV is made.
    pub icv: IcvForge,
}

/// What a packet carries.
#[derive(Clone)]
pub enum Inner {
    /// A Binding Update with its extension header.
    Binding(BindingForge),
    /// These octets, whose first header has this number.
    Octets(u8, Vec<u8>),
}

/// Protected as the SA says, or in the clear.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protection {
    /// Figures 7 and 8.
    Sealed,
    /// Figure 9: word and Sequence Number, then the packet.
    Plain,
}

/// How the ICV fits.
#[derive(Clone, Debug)]
pub enum IcvForge {
    /// As section 6.3 says.
    Right,
    /// It fits the packet as it was before this change, which may concern the ICV itself.
    Stale(fn(&mut Vec<u8>)),
    /// These octets stand in its place.
    Instead(Vec<u8>),
}

/// A Binding Update on its way out (RFC 6275 section 6.1.7).
#[derive(Clone)]
pub struct BindingForge {
    /// The Home Address option (RFC 6275 section 6.3); `None` leaves the extension header out.
    pub home_option: Option<Ipv6Addr>,
    /// The message.
    pub update: binding_update::Repr,
    /// The address that stands for the source in the checksum.
    pub checksum_home: Ipv6Addr,
    /// The address that stands for the destination in the checksum.
    pub checksum_ha: Ipv6Addr,
    /// How the checksum is made.
    pub checksum: ChecksumForge,
    /// Payload Proto of the Mobility Header; 59 by section 6.1.1.
    pub payload_proto: u8,
    /// Header Len of the Mobility Header; `None` is the right one.
    pub header_len: Option<u8>,
    /// MH Type; 5 is a Binding Update.
    pub mh_type: u8,
}

/// How the checksum of a Mobility Header is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChecksumForge {
    /// Over the pseudo-header with the two addresses given.
    Right,
    /// The right one, plus one.
    Wrong,
}

impl PacketForge {
    /// Octet for octet the UDP payload.
    #[must_use]
    pub fn octets(&self, sealer: &Sealer, algorithms: &Algorithms) -> Vec<u8> {
        let word = self.ptype.word(self.spi);
        let (next_header, payload) = self.inner.octets();
        if self.protection == Protection::Plain {
            return [&word.to_be_bytes()[..], &self.sequence.to_be_bytes(), &payload].concat();
        }
        let plaintext = self.with_trailer(payload, self.next_header.unwrap_or(next_header), algorithms);
        let mut octets = sealer.forge(word, self.sequence, &self.iv, &plaintext);
        match &self.icv {
            IcvForge::Right => {}
            IcvForge::Stale(change) => change(&mut octets),
            IcvForge::Instead(icv) => {
                octets.truncate(octets.len().saturating_sub(ICV_LEN));
                octets.extend_from_slice(icv);
            }
        }
        octets
    }

    /// Changes a Binding Update; other packets stay as they are.
    pub fn binding(&mut self, change: impl FnOnce(&mut BindingForge)) {
        if let Inner::Binding(binding) = &mut self.inner {
            change(binding);
        }
    }

    /// Changes the octets of a Mobility Header, whose checksum is made afterwards; other packets stay as they are.
    pub fn mobility_header(&mut self, change: impl FnOnce(&mut Vec<u8>)) {
        if let Inner::Binding(binding) = &self.inner {
            let mut header = binding.update_octets();
            change(&mut header);
            let (home, ha) = (binding.checksum_home, binding.checksum_ha);
            MobilityHeader::new_unchecked(&mut header).fill_checksum(home, ha);
            self.inner = binding.around(&header);
        }
    }

    /// Pads to whole blocks of any suite, and then with this many more octets, all of which count 1, 2, 3.
    pub fn pad_further(&mut self, more: u8) {
        self.padding = Some(trailer::sequential(self.whole_blocks().saturating_add(more)).to_vec());
    }

    /// Changes the datagram when its ICV is there.
    pub fn spoil(&mut self, change: fn(&mut Vec<u8>)) {
        self.icv = IcvForge::Stale(change);
    }

    /// Takes the packet out of the SA: Figure 9.
    pub fn in_the_clear(&mut self) {
        self.ptype = PType::PLAIN;
        self.spi = 0;
        self.sequence = 0;
        self.protection = Protection::Plain;
    }

    /// Octets of padding that end on a multiple of the longest block, and so of every other.
    fn whole_blocks(&self) -> u8 {
        const LONGEST_BLOCK: u8 = 16;
        trailer::minimal_padding(self.inner.octets().1.len(), LONGEST_BLOCK)
    }

    fn with_trailer(&self, mut plaintext: Vec<u8>, next_header: u8, algorithms: &Algorithms) -> Vec<u8> {
        let padding = match &self.padding {
            Some(padding) => padding.clone(),
            None => {
                let len = trailer::minimal_padding(plaintext.len(), algorithms.align);
                trailer::sequential(len).to_vec()
            }
        };
        plaintext.extend_from_slice(&padding);
        plaintext.push(self.pad_length.unwrap_or(padding.len() as u8));
        plaintext.push(next_header);
        plaintext
    }
}

/// Turns the lowest bit of the octet at `at`, counted from the end when it is negative.
pub fn turn_bit(octets: &mut [u8], at: isize) {
    let at = if at < 0 { octets.len().checked_add_signed(at) } else { Some(at.unsigned_abs()) };
    if let Some(octet) = at.and_then(|at| octets.get_mut(at)) {
        *octet ^= 1;
    }
}

impl Inner {
    /// The number of the first header and the octets.
    #[must_use]
    pub fn octets(&self) -> (u8, Vec<u8>) {
        match self {
            Self::Octets(next_header, octets) => (*next_header, octets.clone()),
            Self::Binding(binding) => binding.around(&binding.update_octets()).octets(),
        }
    }
}

impl BindingForge {
    /// This Mobility Header behind our extension header.
    fn around(&self, header: &[u8]) -> Inner {
        match self.home_option {
            None => Inner::Octets(trailer::MOBILITY, header.to_vec()),
            Some(home) => {
                let option = ext_header::home_address_option(home, trailer::MOBILITY);
                Inner::Octets(trailer::DEST_OPTIONS, [&option, header].concat())
            }
        }
    }

    fn update_octets(&self) -> Vec<u8> {
        let octets = self.update.emit(self.checksum_home, self.checksum_ha);
        let mut view = MobilityHeader::new_unchecked(octets);
        view.set_payload_proto(self.payload_proto);
        view.set_mh_type(self.mh_type);
        if let Some(len) = self.header_len {
            view.set_header_len(len);
        }
        let right = checksum(self.checksum_home, self.checksum_ha, view.header());
        view.set_checksum(match self.checksum {
            ChecksumForge::Right => right,
            ChecksumForge::Wrong => right.wrapping_add(1),
        });
        view.into_inner()
    }
}
