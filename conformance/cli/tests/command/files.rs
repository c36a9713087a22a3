//! Reports as files: JSON by its published schema, JUnit as XML that says the same.

use serde_json::Value;

use crate::place::{Reference, say};

fn is_valid(report: &Value) -> bool {
    let schema: Value = serde_json::from_str(&say(&["schema"]).out).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for error in validator.iter_errors(report) {
        eprintln!("{}: {error}", error.instance_path());
    }
    validator.is_valid(report)
}

#[test]
fn a_report_of_the_reference_is_valid_and_green() {
    let reference = Reference::start("valid_and_green");
    let (json, junit) = (reference.folder.path("out.json"), reference.folder.path("out.xml"));
    let said = reference.judge(&[
        "--seed",
        "7",
        "--report",
        &format!("json={json}"),
        "--report",
        &format!("junit={junit}"),
    ]);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    let report: Value = serde_json::from_str(&reference.folder.read("out.json")).expect("JSON");
    assert!(is_valid(&report));
    let cases = report["cases"].as_array().expect("cases");
    assert_eq!(report["planned"], cases.len());
    assert_eq!((&report["seed"], &report["exit"]), (&7.into(), &"conformant".into()));
    assert_eq!((&report["profile"], &report["profile_by"]), (&"rfc6618".into(), &"found".into()));
    assert!(
        said.out.lines().next().expect("a first line").contains("profile rfc6618 (found)"),
        "{}",
        said.out
    );

    let xml = reference.folder.read("out.xml");
    assert_eq!(xml.matches("<testcase ").count(), cases.len() + 1, "each case, and sanity");
    assert!(!xml.contains("<failure") && !xml.contains("<error"), "{xml}");
}

#[test]
fn standard_output_holds_the_report_alone() {
    let reference = Reference::start("report_alone");
    let said = reference.judge(&["--section", "5.1", "--report", "json=-"]);
    let report: Value = serde_json::from_str(&said.out).expect("nothing but JSON");
    assert!(is_valid(&report));
    assert!(said.err.contains("PASS"), "the console goes elsewhere: {}", said.err);
}

#[test]
fn the_schema_of_each_format_refuses_the_other_formats() {
    let reference = Reference::start("schemas");
    let (target, identities, ca) = reference.files();
    let own = ["--target", &target, "--identities", &identities, "--ca", &ca];
    let few = ["--section", "5.1", "--role", "hac"];
    let texts = [
        ("report", say(&[&own[..], &few, &["--report", "json=-"]].concat())),
        ("coverage", say(&[&["coverage"], &own[..], &few, &["--json"]].concat())),
        ("probe", say(&[&["probe"], &own[..], &["--json"]].concat())),
    ];
    for (format, _) in &texts {
        let schema: Value = serde_json::from_str(&say(&["schema", format]).out).expect("JSON");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        for (of, said) in &texts {
            let text: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{of}: {error}"));
            assert_eq!(validator.is_valid(&text), of == format, "{of} by the schema of {format}");
        }
    }
}

#[test]
fn a_schema_refuses_what_is_no_report() {
    assert!(!is_valid(&serde_json::json!({"schema": "mip6-conform/report/1"})));
}

#[test]
fn a_seed_gives_the_same_report_but_for_times() {
    let reference = Reference::start("same_seed");
    let once = || {
        let said = reference.judge(&["--seed", "3", "--section", "5", "--jobs", "1", "--report", "json=-"]);
        let mut report: Value = serde_json::from_str(&said.out).expect("JSON");
        report["duration_ms"] = 0.into();
        for case in report["cases"].as_array_mut().expect("cases") {
            case["duration_ms"] = 0.into();
        }
        report
    };
    assert_eq!(once(), once());
}

#[test]
fn what_proves_nothing_says_why_and_is_not_green() {
    let reference = Reference::start("proves_nothing");
    let (target, identities, ca) = reference.files();
    let said = say(&[
        "--target",
        &target,
        "--identities",
        &identities,
        "--ca",
        &ca,
        "--section",
        "6.4",
        "--seed",
        "9",
    ]);
    assert_eq!(said.exit, 6, "{}", said.out);
    for word in ["INCONCLUSIVE", "--cn", "seed 9"] {
        assert!(said.out.contains(word), "no {word:?} in {}", said.out);
    }
}

#[test]
fn quiet_is_the_first_line_and_the_summary() {
    let reference = Reference::start("quiet");
    let said = reference.judge(&["-q", "--section", "5.1", "--seed", "5"]);
    assert_eq!((said.exit, said.out.lines().count()), (0, 4), "{}", said.out);
    assert!(said.out.contains("seed 5"), "{}", said.out);
}
