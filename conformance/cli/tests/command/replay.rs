//! `mip6-conform replay`: a trace is said again over real sockets, and the answers are judged.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::place::{Folder, Reference, Said, say};

fn shipped(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps/traces").join(name);
    file.into_os_string().into_string().expect("paths of the project are UTF-8")
}

fn replay(reference: &Reference, trace: &str, words: &[&str]) -> Said {
    let (target, identities, ca) = reference.files();
    let own = ["replay", trace, "--target", &target, "--identities", &identities, "--ca", &ca];
    say(&[&own[..], &["--cn", "2001:db8:c0::1"], words].concat())
}

#[test]
fn an_honest_trace_is_judged_by_the_cases_of_the_suite() {
    let reference = Reference::start("replay-honest");
    let report = reference.folder.path("report.json");
    let to_file = format!("json={report}");
    let said = replay(&reference, &shipped("bootstrap-and-register.json"), &["--report", &to_file]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    for words in ["trace bootstrap-and-register of 11 steps", "anew", "mn-rand (step 1, 3)", "(exit 0)"] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    let report: Value = serde_json::from_str(&reference.folder.read("report.json")).expect("a report");
    let verdict = |id: &str| {
        let cases = report["cases"].as_array().expect("rows");
        cases.iter().find(|case| case["id"] == id).map(|case| case["verdict"].clone())
    };
    assert_eq!(verdict("replay/bootstrap-and-register/step-6"), Some("PASS".into()), "{report}");
    assert_eq!(
        verdict("rfc6618/5.3/response-copies-identifier").or(verdict("rfc6618/6.3/ack-lifetime")),
        Some("PASS".into())
    );
}

#[test]
fn what_is_refused_now_and_was_accepted_then_is_told() {
    let reference = Reference::start("replay-differs");
    let text = fs::read_to_string(shipped("auth-under-the-other-label.json")).expect("a trace that we ship");
    let accepted = text.replace(r#""status": "401""#, r#""status": "200", "sa_data": true"#);
    let trace = reference.folder.write("trace.json", &accepted);
    let said = replay(&reference, &trace, &[]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    let words = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "step 4 the trace holds status-code 200 with SA data; now it was status-code 401";
    assert!(words.contains(told), "{}", said.out);
}

#[test]
fn what_cannot_be_played_is_told_before_anybody_is_called() {
    let folder = Folder::new("replay-lint");
    let trace = |steps: &str| {
        format!(r#"{{"schema": "mip6-conform/trace/1", "name": "t", "story": "", "steps": [{steps}]}}"#)
    };
    for (steps, complaint) in [
        (
            r#"{"request": {"identifier": 1, "headers": ["auth:<auht>"]}}"#,
            "step 1: <auht> stands for nothing",
        ),
        (r#"{"response": {"identifier": 1}}"#, "nothing is sent"),
        (r#"{"octets": "0"}"#, "step 1: octets is not hex"),
        (r#"{"knock": 1}"#, "unknown field `knock`"),
        (
            r#"{"packet": {"ptype": 16, "sequence": 0, "carries": {"echo-request": {"sequence": 1}}}}"#,
            "ptype is 16",
        ),
    ] {
        let file = folder.write("trace.json", &trace(steps));
        let said = say(&["replay", &file, "--target", "127.0.0.1:1"]);
        assert_eq!(said.exit, 2, "{steps}: {}", said.out);
        assert!(said.err.contains(complaint), "{complaint}: {}", said.err);
    }
}

fn stories() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps/captures")
}

fn story(name: &str, file: &str) -> String {
    let file = stories().join(name).join(file);
    file.into_os_string().into_string().expect("paths of the project are UTF-8")
}

#[test]
fn a_capture_is_played_without_a_trace_in_between() {
    let reference = Reference::start("replay-capture");
    let keys = story("rekey", "identities.json");
    let capture = story("rekey", "capture.pcapng");
    let said = replay(&reference, &capture, &["--psk", &keys, "--mn-id", "mn1@conform.example"]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    // The MN bootstraps twice.
    for words in ["trace capture of 18 steps, 2 connections", "(exit 0)"] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    let said = replay(&reference, &capture, &["--psk", &keys, "--mn-id", "nobody@conform.example"]);
    assert_eq!(said.exit, 2, "{}", said.out);
    assert!(said.err.contains("no MN speaks in this capture"), "{}", said.err);
}

#[test]
fn a_capture_of_eap_is_played_with_eap_made_anew() {
    let reference = Reference::start("replay-eap");
    let (keys, msk) =
        (story("bootstrap-eap-gpsk", "identities.json"), story("bootstrap-eap-gpsk", "msk.txt"));
    let capture = story("bootstrap-eap-gpsk", "capture.pcapng");
    let said = replay(&reference, &capture, &["--psk", &keys, "--msk", &msk]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("eap-payload (step 3, 5, 7)"), "{}", said.out);
}

#[test]
fn what_is_neither_trace_nor_capture_is_told() {
    let said = say(&["replay", &story("rekey", "story.toml"), "--target", "127.0.0.1:1"]);
    assert_eq!(said.exit, 2, "{}", said.out);
    assert!(said.err.contains("neither a trace (JSON) nor a capture"), "{}", said.err);
}

#[test]
fn the_traces_of_the_stories_are_what_dissect_writes_today() {
    let folder = Folder::new("traces-of-stories");
    for entry in fs::read_dir(stories()).expect("the stories") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        let trace = folder.path(&format!("{name}.json"));
        let keys = story(&name, "identities.json");
        let capture = story(&name, "capture.pcapng");
        let mut words = vec!["dissect", &capture, "--psk", &keys, "--trace", &trace];
        let msk = story(&name, "msk.txt");
        if Path::new(&msk).is_file() {
            words.extend(["--msk", &msk]);
        }
        let said = say(&words);
        assert!([0, 1].contains(&said.exit), "{name}: {}", said.err);
        let shipped = fs::read_to_string(shipped(&format!("{name}.json")));
        let hint = "cargo xtask captures writes it";
        assert!(shipped.is_ok(), "{name} has no trace: {hint}");
        assert_eq!(shipped.ok(), fs::read_to_string(&trace).ok(), "{name}: {hint}");
    }
}

#[test]
fn traces_are_made_from_seeds_and_vectors_and_played() {
    let reference = Reference::start("replay-made");
    let once = say(&["trace", "--seed", "7"]);
    assert_eq!((once.exit, &once.out), (0, &say(&["trace", "--seed", "7"]).out), "{}", once.err);
    let trace = reference.folder.write("seven.json", &once.out);
    let said = replay(&reference, &trace, &[]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);

    let (folder, messages) = (reference.folder.path("vectors"), vectors("message.json"));
    let said = say(&["trace", "--vectors", &messages, "--into", &folder]);
    assert_eq!(said.exit, 0, "{}", said.err);
    let trace = format!("{folder}/message-psk-init-request-no-mn-id.json");
    let said = replay(&reference, &trace, &[]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
}

fn vectors(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/rfc6618").join(name);
    file.into_os_string().into_string().expect("paths of the project are UTF-8")
}

#[test]
fn each_mn_needs_an_identity_of_its_own() {
    let reference = Reference::start("replay-identities");
    let mut known: Value = serde_json::from_str(&reference.folder.read("ids.json")).expect("identities");
    known["identities"].as_array_mut().expect("a list").truncate(1);
    let one = reference.folder.write("one.json", &known.to_string());
    let (target, _, ca) = reference.files();
    let trace = shipped("two-mns-at-once.json");
    let said = say(&["replay", &trace, "--target", &target, "--identities", &one, "--ca", &ca]);
    assert_eq!(said.exit, 3, "{}{}", said.out, said.err);
    for words in ["2 MNs speak in the trace", "provision --count 2"] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
}

#[test]
fn a_trace_is_checked_without_a_target() {
    let folder = Folder::new("trace-check");
    let said = say(&["trace", "--check", &shipped("rekey.json"), &shipped("two-mns-at-once.json")]);
    assert_eq!(said.exit, 0, "{}", said.err);
    for told in ["rekey.json: 18 steps, 2 connections: ", "two-mns-at-once.json: 20 steps, 2 MNs: "] {
        assert!(said.out.contains(told), "{told}: {}", said.out);
    }
    let text = fs::read_to_string(shipped("rekey.json")).expect("a trace that we ship");
    for (from, to, complaint) in [
        (r#""connection": 2"#, r#""connection": 0"#, "step 9: connections are counted from 1"),
        (r#""connection": 2"#, r#""connection": 1"#, "step 9: a request behind packets"),
        (r#""connection": 2"#, r#""mn": "A", "connection": 2"#, "step 9: mn needs lower-case letters"),
        (r#""response": {"#, r#""closed": "hac", "response": {"#, "a step is one of request, octets,"),
    ] {
        let file = folder.write("edited.json", &text.replace(from, to));
        let said = say(&["trace", "--check", &file, &shipped("rekey.json")]);
        assert_eq!(said.exit, 2, "{complaint}: {}", said.out);
        assert!(said.err.contains(complaint), "{complaint}: {}", said.err);
        assert!(said.out.contains("rekey.json: 18 steps"), "the others are checked: {}", said.out);
    }
}

#[test]
fn what_is_written_by_hand_is_what_the_schema_says() {
    let schema: Value = serde_json::from_str(&say(&["schema", "trace"]).out).expect("a schema");
    let schema = jsonschema::validator_for(&schema).expect("a schema that can be used");
    for entry in fs::read_dir(shipped("")).expect("the traces") {
        let file = entry.expect("an entry").path();
        let trace = serde_json::from_str(&fs::read_to_string(&file).expect("a file")).expect("JSON");
        assert!(schema.is_valid(&trace), "{}", file.display());
    }
    let two_in_one = r#"{"schema": "mip6-conform/trace/1", "name": "t", "story": "",
        "steps": [{"closed": "mn", "octets": "00"}]}"#;
    assert!(!schema.is_valid(&serde_json::from_str(two_in_one).expect("JSON")));
}

#[test]
fn a_trace_that_cannot_be_made_is_told() {
    for (words, told) in [
        (&["--fault", "wrong-icw"][..], "the nearest is wrong-icv"),
        (&["--count", "2"], "more than one trace needs --into DIR"),
        (&["--vectors", &vectors("packet.json")], "the group packet; need message"),
    ] {
        let said = say(&[&["trace"], words].concat());
        assert_eq!(said.exit, 2, "{words:?}: {}", said.out);
        assert!(said.err.contains(told), "{words:?}: {}", said.err);
    }
}
