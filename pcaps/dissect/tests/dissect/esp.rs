//! ESP captures that nobody here wrote, opened with the table of keys that lies beside them: as tshark opens them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dissect::{Content, EspIcv, EspTable, Named, Options, Report, Unwrapped, report};

use crate::shared::{captures, tshark_is_missing};

/// A capture, its table, and how many packets are to be opened with which result.
struct Case {
    capture: &'static str,
    table: &'static str,
    good: usize,
    without_icv: usize,
    /// Packets under algorithms that are not opened here.
    closed: usize,
}

const CASES: [Case; 4] = [
    Case {
        capture: "ajbanjara--Wireshark/ipsec_esp/ipsec_esp_capture_1/capture.pcap",
        table: "ajbanjara--Wireshark/ipsec_esp/ipsec_esp_capture_1/esp_sa",
        good: 80,
        without_icv: 80,
        closed: 80,
    },
    Case {
        capture: "ajbanjara--Wireshark/ipsec_esp/ipsec_esp_capture_2/capture.pcap",
        table: "ajbanjara--Wireshark/ipsec_esp/ipsec_esp_capture_2/esp_sa",
        good: 312,
        without_icv: 0,
        closed: 0,
    },
    Case {
        capture: "ajbanjara--Wireshark/ipsec_ikev2+esp_aes-gcm_aes-ctr_aes-cbc/ipsec_ikev2+esp_aes-gcm,aes-ctr,aes-cbc/capture.pcapng",
        table: "ajbanjara--Wireshark/ipsec_ikev2+esp_aes-gcm_aes-ctr_aes-cbc/ipsec_ikev2+esp_aes-gcm,aes-ctr,aes-cbc/esp_sa",
        good: 16,
        without_icv: 0,
        closed: 8,
    },
    Case {
        capture: "lab-strongswan/mh-esp.pcap",
        table: "lab-strongswan/mh-esp.keys/esp_sa",
        good: 9,
        without_icv: 0,
        closed: 0,
    },
];

fn read(folder: &Path, case: &Case) -> Report {
    let table = fs::read_to_string(folder.join(case.table)).expect("the table is listed");
    let esp = EspTable::read(&table).expect("tshark reads it too");
    let capture = fs::read(folder.join(case.capture)).expect("the capture is listed");
    report(&capture, &Options { esp, ..Options::default() })
}

/// ESP packets by frame, and what became of them.
fn opened(report: &Report) -> BTreeMap<u64, Option<Unwrapped>> {
    let of_esp = |content: &Content| match content {
        Content::Named(Named::Esp { opened, .. }) => Some(*opened),
        _ => None,
    };
    report.lines.iter().filter_map(|line| Some((line.frame, of_esp(&line.packet.content)?))).collect()
}

#[test]
fn packets_are_opened_and_no_icv_is_wrong() {
    let Some(folder) = captures() else { return };
    for case in &CASES {
        let report = read(&folder, case);
        let opened = opened(&report);
        let count = |wanted| opened.values().flatten().filter(|opened| opened.icv == wanted).count();
        let closed = opened.values().filter(|opened| opened.is_none()).count();
        let found = (count(EspIcv::Good), count(EspIcv::Absent), count(EspIcv::Wrong), closed);
        assert_eq!(found, (case.good, case.without_icv, 0, case.closed), "{}", case.capture);
        let has_trailer = |opened: &Unwrapped| opened.inner.is_some();
        assert!(opened.values().flatten().all(has_trailer), "{}", case.capture);
    }
}

/// What tshark says of the outermost ESP header of each frame: whether its ICV is good, and the protocol inside.
fn tshark(folder: &Path, case: &Case, place: &Path) -> BTreeMap<u64, (String, String)> {
    fs::create_dir_all(place).expect("cargo's folder for tests is ours");
    fs::copy(folder.join(case.table), place.join("esp_sa")).expect("cargo's folder for tests is ours");
    let mut command = Command::new("tshark");
    command.env("WIRESHARK_CONFIG_DIR", place).arg("-n").arg("-r").arg(folder.join(case.capture));
    for preference in ["esp.enable_authentication_check:TRUE", "esp.enable_encryption_decode:TRUE"] {
        command.args(["-o", preference]);
    }
    command.args(["-Y", "esp", "-T", "fields", "-E", "occurrence=f"]);
    let fields = ["frame.number", "esp.icv_good", "esp.protocol", "frame.protocols"];
    command.args(fields.iter().flat_map(|field| ["-e", *field]));
    let output = command.output().expect("tshark was there a moment ago");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("fields are ASCII");
    let row = |line: &str| {
        let mut fields = line.split('\t').map(str::to_owned);
        let frame = fields.next().and_then(|number| number.parse().ok()).expect("a frame number");
        (frame, (fields.next().unwrap_or_default(), fields.next().unwrap_or_default()))
    };
    // An error of ICMP quotes what it is about.
    let is_quoted = |line: &&str| {
        let protocols = line.rsplit('\t').next().unwrap_or_default();
        protocols.split(":esp").next().is_some_and(|before| before.contains("icmp"))
    };
    text.lines().filter(|line| !is_quoted(line)).map(row).collect()
}

#[test]
fn tshark_opens_them_alike() {
    let Some(folder) = captures() else { return };
    if tshark_is_missing() {
        return;
    }
    for (nth, case) in CASES.iter().enumerate() {
        let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("esp-{nth}"));
        let theirs = tshark(&folder, case, &place);
        let ours = opened(&read(&folder, case));
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "{}", case.capture);
        for (frame, unwrapped) in &ours {
            let Some(Unwrapped { icv, inner }) = unwrapped else { continue };
            let (icv_good, protocol) = &theirs[frame];
            let at = format!("{} frame {frame}: {unwrapped:?} {:?}", case.capture, theirs[frame]);
            match icv {
                EspIcv::Good => assert_eq!(icv_good, "1", "{at}"),
                EspIcv::Wrong => assert_eq!(icv_good, "0", "{at}"),
                EspIcv::Absent => assert_eq!(icv_good, "", "{at}"),
            }
            let next_header = inner.map(|inner| format!("0x{:02x}", inner.next_header));
            assert_eq!(next_header.as_deref().unwrap_or_default(), protocol, "{at}");
        }
    }
}
