//! Packets of neighbouring protocols, which are named and not judged: IKEv2, ESP, AH, dual-stack and proxy Mobile IPv6.

use core::fmt;

use crate::esp::Unwrapped;
use crate::ip::Datagram;
use crate::rest::{half, word};

mod port {
    pub(super) const IKE: u16 = 500;
    pub(super) const IKE_NAT: u16 = 4500;
    pub(super) const DUAL_STACK: u16 = 4191;
    pub(super) const PROXY: u16 = 5436;
    pub(super) const PROXY_DATA: u16 = 5437;
}

/// Octets before IKE on port 4500 that tell it from ESP (RFC 3948).
const NON_ESP_MARKER: [u8; 4] = [0; 4];
const KEEPALIVE: [u8; 1] = [0xff];
const IKE_HEADER_LEN: usize = 28;

/// A packet of a neighbouring protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Internet Key Exchange (RFC 7296).
    Ike {
        /// Major version.
        version: u8,
        /// Exchange type.
        exchange: u8,
        /// Message ID.
        message: u32,
    },
    /// Encapsulating Security Payload (RFC 4303), in UDP too.
    Esp {
        /// SPI.
        spi: u32,
        /// Sequence Number.
        sequence: u32,
        /// What its keys made of it, if they were given.
        opened: Option<Unwrapped>,
    },
    /// Authentication Header (RFC 4302).
    Ah {
        /// SPI.
        spi: u32,
        /// Sequence Number.
        sequence: u32,
    },
    /// A keepalive of a NAT (RFC 3948).
    Keepalive,
    /// Dual-stack Mobile IPv6 (RFC 5555).
    DualStack,
    /// Proxy Mobile IPv6 over IPv4 (RFC 5844).
    Proxy,
}

impl Named {
    /// By the ports of a datagram.
    pub(crate) fn find(datagram: &Datagram<'_>) -> Option<Self> {
        let payload = datagram.payload;
        [datagram.to.port(), datagram.from.port()].into_iter().find_map(|number| match number {
            port::IKE => Self::ike(payload),
            port::IKE_NAT if payload == KEEPALIVE => Some(Self::Keepalive),
            port::IKE_NAT => match payload.strip_prefix(&NON_ESP_MARKER) {
                Some(ike) => Self::ike(ike),
                None => Self::esp(payload),
            },
            port::DUAL_STACK => Some(Self::DualStack),
            port::PROXY | port::PROXY_DATA => Some(Self::Proxy),
            _ => None,
        })
    }

    fn ike(octets: &[u8]) -> Option<Self> {
        let &[version, exchange] = octets.get(17..19)?.first_chunk()?;
        let is_header = octets.len() >= IKE_HEADER_LEN && [1, 2].contains(&(version >> 4));
        is_header.then(|| Self::Ike { version: version >> 4, exchange, message: word(octets, 20) })
    }

    /// By its first octets.
    pub(crate) fn esp(octets: &[u8]) -> Option<Self> {
        (octets.len() >= 8).then(|| Self::Esp {
            spi: word(octets, 0),
            sequence: word(octets, 4),
            opened: None,
        })
    }

    /// The same with what the keys of an SA make of it.
    #[must_use]
    pub(crate) fn opened(mut self, with: impl FnOnce() -> Option<Unwrapped>) -> Self {
        if let Self::Esp { opened, .. } = &mut self {
            *opened = with();
        }
        self
    }

    /// By its first octets.
    pub(crate) fn ah(octets: &[u8]) -> Option<Self> {
        (octets.len() >= 12 && half(octets, 2) == 0)
            .then(|| Self::Ah { spi: word(octets, 4), sequence: word(octets, 8) })
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ike { version, exchange, message } => {
                write!(f, "IKEv{version} exchange {exchange} message {message}")
            }
            Self::Esp { spi, sequence, opened } => {
                write!(f, "ESP SPI {spi} seq {sequence}")?;
                opened.map_or(Ok(()), |opened| write!(f, ": {opened}"))
            }
            Self::Ah { spi, sequence } => write!(f, "AH SPI {spi} seq {sequence}"),
            Self::Keepalive => f.write_str("keepalive"),
            Self::DualStack => f.write_str("dual-stack Mobile IPv6"),
            Self::Proxy => f.write_str("Proxy Mobile IPv6"),
        }
    }
}
