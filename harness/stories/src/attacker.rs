//! What somebody on the path between MN and HA can do without any key.

use crate::plan::Part;

const SPI_END: usize = 4;
const HEADER_LEN: usize = 8;
const ICV_LEN: usize = 12;
const UNKNOWN_PTYPE: u8 = 5;

/// Sees every datagram of the MN.
#[derive(Default)]
pub(crate) struct Attacker {
    /// What to change in the next one.
    pub(crate) alters: Option<Part>,
    last: Option<Vec<u8>>,
}

impl Attacker {
    /// A datagram on its way to the HA, as it goes on.
    pub(crate) fn pass(&mut self, octets: Vec<u8>) -> Vec<u8> {
        self.last = Some(octets.clone());
        match self.alters.take() {
            Some(part) => turned(octets, part),
            None => octets,
        }
    }

    /// The last datagram once more, with this changed if anything is.
    pub(crate) fn copy(&self, part: Option<Part>) -> Option<Vec<u8>> {
        let octets = self.last.clone()?;
        Some(match part {
            Some(part) => turned(octets, part),
            None => octets,
        })
    }
}

/// With this part another one.
fn turned(mut octets: Vec<u8>, part: Part) -> Vec<u8> {
    let last = octets.len().saturating_sub(1);
    match part {
        // 1 becomes 8 and 8 becomes 1.
        Part::Ptype => change(&mut octets, 0, |first| first ^ 0x90),
        Part::UnknownPtype => change(&mut octets, 0, |first| first & 0x0f | UNKNOWN_PTYPE << 4),
        Part::PlainPtype => change(&mut octets, 0, |first| first & 0x0f),
        Part::Spi => change(&mut octets, SPI_END - 1, |last| last ^ 1),
        Part::ZeroSpi => {
            change(&mut octets, 0, |first| first & 0xf0);
            (1..SPI_END).for_each(|at| change(&mut octets, at, |_| 0));
        }
        // A number to come, so that its age does not give it away.
        Part::Sequence => change(&mut octets, HEADER_LEN - 1, |last| last ^ 0x40),
        Part::Icv => change(&mut octets, last, |last| last ^ 1),
        Part::Length => octets.truncate(HEADER_LEN + ICV_LEN),
    }
    octets
}

fn change(octets: &mut [u8], at: usize, how: impl FnOnce(u8) -> u8) {
    if let Some(octet) = octets.get_mut(at) {
        *octet = how(*octet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_changed_and_nothing_else() {
        let packet = [0x10, 0, 0, 7, 0, 0, 0, 2, 0xaa, 0xbb];
        let expected: [(Part, usize, u8); 4] =
            [(Part::Ptype, 0, 0x80), (Part::Spi, 3, 6), (Part::Sequence, 7, 0x42), (Part::Icv, 9, 0xba)];
        for (part, at, octet) in expected {
            let mut wanted = packet.to_vec();
            wanted[at] = octet;
            assert_eq!(turned(packet.to_vec(), part), wanted, "{part:?}");
        }
    }

    #[test]
    fn more_than_a_bit_can_be_changed() {
        let packet = [&[0x10, 1, 2, 7, 0, 0, 0, 2][..], &[0xaa; 20]].concat();
        assert_eq!(turned(packet.clone(), Part::UnknownPtype)[..4], [0x50, 1, 2, 7]);
        assert_eq!(turned(packet.clone(), Part::PlainPtype)[..4], [0, 1, 2, 7]);
        assert_eq!(turned(packet.clone(), Part::ZeroSpi)[..5], [0x10, 0, 0, 0, 0]);
        assert_eq!(turned(packet.clone(), Part::Length), packet[..20]);
    }

    #[test]
    fn only_the_next_datagram_is_altered() {
        let mut attacker = Attacker { alters: Some(Part::Icv), ..Attacker::default() };
        assert_eq!(attacker.pass(vec![0; 3]), [0, 0, 1]);
        assert_eq!(attacker.pass(vec![0; 3]), [0, 0, 0]);
        assert_eq!(attacker.copy(None), Some(vec![0; 3]));
    }
}
