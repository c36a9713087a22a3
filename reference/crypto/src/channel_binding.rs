//! RFC 5929 section 4: the `tls-server-end-point` binding that `auth` covers (RFC 6618 section 5.8).
//!
//! The binding is the hash of the server's certificate as it was sent. Which hash is the one that the
//! certificate's own signature uses, except that MD5 and SHA-1 give way to SHA-256. A signature that names no
//! hash (Ed25519, Ed448, ML-DSA) leaves the binding undefined (reading CB-03): that is an error, not a guess.

use std::fmt;

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use x509_cert::der::asn1::{AnyRef, BitStringRef, ContextSpecific, ObjectIdentifier};
use x509_cert::der::{self, Decode, Reader, SliceReader, TagNumber};
use x509_cert::spki::AlgorithmIdentifierRef;

/// The octets that tie `auth` to the TLS connection. Public knowledge, not a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelBinding(Vec<u8>);

/// Why a certificate gives no binding. Whoever sent or chose the certificate is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BindingError {
    /// Not the DER of a certificate.
    Malformed {
        /// The part that could not be read: `Certificate` or `RSASSA-PSS-params`.
        field: &'static str,
    },
    /// The signature algorithm uses no separate hash, so RFC 5929 defines no binding.
    Undefined {
        /// The name of the algorithm.
        algorithm: &'static str,
    },
    /// A signature or hash algorithm that is not in our table.
    Unknown {
        /// Its object identifier, dotted.
        oid: String,
    },
}

impl ChannelBinding {
    /// Takes the octets as they are: a test may bind to anything.
    #[must_use]
    pub const fn new(octets: Vec<u8>) -> Self {
        Self(octets)
    }

    /// The octets that go under the MAC, without any prefix (reading CB-01).
    #[must_use]
    pub fn as_octets(&self) -> &[u8] {
        &self.0
    }
}

/// The binding of a connection whose server sent `cert_der` first in its Certificate message.
///
/// # Errors
/// See [`BindingError`].
pub fn tls_server_end_point(cert_der: &[u8]) -> Result<ChannelBinding, BindingError> {
    let algorithm = signature_algorithm(cert_der)
        .map_err(|_: der::Error| BindingError::Malformed { field: "Certificate" })?;
    let hash = match row(SIGNATURES, algorithm.oid)? {
        Signature::Over(hash) => *hash,
        Signature::OverParameter => row(HASHES, pss_hash(&algorithm)?).copied()?,
        Signature::Whole(algorithm) => return Err(BindingError::Undefined { algorithm }),
    };
    Ok(ChannelBinding(hash.of(cert_der)))
}

/// What a signature algorithm says about hashing.
enum Signature {
    /// It signs this hash.
    Over(Hash),
    /// It signs the hash that its parameters name.
    OverParameter,
    /// It signs the whole text. The name is for people.
    Whole(&'static str),
}

#[derive(Clone, Copy)]
enum Hash {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512To224,
    Sha512To256,
}

type Table<T> = &'static [(ObjectIdentifier, T)];

const fn oid(dotted: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(dotted)
}

/// RFC 3279, RFC 4055, RFC 5758, RFC 8017, RFC 8410, RFC 9881; 1.3.14 are the old names of OIW.
const SIGNATURES: Table<Signature> = &[
    (oid("1.2.840.113549.1.1.4"), Signature::Over(Hash::Md5)),
    (oid("1.2.840.113549.1.1.5"), Signature::Over(Hash::Sha1)),
    (oid("1.3.14.3.2.29"), Signature::Over(Hash::Sha1)),
    (oid("1.2.840.113549.1.1.10"), Signature::OverParameter),
    (oid("1.2.840.113549.1.1.11"), Signature::Over(Hash::Sha256)),
    (oid("1.2.840.113549.1.1.12"), Signature::Over(Hash::Sha384)),
    (oid("1.2.840.113549.1.1.13"), Signature::Over(Hash::Sha512)),
    (oid("1.2.840.113549.1.1.14"), Signature::Over(Hash::Sha224)),
    (oid("1.2.840.113549.1.1.15"), Signature::Over(Hash::Sha512To224)),
    (oid("1.2.840.113549.1.1.16"), Signature::Over(Hash::Sha512To256)),
    (oid("1.2.840.10040.4.3"), Signature::Over(Hash::Sha1)),
    (oid("1.3.14.3.2.27"), Signature::Over(Hash::Sha1)),
    (oid("2.16.840.1.101.3.4.3.1"), Signature::Over(Hash::Sha224)),
    (oid("2.16.840.1.101.3.4.3.2"), Signature::Over(Hash::Sha256)),
    (oid("2.16.840.1.101.3.4.3.3"), Signature::Over(Hash::Sha384)),
    (oid("2.16.840.1.101.3.4.3.4"), Signature::Over(Hash::Sha512)),
    (oid("1.2.840.10045.4.1"), Signature::Over(Hash::Sha1)),
    (oid("1.2.840.10045.4.3.1"), Signature::Over(Hash::Sha224)),
    (oid("1.2.840.10045.4.3.2"), Signature::Over(Hash::Sha256)),
    (oid("1.2.840.10045.4.3.3"), Signature::Over(Hash::Sha384)),
    (oid("1.2.840.10045.4.3.4"), Signature::Over(Hash::Sha512)),
    (oid("1.3.101.112"), Signature::Whole("Ed25519")),
    (oid("1.3.101.113"), Signature::Whole("Ed448")),
    (oid("2.16.840.1.101.3.4.3.17"), Signature::Whole("ML-DSA-44")),
    (oid("2.16.840.1.101.3.4.3.18"), Signature::Whole("ML-DSA-65")),
    (oid("2.16.840.1.101.3.4.3.19"), Signature::Whole("ML-DSA-87")),
];

/// RFC 8017 appendix B.1.
const HASHES: Table<Hash> = &[
    (oid("1.2.840.113549.2.5"), Hash::Md5),
    (SHA1, Hash::Sha1),
    (oid("2.16.840.1.101.3.4.2.1"), Hash::Sha256),
    (oid("2.16.840.1.101.3.4.2.2"), Hash::Sha384),
    (oid("2.16.840.1.101.3.4.2.3"), Hash::Sha512),
    (oid("2.16.840.1.101.3.4.2.4"), Hash::Sha224),
    (oid("2.16.840.1.101.3.4.2.5"), Hash::Sha512To224),
    (oid("2.16.840.1.101.3.4.2.6"), Hash::Sha512To256),
];

const SHA1: ObjectIdentifier = oid("1.3.14.3.2.26");

fn row<T>(table: Table<T>, wanted: ObjectIdentifier) -> Result<&'static T, BindingError> {
    let found = table.iter().find(|(oid, _)| *oid == wanted);
    found.map(|(_, row)| row).ok_or_else(|| BindingError::Unknown { oid: wanted.to_string() })
}

/// RFC 5280 section 4.1: `SEQUENCE { tbsCertificate, signatureAlgorithm, signature }`. The first part is not
/// looked into: the binding must not depend on how well we read names and extensions.
fn signature_algorithm(cert_der: &[u8]) -> der::Result<AlgorithmIdentifierRef<'_>> {
    let mut reader = SliceReader::new(cert_der)?;
    let algorithm = reader.sequence(|certificate| {
        AnyRef::decode(certificate)?;
        let algorithm = AlgorithmIdentifierRef::decode(certificate)?;
        BitStringRef::decode(certificate)?;
        Ok::<_, der::Error>(algorithm)
    })?;
    reader.finish()?;
    Ok(algorithm)
}

/// RFC 4055 section 3.1: `SEQUENCE { hashAlgorithm [0] DEFAULT sha1, .. }`; the parameters must be there.
/// A mask function with a hash of its own is not held against the certificate.
fn pss_hash(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<ObjectIdentifier, BindingError> {
    let read = |parameters: AnyRef<'_>| {
        parameters.sequence(|fields| {
            let hash = ContextSpecific::<AlgorithmIdentifierRef<'_>>::decode_explicit(fields, TagNumber(0))?;
            fields.drain(fields.remaining_len())?;
            Ok::<_, der::Error>(hash.map_or(SHA1, |hash| hash.value.oid))
        })
    };
    let parameters = algorithm.parameters.and_then(|parameters| read(parameters).ok());
    parameters.ok_or(BindingError::Malformed { field: "RSASSA-PSS-params" })
}

impl Hash {
    /// RFC 5929 section 4.1: the hash itself, but SHA-256 in place of the two weak ones.
    fn of(self, octets: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 | Self::Sha1 | Self::Sha256 => Sha256::digest(octets).to_vec(),
            Self::Sha224 => Sha224::digest(octets).to_vec(),
            Self::Sha384 => Sha384::digest(octets).to_vec(),
            Self::Sha512 => Sha512::digest(octets).to_vec(),
            Self::Sha512To224 => Sha512_224::digest(octets).to_vec(),
            Self::Sha512To256 => Sha512_256::digest(octets).to_vec(),
        }
    }
}

impl fmt::Display for BindingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { field } => write!(f, "server certificate: {field} is not DER as it should be"),
            Self::Undefined { algorithm } => write!(
                f,
                "server certificate: signed with {algorithm}, which names no hash: RFC 5929 defines no binding"
            ),
            Self::Unknown { oid } => write!(f, "server certificate: unknown algorithm {oid}"),
        }
    }
}

impl std::error::Error for BindingError {}
