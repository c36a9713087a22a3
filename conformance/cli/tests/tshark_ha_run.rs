//! A whole run of the HA cases against the reference, judged by outsiders: tshark checks every ICV and dissects every
//! packet, good and bad; where it knows no MAC, our second Python does; scapy reads every Mobility Header.

#[path = "tshark_ha_run/icv.rs"]
mod icv;
#[path = "tools/missing.rs"]
mod missing;
#[path = "tshark_ha_run/outsiders.rs"]
mod outsiders;
#[path = "tools/python.rs"]
mod python;
#[path = "tshark_ha_run/reference.rs"]
mod reference;
#[path = "tshark_ha_run/twins.rs"]
mod twins;

use crypto::keys::DirectionKeys;
use crypto::open::{OpenError, Opened, Opener};
use outsiders::{Seen, python_xcbc, scapy_mobility_headers, tshark_packets, without_python, without_tshark};
use suite::evidence::{Association, Tape, What};
use wire::ext_header::Chain;
use wire::message::KeyOctets;
use wire::packet::{PType, Packet};
use wire::trailer;
use wire::value::{Ciphersuite, hex};

/// The suites whose ICV tshark can check.
const CHECKED: [Ciphersuite; 3] = [Ciphersuite::NullSha, Ciphersuite::TripleDesSha, Ciphersuite::Aes128Sha];

/// A datagram of the run that tshark takes for ESP, and what we say of it.
struct Ours {
    octets: Vec<u8>,
    sent_by_agent: bool,
    opened: Option<Result<Opened, OpenError>>,
}

#[test]
fn tshark_and_we_agree_on_every_packet_of_a_whole_run() {
    if without_tshark() {
        return;
    }
    for suite in CHECKED {
        let tape = reference::whole_run(suite);
        let ours = protected(&tape);
        let seen = tshark_packets(suite.name(), &tape);
        assert_eq!(seen.len(), ours.len(), "{}: tshark sees all", suite.name());
        let mut judged = Judged::default();
        for (ours, seen) in ours.iter().zip(&seen) {
            judged.one(ours, seen);
        }
        println!("{}: {judged:?}", suite.name());
        // A run in which little was sent, or nothing that is wrong, would prove little.
        assert!(judged.of_agent > 100 && judged.good > 300 && judged.bad > 5, "{}: {judged:?}", suite.name());
    }
}

/// tshark has no AES-XCBC-MAC-96; the Python that reads our vectors has, made of RFC 3566 and a CBC.
#[test]
fn python_and_we_agree_on_every_icv_of_aes_xcbc_and_scapy_reads_every_mobility_header() {
    if without_python() {
        return;
    }
    for suite in [Ciphersuite::NullSha256, Ciphersuite::Aes128Sha256] {
        let tape = reference::whole_run(suite);
        let ours = protected(&tape);
        compare_icvs(suite, &tape, &ours);
        let headers: Vec<Vec<u8>> = ours.into_iter().filter_map(mobility_header).collect();
        println!("{}: {} Mobility Headers", suite.name(), headers.len());
        assert!(headers.len() > 200);
        let lines: Vec<String> = headers.iter().map(|header| hex::encode(header)).collect();
        for (header, read) in headers.iter().zip(scapy_mobility_headers(&lines)) {
            assert_eq!(type_and_sequence(header), read, "{}", hex::encode(header));
        }
    }
}

fn compare_icvs(suite: Ciphersuite, tape: &Tape, ours: &[Ours]) {
    let asked = ours.iter().filter_map(|ours| {
        let is_right = match ours.opened.as_ref()? {
            Ok(_) | Err(OpenError::PadLength { .. } | OpenError::Padding { .. }) => true,
            Err(OpenError::Icv) => false,
            Err(_) => return None,
        };
        let spi = Packet::new_checked(ours.octets.as_slice()).ok()?.spi();
        let sa = &tape.associations.iter().find(|association| association.sa.spi.get() == spi)?.sa;
        let ikey = if ours.sent_by_agent { &sa.ha_to_mn.ikey } else { &sa.mn_to_ha.ikey };
        Some((is_right, format!("{} {}", hex::encode(ikey), hex::encode(&ours.octets))))
    });
    let (right, lines): (Vec<bool>, Vec<String>) = asked.unzip();
    let judged = python_xcbc(&lines);
    let (good, bad) =
        (right.iter().filter(|right| **right).count(), right.iter().filter(|right| !**right).count());
    println!("{}: {good} good ICVs, {bad} bad ones", suite.name());
    assert!(good > 300 && bad > 5, "{}", suite.name());
    for ((right, judged), line) in right.iter().zip(judged).zip(&lines) {
        assert_eq!(*right, judged == "True", "{line}");
    }
}

/// As scapy prints them: the Sequence Number of a Binding Update stands right behind the checksum.
fn type_and_sequence(header: &[u8]) -> String {
    let kind = header.get(2).copied().unwrap_or_default();
    let at = if kind == wire::mobility::BINDING_ACK { 8 } else { 6 };
    let sequence = header.get(at..at + 2).unwrap_or_default();
    format!("{kind} {}", sequence.iter().fold(0, |number, octet| number << 8 | u32::from(*octet)))
}

/// How many packets were of which kind.
#[derive(Debug, Default)]
struct Judged {
    of_agent: usize,
    good: usize,
    bad: usize,
    unknown: usize,
}

impl Judged {
    fn one(&mut self, ours: &Ours, seen: &Seen) {
        let told = || format!("{seen:?}\n{}", hex::encode(&ours.octets));
        match (&ours.opened, seen.icv_good.as_str()) {
            // No key of ours either: another PType, or an SPI that nobody granted.
            (None, "") => self.unknown += 1,
            (Some(Ok(opened)), "1") => {
                self.good += 1;
                let inside = inside(opened);
                assert!(inside.is_none_or(|inside| inside == seen.inside), "{inside:?} {}", told());
            }
            (Some(Err(OpenError::PadLength { .. } | OpenError::Padding { .. })), "1") => self.good += 1,
            (Some(Err(OpenError::Icv)), "0") => self.bad += 1,
            // Too short for an ICV, or no whole blocks: tshark may or may not reach the ICV.
            (Some(Err(OpenError::Short { .. } | OpenError::Misaligned { .. })), _) => self.bad += 1,
            (opened, _) => panic!("we say {opened:?}, tshark says {}", told()),
        }
        if ours.sent_by_agent {
            self.of_agent += 1;
            assert_eq!(seen.icv_good, "1", "the reference sent {}", told());
            let kinds = ["MH 6", "MH 7", "ICMP"];
            assert!(kinds.iter().any(|kind| seen.inside.starts_with(kind)), "{}", told());
            assert!(!seen.malformed, "{}", told());
        }
    }
}

/// What tshark has to find, where the contents are well-formed and of the usual kinds.
fn inside(opened: &Opened) -> Option<&'static str> {
    let (protocol, octets) = match opened.next_header {
        trailer::IPV6 if opened.payload.get(6) == Some(&58) => {
            // Of another version it is no IPv6 packet, whatever Next Header says.
            opened.payload.first().filter(|octet| **octet >> 4 == 6)?;
            (58, opened.payload.get(40..)?)
        }
        next_header => {
            let chain = Chain::parse(next_header, &opened.payload).ok()?;
            (chain.protocol, chain.upper)
        }
    };
    match (protocol, octets.first(), octets.get(2)) {
        (58, Some(128), _) => Some("ICMPv6 128"),
        (58, Some(129), _) => Some("ICMPv6 129"),
        (trailer::MOBILITY, _, Some(6)) => Some("MH 6"),
        _ => None,
    }
}

/// The datagrams of a run that begin with a word other than 0, in order: what tshark takes for ESP.
fn protected(tape: &Tape) -> Vec<Ours> {
    let datagram = |event: &suite::evidence::Event| {
        let What::Datagram(octets) = &event.what else { return None };
        octets.first_chunk().filter(|word| **word != [0; 4])?;
        let sent_by_agent = tape.associations.iter().any(|association| association.ha == event.from);
        let Ok(packet) = Packet::new_checked(octets.as_slice()) else {
            return Some(Ours { octets: octets.clone(), sent_by_agent, opened: None });
        };
        let association =
            tape.associations.iter().find(|association| association.sa.spi.get() == packet.spi());
        let has_keys = [PType::PROTECTED, PType::MOBILITY].contains(&packet.ptype());
        let opened =
            association.filter(|_| has_keys).map(|association| open(association, sent_by_agent, octets));
        Some(Ours { octets: octets.clone(), sent_by_agent, opened })
    };
    tape.events.iter().filter_map(datagram).collect()
}

fn open(association: &Association, sent_by_agent: bool, octets: &[u8]) -> Result<Opened, OpenError> {
    let sa = &association.sa;
    let KeyOctets { ikey, ekey } = if sent_by_agent { &sa.ha_to_mn } else { &sa.mn_to_ha };
    let keys = DirectionKeys::new(sa.suite, ikey, ekey.as_deref()).expect("granted keys are legal");
    Opener::new(&keys).open(&[octets]).remove(0)
}

/// The Mobility Header in a packet, without what is spoilt on purpose.
fn mobility_header(ours: Ours) -> Option<Vec<u8>> {
    let opened = ours.opened?.ok()?;
    let chain = Chain::parse(opened.next_header, &opened.payload).ok()?;
    let is_message = chain.protocol == trailer::MOBILITY
        && (wire::mobility::BindingUpdate::parse(chain.upper).is_ok()
            || wire::mobility::BindingAck::parse(chain.upper).is_ok());
    is_message.then(|| chain.upper.to_vec())
}
