//! What is written is read back as it was, and no octets whatever make a parser or a view panic.

#[path = "round_trip/meanings.rs"]
mod meanings;

use std::net::Ipv6Addr;

use meanings::{any_request, any_response, request_kind};
use proptest::collection::vec;
use proptest::prelude::*;
use wire::container::{self, Container, Identifier};
use wire::ext_header::{self, Chain};
use wire::mobility::option::Options;
use wire::mobility::{BindingAck, BindingUpdate, MobilityHeader};
use wire::packet::Packet;
use wire::trailer::{self, Trailer};
use wire::{Draft, Name, Request, Response, lex, param};

proptest! {
    #[test]
    fn containers(identifier in 1_u8.., content in vec(any::<u8>(), 1..600)) {
        let identifier = Identifier::new(identifier).unwrap();
        let repr = container::Repr { identifier, content: &content };
        let octets = repr.to_vec().unwrap();
        prop_assert_eq!(octets.len(), repr.buffer_len());
        prop_assert_eq!(container::octets_needed(&octets), octets.len());
        let view = Container::new_checked(octets.as_slice()).unwrap();
        prop_assert_eq!(container::Repr::parse(&view), Ok(repr));
    }

    #[test]
    fn requests((request, mac) in any_request()) {
        let mut draft = request.draft();
        if !matches!(request, Request::Init(_)) {
            draft.sign(mac);
        }
        let content = draft.octets();
        prop_assert_eq!(Request::parse(request_kind(&request), &content), Ok(request));
        let covered = lex(&content).unwrap().signed().map(<[u8]>::to_vec);
        prop_assert!(covered.is_none_or(|covered| covered == draft.unsigned_octets()));
    }

    #[test]
    fn responses((response, mac) in any_response()) {
        let mut draft = response.draft();
        let unsigned = matches!(&response, Response::Final(last) if last.auth.is_none());
        if !unsigned {
            draft.sign(mac);
        }
        prop_assert_eq!(Response::parse(&draft.octets()), Ok(response));
    }

    #[test]
    fn drafts_of_whatever_the_lexer_takes(content in content_like()) {
        if let Ok(lexed) = lex(&content) {
            let draft = Draft::parse(&content).unwrap();
            prop_assert_eq!(draft.octets(), content.clone());
            for header in &lexed.headers {
                prop_assert_eq!(content.get(header.at..header.at + header.name.len()), Some(header.name));
                prop_assert_eq!(content.get(header.value_at..header.value_at + header.value.len()), Some(header.value));
                prop_assert_eq!(content.get(header.end - 2..header.end), Some(&b"\r\n"[..]));
            }
        }
    }

    #[test]
    fn trailers(payload in vec(any::<u8>(), 0..64), len: u8, next_header: u8) {
        let trailer = Trailer { payload: &payload, padding: trailer::sequential(len), next_header };
        let octets = trailer.to_vec();
        prop_assert_eq!(Trailer::parse(&octets), Ok(trailer));
        prop_assert_eq!(trailer.padding_fault(), None);
    }

    #[test]
    fn binding_updates(update in meanings::binding_update(), src: u128, dst: u128) {
        let (src, dst) = (Ipv6Addr::from(src), Ipv6Addr::from(dst));
        let octets = update.emit(src, dst);
        prop_assert_eq!(octets.len() % 8, 0);
        prop_assert_eq!(BindingUpdate::parse(&octets), Ok(update));
        prop_assert!(MobilityHeader::new_checked(&octets).unwrap().verify(src, dst));
    }

    #[test]
    fn binding_acks(ack in meanings::binding_ack(), src: u128, dst: u128) {
        let (src, dst) = (Ipv6Addr::from(src), Ipv6Addr::from(dst));
        let octets = ack.emit(src, dst);
        prop_assert_eq!(octets.len() % 8, 0);
        prop_assert_eq!(BindingAck::parse(&octets), Ok(ack));
        prop_assert!(MobilityHeader::new_checked(&octets).unwrap().verify(src, dst));
    }

    #[test]
    fn chains(home: u128, routing: u128, upper in vec(any::<u8>(), 0..32)) {
        let (home, routing) = (Ipv6Addr::from(home), Ipv6Addr::from(routing));
        let payload = [
            ext_header::home_address_option(home, trailer::ROUTING),
            ext_header::routing_header(routing, trailer::MOBILITY),
            upper.clone(),
        ]
        .concat();
        let chain = Chain::parse(trailer::DEST_OPTIONS, &payload).unwrap();
        prop_assert_eq!((chain.home_address, chain.routing_home), (Some(home), Some(routing)));
        prop_assert_eq!((chain.protocol, chain.upper), (trailer::MOBILITY, upper.as_slice()));
    }

    #[test]
    fn messages_of_any_octets(identifier in 1_u8.., content in prop_oneof![vec(any::<u8>(), 0..200), content_like()]) {
        let _ = Request::parse(Identifier::new(identifier).unwrap(), &content);
        let _ = Response::parse(&content);
        if let Err(error) = lex(&content) {
            prop_assert!(error.offset <= content.len());
            prop_assert!(error.to_string().bytes().all(|octet| (b' '..=b'~').contains(&octet)));
        }
    }

    #[test]
    fn values_of_any_octets(value in prop_oneof![vec(any::<u8>(), 0..80), value_like()]) {
        for name in Name::ALL {
            if let Err(error) = param::check(name, &value) {
                prop_assert!(error.offset <= value.len(), "{error}");
                prop_assert_eq!(error.field, name.as_str());
            }
        }
    }

    #[test]
    fn views_of_any_octets(octets in vec(any::<u8>(), 0..80), number: u32) {
        let [first, second, ..] = number.to_be_bytes();
        let mut container = Container::new_unchecked(octets.clone());
        container.set_version(first);
        container.set_reserved(second);
        container.set_identifier(first);
        container.set_length(u16::from_be_bytes([first, second]));
        let mut packet = Packet::new_unchecked(octets.clone());
        packet.set_spi(number);
        packet.set_sequence(number);
        let mut header = MobilityHeader::new_unchecked(octets.clone());
        header.set_header_len(first);
        header.data_mut().reverse();
        header.fill_checksum(Ipv6Addr::LOCALHOST, Ipv6Addr::UNSPECIFIED);
        prop_assert_eq!(container.into_inner().len(), octets.len());
        prop_assert_eq!(packet.into_inner().len(), octets.len());
        prop_assert_eq!(header.into_inner().len(), octets.len());
    }

    #[test]
    fn packets_of_any_octets(octets in vec(any::<u8>(), 0..300), next_header in prop_oneof![Just(60), Just(43), any::<u8>()]) {
        let _ = Packet::new_checked(octets.as_slice());
        let _ = Container::new_checked(octets.as_slice()).and_then(|view| container::Repr::parse(&view));
        let _ = BindingUpdate::parse(&octets);
        let _ = BindingAck::parse(&octets);
        prop_assert!(Options::new(&octets).count() <= octets.len());
        if let Ok(trailer) = Trailer::parse(&octets) {
            prop_assert_eq!(trailer.to_vec(), octets.clone());
        }
        if let Ok(chain) = Chain::parse(next_header, &octets) {
            prop_assert!(octets.ends_with(chain.upper));
        }
    }
}

/// Lines of names, colons, values and line ends, good and bad, in any order.
fn content_like() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(Name::ALL.to_vec()).prop_map(|name| name.as_str().as_bytes().to_vec());
    let glue = prop::sample::select(vec![
        &b":"[..],
        b": ",
        b"\t:",
        b"\r\n",
        b"\r\n\r\n",
        b"\r",
        b"\n",
        b" ",
        b",",
        b"x",
        b"\x80",
        b"\x00",
    ]);
    let good_end = Just(b"\r\n".to_vec());
    let colon = Just(b":".to_vec());
    let line = (name.clone(), colon, value_like(), good_end)
        .prop_map(|(name, colon, value, end)| [name, colon, value, end].concat());
    let piece = prop_oneof![
        6 => line,
        1 => name,
        1 => value_like(),
        1 => glue.prop_map(<[u8]>::to_vec),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Values that are legal for some header, or nearly.
fn value_like() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        Just("psk,eap".to_owned()),
        Just("{00,2F},{00 02}".to_owned()),
        Just("Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
        "[0-9a-fA-F]{0,66}",
        "[0-9]{1,24}",
        "[0-9a-f:]{1,40}(/[0-9]{1,3})?",
        "[0-9.]{1,16}(/[0-9]{1,3})?",
        r"[a-z.@\\ ]{1,20}@[a-z.-]{1,12}",
    ];
    text.prop_map(String::into_bytes)
}
