//! The capture of a run, opened by stock tshark: a second opinion on our TLS secrets, our packets and our ICVs.

#[path = "tools/missing.rs"]
mod missing;
mod tshark_capture {
    pub(crate) mod demonstration;
    pub(crate) mod honest_run;
    pub(crate) mod sa_file;
    pub(crate) mod tshark;
}

use std::collections::BTreeSet;

use suite::capture::{esp_sa, write_pcapng};
use suite::evidence::Tape;
use tshark_capture::honest_run::honest_run;
use tshark_capture::tshark::{Packet, Tshark, is_missing};
use wire::value::Ciphersuite;

/// The suites whose ICV tshark can check; it has no AES-XCBC-MAC-96.
const CHECKED: [Ciphersuite; 3] = [Ciphersuite::NullSha, Ciphersuite::TripleDesSha, Ciphersuite::Aes128Sha];

/// Bootstraps, registers, pings and de-registers once with each of these suites.
fn run_of(suites: &[Ciphersuite]) -> (Tape, u16, u16) {
    let run = honest_run(suites);
    (run.tape, run.hac.port(), run.ha.port())
}

fn capture(tape: &Tape) -> Vec<u8> {
    let mut file = Vec::new();
    write_pcapng(tape, &mut file).expect("a Vec takes all");
    file
}

#[test]
fn tv_headers_are_readable_with_the_secrets_inside() {
    if is_missing() {
        return;
    }
    let (tape, hac, _) = run_of(&[Ciphersuite::Aes128Sha]);
    let text = Tshark::over("tls", &capture(&tape))
        .arguments(&["-d", &format!("tcp.port=={hac},tls")])
        .arguments(&["-q", "-z", "follow,tls,ascii,0"])
        .text();
    for header in ["mn-id:", "auth-method:psk", "mip6-suitelist:{00,2F}", "mip6-spi:", "status-code:200"] {
        assert!(text.contains(header), "{header} is not in what tshark decrypted:\n{text}");
    }
}

#[test]
fn without_its_secrets_the_capture_shows_no_tv_header() {
    if is_missing() {
        return;
    }
    let (mut tape, hac, _) = run_of(&[Ciphersuite::Aes128Sha]);
    tape.secrets.clear();
    let text = Tshark::over("no_secrets", &capture(&tape))
        .arguments(&["-d", &format!("tcp.port=={hac},tls")])
        .arguments(&["-q", "-z", "follow,tls,ascii,0"])
        .text();
    assert!(!text.contains("mn-id:"), "{text}");
}

#[test]
fn every_icv_is_good_and_every_binding_message_is_dissected() {
    if is_missing() {
        return;
    }
    for suite in CHECKED {
        let (tape, _, ha) = run_of(&[suite]);
        let packets = Tshark::over(suite.name(), &capture(&tape)).esp(ha, &esp_sa(&tape)).packets();
        // Registration, echo and de-registration, each with its answer.
        assert_eq!(packets.len(), 6, "{}", suite.name());
        for packet in &packets {
            assert_eq!((packet.icv_good.as_str(), packet.icv_bad.as_str()), ("1", "0"), "{packet:?}");
        }
        let inside: Vec<_> = packets.iter().map(|packet| packet.inside.as_str()).collect();
        assert_eq!(inside, ["MH 5", "MH 6", "ICMPv6 128", "ICMPv6 129", "MH 5", "MH 6"], "{}", suite.name());
        let senders: BTreeSet<_> = packets.iter().map(|packet| packet.from.as_str()).collect();
        assert_eq!(senders.len(), 2, "the directions are told apart by address: {senders:?}");
    }
}

#[test]
fn the_suites_that_tshark_cannot_check_are_decrypted_all_the_same() {
    if is_missing() {
        return;
    }
    for suite in [Ciphersuite::NullSha256, Ciphersuite::Aes128Sha256] {
        let (tape, _, ha) = run_of(&[suite]);
        let packets = Tshark::over(suite.name(), &capture(&tape)).esp(ha, &esp_sa(&tape)).packets();
        let inside: Vec<_> = packets.iter().map(|packet| packet.inside.as_str()).collect();
        assert_eq!(inside, ["MH 5", "MH 6", "ICMPv6 128", "ICMPv6 129", "MH 5", "MH 6"], "{}", suite.name());
    }
}

#[test]
fn another_key_makes_every_icv_bad() {
    if is_missing() {
        return;
    }
    let (mut tape, _, ha) = run_of(&[Ciphersuite::Aes128Sha]);
    for association in &mut tape.associations {
        association.sa.mn_to_ha.ikey[0] ^= 1;
        association.sa.ha_to_mn.ikey[0] ^= 1;
    }
    let packets = Tshark::over("another_key", &capture(&tape)).esp(ha, &esp_sa(&tape)).packets();
    assert_eq!(packets.len(), 6);
    assert!(packets.iter().all(|packet| packet.icv_bad == "1"), "{packets:?}");
}

#[test]
fn the_demonstration_leaves_a_capture_that_tshark_opens() {
    if is_missing() {
        return;
    }
    let kept = tshark_capture::demonstration::keep();
    let text = Tshark::kept(&kept)
        .arguments(&["-d", "tcp.port==1-65535,tls", "-q"])
        .arguments(&["-z", "follow,tls,ascii,0", "-z", "follow,tls,ascii,1"])
        .text();
    for header in ["mn-id:", "mip6-suitelist:", "mip6-spi:"] {
        assert!(text.contains(header), "{header} is not in what tshark decrypted:\n{text}");
    }
    // The suite forges ICVs too, so that not all are good; those of honest packets are.
    let packets = Tshark::kept(&kept).esp_in_any_port().packets();
    for cipher in ["NULL", "TripleDES-CBC [RFC2451]", "AES-CBC [RFC3602]"] {
        let spis = kept.spis_with_hmac_sha1(cipher);
        for inside in ["MH 5", "MH 6"] {
            let is_good = |packet: &&Packet| packet.icv_good == "1" && packet.inside == inside;
            let found = packets.iter().filter(is_good).any(|packet| spis.contains(&packet.spi));
            assert!(found, "no {inside} with a good ICV under {cipher}");
        }
    }
}

#[test]
fn our_dissection_of_a_run_agrees() {
    let run = honest_run(&Ciphersuite::ALL);
    let associations = dissect::Associations::from_json(&tshark_capture::sa_file::sa_json(&run))
        .expect("SAs that were granted are legal");
    let ports = vec![run.ha.port()];
    let options = dissect::Options { ports, associations, ..dissect::Options::default() };
    let report = dissect::report(&capture(&run.tape), &options);
    assert_eq!(report.counts.packets, 30, "{report}");
    assert_eq!(report.counts.opened, 30, "{report}");
    assert_eq!(report.findings().count(), 0, "{report}");
}
