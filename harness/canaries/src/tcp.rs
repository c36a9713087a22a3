//! Canaries below TLS.

use std::io::{self, Read, Write};

use crate::connection::Connection;

/// Reads and forgets until the peer ends.
pub(crate) fn swallow(mut connection: Connection) -> io::Result<()> {
    io::copy(&mut connection, &mut io::sink()).map(drop)
}

/// Sends back what came until the peer ends.
pub(crate) fn echo(mut connection: Connection) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let length = connection.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        connection.write_all(&buffer[..length])?;
    }
}
