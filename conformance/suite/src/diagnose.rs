//! Why a wrong `auth` is wrong: every known misreading of section 5.8 is recomputed, the one that fits is named.

use crypto::auth::{Direction, Profile, hmac_sha256, label};
use wire::header::lex;
use wire::param::Name;
use wire::value::{Mac, hex};

use crate::finding::{Clue, Finding};
use crate::player::{Reply, Signer};

/// One way to get `auth` wrong.
struct Misreading {
    reading: &'static str,
    says: &'static str,
    fix: &'static str,
    octets: fn(&Material<'_>) -> Vec<Vec<u8>>,
}

/// What an implementer has at hand when computing `auth`.
struct Material<'a> {
    right_label: &'static [u8],
    other_label: &'static [u8],
    container: &'a [u8],
    signed: &'a [u8],
    content: &'a [u8],
    binding: &'a [u8],
}

/// The dictionary. An entry gives the parts that are fed to HMAC-SHA256 under that misreading.
const MISREADINGS: &[Misreading] = &[
    Misreading {
        reading: "AU-01",
        says: "auth is computed without the direction label, as draft-01 says",
        fix: "start the HMAC input with the ASCII label MN or HAC (RFC 6618 section 5.8)",
        octets: |m| vec![m.signed.to_vec(), m.binding.to_vec()],
    },
    Misreading {
        reading: "AU-01",
        says: "auth is computed with the label of the other direction",
        fix: "requests use the label MN, responses use HAC",
        octets: |m| vec![m.other_label.to_vec(), m.signed.to_vec(), m.binding.to_vec()],
    },
    Misreading {
        reading: "AU-02",
        says: "the four octets of the container header are in the HMAC input",
        fix: "start at the first octet of the Content",
        octets: |m| vec![m.right_label.to_vec(), m.container.to_vec(), m.signed.to_vec(), m.binding.to_vec()],
    },
    Misreading {
        reading: "AU-03",
        says: "the end-of-message is in the HMAC input",
        fix: "stop before the first octet of the header name auth",
        octets: |m| {
            let end = m.content.iter().rev().take_while(|o| matches!(o, b'\r' | b'\n')).count();
            let end = &m.content[m.content.len() - end.saturating_sub(2)..];
            vec![m.right_label.to_vec(), m.signed.to_vec(), end.to_vec(), m.binding.to_vec()]
        },
    },
    Misreading {
        reading: "AU-03",
        says: "the header name `auth:` is in the HMAC input",
        fix: "stop before the first octet of the header name auth",
        octets: |m| vec![m.right_label.to_vec(), m.signed.to_vec(), b"auth:".to_vec(), m.binding.to_vec()],
    },
    Misreading {
        reading: "CB-01",
        says: "the channel binding has the prefix `tls-server-end-point:`",
        fix: "feed the raw hash octets, without a prefix",
        octets: |m| {
            let prefixed = [b"tls-server-end-point:", m.binding].concat();
            vec![m.right_label.to_vec(), m.signed.to_vec(), prefixed]
        },
    },
    Misreading {
        reading: "CB-01",
        says: "the channel binding is fed as hex text",
        fix: "feed the raw hash octets",
        octets: |m| vec![m.right_label.to_vec(), m.signed.to_vec(), hex::encode(m.binding).into_bytes()],
    },
    Misreading {
        reading: "CB-03",
        says: "auth is computed without the channel binding",
        fix: "append tls-server-end-point of the TLS session to the HMAC input",
        octets: |m| vec![m.right_label.to_vec(), m.signed.to_vec()],
    },
];

/// The misreadings under which the `auth` of `reply` is right; empty when it is right as it stands.
#[must_use]
pub fn auth(reply: &Reply, signer: &Signer) -> Vec<Clue> {
    let Ok(headers) = lex(reply.content()) else { return Vec::new() };
    let (Some(signed), Some(value)) = (headers.signed(), headers.find(Name::Auth).map(|h| h.value)) else {
        return Vec::new();
    };
    let Ok(mac) = Mac::parse(value) else { return Vec::new() };
    if reply.is_signed_by(signer) {
        return Vec::new();
    }
    let other = match signer.direction {
        Direction::MnToHac => Direction::HacToMn,
        Direction::HacToMn => Direction::MnToHac,
    };
    let material = Material {
        right_label: label(Profile::Rfc6618, signer.direction),
        other_label: label(Profile::Rfc6618, other),
        container: reply.octets().get(..4).unwrap_or_default(),
        signed,
        content: reply.content(),
        binding: signer.binding.as_octets(),
    };
    let hex_key = hex::encode(&signer.key).into_bytes();
    let fits = |misreading: &&Misreading, key: &[u8]| {
        let parts = (misreading.octets)(&material);
        hmac_sha256(key, &parts.iter().map(Vec::as_slice).collect::<Vec<_>>()) == mac
    };
    let mut clues: Vec<Clue> = MISREADINGS
        .iter()
        .filter(|misreading| fits(misreading, &signer.key))
        .map(|m| Clue { says: m.says.to_owned(), reading: Some(m.reading.to_owned()), fix: m.fix.to_owned() })
        .collect();
    if signer.sign_keyed(&hex_key, signed) == mac.0 {
        clues.push(Clue {
            says: "the pre-shared key is used as hex text".to_owned(),
            reading: None,
            fix: "decode the key: the file of identities gives it in hex".to_owned(),
        });
    }
    clues
}

/// The finding for a wrong or missing `auth` in `reply`.
#[must_use]
pub fn wrong_auth(reply: &Reply, signer: &Signer) -> Finding {
    let expected = "auth = HMAC-SHA256(PSK, label | msg-octets | CB-octets)";
    let Some(value) = reply.raw(Name::Auth) else {
        return Finding::fails(expected, "no auth header").with_octets("Content received", reply.content());
    };
    let observed = format!("auth {}", crate::finding::shown(value, 72));
    let mut finding = Finding::fails(expected, observed);
    for clue in auth(reply, signer) {
        finding = finding.with_clue(clue);
    }
    if let Some(signed) = lex(reply.content()).ok().and_then(|headers| headers.signed()) {
        finding = finding
            .with_octets("msg-octets (what auth must cover)", signed)
            .with_octets("CB-octets", signer.binding.as_octets())
            .with_octets("auth that was expected", &signer.sign(signed));
    }
    finding
}
