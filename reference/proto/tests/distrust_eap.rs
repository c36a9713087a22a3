//! RFC 6618 section 5.9 at the mobile node: a table of lying responses in an exchange by EAP, each the honest one but
//! for one fault. Whatever is wrong, the mobile node closes, says what, and uses nothing of what it received.
//!
//! Messages are counted from the request Init, 0. By EAP-GPSK: 1 asks for the identity, 3 is GPSK-1, 5 GPSK-3, 7 the
//! final response; by MD5-Challenge: 3 is the challenge, 5 the final response.

mod peers;

use crypto::auth::{Direction, Profile};
use crypto::channel_binding::ChannelBinding;
use peers::eap::{Change, Forged, ONE, PROFILE, SECRET, config, draft, exchange, packet, signed};
use peers::{binding, drain, mn, now};
use proto::Machine;
use proto::eap::Method;
use proto::mn::{Event, Failure, Fault, Input, Output};
use wire::eap::{Packet, Type};
use wire::{Draft, Name};

const G: Method = Method::Gpsk;
const M: Method = Method::Md5Challenge;

/// Id, method, number of the message, lie, what the mobile node says is wrong.
type Row = (&'static str, Method, usize, fn(&mut Forged), &'static str);

const ROWS: &[Row] = &[
    ("MS-09 psk, which was not offered", G, 1, psk, "auth-method"),
    ("AU-09 Init keyed with the secret", G, 1, |f| f.key = Some(SECRET.to_vec()), "auth"),
    ("AU-01 Init with the label of the MN", G, 1, |f| f.direction = Direction::MnToHac, "auth"),
    ("MS-03 Init without eap-payload", G, 1, |f| f.remove(Name::EapPayload), "eap-payload"),
    ("EA-04 EAP-Success at first", G, 1, |f| f.packet(success), "EAP Code"),
    ("RFC 3748 4: EAP-Response at first", G, 1, |f| f.packet(|p| p[0] = 2), "EAP Code"),
    ("RFC 3748 5.3: a request for a Nak", G, 1, |f| f.packet(|p| p[4] = 3), "EAP Type"),
    ("EA-04 EAP-Success in a Mid", G, 3, |f| f.packet(success), "EAP Code"),
    ("EA-05 EAP-Failure in a Mid", G, 3, |f| f.packet(failure), "EAP Code"),
    ("5.9 Mid keyed with the secret", G, 3, |f| f.key = Some(SECRET.to_vec()), "auth"),
    ("C12 Mid without EAP before the method has ended", G, 3, emptied, "eap-payload"),
    ("RFC 5433 10: GPSK-Fail at first", G, 3, |f| f.packet(gpsk_fail), "GPSK OP-Code"),
    ("RFC 5433 9.2: seven octets of CSuite_List", G, 3, |f| f.packet(odd_list), "GPSK CSuite_List"),
    ("RFC 5433 10: MAC of GPSK-3", G, 5, |f| f.packet(|p| last_bit(p)), "GPSK-3 MAC"),
    ("RFC 5433 10: no MAC in GPSK-3", G, 5, |f| f.packet(|p| p.truncate(p.len() - 16)), "GPSK-3 MAC"),
    ("RFC 5433 10: another RAND_Peer", G, 5, |f| f.packet(|p| p[6] ^= 1), "GPSK-3 RAND_Peer"),
    ("RFC 5433 10: another RAND_Server", G, 5, |f| f.packet(|p| p[38] ^= 1), "GPSK-3 RAND_Server"),
    ("RFC 5433 10: another ID_Server", G, 5, |f| f.packet(|p| p[72] ^= 1), "GPSK-3 ID_Server"),
    ("RFC 5433 10: another CSuite_Sel", G, 5, |f| f.packet(|p| p[80] ^= 3), "GPSK-3 CSuite_Sel"),
    ("RFC 3748 2.1: another method in between", G, 5, |f| f.packet(|p| p[4] = 4), "EAP Type"),
    ("MS-04 status 200 before Done", G, 5, granted, "status-code"),
    ("C12 final keyed with 1", G, 7, |f| f.key = Some(ONE.to_vec()), "auth"),
    ("AU-09 final keyed with the secret", G, 7, |f| f.key = Some(SECRET.to_vec()), "auth"),
    ("EA-02 final keyed with half of the MSK", G, 7, half_of_the_key, "auth"),
    ("AU-01 final with the label of the MN", G, 7, |f| f.direction = Direction::MnToHac, "auth"),
    ("EA-06 200 without EAP", G, 7, |f| f.remove(Name::EapPayload), "eap-payload"),
    ("EA-06 200 with EAP-Failure", G, 7, |f| f.packet(failure), "EAP Code"),
    ("EA-06 EAP-Success with 503", G, 7, unavailable, "status-code"),
    ("EA-03 a Mid in answer to Done", G, 7, without_status, "message"),
    ("RFC 3748 4.2: another Identifier", G, 7, |f| f.packet(|p| p[1] ^= 1), "EAP Identifier"),
    ("RFC 3748 5.4: no Value in the challenge", M, 3, |f| f.packet(|p| p[5] = 0), "EAP-MD5 Value-Size"),
    ("EA-06 200 with EAP-Failure, no MSK", M, 5, |f| f.packet(failure), "EAP Code"),
    ("AU-09 final keyed with the secret, no MSK", M, 5, |f| f.key = Some(SECRET.to_vec()), "auth"),
];

fn psk(forged: &mut Forged) {
    forged.set(Name::AuthMethod, "psk");
    forged.draft.insert(0, b"mn-rand", &[b'7'; 64]);
    forged.draft.insert(0, b"hac-rand", &[b'7'; 64]);
}

fn success(packet: &mut Vec<u8>) {
    packet.truncate(4);
    packet[0] = 3;
}

fn failure(packet: &mut Vec<u8>) {
    packet.truncate(4);
    packet[0] = 4;
}

fn emptied(forged: &mut Forged) {
    forged.remove(Name::EapPayload);
    forged.draft.insert(0, b"x-new", b"so that there is something");
}

fn gpsk_fail(packet: &mut Vec<u8>) {
    packet.truncate(5);
    packet.extend([5, 0, 0, 0, 2]);
}

fn odd_list(packet: &mut Vec<u8>) {
    let length = packet.len() - 13;
    packet[length] = 7;
    packet.truncate(packet.len() - 5);
}

fn last_bit(packet: &mut [u8]) {
    *packet.last_mut().expect("not empty") ^= 1;
}

fn granted(forged: &mut Forged) {
    for (name, value) in [
        (Name::Sas, "1"),
        (Name::Spi, "7"),
        (Name::MnToHaIkey, "01"),
        (Name::HaToMnIkey, "02"),
        (Name::SaValidityEnd, "Sat, 06 Nov 2094 08:49:37 GMT"),
        (Name::Ciphersuite, "{00,02}"),
        (Name::StatusCode, "200"),
    ] {
        forged.draft.insert(0, name.as_str().as_bytes(), value.as_bytes());
    }
}

fn half_of_the_key(forged: &mut Forged) {
    forged.key.as_mut().expect("signed").truncate(32);
}

fn without_status(forged: &mut Forged) {
    forged.remove(Name::StatusCode);
    forged.key = Some(ONE.to_vec());
}

fn unavailable(forged: &mut Forged) {
    let packet = packet(&forged.draft).expect("an EAP packet");
    forged.draft = Draft::new();
    forged.set(Name::EapPayload, &wire::value::hex::encode(&packet));
    forged.set(Name::StatusCode, "503");
}

#[test]
fn a_lie_is_noticed_and_nothing_of_it_is_used() {
    for (row, method, number, lie, field) in ROWS {
        let story = exchange(*method, &[(*number, *lie)]);
        let [Event::Failed(Failure { fault, field: said, .. })] = story.mn_events.as_slice() else {
            panic!("{row}: {:?}", story.mn_events)
        };
        assert_eq!((*fault, said), (Fault::Hac, field), "{row}");
        assert_eq!(story.containers.len(), number + 1, "{row}: the mobile node said more");
        assert_eq!((story.mn_closed, story.transmitted.len()), (1, 0), "{row}");
    }
}

#[test]
fn the_twins_of_all_lies_are_taken() {
    let anew: [Change; 4] = [(1, |_| {}), (3, |_| {}), (5, |_| {}), (7, |_| {})];
    for method in Method::ALL {
        let story = exchange(method, &anew);
        assert!(matches!(story.mn_events.as_slice(), [Event::Bootstrapped { .. }]), "{:?}", story.mn_events);
        assert_eq!(story.transmitted.len(), 1, "the Binding Update");
    }
}

#[test]
fn a_refusal_is_believed_whatever_signs_it() {
    let refuse: fn(&mut Forged) = |f| {
        f.draft = Draft::new();
        f.set(Name::StatusCode, "401");
        f.key = None;
    };
    for number in [1, 3, 5, 7] {
        let story = exchange(G, &[(number, refuse)]);
        let [Event::Failed(failure)] = story.mn_events.as_slice() else { panic!("{:?}", story.mn_events) };
        assert_eq!((failure.fault, failure.field), (Fault::Mn, "status-code"));
    }
}

/// A HAC that has nothing but things to show to the user.
fn notification(identifier: u8, kind: &str) -> Vec<u8> {
    let request = Packet::Request { identifier, kind: Type::NOTIFICATION, data: b"have patience" };
    let mut draft = Draft::new();
    if kind == "Init" {
        draft.push(Name::AuthMethod, "eap");
    }
    draft.push(Name::EapPayload, wire::value::hex::encode(&request.to_vec().expect("short")));
    signed(identifier, draft, (PROFILE, Direction::HacToMn, ONE))
}

#[test]
fn rounds_without_end_end_with_request_255() {
    let mut mn = mn(config(PROFILE, G));
    mn.handle(now(), Input::Start);
    mn.handle(now(), Input::Established { channel_binding: binding() });
    let mut identifier = 0;
    for round in 1..=300 {
        let outputs = drain(&mut mn);
        let sent = outputs.iter().find_map(|output| match output {
            Output::Send(octets) => Some(octets.clone()),
            _ => None,
        });
        let Some(octets) = sent else {
            assert_eq!((round, identifier), (256, 255));
            let [Output::Close, Output::Event(Event::Failed(failure))] = outputs.as_slice() else {
                panic!("{outputs:?}")
            };
            assert_eq!((failure.fault, failure.field), (Fault::Hac, "Identifier"));
            return;
        };
        identifier = octets[1];
        assert_eq!(usize::from(identifier), round);
        if round > 1 {
            let answer = packet(&draft(&octets)).expect("EAP");
            let expected =
                Packet::Response { identifier: identifier - 1, kind: Type::NOTIFICATION, data: &[] };
            assert_eq!(Packet::parse(&answer), Ok(expected), "RFC 3748 section 5.2");
        }
        let kind = if round == 1 { "Init" } else { "Mid" };
        mn.handle(now(), Input::Received(notification(identifier, kind)));
    }
    panic!("the mobile node never gave up");
}

#[test]
fn a_man_in_the_middle_without_the_secret_gets_nothing() {
    // He reads and signs everything that is keyed with "1", but has another certificate and no MSK.
    let mut hac = peers::eap::offering(G);
    let mut mn = mn(config(PROFILE, G));
    let his = ChannelBinding::new(vec![0xcc; 32]);
    mn.handle(now(), Input::Start);
    mn.handle(now(), Input::Established { channel_binding: his.clone() });
    let conn = peers::CONN;
    hac.handle(now(), proto::hac::Input::Established { conn, channel_binding: binding() });
    let mut refused = None;
    for _ in 0..12 {
        for output in drain(&mut mn) {
            if let Output::Send(octets) = output {
                let octets = resigned(&octets, Profile::Rfc6618, Direction::MnToHac, &binding());
                hac.handle(now(), proto::hac::Input::Received { conn, octets });
            }
        }
        for output in drain(&mut hac) {
            match output {
                proto::hac::Output::Send { octets, .. } => {
                    let octets = resigned(&octets, Profile::Rfc6618, Direction::HacToMn, &his);
                    mn.handle(now(), Input::Received(octets));
                }
                proto::hac::Output::Install(_) => panic!("he has an association"),
                proto::hac::Output::Event(event) => refused = Some(event),
                proto::hac::Output::Close { .. } => {}
            }
        }
    }
    let Some(proto::hac::Event::Refused { refusal, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(refusal, proto::refuse::Refusal::WrongAuth, "EAP went well, the channel binding did not");
}

fn resigned(container: &[u8], profile: Profile, direction: Direction, binding: &ChannelBinding) -> Vec<u8> {
    let mut headers = draft(container);
    if headers.remove(Name::Auth) == 1 {
        let octets = headers.unsigned_octets();
        headers.sign(crypto::auth::auth(profile, direction, ONE, &octets, binding));
    }
    let identifier = wire::container::Identifier::new(container[1]).expect("not 0");
    wire::container::Repr { identifier, content: &headers.octets() }.to_vec().expect("short")
}
