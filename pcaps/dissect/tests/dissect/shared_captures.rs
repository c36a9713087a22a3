//! Captures that nobody here wrote, where they are at hand: no panic, bounded time, as many frames as tshark counts.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use dissect::{Options, Report, report};

use crate::shared::{captures, manifest};

/// The bar for one file; they have far below a megabyte.
const LIMIT: Duration = Duration::from_secs(10);

/// Files that break their container so that tshark reads a frame more than we do: cut, with a length beyond the block,
/// with options beyond the section header.
const MALFORMED: usize = 3;

/// Every UDP port is an HA's, so that the packet code sees as many foreign octets as there are.
fn read(path: &Path) -> Report {
    let octets = fs::read(path).expect("a listed file can be read");
    let options = Options { ports: (1..=u16::MAX).collect(), ..Options::default() };
    let begun = Instant::now();
    let found = report(&octets, &options);
    let took = begun.elapsed();
    assert!(took < LIMIT, "{} took {took:?}", path.display());
    assert!(found.counts.packets <= found.counts.frames);
    assert!(found.to_string().is_ascii());
    found
}

#[test]
fn frame_counts_are_those_of_tshark() {
    let Some(folder) = captures() else { return };
    let manifest = manifest(&folder);
    let (mut silent, mut told) = (Vec::new(), Vec::new());
    for (file, expected) in &manifest {
        let found = read(&folder.join(file));
        let frames = found.counts.frames;
        match (expected, found.fault) {
            (Some(expected), None) if *expected != frames => {
                silent.push(format!("{file}: {frames}, {expected}"))
            }
            (Some(expected), Some(fault)) if *expected != frames => {
                told.push(format!("{file}: {frames} of {expected}: {fault}"));
            }
            _ => {}
        }
    }
    assert!(manifest.len() > 500, "only {} captures", manifest.len());
    assert!(silent.is_empty(), "{} files differ without a word:\n{}", silent.len(), silent.join("\n"));
    println!("{} files; of {} not every frame was read:\n{}", manifest.len(), told.len(), told.join("\n"));
    assert!(told.len() <= MALFORMED, "more than before:\n{}", told.join("\n"));
}
