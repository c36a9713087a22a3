//! IPv4 and IPv6 (RFC 791, RFC 8200): headers, extension headers, tunnels, down to what travels in them.

mod extension;
mod fragment;
pub(crate) mod transport;

use std::net::{IpAddr, Ipv6Addr};

use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice};
use wire::DecodeError;
use wire::error::Need;

pub(crate) use fragment::{Assembled, Fragment, Fragments};
pub(crate) use transport::{Datagram, Segment, Transport};

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
    /// How many tunnels it came through.
    tunnels: u8,
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
}

/// Walks an IP packet. `is_whole` says whether the capture has the whole frame.
pub(crate) fn packet(rest: Rest<'_>, is_whole: bool) -> Result<Found<'_>, DecodeError> {
    tunnelled(rest, is_whole, 0)
}

/// Goes on inside a packet that was put together from fragments.
pub(crate) fn assembled(assembled: &Assembled) -> Result<Found<'_>, DecodeError> {
    let Assembled { headers, protocol, octets } = assembled;
    Walk { rest: Rest::new(octets), headers: *headers }.upper(*protocol)
}

fn tunnelled(rest: Rest<'_>, is_whole: bool, tunnels: u8) -> Result<Found<'_>, DecodeError> {
    let walked = match rest.octets.first().map(|octet| octet >> 4) {
        Some(4) => ip4(rest, is_whole, tunnels),
        Some(6) => ip6(rest, is_whole, tunnels),
        Some(version) => Err(rest.fault("IP version", Need::OneOf("4, 6"), u64::from(version))),
        None => rest.peek::<1>("IP header").map(|_| Found::Cut),
    };
    // A header that is short because the capture cut it is nobody's fault.
    match walked {
        Err(DecodeError { need: Need::Octets(_), .. }) if !is_whole => Ok(Found::Cut),
        other => other,
    }
}

fn ip4(here: Rest<'_>, is_whole: bool, tunnels: u8) -> Result<Found<'_>, DecodeError> {
    let mut rest = here;
    let fixed: &[u8; 20] = rest.peek("IPv4 header")?;
    let header_len = usize::from(fixed[0] & 15) * 4;
    if header_len < fixed.len() {
        return Err(rest.fault("IPv4 IHL", Need::Range { min: 5, max: 15 }, u64::from(fixed[0] & 15)));
    }
    let total = usize::from(half(fixed, 2));
    // A card that cuts packets itself leaves 0 there.
    let total = if total == 0 { rest.octets.len() } else { total };
    if total < header_len {
        return Err(rest.fault("IPv4 Total Length", Need::Octets(header_len), total as u64));
    }
    let header = rest.take(header_len, "IPv4 header")?;
    let Ok(header) = Ipv4HeaderSlice::from_slice(header) else {
        return Err(here.fault("IPv4 header", Need::Grammar("RFC 791"), u64::from(fixed[0])));
    };
    let is_whole = fits(&mut rest, total - header_len, is_whole, "IPv4 payload")?;
    let headers = Headers {
        from: header.source_addr().into(),
        to: header.destination_addr().into(),
        home_address: None,
        routing_home: None,
        tunnels,
        is_whole,
    };
    let protocol = header.protocol().0;
    if header.is_fragmenting_payload() {
        return Ok(Found::Fragment(Fragment {
            headers,
            protocol,
            identification: u32::from(header.identification()),
            offset: usize::from(header.fragments_offset().value()) * fragment::UNIT,
            is_last: !header.more_fragments(),
            rest,
        }));
    }
    Walk { rest, headers }.upper(protocol)
}

fn ip6(here: Rest<'_>, is_whole: bool, tunnels: u8) -> Result<Found<'_>, DecodeError> {
    let mut rest = here;
    let fixed: [u8; 40] = rest.array("IPv6 header")?;
    let Ok(header) = Ipv6HeaderSlice::from_slice(&fixed) else {
        return Err(here.fault("IPv6 header", Need::Grammar("RFC 8200"), u64::from(fixed[0])));
    };
    // A payload above 65535 octets has 0 there, and its length elsewhere.
    let len = match usize::from(header.payload_length()) {
        0 => rest.octets.len(),
        len => len,
    };
    let is_whole = fits(&mut rest, len, is_whole, "IPv6 payload")?;
    let headers = Headers {
        from: header.source_addr().into(),
        to: header.destination_addr().into(),
        home_address: None,
        routing_home: None,
        tunnels,
        is_whole,
    };
    Walk { rest, headers }.upper(header.next_header().0)
}

/// Cuts off what is behind the packet. Fewer octets than announced are the capture's doing, or a fault.
fn fits(rest: &mut Rest<'_>, len: usize, is_whole: bool, field: &'static str) -> Result<bool, DecodeError> {
    if rest.octets.len() >= len {
        rest.limit(len);
        return Ok(true);
    }
    if is_whole {
        return rest.take(len, field).map(|_| true);
    }
    Ok(false)
}

impl<'a> Walk<'a> {
    /// Walks extension headers and tunnels until something else comes.
    fn upper(mut self, mut protocol: u8) -> Result<Found<'a>, DecodeError> {
        // Each round takes at least 8 octets.
        loop {
            protocol = match protocol {
                number::HOP_BY_HOP | number::DESTINATION_OPTIONS => self.options()?,
                number::ROUTING => self.routing()?,
                number::FRAGMENT => match self.fragment()? {
                    Next::Header(next) => next,
                    Next::Fragment(fragment) => return Ok(Found::Fragment(fragment)),
                },
                number::IP4 | number::IP6 if self.headers.tunnels < MAX_TUNNELS => return self.tunnel(),
                number::GRE if self.headers.tunnels < MAX_TUNNELS => return self.gre(),
                _ => {
                    let found = transport::find(protocol, self.rest, &self.headers)?;
                    return Ok(Found::Transport(self.headers, found));
                }
            };
        }
    }

    fn tunnel(self) -> Result<Found<'a>, DecodeError> {
        tunnelled(self.rest, self.headers.is_whole, self.headers.tunnels + 1)
    }

    /// RFC 2784 and RFC 2890: an IP packet behind a header whose flags tell its length.
    fn gre(mut self) -> Result<Found<'a>, DecodeError> {
        const CHECKSUM: u8 = 0x80;
        const KEY: u8 = 0x20;
        const SEQUENCE: u8 = 0x10;
        let [flags, version, protocol @ ..]: [u8; 4] = self.rest.array("GRE header")?;
        let words = [CHECKSUM, KEY, SEQUENCE].into_iter().filter(|flag| flags & flag != 0).count();
        let is_ip = [link::ether::IP4, link::ether::IP6].contains(&u16::from_be_bytes(protocol));
        if version & 7 != 0 || !is_ip {
            return Ok(Found::Transport(self.headers, Transport::Other(number::GRE)));
        }
        self.rest.take(words * 4, "GRE header")?;
        self.tunnel()
    }
}
