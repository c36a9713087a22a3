//! UDP checksums between MN and HA: one has to be there over IPv6, and wrong ones are told once for each flow.

use dissect::{Options, report};

use crate::made_up_capture::{options, over_ip6, packets, pcap, under_scope_one};

const RAW_IP: u32 = 101;
/// Where the checksum stands behind an IP header.
const CHECKSUM: usize = 6;
const IP4: usize = 20;
const IP6: usize = 40;

fn findings(frames: &[Vec<u8>], options: &Options) -> Vec<String> {
    let report = report(&pcap(RAW_IP, frames), options);
    let about_udp =
        report.findings().filter(|finding| finding.fault.requirement().ends_with("/udp-encapsulated"));
    about_udp.map(|finding| format!("{} {finding}", finding.mark())).collect()
}

fn with_checksum(mut frame: Vec<u8>, ip: usize, change: fn(u8) -> u8) -> Vec<u8> {
    frame[ip + CHECKSUM..ip + CHECKSUM + 2].iter_mut().for_each(|octet| *octet = change(*octet));
    frame
}

#[test]
fn right_ones_are_no_matter() {
    assert_eq!(findings(&packets(), &options()), [""; 0]);
    assert_eq!(findings(&under_scope_one(), &options()), [""; 0]);
}

#[test]
fn none_is_for_ip4_alone() {
    let without = |_| 0;
    let ip4 = packets().into_iter().map(|frame| with_checksum(frame, IP4, without));
    assert_eq!(findings(&ip4.collect::<Vec<_>>(), &options()), [""; 0]);
    let ip6 = [over_ip6(), with_checksum(over_ip6(), IP6, without)];
    let expected = "! frame 2: rfc6618#6.1/udp-encapsulated: no UDP checksum, which IPv6 demands";
    assert_eq!(findings(&ip6, &Options::default()), [expected]);
}

#[test]
fn wrong_ones_are_told_once_for_each_flow_with_their_number() {
    let frames = packets();
    let [by_mn, by_ha] = [&frames[0], &frames[1]].map(Vec::clone);
    let wrong = |frame: &Vec<u8>| with_checksum(frame.clone(), IP4, |octet| octet ^ 0x55);
    let frames = [wrong(&by_ha), by_mn.clone(), wrong(&by_mn), by_mn.clone(), wrong(&by_mn), wrong(&by_mn)];
    let explained = "captured on the host that sends, it is one that the card has yet to make; anywhere else the \
                     receiver drops the packet";
    assert_eq!(
        findings(&frames, &options()),
        [
            format!(
                "~ frame 1: rfc6618#6.1/udp-encapsulated: wrong UDP checksum 1 times from 198.51.100.1:7872 to \
                 192.0.2.1:40000, the right one 0 times: {explained}"
            ),
            format!(
                "~ frame 3: rfc6618#6.1/udp-encapsulated: wrong UDP checksum 3 times from 192.0.2.1:40000 to \
                 198.51.100.1:7872, the right one 1 times: {explained}"
            ),
        ]
    );
}

#[test]
fn a_packet_that_the_capture_cut_is_not_judged() {
    let whole = with_checksum(over_ip6(), IP6, |octet| octet ^ 0x55);
    let mut file = pcap(RAW_IP, std::slice::from_ref(&whole));
    file.truncate(file.len() - 1);
    // The length kept, big-endian, behind the file header and the two words of time.
    let kept = u32::try_from(whole.len() - 1).expect("short").to_be_bytes();
    file[24 + 8..24 + 12].copy_from_slice(&kept);
    let report = report(&file, &Options::default());
    assert_eq!((report.counts.frames, report.counts.findings), (1, 0));
}
