//! However a capture comes, in whatever pieces and under whatever compression, it tells the same.

use std::io::{Cursor, Read, Write};

use dissect::{Batch, CaptureFault, Event, Reader, Record, Source, Summary, Text, print, run};
use proptest::prelude::*;

use crate::formats::pcapng;
use crate::made_up_capture::{options, packets, pcap};

/// Gives its octets in pieces of these lengths, in turn.
struct Pieces<'a> {
    octets: &'a [u8],
    lengths: std::iter::Cycle<std::vec::IntoIter<usize>>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let len = self.lengths.next().unwrap_or(1).min(into.len()).min(self.octets.len());
        let (piece, rest) = self.octets.split_at(len);
        into[..len].copy_from_slice(piece);
        self.octets = rest;
        Ok(len)
    }
}

/// The records and how the capture ended.
fn records(source: impl Read) -> (Vec<String>, Option<CaptureFault>) {
    let (mut reader, mut batch, mut found) = (Reader::new(source), Batch::default(), Vec::new());
    while reader.fill(&mut batch) {
        found.extend(batch.records().map(|record: Record<'_>| format!("{record:?}")));
    }
    (found, reader.fault())
}

fn captures() -> Vec<Vec<u8>> {
    let [big, little] = [pcap_file::Endianness::Big, pcap_file::Endianness::Little].map(pcapng);
    let mut cut = big.clone();
    cut.truncate(big.len() - 3);
    vec![pcap(101, &packets()), [&big[..], &little].concat(), little, cut]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn split_anywhere(lengths in proptest::collection::vec(1..200_usize, 1..8)) {
        for capture in captures() {
            let pieces = Pieces { octets: &capture, lengths: lengths.clone().into_iter().cycle() };
            prop_assert_eq!(records(pieces), records(capture.as_slice()));
        }
    }
}

fn told(source: impl Read + Send) -> (String, Summary) {
    let mut text = String::new();
    let summary = run(source, options(), &mut |event: Event<'_>| text += &event.to_string());
    (text, summary)
}

#[test]
fn compressed_or_not() {
    for capture in captures() {
        let plain = told(capture.as_slice()).0;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&capture).unwrap();
        let gzip = gzip.finish().unwrap();
        let zstd = zstd::encode_all(capture.as_slice(), 1).unwrap();
        for compressed in [gzip, zstd] {
            let source = Source::new(Cursor::new(compressed.clone())).unwrap();
            assert_eq!(told(source).0, plain);
            let half = compressed[..compressed.len() / 2].to_vec();
            let (_, summary) = told(Source::new(Cursor::new(half)).unwrap());
            assert!(matches!(summary.fault, Some(CaptureFault::Source { .. })), "{:?}", summary.fault);
        }
    }
}

#[test]
fn on_many_cores_as_on_one() {
    let once = captures().swap_remove(0);
    // Many batches: the frames of one file header, over and over.
    let (header, frames) = once.split_at(24);
    let capture = [header, &frames.repeat(400)].concat();
    let printed = |cores: usize| {
        let mut out = Vec::new();
        let cores = cores.try_into().unwrap();
        let summary = print(capture.as_slice(), options(), cores, &Text::default(), &mut out).unwrap();
        (String::from_utf8(out).unwrap(), summary.counts, summary.ledger.to_string())
    };
    let one = printed(1);
    assert_eq!(one.0, told(capture.as_slice()).0);
    for cores in [2, 5] {
        assert!(printed(cores) == one, "{cores} cores tell something else");
    }
}

#[test]
fn an_output_that_fails_ends_the_reading() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for cores in [1, 3] {
        // Behind the packets come empty ones, without end.
        let endless = Cursor::new(pcap(101, &packets())).chain(std::io::repeat(0));
        let cores = cores.try_into().unwrap();
        let error = print(endless, options(), cores, &Text::default(), Full).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    }
}
