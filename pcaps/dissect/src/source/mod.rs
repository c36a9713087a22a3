//! Where the octets of a capture come from: a file, a pipe, either of them compressed with gzip or zstd, or an
//! interface.
//!
//! Files are read in large pieces and not mapped: a mapped file that somebody cuts short kills the reader, and the
//! copy costs a few nanoseconds a packet. Memory stays flat, whatever the length.

mod copy;
mod live;

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;

pub use copy::Copied;
pub use live::Live;

/// First octets of what is compressed.
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

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
    /// Of the first read; octets that are no stream of zstd.
    pub fn new(mut reader: impl Read + Send + 'static) -> io::Result<Self> {
        let mut front = Vec::with_capacity(ZSTD.len());
        reader.by_ref().take(ZSTD.len() as u64).read_to_end(&mut front)?;
        let is_gzip = front.starts_with(&GZIP);
        let is_zstd = front == ZSTD;
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
