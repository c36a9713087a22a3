//! The vectors keep their own rules: schema, ids, counts, hex, flags; and every file fits its types.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Registry;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Members that hold octets, wherever they stand.
const HEX: [&str; 17] = [
    "auth",
    "binding",
    "certificate",
    "certificate_hash",
    "ciphertext",
    "content",
    "data",
    "ekey",
    "icv",
    "ikey",
    "input",
    "iv",
    "key",
    "mac",
    "message",
    "plaintext",
    "psk",
];

#[test]
fn every_file_at_hand_is_embedded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let at_hand: BTreeSet<_> = ["rfc6618", "primitives"]
        .iter()
        .flat_map(|name| json_files(&folder.join(name)))
        .map(|path| path.strip_prefix(folder).expect("found below it").display().to_string())
        .collect();
    let embedded: BTreeSet<_> = vectors::FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(at_hand, embedded);
}

#[test]
fn the_sums_are_right() {
    let mut files = vectors::FILES;
    files.sort_unstable();
    let hex =
        |text: &str| -> String { Sha256::digest(text).iter().map(|octet| format!("{octet:02x}")).collect() };
    let sums: String = files.iter().map(|(path, text)| format!("{}  {path}\n", hex(text))).collect();
    assert_eq!(sums, include_str!("../SHA256SUMS"), "a row was changed by hand: python3 -m generate");
}

/// Two authors: what verifies the rows takes nothing from what makes them.
#[test]
fn the_verifier_imports_nothing_of_the_generator() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("verify");
    let mut lines = 0;
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "py") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("text");
        let imports = text.lines().map(str::trim).filter(|line| {
            line.starts_with("import ") || (line.starts_with("from ") && line.contains(" import "))
        });
        for line in imports {
            assert!(!line.contains("generate"), "{}: {line}", path.display());
            lines += 1;
        }
    }
    assert!(lines > 10, "only {lines} imports read");
}

#[test]
fn every_file_fits_its_schema() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let common = parsed(&fs::read_to_string(folder.join("common.schema.json")).expect("the shared schema"));
    let registry = Registry::new()
        .add("json-schema:///common.schema.json", common)
        .and_then(jsonschema::RegistryBuilder::prepare)
        .expect("the shared schema is one");
    for (path, document) in documents() {
        let name = text(&document, "schema");
        let schema = parsed(&fs::read_to_string(folder.join(name)).expect(name));
        let validator = jsonschema::options().with_registry(&registry).build(&schema).expect(name);
        let first = validator.iter_errors(&document).next().map(|error| error.to_string());
        assert_eq!(first, None, "{path}");
        let mut broken = document.clone();
        broken["tests"][0]["surprise"] = Value::Bool(true);
        assert!(!validator.is_valid(&broken), "{path}: its schema lets unknown members pass");
    }
}

#[test]
fn ids_are_unique_and_begin_with_the_group() {
    let mut seen = BTreeSet::new();
    for (path, document) in documents() {
        let group = text(&document, "group");
        assert!(path.ends_with(&format!("/{group}.json")), "{path} holds {group}");
        for row in rows(&document) {
            let id = text(row, "id");
            assert!(id.starts_with(&format!("{group}/")), "{id}");
            assert!(seen.insert(id.to_owned()), "{id} is there twice");
        }
    }
    assert!(seen.len() >= 3000, "only {} rows", seen.len());
}

#[test]
fn counts_are_right() {
    for (path, document) in documents() {
        assert_eq!(document["count"], rows(&document).len(), "{path}");
    }
}

#[test]
fn flags_are_noted_and_used() {
    for (path, document) in documents() {
        let noted: BTreeSet<_> =
            document["notes"].as_object().expect("notes").keys().map(String::as_str).collect();
        let flags = rows(&document).iter().flat_map(|row| row["flags"].as_array().expect("flags"));
        let used: BTreeSet<_> = flags.filter_map(Value::as_str).collect();
        assert_eq!(noted, used, "{path}");
    }
}

#[test]
fn the_tables_of_the_readme_are_right() {
    let readme = include_str!("../README.md");
    for (path, document) in documents() {
        let (group, notes) = (text(&document, "group"), document["notes"].as_object().expect("notes"));
        let end = format!("| {} | {} |", document["count"], notes.len());
        let line = readme.lines().find(|line| line.starts_with(&format!("| `{path}`")));
        assert!(line.is_some_and(|line| line.ends_with(&end)), "README.md: {path} ends in {end}");
        for flag in notes.keys() {
            let has =
                |row: &&Value| row["flags"].as_array().expect("flags").iter().any(|f| f == flag.as_str());
            let count = rows(&document).iter().filter(has).count();
            let begin = format!("| {flag} | {group} | {count} |");
            assert!(readme.lines().any(|line| line.starts_with(&begin)), "README.md lacks {begin}");
        }
    }
}

#[test]
fn octets_are_lower_case_hex_and_text_repeats_them() {
    let mut checked = 0;
    for (_, document) in documents() {
        for row in rows(&document) {
            checked += check_hex(row, row);
            let octets = row.get("input").or_else(|| row.get("content")).and_then(Value::as_str);
            if let Some(latin1) = row.get("text").and_then(Value::as_str) {
                let hex: String = latin1.chars().map(|c| format!("{:02x}", u32::from(c))).collect();
                assert_eq!(Some(hex.as_str()), octets, "{}", row["id"]);
            }
        }
    }
    assert!(checked > 1000, "only {checked} members looked at");
}

#[test]
fn every_file_fits_its_types() {
    let counts = [
        vectors::container().tests.len(),
        vectors::lexing().tests.len(),
        vectors::headers().tests.len(),
        vectors::auth_psk().tests.len(),
        vectors::channel_binding().tests.len(),
        vectors::packet().tests.len(),
        vectors::mobility().tests.len(),
        vectors::sequence().tests.len(),
        vectors::ciphersuite().tests.len(),
        vectors::key_length().tests.len(),
        vectors::message().tests.len(),
        vectors::auth_eap().tests.len(),
        vectors::exchange().tests.len(),
        vectors::decision().tests.len(),
        vectors::trailer().tests.len(),
        vectors::checksum().tests.len(),
        vectors::hmac_sha1_96().tests.len(),
        vectors::hmac_sha256().tests.len(),
        vectors::aes_xcbc_mac_96().tests.len(),
        vectors::aes_cbc().tests.len(),
        vectors::tdes_cbc().tests.len(),
    ];
    assert_eq!(counts.map(|count| count > 0), [true; vectors::FILES.len()]);
    let all: usize = documents().iter().map(|(_, document)| rows(document).len()).sum();
    assert_eq!(counts.iter().sum::<usize>(), all);
}

fn documents() -> Vec<(&'static str, Value)> {
    vectors::FILES.iter().map(|(path, text)| (*path, parsed(text))).collect()
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn rows(document: &Value) -> &[Value] {
    document["tests"].as_array().expect("tests")
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().expect(member)
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of vectors");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect()
}

/// How many members of `value` hold octets, all of them well formed. The one other use of these names is
/// `message` in the meaning of a Mobility Header.
fn check_hex(row: &Value, value: &Value) -> usize {
    let Value::Object(members) = value else { return 0 };
    let mut found = 0;
    for (name, member) in members {
        found += check_hex(row, member);
        let Some(hex) =
            member.as_str().filter(|hex| HEX.contains(&name.as_str()) && !hex.starts_with("binding-"))
        else {
            continue;
        };
        let lower = hex.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        assert!(lower && hex.len() % 2 == 0, "{}: {name} is {hex}", row["id"]);
        found += 1;
    }
    found
}
