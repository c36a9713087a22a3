//! One TCP stream with a known digest.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::stream::{Stream, hex};

/// The longest silence; a path may be away for a while.
const PATIENCE: Duration = Duration::from_secs(45);

/// Octets between two lines of progress.
const PROGRESS: u64 = 100_000;

/// Sends a stream, at most `rate` octets in a second, and waits until the other end has all of it.
///
/// # Errors
/// The connection fails.
pub fn send(to: SocketAddr, octets: u64, seed: u64, rate: Option<u64>) -> io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&to, PATIENCE)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let (began, mut sent) = (Instant::now(), 0);
    for part in Stream::new(seed, octets) {
        stream.write_all(&part)?;
        sent += part.len() as u64;
        if let Some(rate) = rate {
            let due = Duration::from_micros(sent.saturating_mul(1_000_000) / rate.max(1));
            std::thread::sleep(due.saturating_sub(began.elapsed()));
        }
    }
    stream.shutdown(std::net::Shutdown::Write)?;
    stream.read_to_end(&mut Vec::new()).map(drop)
}

/// Takes one stream.
///
/// # Errors
/// The address cannot be had, or the connection fails.
pub fn receive(at: SocketAddr) -> io::Result<()> {
    let listener = TcpListener::bind(at)?;
    let mut out = io::stdout().lock();
    writeln!(out, "listening")?;
    let (mut stream, _) = listener.accept()?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let (mut digest, mut octets, mut told) = (Sha256::new(), 0, 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        digest.update(&buffer[..length]);
        octets += length as u64;
        if octets >= told + PROGRESS {
            told = octets;
            writeln!(out, "octets {octets}")?;
        }
    }
    writeln!(out, "received {octets} octets, SHA-256 {}", hex(&digest.finalize()))
}
