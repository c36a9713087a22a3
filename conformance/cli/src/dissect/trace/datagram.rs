//! What one MN says under an SA (RFC 6618 sections 6.3 and 6.4), in the words of a trace.

use std::net::IpAddr;

use dissect::{Checksum, Content, Inner, Message, Mobility, Packet, Sender};
use suite::trace::{Act, Answer, BindingUpdate, Carried, Fit, Packet as Datagram};
use wire::packet::PType;
use wire::value::hex;

use super::teller::Teller;

const ICMP6: u8 = 58;
const ICMP6_AT: usize = 40;
const ECHO_REQUEST: u8 = 128;
const ECHO_REPLY: u8 = 129;
const ECHO_SEQUENCE_AT: usize = ICMP6_AT + 6;

impl Teller {
    pub(super) fn packet(&mut self, order: usize, packet: &Packet<'_>) {
        let frame = packet.line.frame;
        let act = match packet.sender {
            Some(Sender::Ha) => answer(packet).map(Act::Answer),
            Some(Sender::At(_)) if self.outside == Some(packet.line.to) => answer(packet).map(Act::Answer),
            _ => {
                let said = self.said(packet).map(Act::Packet);
                if said.is_some() {
                    self.outside = Some(packet.line.from);
                } else {
                    self.remark(frame, "is left out: a trace has no word for what it carries");
                }
                said
            }
        };
        if let Some(act) = act {
            self.seen(frame);
            self.acts.push((order, act));
        }
    }

    fn said(&mut self, packet: &Packet<'_>) -> Option<Datagram> {
        let header = packet.line.packet.header?;
        let frame = packet.line.frame;
        let carries = match &packet.line.packet.content {
            Content::Inner(Inner::Mobility(mobility)) => Carried::BindingUpdate(update(mobility)?),
            Content::Inner(Inner::Ip { .. }) => match (echo(packet, ECHO_REQUEST), foreign_source(packet)) {
                (Some(sequence), None) => Carried::EchoRequest { sequence },
                (_, source) => Carried::IpPacket { octets: hex::encode(inside(packet)?), source },
            },
            Content::Closed => {
                self.remark(frame, "did not open: an echo request with a wrong ICV stands for it");
                Carried::EchoRequest { sequence: u16::MAX }
            }
            Content::NoKeys(_) | Content::Illegal if header.ptype != PType::PLAIN => {
                self.remark(frame, "was not opened: an echo request with a wrong ICV stands for it");
                Carried::EchoRequest { sequence: u16::MAX }
            }
            _ => return None,
        };
        let is_opened = matches!(packet.line.packet.content, Content::Inner(_));
        let own = if header.ptype == PType::PLAIN { 0 } else { self.spi.unwrap_or(header.spi) };
        Some(Datagram {
            ptype: header.ptype.0,
            spi: Some(header.spi).filter(|&spi| spi != own),
            sequence: header.sequence,
            carries,
            next_header: None,
            padding: None,
            icv: if is_opened { Fit::Right } else { Fit::Wrong },
        })
    }
}

/// Its Sequence # is as it was; it is counted from the first of the MN in the end.
fn update(mobility: &Mobility) -> Option<BindingUpdate> {
    let Message::Update(update) = &mobility.message else { return None };
    let flags = update.flags;
    let set = [
        (flags.acknowledge, 'A'),
        (flags.home_registration, 'H'),
        (flags.link_local, 'L'),
        (flags.key_management, 'K'),
    ];
    Some(BindingUpdate {
        sequence: update.sequence,
        lifetime: update.lifetime.0,
        flags: set.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag).collect(),
        home: None,
        checksum: if mobility.checksum == Checksum::Wrong { Fit::Wrong } else { Fit::Right },
    })
}

/// The source of user data, where it is known not to be the home address.
fn foreign_source(packet: &Packet<'_>) -> Option<IpAddr> {
    let Content::Inner(Inner::Ip { from, .. }) = &packet.line.packet.content else { return None };
    let home = packet.association.as_ref()?.home?;
    (from.is_ipv6() && *from != home).then_some(*from)
}

/// What a packet of the HA answers.
fn answer(packet: &Packet<'_>) -> Option<Answer> {
    match &packet.line.packet.content {
        Content::Inner(Inner::Mobility(mobility)) => match &mobility.message {
            Message::Ack(ack) => Some(Answer::BindingAck { status: ack.status.0 }),
            Message::Error { status, .. } => Some(Answer::BindingError { status: *status }),
            _ => None,
        },
        Content::Inner(Inner::Ip { protocol, .. }) => Some(match echo(packet, ECHO_REPLY) {
            Some(sequence) => Answer::EchoReply { sequence },
            None => Answer::IpPacket { protocol: *protocol },
        }),
        _ => None,
    }
}

/// The inner packet, padding behind it included.
fn inside<'a>(packet: &'a Packet<'_>) -> Option<&'a [u8]> {
    match &packet.opened {
        Some(opened) => Some(opened.payload),
        None => packet.octets.get(wire::packet::HEADER_LEN..),
    }
}

/// The sequence number of an ICMPv6 echo message of that type.
fn echo(packet: &Packet<'_>, wanted: u8) -> Option<u16> {
    let inner = inside(packet)?;
    let is_wanted = inner.get(6) == Some(&ICMP6) && inner.get(ICMP6_AT) == Some(&wanted);
    let number = inner.get(ECHO_SEQUENCE_AT..)?.first_chunk()?;
    is_wanted.then(|| u16::from_be_bytes(*number))
}
