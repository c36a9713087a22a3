//! `dissect --annotate`: what stock tools and we ourselves read in the capture that it writes.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::place::{Folder, conform, say};
use crate::missing::is_missing;

/// A comment on a frame, or a finding as one.
type Comment = (u64, String);

fn story(file: &str) -> String {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps/captures/bootstrap-psk-and-register");
    folder.join(file).into_os_string().into_string().expect("paths of the project are UTF-8")
}

/// Identities by which every `auth` of the story is wrong.
fn other_keys(folder: &Folder) -> String {
    let text = std::fs::read_to_string(story("identities.json")).expect("the story's identities");
    let other = text.replacen("42", "43", 1);
    assert_ne!(other, text, "the key is made of 42");
    folder.write("identities.json", &other)
}

fn records(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).expect("a line is a record")).collect()
}

fn findings(capture: &str, psk: &str) -> BTreeSet<Comment> {
    let said = say(&["dissect", capture, "--psk", psk, "--format", "ndjson"]);
    assert_eq!(said.exit, 1, "{}{}", said.out, said.err);
    let text = |record: &Value, field: &str| record[field].as_str().expect("a text").to_owned();
    records(&said.out)
        .iter()
        .filter(|record| record["type"] == "finding")
        .map(|record| {
            let text = format!("{}: {}", text(record, "requirement"), text(record, "says"));
            (record["frame"].as_u64().expect("a frame"), text)
        })
        .collect()
}

fn annotated(folder: &Folder) -> (String, String) {
    let (out, psk) = (folder.path("annotated.pcapng"), other_keys(folder));
    let said = say(&["dissect", &story("capture.pcapng"), "--psk", &psk, "--annotate", &out]);
    assert_eq!((said.exit, said.err.as_str()), (1, ""), "{}", said.out);
    (out, psk)
}

#[test]
fn the_copy_says_the_same_and_shows_its_comments() {
    let folder = Folder::new("annotate-again");
    let (out, psk) = annotated(&folder);
    let found = findings(&story("capture.pcapng"), &psk);
    assert!(found.len() >= 3, "every auth is wrong: {found:?}");
    assert_eq!(findings(&out, &psk), found);
    let said = say(&["dissect", &out, "--psk", &psk]);
    for (frame, text) in &found {
        assert!(said.out.contains(&format!("* frame {frame}: comment: {text}\n")), "{}", said.out);
    }
}

#[test]
fn tshark_shows_each_finding_at_its_frame() {
    if is_missing("tshark", Command::new("tshark").arg("--version")) {
        return;
    }
    let folder = Folder::new("annotate-tshark");
    let (out, psk) = annotated(&folder);
    let mut tshark = Command::new("tshark");
    tshark.args(["-n", "-r", &out, "-Y", "frame.comment", "-T", "json", "-e", "frame.number"]);
    let output = tshark.args(["-e", "frame.comment"]).output().expect("tshark was there a moment ago");
    let shown: Value = serde_json::from_slice(&output.stdout).expect("tshark writes JSON");
    let mut comments = BTreeSet::new();
    for frame in shown.as_array().expect("a list") {
        let layers = &frame["_source"]["layers"];
        let number = layers["frame.number"][0].as_str().and_then(|number| number.parse().ok());
        for text in layers["frame.comment"].as_array().expect("its comments") {
            comments.insert((number.expect("a number"), text.as_str().expect("a text").to_owned()));
        }
    }
    assert_eq!(comments, findings(&story("capture.pcapng"), &psk));
}

#[test]
fn a_pipe_is_annotated_too() {
    let folder = Folder::new("annotate-pipe");
    let (out, psk) = annotated(&folder);
    let piped = folder.path("piped.pcapng");
    let capture = std::fs::read(story("capture.pcapng")).expect("the story's capture");
    let mut command = conform(&["dissect", "-", "--psk", &psk, "--annotate", &piped]);
    let output = command.write_stdin(capture).output().expect("the program starts and ends in time");
    assert_eq!(output.status.code(), Some(1));
    assert!(std::fs::read(&piped).expect("it was written") == std::fs::read(&out).expect("it was written"));
    assert!(!Path::new(&format!("{piped}.part")).exists(), "what was kept meanwhile is gone");
}

#[test]
fn the_capture_itself_is_never_overwritten() {
    let folder = Folder::new("annotate-itself");
    let capture = folder.path("capture.pcapng");
    std::fs::copy(story("capture.pcapng"), &capture).expect("the folder is ours");
    let [link, keys, new] = ["link.pcapng", "identities.json", "new"].map(|name| folder.path(name));
    std::fs::hard_link(&capture, &link).expect("the folder is ours");
    std::fs::copy(story("identities.json"), &keys).expect("the folder is ours");
    let rows = [
        ["--annotate", &capture, "--psk", &keys],
        ["--write", &capture, "--psk", &keys],
        ["--trace", &capture, "--psk", &keys],
        ["--write", &link, "--psk", &keys],
        ["--write", &keys, "--psk", &keys],
        ["--write", &new, "--annotate", &new],
    ];
    for row in rows {
        let said = say(&[&["dissect", &capture][..], &row].concat());
        assert_eq!(said.exit, 2, "{row:?}: {}{}", said.out, said.err);
        assert!(said.err.contains("would overwrite it; name another file"), "{row:?}: {}", said.err);
        for name in ["capture.pcapng", "identities.json"] {
            let same = std::fs::read(folder.path(name)).expect("it is still there");
            assert!(same == std::fs::read(story(name)).expect("the story's own"), "{row:?}: {name}");
        }
    }
}
