//! Any octets are taken: no panic, and no more packets than frames.

use dissect::conversation::Keys;
use dissect::{Options, Render, Text, report, run};
use proptest::prelude::*;

use crate::made_up_capture::{options, packets, pcap};

fn is_sane(capture: &[u8], options: &Options) -> Result<(), TestCaseError> {
    let report = report(capture, options);
    let counts = report.counts;
    prop_assert!(counts.packets <= counts.frames);
    prop_assert!(counts.fragments <= counts.frames);
    prop_assert!(counts.opened + counts.without_keys <= counts.packets);
    prop_assert_eq!(counts.packets + counts.others, report.lines.len() as u64);
    // A frame takes at least the 12 octets of an empty block.
    prop_assert!(counts.frames <= capture.len() as u64 / 12);
    let mut text = report.to_string().into_bytes();
    let mut trees = Text::with_trees(Keys::Shown);
    run(capture, options.clone(), &mut |event| trees.event(&event, &mut text));
    prop_assert!(text.iter().all(|octet| *octet == b'\n' || (b' '..=b'~').contains(octet)));
    Ok(())
}

const STARTS: [&[u8]; 6] = [
    b"",
    &[0xa1, 0xb2, 0xc3, 0xd4],
    &[0x4d, 0x3c, 0xb2, 0xa1],
    &[0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d],
    &[
        0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255,
        255, 255, 255, 28, 0, 0, 0,
    ],
    &[
        0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0, 255, 255, 255, 255, 255,
        255, 255, 255, 0, 0, 0, 28, 0, 0, 0, 1, 0, 0, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20,
    ],
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn octets_behind_any_start(start in 0..STARTS.len(), rest in proptest::collection::vec(any::<u8>(), 0..600)) {
        is_sane(&[STARTS[start], &rest].concat(), &options())?;
    }

    #[test]
    fn a_capture_with_octets_changed(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        link in prop::sample::select(vec![0_u32, 1, 12, 101, 108, 113, 228, 229]),
    ) {
        let mut file = pcap(link, &packets());
        for (at, octet) in changes {
            let at = at.index(file.len());
            file[at] = octet;
        }
        is_sane(&file, &options())?;
    }

    #[test]
    fn frames_of_any_octets(
        link in prop::sample::select(vec![0_u32, 1, 12, 101, 108, 113, 228, 229]),
        frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..90), 0..8),
    ) {
        let file = pcap(link, &frames);
        prop_assert_eq!(report(&file, &options()).counts.frames, frames.len() as u64);
        is_sane(&file, &options())?;
    }
}
