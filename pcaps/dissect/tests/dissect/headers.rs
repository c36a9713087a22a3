//! Headers below ours that contradict each other: what is wrong is told, and so it is where the capture cut the frame.

use dissect::{Options, report};

const ETHERNET: u32 = 1;
const RAW_IP: u32 = 101;
const NULL: u32 = 0;
const PPP: u32 = 9;

/// Findings about a frame of which the capture kept all but so many octets.
fn findings(link: u32, frame: &[u8], cut: usize) -> Vec<String> {
    let mut file = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0].to_vec();
    file.extend([0, 0, 0xffff, link].map(u32::to_le_bytes).concat());
    let len = |octets: usize| u32::try_from(octets).expect("short").to_le_bytes();
    file.extend([[0; 4], [0; 4], len(frame.len() - cut), len(frame.len())].concat());
    file.extend_from_slice(&frame[..frame.len() - cut]);
    report(&file, &Options::default()).findings().map(|finding| finding.fault.to_string()).collect()
}

fn ip4(protocol: u8, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let words = u8::try_from(5 + options.len() / 4).expect("short");
    let total = u16::try_from(20 + options.len() + payload.len()).expect("short").to_be_bytes();
    let mut packet = vec![0x40 | words, 0, total[0], total[1], 0, 0, 0, 0, 64, protocol, 0, 0];
    packet.extend([192, 0, 2, 1, 198, 51, 100, 1]);
    [&packet, options, payload].concat()
}

fn ip6(next_header: u8, announced: u16, payload: &[u8]) -> Vec<u8> {
    let [high, low] = announced.to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, high, low, next_header, 64];
    packet.extend([0x20; 16]);
    packet.extend([0x21; 16]);
    [&packet[..], payload].concat()
}

fn udp(length: u16, payload: &[u8]) -> Vec<u8> {
    [&[40_000_u16, 9, length, 0].map(u16::to_be_bytes).concat()[..], payload].concat()
}

fn tcp(options: &[u8]) -> Vec<u8> {
    let words = u8::try_from(5 + options.len() / 4).expect("short");
    let mut segment = [40_000_u16, 9, 0, 1, 0, 0].map(u16::to_be_bytes).concat();
    segment.extend([words << 4, 2, 0, 0, 0, 0, 0, 0]);
    [&segment[..], options].concat()
}

#[test]
fn honest_headers_have_no_finding() {
    let timestamps = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0];
    for (link, frame) in [
        (RAW_IP, ip4(17, &[], &udp(12, b"mip6"))),
        (RAW_IP, ip4(17, &[148, 4, 0, 0], &udp(12, b"mip6"))),
        (RAW_IP, ip4(6, &[], &tcp(&timestamps))),
        (RAW_IP, ip6(17, 12, &udp(12, b"mip6"))),
        (RAW_IP, ip6(59, 0, &[])),
        // Cut from a longer segment by the card, which leaves no length.
        (RAW_IP, ip6(6, 0, &tcp(&timestamps))),
        (NULL, [&[0, 0, 0, 30][..], &ip6(17, 12, &udp(12, b"mip6"))].concat()),
        (PPP, [&[0x02, 0x81, 0, 0, 1, 64][..], &ip4(17, &[], &udp(12, b"mip6"))].concat()),
    ] {
        for cut in [0, 2, 14, 30] {
            assert_eq!(findings(link, &frame, cut), [""; 0], "{frame:02x?} but {cut}");
        }
    }
}

#[test]
fn a_packet_longer_than_its_frame_is_a_fault_of_its_sender_even_where_the_capture_cut_it() {
    let mut packet = ip4(17, &[], &udp(12, b"mip6"));
    packet[3] += 5;
    let expected = ["IPv4 payload at octet 20: need at most 12 octets, have 17"];
    assert_eq!(findings(RAW_IP, &packet, 0), expected);
    assert_eq!(findings(RAW_IP, &packet, 6), expected);
    let expected = ["UDP Length at octet 40: need at most 12 octets, have 13"];
    assert_eq!(findings(RAW_IP, &ip6(17, 12, &udp(13, b"mip6")), 0), expected);
    assert_eq!(findings(RAW_IP, &ip6(17, 12, &udp(13, b"mip6")), 3), expected);
}

#[test]
fn a_udp_length_of_zero_is_for_jumbograms_alone() {
    let expected = ["UDP Length at octet 20: need 8 to 65535, have 0"];
    assert_eq!(findings(RAW_IP, &ip4(17, &[], &udp(0, b"mip6")), 0), expected);
    let option = |len: u32| [&[17, 0, 0xc2, 4][..], &len.to_be_bytes()].concat();
    let long = [&option(70_008)[..], &udp(0, &[0; 69_992])].concat();
    assert_eq!(findings(RAW_IP, &ip6(0, 0, &long), 0), [""; 0]);
    let fault = |next_header, announced, payload: &[u8]| {
        let found = findings(RAW_IP, &ip6(next_header, announced, payload), 0);
        found.into_iter().next().expect("a finding")
    };
    let short = [&option(20)[..], &udp(12, b"mip6")].concat();
    assert_eq!(fault(0, 0, &short), "Jumbo Payload option at octet 44: need 65536 to 4294967295, have 20");
    assert_eq!(fault(0, 20, &short), "Jumbo Payload option at octet 44: need it to be absent, have 20");
    let none = [&[17, 0, 1, 4, 0, 0, 0, 0][..], &udp(12, b"mip6")].concat();
    assert_eq!(fault(0, 0, &none), "Jumbo Payload option at octet 48: need it to be present, have nothing");
    let beyond = [&option(70_009)[..], &udp(0, &[0; 69_992])].concat();
    assert_eq!(
        fault(0, 0, &beyond),
        "Jumbo Payload option at octet 44: need at most 70008 octets, have 70009"
    );
    // Without either there is no payload.
    assert_eq!(fault(44, 0, &udp(12, b"mip6")), "Fragment header at octet 40: need 8 octets, have 0 octets");
}

#[test]
fn options_need_the_room_that_they_announce() {
    let expected = ["IPv4 option at octet 20: need 2 to 4, have 5"];
    assert_eq!(findings(RAW_IP, &ip4(17, &[148, 5, 0, 0], &udp(12, b"mip6")), 0), expected);
    let expected = ["TCP option at octet 41: need 2 to 3, have 10"];
    assert_eq!(findings(RAW_IP, &ip4(6, &[], &tcp(&[1, 8, 10, 0])), 0), expected);
}

#[test]
fn esp_and_ah_need_room_for_their_headers() {
    let ah = |words| [&[59, words, 0, 0][..], &[1; 20]].concat();
    assert_eq!(findings(RAW_IP, &ip4(50, &[], &[1; 8]), 0), [""; 0]);
    assert_eq!(findings(RAW_IP, &ip4(51, &[], &ah(4)), 0), [""; 0]);
    let expected = ["ESP header at octet 20: need 8 octets, have 7 octets"];
    assert_eq!(findings(RAW_IP, &ip4(50, &[], &[1; 7]), 0), expected);
    let expected = ["Authentication Header at octet 20: need 28 octets, have 24 octets"];
    assert_eq!(findings(RAW_IP, &ip4(51, &[], &ah(5)), 0), expected);
    assert_eq!(findings(RAW_IP, &ip4(51, &[], &ah(5)), 10), [""; 0]);
}

#[test]
fn a_type_2_routing_header_leads_to_the_home_address_and_no_further() {
    let routed = |left| {
        let header = [&[59, 2, 2, left, 0, 0, 0, 0][..], &[0x22; 16]].concat();
        findings(RAW_IP, &ip6(43, 24, &header), 0)
    };
    assert_eq!(routed(1), [""; 0]);
    assert_eq!(routed(0), ["Segments Left at octet 43: need 1, have 0"]);
}

#[test]
fn the_version_is_the_one_that_the_carrier_names() {
    let packet = ip6(17, 12, &udp(12, b"mip6"));
    let on_ethernet = [&[0x02; 12][..], &[0x08, 0], &packet].concat();
    let expected = ["IP version at octet 14: need 4, have 6"];
    assert_eq!(findings(ETHERNET, &on_ethernet, 0), expected);
    assert_eq!(findings(ETHERNET, &on_ethernet, 20), expected);
    let on_loopback = [&[2, 0, 0, 0][..], &packet].concat();
    assert_eq!(findings(NULL, &on_loopback, 0), ["IP version at octet 4: need 4, have 6"]);
    let in_tunnel = ip4(4, &[], &packet);
    assert_eq!(findings(RAW_IP, &in_tunnel, 0), ["IP version at octet 20: need 4, have 6"]);
}
