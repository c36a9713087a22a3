//! An MN that does without TLS, and a HAC that does not.

use dissect::{Event, Options, run};
use etherparse::PacketBuilder;

use crate::made_up_capture::pcap;

const MN: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const HAC: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
const RAW_IP: u32 = 101;

fn frame(
    (from, to): ([u8; 16], [u8; 16]),
    (sequence, ack): (u32, u32),
    is_last: bool,
    octets: &[u8],
) -> Vec<u8> {
    let (port, other) = if from == MN { (40_000, 7000) } else { (7000, 40_000) };
    let step = PacketBuilder::ipv6(from, to, 64).tcp(port, other, sequence, 64240).psh().ack(ack);
    let step = if is_last { step.fin() } else { step };
    let mut frame = Vec::new();
    step.write(&mut frame, octets).expect("a Vec takes all");
    frame
}

/// What is found when the HAC answers the bare container with these octets, and closes.
fn findings(answer: &[u8]) -> Vec<String> {
    let content = b"mn-id:mn@example.org\r\n";
    let container = [&[0, 1, 0, u8::try_from(content.len()).expect("short")], &content[..]].concat();
    let behind = 1 + u32::try_from(container.len()).expect("short");
    let frames = [frame((MN, HAC), (1, 1), false, &container), frame((HAC, MN), (1, behind), true, answer)];
    let mut findings = Vec::new();
    run(pcap(RAW_IP, &frames).as_slice(), Options::default(), &mut |event| {
        if let Event::Finding(finding) = event {
            findings.push(finding.to_string());
        }
    });
    findings
}

#[test]
fn a_hac_that_answers_with_a_tls_alert_is_not_to_blame() {
    let alert = [21, 3, 3, 0, 2, 2, 10];
    for answer in [&alert[..], &alert[..3], &alert[..1]] {
        let findings = findings(answer);
        assert!(
            findings.iter().all(|told| told.contains("MN: the exchange is not inside TLS")),
            "{findings:?}"
        );
        assert_eq!(findings.len(), 1);
    }
}

#[test]
fn a_hac_that_answers_with_half_a_container_is() {
    let findings = findings(&[0, 1, 1, 0, b'm']);
    assert!(
        findings.iter().any(|told| told.contains("HAC: the stream ends inside a container")),
        "{findings:?}"
    );
}
