//! A copy of a capture on the way.

use std::io::{self, Read, Write};

/// Writes what is read. What cannot be written cannot be read either: a copy with holes is worse than none.
pub struct Copied<R, W> {
    from: R,
    to: W,
}

impl<R: Read, W: Write> Copied<R, W> {
    /// Whatever is read of it is written too, at once.
    pub const fn new(from: R, to: W) -> Self {
        Self { from, to }
    }
}

impl<R: Read, W: Write> Read for Copied<R, W> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        self.to.write_all(into.get(..read).unwrap_or_default())?;
        Ok(read)
    }
}
