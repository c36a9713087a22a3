//! The same packets in every format and below every link type that is read.

use std::time::Duration;

use dissect::{CaptureFault, Options, Report, report};
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketBlock;
use pcap_file::pcapng::blocks::interface_description::InterfaceDescriptionBlock;
use pcap_file::pcapng::blocks::simple_packet::SimplePacketBlock;
use pcap_file::pcapng::blocks::unknown::UnknownBlock;
use pcap_file::{DataLink, Endianness};

use crate::made_up_capture::{options, packets, pcap};

const LINKS: [(u32, &[u8]); 7] = [
    (101, &[]),
    (228, &[]),
    (12, &[]),
    (0, &[2, 0, 0, 0]),
    (108, &[0, 0, 0, 2]),
    (1, &[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00]),
    (113, &[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x08, 0x00]),
];

/// All but the times.
fn told(report: &Report) -> Vec<String> {
    report.lines.iter().map(|line| format!("{} {} {:?}", line.frame, line.packet, line.findings)).collect()
}

#[test]
fn below_every_link_type() {
    let expected = told(&report(&pcap(101, &packets()), &options()));
    assert_eq!(expected.len(), packets().len());
    for (link, before) in LINKS {
        let frames: Vec<_> = packets().iter().map(|packet| [before, packet].concat()).collect();
        assert_eq!(told(&report(&pcap(link, &frames), &options())), expected, "link type {link}");
    }
    let vlan = [&LINKS[5].1[..12], &[0x81, 0x00, 0x00, 0x07, 0x08, 0x00]].concat();
    let frames: Vec<_> = packets().iter().map(|packet| [&vlan[..], packet].concat()).collect();
    assert_eq!(told(&report(&pcap(1, &frames), &options())), expected, "VLAN");
    let unread = report(&pcap(147, &packets()), &options());
    assert_eq!((unread.counts.frames, unread.counts.packets), (packets().len() as u64, 0));
}

pub(crate) fn pcapng(endianness: Endianness) -> Vec<u8> {
    let mut writer = PcapNgWriter::with_endianness(Vec::new(), endianness).expect("a Vec takes all");
    writer.write_pcapng_block(InterfaceDescriptionBlock::new(DataLink::RAW, 0)).expect("a Vec takes all");
    writer.write_pcapng_block(UnknownBlock::new(10, 0, &[0; 8])).expect("a Vec takes all");
    for (nth, packet) in (0_u64..).zip(packets()) {
        let original_len = u32::try_from(packet.len()).expect("short");
        if nth % 2 == 0 {
            let block = SimplePacketBlock { original_len, data: packet.into() };
            writer.write_pcapng_block(block).expect("a Vec takes all");
            continue;
        }
        let block = EnhancedPacketBlock {
            interface_id: 0,
            // pcap-file counts nanoseconds where the file counts microseconds.
            timestamp: Duration::from_nanos(1_700_000_000_000_000 + nth * 1000),
            original_len,
            data: packet.into(),
            options: Vec::new(),
        };
        writer.write_pcapng_block(block).expect("a Vec takes all");
    }
    writer.into_inner()
}

#[test]
fn pcapng_of_both_byte_orders() {
    let expected = told(&report(&pcap(101, &packets()), &options()));
    for endianness in [Endianness::Big, Endianness::Little] {
        let report = report(&pcapng(endianness), &options());
        assert_eq!(told(&report), expected);
        assert_eq!((report.fault, report.counts.secrets), (None, 1));
        let times: Vec<_> =
            report.lines.iter().take(4).map(|line| line.at.map(|at| at.to_string())).collect();
        assert_eq!(times, [None, Some("0.000000".to_owned()), None, Some("0.002000".to_owned())]);
    }
}

#[test]
fn a_file_that_ends_early_tells_what_it_has() {
    let file = pcap(101, &packets());
    let report = report(&file[..file.len() - 1], &options());
    assert_eq!(report.counts.frames + 1, packets().len() as u64);
    assert!(matches!(report.fault, Some(CaptureFault::Cut { .. })), "{:?}", report.fault);
}

#[test]
fn a_packet_cut_by_the_capture_is_not_judged() {
    let whole = packets().swap_remove(0);
    let mut file = pcap(101, &[whole[..60].to_vec()]);
    // The length on the wire.
    file[36..40].copy_from_slice(&(whole.len() as u32).to_be_bytes());
    let report = report(&file, &options());
    insta::assert_snapshot!(report.to_string());
}

#[test]
fn only_the_ports_asked_for() {
    let options = Options { ports: vec![53, 40_001], ..options() };
    let report = report(&pcap(101, &packets()), &options);
    assert_eq!((report.counts.frames, report.counts.packets), (packets().len() as u64, 0));
}

#[test]
fn without_a_service_port_to_tell_them_apart_the_keys_tell_the_directions() {
    let both = Options { ports: vec![7872, 40_000], ..options() };
    let expected = told(&report(&pcap(101, &packets()), &options()));
    assert_eq!(told(&report(&pcap(101, &packets()), &both)), expected);
}
