//! RFC 6618 sections 4.4 and 5.7: the bootstrapping data in the final response. All of it is optional; what is sent
//! has its form.

use std::net::IpAddr;

use wire::param::{Name, Value, check};

use crate::case::Case;
use crate::case::Check::HacSays;
use crate::finding::{Finding, Outcome, Pass, shown};
use crate::player::Exchange;

/// Cases of section 5.7.
pub(super) const CASES: &[Case] = &[
    form(
        "rfc6618/5.7.1/haa-ip6-form",
        "mip6-haa-ip6, if sent, is eight words without abbreviation",
        &["rfc6618#5.7.1/haa-ip6-grammar", "rfc6618#5.7/ip6-addr-grammar", "rfc6618#5.7/word-grammar"],
        |exchange| has_form(exchange, Name::HaaIp6),
    )
    .by(&["VA-14", "VA-15"]),
    form(
        "rfc6618/5.7.1/haa-ip4-form",
        "mip6-haa-ip4, if sent, is four numbers up to 255",
        &["rfc6618#5.7.1/haa-ip4-grammar", "rfc6618#5.7/ip4-addr-grammar"],
        |exchange| has_form(exchange, Name::HaaIp4),
    )
    .by(&["VA-16"]),
    Case::should(
        "rfc6618/5.7.1/ha-address-sent",
        "the HAC hands out an address of the HA",
        &["rfc6618#5.7/hac-provisions-parameters", "rfc6618#5.7.1/ha-address"],
        HacSays(|exchange| sends_one_of(exchange, &[Name::HaaIp6, Name::HaaIp4])),
    )
    .by(&["SA-07"]),
    Case::should(
        "rfc6618/5.7.1/ha-address-of-one-host",
        "the address of the HA is neither unspecified nor multicast",
        &["rfc6618#5.7.1/ha-address"],
        HacSays(|exchange| of_one_host(exchange, &[Name::HaaIp6, Name::HaaIp4])),
    ),
    form(
        "rfc6618/5.7.2/port-form",
        "mip6-port, if sent, is 1 to 65535",
        &["rfc6618#5.7.2/port-grammar"],
        |exchange| has_form(exchange, Name::Port),
    )
    .by(&["VA-19"]),
    Case::should(
        "rfc6618/5.7.2/port-sent",
        "the HAC hands out the port of the HA",
        &["rfc6618#5.7.2/port-provisioned", "rfc6618#4.4/bootstrapping-possible"],
        HacSays(|exchange| sends_one_of(exchange, &[Name::Port])),
    )
    .by(&["SA-08"]),
    form(
        "rfc6618/5.7.3/ip6-hoa-form",
        "mip6-ip6-hoa, if sent, is eight words without abbreviation",
        &["rfc6618#5.7.3/ip6-hoa-grammar", "rfc6618#5.7/ip6-addr-grammar"],
        |exchange| has_form(exchange, Name::Ip6Hoa),
    )
    .by(&["VA-14", "VA-15"]),
    form(
        "rfc6618/5.7.3/ip4-hoa-form",
        "mip6-ip4-hoa, if sent, is four numbers up to 255",
        &["rfc6618#5.7.3/ip4-hoa-grammar", "rfc6618#5.7/ip4-addr-grammar"],
        |exchange| has_form(exchange, Name::Ip4Hoa),
    )
    .by(&["VA-16"]),
    form(
        "rfc6618/5.7.3/ip6-hnp-form",
        "mip6-ip6-hnp, if sent, is an address, a slash and a length up to 128",
        &["rfc6618#5.7.3/ip6-hnp-grammar", "rfc6618#5.7/ip6-prefix-grammar"],
        |exchange| has_form(exchange, Name::Ip6Hnp),
    )
    .by(&["VA-14", "VA-17"]),
    Case::should(
        "rfc6618/5.7.3/ip6-hnp-two-digits",
        "the length of mip6-ip6-hnp has two digits at most",
        &["rfc6618#5.7.3/ip6-hnp-grammar", "rfc6618#5.7/ip6-prefix-grammar"],
        HacSays(two_digits),
    )
    .by(&["VA-17"]),
    form(
        "rfc6618/5.7.3/ip4-hnp-form",
        "mip6-ip4-hnp, if sent, is an address, a slash and a length up to 32",
        &["rfc6618#5.7.3/ip4-hnp-grammar", "rfc6618#5.7/ip4-subnet-grammar"],
        |exchange| has_form(exchange, Name::Ip4Hnp),
    )
    .by(&["VA-16", "VA-17"]),
    Case::should(
        "rfc6618/5.7.3/prefix-without-host-bits",
        "the bits of a home prefix beyond its length are 0",
        &["rfc6618#5.7.3/home-prefix"],
        HacSays(prefix_without_host_bits),
    )
    .by(&["VA-18"]),
    Case::should(
        "rfc6618/5.7.3/home-sent",
        "the HAC hands out a home address or a home prefix",
        &["rfc6618#5.7/hac-provisions-parameters", "rfc6618#4.4/bootstrapping-possible"],
        HacSays(|exchange| sends_one_of(exchange, &[Name::Ip6Hoa, Name::Ip4Hoa, Name::Ip6Hnp, Name::Ip4Hnp])),
    )
    .by(&["SA-07"]),
    Case::should(
        "rfc6618/5.7.3/home-inside-prefix",
        "where both are sent, the home address lies inside the home prefix",
        &["rfc6618#5.7.3/home-address", "rfc6618#5.7.3/home-prefix"],
        HacSays(home_inside_prefix),
    )
    .by(&["VA-18"]),
    Case::should(
        "rfc6618/5.7.3/home-of-one-host",
        "a home address is neither unspecified nor multicast",
        &["rfc6618#5.7.3/home-address"],
        HacSays(|exchange| of_one_host(exchange, &[Name::Ip6Hoa, Name::Ip4Hoa])),
    ),
    Case::should(
        "rfc6618/5.7.3/home-is-not-the-ha",
        "the home address of the MN is not the address of the HA",
        &["rfc6618#5.7.3/home-address"],
        HacSays(home_is_not_the_ha),
    ),
    form(
        "rfc6618/5.7.4/dns-ip6-form",
        "each dns-ip6 is eight words without abbreviation",
        &["rfc6618#5.7.4/dns-ip6-grammar", "rfc6618#5.7/ip6-addr-grammar"],
        |exchange| has_form(exchange, Name::DnsIp6),
    )
    .by(&["VA-14", "VA-15"]),
    form(
        "rfc6618/5.7.4/dns-ip4-form",
        "each dns-ip4 is four numbers up to 255",
        &["rfc6618#5.7.4/dns-ip4-grammar", "rfc6618#5.7/ip4-addr-grammar"],
        |exchange| has_form(exchange, Name::DnsIp4),
    )
    .by(&["VA-16"]),
    Case::must(
        "rfc6618/5.7/data-in-final-response",
        "bootstrapping data travel in the final response of the exchange, signed with all the rest",
        &["rfc6618#4.4/bootstrapping-in-same-tunnel", "rfc6618#5.4/bootstrap-over-containers"],
        HacSays(signed_with_the_rest),
    )
    .by(&["TV-08"]),
];

const fn form(
    id: &'static str,
    story: &'static str,
    cites: &'static [&'static str],
    judge: fn(&Exchange) -> Outcome,
) -> Case {
    Case::must(id, story, cites, HacSays(judge))
}

/// Every header of that name; there may be none.
fn has_form(exchange: &Exchange, name: Name) -> Outcome {
    for header in exchange.done.headers()?.all(name) {
        check(name, header.value).map_err(|error| {
            Finding::malformed(format!("{name} as section {} prints it", name.section()), &error)
                .with_octets(format!("value of {name}"), header.value)
        })?;
    }
    Ok(Pass::Clean)
}

fn sends_one_of(exchange: &Exchange, names: &[Name]) -> Outcome {
    if names.iter().any(|name| exchange.done.raw(*name).is_some()) {
        return Ok(Pass::Clean);
    }
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    Err(Finding::fails(names.join(" or "), "nothing of it in the final response"))
}

/// Legal values of that name; what is malformed is for other cases.
fn values(exchange: &Exchange, name: Name) -> Vec<Value> {
    let Ok(headers) = exchange.done.headers() else { return Vec::new() };
    headers.all(name).filter_map(|header| check(name, header.value).ok()).collect()
}

fn addresses(exchange: &Exchange, names: &[Name]) -> Vec<(Name, IpAddr)> {
    let address = |value| match value {
        Value::Ip6(address) => Some(IpAddr::V6(address)),
        Value::Ip4(address) => Some(IpAddr::V4(address)),
        _ => None,
    };
    let of_name =
        |&name: &Name| values(exchange, name).into_iter().filter_map(address).map(move |a| (name, a));
    names.iter().flat_map(of_name).collect()
}

fn of_one_host(exchange: &Exchange, names: &[Name]) -> Outcome {
    let odd = addresses(exchange, names).into_iter().find(|(_, a)| a.is_unspecified() || a.is_multicast());
    odd.map_or(Ok(Pass::Clean), |(name, address)| {
        Err(Finding::fails("the address of one host", format!("{name}:{address}")))
    })
}

fn two_digits(exchange: &Exchange) -> Outcome {
    let value = exchange.done.raw(Name::Ip6Hnp).unwrap_or_default();
    let digits = value.iter().rev().take_while(|octet| **octet != b'/').count();
    if value.is_empty() || digits <= 2 {
        return Ok(Pass::Clean);
    }
    Err(Finding::fails("a length of one or two digits", shown(value, 64)))
}

fn prefix_without_host_bits(exchange: &Exchange) -> Outcome {
    for (prefix, address) in [(Name::Ip6Hnp, Name::Ip6Hoa), (Name::Ip4Hnp, Name::Ip4Hoa)] {
        let Some(value) = exchange.done.raw(prefix) else { continue };
        let sent = value.split(|octet| *octet == b'/').next().unwrap_or_default();
        let masked = values(exchange, prefix).into_iter().next().and_then(network);
        let clean = match (masked, check(address, sent)) {
            (Some(IpAddr::V6(masked)), Ok(Value::Ip6(sent))) => masked == sent,
            (Some(IpAddr::V4(masked)), Ok(Value::Ip4(sent))) => masked == sent,
            // Malformed ones are for other cases.
            _ => true,
        };
        if !clean {
            return Err(Finding::fails("a prefix without host bits", shown(value, 64)));
        }
    }
    Ok(Pass::Clean)
}

fn network(prefix: Value) -> Option<IpAddr> {
    match prefix {
        Value::Prefix6(prefix) => Some(prefix.addr().into()),
        Value::Prefix4(prefix) => Some(prefix.addr().into()),
        _ => None,
    }
}

fn home_inside_prefix(exchange: &Exchange) -> Outcome {
    for (prefix, address) in [(Name::Ip6Hnp, Name::Ip6Hoa), (Name::Ip4Hnp, Name::Ip4Hoa)] {
        let (prefixes, homes) = (values(exchange, prefix), values(exchange, address));
        let outside = match (prefixes.first(), homes.first()) {
            (Some(Value::Prefix6(prefix)), Some(Value::Ip6(home))) => !prefix.contains(*home),
            (Some(Value::Prefix4(prefix)), Some(Value::Ip4(home))) => !prefix.contains(*home),
            _ => false,
        };
        if outside {
            return Err(Finding::fails(format!("{address} inside {prefix}"), "it lies outside"));
        }
    }
    Ok(Pass::Clean)
}

fn home_is_not_the_ha(exchange: &Exchange) -> Outcome {
    let agents = addresses(exchange, &[Name::HaaIp6, Name::HaaIp4]);
    let homes = addresses(exchange, &[Name::Ip6Hoa, Name::Ip4Hoa]);
    let same = homes.iter().find(|(_, home)| agents.iter().any(|(_, agent)| agent == home));
    same.map_or(Ok(Pass::Clean), |(name, home)| {
        Err(Finding::fails("an address of the MN's own", format!("{name}:{home}, which is the HA's")))
    })
}

fn signed_with_the_rest(exchange: &Exchange) -> Outcome {
    let headers = exchange.done.headers()?;
    let auth = headers.find(Name::Auth).map_or(usize::MAX, |header| header.at);
    let unsigned = headers.headers.iter().find(|header| {
        header.at > auth && header.known().is_some_and(|name| wire::message::BOOTSTRAPPING.contains(&name))
    });
    unsigned.map_or(Ok(Pass::Clean), |header| {
        Err(Finding::fails("bootstrapping data before auth", shown(header.name, 32)))
    })
}
