//! A capture with its findings as comments: nothing is lost, and it says what it said before.

use std::fs;
use std::path::Path;

use dissect::{Annotated, Annotations, CaptureFault, Event, Notice, Options, Report, report, run};
use pcap_file::Endianness;

use crate::conversation::credentials;
use crate::formats::pcapng;
use crate::made_up_capture::{options, packets, pcap};
use crate::shared::{captures, manifest};

fn annotate(capture: &[u8], options: &Options) -> (Vec<u8>, Annotated) {
    let mut annotations = Annotations::default();
    run(capture, options.clone(), &mut |event: Event<'_>| annotations.take(&event));
    let mut out = Vec::new();
    let annotated = annotations.write(capture, &mut out).expect("a Vec takes all");
    (out, annotated)
}

/// The findings, and the comments that are there in their place.
fn findings(report: &Report) -> Vec<(u64, String)> {
    let mut all: Vec<_> = report
        .findings()
        .map(|finding| (finding.frame, format!("{}: {}", finding.fault.requirement(), finding.fault)))
        .collect();
    all.sort();
    all
}

fn comments(report: &Report) -> Vec<(u64, String)> {
    let mut all: Vec<_> = report
        .notes
        .iter()
        .filter_map(|note| match &note.what {
            Notice::Comment { text } => Some((note.frame, text.clone())),
            _ => None,
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_pcap_file_becomes_pcapng_that_says_the_same() {
    let capture = pcap(101, &packets());
    let before = report(&capture, &options());
    let (written, annotated) = annotate(&capture, &options());
    let after = report(&written, &options());
    assert_eq!(annotated.left_out, 0);
    assert_eq!(annotated.written, before.counts.findings);
    assert_eq!((after.counts, after.fault), (before.counts, None));
    assert_eq!(findings(&after), findings(&before));
    assert_eq!(comments(&after), findings(&before));
    let lines = |report: &Report| report.lines.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(lines(&after), lines(&before), "times and octets");
}

#[test]
fn annotating_again_adds_nothing() {
    let (once, _) = annotate(&pcap(101, &packets()), &options());
    let (twice, _) = annotate(&once, &options());
    assert!(once == twice, "the same comments again");
}

#[test]
fn pcapng_of_either_byte_order_keeps_its_blocks() {
    for endianness in [Endianness::Big, Endianness::Little] {
        let capture = pcapng(endianness);
        let before = report(&capture, &options());
        let (written, annotated) = annotate(&capture, &options());
        let after = report(&written, &options());
        assert_eq!((after.counts, after.fault), (before.counts, before.fault));
        assert_eq!(findings(&after), findings(&before));
        // Every other packet stands in a simple block, which has no options.
        assert!(annotated.left_out > 0 && annotated.written > 0, "{annotated:?}");
        assert_eq!(annotated.written + annotated.left_out, before.counts.findings);
        assert_eq!(comments(&after).len() as u64, annotated.written);
        assert!(comments(&after).iter().all(|comment| findings(&before).contains(comment)));
    }
}

#[test]
fn a_capture_without_findings_is_copied_octet_by_octet() {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("../captures/bootstrap-psk-and-register");
    let capture = fs::read(story.join("capture.pcapng")).expect("every story has a capture");
    let mut watching = Options::default();
    watching.watch.credentials = credentials(&story);
    let (written, annotated) = annotate(&capture, &watching);
    assert_eq!(annotated, Annotated::default());
    assert!(written == capture, "secrets and all");
}

#[test]
fn a_capture_that_is_cut_is_written_as_far_as_it_goes() {
    let capture = pcap(101, &packets());
    let cut = &capture[..capture.len() - 3];
    let (written, annotated) = annotate(cut, &options());
    let (before, after) = (report(cut, &options()), report(&written, &options()));
    assert_eq!(annotated.fault, before.fault);
    assert!(annotated.fault.is_some());
    assert_eq!(findings(&after), findings(&before));
}

/// Findings but those about records, whose places differ.
fn about_frames(report: &Report) -> Vec<(u64, String)> {
    let all = findings(report).into_iter();
    all.filter(|(_, text)| !text.starts_with("capture: ")).collect()
}

#[test]
fn captures_of_others_say_the_same_when_they_are_annotated() {
    let Some(folder) = captures() else { return };
    let options = Options { ports: (1..=u16::MAX).collect(), ..Options::default() };
    let (mut seen, mut annotated_some) = (0, 0);
    for file in manifest(&folder).keys() {
        let path = folder.join(file);
        let capture = fs::read(&path).expect("a listed file can be read");
        let before = report(&capture, &options);
        if before.fault == Some(CaptureFault::NotACapture) {
            continue;
        }
        let (written, annotated) = annotate(&capture, &options);
        let after = report(&written, &options);
        let at = path.display();
        assert_eq!(after.counts.frames, before.counts.frames, "{at}");
        assert_eq!(annotated.fault, before.fault, "{at}");
        assert_eq!(about_frames(&after), about_frames(&before), "{at}");
        seen += 1;
        annotated_some += usize::from(annotated.written > 0);
    }
    assert!(seen > 100 && annotated_some > 10, "{annotated_some} of {seen}");
}
