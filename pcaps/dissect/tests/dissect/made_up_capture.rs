//! A capture put together by hand: honest packets of one SA, then one packet for each thing that can be wrong.

use std::net::{Ipv4Addr, Ipv6Addr};

use crypto::icv_misreading::mac;
use crypto::keys::DirectionKeys;
use crypto::seal::{Outgoing, Sealer};
use dissect::{Associations, Options};
use etherparse::{IpNumber, PacketBuilder};
use wire::ext_header::home_address_option;
use wire::mobility::{BindingAck, BindingStatus, BindingUpdate, Flags, Lifetime};
use wire::packet::{DEFAULT_PORT, HEADER_LEN, ICV_LEN, PType, plain};
use wire::trailer::{DEST_OPTIONS, IPV6, MOBILITY, NO_NEXT};
use wire::value::{Ciphersuite, Spi, hex};

const MN: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const HA: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
const MN_PORT: u16 = 40_000;
pub(crate) const HOME: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0x6618, 0, 0, 0, 0, 1);
const HA_IP6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 1);
const CARE_OF: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0xc0a, 0, 0, 0, 0, 1);
const SPI: u32 = 0x0abc_de01;
const NULL_SPI: u32 = 2;
const STRICT_SPI: u32 = 3;
const NEWER_SPI: u32 = 4;
const RAW_IP: u32 = 101;
/// The first frame, in seconds since 1970.
const BEGIN: u32 = 1_700_000_000;
/// The packets before the first wrong one.
pub(crate) const HONEST: usize = 7;

/// A UDP payload and its sender.
pub(crate) enum Sent {
    ByMn(Vec<u8>),
    ByHa(Vec<u8>),
}

fn keys(octet: u8) -> DirectionKeys {
    DirectionKeys::new(Ciphersuite::Aes128Sha, &[octet; 20], Some(&[octet + 1; 16])).expect("legal keys")
}

fn outgoing(ptype: PType, sequence: u32, next_header: u8, payload: &[u8]) -> Outgoing<'_> {
    let spi = Spi::new(SPI).expect("28 bits");
    Outgoing { ptype, spi, sequence, next_header, payload, iv: [sequence as u8; 16], extra_padding: 0 }
}

fn by_mn(ptype: PType, sequence: u32, next_header: u8, payload: &[u8]) -> Vec<u8> {
    let sealed = Sealer::new(&keys(0x11)).seal(&[outgoing(ptype, sequence, next_header, payload)]);
    sealed.into_iter().next().expect("one in, one out")
}

fn by_ha(ptype: PType, sequence: u32, next_header: u8, payload: &[u8]) -> Vec<u8> {
    let sealed = Sealer::new(&keys(0x21)).seal(&[outgoing(ptype, sequence, next_header, payload)]);
    sealed.into_iter().next().expect("one in, one out")
}

fn update(home_agent: Ipv6Addr) -> Vec<u8> {
    let update = BindingUpdate {
        sequence: 7,
        flags: Flags::REGISTRATION,
        lifetime: Lifetime(150),
        alternate_coa: Some(CARE_OF),
    };
    [home_address_option(HOME, MOBILITY), update.emit(HOME, home_agent)].concat()
}

fn ack(home_agent: Ipv6Addr) -> Vec<u8> {
    let ack = BindingAck {
        status: BindingStatus::ACCEPTED,
        key_management: false,
        sequence: 7,
        lifetime: Lifetime(150),
        refresh_advice: None,
    };
    ack.emit(home_agent, HOME)
}

fn ping() -> Vec<u8> {
    let correspondent = Ipv6Addr::new(0x2001, 0xdb8, 0xc0, 0, 0, 0, 0, 1);
    let builder = PacketBuilder::ipv6(HOME.octets(), correspondent.octets(), 64).icmpv6_echo_request(1, 1);
    let mut packet = Vec::new();
    builder.write(&mut packet, b"made up").expect("a Vec takes all");
    packet
}

fn honest() -> Vec<Sent> {
    vec![
        Sent::ByMn(by_mn(PType::MOBILITY, 0, DEST_OPTIONS, &update(HA_IP6))),
        Sent::ByHa(by_ha(PType::MOBILITY, 0, MOBILITY, &ack(HA_IP6))),
        Sent::ByMn(by_mn(PType::PROTECTED, 1, IPV6, &ping())),
        Sent::ByHa(by_ha(PType::PROTECTED, 1, IPV6, &ping())),
        Sent::ByMn(plain(&ping())),
        Sent::ByMn(by_mn(PType::PROTECTED, 2, NO_NEXT, b"")),
        Sent::ByMn(vec![0xff]),
    ]
}

fn wrong() -> Vec<Sent> {
    [wrong_headers(), wrong_protection(), wrong_contents(), wrong_under_null(), wrong_secrecy()]
        .into_iter()
        .flatten()
        .collect()
}

fn wrong_headers() -> Vec<Sent> {
    vec![
        Sent::ByMn(vec![0xfe; 3]),
        Sent::ByMn(PType::MOBILITY.word(0).to_be_bytes().repeat(8)),
        Sent::ByMn([&SPI.to_be_bytes()[..], &[0, 0, 0, 1], &ping()].concat()),
        Sent::ByMn([&PType(5).word(SPI).to_be_bytes()[..], &[0; 40]].concat()),
        Sent::ByMn([&plain(&[])[..], &[0x20; 40]].concat()),
    ]
}

fn wrong_protection() -> Vec<Sent> {
    let mut forged_icv = by_mn(PType::PROTECTED, 9, IPV6, &ping());
    *forged_icv.last_mut().expect("a packet has octets") ^= 1;
    let mut forged_binding = by_mn(PType::MOBILITY, 10, DEST_OPTIONS, &update(HA_IP6));
    *forged_binding.last_mut().expect("a packet has octets") ^= 1;
    let forge = |ptype: PType, sequence, plaintext: &[u8]| {
        let octets = Sealer::new(&keys(0x11)).forge(ptype.word(SPI), sequence, &[5; 16], plaintext);
        Sent::ByMn(octets)
    };
    let zeros_for_padding = [&ping()[..], &[0; 7], &[7, IPV6]].concat();
    let long_pad_length = [[0; 14].as_slice(), &[15, IPV6]].concat();
    vec![
        Sent::ByMn(by_mn(PType::PROTECTED, 1, IPV6, &ping())),
        Sent::ByMn(by_mn(PType::PROTECTED, 2, IPV6, &ping())),
        Sent::ByMn(forged_icv),
        Sent::ByMn(forged_binding),
        forge(PType::PROTECTED, 11, &zeros_for_padding),
        forge(PType::PROTECTED, 12, &long_pad_length),
        forge(PType::MOBILITY, 13, &long_pad_length),
        forge(PType::PROTECTED, 14, &[0; 17]),
        Sent::ByMn(PType::PROTECTED.word(SPI).to_be_bytes().repeat(2)),
        Sent::ByMn(PType::MOBILITY.word(SPI).to_be_bytes().repeat(2)),
    ]
}

fn wrong_contents() -> Vec<Sent> {
    let refresh_request = [NO_NEXT, 0, 0, 0, 0, 0];
    vec![
        Sent::ByMn(by_mn(PType::MOBILITY, 20, DEST_OPTIONS, &update(HOME))),
        Sent::ByHa(by_ha(PType::MOBILITY, 20, MOBILITY, &ack(HOME))),
        Sent::ByMn(by_mn(PType::MOBILITY, 21, IPV6, &ping())),
        Sent::ByMn(by_mn(PType::MOBILITY, 22, DEST_OPTIONS, &[0; 4])),
        Sent::ByMn(by_mn(PType::MOBILITY, 23, MOBILITY, &update(HA_IP6)[24..30])),
        Sent::ByHa(by_ha(PType::MOBILITY, 24, MOBILITY, &ack(HA_IP6)[..6])),
        Sent::ByHa(by_ha(PType::MOBILITY, 25, MOBILITY, &refresh_request)),
        Sent::ByMn(by_mn(PType::MOBILITY, 26, MOBILITY, &update(HA_IP6)[24..])),
        Sent::ByMn(by_mn(PType::PROTECTED, 27, 4, &ping())),
        Sent::ByMn(by_mn(PType::PROTECTED, 28, IPV6, &[])),
    ]
}

fn wrong_under_null() -> Vec<Sent> {
    let keys = DirectionKeys::new(Ciphersuite::NullSha, &[0x11; 20], None).expect("legal keys");
    let misaligned =
        Sealer::new(&keys).forge(PType::PROTECTED.word(NULL_SPI), 0, &[], &[0, 0, 0, 0, NO_NEXT]);
    vec![Sent::ByMn(misaligned)]
}

/// One number for two packets of an SA that nobody has the keys of.
fn unknown_association() -> Vec<Sent> {
    let word = PType::PROTECTED.word(SPI + 1).to_be_bytes();
    vec![Sent::ByMn(word.repeat(9)), Sent::ByMn(word.repeat(10))]
}

/// Everything that was sent.
pub(crate) fn sent() -> Vec<Sent> {
    [honest(), wrong(), unknown_association()].into_iter().flatten().collect()
}

fn wrong_secrecy() -> Vec<Sent> {
    let binding = update(HA_IP6);
    let builder = PacketBuilder::ipv6(HOME.octets(), HA_IP6.octets(), 64);
    let mut in_the_clear = Vec::new();
    builder.write(&mut in_the_clear, IpNumber(MOBILITY), &binding[24..]).expect("a Vec takes all");
    vec![
        // The IV is made of the low octet of the number: these two are those of frames 1 and 6.
        Sent::ByMn(by_mn(PType::MOBILITY, 256, DEST_OPTIONS, &binding)),
        Sent::ByMn(by_mn(PType::PROTECTED, 258, IPV6, &ping())),
        Sent::ByMn(plain(&in_the_clear)),
    ]
}

/// IPv4 packets that hold what was sent.
pub(crate) fn packets() -> Vec<Vec<u8>> {
    sent().iter().map(packet).collect()
}

fn packet(sent: &Sent) -> Vec<u8> {
    let (from, to, ports, payload) = match sent {
        Sent::ByMn(payload) => (MN, HA, (MN_PORT, DEFAULT_PORT), payload),
        Sent::ByHa(payload) => (HA, MN, (DEFAULT_PORT, MN_PORT), payload),
    };
    let builder = PacketBuilder::ipv4(from.octets(), to.octets(), 64).udp(ports.0, ports.1);
    let mut packet = Vec::new();
    builder.write(&mut packet, payload).expect("a Vec takes all");
    packet
}

/// A registration over IPv6 that lacks its Alternate Care-of Address option.
pub(crate) fn over_ip6() -> Vec<u8> {
    let flags = Flags::REGISTRATION;
    let update = BindingUpdate { sequence: 1, flags, lifetime: Lifetime(150), alternate_coa: None };
    let update = [home_address_option(HOME, MOBILITY), update.emit(HOME, HA_IP6)].concat();
    in_ip6(&by_mn(PType::MOBILITY, 0, DEST_OPTIONS, &update))
}

fn in_ip6(payload: &[u8]) -> Vec<u8> {
    let builder = PacketBuilder::ipv6(CARE_OF.octets(), HA_IP6.octets(), 64).udp(MN_PORT, DEFAULT_PORT);
    let mut packet = Vec::new();
    builder.write(&mut packet, payload).expect("a Vec takes all");
    packet
}

/// Two pings under an SA that has to protect user data: one that it does protect, and one in the clear.
pub(crate) fn under_scope_one() -> [Vec<u8>; 2] {
    let spi = Spi::new(STRICT_SPI).expect("28 bits");
    let ping = ping();
    let outgoing = Outgoing { spi, ..outgoing(PType::PROTECTED, 0, IPV6, &ping) };
    let sealed = Sealer::new(&keys(0x11)).seal(&[outgoing]);
    [in_ip6(&sealed[0]), in_ip6(&plain(&ping))]
}

/// An IPv6 packet that the MN tunnels.
pub(crate) fn tunnelled(sequence: u32, inner: &[u8]) -> Vec<u8> {
    packet(&Sent::ByMn(by_mn(PType::PROTECTED, sequence, IPV6, inner)))
}

/// A packet whose ICV does not cover the IV.
pub(crate) fn wrong_icv(sequence: u32) -> Vec<u8> {
    let mut octets = by_mn(PType::PROTECTED, sequence, IPV6, &ping());
    octets.truncate(octets.len() - ICV_LEN);
    let covered = [&octets[..HEADER_LEN], &octets[HEADER_LEN + 16..]].concat();
    octets.extend_from_slice(&mac(&keys(0x11), &covered)[..ICV_LEN]);
    packet(&Sent::ByMn(octets))
}

/// Packets under an SA that has ended, under one that gave way to another, and through a tunnel that was given up: each
/// after honest ones. With the options to read them.
pub(crate) fn past() -> (Vec<u8>, Options) {
    let goodbye = BindingAck {
        status: BindingStatus::ACCEPTED,
        key_management: false,
        sequence: 8,
        lifetime: Lifetime::ZERO,
        refresh_advice: None,
    };
    let newer = Spi::new(NEWER_SPI).expect("28 bits");
    let ping = ping();
    let first = Outgoing { spi: newer, ..outgoing(PType::PROTECTED, 0, IPV6, &ping) };
    let newer = Sealer::new(&keys(0x31)).seal(&[first]).remove(0);
    let sent = [
        (0, Sent::ByHa(by_ha(PType::MOBILITY, 0, MOBILITY, &goodbye.emit(HA_IP6, HOME)))),
        (2, Sent::ByHa(by_ha(PType::PROTECTED, 1, IPV6, &ping))),
        (3, Sent::ByMn(by_mn(PType::PROTECTED, 0, IPV6, &ping))),
        (4, Sent::ByMn(newer)),
        (33, Sent::ByMn(by_mn(PType::PROTECTED, 1, IPV6, &ping))),
        (34, Sent::ByMn(by_mn(PType::PROTECTED, 2, IPV6, &ping))),
        (1029, Sent::ByMn(by_mn(PType::PROTECTED, 3, IPV6, &ping))),
        (1030, Sent::ByMn(by_mn(PType::PROTECTED, 4, IPV6, &ping))),
        (1031, Sent::ByMn(by_mn(PType::PROTECTED, 5, IPV6, &ping))),
    ];
    let frames: Vec<_> = sent.iter().map(|(second, sent)| (second * 1_000_000, packet(sent))).collect();
    let key = |octet: u8, len| hex::encode(&vec![octet; len]);
    let aes = |octet| format!(r#"{{"ikey": "{}", "ekey": "{}"}}"#, key(octet, 20), key(octet + 1, 16));
    let sa = |spi, octet, end| {
        let (to_ha, to_mn) = (aes(octet), aes(octet + 0x10));
        format!(
            r#"{{"spi": {spi}, "mn_id": "mn", "suite": "AES_128_CBC_SHA", "validity_end": {end}, "ha": "{HA_IP6}",
                "home": "{HOME}", "mn_to_ha": {to_ha}, "ha_to_mn": {to_mn}}}"#
        )
    };
    let end = u64::from(BEGIN) + 1000;
    let both = [sa(SPI, 0x11, end), sa(NEWER_SPI, 0x31, end + 1000)].join(", ");
    let sa = format!(r#"{{"associations": [{both}]}}"#);
    let associations = Associations::from_json(&sa).expect("legal");
    (pcap_at(RAW_IP, &frames), Options { associations, ..Options::default() })
}

/// A pcap file of these frames, a millisecond apart: big-endian, microseconds.
pub(crate) fn pcap(link: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    let frames: Vec<_> = (0..).step_by(1000).zip(frames.iter().cloned()).collect();
    pcap_at(link, &frames)
}

/// The same with the time of each frame in microseconds.
fn pcap_at(link: u32, frames: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut file = vec![0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
    file.extend_from_slice(&link.to_be_bytes());
    for (at, frame) in frames {
        let len = u32::try_from(frame.len()).expect("short");
        for word in [BEGIN + at / 1_000_000, at % 1_000_000, len, len] {
            file.extend_from_slice(&word.to_be_bytes());
        }
        file.extend_from_slice(frame);
    }
    file
}

/// The SAs of the packets.
pub(crate) fn options() -> Options {
    ending(4_000_000_000)
}

/// The same; the first of them ends then, in seconds since 1970.
pub(crate) fn ending(end: u64) -> Options {
    let key = |octet: u8, len| hex::encode(&vec![octet; len]);
    let aes = |octet| format!(r#"{{"ikey": "{}", "ekey": "{}"}}"#, key(octet, 20), key(octet + 1, 16));
    let null = |octet| format!(r#"{{"ikey": "{}"}}"#, key(octet, 20));
    let sa = format!(
        r#"{{"associations": [
            {{"spi": {SPI}, "suite": "AES_128_CBC_SHA", "validity_end": {end}, "ha": "{HA_IP6}", "mn_to_ha": {}, "ha_to_mn": {}}},
            {{"spi": {STRICT_SPI}, "suite": "AES_128_CBC_SHA", "sas": 1, "mn_to_ha": {}, "ha_to_mn": {}}},
            {{"spi": {NULL_SPI}, "suite": "NULL_SHA", "mn_to_ha": {}, "ha_to_mn": {}}}]}}"#,
        aes(0x11),
        aes(0x21),
        aes(0x11),
        aes(0x21),
        null(0x11),
        null(0x21),
    );
    Options { associations: Associations::from_json(&sa).expect("legal"), ..Options::default() }
}
