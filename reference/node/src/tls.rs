//! TLS (RFC 6618 sections 5.8 and 9.2): one certificate per server, full handshakes only, the leaf really sent gives the binding.

use std::fmt;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crypto::channel_binding::{BindingError, ChannelBinding, tls_server_end_point};
use rustls::client::Resumption;
use rustls::server::NoServerSessionStorage;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, KeyLog, RootCertStore, ServerConfig, SupportedProtocolVersion};
use rustls_pki_types::{CertificateDer, InvalidDnsNameError, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::certificate::{ServerIdentity, parse_certificates};

/// Which versions a side of TLS speaks.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum TlsVersions {
    /// 1.2 and 1.3 (readings TL-01: 1.3 is a marked extension).
    #[default]
    Both,
    /// 1.2 only, as RFC 6618 was written.
    #[value(name = "1.2")]
    #[serde(rename = "1.2")]
    Tls12,
    /// 1.3 only.
    #[value(name = "1.3")]
    #[serde(rename = "1.3")]
    Tls13,
}

impl TlsVersions {
    fn supported(self) -> &'static [&'static SupportedProtocolVersion] {
        match self {
            Self::Both => BOTH,
            Self::Tls12 => ONLY_12,
            Self::Tls13 => ONLY_13,
        }
    }
}

static BOTH: &[&SupportedProtocolVersion] = &[&TLS13, &TLS12];
static ONLY_12: &[&SupportedProtocolVersion] = &[&TLS12];
static ONLY_13: &[&SupportedProtocolVersion] = &[&TLS13];

/// Where the TLS secrets of every session go, in NSS format; only ever made on request.
#[derive(Clone)]
pub struct KeyLogFile(Arc<Mutex<std::fs::File>>);

impl KeyLogFile {
    /// Appends to the file; makes it, with mode 0600, if it is not there.
    ///
    /// # Errors
    /// What the system says about the file.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let file = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        Ok(Self(Arc::new(Mutex::new(file))))
    }
}

impl fmt::Debug for KeyLogFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyLogFile")
    }
}

impl KeyLog for KeyLogFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let hex = wire::value::hex::encode;
        let line = format!("{label} {} {}\n", hex(client_random), hex(secret));
        let Ok(mut file) = self.0.lock() else { return };
        if let Err(error) = file.write_all(line.as_bytes()) {
            tracing::warn!(%error, "the key log could not be written");
        }
    }
}

/// The HAC's end of TLS.
#[derive(Clone)]
pub struct ServerTls {
    acceptor: TlsAcceptor,
    channel_binding: ChannelBinding,
}

impl ServerTls {
    /// A server with exactly this certificate, without resumption.
    ///
    /// # Errors
    /// A key that does not fit, or a leaf whose signature algorithm names no hash.
    pub fn new(
        identity: ServerIdentity,
        versions: TlsVersions,
        key_log: Option<KeyLogFile>,
    ) -> Result<Self, TlsError> {
        let leaf = identity.chain.first().ok_or(TlsError::NoCertificate)?;
        let channel_binding = tls_server_end_point(leaf).map_err(TlsError::Binding)?;
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(versions.supported())?
            .with_no_client_auth()
            .with_single_cert(identity.chain, identity.key)?;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        if let Some(key_log) = key_log {
            config.key_log = Arc::new(key_log);
        }
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), channel_binding })
    }

    /// The binding of every session of this server: it has one certificate.
    #[must_use]
    pub fn channel_binding(&self) -> &ChannelBinding {
        &self.channel_binding
    }

    /// Does the handshake as server.
    ///
    /// # Errors
    /// Whatever ended the handshake.
    pub async fn accept(&self, stream: TcpStream) -> std::io::Result<server::TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }
}

/// The MN's end of TLS.
#[derive(Clone)]
pub struct ClientTls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl ClientTls {
    /// A client that trusts the authorities of a PEM text and wants to meet this DNS name or IP address.
    ///
    /// # Errors
    /// No usable authority in the text, or a name that is neither.
    pub fn new(
        ca_pem: &[u8],
        server_name: &str,
        versions: TlsVersions,
        key_log: Option<KeyLogFile>,
    ) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in parse_certificates(ca_pem).map_err(TlsError::Authority)? {
            roots.add(certificate)?;
        }
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(versions.supported())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        if let Some(key_log) = key_log {
            config.key_log = Arc::new(key_log);
        }
        let name = ServerName::try_from(server_name.to_owned()).map_err(TlsError::Name)?;
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    /// Does the handshake as client, checks the name and computes the binding from the leaf that the server sent.
    ///
    /// # Errors
    /// Whatever ended the handshake, or a certificate that RFC 6618 does not allow.
    pub async fn connect(&self, stream: TcpStream) -> Result<Secured, TlsError> {
        let stream = self.connector.connect(self.name.clone(), stream).await.map_err(TlsError::Handshake)?;
        let leaf =
            stream.get_ref().1.peer_certificates().and_then(<[_]>::first).ok_or(TlsError::NoCertificate)?;
        refuse_wildcard(leaf)?;
        let channel_binding = tls_server_end_point(leaf).map_err(TlsError::Binding)?;
        Ok(Secured { stream, channel_binding })
    }
}

/// A client's finished handshake.
pub struct Secured {
    /// The stream to speak over.
    pub stream: client::TlsStream<TcpStream>,
    /// The hash of the certificate that the server sent.
    pub channel_binding: ChannelBinding,
}

// Section 9.2: the DNS names of a HAC's certificate have no `*`; rustls alone would take one.
fn refuse_wildcard(leaf: &CertificateDer<'_>) -> Result<(), TlsError> {
    let certificate = x509_cert::Certificate::from_der(leaf).map_err(|_| TlsError::NotACertificate)?;
    let names = certificate.tbs_certificate().get_extension::<SubjectAltName>();
    let Ok(Some((_, SubjectAltName(names)))) = names else {
        return Err(TlsError::NotACertificate);
    };
    let wildcard = names.iter().find_map(|name| match name {
        GeneralName::DnsName(dns) if dns.as_str().contains('*') => Some(dns.to_string()),
        _ => None,
    });
    wildcard.map_or(Ok(()), |name| Err(TlsError::Wildcard(name)))
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// Why there is no TLS session.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The settings or the peer's certificate do not suit rustls.
    #[error("{0}")]
    Rustls(#[from] rustls::Error),
    /// The trust anchors are not PEM certificates.
    #[error("need a certificate authority in PEM: {0}")]
    Authority(rustls_pki_types::pem::Error),
    /// The reference name is neither a DNS name nor an address.
    #[error("need a DNS name or an IP address as server name: {0}")]
    Name(InvalidDnsNameError),
    /// The handshake ended early.
    #[error("TLS handshake: {0}")]
    Handshake(std::io::Error),
    /// No certificate was configured or sent.
    #[error("need a server certificate, have none")]
    NoCertificate,
    /// The leaf is not an X.509 certificate with names.
    #[error("need an X.509 certificate with a subjectAltName")]
    NotACertificate,
    /// A DNS name with a wildcard (section 9.2).
    #[error("need a DNS name without `*` in the HAC's certificate, have {}", wire::escape::Escaped(.0.as_bytes()))]
    Wildcard(String),
    /// The certificate's signature names no hash (RFC 5929 section 4.1).
    #[error("{0}")]
    Binding(BindingError),
}
