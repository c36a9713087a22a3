//! What keeps a trace from being played as it stands.

use core::fmt;
use std::collections::BTreeMap;

use wire::container::MAX_CONTENT;
use wire::value::hex;

use super::datagram::octets_of;
use super::eap::{self, Voice};
use super::inner_packet;
use super::text::{Piece, Slot, parse};
use super::{Act, BindingUpdate, Carried, Packet, Request, Step, Trace, Whose};

/// Something in a trace that cannot be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Which step, from 1; nothing when it concerns the whole.
    pub step: Option<usize>,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            Some(step) => write!(f, "step {step}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// Everything that keeps a trace from being played; nothing when it can be.
#[must_use]
pub fn lint(trace: &Trace) -> Vec<Complaint> {
    let whole = whole(trace).into_iter().map(|what| Complaint { step: None, what });
    let mut conversations: BTreeMap<&Whose, SoFar> = BTreeMap::new();
    let steps = trace.steps.iter().enumerate().flat_map(|(at, step)| {
        let so_far = conversations.entry(&step.whose).or_default();
        let found = of_whose(&step.whose).into_iter().chain(of_act(&step.act));
        let found: Vec<String> = found.chain(so_far.out_of_place(&step.act)).collect();
        found.into_iter().map(move |what| Complaint { step: Some(at + 1), what })
    });
    whole.chain(steps).collect()
}

fn whole(trace: &Trace) -> Option<String> {
    if !is_plain(&trace.name) {
        return Some("the name needs lower-case letters, digits and hyphens, at least one".to_owned());
    }
    let sends = |step: &Step| step.act.asks_hac() || matches!(step.act, Act::Packet(_));
    (!trace.steps.iter().any(sends)).then(|| "nothing is sent".to_owned())
}

fn of_whose(whose: &Whose) -> Option<String> {
    if whose.connection == 0 {
        return Some("connections are counted from 1".to_owned());
    }
    let is_named = whose.mn.as_deref().is_none_or(is_plain);
    (!is_named).then(|| "mn needs lower-case letters, digits and hyphens, at least one".to_owned())
}

fn is_plain(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.chars().all(is_plain)
}

/// What a conversation has had.
#[derive(Default)]
struct SoFar {
    has_asked_hac: bool,
    has_packets: bool,
    is_closed: bool,
    voice: Option<Voice>,
}

impl SoFar {
    /// What is waited for needs something before it that asks for it, in its own conversation.
    fn out_of_place(&mut self, act: &Act) -> Option<String> {
        let voice = match act {
            Act::Request(request) => eap::voice_of(request),
            _ => None,
        };
        let what = match act {
            Act::Response(_) if !self.has_asked_hac => Some("a response before any request"),
            Act::Request(_) if voice.is_some() && !self.has_asked_hac => {
                Some("what EAP says, before any request that it could answer")
            }
            Act::Request(_) if voice.is_some() && self.voice.is_some() && voice != self.voice => {
                Some("another EAP method or secret than before")
            }
            Act::Closed(_) if !self.has_asked_hac => Some("a close before any request"),
            Act::Answer(_) if !self.has_packets => Some("an answer before any packet"),
            act if act.asks_hac() && self.has_packets => {
                Some("a request behind packets: a second bootstrap is another connection")
            }
            act if act.asks_hac() && self.is_closed => Some("a request behind the close of its session"),
            _ => None,
        };
        self.has_asked_hac |= act.asks_hac();
        self.has_packets |= matches!(act, Act::Packet(_));
        self.is_closed |= matches!(act, Act::Closed(_));
        self.voice = self.voice.or(voice);
        what.map(str::to_owned)
    }
}

fn of_act(act: &Act) -> Vec<String> {
    match act {
        Act::Request(request) => of_request(request),
        Act::Octets(octets) => of_hex("octets", octets).into_iter().collect(),
        Act::Packet(packet) => of_packet(packet),
        Act::Response(_) | Act::Closed(_) | Act::Answer(_) => Vec::new(),
    }
}

fn of_request(request: &Request) -> Vec<String> {
    let mut complaints: Vec<String> = above("version", request.version, 7)
        .into_iter()
        .chain(above("reserved", request.reserved, 31))
        .collect();
    let mut octets = 0;
    let lines = request.headers.iter().map(|line| (line, CRLF_LEN));
    for (text, behind) in lines.chain([(&request.end, 0)]) {
        match parse(text) {
            Err(error) => complaints.push(error.to_string()),
            Ok(pieces) => octets += len(&pieces) + behind,
        }
    }
    if parse(&request.end).is_ok_and(|pieces| pieces.iter().any(|piece| matches!(piece, Piece::Slot(_)))) {
        complaints.push("nothing can be filled in behind the lines".to_owned());
    }
    if request.length.is_none() && octets > MAX_CONTENT {
        complaints.push(format!("Length can count {MAX_CONTENT} octets at most; say what it shall be"));
    }
    complaints
}

const CRLF_LEN: usize = 2;

/// Octets of a line, or fewer: names and what EAP says have a length of their own.
fn len(pieces: &[Piece]) -> usize {
    let len = |piece: &Piece| match piece {
        Piece::Octets(octets) => octets.len(),
        Piece::Slot(Slot::MnId | Slot::Stranger | Slot::Eap(_)) => 1,
        Piece::Slot(Slot::MnRand | Slot::HacRand | Slot::Auth(_) | Slot::ForeignSuites) => 64,
    };
    pieces.iter().map(len).sum()
}

fn of_packet(packet: &Packet) -> Vec<String> {
    let mut complaints: Vec<String> = above("ptype", packet.ptype, 15).into_iter().collect();
    if packet.spi.is_some_and(|spi| spi >= 1 << 28) {
        complaints.push("an SPI has 28 bits".to_owned());
    }
    complaints.extend(packet.padding.as_deref().and_then(|padding| of_hex("padding", padding)));
    match &packet.carries {
        Carried::Octets(octets) => {
            complaints.extend(of_hex("octets", octets));
            if packet.next_header.is_none() {
                complaints.push("octets need a next_header".to_owned());
            }
        }
        Carried::BindingUpdate(BindingUpdate { flags, .. }) => {
            if let Some(flag) = flags.chars().find(|flag| !"AHLK".contains(*flag)) {
                complaints.push(format!("{flag:?} is no flag of a Binding Update; A, H, L and K are"));
            }
        }
        Carried::IpPacket { octets, .. } => {
            complaints.extend(of_hex("octets", octets));
            if inner_packet::next_header(&octets_of(octets)).is_none() {
                complaints.push("octets of ip-packet need a whole IPv4 or IPv6 header".to_owned());
            }
        }
        Carried::EchoRequest { .. } => {}
    }
    complaints
}

fn above(field: &str, have: u8, most: u8) -> Option<String> {
    (have > most).then(|| format!("{field} is {have}, at most {most} fits"))
}

fn of_hex(field: &str, text: &str) -> Option<String> {
    hex::decode(text.as_bytes()).is_err().then(|| format!("{field} is not hex of whole octets"))
}
