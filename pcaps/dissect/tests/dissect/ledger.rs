//! The ledger: what was sent under each SA, and the exchanges that made them.

use std::fs;
use std::path::Path;

use crypto::auth::Direction;
use dissect::{Batch, Fault, Ledger, Options, Outcome, Reader, Record, Sender, report};
use wire::value::Status;

use crate::conversation::credentials;
use crate::made_up_capture::{ending, options, packets, pcap, under_scope_one, wrong_icv};

const RAW_IP: u32 = 101;

fn of(frames: &[Vec<u8>], options: &Options) -> Ledger {
    report(&pcap(RAW_IP, frames), options).ledger
}

#[test]
fn an_sa_has_its_packets_by_direction_and_kind() {
    insta::assert_snapshot!(of(&packets(), &options()).to_string());
}

#[test]
fn without_keys_no_icv_is_judged() {
    let ledger = of(&packets(), &Options::default());
    let ways = ledger.associations.iter().flat_map(|sa| &sa.ways);
    assert!(ways.clone().count() > 0);
    for way in ways {
        assert_eq!((way.icvs.good, way.icvs.wrong), (0, 0));
        assert_eq!(way.icvs.unchecked, way.signalling + way.data);
    }
}

#[test]
fn user_data_in_the_clear_are_counted_under_the_sa_that_forbids_them() {
    let [protected, clear] = under_scope_one();
    let ledger = of(&[clear.clone(), protected, clear.clone(), clear], &options());
    assert_eq!(ledger.associations.len(), 1, "{ledger}");
    assert_eq!(ledger.associations[0].in_the_clear, 2);
    assert!(ledger.associations[0].is_troubled());
}

#[test]
fn a_story_has_its_exchange_and_its_sa() {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("../captures/bootstrap-psk-and-register");
    let capture = fs::read(story.join("capture.pcapng")).expect("every story has a capture");
    let mut watching = Options::default();
    watching.watch.credentials = credentials(&story);
    let ledger = report(&capture, &watching).ledger;
    let [exchange] = ledger.exchanges.as_slice() else { panic!("one exchange: {ledger}") };
    assert_eq!(exchange.mn_id.as_deref(), Some("mn1@conform.example"));
    assert_eq!(exchange.outcome, Outcome::Final(Some(Status::OK)));
    assert_eq!((exchange.messages, exchange.findings), (4, 0));
    let [sa] = ledger.associations.as_slice() else { panic!("one SA: {ledger}") };
    assert_eq!(exchange.spi, Some(sa.spi));
    assert_eq!((sa.registrations.updates, sa.registrations.accepted), (2, 2));
    assert!(!sa.is_troubled(), "{ledger}");
    let senders: Vec<Sender> = sa.ways.iter().map(|way| way.sender).collect();
    assert_eq!(senders, [Sender::Mn, Sender::Ha]);
    for way in &sa.ways {
        assert_eq!((way.signalling, way.data, way.icvs.good, way.icvs.wrong), (2, 1, 3, 0), "{ledger}");
        assert_eq!(way.numbers.map(|flow| (flow.lowest, flow.highest, flow.missing())), Some((0, 2, 0)));
    }
}

/// The capture of a story up to this frame.
fn cut_behind(story: &str, last: u64) -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../captures").join(story).join("capture.pcapng");
    let capture = fs::read(file).expect("every story has a capture");
    let (mut reader, mut batch, mut end) = (Reader::new(capture.as_slice()), Batch::default(), 0);
    while reader.fill(&mut batch) {
        for record in batch.records() {
            if let Record::Frame(frame) = record
                && frame.number == last + 1
            {
                end = usize::try_from(frame.offset).expect("a small file");
            }
        }
    }
    assert!(end > 0, "{story} has no frame {}", last + 1);
    capture[..end].to_vec()
}

#[test]
fn an_exchange_without_a_final_response_has_an_end_if_somebody_closed() {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("../captures/refusal-wrong-psk");
    let capture = fs::read(story.join("capture.pcapng")).expect("every story has a capture");
    let told = report(&capture, &Options::default());
    assert_eq!(told.ledger.exchanges[0].outcome, Outcome::Closed(Direction::MnToHac), "{}", told.ledger);
    assert_eq!(told.remarks, []);
    let cut = cut_behind("refusal-wrong-psk", 7);
    let told = report(&cut, &Options::default());
    assert_eq!(told.ledger.exchanges[0].outcome, Outcome::Open, "{}", told.ledger);
    let [remark] = told.remarks.as_slice() else { panic!("one remark: {:?}", told.remarks) };
    assert!(
        remark.to_string().ends_with("rfc6618#5.1/lockstep: not observable: the capture ends before it\n")
    );
}

#[test]
fn a_wrong_icv_is_explained_for_the_first_of_an_sa_only() {
    let many: Vec<Vec<u8>> = (0..40).map(wrong_icv).collect();
    let report = report(&pcap(RAW_IP, &many), &options());
    let explained: Vec<bool> = report
        .findings()
        .map(|finding| match &finding.fault {
            Fault::Closed { clues, .. } => clues.iter().any(|clue| clue.id == "icv-without-iv"),
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(explained.len(), many.len());
    assert!(explained[..16].iter().all(|&is_explained| is_explained));
    assert!(!explained[16..].iter().any(|&is_explained| is_explained));
    assert_eq!(report.ledger.associations[0].ways[0].icvs.wrong, 40);
}

#[test]
fn packets_after_the_end_of_an_sa_are_counted_by_the_clock_of_the_capture() {
    // The frames of the made-up captures come in the seconds 1,700,000,000 and after, a millisecond apart.
    for (end, expected) in [(1_699_999_999, 3), (1_700_000_000, 0)] {
        let capture = pcap(RAW_IP, &packets()[..3]);
        let ledger = report(&capture, &ending(end)).ledger;
        let [sa] = ledger.associations.as_slice() else { panic!("one SA: {ledger}") };
        assert_eq!(sa.after_end, expected, "{ledger}");
        assert_eq!(sa.is_troubled(), expected > 0);
        assert_eq!(ledger.to_string().contains("after its end"), expected > 0, "{ledger}");
    }
}
