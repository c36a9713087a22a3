//! The dictionary: of the key, of the label, of the message, of the certificate, and of the binding made of it.

use sha2::{Digest, Sha256};
use wire::value::hex;

use super::{AUTH, CRLF, Misreading};
use crate::auth::{Direction, ONE, Profile, label};

const DECODE_KEY: &str = "decode the key: files of identities and keys give it in hex";
const RIGHT_ONE: &str = "until the EAP method has made an MSK, key with one octet, 0x31, the ASCII digit 1";
const RIGHT_MSK: &str = "key the last messages with all octets of the MSK that the EAP method exports";
const RIGHT_LABEL: &str =
    "start the HMAC input with the ASCII label MN or HAC, nothing behind it (section 5.8)";
const STOP_BEFORE_AUTH: &str =
    "cover the Content up to the first octet of the header name auth, the line end before it included";
const RAW_HASH: &str = "feed the raw hash octets, nothing else";
const RIGHT_ORDER: &str = "feed label, message octets and channel binding in this order";

/// Every misreading. Two mistakes at once are made in this order.
pub const DICTIONARY: &[Misreading] = &[
    Misreading {
        id: "psk-as-hex",
        reading: None,
        says: "the pre-shared key is used as hex text",
        fix: DECODE_KEY,
        mistake: |input, facts| facts.misread_psk(input, hex::encode),
    },
    Misreading {
        id: "psk-as-upper-case-hex",
        reading: None,
        says: "the pre-shared key is used as hex text in upper case",
        fix: DECODE_KEY,
        mistake: |input, facts| facts.misread_psk(input, |psk| hex::encode(psk).to_ascii_uppercase()),
    },
    Misreading {
        id: "psk-as-text-line",
        reading: None,
        says: "the pre-shared key is used as a line of text, line end included",
        fix: DECODE_KEY,
        mistake: |input, facts| facts.misread_psk(input, |psk| hex::encode(psk) + "\n"),
    },
    Misreading {
        id: "one-as-integer",
        reading: Some("EA-01"),
        says: "the key \"1\" of EAP is used as the octet 0x01",
        fix: RIGHT_ONE,
        mistake: |input, facts| facts.misread_one(input, |_| Some(vec![1])),
    },
    Misreading {
        id: "one-as-long-integer",
        reading: Some("EA-01"),
        says: "the key \"1\" of EAP is used as an integer of four octets",
        fix: RIGHT_ONE,
        mistake: |input, facts| facts.misread_one(input, |_| Some(vec![0, 0, 0, 1])),
    },
    Misreading {
        id: "one-in-quotes",
        reading: Some("EA-01"),
        says: "the key \"1\" of EAP is used with the quotes around it",
        fix: RIGHT_ONE,
        mistake: |input, facts| facts.misread_one(input, |_| Some(b"\"1\"".to_vec())),
    },
    Misreading {
        id: "one-in-hex",
        reading: Some("EA-01"),
        says: "the key \"1\" of EAP is used as hex text, 31",
        fix: RIGHT_ONE,
        mistake: |input, facts| facts.misread_one(input, |_| Some(b"31".to_vec())),
    },
    Misreading {
        id: "one-left-out",
        reading: Some("EA-01"),
        says: "auth is computed with an empty key before EAP has made an MSK",
        fix: RIGHT_ONE,
        mistake: |input, facts| facts.misread_one(input, |_| Some(Vec::new())),
    },
    Misreading {
        id: "eap-secret",
        reading: Some("EA-02"),
        says: "auth is keyed with the secret of the MN, though eap was selected",
        fix: "key with \"1\", one octet 0x31, and the last messages with the MSK, if there is one",
        mistake: |input, facts| {
            if let Some(keys) = facts.eap {
                input.key.clone_from(&keys.secret);
            }
        },
    },
    Misreading {
        id: "msk-too-early",
        reading: Some("EA-02"),
        says: "auth is keyed with the MSK in a message that is not the last one",
        fix: "key all messages before MHAuth-Done with \"1\", one octet 0x31",
        mistake: |input, facts| facts.misread_one(input, |keys| keys.msk.clone()),
    },
    Misreading {
        id: "msk-not-used",
        reading: Some("EA-02"),
        says: "auth is keyed with \"1\" though EAP has made an MSK",
        fix: RIGHT_MSK,
        mistake: |input, facts| facts.misread_msk(input, |_| Some(ONE.to_vec())),
    },
    Misreading {
        id: "msk-first-half",
        reading: Some("EA-02"),
        says: "auth is keyed with the first 32 octets of the MSK",
        fix: RIGHT_MSK,
        mistake: |input, facts| facts.misread_msk(input, |keys| Some(keys.msk.as_ref()?.get(..32)?.to_vec())),
    },
    Misreading {
        id: "msk-last-half",
        reading: Some("EA-02"),
        says: "auth is keyed with the last 32 octets of the MSK",
        fix: RIGHT_MSK,
        mistake: |input, facts| facts.misread_msk(input, |keys| Some(keys.msk.as_ref()?.get(32..)?.to_vec())),
    },
    Misreading {
        id: "emsk",
        reading: Some("EA-02"),
        says: "auth is keyed with the EMSK",
        fix: RIGHT_MSK,
        mistake: |input, facts| facts.misread_msk(input, |keys| keys.emsk.clone()),
    },
    Misreading {
        id: "msk-and-emsk",
        reading: Some("EA-02"),
        says: "auth is keyed with MSK and EMSK one behind the other",
        fix: RIGHT_MSK,
        mistake: |input, facts| {
            facts.misread_msk(input, |keys| Some([keys.msk.as_deref()?, keys.emsk.as_deref()?].concat()));
        },
    },
    Misreading {
        id: "msk-in-hex",
        reading: Some("EA-02"),
        says: "auth is keyed with the MSK as hex text",
        fix: RIGHT_MSK,
        mistake: |input, facts| {
            facts.misread_msk(input, |keys| Some(hex::encode(keys.msk.as_ref()?).into_bytes()));
        },
    },
    Misreading {
        id: "no-label",
        reading: Some("AU-01"),
        says: "auth is computed without the direction label, as draft-01 says",
        fix: RIGHT_LABEL,
        mistake: |input, _| input.label.clear(),
    },
    Misreading {
        id: "label-in-draft-01",
        reading: Some("AU-01"),
        says: "auth is computed with the direction label, which draft-01 does not have",
        fix: "leave the label out in draft-01, or judge by --profile rfc6618",
        mistake: |input, message| input.label = label(Profile::Rfc6618, message.direction).to_vec(),
    },
    Misreading {
        id: "label-of-other-side",
        reading: Some("AU-01"),
        says: "auth is computed with the label of the other direction",
        fix: "requests use the label MN, responses use HAC",
        mistake: |input, message| {
            let other = match message.direction {
                Direction::MnToHac => Direction::HacToMn,
                Direction::HacToMn => Direction::MnToHac,
            };
            input.label = label(Profile::Rfc6618, other).to_vec();
        },
    },
    Misreading {
        id: "label-in-lower-case",
        reading: Some("AU-01"),
        says: "the direction label is in lower case",
        fix: RIGHT_LABEL,
        mistake: |input, _| input.label.make_ascii_lowercase(),
    },
    Misreading {
        id: "label-with-nul",
        reading: Some("AU-01"),
        says: "a NUL octet follows the direction label",
        fix: RIGHT_LABEL,
        mistake: |input, _| input.label.push(0),
    },
    Misreading {
        id: "label-last",
        reading: Some("AU-01"),
        says: "the direction label stands behind everything else",
        fix: RIGHT_ORDER,
        mistake: |input, _| input.binding.append(&mut input.label),
    },
    Misreading {
        id: "container-header",
        reading: Some("AU-02"),
        says: "the four octets of the container header are in the HMAC input",
        fix: "start at the first octet of the Content",
        mistake: |input, message| input.message.splice(..0, message.header().iter().copied()).for_each(drop),
    },
    Misreading {
        id: "end-of-message",
        reading: Some("AU-03"),
        says: "the end-of-message is in the HMAC input",
        fix: STOP_BEFORE_AUTH,
        mistake: |input, message| input.message.extend_from_slice(message.end_of_message()),
    },
    Misreading {
        id: "two-line-ends",
        reading: Some("AU-03"),
        says: "the line end of auth and the end-of-message are in the HMAC input",
        fix: STOP_BEFORE_AUTH,
        mistake: |input, message| input.message.extend([CRLF, message.end_of_message()].concat()),
    },
    Misreading {
        id: "name-of-auth",
        reading: Some("AU-03"),
        says: "the header name `auth:` is in the HMAC input",
        fix: STOP_BEFORE_AUTH,
        mistake: |input, _| input.message.extend_from_slice(AUTH),
    },
    Misreading {
        id: "auth-emptied",
        reading: Some("AU-03"),
        says: "the whole message is in the HMAC input, with an empty auth",
        fix: STOP_BEFORE_AUTH,
        mistake: |input, message| input.message = message.content_with(b""),
    },
    Misreading {
        id: "auth-zeroed",
        reading: Some("AU-03"),
        says: "the whole message is in the HMAC input, with zeros for auth",
        fix: STOP_BEFORE_AUTH,
        mistake: |input, message| input.message = message.content_with(&[b'0'; 64]),
    },
    Misreading {
        id: "last-line-end-missing",
        reading: Some("AU-03"),
        says: "the line end before the header auth is not in the HMAC input",
        fix: STOP_BEFORE_AUTH,
        mistake: |input, _| input.message.truncate(input.message.len().saturating_sub(CRLF.len())),
    },
    Misreading {
        id: "bare-lf",
        reading: Some("AU-04"),
        says: "the line ends are LF instead of CR LF in the HMAC input",
        fix: "feed the octets exactly as they are sent",
        mistake: |input, _| input.message.retain(|&octet| octet != b'\r'),
    },
    Misreading {
        id: "sha256-of-any-certificate",
        reading: Some("CB-03"),
        says: "the channel binding is the SHA-256 of a certificate that is signed with another hash",
        fix: "hash the certificate with the hash of its own signature algorithm (RFC 5929 section 4.1)",
        mistake: |input, message| {
            if let Some(certificate) = message.certificate {
                input.binding = Sha256::digest(certificate).to_vec();
            }
        },
    },
    Misreading {
        id: "certificate-not-hashed",
        reading: Some("CB-01"),
        says: "the channel binding is the certificate itself",
        fix: "hash the certificate with the hash of its own signature algorithm (RFC 5929 section 4.1)",
        mistake: |input, message| {
            if let Some(certificate) = message.certificate {
                input.binding = certificate.to_vec();
            }
        },
    },
    Misreading {
        id: "binding-in-hex",
        reading: Some("CB-01"),
        says: "the channel binding is fed as hex text",
        fix: RAW_HASH,
        mistake: |input, _| input.binding = hex::encode(&input.binding).into_bytes(),
    },
    Misreading {
        id: "binding-in-upper-case-hex",
        reading: Some("CB-01"),
        says: "the channel binding is fed as hex text in upper case",
        fix: RAW_HASH,
        mistake: |input, _| input.binding = hex::encode(&input.binding).to_ascii_uppercase().into_bytes(),
    },
    Misreading {
        id: "binding-as-fingerprint",
        reading: Some("CB-01"),
        says: "the channel binding is fed as a fingerprint, hex text with colons",
        fix: RAW_HASH,
        mistake: |input, _| {
            let pairs: Vec<String> = input.binding.iter().map(|octet| format!("{octet:02X}")).collect();
            input.binding = pairs.join(":").into_bytes();
        },
    },
    Misreading {
        id: "binding-with-prefix",
        reading: Some("CB-01"),
        says: "the channel binding has the prefix `tls-server-end-point:`",
        fix: RAW_HASH,
        mistake: |input, _| input.binding.splice(..0, *b"tls-server-end-point:").for_each(drop),
    },
    Misreading {
        id: "binding-before-message",
        reading: None,
        says: "the channel binding stands before the message octets",
        fix: RIGHT_ORDER,
        mistake: |input, _| core::mem::swap(&mut input.message, &mut input.binding),
    },
    Misreading {
        id: "no-binding",
        reading: Some("CB-03"),
        says: "auth is computed without the channel binding",
        fix: "append tls-server-end-point of the TLS session to the HMAC input",
        mistake: |input, _| input.binding.clear(),
    },
];
