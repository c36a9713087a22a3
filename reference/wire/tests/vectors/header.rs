//! `headers.json`: RFC 6618 sections 5.5 to 5.7.

use std::net::{Ipv4Addr, Ipv6Addr};

use vectors::Outcome;
use vectors::rows::{self, HeaderValue};
use wire::value::{Mac, Method, Port, Prefix4, Prefix6, Random, Status, hex, ip6};
use wire::{
    Ciphersuite, Date, DecodeError, Draft, Have, Methods, Nai, Name, Need, Scope, Spi, SuiteCode, SuiteList,
    Value, lex, param,
};

use crate::judge;

/// The typed value of a line that holds one header; a suite that RFC 6618 reserves cannot be selected (VA-21).
fn read(row: &rows::Header) -> Result<Value, DecodeError> {
    let lexed = lex(&row.input)?;
    let [header] = lexed.headers.as_slice() else { panic!("{}: not one header", row.text) };
    let name = header.known().expect("a header of the registry");
    assert_eq!(name.as_str(), row.name);
    match param::check(name, header.value)? {
        Value::Ciphersuite(code) if Ciphersuite::from_code(code).is_none() => {
            Err(DecodeError::new(name.as_str(), Need::OneOf("five suites"), Have::text(header.value)))
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
        "date" => Some(Value::Date(Date::from_unix_seconds(number))),
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
        "hex" | "eap" => hex::decode(text.as_bytes()).ok().map(Value::Octets),
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
