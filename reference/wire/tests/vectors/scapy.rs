//! Mobility Headers that the tests of scapy assert, as far as our subset of RFC 6275 goes.

use std::net::Ipv6Addr;
use std::path::PathBuf;

use wire::ext_header::Chain;
use wire::mobility::{BindingUpdate, Flags, Lifetime, MobilityHeader};
use wire::value::hex;

/// The Mobility Headers of scapy's own tests, or `None` with a printed reason.
fn scapy() -> Option<Vec<serde_json::Value>> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared"));
    let shared = std::env::var_os("MIP6_SHARED").map_or_else(beside, PathBuf::from);
    let path = shared.join("vectors/transcribed/scapy-mip6-wire.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is not at hand", path.display());
        return None;
    };
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    Some(document["tests"].as_array().expect("tests").clone())
}

fn octets(test: &serde_json::Value) -> Vec<u8> {
    hex::decode(test["hex"].as_str().expect("hex").as_bytes()).expect("hex digits")
}

/// The options of a Binding Update that we know; scapy has some of more kinds, and some that do not fit.
const KNOWN_LAYERS: [&str; 4] = ["Pad1", "PadN", "MIP6OptBRAdvice", "MIP6OptAltCoA"];

#[test]
fn binding_updates_of_scapy_are_read() {
    let Some(tests) = scapy() else { return };
    let (mut rows, mut written) = (0, 0);
    for test in tests.iter().filter(|test| test["describes"]["layer"] == "MIP6MH_BU") {
        let options = test["describes"]["fields"]["options"].as_array().expect("options");
        let layers: Vec<_> = options.iter().filter_map(|option| option["layer"].as_str()).collect();
        if !layers.iter().all(|layer| KNOWN_LAYERS.contains(layer)) {
            continue;
        }
        let (octets, line) = (octets(test), &test["line"]);
        let update = BindingUpdate::parse(&octets).unwrap_or_else(|error| panic!("line {line}: {error}"));
        let flags = Flags { key_management: true, ..Flags::REGISTRATION };
        assert_eq!(
            (update.sequence, update.flags, update.lifetime),
            (16962, flags, Lifetime(3)),
            "line {line}"
        );
        let expected = layers.contains(&"MIP6OptAltCoA").then_some(Ipv6Addr::UNSPECIFIED);
        assert_eq!(update.alternate_coa, expected, "line {line}");
        if layers == ["MIP6OptAltCoA"] {
            let mut ours = update.emit(Ipv6Addr::LOCALHOST, Ipv6Addr::LOCALHOST);
            MobilityHeader::new_unchecked(&mut ours).set_checksum(0);
            assert_eq!(ours, octets, "line {line}");
            written += 1;
        }
        rows += 1;
    }
    assert!(rows > 0 && written > 0);
}

#[test]
fn checksums_of_scapy_are_right() {
    let Some(tests) = scapy() else { return };
    let (mut right, mut wrong) = (0, 0);
    for test in tests.iter().filter(|test| test["describes"]["stack"].to_string().contains("MIP6MH_")) {
        let (octets, line) = (octets(test), &test["line"]);
        let (header, payload) = octets.split_at(40);
        let address =
            |at: usize| Ipv6Addr::from(<[u8; 16]>::try_from(&header[at..at + 16]).expect("16 octets"));
        let chain = Chain::parse(header[6], payload).unwrap_or_else(|error| panic!("line {line}: {error}"));
        let message = MobilityHeader::new_checked(chain.upper).expect("a whole Mobility Header");
        let verified = message.verify(chain.home_address.unwrap_or(address(8)), address(24));
        // Some of the messages are built around a checksum that somebody made up.
        let made_up = test["describes"].to_string().contains("cksum");
        assert_eq!(verified, !made_up, "line {line}");
        right += usize::from(verified);
        wrong += usize::from(made_up);
    }
    assert!(right > 0 && wrong > 0);
}
