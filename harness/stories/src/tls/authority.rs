//! The authority that all stories trust, and the certificates that it issues.
//!
//! ECDSA, since a certificate signed with Ed25519 has no channel binding (RFC 5929 section 4.1); with the nonce that RFC
//! 6979 derives from key and message, so that the same story has the same certificate.

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SerialNumber, SignatureAlgorithm,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::Server;
use crate::make::MakeError;

/// The private key of the authority, a number as good as any: nobody else trusts it.
const KEY: [u8; 32] = [0x66; 32];

/// PKCS #8 in front of the 32 octets of an Ed25519 key (RFC 8410 section 7).
const ED25519: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

pub(crate) struct Authority {
    issuer: Issuer<'static, Key>,
    root: CertificateDer<'static>,
}

impl Authority {
    pub(crate) fn new() -> Result<Self, MakeError> {
        let key = Key::new()?;
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

/// The key of the authority.
struct Key {
    key: SigningKey,
    /// The point that belongs to it, not compressed.
    public: Box<[u8]>,
}

impl Key {
    fn new() -> Result<Self, rcgen::Error> {
        let key = SigningKey::from_slice(&KEY).map_err(|_| rcgen::Error::KeyGenerationUnavailable)?;
        let public = key.verifying_key().to_sec1_point(false).as_bytes().into();
        Ok(Self { key, public })
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature: DerSignature = self.key.sign(message);
        Ok(signature.as_bytes().to_vec())
    }
}
