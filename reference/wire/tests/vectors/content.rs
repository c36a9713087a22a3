//! `lexing.json`: RFC 6618 sections 5.2 and 5.5.7.

use vectors::Outcome;
use vectors::rows::{self, Side};
use wire::container::Identifier;
use wire::{DecodeError, Draft, Header, Need, Request, Response, lex};

use crate::judge;

/// What a message of this side says about the content; that headers are missing is no matter here.
fn refusal(row: &rows::Content) -> Option<DecodeError> {
    let second = Identifier::FIRST.next().expect("2 is an Identifier");
    let refused = match row.side {
        Side::RequestInit => Request::parse(Identifier::FIRST, &row.input).err(),
        Side::Request => Request::parse(second, &row.input).err(),
        Side::Response => Response::parse(&row.input).err(),
    };
    refused.filter(|error| error.need != Need::Present)
}

#[test]
fn content_is_taken_apart() {
    let mut rows = 0;
    for test in vectors::lexing().tests {
        let refused = refusal(&test.row);
        judge(&test, refused.is_none());
        if let (Some(expected), Ok(lexed)) = (&test.row.headers, lex(&test.row.input)) {
            let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
            let line = |header: &Header<'_>| rows::Line {
                name: text(header.name).to_ascii_lowercase(),
                value: text(header.value),
            };
            assert_eq!(&lexed.headers.iter().map(line).collect::<Vec<_>>(), expected, "{}", test.id);
        }
        if let (Some(error), Outcome::Invalid, Some(field)) = (refused, test.result, test.field.as_deref()) {
            assert!(field == "content" || field == error.field, "{}: {error}", test.id);
        }
        rows += 1;
    }
    assert!(rows > 0);
}

#[test]
fn content_is_put_together() {
    let mut rows = 0;
    for test in vectors::lexing().tests.into_iter().filter(|test| test.result == Outcome::Valid) {
        let mut draft = Draft::new();
        for header in test.row.headers.iter().flatten() {
            draft.push_raw(header.name.as_bytes(), header.value.as_bytes());
        }
        assert_eq!(draft.octets() == test.row.input[..], test.row.canonical, "{}", test.id);
        let same = Draft::parse(&test.row.input).expect("valid content");
        assert_eq!(same.octets(), test.row.input[..], "{}: a draft keeps every octet", test.id);
        rows += 1;
    }
    assert!(rows > 0);
}
