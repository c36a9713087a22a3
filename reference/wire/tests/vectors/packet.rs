//! `packet.json`: RFC 6618 sections 6.2 and 6.4, as far as no key is needed.

use wire::packet::{self, PType, Packet};

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
