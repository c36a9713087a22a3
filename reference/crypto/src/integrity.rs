//! RFC 2404 and RFC 3566: the ICV, 96 bits of HMAC-SHA1 or of AES-XCBC-MAC.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use wire::packet::ICV_LEN;

use crate::keys::IntegrityKey;
use crate::xcbc::Xcbc;

/// A keyed integrity algorithm. The key is taken in once; each packet starts from a copy of that state.
#[derive(Clone)]
pub(crate) enum Authenticator {
    HmacSha1(Hmac<Sha1>),
    AesXcbc(Xcbc),
}

impl Authenticator {
    pub(crate) fn new(key: &IntegrityKey) -> Self {
        match key {
            IntegrityKey::HmacSha1(key) => match Hmac::new_from_slice(&key[..]) {
                Ok(keyed) => Self::HmacSha1(keyed),
                Err(_) => unreachable!("HMAC takes keys of any length"),
            },
            IntegrityKey::AesXcbc(key) => Self::AesXcbc(Xcbc::new(key)),
        }
    }

    /// The ICVs of several packets, in order.
    pub(crate) fn icvs(&self, covered: &[&[u8]]) -> Vec<[u8; ICV_LEN]> {
        match self {
            Self::HmacSha1(keyed) => covered.iter().map(|octets| hmac_sha1_96(keyed, octets)).collect(),
            Self::AesXcbc(xcbc) => xcbc.macs(covered).iter().map(|mac| first_96_bits(mac)).collect(),
        }
    }

    /// The ICV of one packet.
    pub(crate) fn icv(&self, covered: &[u8]) -> [u8; ICV_LEN] {
        match self {
            Self::HmacSha1(keyed) => hmac_sha1_96(keyed, covered),
            Self::AesXcbc(xcbc) => first_96_bits(&xcbc.mac(covered)),
        }
    }
}

fn hmac_sha1_96(keyed: &Hmac<Sha1>, covered: &[u8]) -> [u8; ICV_LEN] {
    let mut hmac = keyed.clone();
    hmac.update(covered);
    first_96_bits(&hmac.finalize().into_bytes())
}

fn first_96_bits(mac: &[u8]) -> [u8; ICV_LEN] {
    let mut icv = [0; ICV_LEN];
    for (to, from) in icv.iter_mut().zip(mac) {
        *to = *from;
    }
    icv
}

#[cfg(test)]
mod tests {
    use super::{Authenticator, Hmac, KeyInit, Sha1};
    use crate::keys::IntegrityKey;
    use wire::value::hex;
    use zeroize::Zeroizing;

    /// RFC 2202 section 3, the cases with a key of 160 bits (the only length of RFC 2404), digests in full.
    /// Case 5 prints the 96 bits that RFC 2404 uses as well.
    fn rfc_2202() -> [(u8, Vec<u8>, &'static str); 2] {
        [
            (0x0b, b"Hi There".to_vec(), "b617318655057264e28bc0b6fb378c8ef146be00"),
            (0x0c, b"Test With Truncation".to_vec(), "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"),
        ]
    }

    #[test]
    fn hmac_sha1_is_cut_to_its_first_96_bits() {
        for (octet, message, digest) in rfc_2202() {
            let keyed = Authenticator::new(&IntegrityKey::HmacSha1(Zeroizing::new([octet; 20])));
            let digest = hex::decode(digest.as_bytes()).unwrap();
            assert_eq!(keyed.icv(&message), digest[..12]);
            assert_eq!(keyed.icvs(&[&message, &message]), [keyed.icv(&message); 2]);
        }
    }

    /// RFC 2202 section 3, cases 2, 3, 6 and 7: other key lengths, which no suite uses, over the same code.
    #[test]
    fn hmac_sha1_with_other_key_lengths() {
        let cases: [(Vec<u8>, Vec<u8>, &str); 4] = [
            (b"Jefe".to_vec(), b"what do ya want for nothing?".to_vec(), "effcdf6ae5eb2fa2d27416d5"),
            (vec![0xaa; 20], vec![0xdd; 50], "125d7342b9ac11cd91a39af4"),
            (
                vec![0xaa; 80],
                b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
                "aa4ae5e15272d00e95705637",
            ),
            (
                vec![0xaa; 80],
                b"Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data".to_vec(),
                "e8e99d0f45237d786d6bbaa7",
            ),
        ];
        for (key, message, icv) in cases {
            let keyed = Hmac::<Sha1>::new_from_slice(&key).unwrap();
            assert_eq!(super::hmac_sha1_96(&keyed, &message), hex::decode(icv.as_bytes()).unwrap()[..]);
        }
    }
}
