//! RFC 6618 section 5.9: the exchange by EAP, a HAC value against a mobile node value.

mod peers;

use crypto::auth::{Direction, Profile};
use crypto::gpsk::GpskSuite;
use peers::eap::{ONE, SECRET, config, draft, hac, is_signed, msk, packet, policy};
use peers::{CONN, PROFILES, Story, after, alice, mn, nai, psk, run};
use proto::eap::{Method, Offer};
use proto::hac::Policy;
use proto::mn::{Config, Event};
use proto::refuse::Refusal;
use wire::Name;
use wire::eap::{Packet, Type};
use wire::value::Status;

fn assert_granted(story: &Story) {
    let [sa] = story.installed.as_slice() else {
        panic!("not exactly one association: {:?}, {:?}", story.mn_events, story.hac_events)
    };
    assert_eq!((&sa.mn_id, sa.end()), (&alice(), after(24 * 60 * 60)));
    assert!(!sa.keys.directions_share_a_key());
    let told = story.mn_events.iter().find_map(|event| match event {
        Event::Bootstrapped { spi, .. } => Some(*spi),
        _ => None,
    });
    assert_eq!(told, Some(sa.spi));
    assert_eq!((story.hac_closed, story.mn_closed), (1, 1), "both ends close");
    assert_eq!(story.transmitted.len(), 1, "the Binding Update follows at once");
}

#[test]
fn both_methods_in_both_profiles_in_any_slicing() {
    for profile in PROFILES {
        for method in Method::ALL {
            for slice in [1, 3, 7, 100_000] {
                let offer = Offer { methods: vec![method], ..Offer::default() };
                let mut hac = hac(Policy { eap: offer, ..policy(profile) });
                let story = run(&mut hac, &mut mn(config(profile, method)), slice, CONN);
                assert_granted(&story);
                assert_eq!(hac.connections(), 0, "no trace of the connection is left");
            }
        }
    }
}

#[test]
fn either_ciphersuite_of_gpsk() {
    for suites in [vec![GpskSuite::AesCmac], vec![GpskSuite::HmacSha256], GpskSuite::ALL.to_vec()] {
        let offer = Offer { gpsk_suites: suites, ..Offer::default() };
        let profile = Profile::Rfc6618;
        let mut hac = hac(Policy { eap: offer, ..policy(profile) });
        assert_granted(&run(&mut hac, &mut mn(config(profile, Method::Gpsk)), 100_000, CONN));
    }
}

/// The EAP type of a request or response, or the name of a result.
fn kind(container: &[u8]) -> String {
    match packet(&draft(container)).as_deref().map(|packet| Packet::parse(packet).expect("legal")) {
        None => "no EAP".to_owned(),
        Some(Packet::Request { kind, .. }) => format!("request {}", kind.0),
        Some(Packet::Response { kind, .. }) => format!("response {}", kind.0),
        Some(Packet::Success { .. }) => "success".to_owned(),
        Some(Packet::Failure { .. }) => "failure".to_owned(),
    }
}

#[test]
fn gpsk_takes_eight_messages_and_the_last_two_are_keyed_with_the_msk() {
    for profile in PROFILES {
        let story = run(&mut hac(policy(profile)), &mut mn(config(profile, Method::Gpsk)), 100_000, CONN);
        let kinds: Vec<String> = story.containers.iter().map(|container| kind(container)).collect();
        assert_eq!(
            kinds,
            [
                "no EAP",
                "request 1",
                "response 1",
                "request 51",
                "response 51",
                "request 51",
                "response 51",
                "success"
            ]
        );
        assert_keyed(&story, profile, 6, &msk(&story.containers, SECRET));
    }
}

#[test]
fn md5_takes_six_messages_all_keyed_with_one() {
    for profile in PROFILES {
        let mut mn = mn(config(profile, Method::Md5Challenge));
        let offer = Offer { methods: vec![Method::Md5Challenge], ..Offer::default() };
        let story = run(&mut hac(Policy { eap: offer, ..policy(profile) }), &mut mn, 100_000, CONN);
        let kinds: Vec<String> = story.containers.iter().map(|container| kind(container)).collect();
        assert_eq!(kinds, ["no EAP", "request 1", "response 1", "request 4", "response 4", "success"]);
        assert_keyed(&story, profile, 4, ONE);
    }
}

/// Every message has exactly the `auth` that it should have; those from number `done` on are Done messages.
fn assert_keyed(story: &Story, profile: Profile, done: usize, key_of_done: &[u8]) {
    assert!(draft(&story.containers[0]).value(Name::Auth).is_none(), "request Init has no auth");
    for (number, container) in story.containers.iter().enumerate().skip(1) {
        let direction = if number.is_multiple_of(2) { Direction::MnToHac } else { Direction::HacToMn };
        let key = if number < done { ONE } else { key_of_done };
        assert!(is_signed(container, (profile, direction, key)), "message {number}");
        assert_eq!(usize::from(container[1]), number / 2 + 1, "Identifier of message {number}");
        let headers = draft(container);
        let status = headers.value(Name::StatusCode);
        assert_eq!(status.is_some(), number + 1 == story.containers.len(), "only the last has a status");
        assert!(headers.value(Name::MnRand).is_none() && headers.value(Name::HacRand).is_none());
    }
}

#[test]
fn a_nak_leads_to_the_method_that_the_mobile_node_has() {
    let profile = Profile::Rfc6618;
    for (wanted, methods) in [
        (Method::Md5Challenge, vec![Method::Gpsk, Method::Md5Challenge]),
        (Method::Gpsk, vec![Method::Md5Challenge, Method::Gpsk]),
    ] {
        let offer = Offer { methods, ..Offer::default() };
        let mut hac = hac(Policy { eap: offer, ..policy(profile) });
        let story = run(&mut hac, &mut mn(config(profile, wanted)), 100_000, CONN);
        assert_granted(&story);
        let nak = packet(&draft(&story.containers[4])).expect("EAP");
        let Ok(Packet::Response { kind: Type::NAK, data, .. }) = Packet::parse(&nak) else {
            panic!("{nak:?}")
        };
        assert_eq!(data, [wanted.kind().0]);
    }
}

#[test]
fn a_key_too_short_for_the_only_ciphersuite_ends_in_a_nak() {
    let profile = Profile::Rfc6618;
    let offer = Offer { gpsk_suites: vec![GpskSuite::HmacSha256], ..Offer::default() };
    let mut hac = hac(Policy { eap: offer, ..policy(profile) });
    let story = run(
        &mut hac,
        &mut mn(Config { psk: psk(b"only 16 octets.."), ..config(profile, Method::Gpsk) }),
        100_000,
        CONN,
    );
    assert_refused(&story, &Refusal::EapFailure, Status::UNAUTHORIZED);
    let nak = packet(&draft(&story.containers[4])).expect("EAP");
    assert!(matches!(Packet::parse(&nak), Ok(Packet::Response { kind: Type::NAK, data: [0], .. })));
}

#[test]
fn wrong_secrets_and_strangers_get_the_same_failure() {
    type Change = fn(&mut Config);
    let changes: [(&str, Change); 2] = [
        ("secret", |config| config.psk = psk(b"another secret of 32 octets, too")),
        ("identity", |config| config.mn_id = nai("eve@example.com")),
    ];
    for profile in PROFILES {
        for method in Method::ALL {
            let answers = changes.map(|(what, change)| {
                let mut config = config(profile, method);
                change(&mut config);
                let offer = Offer { methods: vec![method], ..Offer::default() };
                let mut hac = hac(Policy { eap: offer, ..policy(profile) });
                let story = run(&mut hac, &mut mn(config), 100_000, CONN);
                assert_refused(&story, &Refusal::EapFailure, Status::UNAUTHORIZED);
                let last = story.containers.last().expect("an answer");
                assert_eq!(kind(last), "failure", "{what}");
                assert!(is_signed(last, (profile, Direction::HacToMn, ONE)), "{what}: there is no MSK");
                let names: Vec<_> = story.containers.iter().map(|container| kind(container)).collect();
                (names, story.containers.iter().map(Vec::len).skip(1).step_by(2).collect::<Vec<_>>())
            });
            assert_eq!(answers[0], answers[1], "nothing tells who is known");
        }
    }
}

fn assert_refused(story: &Story, refusal: &Refusal, status: Status) {
    assert!(story.installed.is_empty());
    let [proto::hac::Event::Refused { refusal: said, .. }] = story.hac_events.as_slice() else {
        panic!("{:?}", story.hac_events)
    };
    assert_eq!((said, said.status()), (refusal, status));
    let last = draft(story.containers.last().expect("an answer"));
    assert_eq!(last.value(Name::StatusCode), Some(status.to_string().as_bytes()));
    assert!(last.value(Name::Spi).is_none());
    let [Event::Failed(failure)] = story.mn_events.as_slice() else { panic!("{:?}", story.mn_events) };
    assert_eq!(failure.field, "status-code");
}

#[test]
fn what_the_policy_does_not_have_is_not_spoken() {
    let profile = Profile::Rfc6618;
    let only_psk = Policy { methods: vec![wire::Method::Psk], ..policy(profile) };
    let story = run(&mut hac(only_psk), &mut mn(config(profile, Method::Gpsk)), 100_000, CONN);
    assert_refused(&story, &Refusal::NoCommonMethod, Status::NOT_IMPLEMENTED);
    let last = story.containers.last().expect("an answer");
    assert!(is_signed(last, (profile, Direction::HacToMn, ONE)), "the key of EAP, which was asked for");

    let only_eap = Policy { methods: vec![wire::Method::Eap], ..policy(profile) };
    let by_psk = Config::new(alice(), psk(SECRET), peers::care_of());
    let story = run(&mut hac(only_eap), &mut mn(by_psk), 100_000, CONN);
    assert_refused(&story, &Refusal::NoCommonMethod, Status::NOT_IMPLEMENTED);

    let with_msk = Policy { eap: Offer::default(), ..policy(profile) };
    let story = run(&mut hac(with_msk), &mut mn(config(profile, Method::Md5Challenge)), 100_000, CONN);
    assert_refused(&story, &Refusal::EapFailure, Status::UNAUTHORIZED);
}
