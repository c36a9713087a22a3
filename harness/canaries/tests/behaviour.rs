//! Each canary does what its name says, and stops when it is dropped.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use canaries::{Canary, Running, start};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};

const REQUEST: &[u8] = b"\x00\x07\x00\x11mn-id:a@b.example";
const ANSWER_200: &[u8] = b"\x00\x07\x00\x15status-code:200\r\n\r\n\r\n";
const ANSWER_400: &[u8] = b"\x00\x07\x00\x15status-code:400\r\n\r\n\r\n";

/// Far above what any step needs; a hang becomes a failure.
const DEADLINE: Duration = Duration::from_secs(20);

type Tls = StreamOwned<ClientConnection, TcpStream>;

#[test]
fn nobody_answers_at_a_closed_port() {
    let running = run(Canary::ClosedPort);
    assert_eq!(TcpStream::connect(running.addr()).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn the_black_hole_reads_and_stays_silent() {
    assert_eq!(all_that_comes_back(&run(Canary::BlackHole)), b"");
}

#[test]
fn the_echo_returns_every_octet() {
    assert_eq!(all_that_comes_back(&run(Canary::TcpEcho)), REQUEST);
}

#[test]
fn tls_closes_cleanly_right_after_the_handshake() {
    let running = run(Canary::ClosesAfterHandshake);
    let mut tls = connect(&running).unwrap();
    let mut rest = Vec::new();
    tls.read_to_end(&mut rest).expect("close_notify, not a truncation");
    assert_eq!(rest, b"");
}

#[test]
fn every_request_gets_the_same_answer_under_its_own_identifier() {
    for (canary, answer) in [(Canary::AlwaysOk, ANSWER_200), (Canary::Refuses, ANSWER_400)] {
        let running = run(canary);
        let mut tls = connect(&running).unwrap();
        for identifier in [7, 8, 200] {
            tls.write_all(&with_identifier(REQUEST, identifier)).unwrap();
            assert_eq!(receive(&mut tls, answer.len()), with_identifier(answer, identifier), "{running:?}");
        }
    }
}

#[test]
fn no_answer_ever_comes_from_the_mute() {
    let running = run(Canary::NeverAnswers);
    let mut tls = connect(&running).unwrap();
    tls.write_all(REQUEST).unwrap();
    tls.conn.send_close_notify();
    tls.flush().unwrap();
    tls.sock.shutdown(Shutdown::Write).unwrap();
    // It has read to our end before it lets go: what did not come by now never comes.
    let mut rest = Vec::new();
    let _ = tls.read_to_end(&mut rest);
    assert_eq!(rest, b"");
}

#[test]
fn the_slow_answer_is_right_and_slow() {
    let running = run(Canary::AnswersSlowly);
    let mut tls = connect(&running).unwrap();
    tls.write_all(REQUEST).unwrap();
    let begin = Instant::now();
    assert_eq!(receive(&mut tls, 5), ANSWER_200[..5]);
    assert!(begin.elapsed() >= Duration::from_millis(5 * 300));
}

#[test]
fn the_third_message_crashes_all_connections_and_the_listener() {
    let running = run(Canary::CrashesOnMessage(3.try_into().unwrap()));
    let (mut first, mut second) = (connect(&running).unwrap(), connect(&running).unwrap());
    for tls in [&mut first, &mut second] {
        tls.write_all(REQUEST).unwrap();
        assert_eq!(receive(tls, ANSWER_400.len()), ANSWER_400);
    }
    first.write_all(REQUEST).unwrap();
    for mut tls in [first, second] {
        let end = tls.read(&mut [0; 64]).unwrap_err().kind();
        assert!(matches!(end, ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof), "{end:?}");
    }
    assert!(is_gone(&running));
}

#[test]
fn the_wrong_name_is_refused_for_its_name() {
    let error = connect(&run(Canary::WrongName)).unwrap_err().to_string();
    assert!(error.contains("not valid for name"), "{error}");
}

#[test]
fn the_flood_does_not_end() {
    let running = run(Canary::EndlessData);
    let mut tls = connect(&running).unwrap();
    for _ in 0..64 {
        let container = receive(&mut tls, 4 + 65535);
        assert_eq!(container[..4], [0, 1, 255, 255]);
    }
}

#[test]
fn the_trickle_announces_much_and_sends_little() {
    let running = run(Canary::LongTrickle);
    let mut tls = connect(&running).unwrap();
    tls.write_all(REQUEST).unwrap();
    assert_eq!(receive(&mut tls, 4), [0, 7, 255, 255]);
    let begin = Instant::now();
    receive(&mut tls, 2);
    assert!(begin.elapsed() >= Duration::from_millis(300));
}

#[test]
fn hostile_text_is_hostile_and_well_framed() {
    let mojibake = first_content(&run(Canary::InvalidUtf8));
    assert!(std::str::from_utf8(&mojibake).is_err());
    let paint = first_content(&run(Canary::TerminalEscapes));
    assert!(paint.contains(&0x1b) && paint.contains(&0x07) && paint.contains(&0));
}

#[test]
fn dropping_ends_connections_and_listener() {
    for canary in Canary::ALL {
        let running = run(canary);
        let addr = running.addr();
        let open = TcpStream::connect(addr);
        drop(running);
        if let Ok(mut open) = open {
            open.set_read_timeout(Some(DEADLINE)).unwrap();
            let mut rest = Vec::new();
            let end = open.read_to_end(&mut rest).map_or_else(|e| e.kind(), |_| ErrorKind::UnexpectedEof);
            assert!(
                matches!(end, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset),
                "{canary:?}: {end:?}"
            );
        }
        assert!(TcpStream::connect(addr).is_err(), "{canary:?} still listens");
    }
}

#[test]
fn names_are_unique_and_stories_are_told() {
    let mut names = Canary::ALL.map(Canary::name).to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Canary::ALL.len());
    assert!(Canary::ALL.iter().all(|canary| canary.story().len() > 10));
}

fn run(canary: Canary) -> Running {
    start(canary).unwrap()
}

fn connect(running: &Running) -> io::Result<Tls> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(running.ca_pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::from(running.addr().ip());
    let mut conn = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut sock = TcpStream::connect(running.addr())?;
    sock.set_read_timeout(Some(DEADLINE))?;
    sock.set_write_timeout(Some(DEADLINE))?;
    while conn.is_handshaking() {
        conn.complete_io(&mut sock)?;
    }
    Ok(StreamOwned::new(conn, sock))
}

/// Sends a request in clear, ends, and collects what comes until the canary ends too.
fn all_that_comes_back(running: &Running) -> Vec<u8> {
    let mut stream = TcpStream::connect(running.addr()).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.write_all(REQUEST).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut back = Vec::new();
    stream.read_to_end(&mut back).unwrap();
    back
}

fn receive(tls: &mut Tls, length: usize) -> Vec<u8> {
    let mut octets = vec![0; length];
    tls.read_exact(&mut octets).unwrap();
    octets
}

fn first_content(running: &Running) -> Vec<u8> {
    let mut tls = connect(running).unwrap();
    tls.write_all(REQUEST).unwrap();
    let header = receive(&mut tls, 4);
    assert_eq!(header[..2], [0, 7]);
    receive(&mut tls, usize::from(u16::from_be_bytes([header[2], header[3]])))
}

fn with_identifier(container: &[u8], identifier: u8) -> Vec<u8> {
    let mut octets = container.to_vec();
    octets[1] = identifier;
    octets
}

/// Whether connecting comes to be refused; a knock that is still let in must end first, so nothing here sleeps.
fn is_gone(running: &Running) -> bool {
    (0..100).any(|_| match TcpStream::connect(running.addr()) {
        Ok(mut stream) => {
            let _ = stream.read_to_end(&mut Vec::new());
            false
        }
        Err(error) => error.kind() == ErrorKind::ConnectionRefused,
    })
}
