//! `trailer.json`: RFC 6618 section 6.3.

use wire::trailer::Trailer;

use crate::judge;

#[test]
fn trailers_are_read_and_written() {
    let mut rows = 0;
    for test in vectors::trailer().tests {
        let octets = test.row.octets.joined();
        let parsed = Trailer::parse(&octets).ok();
        judge(&test, parsed.as_ref().is_some_and(|trailer| trailer.padding_fault().is_none()));
        if let (Some(trailer), Some(value)) = (&parsed, &test.row.value) {
            assert_eq!(trailer.payload.len(), value.payload_len, "{}", test.id);
            assert_eq!(trailer.payload, &test.row.octets.payload[..], "{}", test.id);
            assert_eq!(trailer.padding.len(), value.pad_length, "{}", test.id);
            assert_eq!(trailer.next_header, value.next_header, "{}", test.id);
        }
        rows += 1;
    }
    assert!(rows > 0);
}
