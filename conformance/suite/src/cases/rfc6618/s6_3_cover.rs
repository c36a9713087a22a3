//! RFC 6618 sections 6.3 and 6.4: nothing under the ICV can be changed, octet for octet and field for field.

use wire::value::{Ciphersuite, Scope};

use super::s6_3_protection::{CBC, NULL, discards_under};
use crate::bench::{Bench, register};
use crate::case::Check::{HaDiscards, Script};
use crate::case::{Carrier, Case, PacketFault, Role};
use crate::finding::Outcome;
use crate::judge::vanished;
use crate::player::turn_bit;

const BINDING: &[&str] = &[
    "rfc6618#6.3/integrity-cover",
    "rfc6618#6.3/binding-messages-integrity",
    "rfc4303#3.4.3/bad-icv-discarded",
];
const DATA: &[&str] = &[
    "rfc6618#6.4/protected-integrity-cover",
    "rfc6618#6.4/user-data-protected",
    "rfc4303#3.4.3/bad-icv-discarded",
];

/// Cases about the extent of the ICV.
pub(super) const CASES: &[Case] = &[
    every_octet(
        "rfc6618/6.3/every-octet-null-sha",
        "no octet of a packet under NULL_SHA can be changed",
        |bench| every_octet_counts(bench, Ciphersuite::NullSha),
    ),
    every_octet(
        "rfc6618/6.3/every-octet-null-sha256",
        "no octet of a packet under NULL_SHA256 can be changed",
        |bench| every_octet_counts(bench, Ciphersuite::NullSha256),
    ),
    every_octet(
        "rfc6618/6.3/every-octet-3des-ede-cbc-sha",
        "no octet of a packet under 3DES_EDE_CBC_SHA can be changed",
        |bench| every_octet_counts(bench, Ciphersuite::TripleDesSha),
    ),
    every_octet(
        "rfc6618/6.3/every-octet-aes-128-cbc-sha",
        "no octet of a packet under AES_128_CBC_SHA can be changed",
        |bench| every_octet_counts(bench, Ciphersuite::Aes128Sha),
    ),
    every_octet(
        "rfc6618/6.3/every-octet-aes-128-cbc-sha256",
        "no octet of a packet under AES_128_CBC_SHA256 can be changed",
        |bench| every_octet_counts(bench, Ciphersuite::Aes128Sha256),
    ),
    // The trailer, which only a NULL suite lets an outsider change at will.
    Case::must(
        "rfc6618/6.3/padding-under-icv",
        "a Binding Update whose padding was changed under its ICV vanishes",
        BINDING,
        Script(Role::Ha, |bench| {
            discards_under(
                bench,
                &NULL,
                PacketFault::update(|p| {
                    p.pad_further(16);
                    p.spoil(|octets| turn_bit(octets, -16));
                }),
            )
        }),
    )
    .by(&["PK-13"]),
    Case::must(
        "rfc6618/6.3/pad-length-under-icv",
        "a Binding Update whose Pad Length was changed under its ICV vanishes",
        BINDING,
        Script(Role::Ha, |bench| {
            discards_under(
                bench,
                &NULL,
                PacketFault::update(|p| {
                    p.pad_further(16);
                    p.spoil(|octets| turn_bit(octets, -14));
                }),
            )
        }),
    )
    .by(&["PK-13"]),
    Case::must(
        "rfc6618/6.3/next-header-under-icv",
        "a Binding Update whose Next Header was changed under its ICV, from what fits it not, vanishes",
        BINDING,
        Script(Role::Ha, |bench| {
            discards_under(
                bench,
                &NULL,
                PacketFault::update(|p| {
                    p.next_header = p.next_header.or(Some(p.inner.octets().0 ^ 1));
                    p.spoil(|octets| turn_bit(octets, -13));
                }),
            )
        }),
    )
    .by(&["PK-13"]),
    // User data.
    Case::must(
        "rfc6618/6.4/spi-under-icv",
        "user data whose SPI was changed under its ICV vanishes",
        DATA,
        HaDiscards(PacketFault::protected(|p| p.spoil(|octets| turn_bit(octets, 3)))),
    )
    .by(&["PK-13"]),
    Case::must(
        "rfc6618/6.4/iv-under-icv",
        "user data whose IV was changed under its ICV vanishes",
        DATA,
        Script(Role::Ha, |bench| {
            discards_under(bench, &CBC, PacketFault::protected(|p| p.spoil(|octets| turn_bit(octets, 8))))
        }),
    )
    .by(&["PK-12", "PK-13"]),
    Case::must(
        "rfc6618/6.4/padding-under-icv",
        "user data whose padding was changed under its ICV vanishes",
        DATA,
        Script(Role::Ha, |bench| {
            discards_under(
                bench,
                &NULL,
                PacketFault::protected(|p| {
                    p.pad_further(16);
                    p.spoil(|octets| turn_bit(octets, -16));
                }),
            )
        }),
    )
    .by(&["PK-13"]),
    Case::must(
        "rfc6618/6.4/trailer-under-icv",
        "user data whose last octet before the ICV was changed vanishes",
        DATA,
        HaDiscards(PacketFault::protected(|p| p.spoil(|octets| turn_bit(octets, -13)))),
    )
    .by(&["PK-13"]),
    Case::must(
        "rfc6618/6.4/icv-first-octet",
        "user data with a bit turned in the first octet of the ICV vanishes",
        DATA,
        HaDiscards(PacketFault::protected(|p| p.spoil(|octets| turn_bit(octets, -12)))),
    )
    .by(&["PK-14"]),
    Case::must(
        "rfc6618/6.4/icv-truncated",
        "user data with only 64 bits of the right ICV vanishes",
        DATA,
        HaDiscards(PacketFault::protected(|p| p.spoil(|octets| octets.truncate(octets.len() - 4)))),
    )
    .by(&["PK-14"]),
    Case::must(
        "rfc6618/6.4/misaligned-ciphertext",
        "user data whose ciphertext is no multiple of the block vanishes, though its ICV is right",
        &["rfc6618#6.4/trailer-as-esp", "rfc4303#2.4/block-multiple"],
        Script(Role::Ha, |bench| discards_under(bench, &CBC, PacketFault::protected(|p| p.pad_further(1)))),
    )
    .by(&["PK-10"]),
    Case::should(
        "rfc6618/6.4/padding-of-zeros",
        "user data whose padding is not 1, 2, 3 and so on vanishes",
        &["rfc4303#2.4/padding-inspected", "rfc6618#6.4/trailer-as-esp"],
        HaDiscards(PacketFault::protected(|p| {
            p.pad_further(16);
            p.padding.iter_mut().flatten().for_each(|octet| *octet = 0);
        })),
    )
    .by(&["PK-15"]),
];

const fn every_octet(id: &'static str, story: &'static str, script: fn(&mut Bench<'_>) -> Outcome) -> Case {
    const CITES: &[&str] = &[
        "rfc6618#6.3/integrity-cover",
        "rfc6618#6.4/protected-integrity-cover",
        "rfc6618#6.2/one-field-under-icv",
        "rfc4303#3.4.3/bad-icv-discarded",
    ];
    Case::must(id, story, CITES, Script(Role::Ha, script)).by(&["PK-13", "PK-14"])
}

/// Octets of PType, SPI and Sequence Number: every bit of them is turned, of the others one.
const WORDS: usize = 8;

fn every_octet_counts(bench: &mut Bench<'_>, suite: Ciphersuite) -> Outcome {
    let mut tunnel = bench.tunnel_with(&[suite], Scope::AllTraffic)?;
    register(&mut tunnel)?;
    let mut carriers = vec![Carrier::BindingUpdate];
    carriers.extend(bench.setup().correspondent.map(|_| Carrier::ProtectedEcho));
    for carrier in carriers {
        let (packet, _) = tunnel.next(carrier)?;
        let whole = tunnel.octets(&packet);
        for at in 0..whole.len() {
            let bits = if at < WORDS { 0..8 } else { 0..1 };
            for bit in bits {
                let mut octets = whole.clone();
                if let Some(octet) = octets.get_mut(at) {
                    *octet ^= 1 << bit;
                }
                tunnel.send_octets(&octets)?;
            }
        }
        bench.check(vanished(&mut tunnel, carrier))?;
    }
    Ok(crate::finding::Pass::Clean)
}
