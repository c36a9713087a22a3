//! Packets as trees: every octet stands in one row, under the name of its field.

use std::fs;
use std::path::Path;

use dissect::conversation::Keys;
use dissect::{Associations, Event, Options, Render, Text, run};

/// The octets of a packet and what its keys opened, then its rows.
struct Shown {
    octets: [Vec<u8>; 2],
    rows: Vec<String>,
}

fn trees(story: &str) -> Vec<Shown> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../captures").join(story);
    let sa = fs::read_to_string(folder.join("sa.json")).expect("every story has its SAs");
    let associations = Associations::from_json(&sa).expect("the SAs of a story are legal");
    let capture = fs::read(folder.join("capture.pcapng")).expect("every story has a capture");
    let mut text = Text::with_trees(Keys::Hidden);
    let mut shown = Vec::new();
    run(capture.as_slice(), Options { associations, ..Options::default() }, &mut |event| {
        let Event::Packet(packet) = &event else { return };
        let plain = packet.opened.as_ref().map_or_else(Vec::new, |opened| {
            let padding = u8::try_from(opened.padding.len()).expect("Pad Length is an octet");
            [opened.payload, opened.padding, &[padding, opened.next_header]].concat()
        });
        let octets = [packet.octets.to_vec(), plain];
        let mut out = Vec::new();
        text.event(&event, &mut out);
        let out = String::from_utf8(out).expect("printable ASCII");
        let rows = out.lines().filter(|line| line.starts_with("    ")).map(str::to_owned).collect();
        shown.push(Shown { octets, rows });
    });
    shown
}

/// The octets of rows; a long field has its own below it.
fn octets(rows: &[String]) -> Vec<u8> {
    let digits = rows.iter().filter_map(|row| {
        let words: Vec<&str> = row.split_whitespace().collect();
        match words[..] {
            [digits] => Some(digits),
            [_, _, "octets", ..] => None,
            [_, digits, ..] => Some(digits),
            [] => None,
        }
    });
    digits.flat_map(|digits| wire::value::hex::decode(digits.as_bytes()).expect("hexadecimal")).collect()
}

#[test]
fn each_octet_is_shown_once_and_in_order() {
    let stories =
        ["bootstrap-psk-and-register", "suite-null-sha", "suite-3des-sha", "signaling-only", "handover"];
    for story in stories.into_iter().chain(["attack-malformed-packets", "attack-forged-packets"]) {
        let shown = trees(story);
        assert!(shown.len() > 4, "{story}");
        for Shown { octets: [outside, inside], rows } in shown {
            let opened = rows.iter().position(|row| row == "    opened:");
            assert_eq!(opened.is_some(), !inside.is_empty(), "{story}: {rows:#?}");
            let (before, behind) = rows.split_at(opened.unwrap_or(rows.len()));
            assert_eq!(octets(before), outside, "{story}: {before:#?}");
            assert_eq!(octets(behind.get(1..).unwrap_or_default()), inside, "{story}: {behind:#?}");
        }
    }
}

#[test]
fn fields_have_their_names_and_values() {
    let shown = trees("suite-null-sha");
    let has = |at: usize, row: &str| {
        assert!(shown[at].rows.iter().any(|have| have == row), "{row}: {:#?}", shown[at].rows)
    };
    has(0, "    0000  8bbefab4  PType: 8, SPI: 197065396");
    has(0, "    0006  c91020010db8661800000000000000000002  Home Address: 2001:db8:6618::2");
    has(0, "    001a  05  MH Type: 5");
    has(0, "    0022  0096  Lifetime, units of 4 s: 150");
    has(0, "    0026  031020010db8000a00000000000000000001  care-of 2001:db8:a::1");
    has(0, "    003b  3c  Next Header: 60");
    has(2, "    0018  20010db800c000000000000000000001  Destination Address: 2001:db8:c0::1");
    assert!(!shown[0].rows.iter().any(|row| row.ends_with("  IV")), "the NULL suites have none");
}
