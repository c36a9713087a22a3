//! RFC 6275 section 6.1.8: the Binding Acknowledgement.
//!
//! ```text
//! |    Status     |K|  Reserved   |          Sequence #           |
//! |           Lifetime            | Mobility Options ...
//! ```

use std::net::Ipv6Addr;

use super::option::{Alignment, BINDING_REFRESH_ADVICE, Options, push};
use super::{BINDING_ACK, BindingStatus, HEADER_LEN, Lifetime, MobilityHeader, emit};
use crate::error::{DecodeError, Have, Need};

const FIXED_LEN: usize = 6;
const REFRESH_ADVICE_AT: Alignment = Alignment { before: HEADER_LEN, multiple: 2, offset: 0 };
const KEY_MANAGEMENT: u8 = 0x80;

/// A legal Binding Acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repr {
    /// What became of the update.
    pub status: BindingStatus,
    /// K: the key management protocol survives movement.
    pub key_management: bool,
    /// Copied from the update, except with [`BindingStatus::SEQUENCE_OUT_OF_WINDOW`]: the last one that was accepted.
    pub sequence: u16,
    /// The lifetime granted; without meaning in a refusal.
    pub lifetime: Lifetime,
    /// Binding Refresh Advice, in units of 4 seconds.
    pub refresh_advice: Option<u16>,
}

impl Repr {
    /// Reads a Mobility Header. The checksum is not looked at: see [`MobilityHeader::verify`]. Unknown options and
    /// octets behind Header Len are skipped.
    ///
    /// # Errors
    /// Too few octets, a Payload Proto other than 59, another MH Type, an option that does not fit, Binding Refresh
    /// Advice twice.
    pub fn parse(header: &[u8]) -> Result<Self, DecodeError> {
        let view = MobilityHeader::new_checked(header)?;
        view.check(BINDING_ACK, HEADER_LEN + FIXED_LEN)?;
        let short = || {
            let have = Have::Octets(view.data().len());
            DecodeError::new("Binding Acknowledgement", Need::Octets(FIXED_LEN), have)
        };
        let (&[status, flags, s0, s1, l0, l1], options) =
            view.data().split_first_chunk::<FIXED_LEN>().ok_or_else(short)?;
        let at = HEADER_LEN + FIXED_LEN;
        Ok(Self {
            status: BindingStatus(status),
            key_management: flags & KEY_MANAGEMENT != 0,
            sequence: u16::from_be_bytes([s0, s1]),
            lifetime: Lifetime(u16::from_be_bytes([l0, l1])),
            refresh_advice: refresh_advice(options).map_err(|error| error.shifted(at))?,
        })
    }

    /// The octets, padded and with the checksum between home agent address and home address (PK-26).
    #[must_use]
    pub fn emit(&self, home_agent: Ipv6Addr, home: Ipv6Addr) -> Vec<u8> {
        let flags = if self.key_management { KEY_MANAGEMENT } else { 0 };
        let mut data = Vec::with_capacity(10);
        data.extend_from_slice(&[self.status.0, flags]);
        data.extend_from_slice(&self.sequence.to_be_bytes());
        data.extend_from_slice(&self.lifetime.0.to_be_bytes());
        if let Some(units) = self.refresh_advice {
            let value = units.to_be_bytes();
            push(&mut data, REFRESH_ADVICE_AT, BINDING_REFRESH_ADVICE, &value);
        }
        emit(BINDING_ACK, data, home_agent, home)
    }
}

fn refresh_advice(options: &[u8]) -> Result<Option<u16>, DecodeError> {
    const FIELD: &str = "Binding Refresh Advice";
    let mut found = None;
    for option in Options::new(options) {
        let option = option?;
        if option.kind != BINDING_REFRESH_ADVICE {
            continue;
        }
        let units = u16::from_be_bytes(option.fixed::<2>(FIELD)?);
        if found.replace(units).is_some() {
            let have = Have::Value(2);
            return Err(DecodeError::new(FIELD, Need::Once, have).shifted(option.at));
        }
    }
    Ok(found)
}
