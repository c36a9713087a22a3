//! The made-up capture, with and without keys: every fault is found, and nothing in the honest packets.

use std::collections::BTreeSet;

use dissect::{Content, Options, Report, report};

use crate::made_up_capture::{HONEST, options, over_ip6, packets, past, pcap, under_scope_one};

const RAW_IP: u32 = 101;

#[test]
fn with_keys() {
    insta::assert_snapshot!(report(&pcap(RAW_IP, &packets()), &options()).to_string());
}

#[test]
fn without_keys() {
    insta::assert_snapshot!(report(&pcap(RAW_IP, &packets()), &Options::default()).to_string());
}

#[test]
fn honest_packets_have_no_finding_and_every_wrong_one_has() {
    let report = report(&pcap(RAW_IP, &packets()), &options());
    assert_eq!(report.lines.len(), packets().len());
    let (honest, wrong) = report.lines.split_at(HONEST);
    for line in honest {
        assert!(line.findings.is_empty(), "{line}");
    }
    for line in wrong {
        let has_keys = !matches!(line.packet.content, Content::NoKeys(_));
        assert!(!line.findings.is_empty() || !has_keys, "{line}");
    }
}

#[test]
fn every_requirement_of_the_table_is_broken_by_some_packet() {
    let mut without_checksum = over_ip6();
    without_checksum[46..48].fill(0);
    let frames = [packets(), vec![over_ip6(), without_checksum], under_scope_one().to_vec()].concat();
    let (past, of_past) = past();
    let reports = [report(&pcap(RAW_IP, &frames), &options()), report(&past, &of_past)];
    let findings = reports.iter().flat_map(Report::findings);
    let seen: BTreeSet<_> = findings.map(|finding| finding.fault.requirement()).collect();
    let missing: Vec<_> = dissect::REQUIREMENTS.iter().filter(|id| !seen.contains(*id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn user_data_in_the_clear_are_a_fault_only_where_the_sa_has_to_protect_them() {
    let [protected, clear] = under_scope_one();
    let report = |frames: &[Vec<u8>]| {
        let found = report(&pcap(RAW_IP, frames), &options());
        found.findings().map(|finding| finding.fault.requirement()).collect::<Vec<_>>()
    };
    let expected = ["rfc6618#5.6.4/sas-one-protects-all-data"];
    assert_eq!(report(&[protected, clear.clone()]), expected);
    assert!(report(&[clear]).is_empty());
}

#[test]
fn what_is_over_is_over() {
    let (capture, options) = past();
    let found = report(&capture, &options);
    let found: Vec<_> = found.findings().map(|finding| format!("{} {finding}", finding.mark())).collect();
    assert_eq!(
        found,
        [
            "! frame 2: rfc6275#10.3.1/binding-deleted-after-lifetime: user data for an MN whose de-registration was \
             acknowledged in frame 1",
            "~ frame 6: rfc6618#4.3/one-spi-for-signalling-and-data: still under the old SA, though its sender uses \
             SA 4 since frame 4",
            "~ frame 8: rfc6618#9.3/lifetime-from-validity-end: by the clock of the capture the SA ended 30 s before, \
             at Tue, 14 Nov 2023 22:30:00 GMT",
        ]
    );
}

#[test]
fn any_other_key_opens_nothing() {
    let mut file = pcap(RAW_IP, &packets());
    // The first octet of the first ciphertext, behind 24 + 16 octets of file and 20 + 8 + 8 + 16 of packet.
    file[92] ^= 1;
    let report = report(&file, &options());
    assert!(matches!(report.lines[0].packet.content, Content::Closed));
    assert_eq!(report.lines[0].findings[0].fault.requirement(), "rfc6618#6.3/integrity-cover");
}

#[test]
fn lines_are_printable_ascii() {
    for options in [options(), Options::default()] {
        let text = report(&pcap(RAW_IP, &packets()), &options).to_string();
        assert!(text.bytes().all(|octet| octet == b'\n' || (b' '..=b'~').contains(&octet)));
    }
}
