//! RFC 3748 section 5.4 with RFC 1994 section 4.1: the hash of EAP's MD5-Challenge. It proves a secret to whoever
//! trusts MD5 and the channel, and derives no key.
//!
//! ```text
//!  Value = MD5(Identifier | secret | challenge)
//! ```

use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

/// A response's Value is not the one of its secret and challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Md5ChallengeError;

/// What the peer answers; `identifier` is that of its EAP response.
#[must_use]
pub fn response(identifier: u8, secret: &[u8], challenge: &[u8]) -> [u8; 16] {
    let mut hash = Md5::new();
    hash.update([identifier]);
    hash.update(secret);
    hash.update(challenge);
    hash.finalize().into()
}

/// Compares in a time that does not depend on where the values differ.
///
/// # Errors
/// When they differ.
pub fn verify(
    identifier: u8,
    secret: &[u8],
    challenge: &[u8],
    value: &[u8],
) -> Result<(), Md5ChallengeError> {
    match bool::from(response(identifier, secret, challenge).as_slice().ct_eq(value)) {
        true => Ok(()),
        false => Err(Md5ChallengeError),
    }
}

impl std::fmt::Display for Md5ChallengeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EAP-MD5 Value: need the hash of this challenge under this secret, have another")
    }
}

impl std::error::Error for Md5ChallengeError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1321 section A.5: MD5 of "message digest", cut into an Identifier, a secret and a challenge.
    #[test]
    fn the_hash_is_over_identifier_secret_and_challenge() {
        let published = wire::value::hex::decode(b"f96b697d7cb7938d525a2f31aaf161d0").unwrap();
        assert_eq!(response(b'm', b"essage", b" digest").as_slice(), published);
        assert_eq!(verify(b'm', b"essage", b" digest", &published), Ok(()));
        assert_eq!(verify(b'n', b"essage", b" digest", &published), Err(Md5ChallengeError));
        assert_eq!(verify(b'm', b"essage", b" digest", &published[..15]), Err(Md5ChallengeError));
    }
}
