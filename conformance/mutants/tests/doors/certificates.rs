//! RFC 5929 section 4.1: the hash of the binding is that of the certificate's signature, whichever that is. The rule
//! for SHA-1, MD5 and RSASSA-PSS, which no TLS library signs with or takes, is in the vectors and told in memory.

use rcgen::SignatureAlgorithm;
use sha2::{Digest, Sha256, Sha384, Sha512};
use suite::verdict::Verdict;

use super::authority::Authority;
use super::door::{always, hac};

type Hash = fn(&[u8]) -> Vec<u8>;

fn sha256(octets: &[u8]) -> Vec<u8> {
    Sha256::digest(octets).to_vec()
}

fn sha384(octets: &[u8]) -> Vec<u8> {
    Sha384::digest(octets).to_vec()
}

fn sha512(octets: &[u8]) -> Vec<u8> {
    Sha512::digest(octets).to_vec()
}

/// How certificates are signed, and the hash that follows from it.
const KINDS: [(&str, &SignatureAlgorithm, Hash); 5] = [
    ("ECDSA with SHA-256", &rcgen::PKCS_ECDSA_P256_SHA256, sha256),
    ("ECDSA with SHA-384", &rcgen::PKCS_ECDSA_P384_SHA384, sha384),
    ("RSA with SHA-256", &rcgen::PKCS_RSA_SHA256, sha256),
    ("RSA with SHA-384", &rcgen::PKCS_RSA_SHA384, sha384),
    ("RSA with SHA-512", &rcgen::PKCS_RSA_SHA512, sha512),
];

/// Cases that pass only if both ends have the same binding.
const BOUND: [&str; 5] = [
    "rfc6618/9.2/certificate-names-a-hash",
    "rfc6618/5.8/init-auth-right",
    "rfc6618/5.8/done-auth-right",
    "rfc6618/5.8/without-channel-binding",
    "rfc6618/5.8/another-certificate",
];

#[test]
fn each_signature_has_its_hash() {
    for (kind, algorithm, right) in KINDS {
        println!("{kind}");
        let authority = Authority::signing(algorithm);
        let leaf = authority.issue();
        hac(authority.pem(), leaf.server(), always(&right(&leaf.der))).passes(&BOUND);

        for wrong in [sha256 as Hash, sha384, sha512] {
            if wrong(&leaf.der) != right(&leaf.der) {
                let door = hac(authority.pem(), leaf.server(), always(&wrong(&leaf.der)));
                assert_eq!(door.verdict("rfc6618/5.8/init-auth-right"), Verdict::Fail, "{kind}");
            }
        }
    }
}

#[test]
fn a_signature_without_a_hash_ends_it() {
    let authority = Authority::signing(&rcgen::PKCS_ED25519);
    let leaf = authority.issue();
    let door = hac(authority.pem(), leaf.server(), always(&sha512(&leaf.der)));
    assert_eq!(door.verdict("rfc6618/9.2/certificate-names-a-hash"), Verdict::Fail);
    assert_eq!(door.verdict("rfc6618/5.8/init-auth-right"), Verdict::Inconclusive);
}
