//! The exchange of a story, read out of TLS with the secrets in the capture.

use std::fs;
use std::path::{Path, PathBuf};

use dissect::conversation::{Credentials, Keys, Kind, Proof, Watch};
use dissect::{Associations, Event, Options, report, run};

fn story(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../captures").join(name)
}

fn capture() -> Vec<u8> {
    fs::read(story("bootstrap-psk-and-register").join("capture.pcapng")).expect("every story has a capture")
}

/// The keys in the files beside a capture.
pub(crate) fn credentials(story: &Path) -> Credentials {
    let mut credentials = psks(story);
    if let Ok(text) = fs::read(story.join("msk.txt")) {
        credentials.add_msks(&text).expect("lines of mn-id and hex digits");
    }
    credentials
}

fn psks(story: &Path) -> Credentials {
    let mut credentials = Credentials::default();
    let Ok(text) = fs::read(story.join("identities.json")) else { return credentials };
    let file: serde_json::Value = serde_json::from_slice(&text).expect("identities are JSON");
    for entry in file["identities"].as_array().expect("a list") {
        let text = |field: &str| entry[field].as_str().expect("a text").as_bytes().to_vec();
        let psk = wire::value::hex::decode(&text("psk")).expect("a key in hex");
        credentials.add_psk(&text("mn_id"), psk);
    }
    credentials
}

fn watching() -> Options {
    let credentials = credentials(&story("bootstrap-psk-and-register"));
    Options { watch: Watch { credentials, ..Watch::default() }, ..Options::default() }
}

#[test]
fn the_four_messages_are_read_and_their_auth_is_right() {
    let mut seen = Vec::new();
    run(&capture()[..], watching(), &mut |event| {
        if let Event::Message(message) = event {
            assert_eq!(message.findings, []);
            assert_eq!(message.unseen, []);
            seen.push((message.kind, message.proof));
        }
    });
    let right = Proof::Right(crypto::Profile::Rfc6618);
    assert_eq!(seen.len(), 4);
    assert_eq!(seen[0], (Kind::InitRequest, Proof::None));
    assert_eq!(seen[1], (Kind::InitResponse, right));
    assert_eq!(seen[2], (Kind::DoneRequest, right));
    assert_eq!(seen[3], (Kind::Final(Some(wire::value::Status::OK)), right));
}

#[test]
fn the_sa_of_the_bootstrap_opens_the_packets() {
    let found = report(&capture(), &watching());
    assert_eq!((found.counts.packets, found.counts.opened), (6, 6), "{found}");
    assert_eq!(found.findings().count(), 0, "{found}");
    let sa = fs::read_to_string(story("bootstrap-psk-and-register").join("sa.json")).expect("its SAs");
    let associations = Associations::from_json(&sa).expect("they are legal");
    let given = report(&capture(), &Options { associations, ..watching() });
    assert_eq!(found.to_string(), given.to_string(), "learnt or given, an SA is the same");
}

#[test]
fn without_a_key_auth_is_not_observable_and_that_is_said() {
    let found = report(&capture(), &Options::default());
    assert_eq!(found.findings().count(), 0, "{found}");
    let text = found.to_string();
    assert_eq!(text.matches("not observable: no key was given for this mn-id").count(), 3, "{text}");
}

#[test]
fn a_wrong_key_makes_every_auth_wrong() {
    let mut watch = Watch::default();
    let file = fs::read_to_string(story("bootstrap-psk-and-register").join("identities.json")).expect("text");
    let file: serde_json::Value = serde_json::from_str(&file).expect("JSON");
    let mn_id = file["identities"][0]["mn_id"].as_str().expect("text");
    watch.credentials.add_psk(mn_id.as_bytes(), vec![1; 32]);
    let found = report(&capture(), &Options { watch, ..Options::default() });
    let ids: Vec<_> = found.findings().map(|finding| finding.fault.requirement()).collect();
    assert!(ids.contains(&"rfc6618#5.8/auth-hac-to-mn"), "{ids:?}");
    assert!(ids.contains(&"rfc6618#5.8/auth-mn-to-hac"), "{ids:?}");
}

#[test]
fn the_tree_hides_keys_unless_told() {
    run(&capture()[..], watching(), &mut |event| {
        let Event::Message(message) = event else { return };
        let (hidden, shown) = (message.tree(Keys::Hidden).to_string(), message.tree(Keys::Shown).to_string());
        for header in message.lexed.iter().flat_map(|lexed| &lexed.headers) {
            let value = String::from_utf8(header.value.to_vec()).expect("ASCII");
            let is_secret = header.known().is_some_and(wire::param::Name::is_secret);
            assert!(shown.contains(&value), "{value}");
            assert_eq!(hidden.contains(&value), !is_secret, "{hidden}");
        }
        // Octets stand as they are, the ends of lines included.
        let octets =
            wire::escape::Escaped(message.octets.get(4..).expect("a container has a header")).to_string();
        let rows = shown.lines().filter_map(|row| row.split_once(" octets  "));
        assert_eq!(rows.map(|(_, line)| line).collect::<String>(), octets, "{shown}");
        assert!(hidden.is_ascii());
    });
}

/// The MSK is derived; the file beside the capture is not needed.
#[test]
fn with_the_psk_every_auth_of_eap_is_checked() {
    for name in ["bootstrap-eap-gpsk", "bootstrap-eap-md5", "refusal-wrong-eap-secret"] {
        let story = story(name);
        let capture = fs::read(story.join("capture.pcapng")).expect("every story has a capture");
        let mut proofs = Vec::new();
        let watch = Watch { credentials: psks(&story), ..Watch::default() };
        run(&capture[..], Options { watch, ..Options::default() }, &mut |event| {
            if let Event::Message(message) = event {
                assert_eq!((message.findings, message.unseen), (Vec::new(), Vec::new()), "{name}");
                proofs.push(message.proof);
            }
        });
        assert_eq!(proofs.len(), 8, "{name}");
        assert_eq!(proofs[0], Proof::None, "{name}");
        assert!(proofs[1..].iter().all(|proof| matches!(proof, Proof::Right(_))), "{name}: {proofs:?}");
    }
}
