//! A real TLS session with a HAC that refuses everything, written down as it passes.

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use canaries::{Canary, start};
use rustls::{ClientConfig, ClientConnection, KeyLog, RootCertStore, StreamOwned};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};

use crate::capture::From;

/// What somebody on the path has seen, and the secrets of the client.
pub(crate) struct Session {
    pub(crate) port: u16,
    pub(crate) pieces: Vec<(From, Vec<u8>)>,
    pub(crate) key_log: String,
}

/// Two requests and their answers; the second request is cut into two TLS records.
pub(crate) fn record() -> Session {
    let running = start(Canary::Refuses).unwrap();
    let keys = Arc::new(Keys::default());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(running.ca_pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.key_log = Arc::clone(&keys) as Arc<dyn KeyLog>;
    let tcp = TcpStream::connect(running.addr()).unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let conn = ClientConnection::new(Arc::new(config), ServerName::from(running.addr().ip())).unwrap();
    let mut tls = StreamOwned::new(conn, Tap { tcp, pieces: Vec::new() });

    let mut answer = [0; 25];
    for records in [&[&b"\x00\x01\x00\x09mn-id:a\r\n"[..]][..], &[b"\x00\x02\x00\x09mn-", b"id:b\r\n"]] {
        for record in records {
            tls.write_all(record).unwrap();
            tls.flush().unwrap();
        }
        tls.read_exact(&mut answer).unwrap();
    }
    let key_log = keys.0.lock().unwrap().clone();
    Session { port: running.addr().port(), pieces: tls.sock.pieces, key_log }
}

struct Tap {
    tcp: TcpStream,
    pieces: Vec<(From, Vec<u8>)>,
}

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.tcp.read(buffer)?;
        self.pieces.push((From::Server, buffer[..length].to_vec()));
        Ok(length)
    }
}

impl Write for Tap {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let length = self.tcp.write(octets)?;
        self.pieces.push((From::Client, octets[..length].to_vec()));
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// Collects lines in the format of NSS key logs.
#[derive(Debug, Default)]
struct Keys(Mutex<String>);

impl KeyLog for Keys {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
        let mut lines = self.0.lock().unwrap();
        writeln!(lines, "{label} {} {}", hex(client_random), hex(secret)).unwrap();
    }
}
