//! RFC 6618 section 6.3 as stock tshark sees it: the packets of the HMAC-SHA1 suites are UDP-encapsulated ESP whose SPI
//! is PType and SPI in one. tshark checks the ICV and decrypts; of AES-XCBC-MAC-96 it knows nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use vectors::rows::Packet;
use vectors::{Outcome, Test};

const PORT: u16 = 7872;
const LINKTYPE_RAW: u32 = 101;

fn cipher(suite: &str) -> Option<&'static str> {
    match suite {
        "NULL_SHA" => Some("NULL"),
        "3DES_EDE_CBC_SHA" => Some("TripleDES-CBC [RFC2451]"),
        "AES_128_CBC_SHA" => Some("AES-CBC [RFC3602]"),
        _ => None,
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// A line of the table of associations, where every row has an SPI and keys.
fn association(row: &Packet) -> Option<String> {
    let cipher = cipher(row.suite.as_deref()?)?;
    let ekey = row.ekey.as_deref().map_or(String::new(), |key| format!("0x{}", hex(key)));
    let (spi, ikey) = (hex(&row.octets.ptype_spi), hex(row.ikey.as_deref()?));
    Some(format!(
        r#"uat:esp_sa:"IPv4","*","*","0x{spi}","{cipher}","{ekey}","HMAC-SHA-1-96 [RFC2404]","0x{ikey}""#
    ))
}

/// Raw IPv4 packets with UDP inside, in a pcap file.
fn capture(payloads: &[Vec<u8>]) -> Vec<u8> {
    let mut file = 0xa1b2_c3d4_u32.to_le_bytes().to_vec();
    file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend(65535_u32.to_le_bytes());
    file.extend(LINKTYPE_RAW.to_le_bytes());
    for payload in payloads {
        let length = u16::try_from(28 + payload.len()).expect("small packets");
        file.extend([0; 8]);
        file.extend([u32::from(length); 2].map(u32::to_le_bytes).concat());
        file.extend([0x45, 0]);
        file.extend(length.to_be_bytes());
        file.extend([0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
        file.extend([50_000, PORT, length - 20, 0].map(u16::to_be_bytes).concat());
        file.extend(payload);
    }
    file
}

fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// What tshark says of each packet: ICV good, ICV bad, Next Header. `None`, with the reason printed, without tshark.
fn read(name: &str, tests: &[&Test<Packet>]) -> Option<Vec<[String; 3]>> {
    if Command::new("tshark").arg("--version").output().is_err() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI has to have tshark");
        println!("skipped: no tshark on the path");
        return None;
    }
    let file = scratch(&format!("{name}.pcap"));
    let payloads: Vec<_> = tests.iter().map(|test| test.row.octets.joined()).collect();
    std::fs::write(&file, capture(&payloads)).expect("a file that can be written");
    let mut tshark = Command::new("tshark");
    tshark.arg("-r").arg(file).args(["-d", &format!("udp.port=={PORT},udpencap"), "-T", "fields"]);
    let settings = ["esp.enable_encryption_decode:TRUE", "esp.enable_authentication_check:TRUE"];
    let mut associations: Vec<_> = tests.iter().filter_map(|test| association(&test.row)).collect();
    associations.sort();
    associations.dedup();
    for setting in settings.iter().copied().chain(associations.iter().map(String::as_str)) {
        tshark.args(["-o", setting]);
    }
    let output = tshark.args(["-e", "esp.icv_good", "-e", "esp.icv_bad", "-e", "esp.protocol"]).output();
    let output = output.expect("tshark runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let cells = |line: &str| -> [String; 3] {
        let cells: Vec<_> = line.split('\t').map(str::to_owned).collect();
        cells.try_into().expect("three fields")
    };
    Some(text.lines().map(cells).collect())
}

/// The packets that tshark can judge, by keys: one SPI has one association there.
fn by_keys(tests: &[Test<Packet>], wanted: impl Fn(&Test<Packet>) -> bool) -> Vec<Vec<&Test<Packet>>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for test in tests.iter().filter(|test| wanted(test) && association(&test.row).is_some()) {
        let key =
            (test.row.suite.clone(), test.row.ikey.as_deref().map(hex), test.row.ekey.as_deref().map(hex));
        groups.entry(key).or_default().push(test);
    }
    groups.into_values().collect()
}

#[test]
fn tshark_takes_the_valid_packets() {
    let tests = vectors::packet().tests;
    let mut judged = 0;
    for (number, group) in by_keys(&tests, |test| test.result == Outcome::Valid).into_iter().enumerate() {
        let Some(seen) = read(&format!("valid-{number}"), &group) else { return };
        assert_eq!(seen.len(), group.len());
        for (test, [good, bad, next_header]) in group.iter().zip(seen) {
            assert!(is_set(&good) && !is_set(&bad), "{}: ICV good {good}, bad {bad}", test.id);
            let expected = test.row.value.as_ref().and_then(|value| value.next_header);
            let seen = next_header.strip_prefix("0x").and_then(|digits| u8::from_str_radix(digits, 16).ok());
            assert_eq!(seen, expected, "{}: {next_header}", test.id);
            judged += 1;
        }
    }
    println!("{judged} packets with a good ICV");
    assert!(judged > 200, "{judged}");
}

#[test]
fn tshark_refuses_the_wrong_icvs() {
    let tests = vectors::packet().tests;
    // These change the SPI, the length of the ICV, or the key: tshark then looks elsewhere.
    let elsewhere = |id: &str| {
        ["ptype-tampered", "icv-too-long", "no-icv", "icv-cut"].iter().any(|end| id.ends_with(end))
    };
    let wrong = |test: &Test<Packet>| {
        test.field.as_deref() == Some("icv") && test.row.octets.icv.len() == 12 && !elsewhere(&test.id)
    };
    let mut judged = 0;
    for (number, group) in by_keys(&tests, wrong).into_iter().enumerate() {
        let Some(seen) = read(&format!("wrong-{number}"), &group) else { return };
        for (test, [good, bad, _]) in group.iter().zip(seen) {
            assert!(is_set(&bad) && !is_set(&good), "{}: ICV good {good}, bad {bad}", test.id);
            judged += 1;
        }
    }
    println!("{judged} packets with a wrong ICV");
    assert!(judged > 25, "{judged}");
}

fn is_set(cell: &str) -> bool {
    matches!(cell, "1" | "True")
}
