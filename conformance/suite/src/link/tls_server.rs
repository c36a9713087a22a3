//! The server end of TLS, for MNs under test: a certificate made for this run, and sessions accepted with it.

use core::time::Duration;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SanType};
use rustls::{ServerConfig, ServerConnection};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::tls::{Tap, TlsSession};
use super::{LinkError, Session};
use crate::evidence::Recorder;

/// An authority and one certificate for `localhost`, made for this run.
pub struct Certificate {
    /// The authority, to be given to the MN.
    pub ca_pem: String,
    der: CertificateDer<'static>,
    config: Arc<ServerConfig>,
}

impl Certificate {
    /// Makes both, with fresh keys.
    ///
    /// # Errors
    /// [`LinkError::Own`] when the certificate library refuses.
    pub fn make(recorder: Option<Arc<Recorder>>) -> Result<Self, LinkError> {
        let (ca_pem, der, key) = issue().map_err(|error| LinkError::Own(error.to_string()))?;
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![der.clone()], key)
            .map_err(|error| LinkError::Own(error.to_string()))?;
        config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        if let Some(recorder) = recorder {
            config.key_log = recorder;
        }
        Ok(Self { ca_pem, der, config: Arc::new(config) })
    }

    /// The handshake with an MN that just connected, within `wait`.
    pub(super) fn accept(
        &self,
        stream: TcpStream,
        wait: Duration,
        recorder: Option<Arc<Recorder>>,
    ) -> Result<Box<dyn Session>, LinkError> {
        let own = |error: &dyn core::fmt::Display| LinkError::Own(error.to_string());
        let connection = ServerConnection::new(Arc::clone(&self.config)).map_err(|error| own(&error))?;
        let tap = Tap::new(stream, recorder).map_err(|error| own(&error))?;
        tap.record_open(tap.peer, tap.local);
        let session =
            TlsSession::handshake(tap, connection.into(), Instant::now() + wait, |_| Ok(self.der.to_vec()))?;
        Ok(Box::new(session))
    }
}

type Issued = (String, CertificateDer<'static>, PrivateKeyDer<'static>);

fn issue() -> Result<Issued, rcgen::Error> {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?;
    let mut leaf = CertificateParams::new(vec!["localhost".to_owned()])?;
    for address in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
        leaf.subject_alt_names.push(SanType::IpAddress(address));
    }
    let key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&key, &ca)?;
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
    Ok((ca.pem(), certificate.der().clone(), key))
}
