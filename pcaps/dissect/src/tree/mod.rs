//! A packet field by field, with its octets: what is outside, then what the keys opened.
//!
//! Offsets count from the PType; those of the plaintext from its first octet.

mod layout;
mod rows;

use crypto::algorithms;
use wire::packet::{ICV_LEN, PType};
use wire::trailer::{DEST_OPTIONS, IPV4, IPV6, MOBILITY, ROUTING, Trailer};

use crate::inner::{About, Inner};
use crate::mobility::MobilityOption;
use crate::packet::Packet;
use crate::shown::{Content, Header};
use layout::{DESTINATION_OPTIONS, ICMP6, IP4, IP6, MOBILITY_HEADER, ROUTING_HEADER, SEQUENCE};
use rows::{Rows, address};

/// Octets of PType and SPI.
const WORD: usize = 4;
/// Octets that Hdr Ext Len and Header Len count by, the first of which they do not count.
const UNIT: usize = 8;
/// Where the Next Header stands in an IPv6 header.
const IP6_NEXT_HEADER: usize = 6;
const ICMPV6: u8 = 58;

/// Appends the fields of a packet.
pub(crate) fn write(packet: &Packet<'_>, out: &mut Vec<u8>) {
    let mut rows = Rows::new(packet.octets, out);
    match (&packet.line.packet.header, &packet.line.packet.content) {
        (Some(header), content) => ours(&mut rows, *header, content, packet),
        (None, Content::Plain(mobility)) => mobility_header(&mut rows, &mobility.options),
        (None, Content::Icmp(_)) => rows.layout(&ICMP6),
        (None, _) => {}
    }
    rows.rest("data");
}

/// RFC 6618 section 6.
fn ours(rows: &mut Rows<'_>, header: Header, content: &Content, packet: &Packet<'_>) {
    let Header { ptype, spi, .. } = header;
    rows.field(WORD, format_args!("PType: {}, SPI: {spi}", ptype.0));
    rows.layout(&SEQUENCE);
    if ptype == PType::PLAIN {
        let about =
            if let Content::Inner(Inner::Ip { about, .. }) = content { about.as_deref() } else { None };
        return ip(rows, about);
    }
    let iv = packet.association.as_ref().map(|known| algorithms(known.suite).iv_len);
    // What is not legal has no layout, and of what the capture cut nobody knows where the ICV is.
    let is_short = rows.left() < iv.unwrap_or_default() + ICV_LEN;
    if is_short || matches!(content, Content::Illegal | Content::Cut) {
        return;
    }
    rows.field(iv.unwrap_or_default(), format_args!("IV"));
    let protected = if iv.is_some() { "protected" } else { "IV, if there is one, and protected" };
    rows.field(rows.left().saturating_sub(ICV_LEN), format_args!("{protected}"));
    let icv = match content {
        Content::Inner(_) => "ICV, good",
        Content::Closed => "ICV of a packet that was not opened",
        _ => "ICV, not checked",
    };
    rows.field(ICV_LEN, format_args!("{icv}"));
    if let Some(opened) = &packet.opened {
        plaintext(rows, opened, content);
    }
}

/// RFC 6618 section 6.3 and 6.4: what was under the cipher.
fn plaintext(rows: &mut Rows<'_>, opened: &Trailer<'_>, content: &Content) {
    let Trailer { payload, padding, next_header } = opened;
    let behind = [*padding, &[u8::try_from(padding.len()).unwrap_or(u8::MAX), *next_header]].concat();
    rows.heading("opened:");
    let plain = [*payload, &behind].concat();
    let mut inside = rows.inside(&plain);
    match (content, *next_header) {
        (Content::Inner(Inner::Mobility(mobility)), first) => {
            extension_headers(&mut inside, first);
            mobility_header(&mut inside, &mobility.options);
        }
        (Content::Inner(Inner::Ip { about, .. }), IPV4 | IPV6) => ip(&mut inside, about.as_deref()),
        _ => {}
    }
    inside.field(inside.left().saturating_sub(behind.len()), format_args!("data"));
    inside.field(padding.len(), format_args!("Padding"));
    inside.layout(&layout::TRAILER);
}

fn ip(rows: &mut Rows<'_>, about: Option<&About>) {
    let next_header = rows.peek(IP6_NEXT_HEADER).unwrap_or_default();
    match rows.peek(0).map(|octet| octet >> 4) {
        Some(4) => {
            let len = usize::from(rows.peek(0).unwrap_or_default() & 0xf) * 4;
            rows.layout(&IP4);
            rows.field(len.saturating_sub(layout::len(&IP4)), format_args!("options"));
        }
        Some(6) => {
            rows.layout(&IP6);
            match about.map(|about| (about, extension_headers(rows, next_header))) {
                Some((About::Mobility(mobility), MOBILITY)) => mobility_header(rows, &mobility.options),
                Some((About::Icmp(_), ICMPV6)) => rows.layout(&ICMP6),
                _ => {}
            }
        }
        _ => {}
    }
}

/// The extension headers before a Mobility Header (RFC 6275 sections 6.3 and 6.4).
/// Says what follows.
fn extension_headers(rows: &mut Rows<'_>, mut next_header: u8) -> u8 {
    // Each round takes octets: the chain was read before.
    while next_header != MOBILITY && rows.left() >= UNIT {
        let following = rows.peek(0).unwrap_or_default();
        let len = UNIT * (usize::from(rows.peek(1).unwrap_or_default()) + 1);
        let end = rows.left().saturating_sub(len);
        match next_header {
            DEST_OPTIONS => {
                rows.layout(&DESTINATION_OPTIONS);
                options(rows, end, |_, kind, octets| destination_option(kind, octets));
            }
            ROUTING => rows.layout(&ROUTING_HEADER),
            _ => return next_header,
        }
        rows.field(rows.left().saturating_sub(end), format_args!("data"));
        next_header = following;
    }
    next_header
}

fn destination_option(kind: u8, octets: &[u8]) -> Option<String> {
    let home = octets.get(2..).filter(|_| kind == wire::ext_header::HOME_ADDRESS)?;
    Some(format!("Home Address: {}", address(home)?))
}

/// RFC 6275 section 6.1.
fn mobility_header(rows: &mut Rows<'_>, known: &[MobilityOption]) {
    let left = rows.left();
    let len = UNIT * (usize::from(rows.peek(1).unwrap_or_default()) + 1);
    let mh_type = rows.peek(2);
    let end = left.saturating_sub(len);
    rows.layout(&MOBILITY_HEADER);
    let Some(fixed) = mh_type.and_then(layout::message) else {
        return rows.field(rows.left().saturating_sub(end), format_args!("Message Data"));
    };
    rows.layout(fixed);
    options(rows, end, |rows_left, _, _| {
        let at = left - rows_left;
        known.iter().find(|option| option.at == at).map(ToString::to_string)
    });
}

/// Options of type, length and data, until so many octets are left. What one is called is asked by how many octets are
/// left at its start, its type and its octets.
fn options(rows: &mut Rows<'_>, end: usize, name: impl Fn(usize, u8, &[u8]) -> Option<String>) {
    while rows.left() > end {
        let kind = rows.peek(0).unwrap_or_default();
        let len = match kind {
            0 => 1,
            _ => 2 + usize::from(rows.peek(1).unwrap_or_default()),
        };
        let octets = rows.ahead(len.min(rows.left() - end));
        let says = match kind {
            0 => "Pad1".to_owned(),
            1 => "PadN".to_owned(),
            kind => name(rows.left(), kind, octets).unwrap_or_else(|| format!("option {kind}")),
        };
        rows.field(octets.len(), format_args!("{says}"));
    }
}
