//! ICMP echo, for hosts without `ping`.

use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};

/// How long one answer may take before the request is repeated.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often a request is repeated before it counts as unanswered.
const ATTEMPTS: u16 = 5;

/// Asks `count` times, each time after the answer to the last, and says how many were answered.
///
/// # Errors
/// No raw socket can be had, or the destination cannot be reached.
pub fn ping(destination: IpAddr, count: u16) -> io::Result<()> {
    let socket = match destination {
        IpAddr::V4(_) => Socket::new(Domain::IPV4, Type::from(SOCK_RAW), Some(Protocol::ICMPV4))?,
        IpAddr::V6(_) => Socket::new(Domain::IPV6, Type::from(SOCK_RAW), Some(Protocol::ICMPV6))?,
    };
    socket.connect(&SocketAddr::new(destination, 0).into())?;
    let mut answered = 0;
    for sequence in 1..=count {
        let began = Instant::now();
        if (0..ATTEMPTS).map(|_| ask(&socket, destination, sequence)).any(|answer| answer.is_ok()) {
            answered += 1;
            println!(
                "reply from {destination}: seq {sequence}, {:.3} ms",
                began.elapsed().as_secs_f64() * 1e3
            );
        } else {
            println!("no reply from {destination}: seq {sequence}");
        }
    }
    println!("{count} requests, {answered} replies");
    if answered == count { Ok(()) } else { Err(io::ErrorKind::TimedOut.into()) }
}

fn ask(mut socket: &Socket, destination: IpAddr, sequence: u16) -> io::Result<()> {
    let request = request(destination, sequence);
    socket.send(&request)?;
    let deadline = Instant::now() + PATIENCE;
    let mut buffer = [0; 2048];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        socket.set_read_timeout(Some(left))?;
        let length = socket.read(&mut buffer)?;
        let got = &buffer[..length];
        // Over IPv4 a raw socket shows the IP header, too.
        let header = if destination.is_ipv4() {
            4 * usize::from(got.first().map_or(0, |octet| octet & 15))
        } else {
            0
        };
        let got = got.get(header..).unwrap_or_default();
        let reply = if destination.is_ipv4() { 0 } else { 129 };
        if got.first() == Some(&reply) && got.get(4..) == request.get(4..) {
            return Ok(());
        }
    }
}

/// The kernel fills in the checksum of ICMPv6, not that of ICMP.
fn request(destination: IpAddr, sequence: u16) -> Vec<u8> {
    let kind = if destination.is_ipv4() { 8 } else { 128 };
    let mut octets = vec![kind, 0, 0, 0];
    octets.extend(IDENTIFIER.to_be_bytes());
    octets.extend(sequence.to_be_bytes());
    octets.extend(b"through the tunnel");
    if destination.is_ipv4() {
        let sum: u32 = octets.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1])).sum();
        let folded = (sum & 0xffff) + (sum >> 16);
        let checksum = !((folded & 0xffff) + (folded >> 16));
        octets[2..4].copy_from_slice(&checksum.to_be_bytes()[2..]);
    }
    octets
}

/// As Linux numbers it.
const SOCK_RAW: i32 = 3;

const IDENTIFIER: u16 = 0x6618;
