//! Server certificates (RFC 6618 section 9.2): read from PEM files, or made at run time by an authority of our own.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// What a TLS server shows: its chain, leaf first, and the leaf's private key.
pub struct ServerIdentity {
    /// The certificates as they are sent, leaf first; never empty.
    pub chain: Vec<CertificateDer<'static>>,
    /// The private key of `chain[0]`.
    pub key: PrivateKeyDer<'static>,
}

impl ServerIdentity {
    /// Reads a chain (leaf first) and its key from PEM files.
    ///
    /// # Errors
    /// A file that cannot be read, or holds no certificate or key.
    pub fn from_pem_files(chain: &Path, key: &Path) -> Result<Self, CertificateError> {
        let certificates = read_certificates(chain)?;
        let octets = read(key)?;
        let key = PrivateKeyDer::from_pem_slice(&octets).map_err(|source| CertificateError::Pem {
            path: key.into(),
            need: "a private key",
            source,
        })?;
        Ok(Self { chain: certificates, key })
    }
}

impl Clone for ServerIdentity {
    fn clone(&self) -> Self {
        Self { chain: self.chain.clone(), key: self.key.clone_key() }
    }
}

/// Every certificate of a PEM file.
///
/// # Errors
/// A file that cannot be read, or holds no certificate.
pub fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let certificates = parse_certificates(&read(path)?).map_err(|source| CertificateError::Pem {
        path: path.into(),
        need: "certificates",
        source,
    })?;
    Ok(certificates)
}

/// Every certificate of a PEM text; at least one.
pub(crate) fn parse_certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let certificates = CertificateDer::pem_slice_iter(text).collect::<Result<Vec<_>, _>>()?;
    if certificates.is_empty() {
        return Err(pem::Error::NoItemsFound);
    }
    Ok(certificates)
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    std::fs::read(path).map_err(|source| CertificateError::Read { path: path.into(), source })
}

/// A certification authority that lives as long as this value: for tests, demonstrations and first steps.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    /// Makes a fresh P-256 authority.
    ///
    /// # Errors
    /// When the key cannot be made.
    pub fn new(name: &str) -> Result<Self, CertificateError> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let pem = params.self_signed(&key)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), pem })
    }

    /// The authority's certificate, for whoever has to trust it.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Issues a server certificate (P-256, SHA-256) for DNS names and IP addresses, all as subjectAltName.
    ///
    /// # Errors
    /// A name that no certificate can carry.
    pub fn issue(&self, names: &[String]) -> Result<ServerIdentity, CertificateError> {
        let mut params = CertificateParams::new(names)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate()?;
        let leaf = params.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(ServerIdentity { chain: vec![leaf.der().clone()], key })
    }
}

/// Why there is no certificate; always our own side's fault.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The file cannot be read.
    #[error("{path}: cannot read: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not the PEM that was needed.
    #[error("{path}: need {need} in PEM: {source}", path = path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        need: &'static str,
        /// What the reader said.
        source: pem::Error,
    },
    /// A certificate or key could not be made.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issued_chain_and_its_authority_survive_pem() {
        let authority = Authority::new("test authority").unwrap();
        let read_back = parse_certificates(authority.pem().as_bytes()).unwrap();
        assert_eq!(read_back.len(), 1);
        let server = authority.issue(&["localhost".into(), "::1".into(), "127.0.0.1".into()]).unwrap();
        assert_eq!(server.chain.len(), 1);
        assert_ne!(server.chain, read_back);
    }

    #[test]
    fn text_without_a_certificate_is_an_error() {
        assert!(parse_certificates(b"not PEM").is_err());
        assert!(parse_certificates(b"-----BEGIN CERTIFICATE-----\nAAAA\n").is_err());
    }
}
