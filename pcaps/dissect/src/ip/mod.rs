//! IPv4 and IPv6 (RFC 791, RFC 8200): headers, extension headers, tunnels, down to what travels in them.

mod extension;
mod fragment;
mod options;
pub(crate) mod transport;
mod udp_checksum;

use std::net::{IpAddr, Ipv6Addr};

use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice};
use wire::DecodeError;
use wire::error::Need;

pub(crate) use fragment::{Assembled, Fragment, Fragments};
pub(crate) use transport::{Datagram, Segment, Transport};
pub(crate) use udp_checksum::UdpChecksum;

use crate::link;
use crate::rest::{Rest, half};

/// Protocol numbers that lead on.
mod number {
    pub(super) const HOP_BY_HOP: u8 = 0;
    pub(super) const IP4: u8 = 4;
    pub(super) const IP6: u8 = 41;
    pub(super) const ROUTING: u8 = 43;
    pub(super) const FRAGMENT: u8 = 44;
    pub(super) const GRE: u8 = 47;
    pub(super) const DESTINATION_OPTIONS: u8 = 60;
}

/// Tunnels in tunnels beyond this are made to keep us busy.
const MAX_TUNNELS: u8 = 8;

/// What the IP headers around a transport said. Of tunnels, the innermost counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Headers {
    pub(crate) from: IpAddr,
    pub(crate) to: IpAddr,
    /// From a Home Address option (RFC 6275 section 6.3).
    pub(crate) home_address: Option<Ipv6Addr>,
    /// From a type 2 Routing header (RFC 6275 section 6.4).
    pub(crate) routing_home: Option<Ipv6Addr>,
    /// Whether there is a Routing header, behind which the destination is another.
    has_routing: bool,
    /// How many tunnels it came through.
    tunnels: u8,
    /// Where the packet ends on the wire: octets from the start of the frame.
    pub(crate) end: usize,
    /// Whether the capture has all octets of the packet.
    pub(crate) is_whole: bool,
}

impl Headers {
    /// The source of a pseudo-header: the home address, where an option gives one (RFC 6275 section 11.3.1).
    pub(crate) fn pseudo_source(&self) -> Option<Ipv6Addr> {
        self.home_address.or(ip6_of(self.from))
    }

    /// The destination of a pseudo-header: the home address, where a Routing header gives one.
    pub(crate) fn pseudo_destination(&self) -> Option<Ipv6Addr> {
        self.routing_home.or(ip6_of(self.to))
    }
}

const fn ip6_of(address: IpAddr) -> Option<Ipv6Addr> {
    match address {
        IpAddr::V6(address) => Some(address),
        IpAddr::V4(_) => None,
    }
}

/// What an IP packet holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found<'a> {
    Transport(Headers, Transport<'a>),
    Fragment(Fragment<'a>),
    /// The capture has not the octets that would tell.
    Cut,
}

/// What a Fragment header leads to.
enum Next<'a> {
    /// It holds the whole packet, and this header follows.
    Header(u8),
    /// A piece.
    Fragment(Fragment<'a>),
}

/// A walk down the headers of one frame.
#[derive(Clone, Copy)]
struct Walk<'a> {
    rest: Rest<'a>,
    headers: Headers,
    /// Where a payload begins whose length only a Jumbo Payload option can tell.
    jumbo: Option<usize>,
}

/// The room for an IP packet: what the capture has of it, where the room ends on the wire, and how many tunnels lead
/// there.
#[derive(Clone, Copy)]
struct Room<'a> {
    rest: Rest<'a>,
    end: usize,
    tunnels: u8,
}

/// Walks an IP packet in a frame of so many octets on the wire.
pub(crate) fn packet(rest: Rest<'_>, original: usize) -> Result<Found<'_>, DecodeError> {
    let end = original.max(rest.at + rest.octets.len());
    Room { rest, end, tunnels: 0 }.walk()
}

/// Goes on inside a packet that was put together from fragments.
pub(crate) fn assembled(assembled: &Assembled) -> Result<Found<'_>, DecodeError> {
    let Assembled { headers, protocol, octets } = assembled;
    let headers = Headers { end: octets.len(), ..*headers };
    Walk { rest: Rest::new(octets), headers, jumbo: None }.upper(*protocol)
}

/// A header that is short because the capture cut it is nobody's fault.
fn unless_cut<'a>(error: DecodeError, is_whole: bool) -> Result<Found<'a>, DecodeError> {
    match error.need {
        Need::Octets(_) if !is_whole => Ok(Found::Cut),
        _ => Err(error),
    }
}

impl<'a> Room<'a> {
    fn walk(self) -> Result<Found<'a>, DecodeError> {
        let is_whole = self.rest.at + self.rest.octets.len() >= self.end;
        let begun = match self.rest.octets.first().map(|octet| octet >> 4) {
            Some(4) => self.ip4(),
            Some(6) => self.ip6(),
            Some(version) => Err(self.rest.fault("IP version", Need::OneOf("4, 6"), u64::from(version))),
            None => self.rest.peek::<1>("IP header").map(|_| Begun::Cut),
        };
        match begun {
            Ok(Begun::Walk(walk, protocol)) => walk.upper(protocol),
            Ok(Begun::Fragment(fragment)) => Ok(Found::Fragment(fragment)),
            Ok(Begun::Cut) => Ok(Found::Cut),
            Err(error) => unless_cut(error, is_whole),
        }
    }

    #[inline]
    fn ip4(self) -> Result<Begun<'a>, DecodeError> {
        let here = self.rest;
        let mut rest = here;
        let fixed: &[u8; 20] = rest.peek("IPv4 header")?;
        let header_len = usize::from(fixed[0] & 15) * 4;
        if header_len < fixed.len() {
            let need = Need::Range { min: 5, max: 15 };
            return Err(rest.fault("IPv4 IHL", need, u64::from(fixed[0] & 15)));
        }
        let total = usize::from(half(fixed, 2));
        // A card that cuts packets itself leaves 0 there.
        let total = if total == 0 { self.end - here.at } else { total };
        if total < header_len {
            return Err(rest.fault("IPv4 Total Length", Need::Octets(header_len), total as u64));
        }
        let header = rest.take(header_len, "IPv4 header")?;
        let Ok(header) = Ipv4HeaderSlice::from_slice(header) else {
            return Err(here.fault("IPv4 header", Need::Grammar("RFC 791"), u64::from(fixed[0])));
        };
        let options = Rest { octets: header.options(), at: here.at + fixed.len() };
        options::check(options, "IPv4 option")?;
        let (from, to) = (header.source_addr().into(), header.destination_addr().into());
        let headers = self.headers(&mut rest, from, to, total - header_len, "IPv4 payload")?;
        let protocol = header.protocol().0;
        if header.is_fragmenting_payload() {
            return Ok(Begun::Fragment(Fragment {
                headers,
                protocol,
                identification: u32::from(header.identification()),
                offset: usize::from(header.fragments_offset().value()) * fragment::UNIT,
                is_last: !header.more_fragments(),
                rest,
            }));
        }
        Ok(Begun::Walk(Walk { rest, headers, jumbo: None }, protocol))
    }

    #[inline]
    fn ip6(self) -> Result<Begun<'a>, DecodeError> {
        let here = self.rest;
        let mut rest = here;
        let fixed: [u8; 40] = rest.array("IPv6 header")?;
        let Ok(header) = Ipv6HeaderSlice::from_slice(&fixed) else {
            return Err(here.fault("IPv6 header", Need::Grammar("RFC 8200"), u64::from(fixed[0])));
        };
        let next_header = header.next_header().0;
        let len = match (usize::from(header.payload_length()), next_header) {
            // A payload above 65535 octets has 0 there; a card that cuts segments itself leaves 0, too.
            (0, number::HOP_BY_HOP | transport::number::TCP) => self.end - rest.at,
            (len, _) => len,
        };
        let is_jumbo = header.payload_length() == 0 && next_header == number::HOP_BY_HOP;
        let jumbo = is_jumbo.then_some(rest.at);
        let (from, to) = (header.source_addr().into(), header.destination_addr().into());
        let headers = self.headers(&mut rest, from, to, len, "IPv6 payload")?;
        Ok(Begun::Walk(Walk { rest, headers, jumbo }, next_header))
    }

    /// Cuts off what is behind the packet. Fewer octets than announced are the capture's doing, or a fault.
    #[inline]
    fn headers(
        self,
        rest: &mut Rest<'_>,
        from: IpAddr,
        to: IpAddr,
        len: usize,
        field: &'static str,
    ) -> Result<Headers, DecodeError> {
        let end = rest.at + len;
        if end > self.end {
            // Not a matter of what was captured: there is no room for it.
            let need = Need::AtMost(self.end.saturating_sub(rest.at));
            return Err(rest.fault(field, need, len as u64));
        }
        let is_whole = rest.octets.len() >= len;
        rest.limit(len);
        Ok(Headers {
            from,
            to,
            home_address: None,
            routing_home: None,
            has_routing: false,
            tunnels: self.tunnels,
            end,
            is_whole,
        })
    }
}

/// What an IP header leads to.
enum Begun<'a> {
    /// What it announces follows.
    Walk(Walk<'a>, u8),
    Fragment(Fragment<'a>),
    Cut,
}

impl<'a> Walk<'a> {
    /// What most packets carry stands right behind the first header: without a walk, nothing is moved on the way.
    #[inline]
    fn upper(self, protocol: u8) -> Result<Found<'a>, DecodeError> {
        match protocol {
            transport::number::UDP => match transport::datagram(self.rest, &self.headers) {
                Ok(found) => Ok(Found::Transport(self.headers, Transport::Udp(found))),
                Err(error) => unless_cut(error, self.headers.is_whole),
            },
            _ => self.through(protocol),
        }
    }

    /// Walks extension headers and tunnels until something else comes.
    fn through(mut self, mut protocol: u8) -> Result<Found<'a>, DecodeError> {
        // Each round takes at least 8 octets.
        loop {
            let next = match protocol {
                number::HOP_BY_HOP | number::DESTINATION_OPTIONS => self.options(),
                number::ROUTING => self.routing(),
                number::FRAGMENT => match self.fragment() {
                    Ok(Next::Fragment(fragment)) => return Ok(Found::Fragment(fragment)),
                    Ok(Next::Header(next)) => Ok(next),
                    Err(error) => Err(error),
                },
                number::IP4 if self.headers.tunnels < MAX_TUNNELS => return self.tunnel(4),
                number::IP6 if self.headers.tunnels < MAX_TUNNELS => return self.tunnel(6),
                number::GRE if self.headers.tunnels < MAX_TUNNELS => return self.gre(),
                _ => match transport::find(protocol, self.rest, &self.headers) {
                    Ok(found) => return Ok(Found::Transport(self.headers, found)),
                    Err(error) => Err(error),
                },
            };
            match next {
                Ok(next) => protocol = next,
                Err(error) => return unless_cut(error, self.headers.is_whole),
            }
        }
    }

    fn tunnel(&self, version: u8) -> Result<Found<'a>, DecodeError> {
        let Headers { end, tunnels, is_whole, .. } = self.headers;
        match link::of_version(self.rest, version) {
            Ok(rest) => Room { rest, end, tunnels: tunnels + 1 }.walk(),
            Err(error) => unless_cut(error, is_whole),
        }
    }

    /// RFC 2784 and RFC 2890: an IP packet behind a header whose flags tell its length.
    fn gre(&mut self) -> Result<Found<'a>, DecodeError> {
        let version = match self.gre_version() {
            Ok(Some(version)) => version,
            Ok(None) => return Ok(Found::Transport(self.headers, Transport::Other(number::GRE))),
            Err(error) => return unless_cut(error, self.headers.is_whole),
        };
        self.tunnel(version)
    }

    /// The version of IP behind a GRE header; nothing if something else is there.
    fn gre_version(&mut self) -> Result<Option<u8>, DecodeError> {
        const CHECKSUM: u8 = 0x80;
        const KEY: u8 = 0x20;
        const SEQUENCE: u8 = 0x10;
        let [flags, version, protocol @ ..]: [u8; 4] = self.rest.array("GRE header")?;
        let words = [CHECKSUM, KEY, SEQUENCE].into_iter().filter(|flag| flags & flag != 0).count();
        let inside = match u16::from_be_bytes(protocol) {
            link::ether::IP4 if version & 7 == 0 => 4,
            link::ether::IP6 if version & 7 == 0 => 6,
            _ => return Ok(None),
        };
        self.rest.take(words * 4, "GRE header")?;
        Ok(Some(inside))
    }
}
