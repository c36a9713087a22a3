//! A UDP relay that loses, delays and reorders by a seed: the kernel of a lab need not have netem.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::stream::next_random;

/// What becomes of datagrams.
#[derive(Clone, Debug, clap::Args)]
pub struct BadPath {
    /// Where clients send to
    #[arg(long)]
    from: SocketAddr,
    /// Where their datagrams go
    #[arg(long)]
    to: SocketAddr,
    /// What decides
    #[arg(long)]
    seed: u64,
    /// Of a thousand so many are lost
    #[arg(long, default_value_t = 0)]
    lost_of_1000: u64,
    /// Of a thousand so many wait three times as long
    #[arg(long, default_value_t = 0)]
    late_of_1000: u64,
    /// How long each waits
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
}

/// A datagram on its way.
struct Delayed {
    due: Instant,
    by: Arc<UdpSocket>,
    to: SocketAddr,
    octets: Vec<u8>,
}

/// Relays until it is ended. Each client gets a port of its own toward the server, as behind a NAT.
///
/// # Errors
/// A socket cannot be had.
pub fn relay(path: &BadPath) -> io::Result<()> {
    let front = Arc::new(UdpSocket::bind(path.from)?);
    println!("relaying");
    let (queue, delayed) = channel();
    thread::spawn(move || deliver(&delayed));
    let mut fate = Fate { path: path.clone(), state: path.seed | 1 << 63 };
    let mut backs: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let (length, client) = front.recv_from(&mut buffer)?;
        let back = match backs.get(&client) {
            Some(back) => Arc::clone(back),
            None => {
                let back = Arc::new(open_back(path.to)?);
                let fate = Fate { path: path.clone(), state: path.seed.rotate_left(17) | 1 << 63 };
                let (own, front, queue) = (Arc::clone(&back), Arc::clone(&front), queue.clone());
                thread::spawn(move || answers(&own, client, &front, fate, &queue));
                backs.insert(client, Arc::clone(&back));
                back
            }
        };
        if let Some(due) = fate.next() {
            let octets = buffer[..length].to_vec();
            queue.send(Delayed { due, by: back, to: path.to, octets }).map_err(io::Error::other)?;
        }
    }
}

fn open_back(to: SocketAddr) -> io::Result<UdpSocket> {
    UdpSocket::bind((if to.is_ipv4() { "0.0.0.0" } else { "::" }, 0))
}

/// What the server sends to one client.
fn answers(
    back: &UdpSocket,
    client: SocketAddr,
    front: &Arc<UdpSocket>,
    mut fate: Fate,
    queue: &Sender<Delayed>,
) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok((length, _)) = back.recv_from(&mut buffer) {
        let Some(due) = fate.next() else { continue };
        let octets = buffer[..length].to_vec();
        if queue.send(Delayed { due, by: Arc::clone(front), to: client, octets }).is_err() {
            return;
        }
    }
}

/// What becomes of each datagram of one direction, in turn.
struct Fate {
    path: BadPath,
    state: u64,
}

impl Fate {
    /// When it goes on; `None` if it is lost.
    fn next(&mut self) -> Option<Instant> {
        let (loss, lateness) = (next_random(&mut self.state) % 1000, next_random(&mut self.state) % 1000);
        if loss < self.path.lost_of_1000 {
            return None;
        }
        let delay = Duration::from_millis(self.path.delay_ms);
        Some(Instant::now() + if lateness < self.path.late_of_1000 { delay * 3 } else { delay })
    }
}

/// Sends each datagram when it is due.
fn deliver(delayed: &Receiver<Delayed>) {
    let mut waiting: BTreeMap<(Instant, u64), Delayed> = BTreeMap::new();
    let mut arrivals = 0;
    loop {
        let wait =
            waiting.keys().next().map_or(IDLE, |(due, _)| due.saturating_duration_since(Instant::now()));
        match delayed.recv_timeout(wait) {
            Ok(datagram) => {
                arrivals += 1;
                waiting.insert((datagram.due, arrivals), datagram);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        while let Some(first) = waiting.first_entry()
            && first.key().0 <= Instant::now()
        {
            let Delayed { by, to, octets, .. } = first.remove();
            // A path may lose anything.
            let _ = by.send_to(&octets, to);
        }
    }
}

const IDLE: Duration = Duration::from_secs(1);
