//! `mip6-conform dissect` for machines and people: JSON by its schema, lines, a page, filters, a trace that plays.

use std::path::Path;

use serde_json::Value;

use super::place::{Folder, Reference, Said, say};

fn story() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../pcaps/captures/bootstrap-psk-and-register/capture.pcapng");
    file.into_os_string().into_string().expect("paths of the project are UTF-8")
}

fn dissect(words: &[&str]) -> Said {
    let keys = Path::new(&story()).with_file_name("identities.json").display().to_string();
    let said = say(&[&["dissect", &story(), "--psk", &keys], words].concat());
    assert_eq!(said.exit, 0, "{words:?}: {}{}", said.out, said.err);
    said
}

fn records(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a line is a record")).collect()
}

#[test]
fn a_document_is_by_its_schema_and_holds_the_records_of_the_lines() {
    let document: Value = serde_json::from_str(&dissect(&["--format", "json"]).out).expect("JSON");
    let schema: Value = serde_json::from_str(&say(&["schema", "dissection"]).out).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let complaints: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    let lines = records(&dissect(&["--format", "ndjson"]).out);
    assert_eq!(document["records"].as_array(), Some(&lines));
    let summary = lines.last().expect("a summary");
    assert_eq!((&summary["messages"], &summary["opened"]), (&Value::from(4), &Value::from(6)), "{summary}");
}

#[test]
fn no_key_is_in_a_record() {
    let lines = records(&dissect(&["--format", "ndjson"]).out);
    let headers = lines.iter().filter_map(|line| line["headers"].as_array()).flatten();
    let keys: Vec<&Value> =
        headers.filter(|header| header["name"].as_str().is_some_and(|name| name.ends_with("key"))).collect();
    assert_eq!(keys.len(), 4, "a grant has four");
    assert!(keys.iter().all(|key| key.get("value").is_none()), "{keys:?}");
}

#[test]
fn a_filter_keeps_what_has_it() {
    let kept = |filters: &[&str]| {
        let words: Vec<&str> = filters.iter().flat_map(|filter| ["--filter", filter]).collect();
        let said = dissect(&[&["--format", "ndjson"], &words[..]].concat());
        let lines = records(&said.out);
        let told = |line: &&Value| line["type"] == "message" || line["type"] == "packet";
        lines.iter().filter(told).map(|line| line["frame"].as_u64().expect("a frame")).collect::<Vec<_>>()
    };
    const NOTHING: [u64; 0] = [];
    let everything = [6, 7, 8, 9, 11, 14, 15, 16, 17, 18];
    assert_eq!(kept(&[]), everything);
    assert_eq!(kept(&["mn-id=mn1@conform.example"]), everything);
    assert_eq!(kept(&["mn-id=nobody@conform.example"]), NOTHING);
    assert_eq!(kept(&["by=hac"]), [7, 9]);
    assert_eq!(kept(&["by=hac", "by=ha"]), [7, 9, 14, 16, 18]);
    assert_eq!(kept(&["by=mn", "kind=binding-update"]), [11, 17]);
    assert_eq!(kept(&["finding=*"]), NOTHING);
    for (filter, told) in
        [("spi", "KEY=VALUE"), ("colour=red", "mn-id"), ("spi=x", "no SPI"), ("by=cn", "mn, hac, ha")]
    {
        let said = say(&["dissect", &story(), "--filter", filter]);
        assert_eq!(said.exit, 2, "{filter}");
        assert!(said.err.contains(told), "{filter}: {}", said.err);
    }
}

#[test]
fn several_captures_are_no_one_document() {
    for format in ["json", "html"] {
        let said = say(&["dissect", &story(), &story(), "--format", format]);
        assert_eq!((said.exit, said.out.as_str()), (2, ""), "{format}");
        assert!(said.err.contains("needs a single FILE; ndjson takes several"), "{}", said.err);
    }
    let lines = records(&say(&["dissect", &story(), &story(), "--format", "ndjson"]).out);
    assert_eq!(lines.iter().filter(|line| line["type"] == "capture").count(), 2);
}

#[test]
fn a_filter_that_keeps_nothing_says_what_there_is() {
    let said = dissect(&["--filter", "kind=binding-updates", "--filter", "mn-id=mn1"]);
    let kinds = "binding-acknowledgement, binding-update, done-request, final, init-request, init-response, user-data";
    let told = format!(
        "--filter keeps none of 10 messages, packets and remarks; kind here: {kinds}; mn-id here: mn1@conform.example\n"
    );
    assert!(said.err.starts_with("note: ") && said.err.ends_with(&told), "{}", said.err);
    assert_eq!(dissect(&["--filter", "kind=binding-update"]).err, "");
}

#[test]
fn a_page_shows_each_rung_once() {
    let page = dissect(&["--format", "html"]).out;
    assert!(page.contains("Nothing wrong was found."), "{page}");
    for frame in [6, 7, 8, 9, 11, 14, 15, 16, 17, 18] {
        assert_eq!(page.matches(&format!("id=\"f{frame}\"")).count(), 1, "frame {frame}");
    }
    assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
}

/// A copy of a packet is nobody's failure, and what nobody could judge is not passed over.
#[test]
fn a_page_tells_warnings_and_what_is_not_observable() {
    let capture = Path::new(&story()).with_file_name("../attack-replay/capture.pcapng").display().to_string();
    let page = say(&["dissect", &capture, "--format", "html"]).out;
    assert!(page.contains(">2 findings, of them warnings: 2.</p>"), "{page}");
    assert!(page.contains(">WARN</td>") && !page.contains(">FAIL</td>"), "{page}");
    assert!(page.contains("<h2>Not observable</h2>"), "{page}");
    assert!(page.contains("<code>rfc6618#5.8/auth-hac-to-mn</code></td><td>no key was given"), "{page}");
}

#[test]
fn what_a_capture_shows_can_be_said_again() {
    let folder = Folder::new("dissect-trace");
    let trace = folder.path("field-failure.json");
    // Without the key nobody can tell whether the MN's auth was right.
    let said = say(&["dissect", &story(), "--trace", &trace]);
    assert_eq!(said.exit, 6, "{}{}", said.out, said.err);
    assert!(said.err.contains("auth is taken to be right"), "{}", said.err);
    let reference = Reference::start("dissect-trace-target");
    let (target, identities, ca) = reference.files();
    let own = ["replay", &trace, "--target", &target, "--identities", &identities, "--ca", &ca];
    let said = say(&[&own[..], &["--cn", "2001:db8:c0::1"]].concat());
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    assert!(!said.out.contains("the trace holds"), "answered otherwise: {}", said.out);
}
