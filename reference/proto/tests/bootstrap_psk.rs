//! RFC 6618 section 5.8: the exchange by PSK, a HAC value against a mobile node value.

mod peers;

use std::time::Duration;

use crypto::channel_binding::ChannelBinding;
use peers::*;
use proto::hac::{self, ConnId, ScopePolicy};
use proto::mn::{self, Event, Fault};
use proto::refuse::Refusal;
use proto::{Machine, Random};
use wire::container::{Container, Repr};
use wire::message::{Request, Response};
use wire::value::{Ciphersuite, Scope, Status};

fn bootstrapped(story: &Story) -> &Event {
    let mut events = story.mn_events.iter();
    let found = events.find(|event| matches!(event, Event::Bootstrapped { .. }));
    found.unwrap_or_else(|| panic!("not bootstrapped: {:?}, {:?}", story.mn_events, story.hac_events))
}

fn content(container: &[u8]) -> Repr<'_> {
    Repr::parse(&Container::new_checked(container).expect("whole")).expect("legal")
}

fn final_response(story: &Story) -> wire::FinalResponse {
    let last = story.containers.last().expect("something was sent");
    match Response::parse(content(last).content).expect("legal") {
        Response::Final(response) => response,
        other => panic!("not final: {other:?}"),
    }
}

#[test]
fn every_suite_in_both_profiles_in_any_slicing() {
    for profile in PROFILES {
        for suite in Ciphersuite::ALL {
            for slice in [1, 3, 7, 100_000] {
                let mut hac = hac(policy(profile));
                let mut mn = mn(mn::Config { suites: vec![suite], ..config(profile) });
                let story = run(&mut hac, &mut mn, slice, CONN);
                assert_granted(&story, suite, Scope::AllTraffic);
                assert_eq!((story.hac_closed, story.mn_closed), (1, 1), "both ends close");
                assert_eq!(hac.connections(), 0, "no trace of the connection is left");
                assert_eq!(hac.poll_timeout(), None);
            }
        }
    }
}

fn assert_granted(story: &Story, suite: Ciphersuite, scope: Scope) {
    let [sa] = story.installed.as_slice() else { panic!("not exactly one association") };
    assert_eq!((sa.suite, sa.scope), (suite, scope));
    assert_eq!(sa.mn_id, alice());
    assert_eq!(sa.end(), after(24 * 60 * 60));
    assert!(!sa.keys.directions_share_a_key());

    let Event::Bootstrapped { ha, home, spi, suite: told, scope: covered, validity_end } =
        bootstrapped(story)
    else {
        unreachable!("found as such")
    };
    assert_eq!((*spi, *told, *covered, *validity_end), (sa.spi, suite, scope, sa.validity_end));
    assert_eq!((home, ha.ip6, ha.port), (&sa.home, sa.ha, 7872));
    assert!(home.ip6.is_some());

    let grant = final_response(story).grant.expect("a grant");
    assert_eq!(grant.sa.mn_to_ha.ikey, sa.keys.mn_to_ha.ikey());
    assert_eq!(grant.sa.ha_to_mn.ikey, sa.keys.ha_to_mn.ikey());
    assert_eq!(grant.sa.mn_to_ha.ekey.as_deref(), sa.keys.mn_to_ha.ekey());
    assert_eq!(grant.sa.ha_to_mn.ekey.as_deref(), sa.keys.ha_to_mn.ekey());
    assert_eq!(story.transmitted.len(), 1, "the Binding Update follows at once");
}

#[test]
fn four_messages_in_order() {
    let profile = PROFILES[0];
    let story = run(&mut hac(policy(profile)), &mut mn(config(profile)), 100_000, CONN);
    let [init, first, done, last] = story.containers.as_slice() else { panic!("not four messages") };
    let identifiers = [init, first, done, last].map(|container| content(container).identifier.get());
    assert_eq!(identifiers, [1, 1, 2, 2]);

    let request =
        |octets| Request::parse(content(octets).identifier, content(octets).content).expect("legal");
    let Request::Init(init) = request(init) else { panic!("not Init") };
    let Response::Init(first) = Response::parse(content(first).content).expect("legal") else {
        panic!("not Init")
    };
    let Request::Done(done) = request(done) else { panic!("not Done") };
    let last = final_response(&story);

    assert!(init.mn_rand.is_some() && first.hac_rand.is_some());
    assert_eq!((first.mn_rand, done.mn_rand, last.mn_rand), (init.mn_rand, init.mn_rand, init.mn_rand));
    assert_eq!((done.hac_rand, last.hac_rand), (first.hac_rand, first.hac_rand));
    assert_eq!(last.status, Status::OK);
    assert!(last.auth.is_some());
}

#[test]
fn the_order_of_the_policy_chooses_the_suite() {
    let profile = PROFILES[0];
    let preference = vec![Ciphersuite::NullSha, Ciphersuite::Aes128Sha, Ciphersuite::TripleDesSha];
    let offer = vec![Ciphersuite::Aes128Sha256, Ciphersuite::TripleDesSha, Ciphersuite::Aes128Sha];
    let mut hac = hac(hac::Policy { suites: preference, ..policy(profile) });
    let mut mn = mn(mn::Config { suites: offer, ..config(profile) });
    let story = run(&mut hac, &mut mn, 100_000, CONN);
    assert_granted(&story, Ciphersuite::Aes128Sha, Scope::AllTraffic);
}

#[test]
fn the_hac_has_the_last_word_on_the_scope() {
    let profile = PROFILES[0];
    for proposed in Scope::ALL {
        for (decision, granted) in [
            (ScopePolicy::AsProposed, proposed),
            (ScopePolicy::Mandate(Scope::SignalingOnly), Scope::SignalingOnly),
            (ScopePolicy::Mandate(Scope::AllTraffic), Scope::AllTraffic),
        ] {
            let mut hac = hac(hac::Policy { scope: decision, ..policy(profile) });
            let mut mn = mn(mn::Config { scope: proposed, ..config(profile) });
            let story = run(&mut hac, &mut mn, 100_000, CONN);
            assert_granted(&story, Ciphersuite::Aes128Sha256, granted);
        }
    }
}

#[test]
fn every_bootstrap_has_fresh_keys_nonces_and_spi_and_the_same_home_address() {
    let profile = PROFILES[0];
    let mut hac = hac(policy(profile));
    let mut seen = std::collections::BTreeSet::new();
    let mut homes = std::collections::BTreeSet::new();
    let mut mn = mn(config(profile));
    for number in 0..20 {
        let story = run(&mut hac, &mut mn, 100_000, ConnId(number));
        let [sa] = story.installed.as_slice() else { panic!("not exactly one association") };
        let last = final_response(&story);
        let fresh: [Vec<u8>; 7] = [
            sa.keys.mn_to_ha.ikey().to_vec(),
            sa.keys.ha_to_mn.ikey().to_vec(),
            sa.keys.mn_to_ha.ekey().expect("AES").to_vec(),
            sa.keys.ha_to_mn.ekey().expect("AES").to_vec(),
            last.mn_rand.expect("echoed").0.to_vec(),
            last.hac_rand.expect("echoed").0.to_vec(),
            sa.spi.get().to_be_bytes().to_vec(),
        ];
        homes.insert(sa.home.ip6);
        assert!(fresh.into_iter().all(|value| seen.insert(value)), "something was used twice");
    }
    assert_eq!(homes.len(), 1);
}

#[test]
fn another_key_profile_or_certificate_is_refused_without_an_association() {
    type Change = fn(&mut mn::Config);
    let changes: [(&str, Change); 2] = [
        ("key", |config| config.psk = psk(b"not the key")),
        ("profile", |config| config.profile = PROFILES[1]),
    ];
    for (what, change) in changes {
        let mut changed = config(PROFILES[0]);
        change(&mut changed);
        let story = run(&mut hac(policy(PROFILES[0])), &mut mn(changed), 100_000, CONN);
        assert!(story.installed.is_empty(), "{what}");
        let [Event::Failed(failure)] = story.mn_events.as_slice() else {
            panic!("{what}: {:?}", story.mn_events)
        };
        assert_eq!(
            (failure.fault, failure.field),
            (Fault::Hac, "auth"),
            "{what}: the mobile node notices first"
        );
    }
}

#[test]
fn a_man_in_the_middle_has_another_certificate() {
    let (mut hac, mut mn) = (hac(policy(PROFILES[0])), mn(config(PROFILES[0])));
    hac.handle(now(), hac::Input::Established { conn: CONN, channel_binding: binding() });
    mn.handle(now(), mn::Input::Start);
    let channel_binding = ChannelBinding::new(vec![0xcc; 32]);
    mn.handle(now(), mn::Input::Established { channel_binding });
    let outputs = drain(&mut mn);
    let [mn::Output::Connect, mn::Output::Send(init)] = outputs.as_slice() else { panic!("{outputs:?}") };
    hac.handle(now(), hac::Input::Received { conn: CONN, octets: init.clone() });
    let hac::Output::Send { octets, .. } = hac.poll_output().expect("an answer") else { panic!("no answer") };
    mn.handle(now(), mn::Input::Received(octets));
    let outputs = drain(&mut mn);
    let [mn::Output::Close, mn::Output::Event(Event::Failed(failure))] = outputs.as_slice() else {
        panic!("{outputs:?}")
    };
    assert_eq!((failure.fault, failure.field), (Fault::Hac, "auth"));
}

#[test]
fn silence_and_hang_ups_end_the_exchange() {
    let mut hac = hac(policy(PROFILES[0]));
    hac.handle(now(), hac::Input::Established { conn: CONN, channel_binding: binding() });
    hac.handle(now(), hac::Input::Received { conn: CONN, octets: vec![0, 1, 0] });
    let deadline = hac.poll_timeout().expect("a deadline");
    assert_eq!(deadline, now() + Duration::from_secs(30));
    hac.handle_timeout(now());
    assert!(drain(&mut hac).is_empty(), "too early changes nothing");
    hac.handle_timeout(deadline);
    let outputs = drain(&mut hac);
    assert!(
        matches!(
            outputs.as_slice(),
            [hac::Output::Event(hac::Event::Abandoned { unread: 3, .. }), hac::Output::Close { conn: CONN }]
        ),
        "{outputs:?}"
    );

    let mut mn = mn(config(PROFILES[0]));
    mn.handle(now(), mn::Input::Start);
    mn.handle(now(), mn::Input::Closed);
    let outputs = drain(&mut mn);
    let [mn::Output::Connect, mn::Output::Event(Event::Failed(failure))] = outputs.as_slice() else {
        panic!("{outputs:?}")
    };
    assert_eq!(failure.fault, Fault::Path);
    assert_eq!(mn.poll_timeout(), None);
}

#[test]
fn more_connections_than_the_policy_allows_are_closed_at_once() {
    let mut hac = hac(hac::Policy { connections: 1, ..policy(PROFILES[0]) });
    for number in 0..2 {
        hac.handle(now(), hac::Input::Established { conn: ConnId(number), channel_binding: binding() });
    }
    let outputs = drain(&mut hac);
    assert!(matches!(outputs.as_slice(), [hac::Output::Close { conn: ConnId(1) }]), "{outputs:?}");
}

#[test]
fn a_broken_random_source_gives_no_association() {
    struct Stuck;
    impl Random for Stuck {
        fn fill(&mut self, out: &mut [u8]) {
            out.fill(7);
        }
    }
    let identities = vec![(alice(), psk(KEY))];
    let mut hac = hac::Hac::new(policy(PROFILES[0]), identities, Box::new(Stuck));
    let story = run(&mut hac, &mut mn(config(PROFILES[0])), 100_000, CONN);
    assert!(story.installed.is_empty());
    assert_eq!(final_response(&story).status, Status::INTERNAL_SERVER_ERROR);
    let [hac::Event::Refused { refusal, .. }] = story.hac_events.as_slice() else { panic!("not refused") };
    assert_eq!(*refusal, Refusal::Internal { what: "random source" });
}
