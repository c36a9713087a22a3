//! Nine doors: any octets go in, no panic comes out. Five lead into the codec, where what was read can be written again;
//! three into the machines, one into the dissector.
//!
//! Each function takes octets of a peer, so it is a fuzz target as it stands. `tests/mutated.rs` sends mutated messages
//! through all of them with stable Rust; `README.md` says how a coverage-guided fuzzer is hooked up.

mod dissection;
mod machines;

pub use dissection::capture;
pub use machines::{controller, home_agent, mobile_node};

use std::fmt::Debug;
use std::net::Ipv6Addr;

use wire::container::{self, Container, Identifier};
use wire::ext_header::Chain;
use wire::mobility::option::Options;
use wire::mobility::{BindingAck, BindingUpdate, MobilityHeader};
use wire::packet::{HEADER_LEN, ICV_LEN, Packet};
use wire::trailer::{self, Trailer};
use wire::{DecodeError, Draft, Request, Response, lex, param};

/// A stream of containers, as it comes out of TLS.
pub fn container(octets: &[u8]) {
    let mut stream = octets;
    while stream.len() >= container::octets_needed(stream) {
        let (front, rest) = stream.split_at(container::octets_needed(stream));
        let view = checked(Container::new_checked(front), front).expect("all octets are there");
        if let Some(repr) = checked(container::Repr::parse(&view), front) {
            let written = repr.to_vec().expect("a legal container can be written");
            let reserved_bits = front.first().map_or(0, |first| first & 0x1f);
            assert_eq!(written.get(1..), front.get(1..));
            assert_eq!(view.reserved(), reserved_bits);
            message(repr.content);
        }
        stream = rest;
    }
}

/// Content: lexed, typed header by header, rewritten, read as every kind of message.
pub fn message(octets: &[u8]) {
    if let Some(lexed) = checked(lex(octets), octets) {
        for header in &lexed.headers {
            let typed = header.known().map(|name| param::check(name, header.value));
            typed.and_then(|value| checked(value, header.value));
        }
        let draft = checked(Draft::parse(octets), octets).expect("what is lexed is a draft");
        assert_eq!(draft.octets(), octets);
    }
    for identifier in [1, 2].into_iter().filter_map(Identifier::new) {
        if let Some(request) = checked(Request::parse(identifier, octets), octets) {
            rewrite_request(identifier, &request);
        }
    }
    if let Some(response) = checked(Response::parse(octets), octets) {
        rewrite_response(&response);
    }
}

/// The payload of a UDP datagram; what would be plaintext goes on into [`chain`] or [`mobility`].
pub fn packet(octets: &[u8]) {
    let Some(view) = checked(Packet::new_checked(octets), octets) else {
        return;
    };
    assert_eq!(view.ptype().word(view.spi()), view.word());
    assert_eq!(view.body().len(), octets.len() - HEADER_LEN);
    let plaintext_len = view.body().len().saturating_sub(ICV_LEN);
    let plaintext = view.body().get(..plaintext_len).unwrap_or_default();
    if let Some(trailer) = checked(Trailer::parse(plaintext), plaintext) {
        assert_eq!(trailer.to_vec(), plaintext);
        let legal = trailer.padding.iter().zip(1..).all(|(&octet, nth)| octet == nth);
        assert_eq!(trailer.padding_fault().is_none(), legal);
        walk(trailer.next_header, trailer.payload);
    }
}

/// A Mobility Header.
pub fn mobility(octets: &[u8]) {
    let (src, dst) = (Ipv6Addr::LOCALHOST, Ipv6Addr::UNSPECIFIED);
    if let Some(view) = checked(MobilityHeader::new_checked(octets), octets) {
        let mut filled = MobilityHeader::new_unchecked(octets.to_vec());
        filled.fill_checksum(src, dst);
        assert!(filled.verify(src, dst));
        assert_eq!(view.header().len(), view.total_len());
        assert!(Options::new(view.data()).count() <= view.data().len());
    }
    if let Some(update) = checked(BindingUpdate::parse(octets), octets) {
        assert_eq!(BindingUpdate::parse(&update.emit(src, dst)), Ok(update));
    }
    if let Some(ack) = checked(BindingAck::parse(octets), octets) {
        assert_eq!(BindingAck::parse(&ack.emit(src, dst)), Ok(ack));
    }
}

/// A chain of extension headers; the first octet says what the rest starts with.
pub fn chain(octets: &[u8]) {
    if let Some((&next_header, payload)) = octets.split_first() {
        walk(next_header, payload);
    }
}

fn walk(next_header: u8, payload: &[u8]) {
    if let Some(chain) = checked(Chain::parse(next_header, payload), payload) {
        assert!(payload.ends_with(chain.upper));
        assert!(![trailer::ROUTING, trailer::DEST_OPTIONS].contains(&chain.protocol));
        mobility(chain.upper);
    }
}

fn rewrite_request(identifier: Identifier, request: &Request) {
    let mut draft = request.draft();
    match request {
        // Methods without a name cannot be written, so a list of nothing else cannot either.
        Request::Init(init) if init.methods.known.is_empty() => return,
        Request::Init(_) => {}
        Request::Mid(mid) => draft.sign(mid.auth.mac),
        Request::Done(done) => draft.sign(done.auth.mac),
    }
    let again = Request::parse(identifier, &draft.octets()).expect("what we write we can read");
    assert_eq!(again.draft().octets(), request.draft().octets());
}

fn rewrite_response(response: &Response) {
    let mut draft = response.draft();
    let auth = match response {
        Response::Init(init) => Some(init.auth),
        Response::Mid(mid) => Some(mid.auth),
        Response::Final(last) => last.auth,
    };
    if let Some(auth) = auth {
        draft.sign(auth.mac);
    }
    let again = Response::parse(&draft.octets()).expect("what we write we can read");
    assert_eq!(again.draft().octets(), response.draft().octets());
}

/// Every refusal points into the octets and can be printed without harm.
fn checked<T: Debug>(result: Result<T, DecodeError>, octets: &[u8]) -> Option<T> {
    let error = match result {
        Ok(value) => {
            let _ = format!("{value:?}");
            return Some(value);
        }
        Err(error) => error,
    };
    assert!(error.offset <= octets.len(), "{error}");
    let text = error.to_string();
    let harmless = |octet: u8| octet == b' ' || octet.is_ascii_graphic();
    assert!(text.bytes().all(harmless), "{text:?}");
    None
}
