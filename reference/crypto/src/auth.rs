//! RFC 6618 section 5.8: the value of `auth`.
//!
//! ```text
//! rfc6618   HMAC-SHA256(key, "MN" or "HAC" | msg-octets | CB-octets)
//! draft-01  HMAC-SHA256(key,                 msg-octets | CB-octets)
//! ```

use std::fmt;

use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use wire::value::Mac;

use crate::channel_binding::ChannelBinding;

/// Which text both ends follow. Never accept both in one HAC: without a label, answers can be reflected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// RFC 6618: the MAC starts with a label that says who speaks.
    Rfc6618,
    /// draft-ietf-mext-mip6-tls-01: no label.
    Draft01,
}

/// Who speaks to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// A request.
    MnToHac,
    /// A response.
    HacToMn,
}

/// Proof that a message carried the right MAC. Only [`verify`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified(());

/// The MAC of a message is not the one that its key, octets and channel give. The sender is at fault, or
/// someone in between. What the right MAC would have been is kept out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthError;

/// The MAC of a message: `msg_octets` is its Content up to the name `auth` (readings AU-02 to AU-04).
#[must_use]
pub fn auth(
    profile: Profile,
    direction: Direction,
    key: &[u8],
    msg_octets: &[u8],
    channel: &ChannelBinding,
) -> Mac {
    hmac_sha256(key, &[label(profile, direction), msg_octets, channel.as_octets()])
}

/// Compares `mac` with the right one, in a time that does not depend on where they differ.
///
/// # Errors
/// When they differ.
pub fn verify(
    profile: Profile,
    direction: Direction,
    key: &[u8],
    msg_octets: &[u8],
    channel: &ChannelBinding,
    mac: &Mac,
) -> Result<Verified, AuthError> {
    let right = auth(profile, direction, key, msg_octets, channel);
    if bool::from(right.0.ct_eq(&mac.0)) { Ok(Verified(())) } else { Err(AuthError) }
}

/// HMAC-SHA256 over `parts`, one after the other with nothing in between.
#[must_use]
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> Mac {
    let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes keys of any length")
    };
    for part in parts {
        hmac.update(part);
    }
    Mac(hmac.finalize().into_bytes().into())
}

/// Section 5.9: the key of an exchange by EAP until a method has made an MSK (EA-01).
pub const ONE: &[u8] = b"1";

/// The octets that open the MAC input: ASCII, no terminator; none in draft-01.
#[must_use]
pub const fn label(profile: Profile, direction: Direction) -> &'static [u8] {
    match (profile, direction) {
        (Profile::Rfc6618, Direction::MnToHac) => b"MN",
        (Profile::Rfc6618, Direction::HacToMn) => b"HAC",
        (Profile::Draft01, _) => b"",
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("auth: need the MAC of this message under this key and channel, have another")
    }
}

impl std::error::Error for AuthError {}

#[cfg(test)]
mod tests {
    use super::{ChannelBinding, Direction, Mac, Profile, auth, hmac_sha256, verify};
    use wire::value::hex;

    fn mac(digits: &str) -> Mac {
        Mac(hex::decode(digits.as_bytes()).unwrap().try_into().unwrap())
    }

    /// RFC 4231 section 4.2, 4.3 and 4.7: short key, key shorter than the digest, key longer than a block.
    #[test]
    fn hmac_sha256_as_published() {
        let one = hmac_sha256(&[0x0b; 20], &[b"Hi There"]);
        assert_eq!(one, mac("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
        let two = hmac_sha256(b"Jefe", &[b"what do ya want ", b"", b"for nothing?"]);
        assert_eq!(two, mac("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
        let six = hmac_sha256(&[0xaa; 131], &[b"Test Using Larger Than Block-Size Key - Hash Key First"]);
        assert_eq!(six, mac("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
    }

    #[test]
    fn the_label_is_part_of_the_mac_in_the_rfc_and_absent_in_the_draft() {
        let channel = ChannelBinding::new(vec![9; 32]);
        let value = |profile, direction| auth(profile, direction, b"key", b"octets", &channel);
        let plain = |label: &[u8]| hmac_sha256(b"key", &[label, b"octets", &[9; 32]]);
        assert_eq!(value(Profile::Rfc6618, Direction::MnToHac), plain(b"MN"));
        assert_eq!(value(Profile::Rfc6618, Direction::HacToMn), plain(b"HAC"));
        assert_eq!(value(Profile::Draft01, Direction::MnToHac), plain(b""));
        assert_eq!(value(Profile::Draft01, Direction::HacToMn), plain(b""));
    }

    #[test]
    fn any_other_mac_key_direction_channel_or_message_is_refused() {
        let channel = ChannelBinding::new(vec![9; 32]);
        let (profile, direction) = (Profile::Rfc6618, Direction::MnToHac);
        let good = auth(profile, direction, b"key", b"octets", &channel);
        assert!(verify(profile, direction, b"key", b"octets", &channel, &good).is_ok());
        for bit in 0..256 {
            let mut bad = good;
            bad.0[bit / 8] ^= 1 << (bit % 8);
            assert!(verify(profile, direction, b"key", b"octets", &channel, &bad).is_err(), "bit {bit}");
        }
        let other = ChannelBinding::new(vec![8; 32]);
        assert!(verify(profile, Direction::HacToMn, b"key", b"octets", &channel, &good).is_err());
        assert!(verify(Profile::Draft01, direction, b"key", b"octets", &channel, &good).is_err());
        assert!(verify(profile, direction, b"kez", b"octets", &channel, &good).is_err());
        assert!(verify(profile, direction, b"key", b"octet", &channel, &good).is_err());
        assert!(verify(profile, direction, b"key", b"octets", &other, &good).is_err());
    }
}
