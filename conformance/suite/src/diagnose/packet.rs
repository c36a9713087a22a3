//! RFC 6618 sections 4.3, 5.6.5, 6.3 and 6.4: why a packet of the HA is wrong. What goes under its ICV is in
//! `crypto::icv_misreading`, where others can use it; what its fields should be is here.

use std::net::Ipv6Addr;

use crypto::icv_misreading::{Misreading, Suspect};
use crypto::keys::DirectionKeys;
use crypto::open::Opener;
use wire::mobility::{MobilityHeader, checksum};
use wire::packet::PType;
use wire::trailer::{self, Trailer};

use crate::finding::Clue;

/// Causes that fit a packet whose ICV is wrong.
#[must_use]
pub fn icv(suspect: &Suspect<'_>) -> Vec<Clue> {
    suspect.misreadings().into_iter().map(icv_clue).collect()
}

/// As reports tell it.
#[must_use]
pub fn icv_clue(misreading: &Misreading) -> Clue {
    Clue {
        says: misreading.says.to_owned(),
        reading: Some(misreading.reading.to_owned()),
        fix: misreading.fix.to_owned(),
    }
}

/// One way to get a field of a packet wrong.
#[derive(Debug, PartialEq, Eq)]
pub struct Slip {
    /// A short name, stable.
    pub id: &'static str,
    /// The reading that it goes against.
    pub reading: &'static str,
    /// What the target seems to do.
    pub says: &'static str,
    /// What to change.
    pub fix: &'static str,
}

impl Slip {
    /// As reports tell it.
    #[must_use]
    pub fn clue(&self) -> Clue {
        Clue { says: self.says.to_owned(), reading: Some(self.reading.to_owned()), fix: self.fix.to_owned() }
    }
}

const PADDING: &str = "pad with 1, 2, 3 and so on (RFC 4303 section 2.4)";
const CHECKSUM: &str =
    "make the checksum between the HA's address and the home address, whatever the outer header says";

const PADDING_FROM_ZERO: Slip =
    Slip { id: "padding-from-zero", reading: "PK-15", says: "padding counts from 0", fix: PADDING };
const PADDING_OF_ZEROS: Slip =
    Slip { id: "padding-of-zeros", reading: "PK-15", says: "padding is all zeros", fix: PADDING };
const PADDING_AS_PKCS7: Slip = Slip {
    id: "padding-as-pkcs7",
    reading: "PK-15",
    says: "every octet of padding is the count of them, as in PKCS #7",
    fix: PADDING,
};
const TRAILER_TURNED_ROUND: Slip = Slip {
    id: "trailer-turned-round",
    reading: "PK-13",
    says: "Next Header stands before Pad Length",
    fix: "end the plaintext with Pad Length and then Next Header (section 6.3, Figure 7)",
};
const EKEY_OF_THE_OTHER_DIRECTION: Slip = Slip {
    id: "ekey-of-the-other-direction",
    reading: "SA-05",
    says: "the packet is enciphered with the encryption key of the other direction, while its ICV is right",
    fix: "the HA sends with mip6-ha-to-mn-ekey, the MN with mip6-mn-to-ha-ekey (section 5.6.2)",
};
const CHECKSUM_TO_CARE_OF: Slip = Slip {
    id: "checksum-with-care-of-address",
    reading: "PK-26",
    says: "the checksum of the Mobility Header covers the care-of address in place of the home address",
    fix: CHECKSUM,
};
const CHECKSUM_OF_HEADER: Slip = Slip {
    id: "checksum-without-pseudo-header",
    reading: "PK-26",
    says: "the checksum covers the Mobility Header alone, without the pseudo-header",
    fix: CHECKSUM,
};
const CHECKSUM_OF_ZERO: Slip = Slip {
    id: "checksum-left-out",
    reading: "PK-26",
    says: "the checksum of the Mobility Header is 0: it was never made",
    fix: CHECKSUM,
};
const CHECKSUM_LITTLE_ENDIAN: Slip = Slip {
    id: "checksum-in-little-endian",
    reading: "PK-26",
    says: "the checksum of the Mobility Header stands in little-endian order",
    fix: "write the checksum in network byte order",
};
const NUMBER_PER_PTYPE: Slip = Slip {
    id: "number-per-ptype",
    reading: "SQ-06",
    says: "signalling and user data are numbered apart",
    fix: "number all protected packets of one direction with one counter, whatever their PType (section 4.3)",
};
const NUMBER_FROM_ONE: Slip = Slip {
    id: "number-from-one",
    reading: "SQ-01",
    says: "numbers start at 1, as in ESP",
    fix: "start at 0 (section 4.3)",
};

/// All slips.
pub const SLIPS: &[&Slip] = &[
    &PADDING_FROM_ZERO,
    &PADDING_OF_ZEROS,
    &PADDING_AS_PKCS7,
    &TRAILER_TURNED_ROUND,
    &EKEY_OF_THE_OTHER_DIRECTION,
    &CHECKSUM_TO_CARE_OF,
    &CHECKSUM_OF_HEADER,
    &CHECKSUM_OF_ZERO,
    &CHECKSUM_LITTLE_ENDIAN,
    &NUMBER_PER_PTYPE,
    &NUMBER_FROM_ONE,
];

/// Why padding is not 1, 2, 3 and so on. Of a single octet nothing can be said.
#[must_use]
pub fn padding(padding: &[u8]) -> Option<&'static Slip> {
    let is_all = |wanted: u8| padding.iter().all(|&octet| octet == wanted);
    let counts = padding.iter().enumerate().all(|(at, &octet)| usize::from(octet) == at);
    match padding.len() {
        0 | 1 => None,
        _ if counts => Some(&PADDING_FROM_ZERO),
        _ if is_all(0) => Some(&PADDING_OF_ZEROS),
        len if u8::try_from(len).is_ok_and(is_all) => Some(&PADDING_AS_PKCS7),
        _ => None,
    }
}

/// Why a packet whose ICV is right makes no sense inside.
#[must_use]
pub fn contents(suspect: &Suspect<'_>) -> Option<&'static Slip> {
    let Suspect { octets, keys, others, .. } = suspect;
    let text = Opener::new(keys).plaintext(octets).ok()?;
    if makes_sense(&text) {
        return None;
    }
    if makes_sense(&turned_round(&text)?) {
        return Some(&TRAILER_TURNED_ROUND);
    }
    let mixed = DirectionKeys::new(keys.suite(), keys.ikey(), others.ekey()).ok()?;
    let text = Opener::new(&mixed).plaintext(octets).ok()?;
    makes_sense(&text).then_some(&EKEY_OF_THE_OTHER_DIRECTION)
}

/// The same plaintext with the two octets of the trailer in the other order.
fn turned_round(text: &[u8]) -> Option<Vec<u8>> {
    let (body, &[one, other]) = text.split_last_chunk()?;
    Some([body, &[other, one]].concat())
}

/// Whether padding counts, and the payload starts as its Next Header says.
fn makes_sense(text: &[u8]) -> bool {
    let Ok(trailer) = Trailer::parse(text) else { return false };
    let begins = match (trailer.next_header, trailer.payload) {
        (trailer::NO_NEXT, _) => true,
        (trailer::IPV4, [first, ..]) => first >> 4 == 4,
        (trailer::IPV6, [first, ..]) => first >> 4 == 6,
        (trailer::MOBILITY, [payload_proto, ..]) => *payload_proto == trailer::NO_NEXT,
        (trailer::DEST_OPTIONS | trailer::ROUTING, [next_header, ..]) => {
            [trailer::MOBILITY, trailer::DEST_OPTIONS, trailer::ROUTING].contains(next_header)
        }
        _ => false,
    };
    begins && trailer.padding_fault().is_none()
}

/// Whose addresses a checksum may cover.
#[derive(Debug, Clone, Copy)]
pub struct Ends {
    /// The HA.
    pub ha: Ipv6Addr,
    /// The home address.
    pub home: Ipv6Addr,
    /// The care-of address of the newest Binding Update.
    pub care_of: Ipv6Addr,
}

/// Why the checksum of a Mobility Header of the HA is wrong.
#[must_use]
pub fn wrong_checksum(header: &[u8], ends: Ends) -> Option<&'static Slip> {
    let view = MobilityHeader::new_unchecked(header);
    let (seen, right) = (view.checksum(), checksum(ends.ha, ends.home, view.header()));
    if seen == right {
        None
    } else if seen == checksum(ends.ha, ends.care_of, view.header()) {
        Some(&CHECKSUM_TO_CARE_OF)
    } else if seen == 0 {
        Some(&CHECKSUM_OF_ZERO)
    } else if seen == right.swap_bytes() {
        Some(&CHECKSUM_LITTLE_ENDIAN)
    } else if seen == alone(view.header()) {
        Some(&CHECKSUM_OF_HEADER)
    } else {
        None
    }
}

/// The checksum without pseudo-header: what `checksum` adds for it is taken away again.
fn alone(header: &[u8]) -> u16 {
    let with = !checksum(Ipv6Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED, header);
    let length = u32::try_from(header.len()).unwrap_or(u32::MAX);
    let added = (length >> 16) + (length & 0xffff) + u32::from(trailer::MOBILITY);
    // One's complement: taking away is adding the complement.
    let taken = !u16::try_from(added % 0xffff).unwrap_or_default();
    let sum = u32::from(with) + u32::from(taken);
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from(folded).unwrap_or_default()
}

/// Why numbers do not count up, if one counter for each PType explains it.
#[must_use]
pub fn numbers(packets: &[(PType, u32)]) -> Option<&'static Slip> {
    let of = |wanted: fn(PType) -> bool| -> Vec<u32> {
        packets.iter().filter(|(ptype, _)| wanted(*ptype)).map(|&(_, number)| number).collect()
    };
    let (signalling, data) = (of(|ptype| ptype == PType::MOBILITY), of(|ptype| ptype != PType::MOBILITY));
    let counts = |numbers: &[u32]| !numbers.is_empty() && numbers.is_sorted_by(|one, next| one < next);
    let together = packets.is_sorted_by(|(_, one), (_, next)| one < next);
    (!together && counts(&signalling) && counts(&data)).then_some(&NUMBER_PER_PTYPE)
}

/// Why the first number is not 0.
#[must_use]
pub fn first_number(number: u32) -> Option<&'static Slip> {
    (number == 1).then_some(&NUMBER_FROM_ONE)
}

#[cfg(test)]
mod tests {
    use wire::mobility::{BindingAck, BindingStatus, Lifetime};

    use super::*;
    use crate::reading;

    const ENDS: Ends = Ends {
        ha: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1),
        home: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x77),
        care_of: Ipv6Addr::new(0x2001, 0xdb8, 9, 0, 0, 0, 0, 3),
    };

    #[test]
    fn slips_rest_on_readings_that_exist() {
        for slip in SLIPS {
            assert!(reading::find(slip.reading).is_some(), "{}", slip.id);
        }
        for misreading in crypto::icv_misreading::DICTIONARY {
            assert!(reading::find(misreading.reading).is_some(), "{}", misreading.id);
        }
    }

    #[test]
    fn padding_is_explained() {
        assert_eq!(padding(&[0, 1, 2]), Some(&PADDING_FROM_ZERO));
        assert_eq!(padding(&[0, 0, 0]), Some(&PADDING_OF_ZEROS));
        assert_eq!(padding(&[3, 3, 3]), Some(&PADDING_AS_PKCS7));
        for other in [&[1, 2, 3][..], &[7, 9], &[0], &[]] {
            assert_eq!(padding(other), None, "{other:?}");
        }
    }

    #[test]
    fn checksums_are_explained() {
        let ack = BindingAck {
            status: BindingStatus::ACCEPTED,
            key_management: false,
            sequence: 0x1234,
            lifetime: Lifetime(150),
            refresh_advice: None,
        };
        let right = ack.emit(ENDS.ha, ENDS.home);
        assert_eq!(wrong_checksum(&right, ENDS), None);
        let with = |sum: u16| {
            let mut view = MobilityHeader::new_unchecked(right.clone());
            view.set_checksum(sum);
            view.into_inner()
        };
        let sum = MobilityHeader::new_unchecked(&right).checksum();
        let words = right.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])));
        let total = words.sum::<u32>() - u32::from(sum);
        let bare = !(((total & 0xffff) + (total >> 16)) as u16);
        for (wrong, slip) in [
            (
                MobilityHeader::new_unchecked(ack.emit(ENDS.ha, ENDS.care_of)).checksum(),
                Some(&CHECKSUM_TO_CARE_OF),
            ),
            (0, Some(&CHECKSUM_OF_ZERO)),
            (sum.swap_bytes(), Some(&CHECKSUM_LITTLE_ENDIAN)),
            (bare, Some(&CHECKSUM_OF_HEADER)),
            (sum ^ 0x0100, None),
        ] {
            assert_eq!(wrong_checksum(&with(wrong), ENDS), slip, "{wrong:04x}");
        }
    }

    #[test]
    fn numbers_are_explained() {
        let (data, signal) = (PType::PROTECTED, PType::MOBILITY);
        assert_eq!(numbers(&[(signal, 0), (data, 0), (signal, 1), (data, 1)]), Some(&NUMBER_PER_PTYPE));
        assert_eq!(numbers(&[(signal, 0), (data, 1), (signal, 2)]), None);
        assert_eq!(numbers(&[(signal, 0), (data, 0), (signal, 0)]), None);
        assert_eq!(numbers(&[(signal, 0), (signal, 0)]), None);
    }
}
