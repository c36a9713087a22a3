//! Every capture in `pcaps/captures`, read by stock tshark with our plug-in in Lua: an independent third reading, beside
//! the machines that made the octets and our own dissection.

#[path = "tools/missing.rs"]
mod missing;
mod tshark_stories {
    pub(crate) mod dissection;
    pub(crate) mod plug_in;
}

use std::fs;
use std::path::{Path, PathBuf};

use tshark_stories::dissection::{Message, Packet, dissection};
use tshark_stories::plug_in::{Fault, Row, is_missing, rows};

/// Octets of a container before its Content.
const CONTAINER_HEADER: usize = 4;

/// Octets of a packet before its IV, and of its ICV.
const PACKET_HEADER: usize = 8;
const ICV: usize = 12;

/// What the plug-in marks, and what our dissection names there.
const SAME_FAULTS: [(Fault, &str); 6] = [
    ("mip6tls.fault.ptype", "rfc6618#8.1/ptype-values"),
    ("mip6tls.fault.plain_spi", "rfc6618#6.4/plain-spi-and-sequence-zero"),
    ("mip6tls.fault.plain_seq", "rfc6618#6.4/plain-spi-and-sequence-zero"),
    // What is behind a PType that somebody changed is no IP packet either.
    ("mip6tls.fault.inner", "rfc6618#6.4/plain-spi-and-sequence-zero"),
    ("mip6tls.fault.no_spi", "rfc6618#6.2/spi-zero-needs-ptype-zero"),
    ("mip6tls.fault.short", "rfc6618#6.4/protected-layout"),
];

fn stories() -> Vec<PathBuf> {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps/captures");
    let entries = fs::read_dir(captures).expect("the captures are part of the checkout");
    let mut stories: Vec<_> = entries.map(|entry| entry.expect("a folder can be read").path()).collect();
    stories.retain(|path| path.is_dir());
    stories.sort();
    assert!(!stories.is_empty());
    stories
}

#[test]
fn containers_and_their_headers_are_read_alike() {
    if is_missing() {
        return;
    }
    for story in stories() {
        let ours = dissection(&story).messages;
        let theirs: Vec<Row> = rows(&story).into_iter().filter(|row| !row.identifier.is_empty()).collect();
        assert_eq!(ours.len(), theirs.len(), "{}: messages", story.display());
        for (ours, theirs) in ours.iter().zip(&theirs) {
            same_message(&story, ours, theirs);
        }
    }
}

fn same_message(story: &Path, ours: &Message, theirs: &Row) {
    let what = format!("{}, frame {}: {ours:?} {theirs:?}", story.display(), ours.frame);
    assert_eq!(ours.frame, theirs.frame, "{what}");
    assert_eq!(ours.identifier.to_string(), theirs.identifier, "{what}");
    assert_eq!(ours.status.clone().unwrap_or_default(), theirs.status, "{what}");
    assert_eq!(ours.headers.len(), theirs.names.len(), "{what}");
    assert_eq!(ours.headers.len(), theirs.values.len(), "{what}");
    for (header, (name, value)) in ours.headers.iter().zip(theirs.names.iter().zip(&theirs.values)) {
        assert_eq!(&header.name, name, "{what}");
        // Keys are not told by our dissection; how long they are is.
        assert_eq!(header.value.as_ref().unwrap_or(value), value, "{what}");
        assert_eq!(header.length, name.len() + ":".len() + value.len() + "\r\n".len(), "{what}");
    }
    // Two empty lines end an honest message, and the container with it.
    let end = ours.headers.last().map(|header| header.offset + header.length).expect("headers");
    assert_eq!((end - CONTAINER_HEADER + "\r\n\r\n".len()).to_string(), theirs.length, "{what}");
}

#[test]
fn packets_are_read_alike() {
    if is_missing() {
        return;
    }
    for story in stories() {
        let ours = dissection(&story);
        let theirs: Vec<Row> = rows(&story).into_iter().filter(|row| !row.ptype.is_empty()).collect();
        assert_eq!(ours.packets.len(), theirs.len(), "{}: packets", story.display());
        for (packet, row) in ours.packets.iter().zip(&theirs) {
            same_packet(&story, packet, row, ours.iv_octets);
        }
    }
}

fn same_packet(story: &Path, ours: &Packet, theirs: &Row, iv_octets: usize) {
    let what = format!("{}, frame {}: {ours:?} {theirs:?}", story.display(), ours.frame);
    assert_eq!(ours.frame, theirs.frame, "{what}");
    assert_eq!(ours.ptype.to_string(), theirs.ptype, "{what}");
    assert_eq!(ours.sequence.to_string(), theirs.sequence, "{what}");
    assert_eq!(format!("{:#010x}", ours.spi), theirs.spi, "{what}");
    let marked = &theirs.faults;
    let named = |requirement: &str| ours.requirements.iter().any(|id| id == requirement);
    for (fault, requirement) in SAME_FAULTS {
        assert!(!marked.contains(&fault) || named(requirement), "{fault} is marked by tshark alone; {what}");
    }
    let is_known = |fault: &&Fault| SAME_FAULTS.iter().any(|(known, _)| known == *fault);
    assert_eq!(marked.iter().find(|fault| !is_known(fault)), None, "{what}");
    let is_protected = matches!(ours.ptype, 1 | 8) && !marked.contains(&"mip6tls.fault.short");
    let [iv, icv] = if is_protected { [iv_octets, ICV] } else { [0, 0] };
    assert_eq!([theirs.iv.len() / 2, theirs.icv.len() / 2], [iv, icv], "{what}");
    if is_protected {
        assert_eq!(PACKET_HEADER + iv + theirs.ciphertext.len() / 2 + icv, theirs.datagram, "{what}");
    }
}

#[test]
fn what_no_rule_allows_is_marked_by_both() {
    if is_missing() {
        return;
    }
    let story = stories().into_iter().find(|story| story.ends_with("attack-malformed-packets"));
    let marked: Vec<Fault> =
        rows(&story.expect("a story of faults")).into_iter().flat_map(|row| row.faults).collect();
    for (fault, _) in SAME_FAULTS {
        assert!(marked.contains(&fault), "{fault} is not among {marked:?}");
    }
}
