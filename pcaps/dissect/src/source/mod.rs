//! Where the octets of a capture come from: a file, a pipe, either of them compressed with gzip or zstd, or an
//! interface.
//!
//! Files are read in large pieces and not mapped: a mapped file that somebody cuts short kills the reader, and mapping
//! is no faster (docs/PERFORMANCE.md). Memory stays flat, whatever the length.

mod copy;
mod live;

use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read};
use std::path::Path;

pub use copy::Copied;
pub use live::Live;

/// First octets of what is compressed.
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// What is not opened here, with whatever makes a capture of it.
const FOREIGN: [(&[u8], &str); 6] = [
    (&[0xfd, b'7', b'z', b'X'], "compressed by xz: `xz -dc FILE | mip6-conform dissect -` reads it"),
    (b"BZh", "compressed by bzip2: `bzip2 -dc FILE | mip6-conform dissect -` reads it"),
    (&[0x04, 0x22, 0x4d, 0x18], "compressed by lz4: `lz4 -dc FILE | mip6-conform dissect -` reads it"),
    (b"PK\x03\x04", "a zip archive: `unzip -p FILE | mip6-conform dissect -` reads it"),
    (b"snoo", "a capture of snoop: `editcap FILE OUT.pcapng` makes one that is read"),
    (b"RTSS", "a capture of Network Monitor: `editcap FILE OUT.pcapng` makes one that is read"),
];

/// Octets of a capture, taken as they come.
pub struct Source(Box<dyn Read + Send>);

impl Source {
    /// A file, compressed or not: its first octets tell.
    ///
    /// # Errors
    /// Of the file system; octets that are no stream of zstd.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::new(File::open(path)?)
    }

    /// A pipe, standard input, octets in memory.
    ///
    /// # Errors
    /// Of the first read; octets that are no stream of zstd, or of a kind that is not opened here.
    pub fn new(mut reader: impl Read + Send + 'static) -> io::Result<Self> {
        let mut front = Vec::with_capacity(ZSTD.len());
        reader.by_ref().take(ZSTD.len() as u64).read_to_end(&mut front)?;
        let is_gzip = front.starts_with(&GZIP);
        let is_zstd = front == ZSTD;
        if let Some((_, what)) = FOREIGN.iter().find(|(magic, _)| front.starts_with(magic)) {
            return Err(io::Error::new(ErrorKind::Unsupported, *what));
        }
        let whole = Cursor::new(front).chain(reader);
        Ok(Self(if is_gzip {
            Box::new(flate2::read::MultiGzDecoder::new(whole))
        } else if is_zstd {
            Box::new(zstd::stream::read::Decoder::new(whole)?)
        } else {
            Box::new(whole)
        }))
    }
}

impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}
