//! RFC 5433 and RFC 3748 section 5.4 against another implementation: the conversations that hostapd had with its peer,
//! out of RADIUS captures, where `../shared` stands beside the checkout.
//!
//! Our peer and our server take the place of theirs, with the random values that they drew. Every packet of ours has to
//! be theirs, octet by octet, and the MSK and the EMSK those that they wrote down.

use std::path::PathBuf;

use crypto::gpsk::{GpskKeys, GpskSuite, Session};
use crypto::keys::Psk;
use proto::Random;
use proto::eap::{Method, Offer, Peer, PeerStep, Secrets, Server, ServerStep};
use wire::eap::{Gpsk, Gpsk1, Gpsk2, Md5Challenge, Packet, Type};
use wire::value::{Nai, hex};

/// The key of hostapd's example file; GPSK-2 proves that it is the one.
const PSK: &[u8] = b"abcdefghijklmnop0123456789abcdef";
/// Sent in clear by the conversation of EAP-GTC beside.
const PASSWORD: &[u8] = b"lab eap password";

const ETHERNET: usize = 14;

/// Draws what somebody else has drawn.
struct Recorded(Vec<Vec<u8>>);

impl Random for Recorded {
    fn fill(&mut self, out: &mut [u8]) {
        let drawn = self.0.remove(0);
        assert_eq!(drawn.len(), out.len(), "another draw than in the capture");
        out.copy_from_slice(&drawn);
    }
}

struct One(Nai, Psk);

impl Secrets for One {
    fn secret(&self, identity: &Nai) -> Option<Psk> {
        (self.0 == *identity).then(|| self.1.clone())
    }
}

/// A file of the captures, or `None` with a printed reason.
fn shared(file: &str) -> Option<Vec<u8>> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    let folder = std::env::var_os("MIP6_SHARED").map_or_else(beside, PathBuf::from);
    let path = folder.join("captures/lab-strongswan/eap-hostapd").join(file);
    match std::fs::read(&path) {
        Ok(octets) => Some(octets),
        Err(error) => {
            println!("skipped: {}: {error}", path.display());
            None
        }
    }
}

/// The EAP packets of a little-endian capture of RADIUS over UDP over IPv4, in order (RFC 3579 section 3.1).
fn conversation(capture: &[u8]) -> Vec<Vec<u8>> {
    assert_eq!(capture.get(..4), Some([0xd4, 0xc3, 0xb2, 0xa1].as_slice()), "a capture");
    assert_eq!(capture.get(20..24), Some([1, 0, 0, 0].as_slice()), "of Ethernet");
    let mut packets = Vec::new();
    let mut rest = &capture[24..];
    while !rest.is_empty() {
        let length = u32::from_le_bytes(rest[8..12].try_into().expect("four octets")) as usize;
        let ip = &rest[16 + ETHERNET..16 + length];
        let udp = &ip[usize::from(ip[0] & 0x0f) * 4..];
        packets.push(eap_message(&udp[8..]));
        rest = &rest[16 + length..];
    }
    packets
}

/// The EAP-Message attributes of one RADIUS packet, joined.
fn eap_message(radius: &[u8]) -> Vec<u8> {
    let mut attributes = &radius[20..];
    let mut packet = Vec::new();
    while let &[kind, length, ..] = attributes {
        let (attribute, rest) = attributes.split_at(usize::from(length));
        if kind == 79 {
            packet.extend_from_slice(&attribute[2..]);
        }
        attributes = rest;
    }
    packet
}

/// The octets of a line such as `EAP-GPSK: MSK - hexdump(len=64): 81 45 ...`.
fn noted(keys: &[u8], what: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(keys);
    let line = text.lines().find(|line| line.starts_with(what)).expect("the key is noted");
    let digits: String = line.rsplit(':').next().unwrap_or_default().split_whitespace().collect();
    hex::decode(digits.as_bytes()).expect("hex")
}

fn gpsk(packet: &[u8]) -> Gpsk {
    match Packet::parse(packet).expect("legal") {
        Packet::Request { kind: Type::GPSK, data, .. } | Packet::Response { kind: Type::GPSK, data, .. } => {
            Gpsk::parse(data).expect("legal")
        }
        other => panic!("not GPSK: {other:?}"),
    }
}

fn nai(text: &str) -> Nai {
    Nai::parse(text.as_bytes()).expect("legal")
}

fn secret(octets: &[u8]) -> Psk {
    Psk::new(octets.to_vec()).expect("not empty")
}

/// The request that asks for the identity is not in the captures: RADIUS begins with the response.
fn identity_request(identifier: u8) -> Vec<u8> {
    Packet::Request { identifier, kind: Type::IDENTITY, data: &[] }.to_vec().expect("short")
}

/// Feeds the requests to a peer; it has to answer as theirs did.
fn play_peer(mut peer: Peer, random: &mut Recorded, turns: &[(Vec<u8>, &Vec<u8>)]) -> proto::eap::Conclusion {
    for (request, expected) in turns {
        match peer.handle(random, request).expect("legal") {
            PeerStep::Respond { response, next } => {
                assert_eq!(response, **expected);
                peer = next;
            }
            PeerStep::Conclude { response, conclusion } => {
                assert_eq!(response, **expected);
                return conclusion;
            }
        }
    }
    panic!("the method did not end")
}

#[test]
fn gpsk_as_hostapd_and_its_peer_spoke_it() {
    let (Some(capture), Some(keys)) = (shared("gpsk.pcap"), shared("gpsk.keys.txt")) else { return };
    let packets = conversation(&capture);
    let [identity, one, two, three, four, success] = packets.as_slice() else { panic!("not six packets") };
    let (Gpsk::One(Gpsk1 { rand_server, suites, id_server }), Gpsk::Two(Gpsk2 { rand_peer, id_peer, .. })) =
        (gpsk(one), gpsk(two))
    else {
        panic!("not GPSK-1 and GPSK-2")
    };
    let (msk, emsk) = (noted(&keys, "EAP-GPSK: MSK"), noted(&keys, "EAP-GPSK: EMSK"));

    let session = Session {
        rand_peer: &rand_peer,
        id_peer: &id_peer,
        rand_server: &rand_server,
        id_server: &id_server,
    };
    let derived = GpskKeys::derive(GpskSuite::AesCmac, &secret(PSK), &session).expect("long enough");
    assert_eq!(derived.msk().as_octets(), msk, "MSK");
    assert_eq!(derived.emsk(), emsk, "EMSK");

    let peer = Peer::new(nai("gpsk@example.org"), secret(PSK), Method::Gpsk);
    let turns = [(identity_request(identity[1]), identity), (one.clone(), two), (three.clone(), four)];
    let conclusion = play_peer(peer, &mut Recorded(vec![rand_peer.to_vec()]), &turns);
    assert_eq!(conclusion.msk().expect("GPSK derives one").as_octets(), msk);
    assert_eq!(conclusion.check(success), Ok(()));

    let offer = Offer { gpsk_suites: GpskSuite::ALL.to_vec(), name: id_server, ..Offer::default() };
    assert_eq!(suites, offer.gpsk_suites.iter().map(|suite| suite.code()).collect::<Vec<_>>());
    let known = One(nai("gpsk@example.org"), secret(PSK));
    let mut random = Recorded(vec![vec![identity[1]], rand_server.to_vec()]);
    let (server, request) = Server::start(&mut random).expect("short");
    assert_eq!(request, identity_request(identity[1]));
    let mut say =
        |server: Server, packet: &[u8]| server.handle(&offer, &known, &mut random, packet).expect("legal");
    let ServerStep::Ask { request, next } = say(server, identity) else { panic!("no GPSK-1") };
    assert_eq!(request, *one);
    let ServerStep::Ask { request, next } = say(next, two) else { panic!("no GPSK-3") };
    assert_eq!(request, *three);
    let ServerStep::Succeed { identifier, who, msk: exported } = say(next, four) else {
        panic!("no success")
    };
    assert_eq!(Packet::Success { identifier }.to_vec().as_deref(), Ok(success.as_slice()));
    assert_eq!((who, exported.expect("GPSK derives one").as_octets()), (known.0.clone(), msk.as_slice()));
}

#[test]
fn gpsk_of_the_capture_with_one_bit_changed_is_refused() {
    let Some(capture) = shared("gpsk.pcap") else { return };
    let packets = conversation(&capture);
    let [identity, one, two, three, ..] = packets.as_slice() else { panic!("not six packets") };
    let (Gpsk::One(first), Gpsk::Two(second)) = (gpsk(one), gpsk(two)) else { panic!("not 1 and 2") };
    let mut faults = 0;
    for bit in (6 * 8)..(three.len() * 8) {
        let mut changed = three.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let peer = Peer::new(nai("gpsk@example.org"), secret(PSK), Method::Gpsk);
        let mut random = Recorded(vec![second.rand_peer.to_vec()]);
        let Ok(PeerStep::Respond { next, .. }) = peer.handle(&mut random, one) else { panic!("no GPSK-2") };
        assert!(next.handle(&mut random, &changed).is_err(), "bit {bit} of GPSK-3");
        faults += 1;
    }
    let known = One(nai("gpsk@example.org"), secret(PSK));
    let offer = Offer { name: first.id_server, ..Offer::default() };
    for bit in (6 * 8)..(two.len() * 8) {
        let mut changed = two.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let mut random = Recorded(vec![vec![identity[1]], first.rand_server.to_vec()]);
        let (server, _) = Server::start(&mut random).expect("short");
        let Ok(ServerStep::Ask { next, .. }) = server.handle(&offer, &known, &mut random, identity) else {
            panic!("no GPSK-1")
        };
        match next.handle(&offer, &known, &mut random, &changed) {
            Err(_) => {}
            Ok(ServerStep::Ask { request, .. }) => {
                assert!(matches!(gpsk(&request), Gpsk::Fail(_)), "bit {bit} of GPSK-2");
            }
            Ok(ServerStep::Succeed { .. } | ServerStep::Fail { .. }) => panic!("bit {bit} of GPSK-2"),
        }
        faults += 1;
    }
    assert_eq!(faults, (three.len() + two.len() - 12) * 8);
}

#[test]
fn md5_as_hostapd_and_its_peer_spoke_it() {
    let Some(capture) = shared("md5.pcap") else { return };
    let packets = conversation(&capture);
    let [identity, challenge, hash, success] = packets.as_slice() else { panic!("not four packets") };
    let peer = Peer::new(nai("md5@example.org"), secret(PASSWORD), Method::Md5Challenge);
    let turns = [(identity_request(identity[1]), identity), (challenge.clone(), hash)];
    let conclusion = play_peer(peer, &mut Recorded(Vec::new()), &turns);
    assert!(conclusion.msk().is_none());
    assert_eq!(conclusion.check(success), Ok(()));

    let Ok(Packet::Request { data, .. }) = Packet::parse(challenge) else { panic!("no challenge") };
    let value = Md5Challenge::parse(data).expect("legal").value.to_vec();
    let offer = Offer { methods: vec![Method::Md5Challenge], ..Offer::default() };
    let known = One(nai("md5@example.org"), secret(PASSWORD));
    let mut random = Recorded(vec![vec![identity[1]], value]);
    let (server, _) = Server::start(&mut random).expect("short");
    let Ok(ServerStep::Ask { request, next }) = server.handle(&offer, &known, &mut random, identity) else {
        panic!("no challenge")
    };
    assert_eq!(request, *challenge);
    let Ok(ServerStep::Succeed { identifier, msk: None, .. }) =
        next.handle(&offer, &known, &mut random, hash)
    else {
        panic!("no success")
    };
    assert_eq!(Packet::Success { identifier }.to_vec().as_deref(), Ok(success.as_slice()));
}
