//! RFC 6618 section 6.3 with RFC 6275 sections 6.3 and 6.4: the extension headers before a Mobility Header.
//!
//! A Binding Update has no inner IP header, so the home address travels in a Home Address option (PK-25); a Binding
//! Acknowledgement may carry a type 2 Routing header.

use std::net::Ipv6Addr;

use crate::error::{DecodeError, Have, Need};
use crate::trailer;

/// Option type of the Home Address option.
pub const HOME_ADDRESS: u8 = 0xc9;
/// Routing type of the header that names the home address.
pub const ROUTING_TYPE_2: u8 = 2;

const PAD1: u8 = 0;
const PADN: u8 = 1;
const UNIT: usize = 8;
const HOME_ADDRESS_HEADER_LEN: usize = 24;

/// A walked chain of extension headers and what it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain<'a> {
    /// From a Home Address option in a Destination Options header.
    pub home_address: Option<Ipv6Addr>,
    /// From a type 2 Routing header.
    pub routing_home: Option<Ipv6Addr>,
    /// What `upper` is: the first value that is neither 60 nor 43.
    pub protocol: u8,
    /// What follows the extension headers.
    pub upper: &'a [u8],
}

impl<'a> Chain<'a> {
    /// Walks from the header that `next_header` names.
    ///
    /// # Errors
    /// A header or option that does not fit; an option that must not be skipped when it is unknown; a Routing header
    /// with segments left that is not type 2; a home address given twice.
    pub fn parse(next_header: u8, payload: &'a [u8]) -> Result<Self, DecodeError> {
        let mut chain =
            Self { home_address: None, routing_home: None, protocol: next_header, upper: payload };
        // Each round takes at least 8 octets, so the walk ends.
        loop {
            let at = payload.len() - chain.upper.len();
            let taken = match chain.protocol {
                trailer::DEST_OPTIONS => chain.destination_options(),
                trailer::ROUTING => chain.routing(),
                _ => return Ok(chain),
            };
            taken.map_err(|error| error.shifted(at))?;
        }
    }

    fn destination_options(&mut self) -> Result<(), DecodeError> {
        let header = take_header("Destination Options", self.upper)?;
        let mut rest = header.body;
        while let Some((&kind, after)) = rest.split_first() {
            if kind == PAD1 {
                rest = after;
                continue;
            }
            let at = 2 + header.body.len() - rest.len();
            let (data, next) = take_option(after).map_err(|error| error.shifted(at))?;
            match kind {
                PADN => {}
                HOME_ADDRESS => {
                    let found =
                        address("Home Address option", data).map_err(|error| error.shifted(at + 2))?;
                    once("Home Address option", self.home_address.replace(found))
                        .map_err(|error| error.shifted(at))?;
                }
                // RFC 8200 section 4.2: the two high bits say what an unknown option asks for.
                skippable if skippable >> 6 == 0 => {}
                other => {
                    let have = Have::Value(u64::from(other));
                    let need = Need::OneOf("Pad1, PadN, Home Address, or a type below 64");
                    return Err(DecodeError::new("destination option", need, have).shifted(at));
                }
            }
            rest = next;
        }
        self.protocol = header.next_header;
        self.upper = header.rest;
        Ok(())
    }

    fn routing(&mut self) -> Result<(), DecodeError> {
        let header = take_header("Routing header", self.upper)?;
        match header.body {
            [ROUTING_TYPE_2, 1, _, _, _, _, home @ ..] => {
                let found = address("Routing header", home).map_err(|error| error.shifted(UNIT))?;
                once("Routing header", self.routing_home.replace(found))?;
            }
            [kind, left, ..] if *kind == ROUTING_TYPE_2 || *left != 0 => {
                let need = Need::Grammar("type 2 with 1 segment left");
                let have = Have::text(&[*kind, *left]);
                return Err(DecodeError::new("Routing header", need, have).shifted(2));
            }
            _ => {}
        }
        self.protocol = header.next_header;
        self.upper = header.rest;
        Ok(())
    }
}

/// A Destination Options header with nothing but the Home Address option: 24 octets, the option on 8n+6.
#[must_use]
pub fn home_address_option(home: Ipv6Addr, next_header: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(HOME_ADDRESS_HEADER_LEN);
    out.extend_from_slice(&[next_header, 2, PADN, 2, 0, 0, HOME_ADDRESS, 16]);
    out.extend_from_slice(&home.octets());
    out
}

/// A type 2 Routing header that names the home address: 24 octets.
#[must_use]
pub fn routing_header(home: Ipv6Addr, next_header: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(HOME_ADDRESS_HEADER_LEN);
    out.extend_from_slice(&[next_header, 2, ROUTING_TYPE_2, 1, 0, 0, 0, 0]);
    out.extend_from_slice(&home.octets());
    out
}

struct ExtensionHeader<'a> {
    next_header: u8,
    body: &'a [u8],
    rest: &'a [u8],
}

fn take_header<'a>(field: &'static str, octets: &'a [u8]) -> Result<ExtensionHeader<'a>, DecodeError> {
    let short = |need| DecodeError::new(field, Need::Octets(need), Have::Octets(octets.len()));
    let &[next_header, units, ..] = octets else {
        return Err(short(UNIT));
    };
    let len = UNIT * (usize::from(units) + 1);
    let (header, rest) = octets.split_at_checked(len).ok_or_else(|| short(len))?;
    let body = header.get(2..).unwrap_or_default();
    Ok(ExtensionHeader { next_header, body, rest })
}

fn take_option(after_kind: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let (&len, data) = after_kind
        .split_first()
        .ok_or_else(|| DecodeError::new("option length", Need::Octets(1), Have::Octets(0)).shifted(1))?;
    data.split_at_checked(usize::from(len)).ok_or_else(|| {
        let need = Need::Octets(usize::from(len));
        DecodeError::new("option data", need, Have::Octets(data.len())).shifted(2)
    })
}

fn address(field: &'static str, octets: &[u8]) -> Result<Ipv6Addr, DecodeError> {
    let fixed: [u8; 16] = octets
        .try_into()
        .map_err(|_| DecodeError::new(field, Need::Octets(16), Have::Octets(octets.len())))?;
    Ok(Ipv6Addr::from(fixed))
}

fn once(field: &'static str, before: Option<Ipv6Addr>) -> Result<(), DecodeError> {
    match before {
        None => Ok(()),
        Some(_) => Err(DecodeError::new(field, Need::Once, Have::Value(2))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::hex::spaced;

    const HOME: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
    const HOME_HEX: &str = "20010db8000000000000000000000001";

    fn refusal(next_header: u8, payload: &str) -> DecodeError {
        Chain::parse(next_header, &spaced(payload)).expect_err("the chain must be refused")
    }

    #[test]
    fn a_home_address_option_stands_on_8n_plus_6() {
        let octets = home_address_option(HOME, trailer::MOBILITY);
        assert_eq!(octets, spaced(&format!("87 02  01020000  c9 10 {HOME_HEX}")));
        let payload = [octets.as_slice(), b"mobility"].concat();
        let chain = Chain::parse(trailer::DEST_OPTIONS, &payload).unwrap();
        assert_eq!(chain.home_address, Some(HOME));
        assert_eq!(chain.routing_home, None);
        assert_eq!((chain.protocol, chain.upper), (135, &b"mobility"[..]));
    }

    #[test]
    fn a_type_2_routing_header_names_the_home_address() {
        let octets = routing_header(HOME, trailer::MOBILITY);
        assert_eq!(octets, spaced(&format!("87 02 02 01 00000000 {HOME_HEX}")));
        let chain = Chain::parse(trailer::ROUTING, &octets).unwrap();
        assert_eq!(chain.routing_home, Some(HOME));
        assert!(chain.upper.is_empty());
    }

    #[test]
    fn both_headers_may_follow_each_other() {
        let payload =
            [routing_header(HOME, trailer::DEST_OPTIONS), home_address_option(HOME, trailer::NO_NEXT)]
                .concat();
        let chain = Chain::parse(trailer::ROUTING, &payload).unwrap();
        assert_eq!((chain.home_address, chain.routing_home), (Some(HOME), Some(HOME)));
        assert_eq!(chain.protocol, trailer::NO_NEXT);
    }

    #[test]
    fn anything_else_is_upper_at_once() {
        let chain = Chain::parse(trailer::IPV6, b"anything").unwrap();
        assert_eq!((chain.protocol, chain.upper), (41, &b"anything"[..]));
    }

    #[test]
    fn headers_and_options_that_do_not_fit_are_refused() {
        assert_eq!(refusal(60, "87").need, Need::Octets(8));
        assert_eq!(refusal(43, "87 02 02 01 00000000").need, Need::Octets(24));
        let error = refusal(60, "87 00  1e 07 00000000");
        assert_eq!((error.field, error.offset), ("option data", 4));
        let error = refusal(60, "87 00  00 00 00 00 00 01");
        assert_eq!((error.field, error.offset), ("option length", 8));
        let error = refusal(60, "87 00  c9 04 01020304");
        assert_eq!((error.field, error.offset), ("Home Address option", 4));
    }

    #[test]
    fn an_unknown_option_is_skipped_only_if_it_says_so() {
        let skippable = spaced("87 00  1e 04 00000000");
        assert!(Chain::parse(60, &skippable).is_ok());
        for kind in ["40", "80", "c0"] {
            let error = refusal(60, &format!("87 00  {kind} 04 00000000"));
            assert_eq!((error.field, error.offset), ("destination option", 2));
        }
    }

    #[test]
    fn a_second_home_address_is_refused() {
        let first = format!("3c 02  01020000  c9 10 {HOME_HEX}");
        let error = refusal(60, &format!("{first} {first}"));
        assert_eq!((error.need, error.offset), (Need::Once, 24 + 6));
    }

    #[test]
    fn a_source_route_with_segments_left_is_refused() {
        assert_eq!(refusal(43, "87 00 00 01 00000000").offset, 2);
        assert!(Chain::parse(43, &spaced("87 00 00 00 00000000")).is_ok());
        let error = refusal(43, &format!("87 02 02 00 00000000 {HOME_HEX}"));
        assert_eq!(error.need, Need::Grammar("type 2 with 1 segment left"));
    }
}
