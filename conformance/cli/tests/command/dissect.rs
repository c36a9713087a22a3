//! `mip6-conform dissect` on our own capture and on what is none.

use std::path::PathBuf;

use crate::place::{Folder, say};

fn story(file: &str) -> String {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../pcaps/captures/bootstrap-psk-and-register");
    folder.join(file).display().to_string()
}

#[test]
fn our_own_story_has_no_fault() {
    let said = say(&["dissect", &story("capture.pcapng"), "--sa", &story("sa.json")]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("Binding Update"), "{}", said.out);
}

#[test]
fn a_wrong_key_is_a_finding() {
    let folder = Folder::new("dissect-wrong-key");
    let keys = std::fs::read_to_string(story("sa.json")).expect("the story's SA");
    let at = keys.find("\"ikey\": \"").expect("an ikey") + "\"ikey\": \"".len();
    let other = if keys.as_bytes()[at] == b'0' { "1" } else { "0" };
    let sa = folder.write("sa.json", &[&keys[..at], other, &keys[at + 1..]].concat());
    let said = say(&["dissect", &story("capture.pcapng"), "--sa", &sa]);
    assert_eq!(said.exit, 1, "{}{}", said.out, said.err);
}

#[test]
fn what_is_no_capture_is_a_matter_of_usage() {
    let said = say(&["dissect", &story("story.toml")]);
    assert_eq!(said.exit, 2, "{}{}", said.out, said.err);
    assert!(said.err.contains("neither pcap nor pcapng"), "{}", said.err);
}

#[test]
fn a_port_without_packets_proves_nothing() {
    let said = say(&["dissect", &story("capture.pcapng"), "--port", "9"]);
    assert_eq!(said.exit, 6, "{}{}", said.out, said.err);
}
