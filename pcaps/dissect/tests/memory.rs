//! Memory while reading: flat however long a capture is, and small however hostile. One test, since the counter is of
//! the whole process.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use dissect::{Options, Source, run};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// For a hostile file, of which none has a megabyte.
const MOST_MB: f64 = 100.0;

/// SAs that the endless capture uses in turn; few, so that what is remembered of each is full early.
const SPIS: u32 = 4;

/// A capture of protected packets, made as it is read.
struct Endless {
    left: u32,
    /// The record that is being read, and how much of it was.
    record: Vec<u8>,
    at: usize,
}

impl Endless {
    fn of(packets: u32) -> Self {
        // pcap, little-endian, raw IP.
        let mut record = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0];
        record.extend([0, 0, 0xffff, 101_u32].map(u32::to_le_bytes).concat());
        Self { left: packets, record, at: 0 }
    }

    fn next(&mut self) {
        const PACKET: u16 = 100;
        let len = u32::from(28 + PACKET);
        self.record = [self.left, 0, len, len].map(u32::to_le_bytes).concat();
        self.record.extend([0x45, 0]);
        self.record.extend((28 + PACKET).to_be_bytes());
        self.record.extend([0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 198, 51, 100, 1]);
        self.record.extend([40_000, 7872, 8 + PACKET, 0].map(u16::to_be_bytes).concat());
        let (word, sequence) = (1 << 28 | (self.left % SPIS + 1), u32::MAX - self.left / SPIS);
        self.record.extend([word, sequence].map(u32::to_be_bytes).concat());
        self.record.resize(16 + 28 + usize::from(PACKET), 0x5a);
        self.left -= 1;
        self.at = 0;
    }
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let mut given = 0;
        while given < into.len() {
            if self.at == self.record.len() {
                if self.left == 0 {
                    break;
                }
                self.next();
            }
            let len = (into.len() - given).min(self.record.len() - self.at);
            into[given..given + len].copy_from_slice(&self.record[self.at..self.at + len]);
            (given, self.at) = (given + len, self.at + len);
        }
        Ok(given)
    }
}

/// The most that was in use while it was read, in megabytes above what was in use before.
fn peak_of(read: impl FnOnce()) -> f64 {
    let before = MEMORY.current_usage_as_mb();
    MEMORY.reset_peak_usage();
    read();
    f64::from(MEMORY.peak_usage_as_mb() - before)
}

fn peak_of_packets(packets: u32) -> f64 {
    peak_of(|| {
        let summary = run(Endless::of(packets), Options::default(), &mut |_| {});
        assert_eq!((summary.counts.packets, summary.counts.findings), (u64::from(packets), 0));
    })
}

/// Every UDP port is an HA's, so that as much as possible is taken for ours.
fn peak_of_file(path: &Path) -> f64 {
    let options = Options { ports: (1..=u16::MAX).collect(), ..Options::default() };
    peak_of(|| {
        // What cannot even be opened takes nothing.
        if let Ok(source) = Source::open(path) {
            run(source, options, &mut |_| {});
        }
    })
}

fn files_below(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder can be read").flatten() {
        let path = entry.path();
        if path.is_dir() { files_below(&path, into) } else { into.push(path) }
    }
}

#[test]
fn memory_is_flat_and_small() {
    let (short, long) = (peak_of_packets(100_000), peak_of_packets(2_000_000));
    println!("{short} MB for 100,000 packets, {long} MB for 2,000,000");
    assert!(long < short + 1.0, "it grows with the capture");

    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("MIP6_SHARED").map_or(beside, PathBuf::from);
    let folder = shared.join("captures/crashers");
    if !folder.is_dir() {
        println!("skipped: no ../shared/captures/crashers beside the checkout (MIP6_SHARED overrides)");
        return;
    }
    let mut files = Vec::new();
    files_below(&folder, &mut files);
    assert!(files.len() > 300, "only {} files", files.len());
    let mut most = 0.0_f64;
    for file in &files {
        let peak = peak_of_file(file);
        assert!(peak < MOST_MB, "{} took {peak} MB", file.display());
        most = most.max(peak);
    }
    println!("{} hostile files, {most} MB at most", files.len());
}
