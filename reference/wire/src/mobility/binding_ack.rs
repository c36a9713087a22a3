//! RFC 6275 section 6.1.8: the Binding Acknowledgement.
//!
//! ```text
//! |    Status     |K|  Reserved   |          Sequence #           |
//! |           Lifetime            | Mobility Options ...
//! ```

use std::net::Ipv6Addr;

use super::option::{Alignment, BINDING_REFRESH_ADVICE, only, push};
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
    let advice = only(options, BINDING_REFRESH_ADVICE, "Binding Refresh Advice")?;
    Ok(advice.map(u16::from_be_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::hex::spaced;

    const HOME: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
    const AGENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2);

    fn accepted() -> Repr {
        Repr {
            status: BindingStatus::ACCEPTED,
            key_management: true,
            sequence: 0x0102,
            lifetime: Lifetime(0x0304),
            refresh_advice: Some(0x0506),
        }
    }

    #[test]
    fn an_acknowledgement_with_advice_needs_no_padding() {
        let mut octets = accepted().emit(AGENT, HOME);
        assert!(MobilityHeader::new_unchecked(&octets).verify(AGENT, HOME));
        assert_eq!(Repr::parse(&octets), Ok(accepted()));
        MobilityHeader::new_unchecked(&mut octets).set_checksum(0);
        let expected = spaced("3b 01 06 00 0000  00 80 0102 0304  02 02 0506");
        assert_eq!(octets, expected);
    }

    #[test]
    fn an_acknowledgement_without_advice_has_4_octets_of_padding() {
        let refusal = Repr {
            status: BindingStatus::REINIT_SA_WITH_HAC,
            key_management: false,
            refresh_advice: None,
            ..accepted()
        };
        let octets = refusal.emit(AGENT, HOME);
        assert_eq!(octets.get(6..8), Some(&spaced("b0 00")[..]));
        assert_eq!(octets.get(12..), Some(&spaced("01 02 0000")[..]));
        assert_eq!(Repr::parse(&octets), Ok(refusal));
    }

    #[test]
    fn reserved_bits_are_ignored() {
        let header = spaced("3b 01 06 00 0000  00 7f 0102 0304 01020000");
        assert!(!Repr::parse(&header).unwrap().key_management);
    }

    #[test]
    fn what_is_no_acknowledgement_is_refused() {
        let cases = [
            ("3b 01 05 00 0000  0000 0001 0001 01020000", "MH Type", 2),
            ("3b 00 06 00 0000  0000", "Header Len", 1),
            ("3b 01 06 00 0000  0000 0001 0001 02000100", "Binding Refresh Advice", 14),
            ("3b 02 06 00 0000  0000 0001 0001 02020001 02020001 01020000", "Binding Refresh Advice", 16),
        ];
        for (octets, field, offset) in cases {
            let error = Repr::parse(&spaced(octets)).expect_err(field);
            assert_eq!((error.field, error.offset), (field, offset), "{error}");
        }
    }
}
