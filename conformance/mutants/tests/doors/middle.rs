//! RFC 6618 sections 5.8 and 9.2: a man in the middle whom the MN trusts passes every octet on, and gets nothing.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, ClientConnection, Connection, RootCertStore, ServerConnection};
use sha2::{Digest, Sha256};
use suite::verdict::Verdict;

use super::authority::Authority;
use super::door::{Door, WAIT, always, hac, listen};

/// One side of the relay.
struct Side {
    tls: Connection,
    tcp: TcpStream,
}

impl Side {
    fn new(tls: impl Into<Connection>, tcp: TcpStream) -> io::Result<Self> {
        let mut side = Self { tls: tls.into(), tcp };
        while side.tls.is_handshaking() {
            side.tls.complete_io(&mut side.tcp)?;
        }
        Ok(side)
    }

    /// The next octets, whenever they come; an error at the end.
    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut octets = vec![0; 16 * 1024];
        loop {
            match self.tls.reader().read(&mut octets) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => {
                    octets.truncate(n);
                    return Ok(octets);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            if self.tls.read_tls(&mut self.tcp)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.tls.process_new_packets().map_err(io::Error::other)?;
        }
    }

    fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        self.tls.writer().write_all(octets)?;
        self.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        while self.tls.wants_write() {
            self.tls.write_tls(&mut self.tcp)?;
        }
        Ok(())
    }

    fn close(&mut self) {
        self.tls.send_close_notify();
        // Whoever is gone need not be told.
        let _ = self.flush();
    }
}

/// Passes a request on, then its response, until one side ends.
fn relay(mn: &mut Side, hac: &mut Side) -> io::Result<()> {
    loop {
        hac.write(&mn.read()?)?;
        mn.write(&hac.read()?)?;
    }
}

/// A relay with a certificate of its own in front of that HAC.
fn in_front_of(honest: &Door) -> Door {
    let authority = Authority::default();
    let tls = Arc::new(authority.issue().server());
    let mut roots = RootCertStore::empty();
    use rustls_pki_types::pem::PemObject;
    for der in rustls_pki_types::CertificateDer::pem_slice_iter(honest.ca_pem.as_bytes()) {
        roots.add(der.expect("PEM of ours")).expect("an authority of ours");
    }
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let (client, upstream) = (Arc::new(client), honest.address);
    listen(authority.pem() + &honest.ca_pem, move |tcp| {
        let server = ServerConnection::new(Arc::clone(&tls)).map_err(io::Error::other)?;
        let mut mn = Side::new(server, tcp)?;
        let name = rustls_pki_types::ServerName::try_from("localhost").map_err(io::Error::other)?;
        let client = ClientConnection::new(Arc::clone(&client), name).map_err(io::Error::other)?;
        let tcp = TcpStream::connect_timeout(&upstream, WAIT)?;
        tcp.set_read_timeout(Some(WAIT.max(Duration::from_secs(1))))?;
        let mut hac = Side::new(client, tcp)?;
        let ended = relay(&mut mn, &mut hac);
        mn.close();
        hac.close();
        ended
    })
}

#[test]
fn a_relay_with_a_certificate_of_its_own_breaks_auth_both_ways() {
    let authority = Authority::default();
    let leaf = authority.issue();
    let honest = hac(authority.pem(), leaf.server(), always(&Sha256::digest(&leaf.der)));
    honest.passes(&["rfc6618/5.8/init-auth-right", "rfc6618/5.8/done-auth-right"]);

    let mut relay = in_front_of(&honest);
    // It never closes first, and that is waited for.
    relay.wait = Duration::from_secs(2);
    // The HAC speaks for its own certificate, so the MN sees a wrong auth; and the last request of the MN, bound to that
    // of the relay, gets no SA: what needs an honest exchange first proves nothing here.
    assert_eq!(relay.verdict("rfc6618/5.8/init-auth-right"), Verdict::Fail);
    assert_eq!(relay.verdict("rfc6618/5.3/done-has-sa-data"), Verdict::Fail);
    assert_eq!(relay.verdict("rfc6618/5.8/another-certificate"), Verdict::Inconclusive);
}
