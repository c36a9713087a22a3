//! Sessions between `openssl s_server` and `openssl s_client`, one for each suite that OpenSSL negotiates by default:
//! another implementation makes the records and the key log, the plaintext is known.

use core::time::Duration;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use super::{Event, KeyLog, Role, Session, Stop, version};

/// Octets of one end, as they passed.
type Tape = Vec<(Role, Vec<u8>)>;

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A directory with a certificate of each kind, or the reason to skip.
fn prepared(test: &str) -> Option<PathBuf> {
    let folder = std::env::temp_dir().join(format!("mip6-dissect-{test}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a place for certificates");
    for (name, key) in [("ec", &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"][..]), ("rsa", &["rsa:2048"])] {
        let made = Command::new("openssl")
            .current_dir(&folder)
            .args(["req", "-x509", "-nodes", "-days", "1", "-subj", "/CN=hac.example", "-newkey"])
            .args(key)
            .args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")])
            .output();
        if made.is_err() {
            assert!(std::env::var_os("CI").is_none(), "CI has to have openssl");
            println!("skipped: there is no openssl");
            return None;
        }
        assert!(folder.join(format!("{name}.pem")).exists(), "openssl makes a certificate");
    }
    Some(folder)
}

/// What both ends are told on their command lines.
struct Arguments<'a> {
    certificate: &'a str,
    both: &'a [&'a str],
    client: &'a [&'a str],
}

/// Talks through a recorder: the client says each line and waits for its reversal.
fn session(folder: &Path, arguments: &Arguments<'_>, lines: &[&str]) -> (Tape, KeyLog) {
    let mut server = openssl(folder, "s_server", |command| {
        command.args(["-accept", "127.0.0.1:0", "-naccept", "1", "-rev"]).args(arguments.both).args([
            "-cert",
            &format!("{}.pem", arguments.certificate),
            "-key",
            &format!("{}.key", arguments.certificate),
        ])
    });
    let mut said = BufReader::new(server.0.stdout.take().expect("a pipe"));
    let address = until(&mut said, "ACCEPT").split_whitespace().nth(1).expect("an address").to_owned();
    let recorder = Recorder::between(address.parse().expect("an address"));
    let mut client = openssl(folder, "s_client", |command| {
        command
            .args(["-connect", &recorder.address.to_string(), "-keylogfile", "keys", "-nocommands"])
            .args(arguments.both)
            .args(arguments.client)
    });
    let mut input: ChildStdin = client.0.stdin.take().expect("a pipe");
    let mut heard: BufReader<ChildStdout> = BufReader::new(client.0.stdout.take().expect("a pipe"));
    for line in lines {
        writeln!(input, "{line}").expect("the client listens");
        until(&mut heard, &line.chars().rev().collect::<String>());
    }
    drop(input);
    client.0.wait().expect("the client ends with its input");
    let tape = recorder.finish();
    let mut log = KeyLog::default();
    assert!(log.add(&fs::read(folder.join("keys")).expect("a key log")) > 0);
    fs::remove_file(folder.join("keys")).expect("it is ours");
    (tape, log)
}

fn openssl(folder: &Path, tool: &str, with: impl FnOnce(&mut Command) -> &mut Command) -> Running {
    let mut command = Command::new("openssl");
    with(command.arg(tool));
    command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    Running(command.spawn().expect("openssl made certificates a moment ago"))
}

/// Reads up to a line with this in it.
fn until(reader: &mut impl BufRead, wanted: &str) -> String {
    let mut line = String::new();
    while !line.contains(wanted) {
        line.clear();
        assert_ne!(reader.read_line(&mut line).expect("text"), 0, "{wanted} never came");
    }
    line
}

struct Recorder {
    address: SocketAddr,
    tape: Arc<Mutex<Tape>>,
    forwards: thread::JoinHandle<()>,
}

impl Recorder {
    fn between(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let tape = Arc::<Mutex<Tape>>::default();
        let recorded = Arc::clone(&tape);
        let forwards = thread::spawn(move || {
            let (client, _) = listener.accept().expect("the client connects");
            let server = TcpStream::connect(server).expect("the server accepts");
            let back = [server.try_clone().expect("a copy"), client.try_clone().expect("a copy")];
            let recorded_back = Arc::clone(&recorded);
            let other = thread::spawn(move || {
                let [server, client] = back;
                forward(Role::Server, server, client, &recorded_back);
            });
            forward(Role::Client, client, server, &recorded);
            other.join().expect("no panic");
        });
        Self { address, tape, forwards }
    }

    fn finish(self) -> Tape {
        self.forwards.join().expect("no panic");
        core::mem::take(&mut self.tape.lock().expect("no panic"))
    }
}

fn forward(role: Role, mut from: TcpStream, mut to: TcpStream, tape: &Mutex<Tape>) {
    from.set_read_timeout(Some(Duration::from_secs(20))).expect("a time");
    let mut octets = [0; 700];
    while let Ok(len @ 1..) = from.read(&mut octets) {
        // Recorded before it is sent on, so an answer is never before its question.
        tape.lock().expect("no panic").push((role, octets[..len].to_vec()));
        if to.write_all(&octets[..len]).is_err() {
            break;
        }
    }
    let _: io::Result<()> = to.shutdown(Shutdown::Write);
}

/// What both ends told their applications, and what was said beside it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Read2 {
    client: Vec<u8>,
    server: Vec<u8>,
    negotiated: Option<(u16, u16)>,
    closed: usize,
    stops: Vec<Stop>,
    renegotiated: bool,
}

fn read(tape: &Tape, log: &KeyLog) -> (Read2, Session) {
    let mut session = Session::default();
    let mut read = Read2::default();
    let mut take = |role: Role, event: Event<'_>| match (role, event) {
        (Role::Client, Event::Application(octets)) => read.client.extend_from_slice(octets),
        (Role::Server, Event::Application(octets)) => read.server.extend_from_slice(octets),
        (_, Event::Negotiated(chosen)) => read.negotiated = Some((chosen.version, chosen.suite)),
        (_, Event::Alert { description }) => read.closed += usize::from(description == 0),
        (_, Event::Renegotiation) => read.renegotiated = true,
        (_, Event::Stopped(stop)) => read.stops.push(stop),
    };
    for (role, octets) in tape {
        session.take(*role, octets, log, &mut take);
    }
    (read, session)
}

/// Plays the session, reads it with and without its secrets.
fn check(folder: &Path, name: &str, arguments: &Arguments<'_>) -> Option<(u16, u16)> {
    let (tape, log) = session(folder, arguments, &["stressed", "diaper"]);
    let (read_back, seen) = read(&tape, &log);
    assert_eq!(read_back.stops, [], "{name}");
    assert_eq!(read_back.client, b"stressed\ndiaper\n", "{name}");
    assert_eq!(read_back.server, b"desserts\nrepaid\n", "{name}");
    assert!(read_back.closed > 0, "{name}: close_notify is seen");
    let certificate = seen.certificate().expect("a certificate");
    assert!(crypto::tls_server_end_point(certificate).is_ok(), "{name}");
    let (blind, _) = read(&tape, &KeyLog::default());
    assert_eq!((blind.client.len(), blind.server.len()), (0, 0), "{name}");
    assert!(blind.stops.contains(&Stop::NoSecrets), "{name}: {:?}", blind.stops);
    read_back.negotiated
}

#[test]
fn every_suite_of_tls_1_2() {
    let Some(folder) = prepared("tls12") else { return };
    let suites = Command::new("openssl").args(["ciphers", "-s", "-tls1_2", "DEFAULT:AESCCM"]).output();
    let suites = String::from_utf8(suites.expect("openssl is there").stdout).expect("names");
    let mut checked = 0;
    for suite in suites.trim().split(':') {
        // TLS 1.3 has a test of its own; PSK and SRP have no certificate.
        if suite.starts_with("TLS_") || suite.contains("PSK") || suite.contains("SRP") {
            continue;
        }
        let certificate = if suite.contains("ECDSA") { "ec" } else { "rsa" };
        let both = ["-tls1_2", "-cipher", suite];
        let negotiated = check(&folder, suite, &Arguments { certificate, both: &both, client: &[] });
        assert_eq!(negotiated.map(|chosen| chosen.0), Some(version::TLS12), "{suite}");
        let is_cbc = !["GCM", "CCM", "CHACHA"].iter().any(|aead| suite.contains(aead));
        if is_cbc {
            check(&folder, suite, &Arguments { certificate, both: &both, client: &["-no_etm"] });
        }
        checked += 1;
    }
    assert!(checked >= 20, "only {checked} suites");
    fs::remove_dir_all(folder).expect("it is ours");
}

#[test]
fn every_suite_of_tls_1_3() {
    let Some(folder) = prepared("tls13") else { return };
    let names = ["AES_128_GCM", "AES_256_GCM", "CHACHA20_POLY1305", "AES_128_CCM", "AES_128_CCM_8"];
    for (name, code) in names.into_iter().zip(0x1301..) {
        let hash = if name.contains("256_G") { "SHA384" } else { "SHA256" };
        let both = ["-tls1_3", "-ciphersuites", &format!("TLS_{name}_{hash}")];
        let negotiated = check(&folder, name, &Arguments { certificate: "ec", both: &both, client: &[] });
        assert_eq!(negotiated, Some((version::TLS13, code)));
    }
    // A group that the client did not guess makes the server ask for another ClientHello.
    let both = ["-tls1_3"];
    let client = ["-groups", "X448:P-256"];
    let server = Arguments { certificate: "rsa", both: &both, client: &client };
    check(&folder, "plain", &server);
    fs::remove_dir_all(folder).expect("it is ours");
}
