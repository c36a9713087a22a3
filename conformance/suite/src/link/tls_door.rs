//! RFC 6618 section 9.2: what a link with TLS under it can do beyond opening sessions.

use std::sync::{Arc, OnceLock};

use rustls::{ClientConfig, Connection, HandshakeKind, ProtocolVersion};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::{Another, LinkError, Received, Renegotiation, Session};

/// The door of a HAC, seen from outside.
pub trait TlsDoor {
    /// A session on other terms than usual, and how its handshake went.
    ///
    /// # Errors
    /// Why there is none.
    fn dial_on(&self, terms: &Terms<'_>) -> Result<(Box<dyn Session>, Handshaken), LinkError>;

    /// Sends octets as the first ones of a plain TCP connection and gives the first few that come back.
    ///
    /// # Errors
    /// When nobody listens, or nobody took the octets.
    fn knock(&self, octets: &[u8]) -> Result<Received, LinkError>;

    /// Opens a session of TLS 1.2, asks for another handshake within it and gives what came of that.
    ///
    /// # Errors
    /// Why there is no such session.
    fn renegotiate(&self, another: &Another<'_>) -> Result<Renegotiation, LinkError>;

    /// The DNS name by which the HAC is known, if it is known by one.
    fn name(&self) -> Option<String>;
}

/// On which terms a session is opened.
#[derive(Clone, Copy)]
pub enum Terms<'a> {
    /// As all other cases do it: TLS 1.2 or 1.3, a full handshake, by the name that was given.
    Usual,
    /// With this version only.
    Only(Version),
    /// By the address of the peer, so without the extension that names a server.
    ByAddress,
    /// With at most so many octets to a TCP segment.
    Segments(usize),
    /// With a memory for sessions, which may be resumed.
    Remembering(&'a Memory),
    /// With a certificate of our own, for a server that asks for one.
    Presenting(&'a ClientCertificate),
}

/// A version of TLS that RFC 6618 or reading TL-01 speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

/// Sessions that may be resumed, with the configuration under which they were made: TLS resumes under no other.
#[derive(Default)]
pub struct Memory(OnceLock<Arc<ClientConfig>>);

/// A certificate that nobody vouches for, for the client end.
pub struct ClientCertificate {
    der: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

/// How a handshake went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handshaken {
    /// `None` for a version that is neither.
    pub version: Option<Version>,
    /// The first certificate that the server sent, in this session or in the one that was resumed.
    pub certificate: Vec<u8>,
    /// Whether a session was resumed.
    pub resumed: bool,
}

impl ClientCertificate {
    /// Makes one, with a fresh key.
    ///
    /// # Errors
    /// [`LinkError::Own`] when the certificate library refuses.
    pub fn make() -> Result<Self, LinkError> {
        let own = |error: rcgen::Error| LinkError::Own(error.to_string());
        let made = rcgen::generate_simple_self_signed(vec!["mn.conform.example".to_owned()]).map_err(own)?;
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der())
            .map_err(|why| LinkError::Own(why.to_owned()))?;
        Ok(Self { der: made.cert.der().clone(), key })
    }

    pub(super) fn chain_and_key(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (vec![self.der.clone()], self.key.clone_key())
    }
}

impl Memory {
    /// Nothing remembered yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The configuration of the first session, or `this` one if it is the first.
    pub(super) fn config(&self, this: ClientConfig) -> Arc<ClientConfig> {
        Arc::clone(self.0.get_or_init(|| this.into()))
    }
}

impl Handshaken {
    pub(super) fn of(connection: &Connection) -> Self {
        let version = match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => Some(Version::Tls12),
            Some(ProtocolVersion::TLSv1_3) => Some(Version::Tls13),
            _ => None,
        };
        let certificate = connection.peer_certificates().and_then(<[_]>::first);
        Self {
            version,
            certificate: certificate.map(|der| der.to_vec()).unwrap_or_default(),
            resumed: connection.handshake_kind() == Some(HandshakeKind::Resumed),
        }
    }
}
