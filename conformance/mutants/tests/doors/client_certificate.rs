//! RFC 6618 section 9.2: servers that ask for a certificate of the client, and what they make of it.

use std::sync::Arc;

use mutants::liar::hac_liar;
use mutants::mutant;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, UnixTime};
use sha2::{Digest, Sha256};
use suite::verdict::Verdict;

use super::authority::{Authority, Leaf};
use super::door::{Desk, always, behind, hac};

const ID: &str = "rfc6618/9.2/client-certificate-proves-nothing";

/// Takes any certificate, and needs none.
#[derive(Debug)]
struct Anybody;

impl ClientCertVerifier for Anybody {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        default_provider().signature_verification_algorithms.supported_schemes()
    }
}

fn asking(leaf: &Leaf, verifier: Arc<dyn ClientCertVerifier>) -> ServerConfig {
    let (chain, key) = leaf.chain_and_key();
    ServerConfig::builder()
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .expect("the key is that of the certificate")
}

#[test]
fn a_certificate_in_place_of_auth_is_no_proof() {
    let authority = Authority::default();
    let leaf = authority.issue();
    let binding = Sha256::digest(&leaf.der);
    hac(authority.pem(), leaf.server(), always(&binding)).passes(&[ID]);
    hac(authority.pem(), asking(&leaf, Arc::new(Anybody)), always(&binding)).passes(&[ID]);

    let lie = mutant::find("hac/done-without-auth").expect("it is in the catalogue");
    let desk = Desk::with(|honest, secrets| hac_liar(lie, Box::new(honest), secrets));
    let door = behind(authority.pem(), asking(&leaf, Arc::new(Anybody)), always(&binding), desk);
    assert_eq!(door.verdict(ID), Verdict::Fail);
}

#[test]
fn who_takes_certificates_of_its_own_authority_only_takes_ours_for_nothing() {
    let authority = Authority::default();
    let leaf = authority.issue();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).expect("PEM"))
        .expect("an authority");
    let builder = || WebPkiClientVerifier::builder(Arc::new(roots.clone()));
    let binding = Sha256::digest(&leaf.der);

    let optional = builder().allow_unauthenticated().build().expect("a verifier");
    hac(authority.pem(), asking(&leaf, optional), always(&binding)).passes(&[ID, "rfc6618/9.2/tls-1.2"]);

    // It must not need one.
    let mandatory = builder().build().expect("a verifier");
    let door = hac(authority.pem(), asking(&leaf, mandatory), always(&binding));
    assert_eq!(door.verdict("rfc6618/9.2/tls-1.2"), Verdict::Fail);
}
