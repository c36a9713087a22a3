//! RFC 6618 sections 4.3, 5.6.5, 6.3 and 6.4: an HA that protects in good faith, but read the text otherwise.

use std::net::IpAddr;

use crypto::auth::hmac_sha256;
use crypto::icv_misreading::mac;
use crypto::keys::DirectionKeys;
use suite::player::{IcvForge, Inner, PacketForge};
use wire::mobility::{MobilityHeader, checksum};
use wire::packet::{DEFAULT_PORT, HEADER_LEN, ICV_LEN, PType};
use wire::trailer;
use wire::value::Ciphersuite;

use crate::liar::packet::Departure;
use crate::mutant::Lie::{HaInstall, HaOutbound};
use crate::mutant::{Mutant, SANITY};

/// Lies that each make one mistake of `crypto::icv_misreading::DICTIONARY` or `suite::diagnose::packet::SLIPS`.
pub(super) const LIES: &[Mutant] = &[
    icv(
        "ha/icv-of-hmac-sha256",
        "makes an HMAC-SHA-256 where AES-XCBC is meant",
        &[SANITY],
        |packet, departure| {
            of_xcbc(packet, departure, |s| {
                first(hmac_sha256(s.keys.ikey(), &[s.covered]).0.to_vec(), ICV_LEN)
            });
        },
    ),
    icv("ha/icv-of-hmac-sha256-128", "makes the HMAC-SHA-256 of RFC 4868", &[SANITY], |packet, departure| {
        of_xcbc(packet, departure, |s| first(hmac_sha256(s.keys.ikey(), &[s.covered]).0.to_vec(), 16));
    }),
    icv(
        "ha/icv-of-hmac-sha1",
        "makes an HMAC-SHA1 where AES-XCBC is meant",
        &[SANITY],
        |packet, departure| {
            of_xcbc(packet, departure, |s| {
                // HMAC fills keys up with zeros by itself, so this is the HMAC under the shorter key.
                let longer = [s.keys.ikey(), &[0; 4]].concat();
                let keys = DirectionKeys::new(Ciphersuite::NullSha, &longer, None);
                keys.map(|keys| first(mac(&keys, s.covered), ICV_LEN)).unwrap_or_default()
            });
        },
    ),
    icv("ha/icv-not-truncated", "sends the whole MAC", &[SANITY], |packet, departure| {
        ends(packet, departure, |s| mac(s.keys, s.covered));
    }),
    icv("ha/icv-cut-to-64-bits", "sends 64 bits of the MAC", &[SANITY], |packet, departure| {
        ends(packet, departure, |s| first(mac(s.keys, s.covered), 8));
    }),
    icv("ha/icv-from-the-end", "sends the last 96 bits of the MAC", &[SANITY], |packet, departure| {
        ends(packet, departure, |s| {
            let mac = mac(s.keys, s.covered);
            mac.get(mac.len() - ICV_LEN..).unwrap_or_default().to_vec()
        });
    }),
    icv(
        "ha/icv-with-the-other-key",
        "makes the ICV with the key of the MN's direction",
        &[SANITY],
        |packet, departure| {
            ends(packet, departure, |s| first(mac(s.others, s.covered), ICV_LEN));
        },
    ),
    icv("ha/icv-over-udp", "covers the UDP header", &[SANITY], |packet, departure| {
        ends(packet, departure, |s| {
            let length = (s.covered.len() + ICV_LEN + 8) as u16;
            over(s, &[&[DEFAULT_PORT, s.to_port, length, 0].map(u16::to_be_bytes).concat(), s.covered])
        });
    }),
    icv("ha/icv-without-iv", "leaves the IV out of the ICV", &[SANITY], |packet, departure| {
        ends(packet, departure, |s| {
            let iv_len = crypto::ciphersuite::algorithms(s.keys.suite()).iv_len;
            let (header, body) = s.covered.split_at(HEADER_LEN);
            over(s, &[header, body.get(iv_len..).unwrap_or_default()])
        });
    }),
    icv("ha/icv-without-ptype", "makes the ICV over the SPI alone", &[SANITY], |packet, departure| {
        ends(packet, departure, |s| {
            let mut covered = s.covered.to_vec();
            covered.iter_mut().take(1).for_each(|octet| *octet &= 0x0f);
            over(s, &[&covered])
        });
    }),
    icv(
        "ha/icv-without-spi-word",
        "starts the ICV at the Sequence Number",
        &[SANITY],
        |packet, departure| {
            ends(packet, departure, |s| over(s, &[s.covered.get(4..).unwrap_or_default()]));
        },
    ),
    icv(
        "ha/icv-without-sequence",
        "leaves the Sequence Number out of the ICV",
        &[SANITY],
        |packet, departure| {
            ends(packet, departure, |s| {
                let (header, body) = s.covered.split_at(HEADER_LEN);
                over(s, &[header.get(..4).unwrap_or_default(), body])
            });
        },
    ),
    icv("ha/icv-without-header", "leaves both words out of the ICV", &[SANITY], |packet, departure| {
        ends(packet, departure, |s| over(s, &[s.covered.get(HEADER_LEN..).unwrap_or_default()]));
    }),
    icv(
        "ha/icv-in-little-endian",
        "covers the two words in little-endian order",
        &[SANITY],
        |packet, departure| {
            ends(packet, departure, |s| {
                let (header, body) = s.covered.split_at(HEADER_LEN);
                let words: Vec<u8> = header.chunks(4).flat_map(|word| word.iter().rev().copied()).collect();
                over(s, &[&words, body])
            });
        },
    ),
    icv(
        "ha/icv-with-extended-sequence",
        "covers 64 bits of sequence number",
        &[SANITY],
        |packet, departure| {
            ends(packet, departure, |s| over(s, &[s.covered, &[0; 4]]));
        },
    ),
    icv("ha/icv-over-zeroed-icv", "covers an ICV of zeros", &[SANITY], |packet, departure| {
        ends(packet, departure, |s| over(s, &[s.covered, &[0; ICV_LEN]]));
    }),
    icv("ha/icv-before-encryption", "makes the ICV over the plaintext", &[SANITY], |packet, departure| {
        let plain = plaintext(packet);
        let keys = &departure.tunnel.sa.keys.ha_to_mn;
        let header = [packet.ptype.word(packet.spi).to_be_bytes(), packet.sequence.to_be_bytes()].concat();
        let covered = [&header, packet.iv.as_slice(), &plain].concat();
        packet.icv = IcvForge::Instead(first(mac(keys, &covered), ICV_LEN));
    }),
    // The fields.
    icv("ha/padding-from-zero", "counts padding from 0", &["rfc6618/6.3/padding-sent"], |packet, _| {
        let padding = packet.padding.iter_mut().flatten();
        (0_u8..).zip(padding).for_each(|(count, octet)| *octet = count);
    }),
    icv("ha/padding-as-pkcs7", "pads as PKCS #7 does", &["rfc6618/6.3/padding-sent"], |packet, _| {
        let len = packet.padding.as_ref().map_or(0, Vec::len) as u8;
        packet.padding.iter_mut().flatten().for_each(|octet| *octet = len);
    }),
    icv("ha/trailer-turned-round", "puts Next Header before Pad Length", &[SANITY], |packet, _| {
        let (next_header, _) = packet.inner.octets();
        packet.next_header = packet.padding.as_ref().map(|padding| padding.len() as u8);
        packet.pad_length = Some(next_header);
    }),
    Mutant::ha(
        "ha/ekey-of-the-other-direction",
        "enciphers with the key that the MN enciphers with",
        HaInstall(|sa| {
            let (own, other) = (&sa.keys.ha_to_mn, &sa.keys.mn_to_ha);
            if let Ok(mixed) = DirectionKeys::new(sa.suite, own.ikey(), other.ekey()) {
                sa.keys.ha_to_mn = mixed;
            }
        }),
        &[SANITY],
    ),
    icv(
        "ha/checksum-to-care-of",
        "makes the checksum with the care-of address",
        CHECKSUM,
        |packet, departure| {
            let agent = departure.tunnel.agent();
            if let IpAddr::V6(care_of) = departure.to.ip() {
                checksummed(packet, |header| checksum(agent, care_of, header));
            }
        },
    ),
    icv("ha/checksum-of-header", "makes the checksum without a pseudo-header", CHECKSUM, |packet, _| {
        checksummed(packet, |header| {
            let words =
                header.chunks(2).enumerate().filter(|(at, _)| *at != 2).map(|(_, pair)| {
                    u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]))
                });
            let sum: u32 = words.sum();
            !(((sum & 0xffff) + (sum >> 16)) as u16)
        });
    }),
    icv("ha/checksum-left-out", "makes no checksum", CHECKSUM, |packet, _| checksummed(packet, |_| 0)),
    icv(
        "ha/checksum-in-little-endian",
        "turns the octets of the checksum round",
        CHECKSUM,
        |packet, departure| {
            let (agent, home) = (departure.tunnel.agent(), departure.tunnel.home());
            checksummed(packet, |header| checksum(agent, home, header).swap_bytes());
        },
    ),
    icv(
        "ha/numbers-each-ptype",
        "numbers signalling and user data apart",
        &["rfc6618/4.3/ha-numbers-increase"],
        |packet, departure| {
            packet.sequence = departure.tunnel.notes.sent.get(&packet.ptype).copied().unwrap_or(0);
        },
    ),
    icv(
        "ha/numbers-from-one",
        "numbers its packets from 1",
        &["rfc6618/4.3/ha-starts-at-zero"],
        |packet, _| {
            packet.sequence += 1;
        },
    ),
];

const CHECKSUM: &[&str] = &["rfc6618/6.3/ack-checksum"];

const fn icv(
    id: &'static str,
    story: &'static str,
    caught_by: &'static [&'static str],
    lie: fn(&mut PacketForge, &mut Departure<'_>),
) -> Mutant {
    Mutant::ha(id, story, HaOutbound(lie), caught_by)
}

/// What there is to cover, and with what.
struct Sealed<'a> {
    covered: &'a [u8],
    keys: &'a DirectionKeys,
    others: &'a DirectionKeys,
    to_port: u16,
}

/// Ends the packet otherwise.
fn ends(packet: &mut PacketForge, departure: &Departure<'_>, end: fn(&Sealed<'_>) -> Vec<u8>) {
    let octets = departure.octets(packet);
    let covered = &octets[..octets.len().saturating_sub(ICV_LEN)];
    let keys = &departure.tunnel.sa.keys;
    let sealed =
        Sealed { covered, keys: &keys.ha_to_mn, others: &keys.mn_to_ha, to_port: departure.to.port() };
    packet.icv = IcvForge::Instead(end(&sealed));
}

/// The same where the ICV is AES-XCBC.
fn of_xcbc(packet: &mut PacketForge, departure: &Departure<'_>, end: fn(&Sealed<'_>) -> Vec<u8>) {
    if matches!(departure.tunnel.sa.suite, Ciphersuite::NullSha256 | Ciphersuite::Aes128Sha256) {
        ends(packet, departure, end);
    }
}

fn over(sealed: &Sealed<'_>, parts: &[&[u8]]) -> Vec<u8> {
    first(mac(sealed.keys, &parts.concat()), ICV_LEN)
}

fn first(mut mac: Vec<u8>, len: usize) -> Vec<u8> {
    mac.truncate(len);
    mac
}

/// Payload, padding and trailer, as they are before they are enciphered.
fn plaintext(packet: &PacketForge) -> Vec<u8> {
    let (next_header, mut octets) = packet.inner.octets();
    let padding = packet.padding.clone().unwrap_or_default();
    octets.extend_from_slice(&padding);
    octets.extend_from_slice(&[padding.len() as u8, next_header]);
    octets
}

/// Gives a Mobility Header another checksum.
fn checksummed(packet: &mut PacketForge, sum: impl FnOnce(&[u8]) -> u16) {
    let (next_header, mut octets) = packet.inner.octets();
    if packet.ptype == PType::MOBILITY && next_header == trailer::MOBILITY {
        let wrong = sum(&octets);
        MobilityHeader::new_unchecked(&mut octets).set_checksum(wrong);
        packet.inner = Inner::Octets(next_header, octets);
    }
}
