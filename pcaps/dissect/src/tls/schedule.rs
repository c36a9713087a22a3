//! Key schedules: the PRF of TLS 1.2 (RFC 5246 sections 5 and 6.3), HKDF-Expand-Label of TLS 1.3 (RFC 8446 section 7).

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384};
use zeroize::Zeroizing;

use super::key_log::Secret;

/// The hash of a key schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
}

impl Hash {
    const fn len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }

    fn hmac(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha256 => hmac::<Hmac<Sha256>>(key, parts),
            Self::Sha384 => hmac::<Hmac<Sha384>>(key, parts),
        }
    }
}

/// HMAC over parts, one behind the other.
pub(super) fn hmac<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else {
        unreachable!("HMAC takes keys of any length")
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// RFC 5246 section 5: `len` octets of PRF(secret, label, seed).
pub(super) fn prf(hash: Hash, secret: &[u8], label: &[u8], seed: [&[u8]; 2], len: usize) -> Secret {
    let [first, second] = seed;
    let mut out = Zeroizing::new(Vec::with_capacity(len + hash.len()));
    let mut a = hash.hmac(secret, &[label, first, second]);
    while out.len() < len {
        out.extend_from_slice(&hash.hmac(secret, &[&a, label, first, second]));
        a = hash.hmac(secret, &[&a]);
    }
    out.truncate(len);
    out
}

/// RFC 8446 section 7.1 with an empty context; nothing when the secret is shorter than the hash.
pub(super) fn expand_label(hash: Hash, secret: &[u8], label: &str, len: usize) -> Option<Secret> {
    let length = u16::try_from(len).ok()?.to_be_bytes();
    let label_len = u8::try_from(PREFIX.len() + label.len()).ok()?;
    let info = [&length[..], &[label_len], PREFIX, label.as_bytes(), &[0]].concat();
    let mut out = Zeroizing::new(vec![0; len]);
    match hash {
        Hash::Sha256 => Hkdf::<Sha256>::from_prk(secret).ok()?.expand(&info, &mut out).ok()?,
        Hash::Sha384 => Hkdf::<Sha384>::from_prk(secret).ok()?.expand(&info, &mut out).ok()?,
    }
    Some(out)
}

/// RFC 8446 section 7.2: the secret behind a KeyUpdate.
pub(super) fn next_secret(hash: Hash, secret: &[u8]) -> Option<Secret> {
    expand_label(hash, secret, "traffic upd", hash.len())
}

const PREFIX: &[u8] = b"tls13 ";

#[cfg(test)]
mod tests {
    use wire::value::hex;

    use super::*;

    fn octets(digits: &str) -> Vec<u8> {
        hex::decode(digits.as_bytes()).unwrap()
    }

    /// The vectors that were posted to the TLS list for P_SHA256 and P_SHA384 (mailarchive.ietf.org, 2010).
    #[test]
    fn the_prf_as_published() {
        let made = prf(
            Hash::Sha256,
            &octets("9bbe436ba940f017b17652849a71db35"),
            b"test label",
            [&octets("a0ba9f936cda311827a6f796ffd5198c"), b""],
            32,
        );
        assert_eq!(*made, octets("e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a"));
        let made = prf(
            Hash::Sha384,
            &octets("b80b733d6ceefcdc71566ea48e5567df"),
            b"test label",
            [&octets("cd665cf6a8447dd6ff8b27555edb7465"), b""],
            32,
        );
        assert_eq!(*made, octets("7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd"));
    }

    /// RFC 8448 section 3: the server's handshake traffic secret, its key and its IV.
    #[test]
    fn expand_label_as_published() {
        let secret = octets("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
        let key = expand_label(Hash::Sha256, &secret, "key", 16).unwrap();
        assert_eq!(*key, octets("3fce516009c21727d0f2e4e86ee403bc"));
        let iv = expand_label(Hash::Sha256, &secret, "iv", 12).unwrap();
        assert_eq!(*iv, octets("5d313eb2671276ee13000b30"));
        assert!(expand_label(Hash::Sha256, &secret[1..], "iv", 12).is_none(), "shorter than the hash");
    }
}
