//! `container.json`: RFC 6618 section 5.1.

use wire::container::{self, Container, HEADER_LEN, Identifier};

use crate::judge;

#[test]
fn containers_are_read() {
    let mut rows = 0;
    for test in vectors::container().tests {
        let octets = test.row.octets.joined();
        let parsed = Container::new_checked(octets.as_slice()).and_then(|view| container::Repr::parse(&view));
        judge(&test, parsed.is_ok());
        if let (Ok(parsed), Some(value)) = (&parsed, &test.row.value) {
            let view = Container::new_unchecked(octets.as_slice());
            assert_eq!((view.version(), view.reserved()), (value.version, value.reserved), "{}", test.id);
            assert_eq!(
                (parsed.identifier.get(), view.length()),
                (value.identifier, value.length),
                "{}",
                test.id
            );
            assert_eq!(parsed.content, test.row.octets.whole_content(), "{}", test.id);
            let consumed = octets.len() - test.row.octets.trailing.len();
            assert_eq!(container::octets_needed(&octets), consumed, "{}", test.id);
        }
        if let (Err(error), Some(field)) = (parsed, test.field.as_deref()) {
            let named = error.field.to_lowercase();
            assert!(
                octets.len() < HEADER_LEN || "version".starts_with(&named) || named == field,
                "{}: {error}",
                test.id
            );
        }
        rows += 1;
    }
    assert!(rows > 0);
}

#[test]
fn containers_are_written() {
    let mut rows = 0;
    for test in vectors::container().tests {
        let Some(value) = test.row.value.as_ref().filter(|value| value.reserved == 0) else { continue };
        let identifier = Identifier::new(value.identifier).expect("a legal Identifier");
        let written = container::Repr { identifier, content: &test.row.octets.whole_content() }
            .to_vec()
            .expect("legal content");
        let octets = test.row.octets.joined();
        assert_eq!(written, octets[..octets.len() - test.row.octets.trailing.len()], "{}", test.id);
        rows += 1;
    }
    assert!(rows > 0);
}
