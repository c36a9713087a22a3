//! The vectors of `vectors/rfc6618`, read and written: what the codec makes of octets that it had no part in.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use vectors::rows::{self, HeaderValue, MobilityOption, Side};
use vectors::{Outcome, Test};
use wire::container::{self, Container, HEADER_LEN, Identifier};
use wire::ext_header::{Chain, home_address_option};
use wire::mobility::{BindingAck, BindingStatus, BindingUpdate, Flags, Lifetime, MobilityHeader};
use wire::packet::{self, PType, Packet};
use wire::trailer::MOBILITY;
use wire::value::{Mac, Method, Port, Prefix4, Prefix6, Random, Status, hex, ip6};
use wire::{
    Ciphersuite, DecodeError, Draft, Methods, Nai, Name, Need, Request, Response, Scope, Spi, SuiteCode,
    SuiteList, Value, lex, param,
};

/// Whether a row may be accepted or refused as it was; `ours` counts, since this is the reference.
fn judge<R>(test: &Test<R>, accepted: bool) {
    let expected = match test.result {
        Outcome::Lenient => test.ours,
        certain => Some(certain),
    };
    let outcome = if accepted { Outcome::Valid } else { Outcome::Invalid };
    assert!(expected.is_none_or(|expected| expected == outcome), "{}: {outcome:?}", test.id);
}

#[test]
fn containers_are_read() {
    let mut rows = 0;
    for test in vectors::container().tests {
        let octets = test.row.octets.joined();
        let parsed = Container::new_checked(octets.as_slice()).and_then(|view| container::Repr::parse(&view));
        judge(&test, parsed.is_ok());
        if let (Ok(parsed), Some(value)) = (&parsed, &test.row.value) {
            let view = Container::new_unchecked(octets.as_slice());
            assert_eq!((view.version(), view.reserved()), (value.version, value.reserved), "{}", test.id);
            assert_eq!(
                (parsed.identifier.get(), view.length()),
                (value.identifier, value.length),
                "{}",
                test.id
            );
            assert_eq!(parsed.content, &test.row.octets.content[..], "{}", test.id);
            let consumed = octets.len() - test.row.octets.trailing.len();
            assert_eq!(container::octets_needed(&octets), consumed, "{}", test.id);
        }
        if let (Err(error), Some(field)) = (parsed, test.field.as_deref()) {
            let named = error.field.to_lowercase();
            assert!(
                octets.len() < HEADER_LEN || "version".starts_with(&named) || named == field,
                "{}: {error}",
                test.id
            );
        }
        rows += 1;
    }
    assert!(rows > 0);
}

#[test]
fn containers_are_written() {
    let mut rows = 0;
    for test in vectors::container().tests {
        let Some(value) = test.row.value.as_ref().filter(|value| value.reserved == 0) else { continue };
        let identifier = Identifier::new(value.identifier).expect("a legal Identifier");
        let written = container::Repr { identifier, content: &test.row.octets.content }
            .to_vec()
            .expect("legal content");
        let octets = test.row.octets.joined();
        assert_eq!(written, octets[..octets.len() - test.row.octets.trailing.len()], "{}", test.id);
        rows += 1;
    }
    assert!(rows > 0);
}

/// What a message of this side says about the content; that headers are missing is no matter here.
fn refusal(row: &rows::Content) -> Option<DecodeError> {
    let second = Identifier::FIRST.next().expect("2 is an Identifier");
    let refused = match row.side {
        Side::RequestInit => Request::parse(Identifier::FIRST, &row.input).err(),
        Side::Request => Request::parse(second, &row.input).err(),
        Side::Response => Response::parse(&row.input).err(),
    };
    refused.filter(|error| error.need != Need::Present)
}

#[test]
fn content_is_taken_apart() {
    let mut rows = 0;
    for test in vectors::lexing().tests {
        let refused = refusal(&test.row);
        judge(&test, refused.is_none());
        if let (Some(expected), Ok(lexed)) = (&test.row.headers, lex(&test.row.input)) {
            let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
            let line = |header: &wire::Header<'_>| rows::Line {
                name: text(header.name).to_ascii_lowercase(),
                value: text(header.value),
            };
            assert_eq!(&lexed.headers.iter().map(line).collect::<Vec<_>>(), expected, "{}", test.id);
        }
        if let (Some(error), Outcome::Invalid, Some(field)) = (refused, test.result, test.field.as_deref()) {
            assert!(field == "content" || field == error.field, "{}: {error}", test.id);
        }
        rows += 1;
    }
    assert!(rows > 0);
}

#[test]
fn content_is_put_together() {
    let mut rows = 0;
    for test in vectors::lexing().tests.into_iter().filter(|test| test.result == Outcome::Valid) {
        let mut draft = Draft::new();
        for header in test.row.headers.iter().flatten() {
            draft.push_raw(header.name.as_bytes(), header.value.as_bytes());
        }
        assert_eq!(draft.octets() == test.row.input[..], test.row.canonical, "{}", test.id);
        let same = Draft::parse(&test.row.input).expect("valid content");
        assert_eq!(same.octets(), test.row.input[..], "{}: a draft keeps every octet", test.id);
        rows += 1;
    }
    assert!(rows > 0);
}

/// The typed value of a line that holds one header; a suite that RFC 6618 reserves cannot be selected (VA-21).
fn read(row: &rows::Header) -> Result<Value, DecodeError> {
    let lexed = lex(&row.input)?;
    let [header] = lexed.headers.as_slice() else { panic!("{}: not one header", row.text) };
    let name = header.known().expect("a header of the registry");
    assert_eq!(name.as_str(), row.name);
    match param::check(name, header.value)? {
        Value::Ciphersuite(code) if Ciphersuite::from_code(code).is_none() => {
            Err(DecodeError::new(name.as_str(), Need::OneOf("five suites"), wire::Have::text(header.value)))
        }
        value => Ok(value),
    }
}

#[test]
fn header_values_are_read() {
    let mut rows = 0;
    for test in vectors::headers().tests {
        let value = read(&test.row);
        judge(&test, value.is_ok());
        match (value, &test.row.value) {
            (Ok(value), Some(meaning)) => assert_eq!(known(value), typed(&test.row, meaning), "{}", test.id),
            (Err(error), _) if lex(&test.row.input).is_ok() => {
                assert_eq!(Some(error.field), test.field.as_deref(), "{}: {error}", test.id);
            }
            _ => {}
        }
        rows += 1;
    }
    assert!(rows > 0);
}

#[test]
fn header_values_are_written() {
    let mut rows = 0;
    for test in vectors::headers().tests {
        let Some(meaning) = test.row.value.as_ref().filter(|_| test.result == Outcome::Valid) else {
            continue;
        };
        let mut draft = Draft::new();
        let name = Name::from_octets(test.row.name.as_bytes()).expect("a header of the registry");
        draft.push(name, printed(&typed(&test.row, meaning)));
        draft.end.clear();
        assert_eq!(draft.octets() == test.row.input[..], test.row.canonical, "{}", test.id);
        rows += 1;
    }
    assert!(rows > 0);
}

/// The vectors do not name unknown methods.
fn known(value: Value) -> Value {
    match value {
        Value::Methods(methods) => Value::Methods(Methods { unknown: 0, ..methods }),
        other => other,
    }
}

/// The meaning in our types, by another way than the parser's where there is one.
fn typed(row: &rows::Header, meaning: &HeaderValue) -> Value {
    let value = match meaning {
        HeaderValue::Number(number) => typed_number(&row.kind, *number),
        HeaderValue::List(items) if row.kind == "methods" => {
            let method = |item: &String| Method::ALL.into_iter().find(|method| method.as_str() == item);
            let known = items.iter().map(method).collect::<Option<_>>();
            known.map(|known| Value::Methods(Methods { known, unknown: 0 }))
        }
        HeaderValue::List(items) => items
            .iter()
            .map(|item| suite(item))
            .collect::<Option<_>>()
            .map(|codes| Value::Suites(SuiteList(codes))),
        HeaderValue::Text(text) => typed_text(&row.kind, text),
    };
    value.unwrap_or_else(|| panic!("{}: {} cannot be {meaning:?}", row.text, row.kind))
}

fn typed_number(kind: &str, number: u64) -> Option<Value> {
    match kind {
        "status" => Status::new(number.try_into().ok()?).map(Value::Status),
        "date" => Some(Value::Date(wire::Date::from_unix_seconds(number))),
        "spi" => Spi::new(number.try_into().ok()?).map(Value::Spi),
        "scope" => Scope::ALL.get(usize::try_from(number).ok()?).copied().map(Value::Scope),
        "port" => Port::new(number.try_into().ok()?).map(Value::Port),
        _ => None,
    }
}

fn typed_text(kind: &str, text: &str) -> Option<Value> {
    let octets32 = || hex::decode(text.as_bytes()).ok()?.try_into().ok();
    let prefix = || text.split_once('/').and_then(|(address, length)| Some((address, length.parse().ok()?)));
    match kind {
        "nai" => {
            let latin1 = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<_>>>();
            Nai::parse(&latin1?).ok().map(Value::Nai)
        }
        "hex" => hex::decode(text.as_bytes()).ok().map(Value::Octets),
        "mac" => octets32().map(|octets| Value::Mac(Mac(octets))),
        "random" => octets32().map(|octets| Value::Random(Random(octets))),
        "suite" => suite(text).map(Value::Ciphersuite),
        "ip6" => text.parse::<Ipv6Addr>().ok().map(Value::Ip6),
        "ip4" => text.parse::<Ipv4Addr>().ok().map(Value::Ip4),
        "prefix6" => prefix().and_then(|(a, bits)| Prefix6::new(a.parse().ok()?, bits)).map(Value::Prefix6),
        "prefix4" => prefix().and_then(|(a, bits)| Prefix4::new(a.parse().ok()?, bits)).map(Value::Prefix4),
        _ => None,
    }
}

fn suite(text: &str) -> Option<SuiteCode> {
    let (high, low) = text.strip_prefix('{')?.strip_suffix('}')?.split_once(',')?;
    Some(SuiteCode([u8::from_str_radix(high, 16).ok()?, u8::from_str_radix(low, 16).ok()?]))
}

/// The value as a sender writes it.
fn printed(value: &Value) -> String {
    match value {
        Value::Nai(nai) => nai.to_string(),
        Value::Methods(methods) => methods.to_string(),
        Value::Octets(octets) => hex::encode(octets),
        Value::Status(status) => status.to_string(),
        Value::Mac(mac) => mac.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Random(random) => random.to_string(),
        Value::Spi(spi) => spi.to_string(),
        Value::Scope(scope) => scope.to_string(),
        Value::Ciphersuite(code) => code.to_string(),
        Value::Suites(suites) => suites.to_string(),
        Value::Port(port) => port.to_string(),
        Value::Ip6(address) => ip6::Words(*address).to_string(),
        Value::Ip4(address) => address.to_string(),
        Value::Prefix6(prefix) => prefix.to_string(),
        Value::Prefix4(prefix) => prefix.to_string(),
    }
}

#[test]
fn packet_words_are_read_and_written() {
    let mut rows = 0;
    for test in vectors::packet().tests {
        let octets = test.row.octets.joined();
        let view = Packet::new_checked(octets.as_slice());
        if let (Ok(view), Some(value)) = (&view, &test.row.value) {
            assert_eq!((view.ptype(), view.spi()), (PType(value.ptype), value.spi), "{}", test.id);
            assert_eq!(view.sequence(), value.sequence_number, "{}", test.id);
            let mut forged = Packet::new_unchecked([0; packet::HEADER_LEN]);
            forged.set_spi(value.spi);
            forged.set_ptype(PType(value.ptype));
            forged.set_sequence(value.sequence_number);
            assert_eq!(forged.into_inner(), octets[..packet::HEADER_LEN], "{}", test.id);
            if test.row.suite.is_none() {
                assert_eq!(packet::plain(&value.payload), octets, "{}", test.id);
            }
        }
        assert_eq!(view.is_ok(), octets.len() >= packet::HEADER_LEN, "{}", test.id);
        rows += 1;
    }
    assert!(rows > 0);
}

/// A Mobility Header with a checksum that is right, and the home address before it.
#[derive(Debug)]
struct Read {
    home_address: Option<Ipv6Addr>,
    message: Message,
}

#[derive(Debug, PartialEq)]
enum Message {
    Update(BindingUpdate),
    Ack(BindingAck),
}

fn read_mobility(row: &rows::Mobility) -> Option<Read> {
    let chain = Chain::parse(row.first_header, &row.input).ok()?;
    let header = MobilityHeader::new_checked(chain.upper).ok().filter(|_| chain.protocol == MOBILITY)?;
    let update = || BindingUpdate::parse(chain.upper).map(Message::Update);
    let message = update().or_else(|_| BindingAck::parse(chain.upper).map(Message::Ack)).ok()?;
    let verified = header.verify(row.source, row.destination);
    verified.then_some(Read { home_address: chain.home_address, message })
}

fn message(value: &rows::MobilityValue) -> Message {
    let lifetime = Lifetime(value.lifetime);
    let flag = |letter| value.flags.iter().any(|flag| flag == letter);
    let alternate = value.options.iter().find_map(|option| match option {
        MobilityOption::AlternateCareOfAddress { address } => Some(*address),
        _ => None,
    });
    let advice = value.options.iter().find_map(|option| match option {
        MobilityOption::BindingRefreshAdvice { interval } => Some(*interval),
        _ => None,
    });
    let Some(status) = value.status else {
        let flags = Flags {
            acknowledge: flag("A"),
            home_registration: flag("H"),
            link_local: flag("L"),
            key_management: flag("K"),
        };
        return Message::Update(BindingUpdate {
            sequence: value.sequence,
            flags,
            lifetime,
            alternate_coa: alternate,
        });
    };
    Message::Ack(BindingAck {
        status: BindingStatus(status),
        key_management: flag("K"),
        sequence: value.sequence,
        lifetime,
        refresh_advice: advice,
    })
}

#[test]
fn mobility_headers_are_read() {
    let mut rows = 0;
    for test in vectors::mobility().tests {
        // Which addresses may be home addresses is for the home agent to say.
        if test.flags.iter().any(|flag| flag == "NotUnicast") {
            continue;
        }
        let read = read_mobility(&test.row);
        judge(&test, read.is_some());
        if let (Some(read), Some(value)) = (read, &test.row.value) {
            assert_eq!(read.message, message(value), "{}", test.id);
            assert_eq!(read.home_address, value.home_address, "{}", test.id);
        }
        rows += 1;
    }
    assert!(rows > 0);
}

#[test]
fn mobility_headers_are_written() {
    let mut rows = 0;
    for test in vectors::mobility().tests {
        let Some(value) = test.row.value.as_ref().filter(|_| test.row.canonical) else { continue };
        let mut written =
            value.home_address.map(|home| home_address_option(home, MOBILITY)).unwrap_or_default();
        written.extend(match message(value) {
            Message::Update(update) => update.emit(test.row.source, test.row.destination),
            Message::Ack(ack) => ack.emit(test.row.source, test.row.destination),
        });
        assert_eq!(written, test.row.input[..], "{}", test.id);
        rows += 1;
    }
    assert!(rows > 0);
}

/// The Mobility Headers of scapy's own tests, or `None` with a printed reason.
fn scapy() -> Option<Vec<serde_json::Value>> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    let shared = std::env::var_os("MIP6_SHARED").map_or_else(beside, PathBuf::from);
    let path = shared.join("vectors/transcribed/scapy-mip6-wire.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not at hand", path.display());
        return None;
    };
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    Some(document["tests"].as_array().expect("tests").clone())
}

fn octets(test: &serde_json::Value) -> Vec<u8> {
    hex::decode(test["hex"].as_str().expect("hex").as_bytes()).expect("hex digits")
}

#[test]
fn binding_updates_of_scapy_are_read() {
    let Some(tests) = scapy() else { return };
    let (mut rows, mut written) = (0, 0);
    for test in tests.iter().filter(|test| test["describes"]["layer"] == "MIP6MH_BU") {
        let (octets, layers) = (octets(test), &test["describes"]["fields"]["options"]);
        let layers: Vec<_> =
            layers.as_array().expect("options").iter().map(|option| &option["layer"]).collect();
        let update =
            BindingUpdate::parse(&octets).unwrap_or_else(|error| panic!("line {}: {error}", test["line"]));
        let flags = Flags { key_management: true, ..Flags::REGISTRATION };
        assert_eq!(
            (update.sequence, update.flags, update.lifetime),
            (16962, flags, Lifetime(3)),
            "{}",
            test["line"]
        );
        let expected = layers.iter().any(|layer| *layer == "MIP6OptAltCoA").then_some(Ipv6Addr::UNSPECIFIED);
        assert_eq!(update.alternate_coa, expected, "{}", test["line"]);
        if let ([layer], Some(_)) = (layers.as_slice(), expected) {
            let mut ours = update.emit(Ipv6Addr::LOCALHOST, Ipv6Addr::LOCALHOST);
            MobilityHeader::new_unchecked(&mut ours).set_checksum(0);
            assert_eq!(ours, octets, "{layer}");
            written += 1;
        }
        rows += 1;
    }
    assert!(rows > 0 && written > 0);
}

#[test]
fn checksums_of_scapy_are_right() {
    let Some(tests) = scapy() else { return };
    let mut rows = 0;
    for test in tests.iter().filter(|test| test["describes"]["stack"].to_string().contains("MIP6MH_")) {
        let octets = octets(test);
        let (header, payload) = octets.split_at(40);
        let address =
            |at: usize| Ipv6Addr::from(<[u8; 16]>::try_from(&header[at..at + 16]).expect("16 octets"));
        let chain =
            Chain::parse(header[6], payload).unwrap_or_else(|error| panic!("line {}: {error}", test["line"]));
        let message = MobilityHeader::new_checked(chain.upper).expect("a whole Mobility Header");
        let source = chain.home_address.unwrap_or(address(8));
        assert!(message.verify(source, address(24)), "{} at line {}", test["title"], test["line"]);
        rows += 1;
    }
    assert!(rows > 0);
}
