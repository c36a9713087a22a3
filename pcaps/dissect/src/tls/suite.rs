//! The cipher suites that are decrypted: all that rustls and OpenSSL negotiate unless told otherwise, and their kin.
//!
//! Numbers and names as registered by IANA.

use super::schedule::Hash;

/// A row of the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Suite {
    pub(crate) code: u16,
    /// The registered name without `TLS_`.
    pub(crate) name: &'static str,
    pub(crate) cipher: Cipher,
    /// The hash of the key schedule.
    pub(crate) hash: Hash,
}

/// How records are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cipher {
    Aes128Gcm,
    Aes256Gcm,
    ChaCha20Poly1305,
    Aes128Ccm,
    Aes256Ccm,
    /// With a tag of 8 octets.
    Aes128Ccm8,
    /// With a tag of 8 octets.
    Aes256Ccm8,
    Aes128Cbc(CbcMac),
    Aes256Cbc(CbcMac),
    TripleDesCbc(CbcMac),
}

/// The HMAC beside CBC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CbcMac {
    Sha1,
    Sha256,
    Sha384,
}

impl Suite {
    /// The row of a number.
    pub(crate) fn find(code: u16) -> Option<&'static Self> {
        SUITES.iter().find(|suite| suite.code == code)
    }
}

/// What a suite gives up that RFC 6618 sections 5.8 and 9.2 ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weakness {
    /// No certificate of the server.
    NoCertificate,
    /// No encryption.
    NoEncryption,
}

/// Whether a number belongs to a family that has no place under RFC 6618.
pub(crate) fn weakness(code: u16) -> Option<Weakness> {
    let in_any = |ranges: &[(u16, u16)]| ranges.iter().any(|&(from, to)| (from..=to).contains(&code));
    if in_any(WITHOUT_CERTIFICATE) {
        Some(Weakness::NoCertificate)
    } else if in_any(WITHOUT_ENCRYPTION) {
        Some(Weakness::NoEncryption)
    } else {
        None
    }
}

/// Anonymous Diffie-Hellman, pre-shared keys, SRP without a certificate.
const WITHOUT_CERTIFICATE: &[(u16, u16)] = &[
    (0x0017, 0x001b),
    (0x002c, 0x002d),
    (0x0034, 0x0034),
    (0x003a, 0x003a),
    (0x0046, 0x0046),
    (0x006c, 0x006d),
    (0x0089, 0x0091),
    (0x009b, 0x009b),
    (0x00a6, 0x00ab),
    (0x00ae, 0x00b5),
    (0x00bf, 0x00bf),
    (0x00c5, 0x00c5),
    (0xc015, 0xc01a),
    (0xc01d, 0xc01d),
    (0xc020, 0xc020),
    (0xc033, 0xc03b),
    (0xc0a4, 0xc0ab),
    (0xccab, 0xccad),
    (0xd001, 0xd005),
];

const WITHOUT_ENCRYPTION: &[(u16, u16)] = &[
    (0x0000, 0x0002),
    (0x002e, 0x002e),
    (0x003b, 0x003b),
    (0x00b8, 0x00b9),
    (0xc001, 0xc001),
    (0xc006, 0xc006),
    (0xc00b, 0xc00b),
    (0xc010, 0xc010),
    (0xc0b4, 0xc0b5),
];

macro_rules! suites {
    ($( $code:literal $name:literal $cipher:expr, $hash:ident; )*) => {
        const SUITES: &[Suite] = &[
            $( Suite { code: $code, name: $name, cipher: $cipher, hash: Hash::$hash }, )*
        ];
    };
}

use CbcMac::{Sha1, Sha256, Sha384};
use Cipher::{
    Aes128Cbc, Aes128Ccm, Aes128Ccm8, Aes128Gcm, Aes256Cbc, Aes256Ccm, Aes256Ccm8, Aes256Gcm,
    ChaCha20Poly1305, TripleDesCbc,
};

suites! {
    0x1301 "AES_128_GCM_SHA256" Aes128Gcm, Sha256;
    0x1302 "AES_256_GCM_SHA384" Aes256Gcm, Sha384;
    0x1303 "CHACHA20_POLY1305_SHA256" ChaCha20Poly1305, Sha256;
    0x1304 "AES_128_CCM_SHA256" Aes128Ccm, Sha256;
    0x1305 "AES_128_CCM_8_SHA256" Aes128Ccm8, Sha256;
    0xc02b "ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" Aes128Gcm, Sha256;
    0xc02c "ECDHE_ECDSA_WITH_AES_256_GCM_SHA384" Aes256Gcm, Sha384;
    0xc02f "ECDHE_RSA_WITH_AES_128_GCM_SHA256" Aes128Gcm, Sha256;
    0xc030 "ECDHE_RSA_WITH_AES_256_GCM_SHA384" Aes256Gcm, Sha384;
    0xcca8 "ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256" ChaCha20Poly1305, Sha256;
    0xcca9 "ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256" ChaCha20Poly1305, Sha256;
    0xccaa "DHE_RSA_WITH_CHACHA20_POLY1305_SHA256" ChaCha20Poly1305, Sha256;
    0x009c "RSA_WITH_AES_128_GCM_SHA256" Aes128Gcm, Sha256;
    0x009d "RSA_WITH_AES_256_GCM_SHA384" Aes256Gcm, Sha384;
    0x009e "DHE_RSA_WITH_AES_128_GCM_SHA256" Aes128Gcm, Sha256;
    0x009f "DHE_RSA_WITH_AES_256_GCM_SHA384" Aes256Gcm, Sha384;
    0x00a2 "DHE_DSS_WITH_AES_128_GCM_SHA256" Aes128Gcm, Sha256;
    0x00a3 "DHE_DSS_WITH_AES_256_GCM_SHA384" Aes256Gcm, Sha384;
    0xc09c "RSA_WITH_AES_128_CCM" Aes128Ccm, Sha256;
    0xc09d "RSA_WITH_AES_256_CCM" Aes256Ccm, Sha256;
    0xc09e "DHE_RSA_WITH_AES_128_CCM" Aes128Ccm, Sha256;
    0xc09f "DHE_RSA_WITH_AES_256_CCM" Aes256Ccm, Sha256;
    0xc0a0 "RSA_WITH_AES_128_CCM_8" Aes128Ccm8, Sha256;
    0xc0a1 "RSA_WITH_AES_256_CCM_8" Aes256Ccm8, Sha256;
    0xc0a2 "DHE_RSA_WITH_AES_128_CCM_8" Aes128Ccm8, Sha256;
    0xc0a3 "DHE_RSA_WITH_AES_256_CCM_8" Aes256Ccm8, Sha256;
    0xc0ac "ECDHE_ECDSA_WITH_AES_128_CCM" Aes128Ccm, Sha256;
    0xc0ad "ECDHE_ECDSA_WITH_AES_256_CCM" Aes256Ccm, Sha256;
    0xc0ae "ECDHE_ECDSA_WITH_AES_128_CCM_8" Aes128Ccm8, Sha256;
    0xc0af "ECDHE_ECDSA_WITH_AES_256_CCM_8" Aes256Ccm8, Sha256;
    0xc023 "ECDHE_ECDSA_WITH_AES_128_CBC_SHA256" Aes128Cbc(Sha256), Sha256;
    0xc024 "ECDHE_ECDSA_WITH_AES_256_CBC_SHA384" Aes256Cbc(Sha384), Sha384;
    0xc027 "ECDHE_RSA_WITH_AES_128_CBC_SHA256" Aes128Cbc(Sha256), Sha256;
    0xc028 "ECDHE_RSA_WITH_AES_256_CBC_SHA384" Aes256Cbc(Sha384), Sha384;
    0x003c "RSA_WITH_AES_128_CBC_SHA256" Aes128Cbc(Sha256), Sha256;
    0x003d "RSA_WITH_AES_256_CBC_SHA256" Aes256Cbc(Sha256), Sha256;
    0x0040 "DHE_DSS_WITH_AES_128_CBC_SHA256" Aes128Cbc(Sha256), Sha256;
    0x0067 "DHE_RSA_WITH_AES_128_CBC_SHA256" Aes128Cbc(Sha256), Sha256;
    0x006a "DHE_DSS_WITH_AES_256_CBC_SHA256" Aes256Cbc(Sha256), Sha256;
    0x006b "DHE_RSA_WITH_AES_256_CBC_SHA256" Aes256Cbc(Sha256), Sha256;
    0xc009 "ECDHE_ECDSA_WITH_AES_128_CBC_SHA" Aes128Cbc(Sha1), Sha256;
    0xc00a "ECDHE_ECDSA_WITH_AES_256_CBC_SHA" Aes256Cbc(Sha1), Sha256;
    0xc013 "ECDHE_RSA_WITH_AES_128_CBC_SHA" Aes128Cbc(Sha1), Sha256;
    0xc014 "ECDHE_RSA_WITH_AES_256_CBC_SHA" Aes256Cbc(Sha1), Sha256;
    0x002f "RSA_WITH_AES_128_CBC_SHA" Aes128Cbc(Sha1), Sha256;
    0x0035 "RSA_WITH_AES_256_CBC_SHA" Aes256Cbc(Sha1), Sha256;
    0x0032 "DHE_DSS_WITH_AES_128_CBC_SHA" Aes128Cbc(Sha1), Sha256;
    0x0033 "DHE_RSA_WITH_AES_128_CBC_SHA" Aes128Cbc(Sha1), Sha256;
    0x0038 "DHE_DSS_WITH_AES_256_CBC_SHA" Aes256Cbc(Sha1), Sha256;
    0x0039 "DHE_RSA_WITH_AES_256_CBC_SHA" Aes256Cbc(Sha1), Sha256;
    0x000a "RSA_WITH_3DES_EDE_CBC_SHA" TripleDesCbc(Sha1), Sha256;
    0x0016 "DHE_RSA_WITH_3DES_EDE_CBC_SHA" TripleDesCbc(Sha1), Sha256;
    0xc008 "ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA" TripleDesCbc(Sha1), Sha256;
    0xc012 "ECDHE_RSA_WITH_3DES_EDE_CBC_SHA" TripleDesCbc(Sha1), Sha256;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_and_names_are_unique_and_hashes_follow_from_names() {
        let codes: BTreeSet<_> = SUITES.iter().map(|suite| suite.code).collect();
        let names: BTreeSet<_> = SUITES.iter().map(|suite| suite.name).collect();
        assert_eq!((codes.len(), names.len()), (SUITES.len(), SUITES.len()));
        for suite in SUITES {
            assert_eq!(suite.hash == Hash::Sha384, suite.name.ends_with("SHA384"), "{}", suite.name);
            let cipher = format!("{:?}", suite.cipher).replace("(Sha1)", "Sha").replace(['(', ')'], "");
            let said: String = suite.name.split("WITH_").last().unwrap().split('_').collect();
            let said = said.to_lowercase().replace("3desede", "tripledes");
            assert!(said.starts_with(&cipher.to_lowercase()), "{} is {cipher}", suite.name);
        }
    }

    #[test]
    fn what_is_decrypted_has_a_certificate_and_encryption() {
        assert!(SUITES.iter().all(|suite| weakness(suite.code).is_none()));
        assert_eq!(weakness(0x00a8), Some(Weakness::NoCertificate));
        assert_eq!(weakness(0xc018), Some(Weakness::NoCertificate));
        assert_eq!(weakness(0x0002), Some(Weakness::NoEncryption));
    }
}
