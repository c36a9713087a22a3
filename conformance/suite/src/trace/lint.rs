//! What keeps a trace from being played as it stands.

use core::fmt;

use wire::container::MAX_CONTENT;
use wire::value::hex;

use super::eap;
use super::text::{Piece, Slot, parse};
use super::{BindingUpdate, Carried, Packet, Request, Step, Trace};

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
    let steps = trace.steps.iter().enumerate().flat_map(|(at, step)| {
        let found = of_step(step).into_iter().chain(out_of_place(trace, at));
        found.map(move |what| Complaint { step: Some(at + 1), what })
    });
    whole.chain(steps).collect()
}

fn whole(trace: &Trace) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if trace.name.is_empty() || !trace.name.chars().all(is_plain) {
        return Some("the name needs lower-case letters, digits and hyphens, at least one".to_owned());
    }
    let sends = |step: &Step| matches!(step, Step::Request(_) | Step::Octets(_) | Step::Packet(_));
    (!trace.steps.iter().any(sends)).then(|| "nothing is sent".to_owned())
}

/// What is waited for needs something before it that asks for it.
fn out_of_place(trace: &Trace, at: usize) -> Option<String> {
    let before = trace.steps.get(..at).unwrap_or_default();
    let asks_hac = |step: &Step| matches!(step, Step::Request(_) | Step::Octets(_));
    let is_packet = |step: &Step| matches!(step, Step::Packet(_));
    let what = match trace.steps.get(at)? {
        Step::Response(_) if !before.iter().any(asks_hac) => "a response before any request",
        Step::Request(request) if eap::voice_of(request).is_some() && !before.iter().any(asks_hac) => {
            "what EAP says, before any request that it could answer"
        }
        Step::Request(request)
            if eap::voice_of(request).is_some_and(|voice| eap::voice(trace) != Some(voice)) =>
        {
            "another EAP method or secret than before"
        }
        Step::Closed(_) if !before.iter().any(asks_hac) => "a close before any request",
        Step::Answer(_) if !before.iter().any(is_packet) => "an answer before any packet",
        Step::Request(_) | Step::Octets(_) if before.iter().any(is_packet) => {
            "a request behind packets: a second bootstrap is a second trace"
        }
        Step::Request(_) | Step::Octets(_) if before.iter().any(|step| matches!(step, Step::Closed(_))) => {
            "a request behind the close of its session"
        }
        _ => return None,
    };
    Some(what.to_owned())
}

fn of_step(step: &Step) -> Vec<String> {
    match step {
        Step::Request(request) => of_request(request),
        Step::Octets(octets) => of_hex("octets", octets).into_iter().collect(),
        Step::Packet(packet) => of_packet(packet),
        Step::Response(_) | Step::Closed(_) | Step::Answer(_) => Vec::new(),
    }
}

fn of_request(request: &Request) -> Vec<String> {
    let mut complaints: Vec<String> = above("version", request.version, 7)
        .into_iter()
        .chain(above("reserved", request.reserved, 31))
        .collect();
    let mut octets = 0;
    for line in request.headers.iter().chain([&request.end]) {
        match parse(line) {
            Err(error) => complaints.push(error.to_string()),
            Ok(pieces) => octets += len(&pieces) + 2,
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

/// Hex digits of the longest EAP packet of our peers, or more: names of 253 octets in it.
const EAP_LEN: usize = 2048;

/// Octets of a line, or more.
fn len(pieces: &[Piece]) -> usize {
    let len = |piece: &Piece| match piece {
        Piece::Octets(octets) => octets.len(),
        Piece::Slot(Slot::MnId | Slot::Stranger) => 253,
        Piece::Slot(Slot::MnRand | Slot::HacRand | Slot::Auth(_) | Slot::ForeignSuites) => 64,
        Piece::Slot(Slot::Eap(_)) => EAP_LEN,
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
