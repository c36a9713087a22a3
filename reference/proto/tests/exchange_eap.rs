//! RFC 6618 section 5.9 at the HAC: what is no fault, methods that end in a Mid (C12), and whose choice is whose.

mod peers;

use std::time::Duration;

use crypto::auth::Direction;
use peers::eap::{
    Change, Forged, ONE, PROFILE, SECRET, config, draft, exchange, hac, is_signed, msk, offering, packet,
    policy, relay, signed,
};
use peers::{CONN, Story, alice, binding, drain, mn, now};
use proto::Machine;
use proto::eap::Method;
use proto::hac::{Aaa, Event, Hac, Input, Output, Policy};
use proto::refuse::Refusal;
use wire::eap::Packet;
use wire::message::{Response, SaData};
use wire::value::{Scope, Status};
use wire::{Draft, Name};

const G: Method = Method::Gpsk;
const M: Method = Method::Md5Challenge;

/// What looks odd but is legal, or is to be tolerated.
const ACCEPTED: &[(&str, Method, &[Change])] = &[
    ("the twin of all with an MSK", G, &[]),
    ("the twin of all without", M, &[]),
    ("signed anew, and nothing else", G, &[(2, |_| {}), (4, |_| {}), (6, |_| {})]),
    (
        "EX-05 Done as request 255",
        G,
        &[
            (4, |f| f.identifier = 254),
            (5, |f| f.identifier = 3),
            (6, |f| f.identifier = 255),
            (7, |f| f.identifier = 4),
        ],
    ),
    (
        "EA-03 a Done that comes too early",
        G,
        &[(4, |f| {
            f.draft.insert(0, b"mip6-sas", b"1");
            f.draft.insert(0, b"mip6-suitelist", b"{00,2F}");
        })],
    ),
    ("EA-12 a hac-rand", G, &[(6, |f| f.draft.insert(0, b"hac-rand", &[b'7'; 64]))]),
    ("MS-07 the same mn-id", G, &[(6, |f| f.draft.insert(0, b"mn-id", b"alice@example.com"))]),
    (
        "MS-02 no mn-rand",
        G,
        &[(0, |f| {
            f.remove(Name::MnRand);
            f.key = None;
        })],
    ),
];

#[test]
fn what_is_no_fault() {
    for (row, method, changes) in ACCEPTED {
        let story = exchange(*method, changes);
        assert_eq!(story.installed.len(), 1, "{row}: {:?} {:?}", story.hac_events, story.mn_events);
        assert_eq!((story.hac_closed, story.mn_closed), (1, 1), "{row}");
    }
}

/// What the HAC says to one container.
fn ask(hac: &mut Hac, octets: Vec<u8>) -> (Vec<u8>, Vec<Output>) {
    hac.handle(now(), Input::Received { conn: CONN, octets });
    let mut outputs = drain(hac);
    let at = outputs.iter().position(|output| matches!(output, Output::Send { .. })).expect("an answer");
    let Output::Send { octets, .. } = outputs.remove(at) else { unreachable!("found as such") };
    (octets, outputs)
}

/// The last response of a method came in a Mid: the HAC's answer, and the key of the Done that is still due.
fn ended_in_a_mid(method: Method, number: usize) -> (Hac, Story, Vec<u8>) {
    let mut hac = offering(method);
    let as_mid: fn(&mut Forged) = |f| {
        f.remove(Name::Sas);
        f.remove(Name::Suitelist);
        f.key = Some(ONE.to_vec());
    };
    let story = relay(&mut hac, &mut mn(config(PROFILE, method)), PROFILE, &[(number, as_mid)]);
    let key = if method == Method::Gpsk { msk(&story.containers, SECRET) } else { ONE.to_vec() };
    let answer = story.containers.last().expect("an answer");
    assert!(is_signed(answer, (PROFILE, Direction::HacToMn, ONE)));
    let headers = draft(answer);
    assert!(headers.value(Name::StatusCode).is_none() && packet(&headers).is_none(), "EA-04: no success yet");
    assert!(story.hac_events.is_empty() && story.hac_closed == 0);
    (hac, story, key)
}

fn done() -> Draft {
    let mut draft = Draft::new();
    draft.push(Name::Sas, "1");
    draft.push(Name::Suitelist, "{00,2F}");
    draft
}

#[test]
fn a_method_may_end_in_a_mid_and_the_done_follows() {
    for (method, number) in [(Method::Gpsk, 6), (Method::Md5Challenge, 4)] {
        let (mut hac, _, key) = ended_in_a_mid(method, number);
        let (answer, others) = ask(&mut hac, signed(9, done(), (PROFILE, Direction::MnToHac, &key)));
        assert!(others.iter().any(|output| matches!(output, Output::Install(_))), "{others:?}");
        assert!(is_signed(&answer, (PROFILE, Direction::HacToMn, &key)));
        let success = packet(&draft(&answer)).expect("EAP");
        assert!(matches!(Packet::parse(&success), Ok(Packet::Success { .. })));
        let Ok(Response::Final(response)) = Response::parse(&draft(&answer).octets()) else {
            panic!("not final")
        };
        let SaData { scope, .. } = response.grant.expect("a grant").sa;
        assert_eq!((response.status, scope), (Status::OK, Scope::AllTraffic));
    }
}

#[test]
fn after_a_method_has_ended_only_a_done_with_its_key_fits() {
    type Spoil = fn(&mut Draft, &mut Vec<u8>);
    let spoilt: [(&str, Spoil, Status); 4] = [
        ("keyed with 1", |_, key| *key = ONE.to_vec(), Status::UNAUTHORIZED),
        (
            "a Mid",
            |draft, _| {
                draft.remove(Name::Sas);
                draft.remove(Name::Suitelist);
                draft.push(Name::EapPayload, "0201000501");
            },
            Status::BAD_REQUEST,
        ),
        ("more EAP", |draft, _| draft.push(Name::EapPayload, "0201000501"), Status::BAD_REQUEST),
        ("no common suite", |draft, _| draft.set(Name::Suitelist, b"{00,01}"), Status::NOT_IMPLEMENTED),
    ];
    for (what, spoil, status) in spoilt {
        let (mut hac, _, key) = ended_in_a_mid(Method::Gpsk, 6);
        let (mut request, mut used) = (done(), key.clone());
        spoil(&mut request, &mut used);
        let (answer, others) = ask(&mut hac, signed(9, request, (PROFILE, Direction::MnToHac, &used)));
        let [Output::Event(Event::Refused { refusal, .. }), Output::Close { .. }] = others.as_slice() else {
            panic!("{what}: {others:?}")
        };
        assert_eq!(refusal.status(), status, "{what}");
        assert!(is_signed(&answer, (PROFILE, Direction::HacToMn, &key)), "{what}: C12, errors too");
    }
}

#[test]
fn the_association_belongs_to_whom_eap_has_found() {
    let mut hac = offering(Method::Gpsk);
    let as_bob: Change = (0, |f| {
        f.set(Name::MnId, "bob@example.com");
    });
    let story = relay(&mut hac, &mut mn(config(PROFILE, Method::Gpsk)), PROFILE, &[as_bob]);
    let [sa] = story.installed.as_slice() else { panic!("not exactly one association") };
    assert_eq!(sa.mn_id, alice(), "EA-10");
}

#[test]
fn the_order_of_the_policy_chooses_between_psk_and_eap() {
    for methods in [[wire::Method::Psk, wire::Method::Eap], [wire::Method::Eap, wire::Method::Psk]] {
        let mut hac = hac(Policy { methods: methods.to_vec(), ..policy(PROFILE) });
        hac.handle(now(), Input::Established { conn: CONN, channel_binding: binding() });
        let mut init = Draft::new();
        init.push(Name::MnId, alice());
        init.push_raw(b"mn-rand", &[b'7'; 64]);
        init.push(Name::AuthMethod, "psk,eap");
        let octets = init.octets();
        let length = u16::try_from(octets.len()).expect("short").to_be_bytes();
        let (answer, _) = ask(&mut hac, [&[0, 1], length.as_slice(), &octets].concat());
        assert_eq!(draft(&answer).value(Name::AuthMethod), Some(methods[0].as_str().as_bytes()));
    }
}

#[test]
fn rounds_end_with_request_255() {
    let story = exchange(Method::Gpsk, &[(4, |f| f.identifier = 255)]);
    let [Event::Refused { refusal: Refusal::TooManyRounds, .. }] = story.hac_events.as_slice() else {
        panic!("{:?}", story.hac_events)
    };
    let story = exchange(Method::Gpsk, &[(4, |f| f.identifier = 254)]);
    assert!(story.hac_events.is_empty(), "one more request fits: {:?}", story.hac_events);
}

#[test]
fn a_silent_aaa_server_costs_its_patience_and_no_more() {
    let patience = Duration::from_secs(5);
    let realm = alice().as_str().split('@').next_back().map(str::to_owned);
    let mut hac = hac(Policy { aaa: Aaa { realm, patience }, ..policy(PROFILE) });
    let story = relay(&mut hac, &mut mn(config(PROFILE, Method::Gpsk)), PROFILE, &[]);
    assert_eq!(story.containers.len(), 3, "nothing is said while the HAC waits");
    // What comes meanwhile is heard by nobody.
    hac.handle(now(), Input::Received { conn: CONN, octets: story.containers[2].clone() });
    hac.handle_timeout(now() + (patience - Duration::from_millis(1)));
    assert!(drain(&mut hac).is_empty());
    assert_eq!(hac.poll_timeout(), Some(now() + patience));
    hac.handle_timeout(now() + patience);
    let outputs = drain(&mut hac);
    let [Output::Event(Event::Refused { refusal, .. }), Output::Send { octets, .. }, Output::Close { .. }] =
        outputs.as_slice()
    else {
        panic!("{outputs:?}")
    };
    assert_eq!(*refusal, Refusal::AaaSilent);
    assert_eq!(draft(octets).value(Name::StatusCode), Some(b"504".as_slice()));
    assert!(is_signed(octets, (PROFILE, Direction::HacToMn, ONE)));
}
