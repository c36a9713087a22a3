//! How a conversation ends: who left it open, and who is not to blame for what the capture does not show.

use core::time::Duration;
use std::fs;
use std::path::Path;

use dissect::conversation::Watch;
use dissect::{Batch, Dissection, Event, Frame, Options, Reader, Record};

use crate::conversation::credentials;

const STORY: &str = "../captures/bootstrap-psk-and-register";

/// Frames of the story: the final response with the HAC's close_notify, the HAC's FIN, the MN's close_notify and FIN.
const FINAL: u64 = 9;
const FIN_OF_HAC: u64 = 10;
const BYE_OF_MN: u64 = 12;
const FIN_OF_MN: u64 = 13;
/// The last frame of the story, more than a second behind the final response.
const LAST: u64 = 18;

/// Octets of a TLS 1.3 record that holds an alert.
const ALERT: u16 = 24;

/// Where fields of IPv6 and TCP stand.
const PAYLOAD_LENGTH: usize = 4;
const SEQUENCE: usize = 40 + 4;
const ACKNOWLEDGMENT: usize = 40 + 8;
const FLAGS: usize = 40 + 13;
const RST: u8 = 4;

/// Which end gives the connection up.
#[derive(Clone, Copy, PartialEq)]
enum Reset {
    Nobody,
    Hac,
    Mn,
    /// Two seconds later.
    MnLate,
}

fn less(frame: &mut [u8], at: usize, by: u32) {
    let field: &mut [u8; 4] = (&mut frame[at..at + 4]).try_into().expect("4 octets");
    *field = u32::from_be_bytes(*field).wrapping_sub(by).to_be_bytes();
}

/// The frame in a story whose HAC neither says goodbye nor closes; nothing if it is not in that.
fn changed(frame: Frame<'_>, reset: Reset) -> Option<Vec<u8>> {
    let mut octets = frame.octets.to_vec();
    match frame.number {
        FINAL => {
            octets.truncate(octets.len() - usize::from(ALERT));
            let length = u16::try_from(octets.len() - 40).expect("a packet").to_be_bytes();
            octets[PAYLOAD_LENGTH..PAYLOAD_LENGTH + 2].copy_from_slice(&length);
        }
        FIN_OF_HAC if reset == Reset::Hac => {
            less(&mut octets, SEQUENCE, u32::from(ALERT));
            octets[FLAGS] = RST;
        }
        FIN_OF_HAC => return None,
        BYE_OF_MN | FIN_OF_MN => less(&mut octets, ACKNOWLEDGMENT, u32::from(ALERT) + 1),
        _ => {}
    }
    if frame.number == FIN_OF_MN && matches!(reset, Reset::Mn | Reset::MnLate) {
        octets[FLAGS] = RST;
    }
    Some(octets)
}

/// Findings, and what is not observable.
fn told(last: u64, reset: Reset) -> (Vec<String>, Vec<String>) {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join(STORY);
    let capture = fs::read(story.join("capture.pcapng")).expect("every story has a capture");
    let watch = Watch { credentials: credentials(&story), ..Watch::default() };
    let mut dissection = Dissection::new(Options { watch, ..Options::default() });
    let (mut findings, mut unseen) = (Vec::new(), Vec::new());
    let mut tell = |event: Event<'_>| match event {
        Event::Finding(finding) => findings.push(finding.to_string()),
        Event::Unseen(remark) => unseen.push(remark.unseen.to_string()),
        _ => {}
    };
    let (mut reader, mut batch) = (Reader::new(capture.as_slice()), Batch::default());
    while reader.fill(&mut batch) {
        for record in batch.records() {
            match record {
                Record::Frame(frame) if frame.number > last => {}
                Record::Frame(frame) => {
                    let Some(octets) = changed(frame, reset) else { continue };
                    let original = u32::try_from(octets.len()).expect("a packet");
                    let late = u64::from(frame.number == FIN_OF_MN && reset == Reset::MnLate);
                    let at = frame.at.map(|at| at + Duration::from_secs(2 * late));
                    let frame = Frame { at, octets: &octets, original, ..frame };
                    dissection.record(Record::Frame(frame), &mut tell);
                }
                other => dissection.record(other, &mut tell),
            }
        }
    }
    dissection.finish(&mut tell);
    (findings, unseen)
}

#[test]
fn a_hac_that_has_time_to_close_and_does_not_is_to_blame() {
    for reset in [Reset::Nobody, Reset::MnLate] {
        let (findings, unseen) = told(LAST, reset);
        assert!(
            findings.iter().all(|told| told.contains("rfc6618#5.3/close-after-exchange: HAC: ")),
            "{findings:?}"
        );
        assert_eq!((findings.len(), unseen.len()), (1, 0), "{unseen:?}");
    }
}

#[test]
fn a_capture_that_ends_at_once_shows_nothing_of_the_kind() {
    let (findings, unseen) = told(FIN_OF_MN, Reset::Nobody);
    assert_eq!(findings, [""; 0]);
    assert_eq!(unseen, ["rfc6618#5.3/close-after-exchange: not observable: the capture ends before it"]);
}

#[test]
fn a_reset_is_a_close() {
    for reset in [Reset::Hac, Reset::Mn] {
        let (findings, unseen) = told(LAST, reset);
        assert_eq!((findings, unseen), (Vec::new(), Vec::new()));
    }
}
