//! RFC 3748 section 5.4: MD5-Challenge, both sides.

use crypto::keys::Psk;
use crypto::md5_challenge;
use wire::DecodeError;
use wire::eap::Md5Challenge;

use crate::Random;

/// The peer's whole part: the hash for a challenge. Its EAP response has the Identifier of the request.
pub(super) fn answer(identifier: u8, challenge: &[u8], secret: &Psk) -> Result<Vec<u8>, DecodeError> {
    let Md5Challenge { value, .. } = Md5Challenge::parse(challenge)?;
    let value = md5_challenge::response(identifier, secret.as_octets(), value);
    Md5Challenge { value: &value, name: &[] }.to_vec()
}

/// The server's challenge is out.
pub(super) struct AwaitHash {
    challenge: [u8; 16],
}

/// What a response proves.
pub(super) enum Hash {
    Right,
    Wrong,
}

impl AwaitHash {
    pub(super) fn start(random: &mut dyn Random) -> Result<(Vec<u8>, Self), DecodeError> {
        let mut challenge = [0; 16];
        random.fill(&mut challenge);
        let request = Md5Challenge { value: &challenge, name: &[] }.to_vec()?;
        Ok((request, Self { challenge }))
    }

    /// Nobody's hash is right without a secret.
    pub(super) fn check(
        &self,
        identifier: u8,
        response: &[u8],
        secret: Option<&Psk>,
    ) -> Result<Hash, DecodeError> {
        let Md5Challenge { value, .. } = Md5Challenge::parse(response)?;
        let right = secret.is_some_and(|secret| {
            md5_challenge::verify(identifier, secret.as_octets(), &self.challenge, value).is_ok()
        });
        Ok(if right { Hash::Right } else { Hash::Wrong })
    }
}
