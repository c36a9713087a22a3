//! Peers that mean no good: the servers go on, in bounded time and memory.

mod node_at_work;

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream as StdTcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use node::hac_server::Limits;
use node::home::{Home, HomeConfig, Machines, RunningHome};
use node::tls::{ClientTls, TlsVersions};
use proto::hac::{Input, Output};
use proto::{Machine, Timestamp};
use rustls::{ClientConfig, HandshakeKind, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use wire::container::{self, Container, Identifier};
use wire::message::{InitRequest, Response};
use wire::value::{Methods, Random};

use node_at_work::{PATIENCE, Worker, identities, in_time};

const SHORT: Duration = Duration::from_millis(200);

fn home(limits: Limits) -> RunningHome {
    let mut config = HomeConfig::loopback();
    config.hac.limits = limits;
    Home::start(config, identities(), Machines::honest).expect("a home on loopback")
}

async fn still_serves(home: &RunningHome) {
    let mut node = Worker::new(home.hac_addr(), home.ca_pem(), "localhost", TlsVersions::Both).node(|_| {});
    in_time(node_at_work::register(&mut node)).await;
}

/// Blocks until the server closes; whatever it sends before is read.
fn until_closed(mut socket: &StdTcpStream) {
    socket.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    let mut nowhere = Vec::new();
    match socket.read_to_end(&mut nowhere) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}"),
    }
}

#[tokio::test]
async fn silence_before_and_inside_tls_ends() {
    let home = home(Limits { idle: SHORT, ..Limits::default() });
    let address = home.hac_addr();
    let before = tokio::task::spawn_blocking(move || {
        until_closed(&StdTcpStream::connect(address).expect("connected"));
    });
    in_time(before).await.expect("closed before TLS");

    let tls =
        ClientTls::new(home.ca_pem().as_bytes(), "localhost", TlsVersions::Both, None).expect("settings");
    let socket = TcpStream::connect(address).await.expect("connected");
    let mut secured = tls.connect(socket).await.expect("a session");
    let mut octet = [0];
    assert_eq!(in_time(secured.stream.read(&mut octet)).await.expect("a clean close"), 0);
}

#[tokio::test]
async fn talk_without_tls_ends() {
    let home = home(Limits::default());
    for noise in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0; 64], &[0xFF; 4096], &[0x16, 3, 1, 0xFF, 0xFF]] {
        let address = home.hac_addr();
        let talk = tokio::task::spawn_blocking(move || {
            let mut socket = StdTcpStream::connect(address).expect("connected");
            socket.write_all(noise).expect("written");
            socket.shutdown(std::net::Shutdown::Write).expect("finished");
            until_closed(&socket);
        });
        in_time(talk).await.expect("closed");
    }
    still_serves(&home).await;
}

#[tokio::test]
async fn a_flood_inside_tls_ends() {
    let home = home(Limits::default());
    let tls =
        ClientTls::new(home.ca_pem().as_bytes(), "localhost", TlsVersions::Both, None).expect("settings");
    let socket = TcpStream::connect(home.hac_addr()).await.expect("connected");
    let mut stream = tls.connect(socket).await.expect("a session").stream;
    in_time(async { while stream.write_all(&[b'a'; 16 * 1024]).await.is_ok() {} }).await;
    still_serves(&home).await;
}

/// A peer may say everything and end its half at once: the answer to what came before is still due.
#[tokio::test]
async fn the_answer_survives_the_end_of_its_question() {
    let home = home(Limits::default());
    let tls =
        ClientTls::new(home.ca_pem().as_bytes(), "localhost", TlsVersions::Both, None).expect("settings");
    let (mn_id, _) = identities().remove(0);
    let methods = Methods::parse(b"psk").expect("legal");
    let request = InitRequest { mn_id, methods, mn_rand: Some(Random([7; 32])) };
    let content = request.draft().octets();
    let question =
        container::Repr { identifier: Identifier::FIRST, content: &content }.to_vec().expect("short");
    for _ in 0..20 {
        let socket = TcpStream::connect(home.hac_addr()).await.expect("connected");
        let mut stream = tls.connect(socket).await.expect("a session").stream;
        stream.write_all(&question).await.expect("written");
        stream.shutdown().await.expect("our half ends");
        let mut answer = Vec::new();
        in_time(stream.read_to_end(&mut answer)).await.expect("a clean end");
        let answer = Container::new_checked(answer.as_slice()).expect("a container");
        assert!(matches!(Response::parse(answer.content()), Ok(Response::Init(_))));
    }
}

/// A HAC that answers every read with the longest container there is.
#[derive(Default)]
struct Talkative(VecDeque<Output>);

impl Machine for Talkative {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, _: Timestamp, input: Input) {
        if let Input::Received { conn, .. } = input {
            self.0.push_back(Output::Send { conn, octets: vec![b'a'; 4 + 65_535] });
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.0.pop_front()
    }

    fn poll_timeout(&self) -> Option<Timestamp> {
        None
    }

    fn handle_timeout(&mut self, _: Timestamp) {}
}

#[tokio::test]
async fn a_peer_that_asks_and_never_reads_loses_its_connection() {
    let mut config = HomeConfig::loopback();
    config.hac.limits.idle = SHORT;
    let home = Home::start(config, identities(), |_, ha| Machines {
        hac: Box::<Talkative>::default(),
        ha: Box::new(ha.honest()),
    })
    .expect("a home on loopback");
    let tls =
        ClientTls::new(home.ca_pem().as_bytes(), "localhost", TlsVersions::Both, None).expect("settings");
    let socket = TcpStream::connect(home.hac_addr()).await.expect("connected");
    let mut stream = tls.connect(socket).await.expect("a session").stream;
    in_time(async { while stream.write_all(&[b'a'; 16 * 1024]).await.is_ok() {} }).await;
    assert!(home.is_running());
}

#[tokio::test]
async fn one_connection_too_many_is_closed_at_once_and_room_comes_back() {
    let home = home(Limits { connections: 2, ..Limits::default() });
    let address = home.hac_addr();
    let talk = tokio::task::spawn_blocking(move || {
        let held = [(); 2].map(|()| StdTcpStream::connect(address).expect("connected"));
        until_closed(&StdTcpStream::connect(address).expect("the kernel connects"));
        drop(held);
    });
    in_time(talk).await.expect("closed");
    let served = async {
        loop {
            let node = Worker::new(address, home.ca_pem(), "localhost", TlsVersions::Both).node(|_| {});
            if node_at_work::bootstrapped(node).await {
                return;
            }
        }
    };
    in_time(served).await;
}

#[tokio::test]
async fn sessions_are_never_resumed() {
    let home = home(Limits::default());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(home.ca_pem().as_bytes()).expect("PEM")).expect("an authority");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[version])
            .expect("a version")
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        for _ in 0..2 {
            assert_eq!(in_time(handshake(&connector, home.hac_addr())).await, Some(HandshakeKind::Full));
        }
    }
}

/// Reads to the end, so that a ticket would have been seen.
async fn handshake(connector: &tokio_rustls::TlsConnector, address: SocketAddr) -> Option<HandshakeKind> {
    let socket = TcpStream::connect(address).await.expect("connected");
    let name = ServerName::try_from("localhost").expect("a name");
    let mut stream = connector.connect(name, socket).await.expect("a session");
    stream.write_all(&[0; 4]).await.expect("written");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("a refusal and a clean close");
    stream.get_ref().1.handshake_kind()
}

#[tokio::test]
async fn datagrams_without_sense_are_counted_and_not_answered() {
    let home = home(Limits::default());
    let socket = UdpSocket::bind((home.ha_addr().ip(), 0)).expect("a socket");
    let mut unknown_spi = vec![0; 64];
    unknown_spi.splice(..4, [0x80, 0, 0, 1]);
    for noise in [&[][..], &[0xFF], &[0; 7], &[0x20; 64], &unknown_spi] {
        socket.send_to(noise, home.ha_addr()).expect("sent");
    }
    still_serves(&home).await;
    socket.set_nonblocking(true).expect("non-blocking");
    let silence = socket.recv(&mut [0; 2048]).expect_err("no answer");
    assert_eq!(silence.kind(), std::io::ErrorKind::WouldBlock);
    let statistics = home.stop().expect("it served to the end");
    let discarded: Vec<_> =
        statistics.discarded.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
    assert_eq!(discarded, [("keepalive", 1), ("packet-type", 1), ("short", 2), ("spi-unknown", 1)]);
}
