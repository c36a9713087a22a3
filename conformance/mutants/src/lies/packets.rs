//! RFC 6618 sections 6.1 and 6.2: numbers and their window, PType and SPI.

use wire::packet::{PType, Packet};
use wire::trailer;

use crate::liar::packet::{Arrival, Departure, Notes};
use crate::mutant::Lie::{HaInbound, HaOutbound};
use crate::mutant::{Mutant, SANITY};
use suite::player::PacketForge;
use wire::value::Ciphersuite;

const KEEPALIVE: &[u8] = &[0xff];

/// Lies about the first two words of a packet.
pub(super) const LIES: &[Mutant] = &[
    // 4.3
    Mutant::ha(
        "ha/sends-another-spi",
        "sends under an SPI of its own",
        HaOutbound(|packet, _| packet.spi ^= 1),
        &["rfc6618/4.3/ha-sends-the-granted-spi"],
    ),
    Mutant::ha(
        "ha/starts-at-1000",
        "starts its numbers at 1000",
        HaOutbound(|packet, _| packet.sequence += 1000),
        &["rfc6618/4.3/ha-starts-at-zero"],
    ),
    Mutant::ha(
        "ha/continues-the-mn",
        "counts on from the number of the MN",
        HaOutbound(|packet, departure| {
            let first = departure.tunnel.notes.number.get_or_insert(1000);
            packet.sequence += *first;
        }),
        &["rfc6618/4.3/new-sa-starts-at-zero", "rfc6618/4.3/ha-starts-at-zero"],
    ),
    Mutant::ha(
        "ha/number-always-zero",
        "sends every packet with number 0",
        HaOutbound(|packet, _| packet.sequence = 0),
        &["rfc6618/4.3/ha-numbers-increase"],
    ),
    Mutant::ha(
        "ha/counter-for-each-ptype",
        "counts signalling and data apart",
        HaOutbound(|packet, departure| packet.sequence = sent_before(packet.ptype, departure)),
        &["rfc6618/4.3/ha-numbers-increase"],
    ),
    Mutant::ha(
        "ha/window-for-each-ptype",
        "keeps a window for signalling and one for data",
        HaInbound(|arrival| {
            let of_this = (arrival.view().ptype(), arrival.view().sequence());
            let new = note(arrival, |notes| notes.numbers.insert(of_this));
            arrival.replayed &= !new;
        }),
        &["rfc6618/6.1/number-of-user-data", "rfc6618/4.3/number-of-the-other-ptype"],
    ),
    Mutant::ha(
        "ha/answers-the-first-port",
        "answers to where the first packet came from, wherever the MN is",
        HaOutbound(|_, departure| {
            departure.to = *departure.tunnel.notes.address.get_or_insert(departure.to);
        }),
        &[
            "rfc6618/6.1/nat-rebinding",
            "rfc6618/4.3/another-care-of-address",
            "rfc6618/6.1/answers-where-packets-come-from",
        ],
    ),
    Mutant::ha(
        "ha/answers-to-the-next-port",
        "answers to another port than packets came from",
        HaOutbound(|_, departure| departure.to.set_port(departure.to.port().wrapping_add(1))),
        &[SANITY],
    ),
    Mutant::ha(
        "ha/aes-sha256-only",
        "serves SAs of AES_128_CBC_SHA256 only",
        HaInbound(|arrival| {
            if arrival.tunnel().is_some_and(|tunnel| tunnel.sa.suite != Ciphersuite::Aes128Sha256) {
                arrival.discard();
            }
        }),
        &[
            "rfc6618/4.3/suite-null-sha",
            "rfc6618/4.3/suite-null-sha256",
            "rfc6618/4.3/suite-3des-ede-cbc-sha",
            "rfc6618/4.3/suite-aes-128-cbc-sha",
        ],
    ),
    Mutant::ha(
        "ha/no-data",
        "drops protected user data",
        HaInbound(|arrival| {
            if arrival.view().ptype() == PType::PROTECTED {
                arrival.discard();
            }
        }),
        &[
            "rfc6618/6.3/refresh-prolongs",
            "rfc6618/6.4/two-mns",
            "rfc6618/4.3/rekey-while-traffic-flows",
            "rfc6618/6.4/protected-ip4",
            "rfc6618/4.3/suite-aes-128-cbc-sha256",
        ],
    ),
    // 6.1
    Mutant::ha(
        "ha/short-datagrams",
        "takes a datagram of fewer than 8 octets for the packet before",
        HaInbound(|arrival| {
            if arrival.octets.len() < 8 && arrival.octets != KEEPALIVE {
                arrival.take_for_the_last();
            }
        }),
        &["rfc6618/6.1/short-datagrams"],
    ),
    Mutant::ha(
        "ha/answers-keepalives",
        "takes a keepalive for the packet before",
        HaInbound(|arrival| {
            if arrival.octets == KEEPALIVE {
                arrival.take_for_the_last();
            }
        }),
        &["rfc6618/6.1/keepalive"],
    ),
    Mutant::ha(
        "ha/refuses-first-zero",
        "refuses number 0 in the first packet",
        HaInbound(|arrival| {
            let first = highest(arrival).is_none() && arrival.good().is_some();
            arrival.replayed |= first && arrival.view().sequence() == 0;
        }),
        &[SANITY],
    ),
    Mutant::ha(
        "ha/refuses-first-one",
        "refuses number 1 in the first packet",
        HaInbound(|arrival| {
            let first = highest(arrival).is_none() && arrival.good().is_some();
            arrival.replayed |= first && arrival.view().sequence() == 1;
        }),
        &["rfc6618/6.1/first-number-one"],
    ),
    Mutant::ha(
        "ha/zero-is-nothing",
        "takes number 0 again and again, as if nothing had been received",
        HaInbound(|arrival| arrival.replayed &= arrival.view().sequence() != 0),
        &["rfc6618/6.1/zero-twice"],
    ),
    Mutant::ha(
        "ha/no-replay-check",
        "takes any number at any time",
        HaInbound(|arrival| arrival.replayed = false),
        &[
            "rfc6618/6.1/last-number-twice",
            "rfc6618/6.1/duplicate-binding-update",
            "rfc6618/6.1/duplicate-user-data",
            "rfc6618/6.1/number-used-again",
        ],
    ),
    Mutant::ha(
        "ha/steps-of-one-only",
        "drops a packet that skips numbers",
        HaInbound(|arrival| {
            let next = highest(arrival).map_or(0, |highest| highest.wrapping_add(1));
            arrival.replayed |= highest(arrival).is_some() && arrival.view().sequence() > next;
        }),
        &["rfc6618/6.1/gap"],
    ),
    Mutant::ha(
        "ha/numbers-modulo",
        "drops a packet more than 2^31 numbers ahead as old",
        HaInbound(|arrival| {
            let ahead = highest(arrival).map_or(0, |highest| arrival.view().sequence().wrapping_sub(highest));
            arrival.replayed |= ahead > 1 << 31 && arrival.good().is_some();
        }),
        &["rfc6618/6.1/jump"],
    ),
    Mutant::ha(
        "ha/in-order-only",
        "drops packets that were overtaken",
        HaInbound(|arrival| arrival.replayed |= behind(arrival) > 0),
        &[
            "rfc6618/6.1/skipped-by-a-jump-of-31",
            "rfc6618/6.1/skipped-by-a-jump-of-32",
            "rfc6618/6.1/skipped-by-a-jump-of-63",
            "rfc6618/6.1/skipped-by-a-jump-of-64",
            "rfc6618/6.1/out-of-order",
        ],
    ),
    Mutant::ha(
        "ha/window-of-16",
        "has a window of 16 numbers",
        HaInbound(|arrival| arrival.replayed |= behind(arrival) >= 16),
        &["rfc6618/6.1/late-by-31"],
    ),
    Mutant::ha(
        "ha/window-of-32",
        "has a window of 32 numbers",
        HaInbound(|arrival| arrival.replayed |= behind(arrival) >= 32),
        &["rfc6618/6.1/late-by-63"],
    ),
    Mutant::ha(
        "ha/forgets-late-numbers",
        "does not remember late packets",
        HaInbound(|arrival| arrival.replayed &= behind(arrival) == 0),
        &[
            "rfc6618/6.1/late-by-31-twice",
            "rfc6618/6.1/late-by-32-twice",
            "rfc6618/6.1/late-by-63-twice",
            "rfc6618/6.1/late-by-64-twice",
            "rfc6618/6.1/seen-before-a-jump-by-31",
            "rfc6618/6.1/seen-before-a-jump-by-32",
            "rfc6618/6.1/seen-before-a-jump-by-63",
            "rfc6618/6.1/zero-after-the-last-number",
            "rfc6618/6.1/late-twice",
        ],
    ),
    Mutant::ha(
        "ha/no-left-edge",
        "takes what is left of the window",
        HaInbound(|arrival| arrival.replayed &= behind(arrival) < 64),
        &[
            "rfc6618/6.1/seen-before-a-jump-by-64",
            "rfc6618/6.1/left-by-more-than-half",
            "rfc6618/6.1/left-of-the-window",
        ],
    ),
    Mutant::ha(
        "ha/window-before-icv",
        "moves the window before it checks the ICV",
        HaInbound(|arrival| {
            let (sequence, bad) = (arrival.view().sequence(), arrival.good().is_none());
            arrival.replayed |= note(arrival, |notes| {
                if bad {
                    notes.number = notes.number.max(Some(sequence));
                }
                !bad && notes.number.is_some_and(|number| number.saturating_sub(sequence) >= 64)
            });
        }),
        &["rfc6618/6.1/window-waits-for-the-icv"],
    ),
    Mutant::ha(
        "ha/bitmap-before-icv",
        "marks a number as seen before it checks the ICV",
        HaInbound(|arrival| {
            let (number, bad) = ((PType::PLAIN, arrival.view().sequence()), arrival.good().is_none());
            arrival.replayed |= note(arrival, |notes| {
                if bad {
                    notes.numbers.insert(number);
                }
                !bad && notes.numbers.contains(&number)
            });
        }),
        &["rfc6618/6.1/bitmap-waits-for-the-icv"],
    ),
    // 6.2
    Mutant::ha(
        "ha/spi-zero-is-the-latest",
        "takes a protected packet with SPI 0 for one of the newest SA",
        HaInbound(|arrival| {
            if arrival.view().spi() == 0 {
                under_the_latest(arrival);
            }
        }),
        &[
            "rfc6618/6.2/spi-zero-under-scope-1",
            "rfc6618/6.2/mobility-without-spi",
            "rfc6618/6.2/data-without-spi",
        ],
    ),
    Mutant::ha(
        "ha/any-spi-is-the-latest",
        "takes a packet of an SPI that it does not know for one of the newest SA",
        HaInbound(|arrival| {
            if arrival.view().spi() != 0 && arrival.tunnel().is_none() {
                under_the_latest(arrival);
            }
        }),
        &[
            "rfc6618/6.2/unknown-spi-under-scope-0",
            "rfc6618/6.2/unknown-spi-under-scope-1",
            "rfc6618/6.2/unknown-spi",
        ],
    ),
    Mutant::ha(
        "ha/spi-zero-is-plain",
        "takes whatever has SPI 0 for plain data",
        HaInbound(|arrival| {
            if arrival.view().spi() == 0 {
                Packet::new_unchecked(&mut arrival.octets).set_ptype(PType::PLAIN);
            }
        }),
        &[
            "rfc6618/6.2/spi-zero-under-scope-0",
            "rfc6618/6.2/clear-data-of-ptype-1",
            "rfc6618/6.2/clear-data-of-ptype-8",
        ],
    ),
    Mutant::ha(
        "ha/plain-with-spi",
        "does not look at the SPI of plain data",
        HaInbound(|arrival| {
            if arrival.view().ptype() == PType::PLAIN {
                Packet::new_unchecked(&mut arrival.octets).set_spi(0);
            }
        }),
        &["rfc6618/6.2/plain-with-spi", "rfc6618/6.2/plain-with-own-spi"],
    ),
    Mutant::ha(
        "ha/plain-with-number",
        "does not look at the number of plain data",
        HaInbound(|arrival| {
            if arrival.view().ptype() == PType::PLAIN && arrival.view().spi() == 0 {
                Packet::new_unchecked(&mut arrival.octets).set_sequence(0);
            }
        }),
        &["rfc6618/6.2/plain-with-number"],
    ),
    Mutant::ha(
        "ha/sealed-ptype-0",
        "opens a protected packet of PType 0",
        HaInbound(|arrival| by_next_header(arrival, |ptype, _| ptype == PType::PLAIN)),
        &["rfc6618/6.2/sealed-binding-update-of-ptype-0"],
    ),
    Mutant::ha(
        "ha/signalling-in-ptype-1",
        "takes a Binding Update of PType 1",
        HaInbound(|arrival| {
            by_next_header(arrival, |ptype, next| ptype == PType::PROTECTED && !is_ip(next));
        }),
        &["rfc6618/6.2/binding-update-of-ptype-1"],
    ),
    Mutant::ha(
        "ha/data-in-ptype-8",
        "takes user data of PType 8",
        HaInbound(|arrival| by_next_header(arrival, |ptype, next| ptype == PType::MOBILITY && is_ip(next))),
        &["rfc6618/6.2/user-data-of-ptype-8"],
    ),
    Mutant::ha(
        "ha/any-ptype",
        "takes unknown PTypes for what Next Header says",
        HaInbound(|arrival| {
            by_next_header(arrival, |ptype, _| {
                !matches!(ptype, PType::PLAIN | PType::PROTECTED | PType::MOBILITY)
            });
        }),
        &[
            "rfc6618/6.2/known-spi-under-scope-0",
            "rfc6618/6.2/known-spi-under-scope-1",
            "rfc6618/6.2/unknown-ptypes-with-binding-update",
            "rfc6618/6.2/unknown-ptypes-with-user-data",
        ],
    ),
    Mutant::ha(
        "ha/icv-not-over-ptype",
        "leaves PType out of the ICV",
        HaInbound(|arrival| {
            let came = arrival.view().ptype();
            for ptype in (0..16).map(PType) {
                Packet::new_unchecked(&mut arrival.octets).set_ptype(ptype);
                if arrival.good().is_some() {
                    break;
                }
            }
            let good = arrival.good().is_some();
            Packet::new_unchecked(&mut arrival.octets).set_ptype(came);
            if good {
                arrival.fix_icv();
            }
        }),
        &["rfc6618/6.2/ptype-under-icv"],
    ),
];

/// Carries something out on the notes of the association that the packet names.
fn note(arrival: &mut Arrival<'_>, on: impl FnOnce(&mut Notes) -> bool) -> bool {
    arrival.tunnel().is_some_and(|tunnel| on(&mut tunnel.notes))
}

fn highest(arrival: &mut Arrival<'_>) -> Option<u32> {
    arrival.tunnel()?.notes.highest
}

/// How far a good packet lies behind the highest number.
fn behind(arrival: &mut Arrival<'_>) -> u32 {
    let Some(highest) = highest(arrival).filter(|_| arrival.good().is_some()) else { return 0 };
    highest.saturating_sub(arrival.view().sequence())
}

fn sent_before(ptype: PType, departure: &Departure<'_>) -> u32 {
    departure.tunnel.notes.sent.get(&ptype).copied().unwrap_or_default()
}

/// Takes a packet whose ICV is right under the newest association for one of it.
pub(super) fn under_the_latest(arrival: &mut Arrival<'_>) {
    let contents = arrival.contents_under(arrival.latest).filter(|contents| contents.icv_is_right);
    if let Some(contents) = contents {
        arrival.put(&PacketForge { spi: arrival.latest, ..contents.forge });
    }
}

fn is_ip(next_header: u8) -> bool {
    matches!(next_header, trailer::IPV4 | trailer::IPV6)
}

/// Gives a good packet of such a PType and Next Header the PType that fits its Next Header.
pub(super) fn by_next_header(arrival: &mut Arrival<'_>, such: fn(PType, u8) -> bool) {
    let Some(mut forge) = arrival.good() else { return };
    let (next_header, _) = forge.inner.octets();
    if such(forge.ptype, next_header) {
        forge.ptype = if is_ip(next_header) { PType::PROTECTED } else { PType::MOBILITY };
        arrival.put(&forge);
    }
}
