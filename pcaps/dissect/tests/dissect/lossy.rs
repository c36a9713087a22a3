//! The frames of a story lost, doubled and in another order: the same messages, or fewer; nobody is blamed for it.

use std::fs;
use std::path::Path;

use dissect::conversation::Watch;
use dissect::{Batch, Dissection, Event, Frame, Options, Reader, Record};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

const STORY: &str = "../captures/bootstrap-psk-and-register";

/// The frames of the TCP connection: all but the six packets of UDP.
const OF_TCP: usize = 12;

/// Next Header of an IPv6 packet, and TCP in it.
const NEXT_HEADER_AT: usize = 6;
const TCP: u8 = 6;

/// What was told of the messages, without frame numbers and times; and of everything else.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    messages: Vec<String>,
    findings: Vec<String>,
    unseen: usize,
}

/// Dissects the frames in this order.
fn told(order: &[usize]) -> Told {
    told_changed(order, &[])
}

/// The same, with bits of these octets of the whole capture turned.
fn told_changed(order: &[usize], turned: &[(Index, u8)]) -> Told {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join(STORY);
    let capture = fs::read(story.join("capture.pcapng")).expect("every story has a capture");
    let credentials = crate::conversation::credentials(&story);
    let watch = Watch { credentials, ..Watch::default() };
    let mut dissection = Dissection::new(Options { watch, ..Options::default() });
    let mut told = Told::default();
    let mut tell = |event: Event<'_>| match event {
        Event::Message(message) => {
            let text = message.to_string();
            told.messages.push(text.split(" > ").nth(1).expect("a line").to_owned());
            told.findings.extend(message.findings.iter().map(ToString::to_string));
        }
        Event::Finding(finding) => told.findings.push(finding.to_string()),
        Event::Unseen(_) => told.unseen += 1,
        _ => {}
    };
    let mut reader = Reader::new(&capture[..]);
    let mut batch = Batch::default();
    let mut frames: Vec<(Frame<'static>, Vec<u8>)> = Vec::new();
    while reader.fill(&mut batch) {
        for record in batch.records() {
            match record {
                Record::Frame(frame) if frame.octets[NEXT_HEADER_AT] != TCP => {}
                Record::Frame(frame) => frames.push((Frame { octets: &[], ..frame }, frame.octets.to_vec())),
                other => dissection.record(other, &mut tell),
            }
        }
    }
    for (index, bits) in turned {
        let at = index.index(OF_TCP);
        let octets = &mut frames[at].1;
        let place = index.index(octets.len());
        octets[place] ^= bits;
    }
    for &at in order {
        let (frame, octets) = &frames[at];
        dissection.record(Record::Frame(Frame { octets, ..*frame }), &mut tell);
    }
    dissection.finish(&mut tell);
    told
}

fn all() -> Vec<usize> {
    (0..OF_TCP).collect()
}

#[test]
fn the_story_has_four_messages() {
    let right = told(&all());
    assert_eq!((right.messages.len(), right.findings.len(), right.unseen), (4, 0, 0), "{right:?}");
}

/// All that was acknowledged waits for the ClientHello, and is told at once when it comes.
#[test]
fn what_waits_for_the_first_octets_keeps_its_order() {
    let mut order = all();
    let (opened, hello, after) = (3, 3, 7);
    order.splice(opened..after, [4, 6, 5, hello]);
    assert_eq!(told(&order), told(&all()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// The three frames that open the connection stay where they are: a capture that has not even these starts in the
    /// middle.
    #[test]
    fn order_and_copies_make_no_difference(
        swaps in vec((any::<Index>(), any::<Index>()), 0..6),
        copies in vec(any::<Index>(), 0..6),
    ) {
        let mut order = all();
        for (one, other) in swaps {
            let tail = &mut order[3..];
            let (one, other) = (one.index(tail.len()), other.index(tail.len()));
            // As far as a network changes order: within a few frames.
            if one.abs_diff(other) <= 2 {
                tail.swap(one, other);
            }
        }
        for copy in copies {
            let at = copy.index(order.len());
            let frame = order[at];
            order.push(frame);
        }
        let (found, right) = (told(&order), told(&all()));
        prop_assert_eq!(&found.findings, &right.findings, "{:?}", order);
        let mut messages = found.messages;
        // The two directions are two streams: which of them a capture has first is up to it.
        messages.sort();
        let mut expected = right.messages;
        expected.sort();
        prop_assert_eq!(messages, expected, "{:?}", order);
    }

    #[test]
    fn nobody_is_blamed_for_what_the_capture_lost(kept in vec(any::<bool>(), OF_TCP)) {
        let order: Vec<usize> = all().into_iter().filter(|&at| kept[at]).collect();
        let (found, right) = (told(&order), told(&all()));
        prop_assert_eq!(&found.findings, &right.findings, "{:?}", order);
        prop_assert!(found.messages.len() <= right.messages.len());
    }

    #[test]
    fn octets_changed_on_the_way_do_no_harm(turned in vec((any::<Index>(), 1_u8..), 1..8)) {
        let found = told_changed(&all(), &turned);
        prop_assert!(found.messages.iter().chain(&found.findings).all(|text| text.is_ascii()));
    }
}
