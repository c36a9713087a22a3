//! RFC 5929 section 4.1: which hash of which certificate.

use crypto::{BindingError, tls_server_end_point};
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// A certificate as a TLS server would send it, signed by itself.
fn certificate(algorithm: &'static rcgen::SignatureAlgorithm) -> Vec<u8> {
    let key = rcgen::KeyPair::generate_for(algorithm).unwrap();
    let params = rcgen::CertificateParams::new(vec!["hac.example.net".to_owned()]).unwrap();
    params.self_signed(&key).unwrap().der().to_vec()
}

/// `tag`, the length of `content` (below 65,536), `content`.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let length = if content.len() < 128 { vec![low] } else { vec![0x82, high, low] };
    [&[tag], length.as_slice(), content].concat()
}

/// The outer shape of a certificate with this `signatureAlgorithm`; what is signed is empty. rcgen does not
/// make certificates with weak hashes or RSASSA-PSS.
fn shell(oid: &[u8], parameters: &[u8]) -> Vec<u8> {
    let algorithm = der(0x30, &[der(6, oid), parameters.to_vec()].concat());
    der(0x30, &[der(0x30, &[]), algorithm, der(3, &[0; 65])].concat())
}

/// RSASSA-PSS parameters that name `hash`, after RFC 4055 section 3.1, with a salt length behind.
fn pss(hash: &[u8]) -> Vec<u8> {
    let hash = der(0xA0, &der(0x30, &[der(6, hash), der(5, &[])].concat()));
    let salt = der(0xA2, &der(2, &[32]));
    der(0x30, &[hash, salt].concat())
}

fn binding(certificate: &[u8]) -> Vec<u8> {
    tls_server_end_point(certificate).unwrap().as_octets().to_vec()
}

const RSA: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
const PSS: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const NULL: [u8; 2] = [5, 0];

fn rsa_with(last: u8) -> Vec<u8> {
    [&RSA[..], &[last]].concat()
}

#[test]
fn the_hash_is_the_one_of_the_signature() {
    let cert = certificate(&rcgen::PKCS_ECDSA_P256_SHA256);
    assert_eq!(binding(&cert), Sha256::digest(&cert).as_slice());
    let cert = certificate(&rcgen::PKCS_ECDSA_P384_SHA384);
    assert_eq!(binding(&cert), Sha384::digest(&cert).as_slice());
    let cert = shell(&rsa_with(13), &NULL);
    assert_eq!(binding(&cert), Sha512::digest(&cert).as_slice());
    let cert = shell(&rsa_with(14), &NULL);
    assert_eq!(binding(&cert), Sha224::digest(&cert).as_slice());
}

#[test]
fn weak_hashes_give_way_to_sha_256() {
    let ecdsa_with_sha1 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];
    for cert in [shell(&rsa_with(4), &NULL), shell(&rsa_with(5), &NULL), shell(&ecdsa_with_sha1, &[])] {
        assert_eq!(binding(&cert), Sha256::digest(&cert).as_slice());
    }
}

#[test]
fn pss_says_its_hash_in_the_parameters() {
    let sha384 = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
    let sha1 = [0x2b, 0x0e, 0x03, 0x02, 0x1a];
    let cert = shell(&PSS, &pss(&sha384));
    assert_eq!(binding(&cert), Sha384::digest(&cert).as_slice());
    let cert = shell(&PSS, &pss(&sha1));
    assert_eq!(binding(&cert), Sha256::digest(&cert).as_slice());
    let defaults = shell(&PSS, &der(0x30, &[]));
    assert_eq!(binding(&defaults), Sha256::digest(&defaults).as_slice(), "the default is SHA-1");
    let malformed = Err(BindingError::Malformed { field: "RSASSA-PSS-params" });
    assert_eq!(tls_server_end_point(&shell(&PSS, &[])), malformed);
    assert_eq!(tls_server_end_point(&shell(&PSS, &NULL)), malformed);
    let unknown = tls_server_end_point(&shell(&PSS, &pss(&[0x2a, 0x03])));
    assert_eq!(unknown, Err(BindingError::Unknown { oid: "1.2.3".to_owned() }));
}

#[test]
fn a_signature_without_a_hash_leaves_the_binding_undefined() {
    let undefined = |algorithm| Err(BindingError::Undefined { algorithm });
    assert_eq!(tls_server_end_point(&certificate(&rcgen::PKCS_ED25519)), undefined("Ed25519"));
    assert_eq!(tls_server_end_point(&shell(&[0x2b, 0x65, 0x71], &[])), undefined("Ed448"));
    let ml_dsa_65 = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12];
    assert_eq!(tls_server_end_point(&shell(&ml_dsa_65, &[])), undefined("ML-DSA-65"));
    let unknown = Err(BindingError::Unknown { oid: "1.2.3".to_owned() });
    assert_eq!(tls_server_end_point(&shell(&[0x2a, 0x03], &[])), unknown);
}

#[test]
fn what_is_no_certificate_is_refused_whole_or_cut() {
    let malformed = Err(BindingError::Malformed { field: "Certificate" });
    let cert = certificate(&rcgen::PKCS_ECDSA_P256_SHA256);
    for len in 0..cert.len() {
        assert_eq!(tls_server_end_point(&cert[..len]), malformed, "cut to {len}");
    }
    assert_eq!(tls_server_end_point(&[&cert[..], &[0]].concat()), malformed, "one octet too many");
}
