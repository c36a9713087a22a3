//! Public captures of TLS sessions with their key logs, where they are at hand: records that nobody here made.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Event, KeyLog, Role, Session, Stop, version};
use crate::format::{Batch, Reader, Record};
use crate::ip::{self, Found, Transport};
use crate::link::{self, Network};
use crate::tcp::{Arrival, Connection, Side};

fn folder(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("MIP6_SHARED").map_or(beside, PathBuf::from);
    let folder = shared.join("captures").join(name);
    if !folder.is_dir() {
        println!("skipped: no ../shared/captures/{name} beside the checkout (MIP6_SHARED overrides)");
    }
    folder.is_dir().then_some(folder)
}

/// What one session said.
#[derive(Default)]
struct Said {
    client: Vec<u8>,
    server: Vec<u8>,
    negotiated: Option<(u16, u16)>,
    stops: BTreeSet<String>,
    has_certificate: bool,
}

/// Every TCP connection of a capture, read as TLS; a connection starts with its SYN.
fn sessions(capture: &Path, log: &KeyLog) -> Vec<Said> {
    let octets = fs::read(capture).expect("a listed file can be read");
    let mut all: Vec<(Connection, Session, Said)> = Vec::new();
    let mut reader = Reader::new(&octets[..]);
    let mut batch = Batch::default();
    while reader.fill(&mut batch) {
        for record in batch.records() {
            let Record::Frame(frame) = record else { continue };
            let Ok(Network::Ip(rest)) = link::network(frame.link, frame.octets) else { continue };
            let Ok(Found::Transport(_, Transport::Tcp(segment))) = ip::packet(rest, frame.original as usize)
            else {
                continue;
            };
            let of_this = |connection: &Connection| {
                let ends = [connection.initiator, connection.responder];
                ends.contains(&segment.from)
                    && ends.contains(&segment.to)
                    && !connection.is_reopened_by(&segment)
            };
            let at = all.iter().position(|(connection, ..)| of_this(connection)).unwrap_or_else(|| {
                all.push((Connection::new(&segment), Session::default(), Said::default()));
                all.len() - 1
            });
            let (connection, session, said) = &mut all[at];
            connection.step(Some(&segment), frame.number, |side, arrival| {
                let role = if side == Side::Initiator { Role::Client } else { Role::Server };
                if let Arrival::Octets { octets, .. } = arrival {
                    session.take(role, octets, log, &mut |role, event| said.hear(role, event));
                }
            });
        }
    }
    let told = |(_, session, mut said): (Connection, Session, Said)| {
        said.has_certificate = session.certificate().is_some();
        said
    };
    all.into_iter().map(told).collect()
}

impl Said {
    fn hear(&mut self, role: Role, event: Event<'_>) {
        match (role, event) {
            (Role::Client, Event::Application(octets)) => self.client.extend_from_slice(octets),
            (Role::Server, Event::Application(octets)) => self.server.extend_from_slice(octets),
            (_, Event::Negotiated(chosen)) => self.negotiated = Some((chosen.version, chosen.suite)),
            (_, Event::Stopped(stop)) => drop(self.stops.insert(stop.to_string())),
            (_, Event::Alert { .. } | Event::Renegotiation) => {}
        }
    }
}

fn log(file: &Path) -> KeyLog {
    let mut log = KeyLog::default();
    assert!(log.add(&fs::read(file).expect("a listed file can be read")) > 0);
    log
}

#[test]
fn the_illustrated_sessions_say_ping_and_pong() {
    for (name, negotiated) in [
        ("syncsynchalt--illustrated-tls12", (version::TLS12, 0xc013)),
        ("syncsynchalt--illustrated-tls13", (version::TLS13, 0x1302)),
    ] {
        let Some(folder) = folder(name) else { continue };
        let sessions = sessions(&folder.join("capture.pcap"), &log(&folder.join("keylog.txt")));
        let [said] = sessions.as_slice() else { panic!("{name}: {} sessions", sessions.len()) };
        assert_eq!(said.stops, BTreeSet::new(), "{name}");
        assert_eq!((&said.client[..], &said.server[..]), (&b"ping"[..], &b"pong"[..]), "{name}");
        assert_eq!(said.negotiated, Some(negotiated), "{name}");
        assert!(said.has_certificate, "{name}");
    }
}

#[test]
fn suites_that_nobody_should_use_are_named_and_not_read() {
    let Some(folder) = folder("Lekensteyn--wireshark-notes/tls/works") else { return };
    let sessions = sessions(&folder.join("dump.pcapng"), &log(&folder.join("premaster.txt")));
    assert!(sessions.len() >= 6, "{} sessions", sessions.len());
    for said in sessions {
        let (version, suite) = said.negotiated.expect("a ServerHello");
        assert_eq!(version, version::TLS12);
        let told = BTreeSet::from([Stop::Suite(suite).to_string()]);
        assert_eq!((said.stops, said.client.len()), (told, 0), "{suite:#06x}");
    }
}
