//! What others published about Mobile IPv6 in public captures: tcpdump's regression outputs, Zeek's logs.

use std::fs;
use std::path::Path;

use dissect::{Checksum, Content, Line, Message, Mobility, Options, Report, report};

use crate::shared::captures;

/// Files that tcpdump's authors keep because they once broke it, each with the output that is right.
const TCPDUMP: [&str; 6] = [
    "ipv6-mobility-header-oobr",
    "mobility_opt_asan_2",
    "mobility_opt_asan_3",
    "mobility_opt_asan_5",
    "mobility_opt_asan_6",
    "mobility_opt_asan_8",
];

fn read(path: &Path) -> Report {
    report(&fs::read(path).expect("a listed file can be read"), &Options::default())
}

fn mobility(line: &Line) -> Option<&Mobility> {
    match &line.packet.content {
        Content::Plain(mobility) => Some(mobility),
        _ => None,
    }
}

fn one(file: &Path) -> Mobility {
    let report = read(file);
    let [line] = report.lines.as_slice() else { panic!("{}: {report}", file.display()) };
    mobility(line).unwrap_or_else(|| panic!("{}: {line}", file.display())).clone()
}

/// The fixed fields in the words of tcpdump.
fn in_its_words(message: &Message) -> String {
    match message {
        Message::RefreshRequest => "BRR".to_owned(),
        Message::CareOfTest(test) => {
            let (high, low) = (test.cookie >> 32, test.cookie & 0xffff_ffff);
            format!("CoT nonce id=0x{:x} Care-of Init Cookie={high:08x}:{low:08x}", test.nonce_index)
        }
        Message::Update(update) | Message::ProxyUpdate(update) => {
            let a = if update.flags.acknowledge { " A" } else { "" };
            format!("BU seq#={}{a} lifetime={}", update.sequence, update.lifetime.seconds())
        }
        Message::Ack(ack) | Message::ProxyAck(ack) => format!("BA status={}", ack.status.0),
        // Too short for its fields; tcpdump shows those that are there.
        Message::Other { mh_type: 6 } => "BA".to_owned(),
        other => format!("{other}"),
    }
}

#[test]
fn mobility_headers_are_what_tcpdump_says() {
    let Some(folder) = captures() else { return };
    let mut compared = 0;
    for name in TCPDUMP {
        let file = format!("crashers/the-tcpdump-group--tcpdump/{name}.pcap");
        let report = read(&folder.join(file));
        let output = format!("the-tcpdump-group--tcpdump/expected/{name}.out");
        let output = fs::read_to_string(folder.join(output)).expect("an expected output");
        for expected in output.lines().filter(|line| line.contains("mobility:")) {
            let frame = expected.split_whitespace().next().and_then(|frame| frame.parse().ok());
            let line = report.lines.iter().find(|line| Some(line.frame) == frame);
            let found = line.and_then(mobility).unwrap_or_else(|| panic!("{name}: no line for {expected}"));
            let words = in_its_words(&found.message);
            assert!(expected.contains(&words), "{name}: {words} is not in {expected}");
            compared += 1;
        }
    }
    assert_eq!(compared, 8);
}

#[test]
fn checksums_are_what_zeek_says() {
    let Some(folder) = captures() else { return };
    let folder = folder.join("zeek--zeek");
    assert_eq!(one(&folder.join("chksums/mip6-good-mh-chksum.pcap")).checksum, Checksum::Good);
    assert_eq!(one(&folder.join("chksums/mip6-bad-mh-chksum.pcap")).checksum, Checksum::Wrong);
}

#[test]
fn each_mobility_header_of_zeek_is_of_its_type() {
    let Some(folder) = captures() else { return };
    let folder = folder.join("zeek--zeek/mobile-ipv6");
    let found = |name: &str| one(&folder.join(format!("mip6_{name}.pcap"))).message;
    assert!(matches!(found("be"), Message::Error { .. }));
    assert!(matches!(found("brr"), Message::RefreshRequest));
    assert!(matches!(found("bu"), Message::Update(_)));
    assert!(matches!(found("cot"), Message::CareOfTest(_)));
    assert!(matches!(found("hoti"), Message::HomeTestInit { .. }));
}

/// Zeek calls them weird: an option too long, a header beyond the packet, a home address of a wrong length.
#[test]
fn destination_options_that_zeek_finds_weird_are_findings() {
    let Some(folder) = captures() else { return };
    let found = read(&folder.join("zeek--zeek/ipv6-mobility-dst-opts.pcap"));
    let found: Vec<_> = found.findings().map(ToString::to_string).collect();
    let fields = ["IPv6 option at", "IPv6 options at", "Home Address option at"];
    assert_eq!(found.len(), fields.len(), "{found:#?}");
    for (field, finding) in fields.iter().zip(&found) {
        assert!(finding.contains(field), "{field}: {finding}");
    }
}
