//! Section 6: the UDP encapsulation.

use crate::capture::Capture;
use crate::{preferences, read};

const FIELDS: &[&str] =
    &["mip6tls.ptype", "mip6tls.spi", "mip6tls.seq", "mip6tls.iv", "mip6tls.ciphertext", "mip6tls.icv"];

const ICV: &str = "a0a1a2a3a4a5a6a7a8a9aaab";

/// An ICMPv6 echo request from 2001:db8::1 to 2001:db8::2.
const INNER: &str =
    "60000000 0008 3a40 20010db8000000000000000000000001 20010db8000000000000000000000002 80000000 00010001";

#[test]
fn a_protected_packet_shows_its_parts_for_every_iv_length() {
    for (octets, iv) in [(0, ""), (8, "0001020304050607"), (16, "000102030405060708090a0b0c0d0e0f")] {
        let packet = hex(&format!("80000007 00000003 {iv} c0c1c2c3 {ICV}"));
        let setting = format!("mip6tls.iv:{}", ["none (NULL)", "8 (3DES)", "16 (AES)"][octets / 8]);
        let Some(rows) = read_udp(&format!("iv{octets}"), 7872, &[packet], &[&setting], FIELDS) else {
            return;
        };
        assert_eq!(rows, [["8", "0x00000007", "3", iv, "c0c1c2c3", ICV]]);
    }
}

#[test]
fn a_plain_packet_goes_to_the_ip_dissectors() {
    let v4 = "45000018 00000000 40fd0000 c0000201 c0000202 00000000";
    let packets = [hex(&format!("00000000 00000000 {INNER}")), hex(&format!("00000000 00000000 {v4}"))];
    let fields = ["mip6tls.ptype", "icmpv6.type", "ip.proto", "mip6tls.fault.inner"];
    let Some(rows) = read_udp("plain", 7872, &packets, &[], &fields) else { return };
    // The outer header is IPv4 over UDP (17), the second inner one IPv4 with 253.
    assert_eq!(rows, [["0", "128", "17", ""], ["0", "", "17,253", ""]]);
}

#[test]
fn every_illegal_combination_is_told_and_no_legal_one() {
    let iv = "00".repeat(16);
    let faults = [
        (format!("00000005 00000000 {INNER}"), "mip6tls.fault.plain_spi"),
        (format!("00000000 00000001 {INNER}"), "mip6tls.fault.plain_seq"),
        (format!("10000000 00000001 {iv} c0c1c2c3 {ICV}"), "mip6tls.fault.no_spi"),
        (format!("80000000 00000001 {iv} c0c1c2c3 {ICV}"), "mip6tls.fault.no_spi"),
        (format!("20000007 00000001 {iv} c0c1c2c3 {ICV}"), "mip6tls.fault.ptype"),
        ("00000000 00000000 a0".into(), "mip6tls.fault.inner"),
        ("00000000 00000000".into(), "mip6tls.fault.inner"),
        ("8000".into(), "mip6tls.fault.short"),
        (format!("80000007 00000001 {ICV}"), "mip6tls.fault.short"),
        (format!("00000000 00000000 {INNER}"), ""),
        (format!("10000007 00000000 {iv} c0c1c2c3 {ICV}"), ""),
        (format!("8fffffff ffffffff {iv} c0c1c2c3 {ICV}"), ""),
    ];
    let names = ["plain_spi", "plain_seq", "no_spi", "ptype", "inner", "short"]
        .map(|name| format!("mip6tls.fault.{name}"));
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let packets: Vec<_> = faults.iter().map(|(packet, _)| hex(packet)).collect();
    let Some(rows) = read_udp("faults", 7872, &packets, &[], &names) else { return };
    assert_eq!(rows.len(), faults.len());
    for (row, (packet, fault)) in rows.iter().zip(&faults) {
        let told: Vec<_> =
            names.iter().zip(row).filter(|(_, cell)| !cell.is_empty()).map(|(name, _)| *name).collect();
        let expected: Vec<_> = Some(*fault).filter(|fault| !fault.is_empty()).into_iter().collect();
        assert_eq!(told, expected, "{packet}");
    }
}

#[test]
fn the_port_is_a_preference() {
    let packet = || [hex(&format!("00000000 00000000 {INNER}"))];
    let Some(elsewhere) = read_udp("port", 6000, &packet(), &["mip6tls.port:6000"], &["mip6tls.ptype"])
    else {
        return;
    };
    assert_eq!(elsewhere, [["0"]]);
    let moved_away = read_udp("port-left", 7872, &packet(), &["mip6tls.port:6000"], &["mip6tls.ptype"]);
    assert_eq!(moved_away.unwrap(), [[""]]);
}

#[test]
fn esp_checks_what_we_hand_to_it() {
    // Suite {00,02}: NULL and HMAC-SHA1-96, key 20 times 0b; the ICV comes from Python's hmac module.
    let good = format!("10000007 00000000 {INNER} 0102 02 29 46651a8a68ec246ce2481b73");
    let bad = good.replace("00010001 0102", "00010002 0102");
    let sa = format!(
        "uat:esp_sa:\"IPv4\",\"*\",\"*\",\"0x10000007\",\"NULL\",\"\",\"HMAC-SHA-1-96 [RFC2404]\",\"0x{}\"",
        "0b".repeat(20)
    );
    let switches =
        ["mip6tls.esp:TRUE", "esp.enable_authentication_check:TRUE", "esp.enable_encryption_decode:TRUE"];
    let settings = [&switches[..], &[&sa]].concat();
    let fields = ["mip6tls.ptype", "esp.icv_good", "icmpv6.type"];
    let Some(rows) = read_udp("esp", 7872, &[hex(&good), hex(&bad)], &settings, &fields) else { return };
    assert_eq!(rows[0], ["1", "1", "128"]);
    assert_ne!(rows[1][1], "1", "a changed packet does not pass");
}

fn read_udp(
    name: &str,
    port: u16,
    packets: &[Vec<u8>],
    settings: &[&str],
    fields: &[&str],
) -> Option<Vec<Vec<String>>> {
    let mut capture = Capture::new();
    for packet in packets {
        capture.udp(port, packet);
    }
    read(name, capture.octets(), &preferences(settings), fields)
}

fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect()
}
