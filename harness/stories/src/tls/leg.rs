//! One TLS connection in memory: what either end writes comes out as octets, what arrives goes in.

use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;

use crypto::channel_binding::{ChannelBinding, tls_server_end_point};
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::server::NoServerSessionStorage;
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, Connection, KeyLog, RootCertStore, ServerConfig, ServerConnection,
    SupportedProtocolVersion,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};

use crate::make::MakeError;
use crate::plan::Tls;

/// What a server shows and signs with.
pub(crate) struct Server {
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// Both ends share these.
pub(crate) struct Terms {
    pub(crate) provider: Arc<CryptoProvider>,
    pub(crate) tls: Tls,
    pub(crate) root: CertificateDer<'static>,
    pub(crate) name: ServerName<'static>,
    pub(crate) key_log: Arc<dyn KeyLog>,
}

/// An end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Client,
    Server,
}

impl End {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// Both ends of a connection.
pub(crate) struct Leg {
    client: Connection,
    server: Connection,
    binding: ChannelBinding,
}

/// What came of octets that arrived.
#[derive(Default)]
pub(crate) struct Arrived {
    /// The handshake is complete at this end, by these octets.
    pub(crate) established: bool,
    pub(crate) said: Vec<u8>,
    /// The other end has said that nothing more will come.
    pub(crate) closed: bool,
}

impl Leg {
    pub(crate) fn new(terms: &Terms, server: &Server) -> Result<Self, MakeError> {
        let versions: &[&SupportedProtocolVersion] = match terms.tls {
            Tls::V12 => &[&TLS12],
            Tls::V13 => &[&TLS13],
        };
        let mut roots = RootCertStore::empty();
        roots.add(terms.root.clone())?;
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&terms.provider))
            .with_protocol_versions(versions)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        config.key_log = Arc::clone(&terms.key_log);
        let client = ClientConnection::new(Arc::new(config), terms.name.clone())?;
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&terms.provider))
            .with_protocol_versions(versions)?
            .with_no_client_auth()
            .with_single_cert(vec![server.certificate.clone()], server.key.clone_key())?;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        let binding = tls_server_end_point(&server.certificate).map_err(MakeError::Binding)?;
        let server = ServerConnection::new(Arc::new(config))?;
        Ok(Self { client: client.into(), server: server.into(), binding })
    }

    /// The binding that both ends of this connection compute.
    pub(crate) fn binding(&self) -> ChannelBinding {
        self.binding.clone()
    }

    /// Takes what this end's application says. It leaves by [`Self::take_written`], at once or after the handshake.
    pub(crate) fn say(&mut self, end: End, octets: &[u8]) -> Result<(), MakeError> {
        Ok(self.at(end).writer().write_all(octets)?)
    }

    pub(crate) fn close(&mut self, end: End) {
        self.at(end).send_close_notify();
    }

    /// What this end wants to send now.
    pub(crate) fn take_written(&mut self, end: End) -> Result<Vec<u8>, MakeError> {
        let connection = self.at(end);
        let mut out = Vec::new();
        while connection.wants_write() {
            connection.write_tls(&mut out)?;
        }
        Ok(out)
    }

    pub(crate) fn arrive(&mut self, end: End, mut octets: &[u8]) -> Result<Arrived, MakeError> {
        let connection = self.at(end);
        let was_handshaking = connection.is_handshaking();
        let mut arrived = Arrived::default();
        while !octets.is_empty() {
            connection.read_tls(&mut octets)?;
            arrived.closed |= connection.process_new_packets()?.peer_has_closed();
            match connection.reader().read_to_end(&mut arrived.said) {
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error.into()),
                _ => {}
            }
        }
        arrived.established = was_handshaking && !connection.is_handshaking();
        Ok(arrived)
    }

    fn at(&mut self, end: End) -> &mut Connection {
        match end {
            End::Client => &mut self.client,
            End::Server => &mut self.server,
        }
    }
}
