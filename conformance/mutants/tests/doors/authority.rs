//! Certificates made for one test.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SanType, SignatureAlgorithm,
};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// An authority that signs in one way.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate for `localhost` and 127.0.0.1, and its key.
pub(crate) struct Leaf {
    pub(crate) der: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    certificate_pem: String,
    key_pem: String,
}

impl Authority {
    pub(crate) fn signing(algorithm: &'static SignatureAlgorithm) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate_for(algorithm).expect("a key of that kind");
        Self(CertifiedIssuer::self_signed(params, key).expect("an authority"))
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(crate) fn issue(&self) -> Leaf {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        params.subject_alt_names.push(SanType::IpAddress(std::net::Ipv4Addr::LOCALHOST.into()));
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("a signature");
        let (certificate_pem, key_pem) = (certificate.pem(), key.serialize_pem());
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key in DER");
        Leaf { der: certificate.der().clone(), key, certificate_pem, key_pem }
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::signing(&rcgen::PKCS_ECDSA_P256_SHA256)
    }
}

impl Leaf {
    /// A TLS server of every version that shows it.
    pub(crate) fn server(&self) -> ServerConfig {
        self.server_of(rustls::ALL_VERSIONS)
    }

    /// The same, of some versions.
    pub(crate) fn server_of(&self, versions: &[&'static rustls::SupportedProtocolVersion]) -> ServerConfig {
        let (chain, key) = self.chain_and_key();
        ServerConfig::builder_with_protocol_versions(versions)
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("the key is that of the certificate")
    }

    /// Certificate and key as other programs read them.
    pub(crate) fn pem(&self) -> (String, String) {
        (self.certificate_pem.clone(), self.key_pem.clone())
    }

    /// As builders of rustls want them.
    pub(crate) fn chain_and_key(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (vec![self.der.clone()], self.key.clone_key())
    }

    /// As rustls wants it where a server has several.
    pub(crate) fn certified(&self) -> rustls::sign::CertifiedKey {
        let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&self.key).expect("a key to sign with");
        rustls::sign::CertifiedKey::new(vec![self.der.clone()], key)
    }
}
