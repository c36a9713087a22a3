//! Every packet of the HA cases that has one fault, beside the same packet without it: what tshark finds different is
//! the part that the case is about, and nothing else.

use std::collections::BTreeSet;

use crypto::algorithms;
use crypto::keys::DirectionKeys;
use crypto::seal::Sealer;
use suite::bench::Bench;
use suite::case::{Carrier, Check, PacketFault};
use suite::evidence::{Association, Event, Tape, What};
use suite::player::Tunnel;
use wire::packet::Packet;
use wire::value::Ciphersuite;

use super::outsiders::{Fields, tshark_fields, without_tshark};
use super::reference;

/// A part of a packet, as tshark shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// PType and SPI.
    Word,
    Number,
    Iv,
    /// The ciphertext was changed under its ICV, or the ICV itself was.
    Integrity,
    /// Padding, Pad Length, Next Header.
    Trailer,
    /// Destination Options and Routing headers.
    Extension,
    MobilityHeader,
    /// The IP packet inside.
    Inner,
    /// What tshark shows and no row knows.
    Other,
}

struct Twins {
    case: &'static str,
    bad: Vec<u8>,
    good: Vec<u8>,
}

#[test]
fn a_faulty_packet_differs_from_its_twin_in_one_part_only() {
    if without_tshark() {
        return;
    }
    let (tape, twins) = twins();
    let fields = tshark_fields("twins", &tape);
    assert_eq!(fields.len(), 2 * twins.len(), "tshark sees all");
    let mut wrong = Vec::new();
    for (twins, pair) in twins.iter().zip(fields.chunks(2)) {
        let [bad, good] = pair else { unreachable!("chunks of an even number") };
        let (parts, names) = differences(bad, good);
        println!("{:<50} {parts:?} {names:?}", twins.case);
        if !is_expected(twins.case, &parts) {
            wrong.push(format!("{}: {parts:?} {names:?}", twins.case));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(twins.len() > 30, "{}", twins.len());
}

/// Cases whose one change shows in other parts than their names say, or in several, since it is made where these are.
const IN_THESE_PARTS: &[(&str, &[Part])] = &[
    ("rfc6618/6.3/number-under-icv", &[Part::Number, Part::Integrity]),
    ("rfc6618/6.4/number-under-icv", &[Part::Number, Part::Integrity]),
    ("rfc6618/6.3/iv-under-icv", &[Part::Iv, Part::Integrity]),
    // Nothing of the protection is there, so what stands in the place of IV and ICV is something else.
    ("rfc6618/6.3/nothing-but-header-and-icv", &[Part::Iv, Part::Integrity]),
    ("rfc6618/6.3/binding-update-in-the-clear", &[Part::Iv, Part::Integrity]),
    // The padding of mobility options, not that of the trailer.
    ("rfc6618/6.3/padding-options", &[Part::MobilityHeader]),
    // What stands where the Mobility Header stood is something else, or cannot be reached.
    ("rfc6618/6.3/chain-ends-elsewhere", &[Part::Extension, Part::MobilityHeader, Part::Inner]),
    ("rfc6618/6.3/extension-header-too-long", &[Part::Extension, Part::MobilityHeader]),
    // Only a de-registration may do without the option, so the lifetime is another, too.
    ("rfc6618/6.3/deregistration-without-home-address-option", &[Part::Extension, Part::MobilityHeader]),
];

/// The part that a case is named for, by a word in its id; cases of other names need no more than one part.
const NAMED: &[(&str, Part)] = &[
    ("under-icv", Part::Integrity),
    ("icv-", Part::Integrity),
    ("padding", Part::Trailer),
    ("pad-length", Part::Trailer),
    ("next-header", Part::Trailer),
    ("dummy", Part::Trailer),
    ("home-address", Part::Extension),
    ("checksum", Part::MobilityHeader),
    ("flag", Part::MobilityHeader),
    ("binding-number", Part::MobilityHeader),
    ("unknown-option", Part::MobilityHeader),
    ("unknown-spi", Part::Word),
    ("without-spi", Part::Word),
    ("of-ptype", Part::Word),
    ("jump", Part::Number),
    ("gap", Part::Number),
];

fn is_expected(case: &str, parts: &BTreeSet<Part>) -> bool {
    if let Some((_, these)) = IN_THESE_PARTS.iter().find(|(id, _)| *id == case) {
        return *parts == these.iter().copied().collect();
    }
    let named = NAMED.iter().find(|(word, _)| case.contains(word)).map(|(_, part)| *part);
    // An SPI or a PType that was changed under the ICV leads to no key with which an ICV could be checked.
    let named = named.filter(|_| !parts.contains(&Part::Word));
    parts.len() == 1 && !parts.contains(&Part::Other) && named.is_none_or(|named| parts.contains(&named))
}

/// A tape with the twins of all cases, bad before good, and their SAs.
fn twins() -> (Tape, Vec<Twins>) {
    let (home, setup, recorder) = reference::start(Ciphersuite::Aes128Sha);
    let mut twins = Vec::new();
    for carrier in [Carrier::BindingUpdate, Carrier::ProtectedEcho] {
        let lease = setup.identities.lease(0);
        let mut bench = Bench::new(&setup, lease.identity, "twins");
        let mut tunnel = bench.bound_tunnel(carrier).expect("the reference accepts a registration");
        let faults = suite::cases::all().filter_map(|case| match case.check {
            Check::HaDiscards(fault) | Check::HaRejects(fault) | Check::HaAccepts(fault) => {
                Some((case.id, fault))
            }
            _ => None,
        });
        twins.extend(
            faults
                .filter(|(_, fault)| fault.carrier == carrier)
                .filter_map(|(case, fault)| pair(case, fault, &mut tunnel)),
        );
    }
    home.stop().expect("the reference was alive to the end");
    let mut tape = recorder.snapshot();
    tape.events = twins.iter().flat_map(|pair| events(pair, &tape.associations)).collect();
    (tape, twins)
}

/// Nothing where tshark would not look at the bad one: it says that it is not protected, or that it is no packet.
fn pair(case: &'static str, fault: PacketFault, tunnel: &mut Tunnel) -> Option<Twins> {
    let sa = &tunnel.grant.sa;
    let keys = DirectionKeys::new(sa.suite, &sa.mn_to_ha.ikey, sa.mn_to_ha.ekey.as_deref());
    let sealer = Sealer::new(&keys.expect("granted keys are legal"));
    let algorithms = algorithms(sa.suite);
    let (good, _) = tunnel.next(fault.carrier).expect("there is a correspondent");
    let mut bad = good.clone();
    (fault.apply)(&mut bad);
    let twins = Twins { case, bad: bad.octets(&sealer, algorithms), good: good.octets(&sealer, algorithms) };
    let is_seen = Packet::new_checked(twins.bad.as_slice()).is_ok_and(|packet| packet.word() != 0);
    is_seen.then_some(twins)
}

fn events(twins: &Twins, associations: &[Association]) -> Vec<Event> {
    let spi = Packet::new_unchecked(twins.good.as_slice()).spi();
    let ends = associations.iter().find(|association| association.sa.spi.get() == spi);
    let Some(Association { mn, ha, .. }) = ends else { return Vec::new() };
    let event = |octets: &[u8]| Event {
        at: std::time::Duration::from_secs(1_800_000_000),
        from: *mn,
        to: *ha,
        what: What::Datagram(octets.to_vec()),
    };
    vec![event(&twins.bad), event(&twins.good)]
}

/// Which fields show which part.
const SHOWN: &[(Part, &[&str])] = &[
    (Part::Word, &["esp.spi"]),
    (Part::Number, &["esp.sequence"]),
    (Part::Iv, &["esp.iv"]),
    (Part::Integrity, &["esp.icv_good"]),
    (Part::Trailer, &["esp.pad", "esp.pad_len", "esp.protocol"]),
    (Part::Extension, &["ipv6.dstopts", "ipv6.opt", "ipv6.routing"]),
    (Part::MobilityHeader, &["mip6."]),
    (Part::Inner, &["icmpv6.", "ipv6.", "ip.", "data."]),
];

/// What follows from other fields or from nothing: the frame, its lengths and checksums, and octets that are shown
/// again below.
const FOLLOWS: &[&str] = &["frame.", "udp.", "esp.", "ipv6.plen", "_ws."];

/// The parts in which they differ, and the names of the fields.
fn differences(bad: &Fields, good: &Fields) -> (BTreeSet<Part>, Vec<String>) {
    let names: BTreeSet<&String> = bad.keys().chain(good.keys()).collect();
    let differ = names.into_iter().filter(|name| bad.get(*name) != good.get(*name));
    let names: Vec<String> = differ.filter(|name| part(name).is_some()).cloned().collect();
    let parts = names.iter().filter_map(|name| part(name)).collect();
    let parts = without_consequences(parts, &names);
    let of_contents = |part: &Part| !matches!(part, Part::Trailer | Part::Other);
    let parts = match (parts.contains(&Part::Trailer), contents_differ(bad, good)) {
        // Another trailer makes the same octets look like something else.
        (true, false) => [Part::Trailer].into(),
        // Padding goes by the length of the contents, Next Header by what they begin with.
        (_, true) if parts.iter().any(of_contents) => parts.into_iter().filter(of_contents).collect(),
        _ => parts,
    };
    (parts, names)
}

/// Whether an octet differs that stands before the trailer of the good one.
fn contents_differ(bad: &Fields, good: &Fields) -> bool {
    let octets = |fields: &Fields, name: &str| -> Vec<String> {
        let text = fields.get(name).and_then(|values| values.first()).cloned().unwrap_or_default();
        text.split(':').map(str::to_owned).collect()
    };
    let len = octets(good, "esp.contained_data").len();
    let contents =
        |fields| -> Vec<String> { octets(fields, "esp.decrypted_data").into_iter().take(len).collect() };
    contents(bad) != contents(good)
}

fn part(name: &str) -> Option<Part> {
    // A field that ends in a dot stands for all below it.
    let is_of = |field: &&str| name == *field || name.starts_with(*field) && !field.starts_with("esp.");
    let shown = SHOWN.iter().find(|(_, fields)| fields.iter().any(is_of));
    let follows = FOLLOWS.iter().any(|field| name.starts_with(field));
    match shown {
        Some((part, _)) if name != "ipv6.plen" => Some(*part),
        _ if follows => None,
        Some(_) | None => Some(Part::Other),
    }
}

/// Leaves out what can only be as it is, since another part is different.
fn without_consequences(mut parts: BTreeSet<Part>, names: &[String]) -> BTreeSet<Part> {
    use Part::{Extension, Inner, Integrity, Iv, MobilityHeader, Number, Word};
    // Nothing is opened under a word that no key belongs to.
    if parts.contains(&Word) {
        return parts.intersection(&[Word, Number].into()).copied().collect();
    }
    // A changed ciphertext opens to anything.
    if parts.contains(&Integrity) {
        return parts.intersection(&[Number, Iv, Integrity].into()).copied().collect();
    }
    let contents: BTreeSet<Part> =
        parts.intersection(&[Extension, MobilityHeader, Inner].into()).copied().collect();
    // The checksum of the Mobility Header covers the home address.
    let of_mobility = names.iter().filter(|name| name.starts_with("mip6.")).all(|name| name == "mip6.csum");
    if contents.contains(&Extension) && of_mobility {
        parts.remove(&MobilityHeader);
    }
    parts
}
