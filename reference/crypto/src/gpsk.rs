//! RFC 5433 sections 4 and 6 to 8: the keys and MACs of EAP-GPSK.
//!
//! ```text
//!  inputString = RAND_Peer | ID_Peer | RAND_Server | ID_Server
//!  MK          = GKDF(KS octets, PSK[0..KS], len PSK | PSK | CSuite_Sel | inputString)
//!  MSK | EMSK | SK | PK = GKDF(64 + 64 + KS + KS octets, MK, inputString)
//!  GKDF(n octets, key, z) = MAC(key, 1 | z) | MAC(key, 2 | z) | ..     numbers of 2 octets
//! ```
//!
//! Absent on purpose: PK and what it would encrypt, for nobody has assigned any protected data.

use std::fmt;

use aes::Aes128;
use cmac::{Cmac, KeyInit, Mac as _};
use subtle::ConstantTimeEq;
use wire::eap::CSuite;
use zeroize::Zeroizing;

use crate::auth::hmac_sha256;
use crate::keys::{KeyError, KeyHave, KeyNeed, Msk, Psk};

const EXPORTED: usize = 64;

/// A row of section 6: a ciphersuite of EAP-GPSK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GpskSuite {
    /// 1: AES-CMAC-128 as MAC and in the KDF.
    AesCmac,
    /// 2: HMAC-SHA256 as MAC and in the KDF.
    HmacSha256,
}

/// What both ends put into the derivation beside the key.
#[derive(Clone, Copy, Debug)]
pub struct Session<'a> {
    /// RAND_Peer.
    pub rand_peer: &'a [u8; 32],
    /// ID_Peer.
    pub id_peer: &'a [u8],
    /// RAND_Server.
    pub rand_server: &'a [u8; 32],
    /// ID_Server.
    pub id_server: &'a [u8],
}

/// The keys of one EAP-GPSK conversation. Wiped when dropped.
#[derive(Clone)]
pub struct GpskKeys {
    suite: GpskSuite,
    msk: Msk,
    emsk: Zeroizing<Vec<u8>>,
    sk: Zeroizing<Vec<u8>>,
}

/// The MAC of a GPSK message is not the one of its key and octets: the sender has another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GpskMacError;

impl GpskSuite {
    /// Both, in the order of their numbers.
    pub const ALL: [Self; 2] = [Self::AesCmac, Self::HmacSha256];

    /// What goes on the wire.
    #[must_use]
    pub const fn code(self) -> CSuite {
        match self {
            Self::AesCmac => CSuite::AES_CMAC,
            Self::HmacSha256 => CSuite::HMAC_SHA256,
        }
    }

    /// The suite of a code, if there is one.
    #[must_use]
    pub fn from_code(code: CSuite) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.code() == code)
    }

    /// KS: octets of a key, and the fewest octets of a PSK.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::AesCmac => 16,
            Self::HmacSha256 => 32,
        }
    }

    fn mac(self, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::AesCmac => aes_cmac(key, parts),
            Self::HmacSha256 => hmac_sha256(key, parts).0.to_vec(),
        }
    }
}

impl GpskKeys {
    /// Section 4: all keys of a conversation.
    ///
    /// # Errors
    /// A PSK with fewer octets than the suite's keys have. Of a longer one, the first octets key the KDF and all octets
    /// go into it.
    pub fn derive(suite: GpskSuite, psk: &Psk, session: &Session<'_>) -> Result<Self, KeyError> {
        let (psk, ks) = (psk.as_octets(), suite.key_len());
        let field = "psk";
        let have = KeyHave::Octets(psk.len());
        let first = psk.get(..ks).ok_or(KeyError { field, need: KeyNeed::AtLeast(ks), have })?;
        let length = u16::try_from(psk.len()).map_err(|_| KeyError {
            field,
            need: KeyNeed::Octets(usize::from(u16::MAX)),
            have,
        })?;
        let Session { rand_peer, id_peer, rand_server, id_server } = *session;
        let input = [rand_peer, id_peer, rand_server, id_server];
        let (length, code) = (length.to_be_bytes(), suite.code().0);
        let seed = [&[&length, psk, &code], input.as_slice()].concat();
        let mk = gkdf(suite, ks, first, &seed);
        let mut msk = gkdf(suite, 2 * EXPORTED + 2 * ks, &mk, &input);
        let mut emsk = msk.split_off(EXPORTED);
        let mut sk = Zeroizing::new(emsk.split_off(EXPORTED));
        sk.truncate(ks);
        Ok(Self { suite, msk: Msk::new(std::mem::take(&mut *msk))?, emsk: Zeroizing::new(emsk), sk })
    }

    /// The MAC of a message under SK, over what its `unsigned` gives.
    #[must_use]
    pub fn mac(&self, unsigned: &[u8]) -> Vec<u8> {
        self.suite.mac(&self.sk, &[unsigned])
    }

    /// Compares in a time that does not depend on where the MACs differ.
    ///
    /// # Errors
    /// When they differ.
    pub fn verify(&self, unsigned: &[u8], mac: &[u8]) -> Result<(), GpskMacError> {
        match bool::from(self.mac(unsigned).ct_eq(mac)) {
            true => Ok(()),
            false => Err(GpskMacError),
        }
    }

    /// The Master Session Key, to be used only when the conversation has ended well.
    #[must_use]
    pub fn msk(&self) -> &Msk {
        &self.msk
    }

    /// The Extended Master Session Key of 64 octets; RFC 6618 has no use for it.
    #[must_use]
    pub fn emsk(&self) -> &[u8] {
        &self.emsk
    }
}

/// Section 7. `key` has the length that the suite wants.
fn gkdf(suite: GpskSuite, octets: usize, key: &[u8], seed: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    // Room for all blocks at once: growing would leave copies of keys behind.
    let mut result = Zeroizing::new(Vec::with_capacity(octets + suite.key_len()));
    for number in 1_u16.. {
        if result.len() >= octets {
            break;
        }
        let number = number.to_be_bytes();
        let parts = [&[number.as_slice()], seed].concat();
        result.extend(Zeroizing::new(suite.mac(key, &parts)).iter());
    }
    result.truncate(octets);
    result
}

/// RFC 4493 over `parts`, one after the other.
fn aes_cmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let Ok(mut cmac) = Cmac::<Aes128>::new_from_slice(key) else {
        unreachable!("the KDF and its callers cut keys to 16 octets")
    };
    for part in parts {
        cmac.update(part);
    }
    cmac.finalize().into_bytes().to_vec()
}

impl fmt::Debug for GpskKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GpskKeys({:?}, ..)", self.suite)
    }
}

impl fmt::Display for GpskMacError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GPSK MAC: need the one of this message under this key, have another")
    }
}

impl std::error::Error for GpskMacError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn octets(digits: &str) -> Vec<u8> {
        wire::value::hex::decode(digits.as_bytes()).unwrap()
    }

    /// RFC 4493 section 4: examples 1 to 4, one key, growing pieces of one message.
    #[test]
    fn aes_cmac_as_published() {
        let key = octets("2b7e151628aed2a6abf7158809cf4f3c");
        let message = octets(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
             30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
        );
        for (length, mac) in [
            (0, "bb1d6929e95937287fa37d129b756746"),
            (16, "070a16b46b4d4144f79bdd9dd04a287c"),
            (40, "dfa66747de9ae63030ca32611497c827"),
            (64, "51f0bebf7e3b9d92fc49741779363cfe"),
        ] {
            let (head, tail) = message[..length].split_at(length / 3);
            assert_eq!(aes_cmac(&key, &[head, tail]), octets(mac), "{length} octets");
        }
    }

    fn keys(suite: GpskSuite, psk: &[u8], id_peer: &[u8]) -> Result<GpskKeys, KeyError> {
        let (rand_peer, rand_server, id_server) = (&[1; 32], &[2; 32], b"server".as_slice());
        let session = Session { rand_peer, id_peer, rand_server, id_server };
        GpskKeys::derive(suite, &Psk::new(psk.to_vec()).unwrap(), &session)
    }

    #[test]
    fn lengths_are_those_of_the_table() {
        for (suite, ks) in [(GpskSuite::AesCmac, 16), (GpskSuite::HmacSha256, 32)] {
            let keys = keys(suite, &[7; 40], b"peer").unwrap();
            let lengths = (keys.msk().as_octets().len(), keys.emsk().len(), keys.sk.len());
            assert_eq!(lengths, (64, 64, ks));
            assert_eq!(keys.mac(b"octets").len(), ks);
        }
    }

    #[test]
    fn everything_goes_into_the_keys() {
        let usual = keys(GpskSuite::AesCmac, &[7; 40], b"peer").unwrap();
        let differs = |other: GpskKeys| usual.msk().as_octets() != other.msk().as_octets();
        assert!(differs(keys(GpskSuite::HmacSha256, &[7; 40], b"peer").unwrap()));
        assert!(
            differs(keys(GpskSuite::AesCmac, &[7; 39], b"peer").unwrap()),
            "octets after the first 16 too"
        );
        assert!(differs(keys(GpskSuite::AesCmac, &[7; 40], b"reep").unwrap()));
        let mac = usual.mac(b"octets");
        assert_eq!(usual.verify(b"octets", &mac), Ok(()));
        assert_eq!(usual.verify(b"octet", &mac), Err(GpskMacError));
        assert_eq!(usual.verify(b"octets", &mac[..15]), Err(GpskMacError));
        assert_eq!(usual.verify(b"octets", &[]), Err(GpskMacError));
    }

    #[test]
    fn a_key_that_is_too_short_is_refused() {
        for suite in GpskSuite::ALL {
            assert!(keys(suite, &vec![7; suite.key_len()], b"peer").is_ok());
            let error = keys(suite, &vec![7; suite.key_len() - 1], b"peer").unwrap_err();
            assert_eq!(error.need, KeyNeed::AtLeast(suite.key_len()));
        }
    }
}
