//! Certificates made at run time: an authority of one canary, and the one server certificate that it issues.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// Whom the server certificate names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject {
    /// `localhost` and 127.0.0.1, where the canary really is.
    Loopback,
    /// A host that is somewhere else.
    Somebody,
}

impl Subject {
    fn names(self) -> Vec<String> {
        match self {
            Self::Loopback => vec!["localhost".into(), "127.0.0.1".into()],
            Self::Somebody => vec!["hac.elsewhere.example".into()],
        }
    }
}

/// What a TLS server needs, and the authority's PEM for whoever has to trust it.
pub(crate) struct Issued {
    pub(crate) ca_pem: String,
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

pub(crate) fn issue(subject: Subject) -> Result<Issued, rcgen::Error> {
    let mut ca = CertificateParams::new(Vec::new())?;
    ca.distinguished_name.push(DnType::CommonName, "canary authority");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca_key = KeyPair::generate()?;
    let ca_pem = ca.self_signed(&ca_key)?.pem();
    let issuer = Issuer::new(ca, ca_key);

    let mut leaf = CertificateParams::new(subject.names())?;
    leaf.distinguished_name.push(DnType::CommonName, "canary");
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let leaf_key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&leaf_key, &issuer)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf_key.serialize_der()));
    Ok(Issued { ca_pem, chain: vec![certificate.der().clone()], key })
}
