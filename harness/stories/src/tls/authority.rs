//! The authority that all stories trust, and the certificates that it issues.
//!
//! Its key is in the tree; nothing that can expire is. RSA, since a certificate signed with Ed25519 has no channel
//! binding (RFC 5929 section 4.1) and ECDSA would draw a nonce.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256,
    SerialNumber,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::Server;
use crate::make::MakeError;

const KEY: &str = include_str!("authority-key.pem");

/// PKCS #8 in front of the 32 octets of an Ed25519 key (RFC 8410 section 7).
const ED25519: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    root: CertificateDer<'static>,
}

impl Authority {
    pub(crate) fn new() -> Result<Self, MakeError> {
        let key = KeyPair::from_pkcs8_pem_and_sign_algo(KEY, &PKCS_RSA_SHA256)?;
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, "stories of mip6-conform");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.serial_number = Some(SerialNumber::from(1));
        let root = params.self_signed(&key)?.der().clone();
        Ok(Self { issuer: Issuer::new(params, key), root })
    }

    /// What clients have to trust.
    pub(crate) fn root(&self) -> CertificateDer<'static> {
        self.root.clone()
    }

    /// A certificate for this name, with this private key.
    pub(crate) fn issue(&self, name: &str, serial: u64, private: [u8; 32]) -> Result<Server, MakeError> {
        let der = PrivatePkcs8KeyDer::from([ED25519.as_slice(), &private].concat());
        let key = KeyPair::try_from(&der)?;
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.serial_number = Some(SerialNumber::from(serial));
        let leaf = params.signed_by(&key, &self.issuer)?.der().clone();
        Ok(Server { certificate: leaf, key: PrivateKeyDer::Pkcs8(der) })
    }
}
