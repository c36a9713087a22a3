//! RFC 6618 sections 5.6.5, 6.3 and 6.4: the ways in which the ICV of a packet is misread.
//!
//! Each makes the octets that a sender with this mistake would put at the end of the packet. [`Suspect::misreadings`]
//! makes them all and names those that the packet really ends in: the explanation of a wrong ICV.

use std::iter;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use wire::packet::{HEADER_LEN, ICV_LEN, Packet};

use crate::auth::hmac_sha256;
use crate::cipher::Decryptor;
use crate::ciphersuite::algorithms;
use crate::keys::{DirectionKeys, IntegrityKey};
use crate::xcbc::Xcbc;

/// One way to get an ICV wrong.
pub struct Misreading {
    /// A short name, stable.
    pub id: &'static str,
    /// The reading that it goes against.
    pub reading: &'static str,
    /// What the sender seems to do.
    pub says: &'static str,
    /// What to change.
    pub fix: &'static str,
    /// What the packet would end in; `None` where the mistake cannot be made, or changes nothing.
    end: fn(&Suspect<'_>) -> Option<Vec<u8>>,
}

/// A packet whose ICV is wrong, and what its sender had at hand.
#[derive(Clone, Copy)]
pub struct Suspect<'a> {
    /// The UDP payload.
    pub octets: &'a [u8],
    /// The keys of its direction.
    pub keys: &'a DirectionKeys,
    /// The keys of the other direction.
    pub others: &'a DirectionKeys,
    /// Source and destination port of the datagram.
    pub ports: (u16, u16),
}

const COVER: &str =
    "cover everything from the PType/SPI word to Next Header, the IV included, and nothing else";
const TRUNCATE: &str = "send the first 96 bits of the MAC: 12 octets";
const XCBC: &str =
    "use AES-XCBC-MAC-96 (RFC 3566): the names with SHA256 mean no HMAC-SHA-256 (section 5.6.5)";

/// Octets of an ICV of 64 bits, and of one of 128 (RFC 4868).
const SHORT: usize = 8;
const LONG: usize = 16;

/// Every misreading: of the algorithm, of its length, of the key, and of what is covered.
pub const DICTIONARY: &[Misreading] = &[
    Misreading {
        id: "icv-of-hmac-sha256",
        reading: "PK-14",
        says: "the ICV is an HMAC-SHA-256 cut to 96 bits",
        fix: XCBC,
        end: |packet| packet.is_xcbc().then(|| packet.sha256(ICV_LEN)).flatten(),
    },
    Misreading {
        id: "icv-of-hmac-sha256-128",
        reading: "PK-14",
        says: "the ICV is an HMAC-SHA-256 cut to 128 bits, as in RFC 4868",
        fix: XCBC,
        end: |packet| packet.is_xcbc().then(|| packet.sha256(LONG)).flatten(),
    },
    Misreading {
        id: "icv-of-hmac-sha1",
        reading: "PK-14",
        says: "the ICV is an HMAC-SHA1 under a suite whose ICV is AES-XCBC",
        fix: XCBC,
        end: |packet| {
            let covered = packet.before(ICV_LEN)?;
            packet.is_xcbc().then(|| cut(hmac_sha1(packet.keys.ikey(), covered), ICV_LEN))
        },
    },
    Misreading {
        id: "icv-not-truncated",
        reading: "PK-14",
        says: "the ICV is the whole MAC",
        fix: TRUNCATE,
        end: |packet| {
            let len = packet.mac_len();
            Some(packet.mac(packet.before(len)?))
        },
    },
    Misreading {
        id: "icv-of-64-bits",
        reading: "PK-14",
        says: "the ICV is cut to 64 bits",
        fix: TRUNCATE,
        end: |packet| Some(cut(packet.mac(packet.before(SHORT)?), SHORT)),
    },
    Misreading {
        id: "icv-from-the-end",
        reading: "PK-14",
        says: "the ICV is the last 96 bits of the MAC",
        fix: TRUNCATE,
        end: |packet| {
            let mac = packet.mac(packet.before(ICV_LEN)?);
            Some(mac.get(mac.len() - ICV_LEN..)?.to_vec())
        },
    },
    Misreading {
        id: "icv-key-of-the-other-direction",
        reading: "SA-05",
        says: "the ICV is made with the integrity key of the other direction",
        fix: "the HA sends with mip6-ha-to-mn-ikey, the MN with mip6-mn-to-ha-ikey (section 5.6.2)",
        end: |packet| {
            let covered = packet.before(ICV_LEN)?;
            Some(cut(mac(packet.others, covered), ICV_LEN))
        },
    },
    Misreading {
        id: "icv-over-udp",
        reading: "PK-13",
        says: "the ICV covers the UDP header, too",
        fix: COVER,
        end: |packet| {
            let (from, to) = packet.ports;
            let length = u16::try_from(packet.octets.len() + UDP_HEADER_LEN).ok()?;
            let header = [from, to, length, 0].map(u16::to_be_bytes).concat();
            packet.icv_over(|covered| Some([&header, covered].concat()))
        },
    },
    Misreading {
        id: "icv-without-iv",
        reading: "PK-12",
        says: "the ICV does not cover the IV",
        fix: COVER,
        end: |packet| {
            let iv_len = algorithms(packet.keys.suite()).iv_len;
            packet.icv_over(|covered| {
                let (header, body) = covered.split_at_checked(HEADER_LEN)?;
                // Without an IV there is no mistake.
                let body = body.get(iv_len..).filter(|_| iv_len > 0)?;
                Some([header, body].concat())
            })
        },
    },
    Misreading {
        id: "icv-without-ptype",
        reading: "PK-13",
        says: "the ICV is made over an SPI without PType, whose bits are 0",
        fix: "PType and SPI are one field of 32 bits under the ICV (section 6.2)",
        end: |packet| {
            packet.icv_over(|covered| {
                let mut covered = covered.to_vec();
                *covered.first_mut()? &= 0x0f;
                Some(covered)
            })
        },
    },
    Misreading {
        id: "icv-without-spi-word",
        reading: "PK-13",
        says: "the ICV starts at the Sequence Number",
        fix: COVER,
        end: |packet| packet.icv_over(|covered| Some(covered.get(WORD_LEN..)?.to_vec())),
    },
    Misreading {
        id: "icv-without-sequence",
        reading: "PK-13",
        says: "the ICV does not cover the Sequence Number",
        fix: COVER,
        end: |packet| {
            packet.icv_over(|covered| {
                let (header, body) = covered.split_at_checked(HEADER_LEN)?;
                Some([header.get(..WORD_LEN)?, body].concat())
            })
        },
    },
    Misreading {
        id: "icv-without-header",
        reading: "PK-13",
        says: "the ICV covers neither the PType/SPI word nor the Sequence Number",
        fix: COVER,
        end: |packet| packet.icv_over(|covered| Some(covered.get(HEADER_LEN..)?.to_vec())),
    },
    Misreading {
        id: "icv-in-little-endian",
        reading: "PK-13",
        says: "the ICV covers PType/SPI word and Sequence Number in little-endian order",
        fix: "cover the octets as they are sent, in network byte order",
        end: |packet| {
            let view = Packet::new_unchecked(packet.octets);
            let words = [view.word().to_le_bytes(), view.sequence().to_le_bytes()].concat();
            packet.icv_over(|covered| Some([&words, covered.get(HEADER_LEN..)?].concat()))
        },
    },
    Misreading {
        id: "icv-with-extended-sequence",
        reading: "SQ-09",
        says: "the ICV covers the high 32 bits of an extended sequence number",
        fix: "there are no extended sequence numbers: 32 bits are all (section 6.1)",
        end: |packet| packet.icv_over(|covered| Some([covered, &[0; WORD_LEN]].concat())),
    },
    Misreading {
        id: "icv-over-zeroed-icv",
        reading: "PK-13",
        says: "the ICV covers twelve zero octets in its own place",
        fix: COVER,
        end: |packet| packet.icv_over(|covered| Some([covered, &[0; ICV_LEN]].concat())),
    },
    Misreading {
        id: "icv-before-encryption",
        reading: "PK-19",
        says: "the ICV is made over the plaintext",
        fix: "encrypt first, then make the ICV over the ciphertext (RFC 4303 section 3.3.2)",
        end: |packet| packet.icv_over(|covered| packet.plaintext(covered)),
    },
];

const UDP_HEADER_LEN: usize = 8;
const WORD_LEN: usize = 4;

impl Suspect<'_> {
    /// The misreadings that explain how the packet ends. Empty when its ICV is right, and when nothing fits.
    #[must_use]
    pub fn misreadings(&self) -> Vec<&'static Misreading> {
        if self.icv_over(|covered| Some(covered.to_vec())).is_some_and(|icv| self.octets.ends_with(&icv)) {
            return Vec::new();
        }
        let fits = |misreading: &&Misreading| {
            (misreading.end)(self).is_some_and(|end| !end.is_empty() && self.octets.ends_with(&end))
        };
        DICTIONARY.iter().filter(fits).collect()
    }

    /// What stands before an ICV of that many octets.
    fn before(&self, icv_len: usize) -> Option<&[u8]> {
        self.octets.get(..self.octets.len().checked_sub(icv_len)?)
    }

    fn icv_over(&self, change: impl FnOnce(&[u8]) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
        let covered = self.before(ICV_LEN)?;
        Some(cut(self.mac(&change(covered)?), ICV_LEN))
    }

    fn is_xcbc(&self) -> bool {
        matches!(self.keys.integrity, IntegrityKey::AesXcbc(_))
    }

    fn sha256(&self, len: usize) -> Option<Vec<u8>> {
        Some(cut(hmac_sha256(self.keys.ikey(), &[self.before(len)?]).0.to_vec(), len))
    }

    fn mac(&self, covered: &[u8]) -> Vec<u8> {
        mac(self.keys, covered)
    }

    fn mac_len(&self) -> usize {
        if self.is_xcbc() { XCBC_LEN } else { SHA1_LEN }
    }

    /// Header, IV and what the ciphertext is when it is decrypted; `None` where nothing is encrypted.
    fn plaintext(&self, covered: &[u8]) -> Option<Vec<u8>> {
        let row = algorithms(self.keys.suite());
        let mut octets = covered.to_vec();
        let (_, text) = octets.split_at_mut_checked(HEADER_LEN + row.iv_len)?;
        if row.iv_len == 0 || text.len() % usize::from(row.align) != 0 {
            return None;
        }
        let chained = covered.get(HEADER_LEN..)?.get(..text.len())?;
        Decryptor::new(&self.keys.cipher).decrypt(text, iter::once(chained));
        Some(octets)
    }
}

const XCBC_LEN: usize = 16;
const SHA1_LEN: usize = 20;

/// The whole MAC of a direction's integrity algorithm: what an ICV is the front of.
#[must_use]
pub fn mac(keys: &DirectionKeys, covered: &[u8]) -> Vec<u8> {
    match &keys.integrity {
        IntegrityKey::HmacSha1(key) => hmac_sha1(&key[..], covered),
        IntegrityKey::AesXcbc(key) => Xcbc::new(key).mac(covered).to_vec(),
    }
}

fn hmac_sha1(key: &[u8], covered: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length.
    let Ok(mut hmac) = Hmac::<Sha1>::new_from_slice(key) else { return Vec::new() };
    hmac.update(covered);
    hmac.finalize().into_bytes().to_vec()
}

fn cut(mut mac: Vec<u8>, len: usize) -> Vec<u8> {
    mac.truncate(len);
    mac
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use wire::packet::PType;
    use wire::trailer;
    use wire::value::{Ciphersuite, Spi};

    use super::*;
    use crate::seal::{Outgoing, Sealer};

    fn keys(suite: Ciphersuite, first: u8) -> DirectionKeys {
        let row = algorithms(suite);
        let octets: Vec<u8> = (first..).take(64).collect();
        let ekey = (row.ekey_len > 0).then(|| &octets[30..30 + row.ekey_len]);
        DirectionKeys::new(suite, &octets[..row.ikey_len], ekey).expect("good keys")
    }

    fn packet(keys: &DirectionKeys) -> Vec<u8> {
        let outgoing = Outgoing {
            ptype: PType::MOBILITY,
            spi: Spi::new(0x0abcdef).expect("legal"),
            sequence: 0x0102_0304,
            next_header: trailer::MOBILITY,
            payload: b"a payload of some octets",
            iv: [0x5a; 16],
            extra_padding: 0,
        };
        Sealer::new(keys).seal(&[outgoing]).pop().expect("one packet")
    }

    fn named(suite: Ciphersuite, octets: &[u8]) -> Vec<&'static str> {
        let (own, others) = (keys(suite, 1), keys(suite, 101));
        let suspect = Suspect { octets, keys: &own, others: &others, ports: (7872, 40_000) };
        suspect.misreadings().into_iter().map(|misreading| misreading.id).collect()
    }

    #[test]
    fn entries_are_told_apart() {
        let ids: BTreeSet<&str> = DICTIONARY.iter().map(|misreading| misreading.id).collect();
        let said: BTreeSet<&str> = DICTIONARY.iter().map(|misreading| misreading.says).collect();
        assert_eq!((ids.len(), said.len()), (DICTIONARY.len(), DICTIONARY.len()));
    }

    #[test]
    fn a_right_icv_and_a_random_one_are_explained_by_nothing() {
        for suite in Ciphersuite::ALL {
            let mut octets = packet(&keys(suite, 1));
            assert!(named(suite, &octets).is_empty());
            if let Some(last) = octets.last_mut() {
                *last ^= 1;
            }
            assert!(named(suite, &octets).is_empty());
            for len in 0..octets.len() {
                // What is left of an ICV of 96 bits when its last octets are cut off is one of 64 bits.
                let is_short_icv = octets.len() - len == ICV_LEN - SHORT;
                let expected: &[&str] = if is_short_icv { &["icv-of-64-bits"] } else { &[] };
                assert_eq!(named(suite, &octets[..len]), expected, "{len} octets");
            }
        }
    }

    #[test]
    fn each_mistake_is_named_wherever_it_can_be_made() {
        let mut made = BTreeSet::new();
        for suite in Ciphersuite::ALL {
            let (own, others) = (keys(suite, 1), keys(suite, 101));
            let right = packet(&own);
            for misreading in DICTIONARY {
                // The mistake is made on a packet that leaves as much room as its ICV takes.
                for room in [SHORT, ICV_LEN, LONG, SHA1_LEN] {
                    let covered = &right[..right.len() - ICV_LEN];
                    let octets = [covered, &vec![0; room]].concat();
                    let suspect =
                        Suspect { octets: &octets, keys: &own, others: &others, ports: (7872, 40_000) };
                    let Some(end) = (misreading.end)(&suspect).filter(|end| end.len() == room) else {
                        continue;
                    };
                    let wrong = [covered, &end].concat();
                    assert_eq!(named(suite, &wrong), [misreading.id], "{}", suite.name());
                    made.insert(misreading.id);
                }
            }
        }
        assert_eq!(made.len(), DICTIONARY.len(), "{made:?}");
    }
}
