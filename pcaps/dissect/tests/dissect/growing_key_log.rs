//! Secrets that come late, in a key log that is written while the capture comes or in a block of the capture: what is
//! read with them is what is read with all of them at once.

use std::fs;
use std::path::{Path, PathBuf};

use dissect::conversation::Watch;
use dissect::{Batch, Dissection, Event, KeyLog, Options, Reader, Record, Secrets};

use crate::conversation::credentials;

/// Frames of the story that come before its secrets, and the messages that are read with them then: none once an end
/// has closed.
const SECRETS_BEHIND: [(u64, usize); 4] = [(0, 4), (3, 4), (5, 4), (16, 0)];

fn story() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../captures/bootstrap-psk-and-register")
}

/// Where the secrets of the capture go.
#[derive(Clone, Copy)]
enum Into<'a> {
    File(&'a Path),
    Capture,
}

/// What is told, the secrets of the capture coming behind this frame.
fn told(log: KeyLog, secrets_behind: u64, into: Into<'_>) -> Vec<String> {
    let capture = fs::read(story().join("capture.pcapng")).expect("every story has a capture");
    let watch = Watch { log, credentials: credentials(&story()), ..Watch::default() };
    let mut dissection = Dissection::new(Options { watch, ..Options::default() });
    let mut told = Vec::new();
    let mut tell = |event: Event<'_>| told.push(event.to_string());
    let (mut reader, mut batch, mut secrets) =
        (Reader::new(capture.as_slice()), Batch::default(), Vec::new());
    while reader.fill(&mut batch) {
        for record in batch.records() {
            match record {
                Record::Secrets(block) => secrets.extend_from_slice(block.octets),
                Record::Frame(frame) => {
                    if frame.number == secrets_behind + 1 {
                        let block = Secrets { kind: Secrets::TLS_KEY_LOG, octets: &secrets };
                        match into {
                            Into::File(file) => fs::write(file, &secrets).expect("the file is ours"),
                            Into::Capture => dissection.record(Record::Secrets(block), &mut tell),
                        }
                    }
                    dissection.record(record, &mut tell);
                }
                _ => {}
            }
        }
    }
    dissection.finish(&mut tell);
    told
}

#[test]
fn secrets_are_waited_for() {
    let file = std::env::temp_dir().join(format!("mip6-dissect-growing-{}", std::process::id()));
    let mut all = KeyLog::default();
    let capture = fs::read(story().join("capture.pcapng")).expect("every story has a capture");
    let (mut reader, mut batch) = (Reader::new(capture.as_slice()), Batch::default());
    while reader.fill(&mut batch) {
        for record in batch.records() {
            if let Record::Secrets(block) = record {
                all.add(block.octets);
            }
        }
    }
    let at_once = told(all, 0, Into::File(&file));
    assert!(at_once.len() > 9, "{at_once:#?}");
    for (secrets_behind, messages) in SECRETS_BEHIND {
        let _ = fs::remove_file(&file);
        let mut growing = KeyLog::default();
        growing.follow(file.clone());
        for (log, into) in [(growing, Into::File(&file)), (KeyLog::default(), Into::Capture)] {
            let in_time = told(log, secrets_behind, into);
            let is_said =
                |event: &&String| event.contains(" MN request ") || event.contains(" HAC response ");
            let said = in_time.iter().filter(is_said).count();
            assert_eq!(said, messages, "secrets behind frame {secrets_behind}: {in_time:#?}");
            // Before the first request, nothing is late.
            if secrets_behind <= 5 {
                assert_eq!(in_time, at_once, "secrets behind frame {secrets_behind}");
            }
        }
    }
    fs::remove_file(&file).expect("it was written");
}

/// Secrets that never come keep nobody from being told.
#[test]
fn what_has_no_secrets_is_unread_at_the_end() {
    let missing = std::env::temp_dir().join(format!("mip6-dissect-never-{}", std::process::id()));
    let capture = fs::read(story().join("capture.pcapng")).expect("every story has a capture");
    let mut log = KeyLog::default();
    log.follow(missing);
    let mut dissection =
        Dissection::new(Options { watch: Watch { log, ..Watch::default() }, ..Options::default() });
    let (mut reader, mut batch) = (Reader::new(capture.as_slice()), Batch::default());
    while reader.fill(&mut batch) {
        for record in batch.records().filter(|record| matches!(record, Record::Frame(_))) {
            dissection.record(record, &mut |_| {});
        }
    }
    dissection.finish(&mut |_| {});
    let summary = dissection.summary();
    assert_eq!((summary.talks.messages, summary.talks.unread), (0, 1));
    assert_eq!((summary.counts.without_keys, summary.counts.opened), (6, 0));
}
