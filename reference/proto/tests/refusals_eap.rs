//! RFC 6618 section 5.9 at the HAC: a table of faults in an exchange by EAP, each beside the same exchange without it.
//!
//! Messages are counted from the request Init, 0. By EAP-GPSK: 2 has the identity, 4 GPSK-2, 6 GPSK-4 and the request
//! Done; by MD5-Challenge: 2 has the identity, 4 the hash and the request Done.

mod peers;

use crypto::auth::Direction;
use peers::eap::{Forged, ONE, PROFILE, SECRET, draft, exchange, is_signed, msk, packet};
use proto::eap::Method;
use proto::hac::Event;
use wire::Name;
use wire::eap::Packet;
use wire::value::Status;

/// What signs the error answer (C12).
#[derive(Clone, Copy, Debug)]
enum Key {
    One,
    Msk,
}

/// Id, method, number of the message, fault, what is said to be wrong, status, what signs the answer.
type Row = (&'static str, Method, usize, fn(&mut Forged), &'static str, Status, Key);

const G: Method = Method::Gpsk;
const M: Method = Method::Md5Challenge;

const ROWS: &[Row] = &[
    (
        "AU-09 Mid keyed with the secret",
        G,
        2,
        |f| f.key = Some(SECRET.to_vec()),
        "auth",
        Status::UNAUTHORIZED,
        Key::One,
    ),
    ("AU-01 Mid with the label of the HAC", G, 2, mirrored, "auth", Status::UNAUTHORIZED, Key::One),
    ("5.5.5 Mid without auth", G, 2, unsigned, "auth", Status::BAD_REQUEST, Key::One),
    (
        "MS-01 Mid without eap-payload",
        G,
        2,
        |f| f.remove(Name::EapPayload),
        "eap-payload",
        Status::BAD_REQUEST,
        Key::One,
    ),
    (
        "VA-20 EAP Length",
        G,
        2,
        |f| f.set(Name::EapPayload, "0200000a01"),
        "eap-payload",
        Status::BAD_REQUEST,
        Key::One,
    ),
    (
        "RFC 3748 4: an EAP-Request",
        G,
        2,
        |f| f.packet(|p| p[0] = 1),
        "EAP Code",
        Status::BAD_REQUEST,
        Key::One,
    ),
    (
        "RFC 3748 4: an EAP-Success",
        G,
        2,
        |f| {
            f.packet(|p| {
                p[0] = 3;
                p.truncate(4)
            })
        },
        "EAP Code",
        Status::BAD_REQUEST,
        Key::One,
    ),
    (
        "RFC 3748 4.1: another Identifier",
        G,
        2,
        |f| f.packet(|p| p[1] ^= 1),
        "EAP Identifier",
        Status::BAD_REQUEST,
        Key::One,
    ),
    (
        "RFC 3748 2: a method in place of the identity",
        G,
        2,
        |f| f.packet(|p| p[4] = 51),
        "EAP Type",
        Status::BAD_REQUEST,
        Key::One,
    ),
    (
        "RFC 3748 5.3: Nak of the identity",
        G,
        2,
        |f| f.packet(nak_for(51)),
        "eap-payload",
        Status::UNAUTHORIZED,
        Key::One,
    ),
    (
        "RFC 3748 5.3: Nak for nothing",
        G,
        4,
        |f| f.packet(nak_for(0)),
        "eap-payload",
        Status::UNAUTHORIZED,
        Key::One,
    ),
    (
        "RFC 3748 5.3: Nak for EAP-TLS",
        G,
        4,
        |f| f.packet(nak_for(13)),
        "eap-payload",
        Status::UNAUTHORIZED,
        Key::One,
    ),
    (
        "EA-08 Nak for MD5-Challenge",
        G,
        4,
        |f| f.packet(nak_for(4)),
        "eap-payload",
        Status::UNAUTHORIZED,
        Key::One,
    ),
    (
        "RFC 3748 5.3: Nak for the same again",
        G,
        4,
        |f| f.packet(nak_for(51)),
        "eap-payload",
        Status::UNAUTHORIZED,
        Key::One,
    ),
    (
        "RFC 5433 10: MAC of GPSK-2",
        G,
        4,
        |f| f.packet(|p| last_bit(p)),
        "eap-payload",
        Status::UNAUTHORIZED,
        Key::One,
    ),
    (
        "RFC 5433 10: no MAC in GPSK-2",
        G,
        4,
        |f| f.packet(|p| p.truncate(p.len() - 16)),
        "eap-payload",
        Status::UNAUTHORIZED,
        Key::One,
    ),
    (
        "RFC 5433 10: another ID_Server",
        G,
        4,
        |f| f.packet(|p| p[27] ^= 1),
        "GPSK-2 ID_Server",
        Status::BAD_REQUEST,
        Key::One,
    ),
    (
        "RFC 5433 10: another RAND_Server",
        G,
        4,
        |f| f.packet(|p| p[62] ^= 1),
        "GPSK-2 RAND_Server",
        Status::BAD_REQUEST,
        Key::One,
    ),
    (
        "RFC 5433 10: another CSuite_List",
        G,
        4,
        |f| f.packet(|p| p[105] ^= 1),
        "GPSK-2 CSuite_List",
        Status::BAD_REQUEST,
        Key::One,
    ),
    (
        "RFC 5433 9.2: a CSuite_Sel nobody offered",
        G,
        4,
        |f| f.packet(|p| p[111] = 9),
        "GPSK-2 CSuite_Sel",
        Status::BAD_REQUEST,
        Key::One,
    ),
    (
        "RFC 5433 9.3: half a GPSK-2",
        G,
        4,
        |f| f.packet(|p| p.truncate(60)),
        "GPSK RAND_Peer",
        Status::BAD_REQUEST,
        Key::One,
    ),
    (
        "RFC 5433 10: GPSK-4 too early",
        G,
        4,
        |f| {
            f.packet(|p| {
                p[5] = 4;
                p.truncate(40)
            })
        },
        "GPSK OP-Code",
        Status::BAD_REQUEST,
        Key::One,
    ),
    ("EX-03 a repeated Identifier", G, 4, |f| f.identifier = 2, "Identifier", Status::BAD_REQUEST, Key::One),
    (
        "EX-05 request 255 is no Done",
        G,
        4,
        |f| f.identifier = 255,
        "Identifier",
        Status::INTERNAL_SERVER_ERROR,
        Key::One,
    ),
    (
        "RFC 5433 10: MAC of GPSK-4",
        G,
        6,
        |f| f.packet(|p| last_bit(p)),
        "eap-payload",
        Status::UNAUTHORIZED,
        Key::One,
    ),
    (
        "5.9 Done without eap-payload",
        G,
        6,
        |f| f.remove(Name::EapPayload),
        "eap-payload",
        Status::BAD_REQUEST,
        Key::One,
    ),
    (
        "5.3 Done without mip6-suitelist",
        G,
        6,
        |f| f.remove(Name::Suitelist),
        "mip6-suitelist",
        Status::BAD_REQUEST,
        Key::One,
    ),
    ("C12 Done keyed with 1", G, 6, |f| f.key = Some(ONE.to_vec()), "auth", Status::UNAUTHORIZED, Key::Msk),
    ("EA-02 Done keyed with half of the MSK", G, 6, half_of_the_key, "auth", Status::UNAUTHORIZED, Key::Msk),
    (
        "AU-09 Done keyed with the secret",
        G,
        6,
        |f| f.key = Some(SECRET.to_vec()),
        "auth",
        Status::UNAUTHORIZED,
        Key::Msk,
    ),
    ("AU-01 Done with the label of the HAC", G, 6, mirrored, "auth", Status::UNAUTHORIZED, Key::Msk),
    (
        "MS-12 no common suite",
        G,
        6,
        |f| f.set(Name::Suitelist, "{FF,FF}"),
        "mip6-suitelist",
        Status::NOT_IMPLEMENTED,
        Key::Msk,
    ),
    (
        "MS-07 another mn-id",
        G,
        6,
        |f| f.set(Name::MnId, "bob@example.com"),
        "mn-id",
        Status::BAD_REQUEST,
        Key::Msk,
    ),
    (
        "RFC 3748 5.4: a wrong hash",
        M,
        4,
        |f| f.packet(|p| last_bit(p)),
        "eap-payload",
        Status::UNAUTHORIZED,
        Key::One,
    ),
    (
        "RFC 3748 5.4: half a hash",
        M,
        4,
        |f| {
            f.packet(|p| {
                p[5] = 8;
                p.truncate(14)
            })
        },
        "eap-payload",
        Status::UNAUTHORIZED,
        Key::One,
    ),
    (
        "RFC 3748 5.4: Value-Size beyond the end",
        M,
        4,
        |f| f.packet(|p| p[5] = 17),
        "EAP-MD5 Value-Size",
        Status::BAD_REQUEST,
        Key::One,
    ),
    (
        "AU-09 Done keyed with the secret, no MSK",
        M,
        4,
        |f| f.key = Some(SECRET.to_vec()),
        "auth",
        Status::UNAUTHORIZED,
        Key::One,
    ),
    (
        "MS-12 no common suite, no MSK",
        M,
        4,
        |f| f.set(Name::Suitelist, "{FF,FF}"),
        "mip6-suitelist",
        Status::NOT_IMPLEMENTED,
        Key::One,
    ),
];

fn unsigned(forged: &mut Forged) {
    forged.remove(Name::Auth);
    forged.key = None;
}

fn mirrored(forged: &mut Forged) {
    forged.direction = Direction::HacToMn;
}

fn half_of_the_key(forged: &mut Forged) {
    forged.key.as_mut().expect("signed").truncate(32);
}

fn nak_for(kind: u8) -> impl FnOnce(&mut Vec<u8>) {
    move |packet| {
        packet.truncate(4);
        packet.extend([3, kind]);
    }
}

fn last_bit(packet: &mut [u8]) {
    *packet.last_mut().expect("not empty") ^= 1;
}

#[test]
fn every_fault_is_refused_with_the_right_key_and_an_eap_failure() {
    for (row, method, number, change, field, status, key) in ROWS {
        let story = exchange(*method, &[(*number, *change)]);
        assert!(story.installed.is_empty(), "{row}");
        let [Event::Refused { refusal, .. }] = story.hac_events.as_slice() else {
            panic!("{row}: {:?}", story.hac_events)
        };
        assert_eq!((refusal.field(), refusal.status()), (*field, *status), "{row}: {refusal:?}");
        assert_eq!(story.hac_closed, 1, "{row}");

        let last = story.containers.last().expect("an answer");
        let headers = draft(last);
        assert_eq!(headers.value(Name::StatusCode), Some(status.to_string().as_bytes()), "{row}");
        let text = String::from_utf8_lossy(&headers.octets()).into_owned();
        assert!(!text.contains("mip6-"), "{row}: SA data in {text}");
        let result = packet(&headers).expect("an EAP packet");
        assert!(matches!(Packet::parse(&result), Ok(Packet::Failure { .. })), "{row}: {result:?}");
        let key = match key {
            Key::One => ONE.to_vec(),
            Key::Msk => msk(&story.containers, SECRET),
        };
        assert!(is_signed(last, (PROFILE, Direction::HacToMn, &key)), "{row}: not keyed as it should be");
    }
}
