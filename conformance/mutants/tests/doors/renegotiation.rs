//! RFC 5246 section 7.4.1.1 and RFC 5746: a server that lets a client begin another handshake, and ones that do not.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crypto::auth::Profile;
use rustls::version::{TLS12, TLS13};
use rustls::{ContentType, ServerConfig, ServerConnection, SupportedCipherSuite};
use sha2::{Digest, Sha256};
use suite::link::renegotiate::{Records, last_record, verify_data};
use suite::verdict::Verdict;

use super::authority::Authority;
use super::door::{Door, always, hac, listen};

const ID: &str = "rfc6618/9.2/no-renegotiation";

/// What the server answers to a ClientHello within its session.
type Answer = (ContentType, &'static [u8]);

/// The beginning of a ServerHello.
const SERVER_HELLO: Answer = (ContentType::Handshake, &[2, 0, 0, 38, 3, 3]);
/// A warning, and the session goes on.
const NO_RENEGOTIATION: Answer = (ContentType::Alert, &[1, 100]);
/// An answer to what came behind the ClientHello.
const APPLICATION_DATA: Answer = (ContentType::ApplicationData, b"anything");
const HELLO_REQUEST: Answer = (ContentType::Handshake, &[0, 0, 0, 0]);

/// A stream that keeps what was read.
struct Witness {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Read for Witness {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        let n = self.stream.read(octets)?;
        self.read.extend_from_slice(&octets[..n]);
        Ok(n)
    }
}

impl Write for Witness {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.stream.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// What the server saw: the verify_data of the client's Finished, and the ClientHello that came later.
type Seen = (Vec<u8>, Vec<u8>);

fn serve(
    tls: &Arc<ServerConfig>,
    stream: TcpStream,
    answers: &'static [Answer],
    seen: &Sender<Seen>,
) -> io::Result<()> {
    let mut connection = ServerConnection::new(Arc::clone(tls)).map_err(io::Error::other)?;
    let mut stream = Witness { stream, read: Vec::new() };
    while connection.is_handshaking() {
        connection.complete_io(&mut stream)?;
    }
    let lost = |what: &str| io::Error::other(what.to_owned());
    let Some(SupportedCipherSuite::Tls12(suite)) = connection.negotiated_cipher_suite() else {
        return Err(lost("not TLS 1.2"));
    };
    let secrets = connection.dangerous_extract_secrets().map_err(io::Error::other)?;
    let finished = last_record(&stream.read).ok_or_else(|| lost("no Finished"))?;
    let finished = verify_data(suite, &secrets.rx.1, finished).ok_or_else(|| lost("no verify_data"))?;
    let mut records = Records::new(suite, secrets).ok_or_else(|| lost("no keys"))?;
    let (kind, hello) = records.next(&mut stream)?;
    assert_eq!(kind, ContentType::Handshake);
    // The test that waits for it may be content already.
    let _ = seen.send((finished, hello));
    for (kind, octets) in answers {
        stream.write_all(&records.seal(*kind, octets).map_err(io::Error::other)?)?;
    }
    // The client has seen enough when it ends, however long that takes.
    stream.stream.set_read_timeout(None)?;
    let _ = stream.read_to_end(&mut Vec::new());
    Ok(())
}

fn answering(answers: &'static [Answer]) -> (Door, Receiver<Seen>) {
    let authority = Authority::default();
    let mut tls = authority.issue().server_of(&[&TLS12]);
    tls.enable_secret_extraction = true;
    let (tls, (sender, seen)) = (Arc::new(tls), channel());
    (listen(authority.pem(), move |stream| serve(&tls, stream, answers, &sender)), seen)
}

#[test]
fn who_begins_another_handshake_fails_and_in_the_draft_warns() {
    for answers in [&[SERVER_HELLO] as &[Answer], &[HELLO_REQUEST, SERVER_HELLO]] {
        let (door, _) = answering(answers);
        assert_eq!(door.verdict(ID), Verdict::Fail);
        assert_eq!(door.verdict_under(ID, Profile::Draft01), Verdict::Warn);
    }
}

#[test]
fn who_refuses_or_goes_on_passes() {
    for answers in [&[NO_RENEGOTIATION] as &[Answer], &[APPLICATION_DATA], &[HELLO_REQUEST, APPLICATION_DATA]]
    {
        answering(answers).0.passes(&[ID]);
    }
}

#[test]
fn who_says_nothing_hangs() {
    let (mut door, _) = answering(&[]);
    door.wait = Duration::from_secs(2);
    assert_eq!(door.verdict(ID), Verdict::Hang);
}

#[test]
fn the_request_is_one_that_a_server_of_rfc_5746_would_take() {
    let (door, seen) = answering(&[NO_RENEGOTIATION]);
    door.passes(&[ID]);
    let (finished, hello) = seen.recv().expect("the server has seen it");
    assert_eq!((hello[0], finished.len()), (1, 12), "a ClientHello, and verify_data");
    let extension = [&[0xff, 0x01, 0, 13, 12], finished.as_slice()].concat();
    assert!(hello.windows(extension.len()).any(|part| part == extension), "{hello:02x?}");
}

#[test]
fn a_server_that_knows_no_renegotiation_passes_and_tls_1_3_alone_proves_nothing() {
    let authority = Authority::default();
    let leaf = authority.issue();
    let binding = Sha256::digest(&leaf.der);
    hac(authority.pem(), leaf.server(), always(&binding)).passes(&[ID]);
    let modern = hac(authority.pem(), leaf.server_of(&[&TLS13]), always(&binding));
    assert_eq!(modern.verdict(ID), Verdict::Inconclusive);
}
