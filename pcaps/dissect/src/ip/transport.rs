//! What travels in IP: UDP (RFC 768), TCP (RFC 9293), and what is told by its protocol number.

use std::net::SocketAddr;

use wire::DecodeError;
use wire::error::Need;

use super::{Headers, options};
use crate::rest::{Rest, half, word};

/// Protocol numbers that are told apart.
pub(crate) mod number {
    pub(crate) const TCP: u8 = 6;
    pub(crate) const UDP: u8 = 17;
    pub(crate) const ESP: u8 = 50;
    pub(crate) const AH: u8 = 51;
    pub(crate) const ICMP6: u8 = 58;
    pub(crate) const MOBILITY: u8 = 135;
    /// What Mobility Headers had before 135 was assigned; old captures have it.
    pub(crate) const MOBILITY_OLD: u8 = 62;
}

/// What an IP packet carries.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Transport<'a> {
    Udp(Datagram<'a>),
    Tcp(Segment<'a>),
    /// ICMPv6.
    Icmp6(Rest<'a>),
    /// A Mobility Header (RFC 6275), outside of any RFC 6618 packet.
    Mobility(Rest<'a>),
    /// ESP (RFC 4303).
    Esp(Rest<'a>),
    /// An Authentication Header (RFC 4302).
    Ah(Rest<'a>),
    /// Another protocol, by its number.
    Other(u8),
}

/// A UDP datagram.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Datagram<'a> {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) payload: &'a [u8],
    /// Where the payload stands: octets from the start of the frame.
    pub(crate) at: usize,
    /// Whether the payload is all of it.
    pub(crate) is_whole: bool,
    /// The field; nothing where not all that it covers is told by the addresses and the payload.
    pub(crate) checksum: Option<u16>,
}

/// A TCP segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) sequence: u32,
    pub(crate) acknowledgment: u32,
    pub(crate) flags: Flags,
    pub(crate) options: Rest<'a>,
    pub(crate) payload: &'a [u8],
    /// Whether the payload is all of it.
    pub(crate) is_whole: bool,
}

/// The flags of a segment, as on the wire: URG, ACK, PSH, RST, SYN, FIN from 32 down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flags(pub(crate) u8);

impl Flags {
    const FIN: u8 = 1;
    const SYN: u8 = 2;
    const RST: u8 = 4;
    const ACK: u8 = 16;

    pub(crate) const fn fin(self) -> bool {
        self.0 & Self::FIN != 0
    }

    pub(crate) const fn syn(self) -> bool {
        self.0 & Self::SYN != 0
    }

    pub(crate) const fn rst(self) -> bool {
        self.0 & Self::RST != 0
    }

    pub(crate) const fn ack(self) -> bool {
        self.0 & Self::ACK != 0
    }
}

impl Segment<'_> {
    /// Whether its options hold together. Who receives the segment takes it all the same.
    pub(crate) fn check_options(&self) -> Result<(), DecodeError> {
        options::check(self.options, "TCP option")
    }
}

impl Transport<'_> {
    pub(crate) const fn protocol(&self) -> u8 {
        match self {
            Self::Udp(_) => number::UDP,
            Self::Tcp(_) => number::TCP,
            Self::Icmp6(_) => number::ICMP6,
            Self::Mobility(_) => number::MOBILITY,
            Self::Esp(_) => number::ESP,
            Self::Ah(_) => number::AH,
            Self::Other(number) => *number,
        }
    }
}

/// Reads the header of a transport.
pub(super) fn find<'a>(
    protocol: u8,
    rest: Rest<'a>,
    headers: &Headers,
) -> Result<Transport<'a>, DecodeError> {
    Ok(match protocol {
        number::UDP => Transport::Udp(datagram(rest, headers)?),
        number::TCP => Transport::Tcp(segment(rest, headers)?),
        number::ICMP6 => Transport::Icmp6(rest),
        number::MOBILITY | number::MOBILITY_OLD => Transport::Mobility(rest),
        number::ESP => {
            rest.peek::<8>("ESP header")?;
            Transport::Esp(rest)
        }
        number::AH => {
            authentication(rest)?;
            Transport::Ah(rest)
        }
        other => Transport::Other(other),
    })
}

/// RFC 4302 section 2.2: an Authentication Header has the room that it announces.
fn authentication(mut rest: Rest<'_>) -> Result<(), DecodeError> {
    const FIELD: &str = "Authentication Header";
    let [_, words, ..]: [u8; 12] = *rest.peek(FIELD)?;
    rest.take((usize::from(words) + 2) * 4, FIELD).map(drop)
}

#[inline]
pub(super) fn datagram<'a>(mut rest: Rest<'a>, headers: &Headers) -> Result<Datagram<'a>, DecodeError> {
    const HEADER_LEN: usize = 8;
    let here = rest;
    let header: [u8; HEADER_LEN] = rest.array("UDP header")?;
    let room = headers.end - here.at;
    let len = match usize::from(half(&header, 4)) {
        // A datagram longer than the field can say has 0 there (RFC 2675).
        0 if room > usize::from(u16::MAX) => room,
        len => len,
    };
    let Some(payload_len) = len.checked_sub(HEADER_LEN) else {
        let need = Need::Range { min: HEADER_LEN as u64, max: u64::from(u16::MAX) };
        return Err(here.fault("UDP Length", need, len as u64));
    };
    if len > room {
        return Err(here.fault("UDP Length", Need::AtMost(room), len as u64));
    }
    let is_whole = rest.octets.len() >= payload_len;
    rest.limit(payload_len);
    let covers_these = headers.home_address.is_none() && !headers.has_routing && half(&header, 4) != 0;
    Ok(Datagram {
        from: SocketAddr::new(headers.from, half(&header, 0)),
        to: SocketAddr::new(headers.to, half(&header, 2)),
        payload: rest.octets,
        at: rest.at,
        is_whole,
        checksum: covers_these.then(|| half(&header, 6)),
    })
}

fn segment<'a>(mut rest: Rest<'a>, headers: &Headers) -> Result<Segment<'a>, DecodeError> {
    const HEADER_LEN: usize = 20;
    let here = rest;
    let header: &[u8; HEADER_LEN] = rest.peek("TCP header")?;
    let offset = usize::from(header[12] >> 4) * 4;
    if offset < HEADER_LEN {
        return Err(rest.fault(
            "TCP Data Offset",
            Need::Range { min: 5, max: 15 },
            u64::from(header[12] >> 4),
        ));
    }
    let whole = rest.take(offset, "TCP header")?;
    Ok(Segment {
        from: SocketAddr::new(headers.from, half(header, 0)),
        to: SocketAddr::new(headers.to, half(header, 2)),
        sequence: word(header, 4),
        acknowledgment: word(header, 8),
        flags: Flags(header[13] & 0x3f),
        options: Rest { octets: whole.get(HEADER_LEN..).unwrap_or_default(), at: here.at + HEADER_LEN },
        payload: rest.octets,
        is_whole: headers.is_whole,
    })
}
