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
    let said = say(&["dissect", &story("capture.pcapng"), "--psk", &story("identities.json")]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("Binding Update"), "{}", said.out);
    assert!(!said.out.contains("ot judged"), "{}", said.out);
}

/// Nobody finds a fault in what nobody could read: that is no reason to be content.
#[test]
fn what_could_not_be_judged_is_told_and_is_not_green() {
    let said = say(&["dissect", &story("capture.pcapng")]);
    assert_eq!(said.exit, 6, "{}{}", said.out, said.err);
    assert!(said.out.contains("\n  3 matters between MN and HAC that are not observable: "), "{}", said.out);
    let folder = Folder::new("dissect-no-keys");
    let file = folder.path("capture.pcapng");
    std::fs::write(&file, without_secrets()).expect("the folder is ours");
    let said = say(&["dissect", &file]);
    assert_eq!(said.exit, 6, "{}{}", said.out, said.err);
    assert!(
        said.out.ends_with(
            "Incomplete (exit status 6). Not judged:\n  \
         6 packets without keys: --sa gives SAs, --keylog opens the exchange that hands them out\n"
        ),
        "{}",
        said.out
    );
    let said = say(&["dissect", &file, "--format", "html"]);
    assert_eq!(said.exit, 6, "{}{}", said.out, said.err);
    assert!(
        !said.out.contains("class=\"good\"") && said.out.contains("6 packets without keys"),
        "{}",
        said.out
    );
    let said = say(&["dissect", &file, "--sa", &story("sa.json")]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
}

/// Frames of a link that is not read must not pass for a capture without packets of ours.
#[test]
fn a_link_type_that_is_not_read_is_told() {
    let folder = Folder::new("dissect-link");
    let capture = folder.path("usb.pcap");
    let mut octets = keepalive();
    octets[23] = 220;
    std::fs::write(&capture, octets).expect("the folder is ours");
    let said = say(&["dissect", &capture]);
    assert_eq!(said.exit, 6, "{}{}", said.out, said.err);
    assert!(said.out.contains("\n  1 frame of a link type that is not read: "), "{}", said.out);
}

/// The story's capture, its block of TLS secrets being of a kind that nobody knows.
fn without_secrets() -> Vec<u8> {
    let mut capture = std::fs::read(story("capture.pcapng")).expect("the story's capture");
    let secrets = capture.windows(4).position(|word| word == b"KSLT").expect("a block of TLS secrets");
    capture[secrets..secrets + 4].fill(0);
    capture
}

#[test]
fn a_wrong_key_is_a_finding() {
    let folder = Folder::new("dissect-wrong-key");
    let keys = std::fs::read_to_string(story("sa.json")).expect("the story's SA");
    let at = keys.find("\"ikey\": \"").expect("an ikey") + "\"ikey\": \"".len();
    let other = if keys.as_bytes()[at] == b'0' { "1" } else { "0" };
    let sa = folder.write("sa.json", &[&keys[..at], other, &keys[at + 1..]].concat());
    // With the TLS secrets in it, the capture would tell the right one itself.
    let file = folder.path("capture.pcapng");
    std::fs::write(&file, without_secrets()).expect("the folder is ours");
    let said = say(&["dissect", &file, "--sa", &sa]);
    assert_eq!(said.exit, 1, "{}{}", said.out, said.err);
}

/// Taps that see a packet twice, and networks that double one, are no fault of either end.
#[test]
fn a_copy_is_a_warning_and_no_failure() {
    let [capture, keys] =
        ["capture.pcapng", "identities.json"].map(|file| story(&format!("../attack-replay/{file}")));
    let said = say(&["dissect", &capture, "--psk", &keys]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("  ~ frame 17: rfc6618#6.1/sequence-detects-repeats: a copy of frame 15"));
    let said = say(&["dissect", &capture, "--psk", &keys, "--format", "ndjson"]);
    let warnings = said.out.lines().filter(|line| line.contains(r#""verdict":"WARN""#)).count();
    assert_eq!(warnings, 2, "{}", said.out);
}

#[test]
fn what_is_no_capture_is_a_matter_of_usage() {
    let said = say(&["dissect", &story("story.toml")]);
    assert_eq!(said.exit, 2, "{}{}", said.out, said.err);
    assert!(said.err.contains("neither pcap nor pcapng"), "{}", said.err);
}

/// Whoever has a capture in another wrapping is told how to get it out.
#[test]
fn what_can_be_made_a_capture_is_told_how() {
    let folder = Folder::new("dissect-foreign");
    for (name, octets, told) in [
        ("a.xz", &b"\xfd7zXZ\0"[..], "`xz -dc FILE | mip6-conform dissect -`"),
        ("a.bz2", b"BZh91AY&SY", "`bzip2 -dc FILE"),
        ("a.snoop", b"snoop\0\0\0", "`editcap FILE OUT.pcapng`"),
    ] {
        let file = folder.path(name);
        std::fs::write(&file, octets).expect("the folder is ours");
        let said = say(&["dissect", &file]);
        assert_eq!(said.exit, 2, "{}{}", said.out, said.err);
        assert!(said.err.contains(told), "{}", said.err);
    }
    let empty = folder.write("empty.pcap", "");
    let said = say(&["dissect", &empty]);
    assert_eq!(said.exit, 6, "{}{}", said.out, said.err);
    assert!(said.out.contains("not read to its end: it is empty"), "{}", said.out);
}

/// A capture of one packet over raw IP, from port 40000 to port 7872: a keepalive.
fn keepalive() -> Vec<u8> {
    let header = [0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 101];
    let record = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 29, 0, 0, 0, 29];
    let ip = [0x45, 0, 0, 29, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 198, 51, 100, 1];
    let udp = [0x9c, 0x40, 0x1e, 0xc0, 0, 9, 0, 0, 0xff];
    [&header[..], &record, &ip, &udp].concat()
}

#[test]
fn a_port_without_packets_proves_nothing() {
    let folder = Folder::new("dissect-port");
    let capture = folder.path("keepalive.pcap");
    std::fs::write(&capture, keepalive()).expect("the folder is ours");
    let said = say(&["dissect", &capture]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    let said = say(&["dissect", &capture, "--port", "9"]);
    assert_eq!(said.exit, 6, "{}{}", said.out, said.err);
}

#[test]
fn several_captures_earn_the_worst_exit() {
    let folder = Folder::new("dissect-several");
    let [whole, cut] = ["whole.pcap", "cut.pcap"].map(|name| folder.path(name));
    std::fs::write(&whole, keepalive()).expect("the folder is ours");
    std::fs::write(&cut, &keepalive()[..60]).expect("the folder is ours");
    let said = say(&["dissect", &whole, &cut]);
    assert_eq!(said.exit, 6, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("1 packet between") && said.out.contains("not read to its end"),
        "{}",
        said.out
    );
}

#[test]
fn a_copy_is_the_capture() {
    let folder = Folder::new("dissect-copy");
    let [capture, copy] = ["capture.pcap", "copy.pcap"].map(|name| folder.path(name));
    std::fs::write(&capture, keepalive()).expect("the folder is ours");
    let said = say(&["dissect", &capture, "-w", &copy]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    assert_eq!(std::fs::read(&copy).expect("the copy"), keepalive());
}
