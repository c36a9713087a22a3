//! TLS over TCP: the session that both ends of section 5 use, and the client end that dials the HAC.

use core::time::Duration;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use crypto::channel_binding::{ChannelBinding, tls_server_end_point};
use rustls::client::Resumption;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, Connection, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};

use super::renegotiate::{self, Another, Renegotiation};
use super::signal::uninterrupted;
use super::udp::UdpFlow;
use super::{Datagrams, Ending, Handshaken, LinkError, Received, Session, Target, Terms, TlsDoor, Version};
use crate::evidence::{Recorder, What};
use crate::finding::shown;

/// A HAC at an address, and the HA that it hands out.
pub struct TlsTarget {
    peer: SocketAddr,
    name: ServerName<'static>,
    roots: Arc<RootCertStore>,
    wait: Duration,
    recorder: Option<Arc<Recorder>>,
}

impl TlsTarget {
    /// A HAC at `peer` that must show a certificate for `name` under one of the authorities in `ca_pem`
    /// (RFC 6618 section 9.2). Connection and handshake together take at most `wait`.
    ///
    /// # Errors
    /// [`LinkError::Own`] when the name or the authorities are no use.
    pub fn new(
        peer: SocketAddr,
        name: &str,
        ca_pem: &str,
        wait: Duration,
        recorder: Option<Arc<Recorder>>,
    ) -> Result<Self, LinkError> {
        let own = |what: &str| LinkError::Own(what.to_owned());
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
            let certificate = certificate.map_err(|_| own("the CA file is no PEM file of certificates"))?;
            roots.add(certificate).map_err(|error| LinkError::Own(format!("the CA file: {error}")))?;
        }
        if roots.is_empty() {
            return Err(own("the CA file holds no certificate"));
        }
        let name = ServerName::try_from(name.to_owned())
            .map_err(|_| own("the server name is no DNS name or address"))?;
        Ok(Self { peer, name, roots: Arc::new(roots), wait, recorder })
    }

    fn config(&self, terms: &Terms<'_>) -> Result<ClientConfig, rustls::Error> {
        let versions: &[&rustls::SupportedProtocolVersion] = match terms {
            Terms::Only(Version::Tls12) => &[&TLS12],
            Terms::Only(Version::Tls13) => &[&TLS13],
            _ => &[&TLS13, &TLS12],
        };
        let builder = ClientConfig::builder_with_protocol_versions(versions)
            .with_root_certificates(Arc::clone(&self.roots));
        let mut config = match terms {
            Terms::Presenting(certificate) => {
                let (chain, key) = certificate.chain_and_key();
                builder.with_client_auth_cert(chain, key)?
            }
            _ => builder.with_no_client_auth(),
        };
        config.resumption = match terms {
            Terms::Remembering(_) => Resumption::in_memory_sessions(8),
            // A resumed session shows no certificate, and the channel binding needs one (reading CB-05).
            _ => Resumption::disabled(),
        };
        if let Some(recorder) = &self.recorder {
            config.key_log = Arc::clone(recorder) as Arc<dyn rustls::KeyLog>;
        }
        Ok(config)
    }

    fn connect(&self) -> Result<Tap, LinkError> {
        let stream = TcpStream::connect_timeout(&self.peer, self.wait)
            .map_err(|error| LinkError::Unreachable { peer: self.peer, why: error.to_string() })?;
        let tap =
            Tap::new(stream, self.recorder.clone()).map_err(|error| LinkError::Own(error.to_string()))?;
        tap.record_open(tap.local, tap.peer);
        Ok(tap)
    }

    fn handshake(&self, terms: &Terms<'_>) -> Result<TlsSession, LinkError> {
        let deadline = Instant::now() + self.wait;
        let mut tap = self.connect()?;
        let name = match terms {
            Terms::ByAddress => ServerName::IpAddress(self.peer.ip().into()),
            _ => self.name.clone(),
        };
        if let Terms::Segments(octets) = terms {
            tap.segment = (*octets).max(1);
        }
        let config = self.config(terms).map_err(|error| LinkError::Own(error.to_string()))?;
        let config = match terms {
            Terms::Remembering(memory) => memory.config(config),
            _ => Arc::new(config),
        };
        let connection =
            ClientConnection::new(config, name).map_err(|error| LinkError::Own(error.to_string()))?;
        TlsSession::handshake(tap, connection.into(), deadline, |connection| {
            let certificate = connection.peer_certificates().and_then(<[_]>::first);
            certificate
                .map(|der| der.to_vec())
                .ok_or_else(|| LinkError::ChannelBinding("no certificate".to_owned()))
        })
    }
}

impl Target for TlsTarget {
    fn dial(&self) -> Result<Box<dyn Session>, LinkError> {
        Ok(Box::new(self.handshake(&Terms::Usual)?))
    }

    fn tls(&self) -> Option<&dyn TlsDoor> {
        Some(self)
    }

    fn datagrams(&self, ha: SocketAddr) -> Result<Box<dyn Datagrams>, LinkError> {
        Ok(Box::new(UdpFlow::open(ha, self.recorder.clone())?))
    }

    fn is_ip4(&self) -> bool {
        matches!(self.peer.ip(), IpAddr::V4(_))
    }
}

impl TlsDoor for TlsTarget {
    fn dial_on(&self, terms: &Terms<'_>) -> Result<(Box<dyn Session>, Handshaken), LinkError> {
        let session = self.handshake(terms)?;
        let handshaken = Handshaken::of(&session.connection);
        Ok((Box::new(session), handshaken))
    }

    fn knock(&self, octets: &[u8]) -> Result<Received, LinkError> {
        let deadline = Instant::now() + self.wait;
        let mut tap = self.connect()?;
        tap.write_all(octets).map_err(|error| LinkError::Gone(error.to_string()))?;
        let mut came = Vec::new();
        let mut buffer = [0; 1024];
        while came.len() < ENOUGH {
            if tap.wait_until(deadline).is_err() {
                return Ok(Received::Silence);
            }
            match tap.read(&mut buffer) {
                Ok(0) if came.is_empty() => return Ok(Received::Closed(Ending::Cut)),
                Ok(0) => break,
                Ok(n) => came.extend_from_slice(&buffer[..n]),
                Err(error) if is_timeout(&error) && came.is_empty() => return Ok(Received::Silence),
                Err(_) if came.is_empty() => return Ok(Received::Closed(Ending::Reset)),
                Err(_) => break,
            }
        }
        Ok(Received::Octets(came))
    }

    fn renegotiate(&self, another: &Another<'_>) -> Result<Renegotiation, LinkError> {
        let deadline = Instant::now() + self.wait;
        let own = |error: rustls::Error| LinkError::Own(error.to_string());
        let config = renegotiate::config(Arc::clone(&self.roots)).map_err(own)?;
        let connection = ClientConnection::new(Arc::new(config), self.name.clone()).map_err(own)?;
        renegotiate::ask(self.connect()?, connection, another, deadline)
    }

    fn name(&self) -> Option<String> {
        match &self.name {
            ServerName::DnsName(name) => Some(name.as_ref().to_owned()),
            _ => None,
        }
    }
}

/// Octets that tell what a peer answers: a record header and the type of a handshake message.
const ENOUGH: usize = 6;

/// A TLS session after its handshake, of either end.
pub(super) struct TlsSession {
    tap: Tap,
    connection: Connection,
    binding: ChannelBinding,
    certificate: Vec<u8>,
}

impl TlsSession {
    /// Carries the handshake out; `certificate` gives the server's certificate afterwards.
    pub(super) fn handshake(
        mut tap: Tap,
        mut connection: Connection,
        deadline: Instant,
        certificate: impl FnOnce(&Connection) -> Result<Vec<u8>, LinkError>,
    ) -> Result<Self, LinkError> {
        let peer = tap.peer;
        let tls = |why: String| LinkError::Tls { peer, why: shown(why.as_bytes(), 200) };
        // The largest container is a little larger than the default limit of what may wait to be sent.
        connection.set_buffer_limit(None);
        while connection.is_handshaking() {
            flush(&mut connection, &mut tap).map_err(|error| tls(error.to_string()))?;
            if !connection.is_handshaking() {
                break;
            }
            tap.wait_until(deadline).map_err(|error| LinkError::Own(error.to_string()))?;
            match connection.read_tls(&mut tap) {
                Ok(0) => return Err(tls("the peer closed during the handshake".to_owned())),
                Ok(_) => {}
                Err(error) if is_timeout(&error) => return Err(tls("no handshake in time".to_owned())),
                Err(error) => return Err(tls(error.to_string())),
            }
            if let Err(error) = connection.process_new_packets() {
                // The alert tells the peer why; if it cannot be sent, the error says enough.
                let _ = flush(&mut connection, &mut tap);
                return Err(tls(error.to_string()));
            }
        }
        flush(&mut connection, &mut tap).map_err(|error| tls(error.to_string()))?;
        let der = certificate(&connection)?;
        let binding =
            tls_server_end_point(&der).map_err(|error| LinkError::ChannelBinding(error.to_string()))?;
        Ok(Self { tap, connection, binding, certificate: der })
    }

    /// Plaintext that is there already.
    fn take(&mut self) -> Option<Received> {
        let mut octets = vec![0; 16 * 1024];
        match self.connection.reader().read(&mut octets) {
            Ok(0) => Some(Received::Closed(Ending::Notified)),
            Ok(n) => {
                octets.truncate(n);
                Some(Received::Octets(octets))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Err(_) => Some(Received::Closed(Ending::Cut)),
        }
    }
}

impl Session for TlsSession {
    fn channel_binding(&self) -> &ChannelBinding {
        &self.binding
    }

    fn certificate(&self) -> Option<&[u8]> {
        Some(&self.certificate)
    }

    fn send(&mut self, octets: &[u8]) -> Result<(), LinkError> {
        let gone = |error: io::Error| LinkError::Gone(error.to_string());
        self.connection.writer().write_all(octets).map_err(gone)?;
        flush(&mut self.connection, &mut self.tap).map_err(gone)
    }

    fn receive(&mut self, wait: Duration) -> Received {
        let deadline = Instant::now() + wait;
        loop {
            if let Some(received) = self.take() {
                return received;
            }
            if self.tap.wait_until(deadline).is_err() {
                return Received::Silence;
            }
            match self.connection.read_tls(&mut self.tap) {
                Ok(_) => {}
                Err(error) if is_timeout(&error) => return Received::Silence,
                Err(_) => return Received::Closed(Ending::Reset),
            }
            if self.connection.process_new_packets().is_err()
                || flush(&mut self.connection, &mut self.tap).is_err()
            {
                return self.take().unwrap_or(Received::Closed(Ending::Reset));
            }
        }
    }

    fn close(&mut self) {
        self.connection.send_close_notify();
        // The peer may be gone already; then there is nobody to tell.
        let _ = flush(&mut self.connection, &mut self.tap);
        self.tap.end();
    }
}

fn flush(connection: &mut Connection, tap: &mut Tap) -> io::Result<()> {
    while connection.wants_write() {
        connection.write_tls(tap)?;
    }
    Ok(())
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// Reads of what is left unread when a connection is given up.
const MOST_UNREAD: usize = 64;

/// A TCP stream that tells the recorder what passes.
pub(super) struct Tap {
    stream: TcpStream,
    pub(super) local: SocketAddr,
    pub(super) peer: SocketAddr,
    /// The most octets that go to TCP at once; without delay each write is a segment.
    segment: usize,
    recorder: Option<Arc<Recorder>>,
    /// The peer has ended its direction, or the connection is gone.
    is_over: bool,
}

impl Tap {
    pub(super) fn new(stream: TcpStream, recorder: Option<Arc<Recorder>>) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(Duration::from_secs(5)))?;
        let (local, peer) = (stream.local_addr()?, stream.peer_addr()?);
        Ok(Self { stream, local, peer, segment: usize::MAX, recorder, is_over: false })
    }

    pub(super) fn record_open(&self, from: SocketAddr, to: SocketAddr) {
        if let Some(recorder) = &self.recorder {
            recorder.record(from, to, What::Opened);
        }
    }

    /// Lets the next read last until `deadline`; an error when it has passed.
    pub(super) fn wait_until(&self, deadline: Instant) -> io::Result<()> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))
    }

    fn end(&self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Write);
        if let Some(recorder) = &self.recorder {
            recorder.record(self.local, self.peer, What::Ended);
        }
    }
}

impl Drop for Tap {
    /// What has come is on the record, read or not. What comes from here on nobody hears: a record that did not say so
    /// would blame the peer for a silence that is ours.
    fn drop(&mut self) {
        let Some(recorder) = self.recorder.clone() else { return };
        let mut octets = vec![0; 16 * 1024];
        if self.stream.set_nonblocking(true).is_ok() {
            // Each round takes what is there, and nobody waits for more; who sends faster than that has no end.
            for _ in 0..MOST_UNREAD {
                if self.is_over || self.read(&mut octets).is_err() {
                    break;
                }
            }
        }
        if !self.is_over {
            recorder.record(self.local, self.peer, What::Reset);
        }
    }
}

impl Read for Tap {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        let read = uninterrupted(|| self.stream.read(octets));
        let what = match &read {
            Ok(0) => What::Ended,
            Ok(n) => What::Stream(octets[..*n].to_vec()),
            Err(error) if is_timeout(error) => return read,
            Err(_) => What::Reset,
        };
        self.is_over |= !matches!(what, What::Stream(_));
        if let Some(recorder) = &self.recorder {
            recorder.record(self.peer, self.local, what);
        }
        read
    }
}

impl Write for Tap {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let segment = octets.get(..self.segment).unwrap_or(octets);
        let n = uninterrupted(|| self.stream.write(segment))?;
        if let Some(recorder) = &self.recorder {
            recorder.record(self.local, self.peer, What::Stream(octets[..n].to_vec()));
        }
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// What is on the record of a connection, after the peer has done something and we have given up.
    fn recorded(peer: impl FnOnce(&mut TcpStream), own: impl FnOnce(&mut Tap)) -> Vec<(bool, What)> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let stream = TcpStream::connect(listener.local_addr().expect("bound")).expect("it listens");
        let (mut other, local) = listener.accept().expect("it has connected");
        let recorder = Recorder::shared();
        let mut tap = Tap::new(stream, Some(Arc::clone(&recorder))).expect("connected");
        peer(&mut other);
        own(&mut tap);
        drop(tap);
        let events = recorder.snapshot().events;
        events.into_iter().map(|event| (event.from == local, event.what)).collect()
    }

    #[test]
    fn a_connection_that_we_give_up_is_on_the_record_as_such() {
        assert_eq!(recorded(|_| {}, |_| {}), [(true, What::Reset)]);
        assert_eq!(recorded(|_| {}, |tap| tap.end()), [(true, What::Ended), (true, What::Reset)]);
    }

    #[test]
    fn what_came_and_was_not_read_is_on_the_record() {
        let says = |peer: &mut TcpStream| peer.write_all(b"late").expect("we are there");
        let waits = |tap: &mut Tap| assert_eq!(tap.stream.peek(&mut [0]).ok(), Some(1));
        let late = What::Stream(b"late".to_vec());
        assert_eq!(recorded(says, waits), [(false, late), (true, What::Reset)]);
    }

    #[test]
    fn a_peer_that_has_closed_is_not_given_up() {
        let closes = |peer: &mut TcpStream| peer.shutdown(std::net::Shutdown::Write).expect("we are there");
        let waits = |tap: &mut Tap| assert_eq!(tap.stream.peek(&mut [0]).ok(), Some(0));
        assert_eq!(recorded(closes, waits), [(false, What::Ended)]);
    }
}
