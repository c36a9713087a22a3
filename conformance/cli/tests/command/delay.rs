//! A link that takes its time: a TCP relay on loopback that hands everything on a fixed time after it came.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

/// The relay; it serves for as long as the test process lasts.
pub(crate) struct Delay(SocketAddr);

impl Delay {
    pub(crate) fn start(to: SocketAddr, one_way: Duration) -> Self {
        let listener = TcpListener::bind((to.ip(), 0)).expect("a port on loopback");
        let address = listener.local_addr().expect("it is bound");
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                thread::spawn(move || relay(near, to, one_way));
            }
        });
        Self(address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0
    }
}

fn relay(near: TcpStream, to: SocketAddr, one_way: Duration) {
    // The relay itself has answered the client's SYN: that round trip passes here.
    thread::sleep(one_way * 2);
    let Ok(far) = TcpStream::connect(to) else { return };
    let ends =
        [(&near, &far), (&far, &near)].map(|(from, to)| Some((from.try_clone().ok()?, to.try_clone().ok()?)));
    for (from, to) in ends.into_iter().flatten() {
        // Whoever sends small pieces means them.
        if to.set_nodelay(true).is_ok() {
            one_direction(from, to, one_way);
        }
    }
}

/// Reads on one thread and writes on another, so that nothing waits for what came before it.
fn one_direction(mut from: TcpStream, mut to: TcpStream, one_way: Duration) {
    let (sender, pieces) = channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut octets = vec![0; 64 * 1024];
        // An empty piece is the end of the stream.
        while let Ok(n) = from.read(&mut octets) {
            if sender.send((Instant::now() + one_way, octets[..n].to_vec())).is_err() || n == 0 {
                return;
            }
        }
    });
    thread::spawn(move || {
        for (due, octets) in pieces {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if octets.is_empty() || to.write_all(&octets).is_err() {
                break;
            }
        }
        // A stream that is closed already needs no end.
        let _ = to.shutdown(Shutdown::Write);
    });
}
