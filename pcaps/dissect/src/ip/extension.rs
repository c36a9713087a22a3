//! RFC 8200 section 4 and RFC 6275 sections 6.3 and 6.4: extension headers, and the home addresses in them.

use std::net::Ipv6Addr;

use wire::DecodeError;
use wire::error::{Have, Need};
use wire::ext_header::{HOME_ADDRESS, ROUTING_TYPE_2};

use super::fragment::{self, Fragment};
use super::{Next, Walk};
use crate::rest::{Rest, half, word};

const UNIT: usize = 8;
const PAD1: u8 = 0;
/// RFC 2675: the length of a payload that the field of the IPv6 header cannot say.
const JUMBO: u8 = 0xc2;
const MORE_FRAGMENTS: u16 = 1;

impl<'a> Walk<'a> {
    /// A header of options. Returns what follows it.
    pub(super) fn options(&mut self) -> Result<u8, DecodeError> {
        const FIELD: &str = "IPv6 options";
        let (next_header, mut options) = self.header(FIELD)?;
        // Each round takes an octet.
        while let Ok([kind]) = options.array(FIELD) {
            if kind == PAD1 {
                continue;
            }
            let [len] = options.array("IPv6 option length")?;
            let data = options.take(usize::from(len), "IPv6 option")?;
            if kind == JUMBO {
                self.jumbo_payload(data, options.at - data.len())?;
            }
            if kind == HOME_ADDRESS {
                let home = <[u8; 16]>::try_from(data).map_err(|_| {
                    let (need, have) = (Need::Octets(16), Have::Octets(data.len()));
                    DecodeError::new("Home Address option", need, have).shifted(options.at - data.len())
                })?;
                if self.headers.home_address.replace(Ipv6Addr::from(home)).is_some() {
                    let error = DecodeError::new("Home Address option", Need::Once, Have::Value(2));
                    return Err(error.shifted(options.at - data.len()));
                }
            }
        }
        if self.jumbo.is_some() {
            return Err(
                DecodeError::new("Jumbo Payload option", Need::Present, Have::Nothing).shifted(options.at)
            );
        }
        Ok(next_header)
    }

    /// RFC 2675 section 3: where it has to be, it says how long the payload is.
    fn jumbo_payload(&mut self, data: &[u8], at: usize) -> Result<(), DecodeError> {
        const FIELD: &str = "Jumbo Payload option";
        const LEAST: u64 = 1 << 16;
        let len: [u8; 4] = data
            .try_into()
            .map_err(|_| DecodeError::new(FIELD, Need::Octets(4), Have::Octets(data.len())).shifted(at))?;
        let len = u64::from(u32::from_be_bytes(len));
        let fault = |need| Err(DecodeError::new(FIELD, need, Have::Value(len)).shifted(at));
        let Some(start) = self.jumbo.take() else { return fault(Need::Absent) };
        if len < LEAST {
            return fault(Need::Range { min: LEAST, max: u64::from(u32::MAX) });
        }
        let room = self.headers.end - start;
        match usize::try_from(len) {
            Ok(len) if len <= room => {
                self.headers.end = start + len;
                Ok(())
            }
            _ => fault(Need::AtMost(room)),
        }
    }

    /// A Routing header; one of type 2 names the home address.
    pub(super) fn routing(&mut self) -> Result<u8, DecodeError> {
        let (next_header, body) = self.header("Routing header")?;
        self.headers.has_routing = true;
        if let [ROUTING_TYPE_2, left, _, _, _, _, home @ ..] = body.octets {
            let home = <[u8; 16]>::try_from(home).map_err(|_| {
                let (need, have) = (Need::Octets(16), Have::Octets(home.len()));
                DecodeError::new("type 2 Routing header", need, have).shifted(body.at)
            })?;
            // The home address is all that is left to be visited.
            if *left != 1 {
                return Err(body.fault("Segments Left", Need::Value(1), u64::from(*left)).shifted(1));
            }
            self.headers.routing_home = Some(Ipv6Addr::from(home));
        }
        Ok(next_header)
    }

    /// A Fragment header around all of a packet, or around a piece of it.
    pub(super) fn fragment(&mut self) -> Result<Next<'a>, DecodeError> {
        let header: [u8; 8] = self.rest.array("Fragment header")?;
        let place = half(&header, 2);
        let (offset, is_last) = (usize::from(place >> 3) * fragment::UNIT, place & MORE_FRAGMENTS == 0);
        if offset == 0 && is_last {
            return Ok(Next::Header(header[0]));
        }
        Ok(Next::Fragment(Fragment {
            headers: self.headers,
            protocol: header[0],
            identification: word(&header, 4),
            offset,
            is_last,
            rest: self.rest,
        }))
    }

    fn header(&mut self, field: &'static str) -> Result<(u8, Rest<'a>), DecodeError> {
        let [next_header, units] = *self.rest.peek(field)?;
        let mut body = self.rest;
        self.rest.take(UNIT * (usize::from(units) + 1), field)?;
        body.limit(self.rest.at - body.at);
        body.take(2, field)?;
        Ok((next_header, body))
    }
}
