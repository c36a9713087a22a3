//! Text of a trace: octets that stay as they are, and words in angle brackets that are filled in.

use core::fmt::Write as _;

use super::eap::{Secret, Voice};
use crate::player::EapMethod;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Sent as they are.
    Octets(Vec<u8>),
    /// Filled in.
    Slot(Slot),
}

/// What is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// The NAI of the identity that the replay uses.
    MnId,
    /// A NAI that no HAC knows.
    Stranger,
    /// The nonce of this session, in hex.
    MnRand,
    /// What the HAC sent as `hac-rand`.
    HacRand,
    /// The value of `auth`, over everything before its line.
    Auth(AuthForm),
    /// What such an EAP peer says to the last EAP request, in hex.
    Eap(Voice),
    /// Codes of ciphersuites that no HAC has.
    ForeignSuites,
}

/// How `auth` is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AuthForm {
    /// As section 5.8 says.
    Right,
    /// Under the label of the other profile.
    OtherProfile,
    /// As the HAC would make it.
    OfTheHac,
    /// What the HAC sent last.
    Reflected,
    /// Keyed with a key that nobody has.
    OtherKey,
    /// Over the container header too.
    OverContainer,
    /// Bound to another TLS session: what somebody between MN and HAC passes on.
    OtherChannel,
    /// The right value with its lowest bit turned.
    FlippedBit,
}

/// Every word that can stand in angle brackets.
const SLOTS: [(&str, Slot); 17] = [
    ("mn-id", Slot::MnId),
    ("mn-id of a stranger", Slot::Stranger),
    ("mn-rand", Slot::MnRand),
    ("hac-rand", Slot::HacRand),
    ("auth", Slot::Auth(AuthForm::Right)),
    ("auth of the other profile", Slot::Auth(AuthForm::OtherProfile)),
    ("auth of the hac", Slot::Auth(AuthForm::OfTheHac)),
    ("auth that the hac sent", Slot::Auth(AuthForm::Reflected)),
    ("auth of another key", Slot::Auth(AuthForm::OtherKey)),
    ("auth over the container too", Slot::Auth(AuthForm::OverContainer)),
    ("auth of another channel", Slot::Auth(AuthForm::OtherChannel)),
    ("auth with a bit turned", Slot::Auth(AuthForm::FlippedBit)),
    ("eap-gpsk", voice(EapMethod::Gpsk, Secret::Shared)),
    ("eap-gpsk of another secret", voice(EapMethod::Gpsk, Secret::Another)),
    ("eap-md5", voice(EapMethod::Md5Challenge, Secret::Shared)),
    ("eap-md5 of another secret", voice(EapMethod::Md5Challenge, Secret::Another)),
    ("suites of nobody", Slot::ForeignSuites),
];

const fn voice(method: EapMethod, secret: Secret) -> Slot {
    Slot::Eap(Voice { method, secret })
}

/// Why text cannot be read. Whoever wrote the trace is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// A backslash before something that it does not escape.
    #[error("{0}: need \\\\, \\<, \\r, \\n, \\t or \\xNN")]
    Escape(String),
    /// An angle bracket that is not closed, or around a word that means nothing.
    #[error("<{word}> stands for nothing; known are {}", SLOTS.map(|(word, _)| format!("<{word}>")).join(", "))]
    Slot {
        /// As written.
        word: String,
    },
    /// A character that no octet stands for.
    #[error("{0:?}: only printable ASCII, escape the octets of anything else")]
    Character(char),
}

/// Octets as text that is read back as the same octets.
#[must_use]
pub fn literal(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len());
    for &octet in octets {
        match octet {
            b'\\' => text.push_str(r"\\"),
            b'<' => text.push_str(r"\<"),
            b'\r' => text.push_str(r"\r"),
            b'\n' => text.push_str(r"\n"),
            b'\t' => text.push_str(r"\t"),
            b' '..=b'~' => text.push(char::from(octet)),
            // Writing to a String does not fail.
            _ => drop(write!(text, "\\x{octet:02x}")),
        }
    }
    text
}

/// Takes text apart.
///
/// # Errors
/// The first thing in it that means nothing.
pub(super) fn parse(text: &str) -> Result<Vec<Piece>, TextError> {
    let mut pieces = Vec::new();
    let mut octets = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '\\' => {
                let (octet, taken) =
                    escape(rest).ok_or_else(|| TextError::Escape(rest.chars().take(4).collect()))?;
                octets.push(octet);
                taken
            }
            '<' => {
                let (slot, taken) = slot(rest)?;
                if !octets.is_empty() {
                    pieces.push(Piece::Octets(core::mem::take(&mut octets)));
                }
                pieces.push(Piece::Slot(slot));
                taken
            }
            ' '..='~' => {
                octets.push(first as u8);
                1
            }
            _ => return Err(TextError::Character(first)),
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    if !octets.is_empty() {
        pieces.push(Piece::Octets(octets));
    }
    Ok(pieces)
}

/// The octet that an escape stands for, and how many characters it takes.
fn escape(text: &str) -> Option<(u8, usize)> {
    match text.as_bytes().get(1)? {
        b'\\' => Some((b'\\', 2)),
        b'<' => Some((b'<', 2)),
        b'r' => Some((b'\r', 2)),
        b'n' => Some((b'\n', 2)),
        b't' => Some((b'\t', 2)),
        b'x' => Some((u8::from_str_radix(text.get(2..4)?, 16).ok()?, 4)),
        _ => None,
    }
}

fn slot(text: &str) -> Result<(Slot, usize), TextError> {
    let inner = text.get(1..).unwrap_or_default();
    let word = inner.split('>').next().unwrap_or_default();
    let is_closed = inner.len() > word.len();
    SLOTS
        .into_iter()
        .find(|(known, _)| *known == word && is_closed)
        .map(|(_, slot)| (slot, word.len() + 2))
        .ok_or_else(|| TextError::Slot { word: word.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(parse(&literal(&all)), Ok(vec![Piece::Octets(all)]));
    }

    #[test]
    fn words_are_filled_in_and_braces_are_not() {
        let pieces = parse("mip6-suitelist:{00,2F}<auth of the hac>\\<mn-id>").unwrap();
        assert_eq!(
            pieces,
            [
                Piece::Octets(b"mip6-suitelist:{00,2F}".to_vec()),
                Piece::Slot(Slot::Auth(AuthForm::OfTheHac)),
                Piece::Octets(b"<mn-id>".to_vec()),
            ]
        );
    }

    #[test]
    fn what_means_nothing_is_told() {
        for (text, error) in [
            ("<auht>", TextError::Slot { word: "auht".to_owned() }),
            ("<auth", TextError::Slot { word: "auth".to_owned() }),
            (r"a\q", TextError::Escape(r"\q".to_owned())),
            (r"\x0", TextError::Escape(r"\x0".to_owned())),
            ("é", TextError::Character('é')),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }
}
