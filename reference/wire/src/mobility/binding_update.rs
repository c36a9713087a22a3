//! RFC 6275 section 6.1.7: the Binding Update.
//!
//! ```text
//! |          Sequence #           |A|H|L|K|       Reserved        |
//! |           Lifetime            | Mobility Options ...
//! ```

use std::net::Ipv6Addr;

use super::option::{ALTERNATE_COA, Alignment, only, push};
use super::{BINDING_UPDATE, HEADER_LEN, Lifetime, MobilityHeader, emit};
use crate::error::{DecodeError, Have, Need};

const FIXED_LEN: usize = 6;
const ALTERNATE_COA_AT: Alignment = Alignment { before: HEADER_LEN, multiple: 8, offset: 6 };

const ACKNOWLEDGE: u16 = 0x8000;
const HOME_REGISTRATION: u16 = 0x4000;
const LINK_LOCAL: u16 = 0x2000;
const KEY_MANAGEMENT: u16 = 0x1000;

/// The four flags; the reserved bits behind them are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    /// A: an acknowledgement is asked for.
    pub acknowledge: bool,
    /// H: the receiver shall be the home agent.
    pub home_registration: bool,
    /// L: the home address has the interface identifier of the link-local address.
    pub link_local: bool,
    /// K: the key management protocol survives movement.
    pub key_management: bool,
}

impl Flags {
    /// A and H, as every registration with a home agent has them.
    pub const REGISTRATION: Self =
        Self { acknowledge: true, home_registration: true, link_local: false, key_management: false };

    const fn from_bits(bits: u16) -> Self {
        Self {
            acknowledge: bits & ACKNOWLEDGE != 0,
            home_registration: bits & HOME_REGISTRATION != 0,
            link_local: bits & LINK_LOCAL != 0,
            key_management: bits & KEY_MANAGEMENT != 0,
        }
    }

    fn bits(self) -> u16 {
        let set = [
            (self.acknowledge, ACKNOWLEDGE),
            (self.home_registration, HOME_REGISTRATION),
            (self.link_local, LINK_LOCAL),
            (self.key_management, KEY_MANAGEMENT),
        ];
        set.into_iter().filter(|(is_set, _)| *is_set).fold(0, |bits, (_, bit)| bits | bit)
    }
}

/// A legal Binding Update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repr {
    /// The number of the update, modulo 2^16; not the Sequence Number of the packet.
    pub sequence: u16,
    /// A, H, L, K.
    pub flags: Flags,
    /// 0 de-registers.
    pub lifetime: Lifetime,
    /// The care-of address, under the ICV that the outer header is not under (PK-27).
    pub alternate_coa: Option<Ipv6Addr>,
}

impl Repr {
    /// Reads a Mobility Header. The checksum is not looked at: see [`MobilityHeader::verify`]. Unknown options and
    /// octets behind Header Len are skipped.
    ///
    /// # Errors
    /// Too few octets, a Payload Proto other than 59, another MH Type, an option that does not fit, Alternate Care-of
    /// Address twice.
    pub fn parse(header: &[u8]) -> Result<Self, DecodeError> {
        let view = MobilityHeader::new_checked(header)?;
        view.check(BINDING_UPDATE, HEADER_LEN + FIXED_LEN)?;
        let short = || {
            let have = Have::Octets(view.data().len());
            DecodeError::new("Binding Update", Need::Octets(FIXED_LEN), have)
        };
        let (&[s0, s1, f0, f1, l0, l1], options) =
            view.data().split_first_chunk::<FIXED_LEN>().ok_or_else(short)?;
        let at = HEADER_LEN + FIXED_LEN;
        Ok(Self {
            sequence: u16::from_be_bytes([s0, s1]),
            flags: Flags::from_bits(u16::from_be_bytes([f0, f1])),
            lifetime: Lifetime(u16::from_be_bytes([l0, l1])),
            alternate_coa: alternate_coa(options).map_err(|error| error.shifted(at))?,
        })
    }

    /// The octets, padded and with the checksum between home address and home agent address (PK-26).
    #[must_use]
    pub fn emit(&self, home: Ipv6Addr, home_agent: Ipv6Addr) -> Vec<u8> {
        let mut data = Vec::with_capacity(26);
        data.extend_from_slice(&self.sequence.to_be_bytes());
        data.extend_from_slice(&self.flags.bits().to_be_bytes());
        data.extend_from_slice(&self.lifetime.0.to_be_bytes());
        if let Some(care_of) = self.alternate_coa {
            push(&mut data, ALTERNATE_COA_AT, ALTERNATE_COA, &care_of.octets());
        }
        emit(BINDING_UPDATE, data, home, home_agent)
    }
}

fn alternate_coa(options: &[u8]) -> Result<Option<Ipv6Addr>, DecodeError> {
    let address: Option<[u8; 16]> = only(options, ALTERNATE_COA, "Alternate Care-of Address")?;
    Ok(address.map(Ipv6Addr::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::hex::spaced;

    const HOME: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
    const AGENT: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2);
    const CARE_OF: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 1, 0, 0, 0, 0, 3);

    fn registration() -> Repr {
        Repr {
            sequence: 0x0102,
            flags: Flags::REGISTRATION,
            lifetime: Lifetime(0x0304),
            alternate_coa: Some(CARE_OF),
        }
    }

    #[test]
    fn a_registration_has_its_option_on_8n_plus_6() {
        let mut octets = registration().emit(HOME, AGENT);
        assert!(MobilityHeader::new_unchecked(&octets).verify(HOME, AGENT));
        assert_eq!(Repr::parse(&octets), Ok(registration()));
        MobilityHeader::new_unchecked(&mut octets).set_checksum(0);
        let expected = spaced(
            "3b 03 05 00 0000  0102 c000 0304
             0100  03 10 20010db8000100000000000000000003",
        );
        assert_eq!(octets, expected);
    }

    #[test]
    fn an_update_without_options_has_4_octets_of_padding() {
        let update = Repr { alternate_coa: None, lifetime: Lifetime::ZERO, ..registration() };
        let octets = update.emit(HOME, AGENT);
        assert_eq!(octets.len(), 16);
        assert_eq!(octets.get(12..), Some(&spaced("01 02 0000")[..]));
        assert_eq!(Repr::parse(&octets), Ok(update));
    }

    #[test]
    fn each_flag_has_its_bit() {
        for (bits, letter) in [(0x8000, 'A'), (0x4000, 'H'), (0x2000, 'L'), (0x1000, 'K')] {
            let flags = Flags::from_bits(bits);
            assert_eq!(flags.bits(), bits);
            let set = [
                ('A', flags.acknowledge),
                ('H', flags.home_registration),
                ('L', flags.link_local),
                ('K', flags.key_management),
            ];
            assert!(set.into_iter().all(|(name, is_set)| is_set == (name == letter)));
        }
        assert_eq!(Flags::from_bits(0x0fff), Flags::default());
    }

    #[test]
    fn unknown_options_are_skipped() {
        let header = spaced("3b 01 05 00 0000  0001 0000 0001  7f 02 aaaa");
        assert_eq!(Repr::parse(&header).unwrap().alternate_coa, None);
    }

    #[test]
    fn what_is_no_update_is_refused() {
        let cases = [
            ("06 01 05 00 0000  0001 0000 0001 01020000", "Payload Proto", 0),
            ("3b 01 06 00 0000  0001 0000 0001 01020000", "MH Type", 2),
            ("3b 00 05 00 0000  0001", "Header Len", 1),
            ("3b 01 05 00 0000  0001 0000 0001", "Mobility Header", 0),
            ("3b 01 05 00 0000  0001 0000 0001 03020000", "Alternate Care-of Address", 14),
            ("3b 01 05 00 0000  0001 0000 0001 7f030000", "mobility option", 12),
            ("3b 01 05 00 0000  0001 0000 0001 0000007f", "mobility option", 15),
        ];
        for (octets, field, offset) in cases {
            let error = Repr::parse(&spaced(octets)).expect_err(field);
            assert_eq!((error.field, error.offset), (field, offset), "{error}");
        }
    }

    #[test]
    fn a_second_alternate_care_of_address_is_refused() {
        let option = "0310 20010db8000100000000000000000003";
        let header = format!("3b 05 05 00 0000  0001 0000 0001 {option} {option}");
        assert_eq!(spaced(&header).len(), 48);
        let error = Repr::parse(&spaced(&header)).unwrap_err();
        assert_eq!((error.field, error.offset), ("Alternate Care-of Address", 30));
        assert_eq!(error.need, Need::Once);
    }
}
