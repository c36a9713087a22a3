//! RFC 6618 section 6: what a HA sends, taken for what it means. Its form is not judged here, so that one wrong field
//! fails the cases about that field and no others.

use std::net::IpAddr;

use crypto::icv_misreading::Suspect;
use crypto::keys::DirectionKeys;
use crypto::open::{OpenError, Opened, Opener};
use wire::ext_header::Chain;
use wire::mobility::{self, MobilityHeader, binding_ack};
use wire::packet::{PType, Packet};
use wire::trailer;

use super::echo::{Correspondents, Echo, reply};
use crate::case::Carrier;
use crate::diagnose::packet::{self as diagnose, Slip};
use crate::finding::{Clue, shown};

/// A datagram of the HA that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// PType 0, octet for octet.
    Plain(Vec<u8>),
    /// Protected, and the ICV is right.
    Protected {
        /// Octet for octet.
        octets: Vec<u8>,
        /// Without its protection.
        opened: Opened,
    },
}

/// What a datagram of the HA says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TunnelAnswer {
    /// A Binding Acknowledgement.
    Acknowledgement(binding_ack::Repr),
    /// A Binding Error with this status (RFC 6275 section 6.1.9).
    BindingError(u8),
    /// An echo reply of a correspondent, with the sequence number of our request; protected or not.
    EchoReply {
        /// ICMP sequence number.
        sequence: u16,
        /// How it came.
        ptype: PType,
    },
    /// Something that no request of ours asked for, and that a HA may send at any time.
    Unsolicited(String),
    /// Octets that cannot be read.
    Broken(String),
}

/// Reads what the HA sends.
pub(super) struct Ear {
    opener: Opener,
    /// Of the HA's direction, and of ours.
    keys: [DirectionKeys; 2],
    homes: Vec<IpAddr>,
    correspondents: Correspondents,
}

impl Ear {
    /// `keys` are those of the HA's direction, then those of ours.
    pub(super) fn new(keys: [DirectionKeys; 2], homes: Vec<IpAddr>, correspondents: Correspondents) -> Self {
        let [theirs, _] = &keys;
        Self { opener: Opener::new(theirs), keys, homes, correspondents }
    }

    /// What a datagram says, and the datagram itself if it could be read.
    pub(super) fn hear(&self, octets: &[u8]) -> (TunnelAnswer, Option<Heard>) {
        let view = match Packet::new_checked(octets) {
            Ok(view) => view,
            Err(error) => return (TunnelAnswer::Broken(error.to_string()), None),
        };
        if view.ptype() == PType::PLAIN {
            return (self.inner(PType::PLAIN, view.body()), Some(Heard::Plain(octets.to_vec())));
        }
        match self.opener.open_any_padding(octets) {
            Ok(opened) => {
                let answer = self.meaning(&opened);
                (answer, Some(Heard::Protected { octets: octets.to_vec(), opened }))
            }
            Err(error) => (TunnelAnswer::Broken(format!("{error}: {}", shown(octets, 48))), None),
        }
    }

    /// How a datagram was misread that cannot be opened, or not to anything sensible. `ports` are its source and
    /// destination.
    pub(super) fn clues(&self, octets: &[u8], ports: (u16, u16)) -> Vec<Clue> {
        let is_protected = Packet::new_checked(octets).is_ok_and(|view| view.ptype() != PType::PLAIN);
        if !is_protected {
            return Vec::new();
        }
        let [keys, others] = &self.keys;
        let suspect = Suspect { octets, keys, others, ports };
        match self.opener.open_any_padding(octets) {
            Ok(_) | Err(OpenError::PadLength { .. }) => {
                diagnose::contents(&suspect).map(Slip::clue).into_iter().collect()
            }
            Err(_) => diagnose::icv(&suspect),
        }
    }

    /// The Next Header decides: a wrong PType around it is for the case about PTypes.
    fn meaning(&self, opened: &Opened) -> TunnelAnswer {
        if opened.next_header == trailer::IPV6 || opened.next_header == trailer::IPV4 {
            return self.inner(opened.ptype, &opened.payload);
        }
        let chain = match Chain::parse(opened.next_header, &opened.payload) {
            Ok(chain) if chain.protocol == trailer::MOBILITY => chain,
            Ok(chain) => {
                return TunnelAnswer::Broken(format!(
                    "{} that ends in protocol {}",
                    opened.ptype, chain.protocol
                ));
            }
            Err(error) => return TunnelAnswer::Broken(error.to_string()),
        };
        let view = MobilityHeader::new_unchecked(chain.upper);
        match view.mh_type() {
            mobility::BINDING_ACK => match binding_ack::Repr::parse(chain.upper) {
                Ok(ack) => TunnelAnswer::Acknowledgement(ack),
                Err(error) => TunnelAnswer::Broken(error.to_string()),
            },
            mobility::BINDING_ERROR => {
                TunnelAnswer::BindingError(view.data().first().copied().unwrap_or_default())
            }
            mh_type => TunnelAnswer::Unsolicited(format!("Mobility Header of type {mh_type}")),
        }
    }

    fn inner(&self, ptype: PType, packet: &[u8]) -> TunnelAnswer {
        match reply(packet) {
            Some(Echo { from, to, sequence, .. })
                if self.correspondents.contains(from) && self.homes.contains(&to) =>
            {
                TunnelAnswer::EchoReply { sequence, ptype }
            }
            _ => TunnelAnswer::Unsolicited(format!("{ptype}: {}", shown(packet, 48))),
        }
    }
}

impl TunnelAnswer {
    /// The number of the request that this answers, if it is an answer of that kind.
    #[must_use]
    pub fn number(&self, carrier: Carrier) -> Option<u16> {
        match (self, carrier) {
            (Self::Acknowledgement(ack), Carrier::BindingUpdate) => Some(ack.sequence),
            (Self::EchoReply { sequence, .. }, carrier) if carrier != Carrier::BindingUpdate => {
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
            Self::BindingError(status) => format!("Binding Error, status {status}"),
            Self::EchoReply { sequence, ptype } => format!("echo reply {sequence} in {ptype}"),
            Self::Unsolicited(what) | Self::Broken(what) => what.clone(),
        }
    }
}

impl Heard {
    /// The UDP payload.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        match self {
            Self::Plain(octets) | Self::Protected { octets, .. } => octets,
        }
    }

    /// What was under the protection, if there was one.
    #[must_use]
    pub const fn opened(&self) -> Option<&Opened> {
        match self {
            Self::Plain(_) => None,
            Self::Protected { opened, .. } => Some(opened),
        }
    }

    /// The echo reply in it, if that is what it carries.
    #[must_use]
    pub fn echo_reply(&self) -> Option<Echo> {
        match self {
            Self::Plain(octets) => reply(Packet::new_unchecked(octets).body()),
            Self::Protected { opened, .. } => reply(&opened.payload),
        }
    }
}
