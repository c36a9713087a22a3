//! Scenarios: a few seeds of each, the same tale for the same seed, and every broken promise is noticed.

use std::time::Duration;

use proto::Timestamp;
use sim::promise::{Question, Surprise, Watch};
use sim::scenario::{SCENARIOS, Scenario};
use sim::{Departure, Sender, story};
use wire::packet::{PType, plain};
use wire::value::{Ciphersuite, Scope};

#[test]
fn no_scenario_surprises() {
    for scenario in SCENARIOS {
        for seed in 0..20 {
            let outcome = story::play(scenario, seed);
            let outcome = outcome.unwrap_or_else(|surprise| {
                panic!(
                    "{surprise}\n  cargo run -p mip6-sim -- --scenario {} --seed {seed} --trace",
                    scenario.name
                )
            });
            assert!(
                outcome.answers > 0 && outcome.datagrams > outcome.answers,
                "{} {outcome:?}",
                scenario.name
            );
        }
    }
}

#[test]
fn a_seed_tells_the_same_tale_each_time() {
    let tale = |scenario: &Scenario, seed| {
        let mut lines = Vec::new();
        let outcome = story::play_aloud(scenario, seed, &mut |line| lines.push(line));
        (lines, outcome)
    };
    for scenario in SCENARIOS {
        assert_eq!(tale(scenario, 7), tale(scenario, 7), "{}", scenario.name);
        assert_ne!(tale(scenario, 7), tale(scenario, 8), "{}", scenario.name);
    }
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), SCENARIOS.len());
}

#[test]
fn a_story_that_does_not_take_place_is_a_surprise() {
    let quiet = &SCENARIOS[0];
    let expecting_much = Scenario { associations: 5, ..*quiet };
    assert_eq!(story::play(&expecting_much, 1), Err(Surprise::TooQuiet(0, 1)));
}

const QUESTION: Question = Question { node: 0, number: 3 };
const NODE: Sender = Sender::MobileNode(0);

fn watch(scope: Scope) -> Watch {
    Watch::new(Ciphersuite::Aes128Sha, scope)
}

fn departure(from: Sender, octets: Vec<u8>) -> Departure {
    let address = "[2001:db8::1]:40000".parse().expect("an address");
    Departure { at: Timestamp(Duration::ZERO), from, address, octets }
}

/// PType 1 under SPI 5, with this number, this octet as its IV, and these contents.
fn protected(number: u32, iv: u8, contents: &[u8]) -> Vec<u8> {
    let word = PType::PROTECTED.word(5).to_be_bytes();
    [&word, &number.to_be_bytes(), &[iv; 16][..], contents].concat()
}

#[test]
fn a_number_may_be_used_once_by_each_end() {
    let mut watch = watch(Scope::AllTraffic);
    assert_eq!(watch.departed(&departure(NODE, protected(1, 1, b""))), Ok(()));
    assert_eq!(watch.departed(&departure(Sender::HomeAgent, protected(1, 1, b""))), Ok(()));
    let again = watch.departed(&departure(NODE, protected(1, 2, b"")));
    assert_eq!(again, Err(Surprise::NumberTwice(NODE, 5, 1)));
}

#[test]
fn an_iv_may_be_used_once() {
    let mut watch = watch(Scope::AllTraffic);
    assert_eq!(watch.departed(&departure(NODE, protected(1, 1, b""))), Ok(()));
    assert_eq!(watch.departed(&departure(NODE, protected(2, 1, b""))), Err(Surprise::IvTwice(NODE, 5)));
}

#[test]
fn what_is_confidential_may_not_be_readable() {
    let packet = departure(NODE, plain(&QUESTION.to_octets()));
    assert_eq!(watch(Scope::AllTraffic).departed(&packet), Err(Surprise::InClear(NODE)));
    assert_eq!(watch(Scope::SignalingOnly).departed(&packet), Ok(()));
    let unencrypted = departure(NODE, protected(1, 1, &QUESTION.to_octets()));
    assert_eq!(watch(Scope::AllTraffic).departed(&unencrypted), Err(Surprise::InClear(NODE)));
}

#[test]
fn a_packet_may_be_delivered_once_and_to_nobody_else() {
    let mut watch = watch(Scope::AllTraffic);
    assert_eq!(watch.answered(0, QUESTION), Ok(()));
    assert_eq!(watch.answered(0, QUESTION), Err(Surprise::DeliveredTwice(0, QUESTION)));
    assert_eq!(watch.answered(1, QUESTION), Err(Surprise::DeliveredToAnother(1, QUESTION)));
    assert_eq!(watch.asked(1, 0, QUESTION), Ok(()));
    assert_eq!(watch.asked(1, 0, QUESTION), Err(Surprise::DeliveredTwice(1, QUESTION)));
    assert_eq!(watch.asked(2, 1, QUESTION), Err(Surprise::DeliveredToAnother(2, QUESTION)));
}

#[test]
fn a_question_is_found_again() {
    assert_eq!(Question::inside(&QUESTION.to_octets()), Some(QUESTION));
    assert_eq!(Question::inside(b"nothing of the kind"), None);
}
